package desk_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/web/desk"
)

func wordsOf(t *testing.T, language string) map[string]any {
	t.Helper()
	text, err := fs.ReadFile(desk.Look(), "words/"+language+".toml")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]any{}
	if err := toml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

var places = regexp.MustCompile(`{{\.[ABCN]}}|\{\w+\}`)

func TestTheDeskSaysTheSameInAllItsLanguages(t *testing.T) {
	english := wordsOf(t, "en")
	if len(english) < 400 {
		t.Fatalf("only %d words", len(english))
	}
	for _, language := range []string{"ar", "fa"} {
		words := wordsOf(t, language)
		for key := range english {
			if words[key] == nil {
				t.Errorf("%s lacks %q", language, key)
			}
		}
		for key, text := range words {
			if english[key] == nil {
				t.Errorf("%s has %q alone", language, key)
			}
			if forms, plural := text.(map[string]any); plural {
				want := []string{"one", "other"}
				if language == "ar" {
					want = []string{"one", "two", "few", "many", "other"}
				}
				for _, form := range want {
					if forms[form] == nil {
						t.Errorf("%s: %q lacks the form %s", language, key, form)
					}
				}
				continue
			}
			plain, _ := english[key].(string)
			there, here := places.FindAllString(plain, -1), places.FindAllString(text.(string), -1)
			slices.Sort(there)
			slices.Sort(here)
			if !slices.Equal(there, here) {
				t.Errorf("%s: %q has the places %v, English %v", language, key, here, there)
			}
			if strings.ContainsAny(text.(string), "?;,") && !strings.Contains(text.(string), "https") {
				t.Errorf("%s: %q has Latin punctuation: %s", language, key, text)
			}
		}
	}
}

// asked finds the words that a source asks for by name, and the beginnings of those that
// it puts together.
func asked(t *testing.T, pattern string, folders ...string) (keys []string) {
	t.Helper()
	find := regexp.MustCompile(pattern)
	for _, glob := range folders {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", glob, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range find.FindAllStringSubmatch(string(text), -1) {
				keys = append(keys, m[1])
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func TestEveryWordIsThereAndAskedFor(t *testing.T) {
	words := wordsOf(t, "en")
	known := slices.Collect(maps.Keys(words))
	used := map[string]bool{}
	check := func(prefix string, keys []string) {
		for _, key := range keys {
			full := prefix + key
			if strings.HasSuffix(full, ".") || strings.HasSuffix(full, "${") {
				begin := strings.TrimSuffix(full, "${")
				for _, k := range known {
					if strings.HasPrefix(k, begin) {
						used[k] = true
					}
				}
				continue
			}
			used[full] = true
			if words[full] == nil {
				t.Errorf("nothing says %q", full)
			}
		}
	}
	check("", asked(t, `{{-?\s*tn? "([^"]+)"`, "templates/*.html"))
	check("", asked(t, `\(t "([^"]+)"`, "templates/*.html"))
	check("", asked(t, `words\.[TN]\("([^"]+)"`, "*.go"))
	check("", asked(t, `"(fault\.[a-z.]+)"`, "*.go"))
	check("", asked(t, `"(confirm\.[a-z.]+)"`, "*.go"))
	check("edit.", asked(t, `say\("([\w.]+)"`, "../../../ui/desk/*.ts", "../../../ui/desk/edit/*.ts"))
	check("edit.", asked(t, "say\\(`([\\w.]+\\$\\{)", "../../../ui/desk/*.ts", "../../../ui/desk/edit/*.ts"))
	check("edit.", []string{"mark.", "kind.", "unbin", "unwithdraw", "out.wiped", "out.why", "offline.kept", "offline.unkept", "picture.other", "picture.choose", "note.reopen", "note.done"})
	check("edit.receipt.", []string{publish.ShowsStory + ".", publish.HidesStory + "."})
	check("nav.", []string{"today", "stories", "me", "people", "log"})
	for key := range words {
		if !used[key] {
			t.Errorf("nobody asks for %q", key)
		}
	}
	for _, role := range staff.Roles() {
		check("role.", []string{string(role)})
	}
	for _, genre := range story.AllGenres() {
		check("genre.", []string{string(genre)})
	}
	for _, what := range asked(t, `(?:drop|count)\w*\("([a-z-]+)"`, "../../../ui/desk/paste/*.ts") {
		check("edit.dropped.", []string{what})
	}
}
