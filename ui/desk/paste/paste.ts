// What is pasted into a story: a document of the web or of a word processor, or
// plain text, as blocks of the story's schema. The text stays as it is; what
// the schema has no place for is dropped and listed.
//
// It reads a parsed document and touches no page. The source is walked with a
// stack of its own, so no depth of it overflows.

import type { Mark, Node, Schema } from "prosemirror-model";
import { code, differing, emphasis, hidden, langOf, look, marks, styleOf, Styles, type Found, type Lang, type Link, type Look, type Style } from "./look";
import { isBack, Notes } from "./notes";
import { Entry, Flow, Lines, Listing, Literal, Maker, Quoted, type Fake, type Place } from "./place";
import { ink, Run, type Piece } from "./run";
import { Cell, Grid, layout } from "./table";
import { address, readable, title } from "./text";

// Dropped is what was left out: a short key, and how often.
export interface Dropped { what: string; count: number }

// Pasted are blocks in the order of the source.
export interface Pasted { blocks: Node[]; dropped: Dropped[] }

// deepest is how deep elements may stand in each other and still make lists,
// tables and quotes; deeper ones only keep their lines and marks.
const deepest = 200;

// longestMarker is the most characters that the number of an item has; more is text.
const longestMarker = 40;

const boundaries = new Set(("address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form " +
  "frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext pre search section summary " +
  "table tbody td tfoot th thead tr ul xmp").split(" "));
const lists = new Set(["ul", "ol", "menu", "dir"]);
const literals = new Set(["pre", "listing", "xmp", "plaintext"]);

// drops names what is dropped with all that is in it; empty is not worth a word.
const drops = new Map<string, string>(Object.entries({
  script: "script", style: "style", template: "template", noscript: "noscript", svg: "svg", math: "math", xml: "office",
  title: "", meta: "", link: "", base: "", param: "", source: "", track: "", area: "", colgroup: "", col: "", wbr: "",
  img: "picture", image: "picture", picture: "picture",
}));
for (const name of ["input", "button", "select", "textarea", "option", "optgroup", "datalist", "label", "meter", "progress", "output", "keygen"]) drops.set(name, "form");
for (const name of ["iframe", "video", "audio", "object", "embed", "canvas", "applet", "frame", "frameset", "noframes", "noembed", "bgsound"]) drops.set(name, "embed");

const levels: Record<string, number> = { h1: 2, h2: 2, h3: 3, h4: 4, h5: 4, h6: 4 };

// nested names the structure that a place has no room for.
const nested: Partial<Record<Place["kind"], string>> = {
  cell: "table-nesting", caption: "table-nesting", item: "list-nesting", list: "list-nesting", quote: "quote-nesting", attribution: "quote-nesting", note: "note-nesting",
};

// readHTML reads a document of HTML. Parse must not run or fetch what it parses.
export function readHTML(html: string, schema: Schema, parse: (html: string) => Document): Pasted {
  return new Reader(schema, parse(html)).read();
}

// readText reads plain text: an empty line ends a paragraph, any other end of a
// line is a break.
export function readText(text: string, schema: Schema): Pasted {
  const { text: clean, lost } = readable(text, false);
  const maker = new Maker(schema, () => ({ tag: "", dir: "" }));
  const blocks = clean.split(/\n(?:[ \t]*\n)+/).map((part) => part.replace(/^\n|\n$/g, "")).filter((part) => /[^ \t\n]/.test(part)).map((part) =>
    maker.written("paragraph", null, part.split("\n").map((line) => [{ text: line, marks: [] }])));
  return { blocks, dropped: lost ? [{ what: "unreadable", count: lost }] : [] };
}

// Frame is an element that is being read.
interface Frame {
  next: ChildNode | null;
  look: Look;
  boundary: boolean;
  close: (() => void) | undefined;
}

class Reader {
  private readonly dropped = new Map<string, number>();
  private readonly styles = new Styles();
  private readonly maker: Maker;
  private readonly flow: Flow;
  private readonly places: Place[];
  private readonly frames: Frame[] = [];
  private readonly sets = new Map<string, readonly Mark[]>();
  private readonly arranging = new Set<Element>();
  private readonly notes: Notes;
  // base is the language that a word processor gives to every document of its
  // user, whatever it is written in.
  private base: Lang = { tag: "", dir: "" };

  constructor(private readonly schema: Schema, private readonly document: Document) {
    this.maker = new Maker(schema, () => this.base);
    this.flow = new Flow(this.maker);
    this.places = [this.flow];
    this.notes = new Notes(document);
  }

  read(): Pasted {
    const root = this.document.documentElement as Element | null;
    if (root) {
      this.base = baseOf(this.document, root, this.styles);
      this.walk(root);
      for (const box of this.notes.left()) this.walk(box);
    }
    this.flow.settle();
    const dropped = [...this.dropped].map(([what, count]) => ({ what, count })).sort((a, b) => (a.what < b.what ? -1 : 1));
    return { blocks: this.flow.blocks, dropped };
  }

  private walk(top: Element): void {
    const base = this.base;
    const start: Look = { marks: 0, link: undefined, lang: base, home: base, level: 0, space: "collapse", visible: true };
    this.element(top, start);
    for (let frame = this.frames.at(-1); frame; frame = this.frames.at(-1)) {
      const { next } = frame;
      if (!next) {
        this.leave(frame);
        continue;
      }
      frame.next = next.nextSibling;
      if (next.nodeType === 1) this.element(next as Element, frame.look);
      else if (next.nodeType === 3) this.text(next.nodeValue ?? "", frame.look);
      else if (next.nodeType === 8 && !/^\s*(Start|End)Fragment\s*$/i.test(next.nodeValue ?? "")) this.drop("comment");
    }
  }

  private get place(): Place {
    return this.places.at(-1) ?? this.flow;
  }

  private drop(what: string, count = 1): void {
    if (what && count) this.dropped.set(what, (this.dropped.get(what) ?? 0) + count);
  }

  private text(source: string, around: Look): void {
    if (!around.visible) return;
    const { text, lost } = readable(source, around.space !== "keep");
    this.drop("unreadable", lost);
    const { run, kind, home } = this.place;
    const set = this.set(around, home ?? around.home, kind === "preformatted");
    if (kind === "preformatted" && around.space === "keep") run.kept(text, set);
    else run.text(text, set, around.space);
  }

  // set returns the marks of a text in a block of a language.
  private set(around: Look, home: Lang, literal: boolean): readonly Mark[] {
    const bits = literal ? around.marks & ~code : around.marks;
    const lang = differing(around.lang, home);
    const key = `${bits} ${lang.tag} ${lang.dir} ${around.link?.href ?? ""} ${around.link?.title ?? ""}`;
    let set = this.sets.get(key);
    if (!set) {
      const types = this.schema.marks;
      let all: readonly Mark[] = [];
      const add = (name: string, attrs: Record<string, string> | null) => {
        all = types[name]?.create(attrs).addToSet(all) ?? all;
      };
      marks.forEach((name, at) => {
        if (bits & (1 << at)) add(name, null);
      });
      if (around.link) add("link", { ...around.link });
      if (lang.tag || lang.dir) add("lang", { ...lang });
      this.sets.set(key, (set = all));
    }
    return set;
  }

  // flush ends a line.
  private flush(around: Look): void {
    const { place } = this;
    const literal = place.kind === "preformatted";
    const line = literal ? place.run.literal() : place.run.take();
    if (line.length) place.take(line, { level: around.level, lang: around.home });
  }

  private leave(frame: Frame): void {
    if (frame.boundary) this.flush(frame.look);
    this.frames.pop();
    frame.close?.();
  }

  // element begins an element, or drops it.
  private element(element: Element, around: Look): void {
    const name = element.localName.toLowerCase();
    const dropped = drops.get(name);
    if (dropped !== undefined) return this.drop(dropped);
    const style = this.styles.of(element);
    if (hidden(element, name, style)) return this.drop("hidden");
    if (name === "br") return this.lineBreak(element);
    if (this.notes.isBox(element)) return;
    if (this.marker(element, style)) return;
    if (name === "a" && this.note(element, around)) return;
    if (name === "q") this.drop("quote-marks");
    this.open(element, name, style, around);
  }

  private lineBreak(element: Element): void {
    if (/\bApple-interchange-newline\b/.test(element.getAttribute("class") ?? "")) return;
    if (this.place.kind === "preformatted") this.place.run.kept("\n", []);
    else this.place.run.break();
  }

  // marker takes the bullet or number that Word writes before an item.
  private marker(element: Element, style: Style): boolean {
    if (style.get("mso-list") !== "ignore") return false;
    const marker = (element.textContent ?? "").trim();
    if (marker.length > longestMarker) return false;
    const { place } = this;
    if (place instanceof Entry) place.marker ??= marker;
    return true;
  }

  // note puts the text of a footnote in place of the link to it.
  private note(link: Element, around: Look): boolean {
    const { places } = this;
    if (places.some((place) => place.kind === "note")) return isBack(link);
    const box = around.visible ? this.notes.take(link) : undefined;
    if (!box) return false;
    const home = this.place.home ?? around.home;
    const note = new Lines("note", home);
    const inside: Look = { ...around, marks: 0, link: undefined, lang: home, home, level: 0, space: "collapse" };
    const close = () => {
      places.pop();
      const [first] = note.lines;
      if (first) trimmed(first);
      const some = note.lines.some((line) => line.length);
      if (some) this.place.run.node(this.maker.written("footnote", null, note.lines));
      else {
        this.notes.release(box);
        this.open(link, "a", this.styles.of(link), around);
      }
    };
    places.push(note);
    this.frames.push({ next: box.firstChild, look: inside, boundary: true, close });
    return true;
  }

  private open(element: Element, name: string, style: Style, around: Look): void {
    const boundary = starts(name, style) || credits(element, name);
    if (boundary) this.flush(around);
    const found: Found = { element, name, style, boundary, plain: name in levels || name === "th", link: name === "a" ? this.link(element) : undefined };
    const next = look(literals.has(name) ? { ...around, space: "keep" } : around, found);
    if (boundary) next.home = next.lang;
    const frame: Frame = { next: element.firstChild, look: next, boundary, close: undefined };
    if (around.visible && !next.visible) this.drop("hidden");
    this.structure(element, found, frame);
    this.frames.push(frame);
  }

  private link(element: Element): Link | undefined {
    const said = element.getAttribute("href") ?? "";
    if (!said.trim() || said.trim().startsWith("#")) return undefined;
    const href = address(said);
    if (!href) this.drop("link");
    return href ? { href, title: title(element.getAttribute("title") ?? "") } : undefined;
  }

  // structure opens the place that an element makes, if there is room for it.
  private structure(element: Element, { name, style }: Found, frame: Frame): void {
    const kind = structures(element, name, style);
    if (!kind) return;
    if (this.frames.length > deepest) return this.drop("depth");
    const { look: own } = frame;
    if (this.place.kind === "flow") this.block(kind, element, name, frame);
    else if (kind === "list" && (this.place.kind === "item" || this.place.kind === "list")) this.list(element, name, frame);
    else if (kind === "item" && this.place.kind === "list") this.item(frame);
    else if ((kind === "row" || kind === "cell" || kind === "caption") && this.place instanceof Grid) this.cell(this.place, kind, element, name, frame);
    else if (kind === "credit") this.credit(element, name, own, frame);
    else if (kind !== "item" && kind !== "row" && kind !== "cell" && kind !== "caption") this.drop(nested[this.place.kind] ?? "");
  }

  // block opens what may stand in the document itself.
  private block(kind: Structure, element: Element, name: string, frame: Frame): void {
    const { look: own } = frame;
    if (kind === "subhead") own.level = levelOf(element, name);
    if (kind === "rule" && !isNoteRule(element)) this.flow.add(this.maker.make("rule", null));
    if (kind === "list") this.list(element, name, frame);
    if (kind === "fake" || kind === "item") this.fake(element, kind, frame);
    if (kind === "table") this.table(element, frame);
    if (kind === "quote") {
      const quote = new Quoted(own.home, element);
      this.enter(quote, frame, () => this.add(quote.node(this.maker)));
      own.level = 0;
    }
    if (kind === "literal") {
      const literal = new Literal(own.home);
      this.enter(literal, frame, () => this.add(literal.node(this.maker)));
      own.level = 0;
    }
  }

  private add(node: Node | undefined): void {
    if (node) this.flow.add(node);
  }

  // enter makes a place the one that lines go to, until the frame is left.
  private enter(place: Place, frame: Frame, close: () => void): void {
    this.places.push(place);
    frame.boundary = true;
    frame.close = () => {
      this.places.pop();
      close();
    };
  }

  private list(element: Element, name: string, frame: Frame): void {
    const around = this.place;
    const from = Number.parseInt(element.getAttribute("start") ?? "", 10);
    const ordered = name === "ol";
    const list = { ordered, start: ordered && from > 1 && from < 100_000 ? from : 0, lang: frame.look.home, items: [] };
    this.enter(new Listing(list), frame, () => {
      if (around instanceof Listing || around instanceof Entry) around.under(list);
      else this.flow.list(list);
    });
  }

  private item(frame: Frame): void {
    const around = this.place;
    if (!(around instanceof Listing)) return;
    const entry = new Entry(around.home);
    this.enter(entry, frame, () => {
      for (const item of entry.items) around.list.items.push(item);
    });
  }

  // fake opens an item that stands in no list.
  private fake(element: Element, kind: Structure, frame: Frame): void {
    const lang = frame.look.home;
    const entry = new Entry(lang);
    const said = /\b(l\d+)\s+level(\d+)(?:\s+(lfo\d+))?/.exec(this.styles.of(element).get("mso-list") ?? "");
    this.enter(entry, frame, () => {
      const numbered = kind === "fake" && isNumber(entry.marker ?? "");
      const from = numbered ? Number.parseInt(/(\d+)\D*$/.exec(entry.marker ?? "")?.[1] ?? "", 10) : 0;
      const fake: Fake = { id: `${kind} ${said?.[1] ?? ""} ${said?.[3] ?? ""}`, level: Number(said?.[2] ?? 1), ordered: numbered, start: from > 1 && from < 100_000 ? from : 0, lang };
      this.flow.follow(entry.items, fake);
    });
  }

  private table(element: Element, frame: Frame): void {
    const shape = layout(element);
    if (shape === "nested") this.drop("table-nesting");
    if (shape !== "data") return;
    const grid = new Grid(this.base);
    this.enter(grid, frame, () => this.add(grid.node(this.maker)));
    frame.look.level = 0;
  }

  private cell(grid: Grid, kind: Structure, element: Element, name: string, frame: Frame): void {
    if (kind === "row") {
      grid.row();
      if (name !== "tr") grid.foot = name === "tfoot";
      return;
    }
    if (kind === "caption") {
      if (grid.caption || grid.rows.length) return;
      const caption = new Lines("caption", grid.home);
      this.enter(caption, frame, () => {
        grid.caption = caption.lines;
      });
      return;
    }
    this.enter(grid.cell(Cell.of(element, name, grid.home)), frame, () => undefined);
  }

  // credit opens the attribution of a quote. A dash before the name goes with it.
  private credit(element: Element, name: string, own: Look, frame: Frame): void {
    const { place } = this;
    if (!(place instanceof Quoted) || !isLast(element, place.element)) return;
    const { run } = place;
    if (run.pieces.some((piece) => piece.node || piece.break || !/^[-\u2010-\u2015\u2212~\s]*$/.test(piece.text))) return;
    const credit = new Lines("attribution", place.home);
    credit.run = run;
    place.run = new Run();
    if (name === "cite") own.marks &= ~emphasis;
    this.enter(credit, frame, () => {
      place.attribution = credit.lines;
    });
  }
}

type Structure = "subhead" | "rule" | "list" | "item" | "fake" | "table" | "row" | "cell" | "caption" | "quote" | "literal" | "credit";

// structures names what an element would make, if there is room.
function structures(element: Element, name: string, style: Style): Structure | undefined {
  if (name in levels || element.getAttribute("role") === "heading") return "subhead";
  if (lists.has(name)) return "list";
  if (literals.has(name)) return "literal";
  switch (name) {
    case "hr": return "rule";
    case "li": return "item";
    case "table": return "table";
    case "tr": case "thead": case "tbody": case "tfoot": return "row";
    case "td": case "th": return "cell";
    case "caption": return "caption";
    case "blockquote": return "quote";
    case "cite": case "footer": return "credit";
    case "p": return /\bl\d+\s+level\d/.test(style.get("mso-list") ?? "") || isListed(element) ? "fake" : undefined;
  }
  return undefined;
}

// isListed tells whether a paragraph of Word begins with a marker.
function isListed(element: Element): boolean {
  if (!/\bMsoListParagraph/.test(element.getAttribute("class") ?? "")) return false;
  let at = element.firstElementChild;
  for (let n = 0; at && n < 4; n++, at = at.firstElementChild) {
    if (/mso-list\s*:\s*ignore/i.test(styleOf(at) ?? "")) return true;
  }
  return false;
}

// isNumber tells a number or a letter of a list from a bullet; Word's bullets
// are letters too ("o", and those of Wingdings).
function isNumber(marker: string): boolean {
  return /^[([]?(\p{Nd}|\p{L}{1,7}[.)\]\-\u060c])/u.test(marker);
}

function levelOf(element: Element, name: string): number {
  const said = levels[name] ?? Number.parseInt(element.getAttribute("aria-level") ?? "2", 10);
  return Math.min(Math.max(said || 2, 2), 4);
}

// isNoteRule tells the line that Word draws above its footnotes.
function isNoteRule(element: Element): boolean {
  return /mso-element\s*:\s*(footnote|endnote)-list/i.test((element.parentElement && styleOf(element.parentElement)) ?? "");
}

// starts tells whether an element begins a line.
function starts(name: string, style: Style): boolean {
  const display = style.get("display");
  const structural = name === "li" || name === "td" || name === "th" || name === "table" || name === "blockquote" || name === "hr" || name in levels || lists.has(name) || literals.has(name);
  if (!display || structural) return boundaries.has(name);
  if (/^(inline|contents)/.test(display)) return false;
  return /^(block|flex|grid|table|list-item|flow-root|-webkit-box)/.test(display) || boundaries.has(name);
}

// credits tells whether an element is the last in a quote and names its source;
// then it is a line of its own, whatever it looks like.
function credits(element: Element, name: string): boolean {
  const around = name === "cite" ? element.parentElement : null;
  return around?.localName.toLowerCase() === "blockquote" && isLast(element, around);
}

// isLast tells whether nothing but white space follows an element in another.
function isLast(element: Element, top: Element): boolean {
  for (let at: Element | null = element; at && at !== top; at = at.parentElement) {
    for (let next = at.nextSibling; next; next = next.nextSibling) {
      const skipped = next.nodeType === 8 || (next.nodeType === 3 && !ink.test(next.nodeValue ?? "")) || next.nodeName.toLowerCase() === "br";
      if (!skipped) return false;
    }
  }
  return true;
}

// trimmed takes the space away that stood between the number of a note and its text.
function trimmed(line: Piece[]): void {
  for (let first = line[0]; first && !first.node; first = line[0]) {
    first.text = first.text.replace(/^[ \t\n\u00a0]+/, "");
    if (first.text && !first.break) return;
    line.shift();
  }
}

// baseOf is the language that Word and LibreOffice give to all they write.
function baseOf(document: Document, root: Element, styles: Styles): Lang {
  const none = { tag: "", dir: "" };
  const generator = document.querySelector("meta[name='generator' i]")?.getAttribute("content") ?? "";
  const office = root.hasAttribute("xmlns:w") || root.hasAttribute("xmlns:o") || /Microsoft|LibreOffice|OpenOffice/.test(generator);
  const body = document.body as Element | null;
  if (!office || !body) return none;
  return langOf(body, styles.of(body), langOf(root, styles.of(root), none));
}
