// The tokens of a session beside its diagram. Each is a button: pointing at it or focusing it shows its whole life,
// pressing it keeps that shown.

import { h, s } from "../../core/dom.js";
import { badge } from "./token_badge.js";

/** @import { TokenView } from "../../core/api_types.d.ts" */
/** @import { Face, Fate } from "./tokens.js" */

/**
 * @param {TokenView[]} tokens
 * @param {Map<string, Face>} faces
 * @param {Map<string, Fate>} fates
 * @param {(key: string | null) => void} light
 * @returns {{element: HTMLElement, mark: (key: string | null) => void}}
 */
export function tokenList(tokens, faces, fates, light) {
  /** @type {string | null} */
  let kept = null;
  const buttons = new Map(tokens.map((token) => [token.key, h(
    "button",
    {
      "aria-pressed": "false",
      data: { token: token.key },
      on: {
        mouseenter: () => light(token.key),
        mouseleave: () => light(kept),
        focus: () => light(token.key),
        blur: () => light(kept),
        click: () => keep(kept === token.key ? null : token.key),
      },
    },
    h("span", { class: "mark", "aria-hidden": "true" }, mark(faces.get(token.key))),
    h("span", { class: "unseen" }, `Token ${faces.get(token.key)?.letter}: `),
    h("span", { class: "name data" }, token.name),
    h("span", { class: "where soft" }, token.where),
    h("span", { class: "shown data soft" }, token.shown),
    h("span", { class: "fate" }, fate(fates.get(token.key))),
  )]));

  function keep(/** @type {string | null} */ key) {
    kept = key;
    for (const [own, button] of buttons) button.setAttribute("aria-pressed", String(own === key));
    light(key);
  }

  const list = h("ul", {}, [...buttons.values()].map((button) => h("li", {}, button)));
  return { element: list, mark: keep };
}

/** @param {Face | undefined} face */
function mark(face) {
  return s("svg", { width: 18, height: 18, viewBox: "0 0 18 18" }, face && badge(face, "issued", 9, 9));
}

/** @param {Fate | undefined} fate_ */
function fate(fate_) {
  if (!fate_) return "";
  const { issued, sent, lost } = fate_;
  return [
    `issued ${issued}×, sent ${sent}×`,
    lost.length > 0 && h("strong", { class: "bad" }, `, lost ${lost.length}×`),
  ];
}
