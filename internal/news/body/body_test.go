package body

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"broadsheet/internal/news/ref"
)

// corpus returns the lines of a large collection beside the repository, or
// those of its small twin here.
func corpus(t testing.TB, name string) []string {
	t.Helper()
	root := os.Getenv("BROADSHEET_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	file, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		file, err = os.Open(filepath.Join("testdata", "hostile.txt"))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// pictures is a desk's store of three pictures.
func pictures(id ref.Asset) (Picture, bool) {
	if id < 1 || id > 3 {
		return Picture{}, false
	}
	return Picture{
		Src: "/media/k" + string('0'+rune(id)) + "/800.jpg", Srcset: "/media/k/400.jpg 400w", Sizes: "100vw",
		Width: 800, Height: 533, Alt: "Two tracks", Caption: "The line", Credit: "Photograph: Ana Idris",
	}, true
}

// pictureAt finds the pictures of that store by their addresses.
func pictureAt(address string) (ref.Asset, bool) {
	rest, ok := strings.CutPrefix(address, "/media/k")
	if !ok || len(rest) == 0 || rest[0] < '1' || rest[0] > '3' {
		return 0, false
	}
	return ref.Asset(rest[0] - '0'), true
}

func renderer(language string) Renderer {
	return Renderer{Language: language, Picture: pictures, File: func(id ref.Asset) (Document, bool) {
		return Document{Href: "/media/f/report.pdf", Label: "Report", Type: "application/pdf", Bytes: 1_240_000}, true
	}, Topic: func(id ref.Topic) (Term, bool) {
		return Term{Topic: id, Name: "Lock", Definition: "A chamber.", Href: "/en/topic/lock", Language: "en"}, id == 5
	}, Clock: func(at time.Time) (string, string) { return at.UTC().Format(time.RFC3339), at.UTC().Format("15:04") }}
}

// written are all elements and attributes that a page's body may have beside
// those of foreign trees.
var written = map[string][]string{
	"": {"lang", "dir", "id", "class", "role", "aria-label", "aria-labelledby"}, "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"},
	"section": {"data-kind"}, "div": {"tabindex", "popover"}, "button": {"type", "popovertarget"}, "time": {"datetime"}, "th": {"scope"}, "ol": {"start"},
	"a": {"href", "title", "rel"},
}

// safe fails the test when HTML of ours, read by a browser's rules, has a node
// or an attribute that it must not have.
func safe(t testing.TB, markup HTML) *html.Node {
	t.Helper()
	root := reparsed(t, string(markup))
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode, html.DoctypeNode:
			t.Fatalf("a comment %q in %s", n.Data, markup)
		case html.ElementNode:
			if _, ok := allowed[n.Data]; !ok && n.Data != "button" || n.Data == "iframe" || n.Data == "video" || n.Data == "audio" || n.Namespace != "" {
				t.Fatalf("the element %q in %s", n.Data, markup)
			}
			safeAttributes(t, n, markup)
		}
	}
	return root
}

func safeAttributes(t testing.TB, n *html.Node, markup HTML) {
	t.Helper()
	for _, a := range n.Attr {
		if !slices.Contains(written[""], a.Key) && !slices.Contains(written[n.Data], a.Key) && !slices.Contains(allowed[n.Data], a.Key) {
			t.Fatalf("the attribute %q of %q in %s", a.Key, n.Data, markup)
		}
		if (a.Key == "href" || a.Key == "src") && !Usable(a.Val) && !strings.HasPrefix(a.Val, "#note-") && !strings.HasPrefix(a.Val, "#mark-") {
			t.Fatalf("the address %q in %s", a.Val, markup)
		}
	}
}

func reparsed(t testing.TB, markup string) *html.Node {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(markup), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body
}

// bodyOf is one block of every kind, with s wherever text may stand.
func bodyOf(s string) Body {
	x := T(s)
	return Assign(Body{
		{Value: Paragraph{Text: Text{{Text: s}, {Text: s, Marks: Strong | Sup}, {Break: true}, {Text: s, Link: Link{Href: s, Title: s}}, {Note: Text{{Text: s}, {Text: s, Link: Link{Href: s}}}}}, Lang: Lang{Tag: s, Dir: s}}},
		{Value: Subhead{Level: 2, Text: x}},
		{Value: Quote{Paragraphs: []Text{x, x}, Attribution: x}},
		{Value: PullQuote{Text: x, Attribution: x}},
		{Value: List{Ordered: true, Start: 3, Items: []Item{{Text: x, List: &List{Items: []Item{{Text: x}}}}}}},
		{Value: Figure{Asset: 1, Caption: x, Alt: s}},
		{Value: Table{Caption: x, Head: []Text{x, x}, Rows: [][]Text{{x, x}}, Source: x, Numeric: []bool{false, true}, Labelled: true}},
		{Value: KeyPoints{Title: s, Points: []Text{x}}},
		{Value: Preformatted{Text: x}},
		{Value: Rule{}},
		{Value: Embed{Provider: s, URL: s, Title: s}},
		{Value: Gallery{Pictures: []Figure{{Asset: 2, Caption: x}, {Asset: 9, Caption: x}}}},
		{Value: File{Asset: 4, Label: s}},
		{Value: Note{Kind: Correction, Title: s, Paragraphs: []Text{x}}},
		{Value: Definition{Topic: 5}},
		{Value: Post{At: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC), Title: s, Byline: s}},
		{Value: Foreign{Origin: s, Name: s, Tree: []Node{
			{Element: "details", Attributes: map[string]string{"open": "", s: s}, Children: []Node{{Element: "summary", Children: []Node{{Text: s}}}, {Text: s}}},
			{Element: s, Children: []Node{{Text: s}}}, {Element: "img", Attributes: map[string]string{"src": s, "alt": s}},
			{Element: "a", Attributes: map[string]string{"href": s, "onclick": s}, Children: []Node{{Text: s}}}, {Element: "script", Children: []Node{{Text: s}}},
		}}},
	}, Counter("b"))
}

// hostile returns the texts against which all of the room is tried.
func hostile(t testing.TB) []string {
	lines := corpus(t, "hostile/blns/blns.txt")
	for _, name := range []string{"hostile/xss/payloadbox/xss-payload-list.txt", "hostile/sqli/payloadbox/detect/Generic_ErrorBased.txt"} {
		lines = append(lines, corpus(t, name)...)
	}
	return append(lines, "a\u2028b", "می‌خواهم", "👩‍👩‍👧‍👦", "He wrote \"union select\" and O'Brien's <script>alert('1')</script> -- 100%;",
		"e"+strings.Repeat("\u0301", 500), "\u202Eabc", "{{7*7}}", "]]>", "\n\nlead", "tab\there", "&amp;lt;", "%2527")
}

func TestTextComesOutByteForByte(t *testing.T) {
	for _, s := range hostile(t) {
		b := Body{{"b1", Paragraph{Text: T(s)}}, {"b2", Preformatted{Text: T(s)}}, {"b3", Table{Head: []Text{T("a")}, Rows: [][]Text{{T(s)}}}}}
		if s == "" || len(Check(b)) > 0 {
			continue
		}
		text, err := Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(text)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		root := safe(t, Render(back, Renderer{Language: "en"}))
		for _, name := range []string{"p", "pre", "td"} {
			if got := textOf(first(root, name)); got != s {
				t.Errorf("%s: got %q, want %q", name, got, s)
			}
		}
	}
}

func TestNoTextBecomesMarkup(t *testing.T) {
	for _, s := range hostile(t) {
		for _, language := range []string{"en", "fa"} {
			r := renderer(language)
			safe(t, Render(bodyOf(s), r))
			r.Feed, r.BaseURL = true, "https://example.org"
			safe(t, Render(bodyOf(s), r))
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range hostile(f)[:50] {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := bodyOf(s)
		Check(b)
		Plain(b)
		markup := Render(b, renderer("fa"))
		safe(t, markup)
		stable(t, string(markup))
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a", "/x", "https://example.org/"} {
		text, err := Encode(bodyOf(s))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`[{"type":"rule"},{"type":"list","items":[{"list":{"items":[null]}}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Decode(data)
		if err != nil {
			return
		}
		Check(b)
		safe(t, Render(b, renderer("en")))
		once, err := Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, _ := Encode(again); string(once) != string(twice) {
			t.Fatalf("got %s, want %s", twice, once)
		}
	})
}
