package feed

import (
	"strings"
	"time"
)

// Address is one page in a sitemap.
type Address struct {
	Location string
	// Changed is zero where nobody knows.
	Changed time.Time
	// Alternates are the same page in other languages, itself included.
	Alternates []Alternate
	// Pictures are the addresses of those that the page shows.
	Pictures []string
}

// Alternate is a page in a language, or under "x-default" the one for readers of
// other languages.
type Alternate struct{ Language, Location string }

// Limits of the sitemap protocol, version 0.9, and of the extension for news.
const (
	MaxAddresses = 50_000
	MaxBytes     = 50 << 20
	// MaxNews is how many addresses a news sitemap may have.
	MaxNews = 1_000
)

const (
	sitemapNames = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`
	urlsetEnd    = "</urlset>\n"
)

// Sitemap writes addresses as Sitemap 0.9 has them, with the extensions for
// languages and pictures (1.1). What is beyond the protocol's limits is left
// out: told is how many were written.
func Sitemap(addresses []Address) (out []byte, told int) {
	w := newWriter()
	w.raw(`<urlset ` + sitemapNames + ` xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">` + "\n")
	for _, a := range addresses[:min(len(addresses), MaxAddresses)] {
		before := w.Len()
		w.address(a)
		if w.Len()+len(urlsetEnd) > MaxBytes {
			w.Truncate(before)
			break
		}
		told++
	}
	w.raw(urlsetEnd)
	return w.Bytes(), told
}

func (w *writer) address(a Address) {
	w.raw("<url><loc>").text(a.Location).raw("</loc>")
	w.changed(a.Changed)
	for _, alternate := range a.Alternates {
		w.raw(`<xhtml:link rel="alternate" hreflang="`).text(alternate.Language).raw(`" href="`).text(alternate.Location).raw(`"/>`)
	}
	for _, picture := range a.Pictures {
		w.raw("<image:image><image:loc>").text(picture).raw("</image:loc></image:image>")
	}
	w.raw("</url>\n")
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
