package front

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// Pressed is a front ready to be set: no story twice, no container empty.
type Pressed struct {
	Containers []Set
	// Until is when a slot empties itself next; zero when none does.
	Until time.Time
}

// Set is a container with its stories. One that fills itself has none: its Size
// says how many there are to be.
type Set struct {
	Kind    string
	Section ref.Section
	Title   string
	Size    int
	Cards   []story.Card
}

// Find returns the first container of a kind, if the front has one.
func (p Pressed) Find(kind string) (Set, bool) {
	for _, set := range p.Containers {
		if set.Kind == kind {
			return set, true
		}
	}
	return Set{}, false
}

// Press fills the plan's containers. A hand-picked slot beats a rule, an
// earlier container beats a later one.
func Press(tx *db.Tx, of Place, plan Plan, now time.Time) (Pressed, error) {
	return PressTo(tx, of, plan, now, "")
}

// PressTo is Press that ends with the first container of a kind: what stands
// behind it changes nothing before it.
func PressTo(tx *db.Tx, of Place, plan Plan, now time.Time, last string) (p Pressed, err error) {
	picked, err := pick(tx, of.Edition, plan, now)
	if err != nil {
		return p, fmt.Errorf("read the stories picked for the front of %v: %w", of, err)
	}
	standing, taken := stand(plan, picked, now)
	for n, c := range plan.Containers {
		set := Set{Kind: c.Kind, Section: c.Section, Title: c.Title, Size: c.Size, Cards: standing[n]}
		if Lists(c.Kind) {
			p.Containers = append(p.Containers, set)
			continue
		}
		for _, slot := range c.Slots {
			p.Until = earlier(p.Until, slot.Until, now)
		}
		if err := backfill(tx, of.Edition, c, taken, &set); err != nil {
			return p, fmt.Errorf("fill %s of the front of %v: %w", c.Kind, of, err)
		}
		if len(set.Cards) > 0 {
			p.Containers = append(p.Containers, set)
		}
		if c.Kind == last {
			break
		}
	}
	return p, nil
}

// stand places the picked stories: in each container the first that it has room for,
// and that stand in none before it. taken are all of them.
func stand(plan Plan, picked map[ref.Story]story.Card, now time.Time) (standing [][]story.Card, taken map[ref.Story]bool) {
	standing, taken = make([][]story.Card, len(plan.Containers)), map[ref.Story]bool{}
	for n, c := range plan.Containers {
		for _, slot := range c.Slots {
			card, ok := picked[slot.Story]
			if ok && slot.filled(now) && !taken[card.ID] && len(standing[n]) < c.Size {
				taken[card.ID] = true
				standing[n] = append(standing[n], slot.dress(card))
			}
		}
	}
	return standing, taken
}

func (s Slot) filled(now time.Time) bool { return s.Until.IsZero() || now.Before(s.Until) }

// dress gives the card the slot's own words.
func (s Slot) dress(c story.Card) story.Card {
	if s.Headline != "" {
		c.Headline, c.Short = s.Headline, s.Headline
	}
	if s.Kicker != "" {
		c.Kicker = s.Kicker
	}
	if s.Picture != 0 {
		c.Picture = s.Picture
	}
	return c
}

func earlier(a, b, now time.Time) time.Time {
	if b.IsZero() || !b.After(now) || (!a.IsZero() && a.Before(b)) {
		return a
	}
	return b
}

// pick reads all hand-picked stories at once; those of another edition are left
// out.
func pick(tx *db.Tx, edition string, plan Plan, now time.Time) (map[ref.Story]story.Card, error) {
	var ids []ref.Story
	for _, c := range plan.Containers {
		for _, slot := range c.Slots {
			if slot.filled(now) {
				ids = append(ids, slot.Story)
			}
		}
	}
	cards, err := story.Cards(tx, ids)
	if err != nil {
		return nil, err
	}
	picked := make(map[ref.Story]story.Card, len(cards))
	for _, c := range cards {
		if c.Edition == edition {
			picked[c.ID] = c
		}
	}
	return picked, nil
}

// backfill adds the newest stories of the rule that stand nowhere yet.
func backfill(tx *db.Tx, edition string, c Container, taken map[ref.Story]bool, set *Set) error {
	for _, read := range c.Rule.lists(tx, edition) {
		var behind story.Cursor
		for len(set.Cards) < c.Size {
			// As many as are missing, and those that may stand elsewhere.
			page := c.Size - len(set.Cards) + len(taken)
			cards, err := read(behind, page)
			if err != nil {
				return err
			}
			for _, card := range cards {
				if !taken[card.ID] && card.Genre != story.Page && len(set.Cards) < c.Size {
					taken[card.ID] = true
					set.Cards = append(set.Cards, card)
				}
			}
			if len(cards) < page {
				break
			}
			behind = story.After(cards[len(cards)-1])
		}
	}
	return nil
}

// ofGenres are the stories of several genres, newest first.
func ofGenres(tx *db.Tx, edition string, genres []story.Genre, behind story.Cursor, n int) (all []story.Card, err error) {
	for _, genre := range genres {
		cards, err := story.OfGenre(tx, edition, genre, behind, n)
		if err != nil {
			return nil, err
		}
		all = append(all, cards...)
	}
	slices.SortFunc(all, func(a, b story.Card) int { return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID)) })
	return all[:min(len(all), n)], nil
}

// lists are the rule's lists in the order of their weight: its genres, its section, its
// topic, everything.
func (r Rule) lists(tx *db.Tx, edition string) []func(story.Cursor, int) ([]story.Card, error) {
	type list = func(story.Cursor, int) ([]story.Card, error)
	var lists []list
	if len(r.Genres) > 0 {
		lists = append(lists, func(behind story.Cursor, n int) ([]story.Card, error) {
			return ofGenres(tx, edition, r.Genres, behind, n)
		})
	}
	if r.Section != 0 {
		lists = append(lists, func(behind story.Cursor, n int) ([]story.Card, error) {
			return story.InSection(tx, r.Section, behind, n)
		})
	}
	if r.Topic != 0 {
		lists = append(lists, func(behind story.Cursor, n int) ([]story.Card, error) {
			return story.OnTopic(tx, edition, r.Topic, behind, n)
		})
	}
	if r.Any {
		lists = append(lists, func(behind story.Cursor, n int) ([]story.Card, error) {
			return story.Latest(tx, edition, behind, n)
		})
	}
	return lists
}
