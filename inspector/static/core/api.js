// What the page asks its server: answers in JSON, and one stream of changes.

const ROOT = "/inspect/api/";
const TOKEN = "chatreel.token";

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
 * The JSON at a path.
 * @param {string} path
 * @param {{[name: string]: string | number | null | undefined}} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, query = {}, signal) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return (await ask(search.size ? `${path}?${search}` : path, { signal })).json();
}

/**
 * Sends JSON; gives the JSON that comes back, or null for an empty answer.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 */
export async function send(method, path, body) {
  const options = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const text = await (await ask(path, { method, ...options })).text();
  return text ? JSON.parse(text) : null;
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
