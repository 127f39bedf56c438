package feed_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/web/feed"
)

// channel reads back what RSS wrote.
type channel struct {
	Title string `xml:"channel>title"`
	Items []struct {
		Title       string   `xml:"title"`
		Link        string   `xml:"link"`
		GUID        string   `xml:"guid"`
		PubDate     string   `xml:"pubDate"`
		Description string   `xml:"description"`
		Content     string   `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
		Creators    []string `xml:"http://purl.org/dc/elements/1.1/ creator"`
		Categories  []string `xml:"category"`
	} `xml:"channel>item"`
}

func TestTextComesBackFromAFeedByteForByte(t *testing.T) {
	texts := []string{
		`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%; ]]> &amp;`,
		"می‌روم — «نیم‌فاصله»", "العربيّةُ", "😀‍👩", "a\u2028b", "tab\tand\nline", "\u202eoverride\u202c", "  blanks  ",
	}
	for _, text := range texts {
		out := feed.RSS(feed.Feed{Title: text, Home: "https://example.org/", Self: "https://example.org/feed.xml", Language: "fa", Items: []feed.Item{{
			Identity: "1", Address: "https://example.org/a?b=1&c=2", Title: text, Summary: text, HTML: "<p>" + text + "</p>",
			Authors: []feed.Author{{Name: text}}, Topics: []string{text}, Published: time.Date(2026, 3, 1, 9, 5, 0, 0, time.FixedZone("", 12600)),
		}}})
		var got channel
		if err := xml.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		item := got.Items[0]
		for _, back := range []string{got.Title, item.Title, item.Description, strings.TrimSuffix(strings.TrimPrefix(item.Content, "<p>"), "</p>"), item.Creators[0], item.Categories[0]} {
			if back != text {
				t.Errorf("got %q, want %q", back, text)
			}
		}
		if want := "Sun, 01 Mar 2026 05:35:00 GMT"; item.PubDate != want {
			t.Errorf("got %q, want %q", item.PubDate, want)
		}
	}
}

func TestWhatXMLCannotCarryBreaksNoFeed(t *testing.T) {
	out := feed.RSS(feed.Feed{Title: "a\x00b\x1b\xffc\ufffe"})
	var got channel
	if err := xml.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if want := "a\ufffdb\ufffd\ufffdc\ufffd"; got.Title != want {
		t.Errorf("got %q, want %q", got.Title, want)
	}
}

func TestSitemapsAreWellFormed(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	sitemap, _ := feed.Sitemap([]feed.Address{{Location: "https://example.org/?a=1&b=2", Changed: at, Alternates: []feed.Alternate{{"fa", "https://example.org/fa/"}}}})
	for name, out := range map[string][]byte{
		"sitemap": sitemap,
		"index":   feed.SitemapIndex([]feed.Address{{Location: "https://example.org/s.xml"}}),
		"news":    feed.NewsSitemap("Broadsheet & Sons", "en-GB", []feed.NewsAddress{{"https://example.org/a", "A < B", at}}),
	} {
		decoder := xml.NewDecoder(strings.NewReader(string(out)))
		for {
			if _, err := decoder.Token(); err != nil {
				if err.Error() != "EOF" {
					t.Errorf("%s: %v in %s", name, err, out)
				}
				break
			}
		}
	}
}
