// Package section holds the standing departments of each edition. It does not
// know the stories in them.
package section

import (
	"errors"
	"fmt"
	"slices"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Section is a department of an edition, or the place where every story of a
// genre gathers, wherever it lives.
type Section struct {
	ID      ref.Section `json:"-"`
	Edition string      `json:"-"`
	Slug    string      `json:"-"`
	// Position orders the navigation, from 1; 0 keeps the section out of it.
	Position int `json:"-"`
	// Batch is the import that brought it, 0 for none.
	Batch       ref.Batch `json:"-"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	// Genre is set when the section gathers all stories of it.
	Genre string `json:"genre,omitempty"`
	// Former are slugs that the section had: their addresses lead on to it.
	Former []string `json:"former,omitempty"`
}

// mostFormer bounds the slugs that are remembered.
const mostFormer = 20

// Moved is the section at another slug, from which the present one leads on.
func (s Section) Moved(slug string) Section {
	if slug != s.Slug {
		s.Former = slices.DeleteFunc(append(slices.Clone(s.Former), s.Slug), func(old string) bool { return old == slug })
		s.Former = s.Former[max(0, len(s.Former)-mostFormer):]
		s.Slug = slug
	}
	return s
}

// ErrSlug says that a section cannot have the slug it was given.
var ErrSlug = errors.New("this address is empty, or one of the paper's own words")

// ErrTaken says that the slug belongs to another section of the edition.
var ErrTaken = errors.New("the slug belongs to another section")

// Put writes a section.
func Put(tx *db.Tx, s Section) error {
	if s.Slug == "" || ref.Reserved(s.Slug) {
		return fmt.Errorf("section %q at %q: %w", s.Name, s.Slug, ErrSlug)
	}
	content, err := db.Pack(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into section (id, edition, slug, position, batch, content) values ($1, $2, $3, $4, $5, $6)
		on conflict (id) do update set slug = excluded.slug, position = excluded.position, content = excluded.content`,
		s.ID, s.Edition, s.Slug, s.Position, s.Batch, content)
	if errors.Is(err, db.ErrConflict) {
		err = ErrTaken
	}
	if err != nil {
		return fmt.Errorf("put section %s/%s: %w", s.Edition, s.Slug, err)
	}
	return nil
}

// All returns the sections of all editions, those of unfinished imports left
// out, in the order of their navigation.
func All(tx *db.Tx) ([]Section, error) {
	return db.List(tx, scan, `select id, edition, slug, position, batch, content from section
		where batch not in (select id from batch where state <> 'live')
		order by position, id limit 10000`)
}

// ByID finds a section.
func ByID(tx *db.Tx, id ref.Section) (Section, error) {
	s, err := db.Find(tx, scan, `select id, edition, slug, position, batch, content from section where id = $1`, id)
	if err != nil {
		return s, fmt.Errorf("section %d: %w", id, err)
	}
	return s, nil
}

// Lock finds a section that stays as it is for all others until the transaction
// ends.
func Lock(tx *db.Tx, id ref.Section) (Section, error) {
	s, err := db.Find(tx, scan, `update section set slug = slug where id = $1 returning id, edition, slug, position, batch, content`, id)
	if err != nil {
		return s, fmt.Errorf("lock section %d: %w", id, err)
	}
	return s, nil
}

// Staged returns the sections of an edition that an import sees: the living
// ones and its own.
func Staged(tx *db.Tx, edition string, batch ref.Batch) ([]Section, error) {
	return db.List(tx, scan, `select id, edition, slug, position, batch, content from section
		where edition = $1 and (batch = $2 or batch not in (select id from batch where state <> 'live'))
		order by position, id limit 10000`, edition, batch)
}

func scan(r db.Row) (s Section, err error) {
	var content string
	if err := r.Scan(&s.ID, &s.Edition, &s.Slug, &s.Position, &s.Batch, &content); err != nil {
		return s, err
	}
	return s, db.Unpack(content, &s)
}
