package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// crew is the writers of a trial, and what they share.
type crew struct {
	ledger *ledger
	report *report
	room   *newsroom
	// url is where they write: a node, or what stands before the nodes.
	url string
	// gate is held by every attempt, and closed while somebody looks.
	gate sync.RWMutex
	// cutting is true while acknowledgements count for nothing.
	cutting atomic.Bool
	// want is how many deeds are wanted; each is the pause after a deed.
	want int
	each time.Duration
	// patience is how long a deed is tried again with the same key.
	patience time.Duration
	// steady has nothing withdrawn: what was taken from readers must not be shown
	// again, so that pages that showed it may fail while the database is away.
	steady bool

	replays atomic.Int64
	mu      sync.Mutex
	gaps    []time.Duration
	rude    []finding
}

// storyDeeds is about how many deeds a story gets.
const storyDeeds = 7

// writer does one deed after the other.
type writer struct {
	*crew
	n      int
	chance *rand.Rand
	prose  *prose
	api    *api
	// now is the story at work; marks counts the words that were made up.
	now   *work
	marks int
}

// work is what a writer believes of the story at work.
type work struct {
	own, id    string
	sequence   int64
	saves      int
	live, gone bool
	dirty      bool
	deeds      int
	slug       string
}

// write has some writers at work until the ledger has as many deeds as wanted.
func (c *crew) write(ctx context.Context, writers int, seed uint64) error {
	var all sync.WaitGroup
	var once sync.Once
	var failure error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for n := range writers {
		w := c.writer(seed+uint64(n), newAPI(c.url, c.room.editor))
		all.Go(func() {
			for ctx.Err() == nil && c.ledger.done() < c.want {
				if err := w.next(ctx); err != nil {
					once.Do(func() { failure = err; stop() })
					return
				}
				if c.each > 0 {
					pause(ctx, c.each)
				}
			}
		})
	}
	all.Wait()
	if failure != nil && ctx.Err() != nil {
		return failure
	}
	return c.ledger.failure
}

// writer is one more at work.
func (c *crew) writer(seed uint64, a *api) *writer {
	n := c.ledger.writer()
	return &writer{crew: c, n: n, chance: rand.New(rand.NewPCG(seed, uint64(n))), prose: newProse(seed + uint64(n)), api: a}
}

// begun is a story that a writer is to create.
func (w *writer) begun(slug string) text {
	own := w.mark()
	w.now = &work{own: own, slug: slug + own}
	return w.draft()
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, for_ time.Duration) {
	select {
	case <-time.After(for_):
	case <-ctx.Done():
	}
}

// next does one deed to the story at work, or begins another.
func (w *writer) next(ctx context.Context) error {
	s := w.now
	// Some stories are left withdrawn, others are brought back.
	if s != nil && !s.dirty && (s.deeds >= storyDeeds || s.gone) && w.chance.IntN(2) == 0 {
		s, w.now = nil, nil
	}
	switch {
	case s == nil:
		return w.create(ctx)
	case s.gone:
		return w.do(ctx, restoring, text{})
	case s.dirty && s.live:
		return w.do(ctx, correcting, text{})
	case s.dirty && w.chance.IntN(4) > 0:
		return w.do(ctx, publishing, text{})
	case s.live && !w.steady && w.chance.IntN(4) == 0:
		return w.do(ctx, withdrawing, text{})
	}
	return w.do(ctx, saving, w.draft())
}

func (w *writer) create(ctx context.Context) error {
	return w.do(ctx, creating, w.begun("ledger-"))
}

// draft is the text of the next save.
func (w *writer) draft() text {
	w.now.saves++
	return w.prose.write(w.now.own, w.mark())
}

// eachWriter is how many words a writer may make up.
const eachWriter = 100_000

// mark is a word that nobody else writes. The factor only makes neighbours look
// different.
func (w *writer) mark() string {
	w.marks++
	return mark((w.n*eachWriter + w.marks) * 7919)
}

// call is the request that a deed makes.
func (w *writer) call(a act, t text) call {
	s := w.now
	to := call{method: http.MethodPost, path: "/api/v1/stories/" + s.id}
	switch a {
	case creating:
		to.path = "/api/v1/stories"
		to.body = map[string]any{"edition": edition, "content": t.content(s.slug, w.room.section.id)}
	case saving:
		to.method, to.match = http.MethodPut, s.sequence
		to.body = map[string]any{"content": t.content(s.slug, w.room.section.id)}
	case publishing:
		to.path, to.match, to.body = to.path+"/publish", s.sequence, map[string]any{"note": ""}
	case correcting:
		to.path, to.match, to.body = to.path+"/correct", s.sequence, map[string]any{"kind": "update", "note": "What was written was written again."}
	case withdrawing:
		to.path, to.body = to.path+"/withdraw", map[string]any{"reason": "Withdrawn by the ledger."}
	case restoring:
		to.path, to.body = to.path+"/restore", map[string]any{}
	}
	return to
}

// do does one deed: written before, tried until answered, written after.
func (w *writer) do(ctx context.Context, a act, t text) error {
	s := w.now
	d := deed{Writer: w.n, Act: a, Own: s.own, Story: s.id}
	if a == creating || a == saving {
		d.Sum, d.Headline = t.sum(), t.headline
	}
	d = w.ledger.sent(d)
	to := w.call(a, t)
	to.key = d.Key
	began, tries := time.Now(), 0
	for {
		out, err := w.attempt(ctx, to)
		tries++
		if err == nil && (out.status == http.StatusServiceUnavailable || out.status == http.StatusBadGateway || out.status == http.StatusGatewayTimeout ||
			out.status == http.StatusTooManyRequests) {
			err = fmt.Errorf("%w: %d %s", errGone, out.status, out.sentence())
		}
		if err == nil {
			if tries > 1 {
				w.gap(time.Since(began))
			}
			return w.settle(d, out, tries, t)
		}
		if ctx.Err() != nil {
			return nil // the trial ends; this deed stays unknown
		}
		if time.Since(began) > w.patience {
			return fmt.Errorf("%s of %s was not answered within %v: %w", a, s.own, w.patience, err)
		}
		pause(ctx, 10*time.Millisecond)
	}
}

// attempt asks once, while nobody looks. What is acknowledged during a cut does
// not count: it is asked again with the same key.
func (w *writer) attempt(ctx context.Context, to call) (answer, error) {
	w.gate.RLock()
	defer w.gate.RUnlock()
	out, err := w.api.do(ctx, to)
	if err == nil && w.cutting.Load() {
		return out, fmt.Errorf("%w before the cut", errGone)
	}
	return out, err
}

// settle writes what an answer promises into the ledger.
func (w *writer) settle(d deed, out answer, tries int, t text) error {
	s := w.now
	d.Status = out.status
	if out.header.Get("Idempotent-Replay") == "true" {
		w.replays.Add(1)
	}
	p, err := out.promised()
	if out.status == http.StatusConflict && d.Act == saving && tries > 1 {
		p, err = w.saved(out, t)
		if err == nil {
			out.status = http.StatusOK
		}
	}
	if out.status < 200 || out.status > 299 {
		w.ledger.refused(d)
		w.wrong(d, fmt.Sprintf("%d %s (try %d)", out.status, out.sentence(), tries))
		// What is believed of this story may be wrong now: another is begun.
		w.now = nil
		return nil
	}
	if err != nil {
		return err
	}
	d.Story, d.Sequence, d.Version, d.Address = p.ID, p.Sequence, p.Version, p.Address
	if d.Story == "" {
		d.Story = s.id
	}
	w.ledger.acked(d)
	s.id = d.Story
	if p.Sequence > 0 {
		s.sequence = p.Sequence
	}
	s.deeds++
	switch d.Act {
	case creating, saving:
		s.dirty = true
	case publishing, correcting, restoring:
		s.live, s.gone = true, false
		s.dirty = s.dirty && d.Act == restoring
	case withdrawing:
		s.live, s.gone = false, true
	}
	return nil
}

// saved reads from a conflict whether the newest save is the one that was asked
// for and never answered.
func (w *writer) saved(out answer, t text) (promise, error) {
	var conflict struct {
		Newest struct {
			Sequence int64
			Content  json.RawMessage
		}
	}
	if err := json.Unmarshal(out.body, &conflict); err != nil {
		return promise{}, fmt.Errorf("read a conflict: %w", err)
	}
	newest, err := readContent(conflict.Newest.Content)
	if err != nil {
		return promise{}, err
	}
	if newest.sum() != t.sum() {
		return promise{}, fmt.Errorf("the newest save is another's")
	}
	return promise{ID: w.now.id, Sequence: conflict.Newest.Sequence}, nil
}

func (c *crew) wrong(d deed, got string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rude = append(c.rude, finding{kind: rude, story: d.Own, place: string(d.Act), got: got, want: "2xx"})
}

// gap notes how long a deed waited for its answer over an injury.
func (c *crew) gap(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gaps = append(c.gaps, took)
}

// answered moves what the crew noticed into the report.
func (c *crew) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.found(c.rude...)
	c.rude = nil
	c.report.tell("answers given again for a key", float64(c.replays.Load()), "")
}
