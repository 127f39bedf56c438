package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// The goals of a search in a newsroom that has grown, in milliseconds.
const (
	goalFindHalf    = 5
	goalFindMost    = 40
	goalSimilarMost = 3
)

// postgresAddress is the environment's name for an empty database of PostgreSQL, for
// its figures beside those of SQLite.
const postgresAddress = "BROADSHEET_BENCH_POSTGRES"

// searching measures what searches cost with all stories: the index alone, on both
// engines, and the whole page.
func (b *bench) searching(ctx context.Context) error {
	dir, err := b.large(ctx)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, filepath.Join(dir, "broadsheet.db"))
	if err != nil {
		return err
	}
	defer d.Close()
	documents, err := allDocuments(ctx, d)
	if err != nil {
		return err
	}
	asked, err := questionsOf(ctx, d, documents)
	if err != nil {
		return err
	}
	if err := b.find(ctx, d, asked, "SQLite"); err != nil {
		return err
	}
	if err := b.similar(ctx, d, documents, "SQLite"); err != nil {
		return err
	}
	b.spelling(documents)
	if err := b.searchPages(ctx, dir, asked); err != nil {
		return err
	}
	address := os.Getenv(postgresAddress)
	if address == "" {
		b.say("no PostgreSQL is measured: %s names none", postgresAddress)
		return nil
	}
	server, err := filled(ctx, address, documents)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := b.find(ctx, server, asked, "PostgreSQL"); err != nil {
		return err
	}
	return b.similar(ctx, server, documents, "PostgreSQL")
}

// allDocuments reads what the index was made of.
func allDocuments(ctx context.Context, d *db.DB) (all []search.Document, err error) {
	var editions []edition.Edition
	err = d.View(ctx, func(tx *db.Tx) (err error) {
		editions, err = edition.All(tx)
		return err
	})
	for _, e := range editions {
		for behind := (story.Cursor{}); err == nil; {
			var shown []story.Shown
			err = d.View(ctx, func(tx *db.Tx) (err error) {
				if shown, err = story.AllShown(tx, e.Key, behind, 1000); err != nil || len(shown) == 0 {
					return err
				}
				ids := make([]ref.Story, len(shown))
				for n, s := range shown {
					ids[n] = s.Story
				}
				some, err := story.AllSearched(tx, ids)
				all = append(all, some...)
				return err
			})
			if len(shown) == 0 {
				break
			}
			behind = shown[len(shown)-1].At
		}
	}
	return all, err
}

// filled is an index of the documents in another database.
func filled(ctx context.Context, address string, documents []search.Document) (*db.DB, error) {
	d, err := db.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return nil, err
	}
	index := search.For(d)
	for some := range slices.Chunk(documents, 500) {
		err := d.Update(ctx, func(tx *db.Tx) error {
			for _, document := range some {
				document.Batch = 0
				if err := index.Put(tx, index.Prepare(document)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			d.Close()
			return nil, fmt.Errorf("fill the index on PostgreSQL: %w", err)
		}
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`analyze search_entry`)
		return err
	})
	return d, err
}

// The kinds of words, by how many stories have them.
const (
	commonWords   = "common words"
	middlingWords = "middling words"
	rareWords     = "rare words"
)

func kindsOfWords() []string { return []string{commonWords, middlingWords, rareWords} }

// questionsOf are queries of one and two words of each kind, words that headlines
// have.
func questionsOf(ctx context.Context, d *db.DB, documents []search.Document) (map[string][]search.Query, error) {
	const wanted = 60
	r := rand.New(rand.NewPCG(7, 7))
	index := search.For(d)
	words := map[string][]search.Query{}
	seen := map[string]bool{}
	err := d.View(ctx, func(tx *db.Tx) error {
		for range 4000 {
			document := documents[r.IntN(len(documents))]
			all := lang.StemWords(document.Headline, document.Language)
			if len(all) == 0 {
				continue
			}
			word := all[r.IntN(len(all))].Text
			if seen[document.Edition+word] || len([]rune(word)) < 3 {
				continue
			}
			seen[document.Edition+word] = true
			q := search.Query{Edition: document.Edition, Language: document.Language, Text: word, Limit: 21}
			count, err := index.Count(tx, q)
			if err != nil {
				return err
			}
			kind := ""
			switch {
			case count > search.Counted:
				kind = commonWords
			case 50 <= count && count <= 500:
				kind = middlingWords
			case 0 < count && count <= 10:
				kind = rareWords
			}
			if kind != "" && len(words[kind]) < wanted {
				words[kind] = append(words[kind], q)
			}
		}
		return nil
	})
	return words, err
}

// pairs are queries of two words: one of a kind and one of any.
func pairs(words map[string][]search.Query, kind string) (two []search.Query) {
	r := rand.New(rand.NewPCG(8, 8))
	every := slices.Concat(words[commonWords], words[middlingWords], words[rareWords])
	for _, q := range words[kind] {
		for range 40 {
			other := every[r.IntN(len(every))]
			if other.Edition == q.Edition && other.Text != q.Text {
				q.Text += " " + other.Text
				two = append(two, q)
				break
			}
		}
	}
	return two
}

// find times Index.Find: the first page of an answer.
func (b *bench) find(ctx context.Context, d *db.DB, words map[string][]search.Query, engine string) error {
	index := search.For(d)
	for _, kind := range kindsOfWords() {
		for n, queries := range [][]search.Query{words[kind], pairs(words, kind)} {
			var took []time.Duration
			for range 1 + either(b.quick, 5, 1) {
				for _, q := range queries {
					err := d.Public(ctx, func(tx *db.Tx) error {
						began := time.Now()
						_, err := index.Find(tx, q)
						took = append(took, time.Since(began))
						return err
					})
					if err != nil {
						return err
					}
				}
			}
			took = took[len(queries):] // the first round warms what the database keeps
			if len(took) == 0 {
				continue
			}
			name := fmt.Sprintf("%s: %s, %d at a time", engine, kind, n+1)
			b.judge(engine, name+": p50", goalFindHalf, milliseconds(quantile(took, 0.5)))
			b.judge(engine, name+": p99", goalFindMost, milliseconds(quantile(took, 0.99)))
		}
	}
	return nil
}

// judge has goals for SQLite alone.
func (b *bench) judge(engine, name string, goal, ms float64) {
	f := figure{Part: partSearch, Name: name, Unit: "ms"}
	if engine == "SQLite" {
		b.report.goal(f, atMost, goal, ms)
	} else {
		b.report.tell(f, ms)
	}
}

// similar times Index.Similar.
func (b *bench) similar(ctx context.Context, d *db.DB, documents []search.Document, engine string) error {
	r := rand.New(rand.NewPCG(9, 9))
	index := search.For(d)
	var took []time.Duration
	for range 400 {
		of := documents[r.IntN(len(documents))]
		l := search.Likeness{Edition: of.Edition, Language: of.Language, Text: of.Headline + "\n" + of.Standfirst, Without: []int64{of.Story}, Limit: 4}
		err := d.Public(ctx, func(tx *db.Tx) error {
			began := time.Now()
			_, err := index.Similar(tx, l)
			took = append(took, time.Since(began))
			return err
		})
		if err != nil {
			return err
		}
	}
	took = took[100:]
	b.judge(engine, engine+": four similar stories: p50", goalSimilarMost, milliseconds(quantile(took, 0.5)))
	b.report.tell(figure{Part: partSearch, Name: engine + ": four similar stories: p99", Unit: "ms"}, milliseconds(quantile(took, 0.99)))
	return nil
}

// spelling measures what the spellings of the largest edition take.
func (b *bench) spelling(documents []search.Document) {
	headlines := map[string][]string{}
	largest := ""
	for _, d := range documents {
		headlines[d.Edition] = append(headlines[d.Edition], strings.Clone(d.Headline))
		if len(headlines[d.Edition]) > len(headlines[largest]) {
			largest = d.Edition
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, began := heap(), time.Now()
	s := search.NewSpeller(largest, slices.Values(headlines[largest]))
	took := time.Since(began)
	after := heap()
	name := fmt.Sprintf("spellings of %d headlines", len(headlines[largest]))
	b.report.tell(figure{Part: partSearch, Name: name + ": memory", Unit: "MB"}, (float64(after)-float64(before))/1e6)
	b.report.tell(figure{Part: partSearch, Name: name + ": made in", Unit: "ms"}, milliseconds(took))
	began = time.Now()
	for range 20 {
		s.Suggest("zqxwvkjyph")
	}
	b.report.tell(figure{Part: partSearch, Name: "a suggestion for a long word", Unit: "ms"}, milliseconds(time.Since(began)/20))
}

// searchPages times the whole page, as a reader gets it.
func (b *bench) searchPages(ctx context.Context, dir string, words map[string][]search.Query) error {
	s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback)
	if err != nil {
		return err
	}
	defer s.stop()
	c := newClient()
	defer c.close()
	for _, kind := range kindsOfWords() {
		var took []time.Duration
		for n := range 2 {
			for _, q := range words[kind] {
				answer, err := c.get(ctx, s.url+"/"+q.Edition+"/search?q="+url.QueryEscape(q.Text), "identity")
				if err != nil {
					return err
				}
				if n > 0 {
					took = append(took, answer.took)
				}
			}
		}
		if len(took) == 0 {
			continue
		}
		b.report.tell(figure{Part: partSearch, Name: "the whole page: " + kind + ": p50", Unit: "ms"}, milliseconds(quantile(took, 0.5)))
		b.report.tell(figure{Part: partSearch, Name: "the whole page: " + kind + ": p99", Unit: "ms"}, milliseconds(quantile(took, 0.99)))
	}
	return nil
}
