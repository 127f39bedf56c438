package redact

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// save is one revision as it is kept.
type save struct {
	id      ref.Revision
	story   ref.Story
	edition string
	text    string
}

// cleaned is a revision without what must go.
type cleaned struct {
	save
	// before is its text as it was.
	before string
	found  bool
	// readdressed says that its address was made of a headline that changed.
	readdressed bool
}

// revision takes what must go from a save. The bytes of one that holds nothing
// of it stay as they are.
func (w *work) revision(s save) (cleaned, error) {
	var content, clean story.Content
	err := db.Unpack(s.text, &content)
	if err != nil {
		return cleaned{}, fmt.Errorf("save %d of story %d: %w", s.id, s.story, err)
	}
	c := w.cleaner(s.edition)
	if w.request.Kind == Story {
		clean = blank(c.mark, content)
	} else {
		clean = c.content(s.story, content)
		if err := c.rest(&clean); err != nil {
			return cleaned{}, fmt.Errorf("save %d of story %d: %w", s.id, s.story, err)
		}
		if c.found == 0 {
			return cleaned{save: s}, nil
		}
	}
	before := s.text
	s.text, err = db.Pack(clean)
	return cleaned{s, before, s.text != before, clean.Slug != content.Slug}, err
}

// change writes a save without what must go. The newest save of a story counts
// as a new one, so that nobody who has the old one open saves it over this.
func (s cleaned) change() change {
	return change{place: "revision", stories: these(s.story), revision: s.id, do: func(tx *db.Tx) error {
		type head struct {
			revision ref.Revision
			sequence int64
		}
		// This also locks the story: whoever publishes it waits, and reads the
		// save as it is then.
		h, err := db.Find(tx, func(r db.Row) (h head, err error) {
			err = r.Scan(&h.revision, &h.sequence)
			return h, err
		}, `update story set head = head where id = $1 returning head, sequence`, s.story)
		if errors.Is(err, db.ErrNotFound) {
			return errMoved
		}
		if err != nil {
			return err
		}
		if h.revision != s.id {
			return still(tx.Exec(`update revision set content = $1 where id = $2 and content = $3`, s.text, s.id, s.before))
		}
		err = still(tx.Exec(`update revision set content = $1, sequence = $2 where id = $3 and content = $4`, s.text, h.sequence+1, s.id, s.before))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`update story set sequence = $1 where id = $2`, h.sequence+1, s.story); err != nil {
			return err
		}
		_, err = tx.Exec(`update planned set sequence = $1 where story = $2 and sequence = $3`, h.sequence+1, s.story, h.sequence)
		return err
	}}
}

// historyPage is how many saves are looked at in one transaction.
const historyPage = 500

// history takes what must go from every save there ever was, piece by piece.
func (w *work) history() error {
	return w.eachPage(func(page []save) error {
		changes, err := together(page, w.earlier)
		if err != nil {
			return err
		}
		return w.commit(changes)
	})
}

// eachPage goes through the saves that may hold what must go, to where there are
// no more.
func (w *work) eachPage(do func(page []save) error) error {
	for behind := ref.Revision(0); ; {
		page, last, n, err := w.candidates(behind)
		if err != nil {
			return fmt.Errorf("look through the saves: %w", err)
		}
		if n == 0 {
			return nil
		}
		if err := do(page); err != nil {
			return err
		}
		behind = last
	}
}

// earlier plans the change of a save that is not live any more, or never was.
func (w *work) earlier(s save) ([]change, error) {
	clean, err := w.revision(s)
	if err != nil || !clean.found || w.planned[s.id] {
		return nil, err
	}
	return []change{clean.change()}, nil
}

// candidates are the next saves that may hold what must go.
func (w *work) candidates(behind ref.Revision) (found []save, last ref.Revision, n int, err error) {
	statement := `select r.id, r.story, s.edition, r.content from revision r join story s on s.id = r.story where r.id > $1 and $2 = 0 order by r.id limit $3`
	if w.only() != 0 {
		statement = `select r.id, r.story, s.edition, r.content from revision r join story s on s.id = r.story where r.id > $1 and r.story = $2 order by r.id limit $3`
	}
	last = behind
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			var s save
			if err := r.Scan(&s.id, &s.story, &s.edition, &s.text); err != nil {
				return none, err
			}
			n, last = n+1, s.id
			if w.request.Kind == Story || w.mayHold(s.text) {
				found = append(found, s)
			}
			return none, nil
		}, statement, behind, w.only(), historyPage)
		return err
	})
	return found, last, n, err
}

// hands is how many threads plan at a time.
const hands = 2

// together plans the changes of several things, in their order.
func together[T any](things []T, plan func(T) ([]change, error)) ([]change, error) {
	planned := make([][]change, len(things))
	failed := make([]error, hands)
	var work sync.WaitGroup
	for hand := range hands {
		work.Go(func() {
			for n := hand; n < len(things) && failed[hand] == nil; n += hands {
				planned[n], failed[hand] = plan(things[n])
			}
		})
	}
	work.Wait()
	return slices.Concat(planned...), errors.Join(failed...)
}

// tables are those that a redaction changes, small ones first.
var tables = []string{
	"redaction", "edition", "section", "planned", "view_excluded", "batch", "withdrawn", "front", "section_front", "front_plan", "author", "author_name", "author_slug",
	"topic", "topic_name", "topic_slug", "asset", "job", "receipt", "delivery", "idempotency", "import_item", "import_comment",
	"old_address", "address", "story_note", "embargo_terms", "waiver", "manuscript", "manuscript_step", "version", "live", "search_document", "search_entry", "revision",
}
