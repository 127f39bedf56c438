// Package search finds documents by their words, on either engine, with one
// way of folding words for both. It ranks within the newest matches, so that a
// common word costs no more than a rare one. It knows documents by number only:
// what they are is the caller's to say.
package search

import (
	"strings"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Document is what is found.
type Document struct {
	Story     int64
	Edition   string
	Published time.Time
	// Batch hides the document until that import is live; 0 for none.
	Batch int64
	// The texts are plain; a word in the headline weighs most.
	Headline, Standfirst, Body string
}

// Entry is a document as an index keeps it.
type Entry struct {
	document, story, batch int64
	edition                string
	// texts are the folded words: of headline, standfirst and body in FTS5, one
	// vector in PostgreSQL.
	texts [3]string
}

// Order is how hits are ordered.
type Order int

// The orders.
const (
	Best Order = iota
	Newest
)

// Query is what is asked. Text is what the reader typed: words that must all
// occur, and "phrases" in quotation marks. Nothing in it is an operator.
type Query struct {
	Edition string
	Text    string
	Order   Order
	// Skip and Limit page through the answer, within the newest Depth matches.
	Skip, Limit int
}

// Depth is how many of the newest matches are ranked.
const Depth = 2000

// MaxWords is how many words of a query are looked for; the rest is ignored.
const MaxWords = 16

// Index keeps the words of documents. Its functions run in the transaction in
// which the document changes.
type Index interface {
	// Prepare works out what is kept of a document. It needs no transaction,
	// so that none is held open for it.
	Prepare(Document) Entry
	// Add writes a document whose story has none yet.
	Add(*db.Tx, Entry) error
	// Put writes a document over the one of the same story.
	Put(*db.Tx, Entry) error
	// Remove forgets a story; one that is not there is no error.
	Remove(*db.Tx, int64) error
	// Find returns stories in the wanted order. A query without words finds
	// nothing.
	Find(*db.Tx, Query) ([]int64, error)
}

// For returns the index that the database's engine has.
func For(d *db.DB) Index {
	if d.Engine() == db.Postgres {
		return vectors{}
	}
	return fullText{}
}

// number is where the document's number is looked for: the time of publication,
// so that newer ones are larger, and a place that the identity spreads evenly.
// Many stories of an archive share a moment: whoever finds the number taken
// takes the next one.
func number(d Document) int64 {
	const placeBits = 20
	const spread = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	place := uint64(d.Story) * spread >> (64 - placeBits)
	return d.Published.UnixMilli()<<placeBits | int64(place)
}

// maxToken is how long a word may be, in bytes; what is longer is no word that
// anybody types.
const maxToken = 120

// Terms splits a query into what must occur: each term is a list of ways to
// write it, each way a sequence of adjacent words.
func Terms(text string) [][][]string {
	var terms [][][]string
	for n, part := range strings.FieldsFunc(" "+text+" ", quotationMark) {
		// Every second part stands between two marks.
		if n%2 == 1 {
			if words := split(part); len(words) > 0 {
				terms = append(terms, [][]string{words})
			}
			continue
		}
		for word := range strings.FieldsSeq(part) {
			if ways := waysToWrite(word); len(ways) > 0 {
				terms = append(terms, ways)
			}
		}
	}
	return terms[:min(len(terms), MaxWords)]
}

func quotationMark(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

// halfSpace is U+200C, which joins the parts of a Persian word without joining
// their letters.
const halfSpace = "\u200c"

// waysToWrite are the word as typed and, where it has a half-space, as one:
// «می‌روم» is found as می روم and as میروم.
func waysToWrite(word string) [][]string {
	var ways [][]string
	if strings.Contains(word, halfSpace) {
		if joined := split(strings.ReplaceAll(word, halfSpace, "")); len(joined) > 0 {
			ways = append(ways, joined)
		}
	}
	if parts := split(strings.ReplaceAll(word, halfSpace, " ")); len(parts) > 0 {
		ways = append(ways, parts)
	}
	return ways
}

// split folds a text without half-spaces into its words.
func split(text string) []string {
	var words []string
	for _, token := range lang.FoldTokens(strings.ReplaceAll(text, halfSpace, " ")) {
		if len(token.Text) <= maxToken {
			words = append(words, token.Text)
		}
	}
	return words
}
