// How time passes in a replay.

import { replace } from "../../core/api.js";
import { h, put } from "../../core/dom.js";

/** @import { Speed } from "../../core/api_types.d.ts" */

const USUAL = ["0.1", "0.5", "1", "2", "10", "max"];

/**
 * @param {Speed} pace
 * @param {(text: string) => void} announce
 * @returns {HTMLElement}
 */
export function speedForm(pace, announce) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const speed = h("input", { id: "speed", class: "data", list: "speeds", size: 5, autocomplete: "off" });
  const gap = h("input", { id: "max-gap", class: "data", size: 4, placeholder: "none", autocomplete: "off" });
  const usual = h("div", { class: "usual", role: "group", "aria-label": "Usual speeds" });
  const form = h("form", { class: "speed", novalidate: true, on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); set(speed.value); } } },
    h("h2", {}, "Speed"),
    usual,
    h("div", { class: "line" },
      h("span", { class: "group" }, h("label", { for: "speed" }, "times as fast"), speed),
      h("span", { class: "group" }, h("label", { for: "max-gap" }, "no wait above"), gap, h("span", { class: "soft" }, "s")),
      h("button", { type: "submit" }, "Set")),
    problem);

  function draw() {
    speed.value = String(pace.speed);
    gap.value = pace.max_gap === null ? "" : String(pace.max_gap);
    put(usual, USUAL.map((one) => h("button", {
      type: "button", "aria-pressed": String(String(pace.speed) === one), on: { click: () => set(one) },
    }, one === "max" ? "max" : `${one}×`)));
  }

  /** @param {string} text */
  async function set(text) {
    const focused = [...usual.children].indexOf(/** @type {Element} */ (document.activeElement));
    try {
      pace = await replace("/speed", { speed: text.trim() === "max" ? "max" : number(text), max_gap: gap.value.trim() === "" ? null : number(gap.value) });
      problem.hidden = true;
      draw();
      if (focused >= 0) /** @type {HTMLElement} */ (usual.children[focused]).focus();
      announce(`Answers that begin now play at ${pace.speed === "max" ? "full speed" : `${pace.speed} times the speed`}`);
    } catch (error) {
      problem.hidden = false;
      put(problem, error instanceof Error ? error.message : String(error));
    }
  }

  draw();
  return form;
}

/** A number; what is none stays a text, and the server says what is wrong with it. @param {string} text */
function number(text) {
  const found = Number(text.trim().replace(/×$/, ""));
  return text.trim() === "" || Number.isNaN(found) ? text : found;
}
