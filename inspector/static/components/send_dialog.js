// Sends a recorded request again, as it was or edited: to the replay, or to the chatbot where it was recorded.

import { ask, get, JSON_BODY } from "../core/api.js";
import { h, put } from "../core/dom.js";
import { size } from "../core/format.js";

/** @import { ExchangeView, RequestToSend, SentRequest } from "../core/api_types.d.ts" */
/** @import { Context } from "../main.js" */

/**
 * Opens the form; the view of what comes back follows when it is sent.
 * @param {ExchangeView} exchange
 * @param {Context} context
 */
export async function openSend(exchange, context) {
  const { request, row } = exchange;
  const body = request.body.truncated ? await get(`exchange/${row.id}/body`, { side: "request" }) : request.body;
  const isEditable = body.text !== null && !body.truncated;
  const live = originOf(request.url);
  const hasReplay = Boolean(context.overview().replay_url);
  const method = h("input", { id: "send-method", class: "data", size: 8, autocomplete: "off" });
  const target = h("input", { id: "send-target", class: "data", autocomplete: "off", spellcheck: "false" });
  const headers = h("textarea", { id: "send-headers", class: "data", rows: 6, spellcheck: "false" });
  const text = h("textarea", { id: "send-body", class: "data", rows: 10, spellcheck: "false", disabled: !isEditable });
  method.value = request.method;
  target.value = request.url.slice(live.length) || "/";
  headers.value = request.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  text.value = isEditable ? body.text ?? "" : "";
  const places = [
    hasReplay && place("replay", `the replay, ${context.overview().replay_url}`, true),
    live && place("live", `the live chatbot, ${live}`, !hasReplay),
  ];
  const sure = h("input", { type: "checkbox", id: "send-sure", on: { change: draw } });
  const sureLine = h("p", { hidden: true }, h("label", {}, sure, ` Yes: send this to ${live}, as a real request`));
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const button = h("button", { type: "submit" }, "Send");
  const form = h("form", { novalidate: true, on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); send(); }, change: draw } },
    h("fieldset", {}, h("legend", {}, "To"), places),
    h("div", { class: "line" }, h("label", { for: "send-method" }, "Method"), method, h("label", { for: "send-target" }, "Path"), target),
    h("label", { for: "send-headers" }, "Headers, one on each line"), headers,
    h("label", { for: "send-body" }, isEditable ? "Body" : `Body: ${size(body.size)} that are no text, sent as they were recorded`), text,
    h("p", { class: "soft" }, "Secrets were replaced when this was recorded: where the chatbot needs them, write yours. They are not kept."),
    sureLine, problem, button);
  const dialog = h("dialog", { class: "send", "aria-labelledby": "send-title", on: { close: () => dialog.remove() } },
    h("button", { class: "close", on: { click: () => dialog.close() } }, "Close"),
    h("h2", { id: "send-title" }, "Send again"),
    places.some(Boolean) ? form : h("p", { class: "note" }, "This request was recorded without its host, so that it can be sent nowhere."));

  /** @param {string} value @param {string} title @param {boolean} checked */
  function place(value, title, checked) {
    const choice = h("input", { type: "radio", name: "send-to", value });
    choice.checked = checked;
    return h("label", {}, choice, ` ${title}`);
  }

  function chosen() {
    return /** @type {RequestToSend["to"]} */ (/** @type {HTMLInputElement | null} */ (form.querySelector("input[name=send-to]:checked"))?.value ?? "replay");
  }

  function draw() {
    const isLive = chosen() === "live";
    sureLine.hidden = !isLive;
    button.disabled = isLive && !sure.checked;
  }

  async function send() {
    button.disabled = true;
    try {
      /** @type {RequestToSend} */
      const wanted = {
        of: row.id, to: chosen(), method: method.value, target: target.value, headers: headersOf(headers.value),
        ...(isEditable && text.value !== body.text ? { body: text.value } : {}),
      };
      const response = await ask("send", { method: "POST", body: JSON.stringify(wanted), headers: JSON_BODY });
      /** @type {SentRequest} */
      const { id } = await response.json();
      dialog.close();
      context.announce("The request is sent");
      context.go(`/x/${id}`);
    } catch (error) {
      problem.hidden = false;
      put(problem, error instanceof Error ? error.message : String(error));
      draw();
    }
  }

  draw();
  document.body.append(dialog);
  dialog.showModal();
}

/** The scheme and the host of a url, empty where it has none. @param {string} url */
function originOf(url) {
  return /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";
}

/** Headers that a person wrote, a name and a value on each line. @param {string} text @returns {[string, string][]} */
export function headersOf(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const colon = line.indexOf(":", line.startsWith(":") ? 1 : 0);
    return colon < 0 ? [line.trim(), ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}
