package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// tidy makes texts of other systems such that they can be kept, changes
// nothing else, and counts what it changes.
type tidy struct{ ledger *ledger }

// text makes LF of all line ends and characters of C1 controls.
func (t *tidy) text(r record, s string) string {
	if n := strings.Count(s, "\r"); n > 0 {
		s = lang.Newlines(s)
		t.ledger.repaired(r.name(), "line ends became LF", n)
	}
	s, n := lang.MapC1(s)
	if n > 0 {
		t.ledger.repaired(r.name(), "control characters became the characters they were in Windows-1252, or were dropped", n)
	}
	return s
}

// line is a text of one line, without spaces at its ends.
func (t *tidy) line(r record, field, s string) string {
	s = strings.TrimSpace(t.text(r, s))
	if !strings.ContainsAny(s, "\n\u2028\u2029") {
		return s
	}
	t.ledger.changed(r.name(), fmt.Sprintf("line ends in the %s became spaces", field))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\u2028' || r == '\u2029' }), " ")
}

// lost notes what a body could not hold.
func (t *tidy) lost(r record, losses []body.Loss) {
	for _, l := range losses {
		t.ledger.repaired(r.name(), "not kept: "+l.What, l.Count)
	}
}

// mostTopic is how many characters a topic's name may have.
const mostTopic = 200

// topics are keywords such as a topic can be called.
func (t *tidy) topics(r record, names []string) []string {
	var kept []string
	for _, name := range names {
		name = t.line(r, "topics", name)
		folded := lang.Fold(name)
		if folded == "" {
			continue
		}
		if _, _, bad := lang.BidiFault(name); bad || utf8.RuneCountInString(name) > mostTopic {
			t.ledger.changed(r.name(), fmt.Sprintf("a keyword that cannot be a topic was left out (%.60q)", name))
			continue
		}
		t.ledger.keyword(folded)
		kept = append(kept, name)
	}
	return kept
}

// generic are signatures that sign nothing: those of accounts.
var generic = map[string]bool{"admin": true, "administrator": true, "root": true, "wordpress": true, "webmaster": true, "none": true, "null": true, "n/a": true, "-": true}

// byline is a row's signatures.
func (t *tidy) byline(r record, names []string) []publish.Name {
	var all []publish.Name
	seen := map[string]bool{}
	for _, name := range names {
		name = t.line(r, "byline", name)
		folded := lang.Fold(name)
		switch _, _, bad := lang.BidiFault(name); {
		case folded == "" || seen[folded]:
			continue
		case generic[strings.ToLower(name)]:
			t.ledger.changed(r.name(), fmt.Sprintf("signed by an account, %q: unsigned here", name))
			continue
		case bad || utf8.RuneCountInString(name) > story.MaxKicker:
			t.ledger.changed(r.name(), fmt.Sprintf("a signature that cannot be shown was left out (%.60q)", name))
			continue
		}
		seen[folded] = true
		all = append(all, publish.Name{Name: name})
	}
	return all
}
