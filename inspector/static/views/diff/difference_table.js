// The differences of two exchanges as a table: what, where, and both values.

import { h } from "../../core/dom.js";
import { brief } from "../../core/format.js";

/** @import { Difference } from "../../core/api_types.d.ts" */

const HEADS = ["what", "event", "where", "left", "right", "why"];

/**
 * @param {Difference[]} differences
 * @param {(difference: Difference) => void} pick called when a person chooses one
 */
export function differenceTable(differences, pick) {
  return h("table", { class: "plain differences" },
    h("caption", { class: "unseen" }, "Differences"),
    h("thead", {}, h("tr", {}, HEADS.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, differences.map((one) => line(one, pick))));
}

/** @param {Difference} one @param {(difference: Difference) => void} pick */
function line(one, pick) {
  const places = [one.at.event, one.live_at.event];
  const hasPlace = places.some((place) => place !== null);
  const what = `${one.aspect} ${one.change}`;
  return h("tr", { class: one.change },
    h("th", { scope: "row" }, hasPlace ? h("button", { on: { click: () => pick(one) } }, what) : what),
    h("td", { class: "data" }, brief(one.event, 60)),
    h("td", { class: "data" }, brief(one.pointer, 200)),
    h("td", { class: "data value" }, brief(one.recorded, 300)),
    h("td", { class: "data value" }, brief(one.live, 300)),
    h("td", {}, brief(one.why, 300)));
}
