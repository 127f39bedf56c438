// Ctrl K: a list of screens, actions and stories, by what is typed. N begins a story.

import { quiet, typing } from "./keys";

interface Found {
  text: string;
  sub?: string;
  href: string;
  lang?: string;
  dir?: string;
}

export function palette(): void {
  const box = document.getElementById("palette");
  const field = box?.querySelector("input");
  const list = box?.querySelector("ul");
  const fixed = box?.querySelector("template");
  if (!box || !field || !list || !fixed) return;
  const screens = [...fixed.content.querySelectorAll("a")].map((a) => ({ text: a.textContent ?? "", href: a.getAttribute("href") ?? "" }));
  let shown: Found[] = [];
  let chosen = 0;
  let asked = 0;
  let before: Element | null = null;

  const show = (found: Found[], none: string) => {
    shown = found;
    chosen = 0;
    list.replaceChildren(
      ...(found.length ? found : [{ text: none, href: "" }]).map((f, n) => {
        const item = document.createElement("li");
        item.id = `found-${n}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(n === chosen && !!f.href));
        const link = document.createElement(f.href ? "a" : "span");
        if (f.href) (link as HTMLAnchorElement).href = f.href;
        link.tabIndex = -1;
        const name = document.createElement("bdi");
        name.textContent = f.text;
        if (f.lang) name.lang = f.lang;
        link.append(name);
        if ("sub" in f && f.sub) {
          const sub = document.createElement("span");
          sub.className = "sub";
          sub.textContent = f.sub;
          link.append(" ", sub);
        }
        item.append(link);
        return item;
      }),
    );
    field.setAttribute("aria-activedescendant", found.length ? "found-0" : "");
  };

  const look = async () => {
    const q = field.value.trim();
    const own = screens.filter((s) => s.text.toLocaleLowerCase().includes(q.toLocaleLowerCase()));
    show(own, "");
    const turn = ++asked;
    if (!q) return;
    try {
      const answer = await fetch(`/desk/find?q=${encodeURIComponent(q)}`);
      if (answer.status === 401) {
        location.assign("/desk/sign-in");
        return;
      }
      const { found } = (await answer.json()) as { found?: Found[] };
      if (turn === asked) show([...own, ...(found ?? [])], box.dataset["none"] ?? "");
    } catch {
      if (turn === asked) show(own, box.dataset["offline"] ?? "");
    }
  };

  const open = () => {
    if (!box.hidden) return;
    before = document.activeElement;
    box.hidden = false;
    field.value = "";
    void look();
    field.focus();
  };
  const close = () => {
    box.hidden = true;
    if (before instanceof HTMLElement) before.focus();
  };
  const choose = (to: number) => {
    const items = list.children;
    items[chosen]?.setAttribute("aria-selected", "false");
    chosen = (to + shown.length) % Math.max(1, shown.length);
    items[chosen]?.setAttribute("aria-selected", "true");
    items[chosen]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", `found-${chosen}`);
  };

  let wait = 0;
  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(look, 120);
  });
  field.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") choose(chosen + (e.key === "ArrowDown" ? 1 : -1));
    else if (e.key === "Enter" && shown[chosen]) location.assign(shown[chosen]?.href ?? "");
    else if (e.key === "Escape" || e.key === "Tab") close();
    else return;
    e.preventDefault();
  });
  box.addEventListener("pointerdown", (e) => e.target === box && close());
  document.getElementById("finder")?.addEventListener("focus", open);
  addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.code === "KeyK") {
      e.preventDefault();
      open();
    } else if (!quiet() && !typing(e) && !e.shiftKey && e.code === "KeyN" && box.hidden) {
      const begin = document.querySelector<HTMLAnchorElement>('[data-key="n"]');
      if (begin) {
        e.preventDefault();
        begin.click();
      }
    }
  });
}
