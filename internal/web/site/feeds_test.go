package site_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/web/site"
)

// told is a story as a feed of any format tells it.
type told struct {
	ID, Title, Link, HTML, Updated, Picture string
	Authors, Topics                         []string
}

type rssFeed struct {
	Channel struct {
		Title    string `xml:"title"`
		Language string `xml:"language"`
		Links    []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
		Items []struct {
			Title    string   `xml:"title"`
			Link     string   `xml:"link"`
			GUID     string   `xml:"guid"`
			Updated  string   `xml:"http://www.w3.org/2005/Atom updated"`
			Content  string   `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
			Creators []string `xml:"http://purl.org/dc/elements/1.1/ creator"`
			Topics   []string `xml:"category"`
			Media    struct {
				URL string `xml:"url,attr"`
			} `xml:"http://search.yahoo.com/mrss/ content"`
		} `xml:"item"`
	} `xml:"channel"`
}

type atomFeed struct {
	Lang  string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Title string `xml:"title"`
	Links []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID    string `xml:"id"`
		Title string `xml:"title"`
		Link  struct {
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
		Published string   `xml:"published"`
		Updated   string   `xml:"updated"`
		Authors   []string `xml:"author>name"`
		Topics    []struct {
			Term string `xml:"term,attr"`
		} `xml:"category"`
		Content string `xml:"http://www.w3.org/2005/Atom content"`
		Media   struct {
			URL string `xml:"url,attr"`
		} `xml:"http://search.yahoo.com/mrss/ content"`
	} `xml:"entry"`
}

type jsonFeed struct {
	Version, Title, Language string
	FeedURL                  string `json:"feed_url"`
	HomeURL                  string `json:"home_page_url"`
	Hubs                     []struct{ Type, URL string }
	Items                    []struct {
		ID, URL, Title, Image, Language string
		HTML                            string `json:"content_html"`
		Published                       string `json:"date_published"`
		Modified                        string `json:"date_modified"`
		Authors                         []struct{ Name, URL string }
		Tags                            []string
	}
}

// tellings reads a list's feed in all three formats.
func (p *paper) tellings(base string) (rss, atom, other []told, title string) {
	p.t.Helper()
	var r rssFeed
	p.must(xml.Unmarshal([]byte(p.expect(base+"feed.xml", 200)), &r))
	for _, i := range r.Channel.Items {
		rss = append(rss, told{i.GUID, i.Title, i.Link, i.Content, i.Updated, i.Media.URL, i.Creators, i.Topics})
	}
	var a atomFeed
	p.must(xml.Unmarshal([]byte(p.expect(base+"atom.xml", 200)), &a))
	for _, e := range a.Entries {
		one := told{e.ID, e.Title, e.Link.Href, e.Content, e.Updated, e.Media.URL, e.Authors, nil}
		if one.Updated == e.Published {
			one.Updated = ""
		}
		for _, t := range e.Topics {
			one.Topics = append(one.Topics, t.Term)
		}
		atom = append(atom, one)
	}
	var j jsonFeed
	p.must(json.Unmarshal([]byte(p.expect(base+"feed.json", 200)), &j))
	for _, i := range j.Items {
		one := told{i.ID, i.Title, i.URL, i.HTML, i.Modified, i.Image, nil, i.Tags}
		for _, a := range i.Authors {
			one.Authors = append(one.Authors, a.Name)
		}
		other = append(other, one)
	}
	if r.Channel.Title != a.Title || a.Title != j.Title || r.Channel.Language != a.Lang || a.Lang != j.Language {
		p.t.Errorf("%s: the formats differ: %q in %s, %q in %s, %q in %s", base, r.Channel.Title, r.Channel.Language, a.Title, a.Lang, j.Title, j.Language)
	}
	return rss, atom, other, j.Title
}

// withPicture gives the newsroom a picture of 1600 by 1067.
func (p *paper) withPicture() ref.Asset {
	id := ref.New[ref.Asset](p.mint)
	p.must(p.desk.House(p.t.Context(), func(tx *db.Tx) error {
		return asset.Put(tx, asset.Asset{ID: id, Key: "0123456789abcdef0123456789abcdef", Kind: asset.Picture, Type: "image/jpeg", Width: 1600, Height: 1067, Widths: []int{320, 640, 1280, 1600},
			Credit: "Broadsheet", Licence: "https://example.org/licence", Words: map[string]asset.Words{"en": {Alt: "A tunnel", Caption: "The tunnel"}, "fa": {Alt: "یک قنات", Caption: "قنات"}}})
	}))
	return id
}

func TestEveryListHasTheSameStoriesInAllFormatsOfFeeds(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		picture := p.withPicture()
		for key, headline := range map[string]string{"en": `He said “قنات” & "no" <b>`, "fa": "قنات به انگلیسی Qanat است"} {
			c := p.content(key, headline, "Text & <b>.")
			c.Picture, c.Slug = picture, "one"
			live := p.publish(key, 0, c)
			p.publish(key, 0, p.content(key, "Second "+key, "More."))
			p.forward(time.Hour)
			p.republish(live.ID, func(c *story.Content) { c.Body = body.FromText("Text & <b> again.") })
			p.forward(time.Hour)
		}
		bases := map[string][]string{
			"en": {"/en/", "/en/water/", "/en/topic/qanat/", "/en/author/mina-tavakol/"},
			"fa": {"/fa/", "/fa/" + url.PathEscape("آب") + "/", "/fa/topic/" + url.PathEscape("قنات") + "/", "/fa/author/" + url.PathEscape("مینا-توکل") + "/"},
		}
		wants := map[string]told{
			"en": {Title: "He said “\u2068قنات\u2069” & \"no\" <b>", Authors: []string{"Mina Tavakol"}, Topics: []string{"Qanat"}, Updated: "2026-03-20T15:00:00Z"},
			"fa": {Title: "قنات به انگلیسی \u2068Qanat\u2069 است", Authors: []string{"مینا توکل"}, Topics: []string{"قنات"}, Updated: "2026-03-20T13:00:00Z"},
		}
		for key, list := range bases {
			dir := map[string]string{"en": "ltr", "fa": "rtl"}[key]
			for _, base := range list {
				rss, atom, other, title := p.tellings(base)
				if len(rss) != 2 || len(atom) != 2 || len(other) != 2 {
					t.Fatalf("%s: %d, %d and %d stories, want 2", base, len(rss), len(atom), len(other))
				}
				for n := range rss {
					for _, same := range []told{atom[n], other[n]} {
						if same.ID != rss[n].ID || same.Title != rss[n].Title || same.Link != rss[n].Link || same.HTML != rss[n].HTML || same.Updated != rss[n].Updated || same.Picture != rss[n].Picture ||
							!slices.Equal(same.Authors, rss[n].Authors) || !slices.Equal(same.Topics, rss[n].Topics) {
							t.Errorf("%s: got %+v and %+v", base, same, rss[n])
						}
					}
				}
				want := wants[key]
				got := rss[1]
				updated, err := time.Parse(time.RFC3339, got.Updated)
				if got.Title != want.Title || !slices.Equal(got.Authors, want.Authors) || !slices.Equal(got.Topics, want.Topics) || err != nil || updated.Minute() != 0 {
					t.Errorf("%s: got %+v, want %+v", base, got, want)
				}
				if !strings.Contains(got.HTML, `<div lang="`+key+`" dir="`+dir+`"`) || !strings.Contains(got.HTML, "Text &amp; &lt;b&gt; again.") {
					t.Errorf("%s: got %s", base, got.HTML)
				}
				if !strings.HasSuffix(got.Picture, "/media/0123456789abcdef0123456789abcdef/1280.jpg") || !strings.HasPrefix(got.Picture, p.server.URL) {
					t.Errorf("%s: got the picture %s", base, got.Picture)
				}
				if !strings.HasPrefix(got.ID, "urn:uuid:") || title == "" {
					t.Errorf("%s: got the identity %s in %q", base, got.ID, title)
				}
			}
		}
	})
}

func TestAFeedOfEveryFormatIsAdvertisedAndKept(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A story", "Text."))
		for _, page := range []string{"/en/", "/en/water/", "/en/topic/qanat", "/en/author/mina-tavakol"} {
			text := p.expect(page, 200)
			base := strings.TrimSuffix(page, "/")
			for file, kind := range map[string]string{"feed.xml": "application/rss&#43;xml", "atom.xml": "application/atom&#43;xml", "feed.json": "application/feed&#43;json"} {
				if want := `type="` + kind + `" title="`; !strings.Contains(text, want) || !strings.Contains(text, `href="`+base+"/"+file+`"`) {
					t.Errorf("%s does not lead to its %s", page, file)
				}
				response, _ := p.get(base + "/" + file)
				if got, want := response.Header.Get("Content-Type"), strings.ReplaceAll(kind, "&#43;", "+")+"; charset=utf-8"; got != want {
					t.Errorf("%s: got %s, want %s", file, got, want)
				}
				if got := response.Header.Get("Cache-Control"); !strings.HasPrefix(got, "public, max-age=60,") {
					t.Errorf("%s: got %s", file, got)
				}
				request, _ := http.NewRequest("GET", p.server.URL+base+"/"+file, nil)
				request.Header.Set("If-None-Match", response.Header.Get("ETag"))
				request.Header.Set("Accept-Encoding", "gzip")
				again, err := http.DefaultTransport.RoundTrip(request)
				p.must(err)
				again.Body.Close()
				if again.StatusCode != http.StatusNotModified {
					t.Errorf("%s: asked again it answers %d", file, again.StatusCode)
				}
			}
		}
	})
}

func TestFeedsNameAHubOnlyWhenThereIsOne(t *testing.T) {
	const hub = "https://hub.example/?a=1&b=2"
	for want, p := range map[string]*paper{
		"":  newPaper(t, dbtest.SQLite(t)),
		hub: newPaper(t, dbtest.SQLite(t), func(o *site.Options) { o.Hub = hub }),
	} {
		var r rssFeed
		p.must(xml.Unmarshal([]byte(p.expect("/en/feed.xml", 200)), &r))
		var a atomFeed
		p.must(xml.Unmarshal([]byte(p.expect("/en/atom.xml", 200)), &a))
		var j jsonFeed
		p.must(json.Unmarshal([]byte(p.expect("/en/feed.json", 200)), &j))
		got := []string{"", "", ""}
		for _, l := range r.Channel.Links {
			if l.Rel == "hub" {
				got[0] = l.Href
			}
		}
		for _, l := range a.Links {
			if l.Rel == "hub" {
				got[1] = l.Href
			}
		}
		for _, h := range j.Hubs {
			got[2] = h.URL
		}
		if !slices.Equal(got, []string{want, want, want}) {
			t.Errorf("got the hubs %q, want %q", got, want)
		}
	}
}

func TestAFeedThatIsNoneIsAPageThatHelps(t *testing.T) {
	p := newPaper(t, dbtest.SQLite(t))
	for path, status := range map[string]int{
		"/xx/feed.json": 404, "/en/nothing/atom.xml": 404, "/en/topic/nothing/feed.json": 404, "/en/author/nothing/atom.xml": 404, "/en/water/feed.xml/": 301, "/en/feed.json?before=%ff": 200,
		"/en/feed.atom": 404, "/en/topic/feed.json": 404, "/feed.json": 404, "/en/%ff/feed.json": 400, "/en/corrections/feed.json": 404,
	} {
		if response, _ := p.get(path); response.StatusCode != status {
			t.Errorf("%s: got %d, want %d", path, response.StatusCode, status)
		}
	}
}

func TestAReceiptLooksIntoEveryFormat(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", `The "first" & <last>`, "Text."))
		wants := p.expectations(live.ID)
		for _, base := range []string{"/en/", "/en/water/", "/en/topic/qanat/", "/en/author/mina-tavakol/"} {
			for _, file := range []string{"feed.xml", "atom.xml", "feed.json"} {
				e, wanted := wants[base+file]
				if !wanted {
					t.Errorf("nothing is wanted of %s", base+file)
				}
				if e.Met(200, []byte(`{"items": []}`)) || e.Met(200, nil) {
					t.Errorf("%s: an empty feed is taken for one with the story", base+file)
				}
			}
		}
		p.must(p.desk.Withdraw(t.Context(), live.ID, "Law."))
		old := p.expectations(live.ID)
		if _, wanted := old["/en/topic/qanat/feed.json"]; !wanted {
			t.Error("withdrawn: nothing is wanted of the topic's JSON Feed")
		}
	})
}
