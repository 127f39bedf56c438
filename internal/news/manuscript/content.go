package manuscript

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/prose"
)

// ErrContent says that an attribute of a document has no value that a story could have.
var ErrContent = errors.New("the document says what no story can")

// reader makes contents of documents, and remembers the first thing it cannot read.
type reader struct{ err error }

// Content is a document as a content. Blocks without a key, or with that of an earlier
// one, are given one.
func Content(doc *prose.Node) (story.Content, error) {
	var r reader
	c := r.fields(doc)
	keys := body.Counter("w")
	for n, child := range doc.Children {
		if n >= fieldCount {
			c.Body = append(c.Body, body.Block{Key: body.Key(r.text(child, "key")), Value: r.block(child)})
		}
	}
	if c.Body = body.Assign(c.Body, keys); len(c.Body) == 0 {
		c.Body = nil
	}
	return c, r.err
}

// fieldCount is how many fields stand before the blocks.
const fieldCount = 5

func (r *reader) fields(doc *prose.Node) story.Content {
	c := story.Content{
		Kicker: doc.Children[0].TextContent(), Headline: doc.Children[1].TextContent(), Short: doc.Children[2].TextContent(),
		Standfirst: doc.Children[3].TextContent(), Dateline: doc.Children[4].TextContent(),
		Genre: story.Genre(r.text(doc, "genre")), Section: number[ref.Section](r, doc, "section"), Topics: numbers[ref.Topic](r, doc, "topics"),
		Slug: r.text(doc, "slug"), Picture: number[ref.Asset](r, doc, "picture"), Alt: r.text(doc, "alt"), Caption: r.text(doc, "caption"),
		Film: number[ref.Asset](r, doc, "film"), Ended: r.yes(doc, "ended"), NoTerms: r.yes(doc, "noTerms"), Related: numbers[ref.Story](r, doc, "related"),
	}
	r.value(doc, "origin", &c.Origin)
	var byline []signature
	r.value(doc, "byline", &byline)
	for _, s := range byline {
		author, err := parse[ref.Author](s.Author)
		r.fail(err, "byline")
		c.Byline = append(c.Byline, story.Signature{Author: author, Name: s.Name, Slug: s.Slug})
	}
	return c
}

func (r *reader) fail(err error, name string) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%w: %s: %w", ErrContent, name, err)
	}
}

// value reads an attribute into v.
func (r *reader) value(n *prose.Node, name string, v any) {
	r.fail(json.Unmarshal([]byte(n.Attr(name)), v), name)
}

func (r *reader) text(n *prose.Node, name string) (s string) {
	r.value(n, name, &s)
	return s
}

func (r *reader) yes(n *prose.Node, name string) (b bool) {
	r.value(n, name, &b)
	return b
}

func (r *reader) count(n *prose.Node, name string) (i int) {
	r.value(n, name, &i)
	return i
}

func (r *reader) lang(n *prose.Node) body.Lang {
	return body.Lang{Tag: r.text(n, "tag"), Dir: r.text(n, "dir")}
}

// parse reads an identity; empty is none.
func parse[T ref.ID](text string) (id T, err error) {
	if text == "" {
		return 0, nil
	}
	return ref.Parse[T](text)
}

func number[T ref.ID](r *reader, n *prose.Node, name string) T {
	id, err := parse[T](r.text(n, name))
	r.fail(err, name)
	return id
}

func numbers[T ref.ID](r *reader, n *prose.Node, name string) (all []T) {
	var texts []string
	r.value(n, name, &texts)
	for _, text := range texts {
		id, err := parse[T](text)
		r.fail(err, name)
		all = append(all, id)
	}
	return all
}

func (r *reader) block(n *prose.Node) body.Value {
	switch n.Type.Name {
	case "paragraph":
		return body.Paragraph{Text: r.inline(n.Children), Lang: r.lang(n)}
	case "subhead":
		return body.Subhead{Level: r.count(n, "level"), Text: r.inline(n.Children), Lang: r.lang(n)}
	case "quote":
		last := len(n.Children) - 1
		return body.Quote{Paragraphs: r.lines(n.Children[:last]), Attribution: r.inline(n.Children[last].Children), Lang: r.lang(n)}
	case "pull_quote":
		return body.PullQuote{Text: r.inline(n.Children[0].Children), Attribution: r.inline(n.Children[1].Children), Lang: r.lang(n)}
	case "list":
		return body.List{Ordered: r.yes(n, "ordered"), Start: r.count(n, "start"), Items: r.items(n.Children), Lang: r.lang(n)}
	case "figure":
		return body.Figure{Asset: number[ref.Asset](r, n, "asset"), Caption: r.inline(n.Children[0].Children), Alt: r.text(n, "alt")}
	case "table_block":
		return r.table(n)
	case "key_points":
		return body.KeyPoints{Title: r.text(n, "title"), Points: r.lines(n.Children), Lang: r.lang(n)}
	case "preformatted":
		return body.Preformatted{Text: r.inline(n.Children), Lang: r.lang(n)}
	case "note":
		return body.Note{Kind: body.NoteKind(r.text(n, "kind")), Title: r.text(n, "title"), Paragraphs: r.lines(n.Children), Lang: r.lang(n)}
	}
	return r.atom(n)
}

// atom reads the blocks that are no text.
func (r *reader) atom(n *prose.Node) body.Value {
	switch n.Type.Name {
	case "embed":
		return body.Embed{Provider: r.text(n, "provider"), URL: r.text(n, "url"), Title: r.text(n, "title")}
	case "gallery":
		var g body.Gallery
		for _, shot := range n.Children {
			g.Pictures = append(g.Pictures, body.Figure{Asset: number[ref.Asset](r, shot, "asset"), Caption: r.inline(shot.Children), Alt: r.text(shot, "alt")})
		}
		return g
	case "file":
		return body.File{Asset: number[ref.Asset](r, n, "asset"), Label: r.text(n, "label")}
	case "definition":
		return body.Definition{Topic: number[ref.Topic](r, n, "topic")}
	case "post":
		p := body.Post{Title: r.text(n, "title"), Byline: r.text(n, "byline")}
		if at := r.text(n, "at"); at != "" {
			var err error
			p.At, err = time.Parse(time.RFC3339Nano, at)
			r.fail(err, "at")
		}
		return p
	case "foreign":
		f := body.Foreign{Origin: r.text(n, "origin"), Name: r.text(n, "name")}
		if r.value(n, "tree", &f.Tree); len(f.Tree) == 0 {
			f.Tree = nil
		}
		return f
	}
	return body.Rule{}
}

func (r *reader) lines(nodes []*prose.Node) (all []body.Text) {
	for _, n := range nodes {
		all = append(all, r.inline(n.Children))
	}
	return all
}

func (r *reader) items(nodes []*prose.Node) (all []body.Item) {
	for _, n := range nodes {
		item := body.Item{Text: r.inline(n.Children[0].Children)}
		if len(n.Children) > 1 {
			l := n.Children[1]
			item.List = &body.List{Ordered: r.yes(l, "ordered"), Start: r.count(l, "start"), Items: r.items(l.Children), Lang: r.lang(l)}
		}
		all = append(all, item)
	}
	return all
}

// table reads a table. Rows are made equally long, and a first row of nothing but heads
// is its head.
func (r *reader) table(n *prose.Node) body.Table {
	t := body.Table{Caption: r.inline(n.Children[0].Children), Source: r.inline(n.Children[2].Children), Labelled: r.yes(n, "labelled")}
	if r.value(n, "numeric", &t.Numeric); len(t.Numeric) == 0 {
		t.Numeric = nil
	}
	wide := 0
	var rows [][]body.Text
	headed := false
	for at, row := range n.Children[1].Children {
		var cells []body.Text
		heads := 0
		for _, cell := range row.Children {
			cells = append(cells, r.inline(cell.Children))
			for range r.count(cell, "colspan") - 1 {
				cells = append(cells, nil)
			}
			if cell.Type.Name == "table_head" {
				heads++
			}
		}
		headed = headed || at == 0 && heads > 0 && heads == len(row.Children)
		wide = max(wide, len(cells))
		rows = append(rows, cells)
	}
	for at, row := range rows {
		for len(row) < wide {
			row = append(row, nil)
		}
		rows[at] = row
	}
	if headed {
		t.Head, rows = rows[0], rows[1:]
	}
	if t.Rows = rows; len(rows) == 0 {
		t.Rows = nil
	}
	return t
}

func (r *reader) inline(nodes []*prose.Node) (t body.Text) {
	for _, n := range nodes {
		s := r.span(n.Marks)
		switch n.Type.Name {
		case "text":
			s.Text = n.Text
		case "break":
			s.Break = true
		case "inline_picture":
			s.Picture = body.Inline{Asset: number[ref.Asset](r, n, "asset"), Href: r.text(n, "href"), Alt: r.text(n, "alt")}
		case "footnote":
			if s.Note = r.inline(n.Children); len(s.Note) == 0 {
				continue // a note that says nothing is none
			}
		}
		t = append(t, s)
	}
	return t
}

// span reads marks.
func (r *reader) span(marks []prose.Mark) (s body.Span) {
	for _, m := range marks {
		read := func(name string, v any) { r.fail(json.Unmarshal([]byte(m.Attr(name)), v), name) }
		switch m.Type.Name {
		case "link":
			read("href", &s.Link.Href)
			read("title", &s.Link.Title)
		case "lang":
			read("tag", &s.Lang.Tag)
			read("dir", &s.Lang.Dir)
		default:
			mark, _ := body.MarkNamed(m.Type.Name)
			s.Marks |= mark
		}
	}
	return s
}
