package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// redactedName is what must go from everywhere.
const redactedName = "Zerafina Quistgaard"

// goneWithin is the goal for three nodes.
const goneWithin = 30 * time.Second

// redact takes one name from many stories with their versions, on three nodes,
// and looks for its bytes afterwards.
func redact(ctx context.Context, r *run) error {
	r.asked("postgres")
	p, err := r.postgres(ctx, "postgres")
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), p.url)
	if err != nil {
		return err
	}
	bus, err := r.nats(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := room.node(ctx, "--bus", bus); err != nil {
			return err
		}
	}
	stories, versions := r.size(1000, 30), 5
	addresses, err := r.named(ctx, room, stories, versions)
	if err != nil {
		return err
	}
	r.say("%d stories of %d versions hold the name", stories, versions)
	if err := r.holds(ctx, room, addresses); err != nil {
		return err
	}
	if err := r.readOnce(ctx, room, addresses); err != nil {
		return err
	}
	asked := time.Now()
	id, err := r.askRedaction(ctx, room)
	if err != nil {
		return err
	}
	r.report.tell("asked and confirmed", milliseconds(time.Since(asked)), "ms")
	shown, swept, err := r.untilGone(ctx, room, addresses)
	if err != nil {
		return err
	}
	r.report.atMost("an address last showed the name after", shown.Seconds(), "s", goneWithin.Seconds())
	r.report.tell("every address was read without it after", swept.Seconds(), "s")
	state, err := r.untilDone(ctx, room, id)
	if err != nil {
		return err
	}
	r.report.note("the redaction ends as %q", state)
	// What no server holds open any more is on the disk.
	if _, err := p.ask(ctx, "checkpoint"); err != nil {
		return err
	}
	for _, n := range room.nodes {
		n.stop()
	}
	if err := p.halt(ctx, "fast"); err != nil {
		return err
	}
	folders := []string{filepath.Join(p.data(), "base")}
	for _, n := range room.nodes {
		folders = append(folders, n.data)
	}
	return r.bytesGone(folders)
}

// named writes and publishes stories that hold the name in every version.
func (r *run) named(ctx context.Context, room *newsroom, stories, versions int) ([]string, error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	var failure error
	var addresses []string
	queue := make(chan int)
	for range writers {
		all.Go(func() {
			for i := range queue {
				address, err := r.oneNamed(ctx, room, i, versions)
				mu.Lock()
				addresses = append(addresses, address)
				if err != nil {
					failure = err
				}
				mu.Unlock()
			}
		})
	}
	for i := range stories {
		queue <- i
	}
	close(queue)
	all.Wait()
	return addresses, failure
}

func (r *run) oneNamed(ctx context.Context, room *newsroom, i, versions int) (string, error) {
	c := &crew{ledger: r.ledger, report: r.report, room: room, patience: time.Minute}
	w := c.writer(r.seed+uint64(i), room.api(room.nodes[i%3].url()))
	named := func(t text) text {
		t.headline += " about " + redactedName
		t.paragraphs = append(t.paragraphs, "It was "+redactedName+" who said so.")
		return t
	}
	t := w.begun("named-")
	own := w.now.own
	for n := range versions {
		first, second := saving, correcting
		if n == 0 {
			first, second = creating, publishing
		} else {
			t = w.draft()
		}
		for _, a := range []act{first, second} {
			if err := w.do(ctx, a, named(t)); err != nil {
				return "", err
			}
			if w.now == nil {
				return "", fmt.Errorf("%s: %s", a, wrongs(c))
			}
		}
	}
	states := r.ledger.history(own).now()
	return states[len(states)-1].address, nil
}

// shows are the addresses that may show the name.
func shows(addresses []string, versions int) []string {
	home := "/" + edition + "/"
	all := []string{home, home + "latest/", home + "news/", home + "feed.xml", home + "news/feed.xml", home + "sitemap-news.xml", home + "search?q=Zerafina"}
	for _, at := range addresses {
		all = append(all, at, at+"/versions")
		for n := 1; n <= versions; n++ {
			all = append(all, fmt.Sprintf("%s/versions/%d", at, n))
			if n > 1 {
				all = append(all, fmt.Sprintf("%s/versions/%d...%d", at, n-1, n))
			}
		}
	}
	return all
}

// holds looks that the name is there before, so that its absence means
// something.
func (r *run) holds(ctx context.Context, room *newsroom, addresses []string) error {
	for _, n := range room.nodes {
		from := newReader(n.url())
		for _, at := range shows(addresses[:1], 2) {
			out, err := from.get(ctx, at)
			if err != nil {
				return err
			}
			if out.status == http.StatusNotFound {
				r.report.note("%s answers 404 before the redaction: it is not looked at", at)
				continue
			}
			if at != addresses[0] && !bytes.Contains(out.body, []byte(redactedName)) {
				continue // a list may be too short for it
			}
			if !bytes.Contains(out.body, []byte(redactedName)) {
				return fmt.Errorf("node %s, %s does not show the name before it is redacted", n.name, at)
			}
		}
	}
	return nil
}

// askRedaction asks as one person and confirms as another.
func (r *run) askRedaction(ctx context.Context, room *newsroom) (string, error) {
	ask := call{method: http.MethodPost, path: "/api/v1/redactions", key: "torture-redact",
		body: map[string]any{"kind": "name", "texts": []string{redactedName}, "reason": "safety"}}
	out, err := room.api(room.nodes[0].url()).do(ctx, ask)
	if err != nil {
		return "", err
	}
	if out.status != http.StatusAccepted {
		return "", fmt.Errorf("ask for a redaction: %d %s", out.status, out.sentence())
	}
	p, err := out.promised()
	if err != nil {
		return "", err
	}
	at := "/api/v1/redactions/" + p.ID
	alone, err := room.api(room.nodes[0].url()).do(ctx, call{method: http.MethodPost, path: at + "/confirm"})
	if err != nil {
		return "", err
	}
	if alone.status/100 == 2 {
		r.report.found(finding{rude, "none", "confirming one's own redaction", fmt.Sprint(alone.status), "a refusal"})
	}
	r.report.exactly("redactions confirmed by who asked", r.report.wrong(rude), 0)
	out, err = newAPI(room.nodes[1].url(), room.second).do(ctx, call{method: http.MethodPost, path: at + "/confirm", body: map[string]any{}})
	if err != nil {
		return "", err
	}
	if out.status != http.StatusAccepted {
		return "", fmt.Errorf("confirm a redaction: %d %s", out.status, out.sentence())
	}
	return p.ID, nil
}

// untilGone reads every address on every node, in no order, until none shows the
// name. It returns when one last did, and when all had been read without it: to
// read so many takes longer than to clean them.
func (r *run) untilGone(ctx context.Context, room *newsroom, addresses []string) (shown, swept time.Duration, err error) {
	began := time.Now()
	type at struct {
		from *reader
		path string
	}
	var left []at
	for _, n := range room.nodes {
		from := newReader(n.url())
		for _, path := range shows(addresses, 5) {
			left = append(left, at{from, path})
		}
	}
	rand.New(rand.NewPCG(r.seed, 1)).Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
	r.say("%d addresses are read until none shows the name", len(left))
	for end := began.Add(10 * time.Minute); len(left) > 0; {
		if time.Now().After(end) {
			return shown, swept, fmt.Errorf("%d addresses still show the name, the first is %s", len(left), left[0].path)
		}
		one := left[0]
		left = left[1:]
		out, err := one.from.get(ctx, one.path)
		if err != nil {
			return shown, swept, err
		}
		if bytes.Contains(out.body, []byte(redactedName)) {
			shown = time.Since(began)
			left = append(left, one)
		}
	}
	return shown, time.Since(began), nil
}

// readOnce reads the stories on every node, so that their pages are kept with the
// name.
func (r *run) readOnce(ctx context.Context, room *newsroom, addresses []string) error {
	for _, n := range room.nodes {
		from := newReader(n.url())
		for _, at := range addresses {
			if _, err := from.get(ctx, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) untilDone(ctx context.Context, room *newsroom, id string) (state string, err error) {
	err = patience(ctx, 10*time.Minute, 200*time.Millisecond, func() error {
		out, err := room.api(room.nodes[2].url()).do(ctx, call{method: http.MethodGet, path: "/api/v1/redactions/" + id})
		if err != nil {
			return err
		}
		var told struct{ State string }
		if err := json.Unmarshal(out.body, &told); err != nil {
			return err
		}
		if state = told.State; state != "done" && state != "failed" {
			return fmt.Errorf("the redaction is %q", state)
		}
		return nil
	})
	return state, err
}

// bytesGone looks for the name in every file.
func (r *run) bytesGone(folders []string) error {
	files, found := 0, 0
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if n := bytes.Count(text, []byte(redactedName)); n > 0 {
				found++
				r.report.found(finding{lost, "none", "file " + path, fmt.Sprint(n, " times the name"), "none"})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for the name's bytes: %w", err)
		}
	}
	r.report.atLeast("files searched", float64(files), "", 10)
	r.report.exactly("files that hold the name", found, 0)
	return nil
}
