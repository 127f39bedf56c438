package story

import (
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Store keeps drafts and their revisions.
type Store struct {
	mint *ref.Mint
	now  func() time.Time
}

// NewStore returns the store of drafts.
func NewStore(mint *ref.Mint, now func() time.Time) *Store { return &Store{mint, now} }

// Create begins a story with its first save.
func (s *Store) Create(tx *db.Tx, by ref.Staff, edition string, twin ref.Story, batch ref.Batch, c Content) (Draft, error) {
	d := Draft{ID: ref.New[ref.Story](s.mint), Edition: edition, Twin: twin, Sequence: 1, State: Writing, Batch: batch, Content: c, By: by}
	if err := s.remember(tx, &d); err != nil {
		return d, err
	}
	_, err := tx.Exec(`insert into story (id, edition, twin, sequence, head, state, batch) values ($1, $2, $3, $4, $5, $6, $7)`,
		d.ID, d.Edition, d.Twin, d.Sequence, d.Revision, d.State, d.Batch)
	if err != nil {
		return d, fmt.Errorf("create story %d: %w", d.ID, err)
	}
	return d, nil
}

// Save saves the content over the draft that had the sequence. When somebody
// saved another meanwhile it returns a *Stale with both and changes nothing.
func (s *Store) Save(tx *db.Tx, by ref.Staff, id ref.Story, sequence int64, c Content) (Draft, error) {
	d, err := s.Draft(tx, id)
	if err != nil {
		return d, err
	}
	if d.Sequence != sequence {
		return d, &Stale{Yours: &c, Newest: d}
	}
	d.Sequence, d.Content, d.By = sequence+1, c, by
	if err := s.remember(tx, &d); err != nil {
		if errors.Is(err, db.ErrConflict) { // the other save was not durable yet when we looked
			return d, fmt.Errorf("save story %d: %w", id, ErrStale)
		}
		return d, err
	}
	n, err := tx.Exec(`update story set sequence = $1, head = $2 where id = $3 and sequence = $4`, d.Sequence, d.Revision, id, sequence)
	if err != nil {
		return d, fmt.Errorf("save story %d: %w", id, err)
	}
	if n == 0 {
		return d, fmt.Errorf("save story %d: %w", id, ErrStale)
	}
	return d, nil
}

// remember writes the draft's content as a revision.
func (s *Store) remember(tx *db.Tx, d *Draft) error {
	content, err := db.Pack(d.Content)
	if err != nil {
		return err
	}
	d.At = s.now().UTC().Truncate(time.Millisecond)
	d.Revision = ref.New[ref.Revision](s.mint)
	_, err = tx.Exec(`insert into revision (id, story, sequence, at, by, content) values ($1, $2, $3, $4, $5, $6)`,
		d.Revision, d.ID, d.Sequence, d.At.UnixMilli(), d.By, content)
	if err != nil {
		return fmt.Errorf("remember save %d of story %d: %w", d.Sequence, d.ID, err)
	}
	return nil
}

// Draft returns the newest draft of a story.
func (s *Store) Draft(tx *db.Tx, id ref.Story) (Draft, error) {
	d, err := db.Find(tx, scanDraft, `select s.id, s.edition, s.twin, s.sequence, s.state, s.batch, s.embargo, r.id, r.at, r.by, r.content
		from story s join revision r on r.id = s.head where s.id = $1`, id)
	if err != nil {
		return d, fmt.Errorf("draft of story %d: %w", id, err)
	}
	return d, nil
}

func scanDraft(r db.Row) (d Draft, err error) {
	var at, embargo int64
	var content string
	err = r.Scan(&d.ID, &d.Edition, &d.Twin, &d.Sequence, &d.State, &d.Batch, &embargo, &d.Revision, &at, &d.By, &content)
	if err != nil {
		return d, err
	}
	d.At = time.UnixMilli(at).UTC()
	if embargo > 0 {
		d.Embargo = time.UnixMilli(embargo).UTC()
	}
	return d, db.Unpack(content, &d.Content)
}

// Revision is one save, without its text.
type Revision struct {
	ID       ref.Revision
	Sequence int64
	At       time.Time
	By       ref.Staff
}

// Revisions lists the saves of a story, newest first, behind the one with the
// sequence before; 0 begins with the newest.
func (s *Store) Revisions(tx *db.Tx, id ref.Story, before int64, limit int) ([]Revision, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.List(tx, func(r db.Row) (v Revision, err error) {
		var at int64
		err = r.Scan(&v.ID, &v.Sequence, &at, &v.By)
		v.At = time.UnixMilli(at).UTC()
		return v, err
	}, `select id, sequence, at, by from revision where story = $1 and sequence < $2 order by sequence desc limit $3`, id, before, limit)
}

// Remembered returns the content of a save.
func Remembered(tx *db.Tx, id ref.Revision) (c Content, err error) {
	text, err := db.Find(tx, db.Value[string], `select content from revision where id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("revision %d: %w", id, err)
	}
	return c, db.Unpack(text, &c)
}

// Saved returns a draft's save with its content.
func (s *Store) Saved(tx *db.Tx, id ref.Story, sequence int64) (Save, error) {
	v, err := db.Find(tx, scanSave, `select id, story, sequence, at, by, content from revision where story = $1 and sequence = $2`, id, sequence)
	if err != nil {
		return v, fmt.Errorf("save %d of story %d: %w", sequence, id, err)
	}
	return v, nil
}

// SavedAs returns a save by its revision.
func (s *Store) SavedAs(tx *db.Tx, id ref.Story, revision ref.Revision) (Save, error) {
	v, err := db.Find(tx, scanSave, `select id, story, sequence, at, by, content from revision where story = $1 and id = $2`, id, revision)
	if err != nil {
		return v, fmt.Errorf("revision %d of story %d: %w", revision, id, err)
	}
	return v, nil
}

// Save is one save with its text.
type Save struct {
	Story    ref.Story
	Revision ref.Revision
	Sequence int64
	At       time.Time
	By       ref.Staff
	Content  Content
}

func scanSave(r db.Row) (v Save, err error) {
	var at int64
	var content string
	if err := r.Scan(&v.Revision, &v.Story, &v.Sequence, &at, &v.By, &content); err != nil {
		return v, err
	}
	v.At = time.UnixMilli(at).UTC()
	return v, db.Unpack(content, &v.Content)
}

// Lock keeps others from changing the story until the transaction ends.
func (s *Store) Lock(tx *db.Tx, id ref.Story) error {
	n, err := tx.Exec(`update story set head = head where id = $1`, id)
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("lock story %d: %w", id, err)
	}
	return nil
}

// Pair makes a story the first of its translations: they share its identity as
// their number. Readers see it once another of them goes live.
func (s *Store) Pair(tx *db.Tx, first ref.Story) error {
	if _, err := tx.Exec(`update story set twin = id where id = $1`, first); err != nil {
		return fmt.Errorf("pair story %d with its translations: %w", first, err)
	}
	return nil
}

// Translated tells whether a story of the number stands in an edition, the bin's
// left out.
func Translated(tx *db.Tx, twin ref.Story, edition string) (bool, error) {
	return db.Has(tx, `select id from story where twin = $1 and edition = $2 and state <> 'binned'`, twin, edition)
}

// Translations lists the other stories of a number: the same in other editions, the bin's left
// out.
func Translations(tx *db.Tx, twin, but ref.Story) ([]Brief, error) {
	if twin == 0 {
		return nil, nil
	}
	return db.List(tx, func(r db.Row) (b Brief, err error) {
		return b, r.Scan(&b.ID, &b.Edition, &b.State, &b.Headline)
	}, `select s.id, s.edition, s.state, coalesce(json_extract(r.content, '$.headline'), '') from story s join revision r on r.id = s.head
		where s.twin = $1 and s.id <> $2 and s.state <> 'binned' order by s.id limit 100`, twin, but)
}

// Forbid sets the time before which a story must not go live; zero means none.
func (s *Store) Forbid(tx *db.Tx, id ref.Story, until time.Time) error {
	embargo := int64(0)
	if !until.IsZero() {
		embargo = until.UnixMilli()
	}
	if _, err := tx.Exec(`update story set embargo = $1 where id = $2`, embargo, id); err != nil {
		return fmt.Errorf("put story %d under embargo: %w", id, err)
	}
	return nil
}

// Brief is a draft in a list, without its body.
type Brief struct {
	ID       ref.Story
	Edition  string
	State    State
	Sequence int64
	Headline string
	Genre    Genre
	Section  ref.Section
	At       time.Time
	By       ref.Staff
}

// Briefs lists stories of an edition, or of all for "", in one state, or in all
// but the bin's for ""; the last begun first, behind the one with the identity
// before, 0 for none.
func (s *Store) Briefs(tx *db.Tx, edition string, state State, before ref.Story, limit int) ([]Brief, error) {
	if before == 0 {
		before = start.ID
	}
	return db.List(tx, func(r db.Row) (b Brief, err error) {
		var at int64
		err = r.Scan(&b.ID, &b.Edition, &b.State, &b.Sequence, &b.Headline, &b.Genre, &b.Section, &at, &b.By)
		b.At = time.UnixMilli(at).UTC()
		return b, err
	}, `select s.id, s.edition, s.state, s.sequence, coalesce(json_extract(r.content, '$.headline'), ''), coalesce(json_extract(r.content, '$.genre'), ''),
			coalesce(json_extract(r.content, '$.section'), '0'), r.at, r.by
		from story s join revision r on r.id = s.head
		where (s.edition = $1 or $1 = '') and (s.state = $2 or $2 = '' and s.state <> 'binned') and s.id < $3
			and s.batch not in (select id from batch where state <> 'live')
		order by s.id desc limit $4`, edition, state, before, limit)
}

// Move sets where a story is on its way.
func (s *Store) Move(tx *db.Tx, id ref.Story, to State) error {
	if _, err := tx.Exec(`update story set state = $1 where id = $2`, to, id); err != nil {
		return fmt.Errorf("move story %d to %s: %w", id, to, err)
	}
	return nil
}

// Claim gives the story an address in its edition: the slug, or the slug with a
// number when another story ever had it or the paper keeps the word for itself.
func (s *Store) Claim(tx *db.Tx, edition, slug string, id ref.Story) (string, error) {
	if slug == "" {
		slug = fmt.Sprintf("story-%d", id)
	}
	wanted := slug
	if ref.Reserved(slug) {
		slug += "-1"
	}
	for n := 2; ; n++ {
		took, err := tx.Exec(`insert into address (edition, slug, story) values ($1, $2, $3) on conflict (edition, slug) do nothing`, edition, slug, id)
		if err != nil {
			return "", fmt.Errorf("claim the address %s/%s: %w", edition, slug, err)
		}
		if took == 1 {
			return slug, nil
		}
		owner, err := db.Find(tx, db.Value[ref.Story], `select story from address where edition = $1 and slug = $2`, edition, slug)
		if err != nil {
			return "", fmt.Errorf("look who has the address %s/%s: %w", edition, slug, err)
		}
		if owner == id {
			return slug, nil
		}
		// After a few tries the identity settles it: a thousand stories may
		// share a headline.
		if slug = fmt.Sprintf("%s-%d", wanted, n); n > 4 {
			slug = fmt.Sprintf("%s-%d", wanted, id)
		}
	}
}
