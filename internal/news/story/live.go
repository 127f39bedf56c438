package story

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Cursor is a place in a list that is ordered by time, newest first. The zero
// cursor stands before the first story.
type Cursor struct {
	Published int64
	ID        ref.Story
}

// After is the cursor behind a card.
func After(c Card) Cursor { return Cursor{c.Published.UnixMilli(), c.ID} }

// start is a cursor that every story stands behind.
var start = Cursor{1<<63 - 1, 1<<63 - 1}

func (c Cursor) orStart() Cursor {
	if c == (Cursor{}) {
		return start
	}
	return c
}

func scanCard(r db.Row) (c Card, err error) {
	var published, updated int64
	var byline string
	err = r.Scan(&c.ID, &c.Edition, &c.Section, &c.Genre, &c.Slug, &c.Headline, &c.Short, &c.Standfirst, &c.Kicker,
		&byline, &c.Picture, &published, &updated, &c.Revision, &c.Version, &c.Twin)
	if err != nil {
		return c, err
	}
	c.Published = time.UnixMilli(published).UTC()
	if updated > 0 {
		c.Updated = time.UnixMilli(updated).UTC()
	}
	if byline == "" {
		return c, nil
	}
	return c, db.Unpack(byline, &c.Byline)
}

// Latest lists an edition's stories, newest first, behind the cursor.
func Latest(tx *db.Tx, edition string, behind Cursor, limit int) ([]Card, error) {
	behind = behind.orStart()
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where edition = $1 and (published, story) < ($2, $3) and genre <> 'page'
		order by published desc, story desc limit $4`, edition, behind.Published, behind.ID, limit)
}

// InSection lists a section's stories, newest first, behind the cursor.
func InSection(tx *db.Tx, section ref.Section, behind Cursor, limit int) ([]Card, error) {
	behind = behind.orStart()
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where section = $1 and (published, story) < ($2, $3) and genre <> 'page'
		order by published desc, story desc limit $4`, section, behind.Published, behind.ID, limit)
}

// OfGenre lists an edition's stories of a genre, wherever they live, newest
// first, behind the cursor.
func OfGenre(tx *db.Tx, edition string, genre Genre, behind Cursor, limit int) ([]Card, error) {
	behind = behind.orStart()
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where edition = $1 and genre = $2 and (published, story) < ($3, $4)
		order by published desc, story desc limit $5`, edition, genre, behind.Published, behind.ID, limit)
}

// OnTopic lists an edition's stories on a topic, newest first, behind the
// cursor.
func OnTopic(tx *db.Tx, edition string, topic ref.Topic, behind Cursor, limit int) ([]Card, error) {
	behind = behind.orStart()
	return db.List(tx, scanCard, `select p.story, p.edition, p.section, p.genre, p.slug, p.headline, p.short, p.standfirst, p.kicker, p.byline, p.picture, p.published, p.updated, p.revision, p.version, p.twin
		from live_topic t join published p on p.story = t.story
		where t.topic = $1 and t.edition = $2 and (t.published, t.story) < ($3, $4)
		order by t.published desc, t.story desc limit $5`, topic, edition, behind.Published, behind.ID, limit)
}

// Pictured lists an edition's photo stories and films, newest first, behind the
// cursor.
func Pictured(tx *db.Tx, edition string, behind Cursor, limit int) ([]Card, error) {
	photos, err := OfGenre(tx, edition, Photo, behind, limit)
	if err != nil {
		return nil, err
	}
	films, err := OfGenre(tx, edition, Film, behind, limit)
	if err != nil {
		return nil, err
	}
	all := append(photos, films...)
	slices.SortFunc(all, func(a, b Card) int {
		return cmp.Or(cmp.Compare(b.Published.UnixMilli(), a.Published.UnixMilli()), cmp.Compare(b.ID, a.ID))
	})
	return all[:min(limit, len(all))], nil
}

// Within lists an edition's stories that were first published from one moment to
// before another, newest first.
func Within(tx *db.Tx, edition string, from, to time.Time, limit int) ([]Card, error) {
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where edition = $1 and published >= $2 and published < $3 and genre <> 'page'
		order by published desc, story desc limit $4`, edition, from.UnixMilli(), to.UnixMilli(), limit)
}

// Moments lists when an edition's stories were first published within a span,
// oldest first.
func Moments(tx *db.Tx, edition string, from, to time.Time, limit int) ([]time.Time, error) {
	return db.List(tx, scanMoment, `select published from published
		where edition = $1 and published >= $2 and published < $3 and genre <> 'page' order by published limit $4`, edition, from.UnixMilli(), to.UnixMilli(), limit)
}

// Nearest returns when the last story before a moment, and the first from another
// on, were published; zero where there is none.
func Nearest(tx *db.Tx, edition string, before, from time.Time) (earlier, later time.Time, err error) {
	found, err := db.List(tx, scanMoment, `select published from published
		where edition = $1 and published < $2 and genre <> 'page' order by published desc limit 1`, edition, before.UnixMilli())
	if err != nil {
		return earlier, later, err
	}
	if len(found) > 0 {
		earlier = found[0]
	}
	found, err = db.List(tx, scanMoment, `select published from published
		where edition = $1 and published >= $2 and genre <> 'page' order by published limit 1`, edition, from.UnixMilli())
	if len(found) > 0 {
		later = found[0]
	}
	return earlier, later, err
}

func scanMoment(r db.Row) (time.Time, error) {
	var at int64
	err := r.Scan(&at)
	return time.UnixMilli(at).UTC(), err
}

// ByAuthor lists an edition's stories that an author signed, newest first,
// behind the cursor.
func ByAuthor(tx *db.Tx, edition string, author ref.Author, behind Cursor, limit int) ([]Card, error) {
	behind = behind.orStart()
	return db.List(tx, scanCard, `select p.story, p.edition, p.section, p.genre, p.slug, p.headline, p.short, p.standfirst, p.kicker, p.byline, p.picture, p.published, p.updated, p.revision, p.version, p.twin
		from live_author a join published p on p.story = a.story
		where a.author = $1 and a.edition = $2 and (a.published, a.story) < ($3, $4)
		order by a.published desc, a.story desc limit $5`, author, edition, behind.Published, behind.ID, limit)
}

// Cards returns the live stories with the identities, in the order asked for;
// those that are not live are left out.
func Cards(tx *db.Tx, ids []ref.Story) ([]Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	found, err := db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where story in (select cast(value as bigint) from json_each(cast($1 as text)))
		order by story limit 10000`, list)
	if err != nil {
		return nil, err
	}
	byID := make(map[ref.Story]Card, len(found))
	for _, c := range found {
		byID[c.ID] = c
	}
	cards := found[:0]
	for _, id := range ids {
		if c, ok := byID[id]; ok {
			cards = append(cards, c)
			delete(byID, id)
		}
	}
	return cards, nil
}

// Twins returns the live stories that are the same story in other editions, the
// one asked for included.
func Twins(tx *db.Tx, twin ref.Story) ([]Card, error) {
	if twin == 0 {
		return nil, nil
	}
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where twin = $1 order by story limit 100`, twin)
}

// Pages lists the standing pages of all editions, the oldest first.
func Pages(tx *db.Tx) ([]Card, error) {
	return db.List(tx, scanCard, `select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin
		from published where edition in (select key from edition) and genre = 'page' order by published, story limit 1000`)
}

// Owner finds the story that has, or once had, the slug in the edition.
func Owner(tx *db.Tx, edition, slug string) (ref.Story, error) {
	return db.Find(tx, db.Value[ref.Story], `select story from address where edition = $1 and slug = $2`, edition, slug)
}

// Among returns those of the stories, live or not, that belong to an edition.
func Among(tx *db.Tx, edition string, ids []ref.Story) ([]ref.Story, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	return db.List(tx, db.Value[ref.Story], `select id from story
		where edition = $1 and id in (select cast(value as bigint) from json_each(cast($2 as text))) order by id limit 10000`, edition, list)
}

// Known counts those of some stories that are here, drafts too.
func Known(tx *db.Tx, ids []ref.Story) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return 0, err
	}
	return db.Find(tx, db.Value[int], `select count(*) from story where id in (select cast(value as bigint) from json_each(cast($1 as text)))`, list)
}

// FromOldAddress finds the story that had the address in the system it was
// imported from: a path, with its query if it had one.
func FromOldAddress(tx *db.Tx, address string) (ref.Story, error) {
	return db.Find(tx, db.Value[ref.Story], `select story from old_address where address = $1`, address)
}

// Read returns a live story with its content.
func Read(tx *db.Tx, id ref.Story) (s Story, err error) {
	cards, err := Cards(tx, []ref.Story{id})
	if err != nil {
		return s, fmt.Errorf("read story %d: %w", id, err)
	}
	if len(cards) == 0 {
		return s, fmt.Errorf("read story %d: %w", id, db.ErrNotFound)
	}
	s.Card = cards[0]
	content, err := db.Find(tx, db.Value[string], `select content from public_text where id = $1`, s.Revision)
	if err != nil {
		return s, fmt.Errorf("read the text of story %d: %w", id, err)
	}
	return s, db.Unpack(content, &s.Content)
}

// Text is the content of a published save.
type Text struct {
	Revision ref.Revision
	Content  Content
	// Size is its length as kept, in bytes.
	Size int
}

// Texts returns the contents of published saves, with one query.
func Texts(tx *db.Tx, ids []ref.Revision) ([]Text, error) {
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	found, err := db.List(tx, func(r db.Row) (t Text, err error) {
		var packed string
		if err := r.Scan(&t.Revision, &packed); err != nil {
			return t, err
		}
		t.Size = len(packed)
		return t, db.Unpack(packed, &t.Content)
	}, `select id, content from public_text where id in (select cast(value as bigint) from json_each(cast($1 as text))) order by id limit 10000`, list)
	if err != nil {
		return nil, fmt.Errorf("read the texts of %d stories: %w", len(ids), err)
	}
	return found, nil
}

// TopicsOf lists the topics of a live story in the order of their weight.
func TopicsOf(tx *db.Tx, id ref.Story) ([]ref.Topic, error) {
	return db.List(tx, db.Value[ref.Topic], `select topic from live_topic where story = $1 order by position, topic limit 1000`, id)
}

// Gone tells why a story was withdrawn; ErrNotFound when it was not.
func Gone(tx *db.Tx, id ref.Story) (reason string, err error) {
	return db.Find(tx, db.Value[string], `select reason from withdrawn where story = $1`, id)
}

// Count tells how many stories of an edition are on a topic.
func Count(tx *db.Tx, edition string, topic ref.Topic) (int, error) {
	return db.Find(tx, db.Value[int], `select count(*) from live_topic t join published p on p.story = t.story where t.topic = $1 and t.edition = $2`, topic, edition)
}

// Told returns those of the topics that a live story is on.
func Told(tx *db.Tx, topics []ref.Topic) ([]ref.Topic, error) {
	list, err := db.Pack(topics)
	if err != nil || len(topics) == 0 {
		return nil, err
	}
	return db.List(tx, db.Value[ref.Topic], `select cast(value as bigint) from json_each(cast($1 as text))
		where exists (select 1 from live_topic t join published p on p.story = t.story where t.topic = cast(value as bigint))
		order by cast(value as bigint) limit 1000`, list)
}

// ToldIn returns those of the topics that a live story of an edition is on.
func ToldIn(tx *db.Tx, edition string, topics []ref.Topic) ([]ref.Topic, error) {
	list, err := db.Pack(topics)
	if err != nil || len(topics) == 0 {
		return nil, err
	}
	return db.List(tx, db.Value[ref.Topic], `select cast(value as bigint) from json_each(cast($1 as text))
		where exists (select 1 from live_topic t join published p on p.story = t.story where t.topic = cast(value as bigint) and t.edition = $2)
		order by cast(value as bigint) limit 1000`, list, edition)
}

// SignedIn returns those of the authors who signed a live story of an edition.
func SignedIn(tx *db.Tx, edition string, authors []ref.Author) ([]ref.Author, error) {
	list, err := db.Pack(authors)
	if err != nil || len(authors) == 0 {
		return nil, err
	}
	return db.List(tx, db.Value[ref.Author], `select cast(value as bigint) from json_each(cast($1 as text))
		where exists (select 1 from live_author a join published p on p.story = a.story where a.author = cast(value as bigint) and a.edition = $2)
		order by cast(value as bigint) limit 1000`, list, edition)
}

// Place is a story's address, for sitemaps.
type Place struct {
	ID      ref.Story
	Edition string
	Section ref.Section
	Genre   Genre
	Slug    string
	// Changed is the last publication.
	Changed   time.Time
	Published time.Time
	Picture   ref.Asset
	Twin      ref.Story
}

func scanPlace(r db.Row) (p Place, err error) {
	var published, updated int64
	err = r.Scan(&p.ID, &p.Edition, &p.Section, &p.Genre, &p.Slug, &published, &updated, &p.Picture, &p.Twin)
	p.Published = time.UnixMilli(published).UTC()
	p.Changed = time.UnixMilli(max(published, updated)).UTC()
	return p, err
}

// Between lists the addresses of an edition's stories first published in the
// span, oldest first, at most limit behind the first skip.
func Between(tx *db.Tx, edition string, from, to time.Time, skip, limit int) ([]Place, error) {
	return db.List(tx, scanPlace, `select story, edition, section, genre, slug, published, updated, picture, twin from published
		where edition = $1 and genre <> 'page' and published >= $2 and published < $3
		order by published, story limit $4 offset $5`, edition, from.UnixMilli(), to.UnixMilli(), limit, skip)
}

// TwinPlaces lists the addresses of the live stories that some of them are in all
// editions, by what they have in common.
func TwinPlaces(tx *db.Tx, twins []ref.Story) ([]Place, error) {
	list, err := db.Pack(twins)
	if err != nil {
		return nil, err
	}
	return db.List(tx, scanPlace, `select story, edition, section, genre, slug, published, updated, picture, twin from published
		where twin in (select cast(value as bigint) from json_each(cast($1 as text))) order by twin, story limit 100000`, list)
}

// Tally counts an edition's stories first published in the span, and tells when
// one of them changed last.
func Tally(tx *db.Tx, edition string, from, to time.Time) (n int, changed time.Time, err error) {
	var last int64
	_, err = db.Find(tx, func(r db.Row) (struct{}, error) { return struct{}{}, r.Scan(&n, &last) },
		`select count(*), coalesce(max(case when updated > published then updated else published end), 0) from published
		where edition = $1 and genre <> 'page' and published >= $2 and published < $3`, edition, from.UnixMilli(), to.UnixMilli())
	return n, time.UnixMilli(last).UTC(), err
}

// Earlier counts an edition's stories that were first published from a moment on
// and stand before one, in the order of Between.
func Earlier(tx *db.Tx, c Card, from time.Time) (int, error) {
	return db.Find(tx, db.Value[int], `select count(*) from published
		where edition = $1 and genre <> 'page' and published >= $2 and (published, story) < ($3, $4)`, c.Edition, from.UnixMilli(), c.Published.UnixMilli(), c.ID)
}

// Span returns when an edition's first and newest stories were published; both
// are zero when it has none.
func Span(tx *db.Tx, edition string) (first, last time.Time, err error) {
	ends, err := db.List(tx, scanMoment, `select published from published where edition = $1 order by published limit 1`, edition)
	if err != nil || len(ends) == 0 {
		return first, last, err
	}
	first = ends[0]
	last, err = db.Find(tx, scanMoment, `select published from published where edition = $1 order by published desc limit 1`, edition)
	return first, last, err
}

// Slugs lists the slugs that a story has or had, at most a hundred.
func Slugs(tx *db.Tx, id ref.Story) ([]string, error) {
	return db.List(tx, db.Value[string], `select slug from address where story = $1 order by slug limit 100`, id)
}
