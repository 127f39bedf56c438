package site

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/search"
)

// spellKeeper keeps, for each edition in which somebody searched in vain, how its
// words are written: those of its headlines, topics and authors. It reads them in the
// background: when the paper opens, and again when they are wanted and have become old.
type spellKeeper struct {
	db  *db.DB
	now func() time.Time

	mu   sync.Mutex
	kept map[string]*spellings
	// forgotten counts purges, so that what was read before one is not kept.
	forgotten int
	work      sync.WaitGroup
	end       context.CancelFunc
	ctx       context.Context
}

// spellings are those of an edition.
type spellings struct {
	speller *search.Speller
	at      time.Time
	reading bool
}

// goodFor is how long spellings are good: a word that is new is known that much
// later.
const goodFor = 15 * time.Minute

// mostHeadlines is how many headlines are read, the newest ones.
const mostHeadlines = 200_000

func (k *spellKeeper) open(d *db.DB, now func() time.Time) {
	k.db, k.now, k.kept = d, now, map[string]*spellings{}
	k.ctx, k.end = context.WithCancel(context.Background())
}

func (k *spellKeeper) close() {
	k.end()
	k.work.Wait()
}

// forget drops all: a word may have been withdrawn.
func (k *spellKeeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = map[string]*spellings{}
	k.forgotten++
}

// of returns the speller of an edition; nil while the first one is being made, which
// takes longer than a reader should wait.
func (k *spellKeeper) of(here *tongue) *search.Speller {
	k.mu.Lock()
	defer k.mu.Unlock()
	own := k.kept[here.Key]
	if own == nil {
		own = &spellings{}
		k.kept[here.Key] = own
	}
	if !own.reading && (own.speller == nil || k.now().Sub(own.at) >= goodFor) && k.ctx.Err() == nil {
		own.reading = true
		seen := k.forgotten
		k.work.Go(func() { k.again(here, own, seen) })
	}
	return own.speller
}

// again reads an edition's words anew.
func (k *spellKeeper) again(here *tongue, own *spellings, seen int) {
	var speller *search.Speller
	err := k.db.Public(k.ctx, func(tx *db.Tx) (err error) {
		speller, err = readSpeller(tx, here)
		return err
	})
	if err != nil && k.ctx.Err() == nil {
		slog.Warn("read how words are written", "edition", here.Key, "error", err)
	}
	k.keep(own, speller, seen)
}

func (k *spellKeeper) keep(own *spellings, speller *search.Speller, seen int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	own.reading = false
	if speller != nil && k.forgotten == seen {
		own.speller, own.at = speller, k.now()
	}
}

// readSpeller reads the words that readers of an edition can see.
func readSpeller(tx *db.Tx, here *tongue) (*search.Speller, error) {
	texts, err := story.Headlines(tx, here.Key, mostHeadlines)
	if err != nil {
		return nil, err
	}
	topics, err := topicNames(tx, here.Language)
	if err != nil {
		return nil, err
	}
	authors, err := authorNames(tx, here.Language)
	if err != nil {
		return nil, err
	}
	return search.NewSpeller(here.Language, slices.Values(slices.Concat(topics, authors, texts))), nil
}

// namesAtOnce is how many topics or authors are read at a time, mostNames how many
// at most.
const (
	namesAtOnce = 1000
	mostNames   = 50_000
)

// topicNames are the names and aliases of the topics that have a definition or a
// live story.
func topicNames(tx *db.Tx, language string) (names []string, err error) {
	for before := ref.Topic(0); len(names) < mostNames; {
		page, err := topic.All(tx, before, namesAtOnce)
		if err != nil || len(page) == 0 {
			return names, err
		}
		ids := make([]ref.Topic, len(page))
		for n, t := range page {
			ids[n] = t.ID
		}
		told, err := story.Told(tx, ids)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			words := t.Words[language]
			if words.Name != "" && t.Merged == 0 && (words.Definition != "" || slices.Contains(told, t.ID)) {
				names = append(append(names, words.Name), words.Aliases...)
			}
		}
		before = page[len(page)-1].ID
	}
	return names, nil
}

// authorNames are the names of those who signed a live story.
func authorNames(tx *db.Tx, language string) (names []string, err error) {
	for before := ref.Author(0); len(names) < mostNames; {
		page, err := author.All(tx, before, namesAtOnce)
		if err != nil || len(page) == 0 {
			return names, err
		}
		ids := make([]ref.Author, len(page))
		for n, a := range page {
			ids[n] = a.ID
		}
		signed, err := story.Signed(tx, ids)
		if err != nil {
			return nil, err
		}
		for _, a := range page {
			if words := a.Words[language]; words.Name != "" && slices.Contains(signed, a.ID) {
				names = append(names, words.Name)
			}
		}
		before = page[len(page)-1].ID
	}
	return names, nil
}
