package body

import "strconv"

// footnote is what a mark in the text leads to.
type footnote struct {
	// place is its key and its number in its block, which make its ids; empty
	// where it has none.
	place string
	text  Text
}

// footnote writes the mark of a note and keeps the note for the end of the body.
// A comparison has no end where it could stand: there it follows in brackets.
func (w *writer) footnote(t Text) {
	switch {
	case w.noting: // a note has no notes
	case w.voice != nil:
		w.raw("<small> [")
		w.noting = true
		w.text(t)
		w.noting = false
		w.raw("]</small>")
	default:
		note := footnote{w.notePlace(), t}
		w.noted = append(w.noted, note)
		w.noteMark(note.place, w.r.locale().Number(int64(len(w.noted))))
	}
}

// notePlace counts the notes of a block, so that a note keeps its address
// whatever happens in others.
func (w *writer) notePlace() string {
	if w.r.Feed || !w.key.valid() {
		return ""
	}
	if w.marks == nil {
		w.marks = map[Key]int{}
	}
	w.marks[w.key]++
	return string(w.key) + "-" + strconv.Itoa(w.marks[w.key])
}

func (w *writer) noteMark(place, number string) {
	w.raw("<sup")
	w.class("note-mark")
	w.raw(">")
	if place == "" || w.linked {
		w.raw(number + "</sup>")
		return
	}
	w.raw("<a")
	w.attribute("id", "mark-"+place)
	w.attribute("href", "#note-"+place)
	w.raw(` role="doc-noteref"`)
	w.attribute("aria-label", with(wordsFor(w.r.Language).note, number))
	w.raw(">" + number + "</a></sup>")
}

// footnotes writes the notes of the whole body.
func (w *writer) footnotes() {
	if len(w.noted) == 0 {
		return
	}
	said, heading := wordsFor(w.r.Language), w.heading(1)
	w.raw("<section")
	w.class("footnotes")
	if !w.r.Feed {
		w.raw(` role="doc-endnotes"`)
	}
	if place := w.noted[0].place; place != "" {
		w.attribute("aria-labelledby", "notes-"+place)
		w.raw("><" + heading)
		w.attribute("id", "notes-"+place)
	} else {
		w.raw("><" + heading)
	}
	w.raw(">" + said.notes + "</" + heading + "><ol>")
	w.noting = true
	for i, note := range w.noted {
		w.raw("<li")
		if note.place != "" {
			w.attribute("id", "note-"+note.place)
		}
		w.lang(Lang{}, note.text, w.direction)
		w.raw(">")
		w.text(note.text)
		if note.place != "" {
			w.raw(" <a")
			w.attribute("href", "#mark-"+note.place)
			w.raw(` role="doc-backlink"`)
			w.attribute("aria-label", with(said.back, w.r.locale().Number(int64(i+1))))
			w.raw(">↑</a>")
		}
		w.raw("</li>")
	}
	w.raw("</ol></section>")
}
