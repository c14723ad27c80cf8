// What the page asks its server: answers in JSON, and one stream of changes.

/** @import { Answer } from "./api_types.d.ts" */

const ROOT = "/inspect/api/";
const TOKEN = "chatreel.token";

/** The headers of a request with JSON. */
export const JSON_BODY = { "Content-Type": "application/json" };

/** An answer that is a refusal; the message is the server's own. */
export class ApiError extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Takes the token out of `#token=...`, so that it is in no bookmark, and keeps it for this tab. */
export function takeToken() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match) return;
  sessionStorage.setItem(TOKEN, decodeURIComponent(match[1]));
  history.replaceState(null, "", "#/");
}

/**
 * Asks the inspector (`overview`) or, with a leading slash, the replay's own API (`/speed`). Raises ApiError.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function ask(path, options = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(path.startsWith("/") ? path : ROOT + path, { ...options, headers });
  if (!response.ok) throw new ApiError(await explanation(response), response.status);
  return response;
}

/**
 * Gets the JSON at a path, whose type follows from the path. Raises ApiError.
 * @template {string} Path
 * @param {Path} path
 * @param {{[name: string]: string | number | null | undefined}} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer<Path>>}
 */
export async function get(path, query = {}, signal) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return (await ask(search.size ? `${path}?${search}` : path, { signal })).json();
}

/**
 * Puts JSON at a path; gives what holds from now on. Raises ApiError.
 * @template {string} Path
 * @param {Path} path
 * @param {object} body
 * @returns {Promise<Answer<Path>>}
 */
export async function replace(path, body) {
  return (await ask(path, { method: "PUT", body: JSON.stringify(body), headers: JSON_BODY })).json();
}

/** @param {Response} response */
async function explanation(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || `${response.status} ${response.statusText}`;
  }
}
