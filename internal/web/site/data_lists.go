package site

import (
	"slices"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/story"
)

// What machines are told of the pages that are not stories.

// items is a list of what a page leads to.
func (r *reading) items(links []Link) node {
	var items []node
	for n, l := range links {
		items = append(items, node{{"@type", "ListItem"}, {"position", n + 1}, {"name", l.Text}, {"url", r.origin + l.Href}})
	}
	return node{{"@type", "ItemList"}, {"numberOfItems", len(items)}, {"itemListElement", items}}
}

func cardLinks(cards []Card) []Link {
	links := make([]Link, len(cards))
	for n, c := range cards {
		links[n] = Link{Text: c.Headline, Href: c.Href}
	}
	return links
}

// collection is a page that is mostly a list.
func (r *reading) collection(f *Frame, kind, name, description string) node {
	return node{
		{"@type", kind}, {"@id", f.Canonical}, {"url", f.Canonical}, {"name", name}, {"description", description}, {"inLanguage", f.Lang},
		{"isPartOf", of("WebSite", r.website())}, {"publisher", of("NewsMediaOrganization", r.organization())},
		{"breadcrumb", of("BreadcrumbList", f.Canonical+"#breadcrumb")},
	}
}

// frontData describes the paper itself: the site with its search, who publishes
// it, and what stands on its front.
func (r *reading) frontData(view *FrontPage) node {
	search := node{
		{"@type", "SearchAction"},
		{"target", node{{"@type", "EntryPoint"}, {"urlTemplate", r.origin + view.SearchAction + "?q={search_term_string}"}}},
		{"query-input", "required name=search_term_string"},
	}
	site := node{
		{"@type", "WebSite"}, {"@id", r.website()}, {"url", view.Canonical}, {"name", view.Paper}, {"alternateName", r.otherTitles()}, {"description", view.Motto},
		{"inLanguage", view.Lang}, {"publisher", of("NewsMediaOrganization", r.organization())}, {"potentialAction", search},
	}
	var lead []Card
	if view.Lead != nil {
		lead = append(lead, *view.Lead)
	}
	links := cardLinks(append(append(lead, view.MoreOn...), view.Choice...))
	page := node{
		{"@type", "CollectionPage"}, {"@id", view.Canonical}, {"url", view.Canonical}, {"name", view.Paper}, {"inLanguage", view.Lang},
		{"isPartOf", of("WebSite", r.website())}, {"about", of("NewsMediaOrganization", r.organization())},
	}
	if len(links) > 0 {
		page = append(page, property{"mainEntity", r.items(links)})
	}
	return pageGraph(site, r.wholePublisher(), page)
}

// listData is a section, a genre or the latest.
func (r *reading) listData(view *ListPage) node {
	page := append(r.collection(&view.Frame, "CollectionPage", view.Heading, view.Note), property{"mainEntity", r.items(cardLinks(slices.Concat(view.Top, view.Cards)))})
	return pageGraph(page, r.crumbs(&view.Frame, nil, view.Heading))
}

// storiesData is a page that lists stories, such as a day of the archive.
func (r *reading) storiesData(f *Frame, heading string, cards []Card) node {
	page := append(r.collection(f, "CollectionPage", heading, f.Description), property{"mainEntity", r.items(cardLinks(cards))})
	return pageGraph(page, r.crumbs(f, nil, heading))
}

// inFocusLink leads to the topics that the paper follows.
func (r *reading) inFocusLink() Link {
	return Link{Text: r.words().T("focus.title"), Href: join(r.here.Key, "in-focus") + "/"}
}

// termSet are all topics.
func (r *reading) termSet() string { return r.origin + r.inFocusLink().Href + "#topics" }

// topicData is a topic: a term, and what was published on it.
func (r *reading) topicData(view *TopicPage) node {
	id := r.origin + r.base() + "#topic"
	term := node{
		{"@type", "DefinedTerm"}, {"@id", id}, {"url", r.origin + r.base()}, {"name", view.Heading}, {"alternateName", view.Aliases}, {"description", view.Definition},
		{"inDefinedTermSet", of("DefinedTermSet", r.termSet())},
	}
	page := append(r.collection(&view.Frame, "CollectionPage", view.Heading, view.Definition),
		property{"about", of("DefinedTerm", id)}, property{"mainEntity", r.items(cardLinks(view.Cards))})
	return pageGraph(page, term, r.crumbs(&view.Frame, []Link{r.inFocusLink()}, view.Heading))
}

// focusData are the topics that the paper follows.
func (r *reading) focusData(view *FocusPage) node {
	title := r.inFocusLink().Text
	var terms []node
	for _, t := range view.Topics {
		at := r.origin + t.Href
		terms = append(terms, node{{"@type", "DefinedTerm"}, {"@id", at + "#topic"}, {"url", at}, {"name", t.Name}, {"description", t.Definition}})
	}
	set := node{{"@type", "DefinedTermSet"}, {"@id", r.termSet()}, {"name", title}, {"inLanguage", view.Lang}, {"hasDefinedTerm", terms}}
	page := append(r.collection(&view.Frame, "CollectionPage", title, view.Description), property{"mainEntity", of("DefinedTermSet", r.termSet())})
	return pageGraph(page, set, r.crumbs(&view.Frame, nil, title))
}

// authorPageData is one who signs, and what they signed.
func (r *reading) authorPageData(view *AuthorPage, a author.Author) node {
	who := r.signedBy(Link{Text: view.Heading, Href: r.base()}, a.House)
	who = append(who, property{"description", view.Bio})
	if p := view.Picture; p != nil {
		who = append(who, property{"image", r.origin + p.Src})
	}
	if !a.House {
		who = append(who, property{"worksFor", of("NewsMediaOrganization", r.organization())})
	}
	page := append(r.collection(&view.Frame, "ProfilePage", view.Heading, view.Bio), property{"mainEntity", who})
	return pageGraph(page, r.items(cardLinks(view.Cards)), r.crumbs(&view.Frame, nil, view.Heading))
}

// correctionsData lists what was wrong.
func (r *reading) correctionsData(view *CorrectionsPage) node {
	var links []Link
	for _, c := range view.Corrections {
		links = append(links, Link{Text: c.Headline, Href: c.Compare})
	}
	page := append(r.collection(&view.Frame, "CollectionPage", view.Heading, view.Note), property{"mainEntity", r.items(links)})
	return pageGraph(page, r.crumbs(&view.Frame, nil, view.Heading))
}

// pageKinds are the kinds of standing pages that machines tell apart.
var pageKinds = map[string][]string{
	"AboutPage": {"about-us", "about"}, "ContactPage": {"contact", "contact-us"},
}

// pageData is a standing page.
func (r *reading) pageData(view *PlainPage, c story.Card) node {
	kind := "WebPage"
	for name, slugs := range pageKinds {
		for _, slug := range slugs {
			if r.house.known(c, slug) {
				kind = name
			}
		}
	}
	page := append(r.collection(&view.Frame, kind, view.Heading, view.Standfirst),
		property{"datePublished", r.stamp(c.Published).ISO}, property{"dateModified", r.stamp(changedAt(c)).ISO})
	crumbs := r.crumbs(&view.Frame, nil, view.Heading)
	if kind == "WebPage" {
		return pageGraph(page, crumbs)
	}
	return pageGraph(append(page, property{"mainEntity", of("NewsMediaOrganization", r.organization())}), r.wholePublisher(), crumbs)
}
