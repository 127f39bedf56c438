// Package readership counts what is read and ranks it. It tells a view from a
// crawler's visit and from a reload, counts in memory, keeps the counts on disk
// until the database has them, and ranks Most Viewed. It knows nothing about a
// reader longer than a day, and nothing but in memory; it shows nothing and
// decides nothing about who may see a number.
package readership

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// How often views are kept on disk, which is how much a power cut takes, and
// written into the database.
const (
	keepEvery  = time.Second
	writeEvery = 5 * time.Second
)

// maxPlaces bounds what waits for the database, in memory and on disk: eleven
// hours in each of which 90,000 stories are read. What waits longer loses its
// hour, and is counted in the newest, but never its number.
const maxPlaces = 1_000_000

// Options are what a counter is made of.
type Options struct {
	DB   *db.DB
	Mint *ref.Mint
	// Spool is a folder of this node's own, in which views wait for the
	// database. One counter at a time may be open on it.
	Spool string
	// Now is the clock of the database: views belong to its hours.
	Now func() time.Time
}

// Counter counts views.
type Counter struct {
	db       *db.DB
	mint     *ref.Mint
	now      func() time.Time
	marks    *marks
	crawlers *crawlers
	seen     seen
	shards   [shards]shard

	// mu guards what waits for the database.
	mu    sync.Mutex
	spool *spool
	// loose is what could not be kept on disk yet.
	loose tally

	// writing is held by who writes into the database.
	writing chan struct{}
	// waiting says that the last attempt to write failed, unkept that the last
	// to keep did: each is logged once.
	waiting, unkept bool
}

// shards is how many counts are made at the same time without waiting for each
// other.
const (
	shards    = 64
	shardBits = 6
)

// shard counts the stories that fall to it.
type shard struct {
	mu    sync.Mutex
	views tally
	// counted is how many views fell to it since it was opened.
	counted int64
}

// Open returns the counter of a node with all views that an earlier run left in
// the spool.
func Open(ctx context.Context, o Options) (*Counter, error) {
	key, err := readKey(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("read the key of views: %w", err)
	}
	c := &Counter{
		db: o.DB, mint: o.Mint, now: o.Now, marks: newMarks(key), crawlers: readCrawlers(),
		loose: tally{}, writing: make(chan struct{}, 1),
	}
	for n := range c.shards {
		c.shards[n].views = tally{}
	}
	if c.spool, err = openSpool(o.Spool); err != nil {
		return nil, fmt.Errorf("open the views that wait in %s: %w", o.Spool, err)
	}
	return c, nil
}

// Mark is what the page of a story carries and its beacon sends.
func (c *Counter) Mark(id ref.Story) string {
	var room [maxMark]byte
	return string(c.marks.append(room[:0], id))
}

// View counts a view of the story of a mark; false when it is none: of a story
// that is not ours, by a crawler, again today by the same reader, or beyond what
// counts from one address.
func (c *Counter) View(mark []byte, by Reader) bool {
	if c.crawlers.wrote(by.Agent) {
		return false
	}
	id, ours := c.marks.read(mark)
	if !ours {
		return false
	}
	at := c.now()
	if !c.seen.first(at, id, by) {
		return false
	}
	c.count(id, hourOf(at))
	return true
}

func (c *Counter) count(id ref.Story, hour int64) {
	// The multiplier spreads identities, which differ in their middle bits.
	s := &c.shards[uint64(id)*0x9e3779b97f4a7c15>>(64-shardBits)]
	s.mu.Lock()
	s.views[place{id, hour}]++
	s.counted++
	s.mu.Unlock()
}

// Counts tells how many views were counted since Open, and how many of all that
// are kept wait for the database.
func (c *Counter) Counts() (counted, waiting int64) {
	for n := range c.shards {
		s := &c.shards[n]
		s.mu.Lock()
		counted += s.counted
		s.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting = c.loose.sum() + c.spool.held.sum()
	for _, b := range c.spool.sealed {
		waiting += b.views.sum()
	}
	return counted, waiting
}

// hourOf counts hours from the epoch.
func hourOf(at time.Time) int64 { return at.Unix() / (60 * 60) }

// Run keeps views and writes them until ctx ends. After it Close writes the
// last. A database that does not answer does not keep views from the disk.
func (c *Counter) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { every(ctx, keepEvery, c.tick) })
	both.Go(func() { every(ctx, writeEvery, func() { c.try(ctx) }) })
	both.Wait()
}

func every(ctx context.Context, pause time.Duration, do func()) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// tick keeps what was counted, and forgets yesterday's readers.
func (c *Counter) tick() {
	c.seen.turn(c.now())
	err := c.keep()
	switch {
	case err != nil && !c.unkept:
		slog.Error("views are kept in memory only until the disk takes them", "error", err)
	case err == nil && c.unkept:
		slog.Info("views are kept on disk again")
	}
	c.unkept = err != nil
}

// try writes what waits and says when that begins to fail and to work again.
func (c *Counter) try(ctx context.Context) {
	err := c.write(ctx)
	if ctx.Err() != nil {
		return
	}
	switch {
	case err != nil && !c.waiting:
		slog.Warn("views wait on disk until the database takes them", "error", err)
	case err == nil && c.waiting:
		slog.Info("the views that waited are in the database")
	}
	c.waiting = err != nil
}

// keep moves what was counted to disk.
func (c *Counter) keep() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := range c.shards {
		c.shards[n].drain(c.loose)
	}
	if len(c.loose) == 0 {
		return nil
	}
	if err := c.spool.keep(c.loose); err != nil {
		c.loose = c.loose.bounded()
		return err
	}
	c.spool.held = c.spool.held.bounded()
	c.loose = tally{}
	return nil
}

func (s *shard) drain(into tally) {
	s.mu.Lock()
	full := s.views
	if len(full) == 0 { // and stays in use
		s.mu.Unlock()
		return
	}
	s.views = make(tally, len(full))
	s.mu.Unlock()
	into.add(full)
}

// bounded counts everything in the newest hour when there is too much.
func (t tally) bounded() tally {
	if len(t) <= maxPlaces {
		return t
	}
	newest := int64(0)
	for at := range t {
		newest = max(newest, at.hour)
	}
	merged := tally{}
	for at, n := range t {
		merged[place{at.story, newest}] += n
	}
	return merged
}

// write writes what is kept, what was sealed before first.
func (c *Counter) write(ctx context.Context) error {
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.writing }()
	for sealed := false; ; {
		b, ok, err := c.first()
		if err == nil && !ok {
			if sealed {
				return nil
			}
			sealed = true
			if b, ok, err = c.seal(); err == nil && !ok {
				return nil
			}
		}
		if err != nil {
			return err
		}
		if err := c.store(ctx, b); err != nil {
			return fmt.Errorf("write the views: %w", err)
		}
		c.mu.Lock()
		c.spool.drop()
		c.mu.Unlock()
	}
}

// first returns the first sealed batch, if there is one.
func (c *Counter) first() (b batch, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.spool.sealed) == 0 {
		return b, false, nil
	}
	// A name that is not durable could be the old one after a power cut, and
	// the views be sent twice.
	return c.spool.sealed[0], true, c.spool.sync()
}

// seal makes a batch of what waits: on disk, or in memory when the disk takes
// nothing.
func (c *Counter) seal() (b batch, ok bool, err error) {
	c.mu.Lock()
	if len(c.spool.held) > 0 {
		err = c.spool.seal(c.mint.Next())
	} else if len(c.loose) > 0 {
		c.spool.sealed = append(c.spool.sealed, batch{id: c.mint.Next(), views: c.loose})
		c.loose = tally{}
	}
	c.mu.Unlock()
	if err != nil {
		return b, false, err
	}
	return c.first()
}

// Close keeps and writes the last views. What the database does not take before
// ctx ends stays on disk for the next run, which is no error; the error says
// that views were lost. Nothing may be counted any more.
func (c *Counter) Close(ctx context.Context) error {
	kept := c.keep()
	written := c.write(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	var lost error
	if len(c.loose) > 0 || c.spool.unkept() {
		lost = fmt.Errorf("the last views are lost: %w", errors.Join(kept, written))
	} else if written != nil {
		slog.Warn("views wait on disk for the next start", "error", written)
	}
	return errors.Join(lost, c.spool.close())
}
