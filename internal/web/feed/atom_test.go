package feed_test

import (
	"encoding/xml"
	"testing"
	"time"

	"broadsheet/internal/web/feed"
)

func TestTextComesBackFromAtomByteForByte(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.FixedZone("", 12600))
	for _, text := range []string{`"union select" O'Brien <b> ]]> &amp;`, "می‌روم — «نیم‌فاصله»", "العربيّةُ", "😀‍👩", "\u202eoverride\u202c", "  blanks  "} {
		out := feed.Atom(feed.Feed{Title: text, Description: text, Author: text, Language: "fa", Home: "https://example.org/?a=1&b=2", Self: "https://example.org/atom.xml", Updated: at,
			Items: []feed.Item{{Identity: "tag:example.org,2026-03-01:1", Address: "https://example.org/a?b=1&c=2", Title: text, Summary: text, HTML: "<p>" + text + "</p>", Authors: []feed.Author{{Name: text}}, Topics: []string{text}, Published: at}}})
		var got struct {
			XMLName  xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID       string   `xml:"id"`
			Title    string   `xml:"title"`
			Subtitle string   `xml:"subtitle"`
			Author   string   `xml:"author>name"`
			Links    []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Entry struct {
				Title, Summary string
				Content        string `xml:"content"`
				Updated        string `xml:"updated"`
				Author         string `xml:"author>name"`
				Category       struct {
					Term string `xml:"term,attr"`
				} `xml:"category"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q: %v\n%s", text, err, out)
		}
		for _, back := range []string{got.Title, got.Subtitle, got.Author, got.Entry.Author, got.Entry.Category.Term} {
			if back != text {
				t.Errorf("got %q, want %q", back, text)
			}
		}
		if got.Entry.Content != "<p>"+text+"</p>" || got.Entry.Updated != "2026-03-01T05:35:00Z" || got.ID != "https://example.org/atom.xml" || len(got.Links) != 2 || got.Links[1].Href != "https://example.org/?a=1&b=2" {
			t.Errorf("got %+v", got)
		}
	}
}
