package prose

import "strconv"

func begin(kind string) []byte { return quoted([]byte(`{"stepType":`), kind) }

func number(out []byte, name string, n int) []byte {
	out = append(append(out, `,"`...), name...)
	return strconv.AppendInt(append(out, `":`...), int64(n), 10)
}

func appendSlice(out []byte, s Slice) []byte {
	if sizeOf(s.Content) == 0 {
		return out
	}
	out = append(out, `,"slice":{"content":`...)
	out = appendNodes(out, s.Content)
	if s.OpenStart > 0 {
		out = number(out, "openStart", s.OpenStart)
	}
	if s.OpenEnd > 0 {
		out = number(out, "openEnd", s.OpenEnd)
	}
	return append(out, '}')
}

func appendStructure(out []byte, structure bool) []byte {
	if structure {
		out = append(out, `,"structure":true`...)
	}
	return append(out, '}')
}

// MarshalJSON writes the step as ProseMirror does.
func (s Replace) MarshalJSON() ([]byte, error) {
	out := number(number(begin("replace"), "from", s.From), "to", s.To)
	return appendStructure(appendSlice(out, s.Slice), s.Structure), nil
}

// MarshalJSON writes the step as ProseMirror does.
func (s ReplaceAround) MarshalJSON() ([]byte, error) {
	out := number(number(begin("replaceAround"), "from", s.From), "to", s.To)
	out = number(number(number(out, "gapFrom", s.GapFrom), "gapTo", s.GapTo), "insert", s.Insert)
	return appendStructure(appendSlice(out, s.Slice), s.Structure), nil
}

func ranged(kind string, m Mark, from, to int) ([]byte, error) {
	out := m.appendJSON(append(begin(kind), `,"mark":`...))
	return append(number(number(out, "from", from), "to", to), '}'), nil
}

// MarshalJSON writes the step as ProseMirror does.
func (s AddMark) MarshalJSON() ([]byte, error) { return ranged("addMark", s.Mark, s.From, s.To) }

// MarshalJSON writes the step as ProseMirror does.
func (s RemoveMark) MarshalJSON() ([]byte, error) { return ranged("removeMark", s.Mark, s.From, s.To) }

func onNode(kind string, m Mark, pos int) ([]byte, error) {
	out := number(begin(kind), "pos", pos)
	return append(m.appendJSON(append(out, `,"mark":`...)), '}'), nil
}

// MarshalJSON writes the step as ProseMirror does.
func (s AddNodeMark) MarshalJSON() ([]byte, error) { return onNode("addNodeMark", s.Mark, s.Pos) }

// MarshalJSON writes the step as ProseMirror does.
func (s RemoveNodeMark) MarshalJSON() ([]byte, error) { return onNode("removeNodeMark", s.Mark, s.Pos) }

func appendValue(out []byte, attr, value string) []byte {
	out = quoted(append(out, `,"attr":`...), attr)
	return append(append(append(out, `,"value":`...), value...), '}')
}

// MarshalJSON writes the step as ProseMirror does.
func (s SetAttr) MarshalJSON() ([]byte, error) {
	return appendValue(number(begin("attr"), "pos", s.Pos), s.Attr, s.Value), nil
}

// MarshalJSON writes the step as ProseMirror does.
func (s SetDocAttr) MarshalJSON() ([]byte, error) {
	return appendValue(begin("docAttr"), s.Attr, s.Value), nil
}
