package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/web/site"
)

// After each change of what readers see, the newsroom looks for itself: it
// fetches from every node, over a socket as a reader would, each address that
// must show the change or must not show it any more, and writes down what it saw
// when. What is not as it must be is repaired, and raises the alarm when that
// does not help.

const (
	// openAtOnce is how many receipts are looked at together: what they share is
	// fetched once.
	openAtOnce = 200
	// lookFor is how long a change may take to show; nodes that nobody nudges
	// hear of it two seconds late.
	lookFor = 6 * time.Second
	// fetchersAtOnce bounds the fetching, so that readers do not feel it.
	fetchersAtOnce = 4
	// largestPage bounds what is read of an answer.
	largestPage = 16 << 20
)

// prover fetches pages from nodes: the one client for addresses inside.
type prover struct {
	client *http.Client
	// host is the name under which readers know the site.
	host string
}

func newProver(host string) *prover {
	return &prover{host: host, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableCompression: true, MaxIdleConnsPerHost: fetchersAtOnce, Proxy: nil,
			// Whose certificate a node shows is not what is to be proved.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: strings.Split(host, ":")[0]},
		},
	}}
}

// fetch asks a node for an address.
func (p *prover) fetch(ctx context.Context, at node, address string) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.address+address, nil)
	if err != nil {
		return 0, nil, err
	}
	r.Host = p.host
	r.Header.Set("User-Agent", "Broadsheet-Receipt/1")
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, largestPage))
	return answer.StatusCode, body, err
}

// proof is a receipt that is being looked at.
type proof struct {
	publish.Receipt
	wants []site.Expectation
	lines map[lineKey]*publish.Line
	// over says that the story changed again: what was wanted is not true any more.
	over bool
}

// lineKey names a line: an address of a node.
type lineKey struct {
	node    int64
	address string
}

// prove looks at all receipts that are open. Each publication asks for it once;
// those that come together are looked at together.
func (n *Newsroom) prove(ctx context.Context, _ job.Job) error {
	var open []publish.Receipt
	err := n.DB.View(ctx, func(tx *db.Tx) (err error) {
		open, err = publish.OpenReceipts(tx, openAtOnce)
		return err
	})
	if err != nil || len(open) == 0 {
		return err
	}
	proofs := make([]*proof, 0, len(open))
	for _, r := range open {
		proofs = append(proofs, &proof{Receipt: r, lines: map[lineKey]*publish.Line{}})
	}
	if err := n.look(ctx, proofs, false); err != nil {
		return err
	}
	if missing := unmet(proofs); len(missing) > 0 {
		if err := n.repair(ctx, missing); err != nil {
			return err
		}
		if err := n.look(ctx, missing, true); err != nil {
			return err
		}
	}
	return n.settle(ctx, proofs)
}

func unmet(proofs []*proof) (missing []*proof) {
	for _, p := range proofs {
		if !p.over && !p.met() {
			missing = append(missing, p)
		}
	}
	return missing
}

func (p *proof) met() bool {
	for _, l := range p.lines {
		if !l.OK {
			return false
		}
	}
	return true
}

// look fetches until everything is as wanted, or the time is up.
func (n *Newsroom) look(ctx context.Context, proofs []*proof, repaired bool) error {
	deadline, pause := time.Now().Add(lookFor), 20*time.Millisecond
	for {
		if err := n.expect(ctx, proofs); err != nil {
			return err
		}
		nodes, err := n.nodes(ctx)
		if err != nil {
			return err
		}
		left := n.round(ctx, proofs, nodes, repaired)
		if left == 0 || time.Now().After(deadline) || ctx.Err() != nil {
			return ctx.Err()
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		pause = min(2*pause, 500*time.Millisecond)
	}
}

// expect works out anew what must be seen: while one story was looked for, others
// went live, and pushed it from a list or took its place.
func (n *Newsroom) expect(ctx context.Context, proofs []*proof) error {
	var ids []int64
	for _, p := range proofs {
		ids = append(ids, p.ID)
	}
	var open map[int64]bool
	err := n.DB.View(ctx, func(tx *db.Tx) (err error) {
		open, err = publish.StillOpen(tx, ids)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range proofs {
		if p.over = !open[p.ID]; p.over || len(p.wants) > 0 && p.met() {
			continue
		}
		if p.wants, err = n.site.Expect(ctx, p.Story); err != nil {
			return err
		}
		p.forget()
	}
	return nil
}

// forget leaves out the lines of addresses where nothing is wanted any more.
func (p *proof) forget() {
	wanted := map[string]bool{}
	for _, e := range p.wants {
		wanted[e.Address] = true
	}
	for key := range p.lines {
		if !wanted[key.address] {
			delete(p.lines, key)
		}
	}
}

// round fetches each address that is not yet as wanted once from each node, and
// tells how many are still not.
func (n *Newsroom) round(ctx context.Context, proofs []*proof, nodes []node, repaired bool) (left int) {
	type page struct {
		node    int64
		address string
	}
	asks := map[page][]func(status int, body []byte){}
	var mu sync.Mutex
	at := map[int64]node{}
	for _, nd := range nodes {
		at[nd.id] = nd
	}
	for _, p := range proofs {
		p.forgetGone(at)
		if p.over {
			continue
		}
		for _, nd := range nodes {
			for _, e := range p.wants {
				l := p.line(nd, e)
				if l.OK {
					continue
				}
				asks[page{nd.id, e.Address}] = append(asks[page{nd.id, e.Address}], func(status int, body []byte) {
					l.Tries++
					l.Status, l.OK = status, e.Met(status, body)
					if l.OK {
						l.Seen, l.Repaired = n.now().UTC().Truncate(time.Millisecond), repaired
						return
					}
					left++
				})
			}
		}
	}
	var fetching sync.WaitGroup
	places := make(chan struct{}, fetchersAtOnce)
	for ask, heard := range asks {
		places <- struct{}{}
		fetching.Go(func() {
			defer func() { <-places }()
			status, body, err := n.prover.fetch(ctx, at[ask.node], ask.address)
			if err != nil {
				status, body = 0, nil
			}
			mu.Lock()
			defer mu.Unlock()
			for _, hear := range heard {
				hear(status, body)
			}
		})
	}
	fetching.Wait()
	return left
}

// line is what is known of one expectation on one node.
func (p *proof) line(at node, e site.Expectation) *publish.Line {
	key := lineKey{at.id, e.Address}
	if p.lines[key] == nil {
		p.lines[key] = &publish.Line{Node: at.name, Address: e.Address, Wants: e.Wants}
	}
	return p.lines[key]
}

// forgetGone leaves out the nodes that stopped serving meanwhile: no reader sees
// what they keep.
func (p *proof) forgetGone(at map[int64]node) {
	for key := range p.lines {
		if _, here := at[key.node]; !here {
			delete(p.lines, key)
		}
	}
}

// repair has all nodes drop what they keep of the editions concerned.
func (n *Newsroom) repair(ctx context.Context, missing []*proof) error {
	tags := map[string]bool{}
	purge := false
	err := n.DB.Update(ctx, func(tx *db.Tx) error {
		for _, p := range missing {
			d, err := n.Stories.Draft(tx, p.Story)
			if err != nil {
				return err
			}
			tags[string(p.Story.Tag())], tags[string(ref.EditionTag(d.Edition))] = true, true
			purge = purge || p.What == publish.HidesStory
		}
		e := event.Event{At: n.now(), Kind: "receipt was not as it must be", Purge: purge}
		for tag := range tags {
			e.Tags = append(e.Tags, tag)
		}
		return n.Log.Append(tx, e)
	})
	if err != nil {
		return fmt.Errorf("repair what readers see: %w", err)
	}
	slog.Warn("readers did not see a change in time: everything of the edition was dropped", "stories", len(missing))
	return n.Log.CatchUp(ctx)
}

// settle writes what was seen, and raises the alarm where it was wrong.
func (n *Newsroom) settle(ctx context.Context, proofs []*proof) error {
	for _, p := range proofs {
		if p.over {
			continue
		}
		p.conclude()
		if p.State == publish.Failed {
			slog.Error("readers do not see a change", "story", int64(p.Story), "version", p.Version, "wrong", p.wrong())
		}
		n.proven(p.Receipt)
	}
	err := n.DB.Update(ctx, func(tx *db.Tx) error {
		for _, p := range proofs {
			if p.over {
				continue
			}
			if err := publish.Settle(tx, p.Receipt); err != nil {
				return err
			}
			if p.State == publish.Failed {
				if err := n.tell(tx, "receipt.failed", int64(p.Story), fmt.Sprintf(`{"act":"receipt.failed","story":"%d","version":%d}`, p.Story, p.Version)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle receipts: %w", err)
	}
	return nil
}

// conclude says what the lines come to, in the order of addresses and nodes.
func (p *proof) conclude() {
	p.State = publish.Seen
	keys := slices.SortedFunc(maps.Keys(p.lines), func(a, b lineKey) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.node, b.node))
	})
	for _, key := range keys {
		l := p.lines[key]
		p.Lines = append(p.Lines, *l)
		switch {
		case !l.OK:
			p.State = publish.Failed
		case l.Repaired && p.State == publish.Seen:
			p.State = publish.Repaired
		}
		if l.Seen.After(p.Receipt.Seen) {
			p.Receipt.Seen = l.Seen
		}
	}
	if p.State == publish.Failed {
		p.Receipt.Seen = time.Time{}
	}
}

// wrong names what is not as it must be.
func (p *proof) wrong() []string {
	var all []string
	for _, l := range p.Lines {
		if !l.OK {
			all = append(all, fmt.Sprintf("%s%s: %s (%d)", l.Node, l.Address, l.Wants, l.Status))
		}
	}
	return all
}
