// The moments of an answer, fetched in pages, and further ones while it goes on.

import { get } from "../../core/api.js";

/** @import { ShownChunk, ShownMoment } from "../../core/api_types.d.ts" */

const PAGE = 1000;
const MOST = 20_000; // moments that are fetched unasked
const LARGEST = 64 << 20; // characters of data, likewise

export class Moments {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {ShownMoment[]} */
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
      const page = await get(`exchange/${this.id}/moments`, { since: this.all.length, limit: PAGE }, signal);
      this.all.push(...page.moments);
      this.characters += page.moments.reduce((sum, moment) => sum + moment.data.length, 0);
      this.count = page.count;
      this.ended = page.end;
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
  /** @type {ShownChunk[]} */
  const found = [];
  while (first + found.length <= last) {
    const limit = Math.min(PAGE, last - first - found.length + 1);
    const page = await get(`exchange/${id}/chunks`, { since: first + found.length, limit });
    if (!page.chunks.length) break;
    found.push(...page.chunks);
  }
  return found;
}
