package site

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// What machines are told about a page: JSON-LD after schema.org. What stands on
// several pages has an @id, so that they know it for the same thing.

// types are the schema.org types of the genres.
var types = map[story.Genre]string{
	story.News: "NewsArticle", story.Analysis: "AnalysisNewsArticle", story.Opinion: "OpinionNewsArticle",
	story.Report: "ReportageNewsArticle", story.Explainer: "BackgroundNewsArticle", story.Interview: "NewsArticle",
	story.Photo: "NewsArticle", story.Film: "NewsArticle", story.Live: "LiveBlogPosting",
}

// node is a thing in JSON-LD. Its keys come in the order in which they stand here,
// and those that say nothing are left out.
type node []property

// property is one key of a thing.
type property struct {
	key   string
	value any
}

// MarshalJSON writes the thing.
func (n node) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	begin := byte('{')
	for _, p := range n {
		if silent(p.value) {
			continue
		}
		text, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		out.WriteByte(begin)
		out.WriteString(`"` + p.key + `":`)
		out.Write(text)
		begin = ','
	}
	if out.Len() == 0 {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// silent tells whether a value says nothing.
func silent(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

// pageGraph is all that a page says, in one block.
func pageGraph(nodes ...node) node {
	return node{{"@context", "https://schema.org"}, {"@graph", slices.DeleteFunc(nodes, func(n node) bool { return len(n) == 0 })}}
}

// of refers to a thing that is described elsewhere.
func of(kind, id string) node { return node{{"@type", kind}, {"@id", id}} }

// organization is the paper's own @id.
func (r *reading) organization() string { return r.origin + "/#organization" }

func (r *reading) home() string { return r.origin + "/" + r.here.Key + "/" }

// website is the edition's @id.
func (r *reading) website() string { return r.home() + "#website" }

// publisher is the paper as every story names it.
func (r *reading) publisher() node {
	return node{
		{"@type", "NewsMediaOrganization"}, {"@id", r.organization()}, {"name", r.here.Title}, {"url", r.home()}, {"logo", r.logo()},
	}
}

func (r *reading) logo() node {
	at := r.assetAddress(iconFile)
	if at == "" {
		return nil
	}
	return node{{"@type", "ImageObject"}, {"url", at}, {"contentUrl", at}, {"width", pixels(512)}, {"height", pixels(512)}}
}

// pixels is a length as schema.org has it: E37 is the pixel in the code list of
// the United Nations.
func pixels(n int) node {
	if n == 0 {
		return nil
	}
	return node{{"@type", "QuantitativeValue"}, {"value", n}, {"unitCode", "E37"}}
}

// policies are the standing pages by which readers can judge the paper: the
// property, and the slugs under which the page may stand, the likeliest first.
var policies = []struct {
	property string
	slugs    []string
}{
	{"publishingPrinciples", []string{"standards", "principles", "editorial-standards", "about-us", "about"}},
	{"ethicsPolicy", []string{"ethics", "ethics-policy"}},
	{"correctionsPolicy", []string{"corrections-policy"}},
	{"verificationFactCheckingPolicy", []string{"verification", "fact-checking"}},
	{"unnamedSourcesPolicy", []string{"sources", "unnamed-sources"}},
	{"actionableFeedbackPolicy", []string{"feedback", "contact", "contact-us"}},
	{"diversityPolicy", []string{"diversity"}},
	{"missionCoveragePrioritiesPolicy", []string{"mission", "coverage"}},
	{"ownershipFundingInfo", []string{"ownership", "funding", "ownership-and-funding"}},
	{"masthead", []string{"masthead", "staff", "our-people", "people"}},
}

// wholePublisher is the paper with all that it says of itself.
func (r *reading) wholePublisher() node {
	all := append(r.publisher(), property{"description", r.here.Motto}, property{"alternateName", r.otherTitles()})
	for _, p := range policies {
		at := ""
		if page, ok := r.house.standing(r.here.Key, p.slugs...); ok {
			at = r.origin + r.house.address(page)
		} else if p.property == "correctionsPolicy" {
			at = r.origin + correctionsAddress(r.here.Key)
		}
		all = append(all, property{p.property, at})
	}
	if page, ok := r.house.standing(r.here.Key, "contact", "contact-us"); ok {
		all = append(all, property{"contactPoint", node{{"@type", "ContactPoint"}, {"url", r.origin + r.house.address(page)}, {"availableLanguage", r.house.spoken()}}})
	}
	return all
}

// otherTitles are the paper's names in the other editions.
func (r *reading) otherTitles() []string {
	var all []string
	for _, e := range r.house.editions {
		if e.Title != r.here.Title && !slices.Contains(all, e.Title) {
			all = append(all, e.Title)
		}
	}
	return all
}

// crumbs are where a page stands in the paper: the front, what lies between, and
// the page itself, which has no address in the list.
func (r *reading) crumbs(f *Frame, between []Link, name string) node {
	steps := append([]Link{{Text: r.here.Title, Href: f.Home}}, between...)
	var items []node
	for n, s := range append(steps, Link{Text: name}) {
		item := node{{"@type", "ListItem"}, {"position", n + 1}, {"name", s.Text}}
		if s.Href != "" {
			item = append(item, property{"item", r.origin + s.Href})
		}
		items = append(items, item)
	}
	return node{{"@type", "BreadcrumbList"}, {"@id", f.Canonical + "#breadcrumb"}, {"itemListElement", items}}
}

// describe fills in what machines are told about a story.
func (r *reading) describe(view *StoryPage, live story.Story) error {
	r.article(view, live)
	authors, err := r.authorData(live)
	if err != nil {
		return err
	}
	kind := types[live.Genre]
	if kind == "" {
		kind = "NewsArticle"
	}
	words := body.Words(live.Content.Body)
	data := node{
		{"@type", kind}, {"@id", view.Canonical + "#story"}, {"url", view.Canonical},
		{"mainEntityOfPage", of("WebPage", view.Canonical)}, {"headline", live.Headline}, {"alternativeHeadline", live.Short},
		{"description", live.Standfirst}, {"inLanguage", view.Lang},
		{"datePublished", live.Published.Format(time.RFC3339)}, {"dateModified", changedAt(live.Card).Format(time.RFC3339)},
		{"articleSection", view.Section.Text}, {"author", authors}, {"publisher", r.publisher()}, {"image", r.imageData(view)},
		{"about", r.aboutData(view.Topics)}, {"keywords", names(view.Topics)}, {"isPartOf", r.partOf()}, {"isAccessibleForFree", true},
		{"publishingPrinciples", r.principles()}, {"wordCount", words}, {"timeRequired", minutes(words, r.here.Language)},
		{"correction", r.correctionData(view.Corrections)},
	}
	if live.Genre == story.Live {
		data = append(data, liveCoverage(r.coverage(view, live))...)
	} else {
		data = append(data, property{"dateline", live.Content.Dateline})
	}
	if f := view.Film; f != nil && len(f.Files) > 0 {
		data = append(data, property{"video", filmData(r.filmOf(view, live))})
	}
	data = append(data, property{"version", live.Version}) // the last of the keys: receipts look for it
	view.Data = pageGraph(data, r.crumbs(&view.Frame, []Link{view.Section}, live.Headline))
	return nil
}

// coverage is a live story as machines are told of it.
func (r *reading) coverage(view *StoryPage, live story.Story) liveBlog {
	_, posts := body.Posts(live.Content.Body)
	blog := liveBlog{Began: live.Published}
	for _, p := range posts {
		if p.At.Before(blog.Began) {
			blog.Began = p.At
		}
		if live.Content.Ended && p.At.After(blog.Ended) {
			blog.Ended = p.At
		}
		one := livePost{Address: view.Canonical + "#" + postID(p.Key), Headline: p.Title, Text: body.Plain(p.Body), At: p.At}
		if p.Byline != "" {
			one.Authors = []node{{{"@type", "Person"}, {"name", p.Byline}}}
		}
		blog.Posts = append(blog.Posts, one)
	}
	slices.SortStableFunc(blog.Posts, func(a, b livePost) int { return b.At.Compare(a.At) })
	return blog
}

// filmOf is the film of a story as machines are told of it.
func (r *reading) filmOf(view *StoryPage, live story.Story) film {
	f := film{Name: live.Headline, Description: live.Standfirst, Address: r.origin + view.Film.Files[0].Src, Type: view.Film.Files[0].Type, Page: view.Canonical,
		Published: live.Published, Length: view.Film.lasts, Width: view.Film.Width, Height: view.Film.Height, Language: view.Lang, Licence: view.Film.licence}
	if view.Picture != nil {
		f.Poster, f.Credit = r.origin+view.Picture.Src, view.Picture.Credit
	}
	return f
}

// names are the texts of links.
func names(links []Link) []string {
	all := make([]string, len(links))
	for n, l := range links {
		all[n] = l.Text
	}
	return all
}

// minutes is how long a text takes to read, as ISO 8601 has it.
func minutes(words int, language string) string {
	if words == 0 {
		return ""
	}
	return "PT" + itoa(lang.ReadingMinutes(words, language)) + "M"
}

func (r *reading) partOf() node {
	return node{{"@type", "WebSite"}, {"@id", r.website()}, {"name", r.here.Title}, {"url", r.home()}}
}

// principles is the page with the paper's standards; empty for none.
func (r *reading) principles() string {
	page, ok := r.house.standing(r.here.Key, policies[0].slugs...)
	if !ok {
		return ""
	}
	return r.origin + r.house.address(page)
}

// aboutData are the topics of a story.
func (r *reading) aboutData(topics []Link) []node {
	var all []node
	for _, t := range topics {
		at := r.origin + t.Href
		all = append(all, node{{"@type", "DefinedTerm"}, {"@id", at + "#topic"}, {"name", t.Text}, {"url", at}})
	}
	return all
}

// authorData are those who signed a story: people, or the house. An unsigned one
// is the house's.
func (r *reading) authorData(live story.Story) ([]node, error) {
	if len(live.Byline) == 0 {
		return []node{r.publisher()}, nil
	}
	var ids []ref.Author
	for _, s := range live.Byline {
		if s.Author != 0 {
			ids = append(ids, s.Author)
		}
	}
	found, err := author.ByID(r.tx, ids)
	if err != nil {
		return nil, err
	}
	house := map[ref.Author]bool{}
	for _, a := range found {
		house[a.ID] = a.House
	}
	all := make([]node, len(live.Byline))
	for n, link := range r.byline(live.Byline) {
		all[n] = r.signedBy(link, house[live.Byline[n].Author])
	}
	return all, nil
}

// signedBy is one who signs. The house's own bylines belong to the paper.
func (r *reading) signedBy(name Link, house bool) node {
	kind := "Person"
	if house {
		kind = "Organization"
	}
	who := node{{"@type", kind}}
	at := ""
	if name.Href != "" {
		at = r.origin + name.Href
		who = append(who, property{"@id", at + "#author"})
	}
	who = append(who, property{"name", name.Text}, property{"url", at})
	if house {
		who = append(who, property{"parentOrganization", of("NewsMediaOrganization", r.organization())})
	}
	return who
}

func (r *reading) imageData(view *StoryPage) node {
	if view.Picture == nil {
		return nil
	}
	return r.imageObject(view.lead, view.Picture.Caption)
}

// imageObject is a picture with its rights, as far as they are known.
func (r *reading) imageObject(a asset.Asset, caption string) node {
	if !a.Here() {
		return nil
	}
	width, height := shown(a)
	at := r.origin + rendition(a, width)
	image := node{
		{"@type", "ImageObject"}, {"@id", at}, {"url", at}, {"contentUrl", at}, {"encodingFormat", "image/jpeg"}, {"width", pixels(width)}, {"height", pixels(height)},
		{"caption", caption}, {"creditText", a.Credit}, {"copyrightNotice", a.Credit}, {"license", licence(a.Licence)},
	}
	for _, e := range r.house.editions {
		if a.Credit == e.Title {
			image = append(image, property{"creator", r.publisher()})
			break
		}
	}
	if page, ok := r.house.standing(r.here.Key, "licensing", "licences", "syndication", "rights"); ok {
		image = append(image, property{"acquireLicensePage", r.origin + r.house.address(page)})
	}
	return image
}

// licence is an address, or a licence that is known by its name.
func licence(text string) any {
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"):
		return text
	}
	return node{{"@type", "CreativeWork"}, {"name", text}}
}

func (r *reading) correctionData(list []Correction) []node {
	var all []node
	for _, c := range list {
		all = append(all, node{{"@type", "CorrectionComment"}, {"text", c.Note}, {"datePublished", c.At.ISO}, {"url", r.origin + c.Compare}})
	}
	return all
}
