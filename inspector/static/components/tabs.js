// Tabs: arrows go from one to the next, and each one's content is made when it is first shown.

import { h, put } from "../core/dom.js";

let sets = 0;

/**
 * @param {string} label
 * @param {{name: string, title: string, show: (panel: HTMLElement) => void}[]} tabs
 * @param {string} [first] the name of the one that is shown
 * @returns {{elements: HTMLElement[], select: (name: string) => void, selected: () => string}}
 */
export function tabs(label, tabs, first = tabs[0].name) {
  const prefix = `tabs-${(sets += 1)}-`;
  const shown = new Set();
  let current = "";
  const panels = new Map(tabs.map(({ name }) => [name, h("div", {
    class: "tabpanel", role: "tabpanel", id: `${prefix}${name}-panel`, "aria-labelledby": prefix + name, tabindex: 0, hidden: true,
  })]));
  const buttons = new Map(tabs.map(({ name, title }) => [name, h("button", {
    role: "tab", id: prefix + name, "aria-controls": `${prefix}${name}-panel`, on: { click: () => select(name) },
  }, title)]));

  /** @param {string} name */
  function select(name) {
    current = name;
    for (const [other, button] of buttons) {
      button.setAttribute("aria-selected", String(other === name));
      button.setAttribute("tabindex", other === name ? "0" : "-1");
      panels.get(other).hidden = other !== name;
    }
    if (shown.has(name)) return;
    shown.add(name);
    tabs.find((tab) => tab.name === name)?.show(panels.get(name));
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const place = tabs.findIndex((tab) => tab.name === current);
    select(tabs[(place + by + tabs.length) % tabs.length].name);
    buttons.get(current).focus();
  }

  select(first);
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label, on: { keydown: press } });
  put(list, [...buttons.values()]);
  return { elements: [list, ...panels.values()], select, selected: () => current };
}
