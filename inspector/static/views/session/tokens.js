// What tells the tokens of a session apart on the page, and what became of each. Nothing here draws.

/** @import { CarriedToken, SessionExchange, TokenView } from "../../core/api_types.d.ts" */

/**
 * @typedef {{key: string, letter: string, colour: number, shape: "round" | "square", name: string}} Face
 * @typedef {{issued: number, sent: number, lost: string[]}} Fate
 */

export const COLOURS = 8;

/**
 * How each token looks: a letter, a colour, and a shape (cookies are round), so that no two need colour alone.
 * @param {TokenView[]} tokens
 * @returns {Map<string, Face>}
 */
export function faces(tokens) {
  return new Map(
    tokens.map((token, index) => [
      token.key,
      {
        key: token.key,
        name: token.name,
        letter: letter(index),
        colour: index % COLOURS,
        shape: token.where === "cookie" ? "round" : "square",
      },
    ]),
  );
}

/**
 * A to Z, then AA to ZZ, and on.
 * @param {number} index
 * @returns {string}
 */
export function letter(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last;
}

/**
 * The tokens that each exchange is the first to come without: its request lacks what the one before it sent.
 * @param {SessionExchange[]} steps
 * @returns {Map<string, CarriedToken[]>} by the exchange's id
 */
export function losses(steps) {
  const held = new Set();
  const found = new Map();
  for (const step of steps) {
    const lost = step.lacks.filter((token) => held.has(token.key));
    if (lost.length) found.set(step.row.id, lost);
    for (const token of step.lacks) held.delete(token.key);
    for (const token of step.sends) held.add(token.key);
    for (const token of step.issues) if (!step.lacks.some(({ key }) => key === token.key)) held.add(token.key);
  }
  return found;
}

/** The tokens that are mentioned, each once: a value can have several names. @param {CarriedToken[]} mentions */
export function keys(mentions) {
  return [...new Set(mentions.map(({ key }) => key))];
}

/**
 * In how many exchanges each token was issued and sent, and the exchanges that came without it.
 * @param {SessionExchange[]} steps
 * @returns {Map<string, Fate>}
 */
export function fates(steps) {
  /** @type {Map<string, Fate>} */
  const found = new Map();
  const of = (/** @type {string} */ key) => {
    if (!found.has(key)) found.set(key, { issued: 0, sent: 0, lost: [] });
    return /** @type {Fate} */ (found.get(key));
  };
  for (const step of steps) {
    for (const key of keys(step.issues)) of(key).issued += 1;
    for (const key of keys(step.sends)) of(key).sent += 1;
  }
  for (const [id, lost] of losses(steps)) for (const key of keys(lost)) of(key).lost.push(id);
  return found;
}
