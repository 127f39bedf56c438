package redact

import (
	"errors"
	"fmt"
	"strings"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

// all is more rows than any newsroom has of what is read at once: only those
// that may hold what must go are kept in memory.
const all = 10_000_000

// row is a noun's row that may hold what must go.
type row struct {
	id      int64
	content string
}

// rowsOf reads a table of nouns and keeps those that may hold what must go.
func (w *work) rowsOf(statement string) (rows []row, err error) {
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			var one row
			if err := r.Scan(&one.id, &one.content); err != nil {
				return none, err
			}
			if w.mayHold(one.content) {
				rows = append(rows, one)
			}
			return none, nil
		}, statement, all)
		return err
	})
	return rows, err
}

// mayHold tells whether a document may hold what must go: its texts, or the
// picture.
func (w *work) mayHold(document string) bool {
	return w.words.mayHold(document) || w.names(document, w.asset.ID)
}

// names tells whether a document names an asset. Identities are texts in JSON,
// and no two kinds of things share one.
func (w *work) names(document string, id ref.Asset) bool {
	return id != 0 && strings.Contains(document, fmt.Sprintf(`"%d"`, id))
}

// nouns plans what changes in what frames the pages: topics, authors, sections,
// editions and the words of pictures.
func (w *work) nouns(take func([]change) error) error {
	var changes []change
	for _, noun := range []struct {
		place, read string
		// hold keeps others from a row that is still as it was read.
		hold   string
		change func(row) (change, bool, error)
		// shown lists the stories whose pages show the noun.
		shown string
	}{
		{"topic", `select id, content from topic order by id limit $1`, `update topic set content = content where id = $1 and content = $2`,
			w.topic, `select distinct story from live_topic where topic = $1 order by story limit $2`},
		{"author", `select id, content from author order by id limit $1`, `update author set content = content where id = $1 and content = $2`,
			w.author, `select distinct story from live_author where author = $1 order by story limit $2`},
		{"section", `select id, content from section order by id limit $1`, `update section set content = content where id = $1 and content = $2`,
			w.section, `select story from live where section = $1 order by story limit $2`},
		{"asset", `select id, content from asset order by id limit $1`, `update asset set content = content where id = $1 and content = $2`, w.assetWords, ""},
		{"edition", `select position, content from edition order by position, key limit $1`, `update edition set content = content where position = $1 and content = $2`, w.edition, ""},
	} {
		rows, err := w.rowsOf(noun.read)
		if err != nil {
			return fmt.Errorf("look through the table %s: %w", noun.place, err)
		}
		for _, row := range rows {
			c, found, err := noun.change(row)
			if err != nil {
				return fmt.Errorf("%s %d: %w", noun.place, row.id, err)
			}
			if !found {
				continue
			}
			put := c.do
			c.place, c.do = noun.place, func(tx *db.Tx) error {
				if err := still(tx.Exec(noun.hold, row.id, row.content)); err != nil {
					return err
				}
				return put(tx)
			}
			if c.stories, err = w.showing(noun.shown, row.id); err != nil {
				return err
			}
			changes = append(changes, c)
		}
	}
	return take(changes)
}

// showing lists the stories whose pages show a noun.
func (w *work) showing(statement string, id int64) (ids []ref.Story, err error) {
	if statement == "" {
		return nil, nil
	}
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		ids, err = db.List(tx, db.Value[ref.Story], statement, id, all)
		return err
	})
	return ids, err
}

// topic plans the change of a topic. It is read again where it is changed: not
// all of it stands in its content.
func (w *work) topic(r row) (change, bool, error) {
	id := ref.Topic(r.id)
	clean := func(tx *db.Tx) (topic.Topic, int, error) {
		found, err := topic.ByID(tx, []ref.Topic{id})
		if err != nil || len(found) == 0 {
			return topic.Topic{}, 0, err
		}
		c := w.cleanerIn("")
		t := c.topic(found[0], w.request.markIn)
		err = c.rest(&t)
		return t, c.found, err
	}
	return plan(w, clean, topic.Put)
}

func (w *work) author(r row) (change, bool, error) {
	id := ref.Author(r.id)
	clean := func(tx *db.Tx) (author.Author, int, error) {
		found, err := author.ByID(tx, []ref.Author{id})
		if err != nil || len(found) == 0 {
			return author.Author{}, 0, err
		}
		c := w.cleanerIn("")
		a := c.author(found[0], w.request.markIn)
		err = c.rest(&a)
		return a, c.found, err
	}
	return plan(w, clean, author.Put)
}

func (w *work) section(r row) (change, bool, error) {
	clean := func(tx *db.Tx) (section.Section, int, error) {
		s, err := db.Find(tx, func(r db.Row) (s section.Section, err error) {
			var content string
			if err := r.Scan(&s.ID, &s.Edition, &s.Slug, &s.Position, &s.Batch, &content); err != nil {
				return s, err
			}
			return s, db.Unpack(content, &s)
		}, `select id, edition, slug, position, batch, content from section where id = $1`, r.id)
		if err != nil {
			return s, 0, absent(err)
		}
		c := w.cleaner(s.Edition)
		s = c.section(s)
		err = c.rest(&s)
		return s, c.found, err
	}
	return plan(w, clean, section.Put)
}

// assetWords plans the change of a picture's words. The picture that must go
// loses its own at the end, when its files are gone.
func (w *work) assetWords(r row) (change, bool, error) {
	id := ref.Asset(r.id)
	if w.asset.ID == id {
		return change{}, false, nil
	}
	clean := func(tx *db.Tx) (asset.Asset, int, error) {
		found, err := asset.ByID(tx, []ref.Asset{id})
		if err != nil || len(found) == 0 {
			return asset.Asset{}, 0, err
		}
		c := w.cleanerIn("")
		a := c.assetWords(found[0], w.request.markIn)
		err = c.rest(&a)
		return a, c.found, err
	}
	c, found, err := plan(w, clean, asset.Put)
	w.assets[id] = found
	return c, found, err
}

func (w *work) edition(r row) (change, bool, error) {
	clean := func(tx *db.Tx) (edition.Edition, int, error) {
		e, err := db.Find(tx, func(r db.Row) (e edition.Edition, err error) {
			var key, content string
			if err := r.Scan(&key, &content); err != nil {
				return e, err
			}
			err = db.Unpack(content, &e)
			e.Key = key
			return e, err
		}, `select key, content from edition where position = $1 and content = $2`, r.id, r.content)
		if errors.Is(err, db.ErrNotFound) {
			err = errMoved
		}
		if err != nil {
			return e, 0, err
		}
		c := w.cleanerIn(e.Language)
		e = c.edition(e)
		err = c.rest(&e)
		return e, c.found, err
	}
	return plan(w, clean, func(tx *db.Tx, e edition.Edition) error { return edition.Put(tx, e, int(r.id)) })
}

// plan looks whether a row changes, and how it is changed.
func plan[T any](w *work, clean func(*db.Tx) (T, int, error), put func(*db.Tx, T) error) (c change, found bool, err error) {
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, n, err := clean(tx)
		found = n > 0 || errors.Is(err, errMoved)
		return err
	})
	if found {
		err = nil // one that was changed meanwhile is looked at again
	}
	c.do = func(tx *db.Tx) error {
		one, n, err := clean(tx)
		if err != nil || n == 0 {
			return err
		}
		return put(tx, one)
	}
	return c, found, err
}

// rest takes what must go from the texts of a noun that this room does not
// know yet.
func (c *cleaner) rest(noun any) error {
	packed, err := db.Pack(noun)
	if err != nil {
		return err
	}
	clean, found := c.cleanDocument(packed, c.mark)
	if !found {
		return nil
	}
	c.found++
	return db.Unpack(clean, noun)
}

// arrangement is a table of fronts: how its plans are read, and one is written.
// Each is named by an edition or a section, and a version or a sequence.
type arrangement struct{ place, read, write string }

var arrangements = []arrangement{
	{"front", `select edition, cast(0 as bigint), version, plan from front order by version, edition limit $1`,
		`update front set plan = $1 where edition = $2 and cast($3 as bigint) = 0 and version = $4 and plan = $5`},
	{"section_front", `select coalesce(s.edition, ''), f.section, f.version, f.plan from section_front f left join section s on s.id = f.section order by f.version, f.section limit $1`,
		`update section_front set plan = $1 where cast($2 as text) is not null and section = $3 and version = $4 and plan = $5`},
	{"front_plan", `select edition, section, sequence, plan from front_plan where plan <> '' order by edition, section limit $1`,
		`update front_plan set plan = $1 where edition = $2 and section = $3 and sequence = $4 and plan = $5`},
}

// arranged is a front as it was, or is being, arranged.
type arranged struct {
	edition, plan string
	section       ref.Section
	version       int64
}

// fronts plans the change of every front there was.
func (w *work) fronts(take func([]change) error) error {
	var changes []change
	for _, table := range arrangements {
		found, err := w.frontsIn(table)
		if err != nil {
			return fmt.Errorf("look through the fronts: %w", err)
		}
		for _, a := range found {
			packed, clean, err := w.cleanFront(a)
			if err != nil {
				return fmt.Errorf("front %d of %s: %w", a.version, a.edition, err)
			}
			if clean {
				continue
			}
			changes = append(changes, change{place: table.place, do: func(tx *db.Tx) error {
				return still(tx.Exec(table.write, packed, a.edition, a.section, a.version, a.plan))
			}})
		}
	}
	return take(changes)
}

// frontsIn are the fronts of a table that may hold what must go.
func (w *work) frontsIn(table arrangement) (found []arranged, err error) {
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			var a arranged
			if err := r.Scan(&a.edition, &a.section, &a.version, &a.plan); err != nil {
				return none, err
			}
			if w.mayHold(a.plan) || w.only() != 0 && strings.Contains(a.plan, fmt.Sprintf(`"%d"`, w.only())) {
				found = append(found, a)
			}
			return none, nil
		}, table.read, all)
		return err
	})
	return found, err
}

// cleanFront is a plan without what must go; clean says that it holds nothing of
// it.
func (w *work) cleanFront(a arranged) (packed string, clean bool, err error) {
	var p front.Plan
	if err := db.Unpack(a.plan, &p); err != nil {
		return "", false, err
	}
	c := w.cleaner(a.edition)
	p = c.plan(p, w.only(), w.request.Kind == Story)
	if w.only() == 0 {
		if err := c.rest(&p); err != nil {
			return "", false, err
		}
	}
	if c.found == 0 {
		return "", true, nil
	}
	packed, err = db.Pack(p)
	return packed, false, err
}
