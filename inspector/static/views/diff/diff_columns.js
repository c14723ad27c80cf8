// Two aligned streams as columns: a column for each pair of events, and one for each long run that is the same.

/**
 * @typedef {{left: number | null, right: number | null, what: "same" | "changed" | "missing" | "extra" | "moved", differences: any[]}} Pair
 * @typedef {{kind: "pair", pair: Pair, index: number}} PairColumn
 * @typedef {{kind: "run", from: number, to: number}} RunColumn pairs from `from` to before `to`, all the same
 */

/** Pairs that are the same and stay in sight on each side of one that is not. */
const AROUND = 2;
/** Of a run that is put together, at least. */
const LEAST = 4;

/**
 * @param {Pair[]} pairs
 * @param {Set<number>} opened the runs that a person opened, by their first pair
 * @returns {(PairColumn | RunColumn)[]}
 */
export function columns(pairs, opened) {
  const seen = inSight(pairs);
  /** @type {(PairColumn | RunColumn)[]} */
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

/** @param {Pair[]} pairs */
function inSight(pairs) {
  const seen = pairs.map(() => false);
  pairs.forEach((pair, index) => {
    if (pair.what === "same" && !pair.differences.length) return;
    for (let near = index - AROUND; near <= index + AROUND; near += 1) if (near in seen) seen[near] = true;
  });
  return seen;
}
