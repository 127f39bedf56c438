package body

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestNotesKeepTheirAddressesAndNoTwoHaveOne(t *testing.T) {
	noted := func(s string) Text { return Text{{Text: "x"}, {Note: T(s)}} }
	r := renderer("en")
	one := Body{{"a", Paragraph{Text: noted("1")}}, {"k", Paragraph{Text: append(noted("2"), noted("3")...)}}}
	two := append(Body{{"new", Quote{Paragraphs: []Text{noted("0")}}}}, one...)
	for _, address := range []string{`id="note-k-2">3 `, `href="#mark-k-2"`, `id="mark-k-2" href="#note-k-2"`} {
		if before, after := Render(one, r), Render(two, r); !strings.Contains(string(before), address) || !strings.Contains(string(after), address) {
			t.Errorf("%s is not in %s and %s", address, before, after)
		}
	}
	clash := append(two, Block{"k", Paragraph{Text: noted("4")}}, Block{"k", Post{}}, Block{"<", Paragraph{Text: noted("5")}}, Block{"s-k", List{Items: []Item{{Text: noted("6")}}}})
	seen := map[string]bool{}
	for n := range safe(t, Render(clash, r)).Descendants() {
		if id := attr(n, "id"); n.Type == html.ElementNode && id != "" && strings.Contains(id, "note") {
			if seen[id] {
				t.Errorf("two elements have the id %q", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 7 { // one key may not be in an address
		t.Errorf("got %v", seen)
	}
}

func TestNotesAreComparedWithTheirText(t *testing.T) {
	old := Body{{"a", Paragraph{Text: Text{{Text: "A wall."}, {Note: T("Built in 1900.")}, {Text: " End."}}}}}
	new := Body{{"a", Paragraph{Text: Text{{Text: "A wall."}, {Note: T("Built in 1910.")}, {Text: " End."}}}}}
	c := Diff(old, new)
	if c.Removed != 3 || c.Added != 3 || len(c.Steps) != 1 || c.Steps[0].Fate != Changed {
		t.Fatalf("got %+v", c)
	}
	want := `<p>A wall.<del><span class="unseen"> removed: </span><small> [Built in 1900.]</small><span class="unseen"> end </span></del>` +
		`<ins><span class="unseen"> added: </span><small> [Built in 1910.]</small><span class="unseen"> end </span></ins> End.</p>`
	if got := RenderStep(c.Steps[0], Renderer{Language: "en"}, said); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c := Diff(old, old); !c.Same() {
		t.Errorf("a body differs from itself: %+v", c)
	}
}

func TestPostsAndDefinitionsAreCompared(t *testing.T) {
	was := Post{At: at(5), Title: "The gates open", Byline: "Ana Idris"}
	is := Post{At: at(9), Title: "The gates close", Byline: "Ana Idris"}
	c := Diff(Body{{"p", was}, {"d", Definition{5}}}, Body{{"p", is}, {"d", Definition{6}}})
	var names []string
	for _, f := range c.Steps[0].Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "title time" {
		t.Errorf("got the fields %s", got)
	}
	if len(c.Steps) != 3 || c.Steps[1].Fate != Removed || c.Steps[2].Fate != Added {
		t.Errorf("one topic is no change of another: got %+v", c.Steps)
	}
}

func TestFilesSayWhatTheyAre(t *testing.T) {
	tests := []struct {
		d          Document
		en, ar, fa string
	}{
		{Document{Type: "application/pdf", Bytes: 1_240_000}, "PDF document, 1.2 MB", "مستند PDF، 1.2 ميغابايت", "سند PDF، ۱٫۲ مگابایت"},
		{Document{Type: "text/csv", Bytes: 80}, "Table (CSV), 1 KB", "جدول (CSV)، 1 كيلوبايت", "جدول (CSV)، ۱ کیلوبایت"},
		{Document{Type: "text/plain"}, "Text", "نص", "متن"},
		{Document{Href: "/media/f/model.ods", Type: "application/vnd.oasis.opendocument.spreadsheet", Bytes: 999_600}, "Spreadsheet, 1.0 MB", "جدول بيانات، 1.0 ميغابايت", "صفحهٔ گسترده، ۱٫۰ مگابایت"},
		{Document{Href: "/media/f/shapes.gpkg", Type: "application/octet-stream", Bytes: 45_600_000}, "GPKG, 46 MB", "GPKG، 46 ميغابايت", "GPKG، ۴۶ مگابایت"},
		{Document{Bytes: 2_000_000_000}, "2.0 GB", "2.0 غيغابايت", "۲٫۰ گیگابایت"},
		{Document{Href: "/media/f/x"}, "", "", ""},
	}
	for _, test := range tests {
		for language, want := range map[string]string{"en": test.en, "ar": test.ar, "fa": test.fa} {
			r := Renderer{Language: language}
			name, size := r.kind(test.d)
			if got := strings.Trim(name+wordsFor(language).comma+size, ",، "); got != want {
				t.Errorf("%+v in %s: got %q, want %q", test.d, language, got, want)
			}
		}
	}
}

func TestHeadingsStandBelowTheOneThatTheBodyStandsUnder(t *testing.T) {
	b := Body{{"a", Subhead{Level: 2, Text: T("A")}}, {"b", Subhead{Level: 3, Text: T("B")}}, {"c", KeyPoints{Title: "C", Points: []Text{T("p")}}}, {"d", Paragraph{Text: Text{{Text: "x"}, {Note: T("n")}}}}}
	for under, want := range map[int]string{0: "h2 h3 h2 h2", 1: "h2 h3 h2 h2", 3: "h4 h5 h4 h4", 6: "h6 h6 h6 h6"} {
		var got []string
		for _, part := range strings.Split(string(Render(b, Renderer{Language: "en", Under: under})), "</h")[1:] {
			got = append(got, "h"+part[:1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("under h%d: got %v, want %s", under, got, want)
		}
	}
}

func TestANoteThatWouldHideWordsIsRefused(t *testing.T) {
	note := T("Measured.")
	for _, s := range []Span{{Text: "310 metres", Note: note}, {Break: true, Note: note}} {
		found := Check(Body{{Key: "a", Value: Paragraph{Text: Text{{Text: "It is "}, s}}}})
		if len(found) != 1 || !strings.Contains(found[0].Reason, "span of its own") {
			t.Errorf("%+v: got %v", s, found)
		}
	}
	if found := Check(Body{{Key: "a", Value: Post{At: at(1), Title: "Minister resigns \u202eyadnoM no"}}}); len(found) != 1 {
		t.Errorf("got %v", found)
	}
}
