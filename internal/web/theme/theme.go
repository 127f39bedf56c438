// Package theme finds, overlays, parses and executes templates: the public site's,
// and the desk's. A theme is a stack of folders in which the same file of a stronger
// folder stands in for that of a weaker one. Templates get finished values and
// a few pure functions; this package never queries anything and knows no page's
// values.
package theme

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Pages are the templates that every theme must have: one for each kind of
// page, and the parts that many pages share, whose names begin with "part-".
var Pages = []string{
	"front", "list", "story", "photo", "film", "live", "topic", "focus", "author", "search", "plain", "versions", "version", "compare", "corrections",
	"most-viewed", "gallery", "archive", "saved", "part-choice", "part-latest", "part-viewed", "part-focus", "part-gallery", "part-live",
}

// ErrUnknown says that there is no such page, part or language in the theme.
var ErrUnknown = errors.New("unknown to the theme")

// refused is what html/template prints in place of a value that is unsafe where
// it stands. No reader may see it.
const refused = "ZgotmplZ"

// Sources is what a theme is loaded from.
type Sources struct {
	// Layers are the folders of the theme, the strongest first; the last is
	// the base theme.
	Layers []fs.FS
	// Dist holds the bundled assets and their manifest.json.
	Dist fs.FS
	// Languages must all have words.
	Languages []string
	// Pages are the templates that must be there; nil means those of the site.
	Pages []string
	// Samples are values by page. Each is executed in each language, so that a
	// theme that breaks is refused before a reader sees it.
	Samples map[string]any
}

// Theme is a parsed theme, safe for concurrent use.
type Theme struct {
	sets     map[string]*template.Template
	words    map[string]Words
	assets   assets
	revision string
	idle     []string
}

// Idle says of what the layers over the base theme have that nothing uses it,
// perhaps because its name is misspelt: sentences for who made the theme. Pages are
// none the worse for it.
func (t *Theme) Idle() []string { return t.idle }

// Load reads, parses and tries a theme. An error names the file and line.
func Load(from Sources) (*Theme, error) {
	if len(from.Layers) == 0 {
		return nil, fmt.Errorf("theme: no folder to load: %w", fs.ErrNotExist)
	}
	files := overlay(from.Layers)
	words, idle, err := loadWords(from.Layers)
	if err != nil {
		return nil, err
	}
	stock, err := loadAssets(from.Layers, from.Dist)
	if err != nil {
		return nil, err
	}
	theme := &Theme{words: words, assets: stock, idle: append(idle, stock.idle...)}
	if theme.revision, err = digest(from.Layers, from.Dist); err != nil {
		return nil, err
	}
	if from.Pages == nil {
		from.Pages = Pages
	}
	if err := theme.parse(files, from.Pages); err != nil {
		return nil, err
	}
	for _, language := range from.Languages {
		if _, known := theme.sets[base(language)]; !known {
			return nil, fmt.Errorf("theme: there is no words/%s.toml: language %q is %w", base(language), language, ErrUnknown)
		}
	}
	return theme, theme.try(from.Samples)
}

// parse reads all templates once and binds one copy to each language.
func (t *Theme) parse(files fs.FS, pages []string) error {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return fmt.Errorf("theme: list templates: %w", err)
	}
	// Names are bound when a template is parsed, what they do when it is
	// executed; so any language will do here.
	common := template.New("theme").Funcs(t.functions("en"))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("theme: read %s: %w", name, err)
		}
		if _, err := common.New(path.Base(name)).Parse(string(text)); err != nil {
			return fmt.Errorf("theme: %w", err)
		}
	}
	for _, page := range pages {
		if common.Lookup(page) == nil {
			return fmt.Errorf("theme: no template defines the page %q", page)
		}
	}
	t.sets = make(map[string]*template.Template, len(t.words))
	for language := range t.words {
		set, err := common.Clone()
		if err != nil {
			return fmt.Errorf("theme: copy for %s: %w", language, err)
		}
		t.sets[language] = set.Funcs(t.functions(language))
	}
	return nil
}

// try executes every sample in every language.
func (t *Theme) try(samples map[string]any) error {
	for _, language := range slices.Sorted(maps.Keys(t.sets)) {
		for _, page := range slices.Sorted(maps.Keys(samples)) {
			var out bytes.Buffer
			if err := t.Execute(&out, language, page, samples[page]); err != nil {
				return err
			}
			if at := bytes.Index(out.Bytes(), []byte(refused)); at >= 0 {
				return fmt.Errorf("theme: page %q prints a value that is unsafe where it stands: …%s", page, out.Bytes()[max(0, at-80):at])
			}
		}
	}
	return nil
}

// Execute writes a page. The language is the edition's; values is the struct
// that the page's template expects. What was written before an error is of no
// use, so callers write to a buffer.
func (t *Theme) Execute(w io.Writer, language, page string, values any) error {
	set, known := t.sets[base(language)]
	if !known {
		return fmt.Errorf("theme: language %q is %w", language, ErrUnknown)
	}
	if set.Lookup(page) == nil {
		return fmt.Errorf("theme: page %q is %w", page, ErrUnknown)
	}
	if err := set.ExecuteTemplate(w, page, values); err != nil {
		return fmt.Errorf("theme: page %q in %s: %w", page, language, err)
	}
	return nil
}

// Part writes a template whose output goes into a page as it is, by Markup.
func (t *Theme) Part(w io.Writer, language, name string, values any) error {
	return t.Execute(w, language, name, values)
}

// Markup declares text to be markup that is safe to print as it stands. It is
// the only place that may, and takes only what the newsroom's own renderers
// made: a story's body, a part of a page.
func Markup[T string | []byte](rendered T) template.HTML { return template.HTML(rendered) }

// Revision changes with any file of the theme or any asset.
func (t *Theme) Revision() string { return t.revision }

// Languages are those that the theme has words in.
func (t *Theme) Languages() []string { return slices.Sorted(maps.Keys(t.words)) }

// Words returns the interface words of a language; those of English when the
// theme has none of it.
func (t *Theme) Words(language string) Words {
	if words, known := t.words[base(language)]; known {
		return words
	}
	return t.words["en"]
}

// functions are all that a template can call, bound to a language. They are
// pure: the same arguments give the same text until the theme is loaded anew.
func (t *Theme) functions(language string) template.FuncMap {
	words := t.words[language]
	return template.FuncMap{
		"t":     words.T,
		"tn":    words.N,
		"asset": t.assets.address,
		"fonts": func() []string { return t.assets.preload[language] },
	}
}

// base returns a tag's language: "fa" of "fa-AF".
func base(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(language)
}
