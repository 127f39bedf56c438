package site

import (
	"html/template"
	"net/http"

	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
)

// Most Viewed: what readers opened most in the past day, week and month.

// spans in the order of the tabs.
var spans = []readership.Span{readership.Day, readership.Week, readership.Month}

// How many stories a ranking's page shows: of the span that was asked for, and of
// the other two.
const (
	viewedOnPage  = 20
	viewedBesides = 10
)

// viewed is the page of a span, for the whole edition.
func (s *Site) viewed(r *reading) (*answer, error) { return r.viewedPage(section.Section{}) }

// viewedIn is the page of a span, for a section.
func (s *Site) viewedIn(r *reading) (*answer, error) {
	in, ok := r.here.bySlug[r.names["section"]]
	if !ok {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	return r.viewedPage(in)
}

// viewedDoor leads to the page of the day.
func (s *Site) viewedDoor(r *reading) (*answer, error) {
	return leadOn(join(r.here.Key, "most-viewed", string(readership.Day))), nil
}

func (r *reading) viewedPage(in section.Section) (*answer, error) {
	asked := readership.Span(r.names["span"])
	if !asked.Known() {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	words := r.words()
	title := r.viewedTitle(in.ID)
	view := MostViewedPage{Frame: r.frame(title+" · "+words.T("viewed."+string(asked)), words.T("viewed.note")), Heading: title, Note: words.T("viewed.note")}
	view.Method = r.standing(methodSlug)
	var err error
	if view.Rankings, err = r.rankings(in.ID, func(span readership.Span) int {
		if span == asked {
			return viewedOnPage
		}
		return viewedBesides
	}); err != nil {
		return nil, err
	}
	for n, ranking := range view.Rankings {
		if view.Rankings[n].First = ranking.Span == string(asked); view.Rankings[n].First && n > 0 {
			view.Rankings = append([]Ranking{view.Rankings[n]}, append(view.Rankings[:n:n], view.Rankings[n+1:]...)...)
		}
	}
	if len(view.Rankings) == 0 {
		view.Empty, view.NoIndex = words.T("viewed.empty"), true
	}
	view.Sections = r.viewedSections(in, asked)
	if len(view.Rankings) > 0 {
		view.Data = r.storiesData(&view.Frame, title, view.Rankings[0].Cards)
	}
	return r.set("most-viewed", view)
}

// viewedTitle names Most Viewed, with the section where it is a section's.
func (r *reading) viewedTitle(in ref.Section) string {
	if in == 0 {
		return r.words().T("viewed.title")
	}
	return r.words().T("viewed.title.in", r.house.sections[in].Name)
}

// viewedSections lead to the same span of the whole paper and of each section.
func (r *reading) viewedSections(in section.Section, span readership.Span) []Link {
	links := []Link{{Text: r.words().T("viewed.all"), Href: viewedAddress(r.here.Key, section.Section{}, span), Current: in.ID == 0}}
	for _, s := range r.here.nav {
		links = append(links, Link{Text: s.Name, Href: viewedAddress(r.here.Key, s, span), Current: s.ID == in.ID})
	}
	return links
}

func viewedAddress(key string, in section.Section, span readership.Span) string {
	if in.ID == 0 {
		return join(key, "most-viewed", string(span))
	}
	return join(key, in.Slug, "most-viewed", string(span))
}

// rankings are those of each span that has stories, with their cards read at once.
func (r *reading) rankings(in ref.Section, size func(readership.Span) int) ([]Ranking, error) {
	r.saw(ref.MostViewedTag(r.here.Key))
	words := r.words()
	var all []Ranking
	for _, span := range spans {
		cards, err := r.ranked(in, span, size(span))
		if err != nil {
			return nil, err
		}
		if len(cards) == 0 {
			continue
		}
		all = append(all, Ranking{
			Span: string(span), Title: words.T("viewed." + string(span)), Tab: words.T("viewed.tab." + string(span)), Cards: cards,
			Href: viewedAddress(r.here.Key, r.house.sections[in], span), First: len(all) == 0,
		})
	}
	return all, nil
}

// ranked are the stories that readers opened most. One that was withdrawn, or went
// to another section, since the ranking was made is not among them.
func (r *reading) ranked(in ref.Section, span readership.Span, limit int) ([]Card, error) {
	top, err := readership.Top(r.tx, r.here.Key, in, span, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]ref.Story, len(top))
	for n, one := range top {
		ids[n] = one.Story
	}
	found, err := story.Cards(r.tx, ids)
	if err != nil {
		return nil, err
	}
	var cards []Card
	for _, c := range found {
		if gathers := r.house.sections[in]; in == 0 || c.Section == in || gathers.Genre == string(c.Genre) {
			cards = append(cards, r.frontCard(c, nil))
		}
	}
	return cards, nil
}

// viewedPart is Most Viewed as a part of other pages.
func (r *reading) viewedPart(in ref.Section, size int) (any, error) {
	rankings, err := r.rankings(in, func(readership.Span) int { return size })
	return ViewedPart{Title: r.viewedTitle(in), URL: viewedAddress(r.here.Key, r.house.sections[in], readership.Day), Rankings: rankings}, err
}

// viewedHere is the part for a section, of a size of its own.
func (r *reading) viewedHere(in ref.Section, size int) (template.HTML, error) {
	return r.part("part-viewed", itoa(int(in))+" "+itoa(size), func(own *reading) (any, error) { return own.viewedPart(in, size) })
}

// methodSlug is the wanted slug of the English page that says how views are
// counted; its translations are its twins.
const methodSlug = "most-viewed-method"

// standing leads to the standing page of this edition that has the slug, or whose
// translation has it; nil where there is none.
func (r *reading) standing(slug string) *Link {
	for _, t := range r.house.byKey {
		for _, p := range t.pages {
			if p.Slug != slug {
				continue
			}
			for _, here := range r.here.pages {
				if here.ID == p.ID || here.Twin != 0 && here.Twin == p.Twin {
					r.saw(here.ID.Tag())
					return &Link{Text: here.FrontHeadline(), Href: r.house.address(here)}
				}
			}
		}
	}
	return nil
}
