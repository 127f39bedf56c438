package publish_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/search"
)

// house is a newsroom with one edition and two sections.
type house struct {
	t       *testing.T
	db      *db.DB
	stories *story.Store
	desk    *publish.Desk
	index   search.Index
	mint    *ref.Mint
	now     time.Time
	water   ref.Section
	science ref.Section
	edition edition.Edition
	// mu guards dropped: the tags of all events.
	mu      sync.Mutex
	dropped []string
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d, now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), edition: edition.Default("en")}
	clock := func() time.Time { return h.now }
	h.mint = ref.NewMint(1, clock)
	h.stories = story.NewStore(h.mint, clock)
	h.index = search.For(d)
	log, err := event.Open(t.Context(), d, func(e event.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.dropped = append(h.dropped, e.Tags...)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.desk = publish.NewDesk(d, h.stories, log, h.index, h.mint, clock)
	h.water, h.science = ref.New[ref.Section](h.mint), ref.New[ref.Section](h.mint)
	h.must(h.desk.House(t.Context(), func(tx *db.Tx) error {
		if err := edition.Put(tx, h.edition, 0); err != nil {
			return err
		}
		if err := section.Put(tx, section.Section{ID: h.water, Edition: "en", Slug: "water", Position: 1, Name: "Water"}); err != nil {
			return err
		}
		return section.Put(tx, section.Section{ID: h.science, Edition: "en", Slug: "science", Position: 2, Name: "Science"})
	}))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) content(headline string) story.Content {
	return story.Content{Headline: headline, Genre: story.News, Section: h.water, Body: body.FromText("Water runs downhill.\n\nIt did so yesterday.")}
}

func (h *house) draft(c story.Content) (d story.Draft) {
	h.t.Helper()
	h.must(h.db.Update(h.t.Context(), func(tx *db.Tx) (err error) {
		d, err = h.stories.Create(tx, 7, "en", 0, 0, c)
		return err
	}))
	return d
}

func (h *house) save(d story.Draft, c story.Content) (saved story.Draft) {
	h.t.Helper()
	h.must(h.db.Update(h.t.Context(), func(tx *db.Tx) (err error) {
		saved, err = h.stories.Save(tx, 7, d.ID, d.Sequence, c)
		return err
	}))
	return saved
}

func (h *house) publish(d story.Draft) story.Card {
	h.t.Helper()
	c, err := h.desk.Story(h.t.Context(), publish.Order{Story: d.ID, Sequence: d.Sequence})
	h.must(err)
	return c
}

// read asks as a reader would: what is live, and what a search finds.
func (h *house) latest() (cards []story.Card) {
	h.t.Helper()
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) (err error) {
		cards, err = story.Latest(tx, "en", story.Cursor{}, 100)
		return err
	}))
	return cards
}

func (h *house) found(words string) (ids []int64) {
	h.t.Helper()
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) error {
		hits, err := h.index.Find(tx, search.Query{Edition: "en", Language: "en", Text: words, Limit: 50})
		ids = search.Stories(hits)
		return err
	}))
	return ids
}

func both(t *testing.T, test func(*testing.T, *house)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}

func TestADraftStaysHiddenUntilItIsPublished(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("A qanat carries water"))
		if n, ids := len(h.latest()), h.found("qanat"); n != 0 || len(ids) != 0 {
			t.Fatalf("a draft is seen: %d stories, found %v", n, ids)
		}
		live := h.publish(d)
		if got := h.latest(); len(got) != 1 || got[0].Slug != "a-qanat-carries-water" || got[0].Version != 1 || !got[0].Updated.IsZero() {
			t.Errorf("got %+v", got)
		}
		if got, want := h.found("qanat"), []int64{int64(d.ID)}; !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
		for _, tag := range []ref.Tag{live.ID.Tag(), h.water.Tag(), ref.LatestTag("en"), ref.FrontTag("en")} {
			if !slices.Contains(h.dropped, string(tag)) {
				t.Errorf("publishing does not refresh %s", tag)
			}
		}
	})
}

func TestSavingNeverChangesWhatReadersSee(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("First"))
		h.publish(d)
		h.save(d, h.content("Second"))
		if got := h.latest()[0].Headline; got != "First" {
			t.Errorf("readers see %q, want %q", got, "First")
		}
	})
}

func TestAStaleSaveIsRefusedWithBothTexts(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("First"))
		h.save(d, h.content("Hers"))
		err := h.db.Update(t.Context(), func(tx *db.Tx) error {
			_, err := h.stories.Save(tx, 8, d.ID, d.Sequence, h.content("His"))
			return err
		})
		var stale *story.Stale
		if !errors.As(err, &stale) || stale.Yours == nil || stale.Yours.Headline != "His" || stale.Newest.Content.Headline != "Hers" {
			t.Errorf("got %v with %+v", err, stale)
		}
	})
}

func TestPublishingAnotherSaveThanWasMeantIsRefused(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("First"))
		h.save(d, h.content("Second"))
		_, err := h.desk.Story(t.Context(), publish.Order{Story: d.ID, Sequence: d.Sequence})
		if stale, ok := errors.AsType[*story.Stale](err); !ok || stale.Yours != nil {
			t.Errorf("got %v, want %v without a text of the order's", err, story.ErrStale)
		}
		if len(h.latest()) != 0 {
			t.Error("something went live")
		}
	})
}

func TestAStoryWithoutASectionOrAHeadlineIsRefused(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(story.Content{Genre: story.News})
		_, err := h.desk.Story(t.Context(), publish.Order{Story: d.ID, Sequence: d.Sequence})
		var refused *publish.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "the headline is empty") || !strings.Contains(err.Error(), "the section is not chosen") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAMovedStoryKeepsItsOldAddress(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("First headline"))
		h.publish(d)
		c := h.content("Second headline")
		c.Section = h.science
		d = h.save(d, c)
		h.now = h.now.Add(time.Hour)
		live := h.publish(d)
		if live.Slug != "second-headline" || live.Version != 2 || live.Updated.IsZero() || !live.Published.Equal(h.now.Add(-time.Hour)) {
			t.Errorf("got %+v", live)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			for _, slug := range []string{"first-headline", "second-headline"} {
				if id, err := story.Owner(tx, "en", slug); err != nil || id != d.ID {
					t.Errorf("%s leads to %d, %v", slug, id, err)
				}
			}
			in, err := story.InSection(tx, h.water, story.Cursor{}, 10)
			if len(in) != 0 {
				t.Errorf("the old section still lists %d", len(in))
			}
			return err
		}))
		if !slices.Contains(h.dropped, string(h.water.Tag())) || !slices.Contains(h.dropped, string(h.science.Tag())) {
			t.Error("a section was not refreshed")
		}
	})
}

func TestTwoStoriesWithOneHeadlineHaveTwoAddresses(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		seen := map[string]bool{}
		for range 8 {
			seen[h.publish(h.draft(h.content("The same"))).Slug] = true
		}
		if len(seen) != 8 || !seen["the-same"] || !seen["the-same-2"] {
			t.Errorf("got %v", seen)
		}
	})
}

func TestAWithdrawnStoryIsGoneEverywhereAndSaysWhy(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("A qanat"))
		h.publish(d)
		h.must(h.desk.Withdraw(t.Context(), d.ID, "The figures were wrong."))
		if n, ids := len(h.latest()), h.found("qanat"); n != 0 || len(ids) != 0 {
			t.Errorf("still seen: %d stories, found %v", n, ids)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			why, err := story.Gone(tx, d.ID)
			if why != "The figures were wrong." {
				t.Errorf("got %q", why)
			}
			return err
		}))
		if err := h.desk.Withdraw(t.Context(), d.ID, "again"); !errors.Is(err, publish.ErrNotLive) {
			t.Errorf("withdrawing twice: got %v", err)
		}
		live := h.publish(d)
		if live.Version != 2 || live.Slug != "a-qanat" {
			t.Errorf("restored as %+v", live)
		}
	})
}

func TestAFrontShowsNoStoryTwiceAndPicksBeatRules(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		var ids []ref.Story
		for n := range 12 {
			c := h.content(fmt.Sprint("Story ", n))
			if n%3 == 0 {
				c.Genre = story.Analysis
			}
			h.now = h.now.Add(time.Minute)
			d := h.draft(c)
			h.publish(d)
			ids = append(ids, d.ID)
		}
		plan := front.Plan{Containers: []front.Container{
			{Kind: front.Lead, Size: 2, Slots: []front.Slot{{Story: ids[1], Headline: "Led"}}, Rule: front.Rule{Any: true}},
			{Kind: front.Choice, Size: 3, Slots: []front.Slot{{Story: ids[1]}, {Story: ids[5], Until: h.now.Add(-time.Second)}, {Story: 99}, {Story: ids[2], Until: h.now.Add(time.Hour)}}, Rule: front.Rule{Genres: []story.Genre{story.Analysis}}},
			{Kind: front.OpinionBand, Size: 4, Rule: front.Rule{Genres: []story.Genre{story.Opinion}}},
			{Kind: front.NewsBand, Size: 20, Rule: front.Rule{Any: true}},
		}}
		version, err := h.desk.Front(t.Context(), 7, front.Of("en"), plan)
		h.must(err)
		var pressed front.Pressed
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			current, err := front.Newest(tx, front.Of("en"))
			if err != nil {
				return err
			}
			pressed, err = front.Press(tx, front.Of("en"), current.Plan, h.now)
			return err
		}))
		if version != 1 || len(pressed.Containers) != 3 {
			t.Fatalf("version %d, %d containers, want 1 and 3: the empty one is hidden", version, len(pressed.Containers))
		}
		seen := map[ref.Story]int{}
		for _, set := range pressed.Containers {
			for _, c := range set.Cards {
				seen[c.ID]++
			}
		}
		if len(seen) != 12 {
			t.Errorf("%d stories stand on the front, want 12", len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("story %d stands %d times", id, n)
			}
		}
		lead, choice := pressed.Containers[0].Cards, pressed.Containers[1].Cards
		if lead[0].ID != ids[1] || lead[0].Short != "Led" || choice[0].ID != ids[2] {
			t.Errorf("lead %+v, choice %+v", lead[0], choice[0])
		}
		if !pressed.Until.Equal(h.now.Add(time.Hour)) {
			t.Errorf("good until %v, want the slot's end", pressed.Until)
		}
	})
}

func TestWhatWasNeverLiveGoesLiveAsTheFirstVersion(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.draft(h.content("New"))
		_, err := h.desk.Story(t.Context(), publish.Order{Story: d.ID, Sequence: 1, Kind: story.Correction, Note: "It was wrong."})
		h.must(err)
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			versions, err := h.stories.Versions(tx, d.ID)
			if len(versions) != 1 || versions[0].Kind != story.First {
				t.Errorf("got %+v, want one that is %s", versions, story.First)
			}
			return err
		}))
	})
}

func TestATranslationIsLedToWhenItGoesLive(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		first := h.draft(h.content("In one language"))
		h.publish(first)
		var second story.Draft
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) (err error) {
			if err := h.stories.Pair(tx, first.ID); err != nil {
				return err
			}
			second, err = h.stories.Create(tx, 7, "en", first.ID, 0, h.content("In another"))
			return err
		}))
		if got := h.latest()[0].Twin; got != 0 {
			t.Errorf("readers see the number %d before the translation is live", got)
		}
		h.dropped = nil
		h.publish(second)
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			twins, err := story.Twins(tx, first.ID)
			if len(twins) != 2 {
				t.Errorf("%d stories are one, want 2: %+v", len(twins), twins)
			}
			return err
		}))
		if !slices.Contains(h.dropped, string(first.ID.Tag())) {
			t.Error("the page of the first was not refreshed")
		}
	})
}
