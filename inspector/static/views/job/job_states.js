// What the states of a job mean, for its colours and in words.

/** @import { JobView, PollView } from "../../core/api_types.d.ts" */

const WAITING = new Set(["pending", "queued"]);
const DONE = new Set(["succeeded", "completed"]);

/** Whether a poll went wrong: none came back, or an error did. @param {number | null} status */
export function isErrorStatus(status) {
  return status === null || status >= 400;
}

/** @param {PollView} poll @returns {"bad" | "good" | "waiting" | "going"} */
export function pollTone({ status, http_status: http, error }) {
  if (status === "failed" || error || isErrorStatus(http)) return "bad";
  if (DONE.has(status)) return "good";
  return !status || WAITING.has(status) ? "waiting" : "going";
}

/** How a job ended, or that it goes on. @param {JobView} job @returns {{text: string, tone: string}} */
export function outcome({ polls, ended, how }) {
  const last = polls.at(-1);
  const tone = last ? pollTone(last) : "waiting";
  if (ended) return { text: how, tone: tone === "good" ? "good" : "bad" };
  return { text: last?.status || "pending", tone: tone === "bad" ? "bad" : "warn" };
}
