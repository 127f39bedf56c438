// How the paper is lit: as the device says, or as the reader chose in the
// footer. The choice is kept on the reader's device alone.

const key = "display";

export function chosen(): string {
  try {
    const kept = localStorage.getItem(key);
    return kept === "light" || kept === "dark" ? kept : "";
  } catch {
    return ""; // storage is switched off
  }
}

export function choose(scheme: string): void {
  try {
    if (scheme) localStorage.setItem(key, scheme);
    else localStorage.removeItem(key);
  } catch {
    // It holds for this page, then.
  }
  light(scheme);
}

/** light sets the page in a scheme; none is the device's own. */
export function light(scheme = chosen()): void {
  const root = document.documentElement;
  if (scheme) root.dataset["theme"] = scheme;
  else delete root.dataset["theme"];
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[data-scheme]")) {
    const mine = meta.dataset["scheme"];
    meta.media = scheme ? (mine === scheme ? "all" : "not all") : `(prefers-color-scheme:${mine})`;
  }
}
