// All exchanges: a table that is filtered as one types, sorted, marked, and grows while one watches.

import { ApiError, get } from "../../core/api.js";
import { onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { count, duration, instant, plural, size, tone } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { openExport } from "./export.js";
import { filter } from "./filter.js";
import { importer } from "./import.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { Table } from "../../components/virtual_table.js";

/** @import { Load } from "../../components/row_pages.js" */
/** @import { Column } from "../../components/virtual_table.js" */
/** @import { ExchangeRow, TablePage } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */

/** What a person left, for when they come back. */
const kept = { filter: "", sort: "began", top: 0, picked: -1, marks: /** @type {Set<string>} */ (new Set()) };

/** The button that takes files in: one for the page, as it also listens for what is dropped on it. @type {HTMLElement | null} */
let taker = null;

/** @type {[string, string][]} */
const WORDS = [
  ["kind:stream", "Streams"], ["kind:job", "Jobs"], ["kind:plain", "Plain"],
  ["event:error", "Error events"], ["status:4xx", "4xx"], ["status:5xx", "5xx"], ["-how:complete", "Not complete"],
];

/**
 * @param {HTMLElement} root
 * @param {Parameters} parameters
 * @param {Context} context
 */
export async function show(root, { query }, context) {
  taker ??= importer(context.announce, () => {});
  let matched = 0;
  let text = query.get("filter") ?? kept.filter;
  const counted = h("span", { class: "soft", id: "counted" });
  const actions = h("span", { class: "group push actions" });

  /** @type {Table<ExchangeRow>} */
  const table = new Table({
    label: "Exchanges", id: (row) => row.id, columns: columns(context), marks: kept.marks, marked: drawActions,
    load, open: (row) => context.go(`/x/${row.id}`), sorted,
    tone: (row) => (failed(row) ? "failed" : ""), newestFirst: () => table.sort === "-began",
    insight: (rows) => spread(rows, table.element), empty: "No exchange is here that fits.",
  });
  table.sort = query.get("sort") ?? kept.sort;
  table.drawHead();

  const field = filter({
    value: text, label: "Filter", words: WORDS, change: filtered,
    placeholder: "words, status:4xx, duration:>2s, path:/jobs/* …",
  });
  put(root, h("h1", { class: "unseen" }, "Exchanges"), h("div", { class: "strip" }, field.element, counted, actions), table.element);

  /** @type {Load<ExchangeRow>} */
  async function load(since, limit) {
    const page = await get("exchanges", { filter: text, sort: table.sort, since, limit });
    drawCount(page);
    return { rows: page.rows, total: page.matched };
  }

  /** Tries a filter; gives what is wrong with it. @param {string} wanted */
  async function filtered(wanted) {
    const before = text;
    text = wanted;
    try {
      await table.restart();
    } catch (error) {
      text = before;
      if (!(error instanceof ApiError)) throw error;
      return error.message;
    }
    remember();
    return "";
  }

  async function sorted() {
    await table.restart();
    remember();
  }

  function remember() {
    Object.assign(kept, { filter: text, sort: table.sort });
    const search = new URLSearchParams([["filter", text], ["sort", table.sort === "began" ? "" : table.sort]].filter(([, value]) => value));
    history.replaceState(null, "", search.size ? `#/?${search}` : "#/");
  }

  /** @param {TablePage} page */
  function drawCount({ total, matched: fitting, summed }) {
    matched = fitting;
    const all = plural(total, "exchange");
    put(counted, matched === total ? all : `${count(matched)} of ${all}`, summed ? "" : " · still reading");
  }

  function drawActions() {
    const marked = [...kept.marks];
    put(
      actions,
      marked.length > 0 && h("span", { class: "soft" }, `${count(marked.length)} marked`),
      marked.length === 2 && h("button", { on: { click: compare } }, "Compare"),
      marked.length > 0 && h("button", { on: { click: unmark } }, "Unmark"),
      h("button", { title: "The marked exchanges, or those that the filter leaves", on: { click: save } }, "Export…"),
      taker,
    );
  }

  function save() {
    openExport({ ids: [...kept.marks], filter: text, count: matched }, context.announce);
  }

  function compare() {
    const [left, right] = [...kept.marks];
    if (kept.marks.size === 2) context.go(`/diff/${left}/${right}`);
    else context.announce("Mark two exchanges with the space bar to compare them");
  }

  function unmark() {
    kept.marks.clear();
    table.draw(true);
    drawActions();
  }

  /** @param {(row: ExchangeRow) => string | null} where */
  const go = (where) => () => {
    const row = table.current();
    const place = row && where(row);
    if (place) context.go(place);
  };

  const unbind = bind([
    { keys: ["/"], help: "filter", run: () => field.focus() },
    { keys: ["j"], help: "next row (also ↓)", run: () => table.move(1) },
    { keys: ["k"], help: "row before (also ↑)", run: () => table.move(-1) },
    { keys: ["Enter"], help: "open the exchange", run: () => table.open() },
    { keys: ["p"], help: "the job that the exchange is a poll of", run: go((row) => row.job && `/job/${row.job}`) },
    { keys: ["s"], help: "the session of the exchange", run: go((row) => row.session && `/session/${row.session}`) },
    { keys: ["x"], help: "mark the exchange (also Space)", run: () => table.mark() },
    { keys: ["d"], help: "compare the two marked ones", run: compare },
    { keys: ["Escape"], help: "", run: () => table.element.focus() },
  ]);
  const unwatch = onChange(oneAtATime(() => table.refresh(), () => {}));

  table.element.focus({ preventScroll: true });
  const problem = await filtered(text);
  if (problem) field.set(text);
  restore(table);
  drawActions();
  return () => {
    Object.assign(kept, { top: table.element.scrollTop, picked: table.picked });
    unbind();
    unwatch();
    table.close();
  };
}

/** @param {Table<ExchangeRow>} table */
function restore(table) {
  table.element.scrollTop = kept.top;
  if (kept.picked >= 0) table.pick(kept.picked);
}

/** @param {Context} context @returns {Column<ExchangeRow>[]} */
function columns(context) {
  const oneFile = context.overview().files.length < 2;
  /** @param {string} id */
  const short = (id) => (oneFile ? id.slice(id.indexOf(".") + 1) : id);
  return [
    { name: "id", title: "#", width: "58px", right: true, cell: (row) => short(row.id) },
    { name: "session", title: "Session", width: "64px", right: true, sort: "session",
      cell: (row) => row.session && h("a", { href: `#/session/${row.session}`, tabindex: -1 }, short(row.session)) },
    { name: "method", title: "Method", width: "66px", sort: "method", cell: (row) => row.method },
    { name: "target", title: "Path", width: "minmax(170px, 1fr)", sort: "target", cell: (row) => h("span", { title: row.target }, row.target) },
    { name: "status", title: "Status", width: "62px", sort: "status",
      cell: (row) => h("span", { class: tone(row.status) }, row.status ?? "none") },
    { name: "kind", title: "Kind", width: "64px", sort: "kind",
      cell: (row) => (row.job ? h("a", { href: `#/job/${row.job}`, tabindex: -1 }, row.kind) : row.kind) },
    { name: "events", title: "Events", width: "104px", right: true, sort: "events", falls: true, hint: "Events; errors among them; heartbeats besides",
      cell: events },
    { name: "bytes", title: "Size", width: "70px", right: true, sort: "bytes", falls: true, cell: (row) => size(row.bytes) },
    { name: "first", title: "First", width: "72px", right: true, sort: "first_event", falls: true, hint: "Time to the first event",
      cell: (row) => duration(row.first_event) },
    { name: "duration", title: "Duration", width: "78px", right: true, sort: "duration", falls: true, cell: (row) => duration(row.duration) },
    { name: "how", title: "End", width: "106px", sort: "how", cell: ending },
    { name: "began", title: "Began", width: "minmax(120px, 0.5fr)", sort: "began", hint: "When it began, and how long it took, among the rows in sight", cell: bar },
  ];
}

/** @param {ExchangeRow} row */
function events(row) {
  if (row.kind !== "stream") return h("span", { class: "soft" }, "–");
  return [
    row.heartbeats > 0 && h("span", { class: "soft", title: plural(row.heartbeats, "heartbeat") }, `+${count(row.heartbeats)} `),
    row.errors > 0 && h("strong", { class: "bad", title: plural(row.errors, "error event") }, `${count(row.errors)}! `),
    count(row.events),
  ];
}

/** @param {ExchangeRow} row */
function ending(row) {
  const running = row.how === "unfinished";
  return [
    h("span", { class: row.how === "complete" ? "soft" : running ? "warn" : "bad" }, running ? "open" : row.how),
    row.lossy && h("strong", { class: "warn", title: "Not all of it was recorded" }, " lossy"),
  ];
}

/** @param {ExchangeRow} row */
function failed(row) {
  return row.errors > 0 || (row.status ?? 0) >= 400 || !["complete", "unfinished"].includes(row.how);
}

/** Lets the bars fill the time from the first to the last of the rows. @param {ExchangeRow[]} rows @param {HTMLElement} table */
function spread(rows, table) {
  if (!rows.length) return;
  const from = Math.min(...rows.map((row) => row.began));
  const to = Math.max(...rows.map((row) => row.began + row.duration));
  table.style.setProperty("--from", String(from));
  table.style.setProperty("--span", String(Math.max(1, to - from)));
}

/** When a row began, until when it waited and until when it went on; view.css sets it to scale. @param {ExchangeRow} row */
function bar(row) {
  const first = Math.min(row.first_event ?? row.duration, row.duration);
  return h(
    "span", { class: "course", title: `began at ${instant(row.began)} s`, style: { "--began": row.began, "--first": first, "--rest": row.duration - first } },
    h("span", { class: "course-wait" }),
    row.duration > first && h("span", { class: "course-flow" }),
  );
}
