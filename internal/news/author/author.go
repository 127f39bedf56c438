// Package author holds those who sign stories: people, pen names, and the
// house itself. It does not know the stories they signed.
package author

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Author is someone who signs stories.
type Author struct {
	ID ref.Author `json:"-"`
	// Batch is the import that brought it, 0 for none.
	Batch ref.Batch `json:"-"`
	// House marks the publication's own byline.
	House   bool             `json:"house,omitempty"`
	Picture ref.Asset        `json:"picture,omitempty"`
	Words   map[string]Words `json:"words"`
}

// Words are an author's words in one language.
type Words struct {
	Name string `json:"name"`
	Slug string `json:"slug"`
	Bio  string `json:"bio,omitempty"`
	// Covers says in a line what the author writes about.
	Covers string `json:"covers,omitempty"`
}

// ErrSlug says that an author cannot have the slug it was given.
var ErrSlug = errors.New("this address is empty, or one of the paper's own words")

// ErrTaken says that the slug belongs, or once belonged, to another author.
var ErrTaken = errors.New("the slug belongs to another author")

// Put writes an author with all names. Slugs that the author had stay the
// author's own, so that they lead on.
func Put(tx *db.Tx, a Author) error {
	content, err := db.Pack(a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into author (id, batch, content) values ($1, $2, $3)
		on conflict (id) do update set content = excluded.content`, a.ID, a.Batch, content)
	if err != nil {
		return fmt.Errorf("put author %d: %w", a.ID, err)
	}
	if _, err := tx.Exec(`delete from author_name where author = $1`, a.ID); err != nil {
		return fmt.Errorf("forget the names of author %d: %w", a.ID, err)
	}
	for _, language := range slices.Sorted(maps.Keys(a.Words)) { // all take the rows in one order
		words := a.Words[language]
		if err := putNames(tx, a.ID, language, words); err != nil {
			return fmt.Errorf("name author %q: %w", words.Name, err)
		}
	}
	return nil
}

func putNames(tx *db.Tx, id ref.Author, language string, words Words) error {
	if words.Slug == "" || ref.Reserved(words.Slug) {
		return fmt.Errorf("%q: %w", words.Slug, ErrSlug)
	}
	_, err := tx.Exec(`insert into author_name (language, folded, author) values ($1, $2, $3) on conflict (language, folded) do nothing`,
		language, lang.Fold(words.Name), id)
	if err != nil {
		return err
	}
	took, err := tx.Exec(`insert into author_slug (language, slug, author) values ($1, $2, $3)
		on conflict (language, slug) do update set author = excluded.author where author_slug.author = excluded.author`, language, words.Slug, id)
	if err == nil && took == 0 {
		err = ErrTaken
	}
	return err
}

func scan(r db.Row) (a Author, err error) {
	var content string
	if err := r.Scan(&a.ID, &a.Batch, &content); err != nil {
		return a, err
	}
	return a, db.Unpack(content, &a)
}

// Named finds the author that a name means in a language.
func Named(tx *db.Tx, language, name string) (ref.Author, error) {
	return db.Find(tx, db.Value[ref.Author], `select author from author_name where language = $1 and folded = $2`, language, lang.Fold(name))
}

// Beginning finds authors of whom a name, or a word of one, begins with a text in a
// language.
func Beginning(tx *db.Tx, language, text string, limit int) ([]Author, error) {
	like := lang.Like(lang.Fold(text)) + "%"
	return db.List(tx, scan, `select a.id, a.batch, a.content from author a
		where a.id in (select author from author_name where language = $1 and (folded like $2 escape '\' or folded like '% ' || $2 escape '\'))
			and a.batch not in (select id from batch where state <> 'live')
		order by a.id desc limit $3`, language, like, limit)
}

// SlugTaken tells whether an author has, or had, the slug in a language.
func SlugTaken(tx *db.Tx, language, slug string) (bool, error) {
	return db.Has(tx, `select author from author_slug where language = $1 and slug = $2`, language, slug)
}

// At finds the author who has, or had, an address.
func At(tx *db.Tx, language, slug string) (Author, error) {
	return db.Find(tx, scan, `select a.id, a.batch, a.content
		from author_slug s join author a on a.id = s.author where s.language = $1 and s.slug = $2`, language, slug)
}

// Lock finds an author who stays unchanged for all others until the transaction
// ends.
func Lock(tx *db.Tx, id ref.Author) (Author, error) {
	a, err := db.Find(tx, scan, `update author set batch = batch where id = $1 returning id, batch, content`, id)
	if err != nil {
		return a, fmt.Errorf("lock author %d: %w", id, err)
	}
	return a, nil
}

// ByID returns the authors with the identities, in no order; unknown ones are
// left out.
func ByID(tx *db.Tx, ids []ref.Author) ([]Author, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	return db.List(tx, scan, `select a.id, a.batch, a.content from author a
		where a.id in (select cast(value as bigint) from json_each(cast($1 as text))) order by a.id limit 1000`, list)
}

// All lists the authors, the newest first, behind the one with the identity
// before, 0 for none; those of unfinished imports are left out.
func All(tx *db.Tx, before ref.Author, limit int) ([]Author, error) {
	return db.List(tx, scan, `select a.id, a.batch, a.content from author a
		where (a.id < $1 or $1 = 0) and a.batch not in (select id from batch where state <> 'live') order by a.id desc limit $2`, before, limit)
}
