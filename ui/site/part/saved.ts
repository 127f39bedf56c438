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
    const { list } = await ask({ do: "list" });
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
        await ask({ do: "drop", page: story.page });
        say(place, "dropped");
        await show();
      };
      item.append(link, button);
      return item;
    }));
    place.hidden = !list.length;
    tell(list.length ? "" : words["empty"]);
  };
  void show();
}
