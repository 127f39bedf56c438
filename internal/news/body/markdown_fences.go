package body

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
)

// fence is a fenced block: what stands in it, and after its word.
type fence struct{ content, rest string }

// fences are the blocks of ours by the words after their fences.
var fences = map[string]func(*markdown, fence) (Value, error){
	"key-points": func(m *markdown, f fence) (Value, error) { return m.keyPoints(f.content), nil },
	"pull-quote": func(m *markdown, f fence) (Value, error) { return m.pullQuote(f.content), nil },
	"picture":    (*markdown).picture,
	"figure":     (*markdown).figure,
	"gallery":    (*markdown).gallery,
	"file":       (*markdown).file,
	"definition": (*markdown).definition,
	"embed":      (*markdown).embed,
	"post":       (*markdown).post,
}

func (m *markdown) keyPoints(content string) KeyPoints {
	var k KeyPoints
	for i, line := range filled(content) {
		if title, ok := strings.CutPrefix(line, "# "); ok && i == 0 {
			k.Title = strings.TrimSpace(title)
			continue
		}
		k.Points = append(k.Points, m.within(strings.TrimPrefix(line, "- ")))
	}
	return k
}

func (m *markdown) pullQuote(content string) PullQuote {
	lines := filled(content)
	var q PullQuote
	if last := len(lines) - 1; last > 0 {
		if who, ok := strings.CutPrefix(lines[last], "— "); ok {
			lines, q.Attribution = lines[:last], m.within(who)
		}
	}
	q.Text = m.within(strings.Join(lines, " "))
	return q
}

func filled(content string) []string {
	var lines []string
	for line := range strings.SplitSeq(content, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// oneLine is what a block says that has one line.
func oneLine(content string) (string, error) {
	lines := filled(content)
	if len(lines) != 1 {
		return "", fmt.Errorf("the block has %d lines where it must have one", len(lines))
	}
	return lines[0], nil
}

// fields are the parts of a line between upright strokes, at most so many; the
// last one may have strokes of its own.
func fields(line string, most int) []string {
	parts := strings.SplitN(line, "|", most)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return append(parts, make([]string, most-len(parts))...)
}

func (m *markdown) picture(f fence) (Value, error) {
	id, err := m.known(f.rest, "picture")
	return Figure{Asset: id, Caption: m.within(strings.Join(filled(f.content), " "))}, err
}

func (m *markdown) figure(f fence) (Value, error) {
	line, err := oneLine(f.content)
	if err != nil {
		return nil, err
	}
	return m.pictureOf(line)
}

func (m *markdown) pictureOf(line string) (Figure, error) {
	parts := fields(line, 3)
	id, err := m.known(parts[0], "picture")
	figure := Figure{Asset: id, Alt: parts[1]}
	if parts[2] != "" {
		figure.Caption = m.within(parts[2])
	}
	return figure, err
}

func (m *markdown) gallery(f fence) (Value, error) {
	var g Gallery
	for _, line := range filled(f.content) {
		figure, err := m.pictureOf(line)
		if err != nil {
			return nil, err
		}
		g.Pictures = append(g.Pictures, figure)
	}
	if len(g.Pictures) == 0 {
		return nil, errors.New("the gallery has no pictures")
	}
	return g, nil
}

func (m *markdown) file(f fence) (Value, error) {
	line, err := oneLine(f.content)
	if err != nil {
		return nil, err
	}
	parts := fields(line, 2)
	id, err := m.known(parts[0], "file")
	return File{Asset: id, Label: parts[1]}, err
}

// known finds what has a name.
func (m *markdown) known(name, kind string) (ref.Asset, error) {
	id, ok := m.asset(name)
	if !ok {
		return 0, fmt.Errorf("the %s %q is not known", kind, name)
	}
	return id, nil
}

func (m *markdown) asset(name string) (ref.Asset, bool) {
	if m.opts.Asset == nil || name == "" {
		return 0, false
	}
	return m.opts.Asset(name)
}

func (m *markdown) definition(f fence) (Value, error) {
	name, err := oneLine(f.content)
	if err != nil {
		return nil, err
	}
	if m.opts.Topic != nil {
		if id, ok := m.opts.Topic(name); ok {
			return Definition{Topic: id}, nil
		}
	}
	return nil, fmt.Errorf("the topic %q is not known", name)
}

// named reads lines that begin with a name and a colon.
func named(content string, names ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, line := range filled(content) {
		name, value, ok := strings.Cut(line, ":")
		for _, known := range names {
			if ok && name == known {
				values[name] = strings.TrimSpace(value)
			}
		}
		if _, known := values[name]; !ok || !known {
			return nil, fmt.Errorf("%q does not begin with %s: as it must", line, strings.Join(names, ":, "))
		}
	}
	return values, nil
}

func (m *markdown) embed(f fence) (Value, error) {
	says, err := named(f.content, "URL", "Title", "Provider")
	if err != nil {
		return nil, err
	}
	href := repaired(says["URL"])
	if href == "" {
		return nil, fmt.Errorf("the address %q of the embed leads nowhere", says["URL"])
	}
	provider := says["Provider"]
	if provider == "" {
		provider = Provider(href)
	}
	return Embed{Provider: provider, URL: href, Title: says["Title"]}, nil
}

func (m *markdown) post(f fence) (Value, error) {
	says, err := named(f.content, "At", "Title", "Byline")
	if err != nil {
		return nil, err
	}
	read := m.opts.Time
	if read == nil {
		read = func(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) }
	}
	at, err := read(says["At"])
	if err != nil {
		return nil, fmt.Errorf("the time %q of the post: %w", says["At"], err)
	}
	return Post{At: at, Title: says["Title"], Byline: says["Byline"]}, nil
}
