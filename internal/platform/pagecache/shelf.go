package pagecache

import (
	"sync"
	"sync/atomic"
)

// shardCount spreads readers over locks; a power of two.
const shardCount = 64

// What an entry costs beside its bytes: the structures, the map cells and what
// the allocator rounds up. They are measured with some reserve: see
// TestTheBoundHoldsForTheHeap.
const (
	slotCost = 768
	tagCost  = 256
)

// shard holds the live slots of some keys. Only the holder of the cache's mutex
// writes to it.
type shard struct {
	mu    sync.RWMutex
	slots map[string]*slot
	hits  atomic.Int64
	// The next shard's lock begins on another cache line.
	_ [64]byte
}

// slot is an entry's place on the shelf.
type slot struct {
	key        string
	entry      *Entry
	cost       int64
	visited    atomic.Bool
	in         *list
	prev, next *slot
}

// shelf is what is kept, for the holder of the cache's mutex: the live slots in
// SIEVE order, the dropped ones oldest last, and where each tag is.
type shelf struct {
	max, bytes int64
	evicted    int64
	shard      func(key string) *shard
	// aside is what others take of max; nil means nothing. evict is told what is
	// evicted; nil means nobody.
	aside     func() int64
	evict     func(key string, e *Entry)
	live, old list
	// hand is where SIEVE looks next; nil means at the oldest.
	hand   *slot
	copies map[string]*slot
	tagged map[Tag]map[*slot]struct{}
}

func (h *shelf) init(max int64, shard func(string) *shard) {
	h.max, h.shard = max, shard
	h.copies = map[string]*slot{}
	h.tagged = map[Tag]map[*slot]struct{}{}
}

// put keeps e under a key that is free. It says no when e alone is too large.
func (h *shelf) put(key string, e *Entry) bool {
	s := &slot{key: key, entry: e, cost: slotCost + int64(len(key)) + e.size()}
	for _, tag := range e.tags {
		s.cost += tagCost + int64(len(tag))
	}
	if !h.makeRoom(s.cost) {
		return false
	}
	h.bytes += s.cost
	h.live.push(s)
	for _, tag := range e.tags {
		if h.tagged[tag] == nil {
			h.tagged[tag] = map[*slot]struct{}{}
		}
		h.tagged[tag][s] = struct{}{}
	}
	h.show(s)
	return true
}

// grow adds n bytes to the cost of s, if s is still live and there is room.
func (h *shelf) grow(s *slot, n int64) bool {
	if s.in != &h.live || s.cost+n > h.max || !h.makeRoom(n) {
		return false
	}
	if s.in != &h.live { // it made the room itself
		return false
	}
	s.cost += n
	h.bytes += n
	return true
}

func (h *shelf) makeRoom(n int64) bool {
	if n > h.room() {
		return false
	}
	for h.bytes+n > h.room() {
		if h.bytes == 0 {
			return false
		}
		h.evicted++
		s := h.victim()
		h.drain(s)
		if h.evict != nil {
			h.evict(s.key, s.entry)
		}
	}
	return true
}

// room is the part of max that is the shelf's.
func (h *shelf) room() int64 {
	if h.aside == nil {
		return h.max
	}
	return h.max - h.aside()
}

// victim is the oldest copy, or else the first slot from the hand on that was
// not visited since the hand came by last.
func (h *shelf) victim() *slot {
	if h.old.tail != nil {
		return h.old.tail
	}
	s := h.hand
	for {
		if s == nil {
			s = h.live.tail
		}
		if !s.visited.Load() {
			return s
		}
		s.visited.Store(false)
		s = s.prev
		h.hand = s
	}
}

// drain removes a slot and all that points to it.
func (h *shelf) drain(s *slot) {
	if s.in == &h.live {
		h.hide(s)
	} else {
		delete(h.copies, s.key)
		h.old.cut(s)
	}
	h.bytes -= s.cost
	for _, tag := range s.entry.tags {
		delete(h.tagged[tag], s)
		if len(h.tagged[tag]) == 0 {
			delete(h.tagged, tag)
		}
	}
}

func (h *shelf) show(s *slot) {
	sh := h.shard(s.key)
	sh.mu.Lock()
	sh.slots[s.key] = s
	sh.mu.Unlock()
}

// hide takes a live slot from its readers and from the SIEVE.
func (h *shelf) hide(s *slot) {
	sh := h.shard(s.key)
	sh.mu.Lock()
	delete(sh.slots, s.key)
	sh.mu.Unlock()
	if h.hand == s {
		h.hand = s.prev
	}
	h.live.cut(s)
}

func (h *shelf) at(key string) *slot {
	sh := h.shard(key)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.slots[key]
}

// lastResort is any copy under key, dropped or past its time.
func (h *shelf) lastResort(key string) *slot {
	if s := h.at(key); s != nil {
		return s
	}
	return h.copies[key]
}

// remove forgets what is under key, copies too.
func (h *shelf) remove(key string) {
	if s := h.at(key); s != nil {
		h.drain(s)
	}
	if s := h.copies[key]; s != nil {
		h.drain(s)
	}
}

func (h *shelf) drop(tags []Tag) (n int) {
	for _, tag := range tags {
		for s := range h.tagged[tag] {
			if s.in == &h.live {
				h.retire(s)
				n++
			}
		}
	}
	return n
}

// retire makes a live slot a last resort. Of two copies the newer stays.
func (h *shelf) retire(s *slot) {
	if older := h.copies[s.key]; older != nil {
		h.drain(older)
	}
	h.hide(s)
	h.old.push(s)
	h.copies[s.key] = s
}

func (h *shelf) purge(tags []Tag) (keys []string) {
	for _, tag := range tags {
		for s := range h.tagged[tag] {
			keys = append(keys, s.key)
			h.drain(s)
		}
	}
	return keys
}

func (h *shelf) clear() {
	for h.live.tail != nil {
		h.drain(h.live.tail)
	}
	for h.old.tail != nil {
		h.drain(h.old.tail)
	}
}

// list is a doubly linked list of slots, newest at the head.
type list struct {
	head, tail *slot
	n          int
}

func (l *list) push(s *slot) {
	s.in, s.prev, s.next = l, nil, l.head
	if l.head != nil {
		l.head.prev = s
	} else {
		l.tail = s
	}
	l.head = s
	l.n++
}

func (l *list) cut(s *slot) {
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		l.head = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		l.tail = s.prev
	}
	s.in, s.prev, s.next = nil, nil, nil
	l.n--
}
