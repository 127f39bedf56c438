// Cases written by hand: [name, source, what is read, what is dropped].

const ignore = (text, font = "Symbol") => `<![if !supportLists]><span style='font-family:${font};mso-fareast-font-family:${font}'><span style='mso-list:Ignore'>${text}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>`;
const word = (body) => `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0} --></style></head><body lang=EN-US style='tab-interval:36.0pt'><!--StartFragment-->${body}<!--EndFragment--></body></html>`;
const item = (level, marker, text, list = "l0", font = "Symbol") => `<p class=MsoListParagraphCxSpMiddle style='text-indent:-18.0pt;mso-list:${list} level${level} lfo1'>${ignore(marker, font)}${text}<o:p></o:p></p>`;
const docs = (body) => `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1a2b3c4d-7fff-0000-1111-222233334444">${body}</b><br class="Apple-interchange-newline">`;
const run = (text, style = "") => `<span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;font-weight:400;font-style:normal;text-decoration:none;vertical-align:baseline;white-space:pre-wrap;${style}">${text}</span>`;
const office = (body) => `<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"/><title></title><meta name="generator" content="LibreOffice 24.2.1.2 (Linux)"/><style type="text/css">p { margin: 0 }</style></head><body lang="en-GB" link="#000080" dir="ltr">${body}</body></html>`;
const pages = (body) => `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN"><html><head><meta name="Generator" content="Cocoa HTML Writer"><style type="text/css">p.p1 {margin: 0.0px}</style></head><body>${body}</body></html>`;

export const cases = [
  // Paragraphs and white space.
  ["paragraphs", "<p>One</p>\n<p>Two</p>", "p(One) p(Two)"],
  ["loose text", "One <b>two</b> three", "p(One [strong:two] three)"],
  ["white space collapses across elements", "<p>\n a <b> b </b> c\t\td \n</p>", "p(a [strong:b ]c d)"],
  ["no-break spaces stay", "<p>10&nbsp;km&nbsp; off</p>", "p(10\u00a0km\u00a0 off)"],
  ["breaks, but not the last", "<p><br>a<br> b<br><br>c<br></p>", "p(a/b//c)"],
  ["empty paragraphs go", "<p>a</p><p>&nbsp;</p><p> </p><p><br></p><p>b</p>", "p(a) p(b)"],
  ["soft hyphens, joiners, bidi controls stay", "<p>a\u00adb\u200cc\u200dd\u200ee\u202bf\u202cg\u2067h\u2069\u2060\ufeff</p>", "p(a\u00adb\u200cc\u200dd\u200ee\u202bf\u202cg\u2067h\u2069\u2060\ufeff)"],
  ["divisions are lines", "<div>a<div>b</div>c</div><section>d</section>", "p(a) p(b) p(c) p(d)"],
  ["display counts", "<span style='display:block'>a</span><span style=display:block>b</span><div style=display:inline>c</div><div style=display:inline>d</div>", "p(a) p(b) p(cd)"],
  ["pre-wrap keeps, pre-line keeps ends of lines", "<p style='white-space:pre-wrap'>a  b\nc</p><p style='white-space:pre-line'>a  b \n c</p>", "p(a  b/c) p(a b/c)"],
  // Blocks.
  ["subheads are clamped", "<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6><div role=heading aria-level=3>r</div>", "h2(1) h2(2) h3(3) h4(4) h4(5) h4(6) h3(r)"],
  ["a subhead is bold by nature", "<h2 style='font-weight:700'>a <b>b</b></h2>", "h2(a [strong:b])"],
  ["quote with footer", "<blockquote><p>a</p><p>b</p><footer>— <cite>C</cite>, D</footer></blockquote>", "quote((a) (b) —(— [emphasis:C], D))"],
  ["quote with cite", "<blockquote>a <cite>C</cite></blockquote>", "quote((a) —(C))"],
  ["quote with cite after a dash", "<blockquote><p>a</p><p>— <cite>C</cite></p></blockquote>", "quote((a) —(— C))"],
  ["cite within a quote is the title of a work", "<blockquote><p>I read <cite>C</cite> <i>twice</i></p></blockquote>", "quote((I read [emphasis:C] [emphasis:twice]) —())"],
  ["quote in a quote", "<blockquote>a<blockquote>b</blockquote>c</blockquote>", "quote((a) (b) (c) —())", "quote-nesting 1"],
  ["lists", "<ol start=3><li>a<ul><li>b<li><p>c</p><p>d</p></ul><li>e</ol>", "ol3(((a) ul(((b)) ((c/d)))) ((e)))"],
  ["list in a list", "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "ul(((a) ul(((b)))) ((c)))"],
  ["text after an inner list is an item", "<ul><li>a<ul><li>b</ul>c</ul>", "ul(((a) ul(((b)))) ((c)))"],
  ["items without a list", "<li>a<li>b", "ul(((a)) ((b)))"],
  ["list in a quote", "<blockquote><ul><li>a<li>b</ul></blockquote>", "quote((a) (b) —())", "quote-nesting 1"],
  ["table", "<table><caption>T</caption><thead><tr><th>A<th>B</thead><tbody><tr><td>1<td>2<tr><td colspan=2>3<tr><td rowspan=2>4<td>5<tr><td>6</tbody><tfoot><tr><td colspan=2>Source: me</tfoot></table>",
    "table(caption(T) (tr(th(A) th(B)) tr(td(1) td(2)) tr(td(3) td()) tr(td(4) td(5)) tr(td() td(6))) source(Source: me))"],
  ["a cell of paragraphs and a list", "<table><tr><td><p>a</p><p>b</p><td><ul><li>c<li>d</ul></table>", "table(caption() (tr(td(a/b) td(c/d))) source())", "table-nesting 1"],
  ["table in a table", "<table><tr><th>a<td><table><tr><td>b<td>c</table></table>", "table(caption() (tr(th(a) td(b/c))) source())", "table-nesting 1"],
  ["layout tables are no tables", "<table role=presentation><tr><td><p>a<td><p>b</table><table><tr><td><h2>c</h2></table>", "p(a) p(b) h2(c)"],
  ["layout table around a table", "<table><tr><td>a<td><table><tr><td>b<td>c</table></table>", "p(a) table(caption() (tr(td(b) td(c))) source())", "table-nesting 1"],
  ["preformatted", "<pre>\n a\n\n  <b>b</b><br>c\n</pre>", "pre( a\n\n  [strong:b]\nc)"],
  ["code in preformatted text", "<pre><code>a\tb</code></pre><p><code>c</code>", "pre(a\tb) p([code:c])"],
  ["lines of code as divisions", "<pre><div>a</div><div><br></div><div> b</div></pre>", "pre(a\n\n b)"],
  ["rule", "a<hr>b", "p(a) hr p(b)"],
  ["terms", "<dl><dt>a<dd>b</dl>", "p(a) p(b)"],
  // Marks.
  ["marks by element", "<p><b>a</b><em>b</em><u>c</u><s>d</s><code>e</code><sub>f</sub><sup>g</sup><small>h</small><mark>i</mark>",
    "p([strong:a][emphasis:b][underline:c][strike:d][code:e][sub:f][sup:g][small:h][mark:i])"],
  ["marks by style", "<p><span style='FONT-WEIGHT: 600'>a</span><span style='font-style:italic !important'>b</span><span style='text-decoration: underline line-through'>c</span><span style='vertical-align:super'>d</span><span style='vertical-align:sub'>e</span><span style='font-weight:500'>f</span>",
    "p([strong:a][emphasis:b][underline:[strike:c]][sup:d][sub:e]f)"],
  ["styles take marks away", "<b>a<span style='font-weight:normal'>b</span></b><i style='font-style:normal'>c</i>", "p([strong:a]bc)"],
  ["links", "<a href='https://example.org/a?b=1&amp;c=2' title=' A  b '>a</a> <a href=mailto:a@example.org>b</a> <a href='//example.org/x y'>c</a>",
    "p([link=https://example.org/a?b=1&c=2,A b:a] [link=mailto:a@example.org:b] [link=https://example.org/x%20y:c])"],
  ["links that may not be", "<a href='javascript:alert(1)'>a</a><a href=' JaVa&#9;Script:x'>b</a><a href='data:text/html,x'>c</a><a href='/path'>d</a><a href='file:///etc'>e</a><a href='#x'>f</a><a href='https:example'>g</a><a href='http://'>h</a><a href='vbscript:x'>i</a>",
    "p(abcdefghi)", "link 8"],
  ["language of a run", "<p>a <span lang=fa dir=rtl>سلام</span> <i lang=de>b</i> <bdo dir=rtl>c</bdo>", "p(a [lang=fa,rtl:سلام] [emphasis:[lang=de:b]] [lang=rtl:c])"],
  ["language of a block", "<div lang=fa dir=rtl><p>سلام <span lang=fa>دنیا</span> <span lang=en dir=ltr>hi</span><ul><li>یک</ul></div>", "p@fa@rtl(سلام دنیا [lang=en,ltr:hi]) ul@fa@rtl(((یک)))"],
  ["language that is none", "<p lang='x' dir=auto>a <span lang='e\"n'>b</span>", "p(a b)"],
  // Word.
  ["Word: paragraphs", word("<p class=MsoNormal><b><span lang=EN-GB>Bold</span></b> text<o:p></o:p></p>\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n<p class=MsoNormal>Two\nlines<o:p></o:p></p>"), "p([strong:Bold] text) p(Two lines)", "style 1"],
  ["Word: bullets", word(item(1, "·", "a") + item(2, "o", "b", "l0", "Courier New") + item(3, "§", "c", "l0", "Wingdings") + item(1, "·", "d")), "ul(((a) ul(((b) ul(((c)))))) ((d)))", "comment 8, style 1"],
  ["Word: numbers", word(item(1, "3.", "a") + item(2, "a)", "b") + item(1, "4.", "c") + "<p class=MsoNormal>x</p>" + item(1, "v", "d", "l1", "Wingdings")), "ol3(((a) ol(((b)))) ((c))) p(x) ul(((d)))", "comment 8, style 1"],
  ["Word: numbers of the East", word(item(1, "۱.", "یک") + item(1, "أ.", "x", "l2")), "ol(((یک))) ol(((x)))", "comment 4, style 1"],
  ["Word: list paragraph without a list", word("<p class=MsoListParagraph>a</p>"), "p(a)", "style 1"],
  ["Word: list paragraph without a level", `<p class=MsoListParagraph>${ignore("1.")}a</p><p class=MsoListParagraph>${ignore("2.")}b</p>`, "ol(((a)) ((b)))", "comment 4"],
  ["Word: footnote", word("<p class=MsoNormal>Text<a style='mso-footnote-id:ftn1' href=\"#_ftn1\" name=\"_ftnref1\" title=\"\"><span class=MsoFootnoteReference><sup>[1]</sup></span></a>, more.</p><div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1 width=\"33%\"><![endif]><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href=\"#_ftnref1\" name=\"_ftn1\" title=\"\"><sup>[1]</sup></a> The <i>note</i>.<o:p></o:p></p></div></div>"),
    "p(Textnote(The [emphasis:note].), more.)", "comment 2, style 1"],
  ["Word: footnote that is not there", "<p>Text<a href='#_ftn1' name='_ftnref1'>[1]</a>.", "p(Text[1].)"],
  ["Word: footnote without words", "<p>Text<a href='#_ftn1' name='_ftnref1'>[1]</a>.<div id=ftn1><p><a href='#_ftnref1' name='_ftn1'>[1]</a> </p></div>", "p(Text[1].) p([1])"],
  ["Word: conditional comments, xml, vml", word("<!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--><p class=MsoNormal>a<!--[if gte vml 1]><v:shape/><![endif]--><![if !vml]><img src=x alt=y><![endif]></p><xml><o:x>no</o:x></xml>"), "p(a)", "comment 4, office 1, picture 1, style 1"],
  ["Word: tracked changes", word("<p>a <ins cite='mailto:x'>b</ins> <del>c</del></p>"), "p(a [underline:b] [strike:c])", "style 1"],
  ["Word: Persian", word("<p class=MsoNormal dir=RTL style='direction:rtl'><span lang=FA>می‌روم</span><span dir=LTR></span><span lang=EN-US dir=LTR>NATO</span></p>"), "p@rtl([lang=FA:می‌روم][lang=ltr:NATO])", "style 1"],
  // Google Docs.
  ["Docs: paragraphs", docs(`<p dir="ltr" style="line-height:1.38">${run("Plain ")}${run("bold", "font-weight:700")}${run("  two")}</p><br><p dir="ltr">${run("it", "font-style:italic")}${run("un", "text-decoration:underline")}${run("2", "vertical-align:super;font-size:0.6em")}</p>`), "p@ltr(Plain [strong:bold]  two) p@ltr([emphasis:it][underline:un][sup:2])"],
  ["Docs: list", docs(`<ul><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation">${run("a")}</p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr" role="presentation">${run("b")}</p></li></ul></ul>`), "ul((([lang=ltr:a]) ul((([lang=ltr:b])))))"],
  ["Docs: link", docs(`<p><a href="https://example.org/" style="text-decoration:none">${run("a", "text-decoration:underline;color:#1155cc")}</a></p>`), "p([link=https://example.org/:a])"],
  ["Docs: table", docs(`<div dir="ltr" style="margin-left:0pt" align="left"><table style="border:none"><colgroup><col width="300"/></colgroup><tbody><tr><td><p dir="ltr">${run("a")}</p></td><td><br></td></tr></tbody></table></div>`), "table(caption() (tr(td([lang=ltr:a]) td())) source())"],
  ["Docs: footnote", `<p>a<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup> b</p><hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a><span>&nbsp;The note</span></p></div>`, "p(anote(The note) b) hr"],
  // LibreOffice and Pages.
  ["LibreOffice", office(`<h1 class="western">T</h1><p class="western" align="left"><font face="Liberation Serif"><b>a</b></font> <span lang="de-DE">b</span></p><p lang="fa-IR" dir="rtl">پ</p>`), "h2(T) p([strong:a] [lang=de-DE:b]) p@fa-IR@rtl(پ)", "style 1"],
  ["LibreOffice: footnote", office(`<p>a<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a></p><div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" name="sdfootnote1sym" href="#sdfootnote1anc">1</a>\tNote</p></div>`), "p(anote(Note))", "style 1"],
  ["LibreOffice: list", office(`<ol><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ol>`), "ol(((a)) ((b) ul(((c)))))", "style 1"],
  ["Pages", pages(`<p class="p1"><span class="s1"><b>a</b></span><span class="Apple-tab-span" style="white-space:pre">\t</span>b<span class="Apple-converted-space">&nbsp;</span></p><p class="p2"><br></p><ul class="ul1"><li class="li1"><span class="s2"></span>c</li></ul>`), "p([strong:a]\tb\u00a0) ul(((c)))", "style 1"],
  // The web.
  ["encyclopedia", `<h2><span class="mw-headline" id="H">History</span><span class="mw-editsection" style="display:none">[edit]</span></h2><p><b>Rey</b> (<a href="https://fa.example.org/wiki/x" title="Persian">Persian</a>: <span lang="fa" dir="rtl">ری</span>) is<sup id="cite_ref-1" class="reference"><a href="#cite_note-1">[1]</a></sup> old.</p><figure><a href="https://example.org/f"><img src="a.jpg" alt="A"></a><figcaption>A view</figcaption></figure><table class="wikitable"><tbody><tr><th>Y</th><th>N</th></tr><tr><th>1</th><td>2</td></tr></tbody></table><ol class="references"><li id="cite_note-1"><a href="#cite_ref-1">^</a> Book</li></ol>`,
    "h2(History) p([strong:Rey] ([link=https://fa.example.org/wiki/x,Persian:Persian]: [lang=fa,rtl:ری]) is[sup:[1]] old.) p(A view) table(caption() (tr(th(Y) th(N)) tr(th(1) td(2))) source()) ol(((^ Book)))", "hidden 1, picture 1"],
  ["Arabic page", `<html lang=ar dir=rtl><body><article><h1>عنوان</h1><p>نصّ <bdi>Name</bdi> عربي‏ ١٢٣</p></article>`, "h2@ar@rtl(عنوان) p@ar@rtl(نصّ Name عربي‏ ١٢٣)"],
  ["Persian with half-spaces", "<p dir=rtl lang=fa>می‌خواهم کتاب‌ها را&zwnj;&rlm;</p>", "p@fa@rtl(می‌خواهم کتاب‌ها را‌‏)"],
  ["ruby keeps its brackets", "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "p(漢(kan))"],
  ["hidden text", "<p>a<span hidden>b</span><span style='display:none'>c</span><span style='visibility:hidden'>d<i style='visibility:visible'>e</i></span><dialog>f</dialog><span style='mso-hide:all'>g</span>", "p(a[emphasis:e])", "hidden 5"],
  ["forms", "<form>a<label>b</label><input value=c><button>d</button><select><option>e</select><textarea>f</textarea></form>", "p(a)", "form 5"],
  ["embeds", "a<iframe src=x>b</iframe><video>c</video><audio></audio><object>d</object><canvas>e</canvas>", "p(a)", "embed 5"],
  ["drawings, formulas, scripts", "a<svg><text>b</text></svg><math><mi>c</mi></math><script>d</script><style>e</style><template>f</template><noscript>g</noscript>", "p(a)", "math 1, noscript 1, script 1, style 1, svg 1, template 1"],
  ["q", "<p>a <q>b</q>", "p(a b)", "quote-marks 1"],
  // Malformed and hostile.
  ["nothing", "", ""],
  ["only a script", "<script>alert(1)</script>", "", "script 1"],
  ["unclosed", "<p>a<b>b<i>c</b>d<p>e", "p(a[strong:b][strong:[emphasis:c]][emphasis:d]) p([emphasis:e])"],
  ["blocks in inline elements", "<b>a<p>b</p>c</b>", "p([strong:a]) p([strong:b]) p([strong:c])"],
  ["table in pieces", "<td>a</td><tr><td>b<table><td>c<td>d", "p(ab) table(caption() (tr(td(c) td(d))) source())"],
  ["handlers and styles are not kept", "<p onclick=alert(1) style='background:url(javascript:1)' class=x id=y>a<b onmouseover=x>b</b><img src=x onerror=alert(1)>", "p(a[strong:b])", "picture 1"],
  ["controls and halves of characters", "<p>a\u0001b\u0085c\ud800d\u007fe&#128;f😀</p>", "p(a\ufffdb\ufffdc\ufffdd\ufffde€f😀)", "unreadable 4"],
  ["a character in two elements", "<p>\ud83d<b>\ude00</b>", "p(\ufffd[strong:\ufffd])", "unreadable 2"],
  ["text that looks like HTML", "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;", "p(<script>alert(1)</script> &amp;)"],
  ["huge spans", "<table><tr><td colspan=99999 rowspan=99999>a<td>b<tr><td>c<td>d</table>", undefined],
  ["a list around nothing", "<ul><li></li><li> </li></ul><table><tr><td></table><blockquote></blockquote><pre> </pre>", ""],
];

export const texts = [
  ["paragraphs and breaks", "a\nb\n\nc", "p(a/b) p(c)"],
  ["many empty lines", "\n\na\n \t\n\n\nb\n\n", "p(a) p(b)"],
  ["ends of lines of Windows", "a\r\nb\r\n\r\nc\rd", "p(a/b) p(c/d)"],
  ["byte for byte", "  a  b\t<b>\u00a0\u200c\u00ad &amp; ", "p(  a  b\t<b>\u00a0\u200c\u00ad &amp; )"],
  ["controls", "a\0b\u001bc\udc00d\fe", "p(a\ufffdb\ufffdc\ufffdd\ufffde)", "unreadable 4"],
  ["nothing", " \n ", ""],
];
