package event_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
)

// node is one of several on a database, at work.
type node struct {
	*ear
	db  *db.DB
	log *event.Log
	bus event.Bus
}

// work starts a node on a bus, or on none.
func work(t testing.TB, d *db.DB, bus event.Bus) *node {
	t.Helper()
	log, ear := listen(t, d)
	if bus != nil {
		log.Join(bus)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { log.Run(ctx) })
	t.Cleanup(running.Wait)
	t.Cleanup(stop)
	return &node{ear: ear, db: d, log: log, bus: bus}
}

func three(t testing.TB, d *db.DB, address string) [3]*node {
	t.Helper()
	var nodes [3]*node
	for n := range nodes {
		nodes[n] = work(t, d, dial(t, address, "paper"))
	}
	connected(t, nodes)
	return nodes
}

func connected(t testing.TB, nodes [3]*node) {
	t.Helper()
	until(t, "all nodes are on the bus", func() bool {
		return nodes[0].bus.Connected() && nodes[1].bus.Connected() && nodes[2].bus.Connected()
	})
}

// say appends an event and returns its number.
func (n *node) say(t testing.TB, kind string) (seq int64) {
	t.Helper()
	err := n.db.Update(context.Background(), func(tx *db.Tx) (err error) {
		seq, err = n.log.AppendSeq(tx, event.Event{At: time.Now(), Kind: kind, Tags: []string{"a"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// heardBy waits until a node was told an event.
func (n *node) heardBy(t testing.TB, seq int64) {
	t.Helper()
	until(t, fmt.Sprintf("event %d is told", seq), func() bool { return n.log.Cursor() >= seq })
}

// inOrder fails unless a node was told exactly what was said.
func (n *node) inOrder(t *testing.T, said []string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Equal(n.told, said) {
		t.Errorf("told %v, want %v", n.told, said)
	}
}

func TestAChangeOnOneNodeIsToldOnAllAtOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		nodes := three(t, d, newWire(t, server.Options{}).at("nats", "", ""))
		var said []string
		for n := range 12 {
			said = append(said, fmt.Sprint(n))
			seq := nodes[n%3].say(t, said[n])
			// Polling alone would be late in half of the rounds.
			late := time.Now().Add(time.Second)
			until(t, "all are told", func() bool {
				return nodes[0].log.Cursor() >= seq && nodes[1].log.Cursor() >= seq && nodes[2].log.Cursor() >= seq
			})
			if time.Now().After(late) {
				t.Fatalf("event %d was told by polling", seq)
			}
		}
		for _, n := range nodes {
			n.inOrder(t, said)
			until(t, "nudges are counted", func() bool { c := n.log.Counts(); return c.Told == 12 && c.Nudges >= 8 && c.Connected })
		}
	})
}

func TestWithoutTheBusPollingTellsEverythingOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		w := newWire(t, server.Options{})
		nodes := three(t, d, w.at("nats", "", ""))
		var said []string
		say := func() (seq int64) {
			for range 5 {
				said = append(said, fmt.Sprint(len(said)))
				seq = nodes[0].say(t, said[len(said)-1])
			}
			return seq
		}
		toldAll := func(seq int64) {
			until(t, "all are told", func() bool { return allAt(nodes, seq) })
		}
		toldAll(say())
		w.cut()
		until(t, "all nodes are alone", func() bool { return !slices.ContainsFunc(nodes[:], onBus) })
		before := nodes[1].log.Counts().Nudges
		began := time.Now()
		toldAll(say())
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("polling took %v", took)
		}
		if got := nodes[1].log.Counts().Nudges; got != before {
			t.Errorf("%d nudges came over a bus that is away", got-before)
		}
		if nodes[0].log.Counts().Unsent == 0 {
			t.Error("a nudge went nowhere and was not counted")
		}
		w.mend()
		connected(t, nodes)
		before = nodes[1].log.Counts().Nudges
		toldAll(say())
		until(t, "nudges come again", func() bool { return nodes[1].log.Counts().Nudges > before })
		for _, n := range nodes {
			n.inOrder(t, said)
		}
	})
}

func onBus(n *node) bool { return n.log.Counts().Connected }

func TestABusThatComesAndGoesLosesAndDoublesNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		w := newWire(t, server.Options{})
		nodes := three(t, d, w.at("nats", "", ""))
		const each = 100
		var writers sync.WaitGroup
		for who, n := range nodes {
			writers.Go(func() {
				for i := range each {
					n.say(t, fmt.Sprintf("%d-%d", who, i))
				}
			})
		}
		for n := range 3 {
			until(t, "some are told", func() bool { return nodes[n].log.Cursor() >= int64(n*each/2) })
			w.cut()
			w.mend()
		}
		writers.Wait()
		until(t, "all are told", func() bool { return allAt(nodes, 3*each) })
		nodes[0].mu.Lock()
		said := slices.Clone(nodes[0].told)
		nodes[0].mu.Unlock()
		if got := len(slices.Compact(slices.Sorted(slices.Values(said)))); len(said) != 3*each || got != 3*each {
			t.Errorf("told %d events, %d different ones, want %d", len(said), got, 3*each)
		}
		nodes[1].inOrder(t, said)
		nodes[2].inOrder(t, said)
	})
}

func allAt(nodes [3]*node, seq int64) bool {
	for _, n := range nodes {
		if n.log.Cursor() < seq {
			return false
		}
	}
	return true
}

// stuck is a bus whose network takes nothing and gives nothing.
type stuck struct{ free, tried chan struct{} }

func (s stuck) Nudge() error {
	select {
	case s.tried <- struct{}{}:
	default:
	}
	<-s.free
	return errors.New("given up")
}
func (s stuck) Hear(func())     {}
func (s stuck) Connected() bool { return false }
func (s stuck) Ignored() int64  { return 0 }
func (s stuck) Close() error    { return nil }

func TestWhoAppendsNeverWaitsForTheBus(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		bus := stuck{make(chan struct{}), make(chan struct{}, 1)}
		n := work(t, d, bus)
		t.Cleanup(func() { close(bus.free) })
		n.say(t, "first")
		<-bus.tried
		var seq int64
		for range 50 {
			seq = n.say(t, "more")
		}
		n.heardBy(t, seq)
		if got := n.log.Counts().Unsent; got != 0 {
			t.Errorf("%d nudges were given up: the bus was not stuck", got)
		}
	})
}

func TestANATSThatNeverAnswersKeepsNobodyWaiting(t *testing.T) {
	tarpit, err := net.Listen("tcp", "127.0.0.1:0") // connections are made, and nothing is said on them
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tarpit.Close() })
	n := work(t, dbtest.SQLite(t), dial(t, "nats://"+tarpit.Addr().String(), "paper"))
	var seq int64
	for range 50 {
		seq = n.say(t, "x")
		if n.log.Counts().Connected {
			t.Fatal("the node believes that it is on a bus")
		}
	}
	n.heardBy(t, seq)
	until(t, "its nudges are given up", func() bool { return n.log.Counts().Unsent > 0 })
}

func TestLagIsHowOldTheLastEventWas(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		log, _ := listen(t, d)
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			return log.Append(tx, event.Event{At: time.Now().Add(-time.Hour), Kind: "old"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := log.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := log.Counts(); got.Lag < time.Hour || got.Lag > time.Hour+time.Minute || got.Told != 1 {
			t.Errorf("got %+v, want one event, an hour old", got)
		}
	})
}

func TestLagGoesByTheDatabasesClock(t *testing.T) {
	d := dbtest.Ahead(t, time.Hour)
	log, _ := listen(t, d)
	err := d.Update(t.Context(), func(tx *db.Tx) error { return log.Append(tx, event.Event{At: d.Now(), Kind: "now"}) })
	if err != nil {
		t.Fatal(err)
	}
	if err := log.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := log.Counts().Lag; got < -time.Second || got > time.Minute {
		t.Errorf("got a lag of %v, want next to none", got)
	}
}

// hide takes the outbox away; show brings it back.
func hide(t *testing.T, d *db.DB, statement string) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARelayThatCannotReadTriesAgainAndSkipsNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := work(t, d, nil)
		n.heardBy(t, n.say(t, "before"))
		hide(t, d, `alter table outbox rename to hidden`)
		if err := n.log.CatchUp(t.Context()); err == nil {
			t.Fatal("the outbox was read though it is away")
		}
		n.log.Nudge()
		hide(t, d, `alter table hidden rename to outbox`)
		n.say(t, "one")
		n.heardBy(t, n.say(t, "two"))
		n.inOrder(t, []string{"before", "one", "two"})
	})
}

func TestANodeCutOffFromItsDatabaseHearsEverythingLater(t *testing.T) {
	target := dbtest.PostgresURL(t)
	near, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if err := near.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, address := newPlug(t, target)
	far, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	writer, cut := work(t, near, nil), work(t, far, nil)
	said := []string{"before"}
	cut.heardBy(t, writer.say(t, "before"))
	p.pull()
	until(t, "the far node has no database", func() bool { return far.Ping(t.Context()) != nil })
	var seq int64
	for n := range 600 {
		said = append(said, fmt.Sprint(n))
		seq = writer.say(t, said[len(said)-1])
	}
	if got := cut.log.Cursor(); got != 1 {
		t.Errorf("a node without a database was told %d events, want 1", got)
	}
	p.push()
	cut.heardBy(t, seq)
	cut.inOrder(t, said)
	writer.inOrder(t, said)
}

// plug stands between a node and its PostgreSQL.
type plug struct {
	mu    sync.Mutex
	out   bool
	wires []net.Conn
}

func newPlug(t *testing.T, target string) (*plug, string) {
	t.Helper()
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, host := &plug{}, at.Host
	var running sync.WaitGroup
	running.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", host)
			if err != nil || !p.plugged(in, out) {
				in.Close()
				continue
			}
			running.Go(func() { defer out.Close(); io.Copy(out, in) })
			running.Go(func() { defer in.Close(); io.Copy(in, out) })
		}
	})
	t.Cleanup(func() { listener.Close(); p.pull(); running.Wait() })
	at.Host = listener.Addr().String()
	return p, at.String()
}

func (p *plug) plugged(in, out net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out {
		out.Close()
		return false
	}
	p.wires = append(p.wires, in, out)
	return true
}

func (p *plug) pull() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = true
	for _, wire := range p.wires {
		wire.Close()
	}
	p.wires = nil
}

func (p *plug) push() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = false
}

// BenchmarkChangeToldOnThreeNodes measures from the commit on one node to the
// moment at which all three were told, one change after the other.
func BenchmarkChangeToldOnThreeNodes(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			open := map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres}[engine]
			nodes := three(b, open(b), newWire(b, server.Options{}).at("nats", "", ""))
			bell := make(chan struct{}, len(nodes))
			for _, n := range nodes {
				n.bell = bell
			}
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				nodes[n%3].say(b, "x")
				began := time.Now()
				for range nodes {
					<-bell
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
		})
	}
}
