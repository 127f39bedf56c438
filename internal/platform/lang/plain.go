package lang

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// Plain makes a line fit for places that know no markup, such as feeds and the
// titles of windows, whose own direction is dir: each run of the other direction
// stands between U+2068 and U+2069. A line that runs against dir as a whole is
// one such run, its marks at both ends included. A line that has isolates of its
// own is left as it is but for that.
func Plain(s, dir string) string {
	if base := BaseDirection(s); base != "" && base != dir {
		return Isolate(s)
	}
	if strings.ContainsAny(s, isolates) {
		return balanced(s)
	}
	var out strings.Builder
	done := 0
	for at := 0; at < len(s); {
		start, end := foreignRun(s, at, dir)
		if end == 0 {
			break
		}
		out.WriteString(s[done:start])
		out.WriteString(Isolate(s[start:end]))
		done, at = end, end
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// foreignRun finds the first run against dir from a place on: from its first
// letter to its last, with the marks on that and the digits that the
// bidirectional algorithm draws with it. An end of 0 says that there is none.
func foreignRun(s string, from int, dir string) (start, end int) {
	for at, r := range s[from:] {
		at += from
		switch side := sided(r); {
		case side == dir && end > 0:
			return start, end
		case side == onto && at == end, side == digits && end > 0 && dir == rtl:
			end = at + utf8.RuneLen(r)
		case side == ltr || side == rtl:
			if side == dir {
				continue
			}
			if end == 0 {
				start = at
			}
			end = at + utf8.RuneLen(r)
		}
	}
	return start, end
}

// Beside the directions: digits, and marks that stand on a letter, are on the side
// of what is before them.
const (
	digits = "digits"
	onto   = "onto"
)

// sided is the direction of a character by itself, digits, onto, or "" for one
// that has none.
func sided(r rune) string {
	properties, _ := bidi.LookupRune(r)
	switch properties.Class() {
	case bidi.L:
		return ltr
	case bidi.R, bidi.AL:
		return rtl
	case bidi.EN:
		return digits
	case bidi.NSM, bidi.BN:
		return onto
	}
	return ""
}

// Territory is the place that a language's name for programs is completed with:
// the region given, else the one where most who write it are. It is empty for
// a language that nobody knows.
func Territory(tag, region string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return region
	}
	if named, exact := parsed.Region(); exact == language.Exact || region == "" {
		return named.String()
	}
	return region
}
