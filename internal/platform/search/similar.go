package search

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Likeness asks for stories that are like a text.
//
// Two stories are alike when headline and standfirst of the one have words of
// headline and standfirst of the other; a word counts the more the fewer stories
// have it. Of each word only the newest stories that have it are looked at, so that
// the answer takes about as long in an archive of a hundred thousand stories as in
// one of a thousand, and newer stories come before older ones that are as much
// alike. A story that shares one word alone is like none, unless the text has no
// other. The same on both engines, order included.
type Likeness struct {
	Edition, Language string
	// Text is what the stories are to be like, plain: headline and standfirst of a
	// story, with a line feed between them.
	Text string
	// Facets are as those of a Query; none costs least.
	Facets [][]string
	// Without are stories that are not wanted, the text's own above all.
	Without []int64
	Limit   int
}

// tellingWords is how many words of a text are looked for, postingsDeep in how many
// of the newest stories each.
const (
	tellingWords = 6
	postingsDeep = 60
)

// Similar returns at most so many stories that are like a text, the most alike
// first. What is not live is never among them.
func (x index) Similar(tx *db.Tx, l Likeness) ([]int64, error) {
	words := telling(l.Text, l.Language)
	if len(words) == 0 || l.Limit <= 0 {
		return nil, nil
	}
	if err := x.ready(tx); err != nil {
		return nil, err
	}
	gone, err := hidden(tx)
	if err != nil {
		return nil, err
	}
	a := asker{prefix: prefix(l.Edition)}
	matches := make([]string, len(words))
	for n, w := range words {
		matches[n] = x.match(a.narrowed(phrase{a.prefix + leading + w}, l.Facets, gone))
	}
	lists, err := x.postings(tx, matches)
	if err != nil {
		return nil, fmt.Errorf("look for similar stories: %w", err)
	}
	best := mostAlike(lists, l.Limit+len(l.Without))
	return storiesOf(tx, best, l)
}

// telling picks the stems of the words of a text that say most about it: the longest,
// those of its first line before others of three letters more, the first of those as
// long. Words of one or two letters and function words say nothing.
func telling(text, language string) []string {
	type word struct {
		stem string
		says int
	}
	var words []word
	line := strings.IndexByte(text, '\n')
	for _, w := range lang.StemWords(text, language) {
		letters := utf8.RuneCountInString(w.Text)
		known := slices.ContainsFunc(words, func(other word) bool { return other.stem == w.Stem })
		if known || letters < 3 || len(w.Stem) > maxToken || lang.FunctionWord(w.Text, language) {
			continue
		}
		if w.Start < line {
			letters += 3
		}
		words = append(words, word{w.Stem, letters})
	}
	slices.SortStableFunc(words, func(a, b word) int { return b.says - a.says })
	var stems []string
	for _, w := range words[:min(len(words), tellingWords)] {
		stems = append(stems, w.stem)
	}
	return stems
}

// mostAlike ranks the documents of postings.
func mostAlike(lists [][]int64, limit int) []int64 {
	type score struct {
		shared int
		weight float64
	}
	scores := map[int64]score{}
	for _, list := range lists {
		w := weight(list)
		for _, document := range list {
			s := scores[document]
			scores[document] = score{s.shared + 1, s.weight + w}
		}
	}
	least := min(2, len(lists))
	var found []int64
	for document, s := range scores {
		if s.shared >= least {
			found = append(found, document)
		}
	}
	slices.SortFunc(found, func(a, b int64) int {
		switch x, y := scores[a].weight, scores[b].weight; {
		case x > y:
			return -1
		case x < y:
			return 1
		case a > b:
			return -1
		}
		return 1
	})
	return found[:min(len(found), limit)]
}

// weight is how telling a word is, by the documents that have it: few, or many in
// how long a time. It is of the order of the logarithm that such weights mostly are.
func weight(list []int64) float64 {
	if len(list) == 0 {
		return 0
	}
	if len(list) < postingsDeep {
		return 4 + math.Log2(float64(postingsDeep)/float64(len(list)))
	}
	const day = 24 * 60 * 60 * 1000
	days := float64((list[0]>>placeBits)-(list[len(list)-1]>>placeBits)) / day
	return 4 * days / (days + 90)
}

// storiesOf are the stories of documents, in their order, without those that are
// not wanted.
func storiesOf(tx *db.Tx, documents []int64, l Likeness) ([]int64, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	list, err := db.Pack(documents)
	if err != nil {
		return nil, err
	}
	rows, err := db.List(tx, scanNumbered, `select document, story from search_entry
		where document in (select cast(value as bigint) from json_each(cast($1 as text))) order by document limit 1000`, list)
	if err != nil {
		return nil, fmt.Errorf("look which stories are similar: %w", err)
	}
	stories := map[int64]int64{}
	for _, r := range rows {
		stories[r.document] = r.story
	}
	var wanted []int64
	for _, document := range documents {
		if s := stories[document]; !slices.Contains(l.Without, s) && len(wanted) < l.Limit {
			wanted = append(wanted, s)
		}
	}
	return wanted, nil
}
