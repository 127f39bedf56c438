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
		return bytes.Contains(text, []byte("gravity"))
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
