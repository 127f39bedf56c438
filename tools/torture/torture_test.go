package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// tried has writers work on a fake newsroom that crashes now and then, and
// returns what the judge finds.
func tried(t *testing.T, b bug) *report {
	t.Helper()
	f, server := newFake(t, b)
	l, err := openLedger(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	r := &run{name: "fake", ledger: l, report: newReport("fake", options{database: "sqlite", seed: 1}), options: options{seed: 1}}
	r.report.ledger = l
	room := &newsroom{r: r, section: place{fakeSection, "news"}}
	c := &crew{ledger: l, report: r.report, room: room, url: server.URL, want: 0, patience: 10 * time.Second}
	for crash := range 3 {
		c.want = 100 * (crash + 1)
		if err := c.write(context.Background(), 4, uint64(crash)); err != nil {
			t.Fatal(err)
		}
		f.crash()
	}
	c.answered()
	j := room.judge(server.URL)
	j.deep, j.within = true, 0
	found, err := j.all(context.Background(), l.histories())
	if err != nil {
		t.Fatal(err)
	}
	r.report.found(found...)
	strangers, err := j.strangers(context.Background(), l.histories())
	if err != nil {
		t.Fatal(err)
	}
	r.report.found(strangers...)
	r.report.judgeAll()
	r.report.exactly("stories that nobody wrote", r.report.wrong(foreign), 0)
	return r.report
}

func TestAnHonestNewsroomPasses(t *testing.T) {
	r := tried(t, honest)
	if !r.passes() {
		t.Fatalf("an honest newsroom fails:\n%s", r)
	}
	if r.ledger.done() < 300 {
		t.Fatalf("only %d deeds were tried:\n%s", r.ledger.done(), r)
	}
}

func TestEveryPlantedBugFails(t *testing.T) {
	for b, want := range map[bug]kind{
		earlyAck: lost, staleList: half, staleFeed: half, noKeys: double, curled: lost, halfCrash: half, angry: rude, listTwice: double,
	} {
		t.Run(string(b), func(t *testing.T) {
			t.Parallel()
			r := tried(t, b)
			if r.passes() {
				t.Fatalf("a newsroom that %q passes:\n%s", b, r)
			}
			if r.wrong(want) == 0 {
				t.Errorf("the judge finds no %q:\n%s", want, r)
			}
		})
	}
}

func TestAnUnansweredDeedMayHaveHappenedOrNot(t *testing.T) {
	at := time.Now()
	h := history{
		{deed: deed{Act: creating, Sum: "a", Story: "1"}, sent: at, acked: at.Add(1)},
		{deed: deed{Act: saving, Sum: "b"}, sent: at.Add(2)},
	}
	states := h.between(at.Add(10), at.Add(10))
	if len(states) != 2 || states[0].draft != "a" || states[1].draft != "b" {
		t.Fatalf("got %+v, want the save before and the one that was not answered", states)
	}
}

func TestABackupMayHoldWhatWasAskedForWhileItWasMade(t *testing.T) {
	at := time.Now()
	h := history{
		{deed: deed{Act: creating, Sum: "a"}, sent: at, acked: at.Add(1)},
		{deed: deed{Act: saving, Sum: "b"}, sent: at.Add(5), acked: at.Add(6)},
		{deed: deed{Act: saving, Sum: "c"}, sent: at.Add(20), acked: at.Add(21)},
	}
	states := h.between(at.Add(3), at.Add(10))
	if len(states) != 2 || states[0].draft != "a" || states[1].draft != "b" {
		t.Fatalf("got %+v, want a, which is there in any case, and b, which may be", states)
	}
	if states := h.between(at.Add(6).Add(1), at.Add(10)); len(states) != 1 || states[0].draft != "b" {
		t.Fatalf("got %+v, want b alone: it was acknowledged before", states)
	}
}

func TestARefusedDeedDidNotHappen(t *testing.T) {
	at := time.Now()
	h := history{
		{deed: deed{Act: creating, Sum: "a"}, sent: at, acked: at.Add(1)},
		{deed: deed{Act: saving, Sum: "b"}, sent: at.Add(2), refused: true},
	}
	if states := h.between(at.Add(5), at.Add(5)); len(states) != 1 || states[0].draft != "a" {
		t.Fatalf("got %+v, want a alone", states)
	}
}

func TestMarksAreAllDifferent(t *testing.T) {
	seen := map[string]int{}
	for n := range 200_000 {
		m := mark((7*eachWriter + n) * 7919)
		if other, there := seen[m]; there {
			t.Fatalf("%d and %d are both %s", other, n, m)
		}
		seen[m] = n
	}
}

func TestAMarkIsFoundInAPage(t *testing.T) {
	for _, page := range []string{`<div hidden data-island="count" data-count="a1.Zz_-9"></div>`, `<noscript><img src="/view.gif?a1.Zz_-9" alt=""></noscript>`} {
		if got := markOf([]byte(page)); got != "a1.Zz_-9" {
			t.Errorf("got %q of %s", got, page)
		}
	}
}

func TestWhatASubcommandIsCalledIsSaidWhenItIsWrong(t *testing.T) {
	if code := start([]string{"nothing"}, nil); code != misused {
		t.Errorf("got %d, want %d", code, misused)
	}
	if code := start([]string{"kill", "-nonsense"}, nil); code != misused {
		t.Errorf("got %d, want %d", code, misused)
	}
}
