package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// writers is how many work at once.
const writers = 8

// killed is R1: kill -9 at random moments.
func killed(ctx context.Context, r *run) error {
	url, err := r.engine(ctx)
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), url)
	if err != nil {
		return err
	}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	blows := r.size(200, 10)
	again := &comeback{room: room, node: n, hurt: n.kill}
	if err := r.injuredWriting(ctx, again, r.size(10_000, 400), blows); err != nil {
		return err
	}
	r.report.exactly("kills", len(again.took), blows)
	r.report.took("serving again", again.took, 0, 0, 2*time.Second)
	return nil
}

// comeback hurts a node and brings it back.
type comeback struct {
	room *newsroom
	node *node
	// hurt ends the node in the middle of what it does. With power it is the disk
	// that goes: what is acknowledged from then on counts for nothing.
	hurt  func()
	power bool
	// mend repairs what the node stands on, where it needs that.
	mend func(context.Context) error
	// took is how long each return took.
	took []time.Duration
	crew *crew
	url  string
}

// injuredWriting has writers do some deeds while the node is hurt at random
// moments, judges what was on its way after each, and everything at the end.
func (r *run) injuredWriting(ctx context.Context, again *comeback, deeds, blows int) error {
	c := &crew{ledger: r.ledger, report: r.report, room: again.room, url: again.node.url(), want: deeds, patience: 2 * time.Minute}
	again.crew, again.url = c, again.node.url()
	chance := rand.New(rand.NewPCG(r.seed, 0x626c6f77))
	moments := make([]int, blows)
	for n := range moments {
		moments[n] = 1 + chance.IntN(max(1, deeds-deeds/20))
	}
	slices.Sort(moments)
	writing, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	var failure error
	ended := make(chan struct{})
	all.Go(func() {
		defer close(ended)
		failure = c.write(writing, writers, r.seed)
	})
	for n, at := range moments {
		if err := r.until(writing, ended, at); err != nil {
			break
		}
		pause(ctx, time.Duration(chance.IntN(int(15*time.Millisecond))))
		if err := again.blow(ctx, r); err != nil {
			stop()
			all.Wait()
			return fmt.Errorf("injury %d: %w", n+1, err)
		}
		if (n+1)%20 == 0 {
			r.say("%d of %d injuries, %s", n+1, blows, r.ledger.summary())
		}
	}
	all.Wait()
	if failure != nil {
		return failure
	}
	c.answered()
	c.mu.Lock()
	r.report.took("a deed over an injury", c.gaps, 0, 0, 0)
	c.mu.Unlock()
	return r.verdict(ctx, again.room, again.url)
}

// until waits until some deeds are acknowledged.
func (r *run) until(ctx context.Context, ended chan struct{}, deeds int) error {
	for r.ledger.done() < deeds {
		select {
		case <-ended:
			return errGone
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// blow hurts the node once, brings it back, and judges what was on its way
// before anybody may try again.
func (b *comeback) blow(ctx context.Context, r *run) error {
	if b.power {
		// The trap: what is acknowledged while the power goes is worth nothing.
		b.crew.cutting.Store(true)
		r.ledger.mark(injured)
	}
	b.hurt()
	b.crew.gate.Lock()
	defer b.crew.gate.Unlock()
	if b.power {
		b.crew.cutting.Store(false)
		r.ledger.mark(healed)
	}
	if b.mend != nil {
		if err := b.mend(ctx); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := b.node.start(ctx); err != nil {
		return err
	}
	if err := b.node.serving(ctx, "/"+edition+"/"); err != nil {
		return err
	}
	b.took = append(b.took, time.Since(began))
	return r.onTheWay(ctx, b.room, b.url)
}

// onTheWay judges the stories whose newest deed is unknown or newest.
func (r *run) onTheWay(ctx context.Context, room *newsroom, url string) error {
	var last []history
	for _, h := range r.ledger.histories() {
		newest := h[len(h)-1]
		if !newest.refused && (newest.acked.IsZero() || time.Since(newest.acked) < 5*time.Second) {
			last = append(last, h)
		}
	}
	if extra := len(last) - 3*writers; extra > 0 {
		last = last[extra:]
	}
	found, err := room.judge(url).all(ctx, last)
	if err != nil {
		return fmt.Errorf("judge after an injury: %w", err)
	}
	r.report.found(found...)
	return nil
}

// verdict judges every story, with every save and version of it.
func (r *run) verdict(ctx context.Context, room *newsroom, url string) error {
	histories := r.ledger.histories()
	r.say("judging %d stories", len(histories))
	j := room.judge(url)
	j.deep = true
	found, err := j.all(ctx, histories)
	if err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	r.report.found(found...)
	strangers, err := j.strangers(ctx, histories)
	if err != nil {
		return fmt.Errorf("look for what nobody wrote: %w", err)
	}
	r.report.found(strangers...)
	for _, n := range room.nodes {
		for _, panicked := range n.said.panics() {
			r.report.found(finding{rude, "none", "log of node " + n.name, panicked, "no panic"})
		}
	}
	r.report.tell("acknowledged deeds", float64(r.ledger.done()), "")
	r.report.judgeAll()
	r.report.exactly("stories that nobody wrote", r.report.wrong(foreign), 0)
	return nil
}

// roomFor makes a folder of the run's.
func (r *run) roomFor(name string) (string, error) {
	at := filepath.Join(r.dir, name)
	return at, os.MkdirAll(at, 0o755)
}
