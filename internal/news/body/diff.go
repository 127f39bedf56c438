package body

import (
	"reflect"
	"slices"
	"time"

	"broadsheet/internal/platform/lang"
)

// Fate is what became of a block, or of a run of text, between two bodies.
type Fate string

// The fates. A run of text is kept, removed or added; the others are of blocks
// alone. A block that moved stands twice: where it was (Away) and where it is
// (Moved), and may have changed on its way.
const (
	Kept    Fate = "kept"
	Removed Fate = "removed"
	Added   Fate = "added"
	Changed Fate = "changed"
	Moved   Fate = "moved"
	Away    Fate = "away"
)

// Step is one block of a comparison.
type Step struct {
	Fate Fate
	// Old and New are the block before and after; the zero block where there
	// is none.
	Old, New Block
	// Twin is, for Away and Moved, the index of the other of the two.
	Twin int
	// Fields are what changed beside the running text.
	Fields []Field
	// Restyled says that the block changed in how it is set alone, such as the
	// level of a subhead.
	Restyled bool
	// Inner are the pictures of a gallery that changed.
	Inner []Step
	// merged has both texts in one; nil where nothing changed.
	merged Value
}

// Field is a line of a block that stands beside its running text.
type Field struct {
	// Name is title, label, provider, alt, byline or time.
	Name  string
	Edits Edits
}

// Comparison is what became of a body, in the order of the new one; what was
// removed stands where it was.
type Comparison struct {
	Steps []Step
	// Removed and Added count words.
	Removed, Added int
	// Coarse says that time ran out: some texts are compared as wholes.
	Coarse bool
}

// Same tells whether nothing changed.
func (c Comparison) Same() bool {
	return !slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Fate != Kept })
}

// patience is how long the words of two bodies may be compared. What is left
// then is compared as wholes.
const patience = 120 * time.Millisecond

// Diff compares two bodies. Blocks are matched by their keys, then by what they
// say; texts that differ are compared word by word.
func Diff(old, new Body) Comparison {
	c := &comparer{deadline: time.Now().Add(patience)}
	return c.bodies(old, new)
}

// comparer compares one body, or one text, with another.
type comparer struct {
	deadline time.Time
	coarse   bool
	// removed and added count words.
	removed, added int
	// edited is set when a text differs, since it was last cleared.
	edited bool
}

func (c *comparer) late() bool {
	c.coarse = c.coarse || time.Now().After(c.deadline)
	return c.coarse
}

func (c *comparer) bodies(old, new Body) Comparison {
	m := matcher{old: units(old), new: units(new), fits: func(o, n int) bool { return mergeable(old[o].Value, new[n].Value) }}
	var steps []Step
	away, moved := map[int]int{}, map[int]int{}
	for _, at := range weave(m.pairs(), len(old)) {
		switch {
		case at.old < 0:
			c.added += blockWords(new[at.new])
			steps = append(steps, Step{Fate: Added, New: new[at.new]})
		case at.new < 0 && at.moved:
			away[at.old] = len(steps)
			steps = append(steps, Step{Fate: Away, Old: old[at.old]})
		case at.new < 0:
			c.removed += blockWords(old[at.old])
			steps = append(steps, Step{Fate: Removed, Old: old[at.old]})
		default:
			step := c.block(old[at.old], new[at.new])
			if at.moved {
				step.Fate = Moved
				moved[at.old] = len(steps)
			}
			steps = append(steps, step)
		}
	}
	for o, here := range moved {
		steps[here].Twin, steps[away[o]].Twin = away[o], here
	}
	return Comparison{Steps: steps, Removed: c.removed, Added: c.added, Coarse: c.coarse}
}

func blockWords(b Block) int { return lang.Words(wholly(b.Value)) }

// block compares a block with what it became.
func (c *comparer) block(old, new Block) Step {
	step := Step{Fate: Kept, Old: old, New: new}
	if same(old.Value, new.Value) {
		return step
	}
	c.edited = false
	step.merged = c.value(old.Value, new.Value, &step)
	if !c.edited && len(step.Fields) == 0 {
		// Perhaps only the spans were cut elsewhere.
		var none Step
		step.Restyled = spelled((&comparer{}).value(old.Value, old.Value, &none)) != spelled((&comparer{}).value(new.Value, new.Value, &none))
	}
	if c.edited || len(step.Fields) > 0 || step.Restyled {
		step.Fate = Changed
		return step
	}
	step.merged, step.Inner = nil, nil
	return step
}

func same(a, b Value) bool { return reflect.DeepEqual(a, b) || spelled(a) == spelled(b) }

// spelled is a value as text: what is spelled alike is equal.
func spelled(v any) string {
	text, err := encoded(v)
	if err != nil {
		return ""
	}
	return string(text)
}
