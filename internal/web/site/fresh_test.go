package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
)

// What stands around other things follows what it shows.

func TestASectionThatMovesIsFollowedEverywhere(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A well", "Text."))
		p.forward(time.Minute)
		other := p.content("en", "A dam", "Text.")
		other.Genre = story.Analysis
		p.publish("en", 0, other)
		p.expect("/en/water/a-dam", 200, "A well", ">Water<")
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			s, err := section.ByID(tx, p.water["en"])
			if err != nil {
				return err
			}
			s.Name = "Rivers"
			return section.Put(tx, s.Moved("rivers"))
		}))
		if page := p.expect("/en/rivers/a-dam", 200, ">Rivers<"); strings.Contains(page, ">Water<") || strings.Contains(page, `"/en/water/`) {
			t.Error("what stands around a story has the section as it was")
		}
		for from, to := range map[string]string{"/en/water/": "/en/rivers/", "/en/water/feed.xml": "/en/rivers/feed.xml", "/en/water/?before=x": "/en/rivers/?before=x", "/en/most-viewed/day/water": "/en/most-viewed/day/rivers"} {
			if response, _ := p.get(from); response.StatusCode != http.StatusMovedPermanently && strings.HasPrefix(from, "/en/water") || response.StatusCode == 301 && response.Header.Get("Location") != to {
				t.Errorf("%s: got %d %s", from, response.StatusCode, response.Header.Get("Location"))
			}
		}
	})
}

func TestAFrontFollowsTheRulesOfItsPlan(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		land := ref.New[ref.Section](p.mint)
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			return section.Put(tx, section.Section{ID: land, Edition: "en", Slug: "land", Position: 2, Name: "Land"})
		}))
		p.launch(front.Place{Edition: "en", Section: p.water["en"]}, front.Plan{Containers: []front.Container{{Kind: front.Choice, Size: 3, Rule: front.Rule{Genres: []story.Genre{story.Analysis}}}}})
		p.publish("en", 0, p.content("en", "Water story", "Text."))
		p.expect("/en/water/", 200, "Water story")
		elsewhere := p.content("en", "From another section", "Text.")
		elsewhere.Genre, elsewhere.Section, elsewhere.Topics, elsewhere.Byline = story.Analysis, land, nil, nil
		p.publish("en", 0, elsewhere)
		p.expect("/en/water/", 200, "From another section")

		// Of several genres the newest come first, and what has no room in one place may
		// stand in another.
		for n, genre := range []story.Genre{story.Photo, story.Photo, story.Film} {
			p.forward(time.Minute)
			c := p.content("en", []string{"First photo", "Second photo", "Newest film"}[n], "Text.")
			c.Genre = genre
			p.publish("en", 0, c)
		}
		one, two := p.publish("en", 0, p.content("en", "Picked first", "Text.")), p.publish("en", 0, p.content("en", "Picked second", "Text."))
		p.launch(front.Place{Edition: "en"}, front.Plan{Containers: []front.Container{
			{Kind: front.Lead, Size: 1, Slots: []front.Slot{{Story: one.ID}, {Story: two.ID}}},
			{Kind: front.ExplainerBand, Size: 4, Rule: front.Rule{Genres: []story.Genre{story.Explainer}}},
			{Kind: front.GalleryBand, Size: 2, Rule: front.Rule{Genres: []story.Genre{story.Photo, story.Film}}},
		}})
		page := main(p.expect("/en/", 200, "Picked first", "Picked second", "Newest film", "Second photo"))
		lead, _, _ := strings.Cut(page, "data-band=")
		if !strings.Contains(lead, "Picked first") || strings.Contains(lead, "Picked second") {
			t.Error("a container has more than it has room for")
		}
		if strings.Contains(page, "First photo") {
			t.Error("an older story stands before a newer one of another genre")
		}
	})
}

func TestALiveStoryIsNamedThoughNewerOnesAreOver(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for _, headline := range []string{"It goes on", "Over one", "Over two"} {
			c := p.content("en", headline, "Text.")
			c.Genre, c.Ended = story.Live, headline != "It goes on"
			p.publish("en", 0, c)
			p.forward(time.Minute)
		}
		p.publish("en", 0, p.content("en", "A story", "Text."))
		page := p.expect("/en/", 200)
		if _, strip, _ := strings.Cut(page, "live-strip"); !strings.Contains(strip[:min(len(strip), 600)], "It goes on") {
			t.Error("the strip does not name what goes on")
		}
		if response, _ := p.get("/en/water/it-goes-on"); !strings.Contains(response.Header.Get("Cache-Control"), "max-age=30,") {
			t.Errorf("a live story may be kept: %s", response.Header.Get("Cache-Control"))
		}
	})
}

func TestATopicThatReadersMayNotKnowIsNamedNowhere(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		secret := ref.New[ref.Topic](p.mint)
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			if err := topic.Put(tx, topic.Topic{ID: secret, Kind: "concept", Words: map[string]topic.Words{"en": {Name: "Operation Hush", Slug: "hush"}}}); err != nil {
				return err
			}
			known, err := topic.ByID(tx, []ref.Topic{p.qanat})
			if err != nil {
				return err
			}
			known[0].Related = []ref.Topic{secret}
			return topic.Put(tx, known[0])
		}))
		p.publish("en", 0, p.content("en", "A story", "Text."))
		for path, status := range map[string]int{"/en/topic/hush/": 404, "/en/topic/hush/feed.xml": 404, "/en/search?topic=hush": 400, "/en/topic/qanat": 200} {
			response, text := p.get(path)
			if response.StatusCode != status && !(status == 404 && response.StatusCode == 301) {
				t.Errorf("%s: got %d, want %d", path, response.StatusCode, status)
			}
			if strings.Contains(text, "Operation Hush") {
				t.Errorf("%s names it", path)
			}
		}
	})
}

func TestNothingIsKeptForNamesThatAreNotOurs(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.site.Close()
		p = newPaper(t, p.db, func(o *site.Options) { o.Hosts = []string{"127.0.0.1"} })
		for _, path := range []string{"/en/", "/sw.js", "/assets/manifest.json", "/assets/site-AAAAAAAA.css"} {
			request, err := http.NewRequestWithContext(t.Context(), "GET", p.server.URL+path, nil)
			p.must(err)
			request.Host = "stranger.example"
			response, err := http.DefaultClient.Do(request)
			p.must(err)
			response.Body.Close()
			if response.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%s of a stranger: got %d", path, response.StatusCode)
			}
		}
		response, text := p.get("/assets/site-AAAAAAAA.css")
		if response.StatusCode != 200 || !strings.Contains(response.Header.Get("Cache-Control"), "max-age=60") || !strings.Contains(text, "@layer") {
			t.Errorf("a style sheet of an earlier build: got %d %v", response.StatusCode, response.Header)
		}
	})
}
