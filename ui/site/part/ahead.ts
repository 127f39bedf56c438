// Fetches a story that the reader is about to open: one at a time, a few on a
// page, and none where data is dear. A page that was fetched ahead is no view.

const most = 8;
const pause = 80; // milliseconds that a pointer rests on what it means

const asked = new Set<string>([location.pathname]);
let busy = false;
let timer = 0;

/** story is a path of edition, section and slug. */
const story = /^\/[^/]+\/(?!topic\/|author\/|about\/|genre\/|gallery\/|map\/|archive\/|most-viewed\/)[^/]+\/[^/.]+$/;

function dear(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  return !!line?.saveData || /[23]g/.test(line?.effectiveType ?? "") || matchMedia("(prefers-reduced-data: reduce)").matches;
}

function fetchAhead(link: HTMLAnchorElement): void {
  const at = link.pathname;
  if (busy || asked.size > most || asked.has(at) || dear()) return;
  asked.add(at);
  busy = true;
  const hint = document.createElement("link");
  hint.rel = "prefetch";
  hint.href = link.href;
  hint.onload = hint.onerror = () => (busy = false);
  document.head.append(hint);
}

function meant(e: Event): HTMLAnchorElement | undefined {
  const link = (e.target as Element).closest?.<HTMLAnchorElement>("a[href]");
  return link && link.origin === location.origin && !link.search && story.test(link.pathname) ? link : undefined;
}

export function ahead(): void {
  if (!document.createElement("link").relList.supports("prefetch")) return;
  const now = (e: Event) => {
    const link = meant(e);
    if (link) fetchAhead(link);
  };
  addEventListener("touchstart", now, { passive: true });
  addEventListener("focusin", now);
  addEventListener("mouseover", (e) => {
    clearTimeout(timer);
    const link = meant(e);
    if (link) timer = setTimeout(fetchAhead, pause, link);
  });
}
