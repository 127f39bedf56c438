package wire

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// Report tells what became of every item of a file: Items is the sum of Added,
// Updated, Unchanged and Attachments, and of the lengths of Refused and
// Skipped.
type Report struct {
	File      string `json:"file"`
	Items     int    `json:"items"`
	Added     int    `json:"added"`
	Updated   int    `json:"updated"`
	Unchanged int    `json:"unchanged"`
	// Refused are the items that could not come, or the whole file: then it
	// has one entry without an item.
	Refused []Refusal `json:"refused"`
	// Changed lists what did not come in as it stood in the file.
	Changed []Change `json:"changed"`
	// Skipped are items that are no stories, such as menus.
	Skipped []Refusal `json:"skipped,omitempty"`
	// Drafts and Pages are among the added and updated.
	Drafts      int `json:"drafts,omitempty"`
	Pages       int `json:"pages,omitempty"`
	Attachments int `json:"attachments,omitempty"`
	Comments    int `json:"comments,omitempty"`
	// Topics counts the different keywords.
	Topics int      `json:"topics,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	DryRun bool     `json:"dry_run,omitempty"`
}

// Refusal names an item that did not come.
type Refusal struct {
	Item   string `json:"item"`
	Place  string `json:"place"`
	Reason string `json:"reason"`
}

// Change says in what an item differs from the file. When many items changed
// alike, Item tells how many and names the first.
type Change struct {
	Item string `json:"item"`
	What string `json:"what"`
}

// Fault says why a whole file was refused.
type Fault struct {
	// Place is where in the file, as "line 12" or "byte 4096"; it is empty
	// when the fault is in no place.
	Place string
	// Reason is a sentence without its full stop.
	Reason string
}

// Error returns the place and the reason.
func (f *Fault) Error() string {
	if f.Place == "" {
		return f.Reason
	}
	return f.Place + ": " + f.Reason
}

const (
	// mostRefused is how many items a file may have that cannot come: beyond,
	// it is not the file that was meant.
	mostRefused = 10_000
	// mostNamed is how many items are named that changed alike.
	mostNamed = 20
)

// ledger writes the report. Both halves of an import write in it.
type ledger struct {
	mu      sync.Mutex
	r       Report
	changes map[string]*changes
	topics  map[string]bool
	order   int
}

// changes are the items that changed alike.
type changes struct {
	what         string
	order, count int
	// times counts within the items, too.
	times int
	named []string
	last  string
}

func newLedger(file string) *ledger {
	return &ledger{r: Report{File: file, Refused: []Refusal{}}, changes: map[string]*changes{}, topics: map[string]bool{}}
}

// changed notes that an item differs from the file.
func (l *ledger) changed(item, what string) { l.repaired(item, what, 0) }

// repaired is changed with the number of places in the item.
func (l *ledger) repaired(item, what string, times int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.changes[what]
	if c == nil {
		c = &changes{what: what, order: l.order}
		l.order++
		l.changes[what] = c
	}
	c.times += max(times, 1)
	if item == c.last {
		return
	}
	c.last = item
	if c.count++; len(c.named) < mostNamed {
		c.named = append(c.named, item)
	}
}

// refused notes an item that cannot come, unless they are too many.
func (l *ledger) refused(r record, reason string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.r.Refused) >= mostRefused {
		return &Fault{r.place, fmt.Sprintf("more than %d items cannot be used; the last one: %s", mostRefused, reason)}
	}
	l.r.Items++
	l.r.Refused = append(l.r.Refused, Refusal{r.name(), r.place, reason})
	return nil
}

// count changes the report's numbers.
func (l *ledger) count(change func(r *Report)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.r)
}

// note adds a remark on the whole file.
func (l *ledger) note(format string, values ...any) {
	l.count(func(r *Report) { r.Notes = append(r.Notes, fmt.Sprintf(format, values...)) })
}

// keyword counts a topic once.
func (l *ledger) keyword(folded string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.topics[folded] = true
}

func (l *ledger) report() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.r
	r.Topics = len(l.topics)
	r.Changed = []Change{}
	all := make([]*changes, 0, len(l.changes))
	for _, c := range l.changes {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *changes) int { return cmp.Compare(a.order, b.order) })
	for _, c := range all {
		r.Changed = append(r.Changed, c.listed()...)
	}
	return r
}

func (c *changes) listed() []Change {
	what := c.what
	if c.times > c.count {
		what = fmt.Sprintf("%s (%d times)", what, c.times)
	}
	if c.count > mostNamed {
		return []Change{{fmt.Sprintf("%d items, the first %s", c.count, c.named[0]), what}}
	}
	if c.times > c.count && c.count > 1 {
		what = fmt.Sprintf("%s (%d times in %d items)", c.what, c.times, c.count)
	}
	list := make([]Change, len(c.named))
	for n, item := range c.named {
		list[n] = Change{item, what}
	}
	return list
}
