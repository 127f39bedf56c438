// Package job keeps the work that must be done once, by whichever node comes
// first, and again when that node dies with it. A job is durable with the
// transaction that asked for it. It is not a log of what happened: see event.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"broadsheet/internal/platform/db"
)

// Job is a piece of work.
type Job struct {
	ID      int64
	Kind    string
	Payload string
	// RunAt is the earliest moment, by the clock that the queue was given.
	RunAt    time.Time
	Attempts int
}

// lease is how long a node may be silent about a job before another takes it.
const lease = 15 * time.Second

// pollEvery is how late a node hears of a job that another added.
const pollEvery = time.Second

// Add asks for a job in the transaction it belongs to.
func Add(tx *db.Tx, j Job) error {
	_, err := tx.Exec(`insert into job (id, kind, payload, run_at, attempts, lease_until, lease_by, failure, done_at)
		values ($1, $2, $3, $4, 0, 0, '', '', 0)`, j.ID, j.Kind, j.Payload, j.RunAt.UnixMilli())
	if err != nil {
		return fmt.Errorf("add a job of kind %s: %w", j.Kind, err)
	}
	return nil
}

// AddOnce asks for a job unless one with its identity was asked for before.
func AddOnce(tx *db.Tx, j Job) error {
	_, err := tx.Exec(`insert into job (id, kind, payload, run_at, attempts, lease_until, lease_by, failure, done_at)
		values ($1, $2, $3, $4, 0, 0, '', '', 0) on conflict (id) do nothing`, j.ID, j.Kind, j.Payload, j.RunAt.UnixMilli())
	if err != nil {
		return fmt.Errorf("add a job of kind %s: %w", j.Kind, err)
	}
	return nil
}

// Waiting tells whether a job of a kind is still to be done.
func Waiting(tx *db.Tx, kind string) (bool, error) {
	return db.Has(tx, `select id from job where kind = $1 and done_at = 0 limit 1`, kind)
}

// Forget removes the jobs that were done before a moment.
func Forget(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`delete from job where done_at > 0 and done_at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("forget old jobs: %w", err)
	}
	return nil
}

// Do is what a kind of job does. It must bear being done again, and end soon
// after its context does.
type Do func(ctx context.Context, j Job) error

// Queue takes jobs of some kinds and has them done, one at a time. Kinds that
// must not wait for each other have queues of their own.
type Queue struct {
	db    *db.DB
	node  string
	kinds map[string]Do
	// names are the kinds as a list for the database: jobs of a kind that this
	// program does not know are left to those that do.
	names string
	now   func() time.Time
	nudge chan struct{}
}

// New returns the queue of a node, named uniquely among all that run now.
func New(d *db.DB, node string, now func() time.Time, kinds map[string]Do) *Queue {
	names, err := db.Pack(slices.Sorted(maps.Keys(kinds)))
	if err != nil {
		panic(err) // texts can be packed
	}
	return &Queue{db: d, node: node, kinds: kinds, names: names, now: now, nudge: make(chan struct{}, 1)}
}

// Nudge says that there may be something to do. It never waits.
func (q *Queue) Nudge() {
	select {
	case q.nudge <- struct{}{}:
	default:
	}
}

// Run does jobs, each when it is due, until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	for {
		wait := pollEvery
		if q.drain(ctx) {
			wait = q.idle(ctx)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-q.nudge:
			timer.Stop()
		}
	}
}

// drain does all that is due; false when it could not take it.
func (q *Queue) drain(ctx context.Context) bool {
	for {
		done, err := q.Next(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnavailable) {
			slog.Error("do a job", "error", err)
		}
		if !done || ctx.Err() != nil {
			return err == nil
		}
	}
}

// idle is how long there is nothing to do: until the next job is due that nobody
// has taken, but no longer than another node may keep a new one from us.
func (q *Queue) idle(ctx context.Context) time.Duration {
	next := int64(0)
	err := q.db.View(ctx, func(tx *db.Tx) (err error) {
		next, err = db.Find(tx, db.Value[int64], `select run_at from job where done_at = 0 and lease_until < $1
			and kind in (select value from json_each(cast($2 as text))) order by run_at, id limit 1`, q.now().UnixMilli(), q.names)
		return err
	})
	if err != nil {
		return pollEvery
	}
	return min(pollEvery, max(0, time.UnixMilli(next).Sub(q.now())))
}

// Next takes the next job that is due and does it; false when none is.
func (q *Queue) Next(ctx context.Context) (bool, error) {
	j, err := q.take(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take a job: %w", err)
	}
	failure := q.do(ctx, j)
	if failure != nil {
		slog.Warn("a job failed", "kind", j.Kind, "id", j.ID, "attempt", j.Attempts, "error", failure)
	}
	return true, q.settle(ctx, j, failure)
}

// do runs the job and renews its lease meanwhile. A job that panics has failed:
// it takes neither this node with it nor, put off like any other, the next.
func (q *Queue) do(ctx context.Context, j Job) (err error) {
	do, ok := q.kinds[j.Kind]
	if !ok {
		return fmt.Errorf("this program has no job of kind %s", j.Kind)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go q.renew(ctx, stop, j)
	defer func() {
		if fault := recover(); fault != nil {
			slog.Error("a job panicked", "kind", j.Kind, "id", j.ID, "fault", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("it panicked: %v", fault)
		}
	}()
	return do(ctx, j)
}

// renew keeps the lease; when it is lost, the job is stopped.
func (q *Queue) renew(ctx context.Context, stop func(), j Job) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := q.hold(ctx, j); errors.Is(err, db.ErrNotFound) {
				stop()
				return
			}
		}
	}
}

func (q *Queue) hold(ctx context.Context, j Job) error {
	return q.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`update job set lease_until = $1 where id = $2 and lease_by = $3 and done_at = 0`,
			q.now().Add(lease).UnixMilli(), j.ID, q.node)
		if err == nil && n == 0 {
			return db.ErrNotFound
		}
		return err
	})
}

// take leases the next job. One that another node takes at the same moment is
// left to it, and the one after it is taken.
func (q *Queue) take(ctx context.Context) (Job, error) {
	for {
		now := q.now()
		// Looking first spares the writing connection when there is nothing to do.
		err := q.db.View(ctx, func(tx *db.Tx) error {
			due, err := db.Has(tx, `select id from job where done_at = 0 and run_at <= $1 and lease_until < $1
				and kind in (select value from json_each(cast($2 as text))) limit 1`, now.UnixMilli(), q.names)
			if err == nil && !due {
				return db.ErrNotFound
			}
			return err
		})
		if err != nil {
			return Job{}, err
		}
		if j, err := q.lease(ctx, now); !errors.Is(err, db.ErrNotFound) {
			return j, err
		}
	}
}

// lease takes the job that is first in line. The condition stands twice because
// on PostgreSQL a node that waited for another's row looks at the outer one again.
func (q *Queue) lease(ctx context.Context, now time.Time) (j Job, err error) {
	err = q.db.Update(ctx, func(tx *db.Tx) (err error) {
		j, err = db.Find(tx, scan, `update job set lease_until = $1, lease_by = $2, attempts = attempts + 1
			where id = (select id from job where done_at = 0 and run_at <= $3 and lease_until < $3
					and kind in (select value from json_each(cast($4 as text))) order by run_at, id limit 1)
				and done_at = 0 and lease_until < $3 and run_at <= $3
			returning id, kind, payload, run_at, attempts`,
			now.Add(lease).UnixMilli(), q.node, now.UnixMilli(), q.names)
		return err
	})
	return j, err
}

// settle ends the job, or puts it off: by a minute, two, four … an hour.
func (q *Queue) settle(ctx context.Context, j Job, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	now := q.now()
	return q.db.Update(ctx, func(tx *db.Tx) error {
		if failure == nil {
			_, err := tx.Exec(`update job set done_at = $1, failure = '' where id = $2 and lease_by = $3`, now.UnixMilli(), j.ID, q.node)
			return err
		}
		wait := min(time.Hour, time.Minute<<min(j.Attempts-1, 6))
		_, err := tx.Exec(`update job set lease_until = 0, run_at = $1, failure = $2 where id = $3 and lease_by = $4`,
			now.Add(wait).UnixMilli(), failure.Error(), j.ID, q.node)
		return err
	})
}

func scan(r db.Row) (j Job, err error) {
	var runAt int64
	err = r.Scan(&j.ID, &j.Kind, &j.Payload, &runAt, &j.Attempts)
	j.RunAt = time.UnixMilli(runAt).UTC()
	return j, err
}
