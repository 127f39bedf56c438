package site

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/web/feed"
)

func correctionsAddress(edition string) string     { return join(edition, "corrections") }
func correctionsFeedAddress(edition string) string { return join(edition, "corrections", "atom.xml") }

// correction is one of a story, as the story says it at its foot.
func (r *reading) correction(c story.Card, v story.Version) Correction {
	value := Correction{At: r.stamp(v.At), Note: v.Note, Compare: r.house.address(c) + versionTail(v.Number)}
	if v.Number > 1 {
		value.Compare = r.house.address(c) + rangeTail(v.Number-1, v.Number)
	}
	return value
}

// erratum is one in the list of all.
func (r *reading) erratum(e story.Erratum) Correction {
	r.saw(e.Card.ID.Tag())
	value := r.correction(e.Card, e.Version)
	in := r.house.sections[e.Card.Section]
	value.Headline, value.Href, value.Dir = e.Card.Headline, r.house.address(e.Card), r.against(e.Card.Headline)
	if in.ID != 0 {
		r.saw(in.ID.Tag())
		value.Section = Link{Text: in.Name, Href: sectionAddress(in)}
	}
	return value
}

// errataCursor reads the place in the list from ?before=, as errataText wrote
// it.
func (r *reading) errataCursor() (at story.ErrataCursor, err error) {
	text := r.query["before"]
	if text == "" {
		return at, nil
	}
	parts := strings.Split(text, "-")
	var numbers [3]int64
	for n := range numbers {
		if len(parts) != len(numbers) {
			return at, &fault{status: http.StatusBadRequest, key: "error.page"}
		}
		if numbers[n], err = strconv.ParseInt(parts[n], 36, 64); err != nil || numbers[n] < 0 {
			return at, &fault{status: http.StatusBadRequest, key: "error.page"}
		}
	}
	if numbers[1] == 0 || numbers[2] < 1 || numbers[2] > maxVersion {
		return at, &fault{status: http.StatusBadRequest, key: "error.page"}
	}
	at = story.ErrataCursor{At: numbers[0] + cursorEpoch, Story: ref.Story(numbers[1]), Number: int(numbers[2])}
	if errataText(at) != text {
		return at, astray(r.base()) // another spelling would be another page
	}
	return at, nil
}

func errataText(c story.ErrataCursor) string {
	return cursorText(story.Cursor{Published: c.At, ID: c.Story}) + "-" + strconv.FormatInt(int64(c.Number), 36)
}

// corrections lists what was wrong in an edition, newest first.
func (s *Site) corrections(r *reading) (*answer, error) {
	behind, err := r.errataCursor()
	if err != nil {
		return nil, err
	}
	r.saw(ref.LatestTag(r.here.Key)) // which every publication carries, corrections too
	from, first := behind, behind == (story.ErrataCursor{})
	if !first {
		from.Number++
	}
	found, err := story.Errata(r.tx, r.here.Key, from, pageSize+2)
	if err == nil && !first {
		found, err = beyond(found, r.base(), func(e story.Erratum) bool { return e.Cursor() == behind })
	}
	if err != nil {
		return nil, err
	}
	words, key := r.words(), r.here.Key
	title, note := words.T("corrections.title"), words.T("corrections.note")
	view := CorrectionsPage{Frame: r.frame(title, note), Heading: title, Note: note, Atom: correctionsFeedAddress(key)}
	view.Feeds = append(view.Feeds, Feed{Title: title, Href: view.Atom, Type: "application/atom+xml"})
	if !first {
		view.Newer, view.NoIndex = correctionsAddress(key), true
	}
	if len(found) > pageSize {
		found = found[:pageSize]
		view.Older = correctionsAddress(key) + "?before=" + errataText(found[pageSize-1].Cursor())
	}
	for _, e := range found {
		view.Corrections = append(view.Corrections, r.erratum(e))
	}
	if len(found) == 0 {
		view.Empty = words.T("corrections.empty")
	}
	view.Data = r.correctionsData(&view)
	return r.set("corrections", view)
}

// correctionsFeed is the same list for programs.
func (s *Site) correctionsFeed(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key))
	found, err := story.Errata(r.tx, r.here.Key, story.ErrataCursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	words := r.words()
	f := feed.Feed{
		Title: r.feedTitle(words.T("corrections.title")), Description: words.T("corrections.note"), Author: r.here.Title,
		Language: r.here.Language, Home: r.origin + correctionsAddress(r.here.Key), Self: r.origin + r.path, Hub: r.site.hub, Icon: r.assetAddress(iconFile),
	}
	for _, e := range found {
		c := r.erratum(e)
		f.Items = append(f.Items, feed.Item{
			Identity: r.correctionIdentity(e), Address: r.origin + c.Compare, Title: r.plain(c.Headline), Summary: r.plain(c.Note), Published: e.At,
			HTML: fmt.Sprintf(`<p dir="auto">%s</p><p dir="auto"><a href="%s">%s</a></p>`, html.EscapeString(c.Note), html.EscapeString(r.origin+c.Href), html.EscapeString(c.Headline)),
		})
		if f.Updated.Before(e.At) {
			f.Updated = e.At
		}
	}
	return &answer{kind: "application/atom+xml; charset=utf-8", body: feed.Atom(f)}, nil
}

// correctionIdentity is a tag URI (RFC 4151): it stays when the address of the
// story changes.
func (r *reading) correctionIdentity(e story.Erratum) string {
	host := r.origin
	if u, err := url.Parse(r.origin); err == nil {
		host = u.Hostname()
	}
	return fmt.Sprintf("tag:%s,%s:story/%d/version/%d", host, e.At.UTC().Format(time.DateOnly), int64(e.Story), e.Number)
}
