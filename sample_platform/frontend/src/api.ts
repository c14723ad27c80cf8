/** What the page asks the platform. */

import { readEvents, type StreamEvent } from "./events.ts";
import { refused, UNREACHABLE, type Problem } from "./problems.ts";
import { sourcesOf, type Source } from "./sources.ts";

export interface PageSettings {
  csrfToken: string;
  login: string;
}

export interface Exchange {
  query: string;
  response: string;
  sources: Source[];
}

export interface ChatSession {
  id: string;
  title: string;
}

export interface Question {
  query: string;
  conversation_history: { role: "user" | "assistant"; content: string }[];
  auto_load_documents: boolean;
  memory_enabled: boolean;
  chat_session_id?: string;
}

export interface Answering {
  chatId: string;
  sessionId: string;
  events: AsyncGenerator<StreamEvent>;
}

/** Why there are no events. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

export async function ask(question: Question, csrfToken: string, signal: AbortSignal): Promise<Answering> {
  const response = await post("/analytics/chat/stream", csrfToken, JSON.stringify(question), signal);
  if (!response.ok || !response.body) {
    const body = (await response.json().catch(() => ({}))) as { error?: string };
    const wait = Number(response.headers.get("Retry-After") ?? 0);
    throw new Refusal(refused(response.status, body.error ?? response.statusText, wait));
  }
  return {
    chatId: response.headers.get("Chat-Id") ?? "",
    sessionId: response.headers.get("Chat-Session-Id") ?? "",
    events: readEvents(response.body),
  };
}

export async function stop(chatId: string, csrfToken: string): Promise<void> {
  await post(`/analytics/chat/${encodeURIComponent(chatId)}/stop`, csrfToken);
}

async function post(url: string, csrfToken: string, body = "", signal?: AbortSignal): Promise<Response> {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  try {
    return await fetch(url, { method: "POST", headers, body, ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal({ ...UNREACHABLE, detail: String(error) });
  }
}

export async function sessions(): Promise<ChatSession[]> {
  const response = await fetch("/analytics/chat/sessions");
  return response.ok ? ((await response.json()) as { sessions: ChatSession[] }).sessions : [];
}

/** The messages of a session; null when there is no such session. */
export async function history(sessionId: string): Promise<Exchange[] | null> {
  const response = await fetch(`/analytics/chat/sessions/${encodeURIComponent(sessionId)}`);
  if (!response.ok) return null;
  const { messages } = (await response.json()) as { messages: { query: string; response: string; sources: unknown }[] };
  return messages.map(({ query, response, sources }) => ({ query, response, sources: sourcesOf(sources) }));
}
