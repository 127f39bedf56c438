package publish_test

import (
	"errors"
	"testing"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/job"
)

// queue does the jobs that publish at a time.
func (h *house) queue(node string) *job.Queue {
	return job.New(h.db, node, func() time.Time { return h.now }, map[string]job.Do{publish.Due: h.desk.PublishDue})
}

// do does all jobs that are due.
func (h *house) do() {
	h.t.Helper()
	for q, more := h.queue("node"), true; more; {
		var err error
		more, err = q.Next(h.t.Context())
		h.must(err)
	}
}

func (h *house) act(fn func(tx *db.Tx) error) error {
	h.t.Helper()
	return h.desk.Do(h.t.Context(), fn)
}

func (h *house) schedule(d story.Draft, at time.Time) error {
	h.t.Helper()
	return h.act(func(tx *db.Tx) error {
		return h.desk.ScheduleIn(tx, publish.Planned{Story: d.ID, Sequence: d.Sequence, At: at, By: 7})
	})
}

func (h *house) state(id ref.Story) story.State {
	h.t.Helper()
	var d story.Draft
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) (err error) {
		d, err = h.stories.Draft(tx, id)
		return err
	}))
	return d.State
}

func TestAScheduledStoryStaysHiddenUntilItsTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("At six"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		if got := h.state(s.ID); got != story.Scheduled {
			t.Errorf("it is %s, want scheduled", got)
		}
		h.now = h.now.Add(time.Hour - time.Millisecond)
		h.do()
		if len(h.latest()) != 0 {
			t.Fatal("it is live a millisecond before its time")
		}
		h.now = h.now.Add(time.Millisecond)
		h.do()
		if got := h.latest(); len(got) != 1 || !got[0].Published.Equal(h.now) {
			t.Fatalf("at its time: got %+v", got)
		}
		h.do()
		if got := h.latest(); got[0].Version != 1 {
			t.Errorf("it was published %d times", got[0].Version)
		}
	})
}

func TestAMissedScheduleIsCaughtUpOnceAndReported(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("While nobody was there"))
		due := h.now.Add(time.Hour)
		h.must(h.schedule(s, due))
		h.now = h.now.AddDate(0, 0, 1)
		h.do()
		h.do()
		if got := h.latest(); len(got) != 1 || got[0].Version != 1 {
			t.Fatalf("got %+v", got)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			receipts, err := publish.Receipts(tx, s.ID, 0, 10)
			if len(receipts) != 1 || !receipts[0].Due.Equal(due) || !receipts[0].Done.Equal(h.now) {
				t.Errorf("the receipts are %+v", receipts)
			}
			return err
		}))
	})
}

func TestWhatWasChosenGoesLiveWhateverWasSavedSince(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("As it was chosen"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		h.save(s, h.content("Half a thought"))
		h.now = h.now.Add(time.Hour)
		h.do()
		if got := h.latest(); len(got) != 1 || got[0].Headline != "As it was chosen" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestOnlyTheLastTimeChosenCounts(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Twice put off"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		h.must(h.schedule(s, h.now.Add(3*time.Hour)))
		h.now = h.now.Add(2 * time.Hour)
		h.do()
		if len(h.latest()) != 0 {
			t.Error("it went live at the time that was given up")
		}
		h.must(h.act(func(tx *db.Tx) error { return h.desk.UnscheduleIn(tx, 7, s.ID) }))
		h.now = h.now.Add(2 * time.Hour)
		h.do()
		if len(h.latest()) != 0 || h.state(s.ID) != story.Writing {
			t.Errorf("unscheduled: it is %s", h.state(s.ID))
		}
	})
}

func TestAScheduledStoryThatCannotGoLiveSaysWhy(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Forbidden later"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error { return h.stories.Forbid(tx, s.ID, h.now.AddDate(0, 0, 1)) }))
		h.now = h.now.Add(time.Hour)
		h.do()
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			p, err := h.desk.Planned(tx, s.ID)
			if p.Failure == "" || h.state(s.ID) != story.Writing {
				t.Errorf("got %+v, %s", p, h.state(s.ID))
			}
			return err
		}))
		if len(h.latest()) != 0 {
			t.Error("it is live")
		}
	})
}

func TestAnEmbargoHolds(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Not before noon"))
		until := h.now.Add(time.Hour)
		h.must(h.act(func(tx *db.Tx) error { return h.desk.EmbargoIn(tx, 7, s.ID, until) }))
		if _, err := h.desk.Story(t.Context(), publish.Order{Story: s.ID, Sequence: 1}); !errors.Is(err, publish.ErrEmbargo) {
			t.Errorf("published: %v", err)
		}
		if err := h.schedule(s, until.Add(-time.Minute)); !errors.Is(err, publish.ErrEmbargo) {
			t.Errorf("scheduled before its end: %v", err)
		}
		h.must(h.schedule(s, until))
		err := h.act(func(tx *db.Tx) error { return h.desk.EmbargoIn(tx, 7, s.ID, until.Add(time.Minute)) })
		if !errors.Is(err, publish.ErrScheduled) {
			t.Errorf("an embargo beyond the schedule: %v", err)
		}
		h.now = until
		h.do()
		if len(h.latest()) != 1 {
			t.Error("it is not live when the embargo ends")
		}
	})
}

func TestATypingErrorMovesNoDate(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Teh tide"))
		h.publish(s)
		order := func(kind, note string) story.Card {
			h.now = h.now.Add(time.Hour)
			s = h.save(s, h.content("The tide"))
			c, err := h.desk.Story(t.Context(), publish.Order{Story: s.ID, Sequence: s.Sequence, Kind: kind, Note: note})
			h.must(err)
			return c
		}
		if c := order(story.Typo, ""); !c.Updated.IsZero() || c.Version != 2 {
			t.Errorf("after a typing error: updated %v, version %d", c.Updated, c.Version)
		}
		corrected := order(story.Correction, "The moon was left out.")
		if !corrected.Updated.Equal(h.now) {
			t.Errorf("after a correction: updated %v", corrected.Updated)
		}
		if c := order(story.Typo, ""); !c.Updated.Equal(corrected.Updated) {
			t.Errorf("a typing error after a correction: updated %v, want %v", c.Updated, corrected.Updated)
		}
		s = h.save(s, h.content("The tide"))
		var refused *publish.Refused
		if _, err := h.desk.Story(t.Context(), publish.Order{Story: s.ID, Sequence: s.Sequence, Kind: story.Correction, Note: " "}); !errors.As(err, &refused) {
			t.Errorf("a correction without a note: %v", err)
		}
	})
}

func TestAWithdrawalIsTakenBack(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Here, gone, here"))
		h.publish(s)
		h.save(s, h.content("A later thought"))
		h.must(h.desk.Withdraw(t.Context(), s.ID, "The source takes it back."))
		var live story.Card
		h.must(h.act(func(tx *db.Tx) (err error) {
			live, err = h.desk.RestoreIn(tx, 7, s.ID)
			return err
		}))
		if live.Headline != "Here, gone, here" || live.Version != 2 || !live.Updated.IsZero() {
			t.Errorf("got %+v", live)
		}
		if len(h.found("gone")) != 1 {
			t.Error("it is not found")
		}
		if err := h.desk.Withdraw(t.Context(), s.ID, "  "); err == nil {
			t.Error("withdrawn without a reason")
		}
	})
}

func TestADraftSetAsideComesBack(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Not now"))
		h.must(h.act(func(tx *db.Tx) error { return h.desk.BinIn(tx, 7, s.ID, 1) }))
		if _, err := h.desk.Story(t.Context(), publish.Order{Story: s.ID, Sequence: 1}); !errors.Is(err, publish.ErrBinned) {
			t.Errorf("published from the bin: %v", err)
		}
		h.must(h.act(func(tx *db.Tx) error {
			_, err := h.desk.RestoreIn(tx, 7, s.ID)
			return err
		}))
		h.publish(s)
		if err := h.act(func(tx *db.Tx) error { return h.desk.BinIn(tx, 7, s.ID, 1) }); !errors.Is(err, publish.ErrLive) {
			t.Errorf("a live story was set aside: %v", err)
		}
	})
}

func TestWhatIsScheduledIsNotSetAside(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("At six"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		if err := h.act(func(tx *db.Tx) error { return h.desk.BinIn(tx, 8, s.ID, s.Sequence) }); !errors.Is(err, publish.ErrScheduled) {
			t.Errorf("got %v, want %v", err, publish.ErrScheduled)
		}
		h.now = h.now.Add(time.Hour)
		h.do()
		if len(h.latest()) != 1 {
			t.Error("the schedule was lost")
		}
	})
}

func TestAnotherSaveThanWasMeantIsNotSetAside(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("First"))
		h.save(s, h.content("Second"))
		if err := h.act(func(tx *db.Tx) error { return h.desk.BinIn(tx, 8, s.ID, s.Sequence) }); !errors.Is(err, story.ErrStale) {
			t.Errorf("got %v, want %v", err, story.ErrStale)
		}
	})
}

func TestOnlyWhatIsLiveIsScheduledAsAChange(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("New"))
		as := func(kind string) error {
			return h.act(func(tx *db.Tx) error {
				return h.desk.ScheduleIn(tx, publish.Planned{Story: s.ID, Sequence: 1, At: h.now.Add(time.Hour), Kind: kind, Note: "It was wrong."})
			})
		}
		kinds := []string{story.Typo, story.Update, story.Correction}
		for _, kind := range kinds {
			if err := as(kind); !errors.Is(err, publish.ErrNotLive) {
				t.Errorf("a draft as %s: got %v, want %v", kind, err, publish.ErrNotLive)
			}
		}
		h.publish(s)
		for _, kind := range kinds {
			h.must(as(kind))
		}
	})
}

func TestAPlanThatFailedStandsInNoWay(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.draft(h.content("Forbidden later"))
		h.must(h.schedule(s, h.now.Add(time.Hour)))
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error { return h.stories.Forbid(tx, s.ID, h.now.AddDate(0, 0, 1)) }))
		h.now = h.now.Add(time.Hour)
		h.do()
		h.must(h.act(func(tx *db.Tx) error { return h.desk.EmbargoIn(tx, 7, s.ID, h.now.AddDate(0, 0, 2)) }))
		h.must(h.act(func(tx *db.Tx) error { return h.desk.BinIn(tx, 7, s.ID, s.Sequence) }))
	})
}

func TestThereIsNothingToTakeBackOfWhatIsThere(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		writing, scheduled, live := h.draft(h.content("One")), h.draft(h.content("Two")), h.draft(h.content("Three"))
		h.must(h.schedule(scheduled, h.now.Add(time.Hour)))
		h.publish(live)
		for _, s := range []story.Draft{writing, scheduled, live} {
			err := h.act(func(tx *db.Tx) error {
				_, err := h.desk.RestoreIn(tx, 7, s.ID)
				return err
			})
			if !errors.Is(err, publish.ErrNotGone) {
				t.Errorf("%s: got %v, want %v", s.Content.Headline, err, publish.ErrNotGone)
			}
		}
	})
}

func TestWhatWaitsIsListedPageByPage(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		want := map[ref.Story]bool{}
		for n := range 5 {
			s := h.draft(h.content("Later"))
			want[s.ID] = true
			h.must(h.schedule(s, h.now.Add(time.Hour*time.Duration(1+n/2))))
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			for behind, last := (story.Cursor{}), (time.Time{}); ; {
				some, err := h.desk.AllPlanned(tx, behind, 2)
				if err != nil || len(some) == 0 {
					return err
				}
				for _, p := range some {
					if p.At.Before(last) || !want[p.Story] {
						t.Errorf("%+v is listed twice, or out of its turn", p)
					}
					delete(want, p.Story)
					last, behind = p.At, story.Cursor{Published: p.At.UnixMilli(), ID: p.Story}
				}
			}
		}))
		if len(want) != 0 {
			t.Errorf("%d are not listed", len(want))
		}
	})
}
