package search

import (
	"errors"
	"fmt"
	"strings"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// fullText is the index on SQLite: FTS5 without a copy of the text.
type fullText struct{}

func (fullText) Prepare(d Document) Entry {
	return Entry{number(d), d.Story, d.Batch, d.Edition, [3]string{folded(d.Headline), folded(d.Standfirst), folded(d.Body)}}
}

func (fullText) Put(tx *db.Tx, e Entry) error {
	if err := (fullText{}).Remove(tx, e.story); err != nil {
		return err
	}
	return (fullText{}).Add(tx, e)
}

func (fullText) Add(tx *db.Tx, e Entry) error {
	for {
		took, err := tx.Exec(`insert into search_document (document, story, edition, batch) values ($1, $2, $3, $4) on conflict (document) do nothing`, e.document, e.story, e.edition, e.batch)
		if err != nil {
			return fmt.Errorf("number story %d in the index: %w", e.story, err)
		}
		if took == 1 {
			break
		}
		e.document++
	}
	_, err := tx.Exec(`insert into search_word (rowid, headline, standfirst, body) values ($1, $2, $3, $4)`,
		e.document, e.texts[0], e.texts[1], e.texts[2])
	if err != nil {
		return fmt.Errorf("index story %d: %w", e.story, err)
	}
	return nil
}

func (fullText) Remove(tx *db.Tx, story int64) error {
	n, err := db.Find(tx, db.Value[int64], `delete from search_document where story = $1 returning document`, story)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = tx.Exec(`delete from search_word where rowid = $1`, n)
	}
	if err != nil {
		return fmt.Errorf("forget the words of story %d: %w", story, err)
	}
	return nil
}

// folded writes a text's words in their folded form, for a tokenizer that only
// splits at spaces.
func folded(text string) string {
	var words strings.Builder
	words.Grow(len(text))
	for _, token := range lang.FoldTokens(text) {
		if len(token.Text) <= maxToken {
			words.WriteString(token.Text)
			words.WriteByte(' ')
		}
	}
	return words.String()
}

func (fullText) Find(tx *db.Tx, q Query) ([]int64, error) {
	match := matchFTS(Terms(q.Text))
	if match == "" {
		return nil, nil
	}
	var stories []int64
	var err error
	if q.Order == Newest {
		stories, err = db.List(tx, db.Value[int64], `select d.story from search_word w join search_document d on d.document = w.rowid
			where search_word match $1 and d.edition = $2 and d.batch not in (select id from batch where state <> 'live') order by w.rowid desc limit $3 offset $4`,
			match, q.Edition, q.Limit, q.Skip)
	} else {
		stories, err = db.List(tx, db.Value[int64], `select story from (
				select d.story as story, w.rowid as document, bm25(search_word, 10.0, 4.0, 1.0) as score
				from search_word w join search_document d on d.document = w.rowid
				where search_word match $1 and d.edition = $2 and d.batch not in (select id from batch where state <> 'live') order by w.rowid desc limit $3)
			order by score, document desc limit $4 offset $5`,
			match, q.Edition, Depth, q.Limit, q.Skip)
	}
	if err != nil {
		return nil, fmt.Errorf("search for %q: %w", q.Text, err)
	}
	return stories, nil
}

// matchFTS writes the terms as an FTS5 expression. A word is letters and
// digits only, and stands in quotation marks, where nothing is an operator.
func matchFTS(terms [][][]string) string {
	var all []string
	for _, ways := range terms {
		var any []string
		for _, words := range ways {
			any = append(any, `"`+strings.Join(words, " ")+`"`)
		}
		all = append(all, "("+strings.Join(any, " OR ")+")")
	}
	return strings.Join(all, " AND ")
}
