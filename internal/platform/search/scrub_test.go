package search_test

import (
	"bytes"
	"os"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/search"
)

func TestAScrubbedIndexForgetsRemovedWords(t *testing.T) {
	d := dbtest.SQLite(t)
	index := filled(t, d)
	holds := func() bool {
		t.Helper()
		if _, err := d.Scrub(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(d.Place())
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(text, []byte("gravit"))
	}
	err := d.Update(t.Context(), func(tx *db.Tx) error { return index.Remove(tx, 1) })
	if err != nil {
		t.Fatal(err)
	}
	if !holds() {
		t.Fatal("the word is gone before: the test sees nothing")
	}
	for range 2 { // doing it again is harmless
		if err := search.Scrub(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if holds() {
		t.Error("the file still holds a word that no document has")
	}
	if got := find(t, d, index, search.Query{Edition: "en", Text: "tunnel", Order: search.Newest}); len(got) != 2 {
		t.Errorf("the others are found as %v", got)
	}
}

func TestWordsThatAnEarlierProgramKeptAreForgottenToo(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := search.For(d)
		put := []string{
			`insert into search_document (document, story, edition, batch) values (7, 1, 'en', 0)`,
			`insert into search_word (rowid, headline, standfirst, body) values (7, 'gravity', '', '')`,
		}
		if d.Engine() == db.Postgres {
			put = []string{`insert into search_document (document, story, edition, batch, words) values (7, 1, 'en', 0, to_tsvector('simple', 'gravity'))`}
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for _, statement := range put {
				if _, err := tx.Exec(statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Update(t.Context(), func(tx *db.Tx) error {
			return index.Put(tx, index.Prepare(search.Document{Story: 1, Edition: "en", Language: "en", Published: day, Headline: "Another word"}))
		})
		if err == nil {
			err = search.Scrub(t.Context(), d)
		}
		if err != nil {
			t.Fatal(err)
		}
		left := int64(0)
		err = d.View(t.Context(), func(tx *db.Tx) (err error) {
			left, err = db.Find(tx, db.Value[int64], `select count(*) from search_document`)
			return err
		})
		if err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
		if d.Engine() == db.Postgres {
			return
		}
		if _, err := d.Scrub(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(d.Place()); err != nil || bytes.Contains(text, []byte("gravity")) {
			t.Errorf("the file still holds the word, %v", err)
		}
	})
}

func TestALargeIndexIsScrubbedInSteps(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := search.For(d)
		for n := range int64(40) {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				for m := range int64(50) {
					e := index.Prepare(search.Document{Story: n*50 + m + 1, Edition: "en", Published: day, Headline: words(n*50 + m), Body: words(n) + " common"})
					if err := index.Put(tx, e); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for n := range int64(1000) {
				if err := index.Remove(tx, n*2+1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := search.Scrub(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if got := find(t, d, index, search.Query{Edition: "en", Text: "common", Limit: 2000, Order: search.Newest}); len(got) != 1000 {
			t.Errorf("%d documents are found, want 1000", len(got))
		}
	})
}

// words are three words that few numbers share.
func words(n int64) string {
	const letters = "abcdefghijklmnop"
	w := func(n int64) string {
		b := []byte("w")
		for range 6 {
			b = append(b, letters[n&15])
			n = n*31 + 7
		}
		return string(b)
	}
	return w(n) + " " + w(n+17) + " " + w(n*n)
}
