// Two aligned streams as columns: a column for each pair of events, and one for each long run that is the same.

/** @import { MomentPair } from "../../core/api_types.d.ts" */

/**
 * @typedef {{kind: "pair", pair: MomentPair, index: number}} PairColumn
 * @typedef {{kind: "run", from: number, to: number}} RunColumn pairs from `from` to before `to`, all the same
 * @typedef {PairColumn | RunColumn} Column
 */

/** Pairs that are the same and stay in sight on each side of one that is not. */
const AROUND = 2;
/** Of a run that is put together, at least. */
const LEAST = 4;

/**
 * @param {MomentPair[]} pairs
 * @param {Set<number>} opened the runs that a person opened, by their first pair
 * @returns {Column[]}
 */
export function columns(pairs, opened) {
  const seen = inSight(pairs);
  /** @type {Column[]} */
  const found = [];
  for (let index = 0; index < pairs.length; ) {
    let end = index;
    while (end < pairs.length && !seen[end]) end += 1;
    if (end - index >= LEAST && !opened.has(index)) {
      found.push({ kind: "run", from: index, to: end });
      index = end;
    } else {
      const stop = Math.max(end, index + 1);
      for (; index < stop; index += 1) found.push({ kind: "pair", pair: pairs[index], index });
    }
  }
  return found;
}

/** @param {MomentPair[]} pairs */
function inSight(pairs) {
  const seen = pairs.map(() => false);
  pairs.forEach((pair, index) => {
    if (isSame(pair)) return;
    for (let near = index - AROUND; near <= index + AROUND; near += 1) if (near in seen) seen[near] = true;
  });
  return seen;
}

/** Whether a pair has no difference of any kind. @param {MomentPair} pair */
export function isSame(pair) {
  return pair.what === "same" && !pair.differences.length;
}

/** What a pair is called on the page: one with differences is changed. @param {MomentPair} pair */
export function nameOf(pair) {
  return pair.what === "same" && pair.differences.length ? "changed" : pair.what;
}
