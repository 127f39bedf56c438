package feed

import "time"

// Atom writes the feed as Atom 1.0 (RFC 4287). Feeds name an author, because
// every entry must have one; identities must be IRIs.
func Atom(f Feed) []byte {
	w := newWriter()
	w.raw(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="`).text(f.Language).raw("\">\n")
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
	w.raw("<author><name>").text(author).raw("</name></author>\n")
	w.link("self", "application/atom+xml", f.Self)
	w.link("alternate", "text/html", f.Home)
	for _, item := range f.Items {
		w.entry(item)
	}
	w.raw("</feed>\n")
	return w.Bytes()
}

// atomTime is RFC 3339. An empty feed was never changed: it has the oldest time
// that all programs understand.
func atomTime(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}

func (w *writer) link(rel, kind, href string) {
	w.raw(`<link rel="` + rel + `" type="` + kind + `" href="`).text(href).raw("\"/>\n")
}

func (w *writer) entry(i Item) {
	w.raw("<entry>\n")
	w.element("id", i.Identity)
	w.element("title", i.Title)
	w.link("alternate", "text/html", i.Address)
	w.element("published", atomTime(i.Published))
	updated := i.Updated
	if updated.IsZero() {
		updated = i.Published
	}
	w.element("updated", atomTime(updated))
	for _, author := range i.Authors {
		w.raw("<author><name>").text(author).raw("</name></author>\n")
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
	w.raw("</entry>\n")
}
