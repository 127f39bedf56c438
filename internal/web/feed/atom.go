package feed

import "time"

// Atom writes the feed as Atom 1.0 (RFC 4287). Feeds name an author, because
// every entry must have one; identities must be IRIs.
func Atom(f Feed) []byte {
	w := newWriter()
	w.raw(`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="`).text(f.Language).raw("\">\n")
	w.element("id", f.Self)
	w.element("title", f.Title)
	if f.Description != "" {
		w.element("subtitle", f.Description)
	}
	w.element("updated", atomTime(f.Updated))
	author := f.Author
	if author == "" {
		author = f.Title
	}
	w.author(Author{Name: author})
	w.link("link", "self", "application/atom+xml", f.Self)
	w.link("link", "alternate", "text/html", f.Home)
	if f.Hub != "" {
		w.link("link", "hub", "", f.Hub)
	}
	if f.Icon != "" {
		w.element("icon", f.Icon)
	}
	for _, item := range f.Items {
		w.entry(item)
	}
	w.raw("</feed>\n")
	return w.Bytes()
}

// never is when a feed changed that was always empty: a time that programs take for
// one, which they do not with those before 1990.
var never = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// atomTime is RFC 3339.
func atomTime(t time.Time) string {
	if t.IsZero() {
		t = never
	}
	return t.UTC().Format(time.RFC3339)
}

// link writes an Atom link; a kind of "" is not said.
func (w *writer) link(name, rel, kind, href string) {
	w.raw("<" + name + ` rel="` + rel)
	if kind != "" {
		w.raw(`" type="` + kind)
	}
	w.raw(`" href="`).text(href).raw("\"/>\n")
}

func (w *writer) author(a Author) {
	w.raw("<author><name>").text(a.Name).raw("</name>")
	if a.Address != "" {
		w.raw("<uri>").text(a.Address).raw("</uri>")
	}
	w.raw("</author>\n")
}

func (w *writer) entry(i Item) {
	w.raw("<entry>\n")
	w.element("id", i.Identity)
	w.element("title", i.Title)
	w.link("link", "alternate", "text/html", i.Address)
	w.element("published", atomTime(i.Published))
	w.element("updated", atomTime(i.changed()))
	for _, author := range i.Authors {
		w.author(author)
	}
	for _, topic := range i.Topics {
		w.raw(`<category term="`).text(topic).raw("\"/>\n")
	}
	if i.Summary != "" {
		w.element("summary", i.Summary)
	}
	if i.HTML != "" {
		w.raw(`<content type="html">`).text(i.HTML).raw("</content>\n")
	}
	w.picture(i.Picture)
	w.raw("</entry>\n")
}
