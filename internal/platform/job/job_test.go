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
		add(t, d, job.Job{ID: 1, Kind: "k", RunAt: c.Now()})
		taken, buried := make(chan struct{}), make(chan struct{})
		dead := job.New(d, "dead", c.Now, map[string]job.Do{"k": func(context.Context, job.Job) error {
			close(taken)
			<-buried
			return errors.New("died")
		}})
		var dying sync.WaitGroup
		dying.Go(func() { dead.Next(t.Context()) })
		defer dying.Wait()
		defer close(buried)
		<-taken
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

func TestAJobThatPanicsHasFailedAndTheNextIsDone(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c, tries, done := start(), 0, 0
		q := job.New(d, "a", c.Now, map[string]job.Do{
			"panics": func(context.Context, job.Job) error { tries++; panic("on purpose") },
			"works":  func(context.Context, job.Job) error { done++; return nil },
		})
		add(t, d, job.Job{ID: 1, Kind: "panics", RunAt: c.Now()}, job.Job{ID: 2, Kind: "works", RunAt: c.Now()})
		for next(t, q) {
		}
		if tries != 1 || done != 1 {
			t.Errorf("tried %d times, the next done %d times, want 1 and 1", tries, done)
		}
		failure := ""
		err := d.View(t.Context(), func(tx *db.Tx) (err error) {
			failure, err = db.Find(tx, db.Value[string], `select failure from job where id = 1`)
			return err
		})
		if want := "it panicked: on purpose"; failure != want || err != nil {
			t.Errorf("got the failure %q, %v, want %q", failure, err, want)
		}
		c.Forward(time.Minute)
		if !next(t, q) || tries != 2 {
			t.Errorf("got %d tries after its wait, want 2", tries)
		}
	})
}

// TestWhoLosesAJobTakesTheNext has another node take the first job at the moment
// at which this one wants it.
func TestWhoLosesAJobTakesTheNext(t *testing.T) {
	d := dbtest.Postgres(t)
	c := start()
	add(t, d, job.Job{ID: 1, Kind: "k", RunAt: c.Now()}, job.Job{ID: 2, Kind: "k", RunAt: c.Now()})
	var got int64
	q := job.New(d, "late", c.Now, map[string]job.Do{"k": func(_ context.Context, j job.Job) error { got = j.ID; return nil }})
	took := make(chan bool, 1)
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(`update job set lease_until = $1, lease_by = 'first' where id = 1`, c.Now().Add(time.Minute).UnixMilli()); err != nil {
			return err
		}
		go func() {
			done, err := q.Next(t.Context())
			took <- done && err == nil
		}()
		return until(tx, `select pid from pg_locks where not granted and transactionid = cast(pg_current_xact_id() as xid)`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !<-took || got != 2 {
		t.Errorf("it did job %d, want 2", got)
	}
}

// until waits until a statement has a row.
func until(tx *db.Tx, statement string) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if has, err := db.Has(tx, statement); has || err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}
