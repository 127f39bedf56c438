package site

import (
	"slices"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// marker marks the words searched for in the stories' own texts: only the looking
// is folded and stemmed.
type marker struct {
	terms    []search.Term
	language string
}

// hit is where a term stands in a text.
type hit struct{ term, start, end int }

// hits are the places of the terms in a text, in order and apart from each other: a
// word that two terms ask for is the first one's.
func (m marker) hits(text string) (hits []hit) {
	words := lang.StemWords(text, m.language)
	for at := 0; at < len(words); {
		h, taken := m.hitAt(words[at:])
		if taken > 0 && (len(hits) == 0 || h.start >= hits[len(hits)-1].end) {
			hits = append(hits, h)
		}
		at += max(taken, 1)
	}
	return hits
}

// hitAt tells which term the words begin with, and of how many words it is there.
func (m marker) hitAt(words []lang.Word) (h hit, taken int) {
	for n, t := range m.terms {
		if t.Quoted && startWith(words, t.Words) {
			last := words[len(t.Words)-1]
			return hit{n, words[0].Start, last.End}, len(t.Words)
		}
		if !t.Quoted && t.Meets(words[0]) {
			return hit{n, words[0].Start, words[0].End}, 1
		}
	}
	return hit{}, 0
}

// startWith tells whether words begin with those of a quotation, as they were typed.
func startWith(words, quoted []lang.Word) bool {
	return len(words) >= len(quoted) && slices.EqualFunc(words[:len(quoted)], quoted, func(a, b lang.Word) bool { return a.Text == b.Text })
}

// whole marks a text from its beginning to its end; nil when nothing is marked.
func (m marker) whole(text string) []Passage {
	hits := m.hits(text)
	if len(hits) == 0 {
		return nil
	}
	return passages(text, hits, 0, len(text))
}

// excerptSize is the length of a passage, in bytes. excerptReach is how far into a
// text one is looked for: some hundred pages.
const (
	excerptSize  = 360
	excerptReach = 256 << 10
)

// excerpt cuts the passage that has most of what was asked for, the first of those
// that have as much, so that of the standfirst comes before any other.
func (m marker) excerpt(standfirst string, b body.Body) []Passage {
	text := standfirst + "\n" + body.Plain(b)
	hits := m.hits(reached(text))
	if len(hits) == 0 {
		return []Passage{{Text: lang.Clip(text, excerptSize/2)}}
	}
	from, to := window(text, fullest(hits))
	passages := passages(text, hits, from, to)
	if from > 0 {
		passages = append([]Passage{{Text: "… "}}, passages...)
	}
	if to < len(text) {
		passages = append(passages, Passage{Text: " …"})
	}
	return passages
}

// reached is the part of a text in which an excerpt is looked for.
func reached(text string) string {
	if len(text) <= excerptReach {
		return text
	}
	return text[:max(strings.LastIndexAny(text[:excerptReach], " \n"), 0)]
}

// fullest is where the first of the passages begins that have most different terms.
func fullest(hits []hit) (start int) {
	most := 0
	for n := range hits {
		terms := map[int]bool{}
		for _, h := range hits[n:] {
			if h.end > hits[n].start+excerptSize*3/4 {
				break
			}
			terms[h.term] = true
		}
		if len(terms) > most {
			most, start = len(terms), hits[n].start
		}
	}
	return start
}

// passages are the text between two places, in pieces.
func passages(text string, hits []hit, from, to int) (passages []Passage) {
	at := from
	for _, h := range hits {
		if h.start < at || h.end > to {
			continue
		}
		if h.start > at {
			passages = append(passages, Passage{Text: text[at:h.start]})
		}
		passages = append(passages, Passage{Text: text[h.start:h.end], Hit: true})
		at = h.end
	}
	if at < to {
		passages = append(passages, Passage{Text: text[at:to]})
	}
	return passages
}

// window is the span of text around a place, cut at spaces.
func window(text string, at int) (from, to int) {
	from, to = max(0, at-excerptSize/3), min(len(text), at+excerptSize)
	if from > 0 {
		if space := strings.IndexAny(text[from:at+1], " \n"); space >= 0 {
			from += space + 1
		} else {
			from = at
		}
	}
	if to < len(text) {
		if space := strings.LastIndexAny(text[at:to], " \n"); space > 0 {
			to = at + space
		} else {
			for to < len(text) && !utf8.RuneStart(text[to]) {
				to++
			}
		}
	}
	return from, to
}
