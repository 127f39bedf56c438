package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one number of the verdict.
type figure struct {
	name     string
	measured float64
	unit     string
	// goal is the bound; bound is "≤", "≥" or "=", and empty for information.
	bound string
	goal  float64
}

func (f figure) holds() bool {
	switch f.bound {
	case "≤":
		return f.measured <= f.goal
	case "≥":
		return f.measured >= f.goal
	case "=":
		return f.measured == f.goal
	}
	return true
}

// report is what a trial found.
type report struct {
	name    string
	o       options
	began   time.Time
	load    string
	figures []figure
	// findings are what is wrong, the first ones in words.
	findings []finding
	notes    []string
	ledger   *ledger
}

func newReport(name string, o options) *report {
	load, _ := os.ReadFile("/proc/loadavg") // for information
	fields := strings.Fields(string(load))
	return &report{name: name, o: o, began: time.Now(), load: strings.Join(fields[:min(3, len(fields))], " ")}
}

func (r *report) atMost(name string, measured float64, unit string, goal float64) {
	r.figures = append(r.figures, figure{name, measured, unit, "≤", goal})
}

func (r *report) atLeast(name string, measured float64, unit string, goal float64) {
	r.figures = append(r.figures, figure{name, measured, unit, "≥", goal})
}

func (r *report) exactly(name string, measured, goal int) {
	r.figures = append(r.figures, figure{name, float64(measured), "", "=", float64(goal)})
}

func (r *report) tell(name string, measured float64, unit string) {
	r.figures = append(r.figures, figure{name: name, measured: measured, unit: unit})
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// took adds the middle, the 99th and the longest of some times, and judges the
// one that goal is for.
func (r *report) took(name string, all []time.Duration, p50, p99, longest time.Duration) {
	for _, q := range []struct {
		word string
		at   float64
		goal time.Duration
	}{{"p50", .5, p50}, {"p99", .99, p99}, {"most", 1, longest}} {
		measured := milliseconds(quantile(all, q.at))
		if q.goal > 0 {
			r.atMost(name+", "+q.word, measured, "ms", milliseconds(q.goal))
		} else {
			r.tell(name+", "+q.word, measured, "ms")
		}
	}
}

// found adds what is wrong; the kinds are judged where the trial says so.
func (r *report) found(all ...finding) { r.findings = append(r.findings, all...) }

// wrong is how many stories have a finding of a kind.
func (r *report) wrong(k kind) int {
	stories := map[string]bool{}
	for _, f := range r.findings {
		if f.kind == k {
			stories[f.story] = true
		}
	}
	return len(stories)
}

// judgeAll adds the three promises that every trial with a ledger is about.
func (r *report) judgeAll() {
	r.exactly("acknowledged and lost", r.wrong(lost), 0)
	r.exactly("half-published", r.wrong(half), 0)
	r.exactly("doubles", r.wrong(double), 0)
	r.exactly("answers that should not be (5xx, a key not honoured)", r.wrong(rude), 0)
}

func (r *report) passes() bool {
	return len(r.figures) > 0 && !slices.ContainsFunc(r.figures, func(f figure) bool { return !f.holds() })
}

// shown is how many findings are told in words.
const shown = 12

// String is the whole report.
func (r *report) String() string {
	var out strings.Builder
	size := "full"
	if r.o.short {
		size = "short"
	}
	fmt.Fprintf(&out, "\n%s (%s size), seed %d, database %s; %d CPUs, load before %s; took %s\n", r.name, size, r.o.seed, engineOf(r.o.database),
		runtime.NumCPU(), r.load, time.Since(r.began).Round(time.Second))
	if r.ledger != nil {
		fmt.Fprintf(&out, "ledger %s: %s\n", r.ledger.path, r.ledger.summary())
	}
	table := tabwriter.NewWriter(&out, 0, 4, 2, ' ', 0)
	for _, f := range r.figures {
		verdict, goal := "", ""
		if f.bound != "" {
			verdict, goal = "ok", f.bound+" "+number(f.goal)
			if !f.holds() {
				verdict = "MISSED"
			}
		}
		fmt.Fprintf(table, "  %s\t%s %s\t%s\t%s\n", f.name, number(f.measured), f.unit, goal, verdict)
	}
	table.Flush() // into memory, which does not fail
	for _, n := range r.notes {
		fmt.Fprintf(&out, "  note: %s\n", n)
	}
	for n, f := range r.findings {
		if n == shown {
			fmt.Fprintf(&out, "  … and %d more\n", len(r.findings)-shown)
			break
		}
		fmt.Fprintf(&out, "  %s\n", f)
	}
	return out.String()
}

func engineOf(database string) string {
	if database == "sqlite" {
		return "SQLite"
	}
	return "PostgreSQL"
}

// number writes three digits that count.
func number(n float64) string {
	switch size := math.Abs(n); {
	case size == math.Trunc(size):
		return fmt.Sprintf("%.0f", n)
	case size < 10:
		return fmt.Sprintf("%.2f", n)
	case size < 100:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.0f", n)
}

// quantile is the value below which a share of all lies.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
