// The moments of an answer, fetched in pages, and further ones while it goes on.

import { get } from "../../core/api.js";

const PAGE = 1000;
const MOST = 20_000; // moments that are fetched unasked
const LARGEST = 64 << 20; // characters of data, likewise

export class Moments {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {import("./stalls.js").Moment[]} */
    this.all = [];
    this.count = 0;
    this.ended = false;
    this.characters = 0;
    this.allowed = MOST;
  }

  /** Whether there are more than are fetched unasked. */
  get more() {
    return this.count > this.all.length;
  }

  /** Fetches what is new; calls `drawn` after each page. @param {() => void} drawn @param {AbortSignal} signal */
  async fetch(drawn, signal) {
    do {
      const answer = await get(`exchange/${this.id}/moments`, { since: this.all.length, limit: PAGE }, signal);
      this.all.push(...answer.moments);
      this.characters += answer.moments.reduce((/** @type {number} */ sum, /** @type {any} */ moment) => sum + moment.data.length, 0);
      this.count = answer.count;
      this.ended = answer.end;
      drawn();
    } while (this.more && this.all.length < this.allowed && this.characters < LARGEST);
  }

  /** Lets as many again be fetched. */
  allowMore() {
    this.allowed += MOST;
    this.characters = 0;
  }
}

/** All chunks from the first to the last, in pages. @param {string} id @param {number} first @param {number} last */
export async function chunks(id, first, last) {
  const found = [];
  while (first + found.length <= last) {
    const limit = Math.min(PAGE, last - first - found.length + 1);
    const answer = await get(`exchange/${id}/chunks`, { since: first + found.length, limit });
    if (!answer.chunks.length) break;
    found.push(...answer.chunks);
  }
  return found;
}
