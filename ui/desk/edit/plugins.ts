// What the editor does by itself: empty places say what belongs there, blocks have keys
// for life, and what a note or a check means is marked in the text.

import type { Node } from "prosemirror-model";
import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { type Note, say } from "./data";

/** The fields that stand before the blocks. */
export const fields = ["kicker", "headline", "short", "standfirst", "dateline"] as const;

/** placeholders names empty fields, and the empty block that is being written in. */
export function placeholders(dir: string): Plugin {
  // A place without text has no direction of its own: it begins as the edition writes.
  const vacant = `vacant vacant-${dir}`;
  return new Plugin({
    props: {
      decorations(state) {
        const all: Decoration[] = [];
        const doc = state.doc;
        let pos = 0;
        for (let n = 0; n < fields.length; n++) {
          const field = doc.child(n);
          if (field.content.size === 0) all.push(Decoration.node(pos, pos + field.nodeSize, { class: vacant, "data-empty": say(`field.${fields[n]}`) }));
          pos += field.nodeSize;
        }
        const { $from } = state.selection;
        for (let n = fields.length, at = pos; n < doc.childCount; n++) {
          const block = doc.child(n);
          if (block.isTextblock && block.content.size > 0 && !speaks(block)) all.push(Decoration.node(at, at + block.nodeSize, { class: `vacant-${dir}` }));
          at += block.nodeSize;
        }
        if ($from.depth > 1 && $from.parent.isTextblock && $from.parent.content.size > 0 && !speaks($from.parent)) all.push(Decoration.node($from.before(), $from.after(), { class: `vacant-${dir}` }));
        if ($from.parent.isTextblock && $from.parent.content.size === 0 && $from.depth > 0 && $from.index(0) >= fields.length) {
          const before = $from.before();
          const words = $from.parent.type.name === "paragraph" ? say("empty.paragraph") : say(`empty.${$from.parent.type.name}`);
          all.push(Decoration.node(before, before + $from.parent.nodeSize, { class: vacant, "data-empty": words.startsWith("empty.") ? "" : words }));
        }
        if ($from.depth > 0) {
          const start = $from.before(1);
          const block = doc.nodeAt(start);
          if (block && $from.index(0) >= fields.length) all.push(Decoration.node(start, start + block.nodeSize, { class: "active" }));
        }
        return DecorationSet.create(doc, all);
      },
    },
  });
}

const spoken = new WeakMap<Node, boolean>();

/** speaks tells whether a text has a letter, and so a direction of its own. */
function speaks(node: Node): boolean {
  let known = spoken.get(node);
  if (known === undefined) spoken.set(node, (known = /\p{L}/u.test(node.textContent)));
  return known;
}

function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `k${[...bytes].map((b) => b.toString(36).padStart(2, "0")).join("").slice(0, 10)}`;
}

/** keys gives every block a key, and a new one to a copy. */
export function keys(): Plugin {
  return new Plugin({
    appendTransaction(trs, before, state) {
      // Others' blocks have theirs already, and undoing brings keys back.
      if (!trs.some((tr) => tr.docChanged && !tr.getMeta("collab$"))) return null;
      if (before.doc.childCount === state.doc.childCount && before.doc.content.size !== 0) {
        const lacking = state.doc.content.content.some((n) => "key" in n.attrs && !n.attrs["key"]);
        if (!lacking && sameKeys(before.doc, state.doc)) return null;
      }
      const seen = new Set<string>();
      const old = new Set<string>();
      before.doc.forEach((n) => n.attrs["key"] && old.add(n.attrs["key"] as string));
      let tr = state.tr;
      let changed = false;
      state.doc.forEach((n, pos) => {
        if (!("key" in n.attrs)) return;
        const key = n.attrs["key"] as string;
        if (key && !seen.has(key)) {
          seen.add(key);
          return;
        }
        const made = freshKey();
        seen.add(made);
        tr = tr.setNodeAttribute(pos, "key", made);
        changed = true;
      });
      return changed ? tr : null;
    },
  });
}

function sameKeys(a: Node, b: Node): boolean {
  for (let n = 0; n < a.childCount; n++) if (a.child(n).attrs["key"] !== b.child(n).attrs["key"]) return false;
  return true;
}

export const marked = new PluginKey<DecorationSet>("marked");

/** marks shows where notes are, and keeps them where they were as the text changes. */
export function marks(): Plugin<DecorationSet> {
  return new Plugin<DecorationSet>({
    key: marked,
    state: {
      init: () => DecorationSet.empty,
      apply(tr, set) {
        const notes = tr.getMeta(marked) as Note[] | undefined;
        return notes ? DecorationSet.create(tr.doc, places(tr.doc, notes)) : set.map(tr.mapping, tr.doc);
      },
    },
    props: { decorations: (state) => marked.getState(state) },
  });
}

function places(doc: Node, notes: Note[]): Decoration[] {
  const all: Decoration[] = [];
  for (const note of notes) {
    if (note.parent || note.done || !note.quote) continue;
    const at = findQuote(doc, note.block ?? "", note.quote);
    if (at) all.push(Decoration.inline(at[0], at[1], { class: "noted", "data-note": note.id }));
  }
  return all;
}

/** findQuote finds words in a block, or in any field when the block has no key. */
export function findQuote(doc: Node, key: string, quote: string): [number, number] | undefined {
  let found: [number, number] | undefined;
  doc.forEach((block, offset) => {
    if (found || (key && block.attrs["key"] !== key && block.type.name !== key)) return;
    block.descendants((node, pos) => {
      if (found || !node.isTextblock) return !found;
      const at = node.textBetween(0, node.content.size, "\ufffc", "\ufffc").indexOf(quote);
      if (at >= 0) found = [offset + 1 + pos + 1 + at, offset + 1 + pos + 1 + at + quote.length];
      return false;
    });
    if (!found && block.isTextblock) {
      const at = block.textBetween(0, block.content.size, "\ufffc", "\ufffc").indexOf(quote);
      if (at >= 0) found = [offset + 1 + at, offset + 1 + at + quote.length];
    }
  });
  return found;
}

/** graphemes counts what people see as one sign. */
export function graphemes(text: string): number {
  if (!("Segmenter" in Intl)) return [...text].length;
  let n = 0;
  for (const _ of segments.segment(text)) n++;
  return n;
}
const segments = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : (undefined as never);

/** wordCount counts words as a reader does: a half-space joins, it does not part. */
export function wordCount(doc: Node): number {
  let n = 0;
  doc.forEach((block, _, index) => {
    if (index < fields.length) return;
    for (const word of block.textBetween(0, block.content.size, " ", " ").split(/\s+/u)) if (/[\p{L}\p{N}]/u.test(word)) n++;
  });
  return n;
}
