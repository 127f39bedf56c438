package api

import (
	"container/list"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// guessers are the networks from which wrong tokens came.
type guessers struct {
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

// Wrong tokens from one network: one a second, thirty at once. Of more networks
// than this the one that has been quiet longest is forgotten.
const (
	guessEvery   = time.Second
	guessBurst   = 30
	mostGuessers = 10_000
)

// allow notes a wrong token, and tells whether the network may go on guessing.
func (g *guessers) allow(from netip.Prefix) bool {
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
	if len(g.from) > mostGuessers {
		delete(g.from, g.order.Remove(g.order.Back()).(*guesser).from)
	}
	return known.Value.(*guesser).limit.Allow()
}

// networkOf is the network of an address: itself for IPv4, a /64 of IPv6.
func networkOf(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // none for an address that is none
	return network
}

// noted are the refusals of the last minute that stand in the audit log.
type noted struct {
	mu sync.Mutex
	at map[refusal]time.Time
}

// refusal is which token was refused where.
type refusal struct {
	token int64
	asked string
}

// The same token is noted once a minute for a route; no more than this are noted
// in a minute.
const (
	noteEvery = time.Minute
	mostNoted = 10_000
)

// first tells whether a refusal is to be noted.
func (n *noted) first(one refusal, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at == nil {
		n.at = map[refusal]time.Time{}
	}
	if last, met := n.at[one]; met && now.Sub(last) < noteEvery {
		return false
	}
	if len(n.at) >= mostNoted {
		for other, last := range n.at {
			if now.Sub(last) >= noteEvery {
				delete(n.at, other)
			}
		}
	}
	if len(n.at) >= mostNoted {
		return false
	}
	n.at[one] = now
	return true
}

// refused writes into the audit log who asked for what they may not do, also when
// they did not wait for the answer.
func (a *API) refused(r *http.Request, who staff.Principal, why string) {
	asked := r.Method + " " + r.Pattern
	if !a.noted.first(refusal{who.Token, asked}, a.Now()) {
		return
	}
	err := a.DB.Update(context.WithoutCancel(r.Context()), func(tx *db.Tx) error {
		detail, err := db.Pack(map[string]string{"reason": why})
		audit.Append(tx, audit.Entry{At: a.Now(), By: int64(who.Person.ID), Act: "refused", Subject: asked, Detail: detail})
		return err
	})
	if err != nil {
		slog.Error("note a refusal", "who", int64(who.Person.ID), "token", who.Token, "asked", asked, "error", err)
	}
}
