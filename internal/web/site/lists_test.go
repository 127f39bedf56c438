package site_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
)

func TestAPlaceInAListThatIsNoneLeadsToItsBeginning(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		var live story.Card
		for n := range 30 { // three lead the section, and stand in no list of its first page
			live = p.publish("en", 0, p.content("en", fmt.Sprintf("Story number %d", n), "Text."))
			p.forward(time.Second)
		}
		_, page := p.get("/en/water/")
		found := regexp.MustCompile(`\?before=([0-9a-z]+)-([0-9a-z]+)"`).FindStringSubmatch(page)
		if found == nil {
			t.Fatal("the list has no second page")
		}
		at, id := found[1], found[2]
		p.expect("/en/water/?before="+at+"-"+id, 200, "Story number 0", "Story number 2")
		p.again(live.ID, story.Correction, "It was wrong.", func(*story.Content) {})
		kept := p.site.Pages().Stats().Entries
		home := live.Address("water")
		for _, list := range []string{"/en/water/", "/en/latest/", "/en/genre/explainer/", "/en/topic/qanat", "/en/author/mina-tavakol"} {
			for _, before := range []string{"zzzz-1", "0-1", at + "-1", at + "-0" + id, "0" + at + "-" + id, strings.ToUpper(at) + "-" + id} {
				p.astray(list+"?before="+before, list)
			}
		}
		for _, before := range []string{"3", "1000000"} {
			p.astray(home+"/versions?before="+before, home+"/versions")
		}
		for _, before := range []string{"zzzz-1-1", "0-1-1", at + "-" + id + "-2", at + "-" + id + "-02"} {
			p.astray("/en/corrections?before="+before, "/en/corrections")
		}
		if now := p.site.Pages().Stats().Entries; now > kept {
			t.Errorf("%d answers are kept, want %d", now, kept)
		}
	})
}

func TestAddressesThatLeadOnAreKeptOnlyWhereTheyAreFew(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", "The first", "Text."))
		p.again(live.ID, story.Update, "", func(c *story.Content) { c.Headline = "The second" })
		const old, now = "/en/water/the-first", "/en/water/the-second"
		kept := p.site.Pages().Stats().Entries
		for path, to := range map[string]string{
			"/en/nowhere/the-second": now, "/en/nowhere/the-first/versions": now + "/versions", old + "/versions?before=7": now + "/versions", old + "/versions/7...9": now + "/versions/7...9",
		} {
			response, _ := p.get(path)
			if got := response.Header.Get("Location"); response.StatusCode != http.StatusMovedPermanently || got != to {
				t.Errorf("%s: got %d to %q, want %q", path, response.StatusCode, got, to)
			}
		}
		p.expect(now+"/versions/9...7", 404)
		p.expect(now+"/versions/7...7", 404)
		if got := p.site.Pages().Stats().Entries; got != kept {
			t.Errorf("%d answers are kept, want %d", got, kept)
		}
		p.expect(old, 301)
		if got := p.site.Pages().Stats().Entries; got != kept+1 {
			t.Errorf("%d answers are kept, want %d: the address that the story left is one", got, kept+1)
		}
	})
}

// astray expects an address to lead on for now.
func (p *paper) astray(path, to string) {
	p.t.Helper()
	response, _ := p.get(path)
	if got := response.Header.Get("Location"); response.StatusCode != http.StatusFound || got != to || response.Header.Get("Cache-Control") != "no-store" {
		p.t.Errorf("%s: got %d to %q, %s", path, response.StatusCode, got, response.Header.Get("Cache-Control"))
	}
}

func TestALongHistoryPages(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", "A story", "Text 1."))
		for n := range 24 {
			p.again(live.ID, story.Update, "", func(c *story.Content) { c.Body = body.FromText(fmt.Sprintf("Text %d.", n+2)) })
		}
		const home = "/en/water/a-story/versions"
		if page := p.expect(home, 200, "Version 25<", "Version 2<", home+"?before=2"); strings.Contains(page, "Version 1<") {
			t.Error("the first page has all versions")
		}
		p.expect(home+"?before=2", 200, "Version 1<")
		p.expect(home+"?before=1", 404)
		p.expect(home+"?before=02", 400)
	})
}

func TestNamesThatNobodyGaveThePaperDoNotFillItsMemory(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for n := range 100 {
			request, err := http.NewRequest("GET", p.server.URL+"/en/latest/", nil)
			p.must(err)
			request.Host = fmt.Sprintf("h%d.example", n)
			response, err := http.DefaultClient.Do(request)
			p.must(err)
			response.Body.Close()
			if response.StatusCode != 200 {
				t.Fatalf("%s: got %d", request.Host, response.StatusCode)
			}
		}
		if kept := p.site.Pages().Stats().Entries; kept > 40 {
			t.Errorf("%d pages are kept", kept)
		}
	})
}

func TestParametersOfOthersAreNotLookedAt(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A story", "Text."))
		for _, query := range []string{"utm=100%", "utm_campaign=a;b", "x=%zz", "%zz=1"} {
			p.expect("/en/water/?"+query, 200, "A story")
			p.expect("/en/search?q=story&"+query, 200, "A <mark>story</mark>")
		}
		p.expect("/en/water/?before=%zz", 400)
	})
}
