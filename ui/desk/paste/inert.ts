// HTML that a browser may parse without applying anything of it: scripts and style sheets
// are gone, handlers too, and style attributes stand under another name. A document that
// is only parsed runs nothing, but the browser reports what its page's policy forbids. It
// reads tags as the HTML standard does (13.2.5, tokenization), and leaves all else alone.

/** Inert is such HTML, with how many scripts and style sheets it had. */
export interface Inert { html: string; scripts: number; sheets: number }

/** styleName is the attribute under which a style stands. */
export const styleName = "data-pasted-style";

const raw = new Set(["xmp", "plaintext", "textarea", "title", "noembed", "noframes", "iframe", "noscript"]);
const gone = new Set(["base", "meta", "link"]);
const space = /[\t\n\f\r ]/;

export function inert(html: string): Inert {
  const out: string[] = [];
  const found = { scripts: 0, sheets: 0 };
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    out.push(html.slice(at, open));
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 2);
      at = end < 0 ? html.length : end + 3;
      out.push(html.slice(open, at));
      continue;
    }
    const head = /^<\/?([a-z][^\t\n\f\r />]*)/i.exec(html.slice(open, open + 200));
    if (!head) {
      out.push("<");
      at = open + 1;
      continue;
    }
    const name = head[1]!.toLowerCase();
    const closing = html[open + 1] === "/";
    const tag = attributes(html, open + head[0].length);
    at = tag.end;
    if (name === "script" || name === "style") {
      if (!closing) {
        found[name === "script" ? "scripts" : "sheets"]++;
        at = past(html, name, at, true);
      }
    } else if (!gone.has(name)) {
      out.push(head[0], tag.kept, ">");
      if (!closing && raw.has(name)) {
        const end = past(html, name, at, false);
        out.push(html.slice(at, end));
        at = end;
      }
    }
  }
  out.push(html.slice(at));
  return { html: out.join(""), ...found };
}

/** past is where the text of an element that holds no tags ends, behind its end tag or before it. */
function past(html: string, name: string, from: number, behind: boolean): number {
  const find = new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, "gi");
  find.lastIndex = from;
  const end = find.exec(html);
  if (!end) return html.length;
  if (!behind) return end.index;
  const close = html.indexOf(">", end.index);
  return close < 0 ? html.length : close + 1;
}

/** attributes reads the rest of a tag. */
function attributes(html: string, from: number): { kept: string; end: number } {
  let at = from;
  let kept = "";
  for (;;) {
    while (at < html.length && (space.test(html[at]!) || html[at] === "/")) at++;
    if (at >= html.length || html[at] === ">") return { kept, end: Math.min(at + 1, html.length) };
    const start = at++;
    while (at < html.length && !space.test(html[at]!) && !"/>=".includes(html[at]!)) at++;
    const name = html.slice(start, at);
    let value = "";
    let next = at;
    while (next < html.length && space.test(html[next]!)) next++;
    if (html[next] === "=") {
      next++;
      while (next < html.length && space.test(html[next]!)) next++;
      const quote = html[next];
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, next + 1);
        at = end < 0 ? html.length : end + 1;
        value = html.slice(next, at);
      } else {
        at = next;
        while (at < html.length && !space.test(html[at]!) && html[at] !== ">") at++;
        value = html.slice(next, at);
      }
    }
    if (/^on/i.test(name)) continue;
    kept += ` ${/^style$/i.test(name) ? styleName : name}${value && `=${value}`}`;
  }
}
