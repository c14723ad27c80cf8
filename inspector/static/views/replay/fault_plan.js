// The faults that hold, in their order, as lines; each can be changed and taken away.

import { ask, get, replace } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { count } from "../../core/format.js";

/**
 * @param {string[]} lines
 * @param {(text: string) => void} announce
 * @returns {{element: HTMLElement, add: (line: string) => Promise<void>, refresh: () => Promise<void>}} `refresh` asks what holds, since other clients of the server can set it too
 */
export function faultPlan(lines, announce) {
  let changes = 0; // of ours, begun and done: an answer from before one is old
  const list = h("ol", { class: "plan" });
  const clear = h("button", { on: { click: disarm } }, "Clear");
  const title = h("h2", {});
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  /** @type {{line: string, element: HTMLElement}[]} */
  let items = [];

  function draw() {
    put(title, lines.length ? `Faults that hold (${count(lines.length)})` : "No fault holds");
    // The item of a line that is as it was stays, since a person may be writing in it.
    items = lines.map((line, place) => (items[place]?.line === line ? items[place] : { line, element: item(line, place) }));
    for (const old of [...list.children].filter((one) => !items.some(({ element }) => element === one))) old.remove();
    items.forEach(({ element }, place) => { if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null); });
    list.hidden = !lines.length;
    clear.disabled = !lines.length;
  }

  /** @param {string[]} next */
  async function arm(next) {
    changes += 1;
    ({ faults: lines } = await replace("/faults", { faults: next }));
    changes += 1;
    fail("");
    draw();
  }

  async function disarm() {
    try {
      changes += 1;
      await ask("/faults", { method: "DELETE" });
      changes += 1;
      lines = [];
      fail("");
      draw();
      announce("No fault holds any more");
    } catch (error) {
      fail(error);
    }
  }

  async function refresh() {
    const before = changes;
    const { faults } = await get("/faults");
    const isOld = before !== changes || list.contains(document.activeElement);
    if (isOld || faults.join("\n") === lines.join("\n")) return;
    lines = faults;
    draw();
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
      on: { change: () => change(place, input, wrong), keydown: undo },
    });
    input.value = line;

    /** @param {KeyboardEvent} event */
    function undo(event) {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      input.value = line;
      input.removeAttribute("aria-invalid");
      put(wrong);
    }

    return h("li", {},
      input,
      h("button", { "aria-label": `Take fault ${place + 1} away`, title: "Take away", on: { click: () => remove(place) } }, "✕"),
      wrong);
  }

  /** @param {number} place */
  async function remove(place) {
    try {
      await arm(lines.filter((_, other) => other !== place));
      element.focus(); // its button is gone
    } catch (error) {
      fail(error);
    }
  }

  /** @param {number} place @param {HTMLInputElement} input @param {HTMLElement} wrong */
  async function change(place, input, wrong) {
    try {
      await arm(lines.map((line, other) => (other === place ? input.value : line)));
      announce(`Fault ${place + 1} is changed`);
    } catch (error) {
      input.setAttribute("aria-invalid", "true");
      put(wrong, error instanceof Error ? error.message : String(error));
    }
  }

  const element = h("section", { class: "faults-held", tabindex: -1, "aria-label": "Faults that hold" }, h("header", {}, title, clear), list, problem);
  draw();
  return {
    element,
    add: async (line) => {
      await arm([...lines, line]);
      announce(`Armed: ${line}`);
    },
    refresh,
  };
}
