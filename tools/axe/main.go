// Axe has axe-core, which is not a part of this project, look for barriers on
// every page type of the demonstration newsroom, in every edition, on a phone
// and on a desk, light and dark. It is given the path of axe.min.js; see
// test/browser/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/chromedp"
)

func main() {
	path := flag.String("axe", "axe.min.js", "axe-core, as its package has it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	found, err := run(ctx, *path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d violations\n", found)
	if found > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) (found int, err error) {
	axe, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read axe-core: %w", err)
	}
	set, err := stage.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() {
		if ended := set.Close(); err == nil {
			err = ended
		}
	}()
	pages, err := set.Newsroom.Pages(ctx)
	if err != nil {
		return 0, err
	}
	dark := stage.Desk
	dark.Dark = true
	for _, p := range pages {
		for _, on := range []stage.Screen{stage.Phone, stage.Desk, dark} {
			violations, err := inspect(set, p, on, string(axe))
			if err != nil {
				return found, fmt.Errorf("inspect %s in %s: %w", p.Name, p.Edition.Key, err)
			}
			found += len(violations)
			tell(p, on, violations)
		}
	}
	return found, nil
}

// violation is a rule that a page breaks, and where.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []string
		HTML   string
	}
}

// inspection leaves out nothing that axe-core knows but its experiments.
const inspection = `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => ({
	ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({Target: n.target.map(String), HTML: n.html}))})))`

func inspect(set *stage.Stage, p stage.Page, on stage.Screen, axe string) ([]violation, error) {
	ctx, end, err := set.Chromium.Tab(on)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := chromedp.Do(ctx, chromedp.Navigate(set.Newsroom.URL+p.Path), chromedp.Evaluate[chromedp.Void](axe)); err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]violation](inspection, chromedp.EvalAwaitPromise))
}

// mostShown is how many places of a violation are printed.
const mostShown = 3

func tell(p stage.Page, on stage.Screen, violations []violation) {
	for _, v := range violations {
		fmt.Printf("%s-%s at %d px, dark %v: %s (%s): %s, in %d places\n", p.Name, p.Edition.Key, on.Width, on.Dark, v.ID, v.Impact, v.Help, len(v.Nodes))
		for n, place := range v.Nodes {
			if n == mostShown {
				break
			}
			fmt.Printf("  %s  %.160s\n", strings.Join(place.Target, " "), place.HTML)
		}
	}
}
