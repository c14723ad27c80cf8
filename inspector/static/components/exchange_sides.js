// The two sides of an exchange: request and response, each its head and its body.

import { h } from "../core/dom.js";
import { contentView } from "./content.js";
import { head } from "./heads.js";

/** @import { BodyContent, ExchangeView } from "../core/api_types.d.ts" */

/** The head and the body of a request. @param {ExchangeView} exchange */
export function request({ request: { method, url, http, headers, body } }) {
  return [head(`${method} ${url} HTTP/${http}`, headers, "Request headers"), bodyOf(body, "Body of the request")];
}

/** The head and the body of a response. @param {ExchangeView} exchange */
export function response({ response: answer, how }) {
  if (!answer) return h("p", { class: "note" }, how === "unfinished" ? "No answer yet." : "There was no answer.");
  const { http, status, reason, headers, body } = answer;
  return [head(`HTTP/${http} ${status} ${reason}`, headers, "Response headers"), bodyOf(body, "Body of the response")];
}

/** @param {BodyContent} body @param {string} label */
function bodyOf(body, label) {
  return body.size ? contentView(body, { label }) : h("p", { class: "soft content" }, "No body.");
}
