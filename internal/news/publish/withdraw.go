package publish

import (
	"context"
	"fmt"
	"strings"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// longestReason is how much is said of why a story is gone, in characters.
const longestReason = 2000

// Withdraw takes a live story away from readers. Its address answers with the
// reason; the text stays with the editors.
func (d *Desk) Withdraw(ctx context.Context, id ref.Story, reason string) error {
	err := d.Do(ctx, func(tx *db.Tx) error { return d.WithdrawIn(tx, 0, id, reason) })
	if err != nil {
		return fmt.Errorf("withdraw story %d: %w", id, err)
	}
	return nil
}

// WithdrawIn is Withdraw within a transaction that has more to do.
func (d *Desk) WithdrawIn(tx *db.Tx, by ref.Staff, id ref.Story, reason string) error {
	if problems := reasonProblems(reason); len(problems) > 0 {
		return &Refused{problems}
	}
	if err := d.stories.Lock(tx, id); err != nil {
		return err
	}
	live, err := story.Cards(tx, []ref.Story{id})
	if err != nil {
		return err
	}
	if len(live) == 0 {
		return ErrNotLive
	}
	topics, err := story.TopicsOf(tx, id)
	if err != nil {
		return err
	}
	if err := d.stories.Hide(tx, id, d.now(), reason); err != nil {
		return err
	}
	if err := d.stories.Move(tx, id, story.Withdrawn); err != nil {
		return err
	}
	if err := d.index.Remove(tx, int64(id)); err != nil {
		return err
	}
	if err := d.unplan(tx, id); err != nil {
		return err
	}
	if err := d.promise(tx, Receipt{Story: id, Version: live[0].Version, What: HidesStory}); err != nil {
		return err
	}
	if err := d.passOn(tx, "story.withdrawn", by, live[0]); err != nil {
		return err
	}
	return d.announce(tx, TakenBack, true, live, topics)
}

func reasonProblems(reason string) []story.Problem {
	if strings.TrimSpace(reason) == "" {
		return []story.Problem{{Field: "reason", Reason: "is empty: readers are told why the story is gone", Key: "empty"}}
	}
	return story.CheckLine("reason", reason, longestReason)
}

// RestoreIn takes a withdrawal back: the story is live again as it was. A draft
// that was set aside is brought back, and stays a draft; live is then empty.
func (d *Desk) RestoreIn(tx *db.Tx, by ref.Staff, id ref.Story) (live story.Card, err error) {
	if err := d.lock(tx, id); err != nil {
		return live, err
	}
	draft, err := d.stories.Draft(tx, id)
	if err != nil {
		return live, err
	}
	versions, err := d.stories.Versions(tx, id)
	if err != nil {
		return live, err
	}
	switch draft.State {
	case story.Binned:
		back := story.Writing
		if len(versions) > 0 {
			back = story.Withdrawn
		}
		if err := d.stories.Move(tx, id, back); err != nil {
			return live, err
		}
		return live, d.passOn(tx, "story.restored", by, card(draft, d.now()))
	case story.Withdrawn:
	default:
		return live, ErrNotGone
	}
	last := versions[len(versions)-1]
	saved, err := d.stories.SavedAs(tx, id, last.Revision)
	if err != nil {
		return live, err
	}
	return d.StoryIn(tx, Order{By: by, Story: id, Sequence: saved.Sequence, Held: true, Kind: story.Restored})
}

// BinIn sets the draft that had the sequence aside. Nothing of it is lost.
func (d *Desk) BinIn(tx *db.Tx, by ref.Staff, id ref.Story, sequence int64) error {
	draft, err := d.meant(tx, Order{Story: id, Sequence: sequence})
	if err != nil {
		return err
	}
	switch draft.State {
	case story.Published:
		return ErrLive
	case story.Scheduled:
		return ErrScheduled
	case story.Binned:
		return nil
	}
	if err := d.unplan(tx, id); err != nil { // a plan that failed
		return err
	}
	if err := d.stories.Move(tx, id, story.Binned); err != nil {
		return err
	}
	return d.passOn(tx, "story.binned", by, card(draft, d.now()))
}
