package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

// outage is R4: the database is away, or hangs, while readers read.
func outage(ctx context.Context, r *run) error {
	r.asked("postgres")
	p, err := r.postgres(ctx, "postgres")
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), p.url)
	if err != nil {
		return err
	}
	n, err := room.node(ctx, "--trusted-proxy", "127.0.0.1/32")
	if err != nil {
		return err
	}
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: r.size(2000, 200), patience: time.Minute}
	if err := c.write(ctx, writers, r.seed); err != nil {
		return err
	}
	beacons, err := r.beacons(ctx, n.url())
	if err != nil {
		return err
	}
	beacons.pace = viewsASecond
	before, earlier, err := r.normal(ctx, n.url(), beacons)
	if err != nil {
		return err
	}
	reading := r.readAt(ctx, n.url(), steadyReads)
	defer reading.stop()
	away := r.away
	if r.short && away == 10*time.Minute {
		away = 10 * time.Second
	}
	if err := r.hideAtWork(ctx, p, room, n); err != nil {
		return err
	}
	r.say("the database is away for %v", away)
	gone := time.Now()
	accepted := 0
	for time.Since(gone) < away && ctx.Err() == nil {
		done, err := beacons.post(ctx, viewsASecond)
		if err != nil {
			return err
		}
		accepted += done
		r.refusal(ctx, room, n)
	}
	if err := r.show(ctx, p); err != nil {
		return err
	}
	back := time.Now()
	reading.stop()
	if err := r.caughtUp(ctx, beacons, room, earlier+accepted, back); err != nil {
		return err
	}
	reading.judged(r.report, "while it was away", r.size(100_000, 2000))
	normal := quantile(before, .99)
	during := quantile(reading.timings(), .99)
	r.report.tell("p99 of a read before", milliseconds(normal), "ms")
	r.report.tell("p99 of a read meanwhile", milliseconds(during), "ms")
	r.report.atMost("p99 meanwhile against before", slower(during, normal), "×", 2)
	return r.verdict(ctx, room, n.url())
}

// quick is a p99 that needs no comparison: on two cores that many programs share,
// what is shorter is the scheduler's.
const quick = 5 * time.Millisecond

// slower is how many times longer something took than it did in quiet times.
func slower(meanwhile, calm time.Duration) float64 {
	return float64(meanwhile) / float64(max(calm, quick))
}

// steadyReads is how many reads a second there are, the same when nothing is
// wrong and when the database is away.
const steadyReads = 1000

// viewsASecond is how many views come in.
const viewsASecond = 500

// normal is how long reads take when nothing is wrong and views come in, and how
// many views came.
func (r *run) normal(ctx context.Context, url string, b *beacons) (took []time.Duration, views int, err error) {
	g := r.readAt(ctx, url, steadyReads)
	views, err = b.post(ctx, viewsASecond*r.size(30, 5))
	g.stop()
	if err != nil {
		return nil, views, err
	}
	if g.failed.Load() > 0 {
		return nil, views, fmt.Errorf("reads fail although nothing is wrong: %s", g.worst())
	}
	return g.timings(), views, nil
}

// hideAtWork takes the database away while writers change what is read: what
// was refreshed a moment before must be readable too.
func (r *run) hideAtWork(ctx context.Context, p *postgres, room *newsroom, n *node) error {
	writing, stop := context.WithCancel(ctx)
	defer stop()
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: 1 << 30, patience: time.Minute, steady: true}
	ended := make(chan error, 1)
	go func() { ended <- c.write(writing, 2, r.seed+1) }()
	pause(ctx, 2*time.Second)
	err := r.hide(ctx, p)
	stop()
	return errors.Join(err, <-ended)
}

func (r *run) hide(ctx context.Context, p *postgres) error {
	if r.freeze {
		p.signal(syscall.SIGSTOP)
		return nil
	}
	return p.halt(ctx, "immediate")
}

func (r *run) show(ctx context.Context, p *postgres) error {
	if r.freeze {
		p.signal(syscall.SIGCONT)
		return nil
	}
	return p.start(ctx)
}

// refusedWithin is how long a writer may wait to hear that nothing can be saved.
const refusedWithin = 2 * time.Second

// refusal tries a write, which must be refused soon and in a sentence.
func (r *run) refusal(ctx context.Context, room *newsroom, n *node) {
	w := (&crew{ledger: r.ledger, report: r.report, room: room}).writer(r.seed, room.api(n.url()))
	t := w.begun("ledger-")
	d := r.ledger.sent(deed{Writer: w.n, Act: creating, Own: w.now.own, Sum: t.sum(), Headline: t.headline})
	to := w.call(creating, t)
	to.key = d.Key
	out, err := w.api.do(ctx, to)
	d.Status = out.status
	switch {
	case err != nil:
		r.report.found(finding{rude, d.Own, "a write without a database", err.Error(), "503 and a sentence"})
		return
	case out.status == http.StatusCreated:
		r.report.found(finding{rude, d.Own, "a write without a database", "201", "503 and a sentence"})
	case out.status != http.StatusServiceUnavailable || out.header.Get("Retry-After") == "" || len(out.sentence()) < 10:
		r.report.found(finding{rude, d.Own, "a write without a database", fmt.Sprintf("%d %q, Retry-After %q", out.status, out.sentence(), out.header.Get("Retry-After")), "503, a sentence and Retry-After"})
	case out.took > refusedWithin:
		r.report.found(finding{rude, d.Own, "a write without a database", "an answer after " + out.took.String(), "one within " + refusedWithin.String()})
	}
	r.ledger.refused(d)
}

// caughtUp waits until all views are counted and a write is taken.
func (r *run) caughtUp(ctx context.Context, b *beacons, room *newsroom, accepted int, back time.Time) error {
	var counted int
	err := patience(ctx, 5*time.Minute, 250*time.Millisecond, func() (err error) {
		if counted, err = b.counted(ctx, room); err == nil && counted < accepted {
			err = fmt.Errorf("%d of %d views are counted", counted, accepted)
		}
		return err
	})
	r.report.tell("views accepted before and meanwhile", float64(accepted), "")
	r.report.exactly("accepted views not counted", accepted-counted, 0)
	if err == nil {
		r.report.atMost("caught up", time.Since(back).Seconds(), "s", 60)
	} else {
		r.report.note("views: %v", err)
	}
	return nil
}
