package site

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/theme"
)

// Readers can check us: every version of a story has an address, and so has
// the comparison of any two.

const versionsTail = "/versions"

// versionTail is where a version stands under its story, rangeTail where two
// are compared. Numbers in addresses are ASCII.
func versionTail(n int) string      { return versionsTail + "/" + itoa(n) }
func rangeTail(old, new int) string { return versionTail(old) + between + itoa(new) }

const between = "..."

// maxVersion is far above any number that a version will have.
const maxVersion = 1_000_000

// versionNumber reads a number in its one spelling.
func versionNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n <= maxVersion && itoa(n) == s
}

// versions is the history of a story.
func (s *Site) versions(r *reading) (*answer, error) {
	live, moved, err := r.foundUnder(r.names["slug"], versionsTail)
	if moved != nil || err != nil {
		return moved, err
	}
	below := 0
	if text := r.query["before"]; text != "" {
		var ok bool
		if below, ok = versionNumber(text); !ok {
			return nil, &fault{status: http.StatusBadRequest, key: "error.page"}
		}
	}
	home, from := r.house.address(live.Card), below
	if below > 0 {
		from++
	}
	found, err := story.History(r.tx, live.ID, from, pageSize+2)
	if err == nil && below > 0 {
		found, err = beyond(found, home+versionsTail, func(v story.Version) bool { return v.Number == below })
	}
	if err != nil {
		return nil, err
	}
	view := VersionsPage{Frame: r.frame(r.words().T("versions.title")+": "+lang.Isolate(live.Headline), r.words().T("versions.note")), Headline: live.Headline, HeadDir: r.against(live.Headline), Story: home}
	if below > 0 {
		view.Newer, view.NoIndex = home+versionsTail, true
	}
	if len(found) > pageSize {
		found = found[:pageSize]
		view.Older = home + versionsTail + "?before=" + itoa(found[pageSize-1].Number)
	}
	for _, v := range found {
		view.Versions = append(view.Versions, r.versionValue(live.Card, v))
	}
	return r.setStory("versions", view, live)
}

// setStory renders a page that is as old as its story.
func (r *reading) setStory(page string, view any, live story.Story) (*answer, error) {
	out, err := r.set(page, view)
	if err == nil {
		if out.changed = changedAt(live.Card); live.Genre == story.Live && !live.Content.Ended {
			out.changed = r.now.Add(time.Second)
		}
	}
	return out, err
}

// versionKinds are those that readers are told of by name.
var versionKinds = map[string]bool{
	story.First: true, story.Typo: true, story.Update: true, story.Correction: true, story.Imported: true, story.Restored: true, story.Redacted: true,
}

func (r *reading) versionValue(c story.Card, v story.Version) Version {
	home := r.house.address(c)
	kind := v.Kind
	if !versionKinds[kind] {
		kind = story.Update
	}
	value := Version{
		Number: r.here.Digits.String(itoa(v.Number)), At: r.stamp(v.At), Kind: kind, Label: r.words().T("version.kind." + kind),
		Note: v.Note, Href: home + versionTail(v.Number), Current: v.Number == c.Version,
	}
	if v.Number > 1 && kind != story.Redacted {
		value.Compare = home + rangeTail(v.Number-1, v.Number)
	}
	return value
}

// version is a story as it was once, or the comparison of two versions.
func (s *Site) version(r *reading) (*answer, error) {
	first, second, two := strings.Cut(r.names["version"], between)
	n, ok := versionNumber(first)
	m, also := n, true
	if two {
		m, also = versionNumber(second)
	}
	if !ok || !also {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	live, moved, err := r.foundUnder(r.names["slug"], versionsTail+"/"+r.names["version"])
	if moved != nil || err != nil {
		return moved, err
	}
	home := r.house.address(live.Card)
	switch {
	case max(n, m) > live.Version:
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	case !two:
		return r.oneVersion(live, n)
	case n == m:
		return leadOn(home + versionTail(n)), nil
	case n > m:
		return leadOn(home + rangeTail(m, n)), nil
	}
	return r.comparison(live, n, m)
}

// as makes a page stand for another: search engines are led there.
func (r *reading) as(f *Frame, address string) {
	f.NoIndex = true
	r.standsAt(f, address)
}

// oneVersion is a story as it was.
func (r *reading) oneVersion(live story.Story, number int) (*answer, error) {
	v, c, err := story.At(r.tx, live.ID, number)
	if err != nil {
		return nil, missing(err)
	}
	home, words := r.house.address(live.Card), r.words()
	in := r.house.sections[c.Section]
	view := VersionPage{
		Frame: r.frame(c.Headline, c.Standfirst), Version: r.versionValue(live.Card, v), Story: home, History: home + versionsTail,
		Genre: string(c.Genre), Label: r.label(c.Genre), Kicker: c.Kicker, Headline: c.Headline, HeadDir: r.against(c.Headline),
		Standfirst: c.Standfirst, Dateline: c.Dateline,
	}
	r.as(&view.Frame, home)
	if in.ID != 0 {
		r.saw(in.ID.Tag())
		view.Section = Link{Text: in.Name, Href: sectionAddress(in)}
	}
	at := view.Version.At
	view.Banner = words.T("version.earlier", at.Date, at.Clock, words.T("story.zone", at.Zone))
	if view.Version.Current {
		view.Banner = words.T("version.current", at.Date, at.Clock, words.T("story.zone", at.Zone))
	}
	names, err := presentNames(r.tx, r.here.Language, c.Byline)
	if err != nil {
		return nil, err
	}
	view.Byline = r.byline(names)
	pictures, err := r.assets(append(body.Assets(c.Body), c.Picture)...)
	if err != nil {
		return nil, err
	}
	if a, ok := pictures[c.Picture]; ok {
		view.Picture = r.leadPicture(a, c)
	}
	view.Body = theme.Markup(string(body.Render(c.Body, r.renderer(pictures, ""))))
	if view.Topics, _, err = r.topicLinks(c.Topics); err != nil {
		return nil, err
	}
	return r.setStory("version", view, live)
}

// presentNames are the names of a byline as they are now. Drafts know authors
// by their identities.
func presentNames(tx *db.Tx, language string, byline []story.Signature) ([]story.Signature, error) {
	var ids []ref.Author
	for _, s := range byline {
		if s.Author != 0 {
			ids = append(ids, s.Author)
		}
	}
	if len(ids) == 0 {
		return byline, nil
	}
	found, err := author.ByID(tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the authors: %w", err)
	}
	words := map[ref.Author]author.Words{}
	for _, a := range found {
		words[a.ID] = a.Words[language]
	}
	names := make([]story.Signature, len(byline))
	for n, s := range byline {
		names[n] = s
		if now := words[s.Author]; now.Name != "" {
			names[n] = story.Signature{Author: s.Author, Name: now.Name, Slug: now.Slug}
		}
	}
	return names, nil
}

// topicLinks lead to the topics of a story; main is the first that is defined.
func (r *reading) topicLinks(ids []ref.Topic) (links []Link, main *Link, err error) {
	found, err := topic.ByID(r.tx, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read the topics: %w", err)
	}
	byID := map[ref.Topic]topic.Topic{}
	for _, t := range found {
		byID[t.ID] = t
	}
	for _, id := range ids {
		words, ok := byID[id].Words[r.here.Language]
		if !ok {
			continue
		}
		r.saw(id.Tag())
		link := Link{Text: words.Name, Href: join(r.here.Key, "topic", words.Slug)}
		links = append(links, link)
		if main == nil && words.Definition != "" {
			main = &link
		}
	}
	return links, main, nil
}

// setChanges says of a story that was published more than once what changed,
// and what was wrong.
func (r *reading) setChanges(view *StoryPage, live story.Story) error {
	if live.Version < 2 {
		return nil
	}
	home, words := r.house.address(live.Card), r.words()
	view.History = &Link{Text: words.N("story.versions", live.Version), Href: home + versionsTail}
	last, err := story.LastChange(r.tx, live.ID)
	switch {
	case errors.Is(err, db.ErrNotFound):
	case err != nil:
		return err
	default:
		view.Changes = &Link{Text: words.T("story.changes"), Href: view.History.Href}
		if v := r.versionValue(live.Card, last); v.Compare != "" {
			view.Changes.Href = v.Compare
		}
	}
	corrected, err := story.Corrected(r.tx, live.ID)
	if err != nil {
		return err
	}
	for _, v := range corrected {
		view.Corrections = append(view.Corrections, r.correction(live.Card, v))
	}
	return nil
}
