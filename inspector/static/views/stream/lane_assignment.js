// Which event goes on which line of the drawing, and in which colour: one line for each name of an event.

import { isHeartbeat } from "./stalls.js";

/** @import { ShownMoment } from "../../core/api_types.d.ts" */

const MOST = 9; // lanes with a name of their own
const OTHERS = "others";

/**
 * @typedef {{name: string, tone: string, moments: number[]}} Lane  `moments` are indices, `tone` a class of timeline.css
 */

/**
 * @param {ShownMoment[]} moments
 * @returns {Lane[]}
 */
export function lanes(moments) {
  /** @type {Map<string, number[]>} */
  const named = new Map();
  moments.forEach((moment, index) => {
    if (moment.what !== "event") return;
    const name = isHeartbeat(moment) ? "heartbeat" : moment.name || "message";
    if (!named.has(name)) named.set(name, []);
    named.get(name)?.push(index);
  });
  const all = [...named].toSorted(([a], [b]) => Number(a === "heartbeat") - Number(b === "heartbeat"));
  const kept = all.length > MOST ? all.slice(0, MOST - 1) : all;
  const rest = all.slice(kept.length).flatMap(([, indices]) => indices).toSorted((a, b) => a - b);
  const drawn = rest.length ? [...kept, /** @type {[string, number[]]} */ ([OTHERS, rest])] : kept;
  let colour = 0;
  return drawn.map(([name, indices]) => ({ name, moments: indices, tone: toneOf(name) || `mark-${(colour++ % 6) + 1}` }));
}

/** @param {string} name */
function toneOf(name) {
  if (name === "error") return "error";
  return name === "heartbeat" ? "heartbeat" : "";
}
