// Package pagecache keeps rendered answers: bytes by key, dropped by tag,
// bounded in memory, compressed once. It knows nothing of news, of addresses or
// of who may read what; a key must name all that its bytes depend on.
//
// With a folder it has a second shelf on the local disk, the loft: a copy of each
// page for the time when the source of pages is gone. The loft is no store. It
// is bounded, begins empty, and may fail at any time without a reader noticing.
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
	"runtime/debug"
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
	// MaxBytes bounds all that is kept in memory: every encoding, keys, the tag
	// index and stale copies; with a loft, its catalog too, which is a quarter of
	// it at most, and pages that wait to be written, a sixteenth. At zero nothing
	// is kept and every Fetch renders.
	MaxBytes int64
	// RenderFor bounds one render; zero means ten seconds. A render outlives the
	// request that began it, because others may wait for it.
	RenderFor time.Duration
	// Loft is a folder of the cache's own on the local disk, where a copy of each
	// page is kept as a last resort; empty means none. It is emptied when the
	// cache begins: what an earlier program kept may have been withdrawn since.
	Loft string
	// LoftBytes bounds the files of the loft, each counted in blocks of 4 KiB;
	// zero means 4 GiB. What was used least is evicted.
	LoftBytes int64
	// Rest is how long a page that was made is left alone before it is made smaller
	// and copied to the loft. A change has many pages made at once while readers
	// wait for them, and some of them again soon. Zero means that both begin at
	// once.
	Rest time.Duration
	// Patience is how long a render keeps readers waiting when there is an older
	// copy for them, in memory or in the loft, that was not purged. Then they get
	// that, and the render goes on; it may thus outlive the call of Fetch that
	// brought it. Zero means that readers wait for the render in any case.
	Patience time.Duration
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

	// loft is nil without Options.Loft.
	loft *loft

	renders, spoiled, stale, late atomic.Int64

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
	c.drops.init()
	c.packer = newPacker(o.Rest, c.pack)
	c.loft = newLoft(o, c.packer, c.seed)
	c.shelf.init(o.MaxBytes, c.shard)
	if c.loft != nil {
		c.shelf.max -= o.MaxBytes / queueShare
		c.shelf.aside = c.loft.aside
		c.shelf.evict = c.loft.putIfAbsent
	}
	return c
}

// Close ends the packing and the writing and waits for both, though not for a
// disk that hangs. Renders that run on without who asked for them are not waited
// for: each ends within Options.RenderFor. A closed cache still answers and
// renders; it only makes no more small variants and has no loft.
func (c *Cache) Close() error {
	c.packer.close()
	return c.loft.close()
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
// pass to Page.Reads. With Options.Patience it must not use anything that ends
// with the call of Fetch, unless that call is made by a render itself.
type Render func(ctx context.Context) (*Page, error)

// Fetch returns what is kept under key or has it rendered: one caller renders,
// the others who want the same key wait. ctx bounds the waiting; the render gets
// its values but neither its deadline nor its end.
//
// A render during which one of its own tags was dropped answers those who asked
// before the drop and is not kept; who asked after it gets a newer render. When
// a render fails because its source is unavailable, or takes longer than
// Options.Patience, and an older copy is in memory or in the loft, that copy is
// the answer and stale is true.
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
		case leads && f.late == nil, leads && within(ctx):
			c.lead(ctx, f, render)
			return f.result()
		case leads:
			f.aside = true
			go c.lead(ctx, f, render)
		}
		if e := c.wait(ctx, f); e != nil {
			return e, true, nil
		}
		if err := ctx.Err(); err != nil && !f.over() {
			return nil, false, fmt.Errorf("wait for the render of %q: %w", key, err)
		}
		if leads && f.panicked != nil {
			panic(f.panicked)
		}
		if f.spoiled && f.began < asked {
			continue
		}
		return f.result()
	}
}

// wait waits for the end of a flight or of ctx, or for a copy in its place.
func (c *Cache) wait(ctx context.Context, f *flight) *Entry {
	late := f.late
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.done:
			return nil
		case <-late:
			late = nil
			if e := c.inPlace(f); e != nil {
				return e
			}
		}
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
	// away: the render failed because its source is unavailable.
	away bool
	// aside: the render runs on while its leader waits, or has left. panicked is
	// its panic.
	aside    bool
	panicked *panicked

	// late is closed when patience is at its end; nil when there is no copy to
	// give then. timer does it.
	late  chan struct{}
	timer *time.Timer

	// What follows is for the holder of the cache's mutex. copy is the last
	// resort, found when copied drops were counted.
	copy   *Entry
	copied uint64
	landed bool
}

func (f *flight) result() (*Entry, bool, error) { return f.entry, f.stale, f.err }

func (f *flight) over() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (c *Cache) dropsSoFar() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops.n
}

// outer is the key under which a render's context carries when it began.
type outer struct{}

// within says whether ctx is that of a render.
func within(ctx context.Context) bool { return ctx.Value(outer{}) != nil }

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
	if c.opts.Patience > 0 && (c.shelf.lastResort(key) != nil || c.loft.has(key)) {
		f.late = make(chan struct{})
		f.timer = time.AfterFunc(c.opts.Patience, func() {
			c.reach(f)
			close(f.late)
		})
	}
	c.flights[key] = f
	c.drops.watchers++
	return nil, f, true
}

// lead renders and lands the flight, even when render panics. It holds back who
// rendered when the disk is slower, but nobody who waits.
func (c *Cache) lead(ctx context.Context, f *flight, render Render) {
	var page *Page
	defer c.loft.holdBack()
	defer func() {
		if f.aside {
			if fault := recover(); fault != nil {
				f.panicked = &panicked{fault, debug.Stack()}
			}
		}
		c.land(f, page)
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.opts.RenderFor)
	defer cancel()
	ctx = context.WithValue(ctx, outer{}, f.began)
	c.renders.Add(1)
	p, err := render(ctx)
	if err != nil {
		if f.err, f.away = err, c.opts.Unavailable(err); f.away {
			c.reach(f)
		}
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
	if f.timer != nil {
		f.timer.Stop()
	}
	c.mu.Lock()
	delete(c.flights, f.key)
	f.landed = true
	switch {
	case page == nil:
		// Which tags a failed render read is not known: any drop spoils it.
		f.spoiled = c.drops.n != f.began
		c.fallBack(f)
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

// settle keeps a good render in place of all older copies. One that is stale
// already, because of a drop or of a part, is worth keeping in the loft only
// where nothing is; one that was purged, nowhere.
func (c *Cache) settle(f *flight, page *Page) {
	switch {
	case c.drops.purgedSince(f.began, f.entry.tags):
		return
	case f.spoiled || page.aged:
		if !page.NoKeep {
			c.loft.putIfAbsent(f.key, f.entry)
			c.shelf.makeRoom(0)
		}
		return
	}
	c.shelf.remove(f.key)
	if page.NoKeep {
		c.loft.forget(f.key)
		return
	}
	c.loft.put(f.key, f.entry)
	if f.entry.over(c.opts.Now) {
		c.shelf.makeRoom(0)
		return
	}
	if c.shelf.put(f.key, f.entry) && f.entry.pack {
		c.packer.enqueue(f.key, f.entry)
	}
}

// Drop makes all entries with any of tags stale and says how many they were.
// When it returns, Get finds none of them. Their copies stay as a last resort
// for Fetch, within the bound, and are evicted before all others.
func (c *Cache) Drop(tags ...Tag) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops.note(tags)
	return c.shelf.drop(tags)
}

// Purge is Drop without a last resort: no copy survives, in memory or in the
// loft. It is for what must not be shown again, such as a withdrawal or a
// redaction. When it returns, nobody who asks is given a copy, and the files are
// removed; only a disk that hangs or fails may have some longer, unread, and is
// counted in Stats. It returns the keys of what was in memory, for who wants it
// made again.
func (c *Cache) Purge(tags ...Tag) (keys []string) {
	c.mu.Lock()
	c.drops.notePurge(tags)
	keys = c.shelf.purge(tags)
	round := c.loft.purge(tags)
	c.mu.Unlock()
	c.loft.gone(round)
	return keys
}

// Clear purges everything, and nothing that is being rendered will be kept.
func (c *Cache) Clear() {
	c.mu.Lock()
	c.drops.noteAll()
	c.shelf.clear()
	round := c.loft.clear()
	c.mu.Unlock()
	c.loft.gone(round)
}

// later are the encodings that follow in the background.
var later = [...]Encoding{Zstd, Brotli}

// pack adds the smaller variants to the entry under key, if it is still kept.
func (c *Cache) pack(w waiting) {
	sh := c.shard(w.key)
	for _, enc := range later {
		sh.mu.RLock()
		s := sh.slots[w.key]
		sh.mu.RUnlock()
		if s == nil || s.entry != w.entry.Value() { // dropped, or made again meanwhile
			return
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
	// for each render that failed, however many waited for it. Late answers are
	// stale ones given to readers whose patience ended.
	Stale, Late int64
	// Evicted entries and copies made room for others.
	Evicted int64
	// Entries answer; Copies are stale ones kept as a last resort.
	Entries, Copies int
	// Bytes are used of Options.MaxBytes.
	Bytes int64
	// Loft is all zero without Options.Loft.
	Loft LoftStats
}

// Stats returns the counts.
func (c *Cache) Stats() Stats {
	s := Stats{Renders: c.renders.Load(), Spoiled: c.spoiled.Load(), Stale: c.stale.Load(), Late: c.late.Load(), Loft: c.loft.stats()}
	for i := range c.shards {
		s.Hits += c.shards[i].hits.Load()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Evicted, s.Bytes = c.shelf.evicted, c.shelf.bytes+c.loft.aside()
	s.Entries, s.Copies = c.shelf.live.n, c.shelf.old.n
	return s
}
