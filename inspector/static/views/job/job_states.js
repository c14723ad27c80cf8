// What the states of a job mean, for its colours and in words.

const WAITING = new Set(["pending", "queued"]);
const DONE = new Set(["succeeded", "completed"]);

/** @param {{status: string, http_status: number | null, error: string}} poll @returns {"bad" | "good" | "waiting" | "going"} */
export function pollTone({ status, http_status: http, error }) {
  if (status === "failed" || error || http === null || http >= 400) return "bad";
  if (DONE.has(status)) return "good";
  return !status || WAITING.has(status) ? "waiting" : "going";
}

/** How a job ended, or that it goes on. @param {any} job @returns {{text: string, tone: string}} */
export function outcome({ polls, ended, how }) {
  const last = polls.at(-1);
  const tone = last ? pollTone(last) : "waiting";
  if (ended) return { text: how, tone: tone === "good" ? "good" : "bad" };
  return { text: last?.status || "pending", tone: tone === "bad" ? "bad" : "warn" };
}
