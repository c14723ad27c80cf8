// What went before a body: the first line and the headers, in their order and case.

import { h } from "../core/dom.js";

/** @param {string} first the request line or the status line @param {[string, string][]} headers @param {string} label */
export function head(first, headers, label) {
  return h("div", { class: "head data" },
    h("p", { class: "head-line" }, first),
    h("table", { "aria-label": label }, h("tbody", {}, headers.map(([name, value]) =>
      h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))))));
}
