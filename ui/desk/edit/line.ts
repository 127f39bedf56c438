// The line to the server: steps up by POST, steps down by Server-Sent Events. What was
// not taken yet is kept in the journal; "Saved" is said only when it is durable there.

import { getVersion, receiveTransaction, sendableSteps } from "prosemirror-collab";
import type { Node, Schema } from "prosemirror-model";
import { Mapping, Step } from "prosemirror-transform";
import type { EditorView } from "prosemirror-view";
import type { Logged } from "./data";
import type { Journal } from "./journal";

/** Status is how what is written stands. */
export interface Status {
  kind: "saved" | "saving" | "offline" | "out" | "lost" | "refused" | "full";
  /** at is when the server last took something, in the words of the desk. */
  at?: string;
  since?: number;
  waiting: number;
  version: number;
  sentence?: string;
}

export interface Present { client: string; name: string; id: string; anchor: number; head: number; version: number }

/** Conflict is one block in which two people changed the same words. */
export interface Conflict { key: string; mine: string; theirs: string }

export interface Heard {
  status(s: Status): void;
  people(all: Present[]): void;
  /** changed says that how the story stands has changed. */
  changed(): void;
  /** remote says what somebody else changed just now, in places of the document of now. */
  remote(by: string, ranges: [number, number][]): void;
  conflict(all: Conflict[]): void;
  /** back says that the line stands again, and how many changes were sent. */
  back(sent: number): void;
  signIn(): void;
  out(wipe: boolean): void;
}

const pause = 250; // milliseconds between what is typed and what is sent
const patience = [500, 1000, 2000, 4000];
const answerWithin = 15_000;

interface Behind { version: number; steps: Logged[]; lost: boolean }

export class Line {
  private timer = 0;
  private busy = false;
  private failures = 0;
  private offlineSince = 0;
  private waitedOffline = 0;
  private at = "";
  private stream: EventSource | undefined;
  private stopped: Status["kind"] | undefined;
  private sentence = "";
  /** agreed is the document at the version that the server and this window share. */
  private agreed: Node;

  constructor(
    private readonly view: EditorView,
    private readonly schema: Schema,
    private readonly base: string,
    private readonly client: string,
    private readonly writes: boolean,
    private readonly journal: Journal | undefined,
    private readonly heard: Heard,
    agreed: Node,
  ) {
    this.agreed = agreed;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.fell());
    addEventListener("blur", () => void this.flush());
    addEventListener("pagehide", () => this.last());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && void this.flush());
  }

  start(at: string): void {
    this.at = at;
    this.listen();
    this.report();
    if (this.waiting() > 0) void this.flush();
  }

  /** wrote is called after every change of the document by this window. */
  wrote(): void {
    this.keep();
    this.report();
    if (!this.timer && !this.stopped) this.timer = setTimeout(() => void this.flush(), pause);
  }

  waiting(): number {
    return sendableSteps(this.view.state)?.steps.length ?? 0;
  }

  /** settled waits until all that was written is durable; false when it cannot be now. */
  async settled(): Promise<boolean> {
    for (let tries = 0; tries < 40 && !this.stopped && !this.offlineSince; tries++) {
      if (this.waiting() === 0 && !this.busy) return true;
      await this.flush();
      if (this.busy) await new Promise((done) => setTimeout(done, 50));
    }
    return this.waiting() === 0;
  }

  get version(): number {
    return getVersion(this.view.state);
  }

  /** hurry tries at once, without waiting for the next turn. */
  hurry(): void {
    this.failures = 0;
    if (this.stopped === "out") this.stopped = undefined;
    void this.flush();
    if (!this.stream || this.stream.readyState === EventSource.CLOSED) this.listen();
  }

  private keep(): void {
    const sendable = sendableSteps(this.view.state);
    this.journal?.keep({ client: this.client, version: this.version, doc: this.agreed.toJSON(), steps: sendable?.steps.map((s) => s.toJSON() as unknown) ?? [], at: Date.now() });
  }

  private report(): void {
    const waiting = this.waiting();
    const kind = this.stopped ?? (this.offlineSince ? "offline" : waiting || this.busy ? "saving" : "saved");
    this.heard.status({ kind, at: this.at, since: this.offlineSince, waiting, version: this.version, sentence: this.sentence });
  }

  private fell(): void {
    if (!this.offlineSince) {
      this.offlineSince = Date.now();
    }
    this.waitedOffline = Math.max(this.waitedOffline, this.waiting());
    this.report();
  }

  private rose(): void {
    this.failures = 0;
    if (!this.offlineSince) return;
    this.offlineSince = 0;
    const sent = this.waitedOffline;
    this.waitedOffline = 0;
    this.heard.back(sent);
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.busy || this.stopped || !this.writes) return;
    const sendable = sendableSteps(this.view.state);
    if (!sendable && !this.offlineSince) {
      this.report();
      return;
    }
    this.busy = true;
    this.report();
    const steps = sendable ? sendable.steps.slice(0, 900) : [];
    let again = false;
    try {
      again = await this.send(sendable?.version ?? this.version, steps as readonly Step[]);
    } catch {
      this.failures++;
      this.fell();
      const wait = patience[Math.min(this.failures - 1, patience.length - 1)] ?? 4000;
      this.timer = setTimeout(() => void this.flush(), wait);
    }
    this.busy = false;
    this.keep();
    this.report();
    if (again || (!this.timer && !this.stopped && this.waiting() > 0)) this.timer ||= setTimeout(() => void this.flush(), again ? 0 : pause);
  }

  /** send posts steps; true when there is more to do at once. */
  private async send(version: number, steps: readonly Step[]): Promise<boolean> {
    const answer = await fetch(`${this.base}/steps`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ client: this.client, version, steps: steps.map((s) => s.toJSON() as unknown) }),
      signal: AbortSignal.timeout(answerWithin),
    });
    if (answer.status >= 500 && answer.status !== 507) throw new Error(String(answer.status));
    const value = (await answer.json()) as Behind & { at?: string; sentence?: string; signIn?: boolean };
    switch (answer.status) {
      case 200:
        // The stream may have brought these very steps meanwhile: then there is nothing to confirm.
        if (this.version === version && steps.length > 0) this.take(steps, steps.map(() => this.client), []);
        this.at = value.at ?? this.at;
        this.rose();
        return false;
      case 409:
        if (value.steps) {
          this.receive(value);
          this.rose();
          return true;
        }
        break;
      case 401:
        this.stop("out", value.sentence);
        this.heard.signIn();
        return false;
      case 507:
        this.sentence = value.sentence ?? "";
        throw new Error("full");
    }
    this.stop("refused", value.sentence);
    return false;
  }

  private stop(kind: Status["kind"], sentence = ""): void {
    this.stopped = kind;
    this.sentence = sentence;
    this.keep();
  }

  /** receive takes what others wrote, and what of one's own the server had already. */
  private receive(b: Behind): void {
    if (b.lost) {
      this.stop("lost");
      this.report();
      return;
    }
    const skip = this.version - (b.version - b.steps.length);
    if (skip < 0) {
      void this.flushEmpty();
      return;
    }
    const fresh = b.steps.slice(skip);
    if (fresh.length === 0) return;
    this.take(
      fresh.map((l) => Step.fromJSON(this.schema, l.step)),
      fresh.map((l) => l.client),
      fresh.map((l) => l.by),
    );
  }

  /** flushEmpty asks for what was missed. */
  private async flushEmpty(): Promise<void> {
    if (this.busy || this.stopped) return;
    this.busy = true;
    try {
      await this.send(this.version, []);
    } catch {
      this.fell();
    }
    this.busy = false;
    this.report();
  }

  private take(steps: readonly Step[], clients: string[], by: string[]): void {
    const others = steps.filter((_, n) => clients[n] !== this.client);
    const found = others.length ? this.conflicts(steps, clients) : [];
    const own = this.waiting();
    let doc = this.agreed;
    const maps = new Mapping();
    const touched: { by: string; from: number; to: number; at: number }[] = [];
    steps.forEach((step, n) => {
      doc = step.apply(doc).doc ?? doc;
      maps.appendMap(step.getMap());
      if (clients[n] === this.client) return;
      step.getMap().forEach((_a, _b, from, to) => touched.push({ by: by[n] ?? "", from, to, at: n + 1 }));
    });
    this.agreed = doc;
    this.view.dispatch(receiveTransaction(this.view.state, steps as Step[], clients, { mapSelectionBackward: true }));
    if (touched.length) {
      // From the agreed document to what is on the screen: through what is not sent yet.
      const unsent = new Mapping(sendableSteps(this.view.state)?.steps.map((s) => s.getMap()) ?? []);
      const byWhom = new Map<string, [number, number][]>();
      for (const t of touched) {
        const rest = maps.slice(t.at);
        const range: [number, number] = [unsent.map(rest.map(t.from, -1), -1), unsent.map(rest.map(t.to, 1), 1)];
        byWhom.set(t.by, [...(byWhom.get(t.by) ?? []), range]);
      }
      for (const [who, ranges] of byWhom) this.heard.remote(who, ranges);
    }
    if (found.length) this.heard.conflict(found);
    if (own && this.waiting() === 0) this.report();
  }

  /** conflicts finds the blocks in which both replaced the same words since they agreed. */
  private conflicts(steps: readonly Step[], clients: string[]): Conflict[] {
    const mine = sendableSteps(this.view.state)?.steps ?? [];
    const own = clients.filter((c) => c === this.client).length;
    const left = mine.slice(own);
    if (left.length === 0) return [];
    const gone = (all: readonly Step[]): [number, number][] => {
      const back = new Mapping();
      const ranges: [number, number][] = [];
      for (const step of all) {
        const inverse = back.invert();
        step.getMap().forEach((from, to) => {
          if (to > from) ranges.push([inverse.map(from, 1), inverse.map(to, -1)]);
        });
        back.appendMap(step.getMap());
      }
      return ranges;
    };
    if (own > 0) return [];
    const theirs = gone(steps);
    const ours = gone(left);
    const both = ours.filter(([a, b]) => theirs.some(([c, d]) => a < d && c < b));
    if (both.length === 0) return [];
    let there = this.agreed;
    for (const step of steps) there = step.apply(there).doc ?? there;
    const seen = new Map<string, Conflict>();
    for (const [from] of both) {
      const at = this.agreed.resolve(Math.min(from, this.agreed.content.size));
      const index = at.index(0);
      const block = this.agreed.maybeChild(index);
      if (!block) continue;
      const key = (block.attrs["key"] as string) || block.type.name;
      const find = (doc: Node): string => {
        let text = "";
        doc.forEach((child) => {
          if (((child.attrs["key"] as string) || child.type.name) === key) text = child.textContent;
        });
        return text;
      };
      const c = { key, mine: find(this.view.state.doc), theirs: find(there) };
      if (c.mine !== c.theirs) seen.set(key, c);
    }
    return [...seen.values()];
  }

  private listen(): void {
    this.stream?.close();
    const stream = new EventSource(`${this.base}/stream?client=${encodeURIComponent(this.client)}&version=${this.version}`);
    this.stream = stream;
    const on = (name: string, take: (value: unknown) => void) => stream.addEventListener(name, (e) => take(JSON.parse((e as MessageEvent<string>).data)));
    on("steps", (value) => {
      if (this.stopped) return;
      this.receive(value as Behind);
      this.keep();
      this.report();
    });
    on("people", (value) => this.heard.people(value as Present[]));
    on("story", () => this.heard.changed());
    on("out", (value) => {
      stream.close();
      const wipe = (value as { wipe: boolean }).wipe;
      this.stop("out");
      this.report();
      this.heard.out(wipe);
    });
    stream.onopen = () => {
      if (this.offlineSince) void this.flush();
    };
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      // A browser gives up where the answer was no stream: signed out, or a proxy's page.
      setTimeout(() => this.stream === stream && !this.stopped && this.listen(), 3000);
    };
  }

  /** last sends what is left when the window goes, as far as a browser lets it. */
  private last(): void {
    const sendable = sendableSteps(this.view.state);
    if (!sendable || this.busy || this.stopped || !this.writes) return;
    const body = JSON.stringify({ client: this.client, version: sendable.version, steps: sendable.steps.map((s) => s.toJSON() as unknown) });
    if (body.length < 60_000) void fetch(`${this.base}/steps`, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body });
  }
}
