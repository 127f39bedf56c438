// A run of inline text, with white space as a browser would set it.

import type { Mark, Node } from "prosemirror-model";
import type { Space } from "./look";

// Piece is text with marks, or an inline node; a break is a piece of its own.
export interface Piece {
  text: string;
  marks: readonly Mark[];
  node?: Node;
  break?: boolean;
}
export type Line = Piece[];

// ink tells whether a text shows anything. Word fills empty paragraphs with a
// no-break space.
export const ink = /[^ \t\n\u00a0]/;

export const blank = (line: Line) => !line.some((p) => p.node || ink.test(p.text));

export class Run {
  pieces: Line = [];
  // open says that the run ends in a space that may still collapse.
  private open = false;
  // bare says that nothing stands on the line yet.
  private bare = true;

  text(text: string, marks: readonly Mark[], space: Space): void {
    if (space === "collapse") return this.collapsed(text.replace(/[ \t\n\r\f]+/g, " "), marks);
    text.split("\n").forEach((line, at) => {
      if (at) this.break();
      if (space === "lines") this.collapsed(line.replace(/[ \t\r\f]+/g, " "), marks);
      else this.kept(line, marks);
    });
  }

  // kept takes a text as it is.
  kept(text: string, marks: readonly Mark[]): void {
    if (!text) return;
    this.pieces.push({ text, marks });
    this.open = this.bare = false;
  }

  private collapsed(text: string, marks: readonly Mark[]): void {
    if ((this.bare || this.open) && text.startsWith(" ")) text = text.slice(1);
    this.kept(text, marks);
    if (text) this.open = text.endsWith(" ");
  }

  node(node: Node): void {
    this.pieces.push({ text: "", marks: [], node });
    this.open = this.bare = false;
  }

  break(): void {
    this.shave();
    this.bare = true;
    if (this.pieces.length) this.pieces.push({ text: "", marks: [], break: true });
  }

  // take returns what was written and begins anew; nothing if nothing shows.
  take(): Line {
    this.shave();
    const line = this.pieces;
    while (line.at(-1)?.break) line.pop();
    this.clear();
    return blank(line) ? [] : line;
  }

  // literal returns what was written, blank or not.
  literal(): Line {
    this.shave();
    const line = this.pieces;
    this.clear();
    return line;
  }

  // shave takes the collapsible space from the end of a line.
  private shave(): void {
    const last = this.pieces.at(-1);
    if (this.open && last) {
      last.text = last.text.slice(0, -1);
      if (!last.text) this.pieces.pop();
    }
    this.open = false;
  }

  private clear(): void {
    this.pieces = [];
    this.open = false;
    this.bare = true;
  }
}
