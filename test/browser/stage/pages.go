package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
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

// kind is a page type, and how a reader comes to a page of it.
type kind struct {
	name   string
	find   finder
	status int
}

// kinds are all page types of the paper. What is opened, judged, weighed or
// photographed is taken from here and from nowhere else.
func kinds() []kind {
	front, corrected := fixed(""), within("corrections", "headline-list")
	all := []kind{
		{"front", front, http.StatusOK},
		{"section", linked("", "sections-link"), http.StatusOK},
		{"genre", fixed("genre/analysis/"), http.StatusOK},
		{"latest", fixed("latest/"), http.StatusOK},
		{"older", next("latest/"), http.StatusOK},
		{"story", linked("", "card-link"), http.StatusOK},
		{"topic", within("", "definition-name"), http.StatusOK},
		{"in-focus", fixed("in-focus/"), http.StatusOK},
		{"author", byline, http.StatusOK},
		{"search", search(func(e Edition) string { return e.Word }), http.StatusOK},
		{"search-none", search(func(Edition) string { return "qqqzzzxxx" }), http.StatusOK},
		{"search-empty", fixed("search"), http.StatusOK},
		{"search-long", search(func(Edition) string { return strings.Repeat("long ", 60) }), http.StatusBadRequest},
		{"about", fixed("about/about-us"), http.StatusOK},
		{"corrections", fixed("corrections"), http.StatusOK},
		{"corrected", corrected, http.StatusOK},
		{"versions", below(corrected, "/versions"), http.StatusOK},
		{"version", below(corrected, "/versions/1"), http.StatusOK},
		{"compare", below(corrected, "/versions/1...3"), http.StatusOK},
		{"missing", fixed("there/is-no-such-story"), http.StatusNotFound},
		{"gone", beside(corrected, withdrawnSlug), http.StatusGone},
		{"most-viewed", fixed("most-viewed/day"), http.StatusOK},
		{"most-viewed-week", fixed("most-viewed/week"), http.StatusOK},
		{"most-viewed-month", fixed("most-viewed/month"), http.StatusOK},
		{"gallery", fixed("gallery/"), http.StatusOK},
		{"gallery-photo", fixed("gallery/photo"), http.StatusOK},
		{"gallery-film", fixed("gallery/film"), http.StatusOK},
		{"archive", archived, http.StatusOK},
		{"saved", fixed("saved"), http.StatusOK},
		{"offline", fixed("offline"), http.StatusOK},
	}
	for _, genre := range []string{"news", "analysis", "opinion", "interview", "report", "explainer", "photo", "film", "live"} {
		all = append(all, kind{"story-" + genre, linked("genre/"+genre+"/", "card-link"), http.StatusOK})
	}
	return all
}

// Kinds are the names of all page types.
func Kinds() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Pages lists a page of every type, in every edition.
func (n *Newsroom) Pages(ctx context.Context) ([]Page, error) {
	var all []Page
	for _, e := range Editions() {
		s := n.scout(ctx, e)
		for _, k := range kinds() {
			at, err := k.find(s)
			if err != nil {
				return nil, fmt.Errorf("find the page %s of %s: %w", k.name, e.Key, err)
			}
			all = append(all, Page{k.name, e, at, k.status})
		}
	}
	return all, nil
}

// errNone says that nothing leads to a page of the type.
var errNone = errors.New("nothing leads to one")

// scout looks for the pages of an edition as a reader does: it begins at the
// front and follows links.
type scout struct {
	Edition
	ctx      context.Context
	newsroom *Newsroom
	home     string
	seen     map[string]*Document
}

func (n *Newsroom) scout(ctx context.Context, e Edition) *scout {
	return &scout{Edition: e, ctx: ctx, newsroom: n, home: "/" + e.Key + "/", seen: map[string]*Document{}}
}

// read fetches a page once; one that is not there leads nowhere.
func (s *scout) read(at string) (*Document, error) {
	if d, ok := s.seen[at]; ok {
		return d, nil
	}
	status, _, body, err := s.newsroom.Get(s.ctx, at)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d: %w", at, status, errNone)
	}
	d, err := parse(at, body)
	s.seen[at] = d
	return d, err
}

// finder gives the address of a page, or errNone.
type finder func(*scout) (string, error)

// fixed is a page whose address everybody knows, below the edition's front.
func fixed(below string) finder {
	return func(s *scout) (string, error) { return s.home + below, nil }
}

// linked is where the first link of a class leads, on a page below the front.
func linked(on, class string) finder {
	return found(on, func(d *Document) string { return d.first(class) })
}

// within is where the first link in an element of a class leads.
func within(on, class string) finder {
	return found(on, func(d *Document) string { return d.firstUnder(class) })
}

// next is the page behind a list's first.
func next(on string) finder {
	return found(on, func(d *Document) string { return d.related("next") })
}

func found(on string, look func(*Document) string) finder {
	return func(s *scout) (string, error) {
		d, err := s.read(s.home + on)
		if err != nil {
			return "", err
		}
		at := look(d)
		if at == "" {
			return "", fmt.Errorf("on %s: %w", s.home+on, errNone)
		}
		if strings.HasPrefix(at, "?") {
			at = s.home + on + at
		}
		return at, nil
	}
}

// search is the answer to what an edition's reader types.
func search(typed func(Edition) string) finder {
	return func(s *scout) (string, error) { return s.home + "search?q=" + url.QueryEscape(typed(s.Edition)), nil }
}

// below is a page whose address begins with another's.
func below(find finder, more string) finder {
	return func(s *scout) (string, error) {
		at, err := find(s)
		return at + more, err
	}
}

// beside is a story in the section of another.
func beside(find finder, slug string) finder {
	return func(s *scout) (string, error) {
		at, err := find(s)
		return path.Join(path.Dir(at), slug), err
	}
}

// byline is an author's page, from the first story that has a byline.
func byline(s *scout) (string, error) {
	front, err := s.read(s.home)
	if err != nil {
		return "", err
	}
	for _, link := range front.all("card-link") {
		story, err := s.read(link)
		if err != nil {
			return "", err
		}
		if author := story.first("byline-name"); author != "" {
			return author, nil
		}
	}
	return "", fmt.Errorf("no story on the front is signed: %w", errNone)
}

// archived is the day in the archive on which the story that leads came out.
func archived(s *scout) (string, error) {
	lead, err := linked("", "card-link")(s)
	if err != nil {
		return "", err
	}
	story, err := s.read(lead)
	if err != nil {
		return "", err
	}
	day := strings.ReplaceAll(story.property("article:published_time"), "-", "/")
	if len(day) < len("2006/01/02") {
		return "", fmt.Errorf("%s has no day: %w", lead, errNone)
	}
	return s.home + "archive/" + day[:len("2006/01/02")], nil
}
