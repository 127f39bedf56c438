package body

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"broadsheet/internal/news/ref"
)

// Text is running text: spans, each set in one way.
type Text []Span

// Span is a run of text, or a line break, a small picture in the line, or the
// mark of a footnote.
type Span struct {
	Text  string `json:"text,omitempty"`
	Marks Marks  `json:"marks,omitzero"`
	Link  Link   `json:"link,omitzero"`
	Lang  Lang   `json:"lang,omitzero"`
	// Break makes the span a line break; its text is not shown.
	Break bool `json:"break,omitempty"`
	// Picture makes the span a picture; its text is not shown.
	Picture Inline `json:"picture,omitzero"`
	// Note makes the span the mark of a footnote, which says this; its text is
	// not shown. A note has no notes.
	Note Text `json:"note,omitempty"`
}

// Link leads from a run of text to an address.
type Link struct {
	Href  string `json:"href,omitempty"`
	Title string `json:"title,omitempty"`
}

// Inline is a picture in a line of text.
type Inline struct {
	Asset ref.Asset `json:"asset,omitempty"`
	// Href is the address of a picture that is not ours; it is shown as a link.
	Href string `json:"href,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// Marks are the ways in which a run of text can be set; they add up.
type Marks uint16

// The marks, outermost first where several are on one run.
const (
	Strong Marks = 1 << iota
	Emphasis
	Underline
	Strike
	Code
	Sub
	Sup
	Small
	Mark
)

// markNames are the marks in JSON and in HTML, in their order.
var markNames = [...]struct{ name, element string }{
	{"strong", "strong"}, {"emphasis", "em"}, {"underline", "u"}, {"strike", "s"}, {"code", "code"},
	{"sub", "sub"}, {"sup", "sup"}, {"small", "small"}, {"mark", "mark"},
}

// Names lists the marks by the names that they have in JSON, in their order.
func (m Marks) Names() []string {
	names := []string{}
	for i, mark := range markNames {
		if m&(1<<i) != 0 {
			names = append(names, mark.name)
		}
	}
	return names
}

// MarkNamed is the mark with a name of Names.
func MarkNamed(name string) (Marks, bool) { return markNamed(name) }

// MarshalJSON writes the marks as a list of their names.
func (m Marks) MarshalJSON() ([]byte, error) { return json.Marshal(m.Names()) }

// UnmarshalJSON reads a list of names.
func (m *Marks) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return fmt.Errorf("marks: %w", err)
	}
	*m = 0
	for _, name := range names {
		mark, ok := markNamed(name)
		if !ok {
			return fmt.Errorf("%q is not a mark", name)
		}
		*m |= mark
	}
	return nil
}

func markNamed(name string) (Marks, bool) {
	for i, mark := range markNames {
		if mark.name == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// MarshalJSON writes an empty text as an empty list, never as null.
func (t Text) MarshalJSON() ([]byte, error) {
	if len(t) == 0 {
		return []byte("[]"), nil
	}
	return encoded([]Span(t))
}

// T returns a text of one plain span, or none for an empty string.
func T(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Text: s}}
}

// Lines returns a text in which every line end of s is a break.
func Lines(s string) Text {
	var t Text
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			t = append(t, Span{Break: true})
		}
		if line != "" {
			t = append(t, Span{Text: line})
		}
	}
	return t
}

// String returns the text without its marks and its notes; a break is a line
// end.
func (t Text) String() string {
	if len(t) == 1 && !t[0].single() {
		return t[0].Text
	}
	return string(t.append(nil))
}

func (t Text) append(out []byte) []byte {
	for i := range t {
		switch s := &t[i]; {
		case s.Break:
			out = append(out, '\n')
		case s.single():
		default:
			out = append(out, s.Text...)
		}
	}
	return out
}

// Empty tells whether the text shows nothing.
func (t Text) Empty() bool {
	for i := range t {
		if !t[i].Break && t[i].single() || !t[i].Break && strings.TrimSpace(t[i].Text) != "" {
			return false
		}
	}
	return true
}

// joined merges neighbouring spans that are set alike, so that equal texts are
// equal values.
func (t Text) joined() Text {
	var out Text
	for _, s := range t {
		if s.Text == "" && !s.single() {
			continue
		}
		if n := len(out); n > 0 && alike(out[n-1], s) {
			out[n-1].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	return out
}

func alike(a, b Span) bool {
	return !a.single() && !b.single() && a.Marks == b.Marks && a.Link == b.Link && a.Lang == b.Lang
}

// single tells whether a span is one thing that is not text: a break, a
// picture, the mark of a note.
func (s *Span) single() bool { return s.Break || s.Picture != Inline{} || len(s.Note) > 0 }

// equal tells whether two texts have the same spans.
func (t Text) equal(other Text) bool {
	return slices.EqualFunc(t, other, func(a, b Span) bool {
		return a.Text == b.Text && a.Marks == b.Marks && a.Link == b.Link && a.Lang == b.Lang &&
			a.Break == b.Break && a.Picture == b.Picture && a.Note.equal(b.Note)
	})
}

// appendNotes appends what the notes of a text say, each after a line end.
func (t Text) appendNotes(out []byte) []byte {
	for i := range t {
		if len(t[i].Note) > 0 {
			out = t[i].Note.append(append(out, '\n'))
		}
	}
	return out
}

// whole is the text with its notes after it.
func (t Text) whole() string { return string(t.appendNotes(t.append(nil))) }
