package site_test

import (
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// paper is a newsroom with two editions, served.
type paper struct {
	t       *testing.T
	db      *db.DB
	site    *site.Site
	server  *httptest.Server
	desk    *publish.Desk
	stories *story.Store
	mint    *ref.Mint
	// clock guards now: the site goes on in the background.
	clock sync.Mutex
	now   time.Time
	water map[string]ref.Section
	qanat ref.Topic
	mina  ref.Author
}

func newPaper(t *testing.T, d *db.DB, changes ...func(*site.Options)) *paper {
	t.Helper()
	p := &paper{t: t, db: d, now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), water: map[string]ref.Section{}}
	clock := p.time
	p.mint = ref.NewMint(1, clock)
	p.stories = story.NewStore(p.mint, clock)
	log, err := event.Open(t.Context(), d, func(e event.Event) {
		if p.site != nil {
			p.site.Drop(e.Tags, e.Purge)
		}
	})
	p.must(err)
	p.desk = publish.NewDesk(d, p.stories, log, search.For(d), p.mint, clock)
	p.must(p.desk.House(t.Context(), p.furnish))
	look, err := theme.Load(theme.Sources{Layers: []fs.FS{themes.Base()}, Dist: ui.Dist(), Languages: []string{"en", "fa", "ar"}, Samples: site.Samples()})
	p.must(err)
	options := site.Options{DB: d, Index: search.For(d), Theme: look, CacheBytes: 64 << 20, Media: http.NotFoundHandler(), Now: clock}
	for _, change := range changes {
		change(&options)
	}
	p.site = site.New(options)
	p.server = httptest.NewServer(p.site)
	t.Cleanup(func() {
		p.server.Close()
		p.site.Close()
	})
	return p
}

func (p *paper) furnish(tx *db.Tx) error {
	p.qanat, p.mina = ref.New[ref.Topic](p.mint), ref.New[ref.Author](p.mint)
	for position, key := range []string{"en", "fa"} {
		if err := edition.Put(tx, edition.Default(key), position); err != nil {
			return err
		}
		id := ref.New[ref.Section](p.mint)
		p.water[key] = id
		name := map[string]string{"en": "Water", "fa": "آب"}[key]
		if err := section.Put(tx, section.Section{ID: id, Edition: key, Slug: strings.ToLower(name), Position: 1, Name: name}); err != nil {
			return err
		}
	}
	err := topic.Put(tx, topic.Topic{ID: p.qanat, Kind: "concept", Focus: 1, Words: map[string]topic.Words{
		"en": {Name: "Qanat", Slug: "qanat", Definition: "A tunnel that brings water by gravity.", Aliases: []string{"Kariz"}},
		"fa": {Name: "قنات", Slug: "قنات", Definition: "راهی زیرزمینی برای آب."}}})
	if err != nil {
		return err
	}
	return author.Put(tx, author.Author{ID: p.mina, Words: map[string]author.Words{
		"en": {Name: "Mina Tavakol", Slug: "mina-tavakol", Bio: "Writes on water."}, "fa": {Name: "مینا توکل", Slug: "مینا-توکل"}}})
}

func (p *paper) time() time.Time {
	p.clock.Lock()
	defer p.clock.Unlock()
	return p.now
}

func (p *paper) forward(d time.Duration) {
	p.clock.Lock()
	defer p.clock.Unlock()
	p.now = p.now.Add(d)
}

func (p *paper) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *paper) content(key, headline, text string) story.Content {
	return story.Content{Headline: headline, Standfirst: "A standfirst.", Genre: story.Explainer, Section: p.water[key],
		Topics: []ref.Topic{p.qanat}, Byline: []story.Signature{{Author: p.mina}}, Body: body.FromText(text)}
}

// publish makes a story live in an edition.
func (p *paper) publish(key string, twin ref.Story, c story.Content) story.Card {
	p.t.Helper()
	var d story.Draft
	p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) (err error) {
		d, err = p.stories.Create(tx, 0, key, twin, 0, c)
		return err
	}))
	live, err := p.desk.Story(p.t.Context(), publish.Order{Story: d.ID, Sequence: d.Sequence})
	p.must(err)
	return live
}

// republish saves a new text over a live story and makes it live.
func (p *paper) republish(id ref.Story, change func(*story.Content)) story.Card {
	p.t.Helper()
	var d story.Draft
	p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) (err error) {
		if d, err = p.stories.Draft(tx, id); err != nil {
			return err
		}
		change(&d.Content)
		d, err = p.stories.Save(tx, 0, id, d.Sequence, d.Content)
		return err
	}))
	live, err := p.desk.Story(p.t.Context(), publish.Order{Story: id, Sequence: d.Sequence})
	p.must(err)
	return live
}

// get asks as a reader would, without following.
func (p *paper) get(path string) (*http.Response, string) {
	p.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(p.server.URL + path)
	p.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	p.must(err)
	return response, string(text)
}

func (p *paper) expect(path string, status int, contains ...string) string {
	p.t.Helper()
	response, text := p.get(path)
	if response.StatusCode != status {
		p.t.Errorf("%s: got %d, want %d", path, response.StatusCode, status)
	}
	for _, want := range contains {
		if !strings.Contains(text, want) {
			p.t.Errorf("%s does not contain %q", path, want)
		}
	}
	return text
}

func both(t *testing.T, test func(*testing.T, *paper)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { test(t, newPaper(t, d)) })
}

func TestAPublishedStoryIsOnEveryPageThatShowsItAtOnce(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		pages := []string{"/", "/en/", "/en/water/", "/en/latest/", "/en/genre/explainer/", "/en/topic/qanat", "/en/author/mina-tavakol", "/en/feed.xml", "/en/water/feed.xml", "/en/topic/qanat/feed.xml", "/en/author/mina-tavakol/feed.xml"}
		for _, path := range pages {
			if text := p.expect(path, 200); strings.Contains(text, "How a qanat works") {
				t.Errorf("%s shows the story before it is there", path)
			}
		}
		live := p.publish("en", 0, p.content("en", "How a qanat works", "Water by gravity."))
		for _, path := range pages {
			p.expect(path, 200, "How a qanat works")
		}
		p.expect("/en/water/how-a-qanat-works", 200, "How a qanat works", "Water by gravity.", "Mina Tavakol", "A standfirst.")
		p.expect("/en/search?q=gravity", 200, "How a qanat works")
		p.expect("/en/sitemap-2026-03.xml", 200, "/en/water/how-a-qanat-works")
		p.expect("/sitemap.xml", 200, "/en/sitemap-2026-03.xml")
		p.expect("/en/sitemap-news.xml", 200, "How a qanat works")

		p.republish(live.ID, func(c *story.Content) { c.Headline = "How a kariz works" })
		for _, path := range pages {
			if text := p.expect(path, 200, "How a kariz works"); strings.Contains(text, "How a qanat works") {
				t.Errorf("%s still shows the old headline", path)
			}
		}
		response, _ := p.get("/en/water/how-a-qanat-works")
		if response.StatusCode != 301 || response.Header.Get("Location") != "/en/water/how-a-kariz-works" {
			t.Errorf("the old address answers %d, %s", response.StatusCode, response.Header.Get("Location"))
		}

		p.must(p.desk.Withdraw(t.Context(), live.ID, "The drawing was of another tunnel."))
		for _, path := range pages {
			if text := p.expect(path, 200); strings.Contains(text, "How a kariz works") {
				t.Errorf("%s still shows the withdrawn story", path)
			}
		}
		for _, path := range []string{"/en/water/how-a-kariz-works", "/en/water/how-a-qanat-works"} {
			p.expect(path, 410, "The drawing was of another tunnel.")
		}
		if text := p.expect("/en/search?q=gravity", 200); strings.Contains(text, "how-a-kariz-works") {
			t.Error("search finds the withdrawn story")
		}
	})
}

func TestEditionsLinkToTheSameStory(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		twin := ref.New[ref.Story](p.mint)
		p.publish("en", twin, p.content("en", "How a qanat works", "Water."))
		p.expect("/en/water/how-a-qanat-works", 200)
		p.publish("fa", twin, p.content("fa", "قنات چگونه کار می‌کند", "آب."))
		fa := "/fa/" + url.PathEscape("آب") + "/" + url.PathEscape("قنات-چگونه-کار-می-کند")
		p.expect("/en/water/how-a-qanat-works", 200, `hreflang="fa"`, fa)
		text := p.expect(fa, 200, `lang="fa"`, `dir="rtl"`, "قنات چگونه کار می‌کند", "/en/water/how-a-qanat-works", "۲۹ اسفند ۱۴۰۴")
		if strings.Contains(text, "2026</") {
			t.Error("the Persian page shows Western digits in a date")
		}
	})
}

// withoutIsolates takes away what plain lines have around their foreign runs.
var withoutIsolates = strings.NewReplacer("\u2068", "", "\u2069", "")

func TestTextComesOutAsItWentIn(t *testing.T) {
	texts := []string{
		`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%; $1 ? {{7*7}} &amp; </textarea>`,
		"می‌روم — «نیم‌فاصله»", "العربيّةُ مُشكّلة", "👩‍👩‍👧 and 🇮🇷", "a\u2028b", "e\u0301 é", strings.Repeat("ا\u064b\u0651", 40),
	}
	both(t, func(t *testing.T, p *paper) {
		for n, text := range texts {
			c := p.content("en", fmt.Sprintf("%d %s", n, text), text)
			c.Standfirst, c.Kicker, c.Slug = text, text, fmt.Sprint("text-", n)
			p.publish("en", 0, c)
			_, page := p.get(fmt.Sprint("/en/water/text-", n))
			plain := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
			if got := strings.Count(plain, text); got < 3 {
				t.Errorf("%q stands %d times on its page, want headline, standfirst and body", text, got)
			}
			if strings.Contains(page, "<script>alert") {
				t.Error("the text became markup")
			}
		}
		_, feed := p.get("/en/feed.xml")
		var channel struct {
			Titles   []string `xml:"channel>item>title"`
			Contents []string `xml:"channel>item>encoded"`
		}
		p.must(xml.Unmarshal([]byte(feed), &channel))
		for n, text := range texts {
			if got := channel.Titles[len(texts)-1-n]; withoutIsolates.Replace(got) != fmt.Sprintf("%d %s", n, text) {
				t.Errorf("the feed has %q", got)
			}
			if got := html.UnescapeString(channel.Contents[len(texts)-1-n]); !strings.Contains(got, text) {
				t.Errorf("the feed's text has lost %q", text)
			}
		}
	})
}

func TestWhatNobodyWroteIsAPageThatHelps(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A story", "Text."))
		long := "/en/search?q=" + strings.Repeat("x", 300)
		for path, status := range map[string]int{
			"/xx/": 404, "/en/nothing/": 404, "/en/water/nothing": 404, "/en/topic/nothing": 404, "/en/author/nothing": 404,
			"/en/genre/nothing/": 404, "/en/water/?before=nonsense": 400, "/en/water/?before=zzzz-1": 302, "/en/about/nothing": 404,
			"/fa/water/a-story": 404, "/en/search?q=%ff": 400, "/en/%ff/": 400, "/en/%00": 400, long: 400, "/en/search?q=a&before=0": 400,
			"/en/search?q=a&before=1-zzzz": 404, "/en/sitemap-2026-99.xml": 404, "/" + strings.Repeat("a", 5000): 414, "/en/water/..%2f..%2fetc": 404,
			`/en/search?q="'><script>alert(1)</script>`: 200, "/en/search?q=union+select+*+from+staff--": 200, "/en/search": 200,
		} {
			response, text := p.get(strings.ReplaceAll(path, " ", "+"))
			if response.StatusCode != status {
				t.Errorf("%.60s: got %d, want %d", path, response.StatusCode, status)
			}
			if strings.Contains(text, "<script>alert") || strings.Contains(text, "passwd") {
				t.Errorf("%.60s echoes the input", path)
			}
			if response.StatusCode >= 400 {
				if got := response.Header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("%.60s: %d is kept: %s", path, status, got)
				}
				if !strings.Contains(text, "<h1") && !strings.Contains(text, "search") {
					t.Errorf("%.60s: no page of ours", path)
				}
			}
		}
		for path, to := range map[string]string{"/en": "/en/", "/en/water": "/en/water/", "/en/water/a-story/": "/en/water/a-story"} {
			response, _ := p.get(path)
			if response.StatusCode != 301 || response.Header.Get("Location") != to {
				t.Errorf("%s: got %d to %q, want 301 to %q", path, response.StatusCode, response.Header.Get("Location"), to)
			}
		}
		response, err := http.Post(p.server.URL+"/en/", "text/plain", strings.NewReader("a"))
		p.must(err)
		response.Body.Close()
		if response.StatusCode != 405 {
			t.Errorf("POST: got %d, want 405", response.StatusCode)
		}
	})
}

func TestAListPagesWithoutGapsOrDoubles(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for n := range 60 {
			if n%3 == 0 { // some share a moment
				p.forward(time.Second)
			}
			p.publish("en", 0, p.content("en", fmt.Sprintf("Story number %d", n), "Text."))
		}
		seen, path := map[string]int{}, "/en/water/"
		link := regexp.MustCompile(`href="(/en/water/story-number-\d+)"`)
		older := regexp.MustCompile(`href="(/en/water/\?before=[^"]+)"`)
		for range 10 {
			text := p.expect(path, 200)
			here := map[string]bool{}
			for _, found := range link.FindAllStringSubmatch(text, -1) {
				here[found[1]] = true
			}
			for href := range here {
				seen[href]++
			}
			next := older.FindStringSubmatch(text)
			if next == nil {
				break
			}
			path = html.UnescapeString(next[1])
		}
		if len(seen) != 60 {
			t.Errorf("%d stories were listed, want 60", len(seen))
		}
		for href, n := range seen {
			if n != 1 {
				t.Errorf("%s stood on %d pages", href, n)
			}
		}
	})
}

func TestOneBodyForAllReaders(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A story", "Text."))
		first, body := p.get("/en/water/a-story")
		if vary := first.Header.Get("Vary"); vary != "Accept-Encoding" {
			t.Errorf("Vary: %q", vary)
		}
		if first.Header.Get("Set-Cookie") != "" {
			t.Error("a cookie")
		}
		if !strings.Contains(first.Header.Get("Cache-Control"), "max-age=60") {
			t.Errorf("Cache-Control: %q", first.Header.Get("Cache-Control"))
		}
		request, _ := http.NewRequest("GET", p.server.URL+"/en/water/a-story?utm_source=x", nil)
		request.Header.Set("Cookie", "a=b")
		request.Header.Set("Accept-Language", "fa")
		request.Header.Set("User-Agent", "<script>")
		response, err := http.DefaultClient.Do(request)
		p.must(err)
		defer response.Body.Close()
		other, _ := io.ReadAll(response.Body)
		if string(other) != body {
			t.Error("headers or unknown parameters change the page")
		}
		request, _ = http.NewRequest("GET", p.server.URL+"/en/water/a-story", nil)
		request.Header.Set("If-None-Match", first.Header.Get("ETag"))
		request.Header.Set("Accept-Encoding", "gzip")
		response, err = http.DefaultTransport.RoundTrip(request)
		p.must(err)
		response.Body.Close()
		if response.StatusCode != 304 {
			t.Errorf("got %d, want 304", response.StatusCode)
		}
	})
}

func TestWithTheDatabaseGoneKeptPagesAreServedStale(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", "A story", "Text."))
		p.expect("/en/water/a-story", 200)
		p.site.Drop([]string{string(live.ID.Tag())}, false)
		p.must(p.db.Close())
		response, text := p.get("/en/water/a-story")
		if response.StatusCode != 200 || !strings.Contains(text, "A story") || response.Header.Get("Warning") == "" {
			t.Errorf("got %d with Warning %q", response.StatusCode, response.Header.Get("Warning"))
		}
		response, text = p.get("/en/water/another")
		if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" || !strings.Contains(text, "<h1") {
			t.Errorf("what was never read answers %d", response.StatusCode)
		}
	})
}

func TestAWithdrawnStoryIsNeverServedStale(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", "A story", "Secret."))
		p.expect("/en/water/a-story", 200)
		p.must(p.desk.Withdraw(t.Context(), live.ID, "Law."))
		p.must(p.db.Close())
		if _, text := p.get("/en/water/a-story"); strings.Contains(text, "Secret.") {
			t.Error("the withdrawn text is served")
		}
	})
}

func TestAWithdrawnStoryLeavesThePagesOfOthersToo(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for n := range 8 {
			p.publish("en", 0, p.content("en", fmt.Sprintf("Other %d", n), "Text."))
		}
		for round := range 15 {
			p.forward(time.Second)
			live := p.publish("en", 0, p.content("en", fmt.Sprintf("Withdrawn %d", round), "Text."))
			var readers sync.WaitGroup
			for n := range 8 {
				readers.Go(func() { p.get(fmt.Sprintf("/en/water/other-%d", n)) })
			}
			p.must(p.desk.Withdraw(t.Context(), live.ID, "Law."))
			readers.Wait()
			for n := range 8 {
				if _, text := p.get(fmt.Sprintf("/en/water/other-%d", n)); strings.Contains(text, live.Headline) {
					t.Fatalf("round %d: the page of story %d shows what was withdrawn", round, n)
				}
			}
		}
	})
}

func TestAStandingPageIsListedNowhere(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		c := p.content("en", "About us", "Who we are.")
		c.Genre = story.Page
		p.publish("en", 0, c)
		p.expect("/en/about/about-us", 200, "Who we are.")
		for _, path := range []string{"/en/", "/en/water/", "/en/latest/", "/en/topic/qanat", "/en/author/mina-tavakol"} {
			if text := p.expect(path, 200); strings.Count(text, "About us") > 2 {
				t.Errorf("%s lists the page", path)
			}
		}
	})
}

func TestWithoutAHouseAReaderIsToldInASentence(t *testing.T) {
	p := newPaper(t, dbtest.SQLite(t))
	p.must(p.db.Close())
	p.expect("/en/", 503, "This page cannot be shown at the moment. Please try again in a few minutes.")
	media := httptest.NewRecorder()
	site.Media(nil).ServeHTTP(media, httptest.NewRequest("GET", "/media/nothing", nil))
	if media.Code != 404 || !strings.Contains(media.Body.String(), "There is no file at this address.") {
		t.Errorf("got %d, %s", media.Code, media.Body)
	}
}
