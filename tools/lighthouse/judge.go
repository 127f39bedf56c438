package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"slices"
	"time"

	"broadsheet/test/browser/stage"
)

// judge is an installed Lighthouse and the browser that it drives.
type judge struct{ script, browser string }

func newJudge() (judge, error) {
	script, err := stage.Need("lighthouse/cli/index.js")
	if err != nil {
		return judge{}, err
	}
	if _, err := exec.LookPath("node"); err != nil {
		return judge{}, errors.New("node is not installed: run scripts/install-test-needs")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if browser, err := exec.LookPath(name); err == nil {
			return judge{script, browser}, nil
		}
	}
	return judge{}, errors.New("the browser Chromium is not installed: run scripts/install-test-needs")
}

// endsWithin is how long Lighthouse may take to end its browser.
const endsWithin = 10 * time.Second

// chosen are audits that a page type fails because it was decided so.
var chosen = map[string]string{
	"search": "is-crawlable", // what is found for any word that is typed is kept out of indexes
}

// median looks at a page several times; each figure is the median of its own.
func (j judge) median(ctx context.Context, n *stage.Newsroom, p stage.Page, runs int) (verdict, error) {
	if p.Name != "search" { // which is made for each reader
		if err := n.Packed(ctx, p.Path); err != nil {
			return verdict{}, err
		}
	}
	var all []verdict
	for range runs {
		v, err := j.lookAgain(ctx, n.URL+p.Path, chosen[p.Name])
		if err != nil {
			return v, err
		}
		all = append(all, v)
	}
	of := func(value func(verdict) float64) float64 {
		values := make([]float64, len(all))
		for n, v := range all {
			values[n] = value(v)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	middle := verdict{
		shift:   of(func(v verdict) float64 { return v.shift }),
		largest: of(func(v verdict) float64 { return v.largest }),
		wanting: all[len(all)-1].wanting,
	}
	for n := range goals {
		middle.scores = append(middle.scores, int(of(func(v verdict) float64 { return float64(v.scores[n]) })))
	}
	return middle, nil
}

// tries is how often a page is looked at before Lighthouse is taken to be broken: now
// and then its browser says nothing of how a page was loaded.
const tries = 3

func (j judge) lookAgain(ctx context.Context, address, skip string) (v verdict, err error) {
	for range tries {
		if v, err = j.look(ctx, address, skip); err == nil || ctx.Err() != nil {
			break
		}
		slog.Warn("look again", "page", address, "error", err)
	}
	return v, err
}

// report is the part of Lighthouse's answer that is read.
type report struct {
	RuntimeError struct{ Message string }
	Categories   map[string]struct {
		Score     float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Title, DisplayValue string
		Score               *float64
		NumericValue        float64
	}
}

func (j judge) look(ctx context.Context, address, skip string) (verdict, error) {
	arguments := []string{j.script, address, "--output=json", "--quiet", "--no-enable-error-reporting",
		"--only-categories=performance,accessibility,best-practices,seo", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"}
	if skip != "" {
		arguments = append(arguments, "--skip-audits="+skip)
	}
	command := exec.CommandContext(ctx, "node", arguments...)
	command.Env = append(os.Environ(), "CHROME_PATH="+j.browser)
	command.Stderr = os.Stderr
	// Killed, it would leave its browser behind.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = endsWithin
	said, err := command.Output()
	if err != nil {
		return verdict{}, fmt.Errorf("run Lighthouse: %w", err)
	}
	var r report
	if err := json.Unmarshal(said, &r); err != nil {
		return verdict{}, fmt.Errorf("read what Lighthouse says: %w", err)
	}
	if r.RuntimeError.Message != "" {
		return verdict{}, fmt.Errorf("the tool Lighthouse could not look: %s", r.RuntimeError.Message)
	}
	return r.verdict(), nil
}

func (r report) verdict() verdict {
	v := verdict{shift: r.Audits["cumulative-layout-shift"].NumericValue, largest: r.Audits["largest-contentful-paint"].NumericValue}
	for _, g := range goals {
		c := r.Categories[g.category]
		v.scores = append(v.scores, int(math.Round(c.Score*100)))
		for _, ref := range c.AuditRefs {
			a := r.Audits[ref.ID]
			if ref.Weight > 0 && a.Score != nil && *a.Score < .9 {
				v.wanting = append(v.wanting, fmt.Sprintf("%s: %s (%s) %s", g.category, a.Title, ref.ID, a.DisplayValue))
			}
		}
	}
	return v
}
