package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// bug is a fault that is planted into the fake newsroom.
type bug string

// The bugs.
const (
	honest bug = "honest"
	// early: acknowledges before it is durable, and loses that in a crash.
	earlyAck bug = "acknowledges before commit"
	// staleList: lists show the headline of the version before.
	staleList bug = "a list is kept over a correction"
	staleFeed bug = "a feed is kept over a withdrawal"
	noKeys    bug = "keys are not honoured"
	curled    bug = "quotes are made pretty"
	halfCrash bug = "a crash loses the search index alone"
	angry     bug = "answers 500"
	listTwice bug = "a list names a story twice"
)

// fake is a newsroom in memory: as much of it as the judge looks at. It is made
// of a log of acts, of which a crash keeps what is durable.
type fake struct {
	bug bug
	// drop has every so many writes done and not answered.
	drop int

	mu       sync.Mutex
	log      []fakeAct
	durable  int
	calls    int
	stories  map[string]*fakeStory
	order    []string
	answered map[string]fakeAct
	// unfound are stories that a half crash took out of the search.
	unfound map[string]bool
}

type fakeAct struct {
	act, id, key string
	content      json.RawMessage
	// reply is what was answered.
	status int
	reply  string
}

type fakeStory struct {
	id, address, state string
	saves              []json.RawMessage
	live               json.RawMessage
	before             json.RawMessage
	version            int
}

const fakeSection = "77"

func newFake(t *testing.T, b bug) (*fake, *httptest.Server) {
	f := &fake{bug: b, drop: 7}
	f.rebuild()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server
}

func (f *fake) rebuild() {
	f.stories, f.answered, f.unfound, f.order = map[string]*fakeStory{}, map[string]fakeAct{}, map[string]bool{}, nil
	for _, a := range f.log {
		f.apply(a)
	}
}

// crash keeps what is durable.
func (f *fake) crash() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = f.log[:f.durable]
	f.rebuild()
	if f.bug == halfCrash && len(f.order) > 0 {
		for id := range f.stories {
			f.unfound[id] = true
		}
	}
}

func (f *fake) apply(a fakeAct) {
	f.answered[a.key] = a
	s := f.stories[a.id]
	switch a.act {
	case "create":
		s = &fakeStory{id: a.id, saves: []json.RawMessage{a.content}}
		s.address = "/en/news/" + slugOf(a.content)
		f.stories[a.id], f.order = s, append(f.order, a.id)
	case "save":
		s.saves = append(s.saves, a.content)
	case "publish", "correct":
		s.before, s.live, s.state = s.live, s.saves[len(s.saves)-1], "live"
		s.version++
	case "withdraw":
		s.state = "gone"
	case "restore":
		s.state = "live"
		s.version++
	}
}

func slugOf(raw json.RawMessage) string {
	var c struct{ Slug string }
	json.Unmarshal(raw, &c)
	return c.Slug
}

// ServeHTTP answers as a newsroom does.
func (f *fake) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if rest, ok := strings.CutPrefix(q.URL.Path, "/api/v1/stories"); ok && q.Method != http.MethodGet {
		f.change(w, q, strings.Split(strings.Trim(rest, "/"), "/"))
		return
	}
	f.show(w, q)
}

func (f *fake) change(w http.ResponseWriter, q *http.Request, parts []string) {
	f.calls++
	if f.bug == angry && f.calls%11 == 0 {
		http.Error(w, "oh", http.StatusInternalServerError)
		return
	}
	var sent struct{ Content json.RawMessage }
	json.NewDecoder(q.Body).Decode(&sent)
	if f.bug == curled {
		sent.Content = json.RawMessage(strings.ReplaceAll(string(sent.Content), "O'Brien", "O’Brien"))
	}
	a := fakeAct{key: q.Header.Get("Idempotency-Key"), content: sent.Content, status: http.StatusOK}
	if done, ok := f.answered[a.key]; ok && f.bug != noKeys {
		w.Header().Set("Idempotent-Replay", "true")
		w.WriteHeader(done.status)
		fmt.Fprint(w, done.reply)
		return
	}
	a.act = "create"
	if parts[0] != "" {
		a.id, a.act = parts[0], "save"
	}
	if len(parts) == 2 {
		a.act = parts[1]
	}
	if a.act == "create" {
		a.id, a.status = strconv.Itoa(1000+f.calls), http.StatusCreated
	}
	f.apply(a)
	s := f.stories[a.id]
	a.reply = fmt.Sprintf(`{"id":%q,"sequence":%d,"version":%d,"address":%q}`, s.id, len(s.saves), s.version, s.address)
	f.answered[a.key] = a
	f.log = append(f.log, a)
	f.durable = len(f.log)
	if f.bug == earlyAck {
		f.durable = max(0, len(f.log)-3)
	}
	if f.drop > 0 && f.calls%f.drop == 0 {
		panic(http.ErrAbortHandler) // done, and never answered
	}
	w.WriteHeader(a.status)
	fmt.Fprint(w, a.reply)
}

func (f *fake) show(w http.ResponseWriter, q *http.Request) {
	at := q.URL.Path
	if rest, ok := strings.CutPrefix(at, "/api/v1/stories/"); ok {
		f.showDesk(w, strings.Split(rest, "/"))
		return
	}
	if id, ok := strings.CutPrefix(at, "/api/v1/content/stories/"); ok {
		s := f.stories[id]
		if s == nil || s.state != "live" {
			http.NotFound(w, q)
			return
		}
		fmt.Fprintf(w, `{"version":%d,%s`, s.version, strings.TrimPrefix(string(s.live), "{"))
		return
	}
	switch at {
	case "/api/v1/stories":
		var all []map[string]string
		for _, id := range f.order {
			all = append(all, map[string]string{"id": id, "headline": headlineOf(f.stories[id].saves[0])})
		}
		json.NewEncoder(w).Encode(map[string]any{"stories": all})
	case "/en/", "/en/latest/", "/en/news/", "/en/search":
		f.showList(w, q)
	case "/en/feed.xml", "/en/news/feed.xml", "/en/sitemap-news.xml", "/sitemap.xml", "/en/sitemap-2026-01.xml":
		f.showXML(w, at)
	default:
		f.showStory(w, q)
	}
}

func headlineOf(raw json.RawMessage) string {
	t, _ := readContent(raw)
	return t.headline
}

func (f *fake) showDesk(w http.ResponseWriter, parts []string) {
	s := f.stories[parts[0]]
	switch {
	case s == nil:
		w.WriteHeader(http.StatusNotFound)
	case len(parts) == 1:
		live := "null"
		if s.state == "live" {
			live = fmt.Sprintf(`{"address":%q,"version":%d}`, s.address, s.version)
		}
		fmt.Fprintf(w, `{"id":%q,"sequence":%d,"content":%s,"live":%s}`, s.id, len(s.saves), s.saves[len(s.saves)-1], live)
	case len(parts) == 3:
		n, _ := strconv.Atoi(parts[2])
		fmt.Fprintf(w, `{"content":%s}`, s.saves[n-1])
	case parts[1] == "revisions":
		var all []map[string]any
		for n := range s.saves {
			all = append(all, map[string]any{"id": strconv.Itoa(n + 1), "sequence": n + 1})
		}
		json.NewEncoder(w).Encode(map[string]any{"revisions": all})
	default:
		all := []map[string]any{}
		for n := range s.version {
			all = append(all, map[string]any{"number": n + 1})
		}
		json.NewEncoder(w).Encode(map[string]any{"versions": all})
	}
}

// listedLive are the stories of a list, with their headlines.
func (f *fake) listedLive(at string) [][2]string {
	var all [][2]string
	for _, id := range f.order {
		s := f.stories[id]
		if s.state != "live" && !(f.bug == staleFeed && at == "/en/feed.xml" && s.state == "gone") {
			continue
		}
		head := headlineOf(s.live)
		if f.bug == staleList && at == "/en/latest/" && s.before != nil {
			head = headlineOf(s.before)
		}
		all = append(all, [2]string{s.address, head})
		if f.bug == listTwice && at == "/en/news/" && len(all) == 1 {
			all = append(all, [2]string{s.address, head})
		}
	}
	return all
}

func (f *fake) showList(w http.ResponseWriter, q *http.Request) {
	word := q.URL.Query().Get("q")
	fmt.Fprint(w, "<main>")
	for _, one := range f.listedLive(q.URL.Path) {
		if word != "" && (!strings.Contains(one[1], word) || f.unfound[f.at(one[0]).id]) {
			continue
		}
		fmt.Fprintf(w, `<a href="%s">%s</a>`, one[0], html.EscapeString(one[1]))
	}
	fmt.Fprint(w, "</main>")
}

func (f *fake) at(address string) *fakeStory {
	for _, s := range f.stories {
		if s.address == address {
			return s
		}
	}
	return nil
}

func (f *fake) showXML(w http.ResponseWriter, at string) {
	switch {
	case at == "/sitemap.xml":
		fmt.Fprint(w, `<sitemapindex><sitemap><loc>http://x/en/sitemap-2026-01.xml</loc></sitemap></sitemapindex>`)
		return
	case strings.Contains(at, "sitemap"):
		fmt.Fprint(w, "<urlset>")
		for _, one := range f.listedLive(at) {
			fmt.Fprintf(w, "<url><loc>http://x%s</loc><news><title>%s</title></news></url>", one[0], html.EscapeString(one[1]))
		}
		fmt.Fprint(w, "</urlset>")
		return
	}
	fmt.Fprint(w, "<rss><channel>")
	for _, one := range slices.Backward(f.listedLive(at)) {
		fmt.Fprintf(w, "<item><title>%s</title><link>http://x%s</link></item>", html.EscapeString(one[1]), one[0])
	}
	fmt.Fprint(w, "</channel></rss>")
}

func (f *fake) showStory(w http.ResponseWriter, q *http.Request) {
	at, _ := url.PathUnescape(q.URL.Path)
	s := f.at(at)
	switch {
	case s == nil || s.state == "":
		w.WriteHeader(http.StatusNotFound)
	case s.state == "gone":
		w.WriteHeader(http.StatusGone)
	default:
		t, _ := readContent(s.live)
		fmt.Fprintf(w, `<main><h1>%s</h1><p class="standfirst">%s</p><div class="prose">`, html.EscapeString(t.headline), html.EscapeString(t.standfirst))
		for _, p := range t.paragraphs {
			fmt.Fprintf(w, "<p>%s</p>", html.EscapeString(p))
		}
		fmt.Fprint(w, "</div></main>")
	}
}
