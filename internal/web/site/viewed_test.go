package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// viewed brings views of a story and ranks.
func (p *paper) viewed(views map[ref.Story]int64, ago time.Duration) {
	p.t.Helper()
	p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) error {
		for id, n := range views {
			if err := readership.Bring(tx, id, p.time().Add(-ago), n); err != nil {
				return err
			}
		}
		return nil
	}))
	p.rank()
}

func (p *paper) rank() {
	p.t.Helper()
	var tags []string
	p.must(readership.NewRanker(p.db, p.time).Rank(p.t.Context(), func(_ *db.Tx, editions []string) error {
		for _, key := range editions {
			tags = append(tags, string(ref.MostViewedTag(key)))
		}
		return nil
	}))
	p.site.Drop(tags, false)
}

func TestMostViewedIsRankedByDayWeekAndMonth(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.expect("/en/most-viewed/day", 200, "Nobody has opened anything here yet")
		one := p.publish("en", 0, p.content("en", "Opened today", "Text."))
		two := p.publish("en", 0, p.content("en", "Opened last week", "Text."))
		p.publish("en", 0, p.content("en", "Never opened", "Text."))
		p.forward(20 * 24 * time.Hour)
		p.viewed(map[ref.Story]int64{one.ID: 3}, time.Hour)
		p.viewed(map[ref.Story]int64{two.ID: 9}, 100*time.Hour)
		for _, at := range []string{"/en/most-viewed/", "/en/water/most-viewed/"} {
			day := main(p.expect(at+"day", 200, "Opened today"))
			if first, _, _ := strings.Cut(day, "</ol>"); strings.Contains(first, "Opened last week") {
				t.Error("the past day has what was opened before it")
			}
			week := main(p.expect(at+"week", 200))
			if at := places(week, "Opened last week", "Opened today"); at[0] < 0 || at[0] > at[1] {
				t.Errorf("the past week stands at %v", at)
			}
			if strings.Contains(week, "Never opened") {
				t.Error("what nobody opened is ranked")
			}
		}
		front := main(p.expect("/en/", 200, `id="viewed-day"`, `id="viewed-week"`))
		if got := strings.Count(front, " checked"); got != 1 {
			t.Errorf("%d tabs are chosen, want one", got)
		}
		p.expect("/en/most-viewed/year", 404)
		p.expect("/en/most-viewed/", 301)
		p.expect("/en/nowhere/most-viewed/day", 404)
	})
}

func TestMostViewedForgetsWhatWasWithdrawnOrMoved(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		var all []story.Card
		views := map[ref.Story]int64{}
		for n := range 3 {
			c := p.publish("en", 0, p.content("en", fmt.Sprintf("Number %d.", n), "Text."))
			all, views[c.ID] = append(all, c), int64(9-n)
		}
		p.forward(2 * time.Hour)
		p.viewed(views, time.Hour)
		p.expect("/en/most-viewed/day", 200, "Number 0.", "Number 1.", "Number 2.")
		p.must(p.desk.Withdraw(t.Context(), all[0].ID, "It was wrong."))
		if page := p.expect("/en/most-viewed/day", 200, "Number 1."); strings.Contains(page, "Number 0.") {
			t.Error("a withdrawn story is still ranked")
		}
		p.must(p.db.Update(t.Context(), func(tx *db.Tx) error {
			return readership.Exclude(tx, all[1].ID, "a robot opened it", 7, p.time())
		}))
		p.rank()
		if page := p.expect("/en/most-viewed/day", 200, "Number 2."); strings.Contains(page, "Number 1.") {
			t.Error("an excluded story is still ranked")
		}
	})
}
