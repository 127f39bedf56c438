// Package story holds the unit of publication: drafts that editors work on,
// revisions that remember every save, and the live stories that readers see.
// It does not make work go live: that spans other nouns and is done in the
// publish room.
package story

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
)

// Genre says what a story is, to readers and to machines.
type Genre string

// The genres.
const (
	News      Genre = "news"
	Analysis  Genre = "analysis"
	Opinion   Genre = "opinion"
	Interview Genre = "interview"
	Report    Genre = "report"
	Explainer Genre = "explainer"
	Photo     Genre = "photo"
	Film      Genre = "film"
	Live      Genre = "live"
	// Page is a standing page: edited like a story, listed nowhere.
	Page Genre = "page"
)

// Genres are those of stories in lists.
var Genres = []Genre{News, Analysis, Opinion, Interview, Report, Explainer, Photo, Film, Live}

// Valid tells whether g is a genre.
func (g Genre) Valid() bool { return slices.Contains(AllGenres(), g) }

// AllGenres are Genres and Page.
func AllGenres() []Genre { return append(slices.Clone(Genres), Page) }

// OneOf says in a sentence which genres there are to choose from.
func OneOf(genres []Genre) string {
	var words strings.Builder
	for n, g := range genres {
		switch {
		case n == 0:
		case n == len(genres)-1:
			words.WriteString(" or ")
		default:
			words.WriteString(", ")
		}
		words.WriteString(string(g))
	}
	return words.String()
}

// Signature is one name of a byline.
type Signature struct {
	// Author is 0 for a name that has no page.
	Author ref.Author `json:"author,omitempty"`
	// Name and Slug are the author's when the story went live.
	Name string `json:"name"`
	Slug string `json:"slug,omitempty"`
}

// Origin says where an imported story came from.
type Origin struct {
	// Source names the system or the publication; Address is the story's there.
	Source  string `json:"source,omitempty"`
	Address string `json:"address,omitempty"`
}

// Content is everything that editors write about a story.
type Content struct {
	Headline string `json:"headline"`
	// Short is the headline for fronts; empty means the headline.
	Short      string `json:"short,omitempty"`
	Standfirst string `json:"standfirst,omitempty"`
	Kicker     string `json:"kicker,omitempty"`
	Dateline   string `json:"dateline,omitempty"`
	// Slug is the wanted address; empty means the headline's.
	Slug    string      `json:"slug,omitempty"`
	Genre   Genre       `json:"genre"`
	Section ref.Section `json:"section,omitempty"`
	// Topics come in the order of their weight: the first stands beside the
	// section.
	Topics []ref.Topic `json:"topics,omitempty"`
	Byline []Signature `json:"byline,omitempty"`
	// Picture is the lead picture, with words of its own where the picture's
	// would not do.
	Picture ref.Asset `json:"picture,omitempty"`
	Alt     string    `json:"alt,omitempty"`
	Caption string    `json:"caption,omitempty"`
	// Film is what a film story shows; its lead picture stands there until it plays.
	Film ref.Asset `json:"film,omitempty"`
	// Ended says that the coverage of a live story is over.
	Ended bool `json:"ended,omitempty"`
	// NoTerms leaves the text alone where it mentions topics that have definitions.
	NoTerms bool        `json:"no_terms,omitempty"`
	Related []ref.Story `json:"related,omitempty"`
	Body    body.Body   `json:"body"`
	Origin  *Origin     `json:"origin,omitempty"`
}

// State is where a story is on its way.
type State string

// The states.
const (
	Writing   State = "writing"
	Scheduled State = "scheduled"
	Published State = "published"
	Withdrawn State = "withdrawn"
	// Binned is a draft that was set aside; nothing of it is lost.
	Binned State = "binned"
)

// Valid tells whether s is a state.
func (s State) Valid() bool {
	return s == Writing || s == Scheduled || s == Published || s == Withdrawn || s == Binned
}

// Draft is what editors work on. Saving it never changes what readers see.
type Draft struct {
	ID      ref.Story
	Edition string
	// Twin is the same for a story and its translations; 0 for a story alone.
	Twin ref.Story
	// Sequence grows by one with every save, from 1.
	Sequence int64
	State    State
	Revision ref.Revision
	Batch    ref.Batch
	// Embargo forbids publication before it; zero means none.
	Embargo time.Time
	Content Content
	At      time.Time
	By      ref.Staff
}

// Story is a published story.
type Story struct {
	Card
	Content Content
}

// Card is the one shape of a story in lists.
type Card struct {
	ID         ref.Story
	Edition    string
	Section    ref.Section
	Genre      Genre
	Slug       string
	Headline   string
	Short      string
	Standfirst string
	Kicker     string
	Byline     []Signature
	Picture    ref.Asset
	// Published is the first publication; Updated is zero until the text
	// changed after it.
	Published, Updated time.Time
	Revision           ref.Revision
	// Version counts publications, from 1.
	Version int
	Twin    ref.Story
}

// Address is where readers find the story, with the slug of its section. Standing
// pages have no section.
func (c Card) Address(section string) string {
	if c.Genre == Page {
		return ref.Path(c.Edition, "about", c.Slug)
	}
	return ref.Path(c.Edition, section, c.Slug)
}

// FrontHeadline is the headline that fronts show.
func (c Card) FrontHeadline() string {
	if c.Short != "" {
		return c.Short
	}
	return c.Headline
}

// ErrStale says that an act was meant for an older draft than the newest; the
// error that wraps it is a *Stale, with both.
var ErrStale = errors.New("somebody saved a newer draft meanwhile")

// Stale is an act on an older draft than the newest.
type Stale struct {
	// Yours is the text of a save that came too late; nil when none was sent.
	Yours  *Content
	Newest Draft
}

// Error says what happened.
func (s *Stale) Error() string {
	return fmt.Sprintf("story %d is at save %d: %v", s.Newest.ID, s.Newest.Sequence, ErrStale)
}

// Unwrap gives the kind.
func (s *Stale) Unwrap() error { return ErrStale }
