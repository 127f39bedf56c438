package site

import (
	"bytes"
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
		Key: here.Key, Lang: here.Language, Dir: here.Direction(), Paper: here.Title, Motto: here.Motto,
		Home: "/" + here.Key + "/", Title: title, Description: description,
		Today: r.stamp(r.now), SearchAction: join(here.Key, "search"), Year: here.year(r),
		Saved: join(here.Key, "saved"),
	}
	f.Today.ISO = r.now.In(here.location).Format(time.DateOnly)
	if r.path != "" {
		f.Canonical = r.origin + r.path
	}
	for _, e := range r.house.editions {
		f.Tongues = append(f.Tongues, Tongue{Name: e.Name, Lang: e.Language, Dir: e.Direction(), Href: "/" + e.Key + "/", Current: e.Key == here.Key})
	}
	for _, s := range here.nav {
		f.Nav = append(f.Nav, r.sectionLink(s))
	}
	focus := join(here.Key, "in-focus") + "/"
	f.Side = []Link{{Text: r.words().T("focus.title"), Href: focus, Current: r.path == focus || r.names["topic"] != ""}}
	f.Columns = r.columns(f)
	f.Feeds = []Feed{{Title: here.Title, Href: join(here.Key, "feed.xml"), Type: "application/rss+xml"}}
	f.Metas = []Meta{
		{"og:site_name", here.Title}, {"og:type", "website"}, {"og:title", title}, {"og:locale", here.Language},
	}
	if f.Canonical != "" {
		f.Metas = append(f.Metas, Meta{"og:url", f.Canonical})
	}
	if description != "" {
		f.Metas = append(f.Metas, Meta{"og:description", description})
	}
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
			{Text: words.T("search.title"), Href: join(key, "search")},
			{Text: words.T("saved.title"), Href: f.Saved},
		}},
		{Title: words.T("footer.follow"), Links: []Link{{Text: words.T("footer.rss"), Href: join(key, "feed.xml")}}},
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
	r.until(r.here.midnight(r.now))
	return &answer{kind: htmlType, body: out.Bytes(), until: r.ends}, nil
}

// alternates are the same story in the other editions, for machines and for
// the language switch.
func (r *reading) alternates(f *Frame, twins []story.Card) {
	for _, twin := range twins {
		to := r.house.address(twin)
		r.saw(twin.ID.Tag())
		for n := range f.Tongues {
			if e := r.house.editions[n]; e.Key == twin.Edition {
				f.Tongues[n].Href, f.Tongues[n].Same = to, true
				f.Alternates = append(f.Alternates, Alternate{Lang: e.Language, Href: r.origin + to})
			}
		}
	}
	if len(f.Alternates) < 2 {
		f.Alternates = nil
	}
}
