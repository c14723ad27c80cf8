// From time to place and back, and the ticks of an axis of time.

const STEPS = [1, 2, 5];

/** A window of time, [from, to] in microseconds, drawn from `left` to `right` in pixels. */
export class Scale {
  /** @param {number} from @param {number} to @param {number} left @param {number} right */
  constructor(from, to, left, right) {
    this.from = from;
    this.to = Math.max(to, from + 1);
    this.left = left;
    this.right = Math.max(right, left + 1);
  }

  /** @param {number} at */
  x(at) {
    return this.left + ((at - this.from) / (this.to - this.from)) * (this.right - this.left);
  }

  /** @param {number} x */
  at(x) {
    return this.from + ((x - this.left) / (this.right - this.left)) * (this.to - this.from);
  }

  /** Round times in the window, at least `apart` pixels from one another. */
  ticks(apart = 90) {
    const least = ((this.to - this.from) * apart) / (this.right - this.left);
    const step = niceStep(least);
    const first = Math.ceil(this.from / step) * step;
    return Array.from({ length: Math.max(0, Math.floor((this.to - first) / step) + 1) }, (_, index) => first + index * step);
  }
}

/** The least round number that is not less. @param {number} least */
function niceStep(least) {
  const minutes = [60e6, 120e6, 300e6, 600e6, 1800e6, 3600e6].find((step) => step >= least);
  if (least > 30e6 && minutes) return minutes;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  const factor = STEPS.find((one) => one * power >= least);
  return factor ? factor * power : 10 * power;
}

/** A tick's text, in the unit that fits the step. @param {number} at @param {number} step */
export function tickText(at, step) {
  if (at === 0) return "0";
  if (step >= 60e6) return `${Math.round(at / 60e6)} m`;
  if (step >= 1e6) return `${Math.round(at / 1e6)} s`;
  const digits = Math.max(0, Math.ceil(6 - Math.log10(step) - 0.001));
  return at < 1e6 && step >= 1000 ? `${Math.round(at / 1000)} ms` : `${(at / 1e6).toFixed(Math.min(6, digits))} s`;
}
