package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/job"
)

// clock is a clock in the test's hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start() *clock { return &clock{now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)} }

func add(t *testing.T, d *db.DB, jobs ...job.Job) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for _, j := range jobs {
			if err := job.Add(tx, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, q *job.Queue) bool {
	t.Helper()
	done, err := q.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestEachJobIsDoneOnceByManyNodes(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c := start()
		for n := range 60 {
			add(t, d, job.Job{ID: int64(n + 1), Kind: "count", RunAt: c.Now()})
		}
		var mu sync.Mutex
		done := map[int64]int{}
		kinds := map[string]job.Do{"count": func(_ context.Context, j job.Job) error {
			mu.Lock()
			defer mu.Unlock()
			done[j.ID]++
			return nil
		}}
		var nodes sync.WaitGroup
		for n := range 4 {
			q := job.New(d, fmt.Sprint("node", n), c.Now, kinds)
			nodes.Go(func() {
				for {
					mu.Lock()
					all := len(done) == 60
					mu.Unlock()
					if all {
						return
					}
					if _, err := q.Next(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		nodes.Wait()
		for id, n := range done {
			if n != 1 {
				t.Errorf("job %d was done %d times, want 1", id, n)
			}
		}
	})
}

func TestAJobWaitsForItsTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c, done := start(), 0
		q := job.New(d, "a", c.Now, map[string]job.Do{"k": func(context.Context, job.Job) error { done++; return nil }})
		add(t, d, job.Job{ID: 1, Kind: "k", RunAt: c.Now().Add(time.Minute)})
		if next(t, q) {
			t.Error("a job was taken before its time")
		}
		c.Forward(time.Minute)
		if !next(t, q) || done != 1 {
			t.Errorf("done %d times at its time, want 1", done)
		}
		if next(t, q) {
			t.Error("a finished job was taken again")
		}
	})
}

func TestAJobOfADeadNodeIsTakenOver(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c := start()
		died := errors.New("died")
		add(t, d, job.Job{ID: 1, Kind: "k", RunAt: c.Now()})
		ctx, kill := context.WithCancel(t.Context())
		dead := job.New(d, "dead", c.Now, map[string]job.Do{"k": func(context.Context, job.Job) error {
			kill()
			panic(died)
		}})
		func() {
			defer func() { recover() }()
			dead.Next(ctx)
		}()
		done := 0
		heir := job.New(d, "heir", c.Now, map[string]job.Do{"k": func(context.Context, job.Job) error { done++; return nil }})
		if next(t, heir) {
			t.Error("the job was taken while its lease ran")
		}
		c.Forward(61 * time.Second)
		if !next(t, heir) || done != 1 {
			t.Errorf("the heir did it %d times, want 1", done)
		}
	})
}

func TestAFailedJobComesBackLater(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c, tries := start(), 0
		q := job.New(d, "a", c.Now, map[string]job.Do{"k": func(context.Context, job.Job) error {
			tries++
			if tries < 3 {
				return errors.New("not yet")
			}
			return nil
		}})
		add(t, d, job.Job{ID: 1, Kind: "k", RunAt: c.Now()})
		next(t, q)
		if next(t, q) {
			t.Error("tried again at once")
		}
		c.Forward(time.Minute)
		next(t, q)
		c.Forward(time.Minute)
		if next(t, q) {
			t.Error("the second wait was not longer than the first")
		}
		c.Forward(time.Minute)
		next(t, q)
		if tries != 3 {
			t.Errorf("got %d tries, want 3", tries)
		}
	})
}
