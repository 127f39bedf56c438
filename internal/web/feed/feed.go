// Package feed writes what other programs read: RSS and Atom feeds and sitemaps. Values
// in, bytes out: it asks no database and decides nothing about what is in them.
package feed

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Feed is a feed of stories.
type Feed struct {
	// Title and Description are plain text in Language.
	Title, Description, Language string
	// Author is who publishes the feed; empty means its title.
	Author string
	// Home is the page that the feed follows, Self the feed's own address;
	// both absolute.
	Home, Self string
	// Updated is when the newest item changed; zero for an empty feed.
	Updated time.Time
	Items   []Item
}

// Item is a story in a feed.
type Item struct {
	// Identity never changes, whatever the address does.
	Identity string
	Address  string
	Title    string
	// Summary is plain text.
	Summary string
	// HTML is the full text with absolute addresses.
	HTML      string
	Authors   []string
	Topics    []string
	Published time.Time
	// Updated is zero for an item that did not change since.
	Updated time.Time
	Picture *Picture
}

// Picture is an item's lead picture.
type Picture struct {
	Address, Type string
	Width, Height int
	Alt, Credit   string
}

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
	w.raw(`<atom:link rel="self" type="application/rss+xml" href="`).text(f.Self).raw("\"/>\n")
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
	for _, author := range i.Authors {
		w.element("dc:creator", author)
	}
	for _, topic := range i.Topics {
		w.element("category", topic)
	}
	w.element("description", i.Summary)
	if i.HTML != "" {
		w.element("content:encoded", i.HTML)
	}
	if p := i.Picture; p != nil {
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
	w.raw("</item>\n")
}

// writer writes XML that escapes all text.
type writer struct{ bytes.Buffer }

func newWriter() *writer {
	w := &writer{}
	w.raw(xml.Header)
	return w
}

func (w *writer) raw(s string) *writer {
	w.WriteString(s)
	return w
}

// text writes s so that a reader of XML gets the same bytes back.
func (w *writer) text(s string) *writer {
	last := 0
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if escaped := escape(r, size); escaped != "" {
			w.WriteString(s[last:at])
			w.WriteString(escaped)
			last = at + size
		}
		at += size
	}
	w.WriteString(s[last:])
	return w
}

func escape(r rune, size int) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&#34;"
	case r == '\r':
		return "&#13;"
	case r == '\t', r == '\n':
		return ""
	case r < 0x20, r == 0xfffe, r == 0xffff, r == utf8.RuneError && size == 1:
		return "\ufffd"
	}
	return ""
}

func (w *writer) element(name, text string) {
	w.raw("<" + name + ">").text(text).raw("</" + name + ">\n")
}

// Address is one page in a sitemap.
type Address struct {
	Location string
	Changed  time.Time
	// Alternates are the same page in other languages, itself included.
	Alternates []Alternate
}

// Alternate is a page in a language.
type Alternate struct{ Language, Location string }

// Sitemap limits of the protocol, version 0.9.
const (
	MaxAddresses = 50_000
	// MaxNews is how many addresses a news sitemap may have.
	MaxNews = 1_000
)

const sitemapNames = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`

// Sitemap writes at most MaxAddresses addresses, as Sitemap 0.9 has them.
func Sitemap(addresses []Address) []byte {
	w := newWriter()
	w.raw(`<urlset ` + sitemapNames + ` xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	for _, a := range addresses {
		w.raw("<url><loc>").text(a.Location).raw("</loc>")
		w.changed(a.Changed)
		for _, alternate := range a.Alternates {
			w.raw(`<xhtml:link rel="alternate" hreflang="`).text(alternate.Language).raw(`" href="`).text(alternate.Location).raw(`"/>`)
		}
		w.raw("</url>\n")
	}
	w.raw("</urlset>\n")
	return w.Bytes()
}

func (w *writer) changed(t time.Time) {
	if !t.IsZero() {
		w.raw("<lastmod>" + t.UTC().Format(time.RFC3339) + "</lastmod>")
	}
}

// SitemapIndex writes the list of sitemaps.
func SitemapIndex(sitemaps []Address) []byte {
	w := newWriter()
	w.raw(`<sitemapindex ` + sitemapNames + ">\n")
	for _, s := range sitemaps {
		w.raw("<sitemap><loc>").text(s.Location).raw("</loc>")
		w.changed(s.Changed)
		w.raw("</sitemap>\n")
	}
	w.raw("</sitemapindex>\n")
	return w.Bytes()
}

// NewsAddress is a story in a news sitemap.
type NewsAddress struct {
	Location, Title string
	Published       time.Time
}

// NewsSitemap writes the stories of the last two days, as Google's news
// extension 0.9 has them; the caller keeps to MaxNews.
func NewsSitemap(paper, language string, stories []NewsAddress) []byte {
	w := newWriter()
	w.raw(`<urlset ` + sitemapNames + ` xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">` + "\n")
	language, _, _ = strings.Cut(language, "-")
	for _, s := range stories {
		w.raw("<url><loc>").text(s.Location).raw("</loc><news:news><news:publication><news:name>").text(paper)
		w.raw("</news:name><news:language>").text(language).raw("</news:language></news:publication><news:publication_date>")
		w.raw(s.Published.UTC().Format(time.RFC3339)).raw("</news:publication_date><news:title>").text(s.Title)
		w.raw("</news:title></news:news></url>\n")
	}
	w.raw("</urlset>\n")
	return w.Bytes()
}
