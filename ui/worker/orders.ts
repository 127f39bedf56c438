// What pages ask of the worker, and what it answers.

export type Order =
  /** A page was opened: its edition's own pages and its files stay at hand. */
  | { do: "shell"; edition: string; page: string; files: string[] }
  | { do: "save"; page: string; title: string; dir: string; lang: string; files: string[] }
  | { do: "drop"; page: string }
  | { do: "list" };

export interface Saved {
  page: string;
  title: string;
  dir: string;
  lang: string;
  /** Pictures and assets that the story is shown with. */
  files: string[];
  /** Bytes of the page and its pictures. */
  size: number;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Answer {
  done: boolean;
  /** There is no room for another story. */
  full: boolean;
  /** The newest first. */
  list: Saved[];
}
