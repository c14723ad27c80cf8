// Where the bars of the rows in sight stand: to the scale of time, but for long idle times, which are drawn short.

/**
 * @typedef {{from: number, to: number}} Span  microseconds
 * @typedef {{began: number, began_at: number | null, duration: number, first_event: number | null}} Timed
 * @typedef {{left: number, wait: number, flow: number}} Bar  shares of the whole width
 */

const IDLE = 0.04; // of the busy time: a longer idle time is drawn as long as this

/** When an exchange began and ended, by the clock on the wall where that is known. @param {Timed} row @returns {Span} */
export function spanOf({ began, began_at, duration }) {
  const from = began_at ?? began;
  return { from, to: from + duration };
}

/**
 * A scale for rows: it gives each row's bar. Recordings of different days stand behind each other in it, not days apart.
 *
 *     rows        0–2 s, 1–3 s, then 7 days later 0–1 s
 *     drawn       0–3 s, 0.16 s idle, 1 s
 *
 * @param {Timed[]} rows
 * @returns {(row: Timed) => Bar}
 */
export function waterfall(rows) {
  const busy = merged(rows.map(spanOf));
  const whole = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  const most = Math.max(1, whole * IDLE);
  let moved = busy.length ? busy[0].from : 0;
  const shifts = busy.map(({ from }, place) => {
    const idle = place ? from - busy[place - 1].to : 0;
    moved += Math.max(0, idle - most);
    return { from, moved };
  });
  const last = busy.at(-1);
  const length = Math.max(1, last ? last.to - moved : 1);
  return (row) => {
    const { from } = spanOf(row);
    const shift = shifts.findLast((one) => one.from <= from) ?? { moved };
    const first = Math.min(row.first_event ?? row.duration, row.duration);
    return { left: (from - shift.moved) / length, wait: first / length, flow: (row.duration - first) / length };
  };
}

/** The times in which anything went on, in their order. @param {Span[]} spans */
function merged(spans) {
  /** @type {Span[]} */
  const found = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}
