// The toolbar on the block of the cursor, and the slash menu.

import type { Schema } from "prosemirror-model";
import { type Command, type EditorState, NodeSelection, Plugin, TextSelection } from "prosemirror-state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, isInTable } from "prosemirror-tables";
import type { EditorView } from "prosemirror-view";
import { move, ordinary, removeBlock, toggle, turn } from "./commands";
import { button, element, say } from "./data";
import { fields } from "./plugins";

/** Asks are what the menus have done by dialogs. */
export interface Asks {
  link(): void;
  picture(): void;
  definition(): void;
  embed(): void;
  footnote(): void;
  language(): void;
  note(): void;
}

interface Choice { key: string; words: string; run: (view: EditorView) => void }

const kinds = ["paragraph", "subhead", "subhead3", "quote", "pull_quote", "list", "ordered", "key_points", "note", "table", "preformatted", "rule"] as const;

function choices(asks: Asks): Choice[] {
  const blocks = kinds.map((kind) => ({
    key: kind,
    words: say(`name.${kind}`),
    run: (view: EditorView) => (kind === "paragraph" ? ordinary : turn(kind))(view.state, view.dispatch),
  }));
  return [
    ...blocks,
    { key: "figure", words: say("name.figure"), run: asks.picture },
    { key: "definition", words: say("name.definition"), run: asks.definition },
    { key: "embed", words: say("name.embed"), run: asks.embed },
    { key: "footnote", words: say("name.footnote"), run: asks.footnote },
  ];
}

/** slash is a list of blocks behind a / at the beginning of an empty block. */
export function slash(asks: Asks): Plugin {
  const list = element("ul", "slash");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", say("slash.title"));
  list.id = "slash";
  let shown: Choice[] = [];
  let chosen = 0;
  let closed = "";

  const query = (state: EditorState): string | undefined => {
    const { $from, empty } = state.selection;
    if (!empty || !$from.parent.isTextblock || $from.index(0) < fields.length || $from.depth !== 1) return undefined;
    const text = $from.parent.textContent;
    const match = /^[/\\]([^/]{0,24})$/u.exec(text);
    return match && $from.parentOffset === $from.parent.content.size ? match[1] : undefined;
  };
  const hide = (view: EditorView) => {
    list.remove();
    shown = [];
    view.dom.removeAttribute("aria-activedescendant");
    view.dom.removeAttribute("aria-controls");
  };
  const draw = (view: EditorView) => {
    list.replaceChildren(
      ...shown.map((c, n) => {
        const item = element("li", "", c.words);
        item.id = `slash-${n}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(n === chosen));
        item.addEventListener("pointerdown", (e) => {
          e.preventDefault();
          take(view, c);
        });
        return item;
      }),
    );
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
    view.dom.setAttribute("aria-controls", "slash");
    view.dom.setAttribute("aria-activedescendant", `slash-${chosen}`);
  };
  const take = (view: EditorView, c: Choice) => {
    const { $from } = view.state.selection;
    view.dispatch(view.state.tr.delete($from.start(), $from.end()));
    hide(view);
    view.focus();
    c.run(view);
  };
  return new Plugin({
    props: {
      handleKeyDown(view, e) {
        if (shown.length === 0) return false;
        if (e.key === "ArrowDown" || e.key === "ArrowUp") chosen = (chosen + (e.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
        else if (e.key === "Enter" && shown[chosen]) {
          take(view, shown[chosen]!);
          return true;
        } else if (e.key === "Escape") {
          closed = view.state.selection.$from.parent.textContent;
          hide(view);
          return true;
        } else return false;
        draw(view);
        return true;
      },
    },
    view: () => ({
      update(view) {
        const q = query(view.state);
        if (q === undefined || !view.hasFocus() || view.state.selection.$from.parent.textContent === closed) {
          if (q === undefined) closed = "";
          if (shown.length) hide(view);
          return;
        }
        const all = choices(asks);
        shown = all.filter((c) => c.words.toLocaleLowerCase().includes(q.toLocaleLowerCase()) || c.key.startsWith(q.toLowerCase()));
        chosen = 0;
        if (shown.length === 0) {
          hide(view);
          return;
        }
        const at = view.coordsAtPos(view.state.selection.from);
        const frame = view.dom.parentElement!;
        frame.append(list);
        const box = frame.getBoundingClientRect();
        list.style.insetBlockStart = `${at.bottom - box.top + 4}px`;
        if (getComputedStyle(frame).direction === "rtl") list.style.right = `${Math.max(0, Math.min(box.right - at.right, box.width - 240))}px`;
        else list.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - 240))}px`;
        draw(view);
      },
    }),
  });
}

/** toolbar stands above the text: what can be done to the words or the block chosen. */
export function toolbar(schema: Schema, asks: Asks): Plugin {
  const bar = element("div", "tools");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", say("tools.title"));
  let view: EditorView;
  const run = (command: Command) => () => {
    command(view.state, view.dispatch, view);
    view.focus();
  };
  const marks: [string, string, string][] = [["strong", "B", "Ctrl B"], ["emphasis", "I", "Ctrl I"], ["underline", "U", "Ctrl U"], ["strike", "S", ""], ["code", "<>", "Ctrl E"], ["sup", "x²", ""], ["sub", "x₂", ""], ["mark", "▮", ""]];
  const markButtons = marks.map(([name, sign, key]) => {
    const b = button(`tool tool-${name}`, "", run(toggle(schema, name)));
    b.dataset["sign"] = sign;
    b.title = say(`mark.${name}`) + (key ? ` (${key})` : "");
    b.setAttribute("aria-label", say(`mark.${name}`));
    return [name, b] as const;
  });
  const link = button("tool", say("tool.link"), asks.link);
  link.title = "Ctrl Shift K";
  const kind = element("select", "tool");
  kind.setAttribute("aria-label", say("tool.kind"));
  for (const k of kinds) {
    const option = element("option", "", say(`name.${k}`));
    option.value = k;
    kind.append(option);
  }
  const other = element("option", "", "…");
  other.value = "";
  other.hidden = true;
  kind.append(other);
  kind.addEventListener("change", () => {
    const to = kind.value;
    run(to === "paragraph" ? ordinary : turn(to))();
  });
  const more = (key: string, press: () => void, title = "") => {
    const b = button("tool", say(`tool.${key}`), press);
    if (title) b.title = title;
    return b;
  };
  const table = element("span", "tool-group", more("row", run(addRowAfter)), more("row.remove", run(deleteRow)), more("column", run(addColumnAfter)), more("column.remove", run(deleteColumn)));
  const blockTools = element("span", "tool-group", more("up", run(move(-1)), "Alt ↑"), more("down", run(move(1)), "Alt ↓"), more("remove", run(removeBlock)));
  bar.append(
    kind,
    ...markButtons.map(([, b]) => b),
    link,
    more("picture", asks.picture),
    more("focus", asks.definition),
    more("footnote", asks.footnote),
    more("language", asks.language),
    more("note", asks.note, "Ctrl Alt M"),
    table,
    blockTools,
  );
  // One stop of the Tab key; arrows walk within (WAI-ARIA, toolbar pattern).
  const stops = () => [...bar.querySelectorAll<HTMLElement>("button, select")].filter((b) => b.offsetParent !== null && !(b as HTMLButtonElement).disabled);
  bar.addEventListener("keydown", (e) => {
    const rtl = getComputedStyle(bar).direction === "rtl";
    const step = e.key === "ArrowRight" ? (rtl ? -1 : 1) : e.key === "ArrowLeft" ? (rtl ? 1 : -1) : 0;
    if (e.key === "Escape") view.focus();
    if (!step || (e.target as HTMLElement).tagName === "SELECT") return;
    const all = stops();
    const at = all.indexOf(e.target as HTMLElement);
    all[(at + step + all.length) % all.length]?.focus();
    e.preventDefault();
  });
  const rove = () => {
    const all = stops();
    const has = all.find((b) => b === document.activeElement) ?? all[0];
    for (const b of bar.querySelectorAll<HTMLElement>("button, select")) b.tabIndex = b === has ? 0 : -1;
  };
  bar.addEventListener("focusin", rove);

  return new Plugin({
    view(v) {
      view = v;
      v.dom.parentElement!.insertBefore(bar, v.dom);
      let last = "";
      const update = () => {
        const state = view.state;
        const { $from, from, to, empty } = state.selection;
        const inText = $from.depth > 0 && $from.index(0) >= fields.length;
        const block = inText || state.selection instanceof NodeSelection ? state.doc.child($from.index(0)) : undefined;
        const allows = (name: string) => inText && $from.parent.inlineContent && $from.parent.type.allowsMarkType(schema.marks[name]!);
        const active = (name: string) => {
          const type = schema.marks[name]!;
          return empty ? !!type.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, type);
        };
        const current = !block ? "" : block.type.name === "subhead" && block.attrs["level"] !== 2 ? "subhead3" : block.type.name === "list" && block.attrs["ordered"] ? "ordered" : block.type.name === "table_block" ? "table" : block.type.name;
        const now = [inText, current, ...marks.map(([n]) => `${allows(n)}${active(n)}`), isInTable(state)].join();
        if (now === last) return;
        last = now;
        kind.value = (kinds as readonly string[]).includes(current) ? current : "";
        kind.disabled = !inText;
        for (const [name, b] of markButtons) {
          b.disabled = !allows(name);
          b.setAttribute("aria-pressed", String(active(name)));
        }
        link.disabled = !allows("link");
        table.hidden = !isInTable(state);
        blockTools.hidden = !inText && !(state.selection instanceof NodeSelection);
        rove();
      };
      update();
      return { update, destroy: () => bar.remove() };
    },
  });
}

/** chosenText are the words that are selected, or the word at the cursor. */
export function chosenText(state: EditorState): string {
  const { from, to, empty, $from } = state.selection;
  if (!empty) return state.doc.textBetween(from, to, " ", " ");
  return $from.parent.isTextblock ? $from.parent.textContent.slice(0, 200) : "";
}

export { TextSelection };
