// Tells the server that the story was looked at: once, when the page is seen.
// A page that was fetched ahead, or opened in a tab behind, waits for that.
// What it sends names the story and nothing of the reader.

const page: Document & { readonly prerendering?: boolean } = document;

export function count(element: HTMLElement): void {
  const story = element.dataset["count"];
  const look = (): void => {
    if (!story || page.prerendering || page.visibilityState !== "visible") return;
    page.removeEventListener("prerenderingchange", look);
    page.removeEventListener("visibilitychange", look);
    navigator.sendBeacon("/view", story);
  };
  page.addEventListener("prerenderingchange", look);
  page.addEventListener("visibilitychange", look);
  look();
}
