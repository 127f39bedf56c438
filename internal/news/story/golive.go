package story

import (
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Show writes the row that readers' lists and pages are made of, with the
// topics and authors that lead to it.
func (s *Store) Show(tx *db.Tx, c Card, topics []ref.Topic, batch ref.Batch) error {
	byline := ""
	if len(c.Byline) > 0 {
		packed, err := db.Pack(c.Byline)
		if err != nil {
			return err
		}
		byline = packed
	}
	updated := int64(0)
	if !c.Updated.IsZero() {
		updated = c.Updated.UnixMilli()
	}
	_, err := tx.Exec(`insert into live (story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin, batch)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		on conflict (story) do update set section = excluded.section, genre = excluded.genre, slug = excluded.slug, headline = excluded.headline,
			short = excluded.short, standfirst = excluded.standfirst, kicker = excluded.kicker, byline = excluded.byline, picture = excluded.picture,
			published = excluded.published, updated = excluded.updated, revision = excluded.revision, version = excluded.version,
			twin = excluded.twin, batch = excluded.batch`,
		c.ID, c.Edition, c.Section, c.Genre, c.Slug, c.Headline, c.Short, c.Standfirst, c.Kicker, byline, c.Picture,
		c.Published.UnixMilli(), updated, c.Revision, c.Version, c.Twin, batch)
	if err != nil {
		return fmt.Errorf("show story %d: %w", c.ID, err)
	}
	if c.Twin != 0 && c.Twin != c.ID {
		if _, err := tx.Exec(`update live set twin = $1 where story = $1 and twin <> $1`, c.Twin); err != nil {
			return fmt.Errorf("lead from story %d to its translation %d: %w", c.Twin, c.ID, err)
		}
	}
	if c.Version > 1 {
		if err := s.unlink(tx, c.ID); err != nil {
			return err
		}
	}
	return s.link(tx, c, topics)
}

// link makes the story found under its topics and authors.
func (s *Store) link(tx *db.Tx, c Card, topics []ref.Topic) error {
	if c.Genre == Page {
		return nil // standing pages are listed nowhere
	}
	for n, topic := range topics {
		_, err := tx.Exec(`insert into live_topic (topic, edition, published, story, position) values ($1, $2, $3, $4, $5) on conflict (topic, edition, published, story) do nothing`,
			topic, c.Edition, c.Published.UnixMilli(), c.ID, n)
		if err != nil {
			return fmt.Errorf("link story %d to topic %d: %w", c.ID, topic, err)
		}
	}
	for _, name := range c.Byline {
		if name.Author == 0 {
			continue
		}
		_, err := tx.Exec(`insert into live_author (author, edition, published, story) values ($1, $2, $3, $4) on conflict (author, edition, published, story) do nothing`,
			name.Author, c.Edition, c.Published.UnixMilli(), c.ID)
		if err != nil {
			return fmt.Errorf("link story %d to author %d: %w", c.ID, name.Author, err)
		}
	}
	return nil
}

func (s *Store) unlink(tx *db.Tx, id ref.Story) error {
	if _, err := tx.Exec(`delete from live_topic where story = $1`, id); err != nil {
		return fmt.Errorf("unlink story %d from its topics: %w", id, err)
	}
	if _, err := tx.Exec(`delete from live_author where story = $1`, id); err != nil {
		return fmt.Errorf("unlink story %d from its authors: %w", id, err)
	}
	return nil
}

// Hide takes a story away from readers; its address answers with the reason
// from now on.
func (s *Store) Hide(tx *db.Tx, id ref.Story, at time.Time, reason string) error {
	n, err := tx.Exec(`delete from live where story = $1`, id)
	if err != nil {
		return fmt.Errorf("hide story %d: %w", id, err)
	}
	if n == 0 {
		return fmt.Errorf("hide story %d: %w", id, db.ErrNotFound)
	}
	if err := s.unlink(tx, id); err != nil {
		return err
	}
	_, err = tx.Exec(`insert into withdrawn (story, at, reason) values ($1, $2, $3)
		on conflict (story) do update set at = excluded.at, reason = excluded.reason`, id, at.UnixMilli(), reason)
	if err != nil {
		return fmt.Errorf("say why story %d is gone: %w", id, err)
	}
	return nil
}

// Unhide forgets that a story was withdrawn: it goes live again.
func (s *Store) Unhide(tx *db.Tx, id ref.Story) error {
	if _, err := tx.Exec(`delete from withdrawn where story = $1`, id); err != nil {
		return fmt.Errorf("forget why story %d was gone: %w", id, err)
	}
	return nil
}

// The kinds of versions.
const (
	First = "first"
	// Typo is a change that alters no meaning; readers can look it up, and are
	// not told of it.
	Typo       = "typo"
	Update     = "update"
	Correction = "correction"
	Imported   = "imported"
	// Restored takes a withdrawal back.
	Restored = "restored"
	// Redacted marks a publication of which something had to go.
	Redacted = "redacted"
)

// Version is one publication of a story.
type Version struct {
	Story    ref.Story
	Number   int
	Revision ref.Revision
	At       time.Time
	Kind     string
	// Note is what readers are told about the change; may be empty.
	Note string
	// By published it; 0 for an import.
	By ref.Staff
}

// AddVersion records a publication.
func (s *Store) AddVersion(tx *db.Tx, v Version) error {
	_, err := tx.Exec(`insert into version (story, number, revision, at, kind, note, by) values ($1, $2, $3, $4, $5, $6, $7)`,
		v.Story, v.Number, v.Revision, v.At.UnixMilli(), v.Kind, v.Note, v.By)
	if err != nil {
		return fmt.Errorf("record version %d of story %d: %w", v.Number, v.Story, err)
	}
	return nil
}

// Versions lists the publications of a story, oldest first.
func (s *Store) Versions(tx *db.Tx, id ref.Story) ([]Version, error) {
	return db.List(tx, scanVersion, `select story, number, revision, at, kind, note, by from version where story = $1 order by number limit 10000`, id)
}
