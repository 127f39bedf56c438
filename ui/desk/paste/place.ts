// The places that lines of text may stand in while a document is read. Each
// takes lines and, when it is closed, becomes a part of the place around it.

import { Fragment, type Attrs, type Mark, type Node, type NodeType, type Schema } from "prosemirror-model";
import type { Lang } from "./look";
import { blank, Run, type Line } from "./run";

export interface Place {
  readonly kind: "flow" | "list" | "item" | "quote" | "attribution" | "table" | "cell" | "caption" | "preformatted" | "note";
  run: Run;
  // home is the language that the place can say of itself; undefined where each
  // block says it.
  readonly home: Lang | undefined;
  take(line: Line, block: Block): void;
}

// Block is what is known of the block that a line stands in.
export interface Block { level: number; lang: Lang }

// deepestFake bounds the levels of Word's lists; Word itself has nine.
const deepestFake = 9;

export interface Item { lines: Line[]; sub?: List }
export interface List { ordered: boolean; start: number; lang: Lang; items: Item[] }
export interface Fake { id: string; level: number; ordered: boolean; start: number; lang: Lang }

// Maker makes nodes of the schema.
export class Maker {
  constructor(private readonly schema: Schema, private readonly base: () => Lang) {}

  type(name: string): NodeType {
    const type = this.schema.nodes[name];
    if (!type) throw new Error(`the schema has no ${name}`);
    return type;
  }

  make(name: string, attrs: Attrs | null, children: readonly Node[] = []): Node {
    return this.type(name).create(attrs, Fragment.fromArray([...children]));
  }

  // written makes a node of lines, with breaks between them.
  written(name: string, attrs: Attrs | null, lines: readonly Line[], between = this.break()): Node {
    const type = this.type(name);
    const nodes: Node[] = [];
    lines.forEach((line, at) => {
      if (at) nodes.push(between);
      for (const piece of line) {
        if (piece.break) nodes.push(this.break());
        else if (piece.node) nodes.push(piece.node);
        else if (piece.text) nodes.push(this.schema.text(piece.text, allowed(type, piece.marks)));
      }
    });
    return type.create(attrs, Fragment.fromArray(nodes));
  }

  break(): Node {
    return this.type("break").create();
  }

  newline(): Node {
    return this.schema.text("\n");
  }

  // said are the attributes for the language of a block.
  said(lang: Lang): { tag: string; dir: string } {
    const base = this.base();
    return { tag: lang.tag === base.tag ? "" : lang.tag, dir: lang.dir === base.dir ? "" : lang.dir };
  }

  list(list: List, name = "list"): Node {
    const items = list.items.map((item) => {
      const line = this.written("line", null, item.lines);
      return this.make("item", null, item.sub ? [line, this.list(item.sub, "sublist")] : [line]);
    });
    return this.make(name, { ordered: list.ordered, start: list.start, ...this.said(list.lang) }, items);
  }
}

function allowed(type: NodeType, marks: readonly Mark[]): readonly Mark[] {
  return marks.every((m) => type.allowsMarkType(m.type)) ? marks : marks.filter((m) => type.allowsMarkType(m.type));
}

// Flow is the document itself: what it takes becomes blocks.
export class Flow implements Place {
  readonly kind = "flow";
  readonly home = undefined;
  readonly blocks: Node[] = [];
  run = new Run();
  // fake are the lists, from the outermost in, that Word's paragraphs still add to.
  private fake: { id: string; lists: { level: number; list: List }[] } | undefined;

  constructor(private readonly maker: Maker) {}

  take(line: Line, block: Block): void {
    const said = this.maker.said(block.lang);
    if (block.level) this.add(this.maker.written("subhead", { level: block.level, ...said }, [line]));
    else this.add(this.maker.written("paragraph", said, [line]));
  }

  add(node: Node): void {
    this.settle();
    this.blocks.push(node);
  }

  list(list: List): void {
    if (list.items.length) this.add(this.maker.list(list));
  }

  // follow puts an item of a list that is no list in the source where its level says.
  follow(items: Item[], fake: Fake): void {
    if (!items.length) return;
    const level = Math.min(Math.max(fake.level, 1), deepestFake);
    if (this.fake && this.fake.id !== fake.id && level === 1) this.settle();
    this.fake ??= { id: fake.id, lists: [] };
    const { lists } = this.fake;
    while (lists.length > 1 && (lists.at(-1)?.level ?? 0) > level) lists.pop();
    const last = lists.at(-1);
    let list = last?.list;
    if (!list || (last && last.level < level)) {
      const inner: List = { ordered: fake.ordered, start: fake.start, lang: fake.lang, items: [] };
      list = list ? attach(list.items, inner) : inner;
      lists.push({ level, list });
    }
    for (const item of items) list.items.push(item);
  }

  // settle ends a list of Word's paragraphs.
  settle(): void {
    const outer = this.fake?.lists[0]?.list;
    this.fake = undefined;
    if (outer) this.blocks.push(this.maker.list(outer));
  }
}

// attach puts a list under the last item, and returns the list it became.
function attach(items: Item[], list: List): List {
  let last = items.at(-1);
  if (!last) items.push((last = { lines: [] }));
  if (!last.sub) return (last.sub = list);
  for (const item of list.items) last.sub.items.push(item);
  return last.sub;
}

// Listing is a list, in which only items should stand. Anything else that has
// text is an item.
export class Listing implements Place {
  readonly kind = "list";
  run = new Run();

  constructor(readonly list: List) {}

  get home(): Lang {
    return this.list.lang;
  }

  take(line: Line): void {
    this.list.items.push({ lines: [line] });
  }

  under(list: List): void {
    if (list.items.length) attach(this.list.items, list);
  }
}

// Entry is an item of a list. What follows the list in an item is an item of
// its own, since an item ends with its list.
export class Entry implements Place {
  readonly kind = "item";
  readonly items: Item[] = [];
  run = new Run();
  // marker is what Word writes before the item.
  marker: string | undefined;

  constructor(readonly home: Lang) {}

  take(line: Line): void {
    const last = this.items.at(-1);
    if (last && !last.sub) last.lines.push(line);
    else this.items.push({ lines: [line] });
  }

  under(list: List): void {
    if (list.items.length) attach(this.items, list);
  }
}

// Quoted is a quotation with its attribution.
export class Quoted implements Place {
  readonly kind = "quote";
  readonly lines: Line[] = [];
  attribution: Line[] = [];
  run = new Run();

  constructor(readonly home: Lang, readonly element: Element) {}

  take(line: Line): void {
    this.lines.push(line);
  }

  node(maker: Maker): Node | undefined {
    if (!this.lines.length && !this.attribution.length) return undefined;
    const alone = !this.lines.length;
    const lines = alone ? this.attribution : this.lines;
    return maker.make("quote", maker.said(this.home), [
      ...lines.map((line) => maker.written("line", null, [line])),
      maker.written("attribution", null, alone ? [] : this.attribution),
    ]);
  }
}

// Lines is a place that only gathers: a cell, a caption, a note, an attribution.
export class Lines implements Place {
  readonly lines: Line[] = [];
  run = new Run();

  constructor(readonly kind: "attribution" | "caption" | "note", readonly home: Lang) {}

  take(line: Line): void {
    this.lines.push(line);
  }
}

// Literal is preformatted text.
export class Literal implements Place {
  readonly kind = "preformatted";
  readonly lines: Line[] = [];
  run = new Run();

  constructor(readonly home: Lang) {}

  // take takes a line with the newline that ends it.
  take(line: Line): void {
    const last = line.at(-1);
    if (last && !last.node && last.text.endsWith("\n")) last.text = last.text.slice(0, -1);
    this.lines.push(line);
  }

  node(maker: Maker): Node | undefined {
    if (this.lines.every(blank)) return undefined;
    return maker.written("preformatted", maker.said(this.home), this.lines, maker.newline());
  }
}
