// The requests that matched nothing, each with the recorded ones that are nearest and the differences side by side.

import { h } from "../../core/dom.js";
import { brief, instant, plural } from "../../core/format.js";
import { played } from "./served.js";

/** @import { FileView, JournalEntry, Neighbour } from "../../core/api_types.d.ts" */

const MOST = 100; // misses that are shown, the newest

/** @param {JournalEntry[]} misses the newest first @param {FileView[]} files */
export function missList(misses, files) {
  if (!misses.length) return h("p", { class: "note" }, "No miss: every request was one that is recorded.");
  return [
    h("ul", { class: "misses" }, misses.slice(0, MOST).map((miss) => h("li", {}, one(miss, files)))),
    misses.length > MOST && h("p", { class: "note" }, `${plural(misses.length - MOST, "older miss", "older misses")} not shown.`),
  ];
}

/** @param {JournalEntry} miss @param {FileView[]} files */
function one(miss, files) {
  return h("details", { open: true, data: { number: miss.number } },
    h("summary", {},
      h("span", { class: "data" }, brief(`${miss.method} ${miss.target}`, 300)),
      h("span", { class: "soft" }, ` ${instant(miss.at)} s, answered ${miss.status ?? "nothing"}`)),
    miss.nearest.length ? miss.nearest.map((near) => neighbour(near, files)) : h("p", { class: "soft" }, "Nothing recorded is near to it."));
}

/** @param {Neighbour} near @param {FileView[]} files */
function neighbour(near, files) {
  const id = played(near, files);
  const name = `exchange ${near.exchange} of ${near.cassette}`;
  return h("div", { class: "near" },
    h("p", {}, "Nearest: ", id ? h("a", { href: `#/x/${id}` }, name) : name),
    h("table", { class: "plain" },
      h("thead", {}, h("tr", {}, ["what differs", "recorded", "asked for"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, near.differences.map((difference) => h("tr", {},
        h("th", { scope: "row", class: "data" }, difference.what),
        h("td", { class: "data good" }, brief(difference.expected, 400)),
        h("td", { class: "data bad" }, brief(difference.found, 400)))))));
}
