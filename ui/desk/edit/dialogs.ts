// Small windows: a link, a picture, a definition, an embed. Each is a native dialog, so
// that focus stays in it and Escape closes it.

import { button, element, say } from "./data";

export interface Found { kind: string; text: string; sub?: string; href?: string; id?: string; lang?: string; dir?: string }

/** form asks for some fields; nothing is returned where it was closed. */
export function form(title: string, fields: { name: string; label: string; value?: string; type?: string; hint?: string; area?: boolean; choices?: [string, string][] }[], go: string, fault?: (values: Record<string, string>) => Promise<string | undefined>): Promise<Record<string, string> | undefined> {
  return new Promise((resolve) => {
    const dialog = element("dialog", "asking");
    dialog.setAttribute("aria-label", title);
    const body = element("form", "form");
    body.method = "dialog";
    body.append(element("h2", "", title));
    for (const f of fields) {
      const row = element("div", "row");
      const id = `ask-${f.name}`;
      const label = element("label", "", f.label);
      label.htmlFor = id;
      const field = f.choices ? element("select") : f.area ? element("textarea") : element("input");
      field.id = id;
      field.name = f.name;
      if (f.choices) for (const [value, text] of f.choices) {
        const option = element("option", "", text);
        option.value = value;
        field.append(option);
      }
      if (field instanceof HTMLInputElement) field.type = f.type ?? "text";
      if (f.value !== undefined) field.value = f.value;
      field.dir = f.type === "url" || f.type === "datetime-local" ? "ltr" : "auto";
      row.append(label, field);
      if (f.hint) row.append(element("p", "hint", f.hint));
      body.append(row);
    }
    const wrong = element("p", "fault");
    wrong.setAttribute("role", "alert");
    wrong.hidden = true;
    const ok = element("button", "button main", go);
    const no = button("button", say("cancel"), () => dialog.close());
    body.append(wrong, element("div", "acts", ok, no));
    dialog.append(body);
    let result: Record<string, string> | undefined;
    body.addEventListener("submit", async (e) => {
      e.preventDefault();
      const values = Object.fromEntries([...new FormData(body)].map(([k, v]) => [k, String(v)]));
      ok.disabled = true;
      const sentence = await fault?.(values);
      ok.disabled = false;
      if (sentence) {
        wrong.textContent = sentence;
        wrong.hidden = false;
        return;
      }
      result = values;
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** pick finds something by what is typed; extra is a line that is always there. */
export function pick(title: string, find: (q: string) => Promise<Found[]>, extra?: (q: string) => Found | undefined): Promise<Found | undefined> {
  return new Promise((resolve) => {
    const dialog = element("dialog", "asking picking");
    dialog.setAttribute("aria-label", title);
    const field = element("input");
    field.type = "search";
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", "picked");
    field.setAttribute("aria-label", title);
    field.dir = "auto";
    const list = element("ul", "found");
    list.id = "picked";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", title);
    const told = element("p", "hint");
    told.setAttribute("role", "status");
    dialog.append(element("h2", "", title), field, list, told, button("button small", say("cancel"), () => dialog.close()));
    let shown: Found[] = [];
    let chosen = 0;
    let result: Found | undefined;
    let turn = 0;
    const take = (f: Found) => {
      result = f;
      dialog.close();
    };
    const mark = () => {
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
      field.setAttribute("aria-activedescendant", shown.length ? `picked-${chosen}` : "");
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    };
    const look = async () => {
      const q = field.value.trim();
      const now = ++turn;
      try {
        const found = await find(q);
        if (now !== turn) return;
        const more = extra?.(q);
        shown = more ? [...found, more] : found;
        told.textContent = shown.length ? "" : say("find.none");
      } catch {
        shown = [];
        told.textContent = say("find.offline");
      }
      chosen = 0;
      list.replaceChildren(
        ...shown.map((f, n) => {
          const text = element("bdi", "", f.text);
          if (f.lang) text.lang = f.lang;
          const item = element("li", "", text);
          if (f.sub) item.append(" ", element("span", "sub", f.sub));
          item.id = `picked-${n}`;
          item.setAttribute("role", "option");
          item.addEventListener("pointerdown", (e) => {
            e.preventDefault();
            take(f);
          });
          return item;
        }),
      );
      mark();
    };
    let wait = 0;
    field.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(look, 120);
    });
    field.addEventListener("keydown", (e) => {
      if (e.key === "ArrowDown" || e.key === "ArrowUp") chosen = (chosen + (e.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(1, shown.length);
      else if (e.key === "Enter" && shown[chosen]) take(shown[chosen]!);
      else return;
      e.preventDefault();
      mark();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    void look();
  });
}

/** tell shows something to read, and closes. */
export function tell(title: string, ...within: (Node | string)[]): Promise<void> {
  return new Promise((resolve) => {
    const dialog = element("dialog", "asking", element("h2", "", title), ...within);
    dialog.setAttribute("aria-label", title);
    const close = button("button", say("close"), () => dialog.close());
    dialog.append(element("div", "acts", close));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
  });
}
