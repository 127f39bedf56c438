package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/pagecache"
)

// What anybody may read of what is published. Answers are kept like pages, under
// the tags of all that they show.

// contentRoutes are the addresses that need no token.
func (a *API) contentRoutes() []route {
	return []route{
		{get, "/content/stories", public, a.kept(a.contentStories), doc{says: "Published stories, the newest first, or the best matches of a search. from and to are days in the edition's time zone, both included.",
			query: []string{"edition", "section", "genre", "topic", "author", "from", "to", "q", "sort", "before", "limit"}, answer: contentList{}}},
		{get, "/content/stories/{id}", public, a.kept(a.contentStory), doc{says: "A published story with its text.", answer: contentStory{}}},
		{get, "/content/stories/{id}/versions", public, a.kept(a.contentVersions), doc{says: "When a published story was changed, and what readers were told.", answer: contentVersions{}}},
		{get, "/content/editions", public, a.kept(a.contentEditions), doc{says: "The editions.", answer: editionList{}}},
		{get, "/content/sections", public, a.kept(a.contentSections), doc{says: "The sections of all editions, or of one.", query: []string{"edition"}, answer: sectionList{}}},
		{get, "/content/topics", public, a.kept(a.contentTopics), doc{says: "The topics that have a definition or a published story, the newest first.", query: []string{"before", "limit"}, answer: contentTopicList{}}},
	}
}

// contentCard is a published story in a list.
type contentCard struct {
	ID         ref.Story    `json:"id"`
	Edition    string       `json:"edition"`
	Section    ref.Section  `json:"section,omitzero"`
	Genre      story.Genre  `json:"genre"`
	Address    string       `json:"address"`
	Headline   string       `json:"headline"`
	Short      string       `json:"short,omitempty"`
	Standfirst string       `json:"standfirst,omitempty"`
	Kicker     string       `json:"kicker,omitempty"`
	Byline     []contentSig `json:"byline,omitempty"`
	Picture    ref.Asset    `json:"picture,omitzero"`
	Published  string       `json:"published"`
	Updated    string       `json:"updated,omitempty"`
	Version    int          `json:"version"`
	Twin       ref.Story    `json:"twin,omitzero"`
}

// contentSig is one name of a byline.
type contentSig struct {
	Author ref.Author `json:"author,omitzero"`
	Name   string     `json:"name"`
}

// contentList is a page of stories. Before leads to the next; empty at the end. A
// page with few stories, or none, is no end.
type contentList struct {
	Stories []contentCard `json:"stories"`
	Before  string        `json:"before,omitempty"`
}

// contentStory is a published story.
type contentStory struct {
	contentCard
	Dateline string      `json:"dateline,omitempty"`
	Topics   []ref.Topic `json:"topics,omitempty"`
	Alt      string      `json:"alt,omitempty"`
	Caption  string      `json:"caption,omitempty"`
	Related  []ref.Story `json:"related,omitempty"`
	Body     body.Body   `json:"body"`
}

// contentTopic is a topic as readers know it.
type contentTopic struct {
	ID      ref.Topic            `json:"id"`
	Kind    string               `json:"kind"`
	Picture ref.Asset            `json:"picture,omitzero"`
	Words   map[string]topicText `json:"words"`
}

// contentTopicList is a page of topics. Before leads to the next; empty at the
// end. A page with few topics, or none, is no end.
type contentTopicList struct {
	Topics []contentTopic `json:"topics"`
	Before string         `json:"before,omitempty"`
}

// contentVersions are the publications of a story.
type contentVersions struct {
	Versions []contentVersion `json:"versions"`
}

// contentVersion is one publication.
type contentVersion struct {
	Number  int    `json:"number"`
	At      string `json:"at"`
	Kind    string `json:"kind"`
	Note    string `json:"note,omitempty"`
	Address string `json:"address"`
}

// reading is the making of one answer within one view of the database, with the
// tags of all that it reads.
type reading struct {
	*asked
	tx       *db.Tx
	sections map[ref.Section]section.Section
	tags     []pagecache.Tag
	// passing says that the answer depends on what was typed, and is not kept: of
	// the like anybody could make as many as they like.
	passing bool
	// urgent says that nobody may keep the answer, here or on its way.
	urgent bool
}

func (r *reading) saw(tags ...ref.Tag) {
	for _, tag := range tags {
		r.tags = append(r.tags, pagecache.Tag(tag))
	}
}

// kept answers from what is kept, or makes the answer and keeps it.
func (a *API) kept(answer func(*reading) (any, error)) func(*asked) (*reply, error) {
	return func(q *asked) (*reply, error) {
		// The parameters in one order: the address in its one spelling.
		key := "api " + q.URL.Path + "?" + q.values.Encode()
		if len(key) > 2048 {
			return nil, &problem{Status: http.StatusRequestURITooLong, kind: "bad-request", Detail: "The address is too long."}
		}
		entry, stale, err := a.Pages.Fetch(q.Context(), key, func(ctx context.Context) (*pagecache.Page, error) {
			return a.make(ctx, q, answer)
		})
		if err != nil {
			return nil, err
		}
		return &reply{write: func(w http.ResponseWriter) {
			if stale {
				w.Header().Set("Warning", `111 - "Revalidation Failed"`)
			}
			entry.ServeHTTP(w, q.Request)
		}}, nil
	}
}

func (a *API) make(ctx context.Context, q *asked, answer func(*reading) (any, error)) (*pagecache.Page, error) {
	r := &reading{asked: q, sections: map[ref.Section]section.Section{}}
	var value any
	err := a.DB.Public(ctx, func(tx *db.Tx) error {
		r.tx = tx
		r.saw(ref.FrameTag)
		all, err := section.All(tx)
		if err != nil {
			return err
		}
		for _, s := range all {
			r.sections[s.ID] = s
		}
		value, err = answer(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	text, err := encode(value)
	if err != nil {
		return nil, err
	}
	control := "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400"
	if r.urgent {
		control = "no-store"
	}
	return &pagecache.Page{Type: "application/json; charset=utf-8", Body: text, Tags: r.tags, NoKeep: r.passing || r.urgent, Header: []pagecache.HeaderField{{Name: "Cache-Control", Value: control}}}, nil
}

// cards are stories as anybody may read them. What stands in another edition is
// told only while it is live there.
func (r *reading) cards(all ...story.Card) ([]contentCard, error) {
	var twins []ref.Story
	for _, c := range all {
		if c.Twin != 0 {
			twins = append(twins, c.Twin)
			r.saw(c.Twin.Tag())
		}
	}
	live, err := story.Cards(r.tx, twins)
	if err != nil {
		return nil, err
	}
	views := make([]contentCard, len(all))
	for n, c := range all {
		if !slices.ContainsFunc(live, func(other story.Card) bool { return other.ID == c.Twin }) {
			c.Twin = 0
		}
		views[n] = r.card(c)
	}
	return views, nil
}

func (r *reading) card(c story.Card) contentCard {
	r.saw(c.ID.Tag())
	view := contentCard{ID: c.ID, Edition: c.Edition, Section: c.Section, Genre: c.Genre, Address: c.Address(r.sections[c.Section].Slug), Headline: c.Headline, Short: c.Short,
		Standfirst: c.Standfirst, Kicker: c.Kicker, Picture: c.Picture, Published: stamp(c.Published), Updated: stamp(c.Updated), Version: c.Version, Twin: c.Twin}
	for _, s := range c.Byline {
		if s.Author != 0 {
			r.saw(s.Author.Tag())
		}
		view.Byline = append(view.Byline, contentSig{s.Author, s.Name})
	}
	return view
}

// filter is what stories are asked for: one list, within a span of time.
type filter struct {
	edition string
	section ref.Section
	topic   ref.Topic
	author  ref.Author
	genre   story.Genre
	// from is the first moment, until the first that is too late; zero for none.
	from, until time.Time
	before      story.Cursor
	limit       int
}

func (a *API) contentStories(r *reading) (any, error) {
	values := r.values
	e, err := edition.Find(r.tx, values.Get("edition"))
	if errors.Is(err, db.ErrNotFound) {
		return nil, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The parameter edition must be one that is here.", Errors: []wrong{{Field: "edition", Reason: "is not here"}}}
	}
	if err != nil {
		return nil, err
	}
	f, err := filterOf(values, e)
	if err != nil {
		return nil, err
	}
	r.saw(ref.LatestTag(e.Key), ref.EditionTag(e.Key))
	list := contentList{Stories: []contentCard{}}
	if in := r.sections[f.section]; in.Genre != "" && in.Edition == e.Key {
		gathered := story.Genre(in.Genre)
		if f.genre != "" && f.genre != gathered {
			r.passing = true
			return list, nil
		}
		f.section, f.genre = 0, gathered
	}
	if text := values.Get("q"); text != "" {
		return a.searched(r, e, f, text, values)
	}
	if values.Get("sort") != "" {
		return nil, badParameter("sort", "needs q")
	}
	cards, next, err := f.read(r.tx)
	if err != nil {
		return nil, err
	}
	if list.Stories, err = r.cards(cards...); err != nil {
		return nil, err
	}
	r.passing = len(cards) == 0 || values.Get("before")+values.Get("from")+values.Get("to") != ""
	if next != (story.Cursor{}) {
		list.Before = cursorText(next)
	}
	return list, nil
}

func badParameter(name, reason string) *problem {
	return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The parameter " + name + " " + reason + ".", Errors: []wrong{{Field: name, Reason: reason}}}
}

func filterOf(values url.Values, e edition.Edition) (f filter, err error) {
	f.edition, f.genre = e.Key, story.Genre(values.Get("genre"))
	if f.genre != "" && (!f.genre.Valid() || f.genre == story.Page) {
		return f, badParameter("genre", "is not one we know: take "+story.OneOf(story.Genres))
	}
	if f.section, err = parameter[ref.Section](values, "section"); err != nil {
		return f, err
	}
	if f.topic, err = parameter[ref.Topic](values, "topic"); err != nil {
		return f, err
	}
	if f.author, err = parameter[ref.Author](values, "author"); err != nil {
		return f, err
	}
	if f.limit, err = limit(values); err != nil {
		return f, err
	}
	if f.from, err = day(values, "from", e, 0); err != nil {
		return f, err
	}
	f.until, err = day(values, "to", e, 1)
	if err != nil {
		return f, err
	}
	if text := values.Get("before"); text != "" && values.Get("q") == "" {
		if f.before, err = cursorOf(text); err != nil {
			return f, err
		}
	}
	if !f.until.IsZero() {
		if !f.from.IsZero() && !f.from.Before(f.until) {
			return f, badParameter("from", "is after the parameter to")
		}
		// Behind all stories of the moment before.
		if end := f.until.UnixMilli() - 1; f.before == (story.Cursor{}) || f.before.Published > end {
			f.before = story.Cursor{Published: end, ID: math.MaxInt64}
		}
	}
	return f, nil
}

// day reads a day of the edition, in its time zone and calendar: the first moment of
// the day so many days later. It is zero when none is given.
func day(values url.Values, name string, e edition.Edition, later int) (time.Time, error) {
	text := values.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	civil, ok := e.Locale().ParseDay(text)
	if !ok {
		return civil, badParameter(name, "is no day such as 2026-03-20")
	}
	return lang.StartOf(civil.AddDate(0, 0, later), e.Location()), nil
}

// cursorText writes a place in a list.
func cursorText(c story.Cursor) string {
	return strconv.FormatInt(c.Published, 10) + "." + itoa(int64(c.ID))
}

func cursorOf(text string) (story.Cursor, error) {
	at, id, _ := strings.Cut(text, ".")
	published, err := strconv.ParseInt(at, 10, 64)
	number, err2 := strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil || number <= 0 {
		return story.Cursor{}, badParameter("before", "is no place that an earlier answer gave")
	}
	return story.Cursor{Published: published, ID: ref.Story(number)}, nil
}

// mostScanned is how many pages of a list are looked through for one answer.
const mostScanned = 20

// read lists what passes the filter: the narrowest list that there is, and of it
// what also meets the rest. next is where the list goes on; zero at its end.
func (f filter) read(tx *db.Tx) (cards []story.Card, next story.Cursor, err error) {
	behind := f.before
	for range mostScanned {
		page, err := f.page(tx, behind)
		if err != nil {
			return nil, next, err
		}
		for _, c := range page {
			if !f.from.IsZero() && c.Published.Before(f.from) {
				return cards, next, nil
			}
			if !f.meets(c) {
				continue
			}
			if len(cards) == f.limit {
				return cards, story.After(cards[len(cards)-1]), nil
			}
			cards = append(cards, c)
		}
		if len(page) < maxPage {
			return cards, next, nil
		}
		behind = story.After(page[len(page)-1])
	}
	return cards, behind, nil
}

func (f filter) page(tx *db.Tx, behind story.Cursor) ([]story.Card, error) {
	switch {
	case f.topic != 0:
		return story.OnTopic(tx, f.edition, f.topic, behind, maxPage)
	case f.author != 0:
		return story.ByAuthor(tx, f.edition, f.author, behind, maxPage)
	case f.section != 0:
		return story.InSection(tx, f.section, behind, maxPage)
	case f.genre != "":
		return story.OfGenre(tx, f.edition, f.genre, behind, maxPage)
	}
	return story.Latest(tx, f.edition, behind, maxPage)
}

func (f filter) meets(c story.Card) bool {
	return c.Edition == f.edition && (f.section == 0 || c.Section == f.section) && (f.genre == "" || c.Genre == f.genre) &&
		(f.author == 0 || slices.ContainsFunc(c.Byline, func(s story.Signature) bool { return s.Author == f.author }))
}

// maxAsked is how long a search may be, in characters.
const maxAsked = 200

func (a *API) contentStory(r *reading) (any, error) {
	id, err := identity[ref.Story](r.asked, "id")
	if err != nil {
		return nil, err
	}
	live, err := story.Read(r.tx, id)
	if err != nil {
		return nil, a.goneOr(r.tx, id, err)
	}
	c := live.Content
	cards, err := r.cards(live.Card)
	if err != nil {
		return nil, err
	}
	view := contentStory{contentCard: cards[0], Dateline: c.Dateline, Topics: c.Topics, Alt: c.Alt, Caption: c.Caption, Body: c.Body}
	for _, id := range c.Related {
		r.saw(id.Tag()) // one may go live, or be withdrawn
	}
	related, err := story.Cards(r.tx, c.Related)
	for _, other := range related {
		view.Related = append(view.Related, other.ID)
	}
	return view, err
}

// goneOr says of a story that is not live why it was withdrawn, if it was.
func (a *API) goneOr(tx *db.Tx, id ref.Story, err error) error {
	if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	reason, gone := story.Gone(tx, id)
	if gone != nil {
		return gone
	}
	return &problem{Status: http.StatusGone, kind: "gone", Detail: reason}
}

func (a *API) contentVersions(r *reading) (any, error) {
	id, err := identity[ref.Story](r.asked, "id")
	if err != nil {
		return nil, err
	}
	cards, err := story.Cards(r.tx, []ref.Story{id})
	if err == nil && len(cards) == 0 {
		err = a.goneOr(r.tx, id, db.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	all, err := a.Stories.Versions(r.tx, id)
	if err != nil {
		return nil, err
	}
	r.saw(id.Tag())
	address := cards[0].Address(r.sections[cards[0].Section].Slug)
	list := contentVersions{Versions: []contentVersion{}}
	for _, v := range all {
		list.Versions = append(list.Versions, contentVersion{v.Number, stamp(v.At), v.Kind, v.Note, address + "/versions/" + itoa(int64(v.Number))})
	}
	return list, nil
}

func (a *API) contentEditions(r *reading) (any, error) {
	return editionsOf(r.tx)
}

func (a *API) contentSections(r *reading) (any, error) {
	list, err := sectionsOf(r.tx, r.values.Get("edition"))
	r.passing = len(list.Sections) == 0
	return list, err
}

func (a *API) contentTopics(r *reading) (any, error) {
	before, size, err := page[ref.Topic](r.asked)
	if err != nil {
		return nil, err
	}
	editions, err := edition.All(r.tx)
	if err != nil {
		return nil, err
	}
	r.passing = before != 0
	r.saw(ref.TopicsTag)
	for _, e := range editions {
		r.saw(ref.LatestTag(e.Key)) // a topic is there from its first story on
	}
	list := contentTopicList{Topics: []contentTopic{}}
	for range mostScanned {
		all, err := topic.All(r.tx, before, maxPage)
		if err != nil {
			return nil, err
		}
		told, err := toldOf(r.tx, all)
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			if t.Merged != 0 || !told[t.ID] && !t.Defined() {
				continue
			}
			if len(list.Topics) == size {
				list.Before = itoa(int64(list.Topics[size-1].ID))
				return list, nil
			}
			r.saw(t.ID.Tag())
			list.Topics = append(list.Topics, contentTopic{t.ID, t.Kind, t.Picture, topicOf(t).Words})
		}
		if len(all) < maxPage {
			return list, nil
		}
		before = all[len(all)-1].ID
	}
	list.Before = itoa(int64(before))
	return list, nil
}

// toldOf are those of the topics that a live story is on.
func toldOf(tx *db.Tx, topics []topic.Topic) (map[ref.Topic]bool, error) {
	ids := make([]ref.Topic, len(topics))
	for n, t := range topics {
		ids[n] = t.ID
	}
	found, err := story.Told(tx, ids)
	told := map[ref.Topic]bool{}
	for _, id := range found {
		told[id] = true
	}
	return told, err
}
