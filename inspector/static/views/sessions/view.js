// All sessions, in the order in which they began.

import { get } from "../../core/api.js";
import { onChange } from "../../core/changes.js";
import { h, put } from "../../core/dom.js";
import { count, duration, instant, plural } from "../../core/format.js";
import { bind } from "../../core/keys.js";
import { oneAtATime } from "../../core/one_at_a_time.js";
import { Table } from "../../components/virtual_table.js";

/** @import { Column } from "../../components/virtual_table.js" */
/** @import { SessionRow } from "../../core/api_types.d.ts" */
/** @import { Context, Parameters } from "../../main.js" */

/** @type {Column<SessionRow>[]} */
const COLUMNS = [
  { name: "id", title: "session", width: "110px", link: true, cell: (row) => row.id },
  { name: "began", title: "began", width: "110px", right: true, cell: (row) => instant(row.began), hint: "seconds since the recording began" },
  { name: "duration", title: "duration", width: "110px", right: true, cell: (row) => duration(row.duration) },
  { name: "exchanges", title: "exchanges", width: "110px", right: true, cell: (row) => count(row.exchanges) },
  { name: "jobs", title: "jobs", width: "90px", right: true, cell: (row) => count(row.jobs) },
  { name: "errors", title: "errors", width: "minmax(90px, 1fr)", cell: (row) => h("span", { class: row.errors > 0 && "bad" }, count(row.errors)) },
];

/**
 * @param {HTMLElement} root
 * @param {Parameters} _parameters
 * @param {Context} context
 */
export async function show(root, _parameters, context) {
  context.title("Sessions");
  const title = h("h1", {});
  const table = new Table({
    label: "Sessions",
    columns: COLUMNS,
    id: (row) => row.id,
    load,
    href: (row) => `#/session/${row.id}`,
    open: (row) => context.go(`/session/${row.id}`),
    empty: "No session yet: the first exchange begins one.",
  });
  put(root, h("div", { class: "strip" }, title, h("span", { class: "soft" }, "tied together by cookies and tokens; Enter or a double click opens one")), table.element);

  /** @param {number} since @param {number} limit */
  async function load(since, limit) {
    const { sessions, total } = await get("sessions", { since, limit });
    put(title, plural(total, "session"));
    return { rows: sessions, total };
  }

  /** The first is picked once there is one. */
  async function refresh() {
    await table.refresh();
    if (table.picked < 0) table.pick(0);
  }

  await refresh();
  table.element.focus();
  const unbind = bind([
    { keys: ["j", "ArrowDown"], help: "next session", run: () => table.move(1) },
    { keys: ["k", "ArrowUp"], help: "session before", run: () => table.move(-1) },
    { keys: ["Enter"], help: "open the session", run: () => table.open() },
  ]);
  const unfollow = onChange(oneAtATime(refresh, (error) => context.announce(String(error))));
  return () => {
    unbind();
    unfollow();
    table.close();
  };
}
