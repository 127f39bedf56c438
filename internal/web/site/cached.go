package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/pagecache"
)

// rule says how long an answer is good, for the reader's browser and for
// caches on the way; the site's own copy is dropped by tag.
type rule int

const (
	// never keeps nothing: the answer depends on what was typed.
	never rule = iota
	// forLists are pages that every publication changes.
	forLists
	// forStories are good longer the older the news is.
	forStories
	// forFeeds are asked for again and again by programs.
	forFeeds
	// forFiles change with the house only.
	forFiles
)

// control is the Cache-Control of an answer. A copy may be shown a while after
// its time when fetching a new one is slow or fails.
func (r rule) control(changed, now time.Time) string {
	fresh := 30 * time.Second
	switch r {
	case never:
		return "no-store"
	case forFeeds:
		fresh = time.Minute
	case forFiles:
		fresh = time.Hour
	case forStories:
		switch age := now.Sub(changed); {
		case age < 0: // a live story, until it is over
		case age < 24*time.Hour:
			fresh = time.Minute
		case age < 30*24*time.Hour:
			fresh = 5 * time.Minute
		default:
			fresh = 15 * time.Minute
		}
	}
	return fmt.Sprintf("public, max-age=%d, stale-while-revalidate=60, stale-if-error=86400", int(fresh.Seconds()))
}

// answer is what a handler makes.
type answer struct {
	status int
	kind   string
	body   []byte
	// changed dates the news, for forStories; the future means that it still changes.
	changed time.Time
	// location is where a redirect leads.
	location string
	// until is when the answer stops being true by itself.
	until time.Time
}

// reading is the making of one answer: within one view of the database, with
// the tags of all that it reads.
type reading struct {
	*asked
	ctx    context.Context
	tx     *db.Tx
	house  *house
	site   *Site
	now    time.Time
	origin string
	// seen was noted before tx began; see textKeeper.
	seen int
	// here is the edition; nil outside of one.
	here *tongue
	tags map[ref.Tag]bool
	// ends is when what was read stops being true by itself; zero when it does
	// not.
	ends time.Time
	// parts are the pieces that the page contains.
	parts []piece
}

// saw notes that the answer shows what the tags name.
func (r *reading) saw(tags ...ref.Tag) {
	for _, tag := range tags {
		r.tags[tag] = true
	}
}

// until notes when something that was read ends.
func (r *reading) until(end time.Time) {
	if !end.IsZero() && (r.ends.IsZero() || end.Before(r.ends)) {
		r.ends = end
	}
}

func (r *reading) tagList() []pagecache.Tag {
	list := make([]pagecache.Tag, 0, len(r.tags))
	for tag := range r.tags {
		list = append(list, pagecache.Tag(tag))
	}
	return list
}

// unavailable tells the cache when a stale copy is better than none.
func unavailable(err error) bool { return errors.Is(err, db.ErrUnavailable) }

// keep answers a reader.
func (s *Site) keep(w http.ResponseWriter, r *http.Request, a asked) {
	entry, stale, err := s.fetch(r, a)
	if err != nil {
		s.missed(w, r, err)
		return
	}
	if stale {
		w.Header().Set("Warning", `111 - "Revalidation Failed"`)
	}
	entry.ServeHTTP(w, r)
}

// fetch returns what is kept, or makes the answer and keeps it.
func (s *Site) fetch(r *http.Request, a asked) (entry *pagecache.Entry, stale bool, err error) {
	origin, familiar := s.origin(r), s.familiar(r.Host) // the making may outlive the request
	return s.pages.Fetch(r.Context(), Key(r.Host, a.path), func(ctx context.Context) (*pagecache.Page, error) {
		page, err := s.make(ctx, &a, origin)
		if err == nil && !familiar {
			page.NoKeep = true
		}
		return page, err
	})
}

// Key is the name under which an answer is kept: the host and the address in
// its one spelling. The theme is not in it: another theme starts another cache.
func Key(host, path string) string { return strings.ToLower(host) + path }

// make makes one answer.
func (s *Site) make(ctx context.Context, a *asked, origin string) (*pagecache.Page, error) {
	made := &reading{asked: a, ctx: ctx, site: s, now: s.now(), origin: origin, seen: s.texts.seen(), tags: map[ref.Tag]bool{}}
	if a.route.keep == never { // a search
		bounded, end, err := s.searchTurn(ctx)
		if err != nil {
			return nil, tooLong(err)
		}
		defer end()
		ctx, made.ctx = bounded, bounded
	}
	var out *answer
	err := s.db.Public(ctx, func(tx *db.Tx) (err error) {
		made.tx = tx
		if made.house, err = s.house.get(tx); err != nil {
			return err
		}
		made.saw(ref.FrameTag)
		if key, ok := a.names["edition"]; ok {
			if made.here = made.house.byKey[key]; made.here == nil {
				return &fault{status: http.StatusNotFound, key: "error.missing"}
			}
			made.saw(ref.EditionTag(key))
		}
		out, err = a.route.answer(made)
		return err
	})
	if err != nil {
		if a.route.keep == never {
			err = tooLong(err)
		}
		return nil, err
	}
	return made.page(out), nil
}

// page dresses the answer for the cache.
func (r *reading) page(out *answer) *pagecache.Page {
	page := &pagecache.Page{Status: out.status, Type: out.kind, Body: out.body, Tags: r.tagList(), Until: out.until}
	if page.Status == 0 {
		page.Status = http.StatusOK
	}
	page.Header = append(page.Header, pagecache.HeaderField{Name: "Cache-Control", Value: r.route.keep.control(out.changed, r.now)})
	if out.location != "" {
		page.Header = append(page.Header, pagecache.HeaderField{Name: "Location", Value: out.location})
	}
	page.Header = append(page.Header, safety(out.kind)...)
	page.NoKeep = r.route.keep == never
	for _, p := range r.parts {
		page.Reads(p.entry, p.stale)
	}
	return page
}

// safety are the headers that keep a page from doing more than it should.
func safety(kind string) []pagecache.HeaderField {
	fields := []pagecache.HeaderField{
		{Name: "X-Content-Type-Options", Value: "nosniff"},
		{Name: "Referrer-Policy", Value: "strict-origin-when-cross-origin"},
	}
	if strings.HasPrefix(kind, "text/html") {
		fields = append(fields,
			pagecache.HeaderField{Name: "Content-Security-Policy", Value: policy},
			pagecache.HeaderField{Name: "Cross-Origin-Opener-Policy", Value: "same-origin"})
	}
	return fields
}

// policy allows a page what the paper has: its own styles, fonts, pictures and
// forms, nothing inline and nobody else's.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// origin is the scheme and host that absolute addresses begin with.
func (s *Site) origin(r *http.Request) string {
	if s.public != "" {
		return s.public
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.ToLower(r.Host)
}
