// The faults that hold, in their order, as lines; each can be changed and taken away.

import { send } from "../api.js";
import { h, put } from "../dom.js";
import { count } from "../format.js";

/**
 * @param {{lines: string[], seed: number}} held
 * @param {(text: string) => void} say
 * @returns {{element: HTMLElement, add: (line: string) => Promise<void>, show: (lines: string[]) => void}}
 */
export function faultPlan(held, say) {
  let { lines } = held;
  const list = h("ol", { class: "plan" });
  const clear = h("button", { on: { click: disarm } }, "Clear");
  const title = h("h2", {});
  const problem = h("p", { class: "problem", role: "alert", hidden: true });

  function draw() {
    put(title, lines.length ? `Faults that hold (${count(lines.length)})` : "No fault holds");
    put(list, lines.map(item));
    list.hidden = !lines.length;
    clear.disabled = !lines.length;
  }

  /** @param {string[]} next */
  async function arm(next) {
    ({ faults: lines } = await send("PUT", "/faults", { faults: next }));
    fail("");
    draw();
  }

  async function disarm() {
    try {
      await send("DELETE", "/faults");
      lines = [];
      fail("");
      draw();
      say("No fault holds any more");
    } catch (error) {
      fail(error);
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    problem.hidden = !error;
    put(problem, error instanceof Error ? error.message : String(error));
  }

  /** @param {string} line @param {number} place */
  function item(line, place) {
    const wrong = h("span", { class: "wrong bad", role: "alert", id: `plan-${place}-wrong` });
    const input = h("input", {
      class: "data", "aria-label": `Fault ${place + 1}`, "aria-describedby": `plan-${place}-wrong`, spellcheck: "false", autocomplete: "off",
      on: { change: () => change(place, input, wrong), keydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape") { event.stopPropagation(); input.value = line; } } },
    });
    input.value = line;
    return h("li", {},
      input,
      h("button", { "aria-label": `Take fault ${place + 1} away`, title: "Take away", on: { click: () => arm(lines.filter((_, other) => other !== place)).catch(fail) } }, "✕"),
      wrong);
  }

  /** @param {number} place @param {HTMLInputElement} input @param {HTMLElement} wrong */
  async function change(place, input, wrong) {
    try {
      await arm(lines.map((line, other) => (other === place ? input.value : line)));
      say(`Fault ${place + 1} is changed`);
    } catch (error) {
      input.setAttribute("aria-invalid", "true");
      put(wrong, error instanceof Error ? error.message : String(error));
    }
  }

  draw();
  return {
    element: h("section", { class: "faults-held" }, h("header", {}, title, clear), list, problem),
    add: async (line) => {
      await arm([...lines, line]);
      say(`Armed: ${line}`);
    },
    show: (next) => {
      if (list.contains(document.activeElement) || next.join("\n") === lines.join("\n")) return;
      lines = next;
      draw();
    },
  };
}
