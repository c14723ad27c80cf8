// The columns of the table of exchanges, which of them are there at first, and which a person chose.

import { h, put } from "../../core/dom.js";
import { clock, count, duration, instant, plural, size, tone } from "../../core/format.js";

/** @import { Column, Table } from "../../components/virtual_table.js" */
/** @import { ExchangeRow } from "../../core/api_types.d.ts" */

const SETTING = "chatreel.columns";

/** @param {{files: number, hosts: number}} of how many there are @returns {Column<ExchangeRow>[]} */
export function columns({ files, hosts }) {
  const oneFile = files < 2;
  /** @param {string} id */
  const short = (id) => (oneFile ? id.slice(id.indexOf(".") + 1) : id);
  return [
    { name: "id", title: "#", width: "58px", right: true, hint: oneFile ? "Its number in the file" : "Its file, and its number in it", cell: (row) => short(row.id) },
    { name: "time", title: "Time", width: "152px", rank: 6, sort: "began_at", hint: "When it began, by the clock on the wall", cell: time },
    { name: "session", title: "Session", width: "64px", rank: 7, right: true, sort: "session",
      cell: (row) => row.session && h("a", { href: `#/session/${row.session}`, tabindex: -1 }, short(row.session)) },
    { name: "method", title: "Method", width: "66px", sort: "method", cell: (row) => row.method },
    { name: "host", title: "Host", width: "150px", rank: 3, hidden: hosts < 2, sort: "host", cell: (row) => row.host },
    { name: "target", title: "Path", width: "minmax(170px, 1fr)", sort: "target", link: true, cell: (row) => row.target },
    { name: "status", title: "Status", width: "62px", sort: "status",
      cell: (row) => h("span", { class: tone(row.status) }, row.status ?? "none") },
    { name: "kind", title: "Kind", width: "64px", rank: 1, sort: "kind",
      cell: (row) => (row.job ? h("a", { href: `#/job/${row.job}`, tabindex: -1 }, row.kind) : row.kind) },
    { name: "type", title: "Type", width: "140px", rank: 9, hidden: true, hint: "The media type of the answer", cell: (row) => row.media_type },
    { name: "events", title: "Events", width: "104px", right: true, sort: "events", falls: true, hint: "Events; errors among them; heartbeats besides",
      cell: events },
    { name: "chunks", title: "Chunks", width: "70px", rank: 9, hidden: true, right: true, sort: "chunks", falls: true, cell: (row) => count(row.chunks) },
    { name: "bytes", title: "Size", width: "70px", rank: 5, right: true, sort: "bytes", falls: true, cell: (row) => size(row.bytes) },
    { name: "first", title: "First", width: "72px", rank: 4, right: true, sort: "first_event", falls: true, hint: "Time to the first event",
      cell: (row) => duration(row.first_event) },
    { name: "duration", title: "Duration", width: "78px", right: true, sort: "duration", falls: true, cell: (row) => duration(row.duration) },
    { name: "how", title: "End", width: "106px", rank: 2, sort: "how", cell: ending },
    { name: "seconds", title: "Began, s", width: "84px", rank: 9, hidden: true, right: true, hint: "Seconds since its recording began", cell: (row) => instant(row.began) },
    { name: "began", title: "Waterfall", width: "minmax(120px, 0.5fr)", rank: 8, sort: "began",
      hint: "When it began, and how long it took, among the rows in sight; long idle times are drawn short", cell: bar },
  ];
}

/** The columns that a person showed or hid. @returns {{[column: string]: boolean}} */
export function chosenColumns() {
  try {
    const kept = JSON.parse(localStorage.getItem(SETTING) ?? "{}");
    return Object.fromEntries(Object.entries(kept).filter(([, shown]) => typeof shown === "boolean"));
  } catch {
    return {}; // somebody wrote something else there
  }
}

/**
 * A dialog in which columns are shown and hidden, for this visit and the next ones.
 * @param {Table<ExchangeRow>} table
 */
export function chooseColumns(table) {
  const list = h("fieldset", { class: "column-choice" });
  const dialog = h("dialog", { "aria-labelledby": "columns-title", on: { close: () => dialog.remove() } },
    h("button", { class: "close", on: { click: () => dialog.close() } }, "Close"),
    h("h2", { id: "columns-title" }, "Columns"),
    h("p", { class: "soft" }, "Of those that you do not choose yourself, as many are shown as fit."),
    list,
    h("button", { on: { click: () => choose({}) } }, "As they were"));

  /** @param {{[column: string]: boolean}} choice */
  function choose(choice) {
    localStorage.setItem(SETTING, JSON.stringify(choice));
    table.options.choice = choice;
    table.arrange();
    table.draw(true);
    drawList();
  }

  function drawList() {
    const focused = [...list.querySelectorAll("input")].findIndex((one) => one === document.activeElement);
    put(list, h("legend", { class: "unseen" }, "Columns"), table.options.columns.map((column) => {
      const box = h("input", { type: "checkbox", on: { change: () => choose({ ...table.options.choice, [column.name]: box.checked }) } });
      box.checked = table.columns.includes(column);
      return h("label", {}, box, ` ${column.title === "#" ? "Number" : column.title}`, column.hint && h("span", { class: "soft" }, ` ${column.hint}`));
    }));
    list.querySelectorAll("input")[focused]?.focus();
  }

  drawList();
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {ExchangeRow} row */
function time(row) {
  return row.began_at === null ? "–" : h("span", { title: new Date(row.began_at / 1000).toString() }, clock(row.began_at));
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

/** When a row began, until when it waited and until when it went on; the view sets it to scale. @param {ExchangeRow} row */
function bar(row) {
  return h("span", { class: "course" },
    h("span", { class: "course-wait" }),
    row.duration > (row.first_event ?? row.duration) && h("span", { class: "course-flow" }));
}
