// The board by keyboard and pointer: J and K walk, Enter opens, M moves, A assigns, U
// takes the last move back. A story is dragged into another lane too.

import { quiet, typing } from "./keys";

interface Words {
  moved: string;
  undone: string;
  move: string;
  assign: string;
  nobody: string;
  close: string;
}

export function board(): void {
  const box = document.querySelector<HTMLElement>(".board");
  if (!box) return;
  const words = JSON.parse(box.dataset["words"] ?? "{}") as Words;
  const telling = document.querySelector<HTMLElement>(".keys .telling");
  const cards = () => [...box.querySelectorAll<HTMLElement>(".card")];
  const may = !!document.querySelector('[data-key="n"]');
  let chosen: HTMLElement | undefined;
  let undo: (() => Promise<void>) | undefined;

  const choose = (card?: HTMLElement) => {
    chosen?.classList.remove("chosen");
    chosen = card;
    if (!card) return;
    card.classList.add("chosen");
    card.querySelector<HTMLElement>("a")?.focus();
    if (telling) telling.textContent = `“${card.dataset["title"]}”`;
  };

  const send = async (id: string, values: Record<string, string>): Promise<Record<string, string> | undefined> => {
    const answer = await fetch(`/desk/stories/${id}/plan`, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(values),
    });
    const value = (await answer.json()) as { undo?: Record<string, string>; sentence?: string };
    if (answer.ok) return value.undo;
    if (telling) telling.textContent = value.sentence ?? "";
    return undefined;
  };

  const place = (card: HTMLElement, lane: string) => {
    const list = box.querySelector(`[data-lane="${CSS.escape(lane)}"] ol`);
    list?.prepend(card);
    for (const one of box.querySelectorAll<HTMLElement>(".lane")) {
      one.querySelector("p.hint")?.toggleAttribute("hidden", !!one.querySelector(".card"));
    }
    choose(card);
  };

  const move = async (card: HTMLElement, to: string) => {
    const from = card.closest<HTMLElement>("[data-lane]")?.dataset["lane"] ?? "";
    const id = card.dataset["story"] ?? "";
    if (from === to || !(await send(id, { stage: to }))) return;
    place(card, to);
    if (telling) telling.textContent = `“${card.dataset["title"]}” ${words.moved} ${box.querySelector(`[data-lane="${CSS.escape(to)}"] h2`)?.firstChild?.textContent ?? ""}`;
    undo = async () => {
      if (!(await send(id, { stage: from }))) return;
      place(card, from);
      if (telling) telling.textContent = words.undone;
    };
  };

  const ask = (card: HTMLElement, template: string, title: string, done: (value: string) => void) => {
    const dialog = document.createElement("dialog");
    dialog.className = "choosing";
    dialog.setAttribute("aria-label", title);
    const head = document.createElement("h2");
    head.textContent = title;
    const choices = document.createElement("div");
    choices.className = "choices";
    choices.append((document.getElementById(template) as HTMLTemplateElement).content.cloneNode(true));
    if (template === "people") {
      const nobody = document.createElement("button");
      nobody.className = "button";
      nobody.textContent = words.nobody;
      nobody.dataset["value"] = "0";
      choices.prepend(nobody);
    }
    const close = document.createElement("button");
    close.className = "button small";
    close.textContent = words.close;
    dialog.append(head, choices, close);
    dialog.addEventListener("click", (e) => {
      const button = (e.target as Element).closest("button");
      if (!button) return;
      dialog.close();
      if (button.dataset["value"]) done(button.dataset["value"]);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      choose(card);
    });
    document.body.append(dialog);
    dialog.showModal();
  };

  addEventListener("keydown", (e) => {
    if (typing(e) || quiet() || e.shiftKey || document.querySelector("dialog[open], .palette:not([hidden])")) return;
    const all = cards();
    const at = chosen ? all.indexOf(chosen) : -1;
    const step = { KeyJ: 1, KeyK: -1 }[e.code];
    if (step) choose(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
    else if (e.code === "KeyM" && chosen && may) {
      const card = chosen;
      ask(card, "stages", words.move, (to) => void move(card, to));
    } else if (e.code === "KeyA" && chosen && may) {
      const card = chosen;
      ask(card, "people", words.assign, (editor) => void send(card.dataset["story"] ?? "", { editor }).then((was) => was && location.reload()));
    } else if (e.code === "KeyU" && undo) {
      void undo();
      undo = undefined;
    } else return;
    e.preventDefault();
  });
  box.addEventListener("focusin", (e) => {
    const card = (e.target as Element).closest<HTMLElement>(".card");
    if (card && card !== chosen) {
      chosen?.classList.remove("chosen");
      chosen = card;
      card.classList.add("chosen");
      if (telling) telling.textContent = `“${card.dataset["title"]}”`;
    }
  });

  if (!may) return;
  for (const card of cards()) card.draggable = true;
  box.addEventListener("dragstart", (e) => {
    const card = (e.target as Element).closest<HTMLElement>(".card");
    if (!card) return;
    e.dataTransfer?.setData("text/plain", card.dataset["title"] ?? "");
    choose(card);
  });
  const over = (e: Event) => (e.target as Element).closest<HTMLElement>(".lane");
  const stages = new Set([...(document.getElementById("stages") as HTMLTemplateElement).content.querySelectorAll("button")].map((b) => b.dataset["value"]));
  box.addEventListener("dragover", (e) => {
    const lane = over(e);
    if (lane && chosen && stages.has(lane.dataset["lane"])) {
      e.preventDefault();
      lane.classList.add("under");
    }
  });
  box.addEventListener("dragleave", (e) => over(e)?.classList.remove("under"));
  box.addEventListener("drop", (e) => {
    const lane = over(e);
    lane?.classList.remove("under");
    if (!lane || !chosen) return;
    e.preventDefault();
    void move(chosen, lane.dataset["lane"] ?? "");
  });
}
