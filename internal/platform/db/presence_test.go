package db

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// silentFor is a server that answers again after a while, to whoever asks anew.
func silentFor(silence time.Duration) func(context.Context) error {
	again := time.Now().Add(silence)
	return func(ctx context.Context) error {
		if !time.Now().Before(again) {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// looking is a database whose pool is never asked.
func looking(t *testing.T) *DB {
	t.Helper()
	pool, err := sql.Open("pgx", "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return &DB{engine: Postgres, place: "here", server: &server{pool: pool, public: pool, presence: newPresence(), reachWithin: 5 * time.Second}}
}

// working is such a database with work under way.
func working(t *testing.T) (*DB, context.Context) {
	t.Helper()
	d := looking(t)
	work, end, err := d.server.presence.join(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return d, work
}

func TestOneMissedAnswerCutsNothingShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, work := working(t)
		p := d.server.presence
		refused := make(chan error, 1)
		ask := silentFor(answerWithin)
		d.look(t.Context(), func(ctx context.Context) error {
			if p.isAway() {
				_, _, err := p.join(ctx)
				refused <- err
			}
			return ask(ctx)
		})
		if err := <-refused; err == nil {
			t.Error("new work was taken while there was no answer")
		}
		if err := work.Err(); err != nil || p.isAway() {
			t.Errorf("after the second answer: the work has ended with %v, away is %v", err, p.isAway())
		}
		time.Sleep(time.Minute)
		if err := work.Err(); err != nil {
			t.Errorf("a minute later: the work has ended with %v", err)
		}
	})
}

func TestAFrozenServersWorkIsCutAfterTheSecondSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, work := working(t)
		began := time.Now()
		go d.look(t.Context(), silentFor(time.Hour))
		<-work.Done()
		if took := watchEvery + time.Since(began); took > 2*time.Second {
			t.Errorf("it was cut after %v, want two seconds at most", took)
		}
		time.Sleep(time.Minute)
		d.look(t.Context(), silentFor(0))
		if _, end, err := d.server.presence.join(t.Context()); err != nil {
			t.Errorf("work after the server came back: got %v", err)
		} else {
			end()
		}
	})
}

func TestWhoIsRefusedAsksForNoLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := looking(t)
		d.server.presence.refuse()
		if err := d.View(t.Context(), func(*Tx) error { return nil }); err == nil {
			t.Fatal("it was let in")
		}
		if len(d.server.presence.doubt) > 0 {
			t.Error("a look was asked for")
		}
	})
}

func TestManyDoubtsAreOneLookATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := looking(t)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		looks := 0
		var watching sync.WaitGroup
		watching.Go(func() {
			d.lookAgain(ctx, func(context.Context) error { looks++; return nil })
		})
		for ctx.Err() == nil {
			d.server.presence.suspect()
			time.Sleep(time.Millisecond)
		}
		watching.Wait()
		if looks < 90 || looks > 101 {
			t.Errorf("got %d looks in ten seconds, want about a hundred", looks)
		}
	})
}
