package db

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A server that hangs is worse than one that refuses: every asker would wait
// for it. So one connection of its own asks it twice a second, and while there
// is no answer all other work is refused at once, and what was under way is cut
// short.

const (
	// watchEvery is how often the server is asked, answerWithin how long it may
	// take: together how late its absence is noticed.
	watchEvery   = 500 * time.Millisecond
	answerWithin = time.Second
)

// presence is whether the server answers.
type presence struct {
	mu sync.Mutex
	// work ends when the server goes away; a new one begins when it is back.
	work context.Context
	end  context.CancelFunc
	away bool
	// doubt asks for a look before the next tick.
	doubt chan struct{}
}

func newPresence() *presence {
	p := &presence{doubt: make(chan struct{}, 1)}
	p.work, p.end = context.WithCancel(context.Background())
	return p
}

// errAway is what work is ended with when the server goes away.
var errAway = fmt.Errorf("%w: it was asked, and was silent", ErrUnavailable)

// join returns a context that ends with ctx or with the server's presence.
func (p *presence) join(ctx context.Context) (context.Context, context.CancelFunc, error) {
	p.mu.Lock()
	work, away := p.work, p.away
	p.mu.Unlock()
	if away {
		return nil, nil, errAway
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(work, func() { cancel(errAway) })
	return ctx, func() { stop(); cancel(nil) }, nil
}

// gone notes that the server does not answer.
func (p *presence) gone() (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return false
	}
	p.away = true
	p.end()
	return true
}

// back notes that it does.
func (p *presence) back() (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.away {
		return false
	}
	p.away = false
	p.work, p.end = context.WithCancel(context.Background())
	return true
}

// suspect asks for a look at once.
func (p *presence) suspect() {
	select {
	case p.doubt <- struct{}{}:
	default:
	}
}

// Away tells whether the database was asked lately and gave no answer. Without
// Watch nobody asks.
func (d *DB) Away() bool {
	if d.engine == SQLite {
		return false
	}
	p := d.server.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.away
}

// Watch asks the database again and again whether it is there, and sets the
// clock by it, until ctx ends. A file is always there.
func (d *DB) Watch(ctx context.Context) {
	if d.engine == SQLite {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		d.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.server.presence.doubt:
		}
	}
}

func (d *DB) look(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := d.readClock(within)
	switch {
	case ctx.Err() != nil:
	case err == nil && d.server.presence.back():
		slog.Info("the database answers again", "database", d.place)
	case err != nil && d.server.presence.gone():
		slog.Error("the database does not answer: what is kept is served, nothing can be written", "database", d.place, "error", err)
	}
}
