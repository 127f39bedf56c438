package readership

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/platform/db"
)

// Span is how far Most Viewed looks back. It slides by the hour: the hour that
// has begun counts as one.
type Span string

// The spans.
const (
	Day   Span = "day"
	Week  Span = "week"
	Month Span = "month"
)

// spans in the order in which sums have them.
var spans = [...]struct {
	name  Span
	hours int64
}{{Day, 24}, {Week, 7 * 24}, {Month, 30 * 24}}

// Known tells whether there is such a span.
func (s Span) Known() bool { return s == Day || s == Week || s == Month }

// Longest is how many stories a list of Most Viewed has at most.
const Longest = 50

// Viewed is a story with its views within a span.
type Viewed struct {
	Story ref.Story `json:"story"`
	Views int64     `json:"views"`
}

// Top lists the most viewed stories of an edition's section as they were ranked
// last; section 0 is the whole edition. One that was withdrawn since is still in
// it until the next ranking. Whether readers see the numbers is the caller's
// matter.
func Top(tx *db.Tx, edition string, in ref.Section, span Span, limit int) ([]Viewed, error) {
	text, err := db.Find(tx, db.Value[string], `select stories from most_viewed where edition = $1 and section = $2 and span = $3`, edition, in, string(span))
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read Most Viewed: %w", err)
	}
	var list []Viewed
	if err := db.Unpack(text, &list); err != nil {
		return nil, err
	}
	return list[:min(limit, len(list))], nil
}

// Ranker ranks Most Viewed. It remembers the sums of hours that are over, so
// that a ranking reads the last hours only.
type Ranker struct {
	db  *db.DB
	now func() time.Time

	mu sync.Mutex
	// past are the sums of the hours before pastUntil, for the windows of the
	// hour pastAt.
	past              map[ref.Story]sums
	pastAt, pastUntil int64
}

// sums are a story's views in each span.
type sums [len(spans)]int64

// openHours is how many hours are read anew at each ranking: views that come
// later than that are ranked with the next hour.
const openHours = 3

// NewRanker returns a ranker by the clock of the database.
func NewRanker(d *db.DB, now func() time.Time) *Ranker { return &Ranker{db: d, now: now} }

// list names a ranking.
type list struct {
	edition string
	section ref.Section
	span    Span
}

// ranking is a list with its text as stored.
type ranking struct {
	list
	stories []Viewed
	text    string
}

// Rank ranks anew what is live and not excluded. In the transaction that writes
// it changed is called with the editions in which a list has another order, if
// there are any: there the caller appends an event.
func (r *Ranker) Rank(ctx context.Context, changed func(tx *db.Tx, editions []string) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	var before, after map[list]ranking
	err := r.db.View(ctx, func(tx *db.Tx) (err error) {
		if after, err = r.rank(tx, hourOf(now)); err != nil {
			return err
		}
		before, err = ranked(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("rank Most Viewed: %w", err)
	}
	rows, editions := compare(before, after)
	if len(rows) == 0 {
		return nil
	}
	err = r.db.Update(ctx, func(tx *db.Tx) error {
		for _, row := range rows {
			if err := put(tx, row, now); err != nil {
				return err
			}
		}
		if len(editions) == 0 {
			return nil
		}
		return changed(tx, editions)
	})
	if err != nil {
		return fmt.Errorf("write Most Viewed: %w", err)
	}
	return nil
}

// rank makes all lists.
func (r *Ranker) rank(tx *db.Tx, hour int64) (map[list]ranking, error) {
	views, err := r.sum(tx, hour)
	if err != nil {
		return nil, err
	}
	all, err := candidates(tx, views)
	if err != nil {
		return nil, err
	}
	sections, err := section.All(tx)
	if err != nil {
		return nil, fmt.Errorf("read the sections: %w", err)
	}
	g := gathering{ofGenre: map[genre][]ref.Section{}, gathers: map[ref.Section]bool{}}
	for _, s := range sections {
		if s.Genre != "" {
			of := genre{s.Edition, s.Genre}
			g.ofGenre[of] = append(g.ofGenre[of], s.ID)
			g.gathers[s.ID] = true
		}
	}
	lists := map[list]ranking{}
	for n, span := range spans {
		slices.SortFunc(all, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.views[n], a.views[n]), cmp.Compare(b.published, a.published), cmp.Compare(b.story, a.story))
		})
		for _, c := range all {
			if c.views[n] == 0 {
				break
			}
			c.join(lists, span.name, n, g)
		}
	}
	return lists, nil
}

// genre is a genre in an edition.
type genre struct{ edition, name string }

// gathering says which sections have all stories of a genre, and no others.
type gathering struct {
	ofGenre map[genre][]ref.Section
	gathers map[ref.Section]bool
}

// candidate is a story that may be ranked.
type candidate struct {
	story     ref.Story
	edition   string
	section   ref.Section
	genre     string
	published int64
	views     sums
}

// join puts the story behind the others of each list that it belongs to.
func (c candidate) join(lists map[list]ranking, span Span, n int, g gathering) {
	add := func(in ref.Section) {
		key := list{c.edition, in, span}
		to := lists[key]
		if len(to.stories) < Longest {
			to.list, to.stories = key, append(to.stories, Viewed{c.story, c.views[n]})
			lists[key] = to
		}
	}
	add(0)
	if c.section != 0 && !g.gathers[c.section] {
		add(c.section)
	}
	for _, in := range g.ofGenre[genre{c.edition, c.genre}] {
		add(in)
	}
}

// candidates are the live stories that were viewed and are not excluded.
func candidates(tx *db.Tx, views map[ref.Story]sums) ([]candidate, error) {
	if len(views) == 0 {
		return nil, nil
	}
	ids, err := db.Pack(slices.Collect(maps.Keys(views)))
	if err != nil {
		return nil, err
	}
	all, err := db.List(tx, func(row db.Row) (c candidate, err error) {
		err = row.Scan(&c.story, &c.edition, &c.section, &c.genre, &c.published)
		c.views = views[c.story]
		return c, err
	}, `select story, edition, section, genre, published from published
		where story in (select cast(value as bigint) from json_each(cast($1 as text))) and genre <> 'page'
			and story not in (select story from view_excluded)
		order by story limit 10000000`, ids)
	if err != nil {
		return nil, fmt.Errorf("read the stories that were viewed: %w", err)
	}
	return all, nil
}

// sum returns the views of all stories in the windows that end with the hour.
func (r *Ranker) sum(tx *db.Tx, hour int64) (map[ref.Story]sums, error) {
	if r.past == nil || r.pastAt != hour {
		past, err := read(tx, hour, hour-spans[len(spans)-1].hours+1, hour-openHours)
		if err != nil {
			return nil, err
		}
		r.past, r.pastAt, r.pastUntil = past, hour, hour-openHours
	}
	views, err := read(tx, hour, r.pastUntil+1, hour)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(r.past)
	for id, more := range views {
		has := all[id]
		for n := range has {
			has[n] += more[n]
		}
		all[id] = has
	}
	return all, nil
}

// read sums the views of the hours from first to last.
func read(tx *db.Tx, hour, first, last int64) (map[ref.Story]sums, error) {
	views := map[ref.Story]sums{}
	_, err := db.List(tx, func(row db.Row) (none struct{}, err error) {
		var id ref.Story
		var n sums
		err = row.Scan(&id, &n[0], &n[1], &n[2])
		views[id] = n
		return none, err
	}, `select story, cast(sum(case when hour > $3 then n else 0 end) as bigint), cast(sum(case when hour > $4 then n else 0 end) as bigint), cast(sum(n) as bigint)
		from view_hour where hour >= $1 and hour <= $2 group by story order by story limit 10000000`,
		first, last, hour-spans[0].hours, hour-spans[1].hours)
	if err != nil {
		return nil, fmt.Errorf("sum the views: %w", err)
	}
	return views, nil
}

// ranked returns the lists as they were ranked last.
func ranked(tx *db.Tx) (map[list]ranking, error) {
	all, err := db.List(tx, func(row db.Row) (r ranking, err error) {
		if err := row.Scan(&r.edition, &r.section, &r.span, &r.text); err != nil {
			return r, err
		}
		return r, db.Unpack(r.text, &r.stories)
	}, `select edition, section, span, stories from most_viewed order by section, at limit 100000`)
	if err != nil {
		return nil, fmt.Errorf("read Most Viewed: %w", err)
	}
	lists := make(map[list]ranking, len(all))
	for _, r := range all {
		lists[r.list] = r
	}
	return lists, nil
}

// compare returns the lists that must be written, in one order for all nodes,
// and the editions in which an order changed.
func compare(before, after map[list]ranking) (rows []ranking, editions []string) {
	for key := range before {
		if _, still := after[key]; !still {
			after[key] = ranking{list: key, stories: []Viewed{}}
		}
	}
	changed := map[string]bool{}
	for key, now := range after {
		if slices.Equal(before[key].stories, now.stories) {
			continue
		}
		rows = append(rows, now)
		if !slices.EqualFunc(before[key].stories, now.stories, func(a, b Viewed) bool { return a.Story == b.Story }) {
			changed[key.edition] = true
		}
	}
	slices.SortFunc(rows, func(a, b ranking) int {
		return cmp.Or(cmp.Compare(a.edition, b.edition), cmp.Compare(a.section, b.section), cmp.Compare(a.span, b.span))
	})
	return rows, slices.Sorted(maps.Keys(changed))
}

func put(tx *db.Tx, r ranking, at time.Time) error {
	text, err := db.Pack(r.stories)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into most_viewed (edition, section, span, at, stories) values ($1, $2, $3, $4, $5)
		on conflict (edition, section, span) do update set at = excluded.at, stories = excluded.stories`,
		r.edition, r.section, string(r.span), at.UnixMilli(), text)
	return err
}
