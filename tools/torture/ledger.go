package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// act is what a writer does to a story.
type act string

// The acts.
const (
	creating    act = "create"
	saving      act = "save"
	publishing  act = "publish"
	correcting  act = "correct"
	withdrawing act = "withdraw"
	restoring   act = "restore"
)

// step says how far an act is known to have come.
type step string

// The steps. What was sent and neither acknowledged nor refused may have
// happened or not.
const (
	sent    step = "sent"
	acked   step = "acked"
	refused step = "refused"
	// injured and healed mark the time in which an acknowledgement counts for
	// nothing: the power is being cut.
	injured step = "injured"
	healed  step = "healed"
)

// deed is one act on one story, as the ledger has it.
type deed struct {
	N      int    `json:"n"`
	Writer int    `json:"writer"`
	Act    act    `json:"act"`
	Own    string `json:"own"`
	Key    string `json:"key"`
	Sum    string `json:"sum,omitempty"`
	// Headline goes with Sum.
	Headline string `json:"headline,omitempty"`

	// What the answer says.
	Story    string `json:"story,omitempty"`
	Sequence int64  `json:"sequence,omitempty"`
	Version  int    `json:"version,omitempty"`
	Address  string `json:"address,omitempty"`
	Status   int    `json:"status,omitempty"`
}

// line is one line of the ledger.
type line struct {
	At   time.Time `json:"at"`
	Step step      `json:"step"`
	deed
}

// entry is a deed with what is known of it.
type entry struct {
	deed
	sent, acked time.Time
	refused     bool
}

// ledger remembers what was asked and what was promised. It is a file outside
// the newsroom to which lines are only ever added; what is judged is what those
// lines say.
type ledger struct {
	path string

	mu      sync.Mutex
	file    *os.File
	failure error
	n       int
	// stories are the deeds of each story in their order, by its own mark;
	// byKey finds an entry again.
	stories map[string][]*entry
	order   []string
	byKey   map[string]*entry
	counts  map[step]int
	writers int
}

func openLedger(path string) (*ledger, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	return &ledger{path: path, file: file, stories: map[string][]*entry{}, byKey: map[string]*entry{}, counts: map[step]int{}}, nil
}

func (l *ledger) close() { l.file.Close() }

// writer is the number of another writer.
func (l *ledger) writer() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writers++
	return l.writers
}

func (l *ledger) write(s step, d deed) time.Time {
	now := time.Now()
	text, err := json.Marshal(line{now, s, d})
	if err == nil {
		_, err = l.file.Write(append(text, '\n'))
	}
	if err != nil && l.failure == nil {
		l.failure = fmt.Errorf("write the ledger: %w", err)
	}
	l.counts[s]++
	return now
}

// sent writes that a deed is about to be asked for, and gives it its key.
func (l *ledger) sent(d deed) deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	d.N, d.Key = l.n, fmt.Sprintf("torture-%d-%d", os.Getpid(), l.n)
	e := &entry{deed: d}
	e.sent = l.write(sent, d)
	if len(l.stories[d.Own]) == 0 {
		l.order = append(l.order, d.Own)
	}
	l.stories[d.Own] = append(l.stories[d.Own], e)
	l.byKey[d.Key] = e
	return d
}

// acked writes that a deed was acknowledged.
func (l *ledger) acked(d deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.byKey[d.Key]
	e.deed = d
	e.acked = l.write(acked, d)
}

// refused writes that a deed was turned down: it did not happen.
func (l *ledger) refused(d deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.byKey[d.Key]
	e.deed, e.refused = d, true
	l.write(refused, d)
}

// mark writes that an injury begins or is over.
func (l *ledger) mark(s step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(s, deed{})
}

// done is how many deeds were acknowledged.
func (l *ledger) done() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[acked]
}

func (l *ledger) summary() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	unknown := l.counts[sent] - l.counts[acked] - l.counts[refused]
	return fmt.Sprintf("%d sent, %d acknowledged, %d refused, %d unknown, %d stories", l.counts[sent], l.counts[acked], l.counts[refused], unknown, len(l.stories))
}

// histories are copies of what is known of every story, in the order in which
// the stories began.
func (l *ledger) histories() []history {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]history, 0, len(l.order))
	for _, own := range l.order {
		all = append(all, l.copied(own))
	}
	return all
}

// history is a copy of what is known of one story.
func (l *ledger) history(own string) history {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.copied(own)
}

func (l *ledger) copied(own string) history {
	h := make(history, len(l.stories[own]))
	for n, e := range l.stories[own] {
		h[n] = *e
	}
	return h
}
