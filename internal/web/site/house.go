package site

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

// house is what all pages share: the editions, their sections, and the topics
// that the paper follows. It is read once and kept until an event says that it
// changed.
type house struct {
	// defined are the topics that have a definition in some language: first focus,
	// which are those of In Focus in their order, then the others. pictures are
	// theirs that are in focus.
	defined, focus []topic.Topic
	pictures       map[ref.Asset]asset.Asset

	editions []edition.Edition
	byKey    map[string]*tongue
	sections map[ref.Section]section.Section
}

// tongue is an edition with what is worked out of it once.
type tongue struct {
	edition.Edition
	location *time.Location
	// nav are the sections in the order of the navigation, bySlug all of them.
	nav    []section.Section
	bySlug map[string]section.Section
	// moved are the sections by slugs that they had.
	moved map[string]section.Section
	// pages are the standing pages.
	pages []story.Card
	// prepared are the terms, once somebody asked for them.
	prepare  sync.Once
	prepared *body.Terms
}

// houseKeeper keeps the house.
type houseKeeper struct {
	db *db.DB

	mu   sync.Mutex
	kept *house
	// forgotten counts changes, so that a reading begun before one is not kept.
	forgotten int
	// stale serves when the database is gone.
	stale *house
}

func (k *houseKeeper) get(tx *db.Tx) (*house, error) {
	k.mu.Lock()
	kept, seen := k.kept, k.forgotten
	k.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	h, err := readHouse(tx)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stale = h
	if k.forgotten == seen {
		k.kept = h
	}
	return h, nil
}

// last returns the house for pages that must be made even without a database;
// nil when it was never read.
func (k *houseKeeper) last(ctx context.Context) *house {
	k.mu.Lock()
	kept, stale := k.kept, k.stale
	k.mu.Unlock()
	if kept != nil {
		return kept
	}
	var h *house
	err := k.db.Public(ctx, func(tx *db.Tx) (err error) {
		h, err = k.get(tx)
		return err
	})
	if err != nil {
		return stale
	}
	return h
}

// forget drops the house when a tag says that it changed.
func (k *houseKeeper) forget(tags []string) {
	for _, tag := range tags {
		if tag == string(ref.FrameTag) || strings.HasPrefix(tag, "edition:") {
			k.mu.Lock()
			k.kept = nil
			k.forgotten++
			k.mu.Unlock()
			return
		}
	}
}

func readHouse(tx *db.Tx) (*house, error) {
	editions, err := edition.All(tx)
	if err != nil {
		return nil, fmt.Errorf("read the editions: %w", err)
	}
	sections, err := section.All(tx)
	if err != nil {
		return nil, fmt.Errorf("read the sections: %w", err)
	}
	defined, err := topic.WithDefinition(tx)
	if err != nil {
		return nil, fmt.Errorf("read the topics with definitions: %w", err)
	}
	var focus []topic.Topic
	var shown []ref.Asset
	for _, t := range defined {
		if t.Focus > 0 {
			focus, shown = append(focus, t), append(shown, t.Picture)
		}
	}
	pictures, err := asset.ByID(tx, shown)
	if err != nil {
		return nil, fmt.Errorf("read the pictures of In Focus: %w", err)
	}
	h := &house{defined: defined, focus: focus, pictures: map[ref.Asset]asset.Asset{}, editions: editions, byKey: map[string]*tongue{}, sections: map[ref.Section]section.Section{}}
	for _, a := range pictures {
		h.pictures[a.ID] = a
	}
	for _, e := range editions {
		h.byKey[e.Key] = &tongue{Edition: e, location: e.Location(), bySlug: map[string]section.Section{}, moved: map[string]section.Section{}}
	}
	for _, s := range sections {
		h.sections[s.ID] = s
		t, ok := h.byKey[s.Edition]
		if !ok {
			continue
		}
		t.bySlug[s.Slug] = s
		for _, slug := range s.Former {
			t.moved[slug] = s
		}
		if s.Position > 0 {
			t.nav = append(t.nav, s)
		}
	}
	pages, err := story.Pages(tx)
	if err != nil {
		return nil, fmt.Errorf("read the standing pages: %w", err)
	}
	for _, p := range pages {
		if t, ok := h.byKey[p.Edition]; ok {
			t.pages = append(t.pages, p)
		}
	}
	return h, nil
}

// first is the default edition; nil in an empty house.
func (h *house) first() *tongue {
	if h == nil || len(h.editions) == 0 {
		return nil
	}
	return h.byKey[h.editions[0].Key]
}

// standing finds the standing page of an edition that has one of the slugs, the
// first that there is. A page whose slug is in the edition's own script is known
// by its twin in another.
func (h *house) standing(edition string, slugs ...string) (story.Card, bool) {
	here := h.byKey[edition]
	for _, slug := range slugs {
		for _, page := range here.pages {
			if h.known(page, slug) {
				return page, true
			}
		}
	}
	return story.Card{}, false
}

// known tells whether a standing page has a slug, here or in another edition.
func (h *house) known(page story.Card, slug string) bool {
	if page.Slug == slug {
		return true
	}
	for _, e := range h.byKey {
		for _, other := range e.pages {
			if page.Twin != 0 && other.Twin == page.Twin && other.Slug == slug {
				return true
			}
		}
	}
	return false
}

// pageAddresses are the addresses of a standing page by edition.
func (r *reading) pageAddresses(page story.Card) map[string]string {
	all := map[string]string{}
	for key, e := range r.house.byKey {
		for _, other := range e.pages {
			if other.ID == page.ID || page.Twin != 0 && other.Twin == page.Twin {
				all[key] = r.house.address(other)
			}
		}
	}
	return all
}
