// Two streams one above the other, aligned event by event, and a table of their differences.

import { ApiError, get } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { count, plural, size } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { chooser } from "./chooser.js";
import { columns } from "./diff_columns.js";
import { momentName, strips } from "./diff_strips.js";
import { differenceTable } from "./difference_table.js";
import { markedJson } from "./marked_json.js";

const PAGE = 300; // columns that are drawn before a person asks for more
const NONE = "-"; // stands in the address where no exchange is chosen yet

/**
 * @param {HTMLElement} root
 * @param {{left?: string, right?: string}} parameters
 * @param {import("../../main.js").Context} context
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
  try {
    const diff = await get("diff", { left, right });
    put(verdict, diff.verdict.replaceAll("-", " "));
    verdict.className = `tag ${diff.verdict === "same" ? "good" : "warn"}`;
    return bind([...bindings, ...draw(body, diff, { left, right })]);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    put(body, h("p", { class: "problem", role: "alert" }, error.message));
    return bind(bindings);
  }
}

/**
 * @param {HTMLElement} body
 * @param {any} diff
 * @param {{left: string, right: string}} ids
 */
function draw(body, diff, ids) {
  const moments = { left: byNumber(diff.left.moments), right: byNumber(diff.right.moments) };
  const opened = new Set();
  let picked = -1;
  let shown = PAGE;
  const strip = h("div", { class: "strip-scroll", tabindex: "0", role: "group", "aria-label": "Aligned events" });
  const rest = h("button", { hidden: true, on: { click: () => { shown += PAGE; redraw(); } } });
  const detail = h("section", { class: "pair", "aria-label": "The chosen pair" });
  const differing = diff.pairs.flatMap((/** @type {any} */ pair, /** @type {number} */ index) => (pair.what === "same" && !pair.differences.length ? [] : [index]));

  function redraw() {
    const all = columns(diff.pairs, opened);
    put(strip, strips(all.slice(0, shown), moments, { pick, open }));
    rest.hidden = all.length <= shown;
    put(rest, `Draw ${count(Math.min(PAGE, all.length - shown))} more of ${count(all.length - shown)}`);
    mark();
  }

  /** @param {number} from */
  function open(from) {
    opened.add(from);
    redraw();
    strip.querySelector(`.sign[data-pair="${from}"] button`)?.focus();
  }

  function mark() {
    for (const cell of strip.querySelectorAll("[data-pair]")) {
      const is = cell.dataset.pair === String(picked);
      cell.classList.toggle("picked", is);
      cell.querySelector("button[aria-pressed]")?.setAttribute("aria-pressed", String(is));
    }
  }

  /** Draws as much as it takes for a pair to be there. @param {number} index */
  function reveal(index) {
    const place = columns(diff.pairs, opened).findIndex((column) => column.kind === "pair" && column.index === index);
    if (place < shown) return;
    shown = place + 1;
    redraw();
  }

  /** @param {number} index */
  async function pick(index) {
    picked = index;
    reveal(index);
    mark();
    strip.querySelector(`.sign[data-pair="${index}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const pair = diff.pairs[index];
    const sides = await Promise.all(["left", "right"].map(async (which) => side(which, ids[which], pair, moments[which].get(pair[which]))));
    if (picked === index) put(detail, sides);
  }

  /** @param {number} by */
  function move(by) {
    const found = by > 0 ? differing.find((/** @type {number} */ one) => one > picked) ?? differing[0] : differing.findLast((/** @type {number} */ one) => one < picked) ?? differing.at(-1);
    if (found !== undefined) pick(found);
  }

  const place = (/** @type {any} */ one) => diff.pairs.findIndex((/** @type {any} */ pair) => pair.differences.some((/** @type {any} */ own) => isSame(own, one)));
  put(body,
    h("p", { class: "told" }, told(diff.pairs)),
    strip,
    rest,
    detail,
    h("h2", {}, diff.differences.length ? plural(diff.differences.length, "difference") : "No difference"),
    diff.differences.length > 0 && differenceTable(diff.differences, (one) => { if (place(one) >= 0) pick(place(one)); }),
    diff.uncompared.length > 0 && h("h2", {}, "Not compared"),
    diff.uncompared.map((/** @type {any} */ one) => h("p", { class: "soft" }, one.why)));
  redraw();
  if (differing.length) pick(differing[0]);
  return [
    { keys: ["n", "j", "ArrowDown"], help: "next difference", run: () => move(1) },
    { keys: ["N", "k", "ArrowUp"], help: "difference before", run: () => move(-1) },
  ];
}

/** @param {any[]} moments */
function byNumber(moments) {
  return new Map(moments.map((moment) => [moment.n, moment]));
}

/** Whether two differences are the same one. @param {any} one @param {any} other */
function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** @param {any[]} pairs */
function told(pairs) {
  const counts = new Map();
  for (const { what, differences } of pairs) {
    const name = what === "same" && differences.length ? "changed" : what;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = ["same", "changed", "missing", "extra", "moved"].filter((name) => counts.has(name));
  return names.map((name) => h("span", { class: `count ${name}` }, `${count(counts.get(name))} ${name}`));
}

/**
 * One side of a pair, with its data.
 * @param {"left" | "right"} which @param {string} id @param {any} pair @param {any} moment
 */
async function side(which, id, pair, moment) {
  const number = pair[which];
  if (number === null) return h("div", { class: "pair-side" }, h("h2", {}, which), h("p", { class: "soft" }, "Nothing stands here on this side."));
  const data = moment && !moment.truncated ? moment.data : (await get(`exchange/${id}/moment/${number}`)).text;
  const pointers = pair.differences.map((/** @type {any} */ one) => one.pointer).filter(Boolean);
  return h("div", { class: "pair-side" },
    h("h2", {}, which, " ", h("span", { class: "data" }, momentName(moment)), moment && h("span", { class: "soft" }, ` ${size(moment.size)}`)),
    markedJson(data ?? "", pointers));
}
