// Keeps for reading offline the last front that was opened and the stories that
// the reader saved, with what they are shown with. It asks for nothing that a
// page has not asked for, and tells nobody what is kept: no push, no sync, no
// search, nothing that was sent. The server writes the version before it.

import type { Answer, Order, Saved } from "./orders";

declare const self: ServiceWorkerGlobalScope;
declare const version: string;

const shell = `shell-${version}`; // the editions' pages "offline" and "saved"
const front = "front"; // the last one that was opened
const stories = "saved";
const files = "files"; // what the pages of the other three are shown with

const mostStories = 50;
const mostBytes = 30 * 1024 * 1024;
const patience = 4000; // milliseconds that a kept page waits for a new one
const limit = 20_000; // milliseconds that something to be kept may take
const about = "X-Kept"; // the header of a kept page that says what is kept

const none: Saved = { page: "", title: "", dir: "", lang: "", files: [], size: 0, at: 0 };

self.addEventListener("install", (e) => e.waitUntil(renew().then(() => self.skipWaiting())));
self.addEventListener("activate", (e) => e.waitUntil(takeOver()));
self.addEventListener("message", (e) => e.waitUntil(inTurn(() => obey(e.data as Order)).catch(failed).then((answer) => e.ports[0]?.postMessage(answer))));
self.addEventListener("fetch", (e) => {
  const at = new URL(e.request.url);
  if (e.request.method !== "GET" || at.origin !== location.origin) return;
  if (e.request.mode === "navigate") {
    if (/^\/(?!desk|api\/|media\/|assets\/|view)[^.]*$/.test(at.pathname)) e.respondWith(page(e, at));
  } else if (/^\/(assets|media)\//.test(at.pathname) && /^(font|image|script|style)$/.test(e.request.destination)) {
    e.respondWith(file(e.request, at.pathname));
  }
});

/** renew fetches the shell's pages anew, for the worker that takes over. */
async function renew(): Promise<void> {
  for (const name of await caches.keys()) {
    if (!name.startsWith("shell-")) continue;
    for (const old of await (await caches.open(name)).keys()) {
      const page = new URL(old.url).pathname;
      const answer = await get(page, "no-cache");
      // An edition may be gone; what fails otherwise is tried again later.
      if (answer.status !== 404 && answer.status !== 410) await store(shell, { ...none, page }, answer);
    }
  }
}

/** takeOver drops what older workers kept under other names. Pages that are open
 * keep their files: those go when nothing kept needs them any more. */
async function takeOver(): Promise<void> {
  const mine = [shell, front, stories, files];
  for (const name of await caches.keys()) if (!mine.includes(name)) await caches.delete(name);
  await self.clients.claim();
}

let last: Promise<unknown> = Promise.resolve();

/** inTurn does one thing after the other. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const done = last.then(act);
  last = done.catch(() => undefined);
  return done;
}

function failed(why: unknown): Answer {
  return { done: false, full: (why as Error)?.name === "QuotaExceededError", list: [] };
}

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case "shell":
      await stock(order.edition, order.page, order.files);
      break;
    case "drop":
      await drop(order.page);
      break;
    case "save": {
      const list = await listed();
      const { page, title, dir, lang, files } = order;
      const room = mostBytes - list.reduce((sum, s) => sum + s.size, 0);
      if (list.length >= mostStories || !(await store(stories, { ...none, page, title, dir, lang, files, at: Date.now() }, undefined, room))) {
        return { done: false, full: true, list };
      }
    }
  }
  return { done: true, full: false, list: await listed() };
}

/** stock keeps an edition's own pages, and the front when it is what was opened. */
async function stock(edition: string, page: string, seen: string[]): Promise<void> {
  if (!edition) return;
  for (const own of [`/${edition}/offline`, `/${edition}/saved`]) {
    if (!(await (await caches.open(shell)).match(own))) await store(shell, { ...none, page: own, files: seen.filter((f) => f.includes("/assets/")) });
  }
  const home = `/${edition}/`;
  if (page !== home && page !== "/") return;
  // The old one stays until the new one is there.
  await store(front, { ...none, page: home, files: seen, at: Date.now() });
  const from = await caches.open(front);
  for (const old of await from.keys()) if (new URL(old.url).pathname !== home) await from.delete(old);
  await sweep();
}

/** listed are the saved stories, the newest first. */
async function listed(): Promise<Saved[]> {
  return (await kept(stories)).sort((a, b) => b.at - a.at);
}

async function kept(name: string): Promise<Saved[]> {
  const from = await caches.open(name);
  const all = await from.matchAll();
  return all.map(whatIs).filter((s) => s.page);
}

function whatIs(copy: Response): Saved {
  return JSON.parse(decodeURIComponent(copy.headers.get(about) ?? "") || JSON.stringify(none)) as Saved;
}

async function drop(page: string): Promise<void> {
  await (await caches.open(stories)).delete(page);
  await sweep();
}

/** get fetches what is to be kept, and gives up in time: orders wait for each other. */
function get(path: string, cache: RequestCache = "default"): Promise<Response> {
  return fetch(path, { cache, signal: AbortSignal.timeout(limit) });
}

/** store keeps a page with its files; where there is no room for them, nothing. */
async function store(name: string, what: Saved, answer?: Response, room = Infinity): Promise<boolean> {
  answer ??= await get(what.page, name === shell ? "no-cache" : "default");
  if (!answer.ok || answer.redirected) throw new Error(what.page);
  const text = await answer.text();
  const needed = new Set([...what.files.map((f) => new URL(f, location.origin).pathname), ...(text.match(/\/assets\/[\w.-]+/g) ?? [])]);
  const into = await caches.open(files);
  let size = new Blob([text]).size;
  for (const path of needed) size += path.startsWith("/media/") ? await weight(into, path) : (await weight(into, path), 0);
  if (size > room) {
    await sweep();
    return false;
  }
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.set(about, encodeURIComponent(JSON.stringify({ ...what, files: [...needed], size })));
  await (await caches.open(name)).put(what.page, new Response(text, { headers }));
  return true;
}

/** weight keeps a file, unless it is kept already, and tells its bytes. One that
 * cannot be had weighs nothing: the story is worth keeping without it. */
async function weight(into: Cache, path: string): Promise<number> {
  let copy = await into.match(path);
  if (!copy) {
    const answer = await get(path).catch(() => undefined);
    if (!answer?.ok) return 0;
    copy = answer.clone();
    await into.put(path, answer);
  }
  return (await copy.blob()).size;
}

/** sweep drops the files that no kept page needs. */
async function sweep(): Promise<void> {
  const pages = [...(await kept(shell)), ...(await kept(front)), ...(await kept(stories))];
  const needed = new Set(pages.flatMap((s) => s.files));
  const from = await caches.open(files);
  for (const request of await from.keys()) if (!needed.has(new URL(request.url).pathname)) await from.delete(request);
}

/** page answers with the page as it is now; with the copy where there is one and
 * no answer comes in time; with the page that says so where there is none. */
async function page(e: FetchEvent, at: URL): Promise<Response> {
  const live = fetch(e.request);
  const copy = at.search ? undefined : await copyOf(at.pathname);
  if (copy) {
    e.waitUntil(live.then((answer) => follow(at.pathname, answer.clone(), copy)).catch(() => undefined));
    const first = await Promise.race([live.catch(() => undefined), wait()]);
    return first && first.status < 500 ? first : shown(copy);
  }
  return live.catch(() => offline(at.pathname));
}

function wait(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, patience));
}

interface Copy {
  name: string;
  response: Response;
}

async function copyOf(path: string): Promise<Copy | undefined> {
  for (const name of [stories, front, shell]) {
    const response = await (await caches.open(name)).match(path);
    if (response) return { name, response };
  }
  return undefined;
}

/** follow has a copy follow its page: one that was taken back is dropped. */
async function follow(path: string, answer: Response, copy: Copy): Promise<void> {
  const what = whatIs(copy.response);
  if (copy.name === stories && (answer.status === 404 || answer.status === 410)) await inTurn(() => drop(path));
  else if (copy.name === stories && answer.type === "opaqueredirect") await inTurn(() => move(path, what));
  else if (copy.name !== front && answer.ok) await inTurn(async () => {
    // Unless the reader took it from the saved ones meanwhile.
    if (await (await caches.open(copy.name)).match(path)) await renewed(copy.name, what, answer);
  });
}

/** renewed keeps a page as it is now, with the pictures that it has now: those of its
 * figures in the size that was kept, or else in the one that the page names itself. */
async function renewed(name: string, what: Saved, answer: Response): Promise<void> {
  const text = await answer.clone().text();
  const folder = (f: string) => f.slice(0, f.lastIndexOf("/") + 1);
  const shows = [...text.matchAll(/<figure[^>]*>.*?<\/figure>/gs)].flatMap((f) => f[0].match(/(?<=\bsrc=")\/media\/[^"]+/g) ?? []);
  const had = (f: string) => what.files.find((old) => old.startsWith(folder(f)));
  const fonts = what.files.filter((f) => f.startsWith("/assets/") && f.endsWith(".woff2"));
  await store(name, { ...what, files: [...fonts, ...shows.map((f) => had(f) ?? f)] }, answer);
  await sweep();
}

/** move has a saved story stand under the address that it has now. */
async function move(path: string, what: Saved): Promise<void> {
  const answer = await get(path);
  if (!answer.ok) return;
  const page = new URL(answer.url).pathname;
  const text = new Response(await answer.text(), { headers: answer.headers });
  await renewed(stories, { ...what, page }, text);
  await (await caches.open(stories)).delete(path);
}

/** shown is a copy with the line that says what it is. */
async function shown(copy: Copy): Promise<Response> {
  if (copy.name === shell) return copy.response;
  const text = await copy.response.text();
  return new Response(text.replace(/(<p class="kept"[^>]*) hidden/, "$1"), { headers: copy.response.headers });
}

async function offline(path: string): Promise<Response> {
  const home = path === "/" ? (await (await caches.open(front)).matchAll())[0] : undefined;
  if (home) return shown({ name: front, response: home });
  const pages = await caches.open(shell);
  const any = (await pages.keys()).find((request) => request.url.endsWith("/offline"));
  const own = (await pages.match(`/${path.split("/")[1]}/offline`)) ?? (any && (await pages.match(any)));
  return own ? new Response(own.body, { status: 503, headers: own.headers }) : Response.error();
}

/** file answers with what is kept; without a line, with another size of the
 * picture. */
async function file(request: Request, path: string): Promise<Response> {
  const from = await caches.open(files);
  const copy = await from.match(path);
  if (copy) return copy;
  return fetch(request).catch(async () => {
    const folder = location.origin + path.slice(0, path.lastIndexOf("/") + 1);
    const other = path.startsWith("/media/") && (await from.keys()).find((kept) => kept.url.startsWith(folder));
    return (other && (await from.match(other))) || Response.error();
  });
}
