package site

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// Limits of a search: characters of the query, results of a page.
const (
	maxAsked  = 200
	foundSize = 20
)

// searchFor is how long a search may take, its wait for others included; it is looked
// at between its questions to the database.
const searchFor = 2 * time.Second

// searchTurn waits until a search may begin: only so many read at once, so that those
// who search leave the database to those who read.
func (s *Site) searchTurn(ctx context.Context) (bounded context.Context, end func(), err error) {
	bounded, cancel := context.WithTimeout(ctx, searchFor)
	select {
	case s.searching <- struct{}{}:
		return bounded, func() { <-s.searching; cancel() }, nil
	case <-bounded.Done():
		cancel()
		return nil, nil, bounded.Err()
	}
}

// tooLong tells a reader whose search took too long; all other errors are what they
// are.
func tooLong(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &fault{status: http.StatusServiceUnavailable, key: "error.search"}
	}
	return err
}

// search answers a reader's question.
func (s *Site) search(r *reading) (*answer, error) {
	title := r.words().T("search.title")
	view := SearchPage{ListPage: ListPage{Frame: r.frame(title, ""), Heading: title}}
	view.NoIndex, view.Canonical = true, ""
	f := r.finding()
	view.Query = lang.Clip(f.asked, maxAsked)
	wrong, err := f.read()
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if wrong != "" {
		view.Fault, status = wrong, http.StatusBadRequest
		f.show(&view)
	} else if err := f.answer(&view); err != nil {
		return nil, err
	}
	page, err := r.set("search", view)
	if err == nil {
		page.status = status
	}
	return page, err
}

// finding is a search with what narrows it.
type finding struct {
	*reading
	// asked is what was typed.
	asked string
	terms []search.Term
	narrow
	newest bool
	query  search.Query
}

func (r *reading) finding() *finding {
	f := &finding{reading: r, asked: strings.TrimSpace(r.query["q"]), newest: r.query["sort"] == "newest"}
	if !strings.ContainsFunc(f.asked, unicode.IsGraphic) {
		f.asked = "" // nothing that a sentence could name
	}
	f.terms = search.Terms(f.asked, r.here.Language)
	return f
}

// read makes the query; wrong says in a sentence why it cannot be answered.
func (f *finding) read() (wrong string, err error) {
	words := f.words()
	if utf8.RuneCountInString(f.asked) > maxAsked {
		return words.T("search.long", maxAsked), nil
	}
	if f.unclean {
		return words.T("search.unclean"), nil
	}
	if wrong, err = f.narrow.read(f.reading); wrong != "" || err != nil {
		return wrong, err
	}
	f.query = f.queryIn(f.here)
	f.query.Facets = f.groups(f.terms)
	return "", nil
}

// queryIn is the query without its facets, for an edition.
func (f *finding) queryIn(t *tongue) search.Query {
	q := search.Query{Edition: t.Key, Language: t.Language, Text: f.asked, From: f.from, Until: f.end, Order: search.Newest, Limit: foundSize}
	if !f.newest && len(f.terms) > 0 {
		q.Order = search.Best
	}
	return q
}

// answer fills in what was found.
func (f *finding) answer(view *SearchPage) error {
	f.show(view)
	if len(f.terms) == 0 && !f.narrow.any() {
		if f.asked != "" {
			view.Empty = f.words().T("search.none", isolated(f.asked))
			return f.help(view)
		}
		return nil
	}
	hits, err := f.hits(view)
	if err != nil {
		return err
	}
	if err := f.showHits(view, hits); err != nil {
		return err
	}
	tally, err := f.count(view)
	if err != nil {
		return err
	}
	if err := f.elsewhere(view); err != nil {
		return err
	}
	if tally.Count < fewHits {
		if err := f.suggest(view, tally.Count); err != nil {
			return err
		}
	}
	if tally.Count > 0 {
		return nil
	}
	view.Empty = f.words().T("search.none", isolated(f.asked))
	if len(f.terms) == 0 {
		view.Empty = f.words().T("search.none.here")
	}
	return f.help(view)
}

// isolated is what was typed, for a sentence: without what could turn it around.
func isolated(asked string) string {
	return strings.Map(func(r rune) rune {
		if 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			return -1
		}
		return r
	}, asked)
}

// hits are those of the page, behind the place in the address: also when what stood
// there was withdrawn meanwhile, for no answer to a search is kept.
func (f *finding) hits(view *SearchPage) ([]search.Hit, error) {
	behind, err := f.placed()
	if err != nil {
		return nil, err
	}
	q := f.query
	q.Behind, q.Limit = behind, foundSize+1
	hits, err := f.site.index.Find(f.tx, q)
	if err != nil {
		return nil, err
	}
	if behind != (search.Place{}) {
		if view.Newer = f.address(nil); len(hits) == 0 {
			return nil, &fault{status: http.StatusNotFound, key: "error.page"}
		}
	}
	if len(hits) > foundSize {
		hits = hits[:foundSize]
		view.Older = f.address(nil, Kept{"before", placeText(hits[foundSize-1].Place)})
	}
	return hits, nil
}

// placed reads the place in the answer from ?before=, as placeText wrote it.
func (f *finding) placed() (p search.Place, err error) {
	typed := f.reading.query["before"]
	if typed == "" {
		return p, nil
	}
	tier, document, ok := strings.Cut(typed, "-")
	n, err := strconv.Atoi(tier)
	number, err2 := strconv.ParseUint(document, 36, 64)
	if !ok || err != nil || err2 != nil || n < 1 {
		return p, &fault{status: http.StatusBadRequest, key: "error.page"}
	}
	p = search.Place{Tier: n, Document: int64(number ^ 1<<63)}
	if placeText(p) != typed || p.Document == math.MaxInt64 {
		return p, astray(f.address(nil)) // another spelling would be another page
	}
	return p, nil
}

func placeText(p search.Place) string {
	return strconv.Itoa(p.Tier) + "-" + strconv.FormatUint(uint64(p.Document)^1<<63, 36)
}

// showHits makes the cards, with passages of the original text.
func (f *finding) showHits(view *SearchPage, hits []search.Hit) error {
	stories := make([]ref.Story, len(hits))
	for n, h := range hits {
		stories[n] = ref.Story(h.Story)
	}
	found, err := story.Cards(f.tx, stories)
	if err != nil {
		return err
	}
	if view.Cards, err = f.cards(found); err != nil || len(f.terms) == 0 {
		return err
	}
	live, err := f.site.texts.read(f.tx, found, f.seen)
	if err != nil {
		return err
	}
	m := marker{f.terms, f.here.Language}
	for n, one := range live {
		view.Cards[n].Marked = m.whole(view.Cards[n].Headline)
		view.Cards[n].Excerpt = m.excerpt(one.Standfirst, one.Content.Body)
	}
	return nil
}

// fewHits is up to how many answers a better spelling is looked for.
const fewHits = 5

// suggest offers words that were written before, when they find more.
func (f *finding) suggest(view *SearchPage, found int) error {
	if len(f.terms) == 0 {
		return nil
	}
	speller := f.site.spellings.of(f.here)
	if speller == nil {
		return nil
	}
	better := speller.Suggest(f.asked)
	if better == "" || utf8.RuneCountInString(better) > maxAsked {
		return nil
	}
	q := f.query
	q.Text = better
	count, err := f.site.index.Count(f.tx, q)
	if err != nil || count <= found {
		return err
	}
	view.Suggestion = &Link{Text: better, Href: f.addressOf(better, nil)}
	return nil
}

// elsewhere counts what the other editions have on the words, of the same genres
// and days.
func (f *finding) elsewhere(view *SearchPage) error {
	if len(f.terms) == 0 {
		return nil
	}
	for _, e := range f.house.editions {
		other := f.house.byKey[e.Key]
		if other == f.here {
			continue
		}
		q := f.queryIn(other)
		if len(f.genres) > 0 {
			q.Facets = [][]string{f.genreGroup()}
		}
		count, err := f.site.index.Count(f.tx, q)
		if err != nil {
			return err
		}
		if count == 0 {
			continue
		}
		words := f.site.theme.Words(e.Language).In(e.Digits.String)
		said := words.N("search.elsewhere", count)
		if count > search.Counted {
			said = words.T("search.elsewhere.more", e.Locale().Number(search.Counted))
		}
		view.Elsewhere = append(view.Elsewhere, Elsewhere{Text: said, Href: f.addressIn(e.Key), Lang: e.Language, Dir: e.Direction()})
	}
	return nil
}

// help says what to try when nothing was found, and leads on.
func (f *finding) help(view *SearchPage) error {
	words := f.words()
	if len(f.terms) > 0 {
		view.Hints = []string{words.T("search.hint.spelling"), words.T("search.hint.fewer")}
	}
	if f.narrow.any() {
		view.Hints = append(view.Hints, words.T("search.hint.filters"))
	}
	view.Onward = []Link{{Text: words.T("latest.all"), Href: join(f.here.Key, "latest") + "/"}}
	if view.Focus = f.focus(focusAround); len(view.Focus) > 0 {
		view.Onward = append(view.Onward, Link{Text: words.T("focus.title"), Href: join(f.here.Key, "in-focus") + "/"})
	}
	return nil
}
