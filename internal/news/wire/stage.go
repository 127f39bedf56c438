package wire

import (
	"context"
	"fmt"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"

	"golang.org/x/sync/errgroup"
)

const (
	// chunkItems and chunkBytes bound what one transaction stages.
	chunkItems = 500
	chunkBytes = 4 << 20
)

// chunk is what one transaction stages.
type chunk struct {
	records   []record
	items     []publish.Item
	unchanged int
	bytes     int64
}

// stage converts in one goroutine and writes in another, a few chunks apart.
func (r *run) stage(ctx context.Context, f format, b *publish.Batch) error {
	group, ctx := errgroup.WithContext(ctx)
	ready := make(chan chunk, 2)
	group.Go(func() error {
		defer close(ready)
		return r.convert(ctx, f, b, ready)
	})
	group.Go(func() error {
		done := 0
		for c := range ready {
			if err := r.write(ctx, b, c); err != nil {
				return err
			}
			done += len(c.items) + c.unchanged
			r.progress(Progress{Bytes: c.bytes, Size: r.size, Items: done})
		}
		return ctx.Err()
	})
	return group.Wait()
}

// converter gathers records and makes items of those that are new.
type converter struct {
	run     *run
	format  format
	batch   *publish.Batch
	ready   chan<- chunk
	waiting []record
	size    int
	seen    map[string]seen
}

// seen is an item of this very file.
type seen struct {
	number int
	hash   string
}

func (r *run) convert(ctx context.Context, f format, b *publish.Batch, ready chan<- chunk) error {
	c := &converter{run: r, format: f, batch: b, ready: ready, seen: map[string]seen{}}
	err := f.records(ctx, func(rec record) error {
		if taken, err := c.sorted(rec); !taken || err != nil {
			return err
		}
		c.waiting = append(c.waiting, rec)
		c.size += rec.size
		if len(c.waiting) < chunkItems && c.size < chunkBytes {
			return nil
		}
		return c.flush(ctx)
	})
	if err != nil {
		return err
	}
	return c.flush(ctx)
}

// sorted puts aside what is no story, cannot come or repeats another item.
func (c *converter) sorted(rec record) (story bool, err error) {
	l := c.run.ledger
	switch {
	case rec.refused != "":
		return false, l.refused(rec, rec.refused)
	case rec.skipped != "":
		l.count(func(r *Report) {
			r.Items++
			r.Skipped = append(r.Skipped, Refusal{rec.name(), rec.place, rec.skipped})
		})
		return false, nil
	case rec.attachment:
		l.count(func(r *Report) { r.Items, r.Attachments = r.Items+1, r.Attachments+1 })
		return false, nil
	}
	before, repeated := c.seen[rec.key]
	switch {
	case !repeated:
		c.seen[rec.key] = seen{rec.number, rec.hash}
		return true, nil
	case before.hash == rec.hash:
		l.count(func(r *Report) { r.Items, r.Unchanged = r.Items+1, r.Unchanged+1 })
		l.changed(rec.name(), fmt.Sprintf("stands in the file twice: item %d repeats item %d", rec.number, before.number))
		return false, nil
	}
	return false, l.refused(rec, fmt.Sprintf("has the identity of item %d of this file and says something else", before.number))
}

// flush looks up which of the waiting records are new, and converts those.
func (c *converter) flush(ctx context.Context) error {
	keys := make([]string, len(c.waiting))
	for n, rec := range c.waiting {
		keys[n] = rec.key
	}
	known := map[string]string{}
	if len(keys) > 0 {
		var err error
		if known, err = c.batch.Known(ctx, keys); err != nil {
			return err
		}
	}
	next := chunk{bytes: c.run.input.read()}
	for _, rec := range c.waiting {
		if hash, ok := known[rec.key]; ok && hash == rec.hash {
			next.unchanged++
			c.run.ledger.count(func(r *Report) { r.Items, r.Unchanged = r.Items+1, r.Unchanged+1 })
			continue
		}
		item, err := c.format.item(rec)
		if reason, ok := err.(unusable); ok {
			if err := c.run.ledger.refused(rec, string(reason)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		rec.content = nil
		next.records, next.items = append(next.records, rec), append(next.items, item)
	}
	c.waiting, c.size = c.waiting[:0], 0
	select {
	case c.ready <- next:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unusable is the error of an item that cannot come; its file can.
type unusable string

func (u unusable) Error() string { return string(u) }

// write stages a chunk and notes what became of it. A chunk without items
// still tells that the import lives.
func (r *run) write(ctx context.Context, b *publish.Batch, c chunk) error {
	r.staging.Lock()
	outcomes, err := b.Stage(ctx, c.items)
	r.staging.Unlock()
	if err != nil {
		return err
	}
	for n, outcome := range outcomes {
		item := c.items[n]
		if outcome.What == publish.Refusal {
			if err := r.ledger.refused(c.records[n], outcome.Reason); err != nil {
				return err
			}
			continue
		}
		r.ledger.count(func(rep *Report) { rep.came(item, outcome.What) })
	}
	return nil
}

// came counts an item that was staged.
func (r *Report) came(item publish.Item, what string) {
	r.Items++
	switch what {
	case publish.Added:
		r.Added++
	case publish.Updated:
		r.Updated++
	default:
		r.Unchanged++
		return
	}
	if item.Published.IsZero() {
		r.Drafts++
	}
	if item.Content.Genre == story.Page {
		r.Pages++
	}
	r.Comments += len(item.Comments)
}
