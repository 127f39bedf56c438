package redact

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/platform/search"
)

// The steps of a redaction, in their order. Each bears being done again: one
// that was killed goes on with the step it was at.
const (
	stepReaders = ""
	stepHistory = "history"
	stepTold    = "told"
	stepScrub   = "scrub"
)

// Run does a redaction that was confirmed, or goes on with one, when no other
// one runs any more.
func (r *Room) Run(ctx context.Context, j job.Job) error {
	id, err := strconv.ParseInt(j.Payload, 10, 64)
	if err != nil {
		return fmt.Errorf("read which redaction is to be done: %w", err)
	}
	if d, err := r.find(ctx, id); err != nil || d.State != Running {
		return err
	}
	t, err := r.turn(ctx)
	if err != nil {
		return fmt.Errorf("do redaction %d: %w", id, err)
	}
	defer t.release(ctx)
	for {
		d, err := r.find(ctx, id)
		if err != nil || d.State != Running {
			return err
		}
		if err := t.step(ctx, d); err != nil {
			return fmt.Errorf("do redaction %d: %w", id, err)
		}
	}
}

func (r *Room) find(ctx context.Context, id int64) (d Redaction, err error) {
	err = r.DB.View(ctx, func(tx *db.Tx) (err error) {
		d, err = Find(tx, id)
		return err
	})
	return d, err
}

// step does the next step.
func (t *turn) step(ctx context.Context, d Redaction) error {
	if d.Report.Step == stepScrub {
		return t.scrub(ctx, d)
	}
	w, err := t.work(ctx, d.ID, d.Request, d.Report)
	if err != nil {
		return err
	}
	w.turn = t
	switch d.Report.Step {
	case stepReaders:
		return w.readers()
	case stepHistory:
		return w.behind()
	}
	return w.told()
}

// mostPasses is how often everything is looked at again. People write less than
// that while a redaction runs; what is there then is reported as left.
const mostPasses = 20

// behind takes what must go from all that is behind what readers see first, again
// and again until nothing of it was written meanwhile, and then has the nodes
// drop what they made of it.
func (w *work) behind() error {
	if err := w.files(); err != nil {
		return err
	}
	if w.Settle != nil && !w.dry() {
		if err := w.Settle(w.ctx); err != nil {
			return err
		}
	}
	for range mostPasses {
		w.found = false
		if err := w.seen(w.commit); err != nil {
			return err
		}
		if err := w.history(); err != nil {
			return err
		}
		if err := w.writing(); err != nil {
			return err
		}
		if !w.found {
			break
		}
	}
	if err := w.rest(); err != nil {
		return err
	}
	if err := w.left(); err != nil {
		return err
	}
	return w.commitAll(nil, func(tx *db.Tx) error {
		w.report.Step = stepTold
		return w.drop(tx)
	})
}

// files removes those of the picture that must go.
func (w *work) files() error {
	if w.request.Kind != Picture || w.dry() {
		return nil
	}
	n, err := w.Remove(w.ctx, w.asset)
	if err != nil {
		return fmt.Errorf("remove the files of picture %d: %w", w.asset.ID, err)
	}
	w.report.Files += n
	return nil
}

// How often and how long the nodes are asked whether they have dropped what they
// kept.
const (
	askEvery = 50 * time.Millisecond
	askFor   = time.Minute
)

// told waits until every node that is not silent was told, and then forgets what the
// redaction was of.
func (w *work) told() error {
	if err := w.Log.CatchUp(w.ctx); err != nil {
		return err
	}
	if err := w.waitForNodes(); err != nil {
		return err
	}
	return w.turn.erase(w.ctx, func(tx *db.Tx) error {
		w.report.Step = stepScrub
		if _, err := tx.Exec(`update redaction set target = '' where id = $1`, w.id); err != nil {
			return err
		}
		return w.save(tx)
	})
}

func (w *work) waitForNodes() error {
	until := time.NewTimer(askFor)
	defer until.Stop()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		behind := ""
		w.report.Nodes = nil
		err := w.DB.View(w.ctx, func(tx *db.Tx) error {
			nodes, err := w.Nodes(tx)
			for _, n := range nodes {
				if n.ReadTo < w.report.Event && !n.Silent {
					behind = n.Name
				}
			}
			w.report.Nodes = nodes
			return err
		})
		if err != nil || behind == "" {
			return err
		}
		select {
		case <-w.ctx.Done():
			return w.ctx.Err()
		case <-until.C:
			return fmt.Errorf("the node %s is alive and has not dropped what it keeps for %s; it will be asked again", behind, askFor)
		case <-tick.C:
		}
	}
}

// scrub takes what went from the database's files, and closes the redaction.
func (t *turn) scrub(ctx context.Context, d Redaction) error {
	if err := search.Scrub(ctx, t.DB); err != nil {
		return err
	}
	scrubbed, err := t.DB.Scrub(ctx, tables)
	if err != nil {
		return err
	}
	d.Report.Scrub = scrubbed
	return t.erase(ctx, func(tx *db.Tx) error { return t.close(tx, d) })
}

// mostBackups is how many backups a report names.
const mostBackups = 1000

// nameBackups lists the backups that were begun before the redaction was done:
// those that were being made meanwhile are among them.
func (d *Redaction) nameBackups(tx *db.Tx) (err error) {
	if d.State != Done {
		return nil
	}
	d.Report.Backups, err = db.List(tx, func(r db.Row) (b Backup, err error) {
		var at int64
		err = r.Scan(&b.ID, &at, &b.Place)
		b.At = time.UnixMilli(at).UTC()
		return b, err
	}, `select id, at, place from backup where at <= $1 order by at desc, id desc limit $2`, d.DoneAt.UnixMilli(), mostBackups)
	return err
}

// close says that a redaction is done: in its row, in the log, and to others.
func (r *Room) close(tx *db.Tx, d Redaction) error {
	now := r.moment()
	d.Report.Step = Done
	packed, err := db.Pack(d.Report)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`update redaction set state = $1, done_at = $2, report = $3 where id = $4 and state = $5`, Done, now.UnixMilli(), packed, d.ID, Running)
	if err != nil || n == 0 {
		return err
	}
	if err := r.announce(tx, now, d.ID); err != nil {
		return err
	}
	return r.seal(tx, now, d.ConfirmedBy, "done", d)
}

func (r *Room) announce(tx *db.Tx, at time.Time, id int64) error {
	if r.Announce == nil {
		return nil
	}
	changed, err := db.List(tx, db.Value[ref.Story], `select story from redacted where redaction = $1 order by story limit $2`, id, all)
	if err != nil {
		return err
	}
	for _, s := range changed {
		if err := r.Announce(tx, at, id, s); err != nil {
			return fmt.Errorf("announce that story %d changed: %w", s, err)
		}
	}
	return nil
}

// Preview says what a request would change, and changes nothing.
func (r *Room) Preview(ctx context.Context, q Request) (Found, error) {
	found, err := r.look(ctx, q)
	if err != nil {
		return Found{}, fmt.Errorf("preview a redaction: %w", err)
	}
	return found, nil
}

// look is a redaction that changes nothing.
func (r *Room) look(ctx context.Context, q Request) (Found, error) {
	err := r.DB.View(ctx, func(tx *db.Tx) error { return r.check(tx, q) })
	if err != nil {
		return Found{}, err
	}
	w, err := r.work(ctx, 0, q, Report{})
	if err != nil {
		return Found{}, err
	}
	for _, step := range []func() error{w.readers, w.history, w.writing, w.rest} {
		if err := step(); err != nil {
			return Found{}, err
		}
	}
	return w.report.Found, nil
}
