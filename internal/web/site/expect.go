package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/feed"
)

// Expectation is what an address must answer once a change of a story has
// reached readers.
type Expectation struct {
	// Address is a path with its query.
	Address string
	// Wants is what is looked for, in words.
	Wants string
	// Status is the status wanted.
	Status int
	// has and links must all stand in the answer: texts, and addresses. lacks are
	// addresses that must not.
	has, links, lacks []string
	// earlier are texts that stood there before: what one of them contains is not
	// yet shown by it.
	earlier []string
}

// Met tells whether an answer is as wanted. The body is as served, not
// compressed.
func (e Expectation) Met(status int, body []byte) bool {
	if status == http.StatusNotFound && len(e.lacks) > 0 {
		return true // a list that nothing stands in any more
	}
	if status != e.Status {
		return false
	}
	if strings.HasSuffix(e.Address, ".json") {
		body = texts(body)
	}
	text := plainly(unmarked(string(body)))
	for _, wanted := range e.has {
		if !shows(text, plainly(wanted), e.earlier) {
			return false
		}
	}
	for _, wanted := range e.links {
		if !leadsTo(text, wanted) {
			return false
		}
	}
	for _, unwanted := range e.lacks {
		if leadsTo(text, unwanted) {
			return false
		}
	}
	return true
}

// shows tells whether what is wanted stands in a text, and not only as a piece of
// what stood there earlier.
func shows(text, wanted string, earlier []string) bool {
	for _, old := range earlier {
		if old = plainly(old); old != wanted && strings.Contains(old, wanted) {
			text = strings.ReplaceAll(text, old, "")
		}
	}
	return strings.Contains(text, wanted)
}

// leadsTo tells whether an address stands in a text, and not only as the
// beginning of a longer one.
func leadsTo(text, address string) bool {
	for {
		_, rest, found := strings.Cut(text, address)
		if !found {
			return false
		}
		if rest == "" || strings.IndexByte("\"'<>?#&/ \n", rest[0]) >= 0 {
			return true
		}
		text = rest
	}
}

// texts are all texts of a JSON document, one a line, without JSON's escapes. They
// are none when it is none.
func texts(document []byte) []byte {
	var out []byte
	for decoder := json.NewDecoder(bytes.NewReader(document)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			return nil
		}
		if text, ok := token.(string); ok {
			out = append(append(out, text...), '\n')
		}
	}
}

// unmarked is a page without the marks of a search's words, which part headlines.
func unmarked(page string) string {
	return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(page)
}

// plainly is a text without what HTML and XML put around and into it: escapes,
// and the isolates of foreign runs.
func plainly(text string) string {
	return strings.NewReplacer("\u2068", "", "\u2069", "").Replace(html.UnescapeString(text))
}

// Expect says which addresses show a story now, and how: its own page, and each
// list, feed, sitemap and search in which it stands. It says too which must not
// show it any more: those where only the version before stood, and all those of a
// story that is not live.
func (s *Site) Expect(ctx context.Context, id ref.Story) (all []Expectation, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) error {
		h, err := s.house.get(tx)
		if err != nil {
			return err
		}
		x := &expecting{tx: tx, house: h, index: s.index, now: s.now(), part: s.part}
		live, err := story.Read(tx, id)
		switch {
		case errors.Is(err, db.ErrNotFound):
			err = x.gone(id)
		case err == nil:
			err = x.shown(live)
		}
		all = x.all
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("say where story %d is to be seen: %w", id, err)
	}
	return all, nil
}

// expecting gathers expectations.
type expecting struct {
	tx    *db.Tx
	house *house
	index search.Index
	now   time.Time
	// part is how many stories a sitemap has.
	part int
	all  []Expectation
}

func (x *expecting) add(e Expectation) {
	if e.Status == 0 {
		e.Status = http.StatusOK
	}
	x.all = append(x.all, e)
}

// place is a list with the address that shows its first screen.
type place struct {
	address string
	// size is how many stories stand there.
	size int
	read func(story.Cursor, int) ([]story.Card, error)
	// bare says that the list shows addresses only, short that it shows the
	// headlines of fronts.
	bare, short bool
	// feed says that the list has texts, which may lead to other stories: one that
	// stands in it is known by its identity.
	feed bool
}

// shown expects a live story everywhere where it stands, and nowhere where only
// the version before stood.
func (x *expecting) shown(live story.Story) error {
	c, own := live.Card, x.house.address(live.Card)
	was, err := x.before(c)
	if err != nil {
		return err
	}
	if c.Genre == story.Page {
		x.add(Expectation{Address: own, Wants: "the page", has: []string{c.Headline}, earlier: []string{was.Headline}})
		return x.left(c, was, nil)
	}
	x.add(Expectation{Address: own, Wants: fmt.Sprintf("version %d", c.Version), has: []string{c.Headline, versionMark(c)}})
	places := x.places(c, live.Content.Topics)
	for _, p := range places {
		if err := x.listed(p, c, own, was); err != nil {
			return err
		}
	}
	if err := x.left(c, was, places); err != nil {
		return err
	}
	return x.found(c, own)
}

// before is the text of the version before the newest; a first one has none.
func (x *expecting) before(c story.Card) (was story.Content, err error) {
	if c.Version < 2 {
		return was, nil
	}
	_, was, err = story.At(x.tx, c.ID, c.Version-1)
	if errors.Is(err, db.ErrNotFound) {
		err = nil
	}
	return was, err
}

// listed expects a live story in a place, as it is shown there, unless newer ones
// have taken its place.
func (x *expecting) listed(p place, c story.Card, own string, was story.Content) error {
	cards, err := p.read(story.Cursor{}, p.size)
	if err != nil {
		return err
	}
	e := Expectation{Address: p.address, Wants: "its address and headline", links: []string{own}, earlier: []string{was.Headline, was.Short}}
	for _, other := range cards {
		switch {
		case other.ID != c.ID:
		case p.short:
			e.has = append(e.has, other.FrontHeadline())
		default:
			e.has = append(e.has, other.Headline)
		}
	}
	if len(e.has) == 0 {
		return nil
	}
	if p.bare {
		e.Wants, e.has = "its address", nil
	}
	if p.feed {
		e.links = append(e.links, feedIdentity(c.ID))
	}
	x.add(e)
	return nil
}

// left expects a live story in none of the places where only the version before
// stood, and the address of that one to lead on.
func (x *expecting) left(c story.Card, was story.Content, places []place) error {
	in, known := x.house.sections[was.Section]
	if !known || was.Genre == story.Page {
		return nil
	}
	old, err := x.past(c.ID, c.Edition, was, c.Published)
	if err != nil {
		return err
	}
	slugs, err := story.Slugs(x.tx, c.ID)
	if err != nil {
		return err
	}
	var addresses []string
	own := x.house.address(c)
	for _, slug := range slugs {
		if at := join(c.Edition, in.Slug, slug); at != own {
			x.add(Expectation{Address: at, Wants: "that it leads on", Status: http.StatusMovedPermanently})
			addresses = append(addresses, at)
		}
	}
	if c.Genre != story.Page {
		addresses = append(addresses, own)
	}
	for _, p := range x.places(old, was.Topics) {
		if !slices.ContainsFunc(places, func(here place) bool { return here.address == p.address }) {
			x.unlisted(p, c.ID, addresses)
		}
	}
	return nil
}

// unlisted expects a story not to stand in a place.
func (x *expecting) unlisted(p place, id ref.Story, addresses []string) {
	if p.feed {
		addresses = []string{feedIdentity(id)}
	}
	x.add(Expectation{Address: p.address, Wants: "that it is not listed", lacks: addresses})
}

// past is a story as lists showed it when it had a text.
func (x *expecting) past(id ref.Story, edition string, was story.Content, published time.Time) (c story.Card, err error) {
	c = story.Card{ID: id, Edition: edition, Section: was.Section, Genre: was.Genre, Byline: was.Byline, Published: published}
	if here := x.house.byKey[edition]; here != nil {
		c.Byline, err = presentNames(x.tx, here.Language, was.Byline)
	}
	return c, err
}

// versionMark is how a story's page says which version it is: see describe.
func versionMark(c story.Card) string { return fmt.Sprintf(`"version":%d}`, c.Version) }

// found expects the story among the newest that a search for its headline finds.
func (x *expecting) found(c story.Card, own string) error {
	asked := askFor(c.Headline)
	if asked == "" {
		return nil
	}
	here := x.house.byKey[c.Edition]
	if here == nil {
		return nil
	}
	hits, err := x.index.Find(x.tx, search.Query{Edition: c.Edition, Language: here.Language, Text: asked, Order: search.Newest, Limit: foundSize})
	if err == nil && slices.Contains(search.Stories(hits), int64(c.ID)) {
		x.add(Expectation{Address: searchPath(c.Edition, asked), Wants: "its address and headline", links: []string{own}, has: []string{c.Headline}})
	}
	return err
}

// wordsOfSearch is how many words of a headline are searched for.
const wordsOfSearch = 8

// askFor is the beginning of a headline, as it is searched for.
func askFor(headline string) string {
	var words []string
	for word := range strings.FieldsSeq(strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "„", " ", "«", " ", "»", " ").Replace(headline)) {
		if len(words) < wordsOfSearch && len(word) < 80 {
			words = append(words, word)
		}
	}
	return lang.Clip(strings.Join(words, " "), maxAsked/2)
}

func searchPath(edition, asked string) string {
	return join(edition, "search") + "?q=" + queryEscape(asked) + "&sort=newest"
}

// gone expects a story nowhere, and its addresses to say so.
func (x *expecting) gone(id ref.Story) error {
	newest, err := story.History(x.tx, id, 0, 1)
	if err != nil || len(newest) == 0 {
		return err // it was never live
	}
	first, err := story.History(x.tx, id, 2, 1)
	if err != nil {
		return err
	}
	content, err := story.Remembered(x.tx, newest[0].Revision)
	if err != nil {
		return err
	}
	slugs, err := story.Slugs(x.tx, id)
	if err != nil {
		return err
	}
	in := x.house.sections[content.Section]
	c, err := x.past(id, in.Edition, content, append(first, newest[0])[0].At)
	if err != nil {
		return err
	}
	var own []string
	for _, slug := range slugs {
		c.Slug = slug
		own = append(own, x.house.address(c))
		x.add(Expectation{Address: x.house.address(c), Wants: "that it is gone", Status: http.StatusGone})
	}
	if content.Genre == story.Page || in.Edition == "" {
		return nil
	}
	for _, p := range x.places(c, content.Topics) {
		x.unlisted(p, id, own)
	}
	if asked := askFor(content.Headline); asked != "" {
		x.add(Expectation{Address: searchPath(in.Edition, asked), Wants: "that it is not found", lacks: own})
	}
	return nil
}

// places are all first screens on which a story may stand.
func (x *expecting) places(c story.Card, topics []ref.Topic) []place {
	key := c.Edition
	latest := func(behind story.Cursor, n int) ([]story.Card, error) { return story.Latest(x.tx, key, behind, n) }
	genre := func(behind story.Cursor, n int) ([]story.Card, error) {
		return story.OfGenre(x.tx, key, c.Genre, behind, n)
	}
	places := []place{
		{address: "/" + key + "/", read: x.onFront(key), short: true},
		{address: join(key, "latest") + "/", size: pageSize, read: latest},
		{address: join(key, "genre", string(c.Genre)) + "/", size: pageSize, read: genre},
		{address: x.sitemapOf(c), size: 1, read: x.itself(c), bare: true},
	}
	if here := x.house.byKey[key]; here != nil {
		day := here.dayOf(c.Published)
		places = append(places, place{address: archiveAddress(key, day), size: dayMost, read: func(_ story.Cursor, n int) ([]story.Card, error) {
			return story.Within(x.tx, key, day, here.dayAfter(day), n)
		}})
	}
	if c.Genre == story.Photo || c.Genre == story.Film {
		places = append(places, place{address: join(key, "gallery", string(c.Genre)), size: pageSize, read: genre})
	}
	places = append(places, feeds("/"+key, latest)...)
	if c.Published.After(x.now.Add(-newsFor)) {
		places = append(places, place{address: join(key, "sitemap-news.xml"), size: feed.MaxNews, read: latest})
	}
	for _, in := range x.sectionsOf(c) {
		read := genre
		if in.Genre == "" {
			read = func(behind story.Cursor, n int) ([]story.Card, error) {
				return story.InSection(x.tx, in.ID, behind, n)
			}
		}
		places = append(places, place{address: sectionAddress(in), size: pageSize, read: x.onSection(in, read)})
		places = append(places, feeds(strings.TrimSuffix(sectionAddress(in), "/"), read)...)
	}
	return append(places, x.namesOf(c, topics)...)
}

// feeds are the feeds of a list, in all formats, under its address.
func feeds(at string, read func(story.Cursor, int) ([]story.Card, error)) []place {
	all := make([]place, len(formats))
	for n, f := range formats {
		all[n] = place{address: at + "/" + f.file, size: feedSize, read: read, feed: true}
	}
	return all
}

// onFront reads what stands on an edition's front, in the words that stand there.
func (x *expecting) onFront(key string) func(story.Cursor, int) ([]story.Card, error) {
	return func(story.Cursor, int) ([]story.Card, error) {
		newest, err := front.Newest(x.tx, front.Of(key))
		if err != nil {
			return nil, err
		}
		pressed, err := front.Press(x.tx, front.Of(key), newest.Plan, x.now)
		if err != nil {
			return nil, err
		}
		var cards []story.Card
		for _, set := range pressed.Containers {
			shown := fullRows(set)
			switch set.Kind {
			case front.Lead:
				shown = slices.Clone(shown)
				shown[0].Short = "" // see fillFront
			case front.LatestList:
				if shown, err = story.Latest(x.tx, key, story.Cursor{}, set.Size); err != nil {
					return nil, err
				}
			}
			cards = append(cards, shown...)
		}
		return cards, nil
	}
}

// onSection reads what stands on the first page of a section: its front, and the
// list behind it.
func (x *expecting) onSection(in section.Section, read func(story.Cursor, int) ([]story.Card, error)) func(story.Cursor, int) ([]story.Card, error) {
	return func(behind story.Cursor, size int) ([]story.Card, error) {
		of := placeOf(in)
		newest, err := front.Newest(x.tx, of)
		if err != nil {
			return nil, err
		}
		pressed, err := front.Press(x.tx, of, newest.Plan, x.now)
		if err != nil {
			return nil, err
		}
		var cards []story.Card
		for _, set := range pressed.Containers {
			cards = append(cards, set.Cards...)
		}
		list, err := read(behind, size+len(cards))
		if err != nil {
			return nil, err
		}
		led := len(cards)
		for _, c := range list {
			if len(cards) < led+size && !slices.ContainsFunc(cards[:led], func(other story.Card) bool { return other.ID == c.ID }) {
				cards = append(cards, c)
			}
		}
		return cards, nil
	}
}

// sitemapOf is where the sitemap is that has a story: that of its month, or a part
// of it.
func (x *expecting) sitemapOf(c story.Card) string {
	month := monthOf(c.Published)
	earlier, err := story.Earlier(x.tx, c, month)
	if err != nil {
		earlier = 0 // what cannot be read now is looked for where it mostly is
	}
	return monthAddress(c.Edition, month, earlier/x.part+1)
}

// itself is a list of the story alone, for sitemaps, which have all.
func (x *expecting) itself(c story.Card) func(story.Cursor, int) ([]story.Card, error) {
	return func(story.Cursor, int) ([]story.Card, error) { return []story.Card{c}, nil }
}

// sectionsOf are the sections that list a story: its own, and those that gather
// its genre.
func (x *expecting) sectionsOf(c story.Card) []section.Section {
	var all []section.Section
	for _, in := range x.house.sections {
		if in.Edition == c.Edition && (in.ID == c.Section && in.Genre == "" || in.Genre == string(c.Genre)) {
			all = append(all, in)
		}
	}
	return all
}

// namesOf are the pages of a story's topics and authors, with their feeds.
func (x *expecting) namesOf(c story.Card, topics []ref.Topic) []place {
	var places []place
	here := x.house.byKey[c.Edition]
	if here == nil {
		return nil
	}
	found, err := topic.ByID(x.tx, topics)
	if err != nil {
		return nil // what cannot be read now is not looked for
	}
	for _, t := range found {
		words, ok := t.Words[here.Language]
		if !ok {
			continue
		}
		read := func(behind story.Cursor, n int) ([]story.Card, error) {
			return story.OnTopic(x.tx, c.Edition, t.ID, behind, n)
		}
		at := join(c.Edition, "topic", words.Slug)
		places = append(append(places, place{address: at, size: pageSize, read: read}), feeds(at, read)...)
	}
	for _, s := range c.Byline {
		if s.Author == 0 || s.Slug == "" {
			continue
		}
		read := func(behind story.Cursor, n int) ([]story.Card, error) {
			return story.ByAuthor(x.tx, c.Edition, s.Author, behind, n)
		}
		at := join(c.Edition, "author", s.Slug)
		places = append(append(places, place{address: at, size: pageSize, read: read}), feeds(at, read)...)
	}
	return places
}
