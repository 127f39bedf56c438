package search

import (
	"strings"
	"time"

	"broadsheet/internal/platform/lang"
)

// A lexeme is the edition's key, a mark of the lexeme's kind, and a text of
// letters and digits. The editions share no lexeme, so that a search in one never
// walks through the words of another.
type lexeme struct {
	text string
	// position is its place; phrases are lexemes in places that follow each other.
	position int
}

// The kinds of lexemes.
const (
	// stemmed is the stem of a word, wherever it stands.
	stemmed = "~"
	// exact is a word as it is, folded, right behind its stem when they differ.
	exact = "="
	// headed is the stem of a word of the headline.
	headed = "^"
	// leading is the stem of a word of headline or standfirst, once.
	leading = "+"
	// faceted is a facet; the empty one is every document's.
	faceted = "$"
)

// Limits of a tsvector, which both engines keep so that they answer alike: a
// position is at most 16,383, a lexeme has at most 255 of them, and the whole, with
// each lexeme written as often as it comes, takes at most 1 MB. Of a word that comes
// for the first time behind the last position it is only known that it occurs; what
// comes behind a megabyte is not found.
const (
	lastPosition = 16380
	beyondAll    = 16383
	mostPlaces   = 255
	mostBytes    = 1_000_000
	// placeBytes is what a lexeme takes beside its text.
	placeBytes = 8
)

// maxToken is how long a word may be, in bytes; what is longer is no word that
// anybody types.
const maxToken = 120

// lister lists a document's lexemes.
type lister struct {
	prefix string
	list   []lexeme
	next   int
	times  map[string]int
	bytes  int
}

// lexemes are what is kept of a document: small things first, so that a long text
// cuts none of them off.
func lexemes(d Document) []lexeme {
	l := &lister{prefix: prefix(d.Edition), next: 1, times: make(map[string]int, len(d.Body)/12)}
	headline, standfirst := lang.StemWords(d.Headline, d.Language), lang.StemWords(d.Standfirst, d.Language)
	l.add(faceted, "")
	for _, facet := range d.Facets {
		l.add(faceted, facet)
	}
	for _, words := range [][]lang.Word{headline, standfirst} {
		for _, w := range words {
			if l.times[l.prefix+leading+w.Stem] == 0 {
				l.add(leading, w.Stem)
			}
		}
	}
	l.gap()
	for _, w := range headline {
		l.add(headed, w.Stem)
	}
	texts := [][]lang.Word{headline, standfirst}
	for _, name := range d.Names {
		texts = append(texts, lang.StemWords(name, d.Language))
	}
	for _, words := range append(texts, lang.StemWords(d.Body, d.Language)) {
		l.gap()
		for _, w := range words {
			l.add(stemmed, w.Stem)
			if w.Stem != w.Text {
				l.add(exact, w.Text)
			}
		}
	}
	return l.list
}

// gap keeps phrases from reaching over what does not belong together.
func (l *lister) gap() { l.next++ }

func (l *lister) add(kind, text string) {
	if len(text) > maxToken {
		l.next++
		return
	}
	full := l.prefix + kind + text
	times := l.times[full]
	position := l.next
	if position > lastPosition {
		position = beyondAll
	}
	l.next++
	if times >= mostPlaces || times > 0 && position == beyondAll {
		return
	}
	if l.bytes += len(full) + placeBytes; l.bytes > mostBytes {
		l.bytes -= len(full) + placeBytes
		return
	}
	l.times[full]++
	l.list = append(l.list, lexeme{full, position})
}

// prefix is an edition's key as lexemes have it.
func prefix(edition string) string {
	var key strings.Builder
	for _, c := range []byte(edition) {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			key.WriteByte(c)
		} else {
			key.WriteString("_" + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		}
	}
	return key.String()
}

// placeBits is how much of a document's number tells documents of one moment apart.
const placeBits = 20

// number is where the document's number is looked for: the time of publication,
// so that newer ones are larger, and a place that the identity spreads evenly.
// Many stories of an archive share a moment: whoever finds the number taken
// takes the next one.
func number(d Document) int64 {
	const spread = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	place := uint64(d.Story) * spread >> (64 - placeBits)
	return moment(d.Published)<<placeBits | int64(place)
}

// moment is a time in milliseconds, no earlier or later than numbers reach: from the
// year 1691 to 2248.
func moment(t time.Time) int64 {
	const farthest = 1<<(63-placeBits) - 1
	return min(max(t.UnixMilli(), -farthest), farthest)
}

// within is the span of the documents of a span of time.
func within(from, until time.Time) span {
	all := span{-1 << 63, 1<<63 - 1}
	if !from.IsZero() {
		all.from = moment(from) << placeBits
	}
	if !until.IsZero() {
		all.until = moment(until) << placeBits
	}
	return all
}
