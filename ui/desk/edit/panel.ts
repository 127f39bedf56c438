// Beside the text: checks and publication with its receipt, what the story is, the notes
// on it. What is changed here is changed in the document, as text is.

import type { EditorView } from "prosemirror-view";
import { button, type Data, element, type Finding, type Note, number, say, type State } from "./data";
import { form, pick, type Found } from "./dialogs";
import type { Line } from "./line";
import { findQuote, graphemes, marked, wordCount } from "./plugins";
import { TextSelection } from "prosemirror-state";

/** How long a headline may be on the narrowest slot of a front. */
const slot: Record<string, number> = { en: 80, ar: 70, fa: 70 };

export interface Hands {
  /** act posts an act and takes the state that comes back. */
  act(path: string, body: Record<string, unknown>): Promise<string | undefined>;
  find(kind: string, q: string): Promise<Found[]>;
  picture(): Promise<string | undefined>;
  refresh(): void;
}

type Tab = "checks" | "story" | "notes";

export class Panel {
  readonly dom = element("aside", "editor-panel");
  private readonly tabs = new Map<Tab, { tab: HTMLButtonElement; body: HTMLElement }>();
  private state: State;
  private waive = new Set<string>();

  constructor(private readonly view: EditorView, private readonly data: Data, private readonly line: Line, private readonly hands: Hands) {
    this.state = data.state;
    this.dom.setAttribute("aria-label", say("panel.title"));
    const list = element("div", "tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", say("panel.title"));
    this.dom.append(list);
    for (const name of ["checks", "story", "notes"] as const) {
      const tab = button("", say(`tab.${name}`), () => this.open(name));
      tab.id = `tab-${name}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `panel-${name}`);
      const body = element("div", "tab-body");
      body.id = `panel-${name}`;
      body.setAttribute("role", "tabpanel");
      body.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
      this.dom.append(body);
      this.tabs.set(name, { tab, body });
    }
    list.addEventListener("keydown", (e) => {
      const rtl = getComputedStyle(list).direction === "rtl";
      const step = e.key === "ArrowRight" ? (rtl ? -1 : 1) : e.key === "ArrowLeft" ? (rtl ? 1 : -1) : 0;
      if (!step) return;
      const names = [...this.tabs.keys()];
      const at = names.findIndex((n) => this.tabs.get(n)!.tab === e.target);
      const next = names[(at + step + names.length) % names.length]!;
      this.open(next);
      this.tabs.get(next)!.tab.focus();
    });
    this.open("checks");
    this.drawStory();
    this.draw(data.state);
  }

  open(name: Tab): void {
    for (const [key, { tab, body }] of this.tabs) {
      tab.setAttribute("aria-selected", String(key === name));
      tab.tabIndex = key === name ? 0 : -1;
      body.hidden = key !== name;
    }
  }

  private may(right: string): boolean {
    return this.data.may.includes(right);
  }

  /** draw shows how the story stands; what somebody is typing in stays. */
  draw(state: State): void {
    this.state = state;
    const busy = (name: Tab) => this.tabs.get(name)!.body.contains(document.activeElement) && document.activeElement?.matches("input, textarea, select");
    if (!busy("checks")) this.drawChecks();
    if (!busy("notes")) this.drawNotes();
    this.drawPlan();
    const open = state.notes.filter((n) => !n.parent && !n.done).length;
    this.tabs.get("checks")!.tab.textContent = say("tab.checks") + (state.checks.length ? ` ${number(state.checks.length)}` : "");
    this.tabs.get("notes")!.tab.textContent = say("tab.notes") + (open ? ` ${number(open)}` : "");
    this.view.dispatch(this.view.state.tr.setMeta(marked, state.notes));
  }

  private section(title: string, ...within: (Node | string)[]): HTMLElement {
    const made = element("section", "");
    const head = element("h2", "", title);
    made.append(head, ...within);
    return made;
  }

  private drawChecks(): void {
    const s = this.state;
    const body = this.tabs.get("checks")!.body;
    const parts: HTMLElement[] = [];
    if (s.receipt) parts.push(this.receipt());
    for (const w of s.waived ?? []) parts.push(element("section", w.late ? "fault" : "said", w.text));
    const list = element("ol", "findings");
    s.checks.forEach((c, n) => list.append(this.finding(c, n)));
    parts.push(this.section(say("checks.title"), s.checks.length ? list : element("p", "status is-ok", say("checks.none"))));
    if (this.may("publish")) parts.push(...this.publication());
    else if (this.may("write")) parts.push(this.section(say("publish.title"), element("p", "hint", say("publish.notyours"))));
    const counts = element("section", "hint counts-line");
    counts.id = "counts";
    parts.push(counts);
    body.replaceChildren(...parts);
    this.count();
  }

  /** count shows how long the text is. */
  count(): void {
    const at = this.dom.querySelector("#counts");
    if (!at) return;
    const words = wordCount(this.view.state.doc);
    const perMinute = { ar: 180, fa: 190 }[this.data.edition.lang] ?? 230;
    at.textContent = say("counts", { words, minutes: Math.max(1, Math.round(words / perMinute)) });
    const headline = graphemes(this.view.state.doc.child(1).textContent);
    const most = slot[this.data.edition.lang] ?? 80;
    const counter = this.view.dom.parentElement?.querySelector<HTMLElement>(".counter");
    if (!counter) return;
    counter.hidden = headline < most * 0.8;
    counter.textContent = say("headline.length", { n: headline, most });
    counter.classList.toggle("over", headline > most);
  }

  private finding(c: Finding, n: number): HTMLElement {
    const mark = element("i", "", number(n + 1));
    const go = button("finding", "", () => this.goTo(c));
    go.append(mark, element("span", "", c.sentence));
    return element("li", c.must ? "must" : "should", go);
  }

  /** goTo puts the cursor where a check means. */
  goTo(c: Finding): void {
    const doc = this.view.state.doc;
    const index = { kicker: 0, headline: 1, "short headline": 2, standfirst: 3, dateline: 4 }[c.field];
    if (index !== undefined) {
      let pos = 0;
      for (let n = 0; n < index; n++) pos += doc.child(n).nodeSize;
      this.view.dispatch(this.view.state.tr.setSelection(TextSelection.create(doc, pos + 1 + doc.child(index).content.size)).scrollIntoView());
      this.view.focus();
      return;
    }
    const block = /(\d+)/.exec(c.place ?? "");
    if (c.field === "body" && block) {
      const n = Math.min(doc.childCount - 1, Number(block[1]) + 4);
      let pos = 0;
      for (let m = 0; m < n; m++) pos += doc.child(m).nodeSize;
      this.view.dispatch(this.view.state.tr.setSelection(TextSelection.near(doc.resolve(pos + 1))).scrollIntoView());
      this.view.focus();
      return;
    }
    this.open("story");
    this.tabs.get("story")!.body.querySelector<HTMLElement>(`[data-field="${CSS.escape(c.field)}"] :is(input, select, button)`)?.focus();
  }

  private receipt(): HTMLElement {
    const r = this.state.receipt!;
    const head = element("h2", "", element("span", `status is-${r.mark}`, r.summary), element("span", "sub", `v${r.version}`));
    const list = element("ul", "");
    for (const l of r.lines) {
      const address = element("bdi", "", decodeURI(l.text));
      list.append(element("li", "", element("span", `status ${l.ok ? "is-ok" : "is-stop"}`), address, element("span", "sub", l.at ?? l.sub ?? "")));
    }
    const made = element("section", "receipt", head, list, element("p", "hint", r.doubt ? say("receipt.doubt") : say("receipt.meaning")));
    made.setAttribute("aria-label", say("receipt.title"));
    made.setAttribute("aria-live", "polite");
    return made;
  }

  /** fault is where an act says why it could not be done. */
  private fault(): HTMLElement {
    const p = element("p", "fault");
    p.setAttribute("role", "alert");
    p.hidden = true;
    return p;
  }

  private async run(b: HTMLButtonElement, fault: HTMLElement, path: string, body: () => Record<string, unknown>): Promise<boolean> {
    b.disabled = true;
    fault.hidden = true;
    let sentence: string | undefined;
    if (!(await this.line.settled())) sentence = say("publish.waits");
    else sentence = await this.hands.act(path, body());
    b.disabled = false;
    if (sentence) {
      fault.textContent = sentence;
      fault.hidden = false;
      fault.scrollIntoView({ block: "nearest" });
    }
    return !sentence;
  }

  private labelled(name: string, label: string, field: HTMLElement): HTMLElement {
    field.id = `act-${name}`;
    const text = element("label", "", label);
    text.htmlFor = field.id;
    return element("div", "row", text, field);
  }

  private select(choices: [string, string][], chosen = ""): HTMLSelectElement {
    const made = element("select");
    for (const [value, text] of choices) {
      const option = element("option", "", text);
      option.value = value;
      option.selected = value === chosen;
      made.append(option);
    }
    return made;
  }

  private publication(): HTMLElement[] {
    const s = this.state;
    const live = !!s.live;
    const must = s.checks.filter((c) => c.must).length;
    const fault = this.fault();
    const parts: (Node | string)[] = [];
    const kind = this.select([["update", say("kind.update")], ["correction", say("kind.correction")], ["typo", say("kind.typo")]]);
    const note = element("textarea");
    note.rows = 2;
    note.dir = "auto";
    const version = () => ({ version: this.line.version, ...(live ? { kind: kind.value } : {}), ...(note.value ? { note: note.value } : {}) });

    if (s.key === "binned" || s.key === "withdrawn") {
      const back = button("button wide", say(s.key === "binned" ? "unbin" : "unwithdraw"), () => void this.run(back, fault, "restore", () => ({})));
      parts.push(element("p", "hint", s.gone ? say("gone", { a: s.gone }) : say("binned")), back);
      if (s.key === "binned") return [this.section(say("publish.title"), ...parts, fault)];
    }
    if (live) parts.push(this.labelled("kind", say("publish.kind"), kind), this.labelled("note", say("publish.note"), note));
    const words = must ? say("publish.checks", { a: must }) : live ? (s.live!.behind || this.line.waiting() ? say("publish.update") : say("publish.same")) : say("publish.now");
    const go = button("button main wide", words, () => {
      if (must) this.goTo(s.checks[0]!);
      else void this.run(go, fault, "publish", version);
    });
    go.id = "publish";
    go.title = "Ctrl Enter";
    parts.push(go);
    if (s.schedule) {
      const off = button("button wide", say("unschedule"), () => void this.run(off, fault, "unschedule", () => ({})));
      parts.push(element("p", s.schedule.failure ? "fault" : "status is-ok", s.schedule.failure ? say("schedule.failed", { a: s.schedule.text }) : say("schedule.at", { a: s.schedule.text })), off);
    } else if (!must) {
      const at = element("input");
      at.type = "datetime-local";
      at.dir = "ltr";
      const set = button("button", say("schedule.go"), () => void this.run(set, fault, "schedule", () => ({ ...version(), at: at.value })));
      parts.push(this.details("schedule", say("schedule.title"), this.labelled("at", say("schedule.time", { a: this.data.zone }), at), set));
    }
    const out = [this.section(say("publish.title"), ...parts, fault)];
    out.push(...this.more(live));
    return out;
  }

  private details(key: string, title: string, ...within: (Node | string)[]): HTMLElement {
    const made = element("details", "more", element("summary", "", title), element("div", "form", ...within));
    made.dataset["key"] = key;
    return made;
  }

  private more(live: boolean): HTMLElement[] {
    const s = this.state;
    const all: HTMLElement[] = [];
    const fault = this.fault();
    if (!live) {
      if (s.embargo) {
        const within: (Node | string)[] = [element("p", "", say("embargo.until", { a: s.embargo.until, b: s.embargo.left }))];
        if (s.embargo.source) within.push(element("p", "", say("embargo.source", { a: s.embargo.source })));
        if (s.embargo.terms) within.push(element("p", "", say("embargo.terms", { a: s.embargo.terms })));
        within.push(element("p", "hint", s.embargo.second ? say("embargo.signed", { a: s.embargo.second }) : say("embargo.unsigned", { a: s.embargo.by ?? "" })));
        if (s.embargo.signable) {
          const sign = button("button", say("embargo.sign"), () => void this.run(sign, fault, "embargo", () => ({ sign: true })));
          within.push(sign);
        }
        if (s.embargo.second) {
          const lift = button("button", say("embargo.lift"), () => void this.run(lift, fault, "embargo", () => ({ lift: true })));
          within.push(lift);
        }
        all.push(this.details("embargo", say("embargo.title"), ...within, fault));
      } else {
        const until = element("input");
        until.type = "datetime-local";
        until.dir = "ltr";
        const source = element("input");
        source.dir = "auto";
        const terms = element("textarea");
        terms.rows = 2;
        terms.dir = "auto";
        const set = button("button", say("embargo.set"), () => void this.run(set, fault, "embargo", () => ({ until: until.value, source: source.value, terms: terms.value })));
        all.push(this.details("embargo", say("embargo.title"), this.labelled("until", say("schedule.time", { a: this.data.zone }), until), this.labelled("source", say("embargo.from"), source), this.labelled("terms", say("embargo.what"), terms), set, fault));
      }
    } else {
      const reason = element("textarea");
      reason.rows = 2;
      reason.dir = "auto";
      const go = button("button bad", say("withdraw.go"), () => void this.run(go, fault, "withdraw", () => ({ reason: reason.value })));
      all.push(this.details("withdraw", say("withdraw.title"), element("p", "hint", say("withdraw.hint")), this.labelled("reason", say("withdraw.reason"), reason), go, fault));
    }
    const waivable = s.checks.filter((c) => c.waivable);
    if (waivable.length) all.push(this.waiver(waivable));
    if (!live && s.key !== "scheduled") {
      const wrong = this.fault();
      const bin = button("button", say("bin"), () => void this.run(bin, wrong, "bin", () => ({})));
      all.push(this.details("bin", say("bin.title"), element("p", "hint", say("bin.hint")), bin, wrong));
    }
    return all.map((d) => element("section", "", d));
  }

  /** waiver is "publish now, repair later": closed, outlined, with a name on the button. */
  private waiver(checks: Finding[]): HTMLElement {
    const fault = this.fault();
    const list = element("ul", "choices");
    for (const c of checks) {
      const box = element("input");
      box.type = "checkbox";
      box.id = `waive-${c.key}`;
      box.checked = this.waive.has(c.key);
      box.addEventListener("change", () => (box.checked ? this.waive.add(c.key) : this.waive.delete(c.key)));
      const label = element("label", "", c.sentence);
      label.htmlFor = box.id;
      list.append(element("li", "check", box, label));
    }
    const reason = element("input");
    reason.dir = "auto";
    const until = element("input");
    until.type = "datetime-local";
    until.dir = "ltr";
    const watch = this.select([["", this.data.me.name], ...this.state.people.map((p): [string, string] => [p.id, p.name])]);
    const go = button("button warn", say("waive.go", { a: checks.length, b: this.data.me.name }), () => void this.run(go, fault, "publish", () => ({ version: this.line.version, waive: [...this.waive], reason: reason.value, until: until.value, watch: watch.value })));
    return this.details("waive", say("waive.title"), element("p", "hint", say("waive.hint")), list, this.labelled("why", say("waive.reason"), reason), this.labelled("by", say("waive.until"), until), this.labelled("watch", say("waive.watch"), watch), go, element("p", "hint", say("waive.never")), fault);
  }

  private attr(name: string): unknown {
    return this.view.state.doc.attrs[name];
  }

  private set(name: string, value: unknown): void {
    if (JSON.stringify(this.attr(name)) === JSON.stringify(value)) return;
    this.view.dispatch(this.view.state.tr.setDocAttribute(name, value));
    if (this.may("write")) setTimeout(() => this.hands.refresh(), 900);
  }

  private fieldOf(name: string, label: string, control: HTMLElement, hint = ""): HTMLElement {
    const row = this.labelled(`field-${name.replaceAll(" ", "-")}`, label, control);
    row.dataset["field"] = name;
    if (hint) row.append(element("p", "hint", hint));
    return row;
  }

  private line_(name: string, hint = "", ltr = false): HTMLElement {
    const made = element("input");
    made.value = String(this.attr(name) ?? "");
    made.dir = ltr ? "ltr" : "auto";
    made.dataset["attr"] = name;
    made.disabled = !this.may("write");
    made.addEventListener("change", () => this.set(name, made.value));
    return this.fieldOf(name, say(`attr.${name}`), made, hint);
  }

  private chips(name: string, field: string, ids: string[], nameOf: (id: string) => string, add: () => Promise<string | undefined>, remove: (id: string) => void): HTMLElement {
    const box = element("div", "chips");
    ids.forEach((id) => {
      const text = element("bdi", "", nameOf(id));
      text.lang = this.data.edition.lang;
      const x = button("", "×", () => {
        remove(id);
        this.drawStory();
      });
      x.setAttribute("aria-label", say("remove", { a: nameOf(id) }));
      x.disabled = !this.may("write");
      box.append(element("span", "chip", text, x));
    });
    const plus = button("button small", say("add"), async () => {
      if (await add()) this.drawStory();
      this.tabs.get("story")!.body.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"] .chips > button`)?.focus();
    });
    plus.setAttribute("aria-label", `${say("add")}: ${say(`attr.${name}`)}`);
    plus.disabled = !this.may("write");
    box.append(plus);
    const row = element("div", "row", element("span", "label", say(`attr.${name}`)), box);
    row.dataset["field"] = field;
    return row;
  }

  /** drawStory shows what the story is: kind, section, topics, byline, picture and so on. */
  drawStory(): void {
    const body = this.tabs.get("story")!.body;
    const list = (name: string) => (this.attr(name) as string[]) ?? [];
    const genre = this.select(this.data.genres.map((g): [string, string] => [g.id, g.name]), String(this.attr("genre")));
    genre.dataset["attr"] = "genre";
    genre.addEventListener("change", () => this.set("genre", genre.value));
    const section = this.select([["", say("none")], ...this.data.sections.map((g): [string, string] => [g.id, g.name])], String(this.attr("section")));
    section.dataset["attr"] = "section";
    section.lang = this.data.edition.lang;
    section.addEventListener("change", () => this.set("section", section.value));
    for (const s of [genre, section]) s.disabled = !this.may("write");
    const names = this.data.names;
    const byline = (this.attr("byline") as { author: string; name: string; slug: string }[]) ?? [];
    const place = this.section(
      say("story.place"),
      this.fieldOf("genre", say("attr.genre"), genre),
      this.fieldOf("section", say("attr.section"), section),
      this.chips("topics", "list of topics", list("topics"), (id) => names.topics[id]?.name ?? id, () => this.addTopic(), (id) => this.set("topics", list("topics").filter((t) => t !== id))),
      this.chips("byline", "byline", byline.map((_, n) => String(n)), (n) => names.authors[byline[Number(n)]?.author ?? ""] ?? byline[Number(n)]?.name ?? "", () => this.addAuthor(), (n) => this.set("byline", byline.filter((_, m) => m !== Number(n)))),
      this.chips("related", "list of related stories", list("related"), (id) => names.stories[id] ?? id, () => this.addRelated(), (id) => this.set("related", list("related").filter((t) => t !== id))),
      this.line_("slug", say("slug.hint")),
    );
    const lead = String(this.attr("picture") ?? "");
    const asset = names.assets[lead];
    const image = element("img", "lead-picture");
    image.alt = asset?.alt ?? "";
    image.hidden = !asset?.src;
    if (asset?.src) image.src = asset.src;
    const choose = button("button", lead ? say("picture.other") : say("picture.choose"), async () => {
      const id = await this.hands.picture();
      if (id) {
        this.set("picture", id);
        this.drawStory();
      }
    });
    choose.disabled = !this.may("write");
    const picture = this.section(say("story.picture"), image, choose);
    picture.dataset["field"] = "picture";
    if (lead) {
      const drop = button("button", say("picture.remove"), () => {
        this.set("picture", "");
        this.drawStory();
      });
      picture.append(drop, this.line_("alt", asset?.alt ? say("picture.own", { a: asset.alt }) : ""), this.line_("caption", asset?.caption ? say("picture.own", { a: asset.caption }) : ""));
      if (asset && !asset.credit) picture.append(element("p", "status is-warn", say("picture.nocredit")));
    }
    const switches = this.section(say("story.more"));
    for (const name of ["noTerms", ...(this.attr("genre") === "live" ? ["ended"] : [])]) {
      const box = element("input");
      box.type = "checkbox";
      box.id = `switch-${name}`;
      box.checked = !!this.attr(name);
      box.disabled = !this.may("write");
      box.addEventListener("change", () => this.set(name, box.checked));
      const label = element("label", "", say(`attr.${name}`));
      label.htmlFor = box.id;
      switches.append(element("div", "row check", box, label));
    }
    const plan = element("section", "plan");
    const twins = element("section", "twins");
    const active = document.activeElement?.id;
    body.replaceChildren(plan, place, picture, switches, twins);
    if (active) document.getElementById(active)?.focus();
    this.drawPlan();
  }

  /** follow takes over what somebody else changed beside the text. */
  follow(): void {
    for (const field of this.tabs.get("story")!.body.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-attr]")) {
      if (field !== document.activeElement) field.value = String(this.attr(field.dataset["attr"] ?? "") ?? "");
    }
  }

  private drawPlan(): void {
    const at = this.tabs.get("story")?.body.querySelector(".plan");
    const twins = this.tabs.get("story")?.body.querySelector(".twins");
    if (!at || at.contains(document.activeElement)) return;
    const s = this.state;
    const fault = this.fault();
    const send = async (values: Record<string, string>) => {
      const answer = await fetch(`${this.data.base}/plan`, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(values) });
      if (!answer.ok) {
        fault.textContent = ((await answer.json()) as { sentence?: string }).sentence ?? "";
        fault.hidden = false;
        return;
      }
      this.hands.refresh();
    };
    const people = (chosen: string) => this.select([["0", say("nobody")], ...s.people.map((p): [string, string] => [p.id, p.name])], chosen);
    const stage = this.select(s.stages.map((g): [string, string] => [g.id, g.name]), s.plan.stage);
    stage.addEventListener("change", () => void send({ stage: stage.value }));
    const writer = people(s.plan.writer);
    writer.addEventListener("change", () => void send({ writer: writer.value }));
    const editor = people(s.plan.editor);
    editor.addEventListener("change", () => void send({ editor: editor.value }));
    const deadline = element("input");
    deadline.type = "datetime-local";
    deadline.dir = "ltr";
    deadline.value = s.plan.deadline ?? "";
    deadline.addEventListener("change", () => void send({ deadline: deadline.value }));
    const guarded = element("input");
    guarded.type = "checkbox";
    guarded.id = "guarded";
    guarded.checked = s.plan.guarded;
    guarded.addEventListener("change", () => void send({ guarded: guarded.checked ? "on" : "off" }));
    const label = element("label", "", say("guarded"));
    label.htmlFor = "guarded";
    const writing = ["idea", "writing", "editing", "ready"].includes(s.key);
    for (const field of [stage, writer, editor, deadline, guarded]) field.disabled = !this.may("write");
    at.replaceChildren(
      element("h2", "", say("story.plan")),
      ...(writing ? [this.labelled("stage", say("plan.stage"), stage)] : []),
      this.labelled("writer", say("plan.writer"), writer),
      this.labelled("editor", say("plan.editor"), editor),
      this.labelled("deadline", say("plan.deadline", { a: this.data.zone }), deadline),
      element("div", "row check", guarded, label),
      fault,
    );
    twins?.replaceChildren(
      ...(s.twins?.length
        ? [element("h2", "", say("story.twins")), ...s.twins.map((t) => {
            const link = element("a", "text-link", t.text);
            link.href = t.href;
            link.dir = "auto";
            return element("p", "", element("span", "edition", t.edition), " ", link, " ", element("span", "sub", t.state));
          })]
        : []),
    );
  }

  private async addTopic(): Promise<string | undefined> {
    const had = (this.attr("topics") as string[]) ?? [];
    const found = await pick(say("attr.topics"), (q) => this.hands.find("topic", q), (q) => (q ? { kind: "new", text: say("topic.new", { a: q }), id: q } : undefined));
    if (!found?.id) return undefined;
    let id = found.id;
    if (found.kind === "new") {
      const answer = await fetch("/desk/topics", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ edition: this.data.edition.key, name: found.id }) });
      const value = (await answer.json()) as { id?: string; name?: string };
      if (!value.id) return undefined;
      id = value.id;
      this.data.names.topics[id] ??= { name: value.name ?? "" };
    } else this.data.names.topics[id] ??= { name: found.text };
    if (!had.includes(id)) this.set("topics", [...had, id]);
    return id;
  }

  private async addAuthor(): Promise<string | undefined> {
    const had = (this.attr("byline") as { author: string; name: string; slug: string }[]) ?? [];
    const found = await pick(say("attr.byline"), (q) => this.hands.find("author", q), (q) => (q ? { kind: "name", text: say("byline.name", { a: q }), id: q } : undefined));
    if (!found?.id) return undefined;
    if (found.kind === "author") this.data.names.authors[found.id] = found.text;
    this.set("byline", [...had, found.kind === "author" ? { author: found.id, name: found.text, slug: "" } : { author: "", name: found.id, slug: "" }]);
    return found.id;
  }

  private async addRelated(): Promise<string | undefined> {
    const had = (this.attr("related") as string[]) ?? [];
    const found = await pick(say("attr.related"), (q) => this.hands.find("story", q));
    if (!found?.id || found.id === this.data.story) return undefined;
    this.data.names.stories[found.id] = found.text;
    if (!had.includes(found.id)) this.set("related", [...had, found.id]);
    return found.id;
  }

  private drawNotes(): void {
    const body = this.tabs.get("notes")!.body;
    const all = this.state.notes;
    const list = element("ol", "notes");
    for (const n of all.filter((one) => !one.parent)) list.append(this.note(n, all.filter((one) => one.parent === n.id)));
    const add = button("button", say("note.add"), () => void this.writeNote());
    body.replaceChildren(element("section", "", element("h2", "", say("tab.notes")), all.length ? list : element("p", "hint", say("note.none")), add));
  }

  private note(n: Note, answers: Note[]): HTMLElement {
    const words = (text: string) => {
      const p = element("p", "", text);
      p.dir = "auto";
      return p;
    };
    const item = element("li", n.done ? "done" : "");
    item.id = `note-${n.id}`;
    if (n.quote) {
      const go = button("quoted", n.quote, () => this.goToNote(n));
      go.dir = "auto";
      item.append(go);
    }
    item.append(words(n.text), element("p", "sub", `${n.by} · ${n.at}`));
    for (const a of answers) item.append(element("div", "answer", words(a.text), element("p", "sub", `${a.by} · ${a.at}`)));
    const settle = button("button small", say(n.done ? "note.reopen" : "note.done"), async () => {
      await fetch(`${this.data.base}/notes/${n.id}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ done: !n.done }) });
      this.hands.refresh();
    });
    item.append(element("div", "acts", button("button small", say("note.answer"), () => void this.writeNote(n)), settle));
    if (n.done) item.append(element("p", "sub", say("note.settled", { a: n.done })));
    return item;
  }

  private goToNote(n: Note): void {
    const at = findQuote(this.view.state.doc, n.block ?? "", n.quote ?? "");
    if (!at) return;
    this.view.dispatch(this.view.state.tr.setSelection(TextSelection.create(this.view.state.doc, at[0], at[1])).scrollIntoView());
    this.view.focus();
  }

  /** writeNote asks for a note on what is selected, or for an answer to one. */
  async writeNote(to?: Note): Promise<void> {
    const { from, to: end, $from } = this.view.state.selection;
    const top = $from.depth > 0 ? $from.node(1) : undefined;
    const quote = to ? "" : this.view.state.doc.textBetween(from, end, " ", " ").slice(0, 300);
    const block = to || !top ? "" : (top.attrs["key"] as string) || top.type.name;
    await form(to ? say("note.answer") : say("note.add"), [{ name: "text", label: quote ? `“${quote}”` : to ? to.text.slice(0, 80) : say("note.text"), area: true }], say("note.send"), async ({ text }) => {
      const answer = await fetch(`${this.data.base}/notes`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ parent: to?.id ?? "", block, quote, text: text ?? "" }) }).catch(() => undefined);
      if (!answer) return say("publish.waits");
      if (!answer.ok) return ((await answer.json()) as { sentence?: string }).sentence;
      this.hands.refresh();
      return undefined;
    });
    this.open("notes");
  }
}
