// The two sides of an exchange: request and response, each its head and its body.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { contentView } from "./content.js";
import { head } from "./heads.js";

/** @import { BodyContent, ExchangeView } from "../core/api_types.d.ts" */

/** The head and the body of a request. @param {ExchangeView} exchange */
export function request({ row, request: { method, url, http, headers, body } }) {
  return [head(`${method} ${url} HTTP/${http}`, headers, "Request headers"), bodyOf(row.id, "request", headers, body)];
}

/** The head and the body of a response. @param {ExchangeView} exchange */
export function response({ row, response: answer, how }) {
  if (!answer) return h("p", { class: "note" }, how === "unfinished" ? "No answer yet." : "There was no answer.");
  const { http, status, reason, headers, body } = answer;
  return [head(`HTTP/${http} ${status} ${reason}`, headers, "Response headers"), bodyOf(row.id, "response", headers, body)];
}

/** @param {string} id of the exchange @param {"request" | "response"} side @param {[string, string][]} headers @param {BodyContent} body */
function bodyOf(id, side, headers, body) {
  if (!body.size) return h("p", { class: "soft content" }, "No body.");
  return contentView(body, { label: `Body of the ${side}`, type: mediaType(headers), whole: () => get(`exchange/${id}/body`, { side }) });
}

/** The media type that headers name, without its parameters (RFC 9110, 8.3.1). @param {[string, string][]} headers */
function mediaType(headers) {
  const value = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  return value.split(";")[0].trim().toLowerCase();
}
