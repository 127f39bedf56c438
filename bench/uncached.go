package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"
)

// The goals of a page that must be made.
const (
	goalStoryCPU   = 3 * time.Millisecond
	goalFrontCPU   = 10 * time.Millisecond
	goalPackingCPU = 3 * time.Millisecond
)

// made are the stretches of one kind of page in one encoding, round by round.
type made map[string][]stretch

// encodings in which pages are asked for.
func encodings() []string { return []string{"identity", "gzip", "zstd"} }

// uncached measures pages that must be made: nothing is kept, so that each
// request reads the database and renders everything, also what many pages share.
func (b *bench) uncached(ctx context.Context) error {
	dir, err := b.demo(ctx)
	if err != nil {
		return err
	}
	s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback, "--cache-mb", "0")
	if err != nil {
		return err
	}
	defer s.stop()
	found, err := survey(ctx, s)
	if err != nil {
		return err
	}
	found[storyPage] = slices.DeleteFunc(found[storyPage], long)
	walks, err := b.walkAll(ctx, s, found)
	if err != nil {
		return err
	}
	judgeMade(b.report, walks)
	if err := packing(ctx, s, found, b.report); err != nil {
		return err
	}
	s.stop() // the folder is one server's
	return b.cold(ctx, dir, found)
}

// cold measures the first request for a page: it is made while what it shares with
// others is kept, as for a reader of a story that nobody read before. A name that was
// never asked for makes a page cold again.
func (b *bench) cold(ctx context.Context, dir string, found pages) error {
	s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback)
	if err != nil {
		return err
	}
	defer s.stop()
	c := newClient()
	defer c.close()
	asked := 0
	c.host = func() string { asked++; return fmt.Sprintf("n%d.localhost", asked) }
	goals := map[string]time.Duration{storyPage: goalStoryCPU, frontPage: goalFrontCPU}
	walks := made{}
	for range b.rounds {
		for _, kind := range []string{storyPage, frontPage} {
			w, err := c.walk(ctx, s, found[kind], "identity", b.quick)
			if err != nil {
				return err
			}
			walks[kind] = append(walks[kind], w)
		}
	}
	for _, kind := range []string{storyPage, frontPage} {
		named := func(name string) figure {
			return figure{Part: partUncached, Name: kind + ", first request: " + name, Unit: "ms"}
		}
		b.report.goal(named("p50"), atMost, milliseconds(goals[kind]), walks.late(kind, 0.5)...)
		b.report.tell(named("p99"), walks.late(kind, 0.99)...)
	}
	return nil
}

// walkAll asks for each kind of page in each encoding, in turns.
func (b *bench) walkAll(ctx context.Context, s *server, found pages) (made, error) {
	c := newClient()
	defer c.close()
	walks := made{}
	for round := range b.rounds {
		b.say("round %d of %d", round+1, b.rounds)
		for _, kind := range kinds() {
			if len(found[kind]) == 0 {
				continue
			}
			for n := range encodings() {
				encoding := encodings()[(n+round)%len(encodings())]
				w, err := c.walk(ctx, s, found[kind], encoding, b.quick)
				if err != nil {
					return nil, err
				}
				walks[kind+" "+encoding] = append(walks[kind+" "+encoding], w)
			}
		}
	}
	return walks, nil
}

// judgeMade writes the figures.
func judgeMade(r *report, walks made) {
	named := func(name string) figure { return figure{Part: partUncached, Name: name, Unit: "ms"} }
	r.goal(named("story: CPU per request, uncompressed"), atMost, milliseconds(goalStoryCPU), walks.cpu("story identity")...)
	r.goal(named("front: CPU per request, uncompressed"), atMost, milliseconds(goalFrontCPU), walks.cpu("front identity")...)
	for _, kind := range []string{storyPage, frontPage} {
		for _, encoding := range encodings()[1:] {
			more := less(walks.cpu(kind+" "+encoding), walks.cpu(kind+" identity"))
			r.goal(named(kind+": what "+encoding+" adds"), atMost, milliseconds(goalPackingCPU), more...)
		}
	}
	for _, kind := range kinds() {
		for _, encoding := range encodings() {
			name := kind + " " + encoding
			if walks[name] == nil {
				continue
			}
			r.tell(named(kind+", "+encoding+": CPU per request"), walks.cpu(name)...)
			if encoding == "identity" {
				r.tell(named(kind+", identity: p50"), walks.late(name, 0.5)...)
				r.tell(named(kind+", identity: p99"), walks.late(name, 0.99)...)
			}
		}
	}
}

func (m made) cpu(name string) []float64 {
	var all []float64
	for _, w := range m[name] {
		all = append(all, milliseconds(w.cpu))
	}
	return all
}

func (m made) late(name string, share float64) []float64 {
	var all []float64
	for _, w := range m[name] {
		all = append(all, milliseconds(quantile(w.took, share)))
	}
	return all
}

// less subtracts round by round.
func less(all, without []float64) []float64 {
	var rest []float64
	for n := range min(len(all), len(without)) {
		rest = append(rest, all[n]-without[n])
	}
	return rest
}

// packing says what compressing such pages costs by itself, here in this
// program. A server that compresses for a reader who did not ask for it shows
// no difference between the encodings; this figure shows what then is in both.
func packing(ctx context.Context, s *server, found pages, r *report) error {
	c := newClient()
	defer c.close()
	for _, kind := range []string{storyPage, frontPage} {
		page, err := c.get(ctx, s.url+found[kind][0], "identity")
		if err != nil {
			return err
		}
		var rounds []float64
		for range 21 {
			began := time.Now()
			if err := compress(page.body); err != nil {
				return err
			}
			rounds = append(rounds, milliseconds(time.Since(began)))
		}
		r.tell(figure{Part: partUncached, Name: kind + ": gzip of such a page by itself", Unit: "ms", Note: "measured in the benchmark, not in the server"}, rounds...)
	}
	return nil
}

func compress(body []byte) error {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.DefaultCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}
