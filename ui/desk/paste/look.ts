// What an element says of the look and the language of its text: by its name,
// its attributes and its style. Styles are read as they are written, since
// browsers forget the declarations of Word (mso-list) that they do not know.

import { styleName } from "./inert";

// Bits of the marks without attributes, in the order of the schema.
export const marks = ["strong", "emphasis", "underline", "strike", "code", "sub", "sup", "small", "mark"] as const;
export type MarkName = (typeof marks)[number];
const bit = (name: MarkName) => 1 << marks.indexOf(name);
export const strong = bit("strong");
export const emphasis = bit("emphasis");
export const underline = bit("underline");
export const strike = bit("strike");
export const code = bit("code");
export const sub = bit("sub");
export const sup = bit("sup");

const byName: Record<string, number> = {
  b: strong, strong, i: emphasis, em: emphasis, dfn: emphasis, var: emphasis, cite: emphasis, u: underline, ins: underline,
  s: strike, strike, del: strike, code, kbd: code, samp: code, tt: code, sub, sup, small: bit("small"), mark: bit("mark"),
};

// Space says what becomes of white space: collapsed, kept, or collapsed but for
// the ends of lines.
export type Space = "collapse" | "keep" | "lines";

export interface Lang { tag: string; dir: string }
export interface Link { href: string; title: string }

// Look is what an element hands down to its text. It is never changed, only
// replaced.
export interface Look {
  marks: number;
  link: Link | undefined;
  lang: Lang;
  // home is the language of the block; text in it is not marked.
  home: Lang;
  // level is that of the subhead around, or 0.
  level: number;
  space: Space;
  visible: boolean;
}

export type Style = Map<string, string>;

const none: Style = new Map();
// A declaration: a name, and a value in which quotes and brackets may hold semicolons.
const declaration = /([\w-]+)\s*:\s*((?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\))*)/g;
const longestStyle = 4000;

// Styles reads style attributes, each text once: documents repeat them.
export class Styles {
  private known = new Map<string, Style>();

  of(element: Element): Style {
    const text = styleOf(element);
    if (!text) return none;
    const known = this.known.get(text);
    if (known) return known;
    const style: Style = new Map();
    for (const [, name = "", value = ""] of text.slice(0, longestStyle).matchAll(declaration)) {
      style.set(name.toLowerCase(), value.replace(/!\s*important/i, "").trim().toLowerCase());
    }
    if (this.known.size < 2000) this.known.set(text, style);
    return style;
  }
}

// hidden tells whether an element and all in it is not shown.
export function hidden(element: Element, name: string, style: Style): boolean {
  if (style.get("display") === "none" || style.get("mso-hide") === "all") return true;
  if (element.hasAttribute("hidden") || element.hasAttribute("popover")) return true;
  return name === "dialog" && !element.hasAttribute("open");
}

// Found is an element with what was read of it.
export interface Found {
  element: Element;
  name: string;
  style: Style;
  // boundary says that it begins and ends a line.
  boundary: boolean;
  // plain says that its own boldness is its nature, as with a subhead.
  plain: boolean;
  // link is what it leads to, if it is one.
  link: Link | undefined;
}

// look is that of an element in another.
export function look(around: Look, found: Found): Look {
  const { element, name, style } = found;
  const next: Look = { ...around, marks: around.marks | (byName[name] ?? 0), link: found.link ?? around.link };
  if (style.size) styled(next, found);
  next.lang = langOf(element, style, around.lang);
  return next;
}

function styled(next: Look, { style, boundary, plain }: Found): void {
  const set = (which: number, on: boolean) => {
    next.marks = on ? next.marks | which : next.marks & ~which;
  };
  const weight = style.get("font-weight");
  if (weight && !plain) {
    const heavy = /^bold/.test(weight) || Number.parseInt(weight, 10) >= 600;
    if (heavy || /^(normal|lighter|[1-5]\d\d)/.test(weight)) set(strong, heavy);
  }
  const slope = style.get("font-style");
  if (slope && !plain) set(emphasis, /^(italic|oblique)/.test(slope));
  const line = `${style.get("text-decoration") ?? ""} ${style.get("text-decoration-line") ?? ""}`;
  // Links are underlined by nature.
  if (/\bunderline\b/.test(line) && !next.link) set(underline, true);
  if (/\bline-through\b/.test(line)) set(strike, true);
  if (!boundary) {
    const align = style.get("vertical-align");
    if (align === "super") set(sup, true);
    if (align === "sub") set(sub, true);
  }
  next.space = space(style) ?? next.space;
  const visibility = style.get("visibility");
  if (visibility) next.visible = !/^(hidden|collapse)/.test(visibility);
}

function space(style: Style): Space | undefined {
  const said = `${style.get("white-space") ?? ""} ${style.get("white-space-collapse") ?? ""}`;
  if (/\b(pre-line|preserve-breaks)\b/.test(said)) return "lines";
  if (/\b(pre|pre-wrap|break-spaces|preserve)\b/.test(said)) return "keep";
  return /\b(normal|nowrap|collapse)\b/.test(said) ? "collapse" : undefined;
}

export function langOf(element: Element, style: Style, around: Lang): Lang {
  const tag = element.getAttribute("lang") || element.getAttribute("xml:lang") || "";
  const said = (element.getAttribute("dir") || style.get("direction") || "").toLowerCase();
  const dir = said === "ltr" || said === "rtl" ? said : "";
  if (!dir && !validTag(tag)) return around;
  return { tag: validTag(tag) ? tag : around.tag, dir: dir || around.dir };
}

// validTag is what the server takes for the tag of a language (news/body).
function validTag(tag: string): boolean {
  return /^[a-z]{2}[a-z\d-]{0,33}$/i.test(tag) && !tag.endsWith("-");
}

// differing is what has to be said of a language in another one. Word marks
// every word with the country of its spelling checker, so countries do not count.
export function differing(own: Lang, home: Lang): Lang {
  return { tag: tongue(own.tag) === tongue(home.tag) ? "" : own.tag, dir: own.dir === home.dir ? "" : own.dir };
}

function tongue(tag: string): string {
  return tag.toLowerCase().replace(/-([a-z]{2}|\d{3})\b/g, "");
}

/** styleOf is an element's own style, also where it stands under another name. */
export function styleOf(element: Element): string | null {
  return element.getAttribute(styleName) ?? element.getAttribute("style");
}
