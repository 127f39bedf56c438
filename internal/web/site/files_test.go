package site_test

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/web/feed"
	"broadsheet/internal/web/site"
)

// robot reads robots.txt as RFC 9309 says crawlers must.
type robot struct {
	groups map[string][]string // the rules of each agent, in small letters
	maps   []string
}

func readRobots(t *testing.T, text string) robot {
	t.Helper()
	r := robot{groups: map[string][]string{}}
	var agents []string
	open := false
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		key, value, ok := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "":
			open = false
		case !ok:
			t.Errorf("robots.txt has the line %q", lines.Text())
		case key == "User-agent":
			if !open {
				agents, open = nil, true
			}
			agents = append(agents, strings.ToLower(value))
		case key == "Disallow":
			open = false
			for _, a := range agents {
				r.groups[a] = append(r.groups[a], value)
			}
		case key == "Sitemap":
			r.maps = append(r.maps, value)
		default:
			t.Errorf("robots.txt has the key %q", key)
		}
	}
	return r
}

// may tells whether an agent may read a path.
func (r robot) may(agent, path string) bool {
	rules, named := r.groups[strings.ToLower(agent)]
	if !named {
		rules = r.groups["*"]
	}
	for _, rule := range rules {
		pattern := "^" + strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(rule), `\*`, ".*"), `\$`, "$")
		if regexp.MustCompile(pattern).MatchString(path) {
			return false
		}
	}
	return true
}

func TestCrawlersReadWhatTheOwnerLetsThem(t *testing.T) {
	p := newPaper(t, dbtest.SQLite(t), func(o *site.Options) { o.Refused = []string{"GPTBot", "CCBot"} })
	r := readRobots(t, p.expect("/robots.txt", 200))
	for path, may := range map[string]bool{"/": true, "/en/": true, "/en/water/search-for-water": true, "/en/search-and-rescue/": true, "/en/search": false, "/fa/search?q=a": false, "/robots.txt": true} {
		if r.may("Googlebot", path) != may {
			t.Errorf("%s: a crawler that is welcome may read it: %v", path, !may)
		}
		if r.may("gptbot", path) || r.may("CCBot", path) {
			t.Errorf("%s: a crawler that is refused may read it", path)
		}
	}
	for _, at := range []string{"/sitemap.xml", "/en/sitemap-news.xml", "/fa/sitemap-news.xml"} {
		if !slices.Contains(r.maps, p.server.URL+at) {
			t.Errorf("%s is not named", at)
		}
	}
	open := readRobots(t, newPaper(t, dbtest.SQLite(t)).expect("/robots.txt", 200))
	if !open.may("GPTBot", "/en/") || len(open.groups) != 1 {
		t.Error("without a word of the owner somebody is refused")
	}
}

func TestSecurityTxtIsAlwaysGood(t *testing.T) {
	read := func(p *paper) map[string][]string {
		fields := map[string][]string{}
		for line := range strings.Lines(p.expect("/.well-known/security.txt", 200)) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if !ok {
				t.Errorf("a line is %q", line)
			}
			fields[key] = append(fields[key], value)
		}
		return fields
	}
	p := newPaper(t, dbtest.SQLite(t), func(o *site.Options) {
		o.Contacts = []string{"mailto:security@paper.example", "https://paper.example/tell"}
	})
	for range 14 {
		fields := read(p)
		expires, err := time.Parse(time.RFC3339, fields["Expires"][0])
		if ahead := expires.Sub(p.time()); err != nil || ahead < 150*24*time.Hour || ahead > 364*24*time.Hour || len(fields["Expires"]) != 1 {
			t.Errorf("on %s it expires on %v", p.time(), fields["Expires"])
		}
		if !slices.Equal(fields["Contact"], []string{"mailto:security@paper.example", "https://paper.example/tell"}) || fields["Preferred-Languages"][0] != "en, fa" || fields["Canonical"][0] != p.server.URL+"/.well-known/security.txt" {
			t.Errorf("got %v", fields)
		}
		p.forward(31 * 24 * time.Hour)
	}
	p.expect("/security.txt", 404)
	p = newPaper(t, dbtest.SQLite(t))
	p.expect("/.well-known/security.txt", 404)
	p.withPages()
	if got := read(p)["Contact"]; !slices.Equal(got, []string{p.server.URL + "/en/about/contact"}) {
		t.Errorf("got the contact %v", got)
	}
}

func TestBrowsersCanSearchAndKeepThePaper(t *testing.T) {
	p := newPaper(t, dbtest.SQLite(t))
	for path, key := range map[string]string{"/opensearch.xml": "en", "/en/opensearch.xml": "en", "/fa/opensearch.xml": "fa"} {
		var got struct {
			XMLName     xml.Name `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
			ShortName   string
			LongName    string
			Description string
			Image       string
			Language    string
			Input       string `xml:"InputEncoding"`
			URLs        []struct {
				Type     string `xml:"type,attr"`
				Rel      string `xml:"rel,attr"`
				Template string `xml:"template,attr"`
			} `xml:"Url"`
		}
		p.must(xml.Unmarshal([]byte(p.expect(path, 200)), &got))
		if n := utf8.RuneCountInString(got.ShortName); n == 0 || n > 16 || utf8.RuneCountInString(got.LongName) > 48 || got.Description == "" || got.Language != key || got.Input != "UTF-8" {
			t.Errorf("%s: got %+v", path, got)
		}
		if len(got.URLs) != 2 || got.URLs[0].Template != p.server.URL+"/"+key+"/search?q={searchTerms}" || got.URLs[1].Rel != "self" || got.URLs[1].Template != p.server.URL+path {
			t.Errorf("%s: got %+v", path, got.URLs)
		}
		p.expect(strings.TrimPrefix(got.Image, p.server.URL), 200)
	}
	for path, key := range map[string]string{"/manifest.webmanifest": "en", "/en/manifest.webmanifest": "en", "/fa/manifest.webmanifest": "fa"} {
		response, text := p.get(path)
		var got struct {
			Name, Lang, Dir, Scope, Display string
			Start                           string `json:"start_url"`
			Short                           string `json:"short_name"`
			Icons                           []struct{ Src, Sizes, Type, Purpose string }
			Shortcuts                       []struct{ Name, URL string }
		}
		p.must(json.Unmarshal([]byte(text), &got))
		dir := map[string]string{"en": "ltr", "fa": "rtl"}[key]
		if got.Name == "" || got.Short == "" || got.Lang != key || got.Dir != dir || got.Scope != "/" || got.Display == "" || got.Start != "/"+key+"/" || response.Header.Get("Content-Type") != "application/manifest+json" {
			t.Errorf("%s: got %+v", path, got)
		}
		purposes := map[string]bool{}
		for _, icon := range got.Icons {
			purposes[icon.Purpose] = true
			body := p.expect(icon.Src, 200)
			if icon.Type != "image/png" {
				continue
			}
			config, err := png.DecodeConfig(strings.NewReader(body))
			p.must(err)
			if size := fmt.Sprintf("%dx%d", config.Width, config.Height); size != icon.Sizes || len(body) > 8<<10 {
				t.Errorf("%s is %s and of %d bytes, want %s", icon.Src, size, len(body), icon.Sizes)
			}
		}
		if !purposes["any"] || !purposes["maskable"] || len(got.Icons) < 4 || len(got.Shortcuts) < 2 {
			t.Errorf("%s: got %+v", path, got)
		}
		for _, s := range got.Shortcuts {
			p.expect(s.URL, 200)
		}
	}
	for _, path := range []string{"/xx/opensearch.xml", "/xx/manifest.webmanifest", "/en/manifest.json", "/.well-known/nothing"} {
		p.expect(path, 404)
	}
}

// urlset is a sitemap.
type urlset struct {
	XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []struct {
		Loc     string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
		Changed string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 lastmod"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
		Images []string `xml:"http://www.google.com/schemas/sitemap-image/1.1 image>loc"`
		News   *struct {
			Name     string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication>name"`
			Language string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication>language"`
			Date     string `xml:"http://www.google.com/schemas/sitemap-news/0.9 publication_date"`
			Title    string `xml:"http://www.google.com/schemas/sitemap-news/0.9 title"`
		} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
	} `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
}

// sitemap reads a sitemap and judges what all must keep; by path.
func (p *paper) sitemap(path string) (set urlset, index map[string]int) {
	p.t.Helper()
	text := p.expect(path, 200)
	p.must(xml.Unmarshal([]byte(text), &set))
	if len(set.URLs) > feed.MaxAddresses || len(text) > feed.MaxBytes {
		p.t.Errorf("%s has %d addresses in %d bytes", path, len(set.URLs), len(text))
	}
	index = map[string]int{}
	for n, u := range set.URLs {
		at, here := strings.CutPrefix(u.Loc, p.server.URL)
		if _, twice := index[at]; !here || twice {
			p.t.Errorf("%s has %s twice, or it is elsewhere", path, u.Loc)
		}
		index[at] = n
		if u.Changed != "" {
			if _, err := time.Parse(time.RFC3339, u.Changed); err != nil {
				p.t.Errorf("%s: %v", path, err)
			}
		}
		self := len(u.Links) == 0
		for _, l := range u.Links {
			self = self || l.Href == u.Loc && l.Lang != "x-default"
		}
		if !self || len(u.Links) > 0 && u.Links[len(u.Links)-1].Lang != "x-default" {
			p.t.Errorf("%s: %s has the languages %v", path, u.Loc, u.Links)
		}
	}
	return set, index
}

func TestSitemapsHaveEverythingOnce(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.withPages()
		picture := p.withPicture()
		twin := ref.New[ref.Story](p.mint)
		var live story.Card
		for key, headline := range map[string]string{"en": "In both", "fa": "در هر دو"} {
			c := p.content(key, headline, "Text.")
			c.Picture, c.Slug = picture, "in-both"
			if card := p.publish(key, twin, c); key == "en" {
				live = card
			}
		}
		p.publish("en", 0, p.content("en", "Alone", "Text."))
		p.forward(2 * time.Hour)
		p.republish(live.ID, func(c *story.Content) { c.Standfirst = "Another." })
		fa := "/fa/" + url.PathEscape("آب") + "/in-both"
		set, index := p.sitemap("/en/sitemap-2026-03.xml")
		if len(set.URLs) != 2 {
			t.Fatalf("got %v", index)
		}
		two := set.URLs[index["/en/water/in-both"]]
		var links []string
		for _, l := range two.Links {
			links = append(links, l.Lang+" "+strings.TrimPrefix(l.Href, p.server.URL))
		}
		if want := []string{"en /en/water/in-both", "fa " + fa, "x-default /en/water/in-both"}; !slices.Equal(links, want) {
			t.Errorf("got the languages %q, want %q", links, want)
		}
		if two.Changed != "2026-03-20T14:00:00Z" || len(two.Images) != 1 || two.Images[0] != p.server.URL+"/media/0123456789abcdef0123456789abcdef/1280.jpg" {
			t.Errorf("got %+v", two)
		}
		if alone := set.URLs[index["/en/water/alone"]]; len(alone.Links) != 0 || len(alone.Images) != 0 || alone.Changed != "2026-03-20T12:00:00Z" {
			t.Errorf("got %+v", alone)
		}
		_, standing := p.sitemap("/en/sitemap-standing.xml")
		for _, at := range []string{"/en/", "/en/latest/", "/en/in-focus/", "/en/corrections", "/en/water/", "/en/topic/qanat", "/en/author/mina-tavakol", "/en/about/standards", "/en/about/contact"} {
			if _, there := standing[at]; !there {
				t.Errorf("%s is not in the sitemap of what stands: %v", at, standing)
			}
		}
		for at := range standing {
			p.expect(at, 200)
		}
		p.sitemap("/fa/sitemap-standing.xml")
		text := p.expect("/sitemap.xml", 200, "/en/sitemap-standing.xml", "/fa/sitemap-standing.xml", "<lastmod>2026-03-20T14:00:00Z</lastmod>")
		for _, found := range regexp.MustCompile(`<loc>([^<]+)</loc>`).FindAllStringSubmatch(text, -1) {
			p.sitemap(strings.TrimPrefix(found[1], p.server.URL))
		}
		for _, path := range []string{"/en/sitemap-2026-03-2.xml", "/en/sitemap-2026-03-1.xml", "/en/sitemap-2026-03-02.xml", "/en/sitemap-2026-03-.xml", "/en/sitemap-2026-3.xml", "/en/sitemap-2026-03-99999999999999999999.xml", "/en/sitemap-x.xml", "/xx/sitemap-standing.xml", "/en/sitemap--2026-03.xml"} {
			p.expect(path, 404)
		}
		p.must(p.desk.Withdraw(t.Context(), live.ID, "Law."))
		if _, index := p.sitemap("/fa/sitemap-2026-03.xml"); len(index) != 1 {
			t.Errorf("got %v", index)
		} else if text := p.expect("/fa/sitemap-2026-03.xml", 200); strings.Contains(text, "/en/water/in-both") {
			t.Error("the sitemap of the other edition leads to what was withdrawn")
		}
	})
}

func TestAMonthWithTooManyIsCutIntoParts(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.site.CutMonths(2)
		for n := range 5 {
			live := p.publish("en", 0, p.content("en", fmt.Sprintf("Story %d", n), "Text."))
			p.expectations(live.ID) // a receipt looks into the right part
		}
		p.expect("/sitemap.xml", 200, "/en/sitemap-2026-03.xml<", "/en/sitemap-2026-03-2.xml<", "/en/sitemap-2026-03-3.xml<")
		all := map[string]int{}
		for _, path := range []string{"/en/sitemap-2026-03.xml", "/en/sitemap-2026-03-2.xml", "/en/sitemap-2026-03-3.xml"} {
			_, index := p.sitemap(path)
			for at := range index {
				all[at]++
			}
		}
		if len(all) != 5 {
			t.Errorf("got %v, want five stories", all)
		}
		p.expect("/en/sitemap-2026-03-4.xml", 404)
	})
}

func TestTheNewsSitemapHasTwoDays(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("fa", 0, p.content("fa", "کهنه", "متن."))
		p.forward(47 * time.Hour)
		p.publish("fa", 0, p.content("fa", "تازه دربارهٔ Qanat ها", "متن."))
		set, _ := p.sitemap("/fa/sitemap-news.xml")
		if len(set.URLs) != 2 {
			t.Errorf("got %d stories of 47 hours, want 2", len(set.URLs))
		}
		p.forward(2 * time.Hour)
		set, _ = p.sitemap("/fa/sitemap-news.xml")
		if len(set.URLs) != 1 {
			t.Fatalf("got %d stories of 49 hours, want 1", len(set.URLs))
		}
		news := set.URLs[0].News
		if news == nil || news.Name != "برودشیت" || news.Language != "fa" || news.Date != "2026-03-22T11:00:00Z" || news.Title != "تازه دربارهٔ \u2068Qanat\u2069 ها" {
			t.Errorf("got %+v", news)
		}
	})
}

// TestAPartOfAMonthStaysWithinTheProtocol writes as many stories as a part may have,
// with the longest slugs, in as many languages as the paper was made for.
func TestAPartOfAMonthStaysWithinTheProtocol(t *testing.T) {
	segment := "/" + url.PathEscape(strings.Repeat("ق", site.LongestSlug/2))
	address := "https://a-rather-long-name.of-a-newspaper.example/fa" + segment + segment
	one := feed.Address{Location: address, Changed: time.Now(), Pictures: []string{"https://a-rather-long-name.of-a-newspaper.example/media/0123456789abcdef0123456789abcdef/1280.jpg"}}
	for _, language := range []string{"en", "ar", "fa", "ckb", "x-default"} {
		one.Alternates = append(one.Alternates, feed.Alternate{Language: language, Location: address})
	}
	out, told := feed.Sitemap(slices.Repeat([]feed.Address{one}, site.PartSize))
	if told != site.PartSize || len(out) > feed.MaxBytes {
		t.Errorf("%d of %d addresses fit into %d bytes", told, site.PartSize, len(out))
	}
	out, told = feed.Sitemap(slices.Repeat([]feed.Address{one}, feed.MaxAddresses+1))
	if told >= feed.MaxAddresses || len(out) > feed.MaxBytes || !strings.HasSuffix(string(out), "</urlset>\n") {
		t.Errorf("what is beyond the limits is written: %d addresses, %d bytes", told, len(out))
	}
}
