package lang

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// The controls that set a run of text apart from what surrounds it.
const (
	lri = '\u2066'
	fsi = '\u2068'
	pdi = '\u2069'

	firstEmbedding = '\u202a' // LRE, RLE, PDF, LRO and RLO
	lastEmbedding  = '\u202e'
)

func opensIsolate(r rune) bool { return lri <= r && r <= fsi }

// isolates are the controls by which balance and closed know whether there is
// anything to do.
const isolates = "\u2066\u2067\u2068\u2069"

// Isolate returns s between U+2068 and U+2069, so that in plain text its
// direction is its own and leaves its neighbours alone. Isolates within s are
// balanced first: an unpaired one would end this one, or outlive it. Nothing
// stays nothing.
func Isolate(s string) string {
	if s == "" {
		return ""
	}
	return string(fsi) + balanced(s) + string(pdi)
}

// balanced drops ends that close nothing and closes what is left open.
func balanced(s string) string {
	if !strings.ContainsAny(s, isolates) {
		return s
	}
	open := 0
	s = strings.Map(func(r rune) rune {
		switch {
		case opensIsolate(r):
			open++
		case r == pdi && open == 0:
			return -1
		case r == pdi:
			open--
		}
		return r
	}, s)
	return s + strings.Repeat(string(pdi), open)
}

// closed ends the isolates that s leaves open, and drops nothing.
func closed(s string) string {
	if !strings.ContainsAny(s, isolates) {
		return s
	}
	open := 0
	for _, r := range s {
		if opensIsolate(r) {
			open++
		} else if r == pdi && open > 0 {
			open--
		}
	}
	return s + strings.Repeat(string(pdi), open)
}

// BidiFault finds a control that can make a line read as another text: an
// embedding or override (U+202A to U+202E), or an isolate without its partner.
// Marks (U+200E, U+200F, U+061C) and paired isolates are no fault.
func BidiFault(s string) (pos int, r rune, bad bool) {
	type opener struct {
		pos int
		r   rune
	}
	var open []opener
	for pos, r := range s {
		switch {
		case firstEmbedding <= r && r <= lastEmbedding, r == pdi && len(open) == 0:
			return pos, r, true
		case opensIsolate(r):
			open = append(open, opener{pos, r})
		case r == pdi:
			open = open[:len(open)-1]
		case len(open) > 0 && (r == '\n' || r == '\u2029'):
			// A paragraph ends all isolates: they have no partner.
			return open[0].pos, open[0].r, true
		}
	}
	if len(open) > 0 {
		return open[0].pos, open[0].r, true
	}
	return 0, 0, false
}

// BaseDirection returns the direction of the first strong character, "rtl" or
// "ltr", or "" when there is none. Characters within isolates do not count, as
// in the rules P2 and P3 of the bidirectional algorithm.
func BaseDirection(s string) string {
	open := 0
	for _, r := range s {
		switch {
		case opensIsolate(r):
			open++
			continue
		case r == pdi && open > 0:
			open--
			continue
		case open > 0:
			continue
		}
		properties, _ := bidi.LookupRune(r)
		switch properties.Class() {
		case bidi.L:
			return ltr
		case bidi.R, bidi.AL:
			return rtl
		}
	}
	return ""
}
