// Tells the server that the story was looked at: once, when the page is seen.
// A page that was fetched ahead, or opened in a tab behind, waits for that.
// What it sends names the story and nothing of the reader.

const count = (document.currentScript as HTMLScriptElement | null)?.dataset["count"];
const page: Document & { readonly prerendering?: boolean } = document;

function seen(): boolean {
  return !page.prerendering && page.visibilityState === "visible";
}

function look(): void {
  if (!count || !seen()) return;
  page.removeEventListener("prerenderingchange", look);
  page.removeEventListener("visibilitychange", look);
  navigator.sendBeacon("/view", count);
}

page.addEventListener("prerenderingchange", look);
page.addEventListener("visibilitychange", look);
look();
