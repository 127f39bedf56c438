package body

import (
	"slices"
	"strings"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// Plain returns the words of a body, its parts separated by blank lines; its
// footnotes stand at the end.
func Plain(b Body) string {
	out := make([]byte, 0, estimate(b))
	for i := range b {
		start := len(out)
		out = apartFrom(out)
		before := len(out)
		out = plain(out, b[i].Value)
		out = out[:len(strings.TrimRight(string(out[before:]), "\n"))+before]
		if len(out) == before {
			out = out[:start]
		}
	}
	for i := range b {
		texts(b[i].Value, func(_ string, t Text) {
			for j := range t {
				if note := t[j].Note; !note.Empty() {
					out = note.append(apartFrom(out))
				}
			}
		})
	}
	return string(out)
}

// apartFrom ends a part, where there is one.
func apartFrom(out []byte) []byte {
	if len(out) == 0 {
		return out
	}
	return append(out, "\n\n"...)
}

// wholly is the words of a value and of its notes.
func wholly(v Value) string {
	out := plain(nil, v)
	texts(v, func(_ string, t Text) { out = t.appendNotes(out) })
	return string(out)
}

// plain appends the words of a value, each line ended.
func plain(out []byte, v Value) []byte {
	switch v := v.(type) {
	case Paragraph:
		return v.Text.append(out)
	case Subhead:
		return v.Text.append(out)
	case Quote:
		return plainLine(plainLines(out, v.Paragraphs), v.Attribution)
	case PullQuote:
		return plainLine(plainLine(out, v.Text), v.Attribution)
	case List:
		return plainList(out, &v, 0)
	case Figure:
		return v.Caption.append(out)
	case Gallery:
		for _, f := range v.Pictures {
			out = plainLine(out, f.Caption)
		}
	case Table:
		return plainTable(out, v)
	case KeyPoints:
		return plainLines(plainLine(out, T(v.Title)), v.Points)
	case Preformatted:
		return v.Text.append(out)
	case Embed:
		return append(out, v.Title...)
	case File:
		return append(out, v.Label...)
	case Note:
		return plainLines(plainLine(out, T(v.Title)), v.Paragraphs)
	case Post:
		return plainLine(plainLine(out, T(v.Title)), T(v.Byline))
	case Foreign:
		return plainNodes(out, v.Tree)
	}
	return out
}

func plainLine(out []byte, t Text) []byte {
	if len(t) == 0 {
		return out
	}
	return append(t.append(out), '\n')
}

func plainLines(out []byte, all []Text) []byte {
	for _, t := range all {
		out = plainLine(out, t)
	}
	return out
}

func plainList(out []byte, v *List, depth int) []byte {
	for i := range v.Items {
		out = plainLine(out, v.Items[i].Text)
		if v.Items[i].List != nil && depth < MaxNesting {
			out = plainList(out, v.Items[i].List, depth+1)
		}
	}
	return out
}

func plainTable(out []byte, v Table) []byte {
	out = plainLine(out, v.Caption)
	if len(v.Head) > 0 {
		out = plainRow(out, v.Head)
	}
	for _, row := range v.Rows {
		out = plainRow(out, row)
	}
	return plainLine(out, v.Source)
}

func plainRow(out []byte, row []Text) []byte {
	for i, t := range row {
		if i > 0 {
			out = append(out, '\t')
		}
		out = t.append(out)
	}
	return append(out, '\n')
}

// flows are the elements that stand in a line of text.
var flows = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "cite": true, "code": true, "del": true,
	"dfn": true, "em": true, "i": true, "img": true, "ins": true, "kbd": true, "mark": true, "q": true, "rp": true,
	"rt": true, "ruby": true, "s": true, "samp": true, "small": true, "span": true, "strong": true, "sub": true,
	"sup": true, "time": true, "u": true, "var": true, "wbr": true,
}

func plainNodes(out []byte, tree []Node) []byte {
	for i := range tree {
		n := &tree[i]
		if n.Element == "" {
			out = append(out, n.Text...)
			continue
		}
		if !flows[n.Element] {
			out = lineEnded(out)
		}
		out = plainNodes(out, n.Children)
		if !flows[n.Element] {
			out = lineEnded(out)
		}
	}
	return out
}

func lineEnded(out []byte) []byte {
	if n := len(out); n == 0 || out[n-1] == '\n' {
		return out
	}
	return append(out, '\n')
}

// Words counts the words of a body.
func Words(b Body) int { return lang.Words(Plain(b)) }

// Excerpt returns the beginning of the running text, at most so many
// characters as people count them. Headings, boxes and captions are left out.
func Excerpt(b Body, graphemes int) string {
	var out strings.Builder
	for i := range b {
		v, ok := b[i].Value.(Paragraph)
		if !ok || v.Text.Empty() {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(strings.Join(strings.Fields(v.Text.String()), " "))
		// A character takes far fewer bytes than this, save in texts made to
		// be long.
		if out.Len() > 64*graphemes {
			break
		}
	}
	return lang.Clip(out.String(), graphemes)
}

// FromText makes a body of plain text: paragraphs end at blank lines, and
// every other line end is kept as a break.
func FromText(s string) Body {
	s = lang.Newlines(s)
	var b Body
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			b = append(b, Block{Value: Paragraph{Text: Lines(strings.Join(lines, "\n"))}})
		}
		lines = nil
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return Assign(b, Counter("b"))
}

// Assets returns the pictures that a body shows, then the files, each once.
func Assets(b Body) []ref.Asset {
	all := Pictures(b)
	for _, id := range Files(b) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// Pictures returns the pictures that a body shows, each once, in their order.
func Pictures(b Body) []ref.Asset {
	var found []ref.Asset
	seen := map[ref.Asset]bool{}
	add := func(id ref.Asset) {
		if id != 0 && !seen[id] {
			seen[id] = true
			found = append(found, id)
		}
	}
	for i := range b {
		visit(b[i].Value, func(s *Span) { add(s.Picture.Asset) }, func(n *Node) { add(n.Asset) })
		switch v := b[i].Value.(type) {
		case Figure:
			add(v.Asset)
		case Gallery:
			for _, f := range v.Pictures {
				add(f.Asset)
			}
		}
	}
	return found
}

// Files returns the files that a body offers, each once, in their order.
func Files(b Body) []ref.Asset {
	var found []ref.Asset
	for i := range b {
		if f, ok := b[i].Value.(File); ok && f.Asset != 0 && !slices.Contains(found, f.Asset) {
			found = append(found, f.Asset)
		}
	}
	return found
}

// Links returns the addresses to which a body leads, each once, in their order.
func Links(b Body) []string {
	var found []string
	seen := map[string]bool{}
	add := func(href string) {
		if href != "" && !seen[href] {
			seen[href] = true
			found = append(found, href)
		}
	}
	for i := range b {
		visit(b[i].Value,
			func(s *Span) { add(s.Link.Href); add(s.Picture.Href) },
			func(n *Node) { add(n.Attributes["href"]); add(n.Attributes["src"]) })
		if v, ok := b[i].Value.(Embed); ok {
			add(v.URL)
		}
	}
	return found
}

// Definitions returns the topics whose definitions a body shows as blocks, each
// once, in their order.
func Definitions(b Body) []ref.Topic {
	var found []ref.Topic
	for i := range b {
		if v, ok := b[i].Value.(Definition); ok && v.Topic > 0 && !slices.Contains(found, v.Topic) {
			found = append(found, v.Topic)
		}
	}
	return found
}
