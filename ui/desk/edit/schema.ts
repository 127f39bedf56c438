// The schema of stories as the server has it, with how each node looks here.

import { type AttributeSpec, type DOMOutputSpec, type Mark, type MarkSpec, type Node, type NodeSpec, Schema } from "prosemirror-model";
import type { SchemaFile } from "./data";

const fields = new Set(["kicker", "headline", "short", "standfirst", "dateline"]);
const tags: Record<string, string> = {
  paragraph: "p", quote: "blockquote", pull_quote: "blockquote", list: "ul", item: "li", sublist: "ul", figure: "figure", caption: "figcaption",
  table_block: "div", table_caption: "div", table_source: "div", key_points: "section", preformatted: "pre", note: "aside", gallery: "div", shot: "div",
  line: "p", attribution: "footer", footnote: "span",
};
/** The nodes whose direction is their own text's. */
const speaks = new Set(["kicker", "headline", "short", "standfirst", "dateline", "paragraph", "subhead", "line", "attribution", "caption", "preformatted", "table_caption", "table_source", "table_cell", "table_head", "shot"]);

function look(name: string, node: Node): DOMOutputSpec {
  const attrs: Record<string, string> = { "data-node": name };
  if (speaks.has(name)) attrs["dir"] = (node.attrs["dir"] as string) || "auto";
  const tag = node.attrs["tag"] as string | undefined;
  if (tag) attrs["lang"] = tag;
  if (node.type.spec["dom"]) attrs["data-attrs"] = JSON.stringify(node.attrs);
  if (fields.has(name)) return ["div", { ...attrs, class: `field field-${name}` }, 0];
  switch (name) {
    case "subhead":
      return [`h${node.attrs["level"]}`, attrs, 0];
    case "list":
    case "sublist":
      return [node.attrs["ordered"] ? "ol" : "ul", node.attrs["start"] ? { ...attrs, start: String(node.attrs["start"]) } : attrs, 0];
    case "table":
      return ["table", attrs, ["tbody", 0]];
    case "table_row":
      return ["tr", 0];
    case "table_cell":
    case "table_head":
      return [name === "table_cell" ? "td" : "th", attrs, 0];
    case "pull_quote":
      return ["blockquote", { ...attrs, class: "pull-quote" }, 0];
    case "key_points":
    case "note":
      return [tags[name] ?? "div", { ...attrs, class: name === "note" ? "note" : "key-points" }, 0];
    case "break":
      return ["br"];
    case "footnote":
      return ["span", { ...attrs, class: "footnote" }, 0];
  }
  if (node.isLeaf) return ["div", { ...attrs, class: "atom" }];
  return [tags[name] ?? "div", attrs, 0];
}

const markTags: Record<string, string> = { strong: "strong", emphasis: "em", underline: "u", strike: "s", code: "code", sub: "sub", sup: "sup", small: "small", mark: "mark" };

function markLook(name: string, mark: Mark): DOMOutputSpec {
  if (name === "link") return ["a", { href: mark.attrs["href"], title: mark.attrs["title"] || null, "data-mark": "link" }, 0];
  if (name === "lang") return ["span", { lang: mark.attrs["tag"] || null, dir: mark.attrs["dir"] || null, "data-mark": "lang" }, 0];
  return [markTags[name] ?? "span", { "data-mark": name }, 0];
}

const defaults = (attrs?: Record<string, unknown>): Record<string, AttributeSpec> => Object.fromEntries(Object.entries(attrs ?? {}).map(([name, value]) => [name, { default: value }]));

/** schemaOf makes the schema that the server's file describes. */
export function schemaOf(file: SchemaFile): Schema {
  const nodes: Record<string, NodeSpec> = {};
  for (const [name, spec] of Object.entries(file.nodes)) {
    const attrs = defaults(spec.attrs);
    const made: NodeSpec = { ...spec, attrs } as NodeSpec;
    if (name === "text" || name === file.top) {
      nodes[name] = name === "text" ? ({ group: spec.group } as NodeSpec) : made;
      continue;
    }
    made["dom"] = Object.keys(attrs).length > 0;
    made.toDOM = (node) => look(name, node);
    // Only what this editor wrote itself is read here; all else goes through the paste room.
    made.parseDOM = [
      {
        tag: name === "break" ? "br" : name === "table_row" ? "tr" : `[data-node="${name}"]`,
        priority: 60,
        getAttrs: (dom) => {
          try {
            return { ...(JSON.parse((dom as HTMLElement).dataset["attrs"] ?? "{}") as Record<string, unknown>) };
          } catch {
            return {};
          }
        },
      },
    ];
    nodes[name] = made;
  }
  const marks: Record<string, MarkSpec> = {};
  for (const [name, spec] of Object.entries(file.marks)) {
    const made: MarkSpec = { ...spec, attrs: defaults(spec.attrs), toDOM: (mark) => markLook(name, mark) };
    made.parseDOM = [
      {
        tag: `[data-mark="${name}"]`,
        getAttrs: (dom) => {
          const e = dom as HTMLElement;
          if (name === "link") return { href: e.getAttribute("href") ?? "", title: e.title };
          if (name === "lang") return { tag: e.lang, dir: e.dir };
          return {};
        },
      },
    ];
    marks[name] = made;
  }
  return new Schema({ nodes, marks, topNode: file.top });
}
