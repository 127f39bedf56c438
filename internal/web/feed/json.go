package feed

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// What JSON Feed 1.1 calls things.
type (
	jsonFeed struct {
		Version     string       `json:"version"`
		Title       string       `json:"title"`
		HomePageURL string       `json:"home_page_url,omitempty"`
		FeedURL     string       `json:"feed_url,omitempty"`
		Description string       `json:"description,omitempty"`
		Icon        string       `json:"icon,omitempty"`
		Authors     []jsonAuthor `json:"authors,omitempty"`
		Language    string       `json:"language,omitempty"`
		Hubs        []jsonHub    `json:"hubs,omitempty"`
		// Items are there when there are none, too.
		Items []jsonItem `json:"items"`
	}
	jsonItem struct {
		ID            string       `json:"id"`
		URL           string       `json:"url,omitempty"`
		Title         string       `json:"title,omitempty"`
		ContentHTML   string       `json:"content_html,omitempty"`
		ContentText   *string      `json:"content_text,omitempty"`
		Summary       string       `json:"summary,omitempty"`
		Image         string       `json:"image,omitempty"`
		DatePublished string       `json:"date_published,omitempty"`
		DateModified  string       `json:"date_modified,omitempty"`
		Authors       []jsonAuthor `json:"authors,omitempty"`
		Tags          []string     `json:"tags,omitempty"`
		Language      string       `json:"language,omitempty"`
	}
	jsonAuthor struct {
		Name string `json:"name,omitempty"`
		URL  string `json:"url,omitempty"`
	}
	jsonHub struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
)

// JSON writes the feed as JSON Feed 1.1.
func JSON(f Feed) []byte {
	author := f.Author
	if author == "" {
		author = f.Title
	}
	out := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: f.Title, HomePageURL: f.Home, FeedURL: f.Self, Description: f.Description,
		Icon: f.Icon, Authors: []jsonAuthor{{Name: author}}, Language: f.Language, Items: []jsonItem{},
	}
	if f.Hub != "" {
		out.Hubs = []jsonHub{{"WebSub", f.Hub}}
	}
	for _, item := range f.Items {
		out.Items = append(out.Items, item.json(f.Language))
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // it stands in no page
	if err := encoder.Encode(out); err != nil {
		panic(err) // texts and lists of texts can always be written
	}
	return text.Bytes()
}

func (i Item) json(language string) jsonItem {
	out := jsonItem{
		ID: i.Identity, URL: i.Address, Title: i.Title, ContentHTML: i.HTML, Summary: i.Summary, Tags: i.Topics, Language: language,
		DatePublished: i.Published.UTC().Format(time.RFC3339),
	}
	if i.HTML == "" { // one of the two must be there
		text := strings.TrimSpace(i.Summary)
		out.ContentText, out.Summary = &text, ""
	}
	if !i.Updated.IsZero() {
		out.DateModified = i.changed().UTC().Format(time.RFC3339)
	}
	for _, a := range i.Authors {
		out.Authors = append(out.Authors, jsonAuthor{a.Name, a.Address})
	}
	if i.Picture != nil {
		out.Image = i.Picture.Address
	}
	return out
}
