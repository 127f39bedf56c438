// "Copy link": the link leads to the story itself, and does so where nothing
// can be copied.

import { say } from "./said";

export function copy(element: HTMLElement): void {
  const link = element as HTMLAnchorElement;
  link.addEventListener("click", (e) => {
    if (!navigator.clipboard || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    navigator.clipboard.writeText(link.href).then(
      () => say(link, "copied"),
      () => (location.href = link.href),
    );
  });
}
