package theme_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// What a first view may fetch beside its HTML and pictures, in bytes.
const (
	fontBudget  = 60_000
	styleBudget = 9_000
)

func TestFirstViewStaysWithinItsBudget(t *testing.T) {
	loaded := base(t)
	for _, d := range desks(loaded) {
		page := string(render(t, loaded, d, "front", d.front()))
		fonts := 0
		for _, name := range addresses(page, ".woff2") {
			fonts += len(asset(t, loaded, name))
		}
		if fonts == 0 || fonts > fontBudget {
			t.Errorf("the fonts of %s weigh %v, want at most %v", d.lang, fonts, fontBudget)
		}
		for _, name := range addresses(page, ".css") {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			w.Write(asset(t, loaded, name))
			w.Close()
			if packed.Len() > styleBudget {
				t.Errorf("the style sheet weighs %v packed, want at most %v", packed.Len(), styleBudget)
			}
		}
	}
}

// addresses are the names of assets of a kind that a page refers to.
func addresses(page, kind string) []string {
	var names []string
	for _, part := range strings.Split(page, `"`+theme.Prefix)[1:] {
		if name, _, _ := strings.Cut(part, `"`); strings.HasSuffix(name, kind) {
			names = append(names, name)
		}
	}
	return names
}

func asset(t *testing.T, loaded *theme.Theme, name string) []byte {
	t.Helper()
	found, err := loaded.Asset(name)
	if err != nil {
		t.Fatal(err)
	}
	return found.Content
}

var (
	physical  = regexp.MustCompile(`(?:margin|padding|border|inset)-(?:left|right|top|bottom)|[{;]\s*(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height)):|text-align: (?:left|right)|float: (?:left|right)`)
	important = regexp.MustCompile(`!important`)
	byID      = regexp.MustCompile(`(?m)^[^{}@:]*#[a-z][a-z-]*[^{};]*\{`)
	classes   = regexp.MustCompile(`class="([^"]*)"`)
	styled    = regexp.MustCompile(`\.([a-z][a-z-]*)`)
	comments  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	actions   = regexp.MustCompile(`{{[^}]*}}`)
)

// sheets are the style sheets without their comments, joined.
func sheets(t *testing.T) string {
	t.Helper()
	names, err := fs.Glob(themes.Base(), "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	var joined strings.Builder
	for _, name := range names {
		if name == "css/fonts.css" {
			continue
		}
		text, err := fs.ReadFile(themes.Base(), name)
		if err != nil {
			t.Fatal(err)
		}
		joined.Write(comments.ReplaceAll(text, nil))
	}
	return joined.String()
}

func TestStyleSheetsKnowNoSidesAndNoForce(t *testing.T) {
	text := sheets(t)
	for what, wrong := range map[string]*regexp.Regexp{"names a side": physical, "forces": important, "styles an id": byID} {
		if found := wrong.FindString(text); found != "" {
			t.Errorf("a style sheet %s: %q", what, found)
		}
	}
}

// inBodies are classes of the markup that the newsroom's renderer makes, and of
// what scripts add.
var inBodies = []string{"saved-item", "pull-quote", "key-points", "note", "gallery", "embed", "file", "table-frame", "number", "credit", "hint"}

func TestEveryStyledClassIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, name := range inBodies {
		used[name] = true
	}
	names, err := fs.Glob(themes.Base(), "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(themes.Base(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range classes.FindAllSubmatch(text, -1) {
			for _, class := range strings.Fields(string(actions.ReplaceAll(found[1], []byte(" ")))) {
				used[class] = true
			}
		}
	}
	for _, found := range styled.FindAllStringSubmatch(sheets(t), -1) {
		if !used[found[1]] && found[1] != "css" {
			t.Errorf("nothing has the class %q", found[1])
		}
	}
}

func TestAssetsThatNoPageUsesAreNotServed(t *testing.T) {
	loaded := base(t)
	for _, name := range []string{"manifest.json", "../embed.go", "", "site.css"} {
		if _, err := loaded.Asset(name); err == nil {
			t.Errorf("%q is served", name)
		}
	}
	if _, err := fs.Stat(ui.Dist(), "manifest.json"); err != nil {
		t.Fatal(err)
	}
}
