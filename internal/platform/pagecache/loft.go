package pagecache

import (
	queue "container/list"
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// loftBytes bounds the loft when Options do not.
	loftBytes = 4 << 30
	// loftBlock is what the smallest file takes on disk.
	loftBlock = 4 << 10
	// catalogShare and queueShare of Options.MaxBytes are what the loft's catalog
	// takes at most, and the pages that wait to be written.
	catalogShare = 4
	queueShare   = 16
	// queuePatience is how long who rendered waits for room among the pages that
	// wait: it keeps renders from outrunning a slow disk.
	queuePatience = 500 * time.Millisecond
	// purgePatience is how long a purge waits for a disk that hangs; those that
	// come while it does wait no more. What they purged is not served in any case.
	// Who closes waits as long.
	purgePatience = 10 * time.Second
)

// errHangs says that the disk did not answer when the loft was closed.
var errHangs = errors.New("the disk with the copies of pages hangs: what is in their folder is removed at the next start")

// loft is the second shelf: a copy of each page on the local disk, for the time
// when its source is gone and memory had no room for it. What is in it is always
// a last resort and never an answer of its own.
//
// The catalog alone decides what is there: a file without a record is not read,
// and whoever removes a record dooms its file in the same breath. One goroutine,
// the keeper, writes and removes all files, the doomed first, so that no write
// can bring back what was removed before it.
//
// A nil loft has nothing and takes nothing.
type loft struct {
	folder string
	max    int64
	// catalogMax and queueMax are bounds of memory.
	catalogMax, queueMax int64
	// resting is how long a page waits at least, while there is room.
	resting time.Duration
	packer  *packer
	root    atomic.Pointer[os.Root]
	reads   atomic.Int64
	// crate is the keeper's: the file that it made last.
	crate []byte

	wake chan struct{}
	quit chan struct{}
	work sync.WaitGroup
	once sync.Once

	// mu guards all below. It is taken under the cache's mutex, never around it.
	mu sync.Mutex
	catalog
	// waiting are the *crated to be written, oldest first; queued finds them.
	waiting queue.List
	queued  map[uint32]*queue.Element
	pinned  int64
	// room is closed when there is room among those who wait; nil while nobody
	// asks.
	room chan struct{}
	// doomed are the files that must go.
	doomed map[string]struct{}
	// busy: the keeper writes a file.
	busy bool
	// asked counts the purges, swept those whose files are gone; swept grows
	// when round is closed.
	asked, swept uint64
	round        chan struct{}
	// hanging: a purge waited for the disk in vain, which has not answered since.
	hanging bool
	filings uint32
	// failing: the last write failed, or hangs.
	failing  bool
	closed   bool
	bytes    int64
	writes   int64
	failures int64
	evicted  int64
}

// crated is a page that waits to be written.
type crated struct {
	id    uint32
	name  name
	key   string
	entry *Entry
	size  int64
	since time.Time
}

// newLoft returns nil when the options want none.
func newLoft(o Options, p *packer, seed maphash.Seed) *loft {
	if o.Loft == "" || o.MaxBytes == 0 {
		return nil
	}
	l := &loft{
		folder: o.Loft, max: o.LoftBytes, packer: p, resting: o.Rest,
		catalogMax: o.MaxBytes / catalogShare, queueMax: o.MaxBytes / queueShare,
		wake: make(chan struct{}, 1), quit: make(chan struct{}),
		queued: map[uint32]*queue.Element{}, doomed: map[string]struct{}{}, round: make(chan struct{}),
	}
	if l.max == 0 {
		l.max = loftBytes
	}
	l.catalog.init(seed)
	l.work.Go(l.keep)
	return l
}

// close ends the writing and waits for it, unless the disk hangs. Nothing is read
// afterwards.
func (l *loft) close() error {
	if l == nil {
		return nil
	}
	l.once.Do(func() {
		l.mu.Lock()
		l.closed = true
		l.makeWay()
		l.mu.Unlock()
		close(l.quit)
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.work.Wait()
		if root := l.root.Swap(nil); root != nil {
			root.Close()
		}
	}()
	timer := time.NewTimer(purgePatience)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return errHangs
	}
}

// has says whether there is a copy under key.
func (l *loft) has(key string) bool {
	if l == nil {
		return false
	}
	n := nameOf(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(n) != 0
}

// put files e under key in place of any older copy.
func (l *loft) put(key string, e *Entry) { l.file(key, e, true) }

// putIfAbsent files e under a key that has no copy.
func (l *loft) putIfAbsent(key string, e *Entry) { l.file(key, e, false) }

func (l *loft) file(key string, e *Entry, replace bool) {
	if l == nil {
		return
	}
	n := nameOf(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	id := l.find(n)
	if id != 0 {
		l.touch(id)
		if !replace {
			return
		}
	}
	print := l.print(e)
	switch {
	case id == 0:
		id = l.add(n, e.tags)
	case l.records.at(id).print == print:
		return
	default:
		l.unfile(id)
		l.retag(id, e.tags)
	}
	l.filings++
	r := l.records.at(id)
	r.print, r.filing = print, l.filings
	l.await(&crated{id: id, name: n, key: key, entry: e, size: e.size(), since: time.Now()})
	l.boundCatalog()
}

// print is equal for renders that make the same copy.
func (l *loft) print(e *Entry) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	text := func(s string) {
		h.WriteString(s)
		h.WriteByte(0xff)
	}
	maphash.WriteComparable(&h, e.status)
	maphash.WriteComparable(&h, e.until.UnixNano())
	for _, field := range e.header {
		text(field.Name)
		text(field.Value)
	}
	for _, tag := range e.tags {
		text(string(tag))
	}
	text(e.hash)
	if e.hash == "" {
		h.Write(e.Body())
	}
	return h.Sum64()
}

// await queues a page for the keeper. With a disk that fails, those that wait
// longest make room: they are the likeliest to be tried again, when memory
// evicts them.
func (l *loft) await(c *crated) {
	l.queued[c.id] = l.waiting.PushBack(c)
	l.pinned += c.size
	if l.failing {
		l.shed()
	}
	l.nudge()
}

// shed gives up those who waited longest until the rest is within its bound.
func (l *loft) shed() {
	for l.pinned > l.queueMax && l.waiting.Len() > 1 {
		l.failures++
		l.remove(l.waiting.Front().Value.(*crated).id)
	}
}

// unqueue forgets that a page waits.
func (l *loft) unqueue(id uint32) {
	el := l.queued[id]
	if el == nil {
		return
	}
	delete(l.queued, id)
	l.pinned -= l.waiting.Remove(el).(*crated).size
	if l.pinned <= l.queueMax {
		l.makeWay()
	}
}

// makeWay lets go on who waits for room.
func (l *loft) makeWay() {
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// holdBack keeps who rendered while too many pages wait to be written, though not
// for long, and not at all while the disk fails.
func (l *loft) holdBack() {
	if l == nil {
		return
	}
	var patience <-chan time.Time
	for {
		l.mu.Lock()
		if l.pinned <= l.queueMax || l.failing || l.closed {
			l.mu.Unlock()
			return
		}
		if l.room == nil {
			l.room = make(chan struct{})
		}
		room := l.room
		l.mu.Unlock()
		if patience == nil {
			timer := time.NewTimer(queuePatience)
			defer timer.Stop()
			patience = timer.C
		}
		select {
		case <-room:
		case <-patience:
			l.mu.Lock()
			l.failing = true // until the next write succeeds: the others need not wait
			l.makeWay()
			l.shed()
			l.mu.Unlock()
			return
		}
	}
}

// boundCatalog removes the records used least, until the catalog is within its
// bound of memory.
func (l *loft) boundCatalog() {
	for l.cost.Load() > l.catalogMax && l.oldest != 0 {
		l.evicted++
		l.remove(l.oldest)
	}
}

// unfile gives up the bytes of a record: its file is doomed, and if it waits to
// be written it does so no longer.
func (l *loft) unfile(id uint32) {
	l.unqueue(id)
	r := l.records.at(id)
	if r.blocks == 0 {
		return
	}
	l.bytes -= int64(r.blocks) * loftBlock
	r.blocks = 0
	l.doom(r.name.path())
}

func (l *loft) doom(path string) {
	l.doomed[path] = struct{}{}
	l.nudge()
}

// remove gives up a record and its bytes.
func (l *loft) remove(id uint32) {
	l.unfile(id)
	l.cut(id)
}

// nudge wakes the keeper.
func (l *loft) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// purge removes all copies with any of tags: none is found any more. The round
// that it returns is for gone.
func (l *loft) purge(tags []Tag) (round uint64) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tag := range tags {
		for _, id := range l.carriers(tag) {
			l.remove(id)
		}
	}
	return l.ask()
}

// forget removes the copy under one key.
func (l *loft) forget(key string) {
	if l == nil {
		return
	}
	n := nameOf(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if id := l.find(n); id != 0 {
		l.remove(id)
	}
}

// clear is purge for all.
func (l *loft) clear() (round uint64) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.oldest != 0 {
		l.remove(l.oldest)
	}
	return l.ask()
}

// ask begins a round of the keeper, if any file may have to go: also one that
// was replaced before, or is being written just now.
func (l *loft) ask() (round uint64) {
	if l.closed || len(l.doomed) == 0 && !l.busy {
		return 0
	}
	l.asked++
	l.nudge()
	return l.asked
}

// gone waits until the files that were doomed before the round are removed.
func (l *loft) gone(round uint64) {
	if round == 0 {
		return
	}
	timer := time.NewTimer(purgePatience)
	defer timer.Stop()
	for {
		l.mu.Lock()
		swept, next := l.swept, l.round
		if swept < round && l.hanging {
			l.failures++
			swept = round
		}
		l.mu.Unlock()
		if swept >= round {
			return
		}
		select {
		case <-next:
		case <-timer.C:
			l.mu.Lock()
			l.hanging = l.swept < round
			l.mu.Unlock()
		}
	}
}

// read returns the copy under key as it was rendered. Who reads must see to it
// that no purge came meanwhile.
func (l *loft) read(key string) (e *Entry) {
	if l == nil {
		return nil
	}
	n := nameOf(key)
	l.mu.Lock()
	id := l.find(n)
	if id == 0 {
		l.mu.Unlock()
		return nil
	}
	l.touch(id)
	filing := l.records.at(id).filing
	if el := l.queued[id]; el != nil {
		e = el.Value.(*crated).entry
	}
	l.mu.Unlock()
	if e == nil {
		if e = l.unpack(n, key, id, filing); e == nil {
			return nil
		}
	}
	l.reads.Add(1)
	return e
}

// unpack reads a file. One that is damaged or missing leaves the catalog.
func (l *loft) unpack(n name, key string, id, filing uint32) *Entry {
	root := l.root.Load()
	if root == nil {
		return nil
	}
	crate, err := root.ReadFile(n.path())
	if err == nil {
		var e *Entry
		if e, err = l.packer.uncrate(crate, key); err == nil {
			return e
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.records.at(id).filing != filing {
		return nil // it was removed meanwhile, which is no failure
	}
	l.failures++
	if errors.Is(err, errDamaged) || errors.Is(err, fs.ErrNotExist) {
		l.remove(id)
	}
	return nil
}

// LoftStats are counts of Options.Loft since New, and what is there now.
type LoftStats struct {
	// Entries have a copy; Waiting of them are not written yet.
	Entries, Waiting int
	// Bytes are used on disk, Catalog in memory.
	Bytes, Catalog int64
	// Writes and Reads that succeeded.
	Writes, Reads int64
	// Failures are writes, reads and removals that did not succeed, and pages
	// that were given up because of them.
	Failures int64
	// Evicted copies made room for others.
	Evicted int64
}

func (l *loft) stats() LoftStats {
	if l == nil {
		return LoftStats{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return LoftStats{
		Entries: len(l.ids), Waiting: len(l.queued), Bytes: l.bytes, Catalog: l.cost.Load(),
		Writes: l.writes, Reads: l.reads.Load(), Failures: l.failures, Evicted: l.evicted,
	}
}

// aside is what the loft takes of the cache's bound of memory just now.
func (l *loft) aside() int64 {
	if l == nil {
		return 0
	}
	return l.cost.Load()
}
