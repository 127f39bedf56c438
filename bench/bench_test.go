package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const wrkSays = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   640.10us    1.02ms  14.26ms   92.10%
    Req/Sec    50.00k     2.10k   55.00k    70.00%
  Latency Distribution
     50%  390.00us
     75%  700.00us
     90%    1.10ms
     99%    2.50ms
  1000 requests in 1.00s, 2.00MB read
Requests/sec:   1000.50
Transfer/sec:      2.00MB
`

func TestShotIsReadFromWhatWrkSays(t *testing.T) {
	got, err := readShot(wrkSays)
	if err != nil {
		t.Fatal(err)
	}
	want := shot{requests: 1000, perSecond: 1000.5, p50: 390 * time.Microsecond, p99: 2500 * time.Microsecond, bytes: 2 << 20 / 1000.0}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLoadWithFailedRequestsIsNoShot(t *testing.T) {
	for _, trouble := range []string{"  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 2, write 0, timeout 0\n"} {
		if got, err := readShot(wrkSays + trouble); err == nil {
			t.Errorf("with %q: got %+v, want an error", trouble, got)
		}
	}
}

func TestMedianIsTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 100}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v): got %v, want %v", c.values, got, c.want)
		}
	}
}

func TestFigureIsJudgedByItsBound(t *testing.T) {
	for _, c := range []struct {
		b        bound
		measured []float64
		quick    bool
		want     string
	}{
		{atMost, []float64{1.5}, false, ok},
		{atMost, []float64{1.6}, false, missed},
		{atLeast, []float64{1.5}, false, ok},
		{atLeast, []float64{1.4}, false, missed},
		{atMost, nil, false, missed},
		{atMost, []float64{9}, true, smoke},
	} {
		r := &report{Quick: c.quick}
		r.goal(figure{Part: partCached}, c.b, 1.5, c.measured...)
		if got := r.Figures[0].Verdict; got != c.want {
			t.Errorf("%s 1.5 with %v: got %q, want %q", c.b, c.measured, got, c.want)
		}
	}
}

func TestOwnCPUTimeIsCounted(t *testing.T) {
	before, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	sum, after := 0, before
	for deadline := time.Now().Add(20 * time.Second); after-before < 5*tick && time.Now().Before(deadline); {
		for n := range 1_000_000 {
			sum += n
		}
		if after, err = cpuOf(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if used := after - before; used < 5*tick {
		t.Errorf("got %v of CPU for %d, want at least %v", used, sum, 5*tick)
	}
}

func TestReportIsReadAsOneOrMany(t *testing.T) {
	one := `{"file":"a","items":5,"added":2,"updated":1,"unchanged":1,"refused":[{"item":"x"}],"changed":[]}`
	for text, times := range map[string]int{one: 1, "[" + one + "," + one + "]": 2} {
		path := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := readReport(path)
		if err != nil {
			t.Fatal(err)
		}
		want := arrival{items: 5 * times, added: 2 * times, updated: times, unchanged: times, refused: times}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestGeneratedTextIsTheSameFromTheSameSeed(t *testing.T) {
	for _, tongue := range tongues() {
		text := newWriter(tongue, 3).text(2_000)
		if again := newWriter(tongue, 3).text(2_000); again != text {
			t.Errorf("%s: got another text from the same seed", tongue.edition)
		}
		if other := newWriter(tongue, 4).text(2_000); other == text {
			t.Errorf("%s: got the same text from another seed", tongue.edition)
		}
		if !utf8.ValidString(text) || len(text) < 2_000 {
			t.Errorf("%s: got %d bytes, valid %v", tongue.edition, len(text), utf8.ValidString(text))
		}
	}
}

func TestShareTakesRowsEvenlyAndKeepsTheHead(t *testing.T) {
	folder := t.TempDir()
	table, lines := filepath.Join(folder, "a.csv"), filepath.Join(folder, "b.jsonl.gz")
	rows := "date,headline\n"
	for n := range 50 {
		rows += fmt.Sprintf("2001-01-01,\"of two\nlines %d\"\n", n)
	}
	for path, text := range map[string]string{table: rows, lines: strings.Repeat("{}\n", 50)} {
		if err := create(path, func(out io.Writer) error { _, err := io.WriteString(out, text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	some, err := share([]batch{{"en", []string{table, lines}}}, filepath.Join(folder, "some"), 10)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := countRows(some); err != nil || got != 10 {
		t.Errorf("got %d rows (%v), want 10", got, err)
	}
	got, err := os.ReadFile(some[0].files[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := "date,headline\n2001-01-01,\"of two\nlines 0\"\n"; !bytes.HasPrefix(got, []byte(want)) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
}

func TestReadyLineIsFoundAmongOthers(t *testing.T) {
	s := &speech{prefix: "ready ", found: make(chan string, 1)}
	for _, part := range []string{"drawing\nrea", "dy http://127.0.0", ".1:8/\n", "ready again\n"} {
		if _, err := io.WriteString(s, part); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := <-s.found, "http://127.0.0.1:8/"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
