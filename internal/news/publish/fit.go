package publish

import (
	"errors"
	"slices"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

// Unfit returns what keeps a content from being saved in an edition: text that cannot be
// kept, and what it names that is not here.
func Unfit(tx *db.Tx, key string, c story.Content) ([]story.Problem, error) {
	problems := story.Check(c)
	if c.Section != 0 {
		s, err := section.ByID(tx, c.Section)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, err
		}
		if err != nil || s.Edition != key {
			problems = append(problems, story.Problem{Field: "section", Reason: "is none of this edition", Key: "foreign"})
		}
	}
	defined := body.Definitions(c.Body)
	topics, err := topic.ByID(tx, slices.Concat(c.Topics, defined))
	if err != nil {
		return nil, err
	}
	known := func(id ref.Topic) bool {
		return slices.ContainsFunc(topics, func(t topic.Topic) bool { return t.ID == id })
	}
	if !every(c.Topics, known) {
		problems = append(problems, story.Problem{Field: "list of topics", Reason: "names one that is not here", Key: "gone"})
	}
	if !every(defined, known) {
		problems = append(problems, story.Problem{Field: "body", Reason: "defines a topic that is not here", Key: "gone"})
	}
	related, err := story.Known(tx, c.Related)
	if err != nil {
		return nil, err
	}
	if related != distinct(c.Related) {
		problems = append(problems, story.Problem{Field: "list of related stories", Reason: "names one that is not here", Key: "gone"})
	}
	var signed []ref.Author
	for _, s := range c.Byline {
		if s.Author != 0 {
			signed = append(signed, s.Author)
		}
	}
	authors, err := author.ByID(tx, signed)
	if err != nil {
		return nil, err
	}
	if len(authors) != distinct(signed) {
		problems = append(problems, story.Problem{Field: "byline", Reason: "names an author who is not here", Key: "gone"})
	}
	unfit, err := unfitMedia(tx, c)
	if err != nil {
		return nil, err
	}
	return append(problems, unfit...), nil
}

// unfitMedia are the problems with what a story shows: assets that are not here, or
// are no pictures, films or files where such are wanted.
func unfitMedia(tx *db.Tx, c story.Content) (problems []story.Problem, err error) {
	files := body.Files(c.Body)
	wanted := slices.Concat(body.Pictures(c.Body), files, []ref.Asset{c.Picture, c.Film})
	wanted = slices.DeleteFunc(wanted, func(id ref.Asset) bool { return id == 0 })
	found, err := asset.ByID(tx, wanted)
	if err != nil {
		return nil, err
	}
	if len(found) != distinct(wanted) {
		problems = append(problems, story.Problem{Field: "picture", Reason: "is one that is not here", Key: "gone"})
	}
	for _, a := range found {
		switch {
		case a.ID == c.Film && a.Kind != asset.Film:
			problems = append(problems, story.Problem{Field: "film", Reason: "is no film", Key: "kind"})
		case a.Kind == asset.Picture || a.ID == c.Film:
		case a.ID == c.Picture:
			problems = append(problems, story.Problem{Field: "picture", Reason: "is no picture", Key: "kind"})
		case !slices.Contains(files, a.ID):
			problems = append(problems, story.Problem{Field: "body", Reason: "shows as a picture what is none", Key: "kind"})
		}
	}
	return problems, nil
}

func every[T any](list []T, is func(T) bool) bool {
	return !slices.ContainsFunc(list, func(one T) bool { return !is(one) })
}

func distinct[T comparable](list []T) int {
	seen := map[T]bool{}
	for _, one := range list {
		seen[one] = true
	}
	return len(seen)
}
