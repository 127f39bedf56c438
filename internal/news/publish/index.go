package publish

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/platform/search"
)

// Indexing is the kind of the jobs that bring the search index up to what is live.
const Indexing = "index"

// IndexSoon asks for such a job.
func (d *Desk) IndexSoon(tx *db.Tx) error {
	return job.Add(tx, job.Job{ID: d.mint.Next(), Kind: Indexing, RunAt: d.now()})
}

// How many live stories are looked at at a time, and how many are written in one
// transaction: those who write at the desk wait for no more than that.
const (
	indexLook  = 500
	indexWrite = 25
)

// Index brings the search index up to what is live: stories that it does not have,
// has in another text, or in the shape of an earlier program, the newest first. It
// takes out what is not live. Readers search meanwhile, in what is there. It bears
// being ended and done again, and does nothing when all is well.
func (d *Desk) Index(ctx context.Context) (made int, err error) {
	var editions []edition.Edition
	err = d.db.View(ctx, func(tx *db.Tx) (err error) {
		editions, err = edition.All(tx)
		return err
	})
	for n := 0; err == nil && n < len(editions); n++ {
		err = d.indexEdition(ctx, editions[n].Key, &made)
	}
	if err == nil {
		err = d.unindex(ctx)
	}
	if err != nil {
		return made, fmt.Errorf("bring the search index up to date: %w", err)
	}
	return made, nil
}

func (d *Desk) indexEdition(ctx context.Context, key string, made *int) error {
	for behind := (story.Cursor{}); ; {
		var page []story.Shown
		var missing []int64
		err := d.db.View(ctx, func(tx *db.Tx) (err error) {
			if page, err = story.AllShown(tx, key, behind, indexLook); err != nil {
				return err
			}
			states := make(map[int64]int64, len(page))
			for _, s := range page {
				states[int64(s.Story)] = int64(s.Revision)
			}
			missing, err = search.Behind(tx, states)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		behind = page[len(page)-1].At
		page = slices.DeleteFunc(page, func(s story.Shown) bool { return !slices.Contains(missing, int64(s.Story)) })
		for some := range slices.Chunk(page, indexWrite) {
			if err := d.indexSome(ctx, some); err != nil {
				return err
			}
			*made += len(some)
		}
	}
}

// indexSome writes the entries of live stories. What is published anew meanwhile
// wrote its own.
func (d *Desk) indexSome(ctx context.Context, some []story.Shown) error {
	ids := make([]ref.Story, len(some))
	for n, s := range some {
		ids[n] = s.Story
	}
	var documents []search.Document
	err := d.db.View(ctx, func(tx *db.Tx) (err error) {
		documents, err = story.AllSearched(tx, ids)
		return err
	})
	if err != nil {
		return err
	}
	entries := make([]search.Entry, len(documents))
	for n, document := range documents {
		entries[n] = d.index.Prepare(document)
	}
	return d.db.Update(ctx, func(tx *db.Tx) error {
		for n, document := range documents {
			if err := d.indexOne(tx, document, entries[n]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *Desk) indexOne(tx *db.Tx, document search.Document, entry search.Entry) error {
	id := ref.Story(document.Story)
	if err := d.stories.Lock(tx, id); errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	// A redaction changes a text and leaves it its number: what it wrote stays.
	behind, err := search.Behind(tx, map[int64]int64{document.Story: document.State})
	if err != nil || len(behind) == 0 {
		return err
	}
	// So does a new name of an author: what was read before it is read again.
	now, err := story.AllSearched(tx, []ref.Story{id})
	if err != nil || len(now) == 0 {
		return err
	}
	if !reflect.DeepEqual(now[0], document) {
		entry = d.index.Prepare(now[0])
	}
	return d.index.Put(tx, entry)
}

// unindex takes out of the index what is not live.
func (d *Desk) unindex(ctx context.Context) error {
	for behind := int64(math.MinInt64); ; {
		kept := 0
		err := d.db.Update(ctx, func(tx *db.Tx) error {
			stories, err := search.Kept(tx, behind, indexLook)
			if err != nil || len(stories) == 0 {
				return err
			}
			kept, behind = len(stories), stories[len(stories)-1]
			gone, err := story.NotShown(tx, stories)
			for n := 0; err == nil && n < len(gone); n++ {
				err = d.index.Remove(tx, gone[n])
			}
			return err
		})
		if err != nil || kept == 0 {
			return err
		}
	}
}
