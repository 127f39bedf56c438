// Tables: rows of cells, with the spans of the source spread as empty cells.

import type { Node } from "prosemirror-model";
import type { Lang } from "./look";
import type { Maker, Place } from "./place";
import { Run, type Line } from "./run";

// spread bounds how many empty cells the spans of one table may make.
const spread = 20_000;
const widest = 200;

export class Cell implements Place {
  readonly kind = "cell";
  readonly lines: Line[] = [];
  run = new Run();

  constructor(readonly home: Lang, readonly head: boolean, readonly columns = 1, readonly rows = 1) {}

  static of(element: Element, name: string, home: Lang): Cell {
    return new Cell(home, name === "th", span(element, "colspan"), span(element, "rowspan"));
  }

  take(line: Line): void {
    this.lines.push(line);
  }
}

function span(element: Element, name: string): number {
  const said = Number.parseInt(element.getAttribute(name) ?? "", 10);
  return said > 1 ? Math.min(said, 1000) : 1;
}

interface Row { cells: Cell[]; foot: boolean }

export class Grid implements Place {
  readonly kind = "table";
  readonly rows: Row[] = [];
  caption: Line[] | undefined;
  run = new Run();
  foot = false;
  private fresh = true;

  constructor(readonly home: Lang) {}

  // take takes text outside of any cell, where it can be only by mistake.
  take(line: Line): void {
    this.row();
    this.cell(new Cell(this.home, false)).take(line);
    this.row();
  }

  // row ends a row; the next cell begins another.
  row(): void {
    this.fresh = true;
  }

  cell(cell: Cell): Cell {
    if (this.fresh) this.rows.push({ cells: [], foot: this.foot });
    this.fresh = false;
    this.rows.at(-1)?.cells.push(cell);
    return cell;
  }

  node(maker: Maker): Node | undefined {
    const source = this.source();
    const rows = evened(this.rows);
    const some = this.caption?.length || source.length || rows.some((row) => row.some((cell) => cell.lines.length));
    if (!some) return undefined;
    return maker.make("table_block", null, [
      maker.written("table_caption", null, this.caption ?? []),
      maker.make("table", null, rows.map((row) => maker.make("table_row", null,
        row.map((cell) => maker.written(cell.head ? "table_head" : "table_cell", null, cell.lines))))),
      maker.written("table_source", null, source),
    ]);
  }

  // source takes the rows of a single cell from the foot: they say where the
  // numbers come from.
  private source(): Line[] {
    const from = this.rows.findIndex((row) => row.foot);
    if (from < 1 || this.rows.slice(from).some((row) => !row.foot || row.cells.length !== 1)) return [];
    if (this.rows.slice(0, from).every((row) => row.cells.length < 2)) return [];
    return this.rows.splice(from).flatMap((row) => row.cells.flatMap((cell) => cell.lines));
  }
}

// evened spreads spans and makes rows equally long.
function evened(rows: Row[]): Cell[][] {
  let left = spread;
  const filler = (cell: Cell) => new Cell(cell.home, cell.head);
  // below are the cells that reach down into the next row, by column.
  let below = new Map<number, { cell: Cell; rows: number }>();
  const all = rows.map(({ cells }) => {
    const row: Cell[] = [];
    const next = new Map<number, { cell: Cell; rows: number }>();
    const fill = () => {
      for (let hanging = below.get(row.length); hanging && left > 0; hanging = below.get(row.length)) {
        if (hanging.rows > 1) next.set(row.length, { cell: hanging.cell, rows: hanging.rows - 1 });
        row.push(filler(hanging.cell));
        left--;
      }
    };
    for (const cell of cells) {
      fill();
      for (let column = 0; column < cell.columns && (!column || (left > 0 && row.length < widest)); column++) {
        if (cell.rows > 1) next.set(row.length, { cell, rows: cell.rows - 1 });
        if (column) left--;
        row.push(column ? filler(cell) : cell);
      }
    }
    fill();
    below = next;
    return row;
  });
  const wide = all.reduce((most, row) => Math.max(most, row.length), 0);
  for (const row of all) {
    const last = row.at(-1);
    while (last && row.length < wide && left > 0) {
      row.push(filler(last));
      left--;
    }
  }
  return all;
}

// layout tells whether a table only arranges a page: it says so, it has a
// single cell, or it holds a table and neither heads nor a caption.
export function layout(table: Element): "data" | "layout" | "nested" {
  if (/^(presentation|none)$/i.test(table.getAttribute("role") ?? "")) return "layout";
  let cells = 0;
  let headed = false;
  let nested = false;
  for (let at: Element | null = table.firstElementChild; at;) {
    const name = at.localName.toLowerCase();
    if (name === "td" || name === "th") cells++;
    headed ||= name === "th" || name === "caption";
    nested ||= name === "table";
    at = (name === "table" ? null : at.firstElementChild) ?? following(at, table);
  }
  if (nested && !headed) return "nested";
  return cells === 1 && !headed ? "layout" : "data";
}

function following(at: Element, top: Element): Element | null {
  for (let up: Element | null = at; up && up !== top; up = up.parentElement) {
    if (up.nextElementSibling) return up.nextElementSibling;
  }
  return null;
}
