// Where a stream stood still: silence (no byte at all), and quiet (heartbeats, but nothing else).

const LONG = 5_000_000; // microseconds that are a stall in any stream
export const NOTABLE = 1_000_000; // and those that are one where they are far more than usual
const FAR = 3; // times the median

/** @import { ShownMoment } from "../../core/api_types.d.ts" */

/**
 * @typedef {{kind: "silence" | "quiet", from: number, to: number, length: number, after: number}} Stall
 *   `after` is the index of the moment that it follows
 */

/** Whether a moment only says that the server lives. @param {ShownMoment} moment */
export function isHeartbeat(moment) {
  return moment.what === "event" && (moment.name === "heartbeat" || isComment(moment));
}

/** A block of the stream without data, which no browser hears of. @param {ShownMoment} moment */
function isComment(moment) {
  return !moment.dispatched && !moment.data;
}

/** An event that the end of the stream cut, so that no browser hears of it. @param {ShownMoment} moment */
export function isCut(moment) {
  return moment.what === "event" && !moment.dispatched && moment.data !== "";
}

/** Whether a moment is a failure. @param {ShownMoment} moment */
export function isFailure(moment) {
  if (moment.what === "event") return moment.name === "error" || isCut(moment);
  if (moment.what === "end") return moment.name !== "complete";
  return false;
}

/**
 * The stalls of a stream, in their order. The time from one heartbeat to the next is none while they keep their pace.
 * @param {ShownMoment[]} moments
 * @returns {Stall[]}
 */
export function stalls(moments) {
  const least = threshold(gaps(moments));
  const beat = FAR * median(gaps(moments).filter((_, index) => isHeartbeat(moments[index])));
  const silences = between(moments, moments.map((_, index) => index), "silence", least)
    .filter((silence) => !isHeartbeat(moments[silence.after + 1]) || silence.length >= Math.max(least, beat));
  const telling = moments.map((_, index) => index).filter((index) => !isHeartbeat(moments[index]));
  const quiets = telling.length === moments.length ? [] : between(moments, telling, "quiet", least)
    .filter((quiet) => !silences.some((silence) => silence.from === quiet.from && silence.to === quiet.to));
  return [...quiets, ...silences].toSorted((a, b) => a.from - b.from || b.length - a.length);
}

/** @param {ShownMoment[]} moments @param {number[]} places @param {Stall["kind"]} kind @param {number} least @returns {Stall[]} */
function between(moments, places, kind, least) {
  const found = [];
  let previous = -1;
  for (const place of places) {
    const from = previous < 0 ? 0 : moments[previous].at;
    const length = moments[place].at - from;
    if (length >= least) found.push({ kind, from, to: moments[place].at, length, after: previous });
    previous = place;
  }
  return found;
}

/** @param {ShownMoment[]} moments */
function gaps(moments) {
  return moments.map((moment, index) => moment.at - (index ? moments[index - 1].at : 0));
}

/** @param {number[]} lengths */
function threshold(lengths) {
  return Math.min(LONG, Math.max(NOTABLE, FAR * median(lengths)));
}

/** @param {number[]} lengths */
function median(lengths) {
  return lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
}
