package theme_test

import (
	"fmt"
	"html/template"

	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
)

// tongue is what the preview says in one language.
type tongue struct {
	lang, dir, paper, motto, zone, day, second, clock, year string
	digits                                                  func(string) string
	sections                                                []string
	stories                                                 []told
	topics                                                  [][2]string
	names                                                   []string
	body, caption, credit, age, long                        string
}

// told is a story of the preview: its section's number, headline, standfirst
// and genre; no genre is news.
type told struct {
	section    int
	headline   string
	standfirst string
	genre      string
}

// desk makes the preview's values in one language.
type desk struct {
	tongue
	words theme.Words
}

func (d desk) link(text string) site.Link { return site.Link{Text: text, Href: "/" + d.lang + "/x/"} }

func (d desk) picture(n int) *site.Picture {
	return &site.Picture{Src: fmt.Sprintf("/media/%d.jpg", n%24), Width: 1280, Height: 853, Alt: d.caption, Caption: d.caption, Credit: d.credit}
}

func (d desk) card(n int) site.Card {
	s := d.stories[n%len(d.stories)]
	hour := fmt.Sprintf("%02d:%02d", 23-n%24, (n*37)%60)
	c := site.Card{
		Genre: "news", Section: d.link(d.sections[s.section]), Headline: s.headline, Href: "/story-" + d.lang + ".html", Standfirst: s.standfirst,
		Time: site.Time{ISO: "2026-11-23T" + hour + "+00:00", Text: d.digits(hour)}, Picture: d.picture(n),
	}
	if s.genre != "" {
		c.Genre, c.Label = s.genre, d.words.T("genre."+s.genre)
		c.Byline = []site.Link{d.link(d.names[n%len(d.names)])}
	}
	return c
}

func (d desk) cards(from, to int) []site.Card {
	var cards []site.Card
	for n := from; n < to; n++ {
		cards = append(cards, d.card(n))
	}
	return cards
}

// of are cards of one genre.
func (d desk) of(genre string, count int) []site.Card {
	var cards []site.Card
	for n := 0; len(cards) < count; n++ {
		if d.stories[n%len(d.stories)].genre == genre {
			cards = append(cards, d.card(n))
		}
	}
	return cards
}

func (d desk) focus(count int) []site.Topic {
	var topics []site.Topic
	for n := range count {
		t, latest := d.topics[n%len(d.topics)], d.card(n)
		topics = append(topics, site.Topic{Name: t[0], Href: "/topic-" + d.lang + ".html", Definition: t[1], Picture: d.picture(n + 3),
			Stories: d.words.N("focus.stories", n+1), Latest: &latest})
	}
	return topics
}

func (d desk) stamp() site.Stamp {
	return site.Stamp{ISO: "2026-11-23T09:10:00+00:00", Date: d.day, Second: d.second, Clock: d.clock, Zone: d.zone}
}

func (d desk) frame(title string) site.Frame {
	f := site.Frame{
		Key: d.lang, Lang: d.lang, Dir: d.dir, Paper: d.paper, Motto: d.motto, Home: "/front-" + d.lang + ".html", Title: title,
		Description: d.motto, Canonical: "https://example.org/" + d.lang + "/", Today: d.stamp(), Year: d.year, SearchAction: "/search-" + d.lang + ".html", Saved: "/saved-" + d.lang + ".html",
		Metas: []site.Meta{{Property: "og:title", Content: title}}, Data: map[string]string{"@type": "NewsArticle", "headline": "</script>" + title},
		Feeds: []site.Feed{{Title: "RSS", Href: "/feed.xml", Type: "application/rss+xml"}},
		Side:  []site.Link{{Text: d.words.T("focus.title"), Href: "/focus-" + d.lang + ".html"}},
	}
	for _, t := range tongues() {
		name := map[string]string{"en": "English", "ar": "العربية", "fa": "فارسی"}[t.lang]
		f.Tongues = append(f.Tongues, site.Tongue{Name: name, Lang: t.lang, Dir: t.dir, Href: "/front-" + t.lang + ".html", Current: t.lang == d.lang})
		f.Alternates = append(f.Alternates, site.Alternate{Lang: t.lang, Href: "https://example.org/" + t.lang + "/"})
	}
	for n, s := range d.sections {
		f.Nav = append(f.Nav, site.Link{Text: s, Href: "/list-" + d.lang + ".html", Current: n == 3})
	}
	f.Columns = []site.Column{
		{Title: d.words.T("footer.sections"), Links: f.Nav},
		{Title: d.words.T("footer.formats"), Links: f.Side},
		{Title: d.words.T("footer.about"), Links: []site.Link{d.link(d.words.T("footer.about"))}},
		{Title: d.words.T("footer.follow"), Links: []site.Link{d.link(d.words.T("footer.rss"))}},
	}
	return f
}

func (d desk) band(kind string, cards []site.Card) site.Band {
	return site.Band{Kind: kind, Title: d.words.T("band." + kind), Note: d.words.T("band." + kind + ".note"), More: d.link(d.words.T("band." + kind + ".more")), Cards: cards}
}

func (d desk) front() site.FrontPage {
	lead := d.card(0)
	return site.FrontPage{Frame: d.frame(""), Lead: &lead, MoreOn: append(d.of("analysis", 1), d.cards(1, 3)...), Choice: d.cards(3, 8), Latest: d.cards(0, 10),
		LatestURL: "/list-" + d.lang + ".html", Zone: d.zone,
		Bands: []site.Band{
			d.band("news", d.of("", 8)), d.band("analysis", d.of("analysis", 3)), d.band("opinion", d.of("opinion", 4)),
			{Kind: "section", Title: d.sections[3], More: d.link(d.words.T("band.more")), Cards: d.cards(2, 6)},
			d.band("explainers", d.cards(5, 9)),
		}}
}

func (d desk) list(heading string, from, to int) site.ListPage {
	return site.ListPage{Frame: d.frame(heading), Heading: heading, Note: d.motto, Cards: d.cards(from, to), Older: "?before=1", Focus: d.focus(3), Zone: d.zone}
}

func (d desk) story(n int) site.StoryPage {
	c := d.card(n)
	updated := d.stamp()
	p := site.StoryPage{Frame: d.frame(c.Headline), Genre: c.Genre, Label: c.Label, Section: c.Section, Headline: c.Headline, Standfirst: c.Standfirst,
		Byline: []site.Link{d.link(d.names[0]), d.link(d.names[1])}, Published: d.stamp(), Updated: &updated, Reading: d.words.N("story.reading", 6),
		Picture: c.Picture, Body: theme.Markup(d.body), Age: d.age, Related: d.cards(1, 5)}
	topic := d.link(d.topics[0][0])
	p.MainTopic = &topic
	for _, t := range d.topics[:4] {
		p.Topics = append(p.Topics, d.link(t[0]))
	}
	for _, way := range []string{"share.telegram", "share.whatsapp", "share.email", "share.link"} {
		p.Share = append(p.Share, site.Link{Text: d.words.T(way), Href: "mailto:?body=https%3A%2F%2Fexample.org"})
	}
	if c.Genre == "analysis" {
		news := d.card(0)
		p.NewsBack = &news
	}
	return p
}

// pages are the preview's values by file name: page, then whatever tells it
// from others of its kind.
func (d desk) pages() map[string]any {
	none := d.list(d.sections[4], 0, 0)
	none.Empty, none.Older, none.Focus = d.words.T("list.empty"), "", nil
	long := d.front()
	long.Lead = &site.Card{Genre: "news", Section: d.link(d.sections[1]), Headline: d.long, Href: "/", Time: long.Latest[0].Time}
	long.MoreOn, long.Choice, long.Bands = nil, nil, []site.Band{d.band("analysis", d.of("analysis", 1))}
	found := d.list(d.words.T("search.title"), 0, 5)
	for n := range found.Cards {
		found.Cards[n].Excerpt = []site.Passage{{Text: "… "}, {Text: d.topics[0][0], Hit: true}, {Text: " " + d.topics[0][1] + " …"}}
	}
	found.Query, found.Note = d.topics[0][0], ""
	lost := d.list(d.words.T("search.title"), 0, 0)
	lost.Query, lost.Empty, lost.Older = d.long, d.words.T("search.none", d.long), ""
	topic := d.list(d.topics[0][0], 0, 6)
	topic.Note = ""
	return map[string]any{
		"front":        d.front(),
		"front-empty":  site.FrontPage{Frame: d.frame("")},
		"front-long":   long,
		"list":         d.list(d.sections[3], 0, 12),
		"list-older":   d.list(d.words.T("latest.title"), 3, 8),
		"list-empty":   none,
		"story":        d.story(0),
		"story-essay":  d.story(4),
		"photo":        d.photo(),
		"film":         d.film(),
		"live":         d.live(),
		"part-choice":  site.ChoicePart{Cards: d.cards(3, 6)},
		"part-latest":  site.LatestPart{Cards: d.cards(0, 6), URL: "/", Zone: d.zone},
		"part-viewed":  site.ViewedPart{Title: d.words.T("viewed.title"), URL: "/", Rankings: d.rankings()},
		"part-focus":   site.FocusPart{Topics: d.focus(3), URL: "/"},
		"part-gallery": site.GalleryPart{Cards: d.cards(2, 4), URL: "/"},
		"part-live":    site.LivePart{Cards: d.cards(2, 4)},
		"most-viewed":  site.MostViewedPage{Frame: d.frame(d.words.T("viewed.title")), Heading: d.words.T("viewed.title"), Note: d.words.T("viewed.note"), Rankings: d.rankings(), Sections: d.frame("").Nav},
		"gallery":      site.GalleryPage{ListPage: d.list(d.words.T("gallery.title"), 0, 6), Kind: "all"},
		"archive":      d.archive(),
		"topic": site.TopicPage{ListPage: topic, Definition: d.topics[0][1], Aliases: []string{d.topics[1][0], "IN–NE"}, Picture: d.picture(2), Count: d.words.N("focus.stories", 6),
			About: []string{d.topics[1][1], d.topics[2][1]}, Facts: []site.Fact{{Name: d.topics[1][0], Value: d.topics[2][0]}}, Questions: []site.Question{{Question: d.topics[1][0], Answer: d.topics[2][1]}},
			Related: d.focus(3), Beside: []site.Link{d.link(d.topics[1][0]), d.link(d.topics[2][0])}},
		"focus":         site.FocusPage{Frame: d.frame(d.words.T("focus.title")), Topics: d.focus(6), Letters: []site.Letter{{Letter: string([]rune(d.topics[0][0])[:1]), Topics: []site.Link{d.link(d.topics[0][0]), d.link(d.topics[1][0])}}}},
		"author":        site.AuthorPage{ListPage: d.list(d.names[0], 0, 4), Bio: d.motto, Covers: d.topics[0][0], Picture: d.picture(1)},
		"search":        site.SearchPage{ListPage: found},
		"search-none":   site.SearchPage{ListPage: lost, Hints: []string{d.words.T("search.hint.spelling"), d.words.T("search.hint.fewer")}},
		"search-fault":  site.SearchPage{ListPage: site.ListPage{Frame: d.frame(""), Heading: d.words.T("search.title")}, Fault: d.words.T("search.long", 200)},
		"plain":         site.PlainPage{Frame: d.frame(d.words.T("footer.about")), Heading: d.words.T("footer.about"), Standfirst: d.motto, Body: theme.Markup(d.body)},
		"saved":         site.SavedPage{Frame: d.frame(d.words.T("saved.title")), Heading: d.words.T("saved.title"), Note: d.words.T("saved.note")},
		"saved-offline": site.SavedPage{Frame: d.frame(d.words.T("offline.title")), Heading: d.words.T("offline.title"), Note: d.words.T("offline.note"), Offline: true},
		"plain-error": site.PlainPage{Frame: d.frame(""), Heading: d.words.T("error.missing.heading"), Standfirst: d.words.T("error.missing"), Status: 404,
			Onward: []site.Link{d.link(d.words.T("error.onward"))}},
	}
}

func (d desk) rankings() []site.Ranking {
	var all []site.Ranking
	for n, span := range []string{"day", "week", "month"} {
		all = append(all, site.Ranking{Span: span, Title: d.words.T("viewed." + span), Tab: d.words.T("viewed.tab." + span), Cards: d.cards(n, n+5), Href: "/", First: n == 0})
	}
	return all
}

func (d desk) photo() site.StoryPage {
	p := d.story(1)
	p.Genre, p.Label, p.Extent = "photo", d.words.T("genre.photo"), d.words.N("gallery.pictures", 3)
	for n := range 3 {
		p.Reel = append(p.Reel, site.ReelPicture{Picture: *d.picture(n), ID: fmt.Sprintf("picture-%d", n+1), Place: d.words.T("gallery.place", n+1, 3)})
	}
	return p
}

func (d desk) film() site.StoryPage {
	p := d.story(2)
	p.Genre, p.Label, p.Extent = "film", d.words.T("genre.film"), d.words.N("film.minutes", 18)
	p.Film = &site.Film{Files: []site.FilmFile{{Src: "/media/film.mp4", Type: "video/mp4"}}, Width: 640, Height: 360, Length: p.Extent, Captions: d.topics[0][0],
		Tracks: []site.FilmTrack{{Src: "/media/film.vtt", Lang: d.lang, Name: d.topics[0][0], Default: true}}}
	return p
}

func (d desk) live() site.StoryPage {
	p := d.story(3)
	last := d.stamp()
	p.Genre, p.Label, p.Last = "live", d.words.T("genre.live"), &last
	for n, c := range d.cards(0, 4) {
		p.Posts = append(p.Posts, site.Post{ID: fmt.Sprintf("post-%d", n), Time: c.Time, Title: c.Headline, Byline: d.names[0], Body: "<p>" + template.HTML(template.HTMLEscapeString(c.Standfirst)) + "</p>"})
	}
	return p
}

func (d desk) archive() site.ArchivePage {
	p := site.ArchivePage{Frame: d.frame(d.stamp().Date), Day: d.stamp(), Cards: d.cards(0, 5), Zone: d.zone}
	p.Month = site.Month{Title: d.stamp().Date}
	for range 7 {
		p.Month.Weekdays = append(p.Month.Weekdays, site.Weekday{Name: d.topics[0][0], Short: string([]rune(d.topics[0][0])[:1])})
	}
	for week := range 4 {
		var days []site.MonthDay
		for day := range 7 {
			days = append(days, site.MonthDay{Number: fmt.Sprint(week*7 + day + 1), Href: "/", Current: week == 1 && day == 2})
		}
		p.Month.Weeks = append(p.Month.Weeks, days)
	}
	return p
}
