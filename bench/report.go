package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// The verdicts on a figure.
const (
	ok          = "ok"
	missed      = "missed"
	information = "for information"
	smoke       = "smoke run"
)

// bound says on which side of its goal a figure should be.
type bound string

// The bounds.
const (
	noGoal  bound = ""
	atMost  bound = "≤"
	atLeast bound = "≥"
)

// figure is one number of the report.
type figure struct {
	Part string `json:"part"`
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"`
	// Measured is the median of Rounds.
	Measured float64   `json:"measured"`
	Rounds   []float64 `json:"rounds"`
	Bound    bound     `json:"bound,omitempty"`
	Goal     float64   `json:"goal,omitempty"`
	Verdict  string    `json:"verdict"`
	Note     string    `json:"note,omitempty"`
}

// report is everything that a run measured.
type report struct {
	Began  time.Time `json:"began"`
	Took   string    `json:"took"`
	CPUs   int       `json:"cpus"`
	Kernel string    `json:"kernel"`
	Go     string    `json:"go"`
	// Load is the machine's load before the run: what others were doing.
	Load    string   `json:"load"`
	Rounds  int      `json:"rounds"`
	Quick   bool     `json:"quick"`
	Corpus  string   `json:"corpus"`
	Figures []figure `json:"figures"`
}

func newReport(o options) *report {
	load, _ := os.ReadFile("/proc/loadavg")
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return &report{
		Began: time.Now().UTC().Truncate(time.Second), CPUs: runtime.NumCPU(), Kernel: strings.TrimSpace(string(kernel)), Go: runtime.Version(),
		Load: strings.Join(strings.Fields(string(load))[:3], " "), Rounds: o.rounds, Quick: o.quick,
		Corpus: either(o.folder == "", "of one's own", "generated"),
	}
}

// goal adds a figure that is judged. A smoke run judges nothing.
func (r *report) goal(f figure, b bound, goal float64, rounds ...float64) {
	f.Bound, f.Goal = b, goal
	r.add(f, rounds)
}

// tell adds a figure for information.
func (r *report) tell(f figure, rounds ...float64) { r.add(f, rounds) }

func (r *report) add(f figure, rounds []float64) {
	f.Rounds, f.Measured = rounds, median(rounds)
	f.Verdict = f.judge()
	if r.Quick && f.Bound != noGoal {
		f.Verdict = smoke
	}
	r.Figures = append(r.Figures, f)
}

func (f figure) judge() string {
	switch {
	case f.Bound == noGoal:
		return information
	case len(f.Rounds) == 0:
		return missed
	case f.Bound == atMost && f.Measured <= f.Goal, f.Bound == atLeast && f.Measured >= f.Goal:
		return ok
	}
	return missed
}

func (r *report) finish() { r.Took = time.Since(r.Began).Round(time.Second).String() }

// String is the table.
func (r *report) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%d CPUs, Linux %s, %s, load before %s; rounds %d; corpus %s; took %s\n", r.CPUs, r.Kernel, r.Go, r.Load, r.Rounds, r.Corpus, r.Took)
	if r.Quick {
		out.WriteString("A smoke run: it shows that everything can be measured; its figures prove nothing.\n")
	}
	table := tabwriter.NewWriter(&out, 0, 4, 2, ' ', 0)
	part := ""
	for _, f := range r.Figures {
		if f.Part != part {
			part = f.Part
			fmt.Fprintf(table, "\n%s\tgoal\tmeasured\tfrom … to\tverdict\n", strings.ToUpper(part))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.Name, f.wanted(), number(f.Measured, f.Unit), f.spread(), strings.Join(slices.DeleteFunc([]string{f.Verdict, f.Note}, func(s string) bool { return s == "" }), "; "))
	}
	table.Flush() // into memory, which does not fail
	return out.String()
}

func (f figure) wanted() string {
	if f.Bound == noGoal {
		return ""
	}
	return string(f.Bound) + " " + number(f.Goal, f.Unit)
}

func (f figure) spread() string {
	if len(f.Rounds) < 2 {
		return ""
	}
	return number(slices.Min(f.Rounds), "") + " … " + number(slices.Max(f.Rounds), "")
}

// number writes three digits that count, and the unit.
func number(n float64, unit string) string {
	digits := 0
	switch size := max(n, -n); {
	case size == float64(int64(size)):
	case size < 10:
		digits = 2
	case size < 100:
		digits = 1
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", digits, n, unit))
}

// write keeps the report as JSON.
func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
