package story

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/platform/lang"
)

// Limits of a story's fields, in characters. They are wide: they keep a page
// whole, style is the desk checks' matter.
const (
	MaxHeadline   = 500
	MaxStandfirst = 4000
	MaxKicker     = 200
	MaxTopics     = 200
	MaxRelated    = 200
)

// Problem is what keeps a story from being saved, or from going live.
type Problem struct {
	// Field is the field's name as in Content, "body" with a place for blocks.
	Field string
	// Place is where in the field: a character's position, or a block.
	Place string
	// Reason says what is wrong, as the end of "the headline …".
	Reason string
	// Key names the reason for who says it in another language, and Arg is what it is
	// about: how much is allowed, which character.
	Key, Arg string
}

// Error says it in a sentence.
func (p Problem) Error() string {
	if p.Place == "" {
		return fmt.Sprintf("the %s %s", p.Field, p.Reason)
	}
	return fmt.Sprintf("the %s %s (%s)", p.Field, p.Reason, p.Place)
}

// Check returns what keeps the content from being saved: text that cannot be
// kept or shown as it was typed. A draft may be unfinished; see Ready.
func Check(c Content) []Problem {
	var found []Problem
	line := func(field, text string, limit int) {
		if p, bad := checkLine(field, text, limit); bad {
			found = append(found, p)
		}
	}
	line("headline", c.Headline, MaxHeadline)
	line("short headline", c.Short, MaxHeadline)
	line("kicker", c.Kicker, MaxKicker)
	line("dateline", c.Dateline, MaxKicker)
	line("standfirst", c.Standfirst, MaxStandfirst)
	line("alternative text", c.Alt, MaxStandfirst)
	line("caption", c.Caption, MaxStandfirst)
	for _, s := range c.Byline {
		line("byline", s.Name, MaxKicker)
	}
	if !c.Genre.Valid() {
		found = append(found, Problem{Field: "genre", Reason: fmt.Sprintf("%.50q is not one we know: take %s", c.Genre, OneOf(AllGenres())), Key: "unknown"})
	}
	if len(c.Topics) > MaxTopics {
		found = append(found, many("list of topics", len(c.Topics), MaxTopics))
	}
	if len(c.Related) > MaxRelated {
		found = append(found, many("list of related stories", len(c.Related), MaxRelated))
	}
	for _, p := range body.Check(c.Body) {
		found = append(found, Problem{Field: "body", Place: inBody(p), Reason: p.Reason})
	}
	return found
}

func many(field string, n, most int) Problem {
	return Problem{Field: field, Reason: fmt.Sprintf("has %d of at most %d", n, most), Key: "many", Arg: strconv.Itoa(most)}
}

// inBody says where in a body something is wrong: the block counted from 1, and what
// leads from it to the text or the field.
func inBody(p body.Problem) string {
	switch {
	case p.Block < 0:
		return ""
	case p.Place == "":
		return fmt.Sprintf("block %d", p.Block+1)
	}
	return fmt.Sprintf("block %d, %s", p.Block+1, p.Place)
}

// CheckLine returns what keeps a line about a story from being kept as it was
// typed: a note, a reason.
func CheckLine(field, text string, limit int) []Problem {
	if p, bad := checkLine(field, text, limit); bad {
		return []Problem{p}
	}
	return nil
}

// bidiFields are those in which an override could make a text read as another.
var bidiFields = map[string]bool{"headline": true, "short headline": true, "byline": true, "kicker": true}

func checkLine(field, text string, limit int) (Problem, bool) {
	if at, r, bad := lang.Control(text); bad {
		return Problem{field, position(text, at), fmt.Sprintf("has a character that cannot be kept (%U)", r), "control", fmt.Sprintf("%U", r)}, true
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return Problem{field, "", fmt.Sprintf("has %d characters of at most %d", n, limit), "long", strconv.Itoa(limit)}, true
	}
	if !bidiFields[field] {
		return Problem{}, false
	}
	if at, r, bad := lang.BidiFault(text); bad {
		return Problem{field, position(text, at), fmt.Sprintf("has a direction mark that could make it read as another text (%U)", r), "bidi", fmt.Sprintf("%U", r)}, true
	}
	return Problem{}, false
}

// position counts characters, as a person would, from 1.
func position(text string, at int) string {
	return fmt.Sprintf("character %d", utf8.RuneCountInString(text[:at])+1)
}

// Ready returns what an otherwise good content still lacks for going live.
func Ready(c Content) []Problem {
	found := Check(c)
	if strings.TrimSpace(c.Headline) == "" {
		found = append(found, Problem{Field: "headline", Reason: "is empty", Key: "empty"})
	}
	if c.Section == 0 && c.Genre != Page {
		found = append(found, Problem{Field: "section", Reason: "is not chosen", Key: "unchosen"})
	}
	return found
}
