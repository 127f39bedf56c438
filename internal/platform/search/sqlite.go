package search

import (
	"errors"
	"strings"

	"broadsheet/internal/platform/db"
)

// fullText is the index on SQLite: FTS5 without a copy of the text.
type fullText struct{}

// nothing stands in the places that no lexeme has: nobody can ask for it.
const nothing = "~"

func (fullText) text(list []lexeme) string {
	var text strings.Builder
	at := 1
	for _, l := range list {
		for ; at < l.position && at <= lastPosition; at++ {
			text.WriteString(nothing + " ")
		}
		if l.position == beyondAll {
			text.WriteString(nothing + " ") // no phrase
		}
		text.WriteString(l.text)
		text.WriteByte(' ')
		at++
	}
	return text.String()
}

func (fullText) match(e expression) string {
	var text strings.Builder
	writeFTS(&text, e)
	return text.String()
}

// writeFTS writes an FTS5 expression. A lexeme stands in quotation marks, where
// nothing is an operator, and has none itself.
func writeFTS(text *strings.Builder, e expression) {
	switch e := e.(type) {
	case phrase:
		text.WriteString(`"` + strings.Join(e, " ") + `"`)
	case all:
		joinFTS(text, e, " AND ")
	case either:
		joinFTS(text, e, " OR ")
	case without:
		joinFTS(text, []expression{e.yes, e.no}, " NOT ")
	}
}

func joinFTS(text *strings.Builder, parts []expression, by string) {
	text.WriteByte('(')
	for n, part := range parts {
		if n > 0 {
			text.WriteString(by)
		}
		writeFTS(text, part)
	}
	text.WriteByte(')')
}

func (fullText) add(tx *db.Tx, e Entry) (taken bool, err error) {
	took, err := tx.Exec(`insert into search_entry (document, story, edition, batch, state, version, facets) values ($1, $2, $3, $4, $5, $6, $7) on conflict (document) do nothing`,
		e.document, e.story, e.edition, e.batch, e.state, Version, e.facets)
	if err != nil || took == 0 {
		return took == 0, err
	}
	_, err = tx.Exec(`insert into search_text (rowid, words) values ($1, $2)`, e.document, e.words)
	return false, err
}

func (fullText) remove(tx *db.Tx, story int64) error {
	n, err := db.Find(tx, db.Value[int64], `delete from search_entry where story = $1 returning document`, story)
	if err == nil {
		_, err = tx.Exec(`delete from search_text where rowid = $1`, n)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	// What an earlier program kept.
	n, err = db.Find(tx, db.Value[int64], `delete from search_document where story = $1 returning document`, story)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = tx.Exec(`delete from search_word where rowid = $1`, n)
	}
	return err
}

func (fullText) ready(*db.Tx) error { return nil }

func (fullText) newest(tx *db.Tx, match string, in span, limit int) ([]numbered, error) {
	return db.List(tx, scanNumbered, `select w.rowid, e.story from search_text w join search_entry e on e.document = w.rowid
		where search_text match $1 and w.rowid >= $2 and w.rowid < $3 order by w.rowid desc limit $4`, match, in.from, in.until, limit)
}

func (fullText) count(tx *db.Tx, match string, in span, limit int) (int, error) {
	return db.Find(tx, db.Value[int], `select count(*) from (select rowid from search_text where search_text match $1 and rowid >= $2 and rowid < $3 order by rowid desc limit $4)`,
		match, in.from, in.until, limit)
}

func (fullText) facets(tx *db.Tx, match string, in span, limit int) ([]string, error) {
	return db.List(tx, db.Value[string], `select e.facets from search_text w join search_entry e on e.document = w.rowid
		where search_text match $1 and w.rowid >= $2 and w.rowid < $3 order by w.rowid desc limit $4`, match, in.from, in.until, limit)
}

// postings has its limit in its text: one that is bound has SQLite plan the query
// anew each time.
func (fullText) postings(tx *db.Tx, matches []string) ([][]int64, error) {
	lists := make([][]int64, len(matches))
	for n, match := range matches {
		var err error
		lists[n], err = db.List(tx, db.Value[int64], `select rowid from search_text where search_text match $1 order by rowid desc limit 60`, match)
		if err != nil {
			return nil, err
		}
	}
	return lists, nil
}
