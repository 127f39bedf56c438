package site

import (
	"context"
	"regexp"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Draft writes the page that a draft would be if it went live now, for the desk alone:
// nothing of it is kept, and no reader can ask for it.
func (s *Site) Draft(ctx context.Context, tx *db.Tx, d story.Draft) ([]byte, error) {
	h, err := s.house.get(tx)
	if err != nil {
		return nil, err
	}
	here := h.byKey[d.Edition]
	if here == nil {
		return nil, db.ErrNotFound
	}
	c := d.Content
	live := story.Story{Content: c, Card: story.Card{
		ID: d.ID, Edition: d.Edition, Section: c.Section, Genre: c.Genre, Headline: c.Headline, Short: c.Short, Standfirst: c.Standfirst, Kicker: c.Kicker,
		Picture: c.Picture, Published: s.now(), Revision: d.Revision, Version: 1, Twin: d.Twin,
	}}
	if live.Slug = lang.Slug(c.Slug); live.Slug == "" {
		live.Slug = lang.Slug(c.Headline)
	}
	cards, err := story.Cards(tx, []ref.Story{d.ID})
	if err != nil {
		return nil, err
	}
	if len(cards) > 0 {
		live.Published, live.Version, live.Slug = cards[0].Published, cards[0].Version, cards[0].Slug
		live.Updated = s.now()
	}
	if live.Byline, err = presentNames(tx, here.Language, c.Byline); err != nil {
		return nil, err
	}
	a := asked{path: h.address(live.Card), names: map[string]string{"edition": d.Edition}}
	r := &reading{asked: &a, ctx: ctx, tx: tx, site: s, house: h, here: here, now: s.now(), origin: s.public, seen: s.texts.seen(), tags: map[ref.Tag]bool{}}
	view, err := r.storyPage(live)
	if err != nil {
		return nil, err
	}
	view.Count = "" // nobody reads it
	out, err := r.setStory(storyTemplate(live.Genre), view, live)
	if err != nil {
		return nil, err
	}
	return scripts.ReplaceAll(out.body, nil), nil
}

// scripts are those that a page loads: it is to be looked at.
var scripts = regexp.MustCompile(`<script\b[^>]*\bsrc=[^>]*></script>`)
