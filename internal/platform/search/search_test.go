package search_test

import (
	"slices"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/search"
)

var day = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

var documents = []search.Document{
	{Story: 1, Edition: "en", Published: day, Headline: "A qanat carries water", Standfirst: "By gravity alone.", Body: "Vertical shafts, a sloping tunnel. He wrote \"union select\" and O'Brien's note."},
	{Story: 2, Edition: "en", Published: day.Add(time.Hour), Headline: "Tides twice a day", Standfirst: "The moon and the water.", Body: "Water rises. Water falls. Nobody digs a tunnel."},
	{Story: 3, Edition: "en", Published: day.Add(2 * time.Hour), Headline: "The metre", Body: "Light, a second, and the tunnel of history."},
	{Story: 4, Edition: "fa", Published: day, Headline: "قنات چگونه کار می‌کند", Body: "آب از مادرچاه تا مظهر می‌رود. سال ۱۴۰۵."},
	{Story: 5, Edition: "fa", Published: day.Add(time.Hour), Headline: "جزر و مد", Body: "آب بالا ميرود و پایین می‌آید."},
	{Story: 6, Edition: "ar", Published: day, Headline: "كيف تعمل القناة", Body: "يجري الماءُ من البئر الأم إلى المَخرج."},
	{Story: 7, Edition: "en", Published: time.Date(1961, 4, 12, 0, 0, 0, 0, time.UTC), Headline: "An old story", Body: "From before the epoch."},
}

func filled(t *testing.T, d *db.DB) search.Index {
	t.Helper()
	index := search.For(d)
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for _, document := range documents {
			document.Language = document.Edition
			if err := index.Put(tx, index.Prepare(document)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func find(t *testing.T, d *db.DB, index search.Index, q search.Query) (found []int64) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	if q.Language == "" {
		q.Language = q.Edition
	}
	err := d.View(t.Context(), func(tx *db.Tx) error {
		hits, err := index.Find(tx, q)
		found = search.Stories(hits)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestBothEnginesFindTheSame(t *testing.T) {
	tests := []struct {
		name, edition, text string
		want                []int64
	}{
		{"the headline beats the body", "en", "water", []int64{1, 2}},
		{"all words must occur", "en", "tunnel moon", []int64{2}},
		{"another edition's stories stay out", "ar", "water", nil},
		{"case is nothing", "en", "QANAT", []int64{1}},
		{"a phrase is adjacent", "en", `"sloping tunnel"`, []int64{1}},
		{"a phrase in another order is none", "en", `"tunnel sloping"`, nil},
		{"database keywords are words", "en", "union select", []int64{1}},
		{"an apostrophe is no operator", "en", "O'Brien's", []int64{1}},
		{"operators are words", "en", "water NOT moon", nil},
		{"a star is nothing", "en", "qan*", nil},
		{"column filters are words", "en", "headline:qanat", nil},
		{"brackets are nothing", "en", "(qanat", []int64{1}},
		{"half-space as typed", "fa", "می‌رود", []int64{4, 5}},
		{"half-space left out", "fa", "میرود", []int64{4, 5}},
		{"half-space as a space", "fa", "می رود", []int64{4, 5}},
		{"Arabic yeh in a Persian word", "fa", "ميرود", []int64{4, 5}},
		{"digits of any kind", "fa", "1405", []int64{4}},
		{"Arabic vowels are nothing", "ar", "الماء", []int64{6}},
		{"hamza on alef", "ar", "الام", []int64{6}},
		{"from before 1970", "en", "epoch", []int64{7}},
		{"nothing asked", "en", " \" ' ", nil},
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := filled(t, d)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got := find(t, d, index, search.Query{Edition: test.edition, Text: test.text})
				if test.edition == "fa" {
					slices.Sort(got)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			})
		}
	})
}

func TestNewestFirstIsByTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := filled(t, d)
		q := search.Query{Edition: "en", Text: "tunnel", Order: search.Newest}
		if got, want := find(t, d, index, q), []int64{3, 2, 1}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAChangedDocumentIsFoundByItsNewWordsOnly(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := filled(t, d)
		changed := documents[0]
		changed.Headline = "A kariz carries water"
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := index.Put(tx, index.Prepare(changed)); err != nil {
				return err
			}
			return index.Remove(tx, 2)
		})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string][]int64{"qanat": nil, "kariz": {1}, "water": {1}, "moon": nil} {
			if got := find(t, d, index, search.Query{Edition: "en", Text: text}); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", text, got, want)
			}
		}
	})
}

func TestThousandsOfStoriesMayShareAMoment(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		index := search.For(d)
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for n := range 3000 {
				// As identities are minted: thousands of milliseconds apart, the
				// same counter and node.
				e := index.Prepare(search.Document{Story: int64(n+1) << 22, Edition: "en", Published: day, Headline: "same"})
				if err := index.Add(tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(find(t, d, index, search.Query{Edition: "en", Text: "same", Limit: 5000, Order: search.Newest})); got != 3000 {
			t.Errorf("found %d, want 3000", got)
		}
	})
}
