// A job over time: a curve of its progress, and below it one line of its polls, coloured by what each said.

import { h, put, s } from "../../core/dom.js";
import { duration } from "../../core/format.js";
import { isErrorStatus, pollTone } from "./job_states.js";
import { Scale, tickText } from "../../components/time_scale.js";

/** @import { JobView, PollView } from "../../core/api_types.d.ts" */

const LEFT = 64;
const RIGHT = 20;
const TOP = 14;
const HIGH = 130; // pixels of the curve
const LINE = TOP + HIGH + 22; // where the polls are
const HEIGHT = LINE + 40;
const NEAR = 12;

export class JobCurve {
  /** @param {{pick: (index: number) => void, open: (index: number) => void}} options */
  constructor(options) {
    this.options = options;
    /** @type {PollView[]} */
    this.polls = [];
    this.picked = -1;
    this.hovered = -1;
    this.svg = s("svg", { class: "job-drawing", "aria-hidden": "true", height: HEIGHT });
    this.element = h("div", {
      class: "job-curve", role: "slider", tabindex: 0, "aria-label": "Polls of the job",
      on: {
        keydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
        click: (/** @type {MouseEvent} */ event) => this.click(event),
        dblclick: (/** @type {MouseEvent} */ event) => this.nearest(event) >= 0 && this.options.open(this.nearest(event)),
      },
    }, this.svg);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  close() {
    this.observer.disconnect();
  }

  /** @param {JobView} job */
  set(job) {
    this.polls = job.polls;
    this.draw();
  }

  /** @param {number} index */
  pick(index) {
    this.picked = index;
    this.draw();
  }

  /** @param {number} index */
  hover(index) {
    this.hovered = index;
    this.draw();
  }

  scale() {
    return new Scale(0, Math.max(1000, this.polls.at(-1)?.at ?? 0), LEFT, this.element.clientWidth - RIGHT);
  }

  draw() {
    const scale = this.scale();
    this.svg.setAttribute("width", String(this.element.clientWidth));
    put(this.svg, this.drawGrid(scale), this.drawProgress(scale), this.drawLine(scale), this.drawCursor(scale));
    this.describe();
  }

  describe() {
    const poll = this.polls[this.picked];
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", String(Math.max(0, this.polls.length - 1)));
    this.element.setAttribute("aria-valuenow", String(Math.max(0, this.picked)));
    this.element.setAttribute("aria-valuetext", poll ? described(poll) : "none is picked");
  }

  /** @param {Scale} scale */
  drawGrid(scale) {
    const ticks = scale.ticks();
    const step = ticks.length > 1 ? ticks[1] - ticks[0] : scale.to;
    return s("g", { class: "axis" },
      [0, 50, 100].map((percent) => [
        s("line", { x1: LEFT, x2: scale.right, y1: height(percent) + 0.5, y2: height(percent) + 0.5 }),
        s("text", { x: LEFT - 14, y: height(percent) + 4, "text-anchor": "end" }, `${percent} %`),
      ]),
      ticks.map((at) => s("text", { x: scale.x(at), y: HEIGHT - 4, "text-anchor": "middle" }, tickText(at, step))));
  }

  /** The progress that each poll reported: it holds until the next one reports more. @param {Scale} scale */
  drawProgress(scale) {
    const points = this.polls.flatMap(({ at, progress }) => (progress === null ? [] : [[scale.x(at), height(progress)]]));
    const last = this.polls.at(-1);
    if (!points.length || !last) return null;
    const end = scale.x(last.at);
    const line = points.map(([x, y], index) => (index ? `H${x}V${y}` : `M${x} ${y}`)).join("").concat(`H${end}`);
    return s("g", { class: "progress" },
      s("path", { class: "under", d: `${line}V${height(0)}H${points[0][0]}Z` }),
      s("path", { class: "curve", d: `${line}H${end}` }),
      points.map(([x, y]) => s("circle", { cx: x, cy: y, r: 3 })));
  }

  /** One line from the first poll to the last, in a colour for each state, with the states' names. @param {Scale} scale */
  drawLine(scale) {
    const parts = stretches(this.polls).map(({ tone, status, first, last }) => {
      const left = scale.x(this.polls[first].at);
      const right = scale.x(this.polls[Math.min(last + 1, this.polls.length - 1)].at);
      const fits = status.length * 7 < Math.max(right - left, last + 1 >= this.polls.length ? 200 : 0);
      const atEnd = last + 1 >= this.polls.length;
      return s("g", { class: `stretch ${tone}` },
        s("line", { x1: left, x2: right, y1: LINE, y2: LINE }),
        fits && s("text", { x: atEnd ? right : left, y: LINE + 19, "text-anchor": atEnd && first > 0 ? "end" : "start" }, status));
    });
    const marks = this.polls.map((poll) => mark(pollTone(poll), scale.x(poll.at)));
    return s("g", { class: "polls" }, s("text", { class: "soft", x: LEFT - 14, y: LINE + 4, "text-anchor": "end" }, "polls"), parts, marks);
  }

  /** @param {Scale} scale */
  drawCursor(scale) {
    return [["hovered", this.hovered], ["picked", this.picked]].map(([kind, index]) => {
      const poll = this.polls[/** @type {number} */ (index)];
      const x = poll && Math.round(scale.x(poll.at)) + 0.5;
      return poll && s("g", { class: `cursor ${kind}` }, s("line", { x1: x, x2: x, y1: TOP - 8, y2: LINE + 8 }), s("path", { d: `M${x - 5} ${TOP - 12}h10l-5 6z` }));
    });
  }

  /** @param {MouseEvent} event */
  nearest(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const scale = this.scale();
    const away = this.polls.map((poll) => Math.abs(scale.x(poll.at) - x));
    const least = Math.min(...away);
    return least <= NEAR ? away.indexOf(least) : -1;
  }

  /** @param {MouseEvent} event */
  click(event) {
    const found = this.nearest(event);
    if (found >= 0) this.options.pick(found);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.polls.length - 1;
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: this.picked + 1, ArrowLeft: this.picked - 1, Home: 0, End: last };
    const to = targets[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.options.pick(Math.max(0, Math.min(last, to)));
  }
}

/** @param {number} percent */
function height(percent) {
  return TOP + HIGH * (1 - Math.max(0, Math.min(100, percent)) / 100);
}

/** @param {string} tone @param {number} x */
function mark(tone, x) {
  const shape = tone === "bad" ? s("path", { d: `M${x} ${LINE - 9}l9 9l-9 9l-9 -9z` }) : s("circle", { cx: x, cy: LINE, r: tone === "good" ? 7 : 4.5 });
  return s("g", { class: `poll ${tone}` }, shape);
}

/** Neighbouring polls with the same status. @param {PollView[]} polls */
function stretches(polls) {
  /** @type {{tone: string, status: string, first: number, last: number}[]} */
  const found = [];
  polls.forEach((poll, index) => {
    const status = poll.status || (isErrorStatus(poll.http_status) ? `HTTP ${poll.http_status}` : "");
    const before = found.at(-1);
    if (before && before.status === status) before.last = index;
    else found.push({ tone: pollTone(poll), status, first: index, last: index });
  });
  return found;
}

/** A poll in words. @param {PollView} poll */
function described(poll) {
  const progress = poll.progress === null ? "" : `, ${poll.progress} %`;
  return `${poll.status || `HTTP ${poll.http_status}`}${progress}, after ${duration(poll.at)}`;
}
