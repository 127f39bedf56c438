package body

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"broadsheet/internal/platform/lang"
)

func fromHTML(src string) Body {
	b, _ := FromHTML(src, HTMLOptions{Asset: pictureAt, Origin: "test"})
	return b
}

// stable fails the test when a body that came from HTML changes by going
// through HTML once more.
func stable(t testing.TB, src string) {
	t.Helper()
	second := Render(fromHTML(string(Render(fromHTML(src), renderer("en")))), renderer("en"))
	third := Render(fromHTML(string(second)), renderer("en"))
	if second != third {
		t.Fatalf("%q\ngot  %s\nwant %s", src, third, second)
	}
}

// letters are all that is seen of a text, in any order: blocks may put a
// caption before what it captions.
func letters(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
	slices.Sort(runes)
	return string(runes)
}

// seen is the visible text of HTML as a browser shows it.
func seen(n *html.Node, b *strings.Builder) {
	if n.Type == html.TextNode {
		s, _ := lang.MapC1(lang.Newlines(n.Data))
		b.WriteString(s)
	}
	if n.Type == html.ElementNode && (dropped[n.Data] || n.Data == "iframe" || n.Data == "video" || n.Data == "audio") {
		if n.Data == "iframe" && repaired(attr(n, "src")) != "" && n.Parent != nil {
			b.WriteString(attr(n, "title"))
		}
		return
	}
	if n.Data == "q" && n.Type == html.ElementNode {
		b.WriteString("“”")
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		seen(child, b)
	}
}

func keepsText(t testing.TB, src string) {
	t.Helper()
	if strings.Contains(src, "class") {
		return // our own boxes hold words of the renderer
	}
	root, err := parsed(src)
	if err != nil {
		return
	}
	var b strings.Builder
	seen(root, &b)
	got, want := letters(Plain(fromHTML(src))), letters(b.String())
	if got != want {
		t.Fatalf("%q\ngot  %q\nwant %q", src, got, want)
	}
}

var malformed = []string{
	"<p>One<p>Two", "text <b>bold <i>both</b> italic</i> none", "<table><tr><td>a<td>b<tr><td>c</table>",
	"<table>foster<tr><td>x</table>", "<ul><li>a<ul><li>b</ul>c<li>d</ul>", "<a href=/1>x<a href=/2>y</a>",
	"<h2>Head<p>para</h2>tail", "<blockquote>q<h3>h</h3></blockquote>", "<dl><dt>t<dd>d</dl>", "</p></div>x",
	"<details><summary>s</summary>body</details>", "<svg><title>t</title><text>x</text></svg>y", "<math><mi>x</mi></math>",
	"<script>alert(1)</script>kept<style>p{}</style>", "<select><option>one<option>two</select>", "<textarea>t</textarea>",
	"<iframe src=https://youtu.be/x>ignored</iframe>", "<p><img src=/media/k1/800.jpg alt=x></p>", "<img src=https://e.org/a.jpg>text",
	"<ol reversed><li>a</ol>", "<ol start=4><li value=9>a<li>b</ol>", "<table><tr><td colspan=2>a</table>", "<xmp><b>raw</b></xmp>",
	"<p>a<br><br>b</p>", "<noscript><p>n</p></noscript>", "<button>b</button><label>l</label>", "<my-el>x<p>y</my-el>",
	"<!-- c -->x<!doctype html>", "<body><p>in</body></html>after", "a\x00b\x80c", "&#1;&#x81;&nbsp;x", "<pre>\n\n  two\n</pre>",
	"<figure><table><tr><td>1<td>2</table><figcaption>cap</figcaption></figure>", "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
	"<figure><video src=/v.mp4></video><figcaption>v</figcaption></figure>", "<object data=/x.pdf>fall <b>back</b></object>",
	"<li>stray</li><td>cell</td>", "<p dir=rtl>سلام <span lang=en>name</span></p>", "<template><p>t</p></template>z",
	"<ul>loose<li>x</ul>", "<ul><A><ul>", "<ul><ul><li>x</ul></ul>", "<center><font color=red>c</font></center>", strings.Repeat("<div>", 600) + "deep",
	strings.Repeat("<blockquote>", 40) + "deep", strings.Repeat("<ul><li>", 30) + "deep", strings.Repeat("<dl><dd>", 80) + "deep",
}

func TestNothingVisibleIsLostOnImport(t *testing.T) {
	for _, src := range malformed {
		keepsText(t, src)
		stable(t, src)
		b := fromHTML(src)
		if found := Check(b); len(found) > 0 {
			t.Errorf("%.60q: %v", src, found)
		}
		safe(t, Render(b, renderer("en")))
	}
	for _, s := range hostile(t) {
		keepsText(t, s)
		stable(t, s)
		safe(t, Render(fromHTML(s), renderer("en")))
	}
}

func TestRealPagesComeThroughWhole(t *testing.T) {
	pages, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "data", "feeds", "microformats", "tests", "*", "*", "*.html"))
	for _, page := range pages {
		src, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		stable(t, string(src))
		if found := Check(fromHTML(string(src))); len(found) > 0 {
			t.Errorf("%s: %v", page, found)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, src := range malformed {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		keepsText(t, src)
		stable(t, src)
		b := fromHTML(src)
		safe(t, Render(b, renderer("en")))
		if len(src) < 1000 && len(Check(b)) > 0 {
			t.Fatalf("%q: %v", src, Check(b))
		}
	})
}

func TestHTMLBecomesBlocks(t *testing.T) {
	picture := Text{{Picture: Inline{Asset: 1, Alt: "x"}}}
	tests := []struct {
		name, src string
		want      []Value
	}{
		{"paragraphs", "<p>One</p><p>Two</p>", []Value{Paragraph{Text: T("One")}, Paragraph{Text: T("Two")}}},
		{"loose text", "One <p>Two</p> three", []Value{Paragraph{Text: T("One")}, Paragraph{Text: T("Two")}, Paragraph{Text: T("three")}}},
		{"marks", "<p>a <b>b<i>c</i></b></p>", []Value{Paragraph{Text: Text{{Text: "a "}, {Text: "b", Marks: Strong}, {Text: "c", Marks: Strong | Emphasis}}}}},
		{"styles", `<p><span style="font-weight: bold">b</span></p>`, []Value{Paragraph{Text: Text{{Text: "b", Marks: Strong}}}}},
		{"link", `<p><a href=" https://e.org/a b " title=t>x</a></p>`, []Value{Paragraph{Text: Text{{Text: "x", Link: Link{"https://e.org/a%20b", "t"}}}}}},
		{"bad link", "<p><a href='java\tscript:x'>x</a></p>", []Value{Paragraph{Text: T("x")}}},
		{"headings", "<h1>a</h1><h4>b</h4>", []Value{Subhead{Level: 2, Text: T("a")}, Subhead{Level: 3, Text: T("b")}}},
		{"lists", "<ol start=3><li>a<ul><li>b</ul></ol>", []Value{List{Ordered: true, Start: 3, Items: []Item{{Text: T("a"), List: &List{Items: []Item{{Text: T("b")}}}}}}}},
		{"quote", "<blockquote><p>a</p><cite>b</cite></blockquote>", []Value{Quote{Paragraphs: []Text{T("a")}, Attribution: Text{{Text: "b", Marks: 0}}}}},
		{"pull quote", `<figure class="wp-block-pullquote"><blockquote><p>a</p></blockquote></figure>`, []Value{PullQuote{Text: T("a")}}},
		{"figure", `<figure><a href="/media/k1/f.jpg"><img src="/media/k1/8.jpg" alt="x"></a><figcaption>c</figcaption></figure>`, []Value{Figure{Asset: 1, Caption: T("c"), Alt: "x"}}},
		{"picture alone", `<p><img src="/media/k1/8.jpg" alt="x"></p>`, []Value{Figure{Asset: 1, Alt: "x"}}},
		{"picture in a line", `<p><img src="/media/k1/8.jpg" alt="x">y</p>`, []Value{Paragraph{Text: append(slices.Clone(picture), Span{Text: "y"})}}},
		{"gallery", `<div class="gallery"><img src=/media/k1/1.jpg><img src=/media/k2/1.jpg></div>`, []Value{Gallery{[]Figure{{Asset: 1}, {Asset: 2}}}}},
		{"table", "<table><caption>c</caption><tr><th>a<th>b<tr><th>x<td>1</table>", []Value{Table{Caption: T("c"), Head: []Text{T("a"), T("b")}, Rows: [][]Text{{T("x"), T("1")}}, Numeric: []bool{false, true}, Labelled: true}}},
		{"rule and text as it stands", "<hr><pre>\n a\n  b</pre>", []Value{Rule{}, Preformatted{Text: T(" a\n  b")}}},
		{"frame", `<iframe src="//www.youtube.com/embed/x" title="Film"></iframe>`, []Value{Embed{"YouTube", "https://www.youtube.com/embed/x", "Film"}}},
		{"definitions", "<dl><dt>a<dd>b</dl>", []Value{Foreign{"test", "dl", []Node{{Element: "dl", Children: []Node{{Element: "dt", Children: []Node{{Text: "a"}}}, {Element: "dd", Children: []Node{{Text: "b"}}}}}}}}},
		{"direction", `<p dir="rtl" lang="fa">ب</p>`, []Value{Paragraph{Text: T("ب"), Lang: Lang{"fa", "rtl"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []Value
			for _, block := range fromHTML(test.src) {
				got = append(got, block.Value)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestLineEndsMakeParagraphsWhenAsked(t *testing.T) {
	b, _ := FromHTML("One\ntwo<br>\nthree\n\nFour <em>a\n\nb</em>\n<blockquote>q</blockquote>\n", HTMLOptions{Paragraphs: true})
	if got, want := Plain(b), "One\ntwo\nthree\n\nFour a\n\nb\n\nq"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatCannotBeKeptIsNamed(t *testing.T) {
	_, got := FromHTML("<script>a</script><script>b</script><style>c</style><a href='javascript:x'>y</a><!--more-->\x01", HTMLOptions{})
	want := []Loss{{"comment", 1}, {"control character", 1}, {leadsNowhere, 1}, {"script", 2}, {"style", 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOurOwnPagesComeBackAsTheyWere(t *testing.T) {
	b := bodyOf("یک two 3")
	var kept Body
	for _, block := range b {
		switch v := block.Value.(type) {
		case Foreign, File, Embed, Gallery, Definition, Post:
			continue
		case Figure:
			v.Alt = ""
			v.Caption = T("Caption by Photograph: Ana Idris")
			block.Value = v
		case Paragraph:
			v.Text = v.Text[:4]
			v.Lang, v.Text[3].Link = Lang{"fa", "rtl"}, Link{"/x", "t"}
			block.Value = v
		}
		kept = append(kept, block)
	}
	kept = Concat(kept, Body{{Value: Embed{"X", "https://x.com/1", "A title"}}, {Value: Gallery{[]Figure{{Asset: 1, Caption: T("Photograph: Ana Idris")}, {Asset: 2, Caption: T("Photograph: Ana Idris")}}}}})
	for i := range kept {
		kept[i].Key = Key("b" + string(rune('a'+i)))
	}
	for _, language := range []string{"en", "fa"} {
		first := Render(kept, renderer(language))
		back, lost := FromHTML(string(first), HTMLOptions{Asset: pictureAt})
		if len(back) != len(kept) || len(lost) > 0 {
			t.Fatalf("got %d blocks and %v, want %d", len(back), lost, len(kept))
		}
		for i := range back {
			back[i].Key = kept[i].Key
		}
		if second := Render(back, renderer(language)); second != first {
			t.Errorf("got  %s\nwant %s", second, first)
		}
	}
}
