// A stream: its time line above, its events in a table, and what is picked beside it.

import { get } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { count, duration } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { AnswerPane } from "./answer_pane.js";
import { armHere } from "./arm_here.js";
import { eventDetail } from "./event_detail.js";
import { eventTable } from "./event_table.js";
import { request, response } from "../../components/exchange_sides.js";
import { chunks, Moments } from "./moments.js";
import { Silence } from "./silence.js";
import { isHeartbeat, stalls } from "./stalls.js";
import { tabs } from "../../components/tabs.js";
import { described, Timeline } from "./timeline.js";

/** @import { ExchangeView, ShownMoment } from "../../core/api_types.d.ts" */
/** @import { Context } from "../../main.js" */

export class StreamPane {
  /** @param {string} id @param {ExchangeView} exchange @param {Context} context */
  constructor(id, exchange, context) {
    this.id = id;
    this.exchange = exchange;
    this.context = context;
    this.moments = new Moments(id);
    this.abort = new AbortController();
    this.picked = -1;
    this.started = false;
    /** @type {{at: number}[]} */
    this.chunks = [];
    this.timeline = new Timeline({ pick: (n) => this.pick(n), hover: (n) => this.hover(n, true) });
    this.events = eventTable({ pick: (moment) => this.pick(moment.n), open: (moment) => this.open(moment.n), hover: (moment) => this.hover(moment?.n ?? -1, false) });
    this.detail = h("div", {}, h("p", { class: "note" }, "Pick an event."));
    this.answer = new AnswerPane({ pick: (n) => this.pick(n), hover: (n) => this.hover(n, false) });
    this.tabs = tabs("Parts of the exchange", [
      { name: "answer", title: "Answer", show: (panel) => put(panel, this.answer.element) },
      { name: "event", title: "Event", show: (panel) => put(panel, this.detail) },
      { name: "request", title: "Request", show: (panel) => put(panel, request(this.exchange)) },
      { name: "response", title: "Response", show: (panel) => put(panel, response(this.exchange)) },
    ], "event");
    this.silence = new Silence(exchange.row.began_at, (now) => this.timeline.reach(now));
    this.summary = h("span", { class: "group summary" });
    this.readout = h("span", { class: "soft data readout" });
    this.more = h("button", { hidden: true, on: { click: () => this.fetchMore() } });
    this.beats = h("button", { "aria-pressed": "true", title: "Heartbeats in the table (h)", on: { click: () => this.toggleBeats() } }, "Heartbeats");
    this.boundaries = h("button", { "aria-pressed": "false", title: "Where chunks end (c)", on: { click: () => this.toggleChunks() } }, "Chunks");
    this.element = h(
      "div", { class: "stream" },
      h("div", { class: "strip timeline-strip" }, this.summary, this.silence.element, this.readout,
        h("span", { class: "group push" }, this.more, this.beats, this.boundaries, this.timeline.controls)),
      this.timeline.slider,
      h("div", { class: "halves" },
        h("div", { class: "half" }, this.events.table.element),
        h("div", { class: "half" }, this.tabs.elements)),
    );
  }

  async start() {
    this.unbind = bind(this.keys());
    this.events.table.element.focus({ preventScroll: true });
    await Promise.all([this.fetch(), this.fetchAnswer()]);
    if (this.answer.speaks) this.tabs.select("answer");
    if (this.picked < 0 && this.moments.all.length) this.pick(Math.min(1, this.moments.all.length - 1));
    this.started = true; // from now on it is a person who moves the cursor
  }

  /** More of it came. @param {ExchangeView} exchange */
  async update(exchange) {
    this.exchange = exchange;
    await Promise.all([this.fetch(), this.fetchAnswer()]);
    if (this.boundaries.getAttribute("aria-pressed") === "true") await this.fetchChunks();
  }

  close() {
    this.abort.abort();
    this.unbind?.();
    this.silence.close();
    this.timeline.close();
    this.events.table.close();
  }

  async fetch() {
    try {
      await this.moments.fetch(() => this.draw(), this.abort.signal);
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }

  /** The answer that its events say so far: it stands first, and its pieces in the table. */
  async fetchAnswer() {
    const { answer } = await get(`exchange/${this.id}/answer`);
    this.answer.set(answer);
    this.events.say(answer?.pieces ?? []);
  }

  draw() {
    const all = this.moments.all;
    const found = stalls(all);
    const after = new Set(found.filter((stall) => stall.kind === "silence").map((stall) => stall.after + 1));
    this.timeline.set(all, this.chunks);
    this.silence.from(all.at(-1)?.at ?? 0, this.moments.ended || this.moments.more);
    this.events.set(this.beats.getAttribute("aria-pressed") === "true" ? all : all.filter((moment) => !isHeartbeat(moment)), after);
    this.beats.hidden = !all.some(isHeartbeat);
    this.more.hidden = !this.moments.more;
    put(this.more, `${count(this.moments.count - all.length)} more`);
    this.drawSummary(found);
  }

  /** @param {import("./stalls.js").Stall[]} found */
  drawSummary(found) {
    const silences = found.filter((stall) => stall.kind === "silence").toSorted((a, b) => b.length - a.length);
    const longest = silences[0];
    put(
      this.summary,
      !this.moments.ended && h("span", { class: "live on" }, "running"),
      longest
        ? h("button", { class: "stall-button", on: { click: () => this.pick(longest.after + 1) } },
            silences.length > 1 ? `${count(silences.length)} stalls, the longest ` : "Stall of ", h("strong", {}, duration(longest.length)))
        : h("span", { class: "soft" }, this.moments.ended && !this.moments.more ? "No stall" : "No stall so far"),
    );
  }

  /** @param {number} n */
  pick(n) {
    const moment = this.moments.all[n];
    if (!moment || n === this.picked) return;
    this.picked = n;
    this.timeline.pick(n);
    const place = this.events.place(n);
    if (place >= 0 && place !== this.events.table.picked) this.events.table.pick(place, true);
    put(this.detail, armHere(this.exchange, this.moments.all, moment, this.context), eventDetail(this.id, moment, neighbour(this.moments.all, moment)));
    if (this.started) this.answer.reach(n);
    if (this.tabs.selected() !== "answer") this.tabs.select("event");
  }

  /** Picks a moment and shows what it is, whatever was shown before. @param {number} n */
  open(n) {
    this.pick(n);
    this.tabs.select("event");
  }

  /** @param {number} n @param {boolean} onLine whether the pointer is over the time line, not the table */
  hover(n, onLine) {
    const moment = this.moments.all[n];
    put(this.readout, moment ? `#${n} ${described(moment)}` : "");
    if (onLine) this.events.light(n);
    else this.timeline.mirror(n);
  }

  async fetchMore() {
    this.moments.allowMore();
    await this.fetch();
  }

  toggleBeats() {
    this.beats.setAttribute("aria-pressed", String(this.beats.getAttribute("aria-pressed") === "false"));
    this.draw();
    const place = this.events.place(this.picked);
    if (place >= 0) this.events.table.pick(place, true);
  }

  async toggleChunks() {
    const on = this.boundaries.getAttribute("aria-pressed") === "false";
    this.boundaries.setAttribute("aria-pressed", String(on));
    this.chunks = [];
    if (on) await this.fetchChunks();
    this.draw();
  }

  async fetchChunks() {
    const last = this.moments.all.reduce((most, moment) => Math.max(most, moment.chunks?.[1] ?? -1), -1);
    this.chunks = [...this.chunks, ...(await chunks(this.id, this.chunks.length, last))];
    this.draw();
  }

  /** @returns {import("../../core/keys.js").Binding[]} */
  keys() {
    const { table } = this.events;
    const { timeline } = this;
    return [
      { keys: ["j"], help: "next event (also ↓; → on the time line)", run: () => table.move(1) },
      { keys: ["k"], help: "event before (also ↑; ← on the time line)", run: () => table.move(-1) },
      { keys: ["+", "="], help: "zoom in (also ↑ on the time line)", run: () => timeline.zoom(1.8) },
      { keys: ["-"], help: "zoom out", run: () => timeline.zoom(1 / 1.8) },
      { keys: ["0"], help: "the whole time", run: () => timeline.showAll() },
      { keys: [","], help: "move the time line to the left (also Shift ←)", run: () => timeline.pan(-0.2) },
      { keys: ["."], help: "move it to the right (also Shift →)", run: () => timeline.pan(0.2) },
      { keys: ["c"], help: "where chunks end", run: () => this.toggleChunks() },
      { keys: ["h"], help: "heartbeats in the table", run: () => this.toggleBeats() },
    ];
  }
}

/** The event of the same name before a moment, or else after it: what a person compares it with. @param {ShownMoment[]} all @param {ShownMoment} moment */
function neighbour(all, moment) {
  const alike = (/** @type {ShownMoment} */ one) => one.what === "event" && one.name === moment.name && one.n !== moment.n;
  return all.slice(0, moment.n).findLast(alike) ?? all.slice(moment.n + 1).find(alike) ?? null;
}
