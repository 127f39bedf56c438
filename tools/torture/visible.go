package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// The goals of R8.
const (
	visibleMiddle = 100 * time.Millisecond
	visibleMost   = 500 * time.Millisecond
	visibleNoBus  = 2 * time.Second
)

// visible is R8: how long a change takes to every page.
func visible(ctx context.Context, r *run) error {
	if err := r.visibleOn(ctx, "one node", "", nil); err != nil {
		return err
	}
	if r.bus == "nats" || r.bus == "both" {
		bus, err := r.nats(ctx)
		if err != nil {
			return err
		}
		if err := r.visibleOn(ctx, "three nodes, NATS", "postgres", []string{"--bus", bus}); err != nil {
			return err
		}
	}
	if r.bus == "none" || r.bus == "both" {
		return r.visibleOn(ctx, "three nodes, no bus", "postgres", nil)
	}
	return nil
}

// visibleOn measures on one newsroom.
func (r *run) visibleOn(ctx context.Context, name, engine string, args []string) error {
	var p *postgres
	url, nodes, err := "", 1, error(nil)
	if engine == "postgres" {
		nodes = 3
		if p, err = r.postgres(ctx, "postgres-"+folderName(name)); err != nil {
			return err
		}
		url = p.url
	} else if url, err = r.engine(ctx); err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data-"+folderName(name)), url)
	if err != nil {
		return err
	}
	if err := r.furnish(ctx, room, r.size(10_000, 300)); err != nil {
		return err
	}
	for range nodes {
		if _, err := room.node(ctx, args...); err != nil {
			return err
		}
	}
	for _, n := range room.nodes {
		if err := r.warm(ctx, n, r.size(2000, 100)); err != nil {
			return err
		}
	}
	seen := map[string][]time.Duration{}
	r.shown = map[string][]time.Duration{}
	rounds := r.size(1000/3, 10)
	for i := range rounds {
		if err := r.follow(ctx, room, i, seen); err != nil {
			return err
		}
		if (i+1)%50 == 0 {
			r.say("%s: %d of %d stories", name, i+1, rounds)
		}
	}
	middle, most := visibleMiddle, visibleMost
	if nodes > 1 && len(args) == 0 {
		middle, most = 0, visibleNoBus
	}
	for _, what := range []string{"published", "corrected", "withdrawn"} {
		r.report.took(name+": "+what+" to visible everywhere", seen[what], middle, most, 0)
	}
	r.report.note("%s: p50 of each: %s", name, middles(r.shown))
	for _, n := range room.nodes {
		n.stop()
	}
	if p != nil {
		p.halt(ctx, "immediate")
	}
	return nil
}

// folderName is a name that PostgreSQL takes for one folder: it parts its
// sockets' folders by commas.
func folderName(name string) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(name)
}

// furnish imports stories, so that lists are long.
func (r *run) furnish(ctx context.Context, room *newsroom, stories int) error {
	file := r.folder("stories.jsonl")
	out, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write stories: %w", err)
	}
	defer out.Close()
	p := newProse(r.seed)
	lines := json.NewEncoder(out)
	for n := range stories {
		body := p.words(120) + ".\n\n" + p.words(120) + "."
		at := time.Now().Add(-time.Duration(stories-n) * time.Minute * 20).UTC().Format(time.RFC3339)
		if err := lines.Encode(map[string]string{"id": fmt.Sprint("furnish-", n), "title": fmt.Sprintf("Furnished %s %d", mark(n*7919), n), "date": at, "body": body}); err != nil {
			return fmt.Errorf("write stories: %w", err)
		}
	}
	_, err = r.cli(ctx, append([]string{"import", "articles", file, "--edition", edition}, room.where()...)...)
	return err
}

// warm has pages read, so that they are kept.
func (r *run) warm(ctx context.Context, n *node, pages int) error {
	from := newReader(n.url())
	paths := from.published(ctx)
	if len(paths) > pages {
		paths = paths[:pages]
	}
	queue := make(chan string)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for at := range queue {
				from.get(ctx, at) // what fails is not kept; the trial is about what is
			}
		})
	}
	for _, at := range paths {
		queue <- at
	}
	close(queue)
	all.Wait()
	if len(paths) < pages/2 {
		return fmt.Errorf("only %d pages are there to be read", len(paths))
	}
	return nil
}

// spot is one page of one node on which a story is looked for.
type spot struct {
	node, kind string
	at         string
	// shows tells whether the page shows what is waited for.
	shows func(answer) bool
	from  *reader
}

// follow publishes, corrects and withdraws one story on the first node and
// measures how long each takes to every page of all nodes.
func (r *run) follow(ctx context.Context, room *newsroom, i int, seen map[string][]time.Duration) error {
	w := (&crew{ledger: r.ledger, report: r.report, room: room, patience: time.Minute}).writer(r.seed+uint64(i), room.api(room.nodes[0].url()))
	if err := w.create(ctx); err != nil || w.now == nil {
		return fmt.Errorf("create: %w: %s", err, wrongs(w.crew))
	}
	s := w.now
	address := "/" + edition + "/" + room.section.slug + "/" + s.slug
	steps := []struct {
		what string
		save bool
		act  act
	}{{"published", false, publishing}, {"corrected", true, correcting}, {"withdrawn", false, withdrawing}}
	for _, step := range steps {
		if step.save {
			if err := w.do(ctx, saving, w.draft()); err != nil {
				return err
			}
		}
		headline := lastHeadline(r.ledger.history(s.own))
		spots := r.spots(room, s, address, headline, step.act)
		if err := w.do(ctx, step.act, text{}); err != nil {
			return err
		}
		if w.now == nil {
			return fmt.Errorf("%s: %s", step.act, wrongs(w.crew))
		}
		took, err := r.wait(ctx, spots)
		if err != nil {
			r.report.found(finding{lost, s.own, "visible " + step.what, err.Error(), "everywhere"})
			took = time.Minute
		}
		seen[step.what] = append(seen[step.what], took)
	}
	return nil
}

func wrongs(c *crew) string {
	if len(c.rude) == 0 {
		return "no answer"
	}
	return c.rude[0].String()
}

func lastHeadline(h history) string {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].Headline != "" {
			return h[i].Headline
		}
	}
	return ""
}

// spots are all pages that show a new story, on all nodes.
func (r *run) spots(room *newsroom, s *work, address, headline string, a act) []spot {
	// The save's own word is in every form in which a page writes the headline.
	word := strings.Fields(headline)[2]
	with := func(out answer) bool { return out.status == http.StatusOK && strings.Contains(string(out.body), word) }
	names := func(out answer) bool {
		return out.status == http.StatusOK && strings.Contains(string(out.body), s.slug+"<")
	}
	if a == withdrawing {
		gone := func(out answer) bool {
			return out.status == http.StatusGone || out.status == http.StatusOK && !strings.Contains(string(out.body), s.slug)
		}
		with, names = gone, gone
	}
	home := "/" + edition + "/"
	var all []spot
	for _, n := range room.nodes {
		from := newReader(n.url())
		for _, one := range [][2]string{{"story", address}, {"front", home}, {"latest", home + "latest/"}, {"section", home + room.section.slug + "/"}, {"feed", home + "feed.xml"},
			{"section feed", home + room.section.slug + "/feed.xml"}, {"news sitemap", home + "sitemap-news.xml"}, {"search", home + "search?q=" + s.own}} {
			all = append(all, spot{n.name, one[0], one[1], with, from})
		}
		all = append(all, spot{n.name, "sitemap", home + "sitemap-" + time.Now().UTC().Format("2006-01") + ".xml", names, from})
	}
	return all
}

// wait looks at all pages until each shows what is waited for.
func (r *run) wait(ctx context.Context, spots []spot) (took time.Duration, late error) {
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, s := range spots {
		all.Go(func() {
			err := patience(ctx, 20*time.Second, r.look, func() error {
				out, err := s.from.get(ctx, s.at)
				if err == nil && !s.shows(out) {
					err = fmt.Errorf("node %s, %s does not show it (%d)", s.node, s.at, out.status)
				}
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			took = time.Since(began)
			r.shown[s.kind] = append(r.shown[s.kind], took)
			if err != nil {
				late = err
			}
		})
	}
	all.Wait()
	return took, late
}

// middles tells the middle time of each, the longest first.
func middles(times map[string][]time.Duration) string {
	middle := map[string]time.Duration{}
	for what, all := range times {
		middle[what] = quantile(all, .5)
	}
	var out []string
	for _, what := range slices.SortedFunc(maps.Keys(middle), func(a, b string) int { return cmp.Compare(middle[b], middle[a]) }) {
		out = append(out, fmt.Sprintf("%s %.0f ms", what, milliseconds(middle[what])))
	}
	return strings.Join(out, ", ")
}
