// Tabs: arrows go from one to the next, and each one's content is made when it is first shown.

import { h, put } from "../core/dom.js";

let sets = 0;

/**
 * @param {string} label
 * @param {{name: string, title: string, show: (panel: HTMLElement) => void}[]} parts
 * @param {string} [first] the name of the one that is shown
 * @param {(name: string) => void} [chosen] is called when a person goes to another one
 * @returns {{elements: HTMLElement[], select: (name: string) => void, selected: () => string}}
 */
export function tabs(label, parts, first = parts[0].name, chosen = () => {}) {
  const prefix = `tabs-${(sets += 1)}-`;
  const shown = new Set();
  let current = "";
  const panels = new Map(parts.map(({ name }) => [name, h("div", {
    class: "tabpanel", role: "tabpanel", id: `${prefix}${name}-panel`, "aria-labelledby": prefix + name, tabindex: 0, hidden: true,
  })]));
  const buttons = new Map(parts.map(({ name, title }) => [name, h("button", {
    role: "tab", id: prefix + name, "aria-controls": `${prefix}${name}-panel`, on: { click: () => choose(name) },
  }, title)]));

  const panelOf = (/** @type {string} */ name) => /** @type {HTMLElement} */ (panels.get(name));

  /** @param {string} name */
  function select(name) {
    current = name;
    for (const [other, button] of buttons) {
      button.setAttribute("aria-selected", String(other === name));
      button.setAttribute("tabindex", other === name ? "0" : "-1");
      panelOf(other).hidden = other !== name;
    }
    if (shown.has(name)) return;
    shown.add(name);
    parts.find((part) => part.name === name)?.show(panelOf(name));
  }

  /** @param {string} name */
  function choose(name) {
    select(name);
    chosen(name);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const place = parts.findIndex((part) => part.name === current);
    choose(parts[(place + by + parts.length) % parts.length].name);
    buttons.get(current)?.focus();
  }

  select(first);
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label, on: { keydown: press } });
  put(list, [...buttons.values()]);
  return { elements: [list, ...panels.values()], select, selected: () => current };
}
