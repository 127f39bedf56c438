package redact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"broadsheet/internal/platform/db"
)

// turn is the right to redact. One redaction at a time has it in the whole
// newsroom: of two that plan from the same text, the later one would write back
// what the earlier took.
type turn struct {
	*Room
	holder int64
	// end ends the renewing.
	end func()
}

// turnLease is how long who has the turn may be silent before another takes it.
const turnLease = 15 * time.Second

// turnAsked is how often who waits looks whether it is free.
const turnAsked = time.Second / 2

// releaseWithin is how long giving the turn back may take; its time runs out
// anyway.
const releaseWithin = 10 * time.Second

// errTurn says that another took the turn.
var errTurn = errors.New("this program was silent for too long, and another one redacts now; it will be tried again")

// turn waits until nobody else redacts.
func (r *Room) turn(ctx context.Context) (*turn, error) {
	t := &turn{Room: r, holder: r.Mint.Next()}
	tick := time.NewTicker(turnAsked)
	defer tick.Stop()
	for {
		got, err := t.take(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask whether another redaction runs: %w", err)
		}
		if got {
			renewing, end := context.WithCancel(context.WithoutCancel(ctx))
			t.end = end
			go t.renew(renewing)
			return t, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another redaction: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

func (t *turn) take(ctx context.Context) (got bool, err error) {
	err = t.DB.Update(ctx, func(tx *db.Tx) error {
		now := t.Now()
		n, err := tx.Exec(`insert into redaction_turn (id, holder, until) values (1, $1, $2)
			on conflict (id) do update set holder = excluded.holder, until = excluded.until where redaction_turn.until < $3`,
			t.holder, now.Add(turnLease).UnixMilli(), now.UnixMilli())
		got = n == 1
		return err
	})
	return got, err
}

// renew keeps the turn while nothing is written, until ctx ends.
func (t *turn) renew(ctx context.Context) {
	tick := time.NewTicker(turnLease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			t.DB.Update(ctx, t.keep) // what fails is tried again; who has lost it finds out when it writes
		}
	}
}

// keep renews the turn within a transaction, which fails when it is lost: until
// its commit nobody else can take it.
func (t *turn) keep(tx *db.Tx) error {
	n, err := tx.Exec(`update redaction_turn set until = $1 where id = 1 and holder = $2`, t.Now().Add(turnLease).UnixMilli(), t.holder)
	if err == nil && n == 0 {
		err = errTurn
	}
	return err
}

// erase is DB.Erase for who has the turn.
func (t *turn) erase(ctx context.Context, fn func(*db.Tx) error) error {
	return t.DB.Erase(ctx, func(tx *db.Tx) error {
		if err := t.keep(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// release gives the turn back.
func (t *turn) release(ctx context.Context) {
	t.end()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	err := t.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`update redaction_turn set holder = 0, until = 0 where id = 1 and holder = $1`, t.holder)
		return err
	})
	if err != nil {
		slog.Warn("let the next redaction begin", "error", err)
	}
}
