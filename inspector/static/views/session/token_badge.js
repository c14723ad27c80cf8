// The mark of a token: its letter in its colour, round for a cookie. Filled where it is issued, open where it comes
// back, crossed out where it was lost: so the colour is never the only sign.

import { s } from "../../core/dom.js";

/** @import { Face } from "./tokens.js" */

const WORDS = { issued: "issued as", sent: "sent as", lost: "missing:" };

/**
 * @param {Face} face
 * @param {"issued" | "sent" | "lost"} how
 * @param {number} x
 * @param {number} y
 * @param {string} [where] what it is called there
 */
export function badge(face, how, x, y, where = "") {
  const shape = face.shape === "round"
    ? s("circle", { cx: x, cy: y, r: 8 })
    : s("rect", { x: x - 7.5, y: y - 7.5, width: 15, height: 15, rx: 2.5 });
  return s(
    "g",
    { class: `badge ${how} token-${face.colour}`, data: { token: face.key } },
    where && s("title", {}, `${face.letter}, ${WORDS[how]} ${where}`),
    shape,
    s("text", { x, y: y + 3.8, "text-anchor": "middle" }, face.letter),
    how === "lost" && s("path", { class: "cross", d: `M${x - 8} ${y + 8}l16 -16` }),
  );
}
