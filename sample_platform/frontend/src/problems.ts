/** What went wrong, in words that help; the message as it came is kept as a detail. */

export interface Problem {
  title: string;
  help: string;
  detail: string;
  /** Seconds to wait before asking again. */
  retryAfter?: number;
  /** What to do is sign in again. */
  signIn?: boolean;
}

type Wording = [pattern: RegExp, title: string, help: string];

const WORDINGS: Wording[] = [
  [
    /^Job polling error: (401|404)/,
    "The chatbot lost your session",
    "Another of its servers answered, which does not know your question, so the work so far is gone. Ask again to start anew.",
  ],
  [
    /^Job polling timeout exceeded/,
    "The answer takes too long",
    "The chatbot was still working when the time was up. Ask again, perhaps a smaller question.",
  ],
  [
    /^Job polling error/,
    "The chatbot cannot say how far it is",
    "It stopped answering while it worked. Ask again in a moment.",
  ],
  [
    /^Failed to connect to chatbot: (429|503)/,
    "The chatbot is busy",
    "It has more questions than it can take right now. Ask again in a moment.",
  ],
  [
    /^Failed to connect to chatbot/,
    "The chatbot cannot be reached",
    "It is down, or the way to it is. Ask again in a moment; if that does not help, tell your administrator.",
  ],
  [
    /^Unexpected response type|^Invalid job response/,
    "The chatbot answered in a way that the platform does not understand",
    "Tell your administrator: its address may be wrong.",
  ],
  [
    /^Stream ended prematurely/,
    "The connection to the chatbot broke",
    "The answer was not complete. Ask again.",
  ],
  [/^The platform is shutting down/, "The platform is shutting down", "Ask again when it is back."],
  [/^The platform failed/, "The platform failed", "Ask again; if that does not help, tell your administrator."],
];

/** The problem of an error event's data. */
export function problemOf(data: Record<string, unknown> | null): Problem {
  const detail = messageIn(data?.error);
  const found = WORDINGS.find(([pattern]) => pattern.test(detail));
  const [, title, help] = found ?? [/./, "The chatbot could not answer", "It says why below. Ask again, perhaps in other words."];
  const problem: Problem = { title, help, detail };
  const wait = data?.retry_after;
  if (typeof wait === "number" && wait > 0) problem.retryAfter = Math.ceil(wait);
  return problem;
}

/** An error as text: chatbots send a string as a rule, some an object. */
export function messageIn(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return error === undefined ? "" : JSON.stringify(error);
}

export function refused(status: number, message: string, retryAfter: number): Problem {
  const detail = `${status} ${message}`.trim();
  if (status === 401) {
    return { title: "You are signed out", help: "Sign in again to go on.", detail, signIn: true };
  }
  if (status === 403) {
    return { title: "This page is out of date", help: "You signed in anew elsewhere. Load the page again.", detail };
  }
  if (status === 413) {
    const help = "The platform does not take that much at once. Shorten it, or ask it in a new chat.";
    return { title: "The question is too long", help, detail };
  }
  if (status === 503) {
    const help = "Too many questions are being answered right now. Ask again in a moment.";
    return { title: "The platform is busy", help, detail, ...(retryAfter > 0 && { retryAfter }) };
  }
  return { title: "The platform refused the question", help: "Ask again, perhaps in a new chat.", detail };
}

export const UNREACHABLE: Problem = {
  title: "The platform cannot be reached",
  help: "The connection to it broke. If it had the question already, the answer will be in your chats; else ask again.",
  detail: "",
};

export const NO_ANSWER: Problem = {
  title: "The chatbot sent no answer",
  help: "It ended without one. Ask again.",
  detail: "",
};

export const STOPPED: Problem = {
  title: "Stopped",
  help: "You ended this question before its answer.",
  detail: "",
};
