// The story editor: ProseMirror over the manuscript that the server keeps.

import { collab, sendableSteps } from "prosemirror-collab";
import { baseKeymap, selectAll } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history, redo, undo } from "prosemirror-history";
import { InputRule, inputRules } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { Fragment, type Node, Slice } from "prosemirror-model";
import { type Command, EditorState, NodeSelection, type Plugin, TextSelection } from "prosemirror-state";
import { goToNextCell, tableEditing } from "prosemirror-tables";
import { Step } from "prosemirror-transform";
import { EditorView } from "prosemirror-view";
import { behind, enter, eraseBack, indent, made, move, outdent, removeBlock, toggle, turn } from "./edit/commands";
import { button, type Data, element, say, speak, type State } from "./edit/data";
import { type Found, form, pick, tell } from "./edit/dialogs";
import { Journal, type Record_ } from "./edit/journal";
import { type Conflict, Line, type Present, type Status } from "./edit/line";
import { toolbar, slash, type Asks } from "./edit/menu";
import { Panel } from "./edit/panel";
import { colour, others, people } from "./edit/people";
import { fields, keys, marks, placeholders } from "./edit/plugins";
import { schemaOf } from "./edit/schema";
import { views } from "./edit/views";
import { inert } from "./paste/inert";
import { type Dropped, readHTML, readText } from "./paste/paste";
import { ask as askPasskey } from "./shell/passkey";

const data = JSON.parse(document.getElementById("manuscript")?.textContent ?? "{}") as Data;
speak(data);
const schema = schemaOf(data.schema);
const mayWrite = data.may.includes("write");
const root = document.getElementById("editor")!;

// --- the screen

const statusLine = element("span", "saved");
statusLine.setAttribute("role", "status");
const where = element("span", "status");
const faces = element("span", "faces");
const back = element("a", "button small", element("span", "back-arrow", "←"));
back.href = "/desk/stories";
back.setAttribute("aria-label", say("back"));
const historyLink = element("a", "button small", say("history"));
historyLink.href = `${data.base}/history`;
const undoButton = button("button small", say("undo"), () => run(undo));
undoButton.title = "Ctrl Z";
const redoButton = button("button small", say("redo"), () => run(redo));
redoButton.title = "Ctrl Shift Z";
const previewButton = button("button small", say("preview"), () => void preview());
previewButton.title = "Ctrl P";
const bar = element("div", "edit-bar", back, where, statusLine, faces, undoButton, redoButton, historyLink, previewButton);
const banner = element("div", "banners");
const surface = element("div", "surface");
const page = element("div", "page");
const slugLine = element("p", "slug-line");
const counter = element("span", "counter");
counter.hidden = true;
page.append(slugLine, counter);
surface.append(page);
root.replaceChildren(bar, banner, surface);

// --- the document

const asks: Asks = {
  link: () => void link(),
  picture: () => void addFigure(),
  definition: () => void addDefinition(),
  embed: () => void addEmbed(),
  footnote: () => addFootnote(),
  language: () => void language(),
  note: () => void panel.writeNote(),
};

/** Marks as people type them in Markdown, and blocks. What is typed stays where it is no such sign. */
function rules(): Plugin {
  const inline = (sign: RegExp, mark: string) =>
    new InputRule(sign, (state, match, start, end) => {
      const type = schema.marks[mark]!;
      const text = match[2] ?? "";
      const $at = state.doc.resolve(start);
      if (!$at.parent.type.allowsMarkType(type)) return null;
      const from = start + (match[1]?.length ?? 0);
      return state.tr.replaceWith(from, end, schema.text(text, type.create().addToSet($at.marks()))).removeStoredMark(type);
    });
  const block = (sign: RegExp, kind: string) =>
    new InputRule(sign, (state, _match, start, end) => {
      const { $from } = state.selection;
      if ($from.depth !== 1 || $from.parent.type.name !== "paragraph") return null;
      const tr = state.tr.delete(start, end);
      const at = tr.selection.$from.before(1);
      const old = tr.doc.nodeAt(at)!;
      if (kind === "rule") {
        const rest = schema.nodes["paragraph"]!.create(null, old.content);
        tr.replaceWith(at, at + old.nodeSize, [made(schema, "rule"), rest]);
        return tr.setSelection(TextSelection.create(tr.doc, at + 2));
      }
      tr.replaceWith(at, at + old.nodeSize, made(schema, kind, "key" in old.attrs ? { key: old.attrs["key"] as string } : {}, old.content));
      return tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1)));
    });
  return inputRules({
    rules: [
      inline(/(^|\s)\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/u, "strong"),
      inline(/(^|[\s(])_([^_\s](?:[^_]*[^_\s])?)_$/u, "emphasis"),
      inline(/(^|\s)~~([^~\s](?:[^~]*[^~\s])?)~~$/u, "strike"),
      inline(/(^|\s)`([^`\s](?:[^`]*[^`\s])?)`$/u, "code"),
      block(/^##\s$/u, "subhead"),
      block(/^###\s$/u, "subhead3"),
      block(/^>\s$/u, "quote"),
      block(/^[-*]\s$/u, "list"),
      block(/^(?:1|۱|١)[.)]\s$/u, "ordered"),
      block(/^---$/u, "rule"),
    ],
  });
}

const run = (command: Command) => {
  command(view.state, view.dispatch, view);
  view.focus();
};

/** The half-space of Persian, on the keys of the standard layout and one for all. */
const half: Command = (state, dispatch) => {
  if (!state.selection.$from.parent.inlineContent) return false;
  dispatch?.(state.tr.insertText("\u200c").scrollIntoView());
  return true;
};

const shortcuts = keymap({
  "Mod-z": undo, "Mod-Shift-z": redo, "Mod-y": redo,
  "Mod-b": toggle(schema, "strong"), "Mod-i": toggle(schema, "emphasis"), "Mod-u": toggle(schema, "underline"), "Mod-e": toggle(schema, "code"),
  "Mod-Shift-k": () => (asks.link(), true),
  "Mod-Alt-m": () => (asks.note(), true),
  "Mod-Alt-2": turn("subhead"), "Mod-Alt-3": turn("subhead3"), "Mod-Alt-q": turn("quote"), "Mod-Alt-l": turn("list"),
  "Alt-ArrowUp": move(-1), "Alt-ArrowDown": move(1), "Mod-Shift-Backspace": removeBlock, "Mod-Alt-Enter": behind,
  "Shift-Space": half, "Mod-Shift-2": half,
  Tab: (state, dispatch) => goToNextCell(1)(state, dispatch) || indent(state, dispatch),
  "Shift-Tab": (state, dispatch) => goToNextCell(-1)(state, dispatch) || outdent(state, dispatch),
  Enter: enter,
  "Shift-Enter": (state, dispatch) => {
    if (!state.selection.$from.parent.inlineContent || (fields as readonly string[]).includes(state.selection.$from.parent.type.name)) return true;
    dispatch?.(state.tr.replaceSelectionWith(schema.nodes["break"]!.create()).scrollIntoView());
    return true;
  },
  Backspace: eraseBack,
  "Mod-a": (state, dispatch) => {
    // First what is in the field or the block, then all.
    const { $from, from, to } = state.selection;
    if ($from.depth === 0 || (from <= $from.start(1) && to >= $from.end(1))) return selectAll(state, dispatch);
    dispatch?.(state.tr.setSelection(TextSelection.between(state.doc.resolve($from.start(1)), state.doc.resolve($from.end(1)))));
    return true;
  },
});

const common: Plugin[] = [history({ depth: 500, newGroupDelay: 700 })];
const plugins = (version: number, client: string): Plugin[] => [
  slash(asks), rules(), shortcuts, keymap(baseKeymap), ...common, collab({ version, clientID: client }), tableEditing(), gapCursor(),
  placeholders(data.edition.dir), keys(), marks(), people(data.me.id), toolbar(schema, asks),
];

/** opening is the state to begin with: as the server has it, with what can be undone. */
function opening(): { state: EditorState; agreed: Node; client: string } {
  let state = EditorState.create({ schema, doc: schema.nodeFromJSON(data.past.doc), plugins: common });
  for (const logged of data.past.steps) {
    const step = Step.fromJSON(schema, logged.step);
    state = state.apply(state.tr.step(step).setMeta("addToHistory", logged.by === data.me.id && logged.client !== "save"));
  }
  return { state: state.reconfigure({ plugins: plugins(data.version, data.client) }), agreed: state.doc, client: data.client };
}

/** resumed is the state in which a window was left that could not send everything. */
function resumed(left: Record_): { state: EditorState; agreed: Node; client: string } | undefined {
  try {
    const agreed = schema.nodeFromJSON(left.doc);
    let state = EditorState.create({ schema, doc: agreed, plugins: plugins(left.version, left.client) });
    for (const json of left.steps) state = state.apply(state.tr.step(Step.fromJSON(schema, json)));
    return { state, agreed, client: left.client };
  } catch {
    return undefined;
  }
}

let view: EditorView;
let line: Line;
let panel: Panel;
let shownPeople: Present[] = [];

async function begin(): Promise<void> {
  const journal = mayWrite ? await Journal.open(data.secret, data.story, data.client) : undefined;
  const left = (await journal?.left()) ?? [];
  let start = opening();
  let adopted = "";
  const unread: string[] = [];
  for (const record of left) {
    const was: ReturnType<typeof resumed> = adopted ? undefined : resumed(record);
    if (was) {
      start = { ...was };
      adopted = record.client;
    } else unread.push(textOf(record));
  }
  // What a closed window wrote goes on under its name, so that the server knows again what it has already.
  const client = start.client;
  const own = adopted ? await Journal.open(data.secret, data.story, client) : journal;

  view = new EditorView(page, {
    state: start.state,
    nodeViews: views(data),
    editable: () => mayWrite,
    attributes: { role: "textbox", "aria-multiline": "true", "aria-label": say("text"), spellcheck: "true", lang: data.edition.lang, dir: data.edition.dir, class: "prose" },
    dispatchTransaction(tr) {
      const before = view.state;
      view.updateState(before.apply(tr));
      if (tr.docChanged) {
        const mine = sendableSteps(view.state);
        if (mine && !tr.getMeta("collab$")) line?.wrote();
        later();
        if (before.doc.attrs !== view.state.doc.attrs) panel?.follow();
      }
      if (tr.selectionSet || tr.docChanged) presence();
    },
    handleDOMEvents: { paste: (_, e) => handlePaste(e) },
    handleDrop(_, e) {
      const file = e.dataTransfer?.files[0];
      if (!file?.type.startsWith("image/")) return false;
      e.preventDefault();
      void upload(file).then((id) => id && putFigure(id));
      return true;
    },
    clipboardTextSerializer: (slice) => slice.content.textBetween(0, slice.content.size, "\n\n", (leaf) => (leaf.type.name === "break" ? "\n" : "")),
  });
  line = new Line(view, schema, data.base, client, mayWrite, own, {
    status: showStatus,
    people: showPeople,
    changed: () => void refresh(),
    remote: (by, ranges) => {
      const now = Date.now();
      view.dispatch(view.state.tr.setMeta(others, { tints: ranges.map(([from, to]) => ({ by, from, to, at: now })) }));
      setTimeout(() => view.dispatch(view.state.tr.setMeta(others, { tints: [] })), 61_000);
    },
    conflict: showConflict,
    back: (sent) => notice("ok", say("online"), sent ? say("online.sent", { a: sent }) : say("online.none"), 8000),
    signIn: () => void signIn(),
    out: (wipe) => {
      if (wipe) Journal.wipe();
      notice("stop", say("out.title"), say(wipe ? "out.wiped" : "out.why"), 0, [say("signin"), () => void signIn()]);
    },
  }, start.agreed);
  panel = new Panel(view, data, line, { act, find, picture: choosePicture, refresh: () => void refresh() });
  root.append(panel.dom);
  showState(data.state);
  line.start("");
  if (adopted && left.length) notice("ok", say("resumed"), say("resumed.why"), 8000);
  if (unread.length) void tell(say("unread.title"), element("p", "", say("unread.why")), ...unread.map(copied));
  if (mayWrite && view.state.doc.child(1).content.size === 0) {
    const at = view.state.doc.child(0).nodeSize + 1;
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, at)));
    view.focus();
  }
  root.dataset["ready"] = "true";
  performance.mark("editor ready");
}

/** copied is a text that can be copied, and is not edited. */
function copied(text: string): HTMLElement {
  const area = element("textarea", "copied", text);
  area.readOnly = true;
  area.rows = 8;
  area.dir = "auto";
  area.setAttribute("aria-label", say("unread.title"));
  return area;
}

function textOf(record: Record_): string {
  try {
    let doc = schema.nodeFromJSON(record.doc);
    for (const json of record.steps) doc = Step.fromJSON(schema, json).apply(doc).doc ?? doc;
    return doc.textBetween(0, doc.content.size, "\n\n");
  } catch {
    return JSON.stringify(record.steps);
  }
}

let laterTimer = 0;
function later(): void {
  clearTimeout(laterTimer);
  laterTimer = setTimeout(() => {
    panel?.count();
    drawSlug();
  }, 300);
}

// --- what the line says

function showStatus(s: Status): void {
  const version = say("version", { a: s.version });
  const bold = (text: string) => element("b", "", text);
  statusLine.className = `saved is-${s.kind}`;
  switch (s.kind) {
    case "saved":
      statusLine.replaceChildren(bold(say("saved")), ` ${s.at ? `${s.at} · ` : ""}${version}`);
      break;
    case "saving":
      statusLine.replaceChildren(say("saving"));
      break;
    case "offline": {
      const since = new Date(s.since ?? Date.now()).toLocaleTimeString(data.tongue === "fa" ? "fa-IR" : data.tongue === "ar" ? "ar-u-nu-latn" : "en-GB", { hour12: false });
      statusLine.replaceChildren(bold(say("offline", { a: since })), ` ${say(data.secret ? "offline.kept" : "offline.unkept")} `, s.waiting ? say("offline.waiting", { a: s.waiting }) : "", " ", button("button small", say("offline.try"), () => line.hurry()));
      break;
    }
    case "out":
      statusLine.replaceChildren(bold(say("out.title")), " ", button("button small", say("signin"), () => void signIn()));
      break;
    case "lost":
      statusLine.replaceChildren(bold(say("lost")));
      if (!lostShown) {
        lostShown = true;
        void tell(say("lost.title"), element("p", "", say("lost.why")), copied(view.state.doc.textBetween(0, view.state.doc.content.size, "\n\n"))).then(() => location.reload());
      }
      break;
    default:
      statusLine.replaceChildren(bold(s.sentence || say("refused")));
  }
  undoButton.disabled = !mayWrite || !undo(view.state);
  redoButton.disabled = !mayWrite || !redo(view.state);
}
let lostShown = false;

function notice(mark: string, title: string, text: string, lasts: number, act?: [string, () => void]): HTMLElement {
  const made = element("p", `notice is-${mark}`, element("span", `status is-${mark}`, title), element("span", "", text));
  made.setAttribute("role", "status");
  if (act) made.append(button("button small", act[0], () => { act[1](); made.remove(); }));
  const close = button("button small", "×", () => made.remove());
  close.setAttribute("aria-label", say("close"));
  made.append(close);
  banner.append(made);
  if (lasts) setTimeout(() => made.remove(), lasts);
  return made;
}

function showPeople(all: Present[]): void {
  shownPeople = all;
  const byPerson = new Map(all.map((p) => [p.id, p]));
  faces.replaceChildren(
    ...[...byPerson.values()].map((p) => {
      const face = element("span", `face colour-${colour(p.id)}`, p.name.split(/\s+/u).map((w) => [...w][0] ?? "").slice(0, 2).join(""));
      face.setAttribute("aria-hidden", "true");
      face.title = p.name;
      return face;
    }),
  );
  if (byPerson.size) faces.append(element("span", "unseen", [...byPerson.values()].map((p) => say("also", { a: p.name })).join(" ")));
  view.dispatch(view.state.tr.setMeta(others, { people: shownPeople }));
}

let presenceTimer = 0;
let presenceDue = false;
function presence(): void {
  presenceDue = true;
  if (presenceTimer) return;
  const send = () => {
    presenceTimer = 0;
    if (!presenceDue || !line || document.visibilityState === "hidden") return;
    presenceDue = false;
    const { anchor, head } = view.state.selection;
    void fetch(`${data.base}/presence`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ client: data.client, anchor, head, version: line.version }) }).catch(() => undefined);
  };
  presenceTimer = setTimeout(send, 600);
}
setInterval(() => presence(), 20_000);

function showConflict(all: Conflict[]): void {
  const made = notice("stop", say("conflict"), say("conflict.why"), 0, [say("conflict.choose"), () => void choose(all)]);
  made.classList.add("conflict");
}

/** choose shows both texts of each block side by side; what is chosen stands. */
async function choose(all: Conflict[]): Promise<void> {
  for (const c of all) {
    const side = (title: string, text: string) => {
      const words = element("p", "", text);
      words.dir = "auto";
      return element("div", "text-side", element("h3", "", title), words);
    };
    const now = blockText(c.key);
    const choices: [string, string][] = [["", say("conflict.merged")], ["mine", say("conflict.mine")], ["theirs", say("conflict.theirs")]];
    const pair = element("div", "pair", side(say("conflict.mine"), c.mine), side(say("conflict.theirs"), c.theirs), side(say("conflict.merged"), now));
    const dialog = element("dialog", "asking wide", element("h2", "", say("conflict")), pair);
    dialog.setAttribute("aria-label", say("conflict"));
    const acts = element("div", "acts");
    await new Promise<void>((done) => {
      for (const [which, words] of choices) acts.append(button("button", words, () => {
        if (which) setBlockText(c.key, which === "mine" ? c.mine : c.theirs);
        dialog.close();
      }));
      dialog.append(acts);
      dialog.addEventListener("close", () => {
        dialog.remove();
        done();
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }
}

function blockAt(key: string): [number, Node] | undefined {
  let found: [number, Node] | undefined;
  view.state.doc.forEach((n, pos) => {
    if (((n.attrs["key"] as string) || n.type.name) === key) found = [pos, n];
  });
  return found;
}
const blockText = (key: string) => blockAt(key)?.[1].textContent ?? "";
function setBlockText(key: string, text: string): void {
  const at = blockAt(key);
  if (!at || !at[1].isTextblock) return;
  view.dispatch(view.state.tr.replaceWith(at[0] + 1, at[0] + 1 + at[1].content.size, text ? schema.text(text) : Fragment.empty));
}

// --- how the story stands

function showState(s: State): void {
  data.state = s;
  where.textContent = s.state;
  where.className = `status${s.mark ? ` is-${s.mark}` : ""}`;
  for (const old of banner.querySelectorAll(".embargo")) old.remove();
  if (s.embargo) {
    const text = [s.embargo.source, s.embargo.terms && say("embargo.terms", { a: s.embargo.terms })].filter(Boolean).join(" · ");
    const words = element("span", "", text);
    words.dir = "auto";
    banner.prepend(element("p", "notice embargo", element("b", "", say("embargo.banner", { a: s.embargo.until })), words, element("span", "sub", s.embargo.left)));
  }
  panel.draw(s);
  drawSlug();
}

function drawSlug(): void {
  const s = data.state;
  const parts: HTMLElement[] = [element("span", "edition", data.edition.key)];
  const section = data.sections.find((one) => one.id === view.state.doc.attrs["section"]);
  if (section) {
    const name = element("bdi", "", section.name);
    name.lang = data.edition.lang;
    parts.push(name);
  }
  if (s.live) {
    const link = element("a", "status is-live", s.live.text);
    link.href = s.live.address;
    link.target = "_blank";
    link.rel = "noopener";
    parts.push(link);
    if (s.live.behind || line?.waiting()) parts.push(element("span", "status is-warn", say("behind")));
  }
  slugLine.replaceChildren(...parts);
}

let refreshing = 0;
async function refresh(): Promise<void> {
  const turn = ++refreshing;
  try {
    const answer = await fetch(`${data.base}/state`);
    if (answer.ok && turn === refreshing) {
      const s = (await answer.json()) as State;
      showState(s);
      if (s.receipt && (s.receipt.state === "open" || s.receipt.mark === "warn")) setTimeout(() => void refresh(), 700);
    }
  } catch {
    // The line says that it is down; the panel follows when it is up.
  }
}

async function act(path: string, body: Record<string, unknown>): Promise<string | undefined> {
  try {
    const answer = await fetch(`${data.base}/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const value = (await answer.json()) as State & { sentence?: string; checks?: { sentence: string }[]; signIn?: boolean; confirm?: boolean };
    if (answer.ok) {
      showState(value);
      if (value.receipt?.state === "open") setTimeout(() => void refresh(), 300);
      return undefined;
    }
    if (value.signIn) void signIn();
    return [value.sentence, ...(value.checks ?? []).map((c) => c.sentence)].filter(Boolean).join(" ");
  } catch {
    return say("publish.waits");
  }
}

async function find(kind: string, q: string): Promise<Found[]> {
  const answer = await fetch(`/desk/find?kind=${kind}&edition=${data.edition.key}&q=${encodeURIComponent(q)}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { found: Found[] }).found;
}

// --- signing in again, in place

let asking = false;
async function signIn(): Promise<void> {
  if (asking) return;
  asking = true;
  const dialog = element("dialog", "asking");
  dialog.setAttribute("aria-label", say("signin.title"));
  const body = element("form", "form");
  body.append(element("h2", "", say("signin.title")), element("p", "", say("signin.why")));
  const fault = element("p", "fault");
  fault.hidden = true;
  fault.setAttribute("role", "alert");
  const done = () => {
    dialog.close();
    line.hurry();
    void refresh();
  };
  const wrong = (sentence: string) => {
    fault.textContent = sentence;
    fault.hidden = false;
  };
  if ("PublicKeyCredential" in window) body.append(button("button main wide", say("signin.passkey"), () => void askPasskey("/desk/sign-in/passkey", false, "", say("signin.stopped")).then(done, (e: Error) => wrong(e.message))));
  for (const [name, type, complete] of [["email", "email", "username"], ["password", "password", "current-password"], ["code", "text", "one-time-code"]] as const) {
    const field = element("input");
    field.id = `again-${name}`;
    field.name = name;
    field.type = type;
    field.autocomplete = complete;
    field.dir = "ltr";
    const label = element("label", "", say(`signin.${name}`));
    label.htmlFor = field.id;
    body.append(element("div", "row", label, field));
  }
  body.append(fault, element("div", "acts", element("button", "button", say("signin")), button("button", say("cancel"), () => dialog.close())));
  body.addEventListener("submit", async (e) => {
    e.preventDefault();
    const answer = await fetch("/desk/sign-in", { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams([...new FormData(body)].map(([k, v]) => [k, String(v)])) }).catch(() => undefined);
    if (answer?.ok) done();
    else wrong(answer ? (((await answer.json()) as { sentence?: string }).sentence ?? "") : say("publish.waits"));
  });
  dialog.append(body);
  dialog.addEventListener("close", () => {
    asking = false;
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// --- what is put into the text

async function link(): Promise<void> {
  const { from, to, empty, $from } = view.state.selection;
  const type = schema.marks["link"]!;
  if (!$from.parent.type.allowsMarkType(type)) return;
  const had = type.isInSet($from.marks()) ?? ($from.nodeAfter ? type.isInSet($from.nodeAfter.marks) : undefined);
  const found = await pick(say("link.title"), async (q) => (/^(https?:|mailto:|\/)/.test(q) ? [] : find("story", q)), (q) =>
    /^(https?:\/\/|mailto:|\/)\S+$/.test(q) ? { kind: "address", text: q, href: q } : /^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(q) ? { kind: "address", text: `https://${q}`, href: `https://${q}` } : had && !q ? { kind: "none", text: say("link.remove"), href: "" } : undefined);
  if (!found) return;
  let start = from;
  let end = to;
  if (empty && had) {
    while (start > $from.start() && view.state.doc.rangeHasMark(start - 1, start, type)) start--;
    while (end < $from.end() && view.state.doc.rangeHasMark(end, end + 1, type)) end++;
  }
  const tr = view.state.tr;
  if (found.kind === "none") tr.removeMark(start, end, type);
  else {
    const href = found.kind === "story" ? await publicAddress(found) : (found.href ?? "");
    if (!href) return;
    if (start === end) {
      tr.insertText(found.text, start);
      end = start + found.text.length;
    }
    tr.addMark(start, end, type.create({ href, title: "" }));
  }
  view.dispatch(tr);
  view.focus();
}

/** publicAddress is where readers find a story; none while it is not out. */
async function publicAddress(found: Found): Promise<string> {
  const answer = await fetch(`/desk/stories/${found.id}/state`);
  const state = answer.ok ? ((await answer.json()) as State) : undefined;
  if (state?.live) return state.live.address;
  notice("warn", say("link.notlive"), found.text, 6000);
  return "";
}

async function choosePicture(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const field = element("input");
    field.type = "file";
    field.accept = "image/jpeg,image/png";
    field.addEventListener("cancel", () => resolve(undefined));
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      if (file) void upload(file).then(resolve);
      else resolve(undefined);
    });
    field.click();
  });
}

async function upload(file: File): Promise<string | undefined> {
  let id: string | undefined;
  await form(say("picture.title"), [
    { name: "alt", label: say("picture.alt"), hint: say("picture.alt.hint") },
    { name: "caption", label: say("picture.caption") },
    { name: "credit", label: say("picture.credit") },
  ], say("picture.send"), async (values) => {
    const answer = await fetch(`${data.base}/pictures?${new URLSearchParams(values).toString()}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file }).catch(() => undefined);
    if (!answer) return say("publish.waits");
    const value = (await answer.json()) as { id?: string; picture?: Data["names"]["assets"][string]; sentence?: string };
    if (!answer.ok || !value.id || !value.picture) return value.sentence ?? "";
    id = value.id;
    data.names.assets[id] = value.picture;
    return undefined;
  });
  return id;
}

function putFigure(id: string): void {
  run(turn("figure", { asset: id }));
}
async function addFigure(): Promise<void> {
  const id = await choosePicture();
  if (id) putFigure(id);
}
async function addDefinition(): Promise<void> {
  const found = await pick(say("name.definition"), (q) => find("topic", q));
  if (!found?.id) return;
  data.names.topics[found.id] = { name: found.text, definition: found.sub };
  run(turn("definition", { topic: found.id }));
}
async function addEmbed(): Promise<void> {
  const values = await form(say("name.embed"), [{ name: "url", label: say("embed.url"), type: "url", hint: say("embed.hint") }, { name: "title", label: say("embed.title") }], say("add"));
  if (!values?.["url"]) return;
  let provider = "";
  try {
    provider = new URL(values["url"]).hostname.replace(/^www\./, "");
  } catch {
    return;
  }
  run(turn("embed", { url: values["url"], title: values["title"] ?? "", provider }));
}
function addFootnote(): void {
  const { $from } = view.state.selection;
  if (!$from.parent.type.contentMatch.matchType(schema.nodes["footnote"]!)) return;
  const at = view.state.selection.to;
  view.dispatch(view.state.tr.insert(at, schema.nodes["footnote"]!.create()).scrollIntoView());
  view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, at)));
}
async function language(): Promise<void> {
  const values = await form(say("language.title"), [{ name: "tag", label: say("language.tag"), choices: [["", say("language.own")], ["en", "English"], ["ar", "العربية"], ["fa", "فارسی"], ["fr", "Français"], ["tr", "Türkçe"], ["ku", "Kurdî"], ["ckb", "کوردی"], ["he", "עברית"], ["ru", "Русский"], ["ur", "اردو"]] }], say("apply"));
  if (!values) return;
  const tag = values["tag"] ?? "";
  const dir = /^(ar|fa|he|ur|ckb)$/.test(tag) ? "rtl" : "ltr";
  const { from, to, empty, $from } = view.state.selection;
  if (empty && $from.depth > 0 && "tag" in $from.node(1).attrs) {
    const at = $from.before(1);
    view.dispatch(view.state.tr.setNodeAttribute(at, "tag", tag).setNodeAttribute(at, "dir", tag ? dir : ""));
  } else if (!empty) {
    const type = schema.marks["lang"]!;
    view.dispatch(tag ? view.state.tr.addMark(from, to, type.create({ tag, dir })) : view.state.tr.removeMark(from, to, type));
  }
  view.focus();
}

// --- pasting

const policy = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string } } }).trustedTypes?.createPolicy("app", { createHTML: (text) => text });
const parse = (html: string): Document => new DOMParser().parseFromString((policy ? policy.createHTML(html) : html) as string, "text/html");

function handlePaste(e: ClipboardEvent): boolean {
  const clip = e.clipboardData;
  if (!clip) return false;
  const image = [...clip.files].find((f) => f.type.startsWith("image/"));
  const html = clip.getData("text/html");
  const text = clip.getData("text/plain");
  if (!mayWrite || (e.target as Element).closest("input, .footnote-box")) return false;
  e.preventDefault();
  if (image && !html && !text) {
    void upload(image).then((id) => id && putFigure(id));
    return true;
  }
  const quiet = inert(html);
  if (html.includes("data-pm-slice")) { // the editor's own
    view.pasteHTML(quiet.html);
    return true;
  }
  const plain = !html || (e as ClipboardEvent & { shiftKey?: boolean }).shiftKey;
  const { blocks, dropped } = plain ? readText(text, schema) : readHTML(quiet.html, schema, parse);
  if (!plain && quiet.scripts) dropped.push({ what: "script", count: quiet.scripts });
  if (!plain && quiet.sheets) dropped.push({ what: "style", count: quiet.sheets });
  put(blocks);
  if (dropped.length) notice("warn", say("paste.dropped"), dropped.map(droppedWords).join(say("comma")), 15_000);
  return true;
}

const droppedWords = (d: Dropped) => `${say(`dropped.${d.what}`)}${d.count > 1 ? ` (${d.count})` : ""}`;

/** put puts blocks where the cursor is: the words of one paragraph go into the line. */
function put(blocks: Node[]): void {
  const { $from } = view.state.selection;
  const only = blocks.length === 1 && blocks[0]!.type.name === "paragraph" ? blocks[0] : undefined;
  const parent = $from.parent;
  const tr = view.state.tr;
  if (only && parent.inlineContent && parent.type.validContent(parent.content.append(allowed(only.content, parent)))) {
    tr.replaceSelection(new Slice(allowed(only.content, parent), 0, 0));
  } else if ($from.index(0) < fields.length && $from.depth > 0) {
    // A field is one line: the first words stay in it, the rest begins the text.
    const [first, ...rest] = blocks;
    if (first?.isTextblock) tr.replaceSelection(new Slice(allowed(first.content, parent), 0, 0));
    let end = 0;
    for (let n = 0; n < fields.length; n++) end += tr.doc.child(n).nodeSize;
    tr.insert(end, first?.isTextblock ? rest : blocks);
  } else if (!parent.inlineContent || $from.depth === 1) {
    const open = (n: Node | undefined) => (n?.type.name === "paragraph" ? 1 : 0);
    tr.replaceSelection(new Slice(Fragment.from(blocks), open(blocks[0]), open(blocks[blocks.length - 1])));
  } else {
    // Within a quote, an item, a cell: the words, with line breaks between them.
    let content = Fragment.empty;
    blocks.forEach((b, n) => {
      if (n > 0) content = content.append(Fragment.from(schema.nodes["break"]!.create()));
      b.descendants((node) => {
        if (!node.isTextblock) return true;
        content = content.append(allowed(node.content, parent));
        return false;
      });
    });
    tr.replaceSelection(new Slice(content, 0, 0));
  }
  view.dispatch(tr.scrollIntoView().setMeta("paste", true));
}

/** allowed is text without the marks and nodes that a place does not take: the words stay. */
function allowed(content: Fragment, parent: Node): Fragment {
  const out: Node[] = [];
  content.forEach((n) => {
    if (n.isText) out.push(n.mark(n.marks.filter((m) => parent.type.allowsMarkType(m.type))));
    else if (parent.type.contentMatch.matchType(n.type)) out.push(n);
    else if (n.textContent) out.push(schema.text(n.textContent));
    else if (n.type.name === "break") out.push(schema.text(" "));
  });
  return Fragment.from(out);
}

// --- preview

async function preview(): Promise<void> {
  await line.settled();
  const dialog = element("dialog", "preview");
  dialog.setAttribute("aria-label", say("preview"));
  const frame = element("iframe");
  frame.title = say("preview");
  frame.src = `${data.base}/preview`;
  const sizes: [string, number][] = [["phone", 390], ["tablet", 820], ["desktop", 1280]];
  const show = (width: number) => {
    frame.width = String(width);
    for (const [n, b] of buttons.entries()) b.setAttribute("aria-pressed", String(sizes[n]?.[1] === width));
  };
  const buttons = sizes.map(([name, width]) => button("button small", say(`preview.${name}`), () => show(width)));
  dialog.append(element("div", "preview-bar", ...buttons, button("button small", say("close"), () => dialog.close())), element("div", "preview-frame", frame));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  show(innerWidth < 800 ? 390 : 1280);
}

// --- keys of the screen

addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.altKey) {
    if (e.key === "Enter") {
      e.preventDefault();
      panel.open("checks");
      document.getElementById("publish")?.click();
    } else if (e.code === "KeyP" && !e.shiftKey) {
      e.preventDefault();
      void preview();
    } else if (e.code === "KeyS" && !e.shiftKey) {
      e.preventDefault();
      void line.settled().then(() => fetch(`${data.base}/save`, { method: "POST" }).then(() => refresh(), () => undefined));
    }
  }
  if (e.key === "F8") {
    e.preventDefault();
    walk(e.shiftKey ? -1 : 1);
  }
});
let walked = -1;
function walk(step: number): void {
  const checks = data.state.checks;
  if (checks.length === 0) return;
  walked = (walked + step + checks.length) % checks.length;
  panel.open("checks");
  panel.goTo(checks[walked]!);
}

addEventListener("beforeunload", (e) => {
  if (line?.waiting() && !data.secret) e.preventDefault();
});

void begin();
