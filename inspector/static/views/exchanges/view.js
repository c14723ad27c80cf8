// All exchanges: a table that is filtered as one types, sorted, marked, and grows while one watches.

import { ApiError, get } from "../../core/api.js";
import { concerns, onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { count, plural } from "../../core/format.js";
import { bind, explain } from "../../core/keys.js";
import { chooseColumns, chosenColumns, columns } from "./columns.js";
import { openExport } from "./export.js";
import { filter } from "./filter.js";
import { importer } from "./import.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { Preview } from "./preview.js";
import { Table } from "../../components/virtual_table.js";
import { waterfall } from "./waterfall.js";

/** @import { Load } from "../../components/row_pages.js" */
/** @import { ExchangeRow, FileView, TablePage } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */

/** What a person left, for when they come back. */
const kept = { filter: "", sort: "began", top: 0, picked: -1, preview: false, marks: /** @type {Set<string>} */ (new Set()) };

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
  const { words } = await get("filter-words");
  taker ??= importer(context.announce, () => {});
  let { files } = context.overview();
  let hosts = 0;
  let matched = 0;
  let text = query.get("filter") ?? kept.filter;
  const counted = h("span", { class: "soft", id: "counted" });
  const actions = h("span", { class: "group push actions" });
  const legend = h("ul", { class: "strip file-legend", "aria-label": "Files" });
  const preview = new Preview({ close: closePreview });

  /** @type {Table<ExchangeRow>} */
  const table = new Table({
    label: "Exchanges", id: (row) => row.id, columns: columns({ files: files.length, hosts }), choice: chosenColumns(),
    marks: kept.marks, marked: drawActions, load, sorted,
    href: (row) => `#/x/${row.id}`, open: (row) => context.go(`/x/${row.id}`),
    click: (row) => { if (!preview.open) openPreview(row); }, pick: (row) => { if (preview.open) preview.show(row.id); },
    tone: (row) => (failed(row) ? "failed" : ""), newestFirst: () => table.sort === "-began",
    insight: drawBars, empty: "No exchange is here that fits.",
  });
  table.sort = query.get("sort") ?? kept.sort;
  table.drawHead();

  const field = filter({
    value: text, label: "Filter", words: WORDS, change: filtered,
    placeholder: "any text, status:4xx, body:text, path:/jobs/* …",
  });
  put(root, h("h1", { class: "unseen" }, "Exchanges"), h("div", { class: "strip" }, field.element, counted, actions),
    legend, h("div", { class: "list" }, table.element, preview.element));

  /** @type {Load<ExchangeRow>} */
  async function load(since, limit) {
    const page = await get("exchanges", { filter: text, sort: table.sort, since, limit });
    drawCount(page);
    rearrange(files, page.hosts);
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

  /** @param {ExchangeRow} row */
  function openPreview(row) {
    kept.preview = true;
    preview.show(row.id);
  }

  function closePreview() {
    kept.preview = false;
    preview.close();
    table.element.focus({ preventScroll: true });
  }

  function togglePreview() {
    const row = table.current();
    if (preview.open) closePreview();
    else if (row) openPreview(row);
  }

  /** Says which file a number is, where there are several. */
  function drawLegend() {
    legend.hidden = files.length < 2;
    put(legend, files.map((file) => h("li", {},
      h("button", { title: `Only this file (file:${file.file})`, on: { click: () => field.toggle(`file:${file.file}`) } },
        h("span", { class: "data" }, `${file.file}.`), ` ${file.name}`))));
  }

  /** Other files or hosts are here than before. @param {FileView[]} nowFiles @param {number} nowHosts */
  function rearrange(nowFiles, nowHosts) {
    if (nowFiles.length === files.length && nowHosts === hosts) return;
    [files, hosts] = [nowFiles, nowHosts];
    table.options.columns = columns({ files: files.length, hosts });
    table.arrange();
    drawLegend();
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
  function drawCount({ total, matched: fitting, summed, searched }) {
    matched = fitting;
    const all = plural(total, "exchange");
    put(counted, matched === total ? all : `${count(matched)} of ${all}`, summed ? "" : " · still reading", searched < 100 && ` · searched ${searched} %`);
  }

  function drawActions() {
    const marked = [...kept.marks];
    put(
      actions,
      marked.length > 0 && h("span", { class: "soft" }, `${count(marked.length)} marked`),
      marked.length === 2 && h("button", { on: { click: compare } }, "Compare"),
      marked.length > 0 && h("button", { on: { click: unmark } }, "Unmark"),
      h("button", { on: { click: () => chooseColumns(table) } }, "Columns…"),
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
    { keys: ["v"], help: "preview beside the list", run: togglePreview },
    { keys: ["Escape"], help: "", run: () => (preview.open ? closePreview() : table.element.focus()) },
  ]);
  const unexplain = explain({ title: "Words of the filter", lines: words.map(({ word, finds }) => [word, finds]) });
  const refresh = oneAtATime(() => table.refresh(), () => {});
  const unwatch = onChange((change) => {
    rearrange(change.files, hosts);
    refresh();
    if (preview.open && concerns(change, preview.id)) preview.show(preview.id);
  });

  drawLegend();
  table.element.focus({ preventScroll: true });
  const problem = await filtered(text);
  if (problem) field.set(text);
  restore(table);
  const row = table.current();
  if (kept.preview && row) openPreview(row);
  drawActions();
  return () => {
    Object.assign(kept, { top: table.element.scrollTop, picked: table.picked });
    unbind();
    unexplain();
    unwatch();
    preview.close();
    table.close();
  };
}

/** @param {Table<ExchangeRow>} table */
function restore(table) {
  table.element.scrollTop = kept.top;
  if (kept.picked >= 0) table.pick(kept.picked);
}

/** @param {ExchangeRow} row */
function failed(row) {
  return row.errors > 0 || (row.status ?? 0) >= 400 || !["complete", "unfinished"].includes(row.how);
}

/** Lets the bars of all rows that are drawn be to the scale of those in sight. @param {ExchangeRow[]} rows @param {[ExchangeRow, HTMLElement][]} drawn */
function drawBars(rows, drawn) {
  const bar = waterfall(rows);
  for (const [row, element] of drawn) {
    for (const [name, share] of Object.entries(bar(row))) element.style.setProperty(`--${name}`, String(share));
  }
}
