package story

import (
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// What readers may look up of a story's past: its publications, the texts they
// had, and the corrections of all stories.

// noteLimit is how many corrections stand under a story, the newest.
const noteLimit = 50

func scanVersion(r db.Row) (v Version, err error) {
	var at int64
	err = r.Scan(&v.Story, &v.Number, &v.Revision, &at, &v.Kind, &v.Note, &v.By)
	v.At = time.UnixMilli(at).UTC()
	return v, err
}

// History lists the publications of a story, newest first, that have a number
// below the given one; 0 means all.
func History(tx *db.Tx, id ref.Story, below, limit int) ([]Version, error) {
	if below <= 0 {
		below = 1<<31 - 1
	}
	return db.List(tx, scanVersion, `select story, number, revision, at, kind, note, by from version
		where story = $1 and number < $2 order by number desc limit $3`, id, below, limit)
}

// Corrected lists the corrections of a story, newest first.
func Corrected(tx *db.Tx, id ref.Story) ([]Version, error) {
	return db.List(tx, scanVersion, `select story, number, revision, at, kind, note, by from version
		where story = $1 and kind = 'correction' order by number desc limit $2`, id, noteLimit)
}

// LastChange returns the newest publication that counts as an update; the error
// is db.ErrNotFound when there is none.
func LastChange(tx *db.Tx, id ref.Story) (Version, error) {
	return db.Find(tx, scanVersion, `select story, number, revision, at, kind, note, by from version
		where story = $1 and number > 1 and kind not in ('typo', 'restored') order by number desc limit 1`, id)
}

// At returns a publication of a story with the text that it had. The error is
// db.ErrNotFound when the story is not live or has no such version.
func At(tx *db.Tx, id ref.Story, number int) (v Version, c Content, err error) {
	if v, err = db.Find(tx, scanVersion, `select story, number, revision, at, kind, note, by from version
		where story = $1 and number = $2`, id, number); err != nil {
		return v, c, fmt.Errorf("version %d of story %d: %w", number, id, err)
	}
	text, err := db.Find(tx, db.Value[string], `select content from public_text where id = $1`, v.Revision)
	if err != nil {
		return v, c, fmt.Errorf("text of version %d of story %d: %w", number, id, err)
	}
	return v, c, db.Unpack(text, &c)
}

// ErrataCursor is a place in the list of corrections, newest first. The
// zero cursor stands before the first.
type ErrataCursor struct {
	At     int64
	Story  ref.Story
	Number int
}

// Erratum is a correction of a live story.
type Erratum struct {
	Version
	// Card is the story as it is now.
	Card Card
}

// Cursor is the place behind the correction.
func (c Erratum) Cursor() ErrataCursor {
	return ErrataCursor{c.At.UnixMilli(), c.Story, c.Number}
}

// Errata lists the corrections of an edition's live stories, newest first,
// behind the cursor.
func Errata(tx *db.Tx, edition string, behind ErrataCursor, limit int) ([]Erratum, error) {
	if behind == (ErrataCursor{}) {
		behind = ErrataCursor{start.Published, start.ID, 1<<31 - 1}
	}
	found, err := db.List(tx, scanVersion, `select v.story, v.number, v.revision, v.at, v.kind, v.note, v.by
		from version v join published p on p.story = v.story
		where v.kind = 'correction' and p.edition = $1 and (v.at, v.story, v.number) < ($2, $3, $4)
		order by v.at desc, v.story desc, v.number desc limit $5`, edition, behind.At, behind.Story, behind.Number, limit)
	if err != nil {
		return nil, fmt.Errorf("list the corrections of %s: %w", edition, err)
	}
	ids := make([]ref.Story, len(found))
	for n, v := range found {
		ids[n] = v.Story
	}
	cards, err := Cards(tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the corrected stories: %w", err)
	}
	byID := make(map[ref.Story]Card, len(cards))
	for _, c := range cards {
		byID[c.ID] = c
	}
	all := make([]Erratum, len(found))
	for n, v := range found {
		all[n] = Erratum{v, byID[v.Story]}
	}
	return all, nil
}
