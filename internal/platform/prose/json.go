package prose

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"broadsheet/internal/platform/strictjson"
)

// Limits of what comes from outside.
const (
	// MaxBytes is the length of a document or a step as JSON.
	MaxBytes = 16 << 20
	// MaxDepth is how deep nodes stand in each other.
	MaxDepth = 60
	// jsonDepth is what these nodes need as JSON.
	jsonDepth = 4*MaxDepth + 8
)

type nodeJSON struct {
	Type    string                     `json:"type"`
	Attrs   map[string]json.RawMessage `json:"attrs"`
	Content []nodeJSON                 `json:"content"`
	Marks   []markJSON                 `json:"marks"`
	Text    *string                    `json:"text"`
}

type markJSON struct {
	Type  string                     `json:"type"`
	Attrs map[string]json.RawMessage `json:"attrs"`
}

type sliceJSON struct {
	Content   []nodeJSON `json:"content"`
	OpenStart int        `json:"openStart"`
	OpenEnd   int        `json:"openEnd"`
}

func decode(text []byte, v any) error {
	err := strictjson.Decode(bytes.NewReader(text), v, strictjson.Limits{Bytes: MaxBytes, Depth: jsonDepth})
	if err != nil && !errors.Is(err, strictjson.ErrTooLarge) {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return err
}

// Parse reads a whole document and checks it.
func (s *Schema) Parse(text []byte) (*Node, error) {
	var from nodeJSON
	if err := decode(text, &from); err != nil {
		return nil, err
	}
	n, err := s.node(from, 0)
	if err != nil {
		return nil, err
	}
	if n.Type != s.Top {
		return nil, fmt.Errorf("%w: a document is a %s", ErrForm, s.Top.Name)
	}
	return n, n.check()
}

func (s *Schema) node(from nodeJSON, depth int) (*Node, error) {
	t := s.nodes[from.Type]
	switch {
	case t == nil:
		return nil, fmt.Errorf("%w: there is no node %.60q", ErrForm, from.Type)
	case depth > MaxDepth:
		return nil, fmt.Errorf("%w: nodes stand more than %d deep", ErrForm, MaxDepth)
	case (t == s.text) != (from.Text != nil), t.leaf && len(from.Content) > 0:
		return nil, fmt.Errorf("%w: a %s has what it cannot have", ErrForm, t.Name)
	}
	marks, err := s.marksOf(from.Marks)
	if err != nil {
		return nil, err
	}
	if t == s.text {
		if *from.Text == "" || !utf8.ValidString(*from.Text) {
			return nil, fmt.Errorf("%w: a text is empty", ErrForm)
		}
		return s.textNode(*from.Text, marks), nil
	}
	attrs, err := values(t.attrs, from.Attrs, t.Name)
	if err != nil {
		return nil, err
	}
	children, err := s.nodesOf(from.Content, depth+1)
	return newNode(t, attrs, marks, children), err
}

func (s *Schema) nodesOf(from []nodeJSON, depth int) (all []*Node, err error) {
	for _, one := range from {
		n, err := s.node(one, depth)
		if err != nil {
			return nil, err
		}
		all = join(all, n)
	}
	return all, nil
}

func (s *Schema) marksOf(from []markJSON) (all []Mark, err error) {
	for _, one := range from {
		m, err := s.mark(one)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func (s *Schema) mark(from markJSON) (m Mark, err error) {
	if m.Type = s.marks[from.Type]; m.Type == nil {
		return m, fmt.Errorf("%w: there is no mark %.60q", ErrForm, from.Type)
	}
	m.attrs, err = values(m.Type.attrs, from.Attrs, from.Type)
	return m, err
}

// values are those of attributes, the defaults where none is given.
func values(attrs []attribute, given map[string]json.RawMessage, of string) ([]string, error) {
	if len(attrs) == 0 && len(given) == 0 {
		return nil, nil
	}
	all := make([]string, len(attrs))
	found := 0
	for n, a := range attrs {
		all[n] = a.value
		if value, there := given[a.name]; there {
			found++
			text, err := canonical(value)
			if err != nil {
				return nil, fmt.Errorf("%w: attribute %s: %w", ErrForm, a.name, err)
			}
			all[n] = text
		}
	}
	if found != len(given) {
		return nil, fmt.Errorf("%w: a %s has an attribute that it cannot have", ErrForm, of)
	}
	return all, nil
}

// JSON is a node as ProseMirror writes it.
func (n *Node) JSON() []byte { return n.appendJSON(nil) }

// MarshalJSON is JSON, for encoders.
func (n *Node) MarshalJSON() ([]byte, error) { return n.JSON(), nil }

func (n *Node) appendJSON(out []byte) []byte {
	out = append(out, `{"type":`...)
	out = quoted(out, n.Type.Name)
	out = appendAttrs(out, n.Type.attrs, n.attrs)
	if len(n.Children) > 0 {
		out = append(out, `,"content":`...)
		out = appendNodes(out, n.Children)
	}
	if len(n.Marks) > 0 {
		out = append(out, `,"marks":[`...)
		for i, m := range n.Marks {
			if i > 0 {
				out = append(out, ',')
			}
			out = m.appendJSON(out)
		}
		out = append(out, ']')
	}
	if n.isText() {
		out = append(out, `,"text":`...)
		out = quoted(out, n.Text)
	}
	return append(out, '}')
}

func appendNodes(out []byte, nodes []*Node) []byte {
	out = append(out, '[')
	for i, n := range nodes {
		if i > 0 {
			out = append(out, ',')
		}
		out = n.appendJSON(out)
	}
	return append(out, ']')
}

func (m Mark) appendJSON(out []byte) []byte {
	out = append(out, `{"type":`...)
	out = quoted(out, m.Type.Name)
	return append(appendAttrs(out, m.Type.attrs, m.attrs), '}')
}

func appendAttrs(out []byte, attrs []attribute, values []string) []byte {
	for i, a := range attrs {
		if i == 0 {
			out = append(out, `,"attrs":{`...)
		} else {
			out = append(out, ',')
		}
		out = quoted(out, a.name)
		out = append(append(out, ':'), values[i]...)
	}
	if len(attrs) > 0 {
		out = append(out, '}')
	}
	return out
}

const hexadecimal = "0123456789abcdef"

// quoted appends a text as JSON, as JavaScript writes it.
func quoted(out []byte, s string) []byte {
	out = append(out, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		case '\b':
			out = append(out, '\\', 'b')
		case '\f':
			out = append(out, '\\', 'f')
		default:
			out = append(out, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&15])
		}
	}
	return append(append(out, s[from:]...), '"')
}
