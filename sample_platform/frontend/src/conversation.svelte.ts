/** One conversation of the page: what was asked and answered, and the question that is on its way. */

import * as api from "./api.ts";
import { historyOf } from "./history.ts";
import { detailsOf, progressOf, type StreamEvent } from "./events.ts";
import { messageIn, NO_ANSWER, problemOf, STOPPED, UNREACHABLE, type Problem } from "./problems.ts";
import { sourcesOf } from "./sources.ts";
import { createStreaming } from "./streaming.ts";

export interface Step {
  name: string;
  message: string;
  details: string[];
}


export class Conversation {
  readonly streaming = createStreaming();
  exchanges = $state<api.Exchange[]>([]);
  /** The question without an answer: it is on its way, or failed. */
  query = $state("");
  steps = $state<Step[]>([]);
  /** A remark on the newest answer. */
  notice = $state("");
  sessionId = $state("");
  /** When the chatbot last had something new, by the page's clock in milliseconds. */
  lastNews = $state(0);

  #settings: api.PageSettings;
  #abort: AbortController | null = null;
  #chatId = "";
  #answered = false;

  constructor(settings: api.PageSettings) {
    this.#settings = settings;
  }

  async load(sessionId: string): Promise<void> {
    const exchanges = await api.history(sessionId).catch(() => null);
    if (exchanges === null) return;
    this.sessionId = sessionId;
    this.exchanges = exchanges;
  }

  async ask(query: string, autoLoadDocuments: boolean): Promise<void> {
    if (this.#abort) return;
    const abort = (this.#abort = new AbortController());
    this.query = query;
    this.steps = [];
    this.notice = "";
    this.#chatId = "";
    this.#answered = false;
    this.lastNews = Date.now();
    this.streaming.start();
    try {
      await this.#read(this.#question(query, autoLoadDocuments), abort.signal);
    } catch (error) {
      if (!this.#answered) this.#fail(abort.signal.aborted ? STOPPED : problemIn(error));
    } finally {
      this.#abort = null;
    }
  }

  /** Stop the question that is on its way, here and on the platform. */
  async stop(): Promise<void> {
    const chatId = this.#chatId;
    this.#abort?.abort();
    // Where that fails the answer is saved after all, and nothing is lost.
    if (chatId) await api.stop(chatId, this.#settings.csrfToken).catch(() => {});
  }

  #question(query: string, autoLoadDocuments: boolean): api.Question {
    return {
      query,
      conversation_history: historyOf(this.exchanges),
      auto_load_documents: autoLoadDocuments,
      memory_enabled: true,
      ...(this.sessionId && { chat_session_id: this.sessionId }),
    };
  }

  async #read(question: api.Question, signal: AbortSignal): Promise<void> {
    const answering = await api.ask(question, this.#settings.csrfToken, signal);
    this.#chatId = answering.chatId;
    this.sessionId = answering.sessionId;
    let failed = false;
    for await (const event of answering.events) {
      if (event.type === "error") failed = true;
      this.#receive(event);
    }
    if (!this.#answered && !failed) this.#fail(NO_ANSWER);
  }

  #receive({ type, data }: StreamEvent): void {
    if (type === "error") {
      if (this.#answered) this.notice = messageIn(data?.error);
      else this.#fail(problemOf(data));
    } else if (data === null) {
      console.info(`An event of the type ${type} has no JSON object; it is left out`);
    } else if (type === "progress") {
      this.#progress(data);
    } else if (type === "result" && typeof data.response === "string" && !this.#answered) {
      this.#answer(data.response, data.sources);
    }
  }

  #progress(data: Record<string, unknown>): void {
    const update = progressOf(data);
    const step = { name: update.step ?? "", message: update.message ?? update.step ?? "", details: detailsOf(data) };
    const last = this.steps.at(-1);
    if (last && last.name === step.name) this.steps[this.steps.length - 1] = step;
    else if (step.message) this.steps.push(step);
    this.lastNews = Date.now();
    this.streaming.updateProgress(update);
  }

  #answer(response: string, sources: unknown): void {
    this.#answered = true;
    this.exchanges.push({ query: this.query, response, sources: sourcesOf(sources) });
    this.query = "";
    this.streaming.setFinalResponse(response, "result");
  }

  #fail(problem: Problem): void {
    this.streaming.fail(problem);
  }
}

function problemIn(error: unknown): Problem {
  return error instanceof api.Refusal ? error.problem : { ...UNREACHABLE, detail: String(error) };
}
