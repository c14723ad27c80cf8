// Saves exchanges as a cassette or as HAR: those that are marked, else those that a filter matches.

import { ask, JSON_BODY } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { download } from "../../core/download.js";
import { plural } from "../../core/format.js";

/** @import { ExportRequest } from "../../core/api_types.d.ts" */

/** @type {[ExportRequest["format"], string][]} */
const FORMATS = [["jsonl", "Cassette (.jsonl)"], ["har", "HAR 1.2 (.har)"]];

/**
 * @typedef {{ids: string[], filter: string, count: number}} Selection  the marked ids or, when there are none, a filter
 */

/**
 * A dialog that asks for the format and saves.
 * @param {Selection} selection
 * @param {(text: string) => void} announce
 */
export function openExport(selection, announce) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const buttons = FORMATS.map(([format, name]) => h("button", { on: { click: () => save(format) } }, name));
  const dialog = h("dialog", { "aria-labelledby": "export-title", on: { close: () => dialog.remove() } },
    h("button", { class: "close", on: { click: () => dialog.close() } }, "Close"),
    h("h2", { id: "export-title" }, `Save ${described(selection)}`),
    h("p", { class: "soft" }, "What was redacted stays redacted."),
    h("div", { class: "formats" }, buttons),
    problem);

  /** @param {ExportRequest["format"]} format */
  async function save(format) {
    for (const button of buttons) button.disabled = true;
    try {
      await fetchExport(selection, format);
      dialog.close();
      announce(`Saved ${described(selection)}`);
    } catch (error) {
      problem.hidden = false;
      put(problem, error instanceof Error ? error.message : String(error));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Selection} selection */
function described({ ids, filter, count }) {
  if (ids.length) return plural(ids.length, "marked exchange");
  return filter ? `${plural(count, "exchange")}, filtered by ${filter}` : plural(count, "exchange");
}

/** @param {Selection} selection @param {ExportRequest["format"]} format */
async function fetchExport({ ids, filter }, format) {
  /** @type {ExportRequest} */
  const wanted = ids.length ? { ids, format } : { filter, format };
  const response = await ask("export", { method: "POST", body: JSON.stringify(wanted), headers: JSON_BODY });
  const name = /filename="([\w.-]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? `exchanges.${format}`;
  download(await response.blob(), name);
}
