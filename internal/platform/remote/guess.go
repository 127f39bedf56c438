package remote

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Guesses counts the wrong guesses at secrets by the networks that they came from. The
// zero value is ready.
type Guesses struct {
	mu   sync.Mutex
	from map[netip.Prefix]*list.Element
	// order has those that guessed last in front.
	order list.List
}

// guesser is one network.
type guesser struct {
	from  netip.Prefix
	limit *rate.Limiter
}

// Wrong guesses from one network: one a second, thirty at once. Of more networks
// than this the one that has been quiet longest is forgotten.
const (
	guessEvery   = time.Second
	guessBurst   = 30
	mostNetworks = 10_000
)

// Allow notes one more, and tells whether the network may go on guessing.
func (g *Guesses) Allow(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.from == nil {
		g.from = map[netip.Prefix]*list.Element{}
	}
	known := g.from[from]
	if known == nil {
		known = g.order.PushFront(&guesser{from, rate.NewLimiter(rate.Every(guessEvery), guessBurst)})
		g.from[from] = known
	}
	g.order.MoveToFront(known)
	if len(g.from) > mostNetworks {
		delete(g.from, g.order.Remove(g.order.Back()).(*guesser).from)
	}
	return known.Value.(*guesser).limit.Allow()
}

// Spent tells whether a network may not guess any more for now. It notes nothing.
func (g *Guesses) Spent(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := g.from[from]
	return known != nil && known.Value.(*guesser).limit.Tokens() < 1
}

// Network is the network of an address: itself for IPv4, a /64 of IPv6.
func Network(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // none for an address that is none
	return network
}
