package site_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
)

// What schema.org lets things say, as far as the paper's pages say it: its type,
// then its own properties; those of what it is a kind of are in ancestors. The
// whole of schema.org is asked by tools/jsonld.
var (
	ancestors = map[string]string{
		"NewsArticle": "Article", "AnalysisNewsArticle": "NewsArticle", "OpinionNewsArticle": "NewsArticle", "ReportageNewsArticle": "NewsArticle", "BackgroundNewsArticle": "NewsArticle",
		"LiveBlogPosting": "Article", "BlogPosting": "Article", "Article": "CreativeWork", "WebSite": "CreativeWork", "WebPage": "CreativeWork", "CollectionPage": "WebPage",
		"ProfilePage": "WebPage", "AboutPage": "WebPage", "ContactPage": "WebPage", "MediaObject": "CreativeWork", "ImageObject": "MediaObject", "VideoObject": "MediaObject",
		"CorrectionComment": "CreativeWork", "DefinedTermSet": "CreativeWork", "CreativeWork": "Thing", "NewsMediaOrganization": "Organization", "Organization": "Thing", "Person": "Thing",
		"ItemList": "Thing", "BreadcrumbList": "ItemList", "ListItem": "Thing", "DefinedTerm": "Thing", "SearchAction": "Thing", "EntryPoint": "Thing", "ContactPoint": "Thing", "QuantitativeValue": "Thing",
	}
	properties = map[string]string{
		"Thing":                 "@type @id name alternateName description url image mainEntityOfPage potentialAction",
		"CreativeWork":          "headline alternativeHeadline inLanguage datePublished dateModified author publisher about keywords isPartOf isAccessibleForFree publishingPrinciples timeRequired correction version license creditText copyrightNotice creator acquireLicensePage encodingFormat mainEntity text thumbnailUrl",
		"Article":               "articleSection articleBody wordCount",
		"NewsArticle":           "dateline",
		"LiveBlogPosting":       "coverageStartTime coverageEndTime liveBlogUpdate",
		"WebPage":               "breadcrumb",
		"MediaObject":           "contentUrl width height duration uploadDate",
		"ImageObject":           "caption",
		"VideoObject":           "caption transcript",
		"DefinedTermSet":        "hasDefinedTerm",
		"Organization":          "logo publishingPrinciples ethicsPolicy correctionsPolicy unnamedSourcesPolicy actionableFeedbackPolicy diversityPolicy ownershipFundingInfo contactPoint parentOrganization",
		"NewsMediaOrganization": "verificationFactCheckingPolicy missionCoveragePrioritiesPolicy masthead",
		"Person":                "worksFor",
		"ItemList":              "itemListElement numberOfItems",
		"ListItem":              "position item",
		"DefinedTerm":           "inDefinedTermSet",
		"SearchAction":          "target query-input",
		"EntryPoint":            "urlTemplate",
		"ContactPoint":          "availableLanguage",
		"QuantitativeValue":     "value unitCode",
	}
)

// may tells whether a thing of a type can have a property.
func may(kind, property string) bool {
	for ; kind != ""; kind = ancestors[kind] {
		if slices.Contains(strings.Fields(properties[kind]), property) {
			return true
		}
	}
	return false
}

// thingFaults says what of a thing schema.org does not know.
func thingFaults(thing any, place string) (faults []string) {
	switch v := thing.(type) {
	case []any:
		for n, inner := range v {
			faults = append(faults, thingFaults(inner, fmt.Sprint(place, " ", n))...)
		}
	case map[string]any:
		kind, _ := v["@type"].(string)
		if kind == "" || ancestors[kind] == "" {
			return []string{fmt.Sprintf("%s: %q is no type", place, kind)}
		}
		for key, value := range v {
			if !may(kind, key) {
				faults = append(faults, fmt.Sprintf("%s: %s has no %s", place, kind, key))
			}
			if value == "" || value == nil {
				faults = append(faults, fmt.Sprintf("%s: %s is empty", place, key))
			}
			if key == "url" || strings.HasSuffix(key, "Url") || key == "@id" {
				if at, err := url.Parse(fmt.Sprint(value)); err != nil || !at.IsAbs() {
					faults = append(faults, fmt.Sprintf("%s: %s is no address: %v", place, key, value))
				}
			}
			faults = append(faults, thingFaults(value, place+" "+key)...)
		}
	}
	return faults
}

// graph reads a page's JSON-LD: things by their type.
func (p *paper) graph(path string) map[string]map[string]any {
	p.t.Helper()
	page := p.expect(path, 200)
	_, data, found := strings.Cut(page, `<script type="application/ld+json">`)
	data, _, _ = strings.Cut(data, "</script>")
	var all struct {
		Context string           `json:"@context"`
		Graph   []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(data), &all); !found || err != nil || all.Context != "https://schema.org" || len(all.Graph) == 0 {
		p.t.Fatalf("%s: %v in %q", path, err, data)
	}
	things := map[string]map[string]any{}
	for _, thing := range all.Graph {
		for _, fault := range thingFaults(thing, path) {
			p.t.Error(fault)
		}
		things[thing["@type"].(string)] = thing
	}
	return things
}

func TestTheJudgeOfThingsBites(t *testing.T) {
	for _, wrong := range []string{
		`{"@type":"NewsArticle","headlin":"A"}`, `{"@type":"NewsArticles"}`, `{"headline":"A"}`, `{"@type":"NewsArticle","author":[{"@type":"Person","nam":"A"}]}`,
		`{"@type":"NewsArticle","url":"/a"}`, `{"@type":"LiveBlogPosting","dateline":"Cairo"}`, `{"@type":"NewsArticle","headline":""}`,
	} {
		var thing map[string]any
		if err := json.Unmarshal([]byte(wrong), &thing); err != nil {
			t.Fatal(err)
		}
		if len(thingFaults(thing, "wrong")) == 0 {
			t.Errorf("%s is taken for a thing of schema.org", wrong)
		}
	}
}

// withPages gives the paper standing pages, the Persian one under a slug of its own.
func (p *paper) withPages() {
	twin := ref.New[ref.Story](p.mint)
	for _, c := range []struct{ key, slug, headline string }{{"en", "standards", "Our standards"}, {"fa", "موازین", "موازین ما"}} {
		page := p.content(c.key, c.headline, "Text.")
		page.Genre, page.Slug = story.Page, c.slug
		p.publish(c.key, twin, page)
	}
	for _, c := range []struct{ slug, headline string }{{"contact", "Write to us"}, {"about-us", "About us"}} {
		page := p.content("en", c.headline, "Text.")
		page.Genre, page.Slug = story.Page, c.slug
		p.publish("en", 0, page)
	}
}

func TestMachinesAreToldWhatAPageIs(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.withPages()
		picture := p.withPicture()
		desk := ref.New[ref.Author](p.mint)
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			return author.Put(tx, author.Author{ID: desk, House: true, Words: map[string]author.Words{"en": {Name: "The Desk", Slug: "the-desk"}}})
		}))
		for genre, kind := range map[story.Genre]string{
			story.News: "NewsArticle", story.Analysis: "AnalysisNewsArticle", story.Opinion: "OpinionNewsArticle", story.Report: "ReportageNewsArticle", story.Explainer: "BackgroundNewsArticle",
			story.Interview: "NewsArticle", story.Photo: "NewsArticle", story.Film: "NewsArticle", story.Live: "LiveBlogPosting",
		} {
			c := p.content("en", `A "`+string(genre)+`" & </script> story`, strings.Repeat("word ", 500))
			c.Genre, c.Slug, c.Picture, c.Dateline, c.Short = genre, "one-"+string(genre), picture, "Cairo", "Short"
			c.Byline = []story.Signature{{Author: p.mina}, {Author: desk}, {Name: "A Guest"}}
			p.publish("en", 0, c)
			things := p.graph("/en/water/one-" + string(genre))
			got := things[kind]
			if got == nil || things["BreadcrumbList"] == nil {
				t.Fatalf("%s: got %v", genre, things)
			}
			image := got["image"].(map[string]any)
			if got["headline"] != c.Headline || got["alternativeHeadline"] != "Short" || got["wordCount"] != 500.0 || !strings.HasPrefix(got["timeRequired"].(string), "PT") || got["version"] != 1.0 ||
				image["license"] != "https://example.org/licence" || image["contentUrl"] != p.server.URL+"/media/0123456789abcdef0123456789abcdef/1280.jpg" ||
				image["height"].(map[string]any)["value"] != 854.0 || got["publishingPrinciples"] != p.server.URL+"/en/about/standards" {
				t.Errorf("%s: got %v", genre, got)
			}
			var kinds []string
			for _, a := range got["author"].([]any) {
				kinds = append(kinds, a.(map[string]any)["@type"].(string))
			}
			if !slices.Equal(kinds, []string{"Person", "Organization", "Person"}) {
				t.Errorf("%s: got the authors %v", genre, kinds)
			}
			if _, live := got["coverageStartTime"]; live != (genre == story.Live) {
				t.Errorf("%s: got coverage %v", genre, live)
			}
		}
		unsigned := p.content("en", "Unsigned", "Text.")
		unsigned.Byline = nil
		p.publish("en", 0, unsigned)
		if got := p.graph("/en/water/unsigned")["BackgroundNewsArticle"]["author"].([]any)[0].(map[string]any); got["@id"] != p.server.URL+"/#organization" {
			t.Errorf("nobody signed, and the author is %v", got)
		}
	})
}

func TestListsAndTheHouseAreTold(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.withPages()
		p.publish("en", 0, p.content("en", "A story", "Text."))
		for path, kind := range map[string]string{
			"/en/": "WebSite", "/": "NewsMediaOrganization", "/en/water/": "CollectionPage", "/en/latest/": "CollectionPage", "/en/genre/explainer/": "CollectionPage", "/en/in-focus/": "DefinedTermSet",
			"/en/topic/qanat": "DefinedTerm", "/en/author/mina-tavakol": "ProfilePage", "/en/corrections": "CollectionPage", "/en/about/about-us": "AboutPage", "/en/about/contact": "ContactPage", "/en/about/standards": "WebPage", "/fa/": "WebSite",
		} {
			if things := p.graph(path); things[kind] == nil {
				t.Errorf("%s: got %v, want a %s", path, things, kind)
			}
		}
		front := p.graph("/en/")
		action := front["WebSite"]["potentialAction"].(map[string]any)
		if got := action["target"].(map[string]any)["urlTemplate"]; got != p.server.URL+"/en/search?q={search_term_string}" || action["query-input"] != "required name=search_term_string" {
			t.Errorf("got the search %v", action)
		}
		house := front["NewsMediaOrganization"]
		for property, want := range map[string]string{
			"publishingPrinciples": "/en/about/standards", "correctionsPolicy": "/en/corrections", "actionableFeedbackPolicy": "/en/about/contact",
		} {
			if house[property] != p.server.URL+want {
				t.Errorf("%s: got %v, want %s", property, house[property], want)
			}
		}
		// A page in the edition's own script is known by its twin.
		if got, want := p.graph("/fa/")["NewsMediaOrganization"]["publishingPrinciples"], p.server.URL+"/fa/about/"+url.PathEscape("موازین"); got != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

func TestPostsOfALiveBlogAndFilmsCanBeTold(t *testing.T) {
	at := time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)
	for _, text := range []string{site.LiveBlogSample(at), site.FilmSample(at)} {
		var thing map[string]any
		if err := json.Unmarshal([]byte(text), &thing); err != nil {
			t.Fatal(err)
		}
		for _, fault := range thingFaults(thing, text) {
			t.Error(fault)
		}
		for _, want := range []string{"coverageEndTime", "liveBlogUpdate", "duration"} {
			if kind := thing["@type"]; (kind == "LiveBlogPosting") == slices.Contains([]string{"coverageEndTime", "liveBlogUpdate"}, want) && thing[want] == nil {
				t.Errorf("%v has no %s", kind, want)
			}
		}
	}
}

func TestOtherProgramsShowAPageAsItIs(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		picture := p.withPicture()
		twin := ref.New[ref.Story](p.mint)
		for _, c := range [][2]string{{"en", "How a qanat works"}, {"fa", "An English headline"}} {
			one := p.content(c[0], c[1], "Text.")
			one.Slug, one.Picture = "qanat-works", picture
			p.publish(c[0], twin, one)
		}
		p.forward(time.Hour)
		en := "/en/water/qanat-works"
		fa := "/fa/" + url.PathEscape("آب") + "/qanat-works"
		at := p.server.URL
		page := p.expect(en, 200,
			`property="og:title" content="How a qanat works"`, `property="og:type" content="article"`, `property="og:url" content="`+at+en+`"`, `property="og:locale" content="en_US"`,
			`property="og:locale:alternate" content="fa_IR"`, `property="og:image" content="`+at+`/media/0123456789abcdef0123456789abcdef/1280.jpg"`, `property="og:image:width" content="1280"`,
			`property="og:image:height" content="854"`, `property="og:image:type" content="image/jpeg"`, `property="og:image:alt" content="A tunnel"`, `property="article:published_time" content="2026-03-20T12:00:00Z"`,
			`property="article:modified_time" content="2026-03-20T12:00:00Z"`, `property="article:section" content="Water"`, `property="article:author" content="`+at+`/en/author/mina-tavakol"`,
			`property="article:tag" content="Qanat"`, `name="twitter:card" content="summary_large_image"`, `rel="canonical" href="`+at+en+`"`,
			`hreflang="en" href="`+at+en+`"`, `hreflang="fa" href="`+at+fa+`"`, `hreflang="x-default" href="`+at+en+`"`)
		if strings.Count(page, `property="og:image"`) != 1 || strings.Count(page, `property="og:url"`) != 1 {
			t.Error("a property that a page has once stands there twice")
		}
		// A title against the page's direction is set apart from the paper's name.
		p.expect(fa, 200, "<title>\u2068An English headline\u2069 — ", `content="`+"\u2068An English headline\u2069"+`"`, `property="og:locale" content="fa_IR"`, `hreflang="x-default" href="`+at+en+`"`)
		p.expect("/", 200, `property="og:url" content="`+at+`/en/"`, `rel="canonical" href="`+at+`/en/"`, `hreflang="x-default" href="`+at+`/en/"`, `name="twitter:card" content="summary"`, `property="og:image:type" content="image/png"`)
		p.expect("/en/author/mina-tavakol", 200, `property="og:type" content="profile"`)
		for _, path := range []string{"/en/", "/en/water/", en, "/fa/"} {
			key := path[:4]
			p.expect(path, 200, `rel="manifest" href="`+key+`manifest.webmanifest"`, `rel="search" type="application/opensearchdescription+xml" href="`+key+`opensearch.xml"`, `rel="apple-touch-icon" href="/assets/apple-touch-icon-`)
		}
	})
}
