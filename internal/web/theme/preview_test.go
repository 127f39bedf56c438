package theme_test

import (
	"bytes"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// out is where the preview is written: go test ./internal/web/theme -run
// Preview -out DIR. Serve DIR as the root of a host to look at it.
var out = flag.String("out", "", "write the preview of all pages to this folder")

var languages = []string{"en", "ar", "fa"}

// base loads the base theme under whatever lies over it.
func base(t testing.TB, over ...fs.FS) *theme.Theme {
	t.Helper()
	loaded, err := theme.Load(theme.Sources{Layers: append(over, themes.Base()), Dist: ui.Dist(), Languages: languages})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func desks(loaded *theme.Theme) []desk {
	var all []desk
	for _, spoken := range tongues() {
		all = append(all, desk{tongue: spoken, words: loaded.Words(spoken.lang).In(spoken.digits)})
	}
	return all
}

// render executes a page of the preview; a story gets its surroundings first.
func render(t testing.TB, loaded *theme.Theme, d desk, file string, values any) []byte {
	t.Helper()
	page := file
	if !slices.Contains(theme.Pages, file) {
		page, _, _ = strings.Cut(file, "-")
	}
	var made bytes.Buffer
	switch view := values.(type) {
	case site.StoryPage:
		for _, name := range []string{"part-choice", "part-latest", "part-viewed", "part-focus", "part-gallery"} {
			view.Around = append(view.Around, d.part(t, loaded, name))
		}
		values = view
	case site.FrontPage:
		if view.Lead != nil {
			view.Bands = append(view.Bands, site.Band{Kind: "pair", Parts: []template.HTML{d.part(t, loaded, "part-viewed"), d.part(t, loaded, "part-focus")}}, d.band("gallery", d.cards(2, 6)))
		}
		values = view
	}
	if err := loaded.Execute(&made, d.lang, page, values); err != nil {
		t.Fatal(err)
	}
	return made.Bytes()
}

// part is a rendered part of other pages.
func (d desk) part(t testing.TB, loaded *theme.Theme, name string) template.HTML {
	t.Helper()
	var made bytes.Buffer
	if err := loaded.Part(&made, d.lang, name, d.pages()[name]); err != nil {
		t.Fatal(err)
	}
	return theme.Markup(made.String())
}

// evening is the example of a theme.
func evening() fs.FS { return os.DirFS("../../../themes/evening") }

func TestPreviewOfEveryPageIsWhole(t *testing.T) { previewIsWhole(t, base(t)) }

func TestTheExampleOfAThemePassesTheSameChecks(t *testing.T) {
	loaded, err := theme.Load(theme.Sources{Layers: []fs.FS{evening(), themes.Base()}, Dist: ui.Dist(), Languages: languages, Samples: site.Samples()})
	if err != nil {
		t.Fatal(err)
	}
	previewIsWhole(t, loaded)
	made := string(render(t, loaded, desks(loaded)[0], "plain", desks(loaded)[0].pages()["plain"]))
	if !strings.Contains(made, theme.Prefix+"lamp-") {
		t.Error("the theme's own template and image are not used")
	}
	for _, language := range languages {
		if loaded.Words(language).T("latest.title") == base(t).Words(language).T("latest.title") {
			t.Errorf("the theme's own words are not used in %s", language)
		}
	}
}

func previewIsWhole(t *testing.T, loaded *theme.Theme) {
	t.Helper()
	for _, d := range desks(loaded) {
		for file, values := range d.pages() {
			made := render(t, loaded, d, file, values)
			if *out != "" {
				put(t, file+"-"+d.lang+".html", made)
			}
			if strings.HasPrefix(file, "part-") {
				continue
			}
			text := string(made)
			if got := strings.Count(text, "<h1"); got != 1 {
				t.Errorf("%s in %s has %v first headings, want 1", file, d.lang, got)
			}
			if want := fmt.Sprintf("<html lang=%q dir=%q", d.lang, d.dir); !strings.Contains(text, want) {
				t.Errorf("%s in %s has no %v", file, d.lang, want)
			}
			for _, wrong := range []string{"ZgotmplZ", "<no value>", "style=", "<script>", "<nil>", "href=\"\""} {
				if strings.Contains(text, wrong) {
					t.Errorf("%s in %s has %v", file, d.lang, wrong)
				}
			}
			for _, id := range doubled(text) {
				t.Errorf("%s in %s has two things with id %q", file, d.lang, id)
			}
		}
	}
	if *out != "" {
		putFurniture(t)
	}
}

// doubled are ids that a page has more than once.
func doubled(page string) []string {
	var twice []string
	seen := map[string]int{}
	for _, rest := range strings.Split(page, ` id="`)[1:] {
		id, _, _ := strings.Cut(rest, `"`)
		if seen[id]++; seen[id] == 2 {
			twice = append(twice, id)
		}
	}
	return twice
}

func put(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(*out, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// putFurniture writes the assets and the demonstration newsroom's pictures.
func putFurniture(t *testing.T) {
	err := fs.WalkDir(ui.Dist(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(ui.Dist(), name)
		put(t, "assets/"+name, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := filepath.Glob("../../../demo/pictures/*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for n, picture := range pictures {
		content, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		put(t, fmt.Sprintf("media/%d.jpg", n), content)
	}
}

func TestSiteFolderReplacesAnyFileOfTheTheme(t *testing.T) {
	over := fstest.MapFS{
		"templates/plain.html": {Data: []byte(`{{define "plain"}}<h1>ours: {{.Heading}}</h1>{{end}}`)},
		"words/en.toml":        {Data: []byte("\"latest.title\" = \"Fresh\"\n")},
	}
	plain, ours := base(t), base(t, over)
	var made bytes.Buffer
	if err := ours.Execute(&made, "en", "plain", site.PlainPage{Heading: "a & b"}); err != nil {
		t.Fatal(err)
	}
	if got, want := made.String(), "<h1>ours: a &amp; b</h1>"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := ours.Words("en").T("latest.title"), "Fresh"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := ours.Words("en").T("focus.title"), plain.Words("en").T("focus.title"); got != want {
		t.Errorf("a word that the site does not replace: got %v, want %v", got, want)
	}
	if ours.Revision() == plain.Revision() {
		t.Error("a replaced file leaves the revision as it was")
	}
}

func TestReplacedStyleSheetIsServedUnderANameOfItsOwn(t *testing.T) {
	ours := base(t, fstest.MapFS{"css/front.css": {Data: []byte(".band { color: rebeccapurple }")}})
	var made bytes.Buffer
	if err := ours.Execute(&made, "en", "plain", site.PlainPage{}); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(made.String(), `<link rel="stylesheet" href="`+theme.Prefix)
	name, _, _ := strings.Cut(rest, `"`)
	sheet, err := ours.Asset(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sheet.Type, "text/css; charset=utf-8"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	text := string(sheet.Content)
	for _, want := range []string{"rebeccapurple", "@layer page {", ".masthead", "url(" + theme.Prefix + "vazirmatn-"} {
		if !strings.Contains(text, want) {
			t.Errorf("the joined style sheet has no %v", want)
		}
	}
	for _, wrong := range []string{"@import", "../fonts"} {
		if strings.Contains(text, wrong) {
			t.Errorf("the joined style sheet still has %v", wrong)
		}
	}
}

func TestBrokenThemeIsRefusedBeforeReadersSeeIt(t *testing.T) {
	values := map[string]any{"plain": site.PlainPage{Onward: []site.Link{{Text: "on", Href: "javascript:alert(1)"}}}}
	for promise, broken := range map[string]theme.Sources{
		"a syntax error":             {Layers: []fs.FS{fstest.MapFS{"templates/plain.html": {Data: []byte(`{{define "plain"}}{{if}}{{end}}`)}}}},
		"a page without a template":  {Layers: []fs.FS{fstest.MapFS{"templates/plain.html": {Data: []byte(`{{define "plane"}}{{end}}`)}}}},
		"a value that does not come": {Layers: []fs.FS{fstest.MapFS{"templates/plain.html": {Data: []byte(`{{define "plain"}}{{.Heeding}}{{end}}`)}}}, Samples: map[string]any{"plain": site.PlainPage{}}},
		"an asset that is not there": {Layers: []fs.FS{fstest.MapFS{"templates/plain.html": {Data: []byte(`{{define "plain"}}{{asset "none.css"}}{{end}}`)}}}, Samples: map[string]any{"plain": site.PlainPage{}}},
		"an unsafe address":          {Samples: values},
		"a language without words":   {Languages: []string{"tlh"}},
		"words that do not parse":    {Layers: []fs.FS{fstest.MapFS{"words/en.toml": {Data: []byte(`x = `)}}}},
	} {
		broken.Layers, broken.Dist = append(broken.Layers, themes.Base()), ui.Dist()
		if _, err := theme.Load(broken); err == nil {
			t.Errorf("%s is let through", promise)
		}
	}
}

func TestNumbersArePrintedInTheEditionsDigitsAndGrammar(t *testing.T) {
	loaded := base(t)
	for _, c := range []struct {
		language string
		n        int
		want     string
	}{
		{"en", 1, "1 story"}, {"en", 2, "2 stories"}, {"fa", 12, "۱۲ مطلب"},
		{"ar", 0, "لا مواد"}, {"ar", 1, "مادة واحدة"}, {"ar", 2, "مادتان"}, {"ar", 3, "3 مواد"}, {"ar", 11, "11 مادة"}, {"ar", 100, "100 مادة"},
	} {
		words := loaded.Words(c.language)
		if c.language == "fa" {
			words = words.In(persian)
		}
		if got := words.N("focus.stories", c.n); got != c.want {
			t.Errorf("%d in %s: got %v, want %v", c.n, c.language, got, c.want)
		}
	}
}

// BenchmarkFront measures the front, which is to take no more than 3 ms.
func BenchmarkFront(b *testing.B) {
	loaded := base(b)
	d := desks(loaded)[0]
	values := d.front()
	var made bytes.Buffer
	for b.Loop() {
		made.Reset()
		if err := loaded.Execute(&made, "en", "front", values); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(made.Len()), "bytes")
}
