package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// cluster is one newsroom served by three nodes behind a proxy.
type cluster struct {
	room  *newsroom
	nodes []*node
	proxy haproxy
}

// three makes a newsroom with three nodes on one PostgreSQL.
func (r *run) three(ctx context.Context, url string, args ...string) (*cluster, error) {
	room, err := r.newsroom(ctx, r.folder("data"), url)
	if err != nil {
		return nil, err
	}
	return r.clustered(ctx, room, args...)
}

func (r *run) clustered(ctx context.Context, room *newsroom, args ...string) (*cluster, error) {
	c := &cluster{room: room}
	for range 3 {
		n, err := room.node(ctx, args...)
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, n)
	}
	var err error
	c.proxy, err = r.haproxy(ctx, c.nodes)
	return c, err
}

// threeNodes is R7: one of three is killed again and again.
func threeNodes(ctx context.Context, r *run) error {
	if err := need("haproxy"); err != nil {
		return err
	}
	r.asked("postgres")
	url, err := r.engine(ctx)
	if err != nil {
		return err
	}
	bus, err := r.nats(ctx)
	if err != nil {
		return err
	}
	c, err := r.three(ctx, url, "--bus", bus)
	if err != nil {
		return err
	}
	before := &crew{ledger: r.ledger, report: r.report, room: c.room, url: c.proxy.url(), want: r.size(1000, 100), patience: time.Minute}
	if err := before.write(ctx, 4, r.seed); err != nil {
		return err
	}
	reading := r.readAll(ctx, c.proxy.url())
	defer reading.stop()
	writing, stop := context.WithCancel(ctx)
	defer stop()
	during := &crew{ledger: r.ledger, report: r.report, room: c.room, url: c.proxy.url(), want: 1 << 30, each: 100 * time.Millisecond, patience: 2 * time.Minute}
	var all sync.WaitGroup
	var failure error
	all.Go(func() { failure = during.write(writing, 2, r.seed+1_000_003) })
	rounds, reads := r.size(20, 3), r.size(200_000, 3000)
	blows := 0
	for chance := rand.New(rand.NewPCG(r.seed, 7)); (blows < rounds || int(reading.asked.Load()) < reads) && ctx.Err() == nil; blows++ {
		n := c.nodes[chance.IntN(len(c.nodes))]
		n.kill()
		pause(ctx, time.Duration(500+chance.IntN(1500))*time.Millisecond)
		if err := n.start(ctx); err != nil {
			return err
		}
		// The proxy takes a node back after two checks; only one may be away.
		pause(ctx, 2*time.Second)
		r.say("%d kills, %d reads, %d failed, %s", blows+1, reading.asked.Load(), reading.failed.Load(), r.ledger.summary())
	}
	reading.stop()
	stop()
	all.Wait()
	if failure != nil {
		return failure
	}
	during.answered()
	r.report.atLeast("kills of one of three nodes", float64(blows), "", float64(rounds))
	reading.judged(r.report, "through the proxy", reads)
	r.report.took("a read", reading.timings(), 0, 0, 0)
	for _, n := range c.nodes {
		if err := r.agrees(ctx, c.room, n); err != nil {
			return err
		}
	}
	return r.verdict(ctx, c.room, c.nodes[0].url())
}

// agrees judges what readers of one node see.
func (r *run) agrees(ctx context.Context, room *newsroom, n *node) error {
	found, err := room.judge(n.url()).all(ctx, r.ledger.histories())
	if err != nil {
		return fmt.Errorf("judge node %s: %w", n.name, err)
	}
	r.report.found(found...)
	return nil
}
