// Arms a fault of the running replay where an event is: cut there, or stall there.

import { get, replace } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { plural } from "../../core/format.js";

/** @import { ExchangeView, ShownMoment } from "../../core/api_types.d.ts" */
/** @import { Context } from "../../main.js" */

/** @type {[string, string, string][]} The fault, what the button says, and what it does. */
const FAULTS = [
  ["truncate", "Cut here", "The replay closes the connection behind this event"],
  ["stall", "Stall here", "The replay sends nothing any more behind this event, and keeps the connection open"],
];

/**
 * Buttons for an event; nothing where no replay runs, or the moment is the end.
 * @param {ExchangeView} exchange
 * @param {ShownMoment[]} moments  of its answer
 * @param {ShownMoment} moment
 * @param {Context} context
 */
export function armHere(exchange, moments, moment, context) {
  if (!context.overview().replay_url || moment.what === "end" || moment.what === "chunk") return null;
  const events = moments.filter((one) => one.what === "event" && one.n <= moment.n).length;
  return h("p", { class: "group arm" }, FAULTS.map(([name, title, meaning]) =>
    h("button", { title: `${meaning}, from the next request on`, on: { click: () => arm(lineOf(name, events, exchange), context) } }, title)));
}

/** A fault as a line of the plan. @param {string} name @param {number} events that come before it @param {ExchangeView} exchange */
export function lineOf(name, events, { row }) {
  const path = row.target.split("?")[0];
  return `${name} after-events=${events} path=${/[\s"'\\]/.test(path) ? JSON.stringify(path) : path}`;
}

/** @param {string} line @param {Context} context */
async function arm(line, context) {
  try {
    const { faults } = await get("/faults");
    const { faults: held } = await replace("/faults", { faults: [...faults, line] });
    context.announce(`Armed: ${line}`);
    context.note(`Armed: ${line}`, `${plural(held.length, "fault holds", "faults hold")}; see Replay`, "/replay");
  } catch (error) {
    context.note(error instanceof Error ? error.message : String(error), "Nothing is armed", "/replay");
  }
}
