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
	"sync/atomic"
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
	// Missed says that the events up to this one were forgotten before this node
	// read them: nothing that it keeps may be shown again. It stands in no outbox.
	Missed bool
}

// pollEvery is how late a node hears of another's change at most when nothing
// nudges it.
const pollEvery = time.Second

// breath is how long Run stays deaf after it was nudged for nothing: who shouts
// on the bus costs the database no more than two hundred looks a second.
const breath = 5 * time.Millisecond

// page is how many events are read at a time.
const page = 500

// Log appends events and tells this node's relay of them.
type Log struct {
	db     *db.DB
	handle func(Event)
	nudge  chan struct{}

	// outward holds what the bus is still to be told. One nudge stands for all
	// that came before it.
	outward chan struct{}
	bus     Bus

	// reading lets one reader at a time move the cursor.
	reading sync.Mutex
	cursor  atomic.Int64

	told, nudged, unsent, lag atomic.Int64
}

// Counts is what a log has seen since it was opened.
type Counts struct {
	// Told is how many events this node was told.
	Told int64
	// Nudges is how many came from other nodes. Ignored is how many messages on
	// the bus were none that this program knows, Unsent how many nudges of this
	// node the bus did not take.
	Nudges, Ignored, Unsent int64
	// Lag is how long after its time the last event was told, both by the
	// database's clock.
	Lag time.Duration
	// Connected tells whether nudges reach other nodes and come from them.
	Connected bool
}

// Open returns the log. handle is called for each event once on this node, in
// order. What happened before Open is not told: a node starts with nothing
// kept.
func Open(ctx context.Context, d *db.DB, handle func(Event)) (*Log, error) {
	l := &Log{db: d, handle: handle, nudge: make(chan struct{}, 1), outward: make(chan struct{}, 1)}
	err := d.View(ctx, func(tx *db.Tx) error {
		end, err := db.Find(tx, db.Value[int64], `select n from counter where name = 'outbox'`)
		l.cursor.Store(end)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the end of the outbox: %w", err)
	}
	return l, nil
}

// Join has this node and those on the bus nudge each other. It comes before
// Run, which carries the nudges, and before the first Append. The bus stays its
// owner's to close, after Run has returned.
func (l *Log) Join(bus Bus) {
	l.bus = bus
	bus.Hear(func() {
		l.nudged.Add(1)
		l.Nudge()
	})
}

// Append writes an event in the transaction it belongs to.
func (l *Log) Append(tx *db.Tx, e Event) error {
	_, err := l.AppendSeq(tx, e)
	return err
}

// AppendSeq is Append for who wants to know, once the transaction is durable,
// which node was told of the event: it returns the event's number.
//
// Taking the next number locks the counter until the commit, so that numbers
// are in the order of commits on both engines and no cursor skips one.
func (l *Log) AppendSeq(tx *db.Tx, e Event) (seq int64, err error) {
	seq, err = db.Find(tx, db.Value[int64], `update counter set n = n + 1 where name = 'outbox' returning n`)
	if err != nil {
		return 0, fmt.Errorf("number an event: %w", err)
	}
	tags, err := json.Marshal(e.Tags)
	if err != nil {
		return 0, fmt.Errorf("write an event's tags: %w", err)
	}
	_, err = tx.Exec(`insert into outbox (seq, at, kind, tags, purge) values ($1, $2, $3, $4, $5)`,
		seq, e.At.UnixMilli(), e.Kind, string(tags), e.Purge)
	if err != nil {
		return 0, fmt.Errorf("append an event: %w", err)
	}
	tx.AfterCommit(l.happened)
	return seq, nil
}

// happened nudges this node, and leaves word for the others. It never waits.
func (l *Log) happened() {
	l.Nudge()
	poke(l.outward)
}

// Forget removes the events from before a moment. A node that has not read them
// is told that it missed some.
func (l *Log) Forget(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`delete from outbox where at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("forget old events: %w", err)
	}
	return nil
}

// Nudge says that there may be something new. It never waits.
func (l *Log) Nudge() { poke(l.nudge) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting, and stands for this one too
	}
}

// Run tells events as they come until ctx ends. A database that does not
// answer is asked again; nothing is skipped.
func (l *Log) Run(ctx context.Context) {
	var carrier sync.WaitGroup
	carrier.Go(func() { l.carry(ctx) })
	defer carrier.Wait()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		n, err := l.catchUp(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnavailable) {
			slog.Error("read the outbox", "error", err)
		}
		if n == 0 {
			rest(ctx, breath)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.nudge:
		}
	}
}

// carry takes this node's nudges to the bus. However long that takes, nobody
// who appends waits for it.
func (l *Log) carry(ctx context.Context) {
	if l.bus == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.outward:
		}
		if err := l.bus.Nudge(); err != nil {
			l.unsent.Add(1) // the bus says once that it is away; polling does its work
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// CatchUp tells all events that are durable now. When it returns, what this
// node keeps is as true as the database was when it was called.
func (l *Log) CatchUp(ctx context.Context) error {
	_, err := l.catchUp(ctx)
	return err
}

// catchUp is CatchUp, and returns how many events it told.
func (l *Log) catchUp(ctx context.Context) (n int, err error) {
	l.reading.Lock()
	defer l.reading.Unlock()
	for {
		cursor := l.cursor.Load()
		events, err := l.after(ctx, cursor)
		if err != nil {
			return n, fmt.Errorf("read the outbox after %d: %w", cursor, err)
		}
		for _, e := range events {
			l.tell(e)
		}
		n += len(events)
		if len(events) < page {
			return n, nil
		}
	}
}

// tell has this node do what the event asks for, and says that it has.
func (l *Log) tell(e Event) {
	l.handle(e)
	l.told.Add(1)
	l.lag.Store(int64(l.db.Now().Sub(e.At)))
	l.cursor.Store(e.Seq)
}

// Cursor is the number of the last event that this node was told.
func (l *Log) Cursor() int64 { return l.cursor.Load() }

// Counts returns what the log has seen so far.
func (l *Log) Counts() Counts {
	c := Counts{Told: l.told.Load(), Nudges: l.nudged.Load(), Unsent: l.unsent.Load(), Lag: time.Duration(l.lag.Load())}
	if l.bus != nil {
		c.Ignored, c.Connected = l.bus.Ignored(), l.bus.Connected()
	}
	return c
}

// after reads the events after a number. The numbers have no gaps: where some are
// not there, an event says that they were missed.
func (l *Log) after(ctx context.Context, seq int64) (events []Event, err error) {
	err = l.db.View(ctx, func(tx *db.Tx) error {
		kept, err := db.List(tx, scan, `select seq, at, kind, tags, purge from outbox where seq > $1 order by seq limit $2`, seq, page)
		if err != nil {
			return err
		}
		end := seq
		for _, e := range kept {
			if e.Seq != end+1 {
				events = append(events, l.missed(e.Seq-1))
			}
			events, end = append(events, e), e.Seq
		}
		if len(kept) > 0 {
			return nil
		}
		if end, err = db.Find(tx, db.Value[int64], `select n from counter where name = 'outbox'`); err == nil && end > seq {
			events = append(events, l.missed(end))
		}
		return err
	})
	return events, err
}

// missed stands for the events up to a number.
func (l *Log) missed(seq int64) Event {
	return Event{Seq: seq, At: l.db.Now(), Kind: "missed", Missed: true}
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
