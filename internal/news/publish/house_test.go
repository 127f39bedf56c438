package publish_test

import (
	"errors"
	"sync"
	"testing"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func TestOfTwoLaunchesAtOnceOneIsDone(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for over := range int64(20) {
			var launching sync.WaitGroup
			outcomes := make([]error, 4)
			for n := range outcomes {
				launching.Go(func() {
					outcomes[n] = h.desk.Do(t.Context(), func(tx *db.Tx) error {
						_, err := h.desk.FrontIn(tx, 7, front.Of("en"), over, front.Plan{Containers: []front.Container{{Kind: front.Lead, Size: n + 1}}})
						return err
					})
				})
			}
			launching.Wait()
			done := 0
			for _, err := range outcomes {
				if err == nil {
					done++
				} else if !errors.Is(err, publish.ErrMoved) {
					t.Errorf("got %v, want %v", err, publish.ErrMoved)
				}
			}
			if done != 1 {
				t.Fatalf("%d of four launches over version %d were done, want 1", done, over)
			}
		}
	})
}

func TestALaunchIsTheVersionAfterTheOneItWasMadeFrom(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		launch := func(version int64) error {
			return d.Update(t.Context(), func(tx *db.Tx) error {
				return front.Launch(tx, front.Of("en"), front.Launched{Version: version, At: h.now, Plan: front.Default(front.Of("en"))})
			})
		}
		h.must(launch(1))
		if err := launch(1); !errors.Is(err, db.ErrConflict) {
			t.Errorf("got %v, want %v", err, db.ErrConflict)
		}
		h.must(launch(2))
	})
}

func TestASlotHoldsNoStoryOfAnotherEdition(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ours := h.publish(h.draft(h.content("Ours")))
		var foreign story.Draft
		h.must(d.Update(t.Context(), func(tx *db.Tx) (err error) {
			foreign, err = h.stories.Create(tx, 7, "fa", 0, 0, h.content("Theirs"))
			return err
		}))
		h.publish(foreign)
		plan := front.Plan{Containers: []front.Container{{Kind: front.Lead, Size: 2, Slots: []front.Slot{{Story: foreign.ID}, {Story: ours.ID}}}}}
		h.must(d.View(t.Context(), func(tx *db.Tx) error {
			pressed, err := front.Press(tx, front.Of("en"), plan, h.now)
			if err == nil && (len(pressed.Containers) != 1 || len(pressed.Containers[0].Cards) != 1 || pressed.Containers[0].Cards[0].ID != ours.ID) {
				t.Errorf("got %+v", pressed)
			}
			return err
		}))
	})
}
