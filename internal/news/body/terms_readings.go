package body

import "strings"

// reading is one way to read a word: the word that a name may have in its place.
type reading struct {
	text string
	// parts is how many parts of the text it takes.
	parts int
	// closing says that an ending was taken off, after which a name ends.
	closing bool
	// article says that the Arabic article was taken off.
	article bool
	// letters is how long a name of one word must be, since something was
	// taken off that may as well belong to it.
	letters int
}

// place says where a word stands in a name.
type place struct {
	first bool
	// article says that the name's first word has the article.
	article bool
}

// maxReadings is more than any word has.
const maxReadings = 48

// What must be left of a word when something is taken off: an Arabic particle
// of one letter or an ending leaves more, since many short words begin or end
// like that by themselves.
const (
	shortestStem    = 3
	shortestInflect = 4
)

// readings appends the ways to read a word, the nearest first.
func (t *Terms) readings(all []reading, a part, at place) []reading {
	all = append(all, reading{text: a.text, parts: 1})
	if a.parts > 1 {
		all = append(all, reading{text: a.whole, parts: a.parts})
	}
	switch c := a.text[0]; {
	case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
		return plurals(all, a.text)
	case c < 0xd8 || c > 0xdb: // not of the Arabic block
		return all
	case t.language == "ar":
		return arabicForms(all, a.text, at)
	case t.language == "fa":
		for _, f := range all {
			all = persianForms(all, f)
		}
	}
	return all
}

// plurals appends what an English plural may be of.
func plurals(all []reading, s string) []reading {
	stem, ok := strings.CutSuffix(s, "s")
	if !ok || len(stem) < shortestStem || strings.HasSuffix(stem, "s") {
		return all
	}
	all = append(all, reading{text: stem, parts: 1, closing: true})
	if short, ok := strings.CutSuffix(stem, "ie"); ok && len(short) > 1 {
		return append(all, reading{text: short + "y", parts: 1, closing: true})
	}
	if short, ok := strings.CutSuffix(stem, "e"); ok && sibilant(short) {
		all = append(all, reading{text: short, parts: 1, closing: true})
	}
	return all
}

func sibilant(s string) bool {
	return strings.HasSuffix(s, "s") || strings.HasSuffix(s, "x") || strings.HasSuffix(s, "z") ||
		strings.HasSuffix(s, "ch") || strings.HasSuffix(s, "sh")
}

// persianEndings are those that a half-space joins to a word.
var persianEndings = map[string]bool{
	"ی": true, "ای": true, "یی": true, "ها": true, "های": true, "هایی": true,
	"ام": true, "ات": true, "اش": true, "مان": true, "تان": true, "شان": true,
	"هایم": true, "هایت": true, "هایش": true, "هایمان": true, "هایتان": true, "هایشان": true,
}

// persianForms appends what a word may be without the ending of a plural, or
// without the yeh that joins a word on a vowel to the next. A yeh after another
// letter makes another word of it: «ایرانی» is not «ایران».
func persianForms(all []reading, f reading) []reading {
	for _, ending := range [...]string{"هایی", "های", "ها", "یی", "ی"} {
		stem, ok := strings.CutSuffix(f.text, ending)
		if !ok || runes(stem) < shortestStem {
			continue
		}
		if ending[:len("ه")] == "ه" || strings.HasSuffix(stem, "ا") || strings.HasSuffix(stem, "و") {
			all = append(all, reading{text: stem, parts: f.parts, closing: true})
		}
	}
	return all
}

// arabicArticle is the article, folded like all here.
const arabicArticle = "ال"

// arabicForms appends what an Arabic word may be without what is written before
// and after it as one word. Only the first word of a name takes particles; the
// article stands on its later words where it stands on the first.
func arabicForms(all []reading, s string, at place) []reading {
	if !at.first {
		if rest, ok := strings.CutPrefix(s, arabicArticle); ok && at.article && runes(rest) >= shortestStem {
			all = append(all, reading{text: rest, parts: 1})
			all = arabicEndings(all, all[len(all)-1])
		}
		return arabicEndings(all, reading{text: s, parts: 1})
	}
	for _, conjunction := range [...]string{"", "و", "ف"} {
		rest, ok := strings.CutPrefix(s, conjunction)
		if !ok {
			continue
		}
		for _, preposition := range [...]string{"", "ب", "ل", "ک"} {
			if rest, ok := strings.CutPrefix(rest, preposition); ok {
				all = arabicStems(all, rest, conjunction+preposition, preposition == "ل")
			}
		}
	}
	return all
}

// arabicStems appends a word without the particles before it, with its article
// and without. After ل, the article is a second ل.
func arabicStems(all []reading, rest, particles string, to bool) []reading {
	if runes(rest) < shortestStem {
		return all
	}
	bare := reading{text: rest, parts: 1}
	if particles != "" {
		bare.letters = shortestInflect
		all = append(all, bare)
	}
	all = arabicEndings(all, bare)
	article := arabicArticle
	if to {
		article = "ل"
	}
	if stem, ok := strings.CutPrefix(rest, article); ok && runes(stem) >= shortestStem {
		all = append(all, reading{text: stem, parts: 1, article: true})
		all = arabicEndings(all, all[len(all)-1])
	}
	return all
}

// arabicEndings appends a word without the ending of a plural, a dual or the
// feminine. Behind a particle more must be left: وسلامة is not "and peace" of another
// gender.
func arabicEndings(all []reading, f reading) []reading {
	for _, ending := range [...]string{"ات", "ون", "ین", "ان", "ه"} {
		stem, ok := strings.CutSuffix(f.text, ending)
		if !ok || runes(stem) < shortestInflect || f.letters > 0 && runes(stem) == shortestInflect {
			continue
		}
		closed := reading{text: stem, parts: f.parts, closing: true, article: f.article, letters: f.letters}
		all = append(all, closed)
		if ending == "ات" { // of a word that ends in ة
			closed.text = stem + "ه"
			all = append(all, closed)
		}
	}
	return all
}
