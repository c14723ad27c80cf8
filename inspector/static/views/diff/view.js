// Two streams one above the other, aligned event by event, and a table of their differences.

import { ApiError, get } from "../../core/api.js";
import { concerns, onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { count, plural, size } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { chooser } from "./chooser.js";
import { columns, isSame, nameOf } from "./diff_columns.js";
import { momentName, strips } from "./diff_strips.js";
import { differenceTable } from "./difference_table.js";
import { markedJson } from "./marked_json.js";

/** @import { DiffView, Difference, MomentPair, ShownMoment } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */
/** @import { Which } from "./diff_strips.js" */

/** @type {Which[]} */
const SIDES = ["left", "right"];
/** @type {MomentPair["what"][]} */
const KINDS = ["same", "changed", "missing", "extra", "moved"];
const PAGE = 300; // columns that are drawn before a person asks for more
const PAUSE = 500; // milliseconds between two comparisons of what grows
const NONE = "-"; // stands in the address where no exchange is chosen yet

/**
 * @param {HTMLElement} root
 * @param {Parameters} parameters
 * @param {Context} context
 */
export async function show(root, parameters, context) {
  context.title("Compare");
  const [left, right] = [parameters.left, parameters.right].map((id) => (!id || id === NONE ? "" : id));
  const go = (/** @type {string} */ one, /** @type {string} */ other) => context.go(`/diff/${one || NONE}/${other || NONE}`);
  const choosers = [
    chooser({ label: "left", id: left, choose: (id) => go(id, right) }),
    chooser({ label: "right", id: right, choose: (id) => go(left, id) }),
  ];
  const verdict = h("span", { class: "tag" });
  const body = h("div", { class: "diff" });
  put(root,
    h("div", { class: "strip choosers" },
      h("h1", {}, "Compare"),
      choosers[0].element,
      h("button", { title: "Swap left and right (x)", "aria-label": "Swap left and right", on: { click: () => go(right, left) } }, "⇄"),
      choosers[1].element,
      verdict),
    body);
  const bindings = [{ keys: ["x"], help: "swap left and right", run: () => go(right, left) }];
  if (!left || !right) {
    put(body, h("p", { class: "note" }, "Choose two exchanges: search by path, status, kind or session, as in the filter of the exchanges."));
    choosers[left ? 1 : 0].focus();
    return bind(bindings);
  }
  let unbind = bind(bindings);
  let seen = "";
  /** @type {Seen} */
  const state = { picked: -1, drawn: PAGE, opened: new Set(), left: 0 };

  async function compare() {
    try {
      const diff = await get("diff", { left, right });
      if (JSON.stringify(diff) === seen) return;
      seen = JSON.stringify(diff);
      put(verdict, diff.verdict.replaceAll("-", " "));
      verdict.className = `tag ${diff.verdict === "same" ? "good" : "warn"}`;
      unbind();
      unbind = bind([...bindings, ...draw(body, diff, { left, right }, state)]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      seen = "";
      put(body, h("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  await compare();
  const follow = oneAtATime(async () => {
    await compare();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }, (error) => context.announce(String(error)));
  const unwatch = onChange((change) => { if (concerns(change, left) || concerns(change, right)) follow(); });
  return () => {
    unwatch();
    unbind();
  };
}

/**
 * @typedef {{picked: number, drawn: number, opened: Set<number>, left: number}} Seen  the pair that is chosen, how many columns are
 *   drawn, the runs that a person opened, and how far they scrolled: it outlives a drawing, as answers grow
 */

/**
 * @param {HTMLElement} body
 * @param {DiffView} diff
 * @param {Record<Which, string>} ids
 * @param {Seen} state
 */
function draw(body, diff, ids, state) {
  const moments = { left: byNumber(diff.left.moments), right: byNumber(diff.right.moments) };
  const strip = h("div", { class: "strip-scroll", tabindex: "0", role: "group", "aria-label": "Aligned events", on: { scroll: () => { state.left = strip.scrollLeft; } } });
  const rest = h("button", { hidden: true, on: { click: () => { state.drawn += PAGE; redraw(); } } });
  const detail = h("section", { class: "pair", "aria-label": "The chosen pair" });
  const differing = diff.pairs.flatMap((pair, index) => (isSame(pair) ? [] : [index]));

  function redraw() {
    const all = columns(diff.pairs, state.opened);
    put(strip, strips(all.slice(0, state.drawn), moments, { pick, open }));
    rest.hidden = all.length <= state.drawn;
    put(rest, `Draw ${count(Math.min(PAGE, all.length - state.drawn))} more of ${count(all.length - state.drawn)}`);
    mark();
  }

  /** @param {number} from */
  function open(from) {
    state.opened.add(from);
    redraw();
    /** @type {HTMLElement | null} */ (strip.querySelector(`.sign[data-pair="${from}"] button`))?.focus();
  }

  function mark() {
    for (const cell of strip.querySelectorAll("[data-pair]")) {
      const is = cell.getAttribute("data-pair") === String(state.picked);
      cell.classList.toggle("picked", is);
      cell.querySelector("button[aria-pressed]")?.setAttribute("aria-pressed", String(is));
    }
  }

  /** Draws as much as it takes for a pair to be there. @param {number} index */
  function reveal(index) {
    const place = columns(diff.pairs, state.opened).findIndex((column) => column.kind === "pair" && column.index === index);
    if (place < state.drawn) return;
    state.drawn = place + 1;
    redraw();
  }

  /** @param {number} index */
  async function pick(index) {
    state.picked = index;
    reveal(index);
    mark();
    strip.querySelector(`.sign[data-pair="${index}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const pair = diff.pairs[index];
    const sides = await Promise.all(SIDES.map((which) => side(which, ids[which], pair, moments[which])));
    if (state.picked === index) put(detail, sides);
  }

  /** @param {number} by */
  function move(by) {
    const found = by > 0
      ? differing.find((one) => one > state.picked) ?? differing[0]
      : differing.findLast((one) => one < state.picked) ?? differing.at(-1);
    if (found !== undefined) pick(found);
  }

  /** The pair that a difference belongs to, -1 where that is none. @param {Difference} one */
  const place = (one) => diff.pairs.findIndex((pair) => pair.differences.some((own) => isEqual(own, one)));
  const before = state.left;
  const focused = body.contains(document.activeElement) && document.activeElement?.closest("[data-pair]")?.getAttribute("data-pair");
  put(body,
    h("p", { class: "counts" }, counts(diff.pairs)),
    strip,
    rest,
    detail,
    h("h2", {}, diff.differences.length ? plural(diff.differences.length, "difference") : "No difference"),
    diff.differences.length > 0 && differenceTable(diff.differences, (one) => { if (place(one) >= 0) pick(place(one)); }),
    diff.uncompared.length > 0 && h("h2", {}, "Not compared"),
    diff.uncompared.map((one) => h("p", { class: "soft" }, one.why)));
  redraw();
  strip.scrollLeft = before;
  if (state.picked >= 0 && diff.pairs[state.picked]) pick(state.picked);
  else if (differing.length) pick(differing[0]);
  if (focused) /** @type {HTMLElement | null} */ (strip.querySelector(`[data-pair="${focused}"] button`))?.focus({ preventScroll: true });
  return [
    { keys: ["n", "j", "ArrowDown"], help: "next difference", run: () => move(1) },
    { keys: ["N", "k", "ArrowUp"], help: "difference before", run: () => move(-1) },
  ];
}

/** @param {ShownMoment[]} moments */
function byNumber(moments) {
  return new Map(moments.map((moment) => [moment.n, moment]));
}

/** Whether two differences are the same one. @param {Difference} one @param {Difference} other */
function isEqual(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** How many pairs there are of each kind. @param {MomentPair[]} pairs */
function counts(pairs) {
  const numbers = KINDS.map((kind) => ({ kind, number: pairs.filter((pair) => nameOf(pair) === kind).length }));
  return numbers.filter(({ number }) => number > 0).map(({ kind, number }) => h("span", { class: `count ${kind}` }, `${count(number)} ${kind}`));
}

/**
 * One side of a pair, with its data.
 * @param {Which} which @param {string} id of the exchange @param {MomentPair} pair @param {Map<number, ShownMoment>} moments of this side
 */
async function side(which, id, pair, moments) {
  const number = pair[which];
  if (number === null) return h("div", { class: "pair-side" }, h("h2", {}, which), h("p", { class: "soft" }, "Nothing stands here on this side."));
  const moment = moments.get(number);
  const data = moment && !moment.truncated ? moment.data : (await get(`exchange/${id}/moment/${number}`)).text;
  const pointers = pair.differences.map((one) => one.pointer).filter(Boolean);
  return h("div", { class: "pair-side" },
    h("h2", {}, which, " ", h("span", { class: "data" }, momentName(moment)), moment && h("span", { class: "soft" }, ` ${size(moment.size)}`)),
    markedJson(data ?? "", pointers));
}
