// Draws a session as a sequence diagram: the client's line on the left, the chatbot's on the right, time downward.

import { s } from "../../core/dom.js";
import { brief, duration, instant, plural, size } from "../../core/format.js";
import { badge } from "./token_badge.js";
import { held } from "./sequence_layout.js";
import { keys } from "./tokens.js";

/** @import { CarriedToken, ExchangeRow, SessionExchange } from "../../core/api_types.d.ts" */
/** @import { Gap, Layout } from "./sequence_layout.js" */
/** @import { Face } from "./tokens.js" */

const TIME = 62; // the right edge of the times
const CLIENT = 168;
const RIGHT = 132; // room right of the chatbot's line
const BADGE = 19;
const MOST_BADGES = 5;
const CHARACTER = 7.3; // of the data font, about
const LANE = 9;

/**
 * @typedef {{steps: SessionExchange[], faces: Map<string, Face>, losses: Map<string, CarriedToken[]>,
 *   layout: Layout, width: number}} Drawn
 */

/**
 * The drawing, and a function that shows the life of one token in it (of none for null).
 * @param {Drawn} drawn
 * @returns {{element: SVGElement, light: (key: string | null) => void}}
 */
export function diagram(drawn) {
  const { steps, layout, width } = drawn;
  const server = width - RIGHT;
  const life = s("g", { class: "life", "aria-hidden": "true" });
  const element = s(
    "svg",
    { class: "sequence", width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, role: "group", "aria-label": "Sequence of the session" },
    actors(server, layout.height),
    layout.gaps.map((gap) => pause(gap, server)),
    steps.map((step, index) => exchange(drawn, step, index, server)),
    life,
  );
  return { element, light: (key) => light(drawn, element, life, key) };
}

/** @param {number} server @param {number} height */
function actors(server, height) {
  return s(
    "g",
    { "aria-hidden": "true" },
    [{ x: CLIENT, name: "client" }, { x: server, name: "chatbot" }].map(({ x, name }) => [
      s("line", { class: "lifeline", x1: x, x2: x, y1: 24, y2: height - 8 }),
      s("text", { class: "actor", x, y: 17, "text-anchor": "middle" }, name),
    ]),
  );
}

/** @param {Gap} gap @param {number} server */
function pause({ y, micros }, server) {
  const middle = (CLIENT + server) / 2;
  return s(
    "g",
    { class: "pause", "aria-hidden": "true" },
    s("line", { x1: CLIENT + 12, x2: server - 12, y1: y, y2: y }),
    s("rect", { x: middle - 42, y: y - 8, width: 84, height: 16 }),
    s("text", { x: middle, y: y + 4, "text-anchor": "middle" }, `${duration(micros)} later`),
  );
}

/** @param {Drawn} drawn @param {SessionExchange} step @param {number} index @param {number} server */
function exchange(drawn, step, index, server) {
  const { row } = step;
  const { asked, answered, lane } = drawn.layout.bands[index];
  const lost = drawn.losses.get(row.id) ?? [];
  const note = lost.length ? lossNote(lost, drawn.faces) : "";
  const room = server - CLIENT - 24;
  return s(
    "g",
    { class: `exchange ${row.kind}${lost.length ? " lossy" : ""}${isBad(row) ? " failed" : ""}`, data: { id: row.id } },
    s("rect", { class: "band", x: 0, y: asked - 20, width: drawn.width, height: answered - asked + 29 }),
    s("text", { class: "time", x: TIME, y: asked + 4, "text-anchor": "end", "aria-hidden": "true" }, instant(row.began)),
    s(
      "a",
      { href: `#/x/${row.id}`, "aria-label": described(step, lost, drawn.faces), data: { id: row.id } },
      s("rect", { class: "ring", x: CLIENT + 3, y: asked - 18, width: server - CLIENT - 6, height: answered - asked + 25, rx: 4 }),
      bar(row, server + lane * LANE, asked, answered),
      arrow("ask", CLIENT, server - 5, asked),
      label(`${row.method} ${row.target}`, CLIENT + 12, asked - 5, note ? room - lossWidth(note) : room, "asked"),
      ...answer(row, server, answered),
    ),
    note && loss(note, asked, server),
    badges(step.sends, drawn.faces, "sent", asked, CLIENT - 12, -1),
    badges(step.lacks, drawn.faces, "lost", asked, CLIENT - 12 - Math.min(keys(step.sends).length, MOST_BADGES) * BADGE, -1),
    badges(step.issues, drawn.faces, "issued", answered, server + 16 + lane * LANE, 1),
  );
}

/** The time that the chatbot took; a stream's is broad. @param {ExchangeRow} row @param {number} x @param {number} top @param {number} bottom */
function bar(row, x, top, bottom) {
  const broad = row.kind === "stream" ? 10 : 5;
  return s("rect", { class: "bar", x: x - broad / 2, y: top - 2, width: broad, height: bottom - top + 4, rx: 1.5 });
}

/** @param {ExchangeRow} row @param {number} server @param {number} y */
function answer(row, server, y) {
  const text = [row.status ?? "no answer", ...facts(row)].join(" · ");
  const beyond = Math.min(server - 30, CLIENT + 26 + text.length * CHARACTER);
  return [
    isWhole(row) ? arrow("answer", server - 5, CLIENT, y) : broken(server - 5, beyond, y),
    label(text, CLIENT + 12, y - 5, server - CLIENT - 24, "answered"),
  ];
}

/** Whether the answer arrived, or still arrives. @param {ExchangeRow} row */
function isWhole(row) {
  return row.how === "unfinished" || (row.status !== null && row.how === "complete");
}

/** @param {ExchangeRow} row */
function facts(row) {
  const content = row.kind === "stream" ? `stream of ${plural(row.events, "event")}` : size(row.bytes);
  return [content, duration(row.duration), ...(row.how === "complete" ? [] : [row.how === "unfinished" ? "open" : row.how])];
}

/** @param {string} name @param {number} from @param {number} to @param {number} y */
function arrow(name, from, to, y) {
  const back = to > from ? -7 : 7;
  return s(
    "g",
    { class: `arrow ${name}` },
    s("line", { x1: from, x2: to, y1: y, y2: y }),
    s("path", { d: `M${to} ${y}l${back} -4v8z` }),
  );
}

/** An answer that did not arrive whole: it ends in a cross. @param {number} from @param {number} end @param {number} y */
function broken(from, end, y) {
  return s(
    "g",
    { class: "arrow answer broken" },
    s("line", { x1: from, x2: end, y1: y, y2: y }),
    s("path", { d: `M${end - 5} ${y - 5}l10 10m0 -10l-10 10` }),
  );
}

/** A text on an arrow, cut where it is too long. @param {string} text @param {number} x @param {number} y @param {number} room @param {string} name */
function label(text, x, y, room, name) {
  const most = Math.max(12, Math.floor(room / CHARACTER));
  const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return s("text", { class: `label ${name}`, x, y }, shown, shown !== text && s("title", {}, text.slice(0, 2000)));
}

/** @param {CarriedToken[]} lost @param {Map<string, Face>} faces */
function lossNote(lost, faces) {
  const all = lost.map(({ key, name }) => `${faces.get(key)?.letter ?? ""} ${name}`.trim());
  return brief(`LOST ${all.slice(0, 3).join(", ")}${all.length > 3 ? ` and ${all.length - 3} more` : ""}`, 46);
}

/** @param {string} note */
function lossWidth(note) {
  return note.length * CHARACTER + 16;
}

/** The mark of what was lost, at the arrow that should carry it. @param {string} note @param {number} y @param {number} server */
function loss(note, y, server) {
  return s(
    "g",
    { class: "loss", "aria-hidden": "true" },
    s("rect", { x: server - lossWidth(note) - 16, y: y - 9, width: lossWidth(note), height: 18, rx: 3 }),
    s("text", { x: server - 24, y: y + 4, "text-anchor": "end" }, note),
  );
}

/**
 * Tokens beside an arrow; `way` is 1 to the right and -1 to the left of x.
 * @param {CarriedToken[]} tokens @param {Map<string, Face>} faces @param {"sent" | "issued" | "lost"} how
 * @param {number} y @param {number} x @param {1 | -1} way
 */
function badges(tokens, faces, how, y, x, way) {
  const known = keys(tokens).filter((key) => faces.has(key));
  const first = known.slice(0, MOST_BADGES);
  const shown = way > 0 ? first : first.toReversed(); // either way they read from left to right
  const more = known.length - shown.length;
  return s(
    "g",
    { class: "badges", "aria-hidden": "true" },
    shown.map((key, place) => badge(/** @type {Face} */ (faces.get(key)), how, x + way * place * BADGE, y, names(tokens, key))),
    more > 0 && s("text", { class: "more", x: x + way * (shown.length * BADGE - 6), y: y + 4, "text-anchor": way > 0 ? "start" : "end" }, `+${more}`),
  );
}

/** What a token is called in an exchange. @param {CarriedToken[]} tokens @param {string} key */
function names(tokens, key) {
  return tokens.filter((token) => token.key === key).map(({ where, name }) => `${where} ${name}`).join(", ");
}

/** An exchange in words. @param {SessionExchange} step @param {CarriedToken[]} lost @param {Map<string, Face>} faces */
function described({ row, sends, issues }, lost, faces) {
  const list = (/** @type {string} */ verb, /** @type {CarriedToken[]} */ tokens) =>
    tokens.length ? `${verb} ${tokens.map(({ key, name }) => `${faces.get(key)?.letter ?? ""} ${name}`).join(", ")}` : "";
  const parts = [
    `${row.method} ${row.target}`.slice(0, 200),
    `${row.status ?? "no answer"}`,
    ...facts(row),
    list("sends", sends),
    list("issues", issues),
    list("lost", lost),
  ];
  return parts.filter(Boolean).join(", ");
}

/** @param {ExchangeRow} row */
function isBad(row) {
  return !isWhole(row) || (row.status ?? 0) >= 400 || row.errors > 0;
}

/** @param {Drawn} drawn @param {SVGElement} element @param {SVGElement} life @param {string | null} key */
function light({ steps, faces, layout }, element, life, key) {
  const face = key === null ? undefined : faces.get(key);
  element.classList.toggle("lit", face !== undefined);
  for (const one of element.querySelectorAll(".badge")) {
    one.classList.toggle("on", /** @type {SVGElement} */ (one).dataset.token === key);
  }
  life.replaceChildren();
  if (!face) return;
  life.setAttribute("class", `life token-${face.colour}`);
  for (const { from, to, lost } of held(steps, layout.bands, face.key)) {
    life.append(s("line", { class: "stay", x1: CLIENT, x2: CLIENT, y1: from, y2: to }));
    if (lost) life.append(s("path", { class: "end", d: `M${CLIENT - 6} ${to - 6}l12 12m0 -12l-12 12` }));
  }
}
