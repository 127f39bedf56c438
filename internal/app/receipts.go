package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
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
// does not help. A node that gives no answer may still serve what it keeps to
// readers that we are not: it is named as unproven.

const (
	// openAtOnce is how many receipts are looked at together: what they share is
	// fetched once.
	openAtOnce = 200
	// lookFor is how long a change may take to show; nodes that nobody nudges
	// hear of it two seconds late.
	lookFor = 6 * time.Second
	// answerFor is how long a node may take for one answer, waitFor for how long
	// one that gives none is asked again. A node that comes back with the database
	// reports itself earlier than that.
	answerFor = 2 * time.Second
	waitFor   = beatEvery + time.Second
	// fetchersAtOnce bounds the fetching from a node, so that readers do not feel
	// it.
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
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return &prover{host: host, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableCompression: true, MaxIdleConnsPerHost: fetchersAtOnce, Proxy: nil,
			// Whose certificate a node shows is not what is to be proved.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: name},
		},
	}}
}

// fetch asks a node for an address. The status is 0 when it gave no whole
// answer.
func (p *prover) fetch(ctx context.Context, at node, address string) (status int, body []byte) {
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.address+address, nil)
	if err != nil {
		return 0, nil
	}
	r.Host = p.host
	r.Header.Set("User-Agent", "Broadsheet-Receipt/1")
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(answer.Body, largestPage)); err != nil {
		return 0, nil
	}
	return answer.StatusCode, body
}

// proof is a receipt that is being looked at.
type proof struct {
	publish.Receipt
	wants []site.Expectation
	lines map[lineKey]*publish.Line
	// away are the nodes that are not asked, because they do not report themselves.
	away []string
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
	if missing := slices.DeleteFunc(slices.Clone(proofs), func(p *proof) bool { return p.over || !p.wrong() }); len(missing) > 0 {
		if err := n.repair(ctx, missing); err != nil {
			return err
		}
		if err := n.look(ctx, missing, true); err != nil {
			return err
		}
	}
	return n.settle(ctx, proofs)
}

// met tells whether every line is as wanted, and there is one.
func (p *proof) met() bool {
	for _, l := range p.lines {
		if !l.OK {
			return false
		}
	}
	return len(p.lines) > 0
}

// wrong tells whether there was an answer that was not as wanted.
func (p *proof) wrong() bool {
	for _, l := range p.lines {
		if !l.OK && l.Status != 0 {
			return true
		}
	}
	return false
}

// answered tells whether any node gave an answer.
func (p *proof) answered() bool {
	for _, l := range p.lines {
		if l.Status != 0 {
			return true
		}
	}
	return false
}

// silent names the nodes that gave no answer, or not every one.
func (p *proof) silent() []string {
	names := slices.Clone(p.away)
	for _, l := range p.lines {
		if l.Status == 0 {
			names = append(names, l.Node)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// enough tells whether a proof would be no other after looking longer than for a
// while.
func (p *proof) enough(looked time.Duration) bool {
	switch {
	case p.over || looked >= lookFor:
		return true
	case p.wrong() || !p.answered():
		return false
	}
	return len(p.silent()) == 0 || looked >= waitFor
}

// look fetches until everything is as wanted, or the time is up.
func (n *Newsroom) look(ctx context.Context, proofs []*proof, repaired bool) error {
	begun, pause := time.Now(), 20*time.Millisecond
	for {
		if err := n.expect(ctx, proofs); err != nil {
			return err
		}
		nodes, err := n.nodes(ctx)
		if err != nil {
			return err
		}
		n.round(ctx, proofs, nodes, repaired)
		looked := time.Since(begun)
		if ctx.Err() != nil || !slices.ContainsFunc(proofs, func(p *proof) bool { return !p.enough(looked) }) {
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
		if p.over = !open[p.ID]; p.over || p.met() {
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

// hear takes an answer.
type hear func(status int, body []byte)

// round fetches each address that is not yet as wanted once from each node that
// is not silent, from all nodes side by side.
func (n *Newsroom) round(ctx context.Context, proofs []*proof, nodes []node, repaired bool) {
	for _, p := range proofs {
		p.meet(nodes)
	}
	var asking sync.WaitGroup
	for _, at := range nodes {
		if at.silent {
			continue
		}
		asks := n.asks(proofs, at, repaired)
		asking.Go(func() { n.ask(ctx, at, asks) })
	}
	asking.Wait()
}

// asks are the addresses that a node has not yet shown as wanted, with who wants
// to hear of the answer.
func (n *Newsroom) asks(proofs []*proof, at node, repaired bool) map[string][]hear {
	all := map[string][]hear{}
	for _, p := range proofs {
		if p.over {
			continue
		}
		for _, e := range p.wants {
			l := p.line(at, e)
			if l.OK {
				continue
			}
			all[e.Address] = append(all[e.Address], func(status int, body []byte) {
				wrong := l.Status != 0
				l.Tries++
				if l.Status, l.OK = status, e.Met(status, body); l.OK {
					l.Seen, l.Repaired = n.now().UTC().Truncate(time.Millisecond), repaired && wrong
				}
			})
		}
	}
	return all
}

// ask fetches addresses from a node. After the first that it does not answer the
// others are not asked for.
func (n *Newsroom) ask(ctx context.Context, at node, asks map[string][]hear) {
	var fetching sync.WaitGroup
	var silent atomic.Bool
	places := make(chan struct{}, fetchersAtOnce)
	for address, heard := range asks {
		places <- struct{}{}
		fetching.Go(func() {
			defer func() { <-places }()
			status, body := 0, []byte(nil)
			if !silent.Load() {
				status, body = n.prover.fetch(ctx, at, address)
			}
			if status == 0 {
				silent.Store(true)
			}
			for _, hear := range heard {
				hear(status, body)
			}
		})
	}
	fetching.Wait()
}

// line is what is known of one expectation on one node.
func (p *proof) line(at node, e site.Expectation) *publish.Line {
	key := lineKey{at.id, e.Address}
	if p.lines[key] == nil {
		p.lines[key] = &publish.Line{Node: at.name, Address: e.Address, Wants: e.Wants}
	}
	return p.lines[key]
}

// meet leaves out the nodes that are gone: no reader sees what they keep. One
// that fell silent counts only if it had shown everything before.
func (p *proof) meet(nodes []node) {
	counts := map[int64]bool{}
	p.away = nil
	for _, at := range nodes {
		if counts[at.id] = !at.silent || p.metOn(at); !counts[at.id] {
			p.away = append(p.away, at.name)
		}
	}
	maps.DeleteFunc(p.lines, func(key lineKey, _ *publish.Line) bool { return !counts[key.node] })
}

// metOn tells whether a node has shown everything that is wanted.
func (p *proof) metOn(at node) bool {
	for _, e := range p.wants {
		if l := p.lines[lineKey{at.id, e.Address}]; l == nil || !l.OK {
			return false
		}
	}
	return len(p.wants) > 0
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

// errUnanswered says that receipts stay open.
var errUnanswered = errors.New("no node answered what readers see; it will be asked again")

// settle writes what was seen, and raises the alarm where it was wrong or could
// not be seen. A receipt of which nothing was seen stays open; one that another
// node settled first is that node's to tell of.
func (n *Newsroom) settle(ctx context.Context, proofs []*proof) error {
	var open error
	var done, settled []*proof
	for _, p := range proofs {
		switch {
		case p.over:
		case p.answered():
			p.conclude()
			done = append(done, p)
		default:
			open = errUnanswered
		}
	}
	err := n.DB.Update(ctx, func(tx *db.Tx) error {
		settled = nil
		for _, p := range done {
			first, err := publish.Settle(tx, p.Receipt)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			settled = append(settled, p)
			if err := n.alarm(tx, p.Receipt); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle receipts: %w", err)
	}
	for _, p := range settled {
		if p.State == publish.Failed {
			slog.Error("readers do not see a change", "story", int64(p.Story), "version", p.Version, "wrong", p.mistakes())
		}
		if doubt := p.Doubt(); doubt != "" {
			slog.Warn("a change is not proven on every node: "+doubt, "story", int64(p.Story), "version", p.Version)
		}
		n.proven(p.Receipt)
	}
	return open
}

// alarmed is what webhooks are told of a receipt.
type alarmed struct {
	Act     string    `json:"act"`
	Story   ref.Story `json:"story"`
	Version int       `json:"version"`
	// Silent are the nodes that did not answer, Doubt says so in a sentence.
	Silent []string `json:"silent,omitempty"`
	Doubt  string   `json:"doubt,omitempty"`
}

// alarm tells webhooks of a receipt that is not as it should be.
func (n *Newsroom) alarm(tx *db.Tx, r publish.Receipt) error {
	act := "receipt.failed"
	switch {
	case r.State == publish.Failed:
	case len(r.Silent) > 0:
		act = "receipt.silent"
	default:
		return nil
	}
	payload, err := db.Pack(alarmed{act, r.Story, r.Version, r.Silent, r.Doubt()})
	if err != nil {
		return err
	}
	return n.tell(tx, act, int64(r.Story), payload)
}

// conclude says what the lines come to, in the order of addresses and nodes.
func (p *proof) conclude() {
	p.State, p.Silent = publish.Seen, p.silent()
	keys := slices.SortedFunc(maps.Keys(p.lines), func(a, b lineKey) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.node, b.node))
	})
	for _, key := range keys {
		l := p.lines[key]
		p.Lines = append(p.Lines, *l)
		switch {
		case !l.OK && l.Status != 0:
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

// mistakes names what is not as it must be.
func (p *proof) mistakes() []string {
	var all []string
	for _, l := range p.Lines {
		if !l.OK && l.Status != 0 {
			all = append(all, fmt.Sprintf("%s%s: %s (%d)", l.Node, l.Address, l.Wants, l.Status))
		}
	}
	return all
}
