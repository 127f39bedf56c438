package theme_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"broadsheet/themes"

	"github.com/pelletier/go-toml/v2"
)

// forms are the plural forms that a language tells apart, by CLDR.
var forms = map[string][]string{
	"en": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
	"fa": {"one", "other"},
}

// wordsOf reads a language's file: by key the words, or their plural forms.
func wordsOf(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	text, err := fs.ReadFile(themes.Base(), "words/"+language+".toml")
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := toml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	words := map[string]map[string]string{}
	for key, value := range read {
		words[key] = map[string]string{}
		switch value := value.(type) {
		case string:
			words[key][""] = value
		case map[string]any:
			for form, text := range value {
				words[key][form] = text.(string)
			}
		}
	}
	return words
}

var placesInWords = regexp.MustCompile(`{{\.[A-Z]}}`)

// fills are the places that words leave to be filled, besides the number: a
// language may say it in a word.
func fills(forms map[string]string) []string {
	var found []string
	for _, text := range forms {
		found = append(found, placesInWords.FindAllString(text, -1)...)
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(place string) bool { return place == "{{.N}}" })
}

func TestEveryLanguageHasTheSameWordsWithTheSamePlaces(t *testing.T) {
	english := wordsOf(t, "en")
	for _, language := range languages {
		words := wordsOf(t, language)
		for key, plain := range english {
			got, has := words[key]
			if !has {
				t.Errorf("%s has no words for %q", language, key)
				continue
			}
			if _, counted := got["other"]; counted {
				for _, form := range forms[language] {
					if got[form] == "" {
						t.Errorf("%s has no form %q of %q", language, form, key)
					}
				}
			}
			if got, want := fills(got), fills(plain); !slices.Equal(got, want) {
				t.Errorf("%s fills %v in %q, want %v", language, got, key, want)
			}
		}
		for key := range words {
			if english[key] == nil {
				t.Errorf("%s has words for %q, which English has not", language, key)
			}
		}
	}
}

// asked are the keys that the newsroom asks for: whole ones, and the beginnings
// and ends of those that Go code puts together.
type asked struct {
	whole        map[string]bool
	begins, ends []string
}

var inTemplates = regexp.MustCompile(`\bt(?:n)? "([^"]+)"`)

func (a *asked) readTemplates(t *testing.T) {
	t.Helper()
	names, err := fs.Glob(themes.Base(), "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(themes.Base(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range inTemplates.FindAllSubmatch(text, -1) {
			a.whole[string(found[1])] = true
		}
	}
}

// readSources finds keys in the Go sources of the public site: what T and N
// are called with, and any other text that looks like a key.
func (a *asked) readSources(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob("../site/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "samples.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok && asksForWords(call) {
				a.add(call.Args[0])
			}
			if text, ok := literal(node); ok && a.looksLikeKey(text) {
				a.whole[text] = true
			}
			return true
		})
	}
}

func asksForWords(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (method.Sel.Name == "T" || method.Sel.Name == "N") && len(call.Args) > 0
}

// add takes in the argument of T or N: a key, or one put together.
func (a *asked) add(argument ast.Expr) {
	if text, ok := literal(argument); ok {
		a.whole[text] = true
		return
	}
	sum, ok := argument.(*ast.BinaryExpr)
	if !ok {
		return
	}
	if text, ok := literal(sum.Y); ok {
		a.ends = append(a.ends, text)
	}
	for {
		if text, ok := literal(sum.X); ok {
			a.begins = append(a.begins, text)
		}
		left, deeper := sum.X.(*ast.BinaryExpr)
		if !deeper {
			return
		}
		sum = left
	}
}

func literal(node ast.Node) (string, bool) {
	text, ok := node.(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(text.Value)
	return value, err == nil
}

var key = regexp.MustCompile(`^[a-z]+(\.[a-z]+)+$`)

// looksLikeKey says whether a text outside a call is a key all the same: it
// reads like one, and such keys are only ever kept for errors.
func (a *asked) looksLikeKey(text string) bool {
	return key.MatchString(text) && strings.HasPrefix(text, "error.")
}

func (a *asked) uses(key string) bool {
	if a.whole[key] {
		return true
	}
	for _, begin := range a.begins {
		if strings.HasPrefix(key, begin) {
			return true
		}
	}
	for _, end := range a.ends {
		if trunk, cut := strings.CutSuffix(key, end); cut && a.whole[trunk] {
			return true
		}
	}
	return false
}

func TestNoWordIsMissingOrSuperfluous(t *testing.T) {
	words := wordsOf(t, "en")
	used := &asked{whole: map[string]bool{}}
	used.readTemplates(t)
	used.readSources(t)
	for key := range used.whole {
		if words[key] == nil {
			t.Errorf("there are no words for %q", key)
		}
		if strings.HasPrefix(key, "error.") && key != "error.onward" && !strings.HasSuffix(key, ".heading") && words[key+".heading"] == nil {
			t.Errorf("there is no heading for %q", key)
		}
	}
	for key := range words {
		if !used.uses(key) {
			t.Errorf("nothing asks for the words of %q", key)
		}
	}
}
