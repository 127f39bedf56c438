package search

import (
	"fmt"
	"strconv"
	"strings"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// vectors is the index on PostgreSQL: a tsvector of folded words, made here
// and not by the server, so that both engines know the same words.
type vectors struct{}

func (vectors) Prepare(d Document) Entry {
	return Entry{number(d), d.Story, d.Batch, d.Edition, [3]string{vector(d)}}
}

func (vectors) Put(tx *db.Tx, e Entry) error {
	if err := (vectors{}).Remove(tx, e.story); err != nil {
		return err
	}
	return (vectors{}).Add(tx, e)
}

func (vectors) Add(tx *db.Tx, e Entry) error {
	for {
		took, err := tx.Exec(`insert into search_document (document, story, edition, batch, words) values ($1, $2, $3, $4, cast(cast($5 as text) as tsvector)) on conflict (document) do nothing`,
			e.document, e.story, e.edition, e.batch, e.texts[0])
		if err != nil {
			return fmt.Errorf("index story %d: %w", e.story, err)
		}
		if took == 1 {
			return nil
		}
		e.document++
	}
}

func (vectors) Remove(tx *db.Tx, story int64) error {
	if _, err := tx.Exec(`delete from search_document where story = $1`, story); err != nil {
		return fmt.Errorf("forget the words of story %d: %w", story, err)
	}
	return nil
}

// Limits of a tsvector: a position is at most 16,383 and a word has at most
// 256 of them; the whole has at most 1 MB.
const (
	maxPosition = 16383
	maxVector   = 900 << 10
)

// vector writes the document's words as the text form of a tsvector, with the
// weights A, B and D of headline, standfirst and body.
func vector(d Document) string {
	var words strings.Builder
	position := 1
	for _, part := range []struct{ text, weight string }{{d.Headline, "A"}, {d.Standfirst, "B"}, {d.Body, "D"}} {
		for _, token := range lang.FoldTokens(part.text) {
			if len(token.Text) > maxToken || words.Len() > maxVector {
				continue
			}
			words.WriteByte('\'')
			words.WriteString(token.Text)
			words.WriteString("':")
			words.WriteString(strconv.Itoa(min(position, maxPosition)))
			words.WriteString(part.weight)
			words.WriteByte(' ')
			position++
		}
	}
	return words.String()
}

func (vectors) Find(tx *db.Tx, q Query) ([]int64, error) {
	match := matchVector(Terms(q.Text))
	if match == "" {
		return nil, nil
	}
	var stories []int64
	var err error
	if q.Order == Newest {
		stories, err = db.List(tx, db.Value[int64], `select story from search_document
			where words @@ cast($1 as tsquery) and edition = $2 and batch not in (select id from batch where state <> 'live') order by document desc limit $3 offset $4`,
			match, q.Edition, q.Limit, q.Skip)
	} else {
		stories, err = db.List(tx, db.Value[int64], `select story from (
				select story, document, ts_rank('{0.1, 0.1, 0.4, 1.0}', words, cast($1 as tsquery), 1) as score
				from search_document where words @@ cast($1 as tsquery) and edition = $2 and batch not in (select id from batch where state <> 'live') order by document desc limit $3) found
			order by score desc, document desc limit $4 offset $5`,
			match, q.Edition, Depth, q.Limit, q.Skip)
	}
	if err != nil {
		return nil, fmt.Errorf("search for %q: %w", q.Text, err)
	}
	return stories, nil
}

// matchVector writes the terms as a tsquery. A word is letters and digits only,
// and stands in quotation marks, where nothing is an operator.
func matchVector(terms [][][]string) string {
	var all []string
	for _, ways := range terms {
		var any []string
		for _, words := range ways {
			quoted := make([]string, len(words))
			for n, word := range words {
				quoted[n] = "'" + word + "'"
			}
			any = append(any, "("+strings.Join(quoted, " <-> ")+")")
		}
		all = append(all, "("+strings.Join(any, " | ")+")")
	}
	return strings.Join(all, " & ")
}
