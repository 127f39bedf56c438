package readership

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// live puts a story among those that readers see.
func (r *room) live(id ref.Story, edition string, in ref.Section, genre string, published int64) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into live (story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin, batch)
			values ($1, $2, $3, $4, '', '', '', '', '', '', 0, $5, 0, 0, 0, 0, 0)`, id, edition, in, genre, published)
		return err
	}))
}

func (r *room) do(statement string, args ...any) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	}))
}

// viewed adds views of an hour that is so many hours ago.
func (r *room) viewed(id ref.Story, ago, n int64) {
	r.t.Helper()
	r.do(`insert into view_hour (story, hour, n) values ($1, $2, $3) on conflict (story, hour) do update set n = view_hour.n + excluded.n`, id, r.hour()-ago, n)
}

// rank ranks and returns the editions that changed.
func (r *room) rank(k *Ranker) (editions []string) {
	r.t.Helper()
	r.must(k.Rank(r.t.Context(), func(_ *db.Tx, changed []string) error {
		if editions != nil {
			r.t.Error("told twice")
		}
		editions = changed
		return nil
	}))
	return editions
}

// top lists the stories of a list, and their views.
func (r *room) top(edition string, in ref.Section, span Span) (stories []ref.Story, views []int64) {
	r.t.Helper()
	r.must(r.db.View(r.t.Context(), func(tx *db.Tx) error {
		list, err := Top(tx, edition, in, span, 1000)
		for _, v := range list {
			stories, views = append(stories, v.Story), append(views, v.Views)
		}
		return err
	}))
	return stories, views
}

func (r *room) expectTop(edition string, in ref.Section, span Span, want ...ref.Story) {
	r.t.Helper()
	if got, _ := r.top(edition, in, span); !reflect.DeepEqual(got, want) {
		r.t.Errorf("%s, section %d, %s: got %v, want %v", edition, in, span, got, want)
	}
}

func TestMostViewedIsRankedByEditionSectionAndSpan(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.must(r.db.Update(t.Context(), func(tx *db.Tx) error {
			for _, s := range []section.Section{{ID: 10, Edition: "en", Slug: "water", Name: "Water"}, {ID: 11, Edition: "en", Slug: "analysis", Name: "Analysis", Genre: "analysis"}, {ID: 20, Edition: "fa", Slug: "ab", Name: "آب"}} {
				if err := section.Put(tx, s); err != nil {
					return err
				}
			}
			return nil
		}))
		r.live(1, "en", 10, "news", 100)
		r.live(2, "en", 10, "analysis", 100)
		r.live(3, "en", 12, "news", 200)
		r.live(4, "fa", 20, "news", 100)
		r.live(5, "en", 10, "page", 100)
		r.live(6, "en", 11, "news", 100) // lives where another genre gathers
		for ago, n := range map[int64]int64{0: 5, 23: 1, 24: 10, 167: 1, 168: 100, 719: 1, 720: 1000} {
			r.viewed(1, ago, n)
		}
		r.viewed(2, 0, 7)
		r.viewed(3, 2, 7)
		r.viewed(4, 1, 1)
		r.viewed(5, 1, 1000)
		r.viewed(6, 1, 2)
		r.viewed(99, 1, 1000) // was never live
		k := NewRanker(r.db, r.now)
		if got := r.rank(k); !reflect.DeepEqual(got, []string{"en", "fa"}) {
			t.Errorf("got %v, want both editions", got)
		}
		r.expectTop("en", 0, Day, 3, 2, 1, 6)
		r.expectTop("en", 0, Week, 1, 3, 2, 6)
		r.expectTop("en", 0, Month, 1, 3, 2, 6)
		r.expectTop("en", 10, Day, 2, 1)
		r.expectTop("en", 11, Day, 2)
		r.expectTop("en", 12, Month, 3)
		r.expectTop("fa", 0, Day, 4)
		r.expectTop("fa", 20, Week, 4)
		r.expectTop("ar", 0, Day)
		for span, want := range map[Span]int64{Day: 6, Week: 17, Month: 118} {
			_, views := r.top("en", 10, span)
			if got := views[len(views)-1]; span == Day && got != want {
				t.Errorf("%s: got %d views, want %d", span, got, want)
			} else if span != Day && views[0] != want {
				t.Errorf("%s: got %d views, want %d", span, views[0], want)
			}
		}
		if got := r.rank(k); got != nil {
			t.Errorf("nothing changed, and %v was told", got)
		}
	})
}

func TestMoreViewsInTheSameOrderAreNoNews(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.live(1, "en", 10, "news", 100)
		r.live(2, "fa", 10, "news", 100)
		r.viewed(1, 0, 5)
		r.viewed(2, 0, 5)
		k := NewRanker(r.db, r.now)
		r.rank(k)
		r.viewed(1, 0, 5)
		if got := r.rank(k); got != nil {
			t.Errorf("%v was told", got)
		}
		if _, views := r.top("en", 0, Day); views[0] != 10 {
			t.Errorf("got %d views, want 10", views[0])
		}
		r.live(3, "fa", 10, "news", 100)
		r.viewed(3, 1, 6)
		if got := r.rank(k); !reflect.DeepEqual(got, []string{"fa"}) {
			t.Errorf("got %v, want fa", got)
		}
	})
}

func TestWhatIsExcludedOrWithdrawnIsNotRanked(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		for id := range ref.Story(4) {
			r.live(id+1, "en", 10, "news", 100)
			r.viewed(id+1, 0, int64(10-id))
		}
		k := NewRanker(r.db, r.now)
		r.rank(k)
		r.must(r.db.Update(t.Context(), func(tx *db.Tx) error { return Exclude(tx, 1, "A joke of April the first.", 7, r.now()) }))
		r.must(r.db.Update(t.Context(), func(tx *db.Tx) error { return Exclude(tx, 1, "Again.", 7, r.now()) }))
		r.do(`delete from live where story = 2`)
		if got := r.rank(k); !reflect.DeepEqual(got, []string{"en"}) {
			t.Errorf("got %v, want en", got)
		}
		r.expectTop("en", 0, Day, 3, 4)
		r.must(r.db.Update(t.Context(), func(tx *db.Tx) error { return Include(tx, 1) }))
		r.rank(k)
		r.expectTop("en", 0, Day, 1, 3, 4)
		r.do(`delete from live where story > $1`, 0)
		if got := r.rank(k); !reflect.DeepEqual(got, []string{"en"}) {
			t.Errorf("got %v, want en", got)
		}
		r.expectTop("en", 0, Day)
		if got := r.rank(k); got != nil {
			t.Errorf("nothing changed, and %v was told", got)
		}
	})
}

func TestAnImportThatIsNotLiveIsNotRanked(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.live(1, "en", 10, "news", 100)
		r.viewed(1, 0, 1)
		r.do(`insert into batch (id, edition, source, started_at, touched_at, state) values (5, 'en', '', 0, 0, 'staging')`)
		r.do(`update live set batch = 5 where story = 1`)
		r.rank(NewRanker(r.db, r.now))
		r.expectTop("en", 0, Day)
	})
}

func TestTiesAreRankedNewestFirst(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		for id, published := range map[ref.Story]int64{1: 300, 2: 100, 3: 200, 4: 200} {
			r.live(id, "en", 10, "news", published)
			r.viewed(id, 0, 3)
		}
		r.rank(NewRanker(r.db, r.now))
		r.expectTop("en", 0, Day, 1, 4, 3, 2)
	})
}

func TestAListEndsAtItsLongest(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t))
	for id := range ref.Story(Longest + 5) {
		r.live(id+1, "en", 10, "news", 100)
		r.viewed(id+1, 0, int64(1+id))
	}
	r.rank(NewRanker(r.db, r.now))
	stories, _ := r.top("en", 0, Month)
	if len(stories) != Longest || stories[0] != Longest+5 {
		t.Errorf("got %d stories from %d", len(stories), stories[0])
	}
	r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
		list, err := Top(tx, "en", 0, Month, 3)
		if len(list) != 3 {
			t.Errorf("got %d stories, want 3", len(list))
		}
		return err
	}))
}

func TestTheWindowsSlideByTheHour(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.live(1, "en", 10, "news", 100)
		r.live(2, "en", 10, "news", 100)
		r.viewed(1, 0, 9)
		r.viewed(2, 0, 1)
		k := NewRanker(r.db, r.now)
		r.rank(k)
		hours := 0
		later := func(to int) {
			r.pass(time.Duration(to-hours) * time.Hour)
			hours = to
			r.rank(k)
		}
		later(23)
		r.viewed(2, 0, 1)
		r.rank(k)
		r.expectTop("en", 0, Day, 1, 2)
		later(24)
		r.expectTop("en", 0, Day, 2)
		r.expectTop("en", 0, Week, 1, 2)
		later(7*24 - 1)
		r.expectTop("en", 0, Day)
		r.expectTop("en", 0, Week, 1, 2)
		later(7 * 24)
		r.expectTop("en", 0, Week, 2)
		later(30*24 - 1)
		r.expectTop("en", 0, Month, 1, 2)
		later(30 * 24)
		r.expectTop("en", 0, Month, 2)
		later(31 * 24)
		r.expectTop("en", 0, Month)
	})
}

func TestViewsThatComeLateAreRanked(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.live(1, "en", 10, "news", 100)
		r.live(2, "en", 10, "news", 100)
		r.viewed(1, 0, 5)
		k := NewRanker(r.db, r.now)
		r.rank(k)
		r.viewed(2, openHours-1, 6)
		r.rank(k)
		r.expectTop("en", 0, Day, 2, 1)
		r.viewed(1, openHours+2, 6)
		r.pass(time.Hour)
		r.rank(k)
		r.expectTop("en", 0, Day, 1, 2)
	})
}

func TestAnOrderThatCouldNotBeToldIsNotWritten(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		r.live(1, "en", 10, "news", 100)
		r.viewed(1, 0, 5)
		k := NewRanker(r.db, r.now)
		if err := k.Rank(t.Context(), func(*db.Tx, []string) error { return fmt.Errorf("no") }); err == nil {
			t.Error("the failure was lost")
		}
		r.expectTop("en", 0, Day)
		if got := r.rank(k); !reflect.DeepEqual(got, []string{"en"}) {
			t.Errorf("got %v, want en", got)
		}
	})
}

// BenchmarkRank ranks 90,000 stories with BROADSHEET_VIEW_ROWS rows of views of
// the last month: "first" reads them all, as once an hour, "again" is what each
// minute costs.
func BenchmarkRank(b *testing.B) {
	rows := 1_000_000
	if text := os.Getenv("BROADSHEET_VIEW_ROWS"); text != "" {
		if _, err := fmt.Sscan(text, &rows); err != nil {
			b.Fatal(err)
		}
	}
	for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			r := newRoom(b, open(b))
			r.fill(90_000, rows)
			k := NewRanker(r.db, r.now)
			b.Run("first", func(b *testing.B) {
				for b.Loop() {
					k.past = nil
					r.rank(k)
				}
			})
			b.Run("again", func(b *testing.B) {
				r.rank(k)
				runtime.GC()
				for n := range b.N {
					r.viewed(ref.Story(1+n), 0, 1)
					r.rank(k)
				}
			})
		})
	}
}

// fill makes stories in three editions of ten sections, and views of them: a
// few stories have most.
func (r *room) fill(stories, rows int) {
	r.do(`with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
		insert into live (story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin, batch)
		select i, case i % 3 when 0 then 'en' when 1 then 'ar' else 'fa' end, 1 + i % 30, case i % 5 when 0 then 'analysis' else 'news' end,
			'', 'A headline of some words', '', 'A standfirst of some more words than the headline has', '', '', 0, i, 0, 0, 0, 0, 0 from n`, stories)
	each := rows / (30 * 24)
	for ago := range int64(30 * 24) {
		r.do(`with recursive n (i) as (select 1 union all select i + 1 from n where i < $2)
			insert into view_hour (story, hour, n) select 1 + (i * i + $1) % $3, cast($1 as bigint), max(1 + 10000 / (i + 1)) from n group by 1
			on conflict (story, hour) do update set n = view_hour.n + excluded.n`, r.hour()-ago, each, stories)
	}
}
