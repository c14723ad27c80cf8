// A replay that runs: its speed and its faults, what it served, and what it had nothing for.

import { ask, get } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { count } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { faultForm } from "./fault_form.js";
import { faultPlan } from "./fault_plan.js";
import { missList } from "./misses.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { Journal, servedTable } from "./served.js";
import { speedForm } from "./speed.js";
import { tabs } from "../../components/tabs.js";

/** @import { Context, Parameters } from "../../main.js" */

const PAUSE = 700; // milliseconds between two looks at what was served

/**
 * @param {HTMLElement} root
 * @param {Parameters} _parameters
 * @param {Context} context
 */
export async function show(root, _parameters, context) {
  context.title("Replay");
  if (!context.overview().replay_url) {
    put(root, h("p", { class: "note" }, "No replay runs here: open the page that `chatreel replay` serves on its admin address."));
    return () => {};
  }
  const [pace, { faults: held }, { faults: catalogue }] = await Promise.all([get("/speed"), get("/faults"), get("/faults/catalogue")]);
  const files = () => context.overview().files;
  const journal = new Journal();
  const facts = h("dl", { class: "facts" });
  const misses = h("div", { class: "miss-list" });
  const table = servedTable(() => journal.entries, files, (id) => context.go(`/x/${id}`));
  const plan = faultPlan(held, context.announce);
  const panels = tabs("What was served", [
    { name: "served", title: "Served", show: (panel) => put(panel, table.element) },
    { name: "misses", title: "Misses", show: (panel) => put(panel, misses) },
  ]);
  put(root,
    h("div", { class: "strip" },
      h("h1", {}, "Replay"),
      facts,
      h("button", { class: "push", on: { click: forget }, title: "Forget what was served; clients stay where they are" }, "Clear the journal"),
      h("button", { on: { click: reset }, title: "As if no client had come: forgets sessions, places and journal; faults count anew" }, "Reset the replay")),
    h("div", { class: "replay" },
      h("div", { class: "controls", role: "group", "aria-label": "Controls" }, speedForm(pace, context.announce), plan.element, h("section", {}, h("h2", {}, "Arm a fault"), faultForm(catalogue, plan.add))),
      h("div", { class: "happened" }, panels.elements)));

  async function look() {
    const [came, health] = await Promise.all([journal.more(), get("/health"), plan.refresh()]);
    put(facts, fact("requests", health.requests), fact("misses", health.misses), fact("open streams", health.open_streams));
    if (came) await draw();
  }

  async function draw() {
    const missed = journal.entries.filter((entry) => entry.why === "miss");
    put(misses, missList(missed, files()));
    await table.refresh();
  }

  async function forget() {
    await ask("/journal", { method: "DELETE" });
    await begin("The journal is empty");
  }

  async function reset() {
    await ask("/reset", { method: "POST" });
    await begin("The replay begins anew");
  }

  /** @param {string} announcement */
  async function begin(announcement) {
    journal.clear();
    await look();
    await draw();
    context.announce(announcement);
  }

  await look();
  await draw();
  const refresh = oneAtATime(look, (error) => context.announce(String(error)));
  const timer = setInterval(() => { if (!document.hidden) refresh(); }, PAUSE);
  const unbind = bind([
    { keys: ["j", "ArrowDown"], help: "next request", run: () => table.move(1) },
    { keys: ["k", "ArrowUp"], help: "request before", run: () => table.move(-1) },
    { keys: ["Enter"], help: "open the exchange that was played", run: () => table.open() },
    { keys: ["f"], help: "arm a fault", run: () => root.querySelector("select")?.focus() },
  ]);
  return () => {
    clearInterval(timer);
    unbind();
    table.close();
  };
}

/** @param {string} name @param {number} number */
function fact(name, number) {
  return h("div", {}, h("dt", {}, name), h("dd", { class: name === "misses" && number > 0 && "bad" }, count(number)));
}
