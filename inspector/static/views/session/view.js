// One session: a sequence diagram of client and chatbot, and the tokens that tie it together.

import { ask, get, JSON_BODY } from "../../core/api.js";
import { onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { download } from "../../core/download.js";
import { count, duration, plural } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { diagram } from "./sequence_diagram.js";
import { layout } from "./sequence_layout.js";
import { tokenList } from "./token_list.js";
import { faces, fates, losses } from "./tokens.js";

/** @import { Context, Parameters } from "../../main.js" */

const PAGE = 200; // exchanges that are drawn before a person asks for more
const NARROWEST = 560; // pixels of the drawing

/**
 * @param {HTMLElement} root
 * @param {Parameters} parameters
 * @param {Context} context
 */
export async function show(root, { id }, context) {
  context.title(`Session ${id}`);
  let session = await get(`session/${id}`);
  let shown = PAGE;
  const facts = h("dl", { class: "facts" });
  const lossButton = h("button", { class: "bad", hidden: true, on: { click: () => toLoss(1) } });
  const picture = h("div", { class: "picture", tabindex: "-1" });
  const aside = h("aside", { "aria-labelledby": "tokens-title" });
  const view = h("div", { class: "session" }, picture, aside);
  put(
    root,
    h("div", { class: "strip" },
      h("h1", {}, `Session ${id}`),
      facts,
      lossButton,
      h("button", { class: "push", title: "A module for pytest that replays this session, and its cassette", on: { click: saveTest } }, "Save as a test"),
      h("a", { href: `#/?filter=${encodeURIComponent(`session:${id}`)}` }, "as a table")),
    view,
  );

  /** @type {(key: string | null) => void} */
  let light = () => {};

  function draw() {
    const steps = session.exchanges.slice(0, shown);
    const known = faces(session.tokens);
    const lost = losses(session.exchanges);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.closest("a[data-id]")?.getAttribute("data-id");
    const width = Math.max(NARROWEST, Math.floor(picture.clientWidth) - 8);
    const drawing = diagram({ steps, faces: known, losses: lost, layout: layout(steps.map((step) => step.row)), width });
    const rest = session.exchanges.length - steps.length;
    put(picture, drawing.element, rest > 0 && h("button", { class: "more", on: { click: more } }, `Draw ${plural(Math.min(rest, PAGE), "more exchange")} of ${count(rest)}`));
    light = drawing.light;
    if (focused) focus(links().find((one) => one.dataset.id === focused));
    drawFacts(lost.size);
  }

  function drawTokens() {
    const { element } = tokenList(session.tokens, faces(session.tokens), fates(session.exchanges), (key) => light(key));
    put(aside,
      h("h2", { id: "tokens-title" }, "Tokens"),
      session.tokens.length ? element : h("p", { class: "soft" }, "No cookie and no other token ties these exchanges."),
      session.tokens.length > 0 && legend());
  }

  function drawFacts(/** @type {number} */ lost) {
    const rows = session.exchanges.map((step) => step.row);
    const began = rows[0]?.began ?? 0;
    const ended = Math.max(began, ...rows.slice(-PAGE).map((row) => row.began + row.duration));
    put(facts,
      fact("exchanges", session.total > rows.length ? `first ${count(rows.length)} of ${count(session.total)}` : count(rows.length)),
      fact("took", duration(ended - began)),
      fact("tokens", count(session.tokens.length)));
    lossButton.hidden = lost === 0;
    put(lossButton, `✕ ${plural(lost, "request")} lost a token`);
  }

  function more() {
    shown += PAGE;
    draw();
    context.announce(`${Math.min(shown, session.exchanges.length)} exchanges are drawn`);
  }

  async function saveTest() {
    try {
      const test = await get(`session/${id}/test`);
      const wanted = { ids: test.exchanges, format: "jsonl" };
      const cassette = await ask("export", { method: "POST", body: JSON.stringify(wanted), headers: JSON_BODY });
      download(new Blob([test.text], { type: "text/x-python" }), test.name);
      download(await cassette.blob(), test.cassette);
      context.note(`Saved ${test.name} and ${test.cassette}; put them beside each other and run pytest.`, "", `/session/${id}`);
    } catch (error) {
      context.note(error instanceof Error ? error.message : String(error), "", `/session/${id}`);
    }
  }

  const links = () => /** @type {SVGAElement[]} */ ([...picture.querySelectorAll("a[data-id]")]);

  /** Moves the focus to the exchange so many further, among all or among some. @param {number} by @param {SVGAElement[]} [among] */
  function move(by, among = links()) {
    const all = links();
    const here = all.indexOf(/** @type {SVGAElement} */ (/** @type {unknown} */ (document.activeElement)));
    const target = by > 0
      ? among.find((one) => all.indexOf(one) > here) ?? among[0]
      : among.findLast((one) => all.indexOf(one) < here) ?? among.at(-1);
    focus(target);
  }

  function toLoss(/** @type {number} */ by) {
    const lost = losses(session.exchanges);
    const last = session.exchanges.findLastIndex((step) => lost.has(step.row.id));
    if (last >= shown) {
      shown = last + 1;
      draw();
    }
    move(by, links().filter((one) => lost.has(one.dataset.id ?? "")));
  }

  picture.addEventListener("mouseover", (event) => {
    const token = /** @type {Element} */ (event.target).closest(".badge");
    if (token) light(/** @type {SVGElement} */ (token).dataset.token ?? null);
  });
  picture.addEventListener("mouseout", (event) => {
    if (/** @type {Element} */ (event.target).closest(".badge")) light(aside.querySelector("[aria-pressed=true]")?.getAttribute("data-token") ?? null);
  });
  drawTokens();
  draw();
  const width = new ResizeObserver(draw);
  width.observe(picture);
  const refresh = oneAtATime(async () => {
    session = await get(`session/${id}`);
    draw();
    drawTokens();
  }, (error) => context.announce(String(error)));
  const unbind = bind([
    { keys: ["j", "ArrowDown"], help: "next exchange", run: () => move(1) },
    { keys: ["k", "ArrowUp"], help: "exchange before", run: () => move(-1) },
    { keys: ["n"], help: "next request that lost a token", run: () => toLoss(1) },
    { keys: ["N"], help: "the one before that lost a token", run: () => toLoss(-1) },
  ]);
  const unfollow = onChange(refresh);
  return () => {
    unbind();
    unfollow();
    width.disconnect();
  };
}

/** @param {SVGAElement | undefined} link */
function focus(link) {
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

/** @param {string} name @param {string} value */
function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function legend() {
  const lines = [
    ["Filled", "issued: the chatbot gives it"],
    ["Open", "sent: the client brings it back"],
    ["Crossed out", "missing: the client brought it before"],
    ["Round, square", "a cookie, any other token"],
  ];
  return h("dl", { class: "legend" }, lines.map(([sign, meaning]) => [h("dt", {}, sign), h("dd", {}, meaning)]));
}
