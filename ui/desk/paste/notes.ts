// Footnotes and endnotes, which word processors write as a link to a place
// further down: Word (#_ftn1, #_edn1), Google Docs (#ftnt1), LibreOffice
// (#sdfootnote1sym).

const reference = /^#(_(?:ftn|edn)\d+|ftnt\d+|sd(?:foot|end)note\d+sym)$/;
const back = /^#(_(?:ftn|edn)ref\d+|ftnt_ref\d+|sd(?:foot|end)note\d+anc)$/;
// climb bounds the way from the mark of a note to the box around it.
const climb = 8;

// isBack tells whether a link leads from a note back to the text: it is the
// number of the note.
export function isBack(link: Element): boolean {
  return back.test(link.getAttribute("href") ?? "");
}

// Notes knows which link stands for which note.
export class Notes {
  private readonly byLink = new Map<Element, Element>();
  private readonly boxes = new Set<Element>();
  // open are the boxes that no link has taken yet.
  private readonly open = new Set<Element>();

  constructor(document: Document) {
    const links = [...document.querySelectorAll("a[href^='#']")];
    const marks = new Map<string, Element>();
    for (const link of links) {
      const name = link.getAttribute("name") || link.id;
      if (isBack(link) && name && !marks.has(name)) marks.set(name, link);
    }
    for (const link of links) {
      const name = reference.exec(link.getAttribute("href") ?? "")?.[1];
      const mark = name === undefined ? undefined : marks.get(name);
      const box = mark && boxOf(mark);
      if (!box || this.boxes.has(box) || box.contains(link)) continue;
      this.byLink.set(link, box);
      this.boxes.add(box);
      this.open.add(box);
    }
  }

  // take returns the note of a link, once.
  take(link: Element): Element | undefined {
    const box = this.byLink.get(link);
    if (!box || !this.open.delete(box)) return undefined;
    return box;
  }

  // isBox tells whether an element is a note, which is not read where it stands.
  isBox(element: Element): boolean {
    return this.boxes.has(element);
  }

  // release gives a note back that held nothing to read.
  release(box: Element): void {
    this.open.add(box);
  }

  // left are the notes whose link was never come by, or that were given back.
  left(): Element[] {
    const all = [...this.open];
    this.boxes.clear();
    this.open.clear();
    return all;
  }
}

// boxOf is the box of one note: Word and LibreOffice give it an id, Google
// Docs a division or a paragraph.
function boxOf(mark: Element): Element | undefined {
  let found: Element | undefined;
  let at = mark.parentElement;
  for (let n = 0; at && n < climb; n++, at = at.parentElement) {
    const name = at.localName.toLowerCase();
    if (name === "div" && /^(ftn|edn|sdfootnote|sdendnote)\d+$/.test(at.id)) return at;
    if (!found && (name === "p" || name === "li")) found = at;
  }
  return found;
}
