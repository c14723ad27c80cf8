// The one stream of changes: read with fetch, so that it can carry the token, and taken up again when it breaks.

import { ask } from "./api.js";

/** @import { Change } from "./api_types.d.ts" */

const RETRY = [500, 1000, 2000, 5000]; // milliseconds

/** @typedef {(change: Change) => void} Listener */

/** @type {Set<Listener>} */
const listeners = new Set();

/**
 * Calls `listener` at each change until the function that comes back is called.
 * @param {Listener} listener
 * @returns {() => void}
 */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether a change concerns an exchange. @param {Change} change @param {string} id */
export function concerns(change, id) {
  return change.exchanges === "all" || change.exchanges.includes(id);
}

/**
 * Gathers the changes from now on. The function that comes back announces them once more, to those who listen by then:
 * a view asks first and listens when it has its answer, and what happened between is in neither.
 * @returns {() => void}
 */
export function gather() {
  /** @type {Change[]} */
  const gathered = [];
  const stop = onChange((change) => gathered.push(change));
  return () => {
    stop();
    for (const change of gathered) announce(change);
  };
}

/**
 * Follows the changes for as long as the page is open; reports whether it is connected. What changed before it was, since
 * the version that the page knows or since the connection broke, is announced as a change of everything.
 * @param {number} version
 * @param {(state: "on" | "lost") => void} report
 */
export async function follow(version, report) {
  let known = version;
  for (let failures = 0; ; failures += 1) {
    try {
      const response = await ask("changes");
      report("on");
      let connecting = true;
      const again = failures > 0;
      failures = 0;
      await read(/** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body), (change) => {
        const missed = connecting && (again || change.version !== known);
        connecting = false;
        known = change.version;
        announce(missed ? { ...change, exchanges: "all" } : change);
      });
    } catch {
      // A server that is gone, or one that does not know us any more: the dot says so, and the next try tells.
    }
    report("lost");
    await new Promise((resolve) => setTimeout(resolve, RETRY[Math.min(failures, RETRY.length - 1)]));
  }
}

/** Reads events until the stream ends. @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {Listener} take */
async function read(body, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop() ?? "";
    for (const data of blocks.map(dataOf)) if (data) take(JSON.parse(data));
  }
}

/** @param {string} block */
function dataOf(block) {
  return block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
}

/** @param {Change} change */
function announce(change) {
  for (const listener of [...listeners]) listener(change);
}
