package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The goals of a newsroom that has grown.
const (
	goalGrowth       = 1.3
	goalServerMemory = 250
	goalReady        = time.Second
	goalBinary       = 60
)

// scale measures what changes when a newsroom is ninety times as large.
func (b *bench) scale(ctx context.Context) error {
	large, err := b.large(ctx)
	if err != nil {
		return err
	}
	small, err := b.few(ctx)
	if err != nil {
		return err
	}
	if err := b.growth(ctx, small, large); err != nil {
		return err
	}
	if err := b.manyPages(ctx, large); err != nil {
		return err
	}
	if err := b.starts(ctx, large); err != nil {
		return err
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("look at the program: %w", err)
	}
	b.report.goal(figure{Part: partScale, Name: "the program", Unit: "MB"}, atMost, goalBinary, float64(info.Size())/1e6)
	return nil
}

// few makes the newsroom to compare with: a thousand of the same stories.
func (b *bench) few(ctx context.Context) (string, error) {
	articles, err := b.corpus()
	if err != nil {
		return "", err
	}
	some, err := share(articles, filepath.Join(b.dir, "few"), either(b.quick, fewRows, fewSmokeRows))
	if err != nil {
		return "", err
	}
	dir, err := b.newsroom(ctx, "small")
	if err != nil {
		return "", err
	}
	_, err = b.importAll(ctx, dir, some)
	return dir, err
}

// pair is two newsrooms of which the large one has all that the small one has.
type pair struct {
	small, large           *server
	smallPages, largePages pages
}

// growth compares pages that must be made, in the small newsroom and in the
// large one, both served at once and asked in turns.
func (b *bench) growth(ctx context.Context, small, large string) (err error) {
	p := &pair{}
	if p.small, p.smallPages, err = b.openUncached(ctx, small); err != nil {
		return err
	}
	defer p.small.stop()
	if p.large, p.largePages, err = b.openUncached(ctx, large); err != nil {
		return err
	}
	defer p.large.stop()
	sizes := fmt.Sprintf("%d stories against %d", len(p.largePages[storyPage]), len(p.smallPages[storyPage]))
	p.same()
	for _, kind := range kinds() {
		if len(p.smallPages[kind]) == 0 || len(p.largePages[kind]) == 0 {
			continue
		}
		b.say("%s of a large and a small newsroom", kind)
		if err := b.compare(ctx, p, kind, sizes); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) openUncached(ctx context.Context, dir string) (*server, pages, error) {
	s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback, "--cache-mb", "0")
	if err != nil {
		return nil, nil, err
	}
	found, err := survey(ctx, s)
	if err != nil {
		s.stop()
		return nil, nil, err
	}
	return s, found, nil
}

// fullPage is how many stories a list must be made of for its pages to be full
// in both newsrooms. A half-empty page of the small one would be no match.
const fullPage = 60

// same leaves the pages that are alike in both newsrooms, so that neither is
// asked for more than the other.
func (p *pair) same() {
	stories := p.smallPages.stories()
	for _, kind := range []string{frontPage, sectionPage, feedPage, topicPage} {
		both := slices.DeleteFunc(slices.Clone(p.smallPages[kind]), func(path string) bool {
			list := strings.TrimSuffix(path, "feed.xml")
			return !slices.Contains(p.largePages[kind], path) || kind != topicPage && stories[list] < fullPage
		})
		p.smallPages[kind], p.largePages[kind] = both, both
	}
	p.largePages[searchPage] = p.smallPages[searchPage] // any word can be looked for anywhere
}

// compare asks both newsrooms in turns, round by round.
func (b *bench) compare(ctx context.Context, p *pair, kind, sizes string) error {
	c := newClient()
	defer c.close()
	count := either(b.quick, 150, 40)
	smallPaths, largePaths := p.smallPages.some(kind, count*b.rounds), p.largePages.some(kind, count*b.rounds)
	var ratios, halves, most []float64
	for round := range b.rounds {
		var small, large []time.Duration
		for n := range count {
			at := round*count + n
			s, err := c.get(ctx, p.small.url+smallPaths[at%len(smallPaths)], "identity")
			if err != nil {
				return err
			}
			l, err := c.get(ctx, p.large.url+largePaths[at%len(largePaths)], "identity")
			if err != nil {
				return err
			}
			small, large = append(small, s.took), append(large, l.took)
		}
		half := quantile(large, 0.5)
		ratios = append(ratios, float64(half)/float64(quantile(small, 0.5)))
		halves, most = append(halves, milliseconds(half)), append(most, milliseconds(quantile(large, 0.99)))
	}
	ratio := figure{Part: partScale, Name: kind + ": p50, large against small", Unit: "×", Note: sizes}
	if slices.Contains([]string{frontPage, sectionPage, storyPage}, kind) {
		b.report.goal(ratio, atMost, goalGrowth, ratios...)
	} else {
		b.report.tell(ratio, ratios...)
	}
	b.report.tell(figure{Part: partScale, Name: kind + ": p50 of the large", Unit: "ms"}, halves...)
	b.report.tell(figure{Part: partScale, Name: kind + ": p99 of the large", Unit: "ms"}, most...)
	return nil
}

// keptMB bounds the kept pages while memory is measured, in MiB.
const keptMB = 64

// manyPages measures what a server takes after very many different pages.
func (b *bench) manyPages(ctx context.Context, dir string) error {
	s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback, "--cache-mb", fmt.Sprint(keptMB))
	if err != nil {
		return err
	}
	defer s.stop()
	found, err := survey(ctx, s)
	if err != nil {
		return err
	}
	c := newClient()
	defer c.close()
	paths := found.some(storyPage, either(b.quick, 5_000, 300))
	for n, path := range paths {
		if n%1000 == 0 {
			b.say("page %d of %d", n, len(paths))
		}
		if _, err := c.get(ctx, s.url+path, "gzip"); err != nil {
			return err
		}
	}
	m, err := memoryOf(s.pid)
	if err != nil {
		return err
	}
	f := figure{Part: partScale, Unit: "MB"}
	f.Name = fmt.Sprintf("memory after %d pages, beside %d MiB of kept ones", len(paths), keptMB)
	b.report.goal(f, atMost, goalServerMemory, m.resident-keptMB*(1<<20)/1e6)
	f.Name = "all its memory then"
	b.report.tell(f, m.resident)
	f.Name = "the most it ever had"
	b.report.tell(f, m.peak)
	f.Name = "its share (Pss)"
	b.report.tell(f, m.share)
	return nil
}

// starts measures the time from a start to the line that says ready.
func (b *bench) starts(ctx context.Context, dir string) error {
	var rounds []float64
	for range max(either(b.quick, 5, 2), b.rounds) {
		s, err := b.serve(ctx, "serve", "--data", dir, "--addr", loopback)
		if err != nil {
			return err
		}
		s.stop()
		rounds = append(rounds, s.took.Seconds())
	}
	b.report.goal(figure{Part: partScale, Name: "start to ready, with all stories", Unit: "s"}, atMost, goalReady.Seconds(), rounds...)
	return nil
}
