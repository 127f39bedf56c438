package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/platform/lang"
)

// Term is one thing that must occur: a word, or a phrase.
type Term struct {
	// Words are the words of it: one, with its parts, or those of a phrase.
	Words []lang.Word
	// Quoted says that the words are meant as they are typed, side by side.
	Quoted bool
}

// Terms splits what a reader typed into what must occur.
func Terms(text, language string) []Term {
	var terms []Term
	left := MaxWords
	for _, part := range typedParts(text) {
		words := cut(lang.StemWords(part.text, language), left)
		if len(words) == 0 {
			continue
		}
		left -= len(words)
		if part.quoted {
			terms = append(terms, Term{words, true})
			continue
		}
		for from := 0; from < len(words); {
			to := from + 1
			for to < len(words) && words[to].Part {
				to++
			}
			terms = append(terms, Term{Words: words[from:to]})
			from = to
		}
	}
	return terms
}

// typed is a piece of what a reader typed: between two quotation marks, or not.
type typed struct {
	text   string
	quoted bool
}

// typedParts cuts at quotation marks. One opens that has no digit before it, and the
// next closes that has no letter or digit after it: the mark of 5" is none, that of
// و"كتاب" is one. What is opened and never closed is not quoted.
func typedParts(text string) (parts []typed) {
	for text != "" {
		open, end := quotation(text)
		if open < 0 {
			return append(parts, typed{text, false})
		}
		_, mark := utf8.DecodeRuneInString(text[open:])
		_, last := utf8.DecodeRuneInString(text[end:])
		parts = append(parts, typed{text[:open], false}, typed{text[open+mark : end], true})
		text = text[end+last:]
	}
	return parts
}

// quotation finds the first mark that opens and the one that closes it; -1 when there
// are none.
func quotation(text string) (open, end int) {
	open = -1
	before := ' '
	for at, r := range text {
		switch {
		case !quotationMark(r):
		case open < 0 && !unicode.IsDigit(before):
			open = at
		case open >= 0 && !letterFirst(text[at+utf8.RuneLen(r):]):
			return open, at
		}
		before = r
	}
	return -1, -1
}

func letterFirst(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// cut leaves out what is no word and what is too much.
func cut(words []lang.Word, most int) []lang.Word {
	kept := words[:0:0]
	for _, w := range words {
		if len(w.Text) <= maxToken && len(kept) < most {
			kept = append(kept, w)
		}
	}
	if len(kept) > 0 && kept[0].Part {
		kept[0].Part = false
	}
	return kept
}

func quotationMark(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

// Meets tells whether a word of a text is one of those that a term asks for, or of
// their families.
func (t Term) Meets(w lang.Word) bool {
	return slices.ContainsFunc(t.Words, func(own lang.Word) bool { return own.Text == w.Text || own.Stem == w.Stem })
}

// expression is what both engines can answer: phrases, joined.
type expression interface{ isExpression() }

type (
	// phrase are lexemes side by side.
	phrase []string
	// all and either join expressions; neither is empty.
	all    []expression
	either []expression
	// without is one expression and not the other.
	without struct{ yes, no expression }
)

func (phrase) isExpression()  {}
func (all) isExpression()     {}
func (either) isExpression()  {}
func (without) isExpression() {}

// asker makes the expressions of a query.
type asker struct {
	prefix string
	terms  []Term
}

// sequence is how words stand in a text: each stem with the word behind it where
// they differ.
//
// A word that stands twice in a row counts once, and at most maxSequence do: what
// stands side by side is looked for in every text that has the words.
func (a asker) sequence(words []lang.Word) phrase {
	var p phrase
	words = slices.CompactFunc(slices.Clone(words), func(one, next lang.Word) bool { return one.Text == next.Text })
	for _, w := range words[:min(len(words), maxSequence)] {
		p = append(p, a.prefix+stemmed+w.Stem)
		if w.Stem != w.Text {
			p = append(p, a.prefix+exact+w.Text)
		}
	}
	return p
}

// anywhere is that a term stands somewhere. A word with a half-space may be
// written as one or as its parts, but these side by side.
func (a asker) anywhere(t Term) expression {
	switch {
	case t.Quoted:
		return a.sequence(t.Words)
	case len(t.Words) == 1:
		return phrase{a.prefix + stemmed + t.Words[0].Stem}
	}
	return either{phrase{a.prefix + stemmed + t.Words[0].Stem}, a.sequence(t.Words[1:])}
}

// by is that all words of a term are lexemes of a kind.
func (a asker) by(kind string, t Term) expression {
	var parts all
	for _, w := range t.Words {
		if t.Quoted || w.Part {
			parts = append(parts, phrase{a.prefix + kind + w.Stem})
		}
	}
	if t.Quoted {
		return parts
	}
	whole := phrase{a.prefix + kind + t.Words[0].Stem}
	if len(parts) == 0 {
		return whole
	}
	return either{whole, parts}
}

// maxSequence is of how many words a phrase is at most.
const maxSequence = 8

func (a asker) each(one func(Term) expression) all {
	var every all
	for _, t := range a.terms {
		every = append(every, one(t))
	}
	return every
}

// tiers are the ways to match, the best first. A document is in the first that it
// is in; the last is everything.
func (a asker) tiers() []expression {
	everywhere := a.each(a.anywhere)
	head := a.each(func(t Term) expression { return a.by(headed, t) })
	lead := a.each(func(t Term) expression { return a.by(leading, t) })
	var words []lang.Word
	var heads phrase
	for _, t := range a.terms {
		words = append(words, t.Words...)
		for _, w := range t.Words {
			heads = append(heads, a.prefix+headed+w.Stem)
		}
	}
	if len(words) == 1 {
		return a.kept(everywhere, head, lead, everywhere)
	}
	return a.kept(everywhere, heads, head, lead, a.sequence(words), everywhere)
}

// kept has each tier meet the terms too: a phrase that was asked for must stand
// side by side in every one of them.
func (a asker) kept(everywhere all, tiers ...expression) []expression {
	quoted := false
	for _, t := range a.terms {
		quoted = quoted || t.Quoted
	}
	if quoted {
		for n, t := range tiers[:len(tiers)-1] {
			tiers[n] = all{t, everywhere}
		}
	}
	return tiers
}

// narrowed is an expression within a query's facets, without what is not live.
func (a asker) narrowed(e expression, facets [][]string, hidden []string) expression {
	var parts all
	if e != nil {
		parts = append(parts, e)
	}
	for _, group := range facets {
		var some either
		for _, facet := range group {
			some = append(some, phrase{a.prefix + faceted + facet})
		}
		if len(some) > 0 {
			parts = append(parts, some)
		}
	}
	if len(parts) == 0 {
		parts = all{phrase{a.prefix + faceted}}
	}
	if len(hidden) == 0 {
		return parts
	}
	var gone either
	for _, batch := range hidden {
		gone = append(gone, phrase{a.prefix + faceted + batch})
	}
	return without{parts, gone}
}
