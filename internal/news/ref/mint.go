package ref

import (
	"sync"
	"time"
)

// epoch is the first millisecond that an identity can carry.
var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// The layout of an identity: 41 bits of milliseconds since the epoch (until
// 2093), 10 bits of node, 12 bits of counter.
const (
	counterBits = 12
	nodeBits    = 10

	// Nodes is how many nodes can mint at the same time without meeting.
	Nodes = 1 << nodeBits
)

// Mint makes identities that grow with time and never meet those of another
// node. It never goes back when the clock does.
type Mint struct {
	node int64
	now  func() time.Time

	mu   sync.Mutex
	last int64
}

// NewMint returns the mint of a node, numbered from 0 to Nodes-1.
func NewMint(node int, now func() time.Time) *Mint {
	return &Mint{node: int64(node%Nodes) << counterBits, now: now}
}

// Next returns the next identity as a number.
func (m *Mint) Next() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	tick := (m.now().UnixMilli() - epoch) << counterBits
	if tick <= m.last {
		tick = m.last + 1
	}
	m.last = tick
	return tick>>counterBits<<(counterBits+nodeBits) | m.node | tick&(1<<counterBits-1)
}

// New mints an identity of the wanted kind.
func New[T ID](m *Mint) T { return T(m.Next()) }
