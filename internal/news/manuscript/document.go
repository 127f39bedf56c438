package manuscript

import (
	"strconv"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/prose"
)

// attrs are attributes by name.
type attrs = map[string]any

// writer makes documents of contents.
type writer struct{ *prose.Schema }

// Document is a content as a document. What a line break or a small picture hides is
// left out; all else is kept.
func Document(s *prose.Schema, c story.Content) *prose.Node {
	w := writer{s}
	children := []*prose.Node{
		w.line("kicker", c.Kicker), w.line("headline", c.Headline), w.line("short", c.Short), w.line("standfirst", c.Standfirst), w.line("dateline", c.Dateline),
	}
	for i := range c.Body {
		children = append(children, w.block(c.Body[i]))
	}
	return w.Build("story", attrs{
		"genre": c.Genre, "section": identity(c.Section), "topics": identities(c.Topics), "byline": signatures(c.Byline), "slug": c.Slug,
		"picture": identity(c.Picture), "alt": c.Alt, "caption": c.Caption, "film": identity(c.Film), "ended": c.Ended, "noTerms": c.NoTerms,
		"related": identities(c.Related), "origin": c.Origin,
	}, children...)
}

// identity is empty for none.
func identity[T ~int64](id T) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func identities[T ~int64](ids []T) []string {
	all := make([]string, len(ids))
	for n, id := range ids {
		all[n] = identity(id)
	}
	return all
}

// signature is one name of a byline.
type signature struct {
	Author string `json:"author"`
	Name   string `json:"name"`
	Slug   string `json:"slug"`
}

func signatures(byline []story.Signature) []signature {
	all := make([]signature, len(byline))
	for n, s := range byline {
		all[n] = signature{identity(s.Author), s.Name, s.Slug}
	}
	return all
}

func (w writer) line(name, text string) *prose.Node {
	if n := w.Text(text); n != nil {
		return w.Build(name, nil, n)
	}
	return w.Build(name, nil)
}

// keyed are a block's attributes, with its language.
func keyed(key body.Key, l body.Lang, more attrs) attrs {
	a := attrs{"key": string(key), "tag": l.Tag, "dir": l.Dir}
	for name, value := range more {
		a[name] = value
	}
	return a
}

func (w writer) block(b body.Block) *prose.Node {
	key := string(b.Key)
	switch v := b.Value.(type) {
	case body.Paragraph:
		return w.Build("paragraph", keyed(b.Key, v.Lang, nil), w.inline(v.Text)...)
	case body.Subhead:
		return w.Build("subhead", keyed(b.Key, v.Lang, attrs{"level": v.Level}), w.inline(v.Text)...)
	case body.Quote:
		return w.Build("quote", keyed(b.Key, v.Lang, nil), append(w.lines(v.Paragraphs), w.Build("attribution", nil, w.inline(v.Attribution)...))...)
	case body.PullQuote:
		return w.Build("pull_quote", keyed(b.Key, v.Lang, nil), w.Build("line", nil, w.inline(v.Text)...), w.Build("attribution", nil, w.inline(v.Attribution)...))
	case body.List:
		return w.Build("list", keyed(b.Key, v.Lang, attrs{"ordered": v.Ordered, "start": v.Start}), w.items(v.Items)...)
	case body.Figure:
		return w.Build("figure", attrs{"key": key, "asset": identity(v.Asset), "alt": v.Alt}, w.Build("caption", nil, w.inline(v.Caption)...))
	case body.Table:
		return w.table(key, v)
	case body.KeyPoints:
		return w.Build("key_points", keyed(b.Key, v.Lang, attrs{"title": v.Title}), w.lines(v.Points)...)
	case body.Preformatted:
		return w.Build("preformatted", keyed(b.Key, v.Lang, nil), w.inline(v.Text)...)
	case body.Note:
		return w.Build("note", keyed(b.Key, v.Lang, attrs{"kind": v.Kind, "title": v.Title}), w.lines(v.Paragraphs)...)
	}
	return w.atom(key, b.Value)
}

// atom makes the blocks that are no text.
func (w writer) atom(key string, v body.Value) *prose.Node {
	switch v := v.(type) {
	case body.Embed:
		return w.Build("embed", attrs{"key": key, "provider": v.Provider, "url": v.URL, "title": v.Title})
	case body.Gallery:
		var shots []*prose.Node
		for _, f := range v.Pictures {
			shots = append(shots, w.Build("shot", attrs{"asset": identity(f.Asset), "alt": f.Alt}, w.inline(f.Caption)...))
		}
		return w.Build("gallery", attrs{"key": key}, shots...)
	case body.File:
		return w.Build("file", attrs{"key": key, "asset": identity(v.Asset), "label": v.Label})
	case body.Definition:
		return w.Build("definition", attrs{"key": key, "topic": identity(v.Topic)})
	case body.Post:
		at := ""
		if !v.At.IsZero() {
			at = v.At.Format(time.RFC3339Nano)
		}
		return w.Build("post", attrs{"key": key, "at": at, "title": v.Title, "byline": v.Byline})
	case body.Foreign:
		tree := v.Tree
		if tree == nil {
			tree = []body.Node{}
		}
		return w.Build("foreign", attrs{"key": key, "origin": v.Origin, "name": v.Name, "tree": tree})
	}
	return w.Build("rule", attrs{"key": key})
}

func (w writer) lines(all []body.Text) (lines []*prose.Node) {
	for _, t := range all {
		lines = append(lines, w.Build("line", nil, w.inline(t)...))
	}
	return lines
}

func (w writer) items(all []body.Item) (items []*prose.Node) {
	for _, item := range all {
		parts := []*prose.Node{w.Build("line", nil, w.inline(item.Text)...)}
		if l := item.List; l != nil {
			parts = append(parts, w.Build("sublist", attrs{"ordered": l.Ordered, "start": l.Start, "tag": l.Lang.Tag, "dir": l.Lang.Dir}, w.items(l.Items)...))
		}
		items = append(items, w.Build("item", nil, parts...))
	}
	return items
}

func (w writer) table(key string, t body.Table) *prose.Node {
	row := func(cell string, texts []body.Text) *prose.Node {
		var cells []*prose.Node
		for _, text := range texts {
			cells = append(cells, w.Build(cell, nil, w.inline(text)...))
		}
		return w.Build("table_row", nil, cells...)
	}
	var rows []*prose.Node
	if len(t.Head) > 0 {
		rows = append(rows, row("table_head", t.Head))
	}
	for _, r := range t.Rows {
		rows = append(rows, row("table_cell", r))
	}
	numeric := t.Numeric
	if numeric == nil {
		numeric = []bool{}
	}
	return w.Build("table_block", attrs{"key": key, "numeric": numeric, "labelled": t.Labelled},
		w.Build("table_caption", nil, w.inline(t.Caption)...), w.Build("table", nil, rows...), w.Build("table_source", nil, w.inline(t.Source)...))
}

// inline makes the nodes of a text.
func (w writer) inline(t body.Text) (nodes []*prose.Node) {
	for _, s := range t {
		var n *prose.Node
		switch {
		case len(s.Note) > 0:
			n = w.Build("footnote", nil, w.inline(s.Note)...)
		case s.Break:
			n = w.Build("break", nil)
		case s.Picture != body.Inline{}:
			n = w.Build("inline_picture", attrs{"asset": identity(s.Picture.Asset), "href": s.Picture.Href, "alt": s.Picture.Alt})
		default:
			n = w.Text(s.Text)
		}
		if n != nil {
			nodes = append(nodes, n.Marked(w.marks(s)...))
		}
	}
	return prose.Joined(nodes)
}

// marks are a span's, in the order of the schema.
func (w writer) marks(s body.Span) (all []prose.Mark) {
	for _, name := range s.Marks.Names() {
		all = append(all, w.Mark(name, nil))
	}
	if s.Link != (body.Link{}) {
		all = append(all, w.Mark("link", attrs{"href": s.Link.Href, "title": s.Link.Title}))
	}
	if s.Lang != (body.Lang{}) {
		all = append(all, w.Mark("lang", attrs{"tag": s.Lang.Tag, "dir": s.Lang.Dir}))
	}
	return all
}
