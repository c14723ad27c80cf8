// A stream's events on a time line to scale: a lane for each name, gaps as they are, stalls marked with their length.

import { h, put, s } from "../dom.js";
import { brief, duration, instant } from "../format.js";
import { lanes } from "./lanes.js";
import { Scale, tickText } from "./scale.js";
import { isFailure, stalls } from "./stalls.js";

const LEFT = 108; // pixels for the lanes' names
const RIGHT = 14;
const TOP = 34; // of the first lane: the axis is above
const LANE = 20;
const NEAR = 9; // pixels between the pointer and the mark that it means
const APART = 6; // pixels between the lines of two chunks at least
const STEP = 1.35; // of a zoom
const CLOSEST = 50; // microseconds in the window at least

/**
 * @typedef {import("./stalls.js").Moment} Moment
 * @typedef {{pick: (index: number) => void, hover: (index: number) => void}} Options  -1 is none
 */

export class Timeline {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {Moment[]} */
    this.moments = [];
    /** @type {{at: number}[]} */
    this.chunks = [];
    this.running = false;
    this.picked = -1;
    this.hovered = -1;
    this.from = 0;
    this.to = 1;
    this.whole = true;
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

  /** What to draw. @param {Moment[]} moments @param {{running: boolean, chunks?: {at: number}[]}} more */
  set(moments, { running, chunks = [] }) {
    this.moments = moments;
    this.running = running;
    this.chunks = chunks;
    this.stalls = stalls(moments);
    this.lanes = lanes(moments);
    if (this.whole) this.to = this.end();
    this.later();
  }

  end() {
    return Math.max(1000, this.moments.at(-1)?.at ?? 0);
  }

  /** @param {number} index */
  pick(index) {
    this.picked = index;
    const moment = this.moments[index];
    if (moment && (moment.at < this.from || moment.at > this.to)) this.show(moment.at - (this.to - this.from) / 2);
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
    this.whole = true;
    this.from = 0;
    this.to = this.end();
    this.later();
  }

  /** @param {number} by @param {number} [around] a time that stays where it is */
  zoom(by, around) {
    const picked = this.moments[this.picked]?.at ?? -1;
    const middle = around ?? (picked >= this.from && picked <= this.to ? picked : (this.from + this.to) / 2);
    const length = Math.max(CLOSEST, (this.to - this.from) / by);
    if (length >= this.end()) return this.showAll();
    const share = (middle - this.from) / (this.to - this.from);
    this.to = this.from + length; // the length that show() keeps
    this.whole = false;
    this.show(middle - share * length);
  }

  /** Moves the window. @param {number} from */
  show(from) {
    const length = this.to - this.from;
    this.from = Math.max(0, Math.min(from, this.end() - length));
    this.to = this.from + length;
    this.later();
  }

  /** @param {number} share of the window, to the right */
  pan(share) {
    this.show(this.from + share * (this.to - this.from));
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
    this.held = { x: event.clientX, from: this.from, moved: false };
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
    if (this.held.moved) this.show(this.held.from + (by / (scale.right - scale.left)) * (this.to - this.from));
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
    const lane = this.lanes?.[Math.floor((y - TOP) / LANE)];
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
    return new Scale(this.from, this.to, LEFT, this.slider.clientWidth - RIGHT);
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  draw() {
    const scale = this.scale();
    const rows = this.lanes ?? [];
    const bottom = TOP + Math.max(1, rows.length) * LANE + (this.chunks.length ? LANE : 0);
    this.svg.setAttribute("height", String(bottom + (this.whole ? 4 : 14)));
    this.svg.setAttribute("width", String(this.slider.clientWidth));
    put(
      this.svg,
      s("defs", {}, s("clipPath", { id: "timeline-clip" },
        s("rect", { x: LEFT - 8, y: 0, width: scale.right - LEFT + 16, height: bottom + 20 }))),
      this.drawAxis(scale, bottom),
      s("g", { "clip-path": "url(#timeline-clip)" }, this.drawStalls(scale, bottom)),
      rows.map((lane, index) => this.drawLane(lane, TOP + index * LANE, scale)),
      this.chunks.length > 0 && this.drawChunks(scale, bottom - LANE),
      s("g", { "clip-path": "url(#timeline-clip)" }, this.drawEnds(scale, bottom), this.drawCursor(scale, bottom)),
      !this.whole && this.drawWindow(scale, bottom + 6),
    );
    this.describe();
  }

  describe() {
    const moment = this.moments[this.picked];
    this.slider.setAttribute("aria-valuemin", "0");
    this.slider.setAttribute("aria-valuemax", String(Math.max(0, this.moments.length - 1)));
    this.slider.setAttribute("aria-valuenow", String(Math.max(0, this.picked)));
    this.slider.setAttribute("aria-valuetext", moment ? told(moment) : "none is picked");
    this.fit.disabled = this.whole;
    this.zoomOut.disabled = this.whole;
  }

  /** @param {Scale} scale @param {number} bottom */
  drawAxis(scale, bottom) {
    const ticks = scale.ticks();
    const step = ticks.length > 1 ? ticks[1] - ticks[0] : scale.to;
    return s("g", { class: "axis" }, ticks.map((at) => {
      const x = Math.round(scale.x(at)) + 0.5;
      return [
        s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
        s("text", { x, y: 11, "text-anchor": x > scale.right - 20 ? "end" : "middle" }, tickText(at, step)),
      ];
    }));
  }

  /** @param {Scale} scale @param {number} bottom */
  drawStalls(scale, bottom) {
    return (this.stalls ?? []).filter((stall) => stall.to >= scale.from && stall.from <= scale.to).map((stall) => {
      const left = Math.max(scale.x(stall.from), LEFT);
      const right = Math.min(scale.x(stall.to), scale.right);
      const text = stall.kind === "silence" ? `${duration(stall.length)} silence` : `${duration(stall.length)} only heartbeats`;
      const fits = right - left > text.length * 6.6 + 8;
      const short = right - left > 46 ? duration(stall.length) : "";
      return s(
        "g", { class: `stall ${stall.kind}` },
        s("rect", { x: left, y: 17, width: Math.max(2, right - left), height: bottom - 17 }),
        s("line", { x1: left, x2: right, y1: 17.5, y2: 17.5 }),
        s("text", { x: (left + right) / 2, y: 30, "text-anchor": "middle" }, fits ? text : short),
      );
    });
  }

  /** @param {import("./lanes.js").Lane} lane @param {number} y @param {Scale} scale */
  drawLane(lane, y, scale) {
    const marks = [];
    let last = -Infinity;
    for (const index of lane.moments) {
      const moment = this.moments[index];
      if (moment.at < scale.from || moment.at > scale.to) continue;
      const x = Math.round(scale.x(moment.at));
      if (x - last < 1) continue; // what shares a pixel is one mark
      last = x;
      marks.push(mark(lane.tone, x, y, moment));
    }
    return s(
      "g", { class: `lane ${lane.tone}`, "data-lane": lane.name },
      s("line", { class: "rail", x1: LEFT, x2: scale.right, y1: y + LANE / 2 + 0.5, y2: y + LANE / 2 + 0.5 }),
      s("text", { x: LEFT - 14, y: y + 14, "text-anchor": "end" }, brief(lane.name, 13)),
      marks,
    );
  }

  /** @param {Scale} scale @param {number} y */
  drawChunks(scale, y) {
    const marks = [];
    let last = -Infinity;
    let line = -Infinity;
    for (const { at } of this.chunks) {
      const x = Math.round(scale.x(at));
      if (at < scale.from || at > scale.to || x - last < 1) continue;
      last = x;
      if (x - line >= APART) {
        marks.push(s("line", { class: "boundary", x1: x + 0.5, x2: x + 0.5, y1: TOP, y2: y }));
        line = x;
      }
      marks.push(s("rect", { class: "chunk", x: x - 1, y: y + 8, width: 3, height: LANE - 10 }));
    }
    return s("g", { class: "chunks" }, s("text", { x: LEFT - 14, y: y + 14, "text-anchor": "end" }, "chunks"), marks);
  }

  /** The head and the end of the answer, over all lanes. @param {Scale} scale @param {number} bottom */
  drawEnds(scale, bottom) {
    return this.moments.filter((moment) => moment.what === "head" || moment.what === "end").map((moment) => {
      const x = Math.round(scale.x(moment.at)) + 0.5;
      const failed = isFailure(moment);
      return s("g", { class: `edge ${moment.what} ${failed ? "error" : ""}` },
        s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
        failed && s("text", { x: x - 6, y: 30, "text-anchor": "end" }, moment.name));
    });
  }

  /** @param {Scale} scale @param {number} bottom */
  drawCursor(scale, bottom) {
    return [["hovered", this.hovered], ["picked", this.picked]].map(([kind, index]) => {
      const moment = this.moments[/** @type {number} */ (index)];
      if (!moment) return null;
      const x = Math.round(scale.x(moment.at)) + 0.5;
      return s("g", { class: `cursor ${kind}` },
        s("line", { x1: x, x2: x, y1: 16, y2: bottom }),
        s("path", { d: `M${x - 5} 16h10l-5 6z` }));
    });
  }

  /** Where in the whole the window is. @param {Scale} scale @param {number} y */
  drawWindow(scale, y) {
    const all = new Scale(0, this.end(), LEFT, scale.right);
    return s("g", { class: "window" },
      s("rect", { class: "rail", x: LEFT, y, width: scale.right - LEFT, height: 4, rx: 2 }),
      s("rect", { class: "part", x: all.x(this.from), y, width: Math.max(4, all.x(this.to) - all.x(this.from)), height: 4, rx: 2 }));
  }
}

/** What a moment is, in a sentence. @param {Moment} moment */
export function told(moment) {
  const what = { head: "answer begins", end: `end: ${moment.name}`, chunk: "chunk" }[moment.what] ?? moment.name;
  return `${what} at ${instant(moment.at)} s, ${duration(moment.gap)} after the one before`;
}

/** @param {string} tone @param {number} x @param {number} y @param {Moment} moment */
function mark(tone, x, y, moment) {
  const middle = y + LANE / 2;
  if (tone === "heartbeat") return s("circle", { class: "mark", cx: x + 0.5, cy: middle + 0.5, r: 2 });
  if (tone === "error" || isFailure(moment)) return s("path", { class: "mark loud", d: `M${x} ${middle - 8}l8 8l-8 8l-8 -8z` });
  return s("rect", { class: `mark ${moment.dispatched ? "" : "unheard"}`, x: x - 1, y: y + 3, width: 3, height: LANE - 6, rx: 1 });
}
