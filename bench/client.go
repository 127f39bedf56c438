package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// client asks one thing after the other, over one connection that stays open,
// and never decompresses by itself.
type client struct {
	http http.Client
	// host, when it is set, makes the name under which the next page is asked for.
	host func() string
}

func newClient() *client {
	return &client{http: http.Client{
		Timeout:       time.Minute,
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// close lets go of the connection.
func (c *client) close() { c.http.CloseIdleConnections() }

// reply is an answer that was read to its end.
type reply struct {
	header http.Header
	body   []byte
	took   time.Duration
}

// get asks for one page. What is not 200 is an error: an error page costs
// something else than what is measured.
func (c *client) get(ctx context.Context, address, encoding string) (r reply, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return r, fmt.Errorf("ask for a page: %w", err)
	}
	q.Header.Set("Accept-Encoding", encoding)
	if c.host != nil {
		q.Host = c.host()
	}
	began := time.Now()
	a, err := c.http.Do(q)
	if err != nil {
		return r, fmt.Errorf("ask for a page: %w", err)
	}
	defer a.Body.Close()
	r.header = a.Header
	if r.body, err = io.ReadAll(a.Body); err != nil {
		return r, fmt.Errorf("read %s: %w", address, err)
	}
	r.took = time.Since(began)
	if a.StatusCode != http.StatusOK {
		return r, fmt.Errorf("%s answers %s", address, a.Status)
	}
	return r, nil
}

// plain is the body as it was before it was compressed.
func (r reply) plain() ([]byte, error) {
	in := io.Reader(bytes.NewReader(r.body))
	switch encoding := r.header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		out, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("read gzip: %w", err)
		}
		in = out
	case "br":
		in = brotli.NewReader(in)
	case "zstd":
		out, err := zstd.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("read zstd: %w", err)
		}
		defer out.Close()
		in = out
	default:
		return nil, fmt.Errorf("the encoding %q is not known", encoding)
	}
	return io.ReadAll(in)
}

// pages are addresses of a newsroom, without the host, by kind.
type pages map[string][]string

// The kinds of pages.
const (
	frontPage   = "front"
	sectionPage = "section"
	storyPage   = "story"
	topicPage   = "topic"
	searchPage  = "search"
	feedPage    = "feed"
)

func kinds() []string {
	return []string{storyPage, frontPage, sectionPage, topicPage, searchPage, feedPage}
}

// survey finds the pages of a newsroom as a crawler does: from its sitemaps.
func survey(ctx context.Context, s *server) (pages, error) {
	c := newClient()
	defer c.close()
	maps, err := c.locations(ctx, s.url+"/sitemap.xml")
	if err != nil {
		return nil, err
	}
	found := pages{}
	for _, path := range slices.DeleteFunc(maps, standing) {
		stories, err := c.locations(ctx, s.url+path)
		if err != nil {
			return nil, err
		}
		found[storyPage] = append(found[storyPage], slices.DeleteFunc(stories, standing)...)
	}
	if len(found[storyPage]) == 0 {
		return nil, fmt.Errorf("the sitemaps name no story")
	}
	found.around()
	return found, c.topics(ctx, s, found)
}

// standing tells whether a path is a standing page's, or of the sitemap of what is
// no story.
func standing(path string) bool {
	return strings.Contains(path, "/about/") || strings.HasSuffix(path, "/sitemap-standing.xml")
}

// around adds the pages that follow from the addresses of stories.
func (p pages) around() {
	for _, path := range p[storyPage] {
		parts := strings.Split(path, "/") // "", edition, section, slug
		if len(parts) != 4 {
			continue
		}
		front := "/" + parts[1] + "/"
		p.add(frontPage, front)
		p.add(sectionPage, front+parts[2]+"/")
		p.add(feedPage, front+"feed.xml")
		if len(p[searchPage]) < 60 {
			p.add(searchPage, front+"search?q="+url.QueryEscape(longestWord(parts[3])))
		}
	}
}

// stories counts those in each edition and in each section, by the address of
// its front.
func (p pages) stories() map[string]int {
	count := map[string]int{}
	for _, path := range p[storyPage] {
		parts := strings.Split(path, "/")
		if len(parts) != 4 {
			continue
		}
		front := "/" + parts[1] + "/"
		count[front]++
		count[front+parts[2]+"/"]++
	}
	return count
}

func (p pages) add(kind, path string) {
	if !slices.Contains(p[kind], path) {
		p[kind] = append(p[kind], path)
	}
}

// longestWord of a slug is what a reader might look for.
func longestWord(slug string) string {
	text, err := url.PathUnescape(slug)
	if err != nil {
		text = slug
	}
	return slices.MaxFunc(strings.Split(text, "-"), func(a, b string) int { return len(a) - len(b) })
}

// topicLink finds topics on a page.
var topicLink = regexp.MustCompile(`href="(/[a-z]+/topic/[^"/?]+)"`)

// topics adds the topics that each front, In Focus and a few stories link to.
func (c *client) topics(ctx context.Context, s *server, p pages) error {
	from := slices.Clone(p[frontPage])
	for _, front := range p[frontPage] {
		from = append(from, front+"in-focus/")
	}
	for _, path := range append(from, p.some(storyPage, 20)...) {
		r, err := c.get(ctx, s.url+path, "identity")
		if err != nil {
			return err
		}
		for _, link := range topicLink.FindAllSubmatch(r.body, -1) {
			p.add(topicPage, string(link[1]))
		}
	}
	return nil
}

// some pages of a kind, always the same, in no order that means anything.
func (p pages) some(kind string, most int) []string {
	all := slices.Clone(p[kind])
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(most, len(all))]
}

// locations are the paths that a sitemap, or an index of sitemaps, names.
func (c *client) locations(ctx context.Context, address string) ([]string, error) {
	r, err := c.get(ctx, address, "identity")
	if err != nil {
		return nil, err
	}
	var list struct {
		Maps  []string `xml:"sitemap>loc"`
		Pages []string `xml:"url>loc"`
	}
	if err := xml.Unmarshal(r.body, &list); err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	paths := append(list.Maps, list.Pages...)
	for n, text := range paths {
		location, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", address, err)
		}
		paths[n] = location.EscapedPath()
	}
	return paths, nil
}

// stretch is a number of requests, one after the other.
type stretch struct {
	// cpu is the server's time for one request.
	cpu time.Duration
	// took are the latencies.
	took []time.Duration
}

// Of how many requests, and of how much of the server's time, a stretch is at
// least: the kernel counts CPU time in hundredths of a second.
const (
	leastRequests = 30
	leastCPU      = 400 * time.Millisecond
	mostTime      = 10 * time.Second
)

// walk asks for the paths in turns until enough was seen.
func (c *client) walk(ctx context.Context, s *server, paths []string, encoding string, quick bool) (w stretch, err error) {
	least := either(quick, leastCPU, 80*time.Millisecond)
	before, err := cpuOf(s.pid)
	if err != nil {
		return w, err
	}
	var used time.Duration
	for began := time.Now(); (len(w.took) < leastRequests || used < least) && time.Since(began) < mostTime; {
		for range leastRequests {
			r, err := c.get(ctx, s.url+paths[len(w.took)%len(paths)], encoding)
			if err != nil {
				return w, err
			}
			w.took = append(w.took, r.took)
		}
		after, err := cpuOf(s.pid)
		if err != nil {
			return w, err
		}
		used = after - before
	}
	w.cpu = used / time.Duration(len(w.took))
	return w, nil
}
