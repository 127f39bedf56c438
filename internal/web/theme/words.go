package theme

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// Words are the interface words of one language.
type Words struct {
	// plain are the words without placeholders, ready: nearly all of them.
	plain  map[string]string
	local  *i18n.Localizer
	digits func(string) string
}

// T returns the words for a key. Arguments fill the places {{.A}}, {{.B}} and
// {{.C}}, in that order. An unknown key is returned as it is, for a page with
// one odd word is better than none; a test sees to it that none is.
func (w Words) T(key string, args ...any) string {
	if len(args) == 0 {
		if text, ready := w.plain[key]; ready {
			return text
		}
	}
	return w.localize(&i18n.LocalizeConfig{MessageID: key}, args)
}

// Keys lists the keys that begin in a way and need no arguments' number, in their order.
func (w Words) Keys(prefix string) (keys []string) {
	for key := range w.plain {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// N returns the words for a key in the grammatical number that n asks for; the
// words print n as {{.N}}.
func (w Words) N(key string, n int, args ...any) string {
	return w.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n}, args)
}

// In returns the same words with all numbers printed by digits, which turns
// Western digits into those of an edition. Without it they stay Western.
func (w Words) In(digits func(western string) string) Words {
	w.digits = digits
	return w
}

// places are where words print what they are given.
type places struct{ N, A, B, C any }

func (w Words) localize(asked *i18n.LocalizeConfig, args []any) string {
	args = append(args[:len(args):len(args)], "", "", "")
	asked.TemplateData = places{w.number(asked.PluralCount), w.number(args[0]), w.number(args[1]), w.number(args[2])}
	text, err := w.local.Localize(asked)
	if err != nil {
		return asked.MessageID
	}
	return text
}

// number prints an int in the edition's digits and leaves all else alone.
func (w Words) number(value any) any {
	n, whole := value.(int)
	if !whole || w.digits == nil {
		return value
	}
	return w.digits(strconv.Itoa(n))
}

// loadWords reads words/*.toml of every layer. Other files of a theme stand in
// for weaker ones as a whole; words do so one by one, so that a site that says
// one thing differently need not repeat the rest.
func loadWords(layers []fs.FS) (words map[string]Words, idle []string, err error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	keys := map[string]map[string]bool{}
	english := map[string]string{}
	for n, layer := range slices.Backward(layers) {
		names, err := fs.Glob(layer, "words/*.toml")
		if err != nil {
			return nil, nil, fmt.Errorf("theme: list words: %w", err)
		}
		for _, name := range names {
			file, err := readWords(bundle, layer, name)
			if err != nil {
				return nil, nil, err
			}
			tag := base(file.Tag.String())
			said := spoken(file)
			if n == len(layers)-1 && tag == "en" {
				english = said
			} else if n < len(layers)-1 {
				more, err := wordsFit(name, said, english)
				if err != nil {
					return nil, nil, err
				}
				idle = append(idle, more...)
			}
			if keys[tag] == nil {
				keys[tag] = map[string]bool{}
			}
			for _, message := range file.Messages {
				keys[tag][message.ID] = true
			}
		}
	}
	if keys["en"] == nil {
		return nil, nil, fmt.Errorf("theme: words/en.toml: %w", fs.ErrNotExist)
	}
	words = make(map[string]Words, len(keys))
	for tag := range keys {
		words[tag] = ready(i18n.NewLocalizer(bundle, tag, "en"), keys["en"], keys[tag])
	}
	return words, idle, nil
}

// spoken are the words of a file by key, all their plural forms in one.
func spoken(file *i18n.MessageFile) map[string]string {
	said := make(map[string]string, len(file.Messages))
	for _, m := range file.Messages {
		said[m.ID] = strings.Join([]string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}, "\n")
	}
	return said
}

func readWords(bundle *i18n.Bundle, layer fs.FS, name string) (*i18n.MessageFile, error) {
	text, err := fs.ReadFile(layer, name)
	if err != nil {
		return nil, fmt.Errorf("theme: read %s: %w", name, err)
	}
	// The name of the file is the language, whatever folder it stands in.
	file, err := bundle.ParseMessageFileBytes(text, path.Base(name))
	if err != nil {
		return nil, fmt.Errorf("theme: %s: %w", name, err)
	}
	return file, nil
}

// ready makes the words that need no values once and for all.
func ready(local *i18n.Localizer, keys ...map[string]bool) Words {
	words := Words{plain: map[string]string{}, local: local}
	for _, known := range keys {
		for key := range maps.Keys(known) {
			// Words with a place to fill fail on a value without fields, and so
			// stay out; so do those that have plural forms alone.
			text, err := local.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: struct{}{}})
			if err == nil {
				words.plain[key] = text
			}
		}
	}
	return words
}
