package lang

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Control finds the first character that no text may have: NUL and the other
// C0 controls but TAB and LF, the C1 controls, and bytes that are no UTF-8 (r
// is then utf8.RuneError).
func Control(s string) (pos int, r rune, bad bool) {
	for pos, r := range s {
		switch {
		case r < ' ' && r != '\t' && r != '\n', 0x80 <= r && r < 0xa0:
			return pos, r, true
		case r == utf8.RuneError && !strings.HasPrefix(s[pos:], string(utf8.RuneError)):
			return pos, r, true
		}
	}
	return 0, 0, false
}

// Newlines returns s with CRLF and CR as LF.
func Newlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// windows1252 is what Windows-1252 has where Unicode has the C1 controls; zero
// where it has nothing.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// MapC1 repairs imported text and counts the repairs: C1 controls and bytes
// that are no UTF-8 become the characters that Windows-1252 has there, other
// controls are dropped. TAB, LF and CR stay; line ends are Newlines' work.
func MapC1(s string) (string, int) {
	if pos := strings.IndexFunc(s, repairable); pos < 0 {
		return s, 0
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	repairs := 0
	for pos, r := range s {
		if !repairable(r) || r == utf8.RuneError && strings.HasPrefix(s[pos:], string(utf8.RuneError)) {
			b.WriteRune(r)
			continue
		}
		repairs++
		if r == utf8.RuneError {
			r = rune(s[pos])
		}
		if 0x80 <= r && r < 0xa0 {
			r = windows1252[r-0x80]
		}
		if r >= ' ' {
			b.WriteRune(r)
		}
	}
	return b.String(), repairs
}

// repairable tells whether MapC1 may have to change r.
func repairable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || 0x80 <= r && r < 0xa0 || r == utf8.RuneError
}

// Words counts the words of a text: what stands between spaces or long dashes
// and has a letter or a digit. Hyphens, apostrophes and half-spaces join.
func Words(s string) int {
	words, inside := 0, false
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', !inside && (unicode.IsLetter(r) || unicode.IsNumber(r)):
			if !inside {
				words++
				inside = true
			}
		case unicode.IsSpace(r), r == '–', r == '—':
			inside = false
		}
	}
	return words
}

// The words that a grown reader reads silently in a minute: round figures.
// Arabic and Persian words carry more than English ones and are read slower.
const (
	wordsAMinute        = 230
	wordsAMinuteArabic  = 180
	wordsAMinutePersian = 200
)

// ReadingMinutes estimates how long so many words take to read: at least one
// minute, and none for no words.
func ReadingMinutes(words int, language string) int {
	if words <= 0 {
		return 0
	}
	pace := wordsAMinute
	switch primary(language) {
	case "ar":
		pace = wordsAMinuteArabic
	case "fa":
		pace = wordsAMinutePersian
	}
	return max(1, int(math.Round(float64(words)/float64(pace))))
}

const ellipsis = "…"

// Clip shortens a text to at most so many graphemes, the … at its end counted.
// It cuts after a word where one ends in the second half, else between
// graphemes, and closes the isolates that the cut left open (these closing
// marks are not counted).
func Clip(s string, graphemes int) string {
	if graphemes <= 0 {
		return ""
	}
	if len(s) <= graphemes {
		return s
	}
	// solid ends the last grapheme that may stand before the ellipsis, word
	// the last whole word.
	solid, word, rest, state := 0, 0, s, -1
	var cluster string
	for range graphemes - 1 {
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if blank(cluster) {
			word = solid
		} else if !loose(cluster) {
			solid = len(s) - len(rest)
		}
		if rest == "" {
			return s
		}
	}
	cluster, rest, _, _ = uniseg.FirstGraphemeClusterInString(rest, state)
	if rest == "" {
		return s
	}
	if !blank(cluster) && word > solid/2 {
		solid = word
	}
	return closed(s[:solid] + ellipsis)
}

func blank(cluster string) bool { return strings.TrimFunc(cluster, unicode.IsSpace) == "" }

// loose tells what does not stand before an ellipsis: spaces, and marks that
// lead on.
func loose(cluster string) bool {
	return blank(cluster) || strings.Trim(cluster, ",;:.-–—،؛…") == ""
}

// Like takes their meaning from the signs that SQL's like knows; the sign before them is a
// backslash.
func Like(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
