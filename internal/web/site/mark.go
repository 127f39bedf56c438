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

// asked tells whether somebody asked for a word.
func (m marker) asked(w lang.Word) bool {
	return slices.ContainsFunc(m.terms, func(t search.Term) bool { return t.Meets(w) })
}

// whole marks a text from its beginning to its end; nil when nothing is marked.
func (m marker) whole(text string) []Passage {
	words := lang.StemWords(text, m.language)
	if !slices.ContainsFunc(words, m.asked) {
		return nil
	}
	return m.passages(text, words, 0, len(text))
}

// excerptSize is the length of a passage, in bytes around the first hit.
const excerptSize = 360

// excerpt cuts the passage around the first word that was asked for, of the
// standfirst if it stands there.
func (m marker) excerpt(standfirst string, b body.Body) []Passage {
	text := standfirst + "\n" + body.Plain(b)
	words := lang.StemWords(text, m.language)
	first := slices.IndexFunc(words, m.asked)
	if first < 0 {
		return []Passage{{Text: lang.Clip(text, excerptSize/2)}}
	}
	from, to := window(text, words[first].Start)
	passages := m.passages(text, words, from, to)
	if from > 0 {
		passages = append([]Passage{{Text: "… "}}, passages...)
	}
	if to < len(text) {
		passages = append(passages, Passage{Text: " …"})
	}
	return passages
}

// passages are the text between two places, in pieces.
func (m marker) passages(text string, words []lang.Word, from, to int) (passages []Passage) {
	at := from
	for _, w := range words {
		if w.Start < at || w.End > to || !m.asked(w) {
			continue
		}
		if w.Start > at {
			passages = append(passages, Passage{Text: text[at:w.Start]})
		}
		passages = append(passages, Passage{Text: text[w.Start:w.End], Hit: true})
		at = w.End
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
