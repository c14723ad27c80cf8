// One moment of a stream, whole: what it is, its data, and the bytes in which it came.

import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { duration, instant } from "../../core/format.js";
import { bytesOf } from "../../components/hex_dump.js";
import { contentView } from "../../components/content.js";
import { chunks } from "./moments.js";
import { isCut } from "./stalls.js";

/** @import { ShownMoment } from "../../core/api_types.d.ts" */

/** @param {string} id of the exchange @param {ShownMoment} moment @param {ShownMoment | null} neighbour what it is compared with */
export function eventDetail(id, moment, neighbour) {
  return h("div", {}, facts(moment), moment.what === "event" && data(id, moment, neighbour));
}

/** @param {ShownMoment} moment */
function facts(moment) {
  const edge = moment.what === "head" || moment.what === "end";
  const all = [
    ["", edge ? `${moment.what} of the answer` : moment.name],
    ["at", `${instant(moment.at)} s`],
    ["after", duration(moment.gap)],
    ["id", moment.id],
    ["retry", moment.retry === null ? "" : `${moment.retry} ms`],
    ["chunks", chunkRange(moment.chunks)],
    ["", edge ? moment.name : ""],
    ["", moment.what === "end" ? moment.data : ""],
  ];
  return h("div", { class: "event-facts" },
    h("dl", { class: "facts" }, all.filter(([, value]) => value).map(([name, value]) =>
      h("div", {}, h("dt", {}, name || h("span", { class: "unseen" }, "what")), h("dd", {}, value)))),
    isCut(moment) && h("p", { class: "bad" }, "The end of the stream cut this event: no browser would deliver it."),
    moment.comments.map((comment) => h("p", { class: "soft data" }, ": ", comment)));
}

/** @param {[number, number] | null} range the first and the last */
function chunkRange(range) {
  if (!range) return "";
  return range[0] === range[1] ? `${range[0]}` : `${range[0]}–${range[1]}`;
}

/** @param {string} id @param {ShownMoment} moment @param {ShownMoment | null} neighbour */
function data(id, moment, neighbour) {
  const content = { size: moment.size, text: moment.data, base64: null, json: false, truncated: moment.truncated };
  const raw = moment.chunks ? () => bytes(id, .../** @type {[number, number]} */ (moment.chunks)) : undefined;
  const other = neighbour === null ? undefined : neighbour.data;
  return contentView(content, { label: `Data of ${moment.name}`, raw, other, whole: () => get(`exchange/${id}/moment/${moment.n}`) });
}

/** The chunks that an event came in, which may hold parts of its neighbours too. @param {string} id @param {number} first @param {number} last */
async function bytes(id, first, last) {
  const parts = (await chunks(id, first, last)).map(bytesOf);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

