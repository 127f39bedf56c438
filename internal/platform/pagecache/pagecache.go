// Package pagecache keeps rendered answers: bytes by key, dropped by tag,
// bounded in memory, compressed once. It knows nothing of news, of addresses or
// of who may read what; a key must name all that its bytes depend on.
//
// The eviction is our own (SIEVE, some sixty lines). The caches worth borrowing
// look up by string or by comparable key, which costs an allocation per request
// when the key is assembled in a buffer, and none of them keeps an index of tags
// within the same bound of bytes as the entries themselves.
//
// Readers of what is kept take one read lock of one of many shards. All that
// changes the cache (a render finished, a drop, an eviction) takes the one mutex
// of the writers first: such events are as rare as renders.
package pagecache

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// Tag labels every entry that shows the thing it names.
type Tag string

// renderFor bounds a render when Options do not.
const renderFor = 10 * time.Second

// errAbandoned is what those get who waited for a render that panicked.
var errAbandoned = errors.New("the render was abandoned")

// Options say how a cache behaves.
type Options struct {
	// MaxBytes bounds all that is kept: every encoding, keys, the tag index and
	// stale copies. At zero nothing is kept and every Fetch renders.
	MaxBytes int64
	// RenderFor bounds one render; zero means ten seconds. A render outlives the
	// request that began it, because others may wait for it.
	RenderFor time.Duration
	// StaleFor is for how long after its drop or end a copy may still answer
	// while the source is unavailable; zero means as long as memory allows.
	StaleFor time.Duration
	// Unavailable says whether a render failed because its source does not
	// answer, so that a stale copy is better than the error. Nil means never.
	Unavailable func(error) bool
	// Now tells the time; nil means time.Now.
	Now func() time.Time
}

// Cache keeps entries. Its methods may be called from any goroutine.
type Cache struct {
	opts   Options
	seed   maphash.Seed
	shards [shardCount]shard
	packer *packer

	renders, spoiled, stale atomic.Int64

	// mu guards all below. Shard locks are taken under it, never around it.
	mu      sync.Mutex
	shelf   shelf
	flights map[string]*flight
	drops   drops
}

// New returns an empty cache. Close it after use.
func New(o Options) *Cache {
	if o.RenderFor == 0 {
		o.RenderFor = renderFor
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Unavailable == nil {
		o.Unavailable = func(error) bool { return false }
	}
	c := &Cache{opts: o, seed: maphash.MakeSeed(), flights: map[string]*flight{}}
	for i := range c.shards {
		c.shards[i].slots = map[string]*slot{}
	}
	c.shelf.init(o.MaxBytes, c.shard)
	c.drops.at = map[Tag]uint64{}
	c.packer = newPacker(c.pack)
	return c
}

// Close ends the compression in the background and waits for it. A closed cache
// still answers and renders; it only makes no more small variants.
func (c *Cache) Close() error {
	c.packer.close()
	return nil
}

// Get returns what is kept under key, or nil: never kept, dropped, evicted or
// past its time. It does not allocate.
func (c *Cache) Get(key []byte) *Entry {
	sh := &c.shards[maphash.Bytes(c.seed, key)%shardCount]
	sh.mu.RLock()
	s := sh.slots[string(key)]
	sh.mu.RUnlock()
	return c.usable(sh, s)
}

// find is Get for a string.
func (c *Cache) find(key string) *Entry {
	sh := c.shard(key)
	sh.mu.RLock()
	s := sh.slots[key]
	sh.mu.RUnlock()
	return c.usable(sh, s)
}

func (c *Cache) shard(key string) *shard {
	return &c.shards[maphash.String(c.seed, key)%shardCount]
}

// usable counts a hit and marks the slot as visited. The mark is written only
// when it is not there yet: a hot page's cache line stays shared between cores.
func (c *Cache) usable(sh *shard, s *slot) *Entry {
	if s == nil || s.entry.over(c.opts.Now) {
		return nil
	}
	if !s.visited.Load() {
		s.visited.Store(true)
	}
	sh.hits.Add(1)
	return s.entry
}

// Render makes the answer for a key. What it reads of other entries it must
// pass to Page.Reads.
type Render func(ctx context.Context) (*Page, error)

// Fetch returns what is kept under key or has it rendered: one caller renders,
// the others who want the same key wait. ctx bounds the waiting; the render gets
// its values but neither its deadline nor its end.
//
// A render during which one of its own tags was dropped answers those who asked
// before the drop and is not kept; who asked after it gets a newer render. When
// a render fails because its source is unavailable and an older copy is still in
// memory, that copy is the answer and stale is true.
func (c *Cache) Fetch(ctx context.Context, key string, render Render) (e *Entry, stale bool, err error) {
	if e := c.find(key); e != nil {
		return e, false, nil
	}
	asked := c.dropsSoFar()
	for {
		e, f, leads := c.join(ctx, key)
		switch {
		case e != nil:
			return e, false, nil
		case leads:
			c.lead(ctx, f, render)
			return f.result()
		}
		select {
		case <-ctx.Done():
			return nil, false, fmt.Errorf("wait for the render of %q: %w", key, ctx.Err())
		case <-f.done:
		}
		if f.spoiled && f.began < asked {
			continue
		}
		return f.result()
	}
}

// flight is a render under way, and its result once done is closed.
type flight struct {
	key  string
	done chan struct{}
	// began counts the drops before the render.
	began uint64
	// spoiled: a tag of the result was dropped meanwhile.
	spoiled bool
	stale   bool
	entry   *Entry
	err     error
}

func (f *flight) result() (*Entry, bool, error) { return f.entry, f.stale, f.err }

func (c *Cache) dropsSoFar() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops.n
}

// outer is the key under which a render's context carries when it began.
type outer struct{}

// join finds the entry that came meanwhile, or the flight for key. Who starts
// the flight leads it. A render within another sees what that one saw, so it
// began no later.
func (c *Cache) join(ctx context.Context, key string) (e *Entry, f *flight, leads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.find(key); e != nil {
		return e, nil, false
	}
	if f := c.flights[key]; f != nil {
		return nil, f, false
	}
	f = &flight{key: key, done: make(chan struct{}), began: c.drops.n, err: errAbandoned}
	if began, within := ctx.Value(outer{}).(uint64); within {
		f.began = min(f.began, began)
	}
	c.flights[key] = f
	c.drops.watchers++
	return nil, f, true
}

// lead renders and lands the flight, even when render panics.
func (c *Cache) lead(ctx context.Context, f *flight, render Render) {
	var page *Page
	defer func() { c.land(f, page) }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.opts.RenderFor)
	defer cancel()
	ctx = context.WithValue(ctx, outer{}, f.began)
	c.renders.Add(1)
	p, err := render(ctx)
	if err != nil {
		f.err = err
		return
	}
	p.NoKeep = p.NoKeep || c.opts.MaxBytes == 0
	if f.entry, f.err = c.packer.entry(p); f.err != nil {
		f.err = fmt.Errorf("make an answer of the page %q: %w", f.key, f.err)
		return
	}
	page = p
}

// land ends a flight; page is nil when the render failed.
func (c *Cache) land(f *flight, page *Page) {
	now := c.opts.Now()
	unavailable := page == nil && c.opts.Unavailable(f.err)
	c.mu.Lock()
	delete(c.flights, f.key)
	switch {
	case page == nil:
		// Which tags a failed render read is not known: any drop spoils it.
		f.spoiled = c.drops.n != f.began
		if unavailable {
			c.fallBack(f, now)
		}
	default:
		f.spoiled = c.drops.since(f.began, f.entry.tags)
		c.settle(f, page)
	}
	c.drops.unwatch()
	c.mu.Unlock()
	if f.spoiled {
		c.spoiled.Add(1)
	}
	close(f.done)
}

// settle keeps a good render in place of all older copies.
func (c *Cache) settle(f *flight, page *Page) {
	if f.spoiled {
		return
	}
	c.shelf.remove(f.key)
	if page.NoKeep || f.entry.over(c.opts.Now) {
		return
	}
	if c.shelf.put(f.key, f.entry) && f.entry.pack {
		c.packer.enqueue(f.key)
	}
}

// fallBack answers a failed render with an older copy, if there is one.
func (c *Cache) fallBack(f *flight, now time.Time) {
	s := c.shelf.lastResort(f.key)
	if s == nil || c.opts.StaleFor > 0 && now.Sub(s.staleSince()) > c.opts.StaleFor {
		return
	}
	f.entry, f.stale, f.err = s.entry, true, nil
	c.stale.Add(1)
}

// Drop makes all entries with any of tags stale and says how many they were.
// When it returns, Get finds none of them. Their copies stay as a last resort
// for Fetch, within the bound, and are evicted before all others.
func (c *Cache) Drop(tags ...Tag) (n int) {
	now := c.opts.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops.note(tags)
	return c.shelf.drop(tags, now)
}

// Purge is Drop without a last resort: no copy survives. It is for what must not
// be shown again, such as a withdrawal or a redaction.
func (c *Cache) Purge(tags ...Tag) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops.note(tags)
	c.shelf.purge(tags)
}

// Clear purges everything, and nothing that is being rendered will be kept.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops.noteAll()
	c.shelf.clear()
}

// later are the encodings that follow in the background.
var later = [...]Encoding{Zstd, Brotli}

// pack adds the smaller variants to the entry under key, if it is still kept.
func (c *Cache) pack(key string) {
	sh := c.shard(key)
	for _, enc := range later {
		sh.mu.RLock()
		s := sh.slots[key]
		sh.mu.RUnlock()
		if s == nil || s.entry.forms[enc].Load() != nil {
			continue
		}
		if f := c.packer.form(s.entry, enc); f != nil {
			c.add(s, enc, f)
		}
	}
}

// add keeps a variant when there is room for it.
func (c *Cache) add(s *slot, enc Encoding, f *form) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shelf.grow(s, f.size()) {
		s.entry.forms[enc].Store(f)
	}
}

// Stats are counts since New, and what is kept now.
type Stats struct {
	// Hits were answered from memory, by Get or Fetch.
	Hits int64
	// Renders were begun; Spoiled of them were not kept because of a drop.
	Renders, Spoiled int64
	// Stale answers were given by Fetch while the source was unavailable; one
	// for each render that failed, however many waited for it.
	Stale int64
	// Evicted entries and copies made room for others.
	Evicted int64
	// Entries answer; Copies are stale ones kept as a last resort.
	Entries, Copies int
	// Bytes are used of Options.MaxBytes.
	Bytes int64
}

// Stats returns the counts.
func (c *Cache) Stats() Stats {
	s := Stats{Renders: c.renders.Load(), Spoiled: c.spoiled.Load(), Stale: c.stale.Load()}
	for i := range c.shards {
		s.Hits += c.shards[i].hits.Load()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Evicted, s.Bytes = c.shelf.evicted, c.shelf.bytes
	s.Entries, s.Copies = c.shelf.live.n, c.shelf.old.n
	return s
}
