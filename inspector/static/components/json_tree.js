// JSON that can be folded: a branch is built when it is opened, so that a large document costs what is seen of it.

import { h, link, put } from "../core/dom.js";
import { count, plural } from "../core/format.js";

const GROUP = 100; // children of a branch that are built at once
const LONG = 1500; // characters of a text that are shown at first
const OPEN = 2; // levels that are open at first, where they are small
const SMALL = 30; // children

/** A number that JavaScript would round, as it was written. */
class Numeral {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** The value of a JSON text, its numbers unrounded. Raises SyntaxError. @param {string} text */
export function parse(text) {
  /** @param {string} _key @param {any} value @param {{source?: string}} [context] what the newest browsers give: a number as it was written */
  function keepDigits(_key, value, context) {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? new Numeral(source) : value;
  }
  return JSON.parse(text, /** @type {(key: string, value: any) => any} */ (keepDigits));
}

/**
 * A tree of the value: arrows open, close and move, Home and End go to its ends.
 * @param {any} value
 * @param {string} label
 * @param {any} [other]  a value that this one is compared with: where both differ, the tree is open, and marked
 */
export function tree(value, label, other) {
  const root = h("div", { class: "json data", role: "tree", "aria-label": label, on: { keydown: press, click } });
  put(root, item("", value, 1, other));
  root.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
  return root;
}

/** @param {string} name @param {any} value @param {number} level @param {any} other what it is compared with, undefined for nothing */
function item(name, value, level, other) {
  const children = isBranch(value) ? Object.entries(value) : [];
  const key = name !== "" && h("span", { class: "json-key" }, name, ": ");
  const differs = other !== undefined && !isSame(value, other);
  const mark = differs ? " json-differs" : "";
  if (!children.length) return h("div", { role: "treeitem", tabindex: -1, "aria-level": level, class: `json-leaf${mark}` }, key, leaf(value));
  const node = h(
    "div",
    { role: "treeitem", tabindex: -1, "aria-level": level, "aria-expanded": "false", class: "json-branch" },
    h("span", { class: "json-line" }, key, h("span", { class: "json-sum" }, sum(value, children.length))),
  );
  const build = () => h("div", { role: "group" }, some(children, 0, Array.isArray(value), level + 1, differs ? other : undefined));
  builders.set(node, build);
  if ((level <= OPEN || differs) && children.length <= SMALL) unfold(node);
  return node;
}

/** @type {WeakMap<Element, () => Element>} */
const builders = new WeakMap();

/**
 * A part of the children and, where more remain, the way to them.
 * @param {[string, any][]} children @param {number} since @param {boolean} isList @param {number} level
 * @param {any} other  what their parent is compared with
 * @returns {HTMLElement[]}
 */
function some(children, since, isList, level, other) {
  const shown = children.slice(since, since + GROUP).map(([name, value]) => item(name, value, level, isBranch(other) ? other[name] ?? null : undefined));
  const rest = children.length - since - GROUP;
  if (rest <= 0) return shown;
  const more = h("div", { role: "treeitem", tabindex: -1, "aria-level": level, class: "json-more" }, `${count(rest)} more…`);
  openers.set(more, () => {
    const next = some(children, since + GROUP, isList, level, other);
    more.replaceWith(...next);
    focus(next[0]);
  });
  return [...shown, more];
}

/** @type {WeakMap<Element, () => void>} */
const openers = new WeakMap();

/** @param {any} value */
function leaf(value) {
  if (value instanceof Numeral) return h("span", { class: "json-number" }, value.text);
  if (typeof value === "string") return quotedText(value);
  if (isBranch(value)) return h("span", { class: "json-sum" }, Array.isArray(value) ? "[]" : "{}");
  return h("span", { class: `json-${value === null ? "null" : typeof value}` }, String(value));
}

/** @param {string} value */
function quotedText(value) {
  if (/^https:\/\/\S+$/i.test(value)) return h("span", { class: "json-string" }, "\"", link(value), "\"");
  const quoted = JSON.stringify(value);
  if (quoted.length <= LONG) return h("span", { class: "json-string" }, quoted);
  const shown = h("span", { class: "json-string" }, quoted.slice(0, LONG), "…");
  const rest = h("button", { class: "json-rest", on: { click: () => { put(shown, quoted); rest.remove(); } } },
    `all ${count(value.length)} characters`);
  return [shown, " ", rest];
}

/** @param {any} value @param {number} children */
function sum(value, children) {
  return Array.isArray(value) ? `[ ${plural(children, "item")} ]` : `{ ${plural(children, "field")} }`;
}

/** Whether two values are the same, as far as a person would look. @param {any} one @param {any} other */
function isSame(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** @param {any} value */
function isBranch(value) {
  return typeof value === "object" && value !== null && !(value instanceof Numeral);
}

/** @param {Element} node */
function unfold(node) {
  const build = builders.get(node);
  if (!build) return;
  if (!node.querySelector(":scope > [role=group]")) node.append(build());
  node.setAttribute("aria-expanded", "true");
}

/** @param {Element} node */
function fold(node) {
  node.setAttribute("aria-expanded", "false");
}

/** @param {Element} node */
function toggle(node) {
  const opener = openers.get(node);
  if (opener) opener();
  else if (node.getAttribute("aria-expanded") === "true") fold(node);
  else unfold(node);
}

/** @param {MouseEvent} event */
function click(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("a, button")) return;
  const node = target.closest("[role=treeitem]");
  if (!node) return;
  focus(node);
  if (target.closest(".json-line, .json-more")) toggle(node);
}

/** @param {KeyboardEvent} event */
function press(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.getAttribute("role") !== "treeitem" || event.ctrlKey || event.metaKey || event.altKey) return;
  const open = target.getAttribute("aria-expanded");
  /** @type {{[key: string]: () => void}} */
  const keys = {
    ArrowDown: () => step(target, 1), ArrowUp: () => step(target, -1),
    ArrowRight: () => (open === "false" ? unfold(target) : step(target, 1)),
    ArrowLeft: () => (open === "true" ? fold(target) : focus(target.parentElement?.closest("[role=treeitem]"))),
    Enter: () => toggle(target), " ": () => toggle(target),
    Home: () => focus(visible(target)[0]), End: () => focus(visible(target).at(-1)),
  };
  const run = keys[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

/** @param {Element} node @param {number} by */
function step(node, by) {
  const all = visible(node);
  focus(all[all.indexOf(node) + by]);
}

/** The nodes of its tree that no folded branch hides. @param {Element} node */
function visible(node) {
  const all = [...(node.closest("[role=tree]")?.querySelectorAll("[role=treeitem]") ?? [])];
  return all.filter((one) => !one.parentElement?.closest("[aria-expanded=false]"));
}

/** @param {Element | null | undefined} node */
function focus(node) {
  if (!(node instanceof HTMLElement)) return;
  node.closest("[role=tree]")?.querySelector("[role=treeitem][tabindex='0']")?.setAttribute("tabindex", "-1");
  node.setAttribute("tabindex", "0");
  node.focus();
}
