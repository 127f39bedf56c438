package publish_test

import (
	"slices"
	"testing"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// bringIndexUpToDate says how many stories it took.
func (h *house) bringIndexUpToDate() int {
	h.t.Helper()
	made, err := h.desk.Index(h.t.Context())
	h.must(err)
	return made
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	h.must(h.db.Update(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	}))
}

func TestTheSearchIndexIsBroughtUpToWhatIsLive(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		one, two, three := h.publish(h.draft(h.content("A qanat carries water"))), h.publish(h.draft(h.content("Rivers carry boats"))), h.publish(h.draft(h.content("Canals carry barges")))
		h.draft(h.content("Secret water"))
		if made := h.bringIndexUpToDate(); made != 0 {
			t.Errorf("%d entries were made anew where all was well", made)
		}
		// An earlier program published the first, made the entry of the second, and
		// published the third anew.
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error { return h.index.Remove(tx, int64(one.ID)) }))
		h.exec(`update search_entry set version = 0 where story = $1`, two.ID)
		h.exec(`update search_entry set state = 1 where story = $1`, three.ID)
		if made := h.bringIndexUpToDate(); made != 3 {
			t.Errorf("%d entries were made anew, want 3", made)
		}
		for words, want := range map[string]ref.Story{"qanats": one.ID, "boats": two.ID, "barges": three.ID} {
			if got := h.found(words); !slices.Equal(got, []int64{int64(want)}) {
				t.Errorf("%s: found %v, want %d", words, got, want)
			}
		}
		if got := h.found("secret"); len(got) != 0 {
			t.Errorf("a draft is found: %v", got)
		}
		h.exec(`delete from live where story = $1`, two.ID) // an earlier program withdrew it
		h.bringIndexUpToDate()
		if got := h.found("boats"); len(got) != 0 {
			t.Errorf("what is not live is found: %v", got)
		}
		if made := h.bringIndexUpToDate(); made != 0 {
			t.Errorf("it was not done: %d more", made)
		}
	})
}

func TestAnAuthorsNewNameIsFound(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		before := author.Author{ID: ref.New[ref.Author](h.mint), Words: map[string]author.Words{"en": {Name: "Mina Tavakol", Slug: "mina-tavakol"}}}
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error { return author.Put(tx, before) }))
		c := h.content("A qanat carries water")
		c.Byline = []story.Signature{{Author: before.ID}}
		live := h.publish(h.draft(c))
		if got := h.found("tavakol"); len(got) != 1 {
			t.Fatalf("found %v by the name", got)
		}
		now := before
		now.Words = map[string]author.Words{"en": {Name: "Mina Ahmadi", Slug: "mina-ahmadi"}}
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			if err := author.Put(tx, now); err != nil {
				return err
			}
			return h.desk.ResignIn(tx, before, now)
		}))
		jobs := 0
		h.must(h.db.View(t.Context(), func(tx *db.Tx) (err error) {
			jobs, err = db.Find(tx, db.Value[int], `select count(*) from job where kind = $1`, publish.Indexing)
			return err
		}))
		if made := h.bringIndexUpToDate(); jobs != 1 || made != 1 {
			t.Errorf("%d jobs were asked for, %d entries made", jobs, made)
		}
		if got := h.found("ahmadi"); !slices.Equal(got, []int64{int64(live.ID)}) || len(h.found("tavakol")) != 0 {
			t.Errorf("the new name finds %v, the old one %v", got, h.found("tavakol"))
		}
	})
}
