// Reading offline: starts the worker that keeps pages, and the link by which a
// reader has it keep this story.

import { say } from "./said";
import type { Answer, Order } from "../../worker/orders";

/** registered fails where the worker cannot be had: then ready never comes. */
let registered: Promise<unknown> = Promise.resolve();

/** ask gives the worker an order and waits for what became of it. */
export async function ask(order: Order): Promise<Answer> {
  await registered;
  const worker = (await navigator.serviceWorker.ready).active;
  return new Promise((resolve, reject) => {
    if (!worker) return reject();
    const line = new MessageChannel();
    line.port1.onmessage = (e) => resolve(e.data as Answer);
    worker.postMessage(order, [line.port2]);
  });
}

/** can tells whether this browser keeps pages: over HTTPS or on this machine. */
export const can = "serviceWorker" in navigator;

export function start(): void {
  if (!can) return;
  addEventListener("load", () => {
    registered = navigator.serviceWorker.register("/sw.js");
    ask({ do: "shell", edition: document.body.dataset["edition"] ?? "", page: location.pathname, files: seen() }).catch(() => undefined);
  });
}

/** seen are the files of the paper that this page has fetched. */
function seen(): string[] {
  return performance.getEntriesByType("resource").map((e) => e.name).filter((name) => /^\/(assets|media)\//.test(name.slice(location.origin.length)));
}

export function save(link: HTMLElement): void {
  if (!can) return;
  const story = link.closest("article");
  const head = story?.querySelector("h1");
  const plain = link.textContent ?? "";
  let kept = false;
  const show = (is: boolean) => {
    kept = is;
    link.textContent = is ? link.dataset["kept"] ?? "" : plain;
  };
  const page = location.pathname;
  link.setAttribute("role", "button");
  link.addEventListener("keydown", (e) => e.key === " " && (e.preventDefault(), link.click()));
  link.addEventListener("click", async (e) => {
    e.preventDefault();
    const pictures = [...(story?.querySelectorAll<HTMLImageElement>("figure img") ?? [])].map((i) => i.currentSrc || i.src);
    const root = document.documentElement;
    const failed = { done: false, full: false, list: [] };
    const answer = await ask(kept ? { do: "drop", page } : { do: "save", page, title: head?.textContent ?? "", dir: head?.dir || root.dir, lang: root.lang, files: [...seen().filter((f) => f.includes("/assets/")), ...pictures] }).catch(() => failed);
    if (answer.done) show(!kept);
    say(link, kept && answer.done ? "saved" : answer.done ? "dropped" : answer.full ? "full" : "failed");
  });
  ask({ do: "list" }).then((answer) => show(answer.list.some((s) => s.page === page)), () => undefined);
}
