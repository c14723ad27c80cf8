// A body or an event's data: as JSON that can be folded, as text, or as bytes.

import { h, isPicture, picture, put } from "../core/dom.js";
import { size } from "../core/format.js";
import { base64Of, bytesOf, dump, escaped } from "./hex_dump.js";
import { parse, tree } from "./json_tree.js";

/** @import { BodyContent } from "../core/api_types.d.ts" */

const MOST = 64 * 1024; // bytes that are drawn as digits or escaped at once

/** @typedef {"picture" | "json" | "text" | "escaped" | "hex"} Form */

/** @type {[Form, string][]} */
const FORMS = [["picture", "Picture"], ["json", "JSON"], ["text", "Text"], ["escaped", "Escaped"], ["hex", "Hex"]];

/** The form that a person chose last, so that the next event is shown in it too. @type {Form | null} */
let chosen = null;

/**
 * @param {BodyContent} content
 * @param {{label: string, type?: string, other?: string, raw?: () => Promise<Uint8Array>, whole?: () => Promise<BodyContent>}} options  `raw` are the bytes as they
 *   were on the wire, where they are others than the content's own; `whole` gets what was cut off; `type` is the media type,
 *   `other` a JSON text: the tree is open where the content differs from it
 */
export function contentView(content, { label, type = "", other, raw, whole }) {
  const element = h("div", { class: "content" });
  const value = json(content);
  const isPossible = {
    picture: isPicture(type), json: value !== undefined, text: content.text !== null, escaped: true, hex: true,
  };
  const forms = FORMS.filter(([form]) => isPossible[form]);
  const buttons = h("div", { class: "group", role: "group", "aria-label": `${label}: form` });
  const place = h("div", { class: "content-place" });

  /** @param {Form} form */
  async function show(form) {
    for (const button of buttons.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.form === form));
    if (form === "picture") await showPicture();
    else if (form === "json") put(place, tree(value, label, other === undefined ? undefined : json({ ...content, text: other, truncated: false })));
    else if (form === "text") put(place, h("pre", {}, content.text || h("span", { class: "soft" }, "(empty)")));
    else await showBytes(form);
  }

  async function showPicture() {
    const all = content.truncated && whole ? await whole() : content;
    put(place, picture(type, all.base64 ?? base64Of(bytesOf(all)), label),
      all.truncated && h("p", { class: "soft" }, "only its beginning is shown"));
  }

  /** @param {Form} form */
  async function showBytes(form) {
    const bytes = raw ? await raw() : bytesOf(content);
    const shown = bytes.subarray(0, MOST);
    put(place, h("pre", { class: form }, form === "hex" ? dump(shown) : escaped(shown)),
      shown.length < bytes.length && h("p", { class: "soft" }, `the first ${size(MOST)} of ${size(bytes.length)}`));
  }

  put(buttons, forms.map(([form, title]) => h("button", { data: { form }, on: { click: () => { chosen = form; show(form); } } }, title)));
  put(element, h("div", { class: "content-bar" }, buttons, h("span", { class: "soft" }, size(content.size)), more()), place);
  show(forms.some(([form]) => form === chosen) ? /** @type {Form} */ (chosen) : forms[0][0]);
  return element;

  function more() {
    if (!content.truncated) return null;
    if (!whole) return h("span", { class: "soft" }, "only its beginning is shown");
    return h("button", { on: { click: async () => element.replaceWith(contentView(await whole(), { label, type, other, raw })) } }, "Show all of it");
  }
}

/** The value of a content that is JSON, undefined for any other. @param {BodyContent} content */
function json({ text, truncated }) {
  if (text === null || truncated || !/^\s*[[{"\d-]/.test(text)) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
