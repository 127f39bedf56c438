package body

import (
	"strconv"
	"strings"

	"broadsheet/internal/news/ref"
)

// card is a term's card, which follows the block with its mention.
type card struct {
	id   string
	term *Term
}

// mention settles which topics get a card. Feeds and comparisons have none.
func (w *writer) mention(b Body) {
	if w.r.Terms == nil || w.r.Feed || w.voice != nil {
		return
	}
	w.met = map[ref.Topic]bool{}
	for id, no := range w.r.NoTerms {
		w.met[id] = no
	}
	for _, id := range Definitions(b) {
		w.met[id] = true
	}
}

// running writes a text in which terms may be.
func (w *writer) running(name string, l Lang, t Text) {
	w.look(l, t)
	w.element(name, l, t)
}

// look finds the terms of the text that is written next.
func (w *writer) look(l Lang, t Text) {
	if w.met == nil || !w.key.valid() {
		return
	}
	w.hits = nil
	w.r.Terms.hits(l, t, func(h hit, term *Term) {
		if w.met[term.Topic] || term.Definition == "" {
			return
		}
		w.met[term.Topic] = true
		w.shown++
		h.card = "term-" + string(w.key) + "-" + strconv.Itoa(w.shown)
		w.hits = append(w.hits, h)
		w.due = append(w.due, card{h.card, term})
	})
}

// terms writes a run of text with the terms that are in it, and returns those
// that are not.
func (w *writer) terms(s string, hits []hit) []hit {
	at, span := 0, hits[0].span
	for len(hits) > 0 && hits[0].span == span {
		h := hits[0]
		h.keepFrom = max(h.keepFrom, at)
		if len(hits) > 1 && hits[1].span == span {
			h.keepUntil = min(h.keepUntil, hits[1].keepFrom)
		}
		h.keepUntil = max(h.keepUntil, h.to)
		w.out = escaped(w.out, s[at:h.keepFrom], false)
		w.term(s, h)
		at, hits = h.keepUntil, hits[1:]
	}
	w.out = escaped(w.out, s[at:], false)
	return hits
}

// term writes a mention as a button that opens its card. A line must not part it
// from its punctuation, as it may a button.
func (w *writer) term(s string, h hit) {
	whole := h.keepFrom < h.from || h.to < h.keepUntil
	if whole {
		w.raw(`<span class="nb">`)
	}
	w.out = escaped(w.out, s[h.keepFrom:h.from], false)
	w.raw(`<button type="button" class="term" popovertarget="` + h.card + `">`)
	w.out = escaped(w.out, s[h.from:h.to], false)
	w.raw("</button>")
	w.out = escaped(w.out, s[h.to:h.keepUntil], false)
	if whole {
		w.raw("</span>")
	}
}

// cards writes the cards of the terms in the block before. They open without
// script; a browser that knows no popover shows them as boxes.
func (w *writer) cards() {
	for _, c := range w.due {
		around := w.around(c.term.Language)
		w.raw(`<div popover class="term-card" id="` + c.id + `" role="note"`)
		w.inLanguage(c.term.Language)
		w.raw(`><p class="term-name"`)
		w.lang(Lang{}, T(c.term.Name), around)
		w.raw(">")
		w.out = escaped(w.out, c.term.Name, false)
		w.raw("</p>")
		w.plainParagraph(c.term.Definition, around)
		w.more(c.term)
		w.raw("</div>")
	}
	w.due = w.due[:0]
}

// more leads from a card to its topic.
func (w *writer) more(term *Term) {
	if !Usable(term.Href) {
		return
	}
	language := term.Language
	if _, ours := ownWords[primary(language)]; !ours {
		language = w.r.Language
	}
	before, after, _ := strings.Cut(wordsFor(language).more, "%s")
	w.raw("<p><a")
	w.attribute("href", w.site(term.Href))
	w.raw(">" + before + "<bdi>")
	w.out = escaped(w.out, term.Name, false)
	w.raw("</bdi>" + after + "</a></p>")
}
