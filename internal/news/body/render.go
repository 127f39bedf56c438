package body

import (
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// HTML is markup that this package made.
type HTML string

// Picture is what the renderer needs to know of a picture.
type Picture struct {
	Src, Srcset, Sizes   string
	Width, Height        int
	Alt, Caption, Credit string
}

// Document is what the renderer needs to know of a file to open.
type Document struct {
	Href, Label string
	// Type is its media type and Bytes its size, where they are known.
	Type  string
	Bytes int64
}

// Renderer makes HTML for one place: a page of an edition, or a feed.
type Renderer struct {
	// Language is the edition's; blocks in another direction say so.
	Language string
	// Picture and File find what blocks show. A picture that is not found
	// leaves its caption.
	Picture func(ref.Asset) (Picture, bool)
	File    func(ref.Asset) (Document, bool)
	// Topic finds what definitions show; a topic that is not found, or has no
	// definition, shows nothing.
	Topic func(ref.Topic) (Term, bool)
	// Clock writes the time of a post, for machines and for readers; nil
	// writes it in UTC.
	Clock func(time.Time) (iso, text string)
	// Digits are the edition's, in which footnotes are numbered; empty means
	// those of its language.
	Digits lang.Digits
	// Terms gives the first mention of each topic a card with its definition,
	// on a page of ours; nil gives none. Topics in NoTerms get none, nor do
	// those that have a definition in the body.
	Terms   *Terms
	NoTerms map[ref.Topic]bool
	// Under is the level of the heading that the body stands under, from 1; 0 means 1.
	Under int
	// Feed asks for plain markup, without the classes and keys of our pages.
	Feed bool
	// BaseURL stands before addresses of this site, where they have to be
	// absolute.
	BaseURL string
}

// Render writes a body as HTML. All text is escaped for its place, and what is
// not allowed in a body is not written, whether or not Check was asked before.
func Render(b Body, r Renderer) HTML {
	w := writer{r: &r, direction: lang.Direction(r.Language), out: make([]byte, 0, estimate(b))}
	w.mention(b)
	for i := range b {
		w.key = b[i].Key
		w.block(&b[i])
		w.cards()
	}
	w.footnotes()
	return HTML(w.out)
}

// estimate guesses the length of the HTML, so that it is written in one piece.
func estimate(b Body) int {
	size := 256
	for i := range b {
		size += 160
		switch v := b[i].Value.(type) {
		case Paragraph:
			for j := range v.Text {
				size += len(v.Text[j].Text) + len(v.Text[j].Link.Href) + 24
			}
		case Figure, KeyPoints, List:
			size += 500
		case Table:
			size += 40 * (len(v.Rows) + 1) * (len(v.Head) + 1)
		}
	}
	return size
}

// writer writes one body.
type writer struct {
	r         *Renderer
	direction string
	out       []byte
	// linked is set inside a link, where no other may begin.
	linked bool
	// voice is set in a comparison, where blocks may stand twice.
	voice *Said
	// key is that of the block being written.
	key Key
	// noted are the footnotes so far, noting is set in one, and marks counts
	// those of each block.
	noted  []footnote
	noting bool
	marks  map[Key]int
	// met are the topics that get no card any more; nil where none do. hits
	// are the terms of the text that comes next, shown counts the cards, and
	// due are those that follow the block.
	met   map[ref.Topic]bool
	hits  []hit
	shown int
	due   []card
}

func (w *writer) block(b *Block) {
	switch v := b.Value.(type) {
	case Paragraph:
		w.running("p", v.Lang, v.Text)
	case Subhead:
		w.subhead(b.Key, v)
	case Quote:
		w.quote(v)
	case PullQuote:
		w.pullQuote(v)
	case List:
		w.list(&v, v.Lang, w.direction, 0)
	case Figure:
		w.figure(v)
	case Gallery:
		w.gallery(v)
	case Table:
		w.table(b.Key, v)
	case KeyPoints:
		w.keyPoints(b.Key, v)
	case Preformatted:
		w.preformatted(v)
	case Rule:
		w.raw("<hr>")
	case Embed:
		w.embed(v)
	case File:
		w.file(v)
	case Note:
		w.note(b.Key, v)
	case Definition:
		w.definition(b.Key, v)
	case Post:
		w.post(b.Key, v)
	case Foreign:
		w.foreign(v.Tree)
	}
}

func (w *writer) raw(s string) { w.out = append(w.out, s...) }

// class writes a class attribute, on our own pages.
func (w *writer) class(names string) {
	if !w.r.Feed {
		w.attribute("class", names)
	}
}

func (w *writer) attribute(name, value string) {
	w.out = append(w.out, ' ')
	w.out = append(w.out, name...)
	w.out = append(w.out, '=', '"')
	w.out = escaped(w.out, value, true)
	w.out = append(w.out, '"')
}

func (w *writer) number(name string, n int) {
	w.out = append(w.out, ' ')
	w.out = append(w.out, name...)
	w.out = append(w.out, '=', '"')
	w.out = strconv.AppendInt(w.out, int64(n), 10)
	w.out = append(w.out, '"')
}

// anchor writes the id of a block, and reports whether it has one.
func (w *writer) anchor(attribute string, key Key) bool {
	if w.r.Feed || w.voice != nil || !key.valid() {
		return false
	}
	w.attribute(attribute, "b-"+string(key))
	return true
}

// element writes a text in an element that has no attributes of its own.
func (w *writer) element(name string, l Lang, t Text) {
	w.out = append(w.out, '<')
	w.out = append(w.out, name...)
	w.lang(l, t, w.direction)
	w.out = append(w.out, '>')
	w.text(t)
	w.close(name)
}

func (w *writer) close(name string) {
	w.out = append(w.out, '<', '/')
	w.out = append(w.out, name...)
	w.out = append(w.out, '>')
}

// lang writes the language and the direction of an element where they are not
// those around it. Without a word from the writer the text itself decides.
func (w *writer) lang(l Lang, t Text, around string) {
	said := w.said(l, around)
	if said || len(t) == 0 {
		return
	}
	own := base(t)
	switch {
	case own == "" || own == around:
	case w.voice != nil: // what a comparison says comes first, in its own language
		w.attribute("dir", own)
	default:
		w.raw(` dir="auto"`)
	}
}

// said writes what the writer said of the language, and tells whether that
// settles the direction.
func (w *writer) said(l Lang, around string) bool {
	if l == (Lang{}) {
		return false
	}
	if validTag(l.Tag) {
		w.attribute("lang", l.Tag)
	}
	dir := l.direction()
	if dir == "" {
		return false
	}
	if dir != around || l.Dir != "" {
		w.attribute("dir", dir)
	}
	return true
}

// direction is the one that was said, or that of the language.
func (l Lang) direction() string {
	switch {
	case l.Dir == "ltr" || l.Dir == "rtl":
		return l.Dir
	case validTag(l.Tag):
		return lang.Direction(l.Tag)
	}
	return ""
}

// base is the direction of the first letter that has one. Runs that are
// isolated do not count, as they do not for dir=auto, nor do those that were
// removed.
func base(t Text) string {
	for i := range t {
		if t[i].single() || t[i].Lang != (Lang{}) || t[i].Marks&wasRemoved != 0 {
			continue
		}
		if dir := lang.BaseDirection(t[i].Text); dir != "" {
			return dir
		}
	}
	return ""
}

// site returns an address, made absolute where the renderer has a base.
func (w *writer) site(address string) string {
	if w.r.BaseURL != "" && strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		return strings.TrimSuffix(w.r.BaseURL, "/") + address
	}
	return address
}

// escaped appends a text so that HTML reads it back as it was. A carriage
// return is written as a reference, because parsers make a line end of it, and
// NUL, which no reference can stand for, as U+FFFD.
func escaped(out []byte, s string, attribute bool) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		if !special[s[i]] || s[i] == '"' && !attribute {
			continue
		}
		out = append(out, s[start:i]...)
		out = append(out, instead(s[i])...)
		start = i + 1
	}
	return append(out, s[start:]...)
}

var special = [256]bool{'&': true, '<': true, '>': true, '"': true, '\r': true, 0: true}

func instead(c byte) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&#34;"
	case '\r':
		return "&#13;"
	}
	return "\uFFFD"
}
