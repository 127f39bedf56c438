package body

import "broadsheet/internal/news/ref"

// layers are what a span is set in, outermost first: whether it was removed or
// added, its link, its language and its marks.
type layers struct {
	edit  Marks
	link  Link
	lang  Lang
	marks Marks
}

func (s *Span) layers() layers {
	set := layers{s.Marks & edited, s.Link, s.Lang, s.Marks & (Mark<<1 - 1)}
	if s.Link.Href != "" && !Usable(s.Link.Href) {
		set.link = Link{}
	}
	return set
}

// text writes spans. What neighbours have in common, from the outside in, is
// opened once.
func (w *writer) text(t Text) {
	hits := w.hits
	w.hits = nil
	var open layers
	for i := range t {
		next := t[i].layers()
		if len(t[i].Note) > 0 { // a mark of ours, set as it is
			next = layers{edit: next.edit}
		}
		if w.linked || t[i].Picture.Href != "" && t[i].Picture.Asset == 0 {
			next.link = Link{}
		}
		if next != open {
			shared := w.shut(open, next)
			if next.edit != shared.edit {
				w.openEdit(t, i)
			}
			w.open(shared, next)
			open = next
		}
		if len(hits) > 0 && hits[0].span == i {
			hits = w.terms(t[i].Text, hits)
			continue
		}
		w.span(&t[i])
	}
	w.shut(open, layers{})
}

func (w *writer) span(s *Span) {
	switch {
	case s.Break:
		w.raw("<br>")
	case s.Picture != Inline{}:
		w.inline(s.Picture)
	case len(s.Note) > 0:
		w.footnote(s.Note)
	default:
		w.out = escaped(w.out, s.Text, false)
	}
}

// shut closes what the next span does not share and returns what stays open.
func (w *writer) shut(open, next layers) layers {
	shared := open
	switch {
	case open.edit != next.edit:
		shared = layers{}
	case open.link != next.link:
		shared = layers{edit: open.edit}
	case open.lang != next.lang:
		shared.lang, shared.marks = Lang{}, 0
	default:
		shared.marks = commonMarks(open.marks, next.marks)
	}
	for i := len(markNames) - 1; i >= 0; i-- {
		if bit := Marks(1) << i; open.marks&bit != 0 && shared.marks&bit == 0 {
			w.close(markNames[i].element)
		}
	}
	if open.lang != (Lang{}) && shared.lang == (Lang{}) {
		w.close(open.lang.element())
	}
	if open.link != (Link{}) && shared.link == (Link{}) {
		w.close("a")
	}
	if open.edit != shared.edit {
		w.closeEdit(open.edit)
	}
	return shared
}

// commonMarks are the marks that both have, up to the first that only one has.
func commonMarks(a, b Marks) Marks {
	differ := a ^ b
	if differ == 0 {
		return a
	}
	return a & (differ&-differ - 1)
}

func (w *writer) open(shared, next layers) {
	if next.link != shared.link {
		w.raw("<a")
		w.attribute("href", w.site(next.link.Href))
		if next.link.Title != "" {
			w.attribute("title", next.link.Title)
		}
		w.raw(">")
	}
	if next.lang != shared.lang {
		w.raw("<" + next.lang.element())
		w.said(next.lang, "")
		w.raw(">")
	}
	for i, mark := range markNames {
		if bit := Marks(1) << i; next.marks&bit != 0 && shared.marks&bit == 0 {
			w.out = append(w.out, '<')
			w.out = append(w.out, mark.element...)
			w.out = append(w.out, '>')
		}
	}
}

// element is bdi, which keeps a run of its own direction apart from the text
// around it, or span where only a language is known that says nothing.
func (l Lang) element() string {
	if l.direction() != "" {
		return "bdi"
	}
	return "span"
}

// inline writes a picture of the line: ours as a picture, another's as a link.
func (w *writer) inline(p Inline) {
	if picture, ok := w.picture(p.Asset); ok {
		w.image(picture, p.Alt)
		return
	}
	w.elsewhere(p.Href, p.Alt)
}

func (w *writer) picture(id ref.Asset) (Picture, bool) {
	if id == 0 || w.r.Picture == nil {
		return Picture{}, false
	}
	return w.r.Picture(id)
}

// elsewhere writes a link to something that readers do not load unasked.
func (w *writer) elsewhere(href, label string) {
	if label == "" {
		label = lastPart(href)
	}
	if w.linked || !Usable(href) {
		w.out = escaped(w.out, label, false)
		return
	}
	w.raw("<a")
	w.attribute("href", w.site(href))
	w.raw(">")
	w.apart(label)
	w.raw("</a>")
}
