// What is in an exchange, beside the list: its events, its request and its response, without leaving the list.

import { get } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { brief, count, duration, instant, plural, size, tone } from "../../core/format.js";
import { request, response } from "../../components/exchange_sides.js";
import { tabs } from "../../components/tabs.js";

/** @import { ExchangeView, MomentsPage } from "../../core/api_types.d.ts" */

const MOST = 200; // moments that are shown; the view of the exchange has all

export class Preview {
  /** @param {{close: () => void}} options `close` is called when a person closes it */
  constructor({ close }) {
    this.id = "";
    this.part = "";
    this.shown = "";
    this.asking = new AbortController();
    this.head = h("div", { class: "preview-head" });
    this.body = h("div", { class: "preview-body" });
    this.element = h("section", { class: "preview", "aria-label": "Preview", hidden: true },
      h("div", { class: "preview-bar" }, this.head, h("button", { "aria-label": "Close the preview", title: "Close the preview (v)", on: { click: close } }, "✕")),
      this.body);
  }

  /** Whether it is on the page. */
  get open() {
    return !this.element.hidden;
  }

  close() {
    this.asking.abort();
    this.element.hidden = true;
    this.shown = "";
  }

  /** Shows an exchange; one that is shown already is asked for again. @param {string} id */
  async show(id) {
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    this.element.hidden = false;
    this.id = id;
    try {
      const exchange = await get(`exchange/${id}`, {}, asking.signal);
      const moments = exchange.row.kind === "stream" ? await get(`exchange/${id}/moments`, { limit: MOST }, asking.signal) : null;
      if (!asking.signal.aborted) this.draw(exchange, moments);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.shown = "";
      put(this.head);
      put(this.body, h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error)));
    }
  }

  /** @param {ExchangeView} exchange @param {MomentsPage | null} moments */
  draw(exchange, moments) {
    const now = JSON.stringify([exchange, moments]);
    if (now === this.shown) return; // a person may have opened or selected something
    this.shown = now;
    const { row } = exchange;
    put(this.head,
      h("a", { class: "button", href: `#/x/${row.id}`, title: "Open it (Enter, or a double click)" }, "Open"),
      h("h2", { class: "data", title: exchange.request.url }, `${row.method} ${row.target}`),
      h("span", { class: `tag ${tone(row.status)}` }, row.status ?? "no answer"),
      h("span", { class: "soft" }, [duration(row.duration), size(row.bytes), row.kind === "stream" && plural(row.events, "event")].filter(Boolean).join(" · ")));
    const parts = [
      ...(moments ? [{ name: "events", title: "Events", show: (/** @type {HTMLElement} */ panel) => put(panel, list(moments)) }] : []),
      { name: "response", title: "Response", show: (/** @type {HTMLElement} */ panel) => put(panel, response(exchange)) },
      { name: "request", title: "Request", show: (/** @type {HTMLElement} */ panel) => put(panel, request(exchange)) },
    ];
    const first = parts.find((part) => part.name === this.part)?.name;
    const made = tabs("Parts of the exchange", parts.map((part) => ({ ...part, show: (panel) => part.show(panel) })), first, (name) => { this.part = name; });
    put(this.body, made.elements);
  }
}

/** @param {MomentsPage} page */
function list({ moments, count: all }) {
  return [
    h("table", { class: "plain data preview-events" },
      h("thead", {}, h("tr", {}, ["At, s", "Event", "Data"].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, moments.map((moment) => h("tr", {},
        h("td", {}, instant(moment.at)),
        h("td", {}, moment.what === "event" ? moment.name : h("em", {}, moment.what)),
        h("td", {}, brief(moment.what === "event" ? moment.data || moment.comments.join(" ") : moment.name, 160)))))),
    all > moments.length && h("p", { class: "soft content" }, `${count(all - moments.length)} more are in the exchange itself.`),
  ];
}
