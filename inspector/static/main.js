// The shell: the bar on top, and the view that the address names.

import { ask, get, JSON_BODY, takeToken } from "./core/api.js";
import { follow, gather, onChange } from "./core/changes.js";
import { h, put } from "./core/dom.js";
import { count, plural } from "./core/format.js";
import { bind, help, listen } from "./core/keys.js";

/** @import { Child } from "./core/dom.js" */
/** @import { Overview, RecordingState } from "./core/api_types.d.ts" */

/**
 * @typedef {object} Context  What a view is given besides its place and its parameters.
 * @property {() => Overview} overview  what the server knows of its files, as it was asked last
 * @property {(text: string) => void} title  names the page
 * @property {(text: string) => void} announce  has a screen reader read a text
 * @property {(route: string) => void} go  shows another view, for example "/x/0.17"
 * @property {() => void} again  shows this view anew
 * @property {(text: string, more: string, route: string) => void} note  shows for a while what happened, with a link to more of it
 */

/**
 * @typedef {object} Parameters  What the address says beside the name of the view: the groups of its route, and its query.
 * @property {string} id
 * @property {string} [left]
 * @property {string} [right]
 * @property {URLSearchParams} query
 */

/** @type {[RegExp, string][]} The address after the #, and the view's module; groups are the view's parameters. */
const ROUTES = [
  [/^\/$/, "exchanges"],
  [/^\/x\/(?<id>[\d.]+)$/, "stream"],
  [/^\/job\/(?<id>[\d.]+)$/, "job"],
  [/^\/sessions$/, "sessions"],
  [/^\/session\/(?<id>[\d.]+)$/, "session"],
  [/^\/diff(?:\/(?<left>[\d.]+|-)(?:\/(?<right>[\d.]+|-))?)?$/, "diff"],
  [/^\/replay$/, "replay"],
];

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const bar = /** @type {HTMLElement} */ (document.getElementById("bar"));
const NOTE = 8000; // milliseconds that a note is shown
const notes = /** @type {HTMLElement} */ (document.getElementById("notes"));
const spoken = /** @type {HTMLElement} */ (document.getElementById("spoken"));
const dot = h("span", { class: "live" }, "connecting");
const parts = {
  nav: h("nav", { "aria-label": "Views" }),
  files: h("span", { class: "files" }),
  recording: h("span", { class: "recording" }),
};

/** @type {Overview} */
let overview = { version: 0, files: [], replay_url: "", recording: null, token_needed: false };
/** @type {() => void} */
let leave = () => {};
let turn = 0;
let noteTimer = 0;

/** @type {Context} */
const context = {
  overview: () => overview,
  title: (text) => { document.title = text ? `${text} · Chatreel` : "Chatreel"; },
  announce: (text) => put(spoken, text),
  go: (route) => { location.hash = `#${route}`; },
  again: () => showRoute(),
  note: (text, more, route) => {
    put(notes, h("span", {}, text), more && [" ", h("a", { href: `#${route}` }, more)]);
    notes.hidden = false;
    clearTimeout(noteTimer);
    noteTimer = setTimeout(() => { notes.hidden = true; }, NOTE);
  },
};

/** The view and its parameters that an address names; null when there is none. @param {string} hash */
function routed(hash) {
  const [path, search = ""] = hash.replace(/^#/, "").split("?", 2);
  for (const [pattern, view] of ROUTES) {
    const match = pattern.exec(path || "/");
    if (match) return { view, parameters: /** @type {Parameters} */ ({ ...match.groups, query: new URLSearchParams(search) }) };
  }
  return null;
}

async function showRoute() {
  const mine = ++turn;
  leave();
  leave = () => {};
  const root = h("div", { class: "view" });
  const route = routed(location.hash);
  put(main, root);
  drawBar(route?.view ?? "");
  context.title("");
  if (!route) {
    put(root, h("h1", { class: "unseen" }, "Not here"), h("p", { class: "problem" }, "There is no such page: ", location.hash));
    return;
  }
  const release = gather();
  try {
    const view = await import(`./views/${route.view}/view.js`);
    const cleanup = await view.show(root, route.parameters, context);
    if (mine === turn && document.activeElement === document.body) main.focus({ preventScroll: true });
    if (mine === turn) leave = cleanup ?? leave;
    else cleanup?.(); // the person was faster: another view is shown already
  } catch (error) {
    if (mine !== turn) return;
    put(root, h("h1", { class: "unseen" }, "Not here"),
      h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error)));
    leave = onChange(showRoute); // what is not known yet may be soon
  } finally {
    release();
  }
}

/** What each part of the bar shows, so that it is only drawn anew when that is something else. @type {Map<Element, string>} */
const drawn = new Map();

/**
 * Draws a part of the bar where it is not drawn already: a browser makes no click of a press and a release on different elements.
 * @param {Element} part @param {unknown} key what is shown @param {() => Child[]} children
 */
function keep(part, key, children) {
  const text = JSON.stringify(key);
  if (drawn.get(part) === text) return;
  drawn.set(part, text);
  put(part, children());
}

/** @param {string} view */
function drawBar(view) {
  /** @type {[string, string, string[]][]} */
  const places = [
    ["#/", "Exchanges", ["exchanges", "stream", "job", "diff"]],
    ["#/sessions", "Sessions", ["sessions", "session"]],
  ];
  if (overview.replay_url) places.push(["#/replay", "Replay", ["replay"]]);
  keep(parts.nav, [view, overview.replay_url], () => places.map(([href, text, views]) =>
    h("a", { href, "aria-current": views.includes(view) && "page" }, text)));
  keep(parts.files, files(), () => [files()]);
  keep(parts.recording, overview.recording, () => (overview.recording ? recordingControl(overview.recording) : []));
}

/** @param {RecordingState} state @returns {Child[]} */
function recordingControl({ upstream, url, file }) {
  const button = h("button", { title: url ? `Stop recording into ${file}` : `Record ${upstream}`, on: { click: () => record(!url) } }, url ? "Stop" : "Record");

  /** @param {boolean} on */
  async function record(on) {
    button.disabled = true;
    try {
      await ask("recording", { method: "POST", body: JSON.stringify({ on }), headers: JSON_BODY });
      context.announce(on ? "Recording" : "The recording has ended");
    } catch (error) {
      context.note(error instanceof Error ? error.message : String(error), "", "/");
    }
    await refresh();
  }

  return [url && ["recording at ", h("span", { class: "data" }, url)], button];
}

function files() {
  const names = overview.files.map((file) => file.name);
  const exchanges = overview.files.reduce((sum, file) => sum + file.exchanges, 0);
  const shown = names.length > 2 ? `${names[0]} and ${count(names.length - 1)} more` : names.join(", ");
  return `${shown}${shown && " · "}${plural(exchanges, "exchange")}`;
}

async function refresh() {
  overview = await get("overview");
  drawBar(routed(location.hash)?.view ?? "");
}

/** @param {"on" | "lost"} state */
function drawDot(state) {
  dot.className = `live ${state}`;
  put(dot, state === "on" ? "live" : "connection lost");
}

put(bar, h("a", { class: "name", href: "#/" }, "Chatreel"), parts.nav, parts.files, parts.recording, dot,
  h("button", { "aria-label": "Keys", title: "Keys (?)", on: { click: help } }, "?"));
takeToken();
listen();
bind([
  { keys: ["?"], help: "these keys", run: help },
  { keys: ["Escape"], help: "back to the exchanges", run: () => context.go("/") },
]);
addEventListener("hashchange", showRoute);
try {
  await refresh();
  onChange(() => refresh().catch(() => drawDot("lost")));
  follow(overview.version, drawDot);
  await showRoute();
} catch (error) {
  put(main, h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error)));
}
