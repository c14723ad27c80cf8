// What an exchange is, on one line above its view: request, status, facts, and the ways to its neighbours.

import { h } from "../../core/dom.js";
import { count, duration, instant, size, tone } from "../../core/format.js";

import { openSend } from "../../components/send_dialog.js";

/** @import { ExchangeRow, ExchangeView } from "../../core/api_types.d.ts" */
/** @import { Context } from "../../main.js" */

/** What a narrow page can do without. */
const MINOR = new Set(["began", "heartbeats"]);

/** @param {ExchangeView} exchange @param {Context} context */
export function exchangeStrip(exchange, context) {
  const { row, request, response, how, message, losses, previous, next, curl } = exchange;
  return h(
    "div", { class: "strip exchange-strip" },
    h("span", { class: "group" }, step(previous, "‹", "Exchange before in its session ([)"), step(next, "›", "Next exchange in its session (])")),
    h("h1", { class: "data" }, request.method, " ", h("span", { title: request.url }, row.target)),
    h("span", { class: `tag ${tone(row.status)}` }, response ? `${response.status} ${response.reason}` : "no answer"),
    facts(row),
    how !== "complete" && h("span", { class: `tag ${how === "unfinished" ? "warn" : "bad"}` }, how === "unfinished" ? "open" : how, message && `: ${message}`),
    losses.map((loss) => h("span", { class: "tag warn", title: `${count(loss.records)} records, ${size(loss.bytes)}` }, `lost: ${loss.reason}`)),
    h("span", { class: "group push" },
      row.job && h("a", { class: "button", href: `#/job/${row.job}` }, "Job"),
      row.session && h("a", { class: "button", href: `#/session/${row.session}` }, "Session"),
      h("a", { class: "button", href: `#/diff/${row.id}` }, "Compare…"),
      h("button", { title: "Send the request again, as it is or edited", on: { click: () => openSend(exchange, context) } }, "Send again…"),
      copyButton("Copy as curl", curl)),
  );
}

/** @param {ExchangeRow} row */
function facts(row) {
  const all = [
    ["began", `${instant(row.began)} s`],
    ["first event", row.first_event === null ? "" : duration(row.first_event)],
    ["took", duration(row.duration)],
    ["events", row.kind === "stream" ? count(row.events) : ""],
    ["heartbeats", row.heartbeats ? count(row.heartbeats) : ""],
    ["size", size(row.bytes)],
  ];
  return h("dl", { class: "facts" }, all.filter(([, value]) => value).map(([name, value]) =>
    h("div", { class: MINOR.has(name) && "minor" }, h("dt", {}, name), h("dd", {}, value))));
}

/** @param {string | null} id @param {string} sign @param {string} title */
function step(id, sign, title) {
  return id ? h("a", { class: "button", href: `#/x/${id}`, title, "aria-label": title }, sign) : h("button", { disabled: true, "aria-label": title }, sign);
}

/** A button that puts a text on the clipboard, and says so. @param {string} title @param {string} text */
export function copyButton(title, text) {
  const button = h("button", { "aria-live": "polite", on: { click: copy } }, title);
  async function copy() {
    await navigator.clipboard.writeText(text).then(() => report("Copied"), () => report("The browser refused"));
  }
  /** @param {string} outcome */
  function report(outcome) {
    button.textContent = outcome;
    setTimeout(() => { button.textContent = title; }, 1500);
  }
  return button;
}
