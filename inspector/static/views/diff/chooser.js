// Chooses an exchange by search: a field with a list of what the filter matches (the combobox of WAI-ARIA).

import { get } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { duration } from "../../core/format.js";

/** @import { ExchangeRow } from "../../core/api_types.d.ts" */

const MOST = 12; // exchanges that are offered
const PAUSE = 120; // milliseconds without a key
const AGAIN = 400; // milliseconds until a search is made again while the cassettes are still being summed up

let choosers = 0;

/**
 * @param {{label: string, id: string, choose: (id: string) => void}} options `id` is what is chosen now, or empty
 * @returns {{element: HTMLElement, focus: () => void}}
 */
export function chooser({ label, id, choose }) {
  const name = `chooser-${(choosers += 1)}`;
  const list = h("ul", { role: "listbox", id: `${name}-list`, "aria-label": label, hidden: true });
  const input = h("input", {
    class: "data", id: name, role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${name}-list`,
    autocomplete: "off", spellcheck: "false", placeholder: "search, as in kind:stream path:/api/*",
    on: { input: later, focus: search, blur: close, keydown: press },
  });
  /** @type {ExchangeRow[]} */
  let rows = [];
  let active = -1;
  let timer = 0;
  let turn = 0;
  let current = "";

  async function showCurrent() {
    if (!id) return;
    const { row } = await get(`exchange/${id}`);
    current = described(row);
    if (document.activeElement !== input) input.value = current;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  }

  async function search() {
    const mine = (turn += 1);
    const words = input.value === current ? "" : input.value;
    try {
      const page = await get("exchanges", { filter: words, limit: MOST });
      if (mine !== turn) return;
      offer(page.rows, "no exchange is like this");
      if (!page.summed || page.searched < 100) timer = setTimeout(search, AGAIN);
    } catch (error) {
      if (mine === turn) offer([], error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {ExchangeRow[]} found @param {string} otherwise */
  function offer(found, otherwise) {
    if (document.activeElement !== input) return;
    const chosen = rows[active]?.id;
    rows = found;
    active = rows.length ? Math.max(0, rows.findIndex((row) => row.id === chosen)) : -1;
    put(list, rows.length ? rows.map(option) : h("li", { class: "soft", role: "option", "aria-disabled": "true" }, otherwise));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    point();
  }

  /** @param {ExchangeRow} row @param {number} place */
  function option(row, place) {
    return h("li", { role: "option", id: `${name}-${place}`, on: { mousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(place); } } }, described(row));
  }

  function point() {
    for (const [place, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(place === active));
    if (active >= 0) input.setAttribute("aria-activedescendant", `${name}-${active}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    turn += 1;
    clearTimeout(timer);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = current;
  }

  /** @param {number} place */
  function take(place) {
    if (rows[place]) choose(rows[place].id);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => { active = Math.min(rows.length - 1, active + 1); point(); },
      ArrowUp: () => { active = Math.max(0, active - 1); point(); },
      Enter: () => take(active),
      Escape: () => { close(); input.blur(); },
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  showCurrent().catch(() => { input.value = id; });
  return {
    element: h("div", { class: "chooser" }, h("label", { for: name }, label), input, list),
    focus: () => input.focus(),
  };
}

/** @param {ExchangeRow} row */
function described(row) {
  return `${row.id}  ${row.method} ${row.target}  ${row.status ?? "no answer"}  ${row.kind}  ${duration(row.duration)}`.slice(0, 200);
}
