// Comfort on a page that reads well without it. What an element is for stands
// in its data-island; what the elements say stands in the page, in its language.

import { ahead } from "./part/ahead";
import { copy } from "./part/copy";
import { count } from "./part/count";
import { display } from "./part/display";
import { save, start } from "./part/keep";
import { saved } from "./part/saved";

const islands: Record<string, (element: HTMLElement) => void> = { copy, count, display, save, saved };

for (const element of document.querySelectorAll<HTMLElement>("[data-island]")) islands[element.dataset["island"] ?? ""]?.(element);
ahead();
start();
