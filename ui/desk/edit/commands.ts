// What can be done to blocks and text, as ProseMirror commands.

import { chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { Fragment, type Node, type NodeType, type Schema } from "prosemirror-model";
import { type Command, NodeSelection, TextSelection } from "prosemirror-state";
import { canSplit } from "prosemirror-transform";
import { fields } from "./plugins";

type Types = Record<string, NodeType>;

/** made makes a block of a kind, empty and complete. */
export function made(schema: Schema, kind: string, attrs: Record<string, unknown> = {}, text: Fragment = Fragment.empty): Node {
  const n = schema.nodes as Types;
  const line = (content: Fragment = Fragment.empty) => n["line"]!.create(null, content);
  switch (kind) {
    case "quote":
    case "pull_quote":
      return n[kind]!.create(attrs, [line(text), n["attribution"]!.create()]);
    case "list":
    case "ordered":
      return n["list"]!.create({ ...attrs, ordered: kind === "ordered" }, n["item"]!.create(null, line(text)));
    case "key_points":
    case "note":
      return n[kind]!.create(attrs, line(text));
    case "figure":
      return n["figure"]!.create(attrs, n["caption"]!.create(null, text));
    case "table": {
      const row = (cell: string) => n["table_row"]!.create(null, [1, 2, 3].map(() => n[cell]!.create()));
      return n["table_block"]!.create({ ...attrs, numeric: [false, false, false] }, [
        n["table_caption"]!.create(null, text),
        n["table"]!.create(null, [row("table_head"), row("table_cell"), row("table_cell")]),
        n["table_source"]!.create(),
      ]);
    }
    case "subhead3":
      return n["subhead"]!.create({ ...attrs, level: 3 }, text);
    case "paragraph":
    case "subhead":
    case "preformatted":
      return n[kind]!.create(attrs, text);
  }
  return n[kind]!.create(attrs);
}

/** Blocks of one text, that turn into each other. */
const plain = new Set(["paragraph", "subhead", "preformatted"]);

/** turn makes the block of the cursor one of another kind, or puts a new one behind it. */
export function turn(kind: string, attrs: Record<string, unknown> = {}): Command {
  return (state, dispatch) => {
    const { $from } = state.selection;
    const schema = state.schema;
    if ($from.depth === 0) return false;
    const index = $from.index(0);
    const start = $from.before(1);
    const block = state.doc.child(index);
    const tr = state.tr;
    if (index < fields.length) {
      const end = state.doc.children.slice(0, fields.length).reduce((sum, f) => sum + f.nodeSize, 0);
      const node = made(schema, kind, attrs);
      tr.insert(end, node);
      tr.setSelection(within(tr.doc, end, node));
    } else if (plain.has(block.type.name)) {
      const node = made(schema, kind, { ...attrs, ...("key" in block.attrs ? { key: block.attrs["key"] as string } : {}) }, carries(kind) ? block.content : Fragment.empty);
      if (carries(kind) || block.content.size === 0) {
        tr.replaceWith(start, start + block.nodeSize, node);
        tr.setSelection(carries(kind) && plain.has(node.type.name) ? TextSelection.create(tr.doc, Math.min($from.pos, start + node.nodeSize - 1)) : within(tr.doc, start, node));
      } else {
        tr.insert(start + block.nodeSize, node.type.create({ ...node.attrs, key: "" }, node.content));
        tr.setSelection(within(tr.doc, start + block.nodeSize, node));
      }
    } else {
      const node = made(schema, kind, attrs);
      tr.insert(start + block.nodeSize, node);
      tr.setSelection(within(tr.doc, start + block.nodeSize, node));
    }
    dispatch?.(tr.scrollIntoView());
    return true;
  };
}

const carries = (kind: string) => !["rule", "embed", "gallery", "file", "definition", "post", "table", "figure"].includes(kind);

function within(doc: Node, at: number, node: Node) {
  return node.isAtom ? NodeSelection.create(doc, at) : TextSelection.near(doc.resolve(at + 1), 1);
}

/** ordinary makes the block of the cursor paragraphs again: each of its lines one. */
export const ordinary: Command = (state, dispatch) => {
  const { $from } = state.selection;
  if ($from.depth === 0 || $from.index(0) < fields.length) return false;
  const block = state.doc.child($from.index(0));
  const start = $from.before(1);
  if (block.type.name === "paragraph") return false;
  const paragraphs: Node[] = [];
  const n = state.schema.nodes as Types;
  if (block.isTextblock) paragraphs.push(n["paragraph"]!.create({ key: block.attrs["key"] as string }, block.content));
  else
    block.descendants((node) => {
      if (!node.isTextblock) return true;
      if (node.content.size > 0 || paragraphs.length === 0) paragraphs.push(n["paragraph"]!.create(null, node.content));
      return false;
    });
  if (paragraphs.length === 0) return false;
  if (dispatch) {
    const tr = state.tr.replaceWith(start, start + block.nodeSize, paragraphs);
    dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(start + 1))).scrollIntoView());
  }
  return true;
};

/** enter in a line, an item or a field: another line, or out of the block. */
export const enter: Command = (state, dispatch) => {
  const { $from, $to } = state.selection;
  const n = state.schema.nodes as Types;
  if (!$from.sameParent($to)) return false;
  const parent = $from.parent;
  if ((fields as readonly string[]).includes(parent.type.name)) {
    // The next field, or the first block, which is made where there is none.
    const next = $from.after();
    const tr = state.tr;
    if ($from.index(0) === fields.length - 1 && next === state.doc.content.size) tr.insert(next, n["paragraph"]!.create());
    dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve(next + 1))).scrollIntoView());
    return true;
  }
  const item = $from.node(-1);
  if (parent.type.name === "line" && item.type.name === "item") {
    if (parent.content.size === 0 && item.childCount === 1) return outOfList(state, dispatch);
    const rest = parent.content.cut($from.parentOffset);
    const kept = parent.content.cut(0, $from.parentOffset);
    const sub = item.childCount > 1 ? [item.child(1)] : [];
    const tr = state.tr;
    const at = $from.before(-1);
    tr.replaceWith(at, at + item.nodeSize, [n["item"]!.create(null, n["line"]!.create(null, kept)), n["item"]!.create(null, [n["line"]!.create(null, rest), ...sub])]);
    dispatch?.(tr.setSelection(TextSelection.create(tr.doc, at + kept.size + 6)).scrollIntoView());
    return true;
  }
  if (parent.type.name === "line") {
    if (parent.content.size === 0 && $from.index(-1) === item.childCount - (item.type.name === "quote" ? 2 : 1) && item.childCount > 1) return outOf(state, dispatch);
    if (item.type.name === "pull_quote") return behind(state, dispatch);
    if (!canSplit(state.doc, $from.pos)) return false;
    dispatch?.(state.tr.deleteSelection().split($from.pos).scrollIntoView());
    return true;
  }
  if (["attribution", "caption", "table_caption", "table_source", "shot"].includes(parent.type.name)) return behind(state, dispatch);
  if (parent.type.name === "subhead" && $from.parentOffset === parent.content.size) {
    const after = $from.after();
    const tr = state.tr.insert(after, n["paragraph"]!.create());
    dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
    return true;
  }
  return false;
};

/** behind puts a paragraph behind the block of the cursor. */
export const behind: Command = (state, dispatch) => {
  const { $to } = state.selection;
  if ($to.depth === 0) return false;
  const after = $to.after(1);
  const tr = state.tr.insert(after, state.schema.nodes["paragraph"]!.create());
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
  return true;
};

/** outOf takes an empty last line away and goes on in a paragraph behind the block. */
const outOf: Command = (state, dispatch) => {
  const { $from } = state.selection;
  const tr = state.tr.delete($from.before(), $from.after());
  const after = tr.mapping.map($from.after(1));
  tr.insert(after, state.schema.nodes["paragraph"]!.create());
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
  return true;
};

const outOfList: Command = (state, dispatch) => {
  const { $from } = state.selection;
  const list = $from.node(-2);
  if (list.type.name === "sublist") return outdent(state, dispatch);
  const tr = state.tr;
  const at = $from.before(1);
  if (list.childCount === 1) {
    tr.replaceWith(at, at + list.nodeSize, state.schema.nodes["paragraph"]!.create({ key: list.attrs["key"] as string }));
    dispatch?.(tr.setSelection(TextSelection.create(tr.doc, at + 1)).scrollIntoView());
    return true;
  }
  const index = $from.index(-2);
  const before = list.content.cut(0, offset(list, index));
  const rest = list.content.cut(offset(list, index + 1));
  const parts: Node[] = [];
  if (before.size) parts.push(list.copy(before));
  const middle = state.schema.nodes["paragraph"]!.create();
  parts.push(middle);
  if (rest.size) parts.push(list.type.create({ ...list.attrs, key: "" }, rest));
  tr.replaceWith(at, at + list.nodeSize, parts);
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, at + (before.size ? before.size + 2 : 0) + 1)).scrollIntoView());
  return true;
};

function offset(node: Node, index: number): number {
  let sum = 0;
  for (let n = 0; n < index; n++) sum += node.child(n).nodeSize;
  return sum;
}

/** indent makes an item one of a list within the item before it. */
export const indent: Command = (state, dispatch) => {
  const { $from } = state.selection;
  if ($from.depth < 3 || $from.node(-1).type.name !== "item") return false;
  const list = $from.node(-2);
  const index = $from.index(-2);
  if (index === 0) return false;
  const before = list.child(index - 1);
  const item = list.child(index);
  const n = state.schema.nodes as Types;
  const sub = before.childCount > 1 ? before.child(1).content : Fragment.empty;
  const joined = n["item"]!.create(null, [before.child(0), n["sublist"]!.create({ ordered: list.attrs["ordered"] as boolean }, sub.append(Fragment.from(item)))]);
  const at = $from.before(-1);
  if (dispatch) {
    const tr = state.tr.replaceWith(at - before.nodeSize, at + item.nodeSize, joined);
    // The text stands two levels deeper, behind what was in the list within already.
    const start = at - before.nodeSize + 1 + before.child(0).nodeSize + 1 + sub.size + 2;
    dispatch(tr.setSelection(TextSelection.create(tr.doc, start + $from.parentOffset)).scrollIntoView());
  }
  return true;
};

/** outdent takes an item of a list within an item out of it. */
export const outdent: Command = (state, dispatch) => {
  const { $from } = state.selection;
  if ($from.depth < 5 || $from.node(-2).type.name !== "sublist") return false;
  const sub = $from.node(-2);
  const outer = $from.node(-3);
  const index = $from.index(-2);
  const item = sub.child(index);
  const n = state.schema.nodes as Types;
  const before = sub.content.cut(0, offset(sub, index));
  const rest = sub.content.cut(offset(sub, index + 1));
  const kept = n["item"]!.create(null, before.size ? [outer.child(0), sub.copy(before)] : [outer.child(0)]);
  let within = item.childCount > 1 ? item.child(1).content : Fragment.empty;
  within = within.append(rest);
  const out = n["item"]!.create(null, within.size ? [item.child(0), sub.type.create(sub.attrs, within)] : [item.child(0)]);
  const at = $from.before(-3);
  if (dispatch) {
    const tr = state.tr.replaceWith(at, at + outer.nodeSize, [kept, out]);
    dispatch(tr.setSelection(TextSelection.create(tr.doc, at + kept.nodeSize + 2 + $from.parentOffset)).scrollIntoView());
  }
  return true;
};

/** move moves the block of the cursor before the one before it, or behind the next. */
export function move(by: 1 | -1): Command {
  return (state, dispatch) => {
    const { $from } = state.selection;
    const index = state.selection instanceof NodeSelection && $from.depth === 0 ? $from.index() : $from.depth > 0 ? $from.index(0) : -1;
    const other = index + by;
    if (index < fields.length || other < fields.length || other >= state.doc.childCount) return false;
    const block = state.doc.child(index);
    const neighbour = state.doc.child(other);
    const start = $from.depth > 0 ? $from.before(1) : $from.pos;
    const tr = state.tr.delete(start, start + block.nodeSize);
    const at = by < 0 ? start - neighbour.nodeSize : start + neighbour.nodeSize;
    tr.insert(at, block);
    const inside = $from.pos - start;
    dispatch?.(tr.setSelection(block.isAtom ? NodeSelection.create(tr.doc, at) : TextSelection.near(tr.doc.resolve(at + inside))).scrollIntoView());
    return true;
  };
}

/** removeBlock takes the block of the cursor away. */
export const removeBlock: Command = (state, dispatch) => {
  const { $from } = state.selection;
  const index = $from.index(0);
  if (index < fields.length) return false;
  const start = $from.depth > 0 ? $from.before(1) : $from.pos;
  dispatch?.(state.tr.delete(start, start + state.doc.child(index).nodeSize).scrollIntoView());
  return true;
};

/** eraseBack at the beginning of a special block makes it paragraphs again. */
export const eraseBack: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parentOffset > 0 || $from.depth === 0 || $from.index(0) < fields.length) return false;
  const block = state.doc.child($from.index(0));
  if (block.type.name === "paragraph") {
    // Never into the fields before the text.
    return $from.index(0) === fields.length;
  }
  let first = true;
  for (let d = 1; d <= $from.depth; d++) if ($from.index(d - 1) > 0 && d > 1) first = false;
  return first ? ordinary(state, dispatch) : false;
};

export function toggle(schema: Schema, mark: string): Command {
  return toggleMark(schema.marks[mark]!);
}

export { chainCommands, exitCode, lift, setBlockType, wrapIn };
