// Who else is in the story: a caret with a name after it, and a tint on what they typed
// in the last minute.

import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import type { Present } from "./line";

const minute = 60_000;
const colours = 6;

interface Tint { by: string; from: number; to: number; at: number }
interface Shown { people: Present[]; tints: Tint[] }

export const others = new PluginKey<Shown>("people");

/** colour is the same for a person in every window. */
export function colour(id: string): number {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.charCodeAt(0)) % 997;
  return sum % colours;
}

function caret(p: Present): HTMLElement {
  const mark = document.createElement("span");
  mark.className = `caret colour-${colour(p.id)}`;
  const name = document.createElement("b");
  name.textContent = p.name;
  name.dir = "auto";
  mark.append(name);
  mark.setAttribute("aria-hidden", "true");
  return mark;
}

export function people(me: string): Plugin<Shown> {
  return new Plugin<Shown>({
    key: others,
    state: {
      init: () => ({ people: [], tints: [] }),
      apply(tr, was) {
        const now = Date.now();
        const told = tr.getMeta(others) as Partial<Shown> | undefined;
        if (!told && !tr.docChanged) return was;
        const size = tr.doc.content.size;
        const at = (pos: number) => Math.max(0, Math.min(size, tr.mapping.map(pos)));
        const seen = told?.people ?? (tr.docChanged ? was.people.map((p) => ({ ...p, anchor: at(p.anchor), head: at(p.head) })) : was.people);
        let tints = tr.docChanged ? was.tints.map((t) => ({ ...t, from: tr.mapping.map(t.from, 1), to: tr.mapping.map(t.to, -1) })) : was.tints;
        tints = [...tints, ...(told?.tints ?? [])].filter((t) => t.to > t.from && now - t.at < minute);
        return { people: seen, tints };
      },
    },
    props: {
      decorations(state) {
        const shown = others.getState(state);
        if (!shown) return null;
        const size = state.doc.content.size;
        const all: Decoration[] = [];
        for (const t of shown.tints) {
          if (t.by !== me && t.to <= size) all.push(Decoration.inline(t.from, t.to, { class: `tint colour-${colour(t.by)}` }));
        }
        for (const p of shown.people) {
          if (p.head > size || p.head < 0) continue;
          all.push(Decoration.widget(p.head, () => caret(p), { side: 1, key: `${p.client}/${p.name}`, ignoreSelection: true }));
        }
        return DecorationSet.create(state.doc, all);
      },
    },
  });
}
