/** say tells the reader what was done, in the words that the element carries. */
export function say(from: HTMLElement, what: string): void {
  const place = from.closest("[data-says]")?.querySelector("[role=status]");
  if (place) place.textContent = from.dataset[what] ?? "";
}
