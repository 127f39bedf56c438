// Command bench measures the built program from outside, as a process that
// readers and operators meet: what a kept page costs beside nginx with the same
// bytes, what a page costs that must be made, how long an import takes, and
// what changes when a newsroom grows. It is no test (a figure that is missed is
// printed, not failed), and it sets nothing in the program or on the machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The parts of the suite, in their order.
const (
	partCached   = "cached"
	partUncached = "uncached"
	partImport   = "import"
	partScale    = "scale"
	partSearch   = "search"
)

// options are what the command line says.
type options struct {
	// binary is the program under measure.
	binary string
	// out is the folder of the report, in which the work is done too: the
	// newsrooms then lie on the disk that the checkout lies on.
	out string
	// parts are those that are wanted.
	parts []string
	// rounds are how often each load is repeated.
	rounds int
	// quick asks whether everything works, not how fast.
	quick bool
	// limit ends the run whatever it is at.
	limit time.Duration
	// folder has articles/{edition}/… in it; empty means that they are generated.
	folder string
}

// bench is one run of the suite.
type bench struct {
	options
	// dir is where the newsrooms and the files are; it goes away at the end.
	dir    string
	report *report
	// What several parts use is made once: the demonstration's folder, the
	// articles, and the folder of the newsroom that has them all.
	demonstration string
	articles      []batch
	imported      string
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.binary, "binary", "out/broadsheet", "the built program")
	flags.StringVar(&o.out, "out", "out", "the folder of bench.json")
	only := flags.String("only", strings.Join(allParts(), ","), "the parts to run")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each load is repeated")
	flags.BoolVar(&o.quick, "quick", false, "a smoke run of less than a minute; its figures prove nothing")
	flags.DurationVar(&o.limit, "limit", 40*time.Minute, "the end of the run, whatever it is at")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.parts = strings.Split(*only, ",")
	for _, part := range o.parts {
		if !slices.Contains(allParts(), part) {
			err = fmt.Errorf("there is no part %q; there are %s", part, strings.Join(allParts(), ", "))
			fmt.Fprintln(os.Stderr, "bench:", err)
			return o, err
		}
	}
	if o.quick {
		o.rounds = 1
	}
	o.rounds = max(1, o.rounds)
	o.folder = os.Getenv("BROADSHEET_CORPUS")
	return o, nil
}

func allParts() []string {
	return []string{partCached, partUncached, partImport, partScale, partSearch}
}

// run measures the parts that are wanted, then prints and writes the figures. A
// part that cannot be measured does not keep the next from it.
func run(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	b, err := open(o)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	failure := b.measureAll(ctx)
	b.report.finish()
	fmt.Print(b.report)
	return errors.Join(failure, b.report.write(filepath.Join(o.out, "bench.json")))
}

func open(o options) (*bench, error) {
	if _, err := os.Stat(o.binary); err != nil {
		return nil, fmt.Errorf("the program is not built: %w", err)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the report: %w", err)
	}
	dir, err := os.MkdirTemp(o.out, "bench-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder to work in: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find the folder to work in: %w", err)
	}
	return &bench{options: o, dir: dir, report: newReport(o)}, nil
}

func (b *bench) measureAll(ctx context.Context) error {
	parts := map[string]func(context.Context) error{
		partCached: b.cached, partUncached: b.uncached, partImport: b.importing, partScale: b.scale, partSearch: b.searching,
	}
	var failures []error
	for _, part := range allParts() {
		if !slices.Contains(b.parts, part) {
			continue
		}
		began := time.Now()
		b.say("%s …", part)
		if err := parts[part](ctx); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", part, err))
		}
		b.say("%s took %.0f s", part, time.Since(began).Seconds())
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// say tells on stderr how far the run is.
func (b *bench) say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", values...)
}

// either chooses a value by a claim: mostly what a whole run needs, or what is
// enough for a smoke run.
func either[T any](claim bool, no, yes T) T {
	if claim {
		return yes
	}
	return no
}
