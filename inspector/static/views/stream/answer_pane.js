// The answer of a stream: a text that grows with the time cursor, in which each piece leads to its event.

import { h, link, put } from "../../core/dom.js";
import { count, instant } from "../../core/format.js";

/** @import { ShownAnswer, ShownPiece } from "../../core/api_types.d.ts" */

/** @type {[ShownPiece["kind"], string][]} */
const PARTS = [["reasoning", "Reasoning"], ["text", "Answer"]];

export class AnswerPane {
  /** @param {{pick: (n: number) => void, hover: (n: number) => void}} options what is called for the moment of a piece */
  constructor({ pick, hover }) {
    this.pick = pick;
    this.hover = hover;
    /** @type {ShownAnswer | null} */
    this.answer = null;
    this.reached = Infinity;
    this.element = h("div", { class: "answer" });
    this.element.addEventListener("click", (event) => this.act(event, pick));
    this.element.addEventListener("pointerover", (event) => this.act(event, hover));
    this.element.addEventListener("pointerleave", () => hover(-1));
    this.draw();
  }

  /** Whether there is an answer. */
  get speaks() {
    return this.answer !== null;
  }

  /** @param {ShownAnswer | null} answer */
  set(answer) {
    const same = JSON.stringify(answer) === JSON.stringify(this.answer); // a person may have selected something
    this.answer = answer;
    if (!same) this.draw();
  }

  /** Shows the answer as it was at a moment: what came later is faint. @param {number} n */
  reach(n) {
    this.reached = n;
    for (const piece of this.element.querySelectorAll(".piece")) this.mark(/** @type {HTMLElement} */ (piece));
  }

  /** @param {HTMLElement} piece */
  mark(piece) {
    const n = Number(piece.dataset.n);
    piece.classList.toggle("later", n > this.reached);
    piece.classList.toggle("now", n === this.reached);
  }

  /** @param {Event} event @param {(n: number) => void} run */
  act(event, run) {
    const piece = /** @type {Element} */ (event.target).closest(".piece");
    if (piece instanceof HTMLElement && piece.dataset.n) run(Number(piece.dataset.n));
  }

  draw() {
    const { answer } = this;
    if (answer === null) {
      put(this.element, h("p", { class: "note" }, "No answer was read from these events."));
      return;
    }
    put(
      this.element,
      answer.error && h("p", { class: "bad" }, answer.error),
      PARTS.map(([kind, title]) => part(title, answer.pieces.filter((piece) => piece.kind === kind))),
      answer.tool_calls.length > 0 && h("section", {}, h("h2", {}, "Tool calls"),
        h("ul", { class: "data" }, answer.tool_calls.map((call) => h("li", {}, h("strong", {}, call.name), " ", call.arguments)))),
      answer.citations.length > 0 && h("section", {}, h("h2", {}, "Sources"),
        h("ul", {}, answer.citations.map((one) => h("li", {}, one.title, " ", one.url && link(one.url), " ", h("span", { class: "soft" }, one.text))))),
      answer.truncated && h("p", { class: "soft" }, "Only the beginning of the answer is shown."),
      h("p", { class: "soft data answer-facts" }, facts(answer).join("  ·  ")),
    );
    this.reach(this.reached);
  }
}

/** @param {string} title @param {ShownPiece[]} pieces */
function part(title, pieces) {
  if (!pieces.length) return null;
  return h("section", {}, h("h2", {}, title),
    h("p", { class: `said ${title.toLowerCase()}` }, pieces.map((piece) => h("span",
      { class: "piece", data: piece.moment === null ? {} : { n: piece.moment }, title: piece.moment === null ? "" : `#${count(piece.moment)} at ${instant(piece.at)} s` },
      piece.text))));
}

/** What is known of the whole. @param {ShownAnswer} answer */
function facts(answer) {
  const usage = Object.entries(answer.usage).map(([name, value]) => `${count(value)} ${name.replaceAll("_", " ")}`);
  return [answer.protocol, answer.model, answer.finish_reason && `finished: ${answer.finish_reason}`, ...usage].filter(Boolean);
}
