package event_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

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
