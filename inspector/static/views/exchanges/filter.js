// The field of a filter that works as one types, and says what it did not understand.

import { h, put } from "../../core/dom.js";

const PAUSE = 150; // milliseconds without a key until the filter is tried

/**
 * @param {{value: string, label: string, placeholder: string, words: [string, string][],
 *   change: (text: string) => Promise<string>}} options  `change` resolves to an explanation, empty when all is well;
 *   `words` are buttons that put a word into the filter and take it out again, each with its title
 * @returns {{element: HTMLElement, focus: () => void, set: (text: string) => void, toggle: (word: string) => void}}
 */
export function filter({ value, label, placeholder, words, change }) {
  const problem = h("span", { class: "filter-problem", id: "filter-problem", role: "alert" });
  const chips = words.map(([word, title]) => h("button", { on: { click: () => toggle(word) }, data: { word } }, title));
  const input = h("input", {
    type: "search", class: "filter data", placeholder, "aria-label": label, spellcheck: "false",
    autocomplete: "off", "aria-describedby": "filter-problem", on: { input: later, keydown: press },
  });
  input.value = value;
  let timer = 0;
  let turn = 0;

  function later() {
    clearTimeout(timer);
    timer = setTimeout(attempt, PAUSE);
  }

  async function attempt() {
    const mine = (turn += 1);
    drawChips();
    const explanation = await change(input.value.trim());
    if (mine !== turn) return;
    put(problem, explanation);
    if (explanation) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (!input.value) return input.blur();
    input.value = "";
    clearTimeout(timer);
    attempt();
  }

  function drawChips() {
    const given = split(input.value);
    for (const chip of chips) chip.setAttribute("aria-pressed", String(given.includes(chip.dataset.word ?? "")));
  }

  /** @param {string} text */
  function set(text) {
    input.value = text;
    clearTimeout(timer);
    attempt();
  }

  /** @param {string} word */
  function toggle(word) {
    set(toggled(input.value, word));
  }

  drawChips();
  return {
    element: h("div", { class: "filter-field" }, input, h("div", { class: "group chips", role: "group", "aria-label": "Often wanted" }, chips), problem),
    focus: () => { input.focus(); input.select(); },
    set,
    toggle,
  };
}

/** @param {string} text */
function split(text) {
  return text.split(/\s+/).filter(Boolean);
}

/** The filter with the word or without it; of words with the same key there is one. @param {string} text @param {string} word */
function toggled(text, word) {
  const given = split(text);
  if (given.includes(word)) return given.filter((one) => one !== word).join(" ");
  const key = word.slice(0, word.indexOf(":") + 1);
  return [...given.filter((one) => !one.startsWith(key)), word].join(" ");
}
