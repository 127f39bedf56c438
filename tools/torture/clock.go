package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// skewVariable is how many seconds a skewed program's clock is ahead.
const skewVariable = "TORTURE_CLOCK_SKEW"

// day is the skew.
const day = 24 * time.Hour

// skewed builds a program whose clock is wrong by what the environment says:
// libfaketime does not move Go's clock. Timers use the monotonic clock and go on
// as they do on a machine with a wrong clock.
func (r *run) skewed(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("find Go's own sources: %w", err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return "", fmt.Errorf("read Go's own clock: %w", err)
	}
	const original = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	moved := strings.Replace(string(text), original, original+"\tsec += tortureSkew()\n", 1)
	if moved == string(text) {
		return "", fmt.Errorf("the clock of this Go is not written as this trial knows it")
	}
	moved = strings.Replace(moved, "import (", "import (\n\t\"sync\"\n\t\"syscall\"", 1)
	moved += fmt.Sprintf(`
var tortureSkew = sync.OnceValue(func() (seconds int64) {
	text, _ := syscall.Getenv(%q)
	sign := int64(1)
	for n, c := range []byte(text) {
		if n == 0 && c == '-' {
			sign = -1
			continue
		}
		seconds = 10*seconds + int64(c-'0')
	}
	return sign * seconds
})
`, skewVariable)
	// The copy must not end in .go.
	copied, overlay := r.folder("time.go.skewed"), r.folder("overlay.json")
	if err := os.WriteFile(copied, []byte(moved), 0o644); err != nil {
		return "", fmt.Errorf("write the wrong clock: %w", err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{source: copied}})
	if err == nil {
		err = os.WriteFile(overlay, replace, 0o644)
	}
	if err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	dir, err := r.roomFor("skewed")
	if err != nil {
		return "", err
	}
	return build(ctx, dir, "-overlay", overlay)
}

// appointment is a story that is to appear at a time of the database's clock.
type appointment struct {
	id, own, headline, address string
	at                         time.Time
	// seen is when a reader saw it first, on the database's clock.
	seen time.Time
}

// wrongClock is R11: one of two nodes is a day off.
func wrongClock(ctx context.Context, r *run) error {
	r.asked("postgres")
	p, err := r.postgres(ctx, "postgres")
	if err != nil {
		return err
	}
	wrong, err := r.skewed(ctx)
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), p.url)
	if err != nil {
		return err
	}
	right, err := room.node(ctx)
	if err != nil {
		return err
	}
	off, err := r.offNode(ctx, room, wrong)
	if err != nil {
		return err
	}
	drift, err := p.ahead(ctx)
	if err != nil {
		return err
	}
	r.report.tell("the database's clock against this machine's", milliseconds(drift), "ms")
	for _, skew := range []time.Duration{day, -day} {
		if err := r.appoint(ctx, p, room, right, off, skew, drift); err != nil {
			return err
		}
	}
	return nil
}

// offNode is a node whose program has a clock that can be wrong.
func (r *run) offNode(ctx context.Context, room *newsroom, program string) (*node, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data, err := r.roomFor("data-off")
	if err != nil {
		return nil, err
	}
	n := &node{name: "wrong", binary: program, data: data, address: address, args: []string{"--database", room.url}}
	room.nodes = append(room.nodes, n)
	r.later(n.stop)
	return n, nil
}

// ahead is how far the database's clock is ahead of this one.
func (p *postgres) ahead(ctx context.Context) (time.Duration, error) {
	before := time.Now()
	rows, err := p.ask(ctx, "select (extract(epoch from clock_timestamp()) * 1000)::bigint")
	if err != nil || len(rows) != 1 {
		return 0, fmt.Errorf("ask the database for the time: %w", err)
	}
	var ms int64
	if _, err := fmt.Sscan(rows[0], &ms); err != nil {
		return 0, fmt.Errorf("ask the database for the time: %w", err)
	}
	return time.UnixMilli(ms).Sub(before.Add(time.Since(before) / 2)).Truncate(time.Millisecond), nil
}

// early is how much before its time a story may appear.
const early = time.Second

// appoint schedules stories, alternately at both nodes, and watches them appear.
func (r *run) appoint(ctx context.Context, p *postgres, room *newsroom, right, off *node, skew, drift time.Duration) error {
	off.stop()
	off.env = []string{fmt.Sprintf("%s=%d", skewVariable, int(skew.Seconds()))}
	if err := off.start(ctx); err != nil {
		return err
	}
	if err := r.bites(ctx, off, skew); err != nil {
		return err
	}
	name := fmt.Sprintf("a clock of %+d h", int(skew.Hours()))
	var all []*appointment
	chance := rand.New(rand.NewPCG(r.seed, uint64(skew)))
	stories, spread := r.size(20, 6), r.size(120, 15)
	for i := range stories {
		// A node may be the first to see that a story is due only when it thinks so.
		at := []*node{right, off}[i%2]
		when := time.Now().Add(drift + 5*time.Second + time.Duration(chance.IntN(spread*1000))*time.Millisecond).Truncate(time.Millisecond)
		a, err := r.schedule(ctx, room, at, when)
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	r.watchAppear(ctx, all, []*node{right, off}, drift, time.Duration(spread+40)*time.Second)
	var soonest, latest time.Duration = time.Hour, 0
	once := 0
	for _, a := range all {
		if a.seen.IsZero() {
			r.report.found(finding{lost, a.own, name, "never seen", "published at " + a.at.Format(time.RFC3339Nano)})
			continue
		}
		soonest, latest = min(soonest, a.seen.Sub(a.at)), max(latest, a.seen.Sub(a.at))
		rows, err := p.ask(ctx, "select count(*), min(at) from version where story = "+a.id)
		if err != nil {
			return err
		}
		count, at := split(rows)
		if count != 1 {
			r.report.found(finding{double, a.own, name, fmt.Sprint(count, " versions"), "1"})
			continue
		}
		once++
		if written := time.UnixMilli(at); written.Before(a.at.Add(-early)) || written.After(a.at.Add(time.Minute)) {
			r.report.found(finding{rude, a.own, name + ", the version's time", written.Format(time.RFC3339Nano), "about " + a.at.Format(time.RFC3339Nano)})
		}
	}
	r.report.exactly(name+": published exactly once", once, stories)
	r.report.atLeast(name+": the soonest against its time", milliseconds(soonest), "ms", -milliseconds(early))
	r.report.tell(name+": the latest against its time", milliseconds(latest), "ms")
	r.report.exactly(name+": wrong times", r.report.wrong(rude), 0)
	off.stop()
	return nil
}

// bites proves that the node's clock is wrong: what it answers is dated.
func (r *run) bites(ctx context.Context, off *node, skew time.Duration) error {
	out, err := newReader(off.url()).get(ctx, "/healthz")
	if err != nil {
		return err
	}
	at, err := http.ParseTime(out.header.Get("Date"))
	if err != nil {
		return fmt.Errorf("read the node's date: %w", err)
	}
	if d := time.Until(at) - skew; d.Abs() > time.Minute {
		return fmt.Errorf("the node's clock says %v: it is not %v off, and nothing would be tried", at, skew)
	}
	return nil
}

func split(rows []string) (count int, at int64) {
	if len(rows) == 1 {
		fmt.Sscanf(rows[0], "%d|%d", &count, &at) // zeros are findings
	}
	return count, at
}

// schedule creates a story and schedules it.
func (r *run) schedule(ctx context.Context, room *newsroom, at *node, when time.Time) (*appointment, error) {
	a := room.api(at.url())
	w := (&crew{ledger: r.ledger, report: r.report, room: room}).writer(r.seed, a)
	t := w.begun("ledger-")
	out, err := a.do(ctx, w.call(creating, t))
	if err != nil {
		return nil, err
	}
	p, err := out.promised()
	if err != nil || out.status != http.StatusCreated {
		return nil, fmt.Errorf("create a story to schedule: %d %s", out.status, out.sentence())
	}
	out, err = a.do(ctx, call{method: http.MethodPost, path: "/api/v1/stories/" + p.ID + "/schedule", match: p.Sequence,
		body: map[string]any{"at": when.UTC().Format("2006-01-02T15:04:05.000Z")}})
	if err != nil {
		return nil, err
	}
	if out.status != http.StatusOK {
		return nil, fmt.Errorf("schedule a story: %d %s", out.status, out.sentence())
	}
	return &appointment{id: p.ID, own: w.now.own, headline: t.headline, at: when, address: "/" + edition + "/" + room.section.slug + "/" + w.now.slug}, nil
}

// watchAppear looks at every story on both nodes until all were seen.
func (r *run) watchAppear(ctx context.Context, all []*appointment, nodes []*node, drift, most time.Duration) {
	var from []*reader
	for _, n := range nodes {
		from = append(from, newReader(n.url()))
	}
	for end := time.Now().Add(most); time.Now().Before(end) && ctx.Err() == nil; {
		waiting := 0
		for _, a := range all {
			if !a.seen.IsZero() {
				continue
			}
			waiting++
			for _, reader := range from {
				out, err := reader.get(ctx, a.address)
				if err == nil && out.status == http.StatusOK {
					a.seen = time.Now().Add(drift)
				}
			}
		}
		if waiting == 0 {
			return
		}
		pause(ctx, 20*time.Millisecond)
	}
}
