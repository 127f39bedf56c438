package event_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
)

// ear keeps what a node was told.
type ear struct {
	mu   sync.Mutex
	told []string
	// bell, when there is one, rings for each.
	bell chan struct{}
}

func (e *ear) hear(happened event.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, happened.Kind)
	if e.bell != nil {
		e.bell <- struct{}{}
	}
}

func listen(t testing.TB, d *db.DB) (*event.Log, *ear) {
	t.Helper()
	e := &ear{}
	log, err := event.Open(context.Background(), d, e.hear)
	if err != nil {
		t.Fatal(err)
	}
	return log, e
}

func TestEveryNodeHearsEveryEventOnceInOrder(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		one, ear1 := listen(t, d)
		two, ear2 := listen(t, d)
		var writers sync.WaitGroup
		for w := range 4 {
			log := []*event.Log{one, two}[w%2]
			writers.Go(func() {
				for n := range 200 {
					err := d.Update(t.Context(), func(tx *db.Tx) error {
						return log.Append(tx, event.Event{Kind: fmt.Sprintf("%d-%d", w, n), Tags: []string{"a", "b"}})
					})
					if err != nil {
						t.Error(err)
					}
					if err := one.CatchUp(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		if err := two.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := one.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := len(ear1.told), 800; got != want {
			t.Fatalf("node one heard %d events, want %d", got, want)
		}
		if !slices.Equal(ear1.told, ear2.told) {
			t.Error("the nodes heard different things")
		}
	})
}

func TestAnEventOfAFailedTransactionNeverHappened(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		log, ear := listen(t, d)
		failure := errors.New("no")
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := log.Append(tx, event.Event{Kind: "undone"}); err != nil {
				return err
			}
			return failure
		})
		if !errors.Is(err, failure) {
			t.Fatalf("got %v, want %v", err, failure)
		}
		if err := log.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(ear.told) != 0 {
			t.Errorf("heard %v, want nothing", ear.told)
		}
	})
}

func TestANodeThatSleptTooLongIsToldThatItMissedEvents(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var told []event.Event
		log, err := event.Open(t.Context(), d, func(e event.Event) { told = append(told, e) })
		if err != nil {
			t.Fatal(err)
		}
		old, young := time.Now().Add(-time.Hour), time.Now()
		say := func(moments ...time.Time) {
			t.Helper()
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				for _, at := range moments {
					if err := log.Append(tx, event.Event{At: at, Kind: "said"}); err != nil {
						return err
					}
				}
				return log.Forget(tx, young)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		hears := func(want ...event.Event) {
			t.Helper()
			told = nil
			if err := log.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			same := slices.EqualFunc(told, want, func(a, b event.Event) bool { return a.Seq == b.Seq && a.Missed == b.Missed })
			if !same || log.Cursor() != want[len(want)-1].Seq {
				t.Errorf("told %+v and at %d, want %+v", told, log.Cursor(), want)
			}
		}
		say(young)
		hears(event.Event{Seq: 1})
		say(old, old, young, young)
		hears(event.Event{Seq: 3, Missed: true}, event.Event{Seq: 4}, event.Event{Seq: 5})
		say(young, old, young)
		hears(event.Event{Seq: 6}, event.Event{Seq: 7, Missed: true}, event.Event{Seq: 8})
		say(old, old) // nothing is left of them
		hears(event.Event{Seq: 10, Missed: true})
		if err := log.CatchUp(t.Context()); err != nil || len(told) != 1 {
			t.Errorf("told %+v again, %v", told, err)
		}
	})
}
