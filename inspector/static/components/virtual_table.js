// A table of any length: only the rows in sight exist, and they are fetched in pages as one scrolls.

import { h, put } from "../core/dom.js";
import { from, Pages } from "./row_pages.js";

export { from };

const HEIGHT = 24; // of a row, in pixels: theme.css has the same as --row
const SPARE = 10; // rows drawn above and below those in sight
const SECOND_CLICK = 250; // milliseconds in which a second click makes a double click
const FIRST_ROW = 2; // its aria-rowindex: rows are counted from 1, the head among them

/** @import { Child } from "../core/dom.js" */
/** @import { Load } from "./row_pages.js" */

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} name
 * @property {string} title
 * @property {string} width  a track of a CSS grid
 * @property {(row: Row) => Child} cell  what is shown; it is compared with what was shown before, so it has no listeners
 * @property {string} [sort]  what the order by it is called
 * @property {boolean} [falls]  whether the largest is wanted first
 * @property {boolean} [right]
 * @property {string} [hint]
 * @property {number} [rank]  a column of a higher rank is left out first where not all fit; one without is always there
 * @property {boolean} [hidden]  is only shown when a person chose it
 * @property {boolean} [link]  its cell holds the row's link
 */

/**
 * @template Row
 * @typedef {object} Options
 * @property {string} label
 * @property {Column<Row>[]} columns
 * @property {(row: Row) => string} id
 * @property {Load<Row>} load
 * @property {(row: Row, index: number) => void} [pick]  a row became the current one
 * @property {(row: Row) => void} [open]  Enter or a double click
 * @property {(row: Row) => string | null} [href]  the address that a row is a link to
 * @property {(row: Row) => void} [click]  a single click, once no second one followed it
 * @property {{[column: string]: boolean}} [choice]  the columns that a person showed or hid
 * @property {(row: Row | null) => void} [hover]  the row that the pointer is over
 * @property {(by: string) => void} [sorted]
 * @property {(row: Row) => string} [tone]  a class for the row
 * @property {() => boolean} [newestFirst]  whether new rows come at the top
 * @property {string} [empty]  the text where there is no row
 * @property {Set<string>} [marks]  the ids of the rows that a person marked; without it none can be
 * @property {() => void} [marked]
 * @property {(rows: Row[], drawn: [Row, HTMLElement][]) => void} [insight]  the rows in sight, and all that are drawn
 */

let tables = 0;

/** @template Row */
export class Table {
  /** @param {Options<Row>} options */
  constructor(options) {
    this.options = options;
    this.prefix = `table-${(tables += 1)}-`;
    this.pages = new Pages(options.load);
    this.picked = -1;
    this.pickedId = "";
    this.hovered = -1;
    this.sort = "";
    /** @type {Map<number, HTMLElement>} */
    this.drawn = new Map();
    /** @type {HTMLElement | null} */
    this.nothing = null;
    /** The columns that are shown. */
    this.columns = options.columns;
    this.clicked = 0;
    const { label, columns, marks } = options;
    this.head = h("div", { class: "table-head", role: "row", "aria-rowindex": 1 });
    this.body = h("div", { class: "table-body", role: "rowgroup", on: this.pointerListeners() });
    this.element = h(
      "div",
      {
        class: "table", role: "grid", tabindex: 0, "aria-label": label, "aria-colcount": columns.length,
        "aria-rowcount": 1, "aria-multiselectable": marks ? "true" : null,
        on: { scroll: () => this.draw(), keydown: (/** @type {KeyboardEvent} */ event) => this.press(event) },
      },
      h("div", { role: "rowgroup", class: "table-top" }, this.head),
      this.body,
    );
    this.arrange();
    this.observer = new ResizeObserver(() => {
      this.arrange();
      this.draw();
    });
    this.observer.observe(this.element);
  }

  close() {
    this.observer.disconnect();
    clearTimeout(this.clicked);
    this.pages.close();
  }

  /** Shows the columns that are chosen, and of those that nobody chose as many as fit. */
  arrange() {
    const columns = fitting(this.options.columns, this.options.choice ?? {}, this.element.clientWidth);
    this.element.style.setProperty("--columns", columns.map((column) => column.width).join(" "));
    if (columns.length === this.columns.length && columns.every((column, place) => column === this.columns[place]) && this.head.hasChildNodes()) return;
    this.columns = columns;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.drawHead();
  }

  /** How many rows there are. */
  get total() {
    return this.pages.total;
  }

  /** Asks anew, from the top: the filter or the order is another one. Rejects as `load` does, and then nothing changes. */
  async restart() {
    if (!(await this.pages.renew(0, 0))) return;
    this.picked = -1;
    this.pickedId = "";
    this.element.scrollTop = 0;
    this.resize(0);
  }

  /** Asks anew for what is in sight; rows stay where they are until the answer is there. Rejects as `load` does. */
  async refresh() {
    const before = this.total;
    if (await this.pages.renew(...this.window())) this.resize(before);
  }

  /** Keeps the rows in sight where they are when others came. @param {number} before */
  resize(before) {
    const { element, total } = this;
    const came = total - before;
    const wasAtEnd = before > 0 && element.scrollTop > 0 && element.scrollTop + element.clientHeight >= element.scrollHeight - HEIGHT;
    this.body.style.height = `${total * HEIGHT}px`;
    element.setAttribute("aria-rowcount", String(total + 1));
    if (came > 0 && before > 0 && this.options.newestFirst?.()) {
      if (this.picked >= 0) this.picked += came;
      if (element.scrollTop > 0) element.scrollTop += came * HEIGHT;
    } else if (came > 0 && wasAtEnd) {
      element.scrollTop = element.scrollHeight;
    }
    this.draw(true);
  }

  /** Indices of the rows to draw, first and last. @returns {[number, number]} */
  window() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.floor(scrollTop / HEIGHT) - SPARE;
    const last = Math.ceil((scrollTop + clientHeight) / HEIGHT) + SPARE;
    return [Math.max(0, Math.min(first, this.total - 1)), Math.min(Math.max(this.total, 1) - 1, last)];
  }

  /**
   * Draws the rows in sight. A row that is drawn already keeps its element, and each cell keeps its own while it shows
   * the same: a browser makes no click of a press and a release on different elements.
   * @param {boolean} [anew] also those that are drawn already
   */
  draw(anew = false) {
    const [first, last] = this.total ? this.window() : [0, -1];
    for (const [index, row] of this.drawn) {
      if (index < first || index > last) {
        row.remove();
        this.drawn.delete(index);
      }
    }
    const fresh = [];
    for (let index = first; index <= last; index += 1) {
      const drawn = this.drawn.get(index);
      if (drawn && !anew) continue;
      const row = this.drawRow(index);
      if (drawn) {
        bringUpToDate(drawn, row);
      } else {
        this.drawn.set(index, row);
        fresh.push(row);
      }
    }
    this.body.append(...fresh);
    this.options.insight?.(this.inSight(), this.drawnRows());
    this.point();
    this.drawEmpty();
    if (last >= 0) this.pages.want(first, last, () => this.draw(true));
  }

  /** The rows in sight that have been fetched. */
  inSight() {
    const first = Math.floor(this.element.scrollTop / HEIGHT);
    const length = Math.ceil((this.element.clientHeight - this.head.offsetHeight) / HEIGHT);
    const rows = Array.from({ length: Math.max(0, Math.min(length, this.total - first)) }, (_, index) => this.pages.at(first + index));
    return rows.filter((row) => row !== undefined);
  }

  /** The rows that are drawn and have been fetched, each with its element. @returns {[Row, HTMLElement][]} */
  drawnRows() {
    return [...this.drawn].flatMap(([index, element]) => {
      const row = this.pages.at(index);
      return row === undefined ? [] : [/** @type {[Row, HTMLElement]} */ ([row, element])];
    });
  }

  /** @param {number} index */
  drawRow(index) {
    const row = this.pages.at(index);
    const { tone, marks, id } = this.options;
    const picked = index === this.picked;
    const marked = Boolean(row && marks?.has(id(row)));
    return h(
      "div",
      {
        class: `row ${picked ? "picked" : ""} ${marked ? "marked" : ""} ${row ? (tone?.(row) ?? "") : "waiting"}`,
        role: "row", id: this.prefix + index, "aria-rowindex": index + FIRST_ROW,
        "aria-selected": String(marks ? marked : picked),
        style: { transform: `translateY(${index * HEIGHT}px)` },
      },
      this.columns.map((column) => h(
        "div",
        { class: `cell col-${column.name} ${column.right ? "right" : ""}`, role: "gridcell", "aria-colindex": this.place(column) },
        row ? this.content(column, row) : "",
      )),
    );
  }

  /** What a cell holds; the link reaches over the whole row, so that any place of it can be opened in a new tab. @param {Column<Row>} column @param {Row} row */
  content(column, row) {
    const content = column.cell(row);
    const href = column.link ? this.options.href?.(row) : null;
    return href ? h("a", { class: "row-link", href, tabindex: -1, draggable: "false" }, content) : content;
  }

  /** The number of a column among all, those that are not shown included. @param {Column<Row>} column */
  place(column) {
    return this.options.columns.indexOf(column) + 1;
  }

  /** What the pointer does with the rows; they have no listeners of their own. */
  pointerListeners() {
    return {
      mousedown: (/** @type {MouseEvent} */ event) => this.pressOn(event),
      click: (/** @type {MouseEvent} */ event) => this.clickOn(event),
      dblclick: (/** @type {MouseEvent} */ event) => this.openAt(event),
      mouseover: (/** @type {MouseEvent} */ event) => this.hoverOver(this.indexAt(event)),
      mouseleave: () => this.hoverOver(-1),
    };
  }

  /** The index of the row that the pointer is on, -1 for none. @param {MouseEvent} event */
  indexAt(event) {
    const target = /** @type {Element} */ (event.target);
    const row = target.closest("[aria-rowindex]");
    return row ? Number(row.getAttribute("aria-rowindex")) - FIRST_ROW : -1;
  }

  /** A press of the mouse picks; with Ctrl or Cmd it marks. @param {MouseEvent} event */
  pressOn(event) {
    const index = this.indexAt(event);
    if (index < 0 || event.button !== 0 || isOnControl(event)) return;
    event.preventDefault(); // the table keeps the focus, not the row's link
    this.element.focus({ preventScroll: true });
    this.pick(index);
    if (event.ctrlKey || event.metaKey) this.mark();
  }

  /** A click of the row's link leads nowhere by itself, but with Shift, as anywhere, to another window. @param {MouseEvent} event */
  clickOn(event) {
    const row = this.pages.at(this.indexAt(event));
    if (event.button !== 0 || event.shiftKey || isOnControl(event)) return;
    event.preventDefault();
    clearTimeout(this.clicked);
    if (!row || event.ctrlKey || event.metaKey || !this.options.click) return;
    this.clicked = setTimeout(() => this.options.click?.(row), SECOND_CLICK);
  }

  /** @param {MouseEvent} event */
  openAt(event) {
    clearTimeout(this.clicked);
    const row = this.pages.at(this.indexAt(event));
    if (row && event.button === 0 && !isOnControl(event)) this.options.open?.(row);
  }

  /** @param {number} index */
  hoverOver(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.options.hover?.(this.pages.at(index) ?? null);
  }

  drawEmpty() {
    const { empty } = this.options;
    if (this.total || !empty || this.pages.turn === 0) {
      this.nothing?.remove();
      this.nothing = null;
    } else if (!this.nothing) {
      this.nothing = h("p", { class: "note table-empty" }, empty);
      this.element.after(this.nothing);
    }
  }

  drawHead() {
    const focused = [...this.head.children].find((cell) => cell.contains(document.activeElement))?.getAttribute("aria-colindex");
    put(this.head, this.columns.map((column) => {
      const key = column.sort;
      const way = key && this.sort === key ? "ascending" : key && this.sort === `-${key}` ? "descending" : null;
      const text = key
        ? h("button", { on: { click: () => this.order(turned(way, column)) }, title: column.hint },
            column.title, h("span", { class: "arrow", "aria-hidden": "true" }, way === "ascending" ? "▲" : way === "descending" ? "▼" : ""))
        : column.title;
      return h("div", {
        class: `cell col-${column.name} ${column.right ? "right" : ""}`, role: "columnheader", "aria-colindex": this.place(column),
        "aria-sort": key ? way ?? "none" : null, title: key ? null : column.hint,
      }, text);
    }));
    if (focused) /** @type {HTMLElement | null} */ (this.head.querySelector(`[aria-colindex="${focused}"] button`))?.focus();
  }

  /** Sorts: a column's name, with a minus in front for the other way round. @param {string} by */
  order(by) {
    this.sort = by;
    this.drawHead();
    this.options.sorted?.(by);
  }

  /** @param {number} index */
  pick(index, quietly = false) {
    this.picked = Math.min(index, this.total - 1);
    this.show(this.picked);
    this.draw(true);
    const row = this.pages.at(this.picked);
    this.pickedId = row ? this.options.id(row) : "";
    if (row && !quietly) this.options.pick?.(row, this.picked);
  }

  /** @param {number} by */
  move(by) {
    if (!this.total) return;
    this.pick(Math.max(0, Math.min(this.total - 1, this.picked < 0 ? 0 : this.picked + by)));
  }

  /** The picked row, if it has been fetched. */
  current() {
    return this.picked >= 0 ? this.pages.at(this.picked) : undefined;
  }

  open() {
    const row = this.current();
    if (row) this.options.open?.(row);
  }

  /** Marks the picked row, or takes its mark away. */
  mark() {
    const { marks, id, marked } = this.options;
    const row = this.current();
    if (!marks || !row) return;
    if (!marks.delete(id(row))) marks.add(id(row));
    this.draw(true);
    marked?.();
  }

  /** Scrolls as little as brings the row in sight, and to its middle from afar. @param {number} index */
  show(index) {
    if (index < 0) return;
    const { element } = this;
    const top = index * HEIGHT;
    const room = element.clientHeight - this.head.offsetHeight - HEIGHT; // above the row, when it is the last in sight
    const hidden = Math.max(element.scrollTop - top, top - element.scrollTop - room);
    if (hidden > 2 * HEIGHT) element.scrollTop = top - room / 2;
    else if (hidden > 0) element.scrollTop = top < element.scrollTop ? top : top - room;
  }

  point() {
    if (this.drawn.has(this.picked)) this.element.setAttribute("aria-activedescendant", this.prefix + this.picked);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(this.element.clientHeight / HEIGHT) - 2);
    /** @type {{[key: string]: () => void}} */
    const keys = {
      ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1),
      PageDown: () => this.move(screen), PageUp: () => this.move(-screen),
      Home: () => this.pick(0), End: () => this.pick(this.total - 1),
      Enter: () => this.open(), " ": () => this.mark(),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }
}

/** Whether the pointer is on something in a row that does something else than the row. @param {MouseEvent} event */
function isOnControl(event) {
  return /** @type {Element} */ (event.target).closest("a:not(.row-link), button") !== null;
}

/**
 * The columns that are shown in a width: those that a person chose, and of the others as many as fit beside them.
 * @template Row
 * @param {Column<Row>[]} columns
 * @param {{[column: string]: boolean}} choice
 * @param {number} width  0 while the table is not on the page yet: then all fit
 * @returns {Column<Row>[]}
 */
export function fitting(columns, choice, width) {
  const wanted = columns.filter((column) => choice[column.name] ?? !column.hidden);
  const spare = wanted.filter((column) => column.rank && !choice[column.name]).toSorted((a, b) => (b.rank ?? 0) - (a.rank ?? 0));
  const shown = new Set(wanted);
  let taken = wanted.reduce((sum, column) => sum + leastWidth(column), 0);
  while (width > 0 && taken > width) {
    const next = spare.shift();
    if (!next) break;
    shown.delete(next);
    taken -= leastWidth(next);
  }
  return wanted.filter((column) => shown.has(column));
}

/** The pixels that a column takes at least: the first number of its track. @param {{width: string}} column */
function leastWidth({ width }) {
  return parseInt(/\d+/.exec(width)?.[0] ?? "0", 10);
}

/** Makes a drawn row look like a fresh one of the same place. @param {HTMLElement} drawn @param {HTMLElement} fresh */
function bringUpToDate(drawn, fresh) {
  // Its style is the same, and the policy of the page lets no style come from an attribute.
  for (const { name, value } of fresh.attributes) if (name !== "style") drawn.setAttribute(name, value);
  for (const [place, cell] of [...fresh.children].entries()) {
    const old = drawn.children[place];
    if (!old.isEqualNode(cell)) old.replaceChildren(...cell.childNodes);
  }
}

/**
 * The order that a press on the head of a column gives.
 * @param {string | null} way it is sorted now @param {{sort?: string, falls?: boolean}} column
 */
function turned(way, { sort, falls }) {
  return way === "ascending" || (way === null && falls) ? `-${sort}` : `${sort}`;
}
