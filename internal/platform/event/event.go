// Package event is the outbox: what happened, written in the transaction in
// which it happened, and read by every node after its own cursor. An event says
// that something changed and under which tags; the truth stays in the tables.
// It is not a queue of work: what must happen once is a job.
package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"broadsheet/internal/platform/db"
)

// Event is something that happened.
type Event struct {
	// Seq orders events by their commits. Append sets it.
	Seq  int64
	At   time.Time
	Kind string
	// Tags are those of all kept pages that the event makes untrue.
	Tags []string
	// Purge says that no stale copy may survive either: a withdrawal, a
	// redaction.
	Purge bool
}

// pollEvery is how late a node hears of another's change at most when nothing
// nudges it.
const pollEvery = 2 * time.Second

// page is how many events are read at a time.
const page = 500

// Log appends events and tells this node's relay of them.
type Log struct {
	db     *db.DB
	handle func(Event)
	nudge  chan struct{}

	// mu lets one reader at a time move the cursor.
	mu     sync.Mutex
	cursor int64
}

// Open returns the log. handle is called for each event once on this node, in
// order. What happened before Open is not told: a node starts with nothing
// kept.
func Open(ctx context.Context, d *db.DB, handle func(Event)) (*Log, error) {
	l := &Log{db: d, handle: handle, nudge: make(chan struct{}, 1)}
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		l.cursor, err = db.Find(tx, db.Value[int64], `select n from counter where name = 'outbox'`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the end of the outbox: %w", err)
	}
	return l, nil
}

// Append writes an event in the transaction it belongs to. Taking the next
// number locks the counter until the commit, so that numbers are in the order
// of commits on both engines and no cursor skips one.
func (l *Log) Append(tx *db.Tx, e Event) error {
	seq, err := db.Find(tx, db.Value[int64], `update counter set n = n + 1 where name = 'outbox' returning n`)
	if err != nil {
		return fmt.Errorf("number an event: %w", err)
	}
	tags, err := json.Marshal(e.Tags)
	if err != nil {
		return fmt.Errorf("write an event's tags: %w", err)
	}
	_, err = tx.Exec(`insert into outbox (seq, at, kind, tags, purge) values ($1, $2, $3, $4, $5)`,
		seq, e.At.UnixMilli(), e.Kind, string(tags), e.Purge)
	if err != nil {
		return fmt.Errorf("append an event: %w", err)
	}
	tx.AfterCommit(l.Nudge)
	return nil
}

// Forget removes the events from before a moment. No node may be so far behind
// that it has not read them.
func (l *Log) Forget(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`delete from outbox where at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("forget old events: %w", err)
	}
	return nil
}

// Nudge says that there may be something new. It never waits.
func (l *Log) Nudge() {
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// Run tells events as they come until ctx ends. A database that does not
// answer is asked again; nothing is skipped.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := l.CatchUp(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnavailable) {
			slog.Error("read the outbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.nudge:
		}
	}
}

// CatchUp tells all events that are durable now. When it returns, what this
// node keeps is as true as the database was when it was called.
func (l *Log) CatchUp(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		events, err := l.after(ctx, l.cursor)
		if err != nil {
			return fmt.Errorf("read the outbox after %d: %w", l.cursor, err)
		}
		for _, e := range events {
			l.handle(e)
			l.cursor = e.Seq
		}
		if len(events) < page {
			return nil
		}
	}
}

func (l *Log) after(ctx context.Context, seq int64) (events []Event, err error) {
	err = l.db.View(ctx, func(tx *db.Tx) (err error) {
		events, err = db.List(tx, scan, `select seq, at, kind, tags, purge from outbox where seq > $1 order by seq limit $2`, seq, page)
		return err
	})
	return events, err
}

func scan(r db.Row) (e Event, err error) {
	var at int64
	var tags string
	if err := r.Scan(&e.Seq, &at, &e.Kind, &tags, &e.Purge); err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at).UTC()
	return e, json.Unmarshal([]byte(tags), &e.Tags)
}
