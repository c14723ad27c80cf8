// Single keys and what they do: views bind theirs while they are shown; `?` lists what is bound.

import { h, put } from "./dom.js";

const SETTING = "chatreel.single-keys";

/**
 * @typedef {{keys: string[], help: string, run: (event: KeyboardEvent) => void}} Binding  `keys` as in KeyboardEvent.key
 */

/** @type {Binding[]} */
const bindings = [];

/**
 * Binds keys until the function that comes back is called. A later binding of a key goes before an earlier one.
 * @param {Binding[]} more
 * @returns {() => void}
 */
export function bind(more) {
  bindings.push(...more);
  return () => {
    for (const binding of more) bindings.splice(bindings.indexOf(binding), 1);
  };
}

/** @typedef {{title: string, lines: [string, string][]}} Section  a sign or a word, and what it means */

/** @type {Section[]} */
const sections = [];

/**
 * Adds a section to the help until the function that comes back is called.
 * @param {Section} section
 * @returns {() => void}
 */
export function explain(section) {
  sections.push(section);
  return () => sections.splice(sections.indexOf(section), 1);
}

/** Starts to listen. */
export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) || isPress(event) || document.querySelector("dialog[open]")) return;
    if (isCharacter(event.key) && !areOn()) return;
    const binding = bindings.findLast((one) => one.keys.includes(event.key));
    if (!binding) return;
    event.preventDefault();
    binding.run(event);
  });
}

/** Shows what can be pressed now. */
export function help() {
  const choice = h("input", { type: "checkbox", on: { change: () => turn(choice.checked) } });
  choice.checked = areOn();
  const dialog = h("dialog", { "aria-labelledby": "keys-title", on: { close: () => dialog.remove() } });
  put(
    dialog,
    h("button", { class: "close", on: { click: () => dialog.close() } }, "Close"),
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", { class: "keys" }, listed().map(({ keys, help: text }) => h("div", {},
      h("dt", {}, keys.map((key, index) => [index > 0 && " ", h("kbd", {}, label(key))])),
      h("dd", {}, text)))),
    h("label", {}, choice, " Keys of a single letter or sign are on"),
    sections.map(({ title, lines }) => [
      h("h2", {}, title),
      h("dl", { class: "words" }, lines.map(([word, meaning]) => [h("dt", {}, h("code", {}, word)), h("dd", {}, meaning)])),
    ]),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Each key once, with what it does now, but those whose help is empty. @returns {Binding[]} */
function listed() {
  const taken = new Set();
  return bindings.toReversed().flatMap((binding) => {
    const keys = binding.keys.filter((key) => !taken.has(key));
    keys.forEach((key) => taken.add(key));
    return keys.length && binding.help ? [{ ...binding, keys }] : [];
  }).toReversed();
}

/** @param {string} key */
function label(key) {
  /** @type {Record<string, string>} */
  const names = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", " ": "Space" };
  return names[key] ?? key;
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = /** @type {Element} */ (event.target);
  return target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]") && event.key !== "Escape";
}

/** Whether the key presses what has the focus. @param {KeyboardEvent} event */
function isPress(event) {
  return (event.key === "Enter" || event.key === " ") && /** @type {Element} */ (event.target).matches("a, button, input, select, summary");
}

/** @param {string} key */
function isCharacter(key) {
  return key.length === 1;
}

function areOn() {
  return localStorage.getItem(SETTING) !== "off";
}

/** @param {boolean} on */
function turn(on) {
  localStorage.setItem(SETTING, on ? "on" : "off");
}
