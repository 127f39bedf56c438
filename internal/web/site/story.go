package site

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/theme"
)

// found reads the story of an address. An address that the story left answers
// with where it is now; one of a withdrawn story with why.
func (r *reading) found(slug string) (story.Story, *answer, error) { return r.foundUnder(slug, "") }

// foundUnder is found for a page that stands under the story's own, at tail.
func (r *reading) foundUnder(slug, tail string) (story.Story, *answer, error) {
	id, err := story.Owner(r.tx, r.here.Key, slug)
	if err != nil {
		return story.Story{}, nil, missing(err)
	}
	r.saw(id.Tag())
	live, err := story.Read(r.tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return live, nil, r.gone(id)
	}
	if err != nil {
		return live, nil, err
	}
	asked, _, _ := strings.Cut(r.path, "?")
	if to := r.house.address(live.Card) + tail; to != asked {
		section := r.names["section"]
		if _, known := r.here.bySlug[section]; tail != "" || asked != r.path || section != "" && !known {
			return live, nil, &fault{status: http.StatusMovedPermanently, to: to} // there is no end of such addresses
		}
		return live, &answer{status: http.StatusMovedPermanently, kind: "text/plain; charset=utf-8", location: to}, nil
	}
	return live, nil, nil
}

// gone is the answer for a story that is not live: it was withdrawn, or it was
// never there as far as readers know.
func (r *reading) gone(id ref.Story) error {
	reason, err := story.Gone(r.tx, id)
	if err != nil {
		return missing(err)
	}
	return &fault{status: http.StatusGone, key: "error.gone", note: reason}
}

// story is a story's page.
func (s *Site) story(r *reading) (*answer, error) {
	live, moved, err := r.found(r.names["slug"])
	if moved != nil || err != nil {
		return moved, err
	}
	view, err := r.storyPage(live)
	if err != nil {
		return nil, err
	}
	return r.setStory(storyTemplate(live.Genre), view, live)
}

// storyTemplate is the template of a genre: pictures, films and live coverage have
// their own.
func storyTemplate(g story.Genre) string {
	switch g {
	case story.Photo, story.Film, story.Live:
		return string(g)
	}
	return "story"
}

func (r *reading) storyPage(live story.Story) (StoryPage, error) {
	c := live.Content
	in := r.house.sections[live.Section]
	r.saw(in.ID.Tag())
	view := StoryPage{
		Frame: r.frame(live.Headline, live.Standfirst), Genre: string(live.Genre), Label: r.label(live.Genre),
		Section: Link{Text: in.Name, Href: sectionAddress(in)}, Kicker: live.Kicker, Headline: live.Headline, HeadDir: r.against(live.Headline),
		Standfirst: live.Standfirst, Byline: r.byline(live.Byline), Dateline: c.Dateline, Published: r.stamp(live.Published),
	}
	if !live.Updated.IsZero() {
		updated := r.stamp(live.Updated)
		view.Updated = &updated
	}
	if c.Origin != nil {
		view.Imported = c.Origin.Source
	}
	view.Age = r.age(live)
	view.Reading = r.readingTime(c.Body)
	steps := []func(*StoryPage, story.Story) error{r.setPictures, r.setTopics, r.setRelated, r.setTwins, r.setChanges, r.setAround}
	for _, step := range steps {
		if err := step(&view, live); err != nil {
			return view, err
		}
	}
	view.Share = share(r.words(), view.Canonical, live.Headline)
	view.Count = r.site.mark(live.ID)
	return view, r.describe(&view, live)
}

func (r *reading) age(live story.Story) string {
	years := 0
	for !live.Published.AddDate(years+1, 0, 0).After(r.now) {
		years++
	}
	if limit := max(1, r.here.OldAfter); years < limit {
		r.until(live.Published.AddDate(limit, 0, 0))
		return ""
	}
	r.until(live.Published.AddDate(years+1, 0, 0))
	return r.words().N("story.age", years)
}

func (r *reading) readingTime(b body.Body) string {
	words := body.Words(b)
	if words == 0 {
		return ""
	}
	return r.words().N("story.reading", lang.ReadingMinutes(words, r.here.Language))
}

// setPictures reads all pictures at once and sets the body with them.
func (r *reading) setPictures(view *StoryPage, live story.Story) error {
	c := live.Content
	pictures, err := r.assets(append(body.Assets(c.Body), c.Picture, c.Film)...)
	if err != nil {
		return err
	}
	if a, ok := pictures[c.Picture]; ok && a.Here() {
		view.Picture = r.leadPicture(a, c)
		view.lead = a
		r.showPicture(&view.Frame, a, view.Picture.Alt)
	}
	view.Extent = r.extent(live, pictures[c.Film])
	set := r.renderer(pictures, "")
	if !c.NoTerms {
		set.Terms = r.here.terms(r.house.defined)
	}
	switch live.Genre {
	case story.Live:
		r.setPosts(view, live, set)
	case story.Photo:
		r.setReel(view, live, pictures, set)
	case story.Film:
		r.setFilm(view, pictures[c.Film])
		fallthrough
	default:
		view.Body = theme.Markup(string(body.Render(c.Body, set)))
	}
	return nil
}

// leadPicture is the lead with the story's own words where it has them.
func (r *reading) leadPicture(a asset.Asset, c story.Content) *Picture {
	p := r.picture(a)
	if p == nil {
		return nil
	}
	if c.Alt != "" {
		p.Alt = c.Alt
	}
	if c.Caption != "" {
		p.Caption = c.Caption
	}
	return p
}

func (r *reading) setTopics(view *StoryPage, live story.Story) (err error) {
	view.Topics, view.MainTopic, err = r.topicLinks(live.Content.Topics)
	return err
}

func (r *reading) setTwins(view *StoryPage, live story.Story) error {
	twins, err := story.Twins(r.tx, live.Twin)
	if err != nil {
		return err
	}
	r.alternates(&view.Frame, twins)
	r.setAlso(view)
	return nil
}

// setAlso says in which other languages the story can be read, and where the
// language switch leads when it cannot.
func (r *reading) setAlso(view *StoryPage) {
	for n, t := range view.Tongues {
		switch {
		case t.Current:
		case t.Same:
			view.Also = append(view.Also, Link{Text: t.Name, Href: t.Href})
		default:
			view.Tongues[n].Note = r.site.theme.Words(t.Lang).T("story.elsewhere")
		}
	}
	if len(view.Tongues) > 1 && len(view.Also) == 0 {
		view.Only = r.words().T("story.only")
	}
}

// tongueName is the name of a language in that of the edition; its tag where the
// paper has no word for it.
func (r *reading) tongueName(language string) string {
	primary, _, _ := strings.Cut(language, "-")
	switch primary {
	case "en", "ar", "fa":
		return r.words().T("language." + primary)
	}
	return language
}

// listed writes names one after the other.
func (r *reading) listed(names []string) string { return strings.Join(names, r.words().T("comma")) }

func (r *reading) setAround(view *StoryPage, _ story.Story) (err error) {
	view.Around, err = r.around()
	return err
}

// share are plain links that need no script.
func share(words theme.Words, address, headline string) []Link {
	to, text := url.QueryEscape(address), url.QueryEscape(headline)
	return []Link{
		{Text: words.T("share.telegram"), Href: "https://t.me/share/url?url=" + to + "&text=" + text},
		{Text: words.T("share.whatsapp"), Href: "https://wa.me/?text=" + text + "%20" + to},
		{Text: words.T("share.email"), Href: "mailto:?subject=" + url.PathEscape(headline) + "&body=" + url.PathEscape(address)},
		{Text: words.T("share.link"), Href: address},
	}
}

// about is a standing page.
func (s *Site) about(r *reading) (*answer, error) {
	live, moved, err := r.found(r.names["page"])
	if moved != nil || err != nil {
		return moved, err
	}
	view := PlainPage{Frame: r.frame(live.Headline, live.Standfirst), Heading: live.Headline, Standfirst: live.Standfirst}
	pictures, err := r.assets(body.Assets(live.Content.Body)...)
	if err != nil {
		return nil, err
	}
	view.Body = theme.Markup(string(body.Render(live.Content.Body, r.renderer(pictures, ""))))
	twins, err := story.Twins(r.tx, live.Twin)
	if err != nil {
		return nil, err
	}
	r.alternates(&view.Frame, twins)
	view.Data = r.pageData(&view, live.Card)
	return r.set("plain", view)
}
