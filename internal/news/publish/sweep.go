package publish

import (
	"context"
	"errors"
	"fmt"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Sweep removes what unfinished imports left behind. alone says that no other
// program can be at work, so that none of them is still going on.
func (d *Desk) Sweep(ctx context.Context, alone bool) error {
	before := d.now().Add(-idle).UnixMilli()
	if alone {
		before = always
	}
	var left []ref.Batch
	err := d.db.View(ctx, func(tx *db.Tx) (err error) {
		left, err = db.List(tx, db.Value[ref.Batch], `select id from batch where state = 'abandoned' or state = 'staging' and touched_at < $1 order by id limit 100`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for unfinished imports: %w", err)
	}
	for _, id := range left {
		err := d.abandon(ctx, id, before)
		if errors.Is(err, db.ErrNotFound) {
			continue // it stirred meanwhile
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// always is later than every moment at which a batch was touched.
const always = int64(1<<63 - 1)

// sweepSize is how many stories one transaction removes.
const sweepSize = 500

// abandon removes a batch piece by piece, so that nobody waits long. Nothing
// of it was ever seen: one that went live is refused.
func (d *Desk) abandon(ctx context.Context, id ref.Batch, before int64) error {
	err := d.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`update batch set state = $1 where id = $2 and (state = 'abandoned' or state = 'staging' and touched_at < $3)`, abandoned, id, before)
		if err == nil && n == 0 {
			return fmt.Errorf("batch %d is live, at work, or not there: %w", id, db.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("give up an import: %w", err)
	}
	for more := true; more; {
		err := d.db.Update(ctx, func(tx *db.Tx) (err error) {
			more, err = d.sweepStories(tx, id)
			return err
		})
		if err != nil {
			return fmt.Errorf("remove an unfinished import: %w", err)
		}
	}
	if err := d.db.Update(ctx, func(tx *db.Tx) error { return sweepNames(tx, id) }); err != nil {
		return fmt.Errorf("remove an unfinished import: %w", err)
	}
	return nil
}

// sweepStories removes the next stories of a batch with all that hangs on them.
func (d *Desk) sweepStories(tx *db.Tx, id ref.Batch) (more bool, err error) {
	stories, err := db.List(tx, db.Value[ref.Story], `select id from story where batch = $1 order by id limit $2`, id, sweepSize)
	if err != nil || len(stories) == 0 {
		return false, err
	}
	list, err := db.Pack(stories)
	if err != nil {
		return false, err
	}
	for _, s := range stories {
		if err := d.index.Remove(tx, int64(s)); err != nil {
			return false, err
		}
	}
	for _, statement := range []string{
		`delete from live where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from live_topic where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from live_author where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from version where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from revision where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from address where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from old_address where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from story where id in (select cast(value as bigint) from json_each(cast($1 as text)))`,
	} {
		if _, err := tx.Exec(statement, list); err != nil {
			return false, err
		}
	}
	return true, nil
}

// sweepNames removes the rest of a batch: what its stories were filed under.
func sweepNames(tx *db.Tx, id ref.Batch) error {
	for _, statement := range []string{
		`delete from import_item where batch = $1`,
		`delete from import_comment where batch = $1`,
		`delete from asset where batch = $1`,
		`delete from section where batch = $1`,
		`delete from topic_name where topic in (select id from topic where batch = $1)`,
		`delete from topic_slug where topic in (select id from topic where batch = $1)`,
		`delete from topic where batch = $1`,
		`delete from author_name where author in (select id from author where batch = $1)`,
		`delete from author_slug where author in (select id from author where batch = $1)`,
		`delete from author where batch = $1`,
		`delete from batch where id = $1`,
	} {
		if _, err := tx.Exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}
