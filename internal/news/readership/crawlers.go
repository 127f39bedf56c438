package readership

import (
	_ "embed" // the names
	"strings"
)

//go:embed crawlers.txt
var crawlerNames string

// crawlers finds any of many names in a text, in one pass over it.
type crawlers struct {
	// class numbers the bytes that occur in names from 1; all others are 0.
	class [256]uint8
	// classes is how many numbers there are.
	classes int
	// next leads from a state and the class of a byte to the next state.
	next []uint16
}

const (
	// start stands for the place before the first byte; no header has it.
	start = '\n'
	// found is the state in which a name has been read.
	found = 1<<16 - 1
)

// readCrawlers makes the finder of the names that the program carries.
func readCrawlers() *crawlers {
	var names []string
	for line := range strings.Lines(crawlerNames) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, first := strings.CutPrefix(line, "^"); first {
			line = string(start) + rest
		}
		names = append(names, line)
	}
	return newCrawlers(names)
}

// newCrawlers builds the automaton of Aho and Corasick: a tree of all names, in
// which a byte that leads on in no name leads to the longest end of what was
// read that begins a name.
func newCrawlers(names []string) *crawlers {
	c := &crawlers{classes: 1}
	size := 1
	for _, name := range names {
		size += len(name)
		for n := range len(name) {
			if c.class[name[n]] == 0 {
				c.class[name[n]] = uint8(c.classes)
				c.classes++
			}
		}
	}
	c.next = make([]uint16, size*c.classes)
	states := c.plant(names)
	c.close(states)
	return c
}

// plant makes the tree and returns how many states it has.
func (c *crawlers) plant(names []string) int {
	states := 1
	for _, name := range names {
		at := 0
		for n := range len(name) {
			edge := &c.next[at*c.classes+int(c.class[name[n]])]
			switch {
			case *edge == found: // a shorter name is found before
			case n == len(name)-1:
				*edge = found
			case *edge == 0:
				*edge = uint16(states)
				states++
			}
			if *edge == found {
				break
			}
			at = int(*edge)
		}
	}
	return states
}

// close gives every state an edge for every class, the states nearest to the
// root first.
func (c *crawlers) close(states int) {
	fall := make([]uint16, states)
	queue := []uint16{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for class := range c.classes {
			edge := &c.next[int(at)*c.classes+class]
			var shorter uint16
			if at != 0 {
				shorter = c.next[int(fall[at])*c.classes+class]
			}
			switch {
			case *edge == found:
			case shorter == found || *edge == 0:
				*edge = shorter
			default:
				fall[*edge] = shorter
				queue = append(queue, *edge)
			}
		}
	}
}

// wrote tells whether a program wrote the User-Agent: it names one, or nothing.
func (c *crawlers) wrote(agent string) bool {
	if agent == "" {
		return true
	}
	at := int(c.next[c.class[start]])
	for n := range len(agent) {
		next := c.next[at*c.classes+int(c.class[agent[n]])]
		if next == found {
			return true
		}
		at = int(next)
	}
	return false
}
