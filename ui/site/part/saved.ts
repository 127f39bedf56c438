// The list of saved stories, filled from what the worker keeps.

import { ask, can } from "./keep";
import { say } from "./said";

export function saved(place: HTMLElement): void {
  if (!can) return;
  const words = place.dataset;
  const why = document.querySelector(".saved-why");
  const tell = (text = "") => {
    if (why) why.textContent = text;
  };
  // Without a worker nothing was saved yet; one that is there answers soon.
  tell(navigator.serviceWorker.controller ? "" : words["empty"]);
  const show = async () => {
    const { list, done } = await ask({ do: "list" });
    if (!done) return;
    place.replaceChildren(...list.map((story) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const button = document.createElement("button");
      item.className = "saved-item";
      link.className = "headline-list";
      button.className = "button";
      link.href = story.page;
      link.textContent = story.title;
      link.dir = story.dir;
      link.lang = story.lang;
      button.textContent = words["remove"] ?? "";
      button.ariaLabel = `${button.textContent} ${story.title}`;
      button.onclick = async () => {
        const at = [...place.children].indexOf(item);
        const { done } = await ask({ do: "drop", page: story.page });
        if (!done) return;
        say(place, "dropped");
        await show();
        // Who removes one after the other goes on with the next.
        const next = place.children[Math.min(at, place.children.length - 1)]?.querySelector("button") ?? document.querySelector<HTMLElement>("h1");
        if (next?.tagName === "H1") next.tabIndex = -1;
        next?.focus();
      };
      item.append(link, button);
      return item;
    }));
    place.hidden = !list.length;
    tell(list.length ? "" : words["empty"]);
  };
  show().catch(() => undefined);
}
