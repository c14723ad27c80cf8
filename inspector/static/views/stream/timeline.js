// A stream's events on a time line to scale, which is zoomed, moved and gone along by pointer and keys.

import { h, put, s } from "../../core/dom.js";
import { duration, instant } from "../../core/format.js";
import { lanes } from "./lane_assignment.js";
import { Scale } from "../../components/time_scale.js";
import { NOTABLE, stalls } from "./stalls.js";
import { TimeWindow } from "./time_window.js";
import { drawn, heightOf, LANE, LEFT, RIGHT, TOP } from "./timeline_drawing.js";

/** @import { ShownMoment } from "../../core/api_types.d.ts" */

const NEAR = 9; // pixels between the pointer and the mark that it means
const STEP = 1.35; // of a zoom

/**
 * @typedef {{pick: (index: number) => void, hover: (index: number) => void}} Options  -1 is none
 */

export class Timeline {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {ShownMoment[]} */
    this.moments = [];
    /** @type {{at: number}[]} */
    this.chunks = [];
    this.picked = -1;
    this.hovered = -1;
    /** What a press of the pointer holds on to, while it lasts. @type {{x: number, from: number, moved: boolean} | null} */
    this.held = null;
    /** The frame in which all is drawn anew, where one is awaited. @type {number | undefined} */
    this.frame = undefined;
    /** @type {import("./lane_assignment.js").Lane[]} */
    this.lanes = [];
    /** @type {import("./stalls.js").Stall[]} */
    this.stalls = [];
    this.window = new TimeWindow();
    this.svg = s("svg", { class: "timeline-drawing", "aria-hidden": "true" });
    this.slider = h("div", {
      class: "timeline", role: "slider", tabindex: 0, "aria-label": "Moments on the time line",
      on: {
        keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
        wheel: (/** @type {WheelEvent} */ event) => this.wheel(event),
        pointerdown: (/** @type {PointerEvent} */ event) => this.grab(event),
        pointermove: (/** @type {PointerEvent} */ event) => this.point(event),
        pointerleave: () => this.setHover(-1),
      },
    }, this.svg);
    this.zoomOut = h("button", { "aria-label": "Zoom out", title: "Zoom out (−)", on: { click: () => this.zoom(1 / STEP ** 2) } }, "−");
    this.fit = h("button", { title: "Show all (0)", on: { click: () => this.showAll() } }, "All");
    this.controls = h("span", { class: "group" }, this.zoomOut,
      h("button", { "aria-label": "Zoom in", title: "Zoom in (+)", on: { click: () => this.zoom(STEP ** 2) } }, "+"), this.fit);
    this.observer = new ResizeObserver(() => this.later());
    this.observer.observe(this.slider);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame ?? 0);
  }

  /** What to draw. @param {ShownMoment[]} moments @param {{at: number}[]} chunks */
  set(moments, chunks) {
    this.moments = moments;
    this.chunks = chunks;
    this.stalls = stalls(moments);
    this.lanes = lanes(moments);
    this.window.grow(Math.max(1000, moments.at(-1)?.at ?? 0));
    this.later();
  }

  /** The time has come to here, and nothing happened since the last moment. @param {number} now */
  reach(now) {
    const from = this.moments.at(-1)?.at ?? 0;
    const silence = { kind: /** @type {const} */ ("silence"), from, to: now, length: now - from, after: this.moments.length - 1 };
    this.stalls = [...stalls(this.moments), ...(silence.length >= NOTABLE ? [silence] : [])];
    this.window.grow(Math.max(1000, now));
    this.later();
  }

  /** @param {number} index */
  pick(index) {
    this.picked = index;
    const moment = this.moments[index];
    if (moment && !this.window.holds(moment.at)) this.window.show(moment.at - this.window.length / 2);
    this.later();
  }

  /** @param {number} index */
  setHover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.options.hover(index);
    this.later();
  }

  /** Only marks what the pointer is over elsewhere. @param {number} index */
  mirror(index) {
    this.hovered = index;
    this.later();
  }

  showAll() {
    this.window.showAll();
    this.later();
  }

  /** @param {number} by @param {number} [around] a time that stays where it is */
  zoom(by, around) {
    const { window } = this;
    const picked = this.moments[this.picked]?.at ?? -1;
    window.zoom(by, around ?? (window.holds(picked) ? picked : window.from + window.length / 2));
    this.later();
  }

  /** @param {number} share of the window, to the right */
  pan(share) {
    this.window.show(this.window.from + share * this.window.length);
    this.later();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {{[key: string]: () => void}} */
    const keys = {
      ArrowRight: () => (event.shiftKey ? this.pan(0.2) : this.step(1)),
      ArrowLeft: () => (event.shiftKey ? this.pan(-0.2) : this.step(-1)),
      ArrowUp: () => this.zoom(STEP), ArrowDown: () => this.zoom(1 / STEP),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  /** @param {number} by */
  step(by) {
    if (!this.moments.length) return;
    this.options.pick(Math.max(0, Math.min(this.moments.length - 1, this.picked + by)));
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return this.pan((event.deltaX || event.deltaY) / 800);
    this.zoom(Math.exp(-event.deltaY / 400), this.scale().at(this.place(event).x));
  }

  /** A press picks, a pull moves the window. @param {PointerEvent} event */
  grab(event) {
    if (event.button !== 0) return;
    this.held = { x: event.clientX, from: this.window.from, moved: false };
    this.slider.setPointerCapture(event.pointerId);
    const release = () => {
      const found = this.held?.moved ? -1 : this.nearest(event);
      this.held = null;
      if (found >= 0) this.options.pick(found);
    };
    this.slider.addEventListener("pointerup", release, { once: true });
  }

  /** @param {PointerEvent} event */
  point(event) {
    if (!this.held) return this.setHover(this.nearest(event));
    const by = this.held.x - event.clientX;
    if (Math.abs(by) > 3) this.held.moved = true;
    const scale = this.scale();
    if (this.held.moved) this.window.show(this.held.from + (by / (scale.right - scale.left)) * this.window.length);
    this.later();
  }

  /** @param {MouseEvent} event */
  place(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** The moment that the pointer means: on its lane if there is one near, else on any. @param {MouseEvent} event */
  nearest(event) {
    const { x, y } = this.place(event);
    const scale = this.scale();
    const lane = this.lanes[Math.floor((y - TOP) / LANE)];
    const own = this.closest(lane?.moments ?? [], scale, x);
    return own >= 0 ? own : this.closest(this.moments.map((_, index) => index), scale, x);
  }

  /** @param {number[]} indices @param {Scale} scale @param {number} x */
  closest(indices, scale, x) {
    let found = -1;
    let distance = NEAR;
    for (const index of indices) {
      const away = Math.abs(scale.x(this.moments[index].at) - x);
      if (away < distance) [found, distance] = [index, away];
    }
    return found;
  }

  scale() {
    return new Scale(this.window.from, this.window.to, LEFT, this.slider.clientWidth - RIGHT);
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  draw() {
    this.svg.setAttribute("height", String(heightOf(this)));
    this.svg.setAttribute("width", String(this.slider.clientWidth));
    put(this.svg, drawn(this, this.scale()));
    this.describe();
  }

  describe() {
    const moment = this.moments[this.picked];
    this.slider.setAttribute("aria-valuemin", "0");
    this.slider.setAttribute("aria-valuemax", String(Math.max(0, this.moments.length - 1)));
    this.slider.setAttribute("aria-valuenow", String(Math.max(0, this.picked)));
    this.slider.setAttribute("aria-valuetext", moment ? described(moment) : "none is picked");
    this.fit.disabled = this.window.whole;
    this.zoomOut.disabled = this.window.whole;
  }
}

/** What a moment is, in a sentence. @param {ShownMoment} moment */
export function described(moment) {
  const what = { head: "answer begins", end: `end: ${moment.name}`, chunk: "chunk", event: moment.name }[moment.what];
  return `${what} at ${instant(moment.at)} s, ${duration(moment.gap)} after the one before`;
}
