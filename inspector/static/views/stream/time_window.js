// The part of a time that is in sight: it can be zoomed and moved, and grows with the whole while it shows all of it.

const CLOSEST = 50; // microseconds in sight at least

/** From 0 to `end`, of which [from, to] is in sight; all in microseconds. */
export class TimeWindow {
  constructor() {
    this.from = 0;
    this.to = 1;
    this.end = 1;
    this.whole = true;
  }

  get length() {
    return this.to - this.from;
  }

  /** There is more time, or less. @param {number} end */
  grow(end) {
    this.end = end;
    if (this.whole) this.to = end;
  }

  /** @param {number} at */
  holds(at) {
    return at >= this.from && at <= this.to;
  }

  showAll() {
    [this.from, this.to, this.whole] = [0, this.end, true];
  }

  /** @param {number} by @param {number} around a time that stays where it is */
  zoom(by, around) {
    const length = Math.max(CLOSEST, this.length / by);
    if (length >= this.end) return this.showAll();
    const share = (around - this.from) / this.length;
    this.to = this.from + length;
    this.whole = false;
    this.show(around - share * length);
  }

  /** Begins elsewhere, as far as there is time. @param {number} from */
  show(from) {
    const { length } = this;
    this.from = Math.max(0, Math.min(from, this.end - length));
    this.to = this.from + length;
  }
}
