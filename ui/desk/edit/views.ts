// How blocks that are no text look in the editor: pictures, embeds, definitions, files,
// what came from elsewhere; and a footnote, which opens where it stands.

import type { Node } from "prosemirror-model";
import { EditorState } from "prosemirror-state";
import { StepMap } from "prosemirror-transform";
import { keymap } from "prosemirror-keymap";
import { EditorView, type NodeView } from "prosemirror-view";
import { type Data, element, say } from "./data";

type Pos = () => number | undefined;

/** Figure shows a picture with fields for its alternative text; the caption is text. */
class Figure implements NodeView {
  dom: HTMLElement;
  contentDOM: HTMLElement;
  private readonly image = element("img");
  private readonly alt = element("input", "alt");
  private readonly status = element("p", "status");

  constructor(private node: Node, private readonly view: EditorView, private readonly pos: Pos, private readonly data: Data) {
    this.contentDOM = element("figcaption");
    this.alt.setAttribute("aria-label", say("picture.alt"));
    this.alt.placeholder = say("picture.alt");
    this.alt.dir = "auto";
    this.alt.addEventListener("change", () => this.set("alt", this.alt.value));
    const frame = element("div", "figure-frame", this.image, this.status, this.alt);
    frame.contentEditable = "false";
    this.dom = element("figure", "block-figure", frame, this.contentDOM);
    this.dom.dataset["node"] = "figure";
    this.draw();
  }

  private set(name: string, value: unknown): void {
    const at = this.pos();
    if (at !== undefined) this.view.dispatch(this.view.state.tr.setNodeAttribute(at, name, value));
  }

  private draw(): void {
    const picture = this.data.names.assets[this.node.attrs["asset"] as string];
    const alt = (this.node.attrs["alt"] as string) || picture?.alt || "";
    this.image.hidden = !picture?.src;
    if (picture?.src) this.image.src = picture.src;
    if (picture?.width) this.image.width = picture.width;
    if (picture?.height) this.image.height = picture.height;
    this.image.alt = alt;
    if (document.activeElement !== this.alt) this.alt.value = this.node.attrs["alt"] as string;
    if (picture?.alt) this.alt.placeholder = picture.alt;
    const missing = !picture ? say("picture.gone") : [picture.credit ? "" : say("picture.nocredit"), alt ? "" : say("picture.noalt")].filter(Boolean).join(" · ");
    this.status.textContent = missing || (picture?.credit ?? "");
    this.status.className = missing ? "status is-stop" : "status";
    this.dom.classList.toggle("lacking", !!missing);
    this.contentDOM.dir = "auto";
  }

  update(node: Node): boolean {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.draw();
    return true;
  }

  stopEvent(e: Event): boolean {
    return e.target === this.alt;
  }

  ignoreMutation(m: { target: globalThis.Node }): boolean {
    return !this.contentDOM.contains(m.target);
  }
}

/** Card shows a block that is no text as a line of words. */
class Card implements NodeView {
  dom = element("div", "block-card");

  constructor(private node: Node, private readonly data: Data) {
    this.dom.contentEditable = "false";
    this.dom.dataset["node"] = node.type.name;
    this.draw();
  }

  private draw(): void {
    const a = this.node.attrs as Record<string, string>;
    const name = this.node.type.name;
    const lines: (globalThis.Node | string)[] = [element("p", "card-kind", say(`name.${name}`))];
    switch (name) {
      case "definition": {
        const topic = this.data.names.topics[a["topic"] ?? ""];
        const title = element("p", "card-title", topic?.name ?? say("topic.gone"));
        title.dir = "auto";
        const text = element("p", "", topic?.definition || say("topic.undefined"));
        text.dir = "auto";
        lines.push(title, text);
        break;
      }
      case "embed": {
        const address = element("bdi", "", a["url"] ?? "");
        address.dir = "ltr";
        lines.push(element("p", "card-title", a["title"] || a["provider"] || ""), element("p", "sub", address));
        break;
      }
      case "file":
        lines.push(element("p", "card-title", a["label"] || a["asset"] || ""));
        break;
      case "post":
        lines.push(element("p", "card-title", [a["at"], a["title"], a["byline"]].filter(Boolean).join(" · ")));
        break;
      case "foreign":
        lines.push(element("p", "card-title", `${a["origin"]} · ${a["name"]}`), element("p", "sub", say("foreign.kept")));
        break;
      case "rule":
        lines.splice(0, 1, element("hr"));
    }
    this.dom.replaceChildren(...lines);
  }

  update(node: Node): boolean {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.draw();
    return true;
  }
}

/** Small is a picture within a line. */
class Small implements NodeView {
  dom: HTMLElement;
  constructor(node: Node, data: Data) {
    const picture = data.names.assets[node.attrs["asset"] as string];
    const image = element("img", "inline-picture");
    image.alt = (node.attrs["alt"] as string) || picture?.alt || say("name.inline_picture");
    if (picture?.src) image.src = picture.src;
    this.dom = picture?.src ? image : element("span", "inline-picture", image.alt);
  }
}

/** Footnote is a mark that opens an editor of its own for its text. */
class Footnote implements NodeView {
  dom: HTMLElement;
  private inner: EditorView | undefined;
  private readonly box = element("span", "footnote-box");

  constructor(private node: Node, private readonly outer: EditorView, private readonly pos: Pos) {
    this.dom = element("span", "footnote");
    this.dom.title = node.textContent;
    this.dom.setAttribute("aria-label", `${say("name.footnote")}: ${node.textContent}`);
  }

  selectNode(): void {
    this.dom.classList.add("open");
    this.dom.append(this.box);
    this.inner = new EditorView(this.box, {
      state: EditorState.create({ doc: this.node, plugins: [keymap({ Escape: () => this.leave(), Enter: () => this.leave() })] }),
      dispatchTransaction: (tr) => {
        const inner = this.inner!;
        const { state, transactions } = inner.state.applyTransaction(tr);
        inner.updateState(state);
        const at = this.pos();
        if (tr.getMeta("outer") || at === undefined) return;
        const outerTr = this.outer.state.tr;
        const shift = StepMap.offset(at + 1);
        for (const one of transactions) for (const step of one.steps) {
          const mapped = step.map(shift);
          if (mapped) outerTr.step(mapped);
        }
        if (outerTr.docChanged) this.outer.dispatch(outerTr);
      },
      attributes: { "aria-label": say("name.footnote"), role: "textbox", dir: "auto" },
    });
    this.inner.focus();
  }

  private leave(): boolean {
    this.outer.focus();
    return true;
  }

  deselectNode(): void {
    this.dom.classList.remove("open");
    this.inner?.destroy();
    this.inner = undefined;
    this.box.remove();
    this.dom.title = this.node.textContent;
  }

  update(node: Node): boolean {
    if (!node.sameMarkup(this.node)) return false;
    this.node = node;
    if (this.inner) {
      const state = this.inner.state;
      const start = node.content.findDiffStart(state.doc.content);
      const ends = start === null ? null : node.content.findDiffEnd(state.doc.content);
      if (start !== null && ends) {
        let { a, b } = ends;
        const overlap = start - Math.min(a, b);
        if (overlap > 0) {
          a += overlap;
          b += overlap;
        }
        this.inner.dispatch(state.tr.replace(start, b, node.slice(start, a)).setMeta("outer", true));
      }
    }
    return true;
  }

  destroy(): void {
    this.deselectNode();
  }

  stopEvent(e: Event): boolean {
    return !!this.inner?.dom.contains(e.target as globalThis.Node);
  }

  ignoreMutation(): boolean {
    return true;
  }
}

export function views(data: Data): Record<string, (node: Node, view: EditorView, pos: Pos) => NodeView> {
  const card = (node: Node) => new Card(node, data);
  return {
    figure: (node, view, pos) => new Figure(node, view, pos, data),
    inline_picture: (node) => new Small(node, data),
    footnote: (node, view, pos) => new Footnote(node, view, pos),
    definition: card, embed: card, file: card, post: card, foreign: card, rule: card,
  };
}
