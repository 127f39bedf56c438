/** typing tells whether a key belongs to a field. */
export function typing(e: KeyboardEvent): boolean {
  const at = e.target as HTMLElement;
  return at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || e.ctrlKey || e.metaKey || e.altKey;
}

/** quiet tells whether the person switched the keys of a single letter off. */
export function quiet(): boolean {
  return document.getElementById("palette")?.dataset["quiet"] === "true";
}
