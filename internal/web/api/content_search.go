package api

import (
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/search"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// searched answers a search, with the same filters as the lists.
func (a *API) searched(r *reading, e edition.Edition, f filter, text string, values url.Values) (any, error) {
	r.passing = true
	if utf8.RuneCountInString(text) > maxAsked {
		return nil, badParameter("q", fmt.Sprintf("has more than %d characters", maxAsked))
	}
	q := search.Query{Edition: e.Key, Language: e.Language, Text: text, Facets: f.facets(), From: f.from, Until: f.until, Limit: f.limit + 1}
	switch values.Get("sort") {
	case "", "best", "relevance":
	case "newest":
		q.Order = search.Newest
	default:
		return nil, badParameter("sort", "is relevance or newest")
	}
	var err error
	if q.Behind, err = placeOf(values.Get("before")); err != nil {
		return nil, err
	}
	list := contentList{Stories: []contentCard{}}
	if len(search.Terms(text, e.Language)) == 0 {
		return list, nil
	}
	hits, err := a.Index.Find(r.tx, q)
	if err != nil {
		return nil, err
	}
	if len(hits) > f.limit {
		hits = hits[:f.limit]
		list.Before = placeText(hits[f.limit-1].Place)
	}
	wanted := make([]ref.Story, len(hits))
	for n, h := range hits {
		wanted[n] = ref.Story(h.Story)
	}
	cards, err := story.Cards(r.tx, wanted)
	if err != nil {
		return nil, err
	}
	// Standing pages are among what is found, and are no stories: an answer may be
	// shorter than it might be.
	cards = slices.DeleteFunc(cards, func(c story.Card) bool { return c.Genre == story.Page })
	list.Stories, err = r.cards(cards...)
	return list, err
}

// facets are the filter as a search has it.
func (f filter) facets() (groups [][]string) {
	if f.section != 0 {
		groups = append(groups, []string{story.SectionFacet(f.section)})
	}
	if f.genre != "" {
		groups = append(groups, []string{story.GenreFacet(f.genre)})
	}
	if f.topic != 0 {
		groups = append(groups, []string{story.TopicFacet(f.topic)})
	}
	if f.author != 0 {
		groups = append(groups, []string{story.AuthorFacet(f.author)})
	}
	return groups
}

// placeText writes a place in the answer to a search.
func placeText(p search.Place) string { return strconv.Itoa(p.Tier) + "." + itoa(p.Document) }

func placeOf(text string) (p search.Place, err error) {
	if text == "" {
		return p, nil
	}
	tier, document, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(tier)
	number, err2 := strconv.ParseInt(document, 10, 64)
	if err != nil || err2 != nil || n < 1 {
		return p, badParameter("before", "is no place that an earlier answer gave")
	}
	return search.Place{Tier: n, Document: number}, nil
}
