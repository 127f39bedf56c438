package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// slow is R6: clients that send headers and bodies, and read answers, slowly.
func slow(ctx context.Context, r *run) error {
	if err := need("slowhttptest"); err != nil {
		return err
	}
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
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: 200, patience: time.Minute}
	if err := c.write(ctx, 4, r.seed); err != nil {
		return err
	}
	seconds := r.size(30, 8)
	for _, kind := range []struct{ name, flag, at string }{{"headers", "-H", "/en/"}, {"bodies", "-B", "/view"}, {"reads", "-X", "/en/latest/"}} {
		if err := r.slowly(ctx, n, kind.name, kind.flag, kind.at, seconds); err != nil {
			return err
		}
	}
	return nil
}

// calmReads is how many reads a second leave the machine room to breathe.
const calmReads = 400

// slowConnections is how many slow clients there are.
const slowConnections = 500

// slowly measures readers while slow clients hang on, beside readers before and
// after, because a machine's own pace moves.
func (r *run) slowly(ctx context.Context, n *node, name, flag, at string, seconds int) error {
	pace := func() ([]time.Duration, int64) {
		g := r.readAt(ctx, n.url(), calmReads)
		pause(ctx, time.Duration(seconds)*time.Second)
		g.stop()
		return g.timings(), g.failed.Load()
	}
	before, failedBefore := pace()
	idle := descriptors(n.pid())
	args := []string{flag, "-c", strconv.Itoa(slowConnections), "-r", "250", "-i", "5", "-l", strconv.Itoa(seconds + 15), "-p", "3", "-u", n.url() + at}
	if flag == "-X" {
		args = append(args, "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3")
	} else {
		args = append(args, "-x", "24")
	}
	var said string
	var attack sync.WaitGroup
	slowing, stop := context.WithCancel(ctx)
	defer stop()
	attack.Go(func() { said, _ = tool(slowing, "slowhttptest", args...) }) // it is ended when enough was measured
	most, watched := watch(slowing, n.pid())
	pause(ctx, 3*time.Second)
	during, failedDuring := pace()
	left := r.lettingGo(ctx, n, idle)
	stop()
	attack.Wait()
	<-watched
	after, failedAfter := pace()
	calm := max(quantile(before, .99), quantile(after, .99))
	if *most-idle < slowConnections/2 {
		return fmt.Errorf("slowhttptest held %d connections only: nothing was tried: %s", *most-idle, lastLine([]byte(said)))
	}
	r.report.tell("slow "+name+": descriptors at most", float64(*most), "")
	r.report.tell("slow "+name+": connections left after 30 s", float64(left), "")
	r.report.tell("slow "+name+": readers' p99 before", milliseconds(quantile(before, .99)), "ms")
	r.report.tell("slow "+name+": readers' p99 meanwhile", milliseconds(quantile(during, .99)), "ms")
	r.report.tell("slow "+name+": readers' p99 after", milliseconds(quantile(after, .99)), "ms")
	r.report.atMost("slow "+name+": p99 meanwhile against before and after", slower(quantile(during, .99), calm), "×", 2)
	r.report.exactly("slow "+name+": failed reads", int(failedBefore+failedDuring+failedAfter), 0)
	r.report.atMost("slow "+name+": connections held after 30 s without progress", float64(left), "", slowConnections/10)
	return nil
}

// descriptors is how many files and connections a process has open.
func descriptors(pid int) int {
	open, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	if err != nil {
		return 0
	}
	return len(open)
}

// watch keeps the most descriptors that a process had open, until ctx ends.
func watch(ctx context.Context, pid int) (most *int, ended chan struct{}) {
	most, ended = new(int), make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			*most = max(*most, descriptors(pid))
			pause(ctx, 100*time.Millisecond)
		}
	}()
	return most, ended
}

// lettingGo waits until the slow ones are shut out, 30 seconds at most, and
// returns how many connections are held then.
func (r *run) lettingGo(ctx context.Context, n *node, idle int) int {
	held := slowConnections
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && ctx.Err() == nil; {
		if held = min(held, max(0, descriptors(n.pid())-idle)); held < slowConnections/10 {
			break
		}
		pause(ctx, 250*time.Millisecond)
	}
	return held
}
