package readership

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"broadsheet/internal/news/ref"
)

// Reader is as much of a reader as keeps a reload from counting twice. It is
// hashed at once and written nowhere.
type Reader struct {
	// Addr is where the request came from.
	Addr netip.Addr
	// Agent is what the browser calls itself.
	Agent string
}

// household is how much of an IPv6 address is one reader's: devices make up the
// rest themselves, as many as they like.
const household = 64

// mostFrom is how many views of a story count in a day from one address, or from
// one household's part of the IPv6 addresses: what a carrier puts behind one
// address reads it, and a loop with changing agents gains no more.
const mostFrom = 250

// crowds is in how many places a part counts views by their origin. Origins that
// share a place share its bound.
const crowds = 1 << 16

// The bounds of what is remembered of a day. Up to exactEach*parts views are
// remembered one by one, in 64 MiB at most; those beyond by 16 bits of their
// hash, in 64 MiB more, which have room for 32 million and then forget the
// oldest. Of those one in two thousand is taken for a reload and not counted.
const (
	parts     = 64
	partBits  = 6
	exactEach = 1 << 16
	firstRoom = 1 << 8
	lines     = 1 << 14
	lineSize  = 31
)

// seen remembers which reader was counted on which story today. Days are UTC's.
// With the day go the hashes and the salt that they were made with.
type seen struct{ today atomic.Pointer[day] }

type day struct {
	number int64
	salt   maphash.Seed
	parts  [parts]part
}

// part is a share of the day's hashes.
type part struct {
	mu sync.Mutex
	// exact is an open hash table, 0 where it is empty; half of it at most is
	// full.
	exact []uint64
	count int
	// rest has 16 bits of each hash that exact had no room for; nil until then.
	rest []line
	// from counts the views of a story by their origin; nil before the first.
	from []uint8
}

// line has the newest hashes of those that belong in it.
type line struct {
	next   uint16
	hashes [lineSize]uint16
}

// turn makes the day of a moment today.
func (s *seen) turn(at time.Time) *day {
	number := at.Unix() / (24 * 60 * 60)
	for {
		today := s.today.Load()
		if today != nil && today.number == number {
			return today
		}
		if fresh := (&day{number: number, salt: maphash.MakeSeed()}); s.today.CompareAndSwap(today, fresh) {
			return fresh
		}
	}
}

// first tells whether this is the reader's first view of the story today, and one
// that counts from there, and remembers it.
func (s *seen) first(at time.Time, id ref.Story, by Reader) bool {
	today := s.turn(at)
	return today.add(today.hashes(id, by))
}

// hashes are those of a story with where a reader comes from, and with the reader.
func (d *day) hashes(id ref.Story, by Reader) (origin, reader uint64) {
	addr := by.Addr.Unmap()
	if addr.Is6() {
		if prefix, err := addr.WithZone("").Prefix(household); err == nil {
			addr = prefix.Addr()
		}
	}
	var room [24]byte
	bytes := addr.As16()
	copy(room[:], bytes[:])
	binary.NativeEndian.PutUint64(room[16:], uint64(id))
	var h maphash.Hash
	h.SetSeed(d.salt)
	h.Write(room[:])
	origin = h.Sum64()
	h.WriteString(by.Agent)
	return origin, max(h.Sum64(), 1)
}

// add remembers a reader; false when that is done already, or when enough came
// from the same origin.
func (d *day) add(origin, reader uint64) bool {
	p := &d.parts[origin>>(64-partBits)]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exact == nil {
		p.exact, p.from = make([]uint64, firstRoom), make([]uint8, crowds)
	}
	from := &p.from[origin%crowds]
	if *from == mostFrom || !p.remember(reader) {
		return false
	}
	*from++
	return true
}

// remember keeps a hash; false when it is kept already.
func (p *part) remember(hash uint64) bool {
	at := find(p.exact, hash)
	if p.exact[at] == hash {
		return false
	}
	if p.count == exactEach {
		return p.addRest(hash)
	}
	p.exact[at] = hash
	p.count++
	if 2*p.count > len(p.exact) && p.count < exactEach {
		p.grow()
	}
	return true
}

// find returns where a hash is, or where there is room for it.
func find(table []uint64, hash uint64) int {
	mask := len(table) - 1
	at := int(hash) & mask
	for table[at] != 0 && table[at] != hash {
		at = (at + 1) & mask
	}
	return at
}

func (p *part) grow() {
	larger := make([]uint64, 2*len(p.exact))
	for _, hash := range p.exact {
		if hash != 0 {
			larger[find(larger, hash)] = hash
		}
	}
	p.exact = larger
}

func (p *part) addRest(hash uint64) bool {
	if p.rest == nil {
		p.rest = make([]line, lines)
	}
	l := &p.rest[hash>>16%lines]
	short := max(uint16(hash), 1)
	for _, other := range l.hashes {
		if other == short {
			return false
		}
	}
	l.hashes[l.next%lineSize] = short
	l.next = (l.next + 1) % lineSize
	return true
}
