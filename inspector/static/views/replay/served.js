// What a replay served: its journal as a table that grows at its top.

import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { instant } from "../../core/format.js";
import { from, Table } from "../../components/virtual_table.js";

/** @import { Column } from "../../components/virtual_table.js" */
/** @import { FileView, JournalEntry, Neighbour } from "../../core/api_types.d.ts" */

const PAGE = 1000; // entries asked for at once
const MOST = 10_000; // entries kept, as many as the server keeps

/** The sign, the name and the meaning of why something was served. @type {Record<JournalEntry["why"], [string, string, string]>} */
const WHYS = {
  match: ["✓", "match", "a recorded request"],
  "after-last": ["✓", "after last", "a match, beyond the last recorded answer"],
  "lost-session": ["✕", "lost session", "the client came without its cookies"],
  miss: ["✕", "miss", "nothing recorded is like it"],
  forwarded: ["→", "forwarded", "the live upstream answered"],
};

/** Follows the journal: `entries` has what is known of it, the newest first. */
export class Journal {
  constructor() {
    /** @type {JournalEntry[]} */
    this.entries = [];
    this.next = 0;
  }

  /** Asks what came since; whether anything did. */
  async more() {
    let came = false;
    for (;;) {
      const page = await get("/journal", { since: this.next, limit: PAGE });
      this.next = page.next;
      if (!page.entries.length) return came;
      came = true;
      this.entries = [...page.entries.toReversed(), ...this.entries].slice(0, MOST);
      if (page.entries.length < PAGE) return came;
    }
  }

  clear() {
    this.entries = [];
  }
}

/** The id of the exchange that was played, when its cassette is open here. @param {JournalEntry | Neighbour} entry @param {FileView[]} files */
export function played(entry, files) {
  const file = files.find((one) => one.name === entry.cassette);
  if (!file || entry.exchange === null) return null;
  // The replay of several files counts these by itself: "2.15" there may be 0.15 here.
  return `${file.file}.${String(entry.exchange).split(".").at(-1)}`;
}

/**
 * @param {() => JournalEntry[]} entries
 * @param {() => FileView[]} files
 * @param {(id: string) => void} open
 */
export function servedTable(entries, files, open) {
  /** @type {Column<JournalEntry>[]} */
  const columns = [
    { name: "number", title: "#", width: "52px", rank: 3, right: true, cell: (entry) => entry.number },
    { name: "at", title: "at", width: "70px", right: true, cell: (entry) => instant(entry.at), hint: "seconds since the server began" },
    { name: "why", title: "why", width: "122px", cell: why },
    { name: "method", title: "method", width: "60px", cell: (entry) => entry.method },
    { name: "target", title: "path", width: "minmax(110px, 1fr)", cell: (entry) => h("span", { title: entry.target }, entry.target) },
    { name: "status", title: "status", width: "56px", cell: (entry) => h("span", { class: entry.status === null || entry.status >= 400 ? "bad" : "" }, entry.status ?? "none") },
    { name: "session", title: "session", width: "62px", rank: 2, right: true, cell: (entry) => entry.session ?? "–" },
    { name: "exchange", title: "played", width: "58px", link: true, cell: (entry) => exchange(entry, files()) },
    { name: "faults", title: "faults", width: "minmax(96px, 0.7fr)", rank: 1, cell: (entry) => h("span", { class: "warn", title: entry.faults.join("\n") }, entry.faults.join("; ")) },
  ];
  return new Table({
    label: "Served requests",
    columns,
    id: (entry) => String(entry.number),
    load: from(entries),
    href: (entry) => {
      const id = played(entry, files());
      return id && `#/x/${id}`;
    },
    open: (entry) => {
      const id = played(entry, files());
      if (id) open(id);
    },
    tone: (entry) => (entry.why === "miss" || entry.why === "lost-session" ? "failed" : ""),
    newestFirst: () => true,
    empty: "Nothing was served yet: point a client at the replay.",
  });
}

/** @param {JournalEntry} entry */
function why(entry) {
  const [sign, name, meaning] = WHYS[entry.why];
  return h("span", { title: meaning }, `${sign} ${name}`);
}

/** @param {JournalEntry} entry @param {FileView[]} files */
function exchange(entry, files) {
  const id = played(entry, files);
  if (id) return id;
  return entry.exchange === null ? "–" : `#${entry.exchange}`;
}
