// The moments of a stream as a table: when, how long after the one before, what, and how its data begins.

import { h } from "../../core/dom.js";
import { brief, count, duration, instant, size } from "../../core/format.js";
import { isCut, isFailure, isHeartbeat } from "./stalls.js";
import { from, Table } from "../../components/virtual_table.js";

/** @import { Column } from "../../components/virtual_table.js" */
/** @import { ShownMoment } from "../../core/api_types.d.ts" */

/**
 * @param {{pick: (moment: ShownMoment) => void, hover: (moment: ShownMoment | null) => void}} options
 */
export function eventTable({ pick, hover }) {
  /** @type {ShownMoment[]} */
  let rows = [];
  /** @type {Set<number>} */
  let stalled = new Set();
  const table = new Table({
    label: "Moments of the stream", id: (row) => String(row.n), load: from(() => rows), pick, hover, open: pick,
    columns: columns((row) => stalled.has(row.n)),
    tone: (row) => (isFailure(row) ? "failed" : isHeartbeat(row) || row.what !== "event" ? "faint" : ""),
    empty: "Nothing has come yet.",
  });
  return {
    table,
    /** @param {ShownMoment[]} moments @param {Set<number>} after the numbers of those that a stall went before */
    set: (moments, after) => {
      rows = moments;
      stalled = after;
      return table.refresh();
    },
    /** The row of a moment, -1 when it is not shown. @param {number} n */
    place: (n) => rows.findIndex((row) => row.n === n),
    /** @param {number} n */
    light: (n) => {
      for (const row of table.body.querySelectorAll(".lit")) row.classList.remove("lit");
      table.drawn.get(rows.findIndex((row) => row.n === n))?.classList.add("lit");
    },
  };
}

/** @param {(row: ShownMoment) => boolean} isStalled @returns {Column<ShownMoment>[]} */
function columns(isStalled) {
  return [
    { name: "n", title: "#", width: "54px", right: true, cell: (row) => count(row.n) },
    { name: "at", title: "At, s", width: "76px", right: true, hint: "Seconds since the request was whole", cell: (row) => instant(row.at) },
    { name: "gap", title: "After", width: "78px", right: true, hint: "Time since the moment before",
      cell: (row) => h("span", { class: isStalled(row) ? "stall-mark" : "" }, duration(row.gap)) },
    { name: "what", title: "Event", width: "110px", cell: what },
    { name: "size", title: "Size", width: "62px", right: true, cell: (row) => (row.what === "event" ? size(row.size) : "") },
    { name: "preview", title: "Data", width: "minmax(160px, 1fr)", cell: preview },
  ];
}

/** @param {ShownMoment} row */
function what(row) {
  if (row.what === "head") return h("em", {}, "head");
  if (row.what === "end") return h("em", { class: isFailure(row) ? "bad" : "" }, "end");
  if (row.name === "message" && !row.data && row.comments.length) return h("em", {}, "comment");
  return [row.name, isCut(row) && h("strong", { class: "bad" }, " cut")];
}

/** @param {ShownMoment} row */
function preview(row) {
  if (row.what === "head") return row.name;
  if (row.what === "end") return row.data ? `${row.name}: ${brief(row.data)}` : row.name;
  return brief(row.data || row.comments.join(" "));
}
