package story

import (
	"fmt"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/search"
)

// Listed is the facet of all stories but standing pages: what lists show.
const Listed = "story"

// SectionFacet is the facet of the stories of a section.
func SectionFacet(id ref.Section) string { return fmt.Sprintf("s%d", id) }

// GenreFacet is the facet of the stories of a genre.
func GenreFacet(g Genre) string { return "g" + string(g) }

// TopicFacet is the facet of the stories on a topic.
func TopicFacet(id ref.Topic) string { return fmt.Sprintf("t%d", id) }

// AuthorFacet is the facet of the stories that an author signed.
func AuthorFacet(id ref.Author) string { return fmt.Sprintf("a%d", id) }

// Searched is a live story as the search index has it. The card is the live row,
// the content that of its save.
func Searched(live Card, c Content, batch ref.Batch, language string) search.Document {
	d := search.Document{
		Story: int64(live.ID), Edition: live.Edition, Language: language, Published: live.Published, Batch: int64(batch), State: int64(live.Revision),
		Headline: c.Headline, Standfirst: c.Standfirst, Body: body.Plain(c.Body),
	}
	for _, s := range live.Byline {
		d.Names = append(d.Names, s.Name)
	}
	if live.Genre == Page {
		return d
	}
	d.Facets = []string{Listed, SectionFacet(live.Section), GenreFacet(live.Genre)}
	for _, topic := range c.Topics {
		d.Facets = append(d.Facets, TopicFacet(topic))
	}
	for _, s := range live.Byline {
		if s.Author != 0 {
			d.Facets = append(d.Facets, AuthorFacet(s.Author))
		}
	}
	return d
}

// AllSearched are live stories as the search index has them, those of imports that
// are not live too: the index hides them.
func AllSearched(tx *db.Tx, ids []ref.Story) ([]search.Document, error) {
	list, err := db.Pack(ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	documents, err := db.List(tx, scanSearched, `select l.story, l.edition, l.section, l.genre, l.byline, l.published, l.revision, l.batch, json_extract(e.content, '$.language'), r.content
		from live l join revision r on r.id = l.revision join edition e on e.key = l.edition
		where l.story in (select cast(value as bigint) from json_each(cast($1 as text))) order by l.story limit 10000`, list)
	if err != nil {
		return nil, fmt.Errorf("read the words of %d stories: %w", len(ids), err)
	}
	return documents, nil
}

func scanSearched(r db.Row) (d search.Document, err error) {
	var live Card
	var published int64
	var batch ref.Batch
	var byline, language, packed string
	if err = r.Scan(&live.ID, &live.Edition, &live.Section, &live.Genre, &byline, &published, &live.Revision, &batch, &language, &packed); err != nil {
		return d, err
	}
	live.Published = time.UnixMilli(published).UTC()
	if byline != "" {
		if err := db.Unpack(byline, &live.Byline); err != nil {
			return d, fmt.Errorf("read who signed story %d: %w", live.ID, err)
		}
	}
	var c Content
	if err := db.Unpack(packed, &c); err != nil {
		return d, fmt.Errorf("read story %d: %w", live.ID, err)
	}
	return Searched(live, c, batch, language), nil
}

// Shown says which save of a story is live.
type Shown struct {
	Story    ref.Story
	Revision ref.Revision
	At       Cursor
}

// AllShown lists what is live in an edition, the newest first, those of imports that
// are not live too.
func AllShown(tx *db.Tx, edition string, behind Cursor, limit int) ([]Shown, error) {
	behind = behind.orStart()
	return db.List(tx, func(r db.Row) (s Shown, err error) {
		err = r.Scan(&s.Story, &s.Revision, &s.At.Published)
		s.At.ID = s.Story
		return s, err
	}, `select story, revision, published from live where edition = $1 and (published, story) < ($2, $3) order by published desc, story desc limit $4`,
		edition, behind.Published, behind.ID, limit)
}

// NotShown returns those of the stories that are not live.
func NotShown(tx *db.Tx, ids []int64) ([]int64, error) {
	list, err := db.Pack(ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return db.List(tx, db.Value[int64], `select cast(value as bigint) from json_each(cast($1 as text))
		where not exists (select 1 from live where story = cast(value as bigint)) order by cast(value as bigint) limit 10000`, list)
}

// Headlines are the headlines of an edition's stories, the newest first.
func Headlines(tx *db.Tx, edition string, limit int) ([]string, error) {
	return db.List(tx, db.Value[string], `select headline from published where edition = $1 and genre <> 'page' order by published desc, story desc limit $2`, edition, limit)
}

// Signed returns those of the authors who signed a live story.
func Signed(tx *db.Tx, authors []ref.Author) ([]ref.Author, error) {
	list, err := db.Pack(authors)
	if err != nil {
		return nil, err
	}
	return db.List(tx, db.Value[ref.Author], `select cast(value as bigint) from json_each(cast($1 as text))
		where exists (select 1 from live_author a join published p on p.story = a.story where a.author = cast(value as bigint))
		order by cast(value as bigint) limit 1000`, list)
}
