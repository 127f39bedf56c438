package db

import (
	"context"
	"errors"
	"fmt"
)

// erasing has SQLite write zeros over what a transaction frees.
func erasing(tx *Tx, fn func(*Tx) error) error {
	if _, err := tx.exec("pragma secure_delete = on", nil); err != nil {
		return fmt.Errorf("have what is freed overwritten: %w", kind(err))
	}
	// Whatever fn does, the connection goes back as it was.
	defer tx.on.exec(context.WithoutCancel(tx.ctx), "pragma secure_delete = off", nil)
	return fn(tx)
}

// errRead is the ErrUnavailable of a database of which an old state is read.
var errRead = fmt.Errorf("%w for this: somebody still reads an older state of it; it will be tried again", ErrUnavailable)

// scrub writes the file anew, without pages that are free, and empties the log
// before and after.
func (l *lanes) scrub(ctx context.Context, s *Scrubbed) error {
	if err := l.emptyLog(ctx); err != nil {
		return err
	}
	s.did("log emptied")
	if err := l.rewrite(ctx); err != nil {
		return err
	}
	s.did("file written anew")
	if err := l.emptyLog(ctx); err != nil {
		return err
	}
	s.did("log emptied")
	return nil
}

// rewrite writes the file anew: on the disk and not in the memory, before it is
// copied over the old one. Nobody can write meanwhile.
func (l *lanes) rewrite(ctx context.Context) error {
	lent, err := l.take(ctx)
	if err != nil {
		return kind(err)
	}
	defer func() { l.places <- lent }()
	if _, err := lent.exec(ctx, "pragma temp_store = file", nil); err != nil {
		return kind(err)
	}
	defer lent.exec(context.WithoutCancel(ctx), "pragma temp_store = memory", nil)
	if _, err := lent.exec(ctx, "vacuum", nil); err != nil {
		return fmt.Errorf("write the file anew: %w", kind(err))
	}
	return nil
}

// emptyLog moves all of the log into the file and cuts it to nothing. That
// waits for those who read an older state, and lets others write meanwhile.
func (l *lanes) emptyLog(ctx context.Context) error {
	done, err := patiently(ctx, func() (bool, error) { return l.tryEmptyLog(ctx) })
	if err == nil && !done {
		err = errRead
	}
	if err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}

// tryEmptyLog is emptyLog for who does not wait.
func (l *lanes) tryEmptyLog(ctx context.Context) (done bool, err error) {
	lent, err := l.take(ctx)
	if err != nil {
		return false, kind(err)
	}
	defer func() { l.places <- lent }()
	if _, err := lent.exec(ctx, "pragma busy_timeout = 50", nil); err != nil {
		return false, kind(err)
	}
	defer lent.exec(context.WithoutCancel(ctx), "pragma busy_timeout = 10000", nil)
	rows, err := lent.query(ctx, "pragma wal_checkpoint(truncate)", nil)
	if err != nil {
		if errors.Is(kind(err), errHeld) {
			return false, nil
		}
		return false, kind(err)
	}
	defer rows.Close()
	var busy, pages, moved int
	if !rows.Next() {
		return false, kind(rows.Err())
	}
	err = rows.Scan(&busy, &pages, &moved)
	return err == nil && busy == 0, kind(err)
}
