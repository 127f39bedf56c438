package body

import (
	"strings"
	"testing"
	"time"
)

func TestBlocksAreSetAsDrawn(t *testing.T) {
	tests := []struct {
		name   string
		block  Value
		en, fa string
	}{
		{"paragraph", Paragraph{Text: Text{{Text: "A "}, {Text: "b", Marks: Strong}, {Text: "c", Marks: Strong | Emphasis}, {Break: true}, {Text: "<&>\""}}},
			`<p>A <strong>b<em>c</em></strong><br>&lt;&amp;&gt;"</p>`,
			`<p dir="auto">A <strong>b<em>c</em></strong><br>&lt;&amp;&gt;"</p>`},
		{"Persian paragraph", Paragraph{Text: T("۱۲ متن")}, `<p dir="auto">۱۲ متن</p>`, `<p>۱۲ متن</p>`},
		{"digits alone", Paragraph{Text: T("12%")}, `<p>12%</p>`, `<p>12%</p>`},
		{"said language", Paragraph{Text: T("12"), Lang: Lang{Tag: "fa"}}, `<p lang="fa" dir="rtl">12</p>`, `<p lang="fa">12</p>`},
		{"foreign name", Paragraph{Text: Text{{Text: "نام "}, {Text: "TIR", Lang: Lang{Tag: "en"}}}},
			`<p dir="auto">نام <bdi lang="en" dir="ltr">TIR</bdi></p>`, `<p>نام <bdi lang="en" dir="ltr">TIR</bdi></p>`},
		{"foreign name first", Paragraph{Text: Text{{Text: "TIR", Lang: Lang{Tag: "en"}}, {Text: " نام"}}},
			`<p dir="auto"><bdi lang="en" dir="ltr">TIR</bdi> نام</p>`, `<p><bdi lang="en" dir="ltr">TIR</bdi> نام</p>`},
		{"link", Paragraph{Text: Text{{Text: "a", Link: Link{Href: "/x?a&b"}}, {Text: "b", Marks: Code, Link: Link{Href: "/x?a&b"}}}},
			`<p><a href="/x?a&amp;b">a<code>b</code></a></p>`, `<p dir="auto"><a href="/x?a&amp;b">a<code>b</code></a></p>`},
		{"link that may not be", Paragraph{Text: Text{{Text: "1", Link: Link{Href: "javascript:x"}}}}, `<p>1</p>`, `<p>1</p>`},
		{"subhead", Subhead{Level: 3, Text: T("متن")}, `<h3 id="b-k" dir="auto">متن</h3>`, `<h3 id="b-k">متن</h3>`},
		{"quote", Quote{Paragraphs: []Text{T("1"), T("2")}, Attribution: T("3")},
			`<blockquote><p>1</p><p>2</p><footer>3</footer></blockquote>`, `<blockquote><p>1</p><p>2</p><footer>3</footer></blockquote>`},
		{"pull quote", PullQuote{Text: T("«متن»"), Attribution: T("A delegate")},
			`<blockquote class="pull-quote"><p dir="auto">«متن»</p><footer>A delegate</footer></blockquote>`,
			`<blockquote class="pull-quote"><p>«متن»</p><footer dir="auto">A delegate</footer></blockquote>`},
		{"list", List{Ordered: true, Start: 4, Items: []Item{{Text: T("متن"), List: &List{Items: []Item{{Text: T("b")}}}}}},
			`<ol start="4" dir="rtl"><li>متن<ul dir="ltr"><li>b</li></ul></li></ol>`,
			`<ol start="4"><li>متن<ul dir="ltr"><li>b</li></ul></li></ol>`},
		{"figure", Figure{Asset: 1},
			`<figure><img src="/media/k1/800.jpg" srcset="/media/k/400.jpg 400w" sizes="100vw" alt="Two tracks" width="800" height="533" loading="lazy" decoding="async"><figcaption>The line <span class="credit">Photograph: Ana Idris</span></figcaption></figure>`,
			`<figure><img src="/media/k1/800.jpg" srcset="/media/k/400.jpg 400w" sizes="100vw" alt="Two tracks" width="800" height="533" loading="lazy" decoding="async"><figcaption dir="auto">The line <span class="credit" dir="auto">Photograph: Ana Idris</span></figcaption></figure>`},
		{"picture that is gone", Figure{Asset: 9, Caption: T("1")}, `<figure><figcaption>1</figcaption></figure>`, `<figure><figcaption>1</figcaption></figure>`},
		{"table", Table{Caption: T("1"), Head: []Text{T("2"), T("3")}, Rows: [][]Text{{T("4"), T("−33%")}}, Source: T("5"), Numeric: []bool{false, true}, Labelled: true},
			`<div class="table-box"><div class="table-frame" tabindex="0" role="region" aria-labelledby="b-k"><table><caption id="b-k">1</caption><thead><tr><th scope="col">2</th><th scope="col" class="number">3</th></tr></thead><tbody><tr><th scope="row">4</th><td class="number">−33%</td></tr></tbody></table></div><p class="hint">Source: 5</p></div>`,
			`<div class="table-box"><div class="table-frame" tabindex="0" role="region" aria-labelledby="b-k"><table><caption id="b-k">1</caption><thead><tr><th scope="col">2</th><th scope="col" class="number">3</th></tr></thead><tbody><tr><th scope="row">4</th><td class="number"><bdi dir="ltr">−33%</bdi></td></tr></tbody></table></div><p class="hint">منبع: 5</p></div>`},
		{"key points", KeyPoints{Points: []Text{T("1")}},
			`<aside class="key-points" aria-labelledby="b-k"><h2 id="b-k">Key points</h2><ul><li>1</li></ul></aside>`,
			`<aside class="key-points" aria-labelledby="b-k"><h2 id="b-k">نکته‌های کلیدی</h2><ul><li>1</li></ul></aside>`},
		{"preformatted", Preformatted{Text: T("\n 1")}, "<pre>\n\n 1</pre>", "<pre>\n\n 1</pre>"},
		{"rule", Rule{}, `<hr>`, `<hr>`},
		{"embed", Embed{Provider: "YouTube", URL: "https://youtu.be/x", Title: "1"},
			`<div class="embed"><p class="hint">YouTube</p><p><a href="https://youtu.be/x" rel="external">1</a></p><p class="hint">Opens at <bdi dir="ltr">youtu.be</bdi>. Nothing is loaded from there before that.</p></div>`,
			`<div class="embed"><p class="hint"><bdi>YouTube</bdi></p><p><a href="https://youtu.be/x" rel="external">1</a></p><p class="hint">در سایت <bdi dir="ltr">youtu.be</bdi> باز می‌شود و پیش از آن چیزی از آنجا بارگذاری نمی‌شود.</p></div>`},
		{"embed of an address that may not be", Embed{URL: "javascript:x", Title: "1"}, `<p class="embed">1</p>`, `<p class="embed">1</p>`},
		{"file", File{Asset: 4}, `<div class="file"><p><a href="/media/f/report.pdf">Report</a></p><p class="hint">PDF document, 1.2 MB</p></div>`,
			`<div class="file"><p><a href="/media/f/report.pdf"><bdi>Report</bdi></a></p><p class="hint">سند PDF، <bdi>۱٫۲ مگابایت</bdi></p></div>`},
		{"definition", Definition{5}, `<aside class="definition" aria-labelledby="b-k"><h2 id="b-k"><a href="/en/topic/lock">Lock</a></h2><p>A chamber.</p></aside>`,
			`<aside class="definition" lang="en" dir="ltr" aria-labelledby="b-k"><h2 id="b-k"><a href="/en/topic/lock"><bdi>Lock</bdi></a></h2><p>A chamber.</p></aside>`},
		{"definition that is not known", Definition{6}, ``, ``},
		{"post", Post{At: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC), Title: "<A", Byline: "1"},
			`<h2 id="b-k" class="post-head"><time datetime="2026-11-23T14:05:00Z">14:05</time> <span>&lt;A</span></h2><p class="post-byline">1</p>`,
			`<h2 id="b-k" class="post-head"><time datetime="2026-11-23T14:05:00Z">14:05</time> <span dir="auto">&lt;A</span></h2><p class="post-byline">1</p>`},
		{"footnotes", Paragraph{Text: Text{{Text: "1", Marks: Strong}, {Note: Text{{Text: "2", Link: Link{Href: "/x"}}, {Note: T("no")}}, Marks: Strong}, {Text: "3"}, {Note: T("4")}}},
			`<p><strong>1</strong><sup class="note-mark"><a id="mark-k-1" href="#note-k-1" role="doc-noteref" aria-label="Note 1">1</a></sup>3<sup class="note-mark"><a id="mark-k-2" href="#note-k-2" role="doc-noteref" aria-label="Note 2">2</a></sup></p>` +
				`<section class="footnotes" role="doc-endnotes" aria-labelledby="notes-k-1"><h2 id="notes-k-1">Notes</h2><ol><li id="note-k-1"><a href="/x">2</a> <a href="#mark-k-1" role="doc-backlink" aria-label="Back to the text, note 1">↑</a></li>` +
				`<li id="note-k-2">4 <a href="#mark-k-2" role="doc-backlink" aria-label="Back to the text, note 2">↑</a></li></ol></section>`,
			`<p><strong>1</strong><sup class="note-mark"><a id="mark-k-1" href="#note-k-1" role="doc-noteref" aria-label="پانویس ۱">۱</a></sup>3<sup class="note-mark"><a id="mark-k-2" href="#note-k-2" role="doc-noteref" aria-label="پانویس ۲">۲</a></sup></p>` +
				`<section class="footnotes" role="doc-endnotes" aria-labelledby="notes-k-1"><h2 id="notes-k-1">پانویس‌ها</h2><ol><li id="note-k-1"><a href="/x">2</a> <a href="#mark-k-1" role="doc-backlink" aria-label="بازگشت به متن، پانویس ۱">↑</a></li>` +
				`<li id="note-k-2">4 <a href="#mark-k-2" role="doc-backlink" aria-label="بازگشت به متن، پانویس ۲">↑</a></li></ol></section>`},
		{"note", Note{Kind: Correction, Title: "1", Paragraphs: []Text{T("2")}},
			`<section class="note" data-kind="correction" aria-labelledby="b-k"><h2 id="b-k">1</h2><p>2</p></section>`,
			`<section class="note" data-kind="correction" aria-labelledby="b-k"><h2 id="b-k">1</h2><p>2</p></section>`},
		{"foreign", Foreign{Tree: []Node{{Text: "1"}, {Element: "dl", Attributes: map[string]string{"onclick": "x", "dir": "rtl", "style": "x"}, Children: []Node{{Element: "dt", Children: []Node{{Text: "<"}}}}},
			{Element: "iframe", Attributes: map[string]string{"src": "https://e.org/f", "title": "Film"}}, {Element: "img", Attributes: map[string]string{"src": "https://e.org/a.png"}}}},
			`<p>1</p><dl dir="rtl"><dt>&lt;</dt></dl><p><a href="https://e.org/f">Film</a><a href="https://e.org/a.png">a.png</a></p>`,
			`<p>1</p><dl dir="rtl"><dt>&lt;</dt></dl><p><a href="https://e.org/f"><bdi>Film</bdi></a><a href="https://e.org/a.png"><bdi>a.png</bdi></a></p>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for language, want := range map[string]string{"en": test.en, "fa": test.fa} {
				if got := Render(Body{{"k", test.block}}, renderer(language)); string(got) != want {
					t.Errorf("%s: got  %s\nwant %s", language, got, want)
				}
			}
		})
	}
}

func TestFeedsGetPlainMarkupAndWholeAddresses(t *testing.T) {
	r := renderer("en")
	r.Feed, r.BaseURL = true, "https://example.org/"
	b := Body{
		{"a", Paragraph{Text: Text{{Text: "x", Link: Link{Href: "/y"}}}}}, {"b", Figure{Asset: 1, Caption: T("c")}},
		{"c", KeyPoints{Points: []Text{T("p")}}}, {"d", PullQuote{Text: T("q")}},
		{"e", Table{Rows: [][]Text{{T("1")}}, Source: T("s")}}, {"f", File{Asset: 4}}, {"g", Definition{5}}, {"h", Post{At: time.Unix(0, 0), Title: "p"}},
		{"i", Embed{Provider: "P", URL: "https://e.org/x", Title: "t"}}, {"j", Paragraph{Text: Text{{Text: "z"}, {Note: T("n")}}}},
	}
	want := `<p><a href="https://example.org/y">x</a></p>` +
		`<figure><img src="https://example.org/media/k1/800.jpg" alt="Two tracks" width="800" height="533"><figcaption>c <span>Photograph: Ana Idris</span></figcaption></figure>` +
		`<aside><h2>Key points</h2><ul><li>p</li></ul></aside><blockquote><p>q</p></blockquote>` +
		`<div><div><table><tbody><tr><td>1</td></tr></tbody></table></div><p>Source: s</p></div><p><a href="https://example.org/media/f/report.pdf">Report</a> <span>PDF document, 1.2 MB</span></p>` +
		`<aside><h2><a href="https://example.org/en/topic/lock">Lock</a></h2><p>A chamber.</p></aside><h2><time datetime="1970-01-01T00:00:00Z">00:00</time> <span>p</span></h2>` +
		`<p><a href="https://e.org/x">t</a> <span>P</span></p><p>z<sup>1</sup></p><section><h2>Notes</h2><ol><li>n</li></ol></section>`
	if got := Render(b, r); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPlainTextHasTheWordsOfEveryBlock(t *testing.T) {
	got := Plain(bodyOf("w"))
	want := "www\nw|w|w\nw\nw|w\nw|w\nw|w|w\nw\tw\nw\tw\nw|w\nw|w|w|w\nw|w|w\nw|w\nw|w\nw\nw\nw\nw|ww"
	parts := strings.ReplaceAll(got, "\n\n", "|")
	if want = strings.Replace(want, "www\nw", "ww\nw", 1); parts != want {
		t.Errorf("got %q, want %q", parts, want)
	}
}

func TestPlainTextBecomesABodyAndBack(t *testing.T) {
	for _, s := range []string{"One.\nTwo.\n\nThree.", "one", "می‌خواهم\n\n\u2028x"} {
		b := FromText(s)
		if got := Plain(b); got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	}
	if got, want := Plain(FromText("\r\na\r\n \r\n\r\nb\r\n")), "a\n\nb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExcerptLeavesOutWhatIsNotRunningText(t *testing.T) {
	b := Body{{"a", KeyPoints{Points: []Text{T("no")}}}, {"b", Paragraph{Text: T("One two")}}, {"c", Subhead{Text: T("no")}}, {"d", Paragraph{Text: T("three four")}}}
	if got, want := Excerpt(b, 100), "One two three four"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Excerpt(b, 15), "One two three…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkRender(b *testing.B) {
	var long Body
	for range 120 {
		long = append(long, Block{"k", Paragraph{Text: Text{{Text: strings.Repeat("A sentence of an ordinary text. ", 12)}, {Text: "a link", Link: Link{Href: "/x"}}, {Text: strings.Repeat("و این هم جمله‌ای. ", 4)}}}})
	}
	r := renderer("en")
	b.SetBytes(int64(len(Render(long, r))))
	for b.Loop() {
		Render(long, r)
	}
}
