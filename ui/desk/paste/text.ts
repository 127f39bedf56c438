// Characters and addresses that can be stored.

// unreadable are NUL and its like, and halves of characters. Tab, LF and, in
// HTML, the other white space have their own meaning.
// eslint-disable-next-line no-control-regex
const unreadable = /[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\u{d800}-\u{dfff}]/gu;
const feed = /\f/g;

// readable replaces what cannot be stored by U+FFFD, and tells how often. A
// form feed is white space where white space collapses, and else a control.
export function readable(text: string, feeds: boolean): { text: string; lost: number } {
  let lost = 0;
  const replace = () => {
    lost++;
    return "\ufffd";
  };
  text = text.replace(/\r\n?/g, "\n").replace(unreadable, replace);
  if (!feeds) text = text.replace(feed, replace);
  return { text, lost };
}

const longestAddress = 4096;
const longestTitle = 2000;

// address returns where a link leads as the server takes it (news/body Usable):
// http, https or mailto, or nothing.
export function address(said: string): string {
  let href = said.replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/[\t\n\r]/g, "");
  if (href.startsWith("//")) href = `https:${href}`;
  const at = href.indexOf(":");
  const scheme = href.slice(0, at < 0 ? 0 : at).toLowerCase();
  const rest = href.slice(at + 1);
  const usable = scheme === "mailto" ? rest !== "" : /^https?$/.test(scheme) && /^\/\/[^/?#:@\\]/.test(rest) && URL.canParse(href);
  if (!usable || /[\0-\x1f\x7f-\x9f\u{d800}-\u{dfff}]/u.test(href)) return "";
  href = href.replace(/[ \\<>"]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return new TextEncoder().encode(href).length > longestAddress ? "" : href;
}

// title is the title of a link: one line.
export function title(said: string): string {
  const line = readable(said, true).text.replace(/[ \t\n\f]+/g, " ").trim();
  return line.length > longestTitle ? [...line].slice(0, longestTitle).join("") : line;
}
