package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	porter "github.com/blevesearch/snowballstem/english"
)

// Word is a word of a text as a search knows it.
type Word struct {
	// Text is the folded word, with the affixes that a half-space or a single
	// space set apart: کتاب‌ها and کتاب ها are کتابها.
	Text string
	// Stem is what words of one family share: trains and training are train,
	// والكتاب and كتاب are کتاب, کتاب‌هایی and کتاب are کتاب.
	Stem string
	// Start and End are the bytes of the text that the word stands on.
	Start, End int
	// Part says that the word is a part of the one before it that is none: of
	// كتاب‌خانه these are کتاب and خانه.
	Part bool
}

// StemWords returns the words of a text in order. Folding comes first, so that
// the stem of a word does not hang on how it was typed. Words of Latin letters are
// stemmed as English, those of Arabic letters as the language says, all others
// stay as they are. The same for what is searched and for what is asked.
func StemWords(text, language string) []Word {
	s := stemmer{arabic: arabicStemmer(primary(language)), known: map[string]string{}}
	tokens := FoldTokens(text)
	words := make([]Word, 0, len(tokens))
	if primary(language) != "fa" {
		for _, t := range unitsOf(tokens) {
			words = s.add(words, t, t.parts)
		}
		return words
	}
	for _, t := range joinAffixes(text, unitsOf(tokens)) {
		words = s.add(words, t, cores(t.parts))
	}
	return words
}

// unit is a folded word with the parts that half-spaces make of it; a plain word
// is its own only part.
type unit struct {
	Token
	parts []Token
}

// unitsOf gathers the parts of words, which FoldTokens tells one by one.
func unitsOf(tokens []Token) []unit {
	units := make([]unit, 0, len(tokens))
	for n := 0; n < len(tokens); {
		parts := partsOf(tokens[n:])
		if parts == 0 {
			units = append(units, unit{tokens[n], tokens[n : n+1 : n+1]})
			n++
			continue
		}
		units = append(units, unit{tokens[n], tokens[n+1 : n+1+parts : n+1+parts]})
		n += 1 + parts
	}
	return units
}

// partsOf counts the parts of the first token: those within it that together are
// its text.
func partsOf(tokens []Token) int {
	whole, at := tokens[0], 0
	for n, t := range tokens[1:] {
		if t.Start < whole.Start || t.End > whole.End || !strings.HasPrefix(whole.Text[at:], t.Text) {
			return 0
		}
		if at += len(t.Text); at == len(whole.Text) {
			if n == 0 {
				return 0 // a second word in the same place, not a part
			}
			return n + 1
		}
	}
	return 0
}

// joinAffixes joins what Persian writers set apart with a space: می روم and
// کتاب ها are read as if a half-space stood there.
func joinAffixes(text string, units []unit) []unit {
	joined := units[:0:0]
	for n := 0; n < len(units); n++ {
		u := units[n]
		if n+1 < len(units) && persianPrefix(u.Text) && oneSpace(text, u.End, units[n+1].Start) {
			u = u.with(units[n+1])
			n++
		}
		for n+1 < len(units) && looseSuffix(units[n+1].Text) && oneSpace(text, u.End, units[n+1].Start) {
			u = u.with(units[n+1])
			n++
		}
		joined = append(joined, u)
	}
	return joined
}

func oneSpace(text string, from, to int) bool { return to == from+1 && text[from] == ' ' }

// with is two units as one.
func (u unit) with(next unit) unit {
	return unit{Token{Text: u.Text + next.Text, Start: u.Start, End: next.End}, append(u.parts[:len(u.parts):len(u.parts)], next.parts...)}
}

func persianPrefix(s string) bool { return s == "می" || s == "نمی" }

// looseSuffix are the endings that stand alone only when a half-space is missing.
func looseSuffix(s string) bool {
	switch s {
	case "ها", "های", "هایی", "هایم", "هایت", "هایش", "تر", "ترین", "ی":
		return true
	}
	return false
}

// persianSuffix are the endings that stand behind a half-space.
func persianSuffix(s string) bool {
	switch s {
	case "ان", "ات", "ای", "ام", "اش", "ایم", "اند":
		return true
	}
	return looseSuffix(s)
}

// cores are the parts of a word that are no affixes.
func cores(parts []Token) []Token {
	for len(parts) > 1 && persianPrefix(parts[0].Text) {
		parts = parts[1:]
	}
	for len(parts) > 1 && persianSuffix(parts[len(parts)-1].Text) {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// stemmer stems the words of one text.
type stemmer struct {
	arabic func(string) string
	// known are the stems that were worked out: words come again and again.
	known map[string]string
}

// add adds a unit's words: one with one core is a word, others are the whole and
// its parts.
func (s *stemmer) add(words []Word, u unit, cores []Token) []Word {
	if len(cores) == 1 {
		return append(words, Word{Text: u.Text, Stem: s.stem(cores[0].Text), Start: u.Start, End: u.End})
	}
	words = append(words, Word{Text: u.Text, Stem: s.stem(u.Text), Start: u.Start, End: u.End})
	for _, c := range cores {
		words = append(words, Word{Text: c.Text, Stem: s.stem(c.Text), Start: c.Start, End: c.End, Part: true})
	}
	return words
}

func (s *stemmer) stem(word string) string {
	if len(word) < 3 || !changeable(word) {
		return word
	}
	if stem, ok := s.known[word]; ok {
		return stem
	}
	stem := word
	switch {
	case word[0] < utf8.RuneSelf:
		stem = englishStem(word)
	case s.arabic != nil:
		stem = s.arabic(word)
	}
	s.known[word] = stem
	return stem
}

// changeable tells whether a stemmer may change a word: a Latin one only where it
// ends as English endings do.
func changeable(word string) bool {
	last := word[len(word)-1]
	if word[0] >= utf8.RuneSelf {
		return last >= utf8.RuneSelf
	}
	return 'a' <= last && last <= 'z' && strings.IndexByte("cdegilmnrsty", last) >= 0
}

// englishStem is the stem by the rules of Snowball's English.
func englishStem(word string) string {
	for n := range len(word) {
		if word[n] < 'a' || word[n] > 'z' {
			return word
		}
	}
	env := snowballstem.NewEnv(word)
	porter.Stem(env)
	return env.Current()
}

func arabicStemmer(language string) func(string) string {
	switch language {
	case "ar":
		return arabicStem
	case "fa":
		return persianStem
	}
	return nil
}

// arabicStem takes the article, with what is written onto it, and the common endings
// from a folded word, as often as it has them: so the definite word and the
// indefinite one, the plural and the singular come to one stem even where letters of
// the root look like an affix. بـ, فـ, كـ, لـ and وـ go only before the article: by
// themselves they begin too many words. At least three letters stay, and four before
// ان, ين and ون, with which many names end.
func arabicStem(word string) string {
	for next := word; ; word = next {
		if next = cutArticle(word); next == word {
			break
		}
	}
	for next := word; ; word = next {
		next = cutFirst(word, 4, "ان", "ون", "ین")
		if next == word {
			next = cutFirst(word, 3, "ها", "ات", "یه", "ه", "ی")
		}
		if next == word {
			return word
		}
	}
}

// articles are the article and what is written onto it, the longest first.
var articles = []string{"وبال", "وکال", "ولل", "وال", "بال", "کال", "فال", "لل", "ال"}

// parent begins the words for father and mother, which only look like "and the".
const parent = "والد"

func cutArticle(word string) string {
	if strings.HasPrefix(word, parent) {
		return word
	}
	for _, prefix := range articles {
		if rest, ok := strings.CutPrefix(word, prefix); ok && letters(rest) >= 3 {
			return rest
		}
	}
	return word
}

// persianStem takes می from verbs, and the plurals, the comparison and the ی that
// many nouns take from a folded word, as often as it has them. How many letters must
// stay grows with how many words end so by nature.
func persianStem(word string) string {
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(word, "ن"), "می"); ok && letters(rest) >= 3 && inflected(rest) && !beginsWithMi[word] {
		return rest
	}
	for next := word; ; word = next {
		next = cutFirst(word, 2, "هایی", "هایم", "هایت", "هایش", "های", "ها")
		next = cutFirst(next, 4, "ی")
		next = cutFirst(next, 3, "ترین", "تر")
		if next = cutFirst(next, 4, "ات", "ان"); next == word {
			return word
		}
	}
}

// inflected tells whether a word ends as verbs do behind می: nouns that begin with
// these letters mostly end otherwise.
func inflected(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return last == 'م' || last == 'د' || last == 'ت'
}

// cutFirst takes the first of the suffixes that a word has, where enough stays.
func cutFirst(word string, least int, suffixes ...string) string {
	for _, suffix := range suffixes {
		if rest, ok := strings.CutSuffix(word, suffix); ok && letters(rest) >= least {
			return rest
		}
	}
	return word
}

// beginsWithMi are nouns that look like verbs with می.
var beginsWithMi = map[string]bool{"میلیارد": true, "میلاد": true, "میعاد": true, "میلیاردم": true, "میلیونم": true, "میقات": true, "میت": true}

func letters(s string) int { return utf8.RuneCountInString(s) }
