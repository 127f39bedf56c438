package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is how long a slug may be, in bytes. Percent-encoded that is 288
// characters, which mail programs and messengers still take for an address.
const maxSlug = 96

// Slug returns a text as one segment of an address: NFC, in lower case, letters
// and digits of any script, a hyphen where there was a space, a half-space, a
// dash, a slash or a symbol. Other punctuation, Arabic vowel marks and
// invisible characters are dropped. It is at most 96 bytes, cut after a word
// where one ends in the second half, and "" when nothing is left.
func Slug(s string) string {
	var b strings.Builder
	b.Grow(min(len(s), 2*maxSlug))
	gap := false
	for _, r := range norm.NFC.String(s) {
		// Composing at the end makes a text shorter, at most by two thirds.
		if b.Len() > 4*maxSlug {
			break
		}
		switch slugRune(r) {
		case slugKeep:
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		case slugAttach:
			if !gap && b.Len() > 0 {
				b.WriteRune(r)
			}
		case slugGap:
			gap = true
		}
	}
	// Dropping and lowering can bring together what composes.
	return cutSlug(norm.NFC.String(b.String()))
}

// What Slug does with a character.
type slugAct int

const (
	slugDrop slugAct = iota
	slugKeep
	slugAttach // keep after a letter: a combining mark
	slugGap
)

func slugRune(r rune) slugAct {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return slugKeep
	case r == 'ـ' || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != halfSpace:
		return slugDrop
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return slugKeep
	case unicode.In(r, unicode.Mn, unicode.Mc):
		if unicode.Is(unicode.Arabic, r) || 0x64b <= r && r <= 0x670 {
			return slugDrop
		}
		return slugAttach
	case r == '`', r == '´', r == utf8.RuneError:
		return slugDrop
	case r == halfSpace, r == '\u200b', strings.ContainsRune(`/\:…`, r),
		unicode.IsSpace(r), unicode.IsControl(r), unicode.IsSymbol(r), unicode.In(r, unicode.Pd, unicode.Pc):
		return slugGap
	}
	return slugDrop
}

// cutSlug shortens a slug to its greatest length.
func cutSlug(s string) string {
	if len(s) <= maxSlug {
		return s
	}
	end := maxSlug
	for !utf8.RuneStart(s[end]) {
		end--
	}
	if s[end] != '-' {
		if gap := strings.LastIndexByte(s[:end], '-'); gap > maxSlug/2 {
			end = gap
		}
	}
	return strings.TrimRight(s[:end], "-")
}
