// Package search finds documents by their words, on either engine, with the same
// answer in the same order. First come the documents that have the words asked for
// side by side in the headline, then those with all of them in the headline, then
// in headline and standfirst, then side by side anywhere, then anywhere at all. Of
// two that are alike in this the newer one comes first.
//
// Nothing else is weighed, so nothing depends on how an engine counts: a document
// is a list of lexemes, made here, and what is asked is an expression of phrases of
// lexemes, which FTS5 and tsvector answer alike. It knows documents by number only:
// what they are is the caller's to say.
package search

import (
	"time"

	"broadsheet/internal/platform/db"
)

// Version is the shape of what is kept of a document. An entry of another one is
// to be made anew.
const Version = 1

// Document is what is found.
type Document struct {
	Story   int64
	Edition string
	// Language says how words are stemmed.
	Language  string
	Published time.Time
	// Batch hides the document until that import is live; 0 for none.
	Batch int64
	// State is the caller's number for the text that the document was made of: see
	// Behind.
	State int64
	// The texts are plain.
	Headline, Standfirst, Body string
	// Names are found like the words of the body.
	Names []string
	// Facets are what a query can ask for beside words, as the caller names them:
	// letters and digits. Those that are counted begin with a letter of their kind.
	Facets []string
}

// Entry is a document as an index keeps it.
type Entry struct {
	document, story, batch, state int64
	edition                       string
	facets                        string
	// words are the lexemes as the engine takes them.
	words string
}

// Order is how hits are ordered.
type Order int

// The orders.
const (
	Best Order = iota
	Newest
)

// Query is what is asked.
type Query struct {
	Edition, Language string
	// Text is what the reader typed: words that must all occur, and "phrases" in
	// quotation marks, whose words are meant as they are typed and side by side.
	// Nothing in it is an operator. Without a word in it the newest are found, if
	// there are facets or a span of time, and else nothing.
	Text string
	// Facets must all be met, each by any of the names in it.
	Facets [][]string
	// From is the first moment of publication, Until the first that is too late;
	// zero for none.
	From, Until time.Time
	Order       Order
	// Behind is where the answer goes on; the zero place is the beginning.
	Behind Place
	Limit  int
}

// Place is a place in an answer. It stays one while documents come and go.
type Place struct {
	// Tier says how well a document matches, from 1, the best. With Newest it is 1.
	Tier int
	// Document is the document's number in the index.
	Document int64
}

// Hit is a document that was found.
type Hit struct {
	Story int64
	Place Place
}

// Tally counts what a query finds.
type Tally struct {
	// Count is at most Counted.
	Count int
	// More says that there are more than were counted: the newest were.
	More bool
	// Facets counts the documents that have each facet.
	Facets map[string]int
}

// Counted is how many documents are counted at most.
const Counted = 1000

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
	// Find returns hits in the wanted order, those behind the query's place.
	Find(*db.Tx, Query) ([]Hit, error)
	// Count counts what a query finds, at most Counted and one more.
	Count(*db.Tx, Query) (int, error)
	// Tally counts what a query finds, and the facets of it.
	Tally(*db.Tx, Query) (Tally, error)
	// Similar returns stories like a text, the most alike first: see Likeness.
	Similar(*db.Tx, Likeness) ([]int64, error)
}

// For returns the index that the database's engine has.
func For(d *db.DB) Index {
	if d.Engine() == db.Postgres {
		return index{vectors{}}
	}
	return index{fullText{}}
}

// Stories are the stories of hits, in their order.
func Stories(hits []Hit) []int64 {
	stories := make([]int64, len(hits))
	for n, h := range hits {
		stories[n] = h.Story
	}
	return stories
}

// span is a range of document numbers: the first, and the first that is too large.
type span struct{ from, until int64 }

// engine is what differs between the two.
type engine interface {
	// text writes lexemes as the engine takes them.
	text([]lexeme) string
	// match writes an expression of the engine's own language.
	match(expression) string
	add(*db.Tx, Entry) (taken bool, err error)
	remove(*db.Tx, int64) error
	// ready prepares a transaction for searching.
	ready(*db.Tx) error
	// newest are the newest matches within a span.
	newest(tx *db.Tx, match string, in span, limit int) ([]numbered, error)
	count(tx *db.Tx, match string, in span, limit int) (int, error)
	// facets are those of the newest matches within a span.
	facets(tx *db.Tx, match string, in span, limit int) ([]string, error)
	// postings are the newest 60 matches of each of several expressions.
	postings(tx *db.Tx, matches []string) ([][]int64, error)
}

// numbered is a document's number with its story's.
type numbered struct{ document, story int64 }

func scanNumbered(r db.Row) (n numbered, err error) {
	err = r.Scan(&n.document, &n.story)
	return n, err
}
