package readership

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// stride is how many stories one statement counts.
const stride = 5000

// store writes a batch, unless its identity says that it is written. Rows are
// taken in one order by all nodes, so that none waits for another in a circle.
func (c *Counter) store(ctx context.Context, b batch) error {
	return c.db.Update(ctx, func(tx *db.Tx) error {
		fresh, err := tx.Exec(`insert into view_batch (id, at) values ($1, $2) on conflict (id) do nothing`, b.id, c.now().UnixMilli())
		if err != nil || fresh == 0 {
			return err
		}
		for places := b.views.places(); len(places) > 0; {
			n := sameHour(places)
			_, err := tx.Exec(`insert into view_hour (story, hour, n)
				select cast(substr(value, 1, 19) as bigint), cast($1 as bigint), cast(substr(value, 20) as bigint) from json_each(cast($2 as text)) where true
				on conflict (story, hour) do update set n = view_hour.n + excluded.n`, places[0].hour, b.views.pack(places[:n]))
			if err != nil {
				return err
			}
			places = places[n:]
		}
		return nil
	})
}

// sameHour is how many of the places one statement takes.
func sameHour(places []place) int {
	n := 1
	for n < len(places) && n < stride && places[n].hour == places[0].hour {
		n++
	}
	return n
}

// pack writes a JSON array of texts: the story in 19 digits, then its views.
func (t tally) pack(places []place) string {
	text := make([]byte, 0, 25*len(places)+2)
	text = append(text, '[')
	for n, at := range places {
		if n > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `"%019d`, at.story)
		text = strconv.AppendInt(text, t[at], 10)
		text = append(text, '"')
	}
	return string(append(text, ']'))
}

// How long views of an hour are remembered, and how long which batches were
// written: a node that was away longer writes what it left as new.
const (
	rememberViews   = 400 * 24 * time.Hour
	rememberBatches = 30 * 24 * time.Hour
)

// Forget removes what is too old to be asked for: the views of hours thirteen
// months ago, and the identities of batches of which no node has a copy.
func Forget(tx *db.Tx, now time.Time) error {
	if _, err := tx.Exec(`delete from view_hour where hour < $1`, hourOf(now.Add(-rememberViews))); err != nil {
		return fmt.Errorf("forget old views: %w", err)
	}
	if _, err := tx.Exec(`delete from view_batch where at < $1`, now.Add(-rememberBatches).UnixMilli()); err != nil {
		return fmt.Errorf("forget old batches of views: %w", err)
	}
	return nil
}

// Exclude keeps a story out of Most Viewed from the next ranking on. Its views
// are counted all the same.
func Exclude(tx *db.Tx, id ref.Story, reason string, by ref.Staff, at time.Time) error {
	_, err := tx.Exec(`insert into view_excluded (story, reason, by, at) values ($1, $2, $3, $4)
		on conflict (story) do update set reason = excluded.reason, by = excluded.by, at = excluded.at`, id, reason, by, at.UnixMilli())
	if err != nil {
		return fmt.Errorf("keep story %d out of Most Viewed: %w", id, err)
	}
	return nil
}

// Bring adds views that were counted elsewhere, in the hour of a moment.
func Bring(tx *db.Tx, id ref.Story, at time.Time, views int64) error {
	_, err := tx.Exec(`insert into view_hour (story, hour, n) values ($1, $2, $3)
		on conflict (story, hour) do update set n = view_hour.n + excluded.n`, id, hourOf(at), views)
	if err != nil {
		return fmt.Errorf("bring the views of story %d: %w", id, err)
	}
	return nil
}

// Include lets a story into Most Viewed again.
func Include(tx *db.Tx, id ref.Story) error {
	if _, err := tx.Exec(`delete from view_excluded where story = $1`, id); err != nil {
		return fmt.Errorf("let story %d into Most Viewed: %w", id, err)
	}
	return nil
}
