// One job: its polls on one line from pending to the end, and its progress as a curve.

import { get } from "../../core/api.js";
import { concerns, onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { brief, count, duration, instant, plural } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { isErrorStatus, outcome, pollTone } from "./job_states.js";
import { JobCurve } from "./job_curve.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { from, Table } from "../../components/virtual_table.js";

/** @import { Column } from "../../components/virtual_table.js" */
/** @import { JobView, PollView } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */

/**
 * @param {HTMLElement} root
 * @param {Parameters} parameters
 * @param {Context} context
 */
export async function show(root, { id }, context) {
  let job = await get(`job/${id}`);
  context.title(`Job ${job.job_id}`);
  const strip = h("div", { class: "strip" });
  const curve = new JobCurve({ pick: (index) => pick(index), open: (index) => context.go(`/x/${job.polls[index].id}`) });
  const table = new Table({
    label: "Polls", columns: columns(), id: (poll) => poll.id, load: from(() => job.polls.map(timed)),
    pick: (_, index) => curve.pick(index), href: (poll) => `#/x/${poll.id}`, open: (poll) => context.go(`/x/${poll.id}`), hover: (poll) => curve.hover(poll?.index ?? -1),
    tone: (poll) => (pollTone(poll) === "bad" ? "failed" : ""), empty: "No poll yet.",
  });
  put(root, strip, curve.element, table.element);
  await draw();
  table.pick(0);
  table.element.focus({ preventScroll: true });

  async function draw() {
    put(strip, ...heading(job));
    curve.set(job);
    await table.refresh();
  }

  /** @param {number} index */
  function pick(index) {
    table.pick(index, true);
    curve.pick(index);
  }

  const update = oneAtATime(async () => {
    job = await get(`job/${id}`);
    await draw();
  }, () => {});
  const unwatch = onChange((change) => {
    if (!job.ended || job.polls.some((poll) => concerns(change, poll.id))) update();
  });
  const unbind = bind([
    { keys: ["j"], help: "next poll (also ↓)", run: () => table.move(1) },
    { keys: ["k"], help: "poll before (also ↑)", run: () => table.move(-1) },
    { keys: ["Enter"], help: "open the exchange of the poll", run: () => table.open() },
  ]);
  return () => {
    unwatch();
    unbind();
    curve.close();
    table.close();
  };
}

/** @typedef {PollView & {index: number, gap: number | null}} Row  a poll with its place and the time since the one before */

/** @param {PollView} poll @param {number} index @param {PollView[]} polls @returns {Row} */
function timed(poll, index, polls) {
  return { ...poll, index, gap: index ? poll.at - polls[index - 1].at : null };
}

/** @param {JobView} job */
function heading(job) {
  const { text, tone } = outcome(job);
  const last = job.polls.at(-1);
  return [
    h("h1", {}, "Job ", h("span", { class: "data" }, brief(job.job_id, 80))),
    h("span", { class: `tag ${tone}` }, text),
    h("dl", { class: "facts" },
      h("div", {}, h("dt", {}, "asked"), h("dd", {}, plural(job.total, "time"))),
      h("div", {}, h("dt", {}, "began"), h("dd", {}, `${instant(job.began)} s`)),
      last && h("div", {}, h("dt", {}, "took"), h("dd", {}, duration(last.at)))),
    job.total > job.polls.length && h("span", { class: "tag warn" }, `the first ${count(job.polls.length)} are shown`),
    h("a", { class: "button push", href: `#/x/${job.id}` }, "First exchange"),
  ];
}

/** @returns {Column<Row>[]} */
function columns() {
  return [
    { name: "n", title: "#", width: "48px", right: true, link: true, cell: (poll) => count(poll.index) },
    { name: "at", title: "At, s", width: "84px", right: true, hint: "Seconds since the job was asked for", cell: (poll) => instant(poll.at) },
    { name: "gap", title: "After", width: "84px", rank: 2, right: true, hint: "Time since the poll before", cell: (poll) => duration(poll.gap) },
    { name: "http", title: "HTTP", width: "58px", cell: (poll) => h("span", { class: isErrorStatus(poll.http_status) ? "bad" : "" }, poll.http_status ?? "none") },
    { name: "state", title: "Status", width: "108px", cell: (poll) => h("span", { class: pollTone(poll) }, poll.status || "–") },
    { name: "progress", title: "Progress", width: "84px", right: true, cell: (poll) => (poll.progress === null ? "–" : `${Math.round(poll.progress * 10) / 10} %`) },
    { name: "step", title: "Step", width: "170px", rank: 1, cell: (poll) => poll.step },
    { name: "message", title: "Message", width: "minmax(200px, 1fr)", cell: (poll) => brief(poll.error || poll.message || (poll.result ? "the result" : "")) },
  ];
}
