// Random documents, as the programs people copy from write them. The same seed
// gives the same document.

function random(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = ("the news of a day, in Rey and Basra. 1,234 \u201cquoted\u201d co\u00adop caf\u00e9 می‌روم کتاب‌ها خبر؛ ایران، " +
  "الأخبار اليوم نصّ ١٢٣ ۱۲۳ 漢字 😀 👩‍👩‍👧 \u200ea\u200f \u2067x\u2069 10\u00a0km &amp; &lt;b&gt; &nbsp; &zwnj; &shy; \u0001 \u0085 \ud800 — - · o 1. [1]").split(" ");

export function documentOf(seed) {
  const next = random(seed);
  const upTo = (n) => Math.floor(next() * n);
  const one = (all) => all[upTo(all.length)];
  const maybe = (chance) => next() < chance;
  const many = (most, make) => Array.from({ length: upTo(most + 1) }, make).join("");
  const gap = () => one([" ", " ", " ", "  ", "\n", "\t", "", "\n  ", " \r\n", "&#12;"]);
  const text = () => Array.from({ length: 1 + upTo(6) }, () => one(words) + gap()).join("");

  const element = () => one(["b", "i", "u", "s", "em", "strong", "code", "sub", "sup", "small", "mark", "span", "a", "cite", "q", "kbd", "del", "ins", "font", "bdi", "x-y", "label", "abbr"]);
  const style = () => one(["font-weight:700", "font-weight:400", "font-style:italic", "text-decoration:underline", "text-decoration-line:line-through", "vertical-align:super", "white-space:pre-wrap", "white-space:normal", "white-space:pre-line", "white-space-collapse:preserve", "display:none", "display:block", "display:inline", "display:inline-block", "visibility:hidden", "visibility:visible", "direction:rtl", "color:red;font-weight:bold!important", "background:url('a;b:c')", "mso-list:Ignore", "mso-hide:all", "mso-bidi-language:FA"]);
  const attributes = () => (maybe(0.25) ? ` style="${style()}${maybe(0.3) ? `; ${style()}` : ""}"` : "") + (maybe(0.1) ? one([" lang=fa", " lang=EN-US", " dir=rtl", " dir=RTL lang=ar", " lang=''", " hidden", " class=x onclick=alert(1)", " role=heading aria-level=3", " lang=zh-Hant"]) : "");
  const href = () => one(["https://example.org/a b", "http://example.org/?a=1&amp;b=2#c", "mailto:a@example.org", "javascript:alert(1)", "/path", "#here", "//example.org", "data:text/html,x", "", "HTTPS://EXAMPLE.ORG", "https://", "ftp://x", " java\nscript:1"]);
  const thing = () => one(["<br>", "<br/>", "<img src=x alt=y>", "<script>no()</script>", "<style>a{b:c}</style>", "<!-- no -->", "<![if !vml]>", "<![endif]>", "<svg><text>no</text></svg>", "<math><mi>no</mi></math>", "<input value=no>", "<button>no</button>", "<iframe src=x></iframe>", "<o:p></o:p>", "<o:p>&nbsp;</o:p>", "<wbr>", "<video>no</video>", "<template>no</template>", "<noscript>no</noscript>", "<select><option>no</select>", "<object>no</object>", "<xml><a>no</a></xml>", "<br class=Apple-interchange-newline>", "<textarea>no</textarea>", "<details><summary>s</summary>t</details>", "<hr>"]);
  const inline = (depth = 0) => many(4, () => {
    if (depth > 3 || maybe(0.6)) return text();
    if (maybe(0.25)) return thing();
    const name = element();
    return `<${name}${name === "a" ? ` href="${href()}"${maybe(0.2) ? " title=' t\n t'" : ""}` : ""}${attributes()}>${inline(depth + 1)}</${name}>`;
  }) || text();

  // The web, and soup of it.
  const webBlock = (depth) => {
    const inner = () => (depth > 3 || maybe(0.5) ? inline() : many(3, () => webBlock(depth + 1)));
    const name = one(["p", "p", "p", "div", "section", "h1", "h2", "h4", "h6", "blockquote", "ul", "ol", "table", "pre", "hr", "figure", "dl", "text", "article", "center", "form", "span", "b", "li", "details", "dialog"]);
    const a = attributes();
    switch (name) {
      case "hr": return "<hr>";
      case "text": return inline();
      case "ul": case "ol": return `<${name}${a}${maybe(0.2) ? ` start=${upTo(9)}` : ""}>${gap()}${many(4, () => `${maybe(0.9) ? "<li>" : one(["", "<p>", "<ul><li>"])}${inner()}${maybe(0.7) ? "</li>" : ""}${gap()}`)}</${name}>`;
      case "blockquote": return `<blockquote${a}>${inner()}${one(["", "", "<footer>— <cite>A</cite></footer>", "<cite>B</cite>", "<p>— <cite>C</cite></p>", "<cite>D</cite> e", "<footer>f</footer><p>g</p>", "<p><cite>h</cite> "])}</blockquote>`;
      case "table": return table(inner, a);
      case "pre": return `<pre${a}>${maybe(0.5) ? "\n" : ""}${maybe(0.5) ? "<code>" : ""}${inline()}\n  ${inline()}${maybe(0.3) ? "<div>x</div><p> y </p>" : ""}\n</pre>`;
      case "figure": return `<figure><img src=x>${inner()}<figcaption>${inline()}</figcaption></figure>`;
      case "dl": return `<dl><dt>${inline()}<dd>${inner()}</dl>`;
      default: return `<${name}${a}>${inner()}${maybe(0.85) ? `</${name}>` : ""}${gap()}`;
    }
  };
  const table = (inner, a) => {
    const span = () => (maybe(0.15) ? ` colspan=${upTo(4)}` : "") + (maybe(0.15) ? ` rowspan=${upTo(4)}` : "");
    const row = () => `<tr>${gap()}${many(4, () => { const c = one(["td", "td", "th"]); return `<${c}${span()}${attributes()}>${inner()}</${c}>${gap()}`; })}</tr>`;
    return `<table${a}${maybe(0.1) ? " role=presentation" : ""}>${maybe(0.3) ? `<caption>${inline()}</caption>` : ""}${maybe(0.3) ? `<thead>${row()}</thead>` : ""}${many(4, row)}${maybe(0.25) ? `<tfoot>${maybe(0.5) ? `<tr><td colspan=9>${inline()}</td></tr>` : row()}</tfoot>` : ""}${maybe(0.1) ? `<caption>late</caption>${row()}` : ""}</table>`;
  };
  const web = () => `${maybe(0.3) ? one(["<html lang=ar dir=rtl><head><title>no</title></head><body>", "<!DOCTYPE html><html lang=en><body>", "<meta charset=utf-8>"]) : ""}${many(7, () => webBlock(0))}`;

  // Wikis have pages of their own kind.
  const wiki = () => {
    const cite = () => `<sup class="reference" id="cite_ref-1"><a href="#cite_note-1"><span>[</span>1<span>]</span></a></sup>`;
    const part = () => `<div class="mw-heading"><h2 id="x">${text()}</h2><span class="mw-editsection"><a href="/w">edit</a></span></div>\n<p>${inline()}${cite()}${inline()}\n</p>${maybe(0.4) ? `<table class="wikitable sortable">\n<caption>${text()}</caption><tbody>${many(4, () => `<tr>\n<th scope="row">${inline()}\n</th>${many(3, () => `<td>${inline()}\n</td>`)}</tr>\n`)}</tbody></table>` : ""}${maybe(0.3) ? `<ul>${many(3, () => `<li>${inline()}${cite()}</li>\n`)}</ul>` : ""}`;
    return `<html class="client-nojs" lang="${one(["en", "fa", "ar"])}" dir="${one(["ltr", "rtl"])}"><body><div class="mw-parser-output">${many(4, part)}<ol class="references"><li id="cite_note-1"><span class="mw-cite-backlink"><b><a href="#cite_ref-1">^</a></b></span> <cite>${text()}</cite></li></ol></div></body></html>`;
  };

  const wordDocument = () => {
    let notes = "";
    let noted = 0;
    const note = () => {
      const n = ++noted;
      if (maybe(0.85)) notes += `<div style='mso-element:footnote' id=ftn${n}>\n\n<p class=MsoFootnoteText><a style='mso-footnote-id:ftn${n}' href="#_ftnref${n}" name="_ftn${n}" title=""><span class=MsoFootnoteReference>[${n}]</span></a> ${maybe(0.9) ? inline() : ""}<o:p></o:p></p>\n\n</div>`;
      return `<a style='mso-footnote-id:ftn${n}' href="#_ftn${n}" name="_ftnref${n}" title=""><span class=MsoFootnoteReference>[${n}]</span></a>`;
    };
    const content = () => `<span lang=${one(["EN-US", "FA", "AR-SA", "EN-GB"])} style='font-size:12.0pt;mso-bidi-font-size:14.0pt'>${inline()}</span>${maybe(0.15) ? note() : ""}${maybe(0.3) ? inline() : ""}<o:p></o:p>`;
    const listed = () => `<p class=MsoListParagraphCxSp${one(["First", "Middle", "Last"])}${maybe(0.2) ? " dir=RTL" : ""} style='text-indent:-18.0pt;mso-list:l${upTo(2)} level${1 + upTo(4)} lfo${1 + upTo(2)}'><![if !supportLists]><span\nstyle='font-family:Symbol'><span style='mso-list:Ignore'>${one(["·", "o", "1.", "12.", "a)", "(iv)", "۳.", "§"])}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>${content()}</p>\n\n`;
    const paragraph = () => one([listed, listed, () => `<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n\n`, () => `<p class=MsoNormal dir=RTL style='text-align:right;direction:rtl'>${content()}</p>\n\n`, () => `<p class=MsoNormal>${content()}</p>\n\n`, () => `<h${1 + upTo(6)}>${content()}</h1>`, () => `<table class=MsoTableGrid border=1>${many(3, () => `<tr style='mso-yfti-irow:0'>${many(3, () => `<td width=100 valign=top>\n  <p class=MsoNormal>${content()}</p>\n  </td>`)}</tr>`)}</table>`, () => `<div style='mso-element:para-border-div'><p class=MsoQuote>${content()}</p></div>`, () => `<br clear=all style='page-break-before:always'>`])();
    const body = Array.from({ length: 1 + upTo(9) }, paragraph).join("");
    return `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml>no</xml><![endif]--><style><!-- no --></style></head><body lang=EN-US><!--StartFragment-->${body}${notes && `<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all>\n\n<hr align=left size=1 width="33%"><![endif]>${notes}</div>`}<!--EndFragment--></body></html>`;
  };

  const docsDocument = () => {
    const run = () => `<span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;font-weight:${one([400, 400, 700])};font-style:${one(["normal", "italic"])};text-decoration:${one(["none", "underline", "line-through"])};vertical-align:${one(["baseline", "super", "sub"])};white-space:pre;white-space:pre-wrap;">${text()}${maybe(0.1) ? "<br>" : ""}</span>`;
    const runs = () => many(4, () => (maybe(0.15) ? `<a href="${href()}" style="text-decoration:none;">${run()}</a>` : run()));
    const paragraph = () => `<p dir="${one(["ltr", "rtl"])}" style="line-height:1.38;margin-top:0pt;">${runs()}</p>`;
    const list = (depth) => { const name = one(["ul", "ol"]); return `<${name} style="margin-top:0">${many(3, () => `<li dir="ltr" style="list-style-type:disc;white-space:pre" aria-level="${depth}">${paragraph()}</li>${depth < 4 && maybe(0.3) ? list(depth + 1) : ""}`)}</${name}>`; };
    const block = () => one([paragraph, paragraph, () => "<br />", () => list(1), () => `<h${1 + upTo(6)} dir="ltr">${runs()}</h1>`, () => `<div dir="ltr" align="left"><table><colgroup><col /></colgroup><tbody>${many(3, () => `<tr style="height:0pt">${many(3, () => `<td style="vertical-align:top">${maybe(0.7) ? paragraph() : "<br>"}</td>`)}</tr>`)}</tbody></table></div>`, () => `<hr /><p><span style="border:none;display:inline-block"><img src="x" /></span></p>`])();
    return `<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-${seed}">${many(8, block)}</b>${maybe(0.5) ? `<br class="Apple-interchange-newline">` : ""}`;
  };

  const libre = () => {
    let notes = "";
    const note = (n) => {
      notes += `<div id="sdfootnote${n}"><p class="sdfootnote"><a class="sdfootnotesym" name="sdfootnote${n}sym" href="#sdfootnote${n}anc">${n}</a>${one(["\t", " ", ""])}${inline()}</p></div>`;
      return `<a class="sdfootnoteanc" name="sdfootnote${n}anc" href="#sdfootnote${n}sym"><sup>${n}</sup></a>`;
    };
    const body = Array.from({ length: upTo(8) }, (_, n) => one([
      () => `<p class="western" style="margin-bottom: 0cm; line-height: 100%"><font face="Liberation Serif, serif"><font size="3">${inline()}</font></font>${maybe(0.3) ? note(n + 1) : ""}</p>\n`,
      () => `<p lang="fa-IR" dir="rtl" align="right">${inline()}</p>\n`,
      () => `<ol${maybe(0.3) ? " start=2" : ""}>\n\t${many(3, () => `<li><p style="margin-bottom: 0cm">${inline()}</p>${maybe(0.3) ? `<ul><li><p>${inline()}</p></li></ul>` : ""}</li>\n\t`)}</ol>\n`,
      () => `<table width="100%" cellpadding="4"><col width="128*"/><tr valign="top">${many(4, () => `<td width="50%"><p>${inline()}</p></td>\n`)}</tr></table>\n`,
      () => `<p><br/>\n<br/>\n</p>\n`,
    ])()).join("");
    return `<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice 24.2 (Linux)"/><style type="text/css">no</style></head><body lang="en-US" dir="ltr">${body}${notes}</body></html>`;
  };

  const pages = () => `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN"><html><head><meta name="Generator" content="Cocoa HTML Writer"><style type="text/css">no</style></head><body>\n${many(8, () => one([
    () => `<p class="p${upTo(4)}"><span class="s1">${inline()}</span>${maybe(0.3) ? `<span class="Apple-converted-space">&nbsp;</span>` : ""}${maybe(0.2) ? `<span class="Apple-tab-span" style="white-space:pre">\t</span>x` : ""}</p>\n`,
    () => `<p class="p2"><br></p>\n`,
    () => `<ul class="ul1">\n<li class="li1"><span class="s2"></span>${inline()}</li>\n<ul class="ul1"><li>${inline()}</li></ul></ul>\n`,
    () => `<table cellspacing="0" class="t1"><tbody><tr><td valign="middle" class="td1"><p class="p3">${inline()}</p></td><td>${text()}</td></tr></tbody></table>\n`,
  ])())}</body></html>`;

  const [dialect, make] = one([["web", web], ["web", web], ["wiki", wiki], ["Word", wordDocument], ["Word", wordDocument], ["Docs", docsDocument], ["LibreOffice", libre], ["Pages", pages]]);
  return { dialect, html: make() };
}
