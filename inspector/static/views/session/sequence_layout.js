// Where the parts of a sequence diagram stand. Time runs downward, but evenly: a session of polls is mostly waiting,
// and to scale it would be a page of nothing, so a long wait takes a little more room and is labelled instead.

/** @import { SessionExchange } from "../../core/api_types.d.ts" */

/**
 * @typedef {{asked: number, answered: number, lane: number}} Band pixels from the top, and how far its bar is moved
 *   to the side since another runs beside it
 * @typedef {{y: number, micros: number}} Gap a wait in which nothing was asked
 * @typedef {{bands: Band[], gaps: Gap[], height: number}} Layout
 */

const TOP = 44;
const STEP = 26;
const BETWEEN = 36;
const GAP = 52;
const BOTTOM = 28;

/** Microseconds of silence that are labelled. */
export const LONG = 250_000;

/**
 * @param {{began: number, duration: number, how: string}[]} rows in the order in which they began; one whose end is not known yet (`how` is unfinished) runs on
 * @returns {Layout}
 */
export function layout(rows) {
  const instants = rows.flatMap((row, index) => [
    { at: row.began, index, ends: false },
    { at: row.how === "unfinished" ? Infinity : row.began + row.duration, index, ends: true },
  ]);
  instants.sort((one, other) => one.at - other.at || one.index - other.index || Number(one.ends) - Number(other.ends));
  /** @type {Band[]} */
  const bands = rows.map(() => ({ asked: 0, answered: 0, lane: 0 }));
  /** @type {Gap[]} */
  const gaps = [];
  const lanes = new Set();
  let y = TOP;
  let before = null;
  for (const { at, index, ends } of instants) {
    if (before !== null) {
      const idle = lanes.size === 0;
      const wait = at - before;
      const room = !idle ? STEP : wait < LONG ? BETWEEN : GAP;
      if (room === GAP) gaps.push({ y: y + GAP / 2 - 4, micros: wait });
      y += room;
    }
    before = at;
    if (ends) {
      bands[index].answered = y;
      lanes.delete(bands[index].lane);
    } else {
      bands[index].asked = y;
      bands[index].lane = free(lanes);
      lanes.add(bands[index].lane);
    }
  }
  return { bands, gaps, height: y + BOTTOM };
}

/** @param {Set<number>} lanes */
function free(lanes) {
  let lane = 0;
  while (lanes.has(lane)) lane += 1;
  return lane;
}

/**
 * The stretches of the client's line along which it holds a token, and whether each ends in its loss.
 * @param {SessionExchange[]} steps
 * @param {Band[]} bands
 * @param {string} key
 * @returns {{from: number, to: number, lost: boolean}[]}
 */
export function held(steps, bands, key) {
  const has = (/** @type {{key: string}[]} */ tokens) => tokens.some((token) => token.key === key);
  const found = [];
  /** @type {{from: number, to: number} | null} */
  let open = null;
  for (const [index, step] of steps.entries()) {
    const { asked, answered } = bands[index];
    if (has(step.sends)) {
      open ??= { from: asked, to: asked };
      open.to = Math.max(open.to, asked);
    } else if (has(step.lacks) && open) {
      found.push({ from: open.from, to: asked, lost: true });
      open = null;
    }
    if (has(step.issues)) {
      open ??= { from: answered, to: answered };
      open.to = Math.max(open.to, answered);
    }
  }
  return open ? [...found, { ...open, lost: false }] : found;
}
