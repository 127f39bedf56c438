package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the search key of a text: without case, marks, tatweel, hamza,
// half-spaces and direction controls, with the Arabic and Persian forms of yeh,
// kaf and heh made one, and with ASCII digits. Texts that fold alike read alike
// to somebody who searches. Keys are for comparing, never for showing. The
// result is valid UTF-8, and folding it again changes nothing.
func Fold(s string) string {
	start := plainPrefix(s)
	if start == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:start])
	for pos := start; pos < len(s); {
		r, size := runeAt(s, pos)
		f := foldingAt(s[pos:], r)
		switch f.class {
		case word, other:
			b.WriteRune(f.to)
		case several:
			for _, r := range decomposition(s[pos:], r) {
				if f := simpleFolding(r); f.class.kept() {
					b.WriteRune(f.to)
				}
			}
		}
		pos += size
	}
	return b.String()
}

// Token is a folded word and the bytes of the text that it stands for: their
// fold is Text. (A character that stands for several words, such as ﷺ, gives
// tokens that all have its place.)
type Token struct {
	Text       string
	Start, End int
}

// FoldTokens returns the folded words of a text in order. A word is letters
// and digits; nothing else is in a token. A word with half-spaces comes whole
// first, then in its parts: «می‌روم» is میروم, می and روم.
func FoldTokens(s string) []Token {
	if s == "" {
		return nil
	}
	c := cutter{tokens: make([]Token, 0, len(s)/7+1), spans: make([]span, 0, len(s)/7+1)}
	c.folded.Grow(len(s))
	for pos := 0; pos < len(s); {
		r, size := runeAt(s, pos)
		f := foldingAt(s[pos:], r)
		if f.class == several {
			for _, r := range decomposition(s[pos:], r) {
				c.add(simpleFolding(r), pos, pos+size)
			}
		} else {
			c.add(f, pos, pos+size)
		}
		pos += size
	}
	return c.finish()
}

// plainPrefix is how many bytes from the start are ASCII and fold to
// themselves.
func plainPrefix(s string) int {
	for n := range len(s) {
		if c := s[n]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return n
		}
	}
	return len(s)
}

func runeAt(s string, pos int) (rune, int) {
	if c := s[pos]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[pos:])
}

// class is what folding does with a character, and what it means for words.
type class uint8

const (
	other   class = iota // kept, ends a word
	word                 // kept, part of a word
	mark                 // dropped, but its place belongs to the word before it
	silent               // dropped, invisible
	joint                // dropped, joins the parts of a word: the half-space
	several              // becomes several characters
)

func (c class) kept() bool { return c <= word }

// folding is what a character becomes.
type folding struct {
	to    rune
	class class
}

// Most texts need only characters below the end of the Arabic block and those
// of General Punctuation; these are looked up in a table.
const (
	tableEnd         = 0x700
	punctuation      = 0x2000
	punctuationCount = 0x70
)

// foldings is the table: the first characters of Unicode, then General
// Punctuation.
var foldings = newFoldings()

func newFoldings() *[tableEnd + punctuationCount]folding {
	var table [tableEnd + punctuationCount]folding
	for r := range rune(tableEnd) {
		table[r] = newFolding(string(r), r)
	}
	for n := range rune(punctuationCount) {
		table[tableEnd+n] = newFolding(string(punctuation+n), punctuation+n)
	}
	return &table
}

// foldingAt looks up r, with which s begins.
func foldingAt(s string, r rune) folding {
	if r < tableEnd {
		return foldings[r]
	}
	if n := r - punctuation; 0 <= n && n < punctuationCount {
		return foldings[tableEnd+n]
	}
	return newFolding(s, r)
}

// newFolding works out what r becomes, with which s begins.
func newFolding(s string, r rune) folding {
	parts := decomposition(s, r)
	if parts == "" {
		return simpleFolding(r)
	}
	left := folding{class: mark}
	for _, part := range parts {
		f := simpleFolding(part)
		if !f.class.kept() {
			continue
		}
		if left.class.kept() {
			return folding{class: several}
		}
		left = f
	}
	return left
}

// Hangul syllables decompose by arithmetic, see The Unicode Standard 3.12.
const (
	hangulFirst, hangulLast    = 0xac00, 0xd7a3
	hangulLead, hangulVowel    = 0x1100, 0x1161
	hangulTail                 = 0x11a7
	hangulVowels, hangulTails  = 21, 28
	hangulSyllablesWithOneLead = hangulVowels * hangulTails
)

// decomposition is the full compatibility decomposition of r, with which s
// begins, or "" when r has none. The parts are in canonical order, but not
// sorted against their neighbours: folding drops all marks that sorting moves.
func decomposition(s string, r rune) string {
	if hangulFirst <= r && r <= hangulLast {
		n := r - hangulFirst
		parts := []rune{hangulLead + n/hangulSyllablesWithOneLead, hangulVowel + n%hangulSyllablesWithOneLead/hangulTails}
		if tail := n % hangulTails; tail > 0 {
			parts = append(parts, hangulTail+tail)
		}
		return string(parts)
	}
	return string(norm.NFKD.PropertiesString(s).Decomposition())
}

// simpleFolding is what a character that does not decompose becomes.
func simpleFolding(r rune) folding {
	switch {
	case 'a' <= r && r <= 'z':
		return folding{r, word}
	case arabicZero <= r && r <= arabicZero+9:
		return folding{r - arabicZero + '0', word}
	case extendedZero <= r && r <= extendedZero+9:
		return folding{r - extendedZero + '0', word}
	case firstEmbedding <= r && r <= lastEmbedding, lri <= r && r <= pdi:
		return folding{class: silent}
	}
	switch r {
	case 'ي', 'ى', 'ے':
		return folding{'ی', word}
	case 'ك':
		return folding{'ک', word}
	case 'ة', 'ہ', 'ھ', 'ە':
		return folding{'ه', word}
	case 'ٱ':
		return folding{'ا', word}
	case 'ء', 'ـ':
		return folding{class: mark}
	case halfSpace:
		return folding{class: joint}
	case '\u200d', '\u200e', '\u200f', '\u061c', '\ufeff', '\u2060', '\u00ad':
		return folding{class: silent}
	}
	return ordinaryFolding(r)
}

// halfSpace is the zero-width non-joiner, which parts the halves of a Persian
// word without a space.
const halfSpace = '\u200c'

// ordinaryFolding is what a character without a rule of its own becomes.
func ordinaryFolding(r rune) folding {
	switch {
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return folding{unicode.ToLower(r), word}
	case !unicode.IsMark(r):
		return folding{unicode.ToLower(r), other}
	case unicode.Is(unicode.Mc, r) && norm.NFKD.PropertiesString(string(r)).CCC() == 0:
		return folding{r, word}
	}
	return folding{class: mark}
}
