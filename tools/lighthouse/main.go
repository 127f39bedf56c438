// Lighthouse has Lighthouse, which is no part of this project, judge pages of the
// demonstration newsroom as a reader on a phone gets them, each several times. It
// prints the medians and what was found wanting, and ends with 1 when a goal is
// missed. scripts/install-test-needs installs what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"

	"broadsheet/test/browser/stage"
)

func main() {
	order := order{}
	only := flag.String("only", "front,story,topic,search,section", "the page types, with commas")
	flag.IntVar(&order.runs, "runs", 3, "how often each page is judged")
	flag.StringVar(&order.edition, "edition", "", "one edition, such as en; all when left out")
	flag.Parse()
	order.names = strings.Split(*only, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	missed, err := run(ctx, order)
	if err != nil {
		log.Fatal(err)
	}
	if missed > 0 {
		fmt.Printf("%d pages miss a goal\n", missed)
		os.Exit(1)
	}
	fmt.Println("every goal is met")
}

// order is what is judged, and how often.
type order struct {
	names   []string
	edition string
	runs    int
}

func (o order) has(p stage.Page) bool {
	return slices.Contains(o.names, p.Name) && (o.edition == "" || o.edition == p.Edition.Key)
}

func run(ctx context.Context, o order) (missed int, err error) {
	judge, err := newJudge()
	if err != nil {
		return 0, err
	}
	set, err := stage.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	// Lighthouse starts a browser of its own for each look.
	pages, err := set.Newsroom.Pages(ctx)
	if err != nil {
		return 0, err
	}
	fmt.Printf("%-16s %12s %14s %15s %5s %7s %9s\n", "page", "performance", "accessibility", "best practices", "SEO", "CLS", "LCP ms")
	judged := 0
	for _, p := range pages {
		if !o.has(p) {
			continue
		}
		judged++
		v, err := judge.median(ctx, set.Newsroom, p, o.runs)
		if err != nil {
			return missed, fmt.Errorf("judge %s of %s: %w", p.Name, p.Edition.Key, err)
		}
		v.tell(p)
		if !v.good() {
			missed++
		}
	}
	if judged == 0 {
		return 0, fmt.Errorf("there is no page type among %v", o.names)
	}
	return missed, nil
}

// goals are the least that a page must reach; nothing may move.
var goals = []struct {
	category string
	least    int
}{{"performance", 98}, {"accessibility", 100}, {"best-practices", 100}, {"seo", 100}}

// verdict is what Lighthouse says of a page.
type verdict struct {
	// scores are in the order of goals, 0 to 100.
	scores []int
	shift  float64
	// largest is when the largest thing was painted, in milliseconds.
	largest float64
	// wanting are the audits that cost something.
	wanting []string
}

func (v verdict) good() bool {
	for n, g := range goals {
		if v.scores[n] < g.least {
			return false
		}
	}
	return v.shift < .0005
}

func (v verdict) tell(p stage.Page) {
	fmt.Printf("%-16s %12d %14d %15d %5d %7.3f %9.0f\n", p.Name+"-"+p.Edition.Key, v.scores[0], v.scores[1], v.scores[2], v.scores[3], v.shift, v.largest)
	for _, audit := range v.wanting {
		fmt.Println("    " + audit)
	}
}
