package search_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/search"
)

// stock are words of each language in several forms, common ones first.
var stock = map[string][]string{
	"en": strings.Fields("the water waters river rivers train trains training trained railway railways tunnel tunnels qanat qanats gravity digging digs city cities canal canals drought droughts farmer farmers O'Brien union select not near engineering history historic"),
	"ar": strings.Fields("الماء والماء ماء نهر النهر أنهار قطار القطار القطارات قناة القناة قنوات الجفاف جفاف مدينة المدينة والمدينة مدن فلاح الفلاحون الفلاحين سياسة سياسية السياسي السكة الحديدية بالسكة كتاب الكتاب كتب"),
	"fa": strings.Fields("آب رود رودها رودهای رود‌خانه رودخانه قطار قطارها قطار‌های قنات قنات‌ها قناتی می‌رود میرود نمی‌رود شهر شهرها شهر‌هایی شهرهای بزرگ بزرگ‌تر بزرگترین خشکسالی کشاورز کشاورزان کتاب كتاب کتاب‌خانه ميرود ایران ایرانی ایرانیان انتخابات ها"),
}

// corpus is 360 documents in three editions, the same in every run.
func corpus() []search.Document {
	r := rand.New(rand.NewPCG(1, 2))
	var all []search.Document
	for n := range 360 {
		edition := []string{"en", "ar", "fa"}[n%3]
		text := func(least, most int) string {
			words := make([]string, least+r.IntN(most-least))
			for n := range words {
				// The first words are the most frequent ones.
				at := min(r.IntN(len(stock[edition])), r.IntN(len(stock[edition])))
				words[n] = stock[edition][at]
			}
			return strings.Join(words, " ")
		}
		d := search.Document{
			Story: int64(n + 1), Edition: edition, Language: edition, Published: day.Add(time.Duration(r.IntN(400)) * 5 * time.Hour),
			Headline: text(3, 8), Standfirst: text(0, 16), Body: text(10, 90),
			Facets: []string{"story", fmt.Sprintf("s%d", r.IntN(4)), []string{"gnews", "ganalysis", "gopinion"}[r.IntN(3)]},
		}
		for range r.IntN(3) {
			d.Facets = append(d.Facets, fmt.Sprintf("t%d", r.IntN(9)))
		}
		if n%20 == 0 {
			d.Batch = int64(n%40 + 1) // of two imports, of which one is not live
		}
		all = append(all, d)
	}
	return all
}

// shelf is an engine filled with a corpus.
type shelf struct {
	t     *testing.T
	db    *db.DB
	index search.Index
}

func shelve(t *testing.T, d *db.DB, documents []search.Document) *shelf {
	t.Helper()
	s := &shelf{t, d, search.For(d)}
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for id, state := range map[int]string{1: "live", 21: "staging"} {
			_, err := tx.Exec(`insert into batch (id, edition, source, started_at, touched_at, state) values ($1, 'en', 'test', 0, 0, $2)`, id, state)
			if err != nil {
				return err
			}
		}
		for _, document := range documents {
			if err := s.index.Put(tx, s.index.Prepare(document)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// view reads as pages for readers are read.
func (s *shelf) view(read func(*db.Tx) error) {
	s.t.Helper()
	if err := s.db.Public(s.t.Context(), read); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) find(q search.Query) (hits []search.Hit) {
	s.t.Helper()
	s.view(func(tx *db.Tx) (err error) {
		hits, err = s.index.Find(tx, q)
		return err
	})
	return hits
}

func (s *shelf) tally(q search.Query) (t search.Tally) {
	s.t.Helper()
	s.view(func(tx *db.Tx) (err error) {
		t, err = s.index.Tally(tx, q)
		return err
	})
	return t
}

// questions are all that readers ask of the corpus, and what they had better not.
func questions() []search.Query {
	var all []search.Query
	texts := map[string][]string{
		"en": {"water", "waters", "trains", "training", "water river", "railway tunnels", "\"water river\"", "\"the water\"", "\"waters\"", "\"trains\" city", "union select not", "NEAR(water river)", "water OR river", "-water", "wat*", "headline:water", "((", "\"", "' or 1=1 --", "water \"", "the", "O'Brien", "drought\x00water", "\u202ewater", "\xff\xfewater", strings.Repeat("water ", 2000), "historic history", "zzz", "~water en~water", "& | ! <->", "'", "\\", "«water river»"},
		"ar": {"ماء", "الماء", "والماء", "نهر", "قطارات", "القطار", "المدينة ماء", "\"السكة الحديدية\"", "\"ماء\"", "سياسي", "الفلاحين", "بالسكة", "كتب كتاب", "ا", "«النهر»"},
		"fa": {"آب", "رود", "رودها", "رودخانه", "رود‌خانه", "رود خانه", "می‌رود", "می رود", "میرود", "ميرود", "قطارهای", "قطار های", "\"می‌رود\"", "\"می رود\"", "\"قطار ها\"", "بزرگ", "شهرهایی", "کتابخانه", "كتاب", "ایران", "انتخابات", "ها", "\"شهر قنات\"", "شهر قنات", "۱۴۰۵"},
	}
	for _, edition := range []string{"en", "ar", "fa"} {
		for n, text := range texts[edition] {
			q := search.Query{Edition: edition, Language: edition, Text: text, Limit: 500}
			all = append(all, q)
			q.Order = search.Newest
			all = append(all, q)
			q.Order = search.Best
			q.Facets = [][]string{{"s1", "s2"}, {"gnews"}}[:1+n%2]
			all = append(all, q)
			q.From, q.Until = day.AddDate(0, 0, 10), day.AddDate(0, 0, 60)
			all = append(all, q)
			q.Text = ""
			all = append(all, q)
		}
	}
	return all
}

func TestBothEnginesGiveTheSameAnswersInTheSameOrder(t *testing.T) {
	documents := corpus()
	lite, server := shelve(t, dbtest.SQLite(t), documents), shelve(t, dbtest.Postgres(t), documents)
	found, empty := 0, 0
	for _, q := range questions() {
		a, b := lite.find(q), server.find(q)
		if !slices.Equal(a, b) {
			t.Errorf("%.60q in %s by %v: %v on SQLite, %v on PostgreSQL", q.Text, q.Edition, q.Facets, search.Stories(a), search.Stories(b))
		}
		if len(a) > 0 {
			found++
		} else {
			empty++
		}
		x, y := lite.tally(q), server.tally(q)
		if x.Count != y.Count || x.More != y.More || !maps.Equal(x.Facets, y.Facets) || x.Count != len(a) {
			t.Errorf("%.60q: %d found, tallies %v and %v", q.Text, len(a), x, y)
		}
		for _, h := range a {
			if d := documents[h.Story-1]; d.Edition != q.Edition || d.Batch == 21 {
				t.Errorf("%.60q finds story %d, which is not live there", q.Text, h.Story)
			}
		}
	}
	if found < 200 || empty < 10 {
		t.Errorf("%d questions have answers and %d have none: the suite sees too little", found, empty)
	}
}

func TestPagesOfAnAnswerHaveNoGapsAndNoDoubles(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := shelve(t, d, corpus())
		for n, q := range []search.Query{
			{Edition: "en", Language: "en", Text: "water river"}, {Edition: "fa", Language: "fa", Text: "قطار", Order: search.Newest},
			{Edition: "ar", Language: "ar", Facets: [][]string{{"gnews"}}},
		} {
			q.Limit = 500
			whole := search.Stories(s.find(q))
			q.Limit = 7
			var paged []int64
			for page := 0; ; page++ {
				hits := s.find(q)
				if len(hits) == 0 {
					break
				}
				paged = append(paged, search.Stories(hits)...)
				q.Behind = hits[len(hits)-1].Place
				// A story goes live while somebody reads on.
				s.publish(search.Document{Story: int64(1000 + 100*n + page), Edition: q.Edition, Language: q.Edition, Published: day.AddDate(1, 0, page),
					Headline: strings.Join(stock[q.Edition], " "), Facets: []string{"gnews"}})
			}
			paged = slices.DeleteFunc(paged, func(id int64) bool { return id >= 1000 })
			if !slices.Equal(paged, whole) || len(whole) < 20 {
				t.Errorf("%q in pages: %v, as a whole: %v", q.Text, paged, whole)
			}
		}
	})
}

func (s *shelf) publish(d search.Document) {
	s.t.Helper()
	err := s.db.Update(s.t.Context(), func(tx *db.Tx) error { return s.index.Put(tx, s.index.Prepare(d)) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAnswersAreRankedByWhereTheWordsStand(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		in := func(story int64, headline, standfirst, body string) search.Document {
			return search.Document{Story: story, Edition: "en", Language: "en", Published: day.Add(time.Duration(story) * time.Hour), Headline: headline, Standfirst: standfirst, Body: body}
		}
		s := shelve(t, d, []search.Document{
			in(1, "Night trains return", "", ""), in(2, "Trains that ran by night", "", ""), in(3, "Trains", "They run at night.", ""),
			in(4, "A timetable", "", "All night trains are listed."), in(5, "A timetable", "", "At night no trains run."), in(6, "Night", "", ""), in(7, "Night train again", "", ""),
			in(8, "Training at night", "", ""),
		})
		for text, want := range map[string][]int64{
			"night trains":         {7, 1, 8, 2, 3, 4, 5},
			`"night trains"`:       {1, 4},
			`"trains"`:             {3, 2, 1, 5, 4},
			`night "return"`:       {1},
			`"night"   "trains"  `: {1, 2, 3, 4, 5},
		} {
			if got := search.Stories(s.find(search.Query{Edition: "en", Language: "en", Text: text, Limit: 20})); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", text, got, want)
			}
		}
	})
}

func TestAnEndlessTextIsFoundAlikeOnBothEngines(t *testing.T) {
	long := search.Document{Story: 1, Edition: "en", Language: "en", Published: day, Headline: "Long",
		Body: strings.Repeat("common words ", 300) + strings.Repeat("filler ", 17000) + "late finding " + strings.Repeat("é", 400) + " rareness"}
	var rest strings.Builder
	for n := range 30000 {
		fmt.Fprintf(&rest, " unique%dword", n)
	}
	long.Body += rest.String()
	lite, server := shelve(t, dbtest.SQLite(t), []search.Document{long}), shelve(t, dbtest.Postgres(t), []search.Document{long})
	for text, want := range map[string]int{"late": 1, `"late finding"`: 0, `"common words"`: 1, "unique200word": 1, strings.Repeat("é", 400): 0, "rareness": 1, "filler": 1} {
		q := search.Query{Edition: "en", Language: "en", Text: text, Limit: 5}
		if a, b := lite.find(q), server.find(q); len(a) != want || !slices.Equal(a, b) {
			t.Errorf("%.30s: %d on SQLite and %d on PostgreSQL, want %d", text, len(a), len(b), want)
		}
	}
}

func TestSimilarStoriesAreTheSameOnBothEngines(t *testing.T) {
	documents := corpus()
	lite, server := shelve(t, dbtest.SQLite(t), documents), shelve(t, dbtest.Postgres(t), documents)
	some := 0
	for _, d := range documents {
		l := search.Likeness{Edition: d.Edition, Language: d.Language, Text: d.Headline + "\n" + d.Standfirst, Without: []int64{d.Story}, Limit: 4}
		a, b := lite.similar(l), server.similar(l)
		if !slices.Equal(a, b) {
			t.Errorf("like %q: %v on SQLite, %v on PostgreSQL", d.Headline, a, b)
		}
		some += len(a)
		for _, id := range a {
			if other := documents[id-1]; other.Edition != d.Edition || other.Batch == 21 || id == d.Story {
				t.Errorf("story %d is not to be told as similar to %d", id, d.Story)
			}
		}
	}
	if some < 300 {
		t.Errorf("only %d similar stories", some)
	}
}

func (s *shelf) similar(l search.Likeness) (stories []int64) {
	s.t.Helper()
	s.view(func(tx *db.Tx) (err error) {
		stories, err = s.index.Similar(tx, l)
		return err
	})
	return stories
}

func TestTheMostTellingWordsMakeStoriesSimilar(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var all []search.Document
		for n, headline := range []string{"Four railways agree on one timetable", "Railways of the desert agree", "A timetable for the railways", "Farmers agree on water prices", "Night sleepers return", "The UAE and oil", "Between another and another, within which there were none"} {
			all = append(all, search.Document{Story: int64(n + 1), Edition: "en", Language: "en", Published: day.Add(time.Duration(n) * time.Hour), Headline: headline})
		}
		s := shelve(t, d, all)
		got := s.similar(search.Likeness{Edition: "en", Language: "en", Text: all[0].Headline, Without: []int64{1}, Limit: 5})
		if want := []int64{3, 2}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		// Short names tell, and words that only join others do not.
		if got, want := s.similar(search.Likeness{Edition: "en", Language: "en", Text: "Oil from the UAE, between another and another\nwithin which there were", Limit: 5}), []int64{6}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := s.similar(search.Likeness{Edition: "fa", Language: "fa", Text: all[0].Headline, Limit: 5}); len(got) > 0 {
			t.Errorf("another edition has %v", got)
		}
	})
}

func TestTheLongestTextsCanBeKept(t *testing.T) {
	var distinct, short strings.Builder
	for n := range 250_000 {
		fmt.Fprintf(&distinct, " w%06d", n)
		fmt.Fprintf(&short, " %x", n)
	}
	for name, text := range map[string]string{"distinct words": distinct.String(), "short words": short.String(), "one word": strings.Repeat("common ", 300_000)} {
		t.Run(name, func(t *testing.T) {
			dbtest.Both(t, func(t *testing.T, d *db.DB) {
				s := shelve(t, d, []search.Document{{Story: 1, Edition: "en", Language: "en", Published: day, Headline: "Long", Body: text}})
				if got := s.find(search.Query{Edition: "en", Language: "en", Text: "long", Limit: 1}); len(got) != 1 {
					t.Error("it is not found")
				}
			})
		})
	}
}
