package site

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// Limits of a search: characters of the query, results of a page, pages.
const (
	maxAsked   = 200
	foundSize  = 20
	foundPages = search.Depth / foundSize
)

// search answers a reader's question.
func (s *Site) search(r *reading) (*answer, error) {
	asked := strings.TrimSpace(r.query["q"])
	title := r.words().T("search.title")
	view := SearchPage{ListPage: ListPage{Frame: r.frame(title, ""), Heading: title}}
	view.Query, view.NoIndex, view.Canonical = asked, true, ""
	out, err := r.searched(&view, asked)
	if err != nil {
		return nil, err
	}
	page, err := r.set("search", view)
	if err == nil {
		page.status = out
	}
	return page, err
}

// searched fills in the results; the status says whether the question was one.
func (r *reading) searched(view *SearchPage, asked string) (status int, err error) {
	words := r.words()
	if asked == "" {
		return http.StatusOK, nil
	}
	if utf8.RuneCountInString(asked) > maxAsked {
		view.Query = lang.Clip(asked, maxAsked)
		view.Fault = words.T("search.long", maxAsked)
		return http.StatusBadRequest, nil
	}
	number, err := r.pageNumber()
	if err != nil {
		return 0, err
	}
	q := search.Query{Edition: r.here.Key, Text: asked, Skip: (number - 1) * foundSize, Limit: foundSize + 1}
	if r.query["sort"] == "newest" {
		q.Order = search.Newest
	}
	ids, err := r.site.index.Find(r.tx, q)
	if err != nil {
		return 0, err
	}
	if len(ids) > foundSize {
		ids = ids[:foundSize]
		if number < foundPages {
			view.Older = r.searchAddress(asked, number+1)
		}
	}
	if number > 1 {
		view.Newer = r.searchAddress(asked, number-1)
	}
	return http.StatusOK, r.showFound(view, asked, ids)
}

func (r *reading) pageNumber() (int, error) {
	text := r.query["page"]
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > foundPages {
		return 0, &fault{status: http.StatusBadRequest, key: "error.page"}
	}
	return n, nil
}

func (r *reading) searchAddress(asked string, number int) string {
	values := []string{"q=" + queryEscape(asked)}
	if r.query["sort"] == "newest" {
		values = append(values, "sort=newest")
	}
	if number > 1 {
		values = append(values, "page="+itoa(number))
	}
	return join(r.here.Key, "search") + "?" + strings.Join(values, "&")
}

// showFound makes the cards with passages of the original text.
func (r *reading) showFound(view *SearchPage, asked string, ids []int64) error {
	stories := make([]ref.Story, len(ids))
	for n, id := range ids {
		stories[n] = ref.Story(id)
	}
	found, err := story.Cards(r.tx, stories)
	if err != nil {
		return err
	}
	if view.Cards, err = r.cards(found); err != nil {
		return err
	}
	terms := wordsAsked(asked)
	live, err := r.site.texts.read(r.tx, found)
	if err != nil {
		return fmt.Errorf("read what was found: %w", err)
	}
	for n, one := range live {
		view.Cards[n].Excerpt = excerpt(one.Standfirst+"\n"+body.Plain(one.Content.Body), terms)
	}
	if len(found) == 0 {
		view.Empty = r.words().T("search.none", asked)
		view.Hints = []string{r.words().T("search.hint.spelling"), r.words().T("search.hint.fewer")}
	}
	return nil
}

// wordsAsked are the folded words of a query, for marking them in a text.
func wordsAsked(asked string) []string {
	var words []string
	for _, ways := range search.Terms(asked) {
		for _, way := range ways {
			words = append(words, way...)
		}
	}
	return words
}

// excerptSize is the length of a passage, in bytes around the first hit.
const excerptSize = 360

// excerpt cuts the passage around the first word that was asked for and marks
// all of them in it. The text is the story's own: only the looking is folded.
func excerpt(text string, terms []string) []Passage {
	tokens := lang.FoldTokens(text)
	first := slices.IndexFunc(tokens, func(t lang.Token) bool { return slices.Contains(terms, t.Text) })
	if first < 0 {
		return []Passage{{Text: lang.Clip(text, excerptSize/2)}}
	}
	from, to := window(text, tokens[first].Start)
	var passages []Passage
	at := from
	for _, t := range tokens {
		if t.Start < at || t.End > to || !slices.Contains(terms, t.Text) {
			continue
		}
		if t.Start > at {
			passages = append(passages, Passage{Text: text[at:t.Start]})
		}
		passages = append(passages, Passage{Text: text[t.Start:t.End], Hit: true})
		at = t.End
	}
	passages = append(passages, Passage{Text: text[at:to]})
	if from > 0 {
		passages = append([]Passage{{Text: "… "}}, passages...)
	}
	if to < len(text) {
		passages[len(passages)-1].Text += " …"
	}
	return passages
}

// window is the span of text around a place, cut at spaces.
func window(text string, at int) (from, to int) {
	from, to = max(0, at-excerptSize/3), min(len(text), at+excerptSize)
	if from > 0 {
		if space := strings.IndexAny(text[from:at+1], " \n"); space >= 0 {
			from += space + 1
		} else {
			from = at
		}
	}
	if to < len(text) {
		if space := strings.LastIndexAny(text[at:to], " \n"); space > 0 {
			to = at + space
		} else {
			for to < len(text) && !utf8.RuneStart(text[to]) {
				to++
			}
		}
	}
	return from, to
}
