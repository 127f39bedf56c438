package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// Due is the kind of the jobs that publish at a time.
const Due = "publish"

// lateAfter is how late a publication may be without a word about it.
const lateAfter = time.Minute

// Planned is a publication that waits for its time. What was chosen goes live,
// whatever was saved since: a newer save must be scheduled anew.
type Planned struct {
	Story    ref.Story
	At       time.Time
	Sequence int64
	By       ref.Staff
	Kind     string
	Note     string
	// Job is the job that will do it. An older one finds that it is not meant.
	Job int64
	// Failure says why it could not go live at its time; empty while it waits.
	Failure string
}

// ScheduleIn has a save published at a time. An earlier plan for the story is
// replaced. Only a live story has a kind: what readers will be told of a change.
func (d *Desk) ScheduleIn(tx *db.Tx, p Planned) error {
	draft, err := d.meant(tx, Order{Story: p.Story, Sequence: p.Sequence})
	if err != nil {
		return err
	}
	if draft.State == story.Binned {
		return ErrBinned
	}
	if p.Kind != "" && draft.State != story.Published {
		return fmt.Errorf("%w, or leave the kind out", ErrNotLive)
	}
	if !p.At.After(d.now()) {
		return fmt.Errorf("%w (%s): publish it now instead", ErrPast, p.At.Format(time.RFC3339))
	}
	if draft.Embargo.After(p.At) {
		return fmt.Errorf("%w until %s", ErrEmbargo, draft.Embargo.Format(time.RFC3339))
	}
	if problems := append(story.Ready(draft.Content), noteProblems(Order{Kind: p.Kind, Note: p.Note})...); len(problems) > 0 {
		return &Refused{problems}
	}
	p.Job, p.At = d.mint.Next(), p.At.UTC().Truncate(time.Millisecond)
	_, err = tx.Exec(`insert into planned (story, at, sequence, by, kind, note, job, failure) values ($1, $2, $3, $4, $5, $6, $7, '')
		on conflict (story) do update set at = excluded.at, sequence = excluded.sequence, by = excluded.by, kind = excluded.kind,
			note = excluded.note, job = excluded.job, failure = ''`, p.Story, p.At.UnixMilli(), p.Sequence, p.By, p.Kind, p.Note, p.Job)
	if err != nil {
		return fmt.Errorf("schedule story %d: %w", p.Story, err)
	}
	if err := job.Add(tx, job.Job{ID: p.Job, Kind: Due, Payload: fmt.Sprint(int64(p.Story)), RunAt: p.At}); err != nil {
		return err
	}
	if err := d.waits(tx, draft, story.Scheduled); err != nil {
		return err
	}
	return d.passOn(tx, "story.scheduled", p.By, card(draft, p.At))
}

// waits sets the state of a story that is not live; one that is stays published.
func (d *Desk) waits(tx *db.Tx, draft story.Draft, to story.State) error {
	if draft.State == story.Published {
		return nil
	}
	return d.stories.Move(tx, draft.ID, to)
}

// UnscheduleIn takes a plan back. A story without one is left as it is.
func (d *Desk) UnscheduleIn(tx *db.Tx, by ref.Staff, id ref.Story) error {
	if err := d.stories.Lock(tx, id); err != nil {
		return err
	}
	if _, err := d.Planned(tx, id); errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if err := d.unplan(tx, id); err != nil {
		return err
	}
	draft, err := d.stories.Draft(tx, id)
	if err != nil {
		return err
	}
	if err := d.settleBack(tx, draft); err != nil {
		return err
	}
	return d.passOn(tx, "story.unscheduled", by, card(draft, d.now()))
}

// settleBack sets the state that a story had before it was scheduled.
func (d *Desk) settleBack(tx *db.Tx, draft story.Draft) error {
	if draft.State != story.Scheduled {
		return nil
	}
	_, err := story.Gone(tx, draft.ID)
	switch {
	case err == nil:
		return d.stories.Move(tx, draft.ID, story.Withdrawn)
	case errors.Is(err, db.ErrNotFound):
		return d.stories.Move(tx, draft.ID, story.Writing)
	}
	return err
}

func (d *Desk) unplan(tx *db.Tx, id ref.Story) error {
	if _, err := tx.Exec(`delete from planned where story = $1`, id); err != nil {
		return fmt.Errorf("forget the plan for story %d: %w", id, err)
	}
	return nil
}

// Planned returns what waits for its time of a story, or db.ErrNotFound.
func (d *Desk) Planned(tx *db.Tx, id ref.Story) (Planned, error) {
	return db.Find(tx, scanPlanned, `select story, at, sequence, by, kind, note, job, failure from planned where story = $1`, id)
}

// AllPlanned lists what waits for its time, the next first, behind a time and a
// story.
func (d *Desk) AllPlanned(tx *db.Tx, behind story.Cursor, limit int) ([]Planned, error) {
	return db.List(tx, scanPlanned, `select story, at, sequence, by, kind, note, job, failure from planned
		where (at, story) > ($1, $2) order by at, story limit $3`, behind.Published, behind.ID, limit)
}

func scanPlanned(r db.Row) (p Planned, err error) {
	var at int64
	err = r.Scan(&p.Story, &at, &p.Sequence, &p.By, &p.Kind, &p.Note, &p.Job, &p.Failure)
	p.At = time.UnixMilli(at).UTC()
	return p, err
}

// EmbargoIn forbids publication before a time; a zero time lifts the embargo. A
// live story cannot be put under one, and neither can one that is scheduled
// before it.
func (d *Desk) EmbargoIn(tx *db.Tx, by ref.Staff, id ref.Story, until time.Time) error {
	if err := d.stories.Lock(tx, id); err != nil {
		return err
	}
	draft, err := d.stories.Draft(tx, id)
	if err != nil {
		return err
	}
	if draft.State == story.Published {
		return ErrLive
	}
	p, err := d.Planned(tx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if err == nil && p.Failure == "" && until.After(p.At) {
		return fmt.Errorf("%w, or end the embargo by %s", ErrScheduled, p.At.Format(time.RFC3339))
	}
	if err := d.stories.Forbid(tx, id, until.UTC().Truncate(time.Millisecond)); err != nil {
		return err
	}
	return d.passOn(tx, "story.embargoed", by, card(draft, d.now()))
}

// PublishDue does the job of a time that has come: at its time, or as soon as
// the program is there again. It is done once however often it is tried, since
// the plan goes in the transaction in which the story goes live.
func (d *Desk) PublishDue(ctx context.Context, j job.Job) error {
	id, err := ref.Parse[ref.Story](j.Payload)
	if err != nil {
		return fmt.Errorf("read which story is due: %w", err)
	}
	err = d.Do(ctx, func(tx *db.Tx) error { return d.dueIn(tx, id, j.ID) })
	if err != nil {
		return fmt.Errorf("publish story %d at its time: %w", id, err)
	}
	return nil
}

func (d *Desk) dueIn(tx *db.Tx, id ref.Story, by int64) error {
	if err := d.stories.Lock(tx, id); errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	p, err := d.Planned(tx, id)
	if errors.Is(err, db.ErrNotFound) || err == nil && (p.Job != by || p.Failure != "") {
		return nil // it was taken back, or another time was chosen
	}
	if err != nil {
		return err
	}
	_, err = d.StoryIn(tx, Order{By: p.By, Story: id, Sequence: p.Sequence, Held: true, Kind: p.Kind, Note: p.Note, Due: p.At})
	if late := d.now().Sub(p.At); err == nil && late > lateAfter {
		slog.Warn("a story went live late", "story", int64(id), "due", p.At, "late", late.Round(time.Second))
	}
	if err == nil || !refusal(err) {
		return err
	}
	return d.couldNot(tx, p, err)
}

// refusal tells whether a story could not go live for what it is, so that trying
// again would not help.
func refusal(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) || errors.Is(err, ErrEmbargo) || errors.Is(err, ErrBinned) || errors.Is(err, ErrRedacted) || errors.Is(err, ErrSame)
}

// couldNot notes why a story did not go live at its time, where the desk finds
// it.
func (d *Desk) couldNot(tx *db.Tx, p Planned, why error) error {
	slog.Error("a scheduled story could not go live", "story", int64(p.Story), "due", p.At, "reason", why)
	if _, err := tx.Exec(`update planned set failure = $1 where story = $2`, why.Error(), p.Story); err != nil {
		return fmt.Errorf("note why story %d is not live: %w", p.Story, err)
	}
	draft, err := d.stories.Draft(tx, p.Story)
	if err != nil {
		return err
	}
	if err := d.settleBack(tx, draft); err != nil {
		return err
	}
	return d.passOn(tx, "story.schedule-failed", p.By, card(draft, p.At))
}
