package search

import (
	"strconv"
	"strings"

	"broadsheet/internal/platform/db"
)

// vectors is the index on PostgreSQL: a tsvector of lexemes, made here and not by
// the server, so that both engines know the same ones.
type vectors struct{}

func (vectors) text(list []lexeme) string {
	var text strings.Builder
	for _, l := range list {
		text.WriteByte('\'')
		text.WriteString(l.text)
		text.WriteString("':")
		text.WriteString(strconv.Itoa(l.position))
		text.WriteByte(' ')
	}
	return text.String()
}

func (vectors) match(e expression) string {
	var text strings.Builder
	writeVector(&text, e)
	return text.String()
}

// writeVector writes a tsquery. A lexeme stands in quotation marks, where nothing
// is an operator, and has none itself.
func writeVector(text *strings.Builder, e expression) {
	switch e := e.(type) {
	case phrase:
		text.WriteString("('" + strings.Join(e, "' <-> '") + "')")
	case all:
		joinVector(text, e, " & ")
	case either:
		joinVector(text, e, " | ")
	case without:
		joinVector(text, []expression{e.yes, e.no}, " & !")
	}
}

func joinVector(text *strings.Builder, parts []expression, by string) {
	text.WriteByte('(')
	for n, part := range parts {
		if n > 0 {
			text.WriteString(by)
		}
		writeVector(text, part)
	}
	text.WriteByte(')')
}

func (vectors) add(tx *db.Tx, e Entry) (taken bool, err error) {
	took, err := tx.Exec(`insert into search_entry (document, story, edition, batch, state, version, facets, words)
		values ($1, $2, $3, $4, $5, $6, $7, cast(cast($8 as text) as tsvector)) on conflict (document) do nothing`,
		e.document, e.story, e.edition, e.batch, e.state, Version, e.facets, e.words)
	return took == 0, err
}

func (vectors) remove(tx *db.Tx, story int64) error {
	if _, err := tx.Exec(`delete from search_entry where story = $1`, story); err != nil {
		return err
	}
	_, err := tx.Exec(`delete from search_document where story = $1`, story) // what an earlier program kept
	return err
}

// ready has each search planned for its own words: a common one is looked for among
// the newest documents, a rare one in the index.
func (vectors) ready(tx *db.Tx) error {
	_, err := db.Find(tx, db.Value[string], `select set_config('plan_cache_mode', 'force_custom_plan', true)`)
	return err
}

// newest finds words that stand side by side through the index, whatever the planner
// thinks: it takes them to be as frequent as words that merely stand in one text, and
// would walk all documents for a phrase that few have.
func (vectors) newest(tx *db.Tx, match string, in span, limit int) ([]numbered, error) {
	if strings.Contains(match, " <-> ") {
		return db.List(tx, scanNumbered, `with found as materialized (select document, story from search_entry
				where words @@ cast(cast($1 as text) as tsquery) and document >= $2 and document < $3)
			select document, story from found order by document desc limit $4`, match, in.from, in.until, limit)
	}
	return db.List(tx, scanNumbered, `select document, story from search_entry
		where words @@ cast(cast($1 as text) as tsquery) and document >= $2 and document < $3 order by document desc limit $4`, match, in.from, in.until, limit)
}

func (vectors) count(tx *db.Tx, match string, in span, limit int) (int, error) {
	return db.Find(tx, db.Value[int], `select count(*) from (select document from search_entry
		where words @@ cast(cast($1 as text) as tsquery) and document >= $2 and document < $3 order by document desc limit $4) newest`, match, in.from, in.until, limit)
}

func (vectors) facets(tx *db.Tx, match string, in span, limit int) ([]string, error) {
	return db.List(tx, db.Value[string], `select facets from search_entry
		where words @@ cast(cast($1 as text) as tsquery) and document >= $2 and document < $3 order by document desc limit $4`, match, in.from, in.until, limit)
}

func (vectors) postings(tx *db.Tx, matches []string) ([][]int64, error) {
	list, err := db.Pack(matches)
	if err != nil {
		return nil, err
	}
	lists := make([][]int64, len(matches))
	_, err = db.List(tx, func(r db.Row) (none struct{}, err error) {
		var n int
		var document int64
		if err = r.Scan(&n, &document); err == nil {
			lists[n-1] = append(lists[n-1], document)
		}
		return none, err
	}, `select asked.n, found.document from json_array_elements_text(cast($1 as json)) with ordinality as asked (match, n)
		cross join lateral (select document from search_entry where words @@ cast(asked.match as tsquery) order by document desc limit 60) found
		order by asked.n, found.document desc limit 100000`, list)
	return lists, err
}
