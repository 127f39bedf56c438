// What the tests of pasting share: the module, the schema, a DOM, and a second
// opinion on what text a document shows.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
// PASTE_NPM is a folder with node_modules: prosemirror-model, jsdom, esbuild.
const npm = process.env.PASTE_NPM ?? "/tmp/paste-npm";
const require = createRequire(join(npm, "package.json"));
const { Schema } = require("prosemirror-model");

const built = require("esbuild").buildSync({
  entryPoints: [join(root, "ui/desk/paste/paste.ts")], bundle: true, format: "cjs", platform: "node", write: false, external: ["prosemirror-model"],
});
const module = { exports: {} };
new Function("module", "exports", "require", built.outputFiles[0].text)(module, module.exports, require);
export const { readHTML, readText } = module.exports;

const written = JSON.parse(readFileSync(join(root, "internal/news/manuscript/schema.json"), "utf8"));
const specs = (all) => Object.fromEntries(Object.entries(all).map(([name, { attrs = {}, ...spec }]) =>
  [name, { ...spec, attrs: Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, { default: value }])) }]));
export const schema = new Schema({ topNode: written.top, nodes: specs(written.nodes), marks: specs(written.marks) });

const { JSDOM } = require("jsdom");
const parser = new new JSDOM("").window.DOMParser();
export const parse = (html) => parser.parseFromString(html, "text/html");
export const parseLinkedom = (html) => new (require("linkedom").DOMParser)().parseFromString(html, "text/html");

// show writes a node in short: p(a [strong:b] c).
const short = { paragraph: "p", preformatted: "pre", rule: "hr", line: "", break: "/", item: "", attribution: "—", table_block: "table", table_caption: "caption", table: "", table_row: "tr", table_cell: "td", table_head: "th", table_source: "source", footnote: "note" };
export function show(node) {
  if (node.isText) {
    return node.marks.reduceRight((text, { type, attrs }) => {
      const more = [attrs.href, attrs.title, attrs.tag, attrs.dir].filter(Boolean).join(",");
      return `[${type.name}${more && `=${more}`}:${text}]`;
    }, node.text);
  }
  const { attrs, type } = node;
  let name = short[type.name] ?? type.name;
  if (type.name === "subhead") name = `h${attrs.level}`;
  if (type.name === "list" || type.name === "sublist") name = attrs.ordered ? `ol${attrs.start || ""}` : "ul";
  if (attrs.tag) name += `@${attrs.tag}`;
  if (attrs.dir) name += `@${attrs.dir}`;
  if (node.isLeaf) return name;
  const inner = [];
  node.forEach((child) => inner.push(show(child)));
  return `${name}(${inner.join(node.inlineContent ? "" : " ")})`;
}

const lines = (text) => text.split("\n").map((line) => line.replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, "")).filter(Boolean);

// told are the lines of what was read.
export function told(blocks) {
  let out = "";
  const tell = (node) => {
    if (node.isText) out += node.text;
    else if (node.type.name === "break") out += "\n";
    else if (node.type.name === "footnote") {
      const before = out;
      out = "";
      node.forEach(tell);
      out = `${before}⟦${lines(out).join("|")}⟧`;
    } else {
      node.forEach(tell);
      out += "\n";
    }
  };
  blocks.forEach(tell);
  return lines(out);
}

// seen are the lines that a browser would show of a document, by another way
// than the module's: marks of white space in one long string, settled at the end.
const soft = "\ufdd0";
const unseen = new Set("script style template noscript svg math xml title meta link base param source track area col colgroup wbr img image picture input button select textarea option optgroup datalist label meter progress output keygen iframe video audio object embed canvas applet frame frameset noframes noembed bgsound".split(" "));
const block = new Set("address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split(" "));
const always = new Set("li td th table blockquote hr h1 h2 h3 h4 h5 h6 ul ol menu dir pre listing xmp plaintext".split(" "));
const says = (element, property) => ([...(element.getAttribute("style") ?? "").matchAll(new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]*)`, "gi"))].at(-1)?.[1] ?? "").trim().toLowerCase();

export function seen(document) {
  const noteOf = new Map();
  const told = new Set();
  const gone = new Set();
  for (const a of document.querySelectorAll("a")) {
    const to = /^#(_ftn\d+|_edn\d+|ftnt\d+|sdfootnote\d+sym|sdendnote\d+sym)$/.exec(a.getAttribute("href") ?? "")?.[1];
    const mark = to && [...document.querySelectorAll("a")].find((b) => (b.getAttribute("name") || b.id) === to && /ref\d|anc$/.test(b.getAttribute("href") ?? ""));
    const box = mark && (mark.closest("div[id^=ftn],div[id^=edn],div[id^=sdfootnote],div[id^=sdendnote]") ?? mark.closest("p,li"));
    if (!box || gone.has(box) || box.contains(a)) continue;
    gone.add(box);
    noteOf.set(a, box);
  }
  const inside = (node, space, inNote) => [...node.childNodes].map((child) => of(child, space, inNote)).join("");
  const of = (node, space, inNote) => {
    if (node.nodeType === 3) {
      const text = node.nodeValue.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]/g, "\ufffd").toWellFormed();
      if (space.startsWith("hidden ")) return "";
      if (space === "pre") return text.replace(/\f/g, "\ufffd");
      return space === "pre-line" ? text.replace(/[ \t\f]/g, soft) : text.replace(/[ \t\n\f]/g, soft);
    }
    if (node.nodeType !== 1) return "";
    const name = node.localName.toLowerCase();
    const display = says(node, "display");
    if (unseen.has(name) || /^none/.test(display) || (says(node, "mso-list") === "ignore" && node.textContent.trim().length <= 40) || says(node, "mso-hide") === "all") return "";
    if (node.hasAttribute("hidden") || node.hasAttribute("popover") || (name === "dialog" && !node.hasAttribute("open"))) return "";
    if (name === "br") return node.className === "Apple-interchange-newline" ? "" : "\n";
    if (gone.has(node)) return "";
    if (inNote && name === "a" && /^#(_ftnref|_ednref|ftnt_ref|sd\w+note\d+anc)/.test(node.getAttribute("href") ?? "")) return "";
    if (!inNote && noteOf.has(node) && !space.startsWith("hidden ")) {
      const note = lines(settle(inside(noteOf.get(node), "normal", true)));
      if (note.length && note.join("") && told.add(noteOf.get(node))) return `⟦${note.join("|")}⟧`;
    }
    let own = space.replace("hidden ", "");
    let unlit = own !== space;
    if (/^(pre|listing|xmp|plaintext)$/.test(name)) own = "pre";
    const white = `${says(node, "white-space")} ${says(node, "white-space-collapse")}`.trim();
    if (white) own = /pre-line|preserve-breaks/.test(white) ? "pre-line" : /pre|break-spaces/.test(white) ? "pre" : "normal";
    const visibility = says(node, "visibility");
    if (visibility) unlit = /^(hidden|collapse)/.test(visibility);
    const credit = name === "cite" && node.parentNode.localName === "blockquote" && last(node);
    const begins = credit || (display && !always.has(name) ? (/^inline|^contents/.test(display) ? false : /^(block|flex|grid|table|list-item|flow)/.test(display) || block.has(name)) : block.has(name));
    const text = inside(node, unlit ? `hidden ${own}` : own, inNote);
    return begins ? `\n${text}\n` : text;
  };
  let all = of(document.documentElement, "normal", false);
  const left = [...gone].filter((box) => !told.has(box));
  gone.clear();
  noteOf.clear();
  for (const box of left) all += `\n${of(box, "normal", false)}\n`;
  return lines(settle(all));
}

const settle = (text) => text.replaceAll(new RegExp(`${soft}+`, "g"), soft).replaceAll(new RegExp(`${soft}?\n${soft}?`, "g"), "\n").replaceAll(soft, " ");

function last(node) {
  for (let next = node.nextSibling; next; next = next.nextSibling) {
    if (next.nodeType === 1 ? next.localName !== "br" : next.nodeType === 3 && /[^ \t\n\u00a0]/.test(next.nodeValue)) return false;
  }
  return true;
}
