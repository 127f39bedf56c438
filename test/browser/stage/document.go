package stage

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

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
	return parse(path, body)
}

func parse(path string, body []byte) (*Document, error) {
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

// related is where the first link of a relation leads.
func (d *Document) related(rel string) string {
	for n := range d.root.Descendants() {
		if n.Data == "a" && attribute(n, "rel") == rel {
			return attribute(n, "href")
		}
	}
	return ""
}

// Describes gives the title of the page and its description.
func (d *Document) Describes() (title, description string) {
	for n := range d.root.Descendants() {
		switch {
		case n.Data == "title" && n.FirstChild != nil && title == "":
			title = strings.TrimSpace(n.FirstChild.Data)
		case n.Data == "meta" && attribute(n, "name") == "description":
			description = attribute(n, "content")
		}
	}
	return title, description
}

// property is what the page tells machines under a name.
func (d *Document) property(name string) string {
	for n := range d.root.Descendants() {
		if n.Data == "meta" && attribute(n, "property") == name {
			return attribute(n, "content")
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

// Data are the page's blocks of JSON-LD.
func (d *Document) Data() []string {
	var all []string
	for n := range d.root.Descendants() {
		if n.Data == "script" && attribute(n, "type") == "application/ld+json" && n.FirstChild != nil {
			all = append(all, n.FirstChild.Data)
		}
	}
	return all
}

// Furniture are the style sheets and the larger scripts of the page.
func (d *Document) Furniture() []string {
	var all []string
	for n := range d.root.Descendants() {
		switch {
		case n.Data == "link" && attribute(n, "rel") == "stylesheet":
			all = append(all, attribute(n, "href"))
		case n.Data == "script" && strings.Contains(attribute(n, "src"), "/site-"):
			all = append(all, attribute(n, "src"))
		}
	}
	return all
}
