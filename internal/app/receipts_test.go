package app

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/web/site"
)

// neighbour puts another node on the list.
func (s *running) neighbour(id int64, name, address string, seen time.Time) {
	s.t.Helper()
	s.must(s.DB.Update(s.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into node (id, name, address, started_at, seen_at, read_to, skew) values ($1, $2, $3, 0, $4, 0, 0)`, id, name, address, seen.UnixMilli())
		return err
	}))
}

// subscribed makes a webhook for what is told of receipts.
func subscribed(t *testing.T, n *Newsroom) {
	t.Helper()
	if err := n.DB.Update(t.Context(), func(tx *db.Tx) error {
		_, err := n.Hooks.Put(tx, hook.Hook{URL: "https://receiver.example/", Events: []string{"receipt.*"}, Active: true})
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// announced lists what webhooks were told.
func announced(t *testing.T, n *Newsroom) (payloads []string) {
	t.Helper()
	if err := n.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		payloads, err = db.List(tx, db.Value[string], `select payload from delivery order by id limit 100`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return payloads
}

// repairs counts how often everything was dropped.
func repairs(t *testing.T, n *Newsroom) (times int) {
	t.Helper()
	if err := n.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		times, err = db.Find(tx, db.Value[int], `select count(*) from outbox where kind = 'receipt was not as it must be'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return times
}

func TestAReceiptNamesTheNodesThatAreSilentAndHaveNotLeft(t *testing.T) {
	c := house(t, dbtest.PostgresURL(t))
	s, _ := serving(t, c)
	subscribed(t, s.Newsroom)
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections and says nothing
	s.must(err)
	defer deaf.Close()
	soon := s.now().Add(time.Hour)
	s.neighbour(1, "cut off", "http://"+deaf.Addr().String(), s.now().Add(-time.Minute))
	s.neighbour(2, "stopped", "http://"+deaf.Addr().String(), soon)
	s.neighbour(3, "unreachable", "http://"+freePort(t), soon)
	s.neighbour(4, "gone for an hour", "http://"+freePort(t), s.now().Add(-2*time.Hour))
	d := s.write("Seen by some")
	s.publish(d)
	r := s.receipt(d.ID)
	want := []string{"cut off", "stopped", "unreachable"}
	if r.State != publish.Seen || !slices.Equal(r.Silent, want) || r.Seen.IsZero() {
		t.Errorf("got %s, silent %q", r.State, r.Silent)
	}
	const sentence = "The nodes cut off, stopped, unreachable did not answer; those that were not started anew since may still show the old page."
	if got := announced(t, s.Newsroom); r.Doubt() != sentence || len(got) != 1 || !strings.Contains(got[0], sentence) || !strings.Contains(got[0], "receipt.silent") {
		t.Errorf("it says %q, webhooks were told %q", r.Doubt(), got)
	}
	if n := repairs(t, s.Newsroom); n != 0 {
		t.Errorf("everything was dropped %d times for nodes that do not answer", n)
	}
	found := looked(t, s.Newsroom)["receipts"]
	if found.Severity != Warn || !strings.Contains(found.Message, sentence) {
		t.Errorf("the doctor says %+v", found)
	}
	s.must(s.DB.View(t.Context(), func(tx *db.Tx) error {
		nodes, err := s.keepers(tx)
		if err == nil && (len(nodes) != 4 || !nodes[0].Silent || nodes[1].Silent || nodes[3].Silent) {
			t.Errorf("a redaction has to do with %+v", nodes)
		}
		return err
	}))
}

// published publishes a story of a newsroom that nobody serves, and returns its
// receipt.
func published(t *testing.T, n *Newsroom) (r publish.Receipt) {
	t.Helper()
	s := &running{Newsroom: n, t: t}
	s.publish(s.write("A story"))
	s.must(n.DB.View(t.Context(), func(tx *db.Tx) error {
		open, err := publish.OpenReceipts(tx, 10)
		if err == nil && len(open) == 1 {
			r = open[0]
		}
		return err
	}))
	if r.ID == 0 {
		t.Fatal("there is no open receipt")
	}
	return r
}

func (s *running) state(of ref.Story) (state string) {
	s.t.Helper()
	s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) error {
		all, err := publish.Receipts(tx, of, 0, 1)
		if err == nil {
			state = all[0].State
		}
		return err
	}))
	return state
}

func TestAReceiptOfWhichNothingWasSeenStaysOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		// On SQLite the only node cannot be reached, on PostgreSQL there is none.
		n.introduce("http://" + freePort(t))
		n.prover = newProver("paper.example")
		r := published(t, n)
		s := &running{Newsroom: n, t: t}
		if err := n.settle(t.Context(), []*proof{{Receipt: r}}); !errors.Is(err, errUnanswered) || s.state(r.Story) != publish.Open {
			t.Errorf("without a line: got %v, %s", err, s.state(r.Story))
		}
		open := &proof{Receipt: r, lines: map[lineKey]*publish.Line{}}
		s.must(n.expect(t.Context(), []*proof{open}))
		nodes, err := n.nodes(t.Context())
		s.must(err)
		n.round(t.Context(), []*proof{open}, nodes, false)
		if open.met() || open.answered() || open.wrong() || open.enough(waitFor) {
			t.Errorf("it counts as looked at: %+v", open)
		}
		if err := n.settle(t.Context(), []*proof{open}); !errors.Is(err, errUnanswered) || s.state(r.Story) != publish.Open {
			t.Errorf("nobody answered: got %v, %s", err, s.state(r.Story))
		}
	})
}

func TestAReceiptIsToldOfOnceThoughManyNodesSettleIt(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		subscribed(t, n)
		counted := 0
		n.proven = func(publish.Receipt) { counted++ }
		r := published(t, n)
		for range 3 {
			wrong := &proof{Receipt: r, lines: map[lineKey]*publish.Line{{1, "/"}: {Node: "a", Address: "/", Status: 200}}}
			if err := n.settle(t.Context(), []*proof{wrong}); err != nil {
				t.Fatal(err)
			}
		}
		if got := announced(t, n); counted != 1 || len(got) != 1 || !strings.Contains(got[0], "receipt.failed") {
			t.Errorf("it was counted %d times, and told %q", counted, got)
		}
	})
}

func TestANodeIsNamedOnceThoughItRestarted(t *testing.T) {
	c := house(t, dbtest.PostgresURL(t))
	s, _ := serving(t, c)
	s.neighbour(1, s.self.name, s.self.address, s.now().Add(-2*time.Minute))
	s.neighbour(2, s.self.name, "http://10.0.0.9:8080", s.now())
	s.must(s.register(t.Context()))
	nodes, err := s.nodes(t.Context())
	s.must(err)
	if len(nodes) != 2 || nodes[0].id != 2 || nodes[1].id != s.self.id || nodes[1].silent {
		t.Errorf("got %+v", nodes)
	}
	if f := looked(t, s.Newsroom)["nodes"]; f.Severity != OK {
		t.Errorf("the doctor says %+v", f)
	}
}

func TestANodeThatShowedEverythingCountsThoughItFallsSilent(t *testing.T) {
	seen := node{id: 1, name: "one"}
	p := &proof{lines: map[lineKey]*publish.Line{{1, "/"}: {OK: true, Status: 200}, {2, "/"}: {OK: true, Status: 200}}}
	p.wants = []site.Expectation{{Address: "/"}}
	seen.silent = true
	p.meet([]node{seen})
	if len(p.lines) != 1 || len(p.silent()) != 0 {
		t.Errorf("got %v, silent %v", p.lines, p.silent())
	}
	p.wants = append(p.wants, site.Expectation{Address: "/en/"})
	p.meet([]node{seen})
	if len(p.lines) != 0 || !slices.Equal(p.silent(), []string{"one"}) {
		t.Errorf("got %v, silent %v", p.lines, p.silent())
	}
}
