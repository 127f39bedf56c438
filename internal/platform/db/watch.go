package db

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A server that hangs is worse than one that refuses: every asker would wait
// for it. So one connection of its own asks it twice a second. When there is no
// answer, new work is refused at once and the server is asked again on a new
// connection; when that is not answered either, what was under way is cut short.

const (
	// watchEvery is how often the server is asked, answerWithin how long it may
	// take: together how late its absence is noticed. A second silence of
	// cutAfter cuts what is under way.
	watchEvery   = 500 * time.Millisecond
	answerWithin = time.Second
	cutAfter     = 500 * time.Millisecond
	// watchGap is the least time between two looks, however many doubt.
	watchGap = 100 * time.Millisecond
	// dialWithin is how long each host may take to be reached by who watches: the
	// next one may be there.
	dialWithin = 2 * time.Second
)

// presence is whether the server answers.
type presence struct {
	mu sync.Mutex
	// work ends when the server stays away; a new one begins when it is back.
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

// refuse has new work refused.
func (p *presence) refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = true
}

// cut ends what is under way, unless the server is back meanwhile.
func (p *presence) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		p.end()
	}
}

// back notes that the server answers.
func (p *presence) back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = false
	if p.work.Err() != nil {
		p.work, p.end = context.WithCancel(context.Background())
	}
}

func (p *presence) isAway() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.away
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
	return d.server.presence.isAway()
}

// Watch asks the database again and again whether it is there, and sets the
// clock by it, until ctx ends. A file is always there.
func (d *DB) Watch(ctx context.Context) {
	if d.engine == SQLite {
		return
	}
	d.lookAgain(ctx, func(ctx context.Context) error { return d.readClock(ctx, d.server.watch) })
}

func (d *DB) lookAgain(ctx context.Context, ask func(context.Context) error) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		d.look(ctx, ask)
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchGap):
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.server.presence.doubt:
		}
	}
}

// look asks whether the server is there. Who is silent once may have lost a
// packet; who is silent again, on a new connection, is away.
func (d *DB) look(ctx context.Context, ask func(context.Context) error) {
	p := d.server.presence
	if !p.isAway() {
		err := within(ctx, answerWithin, ask)
		if err == nil || ctx.Err() != nil {
			return
		}
		p.refuse()
		slog.Error("the database does not answer: what is kept is served, nothing can be written", "database", d.place, "error", err)
	}
	silent := time.AfterFunc(cutAfter, p.cut)
	defer silent.Stop()
	err := within(ctx, d.server.reachWithin, ask)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		p.cut()
	default:
		d.server.renew()
		p.back()
		slog.Info("the database answers again", "database", d.place)
	}
}

func within(ctx context.Context, most time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return ask(ctx)
}
