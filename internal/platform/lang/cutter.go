package lang

import "strings"

// cutter cuts folded characters into tokens. All folded words stand in one
// buffer, from which the tokens' texts are sliced at the end.
type cutter struct {
	folded strings.Builder
	tokens []Token
	// spans are the places of the tokens' texts in folded.
	spans []span

	// whole is the word being read, part the part of it since the last
	// half-space; parted says that a half-space came and no letter since.
	inside, parted bool
	whole, part    Token
	wholeAt        int
	partAt         int
	parts          []Token
	partSpans      []span
}

type span struct{ from, to int }

// add takes what the text's bytes from start to end become.
func (c *cutter) add(f folding, start, end int) {
	switch f.class {
	case word:
		switch {
		case !c.inside:
			c.begin(start)
		case c.parted:
			c.endPart(c.folded.Len())
			c.beginPart(start)
		}
		c.folded.WriteRune(f.to)
		c.whole.End, c.part.End = end, end
	case mark:
		if c.inside && !c.parted {
			c.whole.End, c.part.End = end, end
		}
	case joint:
		c.parted = c.inside
	case other:
		if c.inside {
			c.end()
		}
	}
}

func (c *cutter) begin(start int) {
	c.inside = true
	c.whole.Start = start
	c.wholeAt = c.folded.Len()
	c.beginPart(start)
}

func (c *cutter) beginPart(start int) {
	c.parted = false
	c.part.Start = start
	c.partAt = c.folded.Len()
}

func (c *cutter) endPart(to int) {
	c.parts = append(c.parts, c.part)
	c.partSpans = append(c.partSpans, span{c.partAt, to})
}

// end finishes a word: the whole, then its parts where it has more than one.
func (c *cutter) end() {
	to := c.folded.Len()
	c.tokens = append(c.tokens, c.whole)
	c.spans = append(c.spans, span{c.wholeAt, to})
	if len(c.parts) > 0 {
		c.endPart(to)
		c.tokens = append(c.tokens, c.parts...)
		c.spans = append(c.spans, c.partSpans...)
		c.parts, c.partSpans = c.parts[:0], c.partSpans[:0]
	}
	c.inside, c.parted = false, false
}

// finish returns the tokens with their texts.
func (c *cutter) finish() []Token {
	if c.inside {
		c.end()
	}
	folded := c.folded.String()
	for n, at := range c.spans {
		c.tokens[n].Text = folded[at.from:at.to]
	}
	return c.tokens
}
