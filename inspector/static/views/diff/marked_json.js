// A document as lines, each with the JSON pointer (RFC 6901) of what it shows, so that what differs can be marked.

import { h } from "../../core/dom.js";

/**
 * @typedef {{pointer: string, depth: number, text: string}} Line
 */

const MOST_LINES = 2000;

/**
 * The lines of a text: of its JSON when it is JSON, else its own.
 * @param {string} text
 * @returns {Line[]}
 */
export function lines(text) {
  /** @type {Line[]} */
  const found = [];
  try {
    walk(JSON.parse(text), "", 0, "", "", found);
  } catch {
    return text.split("\n").slice(0, MOST_LINES).map((line) => ({ pointer: "", depth: 0, text: line }));
  }
  return found;
}

/** @param {any} value @param {string} pointer @param {number} depth @param {string} name @param {string} comma @param {Line[]} found */
function walk(value, pointer, depth, name, comma, found) {
  if (found.length >= MOST_LINES) return;
  const items = value !== null && typeof value === "object" ? Object.entries(value) : [];
  if (!items.length) {
    found.push({ pointer, depth, text: `${name}${JSON.stringify(value)}${comma}` });
    return;
  }
  const isList = Array.isArray(value);
  found.push({ pointer, depth, text: `${name}${isList ? "[" : "{"}` });
  items.forEach(([key, item], index) => {
    const step = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    walk(item, step, depth + 1, isList ? "" : `${JSON.stringify(key)}: `, index < items.length - 1 ? "," : "", found);
  });
  found.push({ pointer, depth, text: `${isList ? "]" : "}"}${comma}` });
}

/**
 * A document, the lines at or below these pointers marked.
 * @param {string} text
 * @param {string[]} pointers
 */
export function markedJson(text, pointers) {
  const concerns = (/** @type {Line} */ line) =>
    pointers.some((pointer) => pointer !== "" && (line.pointer === pointer || line.pointer.startsWith(`${pointer}/`)));
  return h("pre", { class: "document", tabindex: 0 }, lines(text).map((line) => {
    const shown = `${"  ".repeat(line.depth)}${line.text}\n`;
    return concerns(line) ? h("mark", {}, shown) : shown;
  }));
}
