package planning_test

import (
	"errors"
	"testing"
	"time"

	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

func in(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, d *db.DB, headline string, by ref.Staff) (id ref.Story) {
	t.Helper()
	in(t, d, func(tx *db.Tx) error {
		made, err := story.NewStore(mint, now).Create(tx, by, "en", 0, 0, story.Content{Headline: headline, Genre: story.News, Section: 7})
		id = made.ID
		return err
	})
	return id
}

var mint = ref.NewMint(1, now)

func titles(t *testing.T, d *db.DB, f planning.Filter) (all []string) {
	t.Helper()
	in(t, d, func(tx *db.Tx) error {
		list, err := planning.List(tx, f, 0, 100)
		for _, w := range list {
			all = append(all, w.Headline)
		}
		return err
	})
	return all
}

func TestStoriesAreChosenByWhatWasAgreed(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		first, second := begin(t, d, "100% of \\wagons_", 1), begin(t, d, "A school by the sea", 2)
		in(t, d, func(tx *db.Tx) error {
			return planning.Put(tx, planning.Plan{Story: first, Stage: planning.Editing, Writer: 1, Editor: 3, Deadline: noon, Changed: noon, By: 1})
		})
		for _, c := range []struct {
			filter planning.Filter
			want   []string
		}{
			{planning.Filter{}, []string{"A school by the sea", "100% of \\wagons_"}},
			{planning.Filter{Stage: planning.Editing}, []string{"100% of \\wagons_"}},
			{planning.Filter{Stage: planning.Writing}, []string{"A school by the sea"}},
			{planning.Filter{With: 3}, []string{"100% of \\wagons_"}},
			{planning.Filter{With: 2}, []string{"A school by the sea"}},
			{planning.Filter{With: 9}, nil},
			{planning.Filter{Text: "SCHOOL"}, []string{"A school by the sea"}},
			{planning.Filter{Text: "0% of \\w"}, []string{"100% of \\wagons_"}},
			{planning.Filter{Text: "_school"}, nil},
			{planning.Filter{Section: 7, Genre: story.News, Edition: "en", State: story.Writing}, []string{"A school by the sea", "100% of \\wagons_"}},
			{planning.Filter{Section: 8}, nil}, {planning.Filter{Genre: story.Opinion}, nil}, {planning.Filter{Edition: "fa"}, nil}, {planning.Filter{State: story.Published}, nil},
		} {
			got := titles(t, d, c.filter)
			if len(got) != len(c.want) {
				t.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
				continue
			}
			for n := range got {
				if got[n] != c.want[n] {
					t.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
				}
			}
		}
		in(t, d, func(tx *db.Tx) error {
			counts, err := planning.Count(tx, "en")
			if counts["editing"] != 1 || counts["writing"] != 1 || len(counts) != 2 {
				t.Errorf("got %v", counts)
			}
			if err := planning.Put(tx, planning.Plan{Story: second, Stage: "soon"}); !errors.Is(err, planning.ErrStage) {
				t.Errorf("a stage that is none: %v", err)
			}
			return err
		})
	})
}

func TestNotesAreAnsweredAndSettled(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		id := begin(t, d, "A", 1)
		in(t, d, func(tx *db.Tx) error {
			for _, n := range []planning.Note{
				{ID: 1, Story: id, Block: "b3", Quote: "310 members", Text: "آیا این رقم درست است؟\nO'Brien says \"union select\"", By: 2, At: noon},
				{ID: 2, Story: id, Parent: 1, Text: "yes", By: 1, At: noon},
				{ID: 3, Story: id, Parent: 2, Text: "thanks", By: 2, At: noon},
			} {
				if err := planning.AddNote(tx, n); err != nil {
					return err
				}
			}
			for _, text := range []string{"", " \n", "a\x00b"} {
				if err := planning.AddNote(tx, planning.Note{ID: 4, Story: id, Text: text}); !errors.Is(err, planning.ErrNote) {
					t.Errorf("%q: got %v", text, err)
				}
			}
			if err := planning.AddNote(tx, planning.Note{ID: 5, Story: id, Parent: 77, Text: "x"}); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("an answer to nothing: %v", err)
			}
			list, err := planning.List(tx, planning.Filter{}, 0, 10)
			if err != nil || list[0].Open != 1 {
				t.Errorf("%d are open, %v", list[0].Open, err)
			}
			if err := planning.SettleNote(tx, id, 1, 3, noon); err != nil {
				return err
			}
			notes, err := planning.Notes(tx, id)
			if len(notes) != 3 || notes[2].Parent != 1 || notes[0].DoneBy != 3 || notes[0].Text[:2] != "آ" {
				t.Errorf("got %+v", notes)
			}
			return err
		})
	})
}

func TestAWaiverIsOpenUntilItIsMended(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		in(t, d, func(tx *db.Tx) error {
			if err := planning.Waive(tx, planning.Waiver{ID: 1, Story: 5, By: 1, At: noon, Until: noon}); !errors.Is(err, planning.ErrReason) {
				t.Errorf("without a reason: %v", err)
			}
			if err := planning.Waive(tx, planning.Waiver{ID: 1, Story: 5, Checks: []string{"picture"}, Reason: "breaking", By: 1, At: noon, Until: noon.Add(time.Hour), Watcher: 2}); err != nil {
				return err
			}
			if all, err := planning.Unmended(tx, 10); err != nil || len(all) != 1 || all[0].Checks[0] != "picture" || all[0].Watcher != 2 {
				t.Errorf("got %+v, %v", all, err)
			}
			if err := planning.Mend(tx, 5, noon); err != nil {
				return err
			}
			all, err := planning.WaiversOf(tx, 5)
			if len(all) != 0 {
				t.Errorf("mended, and open: %+v", all)
			}
			return err
		})
	})
}
