package site

import (
	"cmp"
	"slices"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/search"
)

// Related Content: what a reader of a story may want to read next.

// How many stories stand under Related, and how many of a topic, and that read like
// the story, are thought of.
const (
	relatedSize  = 4
	relatedAmong = 3 * relatedSize
	// relatedTopicsMost are those of a story that count, the weightiest first.
	relatedTopicsMost = 5
)

// setRelated lists the stories picked by hand, then those nearest to the story, then
// the newest of its section and of the paper. For an analysis the first news of them
// is the news behind it.
func (r *reading) setRelated(view *StoryPage, live story.Story) error {
	near, err := r.nearest(live)
	if err != nil {
		return err
	}
	seen := map[ref.Story]bool{live.ID: true}
	related := take(nil, near, seen)
	for _, more := range []func() ([]story.Card, error){
		func() ([]story.Card, error) {
			return story.InSection(r.tx, live.Section, story.Cursor{}, 2*relatedSize)
		},
		func() ([]story.Card, error) { return story.Latest(r.tx, r.here.Key, story.Cursor{}, 2*relatedSize) },
	} {
		if len(related) >= relatedSize {
			break
		}
		cards, err := more()
		if err != nil {
			return err
		}
		related = take(related, cards, seen)
	}
	if at := slices.IndexFunc(near, isNews); live.Genre == story.Analysis && at >= 0 {
		card := r.card(near[at], nil)
		view.NewsBack = &card
	}
	view.Related, err = r.cards(related)
	return err
}

func isNews(c story.Card) bool { return c.Genre == story.News }

// nearest are the stories picked by hand, in their order, then those that share
// topics with a story or read like it, the nearest first. Neither the story itself is
// among them nor its translations.
func (r *reading) nearest(live story.Story) ([]story.Card, error) {
	picked, err := story.Cards(r.tx, live.Content.Related)
	if err != nil {
		return nil, err
	}
	picked = slices.DeleteFunc(picked, func(c story.Card) bool { return c.Edition != r.here.Key || c.ID == live.ID || c.Genre == story.Page })
	if enough := len(picked) >= relatedSize; enough && (live.Genre != story.Analysis || slices.ContainsFunc(picked, isNews)) {
		return picked, nil
	}
	scores := map[ref.Story]int{}
	known := map[ref.Story]story.Card{}
	count := func(cards []story.Card, weight func(n int) int) {
		for n, c := range cards {
			if c.Genre == story.Page {
				continue
			}
			scores[c.ID] += weight(n)
			known[c.ID] = c
		}
	}
	for n, id := range live.Content.Topics[:min(len(live.Content.Topics), relatedTopicsMost)] {
		onTopic, err := story.OnTopic(r.tx, r.here.Key, id, story.Cursor{}, relatedAmong)
		if err != nil {
			return nil, err
		}
		count(onTopic, func(int) int { return 2*relatedAmong - 2*n })
	}
	alike, err := r.alike(live)
	if err != nil {
		return nil, err
	}
	count(alike, func(n int) int { return relatedAmong - n })
	near, hand := picked, len(picked)
	for _, c := range append(picked, live.Card) {
		delete(known, c.ID)
	}
	for _, c := range known {
		near = append(near, c)
	}
	slices.SortFunc(near[hand:], func(a, b story.Card) int {
		return cmp.Or(cmp.Compare(scores[b.ID], scores[a.ID]), b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID))
	})
	return near, nil
}

// alike are the stories that read like a story, the most alike first.
func (r *reading) alike(live story.Story) ([]story.Card, error) {
	found, err := r.site.index.Similar(r.tx, search.Likeness{
		Edition: r.here.Key, Language: r.here.Language, Text: live.Headline + "\n" + live.Standfirst, Without: []int64{int64(live.ID)}, Limit: relatedAmong,
	})
	if err != nil {
		return nil, err
	}
	ids := make([]ref.Story, len(found))
	for n, id := range found {
		ids[n] = ref.Story(id)
	}
	return story.Cards(r.tx, ids)
}

// take adds cards that were not seen yet until there are enough.
func take(to, from []story.Card, seen map[ref.Story]bool) []story.Card {
	for _, c := range from {
		if !seen[c.ID] && len(to) < relatedSize {
			seen[c.ID] = true
			to = append(to, c)
		}
	}
	return to
}
