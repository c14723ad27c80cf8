// The drawing of a time line, from what there is to draw: axis, stalls, lanes, chunks, ends, cursors.

import { s } from "../../core/dom.js";
import { brief, duration } from "../../core/format.js";
import { Scale, tickText } from "../../components/time_scale.js";
import { isFailure } from "./stalls.js";

/** @import { ShownMoment } from "../../core/api_types.d.ts" */

export const LEFT = 108; // pixels for the lanes' names
export const RIGHT = 14;
export const TOP = 34; // of the first lane: the axis is above
export const LANE = 20;
const APART = 6; // pixels between the lines of two chunks at least

/**
 * @typedef {{
 *   moments: ShownMoment[], lanes: import("./lane_assignment.js").Lane[], stalls: import("./stalls.js").Stall[], chunks: {at: number}[],
 *   window: import("./time_window.js").TimeWindow, picked: number, hovered: number
 * }} Picture
 */

/** How high the picture is. @param {Picture} picture */
export function heightOf({ lanes, chunks, window }) {
  return bottomOf(lanes, chunks) + (window.whole ? 4 : 14);
}

/** The picture's parts. @param {Picture} picture @param {Scale} scale */
export function drawn({ moments, lanes, stalls, chunks, window, picked, hovered }, scale) {
  const bottom = bottomOf(lanes, chunks);
  const clip = { "clip-path": "url(#timeline-clip)" };
  return [
    s("defs", {}, s("clipPath", { id: "timeline-clip" },
      s("rect", { x: LEFT - 8, y: 0, width: scale.right - LEFT + 16, height: bottom + 20 }))),
    axis(scale, bottom),
    s("g", clip, stallBands(scale, bottom, stalls)),
    lanes.map((lane, index) => laneLine(lane, TOP + index * LANE, scale, moments)),
    chunks.length > 0 && chunkMarks(scale, bottom - LANE, chunks),
    s("g", clip, ends(scale, bottom, moments), cursors(scale, bottom, moments, hovered, picked)),
    !window.whole && windowBar(scale, bottom + 6, window),
  ];
}

/** @param {Picture["lanes"]} lanes @param {Picture["chunks"]} chunks */
function bottomOf(lanes, chunks) {
  return TOP + Math.max(1, lanes.length) * LANE + (chunks.length ? LANE : 0);
}

/** @param {Scale} scale @param {number} bottom */
function axis(scale, bottom) {
  const ticks = scale.ticks();
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : scale.to;
  return s("g", { class: "axis" }, ticks.map((at) => {
    const x = Math.round(scale.x(at)) + 0.5;
    return [
      s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
      s("text", { x, y: 11, "text-anchor": x > scale.right - 20 ? "end" : "middle" }, tickText(at, step)),
    ];
  }));
}

/** @param {Scale} scale @param {number} bottom @param {Picture["stalls"]} found */
function stallBands(scale, bottom, found) {
  return found.filter((stall) => stall.to >= scale.from && stall.from <= scale.to).map((stall) => {
    const left = Math.max(scale.x(stall.from), LEFT);
    const right = Math.min(scale.x(stall.to), scale.right);
    const text = stall.kind === "silence" ? `${duration(stall.length)} silence` : `${duration(stall.length)} only heartbeats`;
    const fits = right - left > text.length * 6.6 + 8;
    const short = right - left > 46 ? duration(stall.length) : "";
    return s(
      "g", { class: `stall ${stall.kind}` },
      s("rect", { x: left, y: 17, width: Math.max(2, right - left), height: bottom - 17 }),
      s("line", { x1: left, x2: right, y1: 17.5, y2: 17.5 }),
      s("text", { x: (left + right) / 2, y: 30, "text-anchor": "middle" }, fits ? text : short),
    );
  });
}

/** @param {import("./lane_assignment.js").Lane} lane @param {number} y @param {Scale} scale @param {ShownMoment[]} moments */
function laneLine(lane, y, scale, moments) {
  const marks = [];
  let last = -Infinity;
  for (const index of lane.moments) {
    const moment = moments[index];
    if (moment.at < scale.from || moment.at > scale.to) continue;
    const x = Math.round(scale.x(moment.at));
    if (x - last < 1) continue; // what shares a pixel is one mark
    last = x;
    marks.push(mark(lane.tone, x, y, moment));
  }
  return s(
    "g", { class: `lane ${lane.tone}`, "data-lane": lane.name },
    s("line", { class: "rail", x1: LEFT, x2: scale.right, y1: y + LANE / 2 + 0.5, y2: y + LANE / 2 + 0.5 }),
    s("text", { x: LEFT - 14, y: y + 14, "text-anchor": "end" }, brief(lane.name, 13)),
    marks,
  );
}

/** @param {Scale} scale @param {number} y @param {Picture["chunks"]} chunks */
function chunkMarks(scale, y, chunks) {
  const marks = [];
  let last = -Infinity;
  let line = -Infinity;
  for (const { at } of chunks) {
    const x = Math.round(scale.x(at));
    if (at < scale.from || at > scale.to || x - last < 1) continue;
    last = x;
    if (x - line >= APART) {
      marks.push(s("line", { class: "boundary", x1: x + 0.5, x2: x + 0.5, y1: TOP, y2: y }));
      line = x;
    }
    marks.push(s("rect", { class: "chunk", x: x - 1, y: y + 8, width: 3, height: LANE - 10 }));
  }
  return s("g", { class: "chunks" }, s("text", { x: LEFT - 14, y: y + 14, "text-anchor": "end" }, "chunks"), marks);
}

/** The head and the end of the answer, over all lanes. @param {Scale} scale @param {number} bottom @param {ShownMoment[]} moments */
function ends(scale, bottom, moments) {
  return moments.filter((moment) => moment.what === "head" || moment.what === "end").map((moment) => {
    const x = Math.round(scale.x(moment.at)) + 0.5;
    const failed = isFailure(moment);
    return s("g", { class: `edge ${moment.what} ${failed ? "error" : ""}` },
      s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
      failed && s("text", { x: x - 6, y: 30, "text-anchor": "end" }, moment.name));
  });
}

/** @param {Scale} scale @param {number} bottom @param {ShownMoment[]} moments @param {number} hovered @param {number} picked */
function cursors(scale, bottom, moments, hovered, picked) {
  return [["hovered", hovered], ["picked", picked]].map(([kind, index]) => {
    const moment = moments[/** @type {number} */ (index)];
    if (!moment) return null;
    const x = Math.round(scale.x(moment.at)) + 0.5;
    return s("g", { class: `cursor ${kind}` },
      s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
      s("path", { d: `M${x - 5} 16h10l-5 6z` }));
  });
}

/** Where in the whole the window is. @param {Scale} scale @param {number} y @param {Picture["window"]} window */
function windowBar(scale, y, window) {
  const all = new Scale(0, window.end, LEFT, scale.right);
  return s("g", { class: "window" },
    s("rect", { class: "rail", x: LEFT, y, width: scale.right - LEFT, height: 4, rx: 2 }),
    s("rect", { class: "part", x: all.x(window.from), y, width: Math.max(4, all.x(window.to) - all.x(window.from)), height: 4, rx: 2 }));
}

/** @param {string} tone @param {number} x @param {number} y @param {ShownMoment} moment */
function mark(tone, x, y, moment) {
  const middle = y + LANE / 2;
  if (tone === "heartbeat") return s("circle", { class: "mark", cx: x + 0.5, cy: middle + 0.5, r: 2 });
  if (tone === "error" || isFailure(moment)) return s("path", { class: "mark loud", d: `M${x} ${middle - 8}l8 8l-8 8l-8 -8z` });
  return s("rect", { class: `mark ${moment.dispatched ? "" : "unheard"}`, x: x - 1, y: y + 3, width: 3, height: LANE - 6, rx: 1 });
}
