package stage

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Edition is a language edition of the demonstration.
type Edition struct {
	// Key stands in addresses, and is the language too.
	Key string
	// Dir is the direction of its pages.
	Dir string
	// Word is one that several of its stories contain.
	Word string
}

// Editions are the editions of the demonstration.
func Editions() []Edition {
	return []Edition{{"en", "ltr", "calendar"}, {"ar", "rtl", "التقويم"}, {"fa", "rtl", "تقویم"}}
}

// Page is a page of the demonstration, one of its type.
type Page struct {
	// Name is the type: front, section, story …
	Name    string
	Edition Edition
	// Path begins with a slash and may have a query.
	Path string
	// Status is the one that it answers with.
	Status int
}

// longQuery is a search that is refused: longer than 200 characters.
var longQuery = strings.Repeat("long ", 60)

// Pages lists a page of every type in every edition. Those that are known by
// their links are found as a reader finds them: from the front.
func (n *Newsroom) Pages(ctx context.Context) ([]Page, error) {
	var all []Page
	for _, e := range Editions() {
		pages, err := n.pagesOf(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("find the pages of %s: %w", e.Key, err)
		}
		all = append(all, pages...)
	}
	return all, nil
}

func (n *Newsroom) pagesOf(ctx context.Context, e Edition) ([]Page, error) {
	home := "/" + e.Key + "/"
	front, err := n.Document(ctx, home)
	if err != nil {
		return nil, err
	}
	section, story, topic := front.first("sections-link"), front.first("card-link"), front.firstUnder("definition-name")
	if section == "" || story == "" || topic == "" {
		return nil, fmt.Errorf("the front leads to the section %q, the story %q and the topic %q", section, story, topic)
	}
	author, err := n.author(ctx, front)
	if err != nil {
		return nil, err
	}
	corrections, err := n.Document(ctx, home+"corrections")
	if err != nil {
		return nil, err
	}
	corrected := corrections.firstUnder("headline-list")
	if corrected == "" {
		return nil, fmt.Errorf("no story of %s was corrected", e.Key)
	}
	search := home + "search?q="
	return []Page{
		{"front", e, home, http.StatusOK},
		{"section", e, section, http.StatusOK},
		{"story", e, story, http.StatusOK},
		{"topic", e, topic, http.StatusOK},
		{"in-focus", e, home + "in-focus/", http.StatusOK},
		{"author", e, author, http.StatusOK},
		{"latest", e, home + "latest/", http.StatusOK},
		{"search", e, search + url.QueryEscape(e.Word), http.StatusOK},
		{"search-none", e, search + "qqqzzzxxx", http.StatusOK},
		{"search-long", e, search + url.QueryEscape(longQuery), http.StatusBadRequest},
		{"about", e, home + "about/about-us", http.StatusOK},
		{"corrections", e, home + "corrections", http.StatusOK},
		{"corrected", e, corrected, http.StatusOK},
		{"versions", e, corrected + "/versions", http.StatusOK},
		{"version", e, corrected + "/versions/1", http.StatusOK},
		{"compare", e, corrected + "/versions/1...3", http.StatusOK},
		{"saved", e, home + "saved", http.StatusOK},
		{"offline", e, home + "offline", http.StatusOK},
		{"missing", e, home + "there/is-no-such-story", http.StatusNotFound},
	}, nil
}

// author finds an author's page on the first story that has a byline.
func (n *Newsroom) author(ctx context.Context, front *Document) (string, error) {
	for _, link := range front.all("card-link") {
		story, err := n.Document(ctx, link)
		if err != nil {
			return "", err
		}
		if author := story.first("byline-name"); author != "" {
			return author, nil
		}
	}
	return "", fmt.Errorf("no story on the front is signed")
}

// Document is a page as it was sent.
type Document struct{ root *html.Node }

// Document fetches a page and parses it; one that is not there is an error.
func (n *Newsroom) Document(ctx context.Context, path string) (*Document, error) {
	status, _, body, err := n.Get(ctx, path)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", path, status)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	return &Document{root}, nil
}

// Addresses lists every address that the page names for a reader or a browser
// to follow: links, pictures in all sizes, styles, fonts and forms.
func (d *Document) Addresses() []string {
	var all []string
	for n := range d.root.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src", "action":
				all = append(all, a.Val)
			case "srcset":
				for candidate := range strings.SplitSeq(a.Val, ",") {
					at, _, _ := strings.Cut(strings.TrimSpace(candidate), " ")
					all = append(all, at)
				}
			}
		}
	}
	return all
}

// Alternates are the addresses of the page in other languages, by language.
func (d *Document) Alternates() map[string]string {
	found := map[string]string{}
	for n := range d.root.Descendants() {
		if n.Data == "link" && attribute(n, "hreflang") != "" {
			found[attribute(n, "hreflang")] = attribute(n, "href")
		}
	}
	return found
}

// first is the address of the first link of a class.
func (d *Document) first(class string) string {
	if all := d.all(class); len(all) > 0 {
		return all[0]
	}
	return ""
}

func (d *Document) all(class string) []string {
	var links []string
	for n := range d.root.Descendants() {
		if n.Data == "a" && attribute(n, "href") != "" && has(n, class) {
			links = append(links, attribute(n, "href"))
		}
	}
	return links
}

// firstUnder is the address of the first link in an element of a class.
func (d *Document) firstUnder(class string) string {
	for n := range d.root.Descendants() {
		if !has(n, class) {
			continue
		}
		for inner := range n.Descendants() {
			if inner.Data == "a" {
				return attribute(inner, "href")
			}
		}
	}
	return ""
}

func has(n *html.Node, class string) bool {
	for name := range strings.FieldsSeq(attribute(n, "class")) {
		if name == class {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
