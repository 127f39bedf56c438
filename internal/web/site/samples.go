package site

import (
	"html/template"
	"strings"
)

// Samples are values for every page of a theme, by the page's name: long texts,
// both directions, empty and full lists. A theme that cannot be executed with
// them is refused before a reader sees it.
func Samples() map[string]any {
	card := sampleCard()
	cards := []Card{card, {Headline: "A headline alone", Href: "/en/news/a", Time: card.Time, Genre: "news"}, card}
	topic := Topic{Name: "Topic", Href: "/en/topic/topic", Definition: "One sentence.", Picture: card.Picture, Stories: "3 stories", Latest: &card}
	list := ListPage{
		Frame: sampleFrame(), Heading: "Heading", Note: "A note.", Cards: cards, Older: "/en/news/?before=a", Newer: "/en/news/",
		Focus: []Topic{topic}, Zone: "GMT",
	}
	stamp := sampleStamp()
	list.Top, list.Choice, list.Viewed, list.Tabs = cards, cards, "<div></div>", []Link{{"All", "/en/gallery/", true}}
	empty := ListPage{Frame: sampleFrame(), Heading: "Heading", Empty: "Nothing here."}
	return map[string]any{
		"front": FrontPage{
			Frame: sampleFrame(), Lead: &card, MoreOn: cards, Choice: cards, Latest: cards, LatestURL: "/en/latest/", Zone: "GMT",
			Bands: sampleBands(cards), Live: "<div></div>",
		},
		"list": list,
		"topic": TopicPage{ListPage: list, Definition: "A definition.", Aliases: []string{"alias"}, Picture: card.Picture, Count: "3 stories", Related: []Topic{topic}, Beside: []Link{{Text: "Other", Href: "/en/topic/other"}},
			About: []string{"A paragraph.", "Another."}, Facts: []Fact{{"Length", "7,200 km"}}, Checked: &stamp, Questions: []Question{{"Why?", "Because."}}},
		"focus":  FocusPage{Frame: sampleFrame(), Topics: []Topic{topic}, Letters: []Letter{{Letter: "T", Topics: []Link{{Text: "Topic", Href: "/en/topic/topic"}}}}},
		"author": AuthorPage{ListPage: list, Bio: "A bio.", Covers: "Water", House: true, Picture: card.Picture},
		"search": sampleSearch(empty, cards),
		"story":  sampleStory(card, cards),
		"photo":  samplePhoto(card, cards),
		"film":   sampleFilm(card, cards),
		"live":   sampleLive(card, cards),

		"part-choice":  ChoicePart{Cards: cards},
		"part-latest":  LatestPart{Cards: cards, URL: "/en/latest/", Zone: "GMT"},
		"part-viewed":  ViewedPart{Title: "Most viewed", URL: "/en/most-viewed/day", Rankings: sampleRankings(cards)},
		"part-focus":   FocusPart{Topics: []Topic{topic}, URL: "/en/in-focus/"},
		"part-gallery": GalleryPart{Cards: cards, URL: "/en/gallery/"},
		"part-live":    LivePart{Cards: cards},

		"most-viewed": MostViewedPage{Frame: sampleFrame(), Heading: "Most viewed", Note: "A note.", Rankings: sampleRankings(cards),
			Sections: []Link{{"All", "/en/most-viewed/day", true}}, Method: &Link{Text: "How", Href: "/en/about/how"}, Empty: "Nothing."},
		"gallery": GalleryPage{ListPage: list, Kind: "all"},
		"archive": sampleArchive(cards),

		"plain": PlainPage{Frame: sampleFrame(), Heading: "Heading", Standfirst: "A sentence.", Body: "<p>Text.</p>", Status: 404, Onward: []Link{{Text: "On", Href: "/en/"}}},

		"saved": SavedPage{Frame: sampleFrame(), Heading: "Saved stories", Note: "A note.", Offline: true},

		"versions":    sampleVersions(),
		"version":     sampleVersion(card),
		"compare":     sampleCompare(),
		"corrections": CorrectionsPage{Frame: sampleFrame(), Heading: "Corrections", Note: "A note.", Corrections: sampleCorrections(), Older: "/en/corrections?before=a", Newer: "/en/corrections", Atom: "/en/corrections/atom.xml"},
	}
}

func sampleFrame() Frame {
	return Frame{
		Key: "en", Lang: "en", Dir: "ltr", Digits: "latn", Paper: "Broadsheet", Motto: "A motto", Home: "/en/", Title: "Title", Description: "Description",
		Canonical: "https://example.org/en/", Alternates: []Alternate{{"en", "https://example.org/en/"}, {"fa", "https://example.org/fa/"}},
		Metas: []Meta{{"og:type", "website"}}, Named: []Meta{{"twitter:card", "summary"}}, Feeds: []Feed{{"Feed", "/en/feed.xml", "application/rss+xml"}}, Data: node{{"@type", "WebSite"}},
		Manifest: "/en/manifest.webmanifest", OpenSearch: "/en/opensearch.xml",
		Today:   Stamp{ISO: "2026-03-20", Date: "Friday 20 March 2026", Second: "1 Shawwal 1447", Clock: "12:00", Zone: "GMT"},
		Tongues: []Tongue{{Name: "English", Lang: "en", Dir: "ltr", Href: "/en/", Current: true}, {Name: "فارسی", Lang: "fa", Dir: "rtl", Href: "/fa/", Same: true}},
		Nav:     []Link{{"News", "/en/news/", true}, {"Analysis", "/en/analysis/", false}}, Side: []Link{{"In Focus", "/en/in-focus/", false}},
		Columns: []Column{{"Sections", []Link{{"News", "/en/news/", false}}}}, SearchAction: "/en/search", Query: `a "b" <c>`, Year: "2026", Saved: "/en/saved",
	}
}

func sampleCard() Card {
	return Card{
		Genre: "analysis", Label: "Analysis", Section: Link{"Section", "/en/section/", false}, Kicker: "Kicker", Headline: strings.Repeat("A long headline ", 8),
		Href: "/en/section/a", Standfirst: "A standfirst.", Byline: []Link{{"An Author", "/en/author/a", false}, {"Unlinked", "", false}},
		Time: Time{"2026-03-20T12:00+00:00", "12:00", "Friday 20 March 2026"}, Extent: "12 pictures", Dir: "rtl", Excerpt: []Passage{{"before ", false}, {"hit", true}},
		Picture: &Picture{Src: "/media/a/800.jpg", Srcset: "/media/a/800.jpg 800w", Width: 1600, Height: 1067, Alt: "Alt", Caption: "Caption", Credit: "Credit"},
	}
}

func sampleBands(cards []Card) []Band {
	var bands []Band
	for _, kind := range []string{"news", "analysis", "opinion", "explainers", "section", "gallery"} {
		bands = append(bands, Band{Kind: kind, Title: kind, Note: "A note.", More: Link{"All", "/en/news/", false}, Cards: cards})
	}
	for _, kind := range []string{"most-viewed", "in-focus", "map"} {
		bands = append(bands, Band{Kind: kind, Parts: []template.HTML{"<section></section>"}})
	}
	return bands
}

func sampleStory(card Card, cards []Card) StoryPage {
	stamp := Stamp{ISO: "2026-03-20T12:00:00Z", Date: "Friday 20 March 2026", Second: "1 Shawwal 1447", Clock: "12:00", Zone: "GMT"}
	topic := Link{"Topic", "/en/topic/topic", false}
	return StoryPage{
		Frame: sampleFrame(), Genre: "analysis", Label: "Analysis", Section: Link{"Section", "/en/section/", false}, MainTopic: &topic, Kicker: "Kicker",
		Headline: "A headline", HeadDir: "rtl", Standfirst: "A standfirst.", Byline: card.Byline, Dateline: "Cairo", Published: stamp, Updated: &stamp,
		Age: "This story is six years old.", Reading: "3 min", Picture: card.Picture, Body: "<p>Text.</p>", Topics: []Link{topic},
		Share: []Link{{"E-mail", "mailto:?body=a", false}}, Related: cards, NewsBack: &card, Around: []template.HTML{"<section></section>"}, Also: []Link{{"فارسی", "/fa/a", false}}, Only: "Only here", Imported: "Elsewhere",
		Changes: &Link{Text: "See what changed", Href: "/en/section/a/versions/1...2"}, History: &Link{Text: "2 versions", Href: "/en/section/a/versions"}, Corrections: sampleCorrections(),
		Count: "1a2b3c.d-e_f",
	}
}

func samplePhoto(card Card, cards []Card) StoryPage {
	page := sampleStory(card, cards)
	page.Genre, page.Label, page.Extent = "photo", "Photo", "2 pictures"
	page.Reel = []ReelPicture{{*card.Picture, "picture-1", "1 / 2"}, {*card.Picture, "picture-2", "2 / 2"}}
	return page
}

func sampleFilm(card Card, cards []Card) StoryPage {
	page := sampleStory(card, cards)
	page.Genre, page.Label, page.Extent = "film", "Film", "18 min"
	page.Film = &Film{Width: 640, Height: 360, Length: "18 min", Captions: "English, Arabic",
		Files: []FilmFile{{"/media/a/film.mp4", "video/mp4"}}, Tracks: []FilmTrack{{"/media/a/en.vtt", "en", "English", true}, {"/media/a/ar.vtt", "ar", "Arabic", false}}}
	return page
}

func sampleLive(card Card, cards []Card) StoryPage {
	page := sampleStory(card, cards)
	stamp := sampleStamp()
	page.Genre, page.Label, page.Last, page.Over = "live", "Live", &stamp, true
	page.Posts = []Post{{ID: "b-1", Time: card.Time, Title: "A post", Byline: "An Author", Body: "<p>Text.</p>", Dir: "rtl"}, {ID: "b-2", Time: card.Time, Title: "Another", Body: "<p>Text.</p>"}}
	return page
}

func sampleRankings(cards []Card) []Ranking {
	return []Ranking{
		{"day", "Past day", "Day", cards, "/en/most-viewed/day", true},
		{"week", "Past week", "Week", cards, "/en/most-viewed/week", false},
		{"month", "Past month", "Month", cards, "/en/most-viewed/month", false},
	}
}

func sampleArchive(cards []Card) ArchivePage {
	link := &Link{Text: "Thursday 19 March 2026", Href: "/en/archive/2026/03/19"}
	page := ArchivePage{Frame: sampleFrame(), Day: sampleStamp(), Cards: cards, Zone: "GMT", Earlier: link, Later: link, More: "/en/latest/"}
	page.Month = Month{Title: "March 2026", Earlier: link, Later: link}
	for range 7 {
		page.Month.Weekdays = append(page.Month.Weekdays, Weekday{"Monday", "Mon"})
	}
	page.Month.Weeks = [][]MonthDay{{{}, {Number: "1"}, {Number: "2", Href: "/en/archive/2026/03/02"}, {Number: "3", Href: "/en/archive/2026/03/03", Current: true}, {Number: "4"}, {Number: "5"}, {Number: "6"}}}
	return page
}

func sampleStamp() Stamp {
	return Stamp{ISO: "2026-03-20T12:00:00Z", Date: "Friday 20 March 2026", Second: "1 Shawwal 1447", Clock: "12:00", Zone: "GMT"}
}

func sampleCorrections() []Correction {
	return []Correction{{At: sampleStamp(), Note: "It is 38 km.", Compare: "/en/section/a/versions/1...2", Headline: "A headline", Href: "/en/section/a", Dir: "rtl", Section: Link{"Section", "/en/section/", false}}}
}

func sampleVersionOf(number, kind string) Version {
	return Version{Number: number, At: sampleStamp(), Kind: kind, Label: kind, Note: "A note.", Href: "/en/section/a/versions/" + number, Compare: "/en/section/a/versions/1..." + number, Current: number == "3"}
}

func sampleVersions() VersionsPage {
	return VersionsPage{
		Frame: sampleFrame(), Headline: "A headline", HeadDir: "rtl", Story: "/en/section/a", Older: "/en/section/a/versions?before=1", Newer: "/en/section/a/versions",
		Versions: []Version{sampleVersionOf("3", "correction"), sampleVersionOf("2", "typo"), {Number: "1", At: sampleStamp(), Kind: "first", Label: "First", Href: "/en/section/a/versions/1"}},
	}
}

func sampleVersion(card Card) VersionPage {
	return VersionPage{
		Frame: sampleFrame(), Version: sampleVersionOf("2", "typo"), Banner: "An earlier version.", Story: "/en/section/a", History: "/en/section/a/versions", Genre: "analysis", Label: "Analysis",
		Section: card.Section, Kicker: "Kicker", Headline: "A headline", HeadDir: "rtl", Standfirst: "A standfirst.", Byline: card.Byline, Dateline: "Cairo", Picture: card.Picture,
		Body: "<p>Text.</p>", Topics: []Link{{"Topic", "/en/topic/topic", false}},
	}
}

func sampleCompare() ComparePage {
	difference := Difference{Name: "Headline", Body: "A <del>red</del> <ins>blue</ins> train", Dir: "rtl"}
	return ComparePage{
		Frame: sampleFrame(), Headline: "A headline", HeadDir: "rtl", Story: "/en/section/a", History: "/en/section/a/versions", Old: sampleVersionOf("2", "typo"), New: sampleVersionOf("3", "correction"),
		Removed: "1 word removed", Added: "1 word added", Coarse: "Compared as wholes.", First: "#c1", Fields: []Difference{difference},
		Changes: []Change{
			{Kind: "kept", Body: "<p>Text.</p>", Folded: "5 parts"},
			{ID: "c1", Kind: "changed", Label: "Changed", Body: "<p>Text <ins>more</ins>.</p>", Details: []Difference{difference}, Next: "#c2"},
			{ID: "c2", Kind: "away", Label: "Moved", Twin: "#c1"},
			{Kind: "kept", Body: "<p>Text.</p>"},
		},
	}
}

func sampleSearch(empty ListPage, cards []Card) SearchPage {
	empty.Cards, empty.Older = cards[:1], "/en/search?q=a&before=1-a"
	empty.Cards[0].Marked = []Passage{{"A ", false}, {"hit", true}}
	return SearchPage{
		ListPage: empty, Count: "None", Fault: "A fault.", Elsewhere: []Elsewhere{{"نتیجه", "/fa/search?q=a", "fa", "rtl"}}, Suggestion: &Link{Text: "better", Href: "/en/search?q=better"},
		Sorted: "Sorted by relevance", Sort: Link{Text: "Newest first", Href: "/en/search?q=a&sort=newest"}, Bounded: "Counted within the newest 1,000.",
		Facets: []Facet{
			{Name: "genre", Title: "Kind", Options: []Option{{Value: "news", Text: "News", Count: "3", Chosen: true}}},
			{Title: "Topic", Options: []Option{{Text: "Topic", Count: "3", Href: "/en/search?q=a&topic=topic"}}},
		},
		From: "2026-03-20", To: "2026-03-21", Kept: []Kept{{"q", "a"}}, Chosen: []Link{{"News", "/en/search?q=a", false}}, Anew: "/en/search?q=a",
		Hints: []string{"A hint."}, Onward: []Link{{"Latest", "/en/latest/", false}},
	}
}
