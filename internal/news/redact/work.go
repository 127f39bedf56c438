package redact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// work is one redaction on its way, or the preview of one.
type work struct {
	*Room
	ctx context.Context
	// turn is held by a redaction, nil for a preview.
	turn *turn
	// id is the redaction, 0 for a preview, which changes nothing.
	id      int64
	request Request
	words   words
	// asset is the picture that must go, as it was.
	asset asset.Asset
	// languages are those of the editions.
	languages map[string]string
	report    Report
	// stories are those that readers see changed.
	stories map[ref.Story]bool
	// planned are the saves that a preview has counted.
	planned map[ref.Revision]bool
	// assets are the pictures whose words changed: stories show them.
	assets map[ref.Asset]bool
	// found says that something was there to be changed.
	found bool
}

// change is a change of one row.
type change struct {
	// place is the row's table; empty for one that only tells of stories.
	place string
	// stories are those that readers see changed by it.
	stories []ref.Story
	// revision is the save that changes, 0 for none.
	revision ref.Revision
	// do makes it, or returns errMoved.
	do func(*db.Tx) error
}

// errMoved says that a row is not any more what a change was planned from. Such
// a change is left out: it is planned anew when everything is looked at again.
var errMoved = errors.New("the row was changed meanwhile")

// still is the error of a statement that changes a row as it was.
func still(n int64, err error) error {
	if err == nil && n == 0 {
		return errMoved
	}
	return err
}

// these are the stories of a change.
func these(ids ...ref.Story) []ref.Story { return ids }

func (r *Room) work(ctx context.Context, id int64, q Request, report Report) (*work, error) {
	w := &work{Room: r, ctx: ctx, id: id, request: q, report: report, languages: map[string]string{},
		stories: map[ref.Story]bool{}, planned: map[ref.Revision]bool{}, assets: map[ref.Asset]bool{}}
	if w.report.Places == nil {
		w.report.Places = map[string]int{}
	}
	err := r.DB.View(ctx, func(tx *db.Tx) error {
		all, err := edition.All(tx)
		if err != nil {
			return err
		}
		for _, e := range all {
			w.languages[e.Key] = e.Language
		}
		changed, err := db.List(tx, db.Value[ref.Story], `select story from redacted where redaction = $1 order by story limit 10000000`, id)
		if err != nil {
			return err
		}
		for _, s := range changed {
			w.stories[s] = true
		}
		return w.readAsset(tx)
	})
	w.words = newWords(q.Texts, w.exact()...)
	return w, err
}

func (w *work) readAsset(tx *db.Tx) error {
	if w.request.Kind != Picture {
		return nil
	}
	found, err := asset.ByID(tx, []ref.Asset{w.request.Asset})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("picture %d: %w", w.request.Asset, db.ErrNotFound)
	}
	w.asset = found[0]
	return nil
}

// exact are the addresses of the picture that must go. A key of an asset that
// has gone is a plain one, and stands nowhere else.
func (w *work) exact() []string {
	if w.request.Kind != Picture {
		return nil
	}
	return []string{w.asset.Key, w.asset.Elsewhere}
}

// dry tells whether nothing is to be changed.
func (w *work) dry() bool { return w.id == 0 }

// only is the one story that is looked at, 0 for all.
func (w *work) only() ref.Story {
	if w.request.Kind == Passage || w.request.Kind == Story {
		return w.request.Story
	}
	return 0
}

// cleaner takes out what must go, with the mark of an edition's language.
func (w *work) cleaner(edition string) *cleaner { return w.cleanerIn(w.languages[edition]) }

func (w *work) cleanerIn(language string) *cleaner {
	return &cleaner{words: w.words, asset: w.asset.ID, mark: w.request.markIn(language)}
}

// batch is how many rows one transaction changes.
const batch = 200

// commit makes changes in short transactions, each with its share of the report
// and the stories that readers see changed.
func (w *work) commit(changes []change) error {
	for some := range slices.Chunk(changes, batch) {
		if err := w.commitAll(some, nil); err != nil {
			return err
		}
	}
	return nil
}

// commitAll makes changes in one transaction, and what comes with them.
func (w *work) commitAll(changes []change, rest func(*db.Tx) error) error {
	for _, c := range changes {
		w.found = w.found || c.place != ""
	}
	if w.dry() {
		w.count(changes)
		return nil
	}
	return w.turn.erase(w.ctx, func(tx *db.Tx) error {
		made, err := w.apply(tx, changes)
		if err != nil {
			return err
		}
		w.count(made)
		if err := w.note(tx, made); err != nil {
			return err
		}
		if rest != nil {
			if err := rest(tx); err != nil {
				return err
			}
		}
		return w.save(tx)
	})
}

// apply makes changes, and returns those whose rows were as they were planned.
func (w *work) apply(tx *db.Tx, changes []change) (made []change, err error) {
	for _, c := range changes {
		if c.do != nil {
			err = c.do(tx)
		}
		if errors.Is(err, errMoved) {
			err = nil
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("change the table %s: %w", c.place, err)
		}
		made = append(made, c)
	}
	return made, nil
}

// framing are the places whose words stand on more than stories' pages.
var framing = []string{"topic", "author", "section", "edition", "asset", "front", "section_front"}

// count adds changes to the report.
func (w *work) count(changes []change) {
	for _, c := range changes {
		if c.place != "" {
			w.report.Places[c.place]++
		}
		w.report.Words = w.report.Words || slices.Contains(framing, c.place)
		if w.dry() && c.revision != 0 {
			w.planned[c.revision] = true
		}
		for _, id := range c.stories {
			w.stories[id] = true
		}
	}
	w.report.Stories = len(w.stories)
	w.report.Revisions = w.report.Places["revision"]
}

// note lists the stories that changed, for copies that readers keep.
func (w *work) note(tx *db.Tx, changes []change) error {
	seen := map[ref.Story]bool{}
	for _, c := range changes {
		for _, id := range c.stories {
			if seen[id] {
				continue
			}
			seen[id] = true
			_, err := tx.Exec(`insert into redacted (redaction, story, at) values ($1, $2, $3) on conflict (redaction, story) do nothing`,
				w.id, id, w.moment().UnixMilli())
			if err != nil {
				return fmt.Errorf("note that story %d changed: %w", id, err)
			}
		}
	}
	return nil
}

// save keeps the report as far as it is.
func (w *work) save(tx *db.Tx) error {
	packed, err := db.Pack(w.report)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update redaction set report = $1 where id = $2`, packed, w.id)
	if err != nil {
		return fmt.Errorf("keep the report of redaction %d: %w", w.id, err)
	}
	return nil
}

// list packs numbers as one parameter.
func list(ids []ref.Story) string {
	out := []byte{'['}
	for n, id := range ids {
		if n > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, int64(id), 10)
	}
	return string(append(out, ']'))
}

// absent turns what is not there into nothing to do.
func absent(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
