package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// reader is an anonymous one: no cookie, no token, nothing kept.
type reader struct {
	url  string
	http *http.Client
}

func newReader(url string) *reader {
	return &reader{url: url, http: &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (r *reader) get(ctx context.Context, at string) (answer, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+at, nil)
	if err != nil {
		return answer{}, fmt.Errorf("ask for %s: %w", at, err)
	}
	return fetched(r.http, q)
}

// shownStory is what a story's page shows.
type shownStory struct {
	status int
	text
}

// story reads a story's page.
func (r *reader) story(ctx context.Context, at string) (s shownStory, err error) {
	out, err := r.get(ctx, at)
	if err != nil {
		return s, err
	}
	s.status = out.status
	if out.status != http.StatusOK {
		return s, nil
	}
	root, err := html.Parse(bytes.NewReader(out.body))
	if err != nil {
		return s, fmt.Errorf("parse %s: %w", at, err)
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "h1":
			s.headline = inner(n)
		case n.Data == "p" && has(n, "standfirst") && s.standfirst == "":
			s.standfirst = inner(n)
		case n.Data == "p" && within(n, "prose"):
			s.paragraphs = append(s.paragraphs, inner(n))
		}
	}
	return s, nil
}

func inner(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, class string) bool {
	for c := range strings.FieldsSeq(attribute(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

func within(n *html.Node, class string) bool {
	for up := range n.Ancestors() {
		if up.Type == html.ElementNode && has(up, class) {
			return true
		}
	}
	return false
}

// listing is a page, feed or sitemap that lists stories.
type listing struct {
	place string
	// whole tells that every live story must be in it; once, that none may be in
	// it twice.
	whole, once bool
	// titled tells that it shows headlines.
	titled bool
	// heads are the headlines by address.
	heads map[string][]string
}

func (l *listing) add(at, headline string) {
	at = path(at)
	if decoded, err := url.PathUnescape(at); err == nil {
		at = decoded
	}
	l.heads[at] = append(l.heads[at], headline)
}

// page reads the links of a page with their words, and the address of the page
// behind it.
func (r *reader) page(ctx context.Context, at string, into *listing) (older string, err error) {
	out, err := r.get(ctx, at)
	if err != nil {
		return "", err
	}
	if out.status != http.StatusOK {
		return "", fmt.Errorf("%s answers %d", at, out.status)
	}
	root, err := html.Parse(bytes.NewReader(out.body))
	if err != nil {
		return "", fmt.Errorf("parse %s: %w", at, err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		if attribute(n, "rel") == "next" {
			older = path(attribute(n, "href"))
		}
		if words := inner(n); words != "" && inMain(n) {
			into.add(attribute(n, "href"), words)
		}
	}
	return older, nil
}

func inMain(n *html.Node) bool {
	for up := range n.Ancestors() {
		if up.Data == "main" {
			return true
		}
	}
	return false
}

// mostPages bounds the walk through a list.
const mostPages = 2000

// walk reads a list to its end, or its first page only.
func (r *reader) walk(ctx context.Context, place, at string, whole bool) (listing, error) {
	l := listing{place: place, whole: whole, once: true, titled: true, heads: map[string][]string{}}
	for range mostPages {
		older, err := r.page(ctx, at, &l)
		if err != nil {
			return l, err
		}
		if older == "" {
			l.whole = true
			return l, nil
		}
		if !whole {
			return l, nil
		}
		at = older
	}
	return l, fmt.Errorf("%s has no end", place)
}

// urlset is a sitemap, with the titles of a news sitemap.
type urlset struct {
	URL []struct {
		Loc   string `xml:"loc"`
		Title string `xml:"news>title"`
	} `xml:"url"`
	Sitemap []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
}

// rss is a feed.
type rss struct {
	Item []struct {
		Title string `xml:"title"`
		Link  string `xml:"link"`
	} `xml:"channel>item"`
}

func (r *reader) xml(ctx context.Context, at string, into any) (status int, err error) {
	out, err := r.get(ctx, at)
	if err != nil {
		return 0, err
	}
	if out.status != http.StatusOK {
		return out.status, nil
	}
	if err := xml.Unmarshal(out.body, into); err != nil {
		return out.status, fmt.Errorf("parse %s: %w", at, err)
	}
	return out.status, nil
}

// feed reads an RSS feed.
func (r *reader) feed(ctx context.Context, at string) (listing, error) {
	l := listing{place: at, once: true, titled: true, heads: map[string][]string{}}
	var f rss
	status, err := r.xml(ctx, at, &f)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answers %d", at, status)
	}
	for _, item := range f.Item {
		l.add(item.Link, item.Title)
	}
	return l, err
}

// sitemaps reads all sitemaps of the edition, which name every story.
func (r *reader) sitemaps(ctx context.Context) (listing, error) {
	l := listing{place: "sitemap", whole: true, once: true, heads: map[string][]string{}}
	var index urlset
	if _, err := r.xml(ctx, "/sitemap.xml", &index); err != nil {
		return l, err
	}
	for _, m := range index.Sitemap {
		at := path(m.Loc)
		if !strings.HasPrefix(at, "/"+edition+"/") {
			continue
		}
		var month urlset
		if _, err := r.xml(ctx, at, &month); err != nil {
			return l, err
		}
		for _, u := range month.URL {
			l.add(u.Loc, "")
		}
	}
	return l, nil
}

// mostNews is how many a news sitemap may name.
const mostNews = 1000

// news reads the news sitemap.
func (r *reader) news(ctx context.Context) (listing, error) {
	l := listing{place: "news sitemap", once: true, titled: true, heads: map[string][]string{}}
	var set urlset
	_, err := r.xml(ctx, "/"+edition+"/sitemap-news.xml", &set)
	for _, u := range set.URL {
		l.add(u.Loc, u.Title)
	}
	l.whole = len(set.URL) < mostNews
	return l, err
}

// search asks for a word and reads what is found.
func (r *reader) search(ctx context.Context, word string) (listing, error) {
	l := listing{place: "search", once: true, titled: true, heads: map[string][]string{}}
	_, err := r.page(ctx, "/"+edition+"/search?q="+url.QueryEscape(word), &l)
	return l, err
}

// lists reads everything that lists stories: whole ones to their end.
func (r *reader) lists(ctx context.Context, section string, whole bool) ([]listing, error) {
	home := "/" + edition + "/"
	var all []listing
	for _, read := range []func() (listing, error){
		func() (listing, error) {
			l, err := r.walk(ctx, "front", home, false)
			l.once, l.whole = false, false
			return l, err
		},
		func() (listing, error) { return r.walk(ctx, "latest", home+"latest/", whole) },
		func() (listing, error) { return r.walk(ctx, "section", home+section+"/", whole) },
		func() (listing, error) { return r.feed(ctx, home+"feed.xml") },
		func() (listing, error) { return r.feed(ctx, home+section+"/feed.xml") },
		func() (listing, error) { return r.sitemaps(ctx) },
		func() (listing, error) { return r.news(ctx) },
	} {
		l, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}
