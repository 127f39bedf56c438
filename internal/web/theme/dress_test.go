package theme_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// What a first view may fetch beside its HTML and pictures, in bytes.
const (
	fontBudget  = 60_000
	styleBudget = 10_000
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

// scriptBudget is how many bytes all scripts of one page may have together,
// packed.
const scriptBudget = 3 << 10

func TestTheScriptsOfAPageStayWithinTheirBudget(t *testing.T) {
	loaded := base(t)
	for _, d := range desks(loaded) {
		for _, file := range []string{"front", "story", "saved"} {
			values := d.pages()[file]
			if story, ok := values.(site.StoryPage); ok {
				story.Count = "1a2b3c.d-e_f"
				values = story
			}
			sum, scripts := 0, addresses(string(render(t, loaded, d, file, values)), ".js")
			for _, name := range scripts {
				var packed bytes.Buffer
				w := gzip.NewWriter(&packed)
				w.Write(asset(t, loaded, name))
				w.Close()
				sum += packed.Len()
			}
			t.Logf("%s %s: %d bytes of %d in %d scripts", file, d.lang, sum, scriptBudget, len(scripts))
			if sum > scriptBudget || len(scripts) < 2 {
				t.Errorf("%s in %s has %d scripts of %d bytes, want at least 2 of at most %d", file, d.lang, len(scripts), sum, scriptBudget)
			}
		}
	}
}

// darkBlocks are the rules for dark paper: where the device asks for it, and
// where the reader chose it.
var darkBlocks = regexp.MustCompile(`(?s):root(:not\(\[data-theme=light\]\)|\[data-theme=dark\]) \{\n(.*?)\n  \}`)

func TestDarkByChoiceIsDarkByDevice(t *testing.T) {
	for name, file := range map[string]string{"base": "../../../themes/base/css/base.css", "evening": "../../../themes/evening/css/own.css"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := darkBlocks.FindAllSubmatch(text, -1)
		if len(blocks) != 2 || bytes.Equal(blocks[0][1], blocks[1][1]) || !bytes.Contains(blocks[0][2], []byte("--paper")) {
			t.Fatalf("%s has %d blocks for dark paper, want one for the device and one for the choice", name, len(blocks))
		}
		if !bytes.Equal(blocks[0][2], blocks[1][2]) {
			t.Errorf("%s: dark by choice is\n%s\nwant, as by device,\n%s", name, blocks[1][2], blocks[0][2])
		}
	}
}

var hues = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)

// TestEveryColourOfTextStandsOutOnItsGrounds measures by WCAG 2.2, in both
// schemes of both themes.
func TestEveryColourOfTextStandsOutOnItsGrounds(t *testing.T) {
	for name, file := range map[string]string{"base": "../../../themes/base/css/base.css", "evening": "../../../themes/evening/css/own.css"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		light, rest, _ := strings.Cut(string(text), "@media screen and (prefers-color-scheme: dark)")
		dark, _, _ := strings.Cut(rest, "\n}")
		for scheme, block := range map[string]string{"light": light, "dark": dark} {
			found := map[string]float64{}
			for _, hue := range hues.FindAllStringSubmatch(block, -1) {
				found[hue[1]] = luminance(t, hue[2])
			}
			for _, letters := range []string{"ink", "ink-soft", "link", "analysis", "opinion", "live", "added"} {
				for _, ground := range []string{"paper", "tint", "analysis-ground"} {
					a, b := found[letters], found[ground]
					if ratio := (max(a, b) + .05) / (min(a, b) + .05); ratio < 4.5 {
						t.Errorf("%s, %s: %s on %s has a contrast of %.2f, want 4.5", name, scheme, letters, ground, ratio)
					}
				}
			}
		}
	}
}

// luminance is that of a colour as #rrggbb without its sign, 0 to 1.
func luminance(t *testing.T, hue string) float64 {
	t.Helper()
	sum := 0.
	for n, weight := range []float64{.2126, .7152, .0722} {
		part, err := strconv.ParseUint(hue[2*n:2*n+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		light := float64(part) / 255
		if light <= .04045 {
			light /= 12.92
		} else {
			light = math.Pow((light+.055)/1.055, 2.4)
		}
		sum += weight * light
	}
	return sum
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

// sheets are the style sheets of a theme without their comments, joined.
func sheets(t *testing.T, of fs.FS) string {
	t.Helper()
	names, err := fs.Glob(of, "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	var joined strings.Builder
	for _, name := range names {
		if name == "css/fonts.css" {
			continue
		}
		text, err := fs.ReadFile(of, name)
		if err != nil {
			t.Fatal(err)
		}
		joined.Write(comments.ReplaceAll(text, nil))
	}
	return joined.String()
}

func TestStyleSheetsKnowNoSidesAndNoForce(t *testing.T) {
	text := sheets(t, themes.Base()) + sheets(t, evening())
	for what, wrong := range map[string]*regexp.Regexp{"names a side": physical, "forces": important, "styles an id": byID} {
		if found := wrong.FindString(text); found != "" {
			t.Errorf("a style sheet %s: %q", what, found)
		}
	}
}

// inBodies are classes of the markup that the newsroom's renderer makes, and of
// what scripts add.
var inBodies = []string{"saved-item", "pull-quote", "key-points", "note", "gallery", "embed", "file", "table-frame", "number", "credit", "hint",
	"definition", "footnotes", "nb", "note-mark", "post-byline", "post-head", "term", "term-card", "term-name"}

func TestEveryStyledClassIsUsed(t *testing.T) {
	used := map[string]bool{}
	for _, name := range inBodies {
		used[name] = true
	}
	templates := []fs.FS{themes.Base(), evening()}
	for _, of := range templates {
		useOf(t, of, used)
	}
	for _, found := range styled.FindAllStringSubmatch(sheets(t, themes.Base())+sheets(t, evening()), -1) {
		if !used[found[1]] && found[1] != "css" {
			t.Errorf("nothing has the class %q", found[1])
		}
	}
}

// useOf notes the classes that a theme's templates set.
func useOf(t *testing.T, of fs.FS, used map[string]bool) {
	t.Helper()
	names, err := fs.Glob(of, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(of, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range classes.FindAllSubmatch(text, -1) {
			for _, class := range strings.Fields(string(actions.ReplaceAll(found[1], []byte(" ")))) {
				used[class] = true
			}
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
