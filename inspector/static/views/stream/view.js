// One exchange: a stream on its time line with a table of its events, or a plain request beside its answer.

import { get } from "../../core/api.js";
import { concerns, onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { bind } from "../../core/keys.js";
import { AnswerPane } from "./answer_pane.js";
import { request, response } from "../../components/exchange_sides.js";
import { exchangeStrip } from "./exchange_strip.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { StreamPane } from "./stream_pane.js";

/** @import { ExchangeView } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */

/**
 * @param {HTMLElement} root
 * @param {Parameters} parameters
 * @param {Context} context
 */
export async function show(root, { id }, context) {
  let exchange = await get(`exchange/${id}`);
  context.title(`${exchange.request.method} ${exchange.row.target}`);
  let strip = exchangeStrip(exchange, context);
  const pane = exchange.row.kind === "stream" ? new StreamPane(id, exchange, context) : null;
  let body = pane?.element ?? plain(exchange, await answered(id));
  put(root, strip, body);
  await pane?.start();

  const update = oneAtATime(async () => {
    const before = exchange;
    exchange = await get(`exchange/${id}`);
    if (before.row.kind !== "stream" && exchange.row.kind === "stream") return context.again(); // its head came while we watched
    strip.replaceWith((strip = exchangeStrip(exchange, context)));
    if (pane) return pane.update(exchange);
    if (sidesOf(exchange) === sidesOf(before)) return; // a person may have opened or selected something
    const next = plain(exchange, await answered(id));
    body.replaceWith(next);
    body = next;
  }, () => {});
  // The end is no reason to stop: the facts of the row, its session and its job are found after it.
  const unwatch = onChange((change) => {
    if (concerns(change, id)) update();
  });
  const unbind = bind([
    { keys: ["]"], help: "next exchange of its session", run: () => exchange.next && context.go(`/x/${exchange.next}`) },
    { keys: ["["], help: "exchange before in its session", run: () => exchange.previous && context.go(`/x/${exchange.previous}`) },
    { keys: ["s"], help: "its session", run: () => exchange.row.session && context.go(`/session/${exchange.row.session}`) },
    { keys: ["p"], help: "its job", run: () => exchange.row.job && context.go(`/job/${exchange.row.job}`) },
  ]);
  return () => {
    unwatch();
    unbind();
    pane?.close();
  };
}

/** The answer of an exchange, null where there is none. @param {string} id */
async function answered(id) {
  const { answer } = await get(`exchange/${id}/answer`);
  if (!answer) return null;
  const pane = new AnswerPane({ pick: () => {}, hover: () => {} });
  pane.set(answer);
  return pane.element;
}

/** What the two sides show, as a text to compare: facts that are found later change the strip alone. @param {ExchangeView} exchange */
function sidesOf(exchange) {
  return JSON.stringify([exchange.request, exchange.response, exchange.how]);
}

/** Request and response side by side, the answer first. @param {ExchangeView} exchange @param {HTMLElement | null} answer */
function plain(exchange, answer) {
  return h("div", { class: "sides" },
    h("section", { class: "side", "aria-labelledby": "request-title", tabindex: 0 }, h("h2", { id: "request-title" }, "Request"), request(exchange)),
    h("section", { class: "side", "aria-labelledby": "response-title", tabindex: 0 }, h("h2", { id: "response-title" }, "Response"), answer, response(exchange)));
}
