// Rows that are fetched in pages when they are wanted, of which the latest are kept.

const PAGE = 200; // rows fetched at once
const KEPT = 40; // pages

/**
 * Gets at most `limit` rows from the one with the number `since` on, and how many there are in all.
 * @template Row
 * @typedef {(since: number, limit: number) => Promise<{rows: Row[], total: number}>} Load
 */

/** @template Row */
export class Pages {
  /** @param {Load<Row>} load */
  constructor(load) {
    this.load = load;
    this.total = 0;
    /** How often all was asked for anew. */
    this.turn = 0;
    /** @type {Map<number, Row[]>} */
    this.pages = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
  }

  /** The row at a place, undefined while it has not been fetched. @param {number} index */
  at(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /**
   * Gets these rows anew in place of all that are here; false when something else was asked for meanwhile.
   * Rejects as `load` does, and then all stays as it was.
   * @param {number} first
   * @param {number} last
   */
  async renew(first, last) {
    const mine = (this.turn += 1);
    this.asked.clear();
    const found = new Map();
    let total = 0;
    for (const page of between(first, last)) {
      const answer = await this.load(page * PAGE, PAGE);
      if (mine !== this.turn) return false;
      total = answer.total;
      found.set(page, answer.rows);
    }
    this.total = total;
    this.pages = found;
    return true;
  }

  /** Fetches what of these rows is missing; calls `came` after each page. @param {number} first @param {number} last @param {() => void} came */
  want(first, last, came) {
    for (const page of between(first, last)) this.fetch(page, came);
  }

  /** @param {number} page @param {() => void} came */
  async fetch(page, came) {
    if (this.pages.has(page) || this.asked.has(page)) return;
    const mine = this.turn;
    this.asked.add(page);
    const answer = await this.load(page * PAGE, PAGE).catch(() => null); // the bar says that the server is gone
    if (mine !== this.turn) return;
    this.asked.delete(page);
    if (!answer) return;
    this.pages.set(page, answer.rows);
    if (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value ?? 0);
    came();
  }

  /** Takes no more answers. */
  close() {
    this.turn += 1;
  }
}

/** The load of rows that are all here. @template Row @param {() => Row[]} rows @returns {Load<Row>} */
export function from(rows) {
  return async (since, limit) => ({ rows: rows().slice(since, since + limit), total: rows().length });
}

/** The pages that the rows are on. @param {number} first @param {number} last */
function between(first, last) {
  const begin = Math.floor(Math.max(0, first) / PAGE);
  return Array.from({ length: Math.floor(Math.max(first, last) / PAGE) - begin + 1 }, (_, index) => begin + index);
}
