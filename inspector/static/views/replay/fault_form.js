// Picks a fault from the catalogue, and fills in its parameters and limits.

import { h, put } from "../../core/dom.js";
import { lineOf, refusal } from "./fault_line.js";

/** @import { FaultEntry, ParameterEntry } from "../../core/api_types.d.ts" */

let forms = 0;

/**
 * @param {FaultEntry[]} catalogue
 * @param {(line: string) => Promise<void>} arm lets the fault hold; rejects with the server's refusal
 * @returns {HTMLElement}
 */
export function faultForm(catalogue, arm) {
  const name = `fault-${(forms += 1)}`;
  const choice = h("select", { id: name, on: { change: () => draw() } }, groups(catalogue));
  const body = h("div", { class: "fault-body" });
  const line = h("output", { class: "data line", "aria-label": "The fault as a line" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const form = h("form", { class: "fault-form", novalidate: true, on: { submit: give, input: tell } },
    h("div", { class: "field" }, h("label", { for: name }, "Fault"), choice),
    body,
    problem,
    h("div", { class: "arm" }, line, h("button", { type: "submit", class: "primary" }, "Arm")));

  const current = () => /** @type {FaultEntry} */ (catalogue.find((fault) => fault.name === choice.value));
  const fields = () => /** @type {HTMLInputElement[]} */ ([...body.querySelectorAll("[data-parameter]")]);
  const text = () => lineOf(current(), Object.fromEntries(fields().map((one) => [one.dataset.parameter, value(one)])));

  function draw() {
    const fault = current();
    const own = fault.parameters.filter((parameter) => !parameter.limit);
    const limits = fault.parameters.filter((parameter) => parameter.limit);
    put(body,
      h("p", { class: "summary" }, fault.summary, fault.help !== fault.summary && h("span", { class: "soft" }, fault.help.slice(fault.summary.length))),
      h("p", { class: "soft example" }, "as in ", h("code", {}, fault.example)),
      own.map((parameter) => field(name, parameter)),
      h("details", {}, h("summary", {}, `Limits: which ${fault.counts} it hits`), limits.map((parameter) => field(name, parameter))));
    complain("");
    tell();
  }

  function tell() {
    put(line, text());
  }

  /** @param {Event} event */
  async function give(event) {
    event.preventDefault();
    complain("");
    try {
      await arm(text());
      for (const one of fields()) clear(one);
      tell();
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
    }
  }

  /** Shows a refusal at the field that it is about, else at the line. @param {string} message */
  function complain(message) {
    const { name: about, text: said } = refusal(message);
    const wrong = message ? fields().find((one) => one.dataset.parameter === about) : undefined;
    for (const one of fields()) {
      const note = /** @type {HTMLElement} */ (one.closest(".field")?.querySelector(".wrong"));
      put(note, one === wrong ? said : "");
      one.setAttribute("aria-invalid", String(one === wrong));
    }
    problem.hidden = !message || wrong !== undefined;
    put(problem, wrong ? "" : message);
    wrong?.closest("details")?.setAttribute("open", "");
    wrong?.focus();
  }

  draw();
  return form;
}

/** The faults as options, by family. @param {FaultEntry[]} catalogue */
function groups(catalogue) {
  const families = [...new Set(catalogue.map((fault) => fault.family))];
  return families.map((family) => h("optgroup", { label: family },
    catalogue.filter((fault) => fault.family === family).map((fault) => h("option", { value: fault.name }, fault.name))));
}

/** @param {string} prefix @param {ParameterEntry} parameter */
function field(prefix, parameter) {
  const id = `${prefix}-${parameter.name}`;
  return h("div", { class: "field" },
    h("label", { for: id }, parameter.name, parameter.needed && h("span", { class: "soft" }, " (needed)")),
    control(id, parameter),
    h("span", { class: "help soft", id: `${id}-help` }, parameter.help),
    h("span", { class: "wrong bad", id: `${id}-wrong`, role: "alert" }));
}

/** @param {string} id @param {ParameterEntry} parameter */
function control(id, { name, kind, needed }) {
  const about = { id, data: { parameter: name }, "aria-describedby": `${id}-help ${id}-wrong` };
  if (kind === "") return h("input", { ...about, type: "checkbox" });
  if (!kind.includes("|")) return h("input", { ...about, class: "data", placeholder: kind, autocomplete: "off", spellcheck: "false", "aria-required": String(needed) });
  return h("select", about, h("option", { value: "" }, ""), kind.split("|").map((word) => h("option", {}, word)));
}

/** @param {HTMLInputElement} one */
function value(one) {
  if (one.type === "checkbox") return one.checked ? "on" : "";
  return one.value.trim();
}

/** @param {HTMLInputElement} one */
function clear(one) {
  if (one.type === "checkbox") one.checked = false;
  else one.value = "";
}
