package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/search"
)

// ErrMoved says that a front was launched by somebody else meanwhile.
var ErrMoved = errors.New("somebody launched another front meanwhile; read it again first")

// Front launches a plan as the front of a place.
func (d *Desk) Front(ctx context.Context, by ref.Staff, of front.Place, plan front.Plan) (version int64, err error) {
	err = d.Do(ctx, func(tx *db.Tx) error {
		newest, err := front.Newest(tx, of)
		if err != nil {
			return err
		}
		version, err = d.FrontIn(tx, by, of, newest.Version, plan)
		return err
	})
	return version, err
}

// FrontIn launches a plan over the version that it was made from, in a
// transaction that has more to do.
func (d *Desk) FrontIn(tx *db.Tx, by ref.Staff, of front.Place, over int64, plan front.Plan) (version int64, err error) {
	newest, err := front.Newest(tx, of)
	if err != nil {
		return 0, err
	}
	if newest.Version != over {
		return newest.Version, ErrMoved
	}
	version = over + 1
	err = front.Launch(tx, of, front.Launched{Version: version, At: d.now(), By: by, Plan: plan})
	if errors.Is(err, db.ErrConflict) {
		return over, ErrMoved // in the same moment
	}
	if err != nil {
		return 0, err
	}
	d.logged(tx, by, "front.launched", "front:"+of.String(), fmt.Sprintf(`{"version":%d}`, version))
	return version, d.log.Append(tx, event.Event{At: d.now(), Kind: Arranged, Tags: []string{string(of.Tag())}})
}

// House runs a change of what frames the pages: editions, sections, topics,
// authors. It refreshes everything.
func (d *Desk) House(ctx context.Context, change func(*db.Tx) error) error {
	return d.Do(ctx, func(tx *db.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return d.log.Append(tx, event.Event{At: d.now(), Kind: Settled, Tags: []string{string(ref.FrameTag)}})
	})
}

// SettledIn says that somebody changed a part of the house, and which pages
// show it. It ends the transaction's acts.
func (d *Desk) SettledIn(tx *db.Tx, by ref.Staff, act, subject string, shown ...ref.Tag) error {
	d.logged(tx, by, act, subject, "")
	tags := newTags()
	tags.add(shown...)
	return d.log.Append(tx, event.Event{At: d.now(), Kind: Settled, Tags: tags.list})
}

// logged adds an act to the audit log.
func (d *Desk) logged(tx *db.Tx, by ref.Staff, act, subject, detail string) {
	audit.Append(tx, audit.Entry{At: d.now().UTC().Truncate(time.Millisecond), By: int64(by), Act: act, Subject: subject, Detail: detail})
}

// ResignIn writes an author's new names under what is live; searches know them as soon
// as the index was brought up to date. Where the author has
// no words any more, the old name stays and leads nowhere.
func (d *Desk) ResignIn(tx *db.Tx, before, now author.Author) error {
	all, err := edition.All(tx)
	if err != nil {
		return err
	}
	for _, e := range all {
		was, is := before.Words[e.Language], now.Words[e.Language]
		if is.Name == "" {
			is.Name = was.Name
		}
		if is.Name == was.Name && is.Slug == was.Slug {
			continue
		}
		if err := d.stories.Resign(tx, e.Key, story.Signature{Author: now.ID, Name: is.Name, Slug: is.Slug}); err != nil {
			return err
		}
		if err := d.outdate(tx, now.ID); err != nil {
			return err
		}
	}
	return nil
}

// outdate has the index made anew of what an author signed.
func (d *Desk) outdate(tx *db.Tx, id ref.Author) error {
	stories, err := db.List(tx, db.Value[int64], `select story from live_author where author = $1 order by story limit 100000`, id)
	if err != nil || len(stories) == 0 {
		return err
	}
	if err := search.Outdate(tx, stories); err != nil {
		return err
	}
	return d.IndexSoon(tx)
}
