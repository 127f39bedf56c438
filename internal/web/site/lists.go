package site

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// pageSize is how many stories stand on one page of a list.
const pageSize = 24

func itoa(n int) string { return strconv.Itoa(n) }

// cursor reads the place in a list from ?before=, as cursorText wrote it.
func (r *reading) cursor() (story.Cursor, error) {
	text := r.query["before"]
	if text == "" {
		return story.Cursor{}, nil
	}
	at, id, ok := strings.Cut(text, "-")
	published, err := strconv.ParseInt(at, 36, 64)
	number, err2 := strconv.ParseInt(id, 36, 64)
	if !ok || err != nil || err2 != nil || number <= 0 {
		return story.Cursor{}, &fault{status: http.StatusBadRequest, key: "error.page"}
	}
	c := story.Cursor{Published: published + cursorEpoch, ID: ref.Story(number)}
	if cursorText(c) != text {
		return c, astray(r.base()) // another spelling would be another page
	}
	return c, nil
}

// base is the address without its query: the first page of a list.
func (r *reading) base() string {
	base, _, _ := strings.Cut(r.path, "?")
	return base
}

// cursorEpoch keeps the time of a cursor from being negative.
const cursorEpoch = -62135596800000 // the year 1

func cursorText(c story.Cursor) string {
	return strconv.FormatInt(c.Published-cursorEpoch, 36) + "-" + strconv.FormatInt(int64(c.ID), 36)
}

// beyond is what stands behind a place in a list, of what was read from that place
// on. A place must be that of a row: of any others there would be a page each.
func beyond[T any](found []T, base string, named func(T) bool) ([]T, error) {
	switch {
	case len(found) == 0 || !named(found[0]):
		return nil, astray(base)
	case len(found) == 1:
		return nil, &fault{status: http.StatusNotFound, key: "error.page"}
	}
	return found[1:], nil
}

// list fills a page with one screen of stories behind the cursor.
func (r *reading) list(view *ListPage, read func(behind story.Cursor, limit int) ([]story.Card, error)) error {
	return r.listBut(view, nil, read)
}

// listBut is list without the stories that stand elsewhere on the page.
func (r *reading) listBut(view *ListPage, but []ref.Story, read func(behind story.Cursor, limit int) ([]story.Card, error)) error {
	behind, err := r.cursor()
	if err != nil {
		return err
	}
	base := r.base()
	from, first := behind, behind == (story.Cursor{})
	if !first {
		from.ID++
	}
	found, err := read(from, pageSize+2+len(but))
	if err == nil && !first {
		view.Newer, view.NoIndex = base, true
		found, err = beyond(found, base, func(c story.Card) bool { return story.After(c) == behind })
	}
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(c story.Card) bool { return slices.Contains(but, c.ID) })
	if len(found) > pageSize {
		found = found[:pageSize]
		view.Older = base + "?before=" + cursorText(story.After(found[pageSize-1]))
	}
	view.Cards, err = r.cards(found)
	for _, c := range view.Cards {
		if strings.Contains(c.Time.Text, ":") { // a clock time and no date
			view.Zone = r.here.Zone
		}
	}
	if len(view.Cards) == 0 && len(but) == 0 {
		view.Empty = r.words().T("list.empty")
	}
	return err
}

// section is the page of a section, or of the genre that it gathers: its front, and
// then all of its stories.
func (s *Site) section(r *reading) (*answer, error) {
	in, ok := r.here.bySlug[r.names["section"]]
	if !ok {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(in.ID.Tag())
	view := ListPage{Frame: r.frame(in.Name, in.Description), Heading: in.Name, Note: in.Description}
	view.Feeds = append(view.Feeds, r.feedLinks(in.Name, sectionAddress(in))...)
	var led []ref.Story
	if r.query["before"] == "" {
		var err error
		if led, err = r.sectionFront(&view, in); err != nil {
			return nil, err
		}
	}
	if err := r.listBut(&view, led, r.inSection(in)); err != nil {
		return nil, err
	}
	view.Data = r.listData(&view)
	return r.set("list", view)
}

// sectionFront fills in what its editors made of a section's first page, and says
// which stories stand there.
func (r *reading) sectionFront(view *ListPage, in section.Section) (led []ref.Story, err error) {
	of := placeOf(in)
	r.saw(of.Tag(), ref.LatestTag(r.here.Key)) // a plan may have stories of the whole edition
	newest, err := front.Newest(r.tx, of)
	if err != nil {
		return nil, err
	}
	pressed, err := front.Press(r.tx, of, newest.Plan, r.now)
	if err != nil {
		return nil, err
	}
	r.until(pressed.Until)
	for _, set := range pressed.Containers {
		switch set.Kind {
		case front.Lead:
			view.Top, err = r.cards(set.Cards)
		case front.Choice:
			view.Choice, err = r.cards(set.Cards)
		case front.Focus:
			view.Focus = r.focus(set.Size)
		case front.MostViewed:
			view.Viewed, err = r.viewedHere(in.ID, set.Size)
		}
		if err != nil {
			return nil, err
		}
		for _, c := range set.Cards {
			led = append(led, c.ID)
		}
	}
	return led, nil
}

// placeOf is whose front a section's is.
func placeOf(in section.Section) front.Place {
	return front.Place{Edition: in.Edition, Section: in.ID, Genre: story.Genre(in.Genre)}
}

// inSection reads a section's stories, or its genre's.
func (r *reading) inSection(in section.Section) func(story.Cursor, int) ([]story.Card, error) {
	return func(behind story.Cursor, limit int) ([]story.Card, error) {
		if in.Genre != "" {
			r.saw(ref.LatestTag(r.here.Key))
			return story.OfGenre(r.tx, r.here.Key, story.Genre(in.Genre), behind, limit)
		}
		return story.InSection(r.tx, in.ID, behind, limit)
	}
}

// latest is everything, newest first.
func (s *Site) latest(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key))
	title := r.words().T("latest.title")
	view := ListPage{Frame: r.frame(title, r.words().T("latest.note")), Heading: title, Note: r.words().T("latest.note"), Ticker: true}
	err := r.list(&view, func(behind story.Cursor, limit int) ([]story.Card, error) {
		return story.Latest(r.tx, r.here.Key, behind, limit)
	})
	if err != nil {
		return nil, err
	}
	view.Data = r.listData(&view)
	return r.set("list", view)
}

// genre is all stories of a genre, whatever their section.
func (s *Site) genre(r *reading) (*answer, error) {
	g := story.Genre(r.names["genre"])
	if !g.Valid() || g == story.Page {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(ref.LatestTag(r.here.Key))
	title := r.words().T("genre." + string(g))
	view := ListPage{Frame: r.frame(title, ""), Heading: title}
	err := r.list(&view, func(behind story.Cursor, limit int) ([]story.Card, error) {
		return story.OfGenre(r.tx, r.here.Key, g, behind, limit)
	})
	if err != nil {
		return nil, err
	}
	view.Data = r.listData(&view)
	return r.set("list", view)
}

// missing turns a row that is not there into the reader's page for it.
func missing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	return err
}

// present leads from an address that a topic or an author had to the one of now;
// nil when it is that. What stands under it ends with tail.
func (r *reading) present(kind, slug, tail string) (*answer, error) {
	switch slug {
	case r.names[kind]:
		return nil, nil
	case "":
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	_, query, _ := strings.Cut(r.path, "?")
	return leadOn(withQuery(join(r.here.Key, kind, slug)+tail, query)), nil
}

// leadOn is the answer of an address whose page is at another for good.
func leadOn(to string) *answer {
	return &answer{status: http.StatusMovedPermanently, kind: "text/plain; charset=utf-8", location: to}
}

// authorAt finds the author of the address; one that the author left answers with
// where the author is now.
func (r *reading) authorAt(tail string) (author.Author, *answer, error) {
	a, err := author.At(r.tx, r.here.Language, r.names["author"])
	if err != nil {
		return a, nil, missing(err)
	}
	r.saw(a.ID.Tag())
	moved, err := r.present("author", a.Words[r.here.Language].Slug, tail)
	return a, moved, err
}

// author is all that one author signed.
func (s *Site) author(r *reading) (*answer, error) {
	a, moved, err := r.authorAt("")
	if moved != nil || err != nil {
		return moved, err
	}
	words := a.Words[r.here.Language]
	view := AuthorPage{ListPage: ListPage{Frame: r.frame(words.Name, words.Bio), Heading: words.Name}, Bio: words.Bio, Covers: words.Covers, House: a.House}
	view.Feeds = append(view.Feeds, r.feedLinks(words.Name, join(r.here.Key, "author", words.Slug)+"/")...)
	if err := r.list(&view.ListPage, r.byAuthor(a.ID)); err != nil {
		return nil, err
	}
	if err := r.mayKnowOf(a); err != nil {
		return nil, missing(err)
	}
	pictures, err := r.assets(a.Picture)
	if err != nil {
		return nil, err
	}
	if p, ok := pictures[a.Picture]; ok {
		view.Picture = r.picture(p)
		r.showPicture(&view.Frame, p, p.Words[r.here.Language].Alt)
	}
	view.Focus = r.focus(focusAround)
	view.tell("og:type", "profile")
	view.Data = r.authorPageData(&view, a)
	return r.set("author", view)
}

// mayKnowOf is db.ErrNotFound for an author whom readers of the edition may not know
// of: there is nothing to read about them, nor of theirs.
func (r *reading) mayKnowOf(a author.Author) error {
	words := a.Words[r.here.Language]
	if words.Name != "" && words.Bio != "" {
		return nil
	}
	signed, err := story.SignedIn(r.tx, r.here.Key, []ref.Author{a.ID})
	return found(words.Name != "" && len(signed) > 0, err)
}

func (r *reading) byAuthor(id ref.Author) func(story.Cursor, int) ([]story.Card, error) {
	return func(behind story.Cursor, limit int) ([]story.Card, error) {
		return story.ByAuthor(r.tx, r.here.Key, id, behind, limit)
	}
}
