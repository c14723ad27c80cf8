// Two streams one above the other: a column a pair of events, the left stream's on top.

import { h } from "../../core/dom.js";
import { instant, plural } from "../../core/format.js";
import { nameOf } from "./diff_columns.js";

/** @import { MomentPair, ShownMoment } from "../../core/api_types.d.ts" */
/** @import { Column } from "./diff_columns.js" */

/** @type {Record<MomentPair["what"], string>} */
const SIGNS = { same: "=", changed: "≠", missing: "−", extra: "+", moved: "⇄" };
/** @type {Record<MomentPair["what"], string>} */
const WORDS = { same: "the same", changed: "changed", missing: "missing on the right", extra: "only on the right", moved: "moved" };

/**
 * @typedef {"left" | "right"} Which
 * @typedef {Record<Which, Map<number, ShownMoment>>} Moments  by the numbers that pairs have
 * @typedef {{pick: (index: number) => void, open: (from: number) => void}} Actions  choose a pair, show a run
 */

/**
 * @param {Column[]} columns
 * @param {Moments} moments
 * @param {Actions} act
 */
export function strips(columns, moments, act) {
  return h("table", { class: "strips" },
    h("caption", { class: "unseen" }, "The events of both streams, aligned"),
    h("tbody", {},
      h("tr", { class: "left" }, h("th", { scope: "row" }, "left"), columns.map((column) => side(column, "left", moments, act))),
      h("tr", { class: "signs" }, h("th", { scope: "row" }, h("span", { class: "unseen" }, "difference")), columns.map((column) => sign(column, act))),
      h("tr", { class: "right" }, h("th", { scope: "row" }, "right"), columns.map((column) => side(column, "right", moments, act)))));
}

/** @param {Column} column @param {Which} which @param {Moments} moments @param {Actions} act */
function side(column, which, moments, act) {
  if (column.kind === "run") return h("td", { class: "run" }, plural(column.to - column.from, "event"));
  const { pair, index } = column;
  const number = pair[which];
  const moment = number === null ? undefined : moments[which].get(number);
  const what = number === null
    ? h("span", { class: "none" }, "none")
    : [h("span", { class: "type" }, momentName(moment)), h("span", { class: "at" }, moment ? instant(moment.at) : `#${number}`)];
  return h("td", { class: `event ${pair.what}${number === null ? " hole" : ""}`, data: { pair: index }, on: { click: () => act.pick(index) } }, what);
}

/** What a moment is called: an event by its type. @param {ShownMoment | undefined} moment */
export function momentName(moment) {
  if (!moment) return "event";
  return moment.what === "event" ? moment.name || "message" : moment.what;
}

/** @param {Column} column @param {Actions} act */
function sign(column, act) {
  if (column.kind === "run") {
    const many = plural(column.to - column.from, "event");
    return h("td", { class: "run" }, h("button", { "aria-label": `Show ${many} that are the same`, on: { click: () => act.open(column.from) } }, "⋯"));
  }
  const { pair, index } = column;
  const what = nameOf(pair);
  const text = what === "moved" ? `⇄ ${pair.left}→${pair.right}` : SIGNS[what];
  return h("td", { class: `sign ${what}`, data: { pair: index } },
    h("button", { title: WORDS[what], "aria-label": `Pair ${index}: ${WORDS[what]}`, "aria-pressed": "false", on: { click: () => act.pick(index) } }, text));
}
