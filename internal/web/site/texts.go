package site

import (
	"sync"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// The bounds of the texts that are kept, as they are in the database, and of one
// of them, in bytes. In memory they take a few times as much.
const (
	mostTexts   = 4 << 20
	longestText = 128 << 10
)

// textKeeper keeps the texts of stories that stand in feeds and among search
// results. Those are made anew whenever one of their stories changes, and a save
// never changes but by a redaction, which purges.
type textKeeper struct {
	mu    sync.Mutex
	kept  map[ref.Revision]story.Text
	bytes int
	// forgotten counts purges, so that what was read before one is not kept.
	forgotten int
}

// seen is what a reading notes before its view of the database begins: what it reads
// then is kept only if nothing was purged since.
func (k *textKeeper) seen() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.forgotten
}

// read returns the stories of cards with their texts, in the order of the cards. seen
// was noted before the view of the database began.
func (k *textKeeper) read(tx *db.Tx, cards []story.Card, seen int) ([]story.Story, error) {
	all := make([]story.Story, len(cards))
	var missing []ref.Revision
	places := map[ref.Revision]int{}
	k.mu.Lock()
	for n, c := range cards {
		t, ok := k.kept[c.Revision]
		if all[n] = (story.Story{Card: c, Content: t.Content}); !ok {
			missing, places[c.Revision] = append(missing, c.Revision), n
		}
	}
	k.mu.Unlock()
	if len(missing) == 0 {
		return all, nil
	}
	found, err := story.Texts(tx, missing)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range found {
		all[places[t.Revision]].Content = t.Content
		if k.forgotten == seen {
			k.keep(t)
		}
	}
	return all, nil
}

// keep makes room by chance: what feeds need is back with the next of them.
func (k *textKeeper) keep(t story.Text) {
	if _, there := k.kept[t.Revision]; there || t.Size > longestText {
		return
	}
	if k.kept == nil {
		k.kept = map[ref.Revision]story.Text{}
	}
	for id, other := range k.kept {
		if k.bytes+t.Size <= mostTexts {
			break
		}
		delete(k.kept, id)
		k.bytes -= other.Size
	}
	k.kept[t.Revision] = t
	k.bytes += t.Size
}

// forget drops all texts.
func (k *textKeeper) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept, k.bytes = nil, 0
	k.forgotten++
}
