package feed

import (
	"fmt"
	"time"
)

// RSS writes the feed as RSS 2.0.11 with the content, dc, atom and media
// modules. Text that XML cannot carry does not come this far: it is refused
// when a story is saved; here it would become U+FFFD.
func RSS(f Feed) []byte {
	w := newWriter()
	w.raw(`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">` + "\n<channel>\n")
	w.element("title", f.Title)
	w.element("link", f.Home)
	w.element("description", f.Description)
	w.element("language", f.Language)
	w.link("atom:link", "self", "application/rss+xml", f.Self)
	if f.Hub != "" {
		w.link("atom:link", "hub", "", f.Hub)
	}
	if !f.Updated.IsZero() {
		w.element("lastBuildDate", rssTime(f.Updated))
	}
	for _, item := range f.Items {
		w.item(item)
	}
	w.raw("</channel>\n</rss>\n")
	return w.Bytes()
}

// rssTime writes a time as RFC 822 has it, with the year in full.
func rssTime(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

func (w *writer) item(i Item) {
	w.raw("<item>\n")
	w.element("title", i.Title)
	w.element("link", i.Address)
	w.raw(`<guid isPermaLink="false">`).text(i.Identity).raw("</guid>\n")
	w.element("pubDate", rssTime(i.Published))
	if !i.Updated.IsZero() {
		w.element("atom:updated", atomTime(i.changed()))
	}
	for _, author := range i.Authors {
		w.element("dc:creator", author.Name)
	}
	for _, topic := range i.Topics {
		w.element("category", topic)
	}
	// Readers that know one text only take the first.
	w.element("description", i.Summary)
	if i.HTML != "" {
		w.element("content:encoded", i.HTML)
	}
	w.picture(i.Picture)
	w.raw("</item>\n")
}

// picture writes a picture as Media RSS 1.5.1 has it.
func (w *writer) picture(p *Picture) {
	if p == nil {
		return
	}
	w.raw(`<media:content medium="image" url="`).text(p.Address).raw(`" type="`).text(p.Type)
	w.raw(fmt.Sprintf(`" width="%d" height="%d">`, p.Width, p.Height))
	if p.Alt != "" {
		w.raw(`<media:description type="plain">`).text(p.Alt).raw("</media:description>")
	}
	if p.Credit != "" {
		w.raw("<media:credit>").text(p.Credit).raw("</media:credit>")
	}
	w.raw("</media:content>\n")
}
