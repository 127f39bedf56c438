// Torture injures a newsroom and looks what is left: it kills the program in
// the middle of a write, cuts the power of its disk, takes its database away,
// fills its folder, and compares what readers then see with a ledger that was
// kept outside. It is a tool of the makefile, not a part of the program: it
// knows the binary and what the binary promises over HTTP, and no room of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Exit codes.
const (
	passed   = 0
	failed   = 1
	misused  = 2
	leftAway = 3
)

// skip says that this machine cannot run a trial, and what it lacks. A trial
// that was skipped has not passed.
type skip struct{ lacks string }

// Error says it as the report does.
func (s skip) Error() string { return "skipped: " + s.lacks }

// trial is one way to hurt a newsroom.
type trial struct {
	name, does string
	run        func(context.Context, *run) error
}

func trials() []trial {
	return []trial{
		{"kill", "kill -9 at random moments while eight writers work", killed},
		{"powercut", "the power of the disk is cut while eight writers work", cut},
		{"outage", "the database is away while readers read and are counted", outage},
		{"nodes", "one node of three is killed again and again under readers", threeNodes},
		{"failover", "the primary database dies and its standby takes over", failover},
		{"full", "the disk fills and is emptied", full},
		{"backup", "backups are made while writers work, and all are restored", backups},
		{"clock", "a node's clock is a day wrong", wrongClock},
		{"visible", "how long a change takes to every page", visible},
		{"views", "views are counted, none lost and none twice", views},
		{"redact", "a name is taken from everywhere", redact},
		{"slow", "clients that send and read slowly", slow},
		{"probe", "sqlmap and wapiti look for holes", probe},
	}
}

// options are what the command line says.
type options struct {
	short    bool
	seed     uint64
	database string
	binary   string
	out      string
	fs       string
	keep     bool
	freeze   bool
	bus      string
	look     time.Duration
	away     time.Duration
	limit    time.Duration
}

func main() { os.Exit(start(os.Args[1:], os.Stdout)) }

func start(args []string, out io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage())
		return misused
	}
	for _, t := range trials() {
		if t.name != args[0] {
			continue
		}
		o, err := parse(t, args[1:])
		if errors.Is(err, flag.ErrHelp) {
			return passed
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "torture:", err)
			return misused
		}
		return perform(t, o, out)
	}
	fmt.Fprintf(os.Stderr, "torture: there is no %q\n%s", args[0], usage())
	return misused
}

func usage() string {
	var text strings.Builder
	text.WriteString("usage: go run ./tools/torture SUBCOMMAND [flags]\n")
	for _, t := range trials() {
		fmt.Fprintf(&text, "  %-9s %s\n", t.name, t.does)
	}
	return text.String()
}

func parse(t trial, args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("torture "+t.name, flag.ContinueOnError)
	f.BoolVar(&o.short, "short", false, "small sizes, for the suite: they show that the trial works and bites, and prove little")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "where chance begins; the same seed gives the same writes and moments")
	f.StringVar(&o.database, "database", "sqlite", "sqlite, or postgres for a server of the trial's own, or the postgres:// URL of one where a database may be created")
	f.StringVar(&o.binary, "binary", "", "the program, if it is built already")
	f.StringVar(&o.out, "out", "out/torture", "the folder for ledgers")
	f.StringVar(&o.fs, "fs", "xfs", "powercut: xfs or ext4")
	f.BoolVar(&o.keep, "keep", false, "leave the newsroom where it is")
	f.BoolVar(&o.freeze, "freeze", false, "outage: the database hangs instead of being gone")
	f.StringVar(&o.bus, "bus", "both", "visible: none, nats or both")
	f.DurationVar(&o.look, "look", 5*time.Millisecond, "visible: how often each page is looked at; many looks cost what they measure")
	f.DurationVar(&o.away, "for", 10*time.Minute, "outage: how long the database is away")
	f.DurationVar(&o.limit, "limit", 3*time.Hour, "when the trial ends itself")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("what is %q?", f.Arg(0))
	}
	return o, nil
}

// perform runs a trial from making its folder to its verdict.
func perform(t trial, o options, out io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, end := context.WithTimeout(ctx, o.limit)
	defer end()
	r, err := newRun(ctx, t.name, o)
	if err == nil {
		err = t.run(ctx, r)
	}
	r.close()
	var missing skip
	if errors.As(err, &missing) {
		fmt.Fprintln(out, missing.Error())
		return leftAway
	}
	fmt.Fprint(out, r.report.String())
	if err != nil {
		fmt.Fprintf(out, "FAIL %s: %v\n", t.name, err)
		return failed
	}
	if !r.report.passes() {
		fmt.Fprintf(out, "FAIL %s\n", t.name)
		return failed
	}
	fmt.Fprintf(out, "PASS %s\n", t.name)
	return passed
}

// run is a trial at work: its folder, its ledger and what it leaves behind.
type run struct {
	options
	name   string
	dir    string
	ledger *ledger
	report *report
	// shown are the times after which each kind of page showed a change.
	shown map[string][]time.Duration
	// undo is done backwards when the trial ends, however it ends.
	undo []func()
}

func newRun(ctx context.Context, name string, o options) (*run, error) {
	r := &run{options: o, name: name, report: newReport(name, o)}
	var err error
	if r.dir, err = os.MkdirTemp("", "broadsheet-torture-*"); err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	// PostgreSQL runs as another user below it.
	if err := os.Chmod(r.dir, 0o755); err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	if !o.keep {
		r.later(func() { os.RemoveAll(r.dir) })
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return r, fmt.Errorf("make a folder for the ledger: %w", err)
	}
	if r.ledger, err = openLedger(filepath.Join(o.out, fmt.Sprintf("%s-%d.jsonl", name, o.seed))); err != nil {
		return r, err
	}
	r.report.ledger = r.ledger
	r.say("seed %d, ledger %s, folder %s", o.seed, r.ledger.path, r.dir)
	if r.binary == "" {
		r.binary, err = build(ctx, r.dir)
	} else {
		r.binary, err = filepath.Abs(r.binary)
	}
	return r, err
}

// later has something undone at the end.
func (r *run) later(undo func()) { r.undo = append(r.undo, undo) }

func (r *run) close() {
	for n := len(r.undo) - 1; n >= 0; n-- {
		r.undo[n]()
	}
	if r.ledger != nil {
		r.ledger.close()
	}
}

// say tells who waits how far the trial is.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %s: %s\n", time.Now().Format("15:04:05"), r.name, fmt.Sprintf(format, args...))
}

// size is one number for the full trial and one for the suite.
func (r *run) size(whole, short int) int {
	if r.short {
		return short
	}
	return whole
}
