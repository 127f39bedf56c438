package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// full is R3: the disk fills, and is emptied again.
func full(ctx context.Context, r *run) error {
	if err := asRoot(); err != nil {
		return err
	}
	at, err := r.roomFor("full")
	if err != nil {
		return err
	}
	if _, err := tool(ctx, "mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", at); err != nil {
		return skip{"this machine mounts no tmpfs: " + err.Error()}
	}
	r.later(func() { tool(context.Background(), "umount", "-l", at) })
	room, err := r.newsroom(ctx, filepath.Join(at, "data"), "")
	if err != nil {
		return err
	}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: r.size(1000, 150), patience: time.Minute}
	if err := c.write(ctx, 4, r.seed); err != nil {
		return err
	}
	reading := r.readAll(ctx, n.url())
	defer reading.stop()
	ballast := filepath.Join(at, "ballast")
	for round := range r.size(10, 2) {
		if err := r.fillAndFree(ctx, room, n, ballast, round); err != nil {
			return err
		}
	}
	reading.judged(r.report, "meanwhile", r.size(20_000, 500))
	c.answered()
	return r.verdict(ctx, room, n.url())
}

// fill takes all the room there is.
func fill(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return nil
}

// fillAndFree fills the disk, sees how writes are refused, frees it, and
// measures how long until one is taken.
func (r *run) fillAndFree(ctx context.Context, room *newsroom, n *node, ballast string, round int) error {
	if err := fill(ballast); err != nil {
		return err
	}
	a := newAPI(n.url(), room.editor)
	w := (&crew{ledger: r.ledger, report: r.report, room: room}).writer(r.seed+uint64(round), a)
	tries, refusedIn := 0, []time.Duration(nil)
	// The database may still have room inside its files: write until it says no.
	for len(refusedIn) < 5 && tries < 3000 {
		tries++
		if len(refusedIn) > 0 {
			fill(ballast + "-more") // what a checkpoint freed
		}
		out, err := r.oneStory(ctx, w, a)
		if err != nil {
			return fmt.Errorf("write on a full disk: %w", err)
		}
		if out.status == http.StatusCreated {
			continue
		}
		refusedIn = append(refusedIn, out.took)
		if out.status != http.StatusInsufficientStorage || !strings.Contains(out.sentence(), " ") {
			r.report.found(finding{rude, w.now.own, "a write on a full disk", fmt.Sprintf("%d %q", out.status, out.sentence()), "507 and a sentence"})
		}
		if round == 0 && len(refusedIn) == 1 {
			r.report.note("on a full disk a writer is told %d: %s", out.status, out.sentence())
		}
	}
	r.report.atLeast(fmt.Sprintf("writes refused, round %d", round+1), float64(len(refusedIn)), "", 5)
	r.report.took(fmt.Sprintf("refusal, round %d", round+1), refusedIn, 0, 0, time.Second)
	freed := time.Now()
	for _, file := range []string{ballast, ballast + "-more"} {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("free the disk: %w", err)
		}
	}
	err := patience(ctx, 30*time.Second, 20*time.Millisecond, func() error {
		out, err := r.oneStory(ctx, w, a)
		if err == nil && out.status != http.StatusCreated {
			err = fmt.Errorf("%d %s", out.status, out.sentence())
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("write after space returned: %w", err)
	}
	r.report.atMost(fmt.Sprintf("writes taken again, round %d", round+1), milliseconds(time.Since(freed)), "ms", 5000)
	return nil
}

// oneStory creates one story, with the ledger.
func (r *run) oneStory(ctx context.Context, w *writer, a *api) (answer, error) {
	t := w.begun("ledger-")
	d := r.ledger.sent(deed{Writer: w.n, Act: creating, Own: w.now.own, Sum: t.sum(), Headline: t.headline})
	to := w.call(creating, t)
	to.key = d.Key
	out, err := a.do(ctx, to)
	if err != nil {
		return out, err
	}
	d.Status = out.status
	if out.status != http.StatusCreated {
		r.ledger.refused(d)
		return out, nil
	}
	p, err := out.promised()
	d.Story, d.Sequence = p.ID, p.Sequence
	r.ledger.acked(d)
	return out, err
}

// reading is readers who read until they are stopped.
type reading struct {
	asked, failed atomic.Int64
	ended         func()
	once          sync.Once
	all           sync.WaitGroup
	mu            sync.Mutex
	took          []time.Duration
	// bad are the failed reads by address and what was answered.
	bad map[string]int
}

func (g *reading) stop() { g.once.Do(func() { g.ended(); g.all.Wait() }) }

// worst tells of the addresses that failed most.
func (g *reading) worst() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.SortedFunc(maps.Keys(g.bad), func(a, b string) int { return g.bad[b] - g.bad[a] })
	var out []string
	for _, at := range all[:min(5, len(all))] {
		out = append(out, fmt.Sprintf("%d × %s", g.bad[at], at))
	}
	if len(all) > len(out) {
		out = append(out, fmt.Sprintf("… %d addresses in all", len(all)))
	}
	return strings.Join(out, "; ")
}

// timings are how long the reads took so far.
func (g *reading) timings() []time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Duration(nil), g.took...)
}

// readers is how many read at once.
const readers = 4

// readAll walks every address that is published, round after round, as fast as
// answers come.
func (r *run) readAll(ctx context.Context, url string) *reading { return r.readAt(ctx, url, 0) }

// readAt is readAll with so many reads a second: who reads as fast as he can
// measures how busy the machine is. Each address is read once before, as those
// that a newsroom keeps have been.
func (r *run) readAt(ctx context.Context, url string, perSecond int) *reading {
	g := &reading{bad: map[string]int{}}
	ctx, g.ended = context.WithCancel(ctx)
	first := newReader(url)
	paths := first.published(ctx)
	for _, at := range paths {
		first.get(ctx, at) // to have been read; a failure shows in the rounds
	}
	r.say("%d addresses are read", len(paths))
	for n := range readers {
		from := newReader(url)
		g.all.Go(func() {
			began := time.Now()
			for i := 0; ctx.Err() == nil && len(paths) > 0; i++ {
				if perSecond > 0 {
					pause(ctx, time.Until(began.Add(time.Duration(i)*time.Second*readers/time.Duration(perSecond))))
				}
				g.read(ctx, from, paths[(n+i)%len(paths)])
			}
		})
	}
	return g
}

func (g *reading) read(ctx context.Context, from *reader, at string) {
	out, err := from.get(ctx, at)
	if ctx.Err() != nil {
		return
	}
	g.asked.Add(1)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.took = append(g.took, out.took)
	// A story that a writer withdrew answers 410: the judge says whether rightly.
	if err == nil && (out.status == http.StatusOK || out.status == http.StatusGone) {
		return
	}
	g.failed.Add(1)
	if err != nil {
		at += " (" + err.Error() + ")"
	} else {
		at += fmt.Sprintf(" (%d)", out.status)
	}
	g.bad[at]++
}

// judged puts what the readers met into the report.
func (g *reading) judged(r *report, when string, atLeast int) {
	g.stop()
	r.atLeast("reads "+when, float64(g.asked.Load()), "", float64(atLeast))
	r.exactly("failed reads "+when, int(g.failed.Load()), 0)
	if worst := g.worst(); worst != "" {
		r.note("failed reads %s: %s", when, worst)
	}
}

// published are all addresses of an edition that readers may have read: its
// stories, lists, feeds and sitemaps.
func (r *reader) published(ctx context.Context) []string {
	home := "/" + edition + "/"
	all := []string{"/", home, home + "latest/", home + "news/", home + "feed.xml", home + "news/feed.xml", "/sitemap.xml", home + "sitemap-news.xml", "/robots.txt"}
	l, err := r.sitemaps(ctx)
	if err != nil {
		return all
	}
	for at := range l.heads {
		all = append(all, at)
	}
	return all
}
