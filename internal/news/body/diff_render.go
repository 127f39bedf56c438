package body

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/platform/lang"
)

// Said are the words with which a comparison tells who cannot see it what was
// removed and what was added, and where that ends.
type Said struct{ Removed, Added, End string }

// RenderStep writes a block of a comparison: what was removed in del, what was
// added in ins. A block that only stood there before it moved is not written.
func RenderStep(s Step, r Renderer, said Said) HTML {
	w := writer{r: &r, direction: lang.Direction(r.Language), voice: &said}
	w.step(s)
	return HTML(w.out)
}

// RenderEdits writes a line of a comparison. It has no element of its own.
func RenderEdits(e Edits, r Renderer, said Said) HTML {
	w := writer{r: &r, direction: lang.Direction(r.Language), voice: &said}
	w.text(e.merged())
	return HTML(w.out)
}

// Direction is that of the new text, or of the old one when nothing is left of
// it; empty when neither has one.
func (e Edits) Direction() string {
	if own := base(e.merged()); own != "" {
		return own
	}
	for _, run := range e {
		if own := base(run.Text); own != "" {
			return own
		}
	}
	return ""
}

func (w *writer) step(s Step) {
	switch {
	case s.Fate == Away:
	case s.Fate == Removed:
		w.wrapped("del", s.Old)
	case s.Fate == Added:
		w.wrapped("ins", s.New)
	case len(s.Inner) > 0:
		w.raw("<div")
		w.class("gallery")
		w.raw(">")
		for _, inner := range s.Inner {
			w.step(inner)
		}
		w.raw("</div>")
	case s.merged != nil:
		w.block(&Block{Value: s.merged})
	default:
		w.block(&s.New)
	}
}

// wrapped writes a whole block that is gone or new.
func (w *writer) wrapped(element string, b Block) {
	w.raw("<" + element + ">")
	w.unseen(w.saying(element))
	w.block(&b)
	w.unseen(w.voice.End)
	w.close(element)
}

func (w *writer) saying(element string) string {
	if element == "del" {
		return w.voice.Removed
	}
	return w.voice.Added
}

// unseen writes a word for who cannot see.
func (w *writer) unseen(word string) {
	if word == "" {
		return
	}
	w.raw("<span")
	w.class("unseen")
	w.raw("> ")
	w.out = escaped(w.out, word, false)
	w.raw(" </span>")
}

func editElement(edit Marks) string {
	switch edit {
	case wasRemoved:
		return "del"
	case wasAdded:
		return "ins"
	}
	return ""
}

// openEdit begins the run that starts with a span. A run which could get mixed
// up with what stands around it is kept apart.
func (w *writer) openEdit(t Text, first int) {
	edit := t[first].Marks & edited
	element := editElement(edit)
	if element == "" || w.voice == nil {
		return
	}
	end := first
	for end < len(t) && t[end].Marks&edited == edit {
		end++
	}
	around := base(t)
	if around == "" {
		around = w.direction
	}
	w.raw("<" + element)
	if own := directionApart(t[first:end], around); own != "" {
		w.attribute("dir", own)
	}
	w.raw(">")
	w.unseen(w.saying(element))
}

func (w *writer) closeEdit(edit Marks) {
	element := editElement(edit)
	if element == "" || w.voice == nil {
		return
	}
	w.unseen(w.voice.End)
	w.close(element)
}

// directionApart is the direction that a run has to be kept apart in, or empty where it
// has nothing but letters of the direction around it.
func directionApart(run Text, around string) string {
	text := painted(run, 0).String()
	if !strings.ContainsFunc(text, func(r rune) bool { return turns(r, around) }) {
		return ""
	}
	if own := lang.BaseDirection(text); own != "" {
		return own
	}
	return around
}

// turns tells whether a character can be drawn elsewhere than in its place in a
// text of that direction, or can move others.
func turns(r rune, around string) bool {
	switch {
	case r < utf8.RuneSelf && around == "ltr":
		return false
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069', unicode.IsDigit(r):
		return true
	}
	own := lang.BaseDirection(string(r))
	return own != "" && own != around
}
