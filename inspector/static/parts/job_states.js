// What the states of a job mean, for its colours and in words.

const WAITING = new Set(["pending", "queued"]);
const DONE = new Set(["succeeded", "completed"]);

/** @param {{status: string | null, http_status: number | null, error: string | null}} poll @returns {"bad" | "good" | "waiting" | "going"} */
export function pollTone({ status, http_status: http, error }) {
  if (status === "failed" || error || http === null || http >= 400) return "bad";
  if (status !== null && DONE.has(status)) return "good";
  return status === null || WAITING.has(status) ? "waiting" : "going";
}

/** How a job ended, or that it goes on. @param {any} job @returns {{text: string, tone: string}} */
export function outcome(job) {
  const last = job.polls.at(-1);
  const tone = last ? pollTone(last) : "waiting";
  if (tone === "bad") return { text: last.status === "failed" ? "failed" : `lost: ${last.http_status ?? "no answer"}`, tone };
  if (tone === "good") return { text: last.status, tone };
  return { text: `${last?.status ?? "pending"}${job.ended ? ", not asked any more" : ""}`, tone: "warn" };
}
