// Package site is the public paper: one file a page. It reads what is
// published, makes the values that templates get, and answers readers. It
// writes nothing, and knows neither drafts nor people of the desk.
package site

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/theme"
)

// Site answers readers.
type Site struct {
	db    *db.DB
	index search.Index
	theme *theme.Theme
	// pages are whole answers, and pieces that many of them share.
	pages *pagecache.Cache
	house houseKeeper
	texts textKeeper
	// spellings are how words of the editions are written.
	spellings spellKeeper
	media     http.Handler
	views     *readership.Counter
	// trusted are the proxies whose word for a reader's address counts.
	trusted remote.Proxies
	now     func() time.Time
	// hosts are the names that the site answers to; none means any.
	hosts map[string]bool
	asked hostNames
	// searching has a place for each search that may read at once.
	searching chan struct{}
	// public begins absolute addresses; empty means as the reader asked.
	public string
	// hub is told of news by others, refused are crawlers, contacts where to tell
	// of weaknesses; see Options.
	hub      string
	refused  []string
	contacts []string
	// part is how many stories one sitemap has.
	part  int
	table []route
	again *remaker
}

// Options are what a site is made of.
type Options struct {
	DB    *db.DB
	Index search.Index
	Theme *theme.Theme
	// CacheBytes bounds the memory of all kept pages and parts.
	CacheBytes int64
	// Loft keeps copies on disk for when the database is away.
	Loft Loft
	// Media serves /media/.
	Media http.Handler
	// Views counts what is read; nil counts nothing.
	Views *readership.Counter
	// TrustedProxy are the addresses whose X-Forwarded-For is believed.
	TrustedProxy remote.Proxies
	Now          func() time.Time
	// Hosts are the names that the site answers to; none means any.
	Hosts []string
	// Origin begins absolute addresses; empty means as the reader asked.
	Origin string
	// Hub is the WebSub hub that feeds name; empty for none.
	Hub string
	// Refused are the crawlers that robots.txt refuses, by their names.
	Refused []string
	// Contacts are URIs for those who found a weakness; none means the paper's page
	// with its addresses.
	Contacts []string
}

// Loft is where copies of all pages that were ever read are kept on disk, and how
// much. The zero loft keeps none.
type Loft struct {
	Folder string
	Bytes  int64
}

// patience is how long a reader of a page that is kept waits for a newer one.
const patience = time.Second

// New returns a site with nothing kept.
func New(o Options) *Site {
	s := &Site{db: o.DB, index: o.Index, theme: o.Theme, media: o.Media, views: o.Views, trusted: o.TrustedProxy, now: o.Now, hosts: map[string]bool{}, public: o.Origin,
		hub: o.Hub, refused: o.Refused, contacts: o.Contacts, part: partSize}
	for _, host := range o.Hosts {
		s.hosts[strings.ToLower(host)] = true
	}
	s.pages = pagecache.New(pagecache.Options{
		MaxBytes: o.CacheBytes, Now: o.Now, Unavailable: unavailable, Rest: time.Second, Loft: o.Loft.Folder, LoftBytes: o.Loft.Bytes, Patience: patience,
	})
	s.house.db = o.DB
	s.asked.seen = map[string]time.Time{}
	s.searching = make(chan struct{}, runtime.GOMAXPROCS(0))
	s.spellings.open(o.DB, o.Now)
	s.table = s.routes()
	s.again = newRemaker(s)
	return s
}

// Pages is the cache of whole answers, for the listener that answers from it.
func (s *Site) Pages() *pagecache.Cache { return s.pages }

// Close ends what runs in the background.
func (s *Site) Close() error {
	s.again.close()
	s.spellings.close()
	return s.pages.Close()
}

// routes is the whole paper: every address, what answers it, and how long the
// answer is good. {name} is one segment of the path; a word beats a name.
// Addresses that are reserved for later work are not here.
func (s *Site) routes() []route {
	return []route{
		{"/", s.door, forLists, nil},
		{"/robots.txt", s.robots, forFiles, nil},
		{"/sitemap.xml", s.sitemapIndex, forFeeds, nil},
		{"/opensearch.xml", s.openSearch, forFiles, nil},
		{"/manifest.webmanifest", s.manifest, forFiles, nil},
		{"/.well-known/security.txt", s.security, forFiles, nil},
		{"/{edition}/", s.front, forLists, nil},
		{"/{edition}/feed.xml", s.editionFeed, forFeeds, nil},
		{"/{edition}/atom.xml", s.editionFeed, forFeeds, nil},
		{"/{edition}/feed.json", s.editionFeed, forFeeds, nil},
		{"/{edition}/sitemap-news.xml", s.newsSitemap, forFeeds, nil},
		{"/{edition}/sitemap-standing.xml", s.standingSitemap, forFeeds, nil},
		{"/{edition}/sitemap-{month}.xml", s.monthSitemap, forFeeds, nil},
		{"/{edition}/opensearch.xml", s.openSearch, forFiles, nil},
		{"/{edition}/manifest.webmanifest", s.manifest, forFiles, nil},
		{"/{edition}/latest/", s.latest, forLists, []string{"before"}},
		{"/{edition}/genre/{genre}/", s.genre, forLists, []string{"before"}},
		{"/{edition}/in-focus/", s.inFocus, forLists, nil},
		{"/{edition}/most-viewed/", s.viewedDoor, forLists, nil},
		{"/{edition}/most-viewed/{span}", s.viewed, forLists, nil},
		{"/{edition}/gallery/", s.gallery, forLists, []string{"before"}},
		{"/{edition}/gallery/photo", s.galleryOf(story.Photo), forLists, []string{"before"}},
		{"/{edition}/gallery/film", s.galleryOf(story.Film), forLists, []string{"before"}},
		{"/{edition}/archive/", s.archiveDoor, forLists, nil},
		{"/{edition}/archive/{year}/{month}/{day}", s.archive, forLists, nil},
		{"/{edition}/topic/{topic}", s.topic, forLists, []string{"before"}},
		{"/{edition}/topic/{topic}/feed.xml", s.topicFeed, forFeeds, nil},
		{"/{edition}/topic/{topic}/atom.xml", s.topicFeed, forFeeds, nil},
		{"/{edition}/topic/{topic}/feed.json", s.topicFeed, forFeeds, nil},
		{"/{edition}/author/{author}", s.author, forLists, []string{"before"}},
		{"/{edition}/author/{author}/feed.xml", s.authorFeed, forFeeds, nil},
		{"/{edition}/author/{author}/atom.xml", s.authorFeed, forFeeds, nil},
		{"/{edition}/author/{author}/feed.json", s.authorFeed, forFeeds, nil},
		{"/{edition}/saved", s.saved, forFiles, nil},
		{"/{edition}/offline", s.offline, forFiles, nil},
		{"/{edition}/search", s.search, never, []string{"q", "section*", "genre*", "topic", "author", "from", "to", "sort", "before"}},
		{"/{edition}/about/{page}", s.about, forStories, nil},
		{"/{edition}/corrections", s.corrections, forLists, []string{"before"}},
		{"/{edition}/corrections/atom.xml", s.correctionsFeed, forFeeds, nil},
		{"/{edition}/{section}/", s.section, forLists, []string{"before"}},
		{"/{edition}/{section}/feed.xml", s.sectionFeed, forFeeds, nil},
		{"/{edition}/{section}/most-viewed/{span}", s.viewedIn, forLists, nil},
		{"/{edition}/{section}/atom.xml", s.sectionFeed, forFeeds, nil},
		{"/{edition}/{section}/feed.json", s.sectionFeed, forFeeds, nil},
		{"/{edition}/{section}/{slug}", s.story, forStories, nil},
		{"/{edition}/{section}/{slug}/versions", s.versions, forStories, []string{"before"}},
		{"/{edition}/{section}/{slug}/versions/{version}", s.version, forStories, nil},
	}
}

// route is one line of the paper.
type route struct {
	pattern string
	answer  handler
	keep    rule
	// query are the parameters that the page knows, in the order of its key;
	// all others are not looked at. A star says that one may come more than once.
	query []string
}

// handler makes one answer within one view of the database.
type handler func(*reading) (*answer, error)

// ServeHTTP answers a reader.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.TLS != nil && !s.again.secure.Load() {
		s.again.secure.Store(true)
	}
	switch {
	case !s.mine(r):
		s.fail(w, r, &fault{status: http.StatusMisdirectedRequest, key: "error.host"})
	case r.URL.Path == beaconPath || r.URL.Path == picturePath:
		s.view(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		s.fail(w, r, &fault{status: http.StatusMethodNotAllowed, key: "error.method"})
	case strings.HasPrefix(r.URL.Path, "/media/"):
		s.media.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, theme.Prefix):
		s.asset(w, r)
	case r.URL.Path == workerPath:
		s.worker(w, r)
	default:
		s.read(w, r)
	}
}

// read finds the route and answers from what is kept, or makes the answer.
func (s *Site) read(w http.ResponseWriter, r *http.Request) {
	asked, err := s.find(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if to := s.movedSection(r, asked); to != "" {
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return
	}
	if asked.route == nil || s.elsewhere(r.Context(), asked) {
		s.missed(w, r, &fault{status: http.StatusNotFound, key: "error.missing"})
		return
	}
	// Other systems number their stories in the query of the front: /?p=41.
	if r.URL.Path == "/" && r.URL.RawQuery != "" && s.redirected(w, r) {
		return
	}
	if asked.redirect != "" {
		http.Redirect(w, r, asked.redirect, http.StatusMovedPermanently)
		return
	}
	s.keep(w, r, asked)
}

// movedSection is the address of now for one with a slug that a section had; empty for
// all others.
func (s *Site) movedSection(r *http.Request, a asked) string {
	h := s.house.last(r.Context())
	old := a.names["section"]
	if h == nil || old == "" || h.byKey[a.names["edition"]] == nil {
		return ""
	}
	here := h.byKey[a.names["edition"]]
	to, had := here.moved[old]
	if _, taken := here.bySlug[old]; taken || !had {
		return ""
	}
	segments := strings.Split(r.URL.Path, "/")
	at := slices.Index(segments, old)
	if at < 0 {
		return ""
	}
	segments[at] = to.Slug
	u := url.URL{Path: strings.Join(segments, "/"), RawQuery: r.URL.RawQuery}
	return u.String()
}

// elsewhere tells whether an address is in no edition that there is, or in no
// section of it.
func (s *Site) elsewhere(ctx context.Context, a asked) bool {
	key, ok := a.names["edition"]
	if !ok {
		return false
	}
	h := s.house.last(ctx)
	if h == nil {
		return false
	}
	here := h.byKey[key]
	if here == nil {
		return true
	}
	slug, ok := a.names["section"]
	if !ok || a.names["slug"] != "" {
		return false
	}
	_, known := here.bySlug[slug]
	return !known
}

// mine tells whether the site answers to the name that was asked for.
func (s *Site) mine(r *http.Request) bool {
	return len(s.hosts) == 0 || s.hosts[strings.ToLower(bareHost(r.Host))]
}

// mostHosts is for how many names pages are kept where the owner named none: any
// client can think of more.
const mostHosts = 32

// idleName is after how long without a question a name makes room for another.
const idleName = time.Hour

// hostNames are those that were asked for, and when last, where the owner named none.
type hostNames struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// familiar tells whether pages are kept for a name.
func (s *Site) familiar(host string) bool {
	if len(s.hosts) > 0 {
		return true
	}
	host = strings.ToLower(host)
	now := s.now()
	s.asked.mu.Lock()
	defer s.asked.mu.Unlock()
	if _, seen := s.asked.seen[host]; !seen && len(s.asked.seen) >= mostHosts {
		for other, at := range s.asked.seen {
			if now.Sub(at) > idleName {
				delete(s.asked.seen, other)
			}
		}
		if len(s.asked.seen) >= mostHosts {
			return false
		}
	}
	s.asked.seen[host] = now
	return true
}

func bareHost(host string) string {
	if at := strings.LastIndexByte(host, ':'); at > 0 && !strings.HasSuffix(host, "]") {
		return host[:at]
	}
	return host
}

// Drop forgets the pages that carry the tags: what they show has changed. It
// is called for every event, on every node. With purge no stale copy survives.
func (s *Site) Drop(tags []string, purge bool) {
	s.house.forget(tags)
	all := make([]pagecache.Tag, len(tags))
	for n, tag := range tags {
		all[n] = pagecache.Tag(tag)
	}
	if purge {
		s.texts.forget()
		s.spellings.forget()
		s.again.add(s.pages.Purge(all...))
		return
	}
	s.pages.Drop(all...)
}

// Clear drops everything that is kept, stale copies too.
func (s *Site) Clear() {
	s.house.forget([]string{string(ref.FrameTag)})
	s.texts.forget()
	s.spellings.forget()
	s.pages.Clear()
}

// Warm makes sure that the site can answer: it reads the house once.
func (s *Site) Warm(ctx context.Context) error {
	return s.db.Public(ctx, func(tx *db.Tx) error {
		h, err := s.house.get(tx)
		if err != nil {
			return err
		}
		for _, here := range h.byKey {
			s.spellings.of(here)
		}
		return nil
	})
}
