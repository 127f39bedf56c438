package prose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// match is a state of the automaton that a content expression stands for.
type match struct {
	// end says that the content may end here.
	end  bool
	next []edge
}

type edge struct {
	of *NodeType
	to *match
}

func (m *match) after(t *NodeType) *match {
	for _, e := range m.next {
		if e.of == t {
			return e.to
		}
	}
	return nil
}

// all follows nodes; nil when one may not stand where it does.
func (m *match) all(nodes []*Node) *match {
	for _, n := range nodes {
		if m = m.after(n.Type); m == nil {
			return nil
		}
	}
	return m
}

// compatible tells whether some node can begin either content.
func (m *match) compatible(other *match) bool {
	for _, e := range m.next {
		if other.after(e.of) != nil {
			return true
		}
	}
	return false
}

// compile makes the automaton of a content expression:
// https://prosemirror.net/docs/guide/#schema.content_expressions
func (s *Schema) compile(text string, names []string) (*match, error) {
	p := &parser{schema: s, names: names, left: tokens(text)}
	if len(p.left) == 0 {
		return &match{end: true}, nil
	}
	e, err := p.choice()
	if err == nil && len(p.left) > 0 {
		err = fmt.Errorf("%q follows its end", p.left[0])
	}
	if err != nil {
		return nil, fmt.Errorf("content %q: %w", text, err)
	}
	g := &graph{}
	from := g.node()
	g.accept = g.connect(e, from)
	return g.determined(from), nil
}

func tokens(text string) (all []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 1
		for word(text[0]) && n < len(text) && word(text[n]) {
			n++
		}
		all, text = append(all, text[:n]), text[n:]
	}
	return all
}

func word(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// expr is a content expression: a node's type, or others joined.
type expr struct {
	kind  byte // n a node, | one of, s in order, * + ? as in regular expressions
	of    *NodeType
	parts []expr
}

type parser struct {
	schema *Schema
	names  []string
	left   []string
}

func (p *parser) take(token string) bool {
	if len(p.left) > 0 && p.left[0] == token {
		p.left = p.left[1:]
		return true
	}
	return false
}

func (p *parser) choice() (expr, error) {
	all := expr{kind: '|'}
	for {
		e, err := p.sequence()
		if err != nil {
			return e, err
		}
		all.parts = append(all.parts, e)
		if !p.take("|") {
			return all, nil
		}
	}
}

func (p *parser) sequence() (expr, error) {
	all := expr{kind: 's'}
	for len(p.left) > 0 && p.left[0] != ")" && p.left[0] != "|" {
		e, err := p.repeated()
		if err != nil {
			return e, err
		}
		all.parts = append(all.parts, e)
	}
	if len(all.parts) == 0 {
		return all, fmt.Errorf("it is empty")
	}
	return all, nil
}

func (p *parser) repeated() (expr, error) {
	e, err := p.single()
	for err == nil {
		switch {
		case p.take("*"):
			e = expr{kind: '*', parts: []expr{e}}
		case p.take("+"):
			e = expr{kind: 's', parts: []expr{e, {kind: '*', parts: []expr{e}}}}
		case p.take("?"):
			e = expr{kind: '?', parts: []expr{e}}
		case p.take("{"):
			e, err = p.times(e)
		default:
			return e, nil
		}
	}
	return e, err
}

// mostTimes bounds {n,m}.
const mostTimes = 100

func (p *parser) times(e expr) (expr, error) {
	least, err := p.number()
	if err != nil {
		return e, err
	}
	most := least
	if p.take(",") {
		if most = -1; len(p.left) > 0 && p.left[0] != "}" {
			if most, err = p.number(); err != nil {
				return e, err
			}
		}
	}
	if !p.take("}") {
		return e, fmt.Errorf("a } is missing")
	}
	all := expr{kind: 's'}
	for range least {
		all.parts = append(all.parts, e)
	}
	if most < 0 {
		all.parts = append(all.parts, expr{kind: '*', parts: []expr{e}})
	}
	for range most - least {
		all.parts = append(all.parts, expr{kind: '?', parts: []expr{e}})
	}
	return all, nil
}

func (p *parser) number() (int, error) {
	if len(p.left) == 0 {
		return 0, fmt.Errorf("a number is missing")
	}
	n, err := strconv.Atoi(p.left[0])
	p.left = p.left[1:]
	if err != nil || n > mostTimes {
		return 0, fmt.Errorf("a number up to %d is missing", mostTimes)
	}
	return n, nil
}

func (p *parser) single() (expr, error) {
	if p.take("(") {
		e, err := p.choice()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a ) is missing")
		}
		return e, err
	}
	if len(p.left) == 0 || !word(p.left[0][0]) {
		return expr{}, fmt.Errorf("a name is missing")
	}
	name := p.left[0]
	p.left = p.left[1:]
	if t := p.schema.nodes[name]; t != nil {
		return expr{kind: 'n', of: t}, nil
	}
	e := expr{kind: '|'}
	for _, other := range p.names {
		if t := p.schema.nodes[other]; slices.Contains(t.groups, name) {
			e.parts = append(e.parts, expr{kind: 'n', of: t})
		}
	}
	if len(e.parts) == 0 {
		return e, fmt.Errorf("there is no node or group %q", name)
	}
	return e, nil
}

// graph is an automaton with edges that need nothing, whose type is nil.
type graph struct {
	edges  [][]way
	accept int
}

type way struct {
	of *NodeType
	to int
}

func (g *graph) node() int {
	g.edges = append(g.edges, nil)
	return len(g.edges) - 1
}

func (g *graph) edge(from, to int, of *NodeType) { g.edges[from] = append(g.edges[from], way{of, to}) }

// connect adds what leads from a node over an expression, and returns where it ends.
func (g *graph) connect(e expr, from int) int {
	switch e.kind {
	case 'n':
		to := g.node()
		g.edge(from, to, e.of)
		return to
	case 's':
		for _, part := range e.parts {
			from = g.connect(part, from)
		}
		return from
	}
	if e.kind == '*' {
		loop := g.node()
		g.edge(from, loop, nil)
		g.edge(g.connect(e.parts[0], loop), loop, nil)
		return loop
	}
	to := g.node()
	for _, part := range e.parts {
		g.edge(g.connect(part, from), to, nil)
	}
	if e.kind == '?' {
		g.edge(from, to, nil)
	}
	return to
}

// reach are the nodes that nothing is needed to get to, in order.
func (g *graph) reach(from []int) []int {
	seen := map[int]bool{}
	var visit func(int)
	visit = func(n int) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, e := range g.edges[n] {
			if e.of == nil {
				visit(e.to)
			}
		}
	}
	for _, n := range from {
		visit(n)
	}
	var all []int
	for n := range g.edges {
		if seen[n] {
			all = append(all, n)
		}
	}
	return all
}

// determined is the automaton in which each node's type leads to one state.
func (g *graph) determined(from int) *match {
	known := map[string]*match{}
	var explore func([]int) *match
	explore = func(states []int) *match {
		name := fmt.Sprint(states)
		if m := known[name]; m != nil {
			return m
		}
		m := &match{end: slices.Contains(states, g.accept)}
		known[name] = m
		var types []*NodeType
		leads := map[*NodeType][]int{}
		for _, n := range states {
			for _, e := range g.edges[n] {
				if e.of == nil {
					continue
				}
				if leads[e.of] == nil {
					types = append(types, e.of)
				}
				leads[e.of] = append(leads[e.of], e.to)
			}
		}
		for _, t := range types {
			m.next = append(m.next, edge{t, explore(g.reach(leads[t]))})
		}
		return m
	}
	return explore(g.reach([]int{from}))
}
