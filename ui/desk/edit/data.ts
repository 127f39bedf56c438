// What the server tells the editor: desk.editData and what hangs on it.

export interface Finding { key: string; must: boolean; field: string; place?: string; sentence: string; waivable?: boolean }
export interface Note { id: string; parent?: string; block?: string; quote?: string; text: string; by: string; at: string; done?: string }
export interface Name { id: string; name: string }
export interface Picture { src?: string; width?: number; height?: number; kind: string; alt?: string; caption?: string; credit?: string }
export interface State {
  state: string; key: string; mark: string; sequence: number;
  live?: { version: number; text: string; address: string; at: string; behind: boolean };
  schedule?: { at: string; text: string; failure?: string };
  embargo?: { until: string; left: string; iso: string; source?: string; terms?: string; by?: string; second?: string; signable: boolean };
  receipt?: { state: string; mark: string; summary: string; version: string; lines: { ok: boolean; text: string; at?: string; sub?: string }[]; doubt: boolean };
  checks: Finding[]; notes: Note[];
  plan: { stage: string; writer: string; editor: string; deadline?: string; until?: string; late?: boolean; guarded: boolean };
  people: Name[]; stages: Name[];
  waived?: { text: string; late: boolean }[];
  twins?: { edition: string; text: string; href: string; state: string }[];
  gone?: string;
}
export interface Data {
  story: string;
  edition: { key: string; lang: string; dir: string; name: string };
  version: number; schema: SchemaFile; client: string;
  /** Where the steps that are kept begin: the document there, and the steps since. */
  past: { version: number; doc: unknown; steps: Logged[] };
  me: { id: string; name: string; quiet: boolean };
  may: string[]; secret?: string; base: string;
  sections: Name[]; genres: Name[];
  names: { topics: Record<string, { name: string; definition?: string }>; authors: Record<string, string>; stories: Record<string, string>; assets: Record<string, Picture> };
  state: State; words: Record<string, string>; zone: string; digits: string; tongue: string;
}
export interface Logged { client: string; by: string; step: unknown }
export interface SchemaFile { top: string; nodes: Record<string, NodeFile>; marks: Record<string, MarkFile> }
export interface NodeFile { content?: string; group?: string; marks?: string; attrs?: Record<string, unknown>; inline?: boolean; atom?: boolean; [other: string]: unknown }
export interface MarkFile { attrs?: Record<string, unknown>; inclusive?: boolean }

let words: Record<string, string> = {};
let digit = "";
/** speak sets the words and the digits of the desk. */
export function speak(data: Data): void {
  words = data.words;
  digit = { arabext: "۰", arab: "٠" }[data.digits] ?? "";
}
/** say returns the words of a key, with what stands in their places. */
export function say(key: string, places: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = places[name];
    return typeof value === "number" ? number(value) : (value ?? "");
  });
}
/** number writes a number in the digits of the desk. */
export function number(n: number): string {
  const text = String(n);
  return digit ? text.replace(/[0-9]/g, (d) => String.fromCharCode(digit.charCodeAt(0) + Number(d))) : text;
}
/** element makes an element of a class with what stands in it. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, name = "", ...within: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...within);
  return made;
}
/** button makes one that does something. */
export function button(name: string, text: string, press: () => void): HTMLButtonElement {
  const made = element("button", name, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}
