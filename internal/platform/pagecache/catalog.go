package pagecache

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"slices"
	"sync/atomic"
)

// What the catalog costs in memory: the structures, the map cells, the slack of
// what grows. They are measured with some reserve: see
// TestTheCatalogCostsWhatItSays.
const (
	recordCost = 136
	labelCost  = 100
	holderCost = 12
)

// name is what the file of a key is called.
type name [16]byte

func nameOf(key string) name {
	sum := sha256.Sum256([]byte(key))
	return name(sum[:16])
}

// path is where the file is, below the folder of pages: one of 256 subfolders
// keeps each small.
func (n name) path() string {
	s := hex.EncodeToString(n[:])
	return s[:2] + "/" + s[2:]
}

// catalog says what the loft has, without its bytes: a record for each key, in
// the order of use, and who carries each tag. Records and tags are numbered, so
// that a tag on a record costs a few bytes and the collector sees few pointers.
// The keys are in the files alone. Tags are known by a hash: two that share one
// are purged together, which costs a copy and never truth.
type catalog struct {
	seed           maphash.Seed
	ids            map[name]uint32
	records        slab[record]
	newest, oldest uint32
	byTag          map[uint64]uint32
	labels         slab[label]
	// cost is what all this takes in memory, in bytes.
	cost atomic.Int64
}

// record is what is known of one copy. Zero ends the list of use.
type record struct {
	name name
	// print tells two renders of a key apart.
	print uint64
	// tags are numbers of labels, sorted.
	tags []uint32
	// blocks are what the file takes on disk; zero before it is written.
	blocks uint32
	// filing changes whenever the copy does.
	filing       uint32
	newer, older uint32
}

// label is a tag and who carries it.
type label struct {
	hash uint64
	// n records carry it.
	n uint32
	// holders are their numbers, and some that were: a record leaves the list
	// only when the list is rewritten.
	holders []uint32
}

func (g *catalog) init(seed maphash.Seed) {
	g.seed, g.ids, g.byTag = seed, map[name]uint32{}, map[uint64]uint32{}
}

// find is the record of a name, or zero.
func (g *catalog) find(n name) uint32 { return g.ids[n] }

// add makes a record as the newest.
func (g *catalog) add(n name, tags []Tag) uint32 {
	id := g.records.take()
	g.records.at(id).name = n
	g.ids[n] = id
	g.push(id)
	g.cost.Add(recordCost)
	g.retag(id, tags)
	return id
}

// cut removes a record.
func (g *catalog) cut(id uint32) {
	r := g.records.at(id)
	g.unlink(id)
	delete(g.ids, r.name)
	g.cost.Add(-recordCost)
	tags := r.tags
	r.tags = nil
	for _, tag := range tags {
		g.release(tag)
	}
	g.records.give(id)
}

// retag changes what a record is purged by.
func (g *catalog) retag(id uint32, tags []Tag) {
	r := g.records.at(id)
	old := r.tags
	r.tags = make([]uint32, len(tags))
	for i, tag := range tags {
		r.tags[i] = g.number(tag)
	}
	slices.Sort(r.tags)
	r.tags = slices.Compact(r.tags)
	for _, tag := range r.tags {
		if !member(old, tag) {
			g.hold(tag, id)
		}
	}
	for _, tag := range old {
		if !member(r.tags, tag) {
			g.release(tag)
		}
	}
}

func member(sorted []uint32, n uint32) bool {
	_, found := slices.BinarySearch(sorted, n)
	return found
}

// number is the label of a tag, a new one if need be.
func (g *catalog) number(tag Tag) uint32 {
	hash := maphash.String(g.seed, string(tag))
	if n := g.byTag[hash]; n != 0 {
		return n
	}
	n := g.labels.take()
	g.labels.at(n).hash = hash
	g.byTag[hash] = n
	g.cost.Add(labelCost)
	return n
}

func (g *catalog) hold(tag, id uint32) {
	l := g.labels.at(tag)
	l.n++
	l.holders = append(l.holders, id)
	g.cost.Add(holderCost)
}

// release notes that one record less carries the tag. The list is rewritten when
// most of it is past.
func (g *catalog) release(tag uint32) {
	l := g.labels.at(tag)
	l.n--
	g.cost.Add(-holderCost)
	switch {
	case l.n == 0:
		delete(g.byTag, l.hash)
		g.cost.Add(-labelCost)
		g.labels.give(tag)
	case len(l.holders) > int(l.n+l.n/2)+4:
		l.holders = g.who(tag)
	}
}

// carriers are the records with a tag, each once.
func (g *catalog) carriers(tag Tag) []uint32 {
	if n := g.byTag[maphash.String(g.seed, string(tag))]; n != 0 {
		return g.who(n)
	}
	return nil
}

// who carries the label n.
func (g *catalog) who(n uint32) []uint32 {
	l := g.labels.at(n)
	out := make([]uint32, 0, l.n)
	seen := make([]uint64, g.records.n/64+1)
	for _, id := range l.holders {
		if seen[id/64]&(1<<(id%64)) == 0 && member(g.records.at(id).tags, n) {
			seen[id/64] |= 1 << (id % 64)
			out = append(out, id)
		}
	}
	return out
}

// touch makes a record the newest in use.
func (g *catalog) touch(id uint32) {
	if g.newest != id {
		g.unlink(id)
		g.push(id)
	}
}

func (g *catalog) push(id uint32) {
	r := g.records.at(id)
	r.newer, r.older = 0, g.newest
	if g.newest != 0 {
		g.records.at(g.newest).newer = id
	} else {
		g.oldest = id
	}
	g.newest = id
}

func (g *catalog) unlink(id uint32) {
	r := g.records.at(id)
	if r.newer != 0 {
		g.records.at(r.newer).older = r.older
	} else {
		g.newest = r.older
	}
	if r.older != 0 {
		g.records.at(r.older).newer = r.newer
	} else {
		g.oldest = r.newer
	}
	r.newer, r.older = 0, 0
}

// slabPiece is how many values a slab allocates at a time.
const slabPiece = 1024

// slab keeps values under small numbers, from one on, and never moves them.
type slab[T any] struct {
	pieces [][]T
	free   []uint32
	// n is the highest number given so far.
	n uint32
}

func (s *slab[T]) at(n uint32) *T { return &s.pieces[n/slabPiece][n%slabPiece] }

func (s *slab[T]) take() uint32 {
	if last := len(s.free) - 1; last >= 0 {
		n := s.free[last]
		s.free = s.free[:last]
		return n
	}
	s.n++
	if int(s.n/slabPiece) == len(s.pieces) {
		s.pieces = append(s.pieces, make([]T, slabPiece))
	}
	return s.n
}

// give takes a number back and empties its value.
func (s *slab[T]) give(n uint32) {
	var none T
	*s.at(n) = none
	s.free = append(s.free, n)
}
