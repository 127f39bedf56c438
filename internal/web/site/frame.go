package site

import (
	"bytes"
	"strings"
	"time"

	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/web/theme"
)

const htmlType = "text/html; charset=utf-8"

func (r *reading) words() theme.Words {
	return r.site.theme.Words(r.here.Language).In(r.here.Digits.String)
}

// frame is what the page has around its own matter.
func (r *reading) frame(title, description string) Frame {
	here := r.here
	f := Frame{
		Key: here.Key, Lang: here.Language, Dir: here.Direction(), Digits: string(here.Digits), Paper: here.Title, Motto: here.Motto,
		Home: "/" + here.Key + "/", Title: r.plain(title), Description: r.plain(description),
		Today: r.stamp(r.now), SearchAction: join(here.Key, "search"), Year: here.year(r),
		Manifest: join(here.Key, "manifest.webmanifest"), OpenSearch: join(here.Key, "opensearch.xml"),
		Saved: join(here.Key, "saved"),
	}
	if f.Description == "" {
		f.Description = here.Motto // of the paper, where there is none of the page
	}
	f.Today.ISO = r.now.In(here.location).Format(time.DateOnly)
	for _, e := range r.house.editions {
		f.Tongues = append(f.Tongues, Tongue{Name: e.Name, Lang: e.Language, Dir: e.Direction(), Href: "/" + e.Key + "/", Current: e.Key == here.Key})
	}
	for _, s := range here.nav {
		f.Nav = append(f.Nav, r.sectionLink(s))
	}
	focus, gallery := join(here.Key, "in-focus")+"/", join(here.Key, "gallery")
	f.Side = []Link{
		{Text: r.words().T("focus.title"), Href: focus, Current: r.path == focus || r.names["topic"] != ""},
		{Text: r.words().T("gallery.title"), Href: gallery + "/", Current: strings.HasPrefix(r.path, gallery)},
	}
	f.Columns = r.columns(f)
	f.Feeds = r.feedLinks(here.Title, "/"+here.Key+"/")
	r.graph(&f)
	return f
}

// year is the edition's year, for the line of rights.
func (t *tongue) year(r *reading) string {
	d, ok := t.Calendar.FromTime(r.now.In(t.location))
	if !ok {
		return ""
	}
	return t.Digits.String(itoa(d.Year))
}

func (r *reading) sectionLink(s section.Section) Link {
	to := sectionAddress(s)
	return Link{Text: s.Name, Href: to, Current: r.path == to || r.names["section"] == s.Slug && s.Slug != ""}
}

// columns is the footer: all sections, and what else the paper has.
func (r *reading) columns(f Frame) []Column {
	words, key := r.words(), r.here.Key
	columns := []Column{
		{Title: words.T("footer.sections"), Links: f.Nav},
		{Title: words.T("footer.formats"), Links: []Link{
			{Text: words.T("latest.title"), Href: join(key, "latest") + "/"},
			{Text: words.T("focus.title"), Href: join(key, "in-focus") + "/"},
			{Text: words.T("gallery.title"), Href: join(key, "gallery") + "/"},
			{Text: words.T("viewed.title"), Href: join(key, "most-viewed", "day")},
			{Text: words.T("search.title"), Href: join(key, "search")},
			{Text: words.T("saved.title"), Href: f.Saved},
		}},
		{Title: words.T("footer.follow"), Links: []Link{
			{Text: words.T("footer.rss"), Href: join(key, "feed.xml")},
			{Text: words.T("footer.archive"), Href: join(key, "archive") + "/"},
		}},
	}
	var pages []Link
	for _, p := range r.here.pages[:min(len(r.here.pages), footerPages)] {
		pages = append(pages, Link{Text: p.FrontHeadline(), Href: r.house.address(p)})
	}
	pages = append(pages, Link{Text: words.T("corrections.title"), Href: correctionsAddress(key)})
	return append(columns, Column{Title: words.T("footer.about"), Links: pages})
}

// footerPages is how many standing pages the footer names.
const footerPages = 12

// set renders a page of the theme.
func (r *reading) set(page string, view any) (*answer, error) {
	var out bytes.Buffer
	out.Grow(96 << 10)
	if err := r.site.theme.Execute(&out, r.here.Language, page, view); err != nil {
		return nil, err
	}
	r.until(r.here.dayAfter(r.now))
	return &answer{kind: htmlType, body: out.Bytes(), until: r.ends}, nil
}

// alternates are the same story in the other editions, for machines and for
// the language switch.
func (r *reading) alternates(f *Frame, twins []story.Card) {
	addresses := map[string]string{}
	for _, twin := range twins {
		r.saw(twin.ID.Tag())
		addresses[twin.Edition] = r.house.address(twin)
	}
	r.alsoIn(f, addresses)
}

// alsoIn says of a page where it is in each edition that has it, itself included.
func (r *reading) alsoIn(f *Frame, addresses map[string]string) {
	for n, e := range r.house.editions {
		if to, ok := addresses[e.Key]; ok {
			f.Tongues[n].Href, f.Tongues[n].Same = to, true
		}
	}
	f.Alternates = r.languages(addresses)
	for _, e := range r.house.editions {
		if _, ok := addresses[e.Key]; ok && e.Key != r.here.Key {
			f.Metas = append(f.Metas, Meta{"og:locale:alternate", localeName(e)})
		}
	}
}

// fallback is the language of the page for readers of none that there is.
const fallback = "x-default"

// languages are the addresses of a page by edition, for machines, with the one
// that readers of other languages are led to: that of the first edition that has
// the page. A page that is in one edition alone has none.
func (r *reading) languages(addresses map[string]string) []Alternate {
	var all []Alternate
	for _, e := range r.house.editions {
		if to, ok := addresses[e.Key]; ok {
			all = append(all, Alternate{Lang: e.Language, Href: r.origin + to})
		}
	}
	if len(all) < 2 {
		return nil
	}
	return append(all, Alternate{Lang: fallback, Href: all[0].Href})
}
