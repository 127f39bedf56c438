// Package topic holds the topics: every tag is one. A topic has names, aliases
// and definitions by language and, when the paper follows it, a place in the
// order of In Focus. It does not know the stories on it.
package topic

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Topic is a tag with an identity.
type Topic struct {
	ID ref.Topic `json:"-"`
	// Focus is the place in In Focus, from 1; 0 keeps the topic out of it.
	Focus int `json:"-"`
	// Merged is the topic that this one became a part of, 0 for none.
	Merged ref.Topic `json:"-"`
	// Batch is the import that brought it, 0 for none.
	Batch ref.Batch `json:"-"`
	// Kind is concept, technique, place, person, organisation or keyword.
	Kind    string           `json:"kind"`
	Picture ref.Asset        `json:"picture,omitempty"`
	Words   map[string]Words `json:"words"`
	// Related are topics that editors set beside this one, the nearest first.
	Related []ref.Topic `json:"related,omitempty"`
	// Checked is when an editor last held the facts against their sources; zero
	// where nobody said.
	Checked time.Time `json:"checked,omitzero"`
}

// Words are a topic's words in one language.
type Words struct {
	Name    string   `json:"name"`
	Slug    string   `json:"slug"`
	Aliases []string `json:"aliases,omitempty"`
	// Definition is one to three sentences whose first 90 characters can stand
	// alone; a language without one keeps the topic out of A to Z and In Focus.
	Definition string `json:"definition,omitempty"`
	// About says at length what it is: paragraphs with empty lines between them.
	About string `json:"about,omitempty"`
	// Facts are the topic in a few figures and names.
	Facts []Fact `json:"facts,omitempty"`
	// Questions are those that readers ask, with the answers.
	Questions []Question `json:"questions,omitempty"`
}

// Fact is a line of a topic's key facts, as "Length", "7,200 km".
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Question is what readers ask about a topic, and the answer in a paragraph.
type Question struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Defined tells whether any language has a definition of the topic.
func (t Topic) Defined() bool {
	for _, words := range t.Words {
		if words.Definition != "" {
			return true
		}
	}
	return false
}

// Followed tells whether the topic stands in In Focus of a language.
func (t Topic) Followed(language string) bool {
	return t.Focus > 0 && t.Words[language].Definition != ""
}

// ErrSlug says that a topic cannot have the slug it was given.
var ErrSlug = errors.New("this address is empty, or one of the paper's own words")

// ErrTaken says that the slug belongs, or once belonged, to another topic.
var ErrTaken = errors.New("the slug belongs to another topic")

// Put writes a topic with all its names. Slugs that it had stay its own, so that
// they lead on to it.
func Put(tx *db.Tx, t Topic) error {
	content, err := db.Pack(t)
	if err != nil {
		return err
	}
	defined := 0
	if t.Defined() {
		defined = 1
	}
	_, err = tx.Exec(`insert into topic (id, focus, merged, batch, defined, content) values ($1, $2, $3, $4, $5, $6)
		on conflict (id) do update set focus = excluded.focus, merged = excluded.merged, defined = excluded.defined, content = excluded.content`,
		t.ID, t.Focus, t.Merged, t.Batch, defined, content)
	if err != nil {
		return fmt.Errorf("put topic %d: %w", t.ID, err)
	}
	if _, err := tx.Exec(`delete from topic_name where topic = $1`, t.ID); err != nil {
		return fmt.Errorf("forget the names of topic %d: %w", t.ID, err)
	}
	for _, language := range slices.Sorted(maps.Keys(t.Words)) { // all take the rows in one order
		words := t.Words[language]
		if err := putNames(tx, t.ID, language, words); err != nil {
			return fmt.Errorf("name topic %q: %w", words.Name, err)
		}
	}
	return nil
}

func putNames(tx *db.Tx, id ref.Topic, language string, words Words) error {
	if words.Slug == "" || ref.Reserved(words.Slug) {
		return fmt.Errorf("%q: %w", words.Slug, ErrSlug)
	}
	for _, name := range append([]string{words.Name}, words.Aliases...) {
		// A name that another topic has stays with it: the first wins.
		_, err := tx.Exec(`insert into topic_name (language, folded, topic) values ($1, $2, $3) on conflict (language, folded) do nothing`,
			language, lang.Fold(name), id)
		if err != nil {
			return err
		}
	}
	took, err := tx.Exec(`insert into topic_slug (language, slug, topic) values ($1, $2, $3)
		on conflict (language, slug) do update set topic = excluded.topic where topic_slug.topic = excluded.topic`, language, words.Slug, id)
	if err == nil && took == 0 {
		err = ErrTaken
	}
	return err
}

func scan(r db.Row) (t Topic, err error) {
	var content string
	if err := r.Scan(&t.ID, &t.Focus, &t.Merged, &t.Batch, &content); err != nil {
		return t, err
	}
	return t, db.Unpack(content, &t)
}

// Named finds the topic that a name or an alias means in a language.
func Named(tx *db.Tx, language, name string) (ref.Topic, error) {
	return db.Find(tx, db.Value[ref.Topic], `select topic from topic_name where language = $1 and folded = $2`, language, lang.Fold(name))
}

// Beginning finds topics of which a name, or a word of one, begins with a text in a
// language; those that were merged into others are left out.
func Beginning(tx *db.Tx, language, text string, limit int) ([]Topic, error) {
	like := lang.Like(lang.Fold(text)) + "%"
	return db.List(tx, scan, `select t.id, t.focus, t.merged, t.batch, t.content from topic t
		where t.merged = 0 and t.id in (select topic from topic_name where language = $1 and (folded like $2 escape '\' or folded like '% ' || $2 escape '\'))
			and t.batch not in (select id from batch where state <> 'live')
		order by t.focus desc, t.id desc limit $3`, language, like, limit)
}

// SlugTaken tells whether a topic has, or had, the slug in a language.
func SlugTaken(tx *db.Tx, language, slug string) (bool, error) {
	return db.Has(tx, `select topic from topic_slug where language = $1 and slug = $2`, language, slug)
}

// At finds the topic that has, or had, an address.
func At(tx *db.Tx, language, slug string) (Topic, error) {
	return db.Find(tx, scan, `select t.id, t.focus, t.merged, t.batch, t.content
		from topic_slug s join topic t on t.id = s.topic where s.language = $1 and s.slug = $2`, language, slug)
}

// Lock finds a topic that stays as it is for all others until the transaction
// ends.
func Lock(tx *db.Tx, id ref.Topic) (Topic, error) {
	t, err := db.Find(tx, scan, `update topic set focus = focus where id = $1 returning id, focus, merged, batch, content`, id)
	if err != nil {
		return t, fmt.Errorf("lock topic %d: %w", id, err)
	}
	return t, nil
}

// ByID returns the topics with the identities, in no order; unknown ones are
// left out.
func ByID(tx *db.Tx, ids []ref.Topic) ([]Topic, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	return db.List(tx, scan, `select t.id, t.focus, t.merged, t.batch, t.content from topic t
		where t.id in (select cast(value as bigint) from json_each(cast($1 as text))) order by t.id limit 1000`, list)
}

// All lists the topics, the newest first, behind the one with the identity
// before, 0 for none; those of unfinished imports are left out.
func All(tx *db.Tx, before ref.Topic, limit int) ([]Topic, error) {
	return db.List(tx, scan, `select t.id, t.focus, t.merged, t.batch, t.content from topic t
		where (t.id < $1 or $1 = 0) and t.batch not in (select id from batch where state <> 'live') order by t.id desc limit $2`, before, limit)
}

// MaxDefined is how many topics may have a definition.
const MaxDefined = 10_000

// WithDefinition returns the topics that some language has a definition of: first
// those that the paper follows, in their order, then the others.
func WithDefinition(tx *db.Tx) ([]Topic, error) {
	return db.List(tx, scan, `select t.id, t.focus, t.merged, t.batch, t.content from topic t
		where t.defined > 0 and t.merged = 0 and t.batch not in (select id from batch where state <> 'live')
		order by case when t.focus > 0 then 0 else 1 end, t.focus, t.id limit 10000`)
}

// Beside returns the topics that stand most often beside a topic, among its newest
// stories in an edition; the most frequent first.
func Beside(tx *db.Tx, edition string, id ref.Topic, limit int) ([]ref.Topic, error) {
	return db.List(tx, db.Value[ref.Topic], `select o.topic from (
			select story from live_topic where topic = $1 and edition = $2 order by published desc, story desc limit 200) s
		join live_topic o on o.story = s.story
		where o.topic <> $1 group by o.topic order by count(*) desc, o.topic limit $3`, id, edition, limit)
}
