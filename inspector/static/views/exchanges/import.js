// Takes files in, HAR, mitmproxy flows or cassettes: chosen with a button, or dropped anywhere on the page.

import { ask } from "../../core/api.js";
import { h, put } from "../../core/dom.js";
import { size } from "../../core/format.js";

/** @import { Imported } from "../../core/api_types.d.ts" */

const LARGEST = 256 << 20; // bytes that the server takes

/**
 * The button and the place to drop.
 * @param {(text: string) => void} announce
 * @param {() => void} done called when a file was taken in
 * @returns {HTMLElement}
 */
export function importer(announce, done) {
  const input = h("input", { type: "file", hidden: true, multiple: true, accept: ".har,.zhar,.flow,.flows,.mitm,.jsonl,.yaml,.yml,.json", on: { change: () => { take([...(input.files ?? [])]); input.value = ""; } } });
  const button = h("button", { title: "Take in HAR files, mitmproxy flows or cassettes; or drop them on the page", on: { click: () => input.click() } }, "Import…");
  const note = h("p", { class: "import-note", role: "status", hidden: true });

  /** @param {File[]} files */
  async function take(files) {
    button.disabled = true;
    /** @type {string[]} */
    const problems = [];
    for (const file of files) {
      report(`Reading ${file.name} (${size(file.size)})…`);
      try {
        const { warnings } = await upload(file);
        problems.push(...warnings.map((warning) => `${file.name}: ${warning}`));
        announce(`${file.name} is taken in`);
      } catch (error) {
        problems.push(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    button.disabled = false;
    report(problems.join("\n"));
    done();
  }

  /** @param {string} text */
  function report(text) {
    note.hidden = !text;
    put(note, text, text && h("button", { "aria-label": "Close this note", on: { click: () => report("") } }, "✕"));
  }

  takeDrops(take);
  return h("span", { class: "importer" }, button, input, note);
}

/** @param {(files: File[]) => void} take */
function takeDrops(take) {
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.body.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** @param {File} file @returns {Promise<Imported>} */
async function upload(file) {
  if (file.size > LARGEST) throw new Error(`it has ${size(file.size)}, and the page takes ${size(LARGEST)}; use chatreel convert`);
  return (await ask(`import?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file })).json();
}
