package publish

import (
	"context"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
)

// Front launches a plan as an edition's front.
func (d *Desk) Front(ctx context.Context, by ref.Staff, edition string, plan front.Plan) (version int64, err error) {
	err = d.db.Update(ctx, func(tx *db.Tx) error {
		if version, err = front.Launch(tx, by, edition, d.now(), plan); err != nil {
			return err
		}
		return d.log.Append(tx, event.Event{At: d.now(), Kind: Arranged, Tags: []string{string(ref.FrontTag(edition))}})
	})
	if err != nil {
		return 0, err
	}
	d.refresh(ctx)
	return version, nil
}

// House runs a change of what frames the pages: editions, sections, topics,
// authors. It refreshes everything.
func (d *Desk) House(ctx context.Context, change func(*db.Tx) error) error {
	err := d.db.Update(ctx, func(tx *db.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return d.log.Append(tx, event.Event{At: d.now(), Kind: Settled, Tags: []string{string(ref.FrameTag)}})
	})
	if err != nil {
		return err
	}
	d.refresh(ctx)
	return nil
}
