// How long an answer that goes on has been silent: counted up by the clock on the wall, as nothing comes that could tell it.

import { duration } from "../../core/format.js";
import { h, put } from "../../core/dom.js";

const TICK = 250; // milliseconds
const STALL = 5_000_000; // microseconds of silence that are a stall in any stream
const LONGEST = 3600_000_000; // microseconds after which nobody can believe that it still goes on

export class Silence {
  /**
   * @param {number | null} beganAt when the request was whole, since 1970, where that is known
   * @param {(now: number) => void} tick  is called with the time since the request while the silence is counted
   */
  constructor(beganAt, tick) {
    this.beganAt = beganAt;
    this.tick = tick;
    this.since = 0;
    this.timer = 0;
    this.element = h("span", { class: "silence", role: "timer" });
  }

  /** Counts from the last moment on, or no more. @param {number} at microseconds after the request @param {boolean} ended */
  from(at, ended) {
    this.since = at;
    clearInterval(this.timer);
    put(this.element);
    if (ended || this.beganAt === null) return;
    this.timer = setInterval(() => this.draw(), TICK);
    this.draw();
  }

  draw() {
    const now = Date.now() * 1000 - /** @type {number} */ (this.beganAt);
    const silent = Math.max(0, now - this.since);
    if (silent > LONGEST) {
      clearInterval(this.timer);
      put(this.element, "no end was recorded");
      return;
    }
    this.element.classList.toggle("bad", silent >= STALL);
    put(this.element, `silent for ${duration(silent)}`);
    this.tick(now);
  }

  close() {
    clearInterval(this.timer);
  }
}
