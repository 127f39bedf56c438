package redact

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// written publishes a story with a headline and a text.
func (h *house) written(headline, text string) story.Draft {
	h.t.Helper()
	d := h.draft("en", story.Content{Headline: headline, Genre: story.News, Section: h.en, Body: body.FromText(text)})
	h.publish(d, "")
	return d
}

// confirmed asks for a redaction and confirms it.
func (h *house) confirmed(q Request) int64 {
	h.t.Helper()
	asked, err := h.room.Ask(h.t.Context(), 7, q)
	h.must(err)
	h.must(h.room.Confirm(h.t.Context(), 8, asked.ID))
	return asked.ID
}

// shortly is a run that does not wait long for its turn.
func (h *house) shortly(id int64) error {
	ctx, stop := context.WithTimeout(h.t.Context(), time.Second)
	defer stop()
	return h.run(ctx, id)
}

func (h *house) sql(statement string, args ...any) {
	h.t.Helper()
	_, err := h.raw.ExecContext(h.t.Context(), statement, args...)
	h.must(err)
}

func TestTwoRedactionsWaitForEachOther(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.written("Two at a well", "Quillon Vexmoor met Bertrand Zoltwick.")
		first := h.confirmed(name)
		second := h.confirmed(Request{Kind: Name, Texts: []string{"Bertrand Zoltwick"}, Reason: "safety"})
		h.planning = func() {
			if err := h.shortly(second); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the second did not wait: %v", err)
			}
		}
		h.must(h.run(t.Context(), first))
		if left := h.holders("zoltwick"); len(left) == 0 {
			t.Error("the second was done by the first: the test sees nothing")
		}
		h.must(h.run(t.Context(), second))
		if left := h.holders(append(pieces, "zoltwick", "bertrand")...); len(left) > 0 {
			t.Errorf("these still hold a name: %v", left)
		}
	})
}

func TestATurnIsTakenOverWhenItsHolderIsSilent(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.written("A well", "Quillon Vexmoor.")
		id := h.confirmed(name)
		h.sql(`insert into redaction_turn (id, holder, until) values (1, 12, $1)`, h.now.Add(time.Hour).UnixMilli())
		if err := h.shortly(id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it did not wait: %v", err)
		}
		h.sql(`update redaction_turn set until = $1`, h.now.Add(-time.Second).UnixMilli())
		h.planning = func() { h.sql(`update redaction_turn set holder = 12, until = $1`, h.now.Add(time.Hour).UnixMilli()) }
		before := h.cells()["revision.content"]
		if err := h.run(t.Context(), id); !errors.Is(err, errTurn) {
			t.Errorf("who lost its turn goes on: %v", err)
		}
		if after := h.cells()["revision.content"]; len(before) != 1 || after[0] != before[0] {
			t.Errorf("who lost its turn wrote %v", after)
		}
		h.sql(`update redaction_turn set until = 0`)
		h.must(h.run(t.Context(), id))
		if left := h.holders(pieces...); len(left) > 0 {
			t.Errorf("these still hold the name: %v", left)
		}
	})
}

// TestARedactionPutsNothingBack has texts changed between plan and deed.
func TestARedactionPutsNothingBack(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.written("Quillon Vexmoor's well", "He digs it, Quillon Vexmoor.")
		h.house(func(tx *db.Tx) error {
			e := edition.Default("en")
			e.Motto = "Not by Quillon Vexmoor"
			return edition.Put(tx, e, 0)
		})
		_, err := h.desk.Front(t.Context(), 7, front.Of("en"), front.Plan{Containers: []front.Container{{Kind: front.Lead, Size: 3, Slots: []front.Slot{{Story: d.ID, Headline: "Not Quillon Vexmoor"}}}}})
		h.must(err)
		id := h.confirmed(name)
		h.planning = func() {
			h.sql(`update revision set content = replace(content, 'digs', 'has dug')`)
			h.sql(`update live set kicker = 'Newer than Quillon Vexmoor'`)
			h.sql(`update edition set content = replace(content, 'Not by', 'Never by')`)
			h.sql(`update front set plan = replace(plan, 'Not Q', 'Never Q')`)
		}
		h.must(h.run(t.Context(), id))
		if left := h.holders(pieces...); len(left) > 0 {
			t.Errorf("these still hold the name: %v", left)
		}
		for column, newer := range map[string]string{"revision.content": "has dug", "live.kicker": "newer than", "edition.content": "never by", "front.plan": "never"} {
			if h.holders(newer)[column] == 0 {
				t.Errorf("%s is as it was before somebody changed it: %v", column, h.cells()[column])
			}
		}
	})
}

func TestWhatIsWrittenMeanwhileGoesToo(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		gone := h.written("Another well", "Text.")
		h.written("A well", "Quillon Vexmoor.")
		launch := func(tx *db.Tx) error {
			newest, err := front.Newest(tx, front.Of("en"))
			if err != nil {
				return err
			}
			plan := front.Plan{Containers: []front.Container{{Kind: front.Lead, Size: 3, Slots: []front.Slot{{Story: gone.ID, Headline: "It was Quillon Vexmoor"}}}}}
			_, err = h.desk.FrontIn(tx, 7, front.Of("en"), newest.Version, plan)
			return err
		}
		id := h.confirmed(name)
		wrote := 0
		h.planning = func() { // while it looks through what readers see
			wrote++
			h.update(func(tx *db.Tx) error {
				if err := launch(tx); err != nil {
					return err
				}
				return h.desk.WithdrawIn(tx, 7, gone.ID, "Quillon Vexmoor asked us.")
			})
		}
		h.onPurge = func() { // when readers are relieved
			h.onPurge = nil
			wrote++
			late := h.draft("en", story.Content{Headline: "Late", Genre: story.News, Section: h.en, Body: body.FromText("Here is Quillon Vexmoor.")})
			h.update(func(tx *db.Tx) error {
				_, err := h.desk.StoryIn(tx, publish.Order{By: 7, Story: late.ID, Sequence: late.Sequence, Note: "Quillon Vexmoor was misspelled."})
				return err
			})
			h.planning = func() { // while it looks through everything again
				wrote++
				h.update(launch)
			}
		}
		h.must(h.run(t.Context(), id))
		d := h.redaction(id)
		if left := h.holders(pieces...); len(left) > 0 || len(d.Report.Left) > 0 {
			t.Errorf("these still hold the name: %v; the report says %v", left, d.Report.Left)
		}
		if wrote != 3 {
			t.Errorf("somebody wrote %d times, want 3", wrote)
		}
	})
}

func TestWhatIsLeftIsCounted(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		ids := h.everywhere()
		for _, q := range []Request{name, {Kind: Passage, Story: ids[0], Texts: []string{"Quillon Vexmoor"}}} {
			w, err := h.room.work(t.Context(), 0, q, Report{})
			h.must(err)
			h.must(w.left())
			want := map[string]int{"revision": 5, "live": 2, "version": 1, "front": 2}
			if q.Kind == Passage {
				want = map[string]int{"revision": 2, "live": 1, "version": 1}
			}
			if !maps.Equal(w.report.Left, want) {
				t.Errorf("%s: got %v, want %v", q.Kind, w.report.Left, want)
			}
		}
	})
}

// TestAWholeStoryDoesNotComeBack tries all ways by which it could.
func TestAWholeStoryDoesNotComeBack(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d := h.written("Quillon Vexmoor", "Text.")
		d = h.save(d, story.Content{Headline: "Quillon Vexmoor again", Genre: story.News, Section: h.en, Body: body.FromText("Text.")})
		h.update(func(tx *db.Tx) error {
			return h.desk.ScheduleIn(tx, publish.Planned{Story: d.ID, At: h.now.Add(time.Hour), Sequence: d.Sequence, By: 7})
		})
		tries := func() {
			for what, try := range map[string]func(tx *db.Tx) error{
				"published": func(tx *db.Tx) error {
					_, err := h.desk.StoryIn(tx, publish.Order{By: 7, Story: d.ID, Sequence: d.Sequence, Held: true})
					return err
				},
				"scheduled": func(tx *db.Tx) error {
					return h.desk.ScheduleIn(tx, publish.Planned{Story: d.ID, At: h.now.Add(time.Hour), Sequence: d.Sequence, By: 7})
				},
				"restored": func(tx *db.Tx) error {
					_, err := h.desk.RestoreIn(tx, 7, d.ID)
					return err
				},
			} {
				if err := h.db.Update(t.Context(), try); !errors.Is(err, publish.ErrRedacted) {
					t.Errorf("it can be %s: %v", what, err)
				}
			}
		}
		h.onPurge = func() {
			h.onPurge = nil
			h.view(func(tx *db.Tx) error {
				if p, err := h.desk.Planned(tx, d.ID); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("it is planned still: %+v, %v", p, err)
				}
				return nil
			})
			tries()
			h.update(func(tx *db.Tx) error { // as who began before it went
				if err := h.stories.Show(tx, story.Card{ID: d.ID, Edition: "en", Section: h.en, Slug: "late", Headline: "Quillon Vexmoor", Revision: d.Revision, Version: 2}, nil, 0); err != nil {
					return err
				}
				return h.stories.Move(tx, d.ID, story.Published)
			})
		}
		h.redact(Request{Kind: Story, Story: d.ID, Reason: "safety"})
		h.view(func(tx *db.Tx) error {
			live, err := story.Cards(tx, []ref.Story{d.ID})
			h.must(err)
			draft, err := h.stories.Draft(tx, d.ID)
			if len(live) > 0 || draft.State != story.Withdrawn {
				t.Errorf("it is %s, live are %v", draft.State, live)
			}
			return err
		})
		tries()
	})
}

func TestWhoConfirmsIsToldWhatItWouldChange(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.everywhere()
		preview, err := h.room.Preview(t.Context(), name)
		h.must(err)
		asked, err := h.room.Ask(t.Context(), 7, name)
		h.must(err)
		d := h.redaction(asked.ID)
		if d.Report.Stories != 4 || !maps.Equal(d.Report.Places, preview.Places) || len(d.Request.Texts) != 2 {
			t.Errorf("while it waits it is %+v of %+v, want %+v", d.Report.Found, d.Request, preview)
		}
		h.must(h.room.Confirm(t.Context(), 8, asked.ID))
		if d := h.redaction(asked.ID); d.Report.Places != nil {
			t.Errorf("before anything is done it says %+v", d.Report.Found)
		}
	})
}

// TestWhatWasTypedLetterByLetterAndTakenOutAgainGoesToo looks at steps that no save and
// no document holds.
func TestWhatWasTypedLetterByLetterAndTakenOutAgainGoesToo(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		d, other := h.written("A well", "He digs it."), h.written("A river", "It runs.")
		for n, id := range []ref.Story{d.ID, other.ID} {
			h.sql(`insert into manuscript (story, version, base, folded, sequence, changed, by, stamp, doc) values ($1, 30, 1, 30, 1, 1, 7, $2, '{"type":"story"}')`, int64(id), 40+n)
		}
		for n, letter := range "Quillon Vexmoor" {
			h.sql(`insert into manuscript_step (story, version, client, by, at, step) values ($1, $2, 'c', 7, 1, $3)`, int64(d.ID), 2+n,
				`{"stepType":"replace","from":1,"to":1,"slice":{"content":[{"type":"text","text":"`+string(letter)+`"}]}}`)
			h.sql(`insert into manuscript_step (story, version, client, by, at, step) values ($1, $2, 'c', 7, 1, $3)`, int64(other.ID), 2+n, `{"stepType":"replace","from":1,"to":1,"slice":{"content":[{"type":"text","text":"x"}]}}`)
		}
		h.redact(name)
		var kept, others int
		h.must(h.raw.QueryRowContext(t.Context(), `select count(*) from manuscript_step where story = $1`, int64(d.ID)).Scan(&kept))
		h.must(h.raw.QueryRowContext(t.Context(), `select count(*) from manuscript_step where story = $1`, int64(other.ID)).Scan(&others))
		if kept != 0 || others == 0 {
			t.Errorf("%d steps are left, and %d of a story that has nothing of it", kept, others)
		}
	})
}
