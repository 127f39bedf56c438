package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Progress hears how far long work is: what it is doing, and how much of how
// much is done.
type Progress func(what string, at, of int64)

// CheckInit refuses what Init could not make, before anything is made.
func CheckInit(name string, keys []string) error {
	if strings.TrimSpace(name) == "" {
		return fmt.Errorf("%w: the publication needs a name", ErrUsage)
	}
	if at, r, bad := lang.Control(name); bad {
		return fmt.Errorf("%w: the publication's name has a character that cannot be kept (%U at byte %d)", ErrUsage, r, at)
	}
	if len(keys) == 0 {
		return fmt.Errorf("%w: a newsroom needs an edition; the known ones are %s", ErrUsage, strings.Join(edition.Known, ", "))
	}
	for n, key := range keys {
		if slices.Contains(keys[:n], key) {
			return fmt.Errorf("%w: the edition %q is named twice", ErrUsage, key)
		}
		if !slices.Contains(edition.Known, key) {
			return fmt.Errorf("%w: there is no edition %q; the known ones are %s", ErrUsage, key, strings.Join(edition.Known, ", "))
		}
	}
	return nil
}

// Init makes an empty newsroom with the editions, each with the sections News
// and Analysis. A newsroom that has editions is left as it is.
func (n *Newsroom) Init(ctx context.Context, name string, keys []string) error {
	if err := CheckInit(name, keys); err != nil {
		return err
	}
	return n.Desk.House(ctx, func(tx *db.Tx) error {
		there, err := edition.All(tx)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return fmt.Errorf("there is a newsroom in this folder already: %s", there[0].Title)
		}
		for position, key := range keys {
			e := edition.Default(key)
			e.Title = name
			if err := edition.Put(tx, e, position); err != nil {
				return err
			}
			if err := n.firstSections(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// firstNames are the words of the two sections that every paper begins with.
var firstNames = map[string]map[story.Genre][2]string{
	"en": {story.News: {"News", "news"}, story.Analysis: {"Analysis", "analysis"}},
	"ar": {story.News: {"أخبار", "أخبار"}, story.Analysis: {"تحليل", "تحليل"}},
	"fa": {story.News: {"خبر", "خبر"}, story.Analysis: {"تحلیل", "تحلیل"}},
}

func (n *Newsroom) firstSections(tx *db.Tx, e edition.Edition) error {
	for position, genre := range []story.Genre{story.News, story.Analysis} {
		words := firstNames[e.Key][genre]
		err := section.Put(tx, section.Section{ID: ref.New[ref.Section](n.Mint), Edition: e.Key, Slug: words[1], Position: position + 1, Name: words[0], Genre: string(genre)})
		if err != nil {
			return err
		}
	}
	return nil
}
