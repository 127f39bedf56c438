package theme

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"broadsheet/internal/platform/lang"
)

// asides are files that a theme may have for people: nobody serves them.
var asides = regexp.MustCompile(`^(?:[^/]+/)?(?:README|LICEN[CS]E|[^/]+\.(?:md|txt))[^/]*$`)

// inspect finds what the layers over the base theme have that nothing uses: whoever
// misspelt a name is to hear of it.
func (a assets) inspect(layers []fs.FS) (idle []string, err error) {
	if len(layers) == 1 {
		return nil, nil
	}
	over, weakest := layers[:len(layers)-1], layers[len(layers)-1]
	known, err := listed(weakest)
	if err != nil {
		return nil, err
	}
	for name := range a.manifest {
		if folder, ok := folderOf[path.Ext(name)]; ok && a.made[a.manifest[name]] == nil {
			known = append(known, folder+name)
		}
	}
	slices.Sort(known)
	used, err := a.mentions(overlay(layers))
	if err != nil {
		return nil, err
	}
	for _, layer := range over {
		names, err := listed(layer)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if !slices.Contains(known, name) && !asides.MatchString(name) && !used(name) {
				idle = append(idle, fmt.Sprintf("%s replaces nothing and nothing uses it; the nearest known name is %s", name, lang.Nearest(name, known)))
			}
		}
	}
	return idle, nil
}

// folderOf says where a theme has its assets, by their endings.
var folderOf = map[string]string{".woff2": "fonts/", ".svg": "images/", ".png": "images/", ".jpg": "images/", ".webp": "images/", ".avif": "images/"}

// listed are the files of a layer, without those that an editor or a system
// hides among them.
func listed(layer fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(layer, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("theme: list the files: %w", err)
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && !strings.HasSuffix(name, "~"):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// mentions tells of a file that the base theme has not whether the theme uses
// it: a style sheet that is imported, an asset that a sheet or a template names,
// the words of another language.
func (a assets) mentions(files fs.FS) (func(name string) bool, error) {
	var texts strings.Builder
	sheets := map[string]bool{}
	err := sheetsOf(files, sheet, func(name, text string) {
		sheets["css/"+name] = true
		texts.WriteString(text)
	})
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("theme: list templates: %w", err)
	}
	for _, name := range append(names, "fonts/preload.toml") {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("theme: read %s: %w", name, err)
		}
		texts.Write(text)
	}
	all := texts.String()
	return func(name string) bool {
		folder, base := path.Split(name)
		switch folder {
		case "css/":
			return sheets[name]
		case "words/":
			stem, toml := strings.CutSuffix(base, ".toml")
			_, err := language.Parse(stem)
			return toml && err == nil
		case "fonts/", "images/":
			return folderOf[path.Ext(base)] == folder && strings.Contains(all, base)
		}
		return false
	}, nil
}

var (
	remarks = regexp.MustCompile(`(?s)/\*.*?\*/`)
	quoted  = regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'`)
)

// readable refuses a style sheet that a browser would read otherwise than its
// author, or not at all.
func readable(name, text string) error {
	bare := quoted.ReplaceAllString(remarks.ReplaceAllStringFunc(text, func(remark string) string { return strings.Repeat("\n", strings.Count(remark, "\n")) }), `""`)
	if at := strings.Index(bare, "/*"); at >= 0 {
		return fmt.Errorf("theme: css/%s:%d: a remark is not closed", name, line(bare, at))
	}
	var open []int
	for at, c := range bare {
		switch {
		case c == 0xfffd:
			return fmt.Errorf("theme: css/%s:%d: this is not UTF-8", name, line(bare, at))
		case c == '{':
			open = append(open, at)
		case c == '}' && len(open) == 0:
			return fmt.Errorf("theme: css/%s:%d: there is a } too many", name, line(bare, at))
		case c == '}':
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("theme: css/%s:%d: this { is not closed", name, line(bare, open[len(open)-1]))
	}
	plain := remarks.ReplaceAllString(text, "")
	if rest := imports.ReplaceAllString(plain, ""); strings.Contains(rest, "@import") {
		return fmt.Errorf(`theme: css/%s: an import is written @import "NAME.css" layer(LAYER); and nothing can come from other hosts`, name)
	}
	return nil
}

func line(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// Words have places for what the caller gives; all else in braces is a mistake.
var (
	braces = regexp.MustCompile(`{{.*?(?:}}|$)`)
	place  = regexp.MustCompile(`^{{\.([ABCN])}}$`)
)

// wordsFit refuses places in the words of a layer that nothing fills, and finds the
// words that nothing asks for.
func wordsFit(name string, words, english map[string]string) (idle []string, err error) {
	known := slices.Sorted(maps.Keys(english))
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(words)) {
		plain, asked := english[key]
		if !asked {
			idle = append(idle, fmt.Sprintf("%s: nothing asks for %q; the nearest known words are %q", name, key, lang.Nearest(key, known)))
			continue
		}
		for _, found := range braces.FindAllString(words[key], -1) {
			if match := place.FindStringSubmatch(found); match == nil || match[1] != "N" && !strings.Contains(plain, found) {
				faults = append(faults, fmt.Errorf("theme: %s: nothing fills %s in %q", name, found, key))
			}
		}
	}
	return idle, errors.Join(faults...)
}
