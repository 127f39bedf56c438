package site_test

import (
	"net/url"
	"strings"
	"testing"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
)

// expectations are what a receipt of the story looks for, each met now.
func (p *paper) expectations(id ref.Story) map[string]site.Expectation {
	p.t.Helper()
	all, err := p.site.Expect(p.t.Context(), id)
	p.must(err)
	byAddress := map[string]site.Expectation{}
	for _, e := range all {
		if _, twice := byAddress[e.Address]; twice {
			p.t.Errorf("two things are wanted of %s", e.Address)
		}
		byAddress[e.Address] = e
		if response, text := p.get(e.Address); !e.Met(response.StatusCode, []byte(text)) {
			p.t.Errorf("%s (%d) does not show %s", e.Address, response.StatusCode, e.Wants)
		}
	}
	return byAddress
}

// pagesOf are the bodies of the addresses.
func (p *paper) pagesOf(all map[string]site.Expectation) map[string]string {
	pages := map[string]string{}
	for address := range all {
		_, pages[address] = p.get(address)
	}
	return pages
}

func TestAReceiptIsNotMetByTheHeadlinesOfBefore(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		c := p.content("en", "Four railways agree on a fare", "Text.")
		c.Slug, c.Short = "rails", "A fare & a half"
		live := p.publish("en", 0, c)
		for _, words := range [][2]string{{"Four railways agree", "A fare"}, {"Four railways agree to wait", "Wait"}, {"Four railways agree to wait", "No fare"}} {
			before := p.pagesOf(p.expectations(live.ID))
			was := live
			live = p.republish(live.ID, func(c *story.Content) { c.Headline, c.Short = words[0], words[1] })
			wants, held := p.expectations(live.ID), 0
			for address, e := range wants {
				old, stood := before[address]
				changed := was.Headline != live.Headline || address == "/en/" || address == "/en/water/rails"
				if !stood || !changed || strings.HasPrefix(address, "/en/sitemap-20") || strings.HasPrefix(address, "/en/search") {
					continue
				}
				if held++; e.Met(200, []byte(old)) {
					t.Errorf("%s: the page with %q is taken for one with %q", address, was.Headline, live.Headline)
				}
			}
			if held < 2 || was.Headline != live.Headline && held < 10 {
				t.Errorf("%d addresses were held against what stood there", held)
			}
		}
	})
}

func TestAReceiptProvesThatAStoryLeftWhereItStood(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		rail, gauge, jonas := ref.New[ref.Section](p.mint), ref.New[ref.Topic](p.mint), ref.New[ref.Author](p.mint)
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			if err := section.Put(tx, section.Section{ID: rail, Edition: "en", Slug: "rail", Position: 2, Name: "Rail"}); err != nil {
				return err
			}
			if err := topic.Put(tx, topic.Topic{ID: gauge, Kind: "concept", Words: map[string]topic.Words{"en": {Name: "Gauge", Slug: "gauge"}}}); err != nil {
				return err
			}
			return author.Put(tx, author.Author{ID: jonas, Words: map[string]author.Words{"en": {Name: "Jonas Weber", Slug: "jonas-weber"}}})
		}))
		c := p.content("en", "It moves", "Text.")
		live := p.publish("en", 0, c)
		other := p.content("en", "It stays and leads there", "")
		other.Body = body.Body{{Key: "a", Value: body.Paragraph{Text: body.Text{{Text: "See "}, {Text: "there", Link: body.Link{Href: "/en/water/it-moves"}}}}}}
		p.publish("en", 0, other)

		before := p.pagesOf(p.expectations(live.ID))
		p.republish(live.ID, func(c *story.Content) {
			c.Section, c.Genre, c.Topics, c.Byline = rail, story.News, []ref.Topic{gauge}, []story.Signature{{Author: jonas}}
		})
		wants := p.expectations(live.ID)
		left := []string{"/en/water/", "/en/water/feed.xml", "/en/genre/explainer/", "/en/topic/qanat", "/en/topic/qanat/feed.xml",
			"/en/author/mina-tavakol", "/en/author/mina-tavakol/feed.xml", "/en/water/it-moves"}
		for _, address := range left {
			e, wanted := wants[address]
			if !wanted {
				t.Errorf("nothing is wanted of %s", address)
			} else if e.Met(200, []byte(before[address])) {
				t.Errorf("%s: the page on which the story stood is taken for one without it", address)
			}
		}
		for _, address := range []string{"/en/rail/", "/en/rail/feed.xml", "/en/genre/news/", "/en/topic/gauge", "/en/author/jonas-weber", "/en/rail/it-moves"} {
			if _, wanted := wants[address]; !wanted {
				t.Errorf("nothing is wanted of %s", address)
			}
		}

		p.must(p.desk.Withdraw(t.Context(), live.ID, "Law."))
		wants = p.expectations(live.ID)
		for _, address := range []string{"/en/author/jonas-weber", "/en/author/jonas-weber/feed.xml", "/en/topic/gauge", "/en/sitemap-2026-03.xml", "/en/search?q=" + url.QueryEscape("It moves") + "&sort=newest"} {
			if _, wanted := wants[address]; !wanted {
				t.Errorf("withdrawn: nothing is wanted of %s", address)
			}
		}
	})
}
