// The moments of a stream as a table: when, how long after the one before, what, and how its data begins.

import { h } from "../../core/dom.js";
import { brief, count, duration, instant, size } from "../../core/format.js";
import { isCut, isFailure, isHeartbeat } from "./stalls.js";
import { from, Table } from "../../components/virtual_table.js";

const SHORTEST_SHARED = 12; // characters: fewer are not worth dimming
const MOST_COMPARED = 2000; // characters of two events that are compared
const NEAR = 20; // rows before one among which its neighbour is looked for

/** @import { Column } from "../../components/virtual_table.js" */
/** @import { ShownMoment } from "../../core/api_types.d.ts" */

/**
 * @param {{pick: (moment: ShownMoment) => void, open: (moment: ShownMoment) => void, hover: (moment: ShownMoment | null) => void}} options
 */
export function eventTable({ pick, open, hover }) {
  /** @type {ShownMoment[]} */
  let rows = [];
  /** @type {Set<number>} */
  let stalled = new Set();
  /** @type {Map<number, string>} what events add to the answer, by their moments */
  let said = new Map();
  const table = new Table({
    label: "Moments of the stream", id: (row) => String(row.n), load: from(() => rows), pick, hover, open,
    columns: columns((row) => stalled.has(row.n), (row) => said.get(row.n), (row) => before(rows, row)),
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
    /** What events add to the answer. @param {{moment: number | null, text: string}[]} pieces */
    say: (pieces) => {
      said = new Map();
      for (const { moment, text } of pieces) if (moment !== null) said.set(moment, (said.get(moment) ?? "") + text);
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

/**
 * @param {(row: ShownMoment) => boolean} isStalled
 * @param {(row: ShownMoment) => string | undefined} added  what an event adds to the answer
 * @param {(row: ShownMoment) => ShownMoment | undefined} previous  the event of the same name before it
 * @returns {Column<ShownMoment>[]}
 */
function columns(isStalled, added, previous) {
  return [
    { name: "n", title: "#", width: "54px", right: true, cell: (row) => count(row.n) },
    { name: "at", title: "At, s", width: "76px", right: true, hint: "Seconds since the request was whole", cell: (row) => instant(row.at) },
    { name: "gap", title: "After", width: "78px", right: true, hint: "Time since the moment before",
      cell: (row) => h("span", { class: isStalled(row) ? "stall-mark" : "" }, duration(row.gap)) },
    { name: "what", title: "Event", width: "110px", cell: what },
    { name: "size", title: "Size", width: "62px", rank: 1, right: true, cell: (row) => (row.what === "event" ? size(row.size) : "") },
    { name: "preview", title: "Data", width: "minmax(160px, 1fr)", cell: (row) => preview(row, added(row), previous(row)) },
  ];
}

/** @param {ShownMoment} row */
function what(row) {
  if (row.what === "head") return h("em", {}, "head");
  if (row.what === "end") return h("em", { class: isFailure(row) ? "bad" : "" }, "end");
  if (row.name === "message" && !row.data && row.comments.length) return h("em", {}, "comment");
  return [row.name, isCut(row) && h("strong", { class: "bad" }, " cut")];
}

/**
 * What an event adds to the answer, and then its data; what it has in common with the event before it is dim.
 * @param {ShownMoment} row @param {string | undefined} added @param {ShownMoment | undefined} previous
 */
function preview(row, added, previous) {
  if (row.what === "head") return row.name;
  if (row.what === "end") return row.data ? `${row.name}: ${brief(row.data)}` : row.name;
  const data = row.data || row.comments.join(" ");
  const found = previous && row.what === "event" ? sharedBeginning(previous.data, row.data) : 0;
  const shared = found < SHORTEST_SHARED || found === data.length ? 0 : found;
  return [
    h("span", { class: "adds" }, added === undefined ? "" : `${brief(added, 120)} `),
    h("span", { class: "shared" }, brief(added === undefined ? data.slice(0, shared) : data)),
    h("span", {}, added === undefined ? brief(data.slice(shared)) : ""),
  ];
}

/** The event of the same name before one. @param {ShownMoment[]} rows @param {ShownMoment} row */
function before(rows, row) {
  const place = rows.findIndex((one) => one.n === row.n);
  for (let other = place - 1; other >= Math.max(0, place - NEAR); other -= 1) {
    if (rows[other].what === "event" && rows[other].name === row.name) return rows[other];
  }
  return undefined;
}

/** How many characters two texts share at their beginnings. @param {string} one @param {string} other */
function sharedBeginning(one, other) {
  const most = Math.min(one.length, other.length, MOST_COMPARED);
  let shared = 0;
  while (shared < most && one[shared] === other[shared]) shared += 1;
  return shared;
}
