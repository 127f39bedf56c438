package db

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What was deleted or overwritten in a table still stands in the files of the
// engine for a while: in pages that are free, in the log, in statistics. This
// file takes it from there. It cannot reach what is outside of the database's
// own files: backups, archived logs, snapshots of the disk.

// Scrubbed says what became of the files.
type Scrubbed struct {
	// Done are the things that were done, in order.
	Done []string `json:"done,omitempty"`
	// Left are sentences: what could not be done here, and who must do what.
	Left []string `json:"left,omitempty"`
	// Took is how long it took, in milliseconds.
	Took int64 `json:"took,omitempty"`
}

func (s *Scrubbed) did(what string) { s.Done = append(s.Done, what) }

func (s *Scrubbed) leave(sentence string, values ...any) {
	if whole := fmt.Sprintf(sentence, values...); !slices.Contains(s.Left, whole) {
		s.Left = append(s.Left, whole)
	}
}

// Erase is Update for a transaction that removes what must not be kept: what it
// frees is overwritten at once where the engine can.
func (d *DB) Erase(ctx context.Context, fn func(*Tx) error) error {
	if d.engine != SQLite {
		return d.Update(ctx, fn)
	}
	return d.Update(ctx, func(tx *Tx) error { return erasing(tx, fn) })
}

// Scrub takes what the tables do not hold any more from the database's files.
// While it works on a table nobody else can; on SQLite nobody can write. The
// tables are the engine's own names for those that changed, in any order; they
// are not text from outside. Doing it again is harmless.
func (d *DB) Scrub(ctx context.Context, tables []string) (s Scrubbed, err error) {
	begun := time.Now()
	if d.engine == SQLite {
		err = d.writing.scrub(ctx, &s)
	} else {
		err = d.server.scrub(ctx, tables, &s)
	}
	s.Took = time.Since(begun).Milliseconds()
	if err != nil {
		return s, d.gone(fmt.Errorf("scrub the database %s: %w", d.place, err))
	}
	return s, nil
}

// tryEvery and tryFor are how often and how long a scrub waits for those who
// still read what was.
const (
	tryEvery = 100 * time.Millisecond
	tryFor   = time.Minute
)

// patiently tries until done, or until others were in the way for too long.
func patiently(ctx context.Context, try func() (done bool, err error)) (bool, error) {
	enough := time.NewTimer(tryFor)
	defer enough.Stop()
	tick := time.NewTicker(tryEvery)
	defer tick.Stop()
	for {
		done, err := try()
		if done || err != nil {
			return done, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-enough.C:
			return false, nil
		case <-tick.C:
		}
	}
}
