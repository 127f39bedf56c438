package redact

import (
	"encoding/json"
	"fmt"
	"slices"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/hook"
)

// cell is a text in a table outside of the nouns' own, with the key of its row.
type cell struct {
	story   ref.Story
	edition string
	id      int64
	a, b, c string
	text    string
}

func scanCell(r db.Row) (c cell, err error) {
	err = r.Scan(&c.story, &c.edition, &c.id, &c.a, &c.b, &c.c, &c.text)
	return c, err
}

// column is a column of texts that may hold what must go.
type column struct {
	place string
	// read selects story, edition, id, a, b, c and the text; the story is 0 and
	// the edition empty where there is none.
	read string
	// write sets $1 where the text is $2 and the key is $3 (id), $4, $5, $6 (a, b,
	// c), as many as keys says; it may as well delete.
	write string
	keys  int
	// address says that the text is one, or a key: it goes as a whole.
	address bool
	// instead makes what an address or a key becomes.
	instead func(cell) string
	// seen says that readers see it.
	seen bool
}

// noted are the columns that readers see beside the stories' own.
var noted = []column{
	{place: "version", seen: true, keys: 2,
		read:  `select v.story, s.edition, v.story, cast(v.number as text), '', '', v.note from version v join story s on s.id = v.story where v.note <> '' order by v.story, v.number limit $1`,
		write: `update version set note = $1 where note = $2 and story = $3 and number = cast(cast($4 as text) as bigint)`},
	{place: "withdrawn", seen: true, keys: 1,
		read:  `select w.story, s.edition, w.story, '', '', '', w.reason from withdrawn w join story s on s.id = w.story order by w.story limit $1`,
		write: `update withdrawn set reason = $1 where reason = $2 and story = $3`},
	{place: "topic", keys: 2, address: true, instead: func(cell) string { return "/" },
		read:  `select 0, '', topic, language, '', '', slug from topic_slug order by topic limit $1`,
		write: `delete from topic_slug where $1 <> '' and slug = $2 and topic = $3 and language = $4`},
	{place: "author", keys: 2, address: true, instead: func(cell) string { return "/" },
		read:  `select 0, '', author, language, '', '', slug from author_slug order by author limit $1`,
		write: `delete from author_slug where $1 <> '' and slug = $2 and author = $3 and language = $4`},
}

// outlying are the columns that the desk, the machine and others see.
var outlying = []column{
	{place: "planned", keys: 1,
		read:  `select p.story, s.edition, p.story, '', '', '', p.note from planned p join story s on s.id = p.story where p.note <> '' order by p.story limit $1`,
		write: `update planned set note = $1 where note = $2 and story = $3`},
	{place: "planned", keys: 1,
		read:  `select p.story, s.edition, p.story, '', '', '', p.failure from planned p join story s on s.id = p.story where p.failure <> '' order by p.story limit $1`,
		write: `update planned set failure = $1 where failure = $2 and story = $3`},
	{place: "story_note", keys: 1,
		read:  `select n.story, s.edition, n.id, '', '', '', n.text from story_note n join story s on s.id = n.story order by n.id limit $1`,
		write: `update story_note set text = $1 where text = $2 and id = $3`},
	{place: "story_note", keys: 1,
		read:  `select n.story, s.edition, n.id, '', '', '', n.quote from story_note n join story s on s.id = n.story where n.quote <> '' order by n.id limit $1`,
		write: `update story_note set quote = $1 where quote = $2 and id = $3`},
	{place: "embargo_terms", keys: 1,
		read:  `select e.story, s.edition, e.story, '', '', '', e.source from embargo_terms e join story s on s.id = e.story order by e.story limit $1`,
		write: `update embargo_terms set source = $1 where source = $2 and story = $3`},
	{place: "embargo_terms", keys: 1,
		read:  `select e.story, s.edition, e.story, '', '', '', e.terms from embargo_terms e join story s on s.id = e.story order by e.story limit $1`,
		write: `update embargo_terms set terms = $1 where terms = $2 and story = $3`},
	{place: "waiver", keys: 1,
		read:  `select v.story, s.edition, v.id, '', '', '', v.reason from waiver v join story s on s.id = v.story order by v.id limit $1`,
		write: `update waiver set reason = $1 where reason = $2 and id = $3`},
	{place: "view_excluded", keys: 1,
		read:  `select v.story, s.edition, v.story, '', '', '', v.reason from view_excluded v join story s on s.id = v.story order by v.story limit $1`,
		write: `update view_excluded set reason = $1 where reason = $2 and story = $3`},
	{place: "receipt", keys: 1,
		read:  `select r.story, s.edition, r.id, '', '', '', r.lines from receipt r join story s on s.id = r.story where r.lines <> '[]' order by r.id limit $1`,
		write: `update receipt set lines = $1 where lines = $2 and id = $3`},
	{place: "delivery", keys: 1,
		read:  `select subject, '', id, '', '', '', payload from delivery where payload <> '' order by id limit $1`,
		write: `update delivery set payload = $1 where payload = $2 and id = $3`},
	{place: "delivery", keys: 1,
		read:  `select subject, '', id, '', '', '', failure from delivery where failure <> '' order by id limit $1`,
		write: `update delivery set failure = $1 where failure = $2 and id = $3`},
	{place: "idempotency", keys: 2,
		read:  `select subject, '', staff, key, '', '', answer from idempotency where answer <> '' order by staff, at limit $1`,
		write: `update idempotency set answer = $1 where answer = $2 and staff = $3 and key = $4`},
	{place: "idempotency", keys: 1, address: true, instead: func(c cell) string { return fmt.Sprintf("redacted-%d", c.story) },
		read:  `select subject, '', staff, '', '', '', key from idempotency order by staff, at limit $1`,
		write: `delete from idempotency where $1 <> '' and key = $2 and staff = $3`},
	{place: "job", keys: 1,
		read:  `select 0, '', id, '', '', '', failure from job where failure <> '' order by id limit $1`,
		write: `update job set failure = $1 where failure = $2 and id = $3`},
	{place: "job", keys: 1,
		read:  `select 0, '', id, '', '', '', payload from job where done_at > 0 and payload <> '' order by id limit $1`,
		write: `update job set payload = $1 where payload = $2 and id = $3 and done_at > 0`},
	{place: "redaction", keys: 1,
		read:  `select 0, '', id, '', '', '', reason from redaction order by id limit $1`,
		write: `update redaction set reason = $1 where reason = $2 and id = $3`},
	{place: "batch", keys: 1,
		read:  `select 0, edition, id, '', '', '', source from batch order by id limit $1`,
		write: `update batch set source = $1 where source = $2 and id = $3`},
	{place: "old_address", address: true, instead: func(cell) string { return "/" },
		read:  `select o.story, s.edition, 0, '', '', '', o.address from old_address o join story s on s.id = o.story order by o.story limit $1`,
		write: `delete from old_address where $1 <> '' and address = $2`},
	{place: "import_comment", keys: 4,
		read:  `select story, edition, 0, edition, source, item, content from import_comment order by story limit $1`,
		write: `update import_comment set content = $1 where content = $2 and $3 = 0 and edition = $4 and source = $5 and item = $6`},
	{place: "import_comment", keys: 3, address: true, instead: func(c cell) string { return fmt.Sprintf("redacted-%d", c.story) },
		read:  `select story, edition, story, edition, source, '', item from import_comment order by story limit $1`,
		write: `delete from import_comment where $1 <> '' and item = $2 and story = $3 and edition = $4 and source = $5`},
	{place: "import_item", keys: 3, address: true, instead: func(c cell) string { return fmt.Sprintf("redacted-%d", c.story) },
		read:  `select story, edition, story, edition, source, '', item from import_item order by story limit $1`,
		write: `update import_item set item = $1 where item = $2 and story = $3 and edition = $4 and source = $5`},
	{place: "import_item", keys: 3,
		read:  `select story, edition, story, edition, item, '', source from import_item order by story limit $1`,
		write: `update import_item set source = $1 where source = $2 and story = $3 and edition = $4 and item = $5`},
	{place: "import_comment", keys: 3,
		read:  `select story, edition, story, edition, item, '', source from import_comment order by story limit $1`,
		write: `update import_comment set source = $1 where source = $2 and story = $3 and edition = $4 and item = $5`},
}

// notes plans what changes in the columns that readers see.
func (w *work) notes(take func([]change) error) error {
	if w.request.Kind == Story {
		return w.emptied(take, shownOfStory, these(w.request.Story))
	}
	return w.columns(take, noted)
}

// columns plans what changes in columns of texts.
func (w *work) columns(take func([]change) error, columns []column) error {
	for _, col := range columns {
		var changes []change
		cells, err := w.cells(col)
		if err != nil {
			return fmt.Errorf("look through the table %s: %w", col.place, err)
		}
		for _, c := range cells {
			clean, found := w.cleanCell(col, c)
			if !found {
				continue
			}
			args := append([]any{clean, c.text}, []any{c.id, c.a, c.b, c.c}[:col.keys]...)
			one := change{place: col.place, do: func(tx *db.Tx) error { return still(tx.Exec(col.write, args...)) }}
			if col.seen {
				one.stories = these(c.story)
			}
			changes = append(changes, one)
		}
		if err := take(changes); err != nil {
			return err
		}
	}
	return nil
}

// cells reads a column and keeps what may hold what must go, and is not emptied
// with its story anyway.
func (w *work) cells(col column) (found []cell, err error) {
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			c, err := scanCell(r)
			if err != nil {
				return none, err
			}
			if w.only() != 0 && c.story != w.only() {
				return none, nil
			}
			if w.stories[c.story] && slices.Contains(goneWithStory, col.place) && !col.address {
				return none, nil
			}
			if w.words.inAddress(c.text) || w.mayHold(c.text) || w.words.anyLetters(c.text) {
				found = append(found, c)
			}
			return none, nil
		}, col.read, all)
		return err
	})
	return found, err
}

func (w *work) cleanCell(col column, c cell) (string, bool) {
	if col.address {
		if w.words.inAddress(c.text) {
			return col.instead(c), true
		}
		return "", false
	}
	return w.words.cleanDocument(c.text, w.request.markIn(w.languages[c.edition]))
}

// bulk is what goes with the stories that change, whatever it says.
type bulk struct {
	place string
	count func(*db.Tx, []ref.Story) (int, error)
	empty func(*db.Tx, []ref.Story) error
}

// inBulk is a bulk of two statements, whose parameter is a list of stories.
func inBulk(place, count, empty string) bulk {
	return bulk{place,
		func(tx *db.Tx, ids []ref.Story) (int, error) { return db.Find(tx, db.Value[int], count, list(ids)) },
		func(tx *db.Tx, ids []ref.Story) error {
			_, err := tx.Exec(empty, list(ids))
			return err
		}}
}

// goneWithStory are the places of withStory.
var goneWithStory = []string{"receipt", "delivery", "idempotency"}

// withStory empties what the machine keeps of stories that change: proofs,
// messages and answers. Messages that were not sent yet are not sent; a request
// that comes again is told that its key was used.
var withStory = []bulk{
	inBulk("receipt", `select count(*) from receipt where story in (select cast(value as bigint) from json_each(cast($1 as text))) and (lines <> '[]' or state = 'open')`,
		`update receipt set lines = '[]', state = case when state = 'open' then 'superseded' else state end where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	{"delivery", hook.Telling[ref.Story], hook.Scrub[ref.Story]},
	inBulk("idempotency", `select count(*) from idempotency where subject in (select cast(value as bigint) from json_each(cast($1 as text))) and (answer <> '' or request <> '')`,
		`update idempotency set answer = '', request = '' where subject in (select cast(value as bigint) from json_each(cast($1 as text)))`),
}

// shownOfStory is what readers see of a story that goes itself, beside its text,
// and what would show it again at its time.
var shownOfStory = []bulk{
	inBulk("version", `select count(*) from version where story in (select cast(value as bigint) from json_each(cast($1 as text))) and (kind <> 'redacted' or note <> '')`,
		`update version set kind = 'redacted', note = '' where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	inBulk("planned", `select count(*) from planned where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from planned where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
}

// withWholeStory goes with a story that goes itself.
var withWholeStory = []bulk{
	inBulk("story_note", `select count(*) from story_note where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from story_note where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	inBulk("embargo_terms", `select count(*) from embargo_terms where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from embargo_terms where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	inBulk("waiver", `select count(*) from waiver where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from waiver where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	inBulk("import_comment", `select count(*) from import_comment where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from import_comment where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
	inBulk("view_excluded", `select count(*) from view_excluded where story in (select cast(value as bigint) from json_each(cast($1 as text)))`,
		`delete from view_excluded where story in (select cast(value as bigint) from json_each(cast($1 as text)))`),
}

// emptied plans what goes with stories.
func (w *work) emptied(take func([]change) error, what []bulk, ids []ref.Story) error {
	slices.Sort(ids)
	for some := range slices.Chunk(ids, batch) {
		for _, b := range what {
			n := 0
			err := w.DB.View(w.ctx, func(tx *db.Tx) (err error) {
				n, err = b.count(tx, some)
				return err
			})
			if err != nil {
				return fmt.Errorf("look through the table %s: %w", b.place, err)
			}
			changes := make([]change, n)
			for i := range changes {
				changes[i].place = b.place
			}
			if n > 0 {
				changes[0].do = func(tx *db.Tx) error { return b.empty(tx, some) }
			}
			if err := take(changes); err != nil {
				return err
			}
		}
	}
	return nil
}

// rest takes what must go from all that readers do not see.
func (w *work) rest() error {
	ids := make([]ref.Story, 0, len(w.stories))
	for id := range w.stories {
		ids = append(ids, id)
	}
	what := withStory
	if w.request.Kind == Story {
		what = append(slices.Clone(withStory), withWholeStory...)
		ids = these(w.request.Story)
	}
	if err := w.emptied(w.commit, what, ids); err != nil {
		return err
	}
	if err := w.columns(w.commit, outlying); err != nil {
		return err
	}
	return w.bare()
}

// bare leaves of the picture that must go nothing but that it was.
func (w *work) bare() error {
	if w.request.Kind != Picture {
		return nil
	}
	key := fmt.Sprintf("redacted-%d", w.asset.ID)
	if w.asset.Key == key {
		return nil
	}
	left, err := db.Pack(asset.Asset{Kind: w.asset.Kind})
	if err != nil {
		return err
	}
	return w.commit([]change{{place: "asset", do: func(tx *db.Tx) error {
		_, err := tx.Exec(`update asset set key = $1, content = $2 where id = $3`, key, left, w.asset.ID)
		return err
	}}})
}

// left counts the rows that hold what must go: those that no redaction may
// change, which are who works here, the log, keys and settings, work that waits;
// and those that were written while it ran and that it did not come to.
func (w *work) left() error {
	w.report.Left = map[string]int{}
	for _, t := range []struct {
		place, read string
		args        []any
	}{
		{"audit", `select subject || ' ' || detail from audit order by seq limit $1`, nil},
		{"staff", `select email || ' ' || content from staff order by id limit $1`, nil},
		{"token", `select label from token order by id limit $1`, nil},
		{"saved_view", `select name || ' ' || query from saved_view order by id limit $1`, nil},
		{"webhook", `select url from webhook order by id limit $1`, nil},
		{"setting", `select value from setting order by name limit $1`, nil},
		{"job", `select payload from job where done_at = 0 order by id limit $1`, nil},
		{"redaction", `select target from redaction where state = 'waiting' order by id limit $1`, nil},
		{"live", `select slug || ' ' || headline || ' ' || short || ' ' || standfirst || ' ' || kicker || ' ' || byline from live where story = $2 or $2 = 0 order by story limit $1`, []any{w.only()}},
		{"version", `select note from version where story = $2 or $2 = 0 order by story, number limit $1`, []any{w.only()}},
		{"front", `select plan from front where cast($2 as bigint) = 0 order by version, edition limit $1`, []any{w.only()}},
		{"section_front", `select plan from section_front where cast($2 as bigint) = 0 order by version, section limit $1`, []any{w.only()}},
		{"front_plan", `select plan from front_plan where cast($2 as bigint) = 0 order by edition, section limit $1`, []any{w.only()}},
	} {
		err := w.DB.View(w.ctx, func(tx *db.Tx) error {
			_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
				text, err := db.Value[string](r)
				if err == nil && w.holds(text) {
					w.report.Left[t.place]++
				}
				return none, err
			}, t.read, append([]any{all}, t.args...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("look through the table %s: %w", t.place, err)
		}
	}
	return w.eachPage(func(page []save) error {
		for _, s := range page {
			if w.holds(s.text) {
				w.report.Left["revision"]++
			}
		}
		return nil
	})
}

func (w *work) holds(text string) bool {
	if w.words.in(text) || w.words.inAddress(text) || w.names(text, w.asset.ID) {
		return true
	}
	if !json.Valid([]byte(text)) {
		return false
	}
	found := false
	literals(text, func(l literal) { found = found || w.words.in(l.text) || w.words.inAddress(l.text) })
	return found
}
