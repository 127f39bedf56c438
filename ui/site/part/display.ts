// The form of the footer: system, light or dark.

import { chosen, choose, light } from "./scheme";

export function display(form: HTMLElement): void {
  const tick = () => {
    for (const way of form.querySelectorAll("input")) way.checked = way.value === chosen();
  };
  const again = () => {
    light();
    tick();
  };
  tick();
  form.hidden = false;
  form.addEventListener("change", (e) => choose((e.target as HTMLInputElement).value));
  addEventListener("storage", again); // another page of the paper was told
  addEventListener("pageshow", (e) => e.persisted && again());
}
