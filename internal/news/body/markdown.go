package body

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// MarkdownOptions are what a text in Markdown leaves to its reader. Without one
// of its functions, the text can name nothing of that kind.
type MarkdownOptions struct {
	// Mint makes the keys of the blocks; nil means b1, b2 and so on.
	Mint func() Key
	// Asset finds a picture or a file by the name that the text gives it.
	Asset func(name string) (ref.Asset, bool)
	// Topic finds a topic by its name.
	Topic func(name string) (ref.Topic, bool)
	// Time reads the time of a post; nil reads RFC 3339.
	Time func(text string) (time.Time, error)
}

// FromMarkdown makes a body of CommonMark with the tables, the strike and the
// footnotes of GitHub. HTML in it is text. Fenced blocks with these words after
// the fence are blocks of ours:
//
//	key-points     a line for each point, the first a title if it begins with #
//	pull-quote     a text; a last line that begins with — says whose it is
//	picture NAME   a caption for the picture of that name
//	figure         a line: name | alt | caption, the last two if wanted
//	gallery        such a line for each picture
//	file           a line: name | label
//	definition     the name of a topic
//	embed          lines that begin with URL:, Title: and Provider:
//	post           lines that begin with At:, Title: and Byline:
//	table          after a table: lines that begin with Caption: and Source:
//
// A block with a fault is left out. The error then names all faults, each with
// its line, and the body has all else.
func FromMarkdown(src []byte, opts MarkdownOptions) (Body, error) {
	source := []byte(lang.Newlines(string(src)))
	if pos, r, bad := lang.Control(string(source)); bad {
		line := 1 + bytes.Count(source[:pos], []byte{'\n'})
		return nil, fmt.Errorf("line %d holds a character that no text may have (%U)", line, r)
	}
	m := markdown{source: source, opts: opts}
	root := markdownParser().Parse(text.NewReader(source))
	m.collect(root)
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if err := m.block(n); err != nil {
			m.faults = append(m.faults, err)
		}
	}
	if opts.Mint == nil {
		opts.Mint = Counter("b")
	}
	return Assign(m.body, opts.Mint), errors.Join(m.faults...)
}

// markdownParser reads all of CommonMark but HTML, which stays text.
func markdownParser() parser.Parser {
	var blocks, inlines []util.PrioritizedValue
	for _, p := range parser.DefaultBlockParsers() {
		if p.Priority != 900 { // HTML blocks
			blocks = append(blocks, p)
		}
	}
	for _, p := range parser.DefaultInlineParsers() {
		if p.Priority != 400 { // HTML in a line
			inlines = append(inlines, p)
		}
	}
	blocks = append(blocks, util.Prioritized(extension.NewFootnoteBlockParser(), 999))
	inlines = append(inlines, util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(extension.NewFootnoteParser(), 101))
	transformers := append(parser.DefaultParagraphTransformers(),
		util.Prioritized(extension.NewTableParagraphTransformer(), 200))
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(inlines...),
		parser.WithParagraphTransformers(transformers...),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
}

// markdown turns one tree into blocks.
type markdown struct {
	source []byte
	opts   MarkdownOptions
	body   Body
	faults []error
	// notes are what the footnotes say, by their numbers; noting is set while
	// one is read.
	notes  map[int]Text
	noting bool
}

func (m *markdown) add(v Value) { m.body = append(m.body, Block{Value: v}) }

func (m *markdown) block(n ast.Node) error {
	switch n := n.(type) {
	case *ast.Heading:
		m.add(Subhead{Level: min(max(n.Level, 2), 3), Text: m.inline(n)})
	case *ast.Paragraph, *ast.TextBlock:
		m.paragraph(n)
	case *ast.Blockquote:
		if q := m.quote(n); len(q.Paragraphs) > 0 {
			m.add(q)
		}
	case *ast.List:
		m.add(*m.list(n, 1))
	case *ast.CodeBlock:
		m.add(Preformatted{Text: T(strings.TrimSuffix(m.lines(n), "\n"))})
	case *ast.FencedCodeBlock:
		return m.fenced(n)
	case *ast.ThematicBreak:
		m.add(Rule{})
	case *tables.Table:
		m.add(m.table(n))
	}
	return nil
}

// paragraph adds a paragraph, or a figure when it is a picture alone.
func (m *markdown) paragraph(n ast.Node) {
	t := m.inline(n)
	if len(t) == 1 && t[0].Picture.Asset != 0 && t[0].Link == (Link{}) {
		image, _ := n.FirstChild().(*ast.Image)
		figure := Figure{Asset: t[0].Picture.Asset, Alt: t[0].Picture.Alt}
		if image != nil {
			figure.Caption = T(unescaped(image.Title))
		}
		m.add(figure)
		return
	}
	if len(t) > 0 {
		m.add(Paragraph{Text: t})
	}
}

func (m *markdown) quote(n ast.Node) Quote {
	var q Quote
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		q.Paragraphs = append(q.Paragraphs, m.flat(child)...)
	}
	last := len(q.Paragraphs) - 1
	if last > 0 {
		if who, ok := attribution(q.Paragraphs[last]); ok {
			q.Paragraphs, q.Attribution = q.Paragraphs[:last], who
		}
	}
	return q
}

// attribution takes the dash from a line that begins with one.
func attribution(t Text) (Text, bool) {
	if len(t) == 0 {
		return nil, false
	}
	rest, ok := strings.CutPrefix(t[0].Text, "— ")
	if !ok {
		return nil, false
	}
	who := append(Text{}, t...)
	who[0].Text = rest
	return who, true
}

// flat returns the texts of a block where only texts may stand.
func (m *markdown) flat(n ast.Node) []Text {
	switch n.(type) {
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return []Text{Lines(strings.TrimSuffix(m.lines(n), "\n"))}
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading, *tables.TableCell:
		return []Text{m.inline(n)}
	}
	var all []Text
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		all = append(all, m.flat(child)...)
	}
	return all
}

func (m *markdown) list(n *ast.List, depth int) *List {
	list := &List{Ordered: n.IsOrdered()}
	if n.Start > 1 {
		list.Start = n.Start
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		list.Items = append(list.Items, m.item(item, depth))
	}
	return list
}

// item makes an item; lists deeper than lists may be become lines of its text.
func (m *markdown) item(n ast.Node, depth int) Item {
	var item Item
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if inner, ok := child.(*ast.List); ok && depth < MaxNesting {
			list := m.list(inner, depth+1)
			if item.List != nil {
				item.List.Items = append(item.List.Items, list.Items...)
				continue
			}
			item.List = list
			continue
		}
		for _, t := range m.flat(child) {
			item.Text = apart(item.Text, t)
		}
	}
	return item
}

// apart puts a second paragraph into a place for one, after an empty line.
func apart(t, more Text) Text {
	if len(t) > 0 && len(more) > 0 {
		t = append(t, Span{Break: true}, Span{Break: true})
	}
	return append(t, more...)
}

func (m *markdown) lines(n ast.Node) string {
	return string(n.Lines().Value(m.source))
}

func (m *markdown) fenced(n *ast.FencedCodeBlock) error {
	content := strings.TrimSuffix(m.lines(n), "\n")
	info := ""
	if n.Info != nil {
		info = strings.TrimSpace(string(n.Info.Segment.Value(m.source)))
	}
	word, rest, _ := strings.Cut(info, " ")
	if read, ok := fences[word]; ok {
		v, err := read(m, fence{content, strings.TrimSpace(rest)})
		if err != nil {
			return fmt.Errorf("line %d: %w", m.line(n), err)
		}
		m.add(v)
		return nil
	}
	if word == "table" || word == "table-source" {
		return m.tableWords(n, content)
	}
	m.add(Preformatted{Text: T(content)})
	return nil
}

// tableWords gives the table before it its caption and its source.
func (m *markdown) tableWords(n ast.Node, content string) error {
	last := len(m.body) - 1
	if last < 0 {
		return fmt.Errorf("line %d: no table stands before its caption", m.line(n))
	}
	t, ok := m.body[last].Value.(Table)
	if !ok {
		return fmt.Errorf("line %d: no table stands before its caption", m.line(n))
	}
	for _, line := range filled(content) {
		if caption, ok := strings.CutPrefix(line, "Caption:"); ok {
			t.Caption = m.within(strings.TrimSpace(caption))
		} else if source, ok := strings.CutPrefix(line, "Source:"); ok {
			t.Source = m.within(strings.TrimSpace(source))
		} else {
			return fmt.Errorf("line %d: %q does not begin with Caption: or Source: as it must", m.line(n), line)
		}
	}
	m.body[last].Value = t
	return nil
}

// line is the line of a block's fence.
func (m *markdown) line(n ast.Node) int {
	if fenced, ok := n.(*ast.FencedCodeBlock); ok && fenced.Info != nil {
		return 1 + bytes.Count(m.source[:fenced.Info.Segment.Start], []byte{'\n'})
	}
	if n.Lines().Len() == 0 {
		return 1 + bytes.Count(m.source, []byte{'\n'})
	}
	return bytes.Count(m.source[:n.Lines().At(0).Start], []byte{'\n'})
}

func (m *markdown) table(n *tables.Table) Table {
	var t Table
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []Text
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, m.inline(cell))
		}
		if _, ok := row.(*tables.TableHeader); ok {
			t.Head = cells
			continue
		}
		t.Rows = append(t.Rows, cells)
	}
	t.settle()
	for i, alignment := range n.Alignments {
		if alignment == tables.AlignRight && i < len(t.Head) {
			t.setNumeric(i)
		}
	}
	return t
}

// settle finds the columns of numbers, and whether the first column names the
// rows: it does when it has no numbers and others follow.
func (t *Table) settle() {
	columns := len(t.Head)
	if columns == 0 && len(t.Rows) > 0 {
		columns = len(t.Rows[0])
	}
	for i := range columns {
		if t.allNumbers(i) {
			t.setNumeric(i)
		}
	}
	t.Labelled = columns > 1 && len(t.Head) > 0 && !t.numeric(0)
}

func (t *Table) setNumeric(column int) {
	for len(t.Numeric) <= column {
		t.Numeric = append(t.Numeric, false)
	}
	t.Numeric[column] = true
}

func (t *Table) allNumbers(column int) bool {
	found := false
	for _, row := range t.Rows {
		if column >= len(row) || row[column].Empty() {
			continue
		}
		if !isNumber(strings.TrimSpace(row[column].String())) {
			return false
		}
		found = true
	}
	return found
}
