package publish_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

func (h *house) begin() *publish.Batch {
	h.t.Helper()
	b, err := h.desk.Begin(h.t.Context(), h.edition, "test", h.water, true)
	h.must(err)
	return b
}

func item(n int) publish.Item {
	return publish.Item{
		Key: fmt.Sprint("item-", n), Hash: fmt.Sprint("hash-", n), Published: time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC),
		Content: story.Content{Headline: fmt.Sprint("Imported ", n), Genre: story.News, Body: body.FromText("An imported text about qanats.")},
		Section: "Archive", Topics: []string{"Water", "water", "Tunnels"}, Byline: []publish.Name{{Name: "A. Writer"}}, OldAddresses: []string{fmt.Sprint("/?p=", n)},
	}
}

func (h *house) stage(b *publish.Batch, items ...publish.Item) []publish.Outcome {
	h.t.Helper()
	outcomes, err := b.Stage(h.t.Context(), items)
	h.must(err)
	return outcomes
}

// rows counts what all tables hold.
func (h *house) rows() map[string]int {
	h.t.Helper()
	counts := map[string]int{}
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) error {
		for table, statement := range map[string]string{
			"story": `select count(*) from story`, "revision": `select count(*) from revision`, "live": `select count(*) from live`,
			"version": `select count(*) from version`, "address": `select count(*) from address`, "topic": `select count(*) from topic`,
			"topic_name": `select count(*) from topic_name`, "author": `select count(*) from author`, "section": `select count(*) from section`,
			"batch": `select count(*) from batch`, "item": `select count(*) from import_item`, "old": `select count(*) from old_address`,
			"search": `select count(*) from search_document`, "live_topic": `select count(*) from live_topic`,
		} {
			n, err := db.Find(tx, db.Value[int], statement)
			if err != nil {
				return err
			}
			counts[table] = n
		}
		return nil
	}))
	return counts
}

func TestAnImportIsSeenAllAtOnce(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		for n := range 5 {
			h.stage(b, item(n))
		}
		if n := len(h.latest()); n != 0 {
			t.Fatalf("%d stories are seen before the import is live", n)
		}
		h.must(b.GoLive(t.Context()))
		got := h.latest()
		if len(got) != 5 || got[0].Headline != "Imported 4" || got[0].Byline[0].Name != "A. Writer" || got[0].Byline[0].Author == 0 {
			t.Errorf("got %+v", got)
		}
		if n := h.rows(); n["topic"] != 2 || n["author"] != 1 || n["section"] != 3 {
			t.Errorf("got %v: the same name is the same topic, author and section", n)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			id, err := story.FromOldAddress(tx, "/?p=3")
			if id != got[1].ID {
				t.Errorf("the old address leads to %d", id)
			}
			return err
		}))
	})
}

func TestASecondRunAddsNothingTwice(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		h.stage(b, item(1), item(2))
		h.must(b.GoLive(t.Context()))
		before := h.rows()
		b = h.begin()
		for n, o := range h.stage(b, item(1), item(2)) {
			if o.What != publish.Unchanged {
				t.Errorf("item %d was %s", n+1, o.What)
			}
		}
		h.must(b.GoLive(t.Context()))
		after := h.rows()
		before["batch"]++
		if fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("got %v, want %v", after, before)
		}
	})
}

func TestAChangedItemUpdatesUnlessItWasEditedHere(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		first := h.stage(b, item(1), item(2))
		h.must(b.GoLive(t.Context()))
		var d story.Draft
		h.must(h.db.View(t.Context(), func(tx *db.Tx) (err error) {
			d, err = h.stories.Draft(tx, first[1].Story)
			return err
		}))
		h.save(d, h.content("Edited here"))
		changed, edited := item(1), item(2)
		changed.Hash, changed.Content.Headline, changed.Updated = "other", "Imported anew", h.now
		edited.Hash = "other"
		b = h.begin()
		outcomes := h.stage(b, changed, edited)
		if outcomes[0].What != publish.Updated || outcomes[1].What != publish.Refusal {
			t.Fatalf("got %+v", outcomes)
		}
		if got := h.latest()[1].Headline; got != "Imported 1" {
			t.Errorf("readers see %q before the import is live", got)
		}
		h.must(b.GoLive(t.Context()))
		got := h.latest()[1]
		if got.Headline != "Imported anew" || got.Version != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnAbandonedImportLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		before := h.rows()
		b := h.begin()
		for n := range 30 {
			h.stage(b, item(n))
		}
		h.must(b.Abandon(t.Context()))
		if after := h.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("got %v, want %v", after, before)
		}
	})
}

func TestWhatADeadImportLeftIsSweptByTheNext(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		before := h.rows()
		h.stage(h.begin(), item(1))
		_, err := h.desk.Begin(t.Context(), h.edition, "test", h.water, false)
		if !errors.Is(err, publish.ErrBusy) {
			t.Fatalf("got %v, want %v: it may still be at work", err, publish.ErrBusy)
		}
		h.now = h.now.Add(2 * time.Minute)
		h.must(h.desk.Sweep(t.Context(), false))
		if after := h.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("got %v, want %v", after, before)
		}
	})
}

func TestALiveImportCannotBeAbandoned(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		h.stage(b, item(1))
		h.must(b.GoLive(t.Context()))
		before := h.rows()
		if err := b.Abandon(t.Context()); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want %v", err, db.ErrNotFound)
		}
		if after := h.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("got %v, want %v", after, before)
		}
	})
}

func TestTheSameItemTwiceInAFileIsRefused(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		h.stage(b, item(1))
		other := item(1)
		other.Hash = "other"
		if got := h.stage(b, other)[0].What; got != publish.Refusal {
			t.Errorf("got %s, want %s", got, publish.Refusal)
		}
	})
}

func TestAnImportLeavesAWithdrawnStoryWithdrawn(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.begin()
		o := h.stage(b, item(1))
		h.must(b.GoLive(t.Context()))
		h.must(h.desk.Withdraw(t.Context(), o[0].Story, "Law."))
		changed := item(1)
		changed.Hash = "other"
		b = h.begin()
		if got := h.stage(b, changed)[0].What; got != publish.Refusal {
			t.Errorf("got %s, want %s", got, publish.Refusal)
		}
		h.must(b.GoLive(t.Context()))
		if n := len(h.latest()); n != 0 {
			t.Errorf("%d stories are live, want none", n)
		}
	})
}
