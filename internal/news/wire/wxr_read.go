package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// mostElement is how long one item of a WXR file may be with all its
	// comments, in bytes.
	mostElement = 12 << 20
	// deepest is how many elements may stand in each other.
	deepest = 64
)

// element is a part of the file: an item, an author, a term.
type element struct {
	// name has the usual prefix, whichever the file uses: wp:post_id.
	name  string
	attr  map[string]string
	text  string
	inner []element
	line  int
	size  int
}

// get is the text of the first part with the name.
func (e *element) get(name string) string {
	for n := range e.inner {
		if e.inner[n].name == name {
			return e.inner[n].text
		}
	}
	return ""
}

// ours tells whether the element or a part of it is WordPress's own.
func (e *element) ours() bool {
	if strings.HasPrefix(e.name, "wp:") {
		return true
	}
	for n := range e.inner {
		if e.inner[n].ours() {
			return true
		}
	}
	return false
}

// meta is the value of a post's meta field.
func (e *element) meta(key string) string {
	for n := range e.inner {
		if m := &e.inner[n]; m.name == "wp:postmeta" && m.get("wp:meta_key") == key {
			return m.get("wp:meta_value")
		}
	}
	return ""
}

// hash covers the element with all its parts.
func (e *element) hash(more ...string) string {
	h := sha256.New()
	e.write(h)
	for _, s := range more {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (e *element) write(w io.Writer) {
	fmt.Fprintf(w, "<%s %d:%s %s %s>", e.name, len(e.text), e.text, e.attr["domain"], e.attr["nicename"])
	for n := range e.inner {
		e.inner[n].write(w)
	}
	io.WriteString(w, "</>")
}

// gate lets through no more than one part of the file may have.
type gate struct {
	from io.Reader
	left int
	line func() int
}

// Read ends with a *Fault when the part is too long.
func (g *gate) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, &Fault{fmt.Sprintf("line %d", g.line()), fmt.Sprintf("an item is longer than %d MiB", mostElement>>20)}
	}
	n, err := g.from.Read(p[:min(len(p), 64<<10)])
	g.left -= n
	return n, err
}

// feed reads the parts of a WXR file's channel.
type feed struct {
	xml  *xml.Decoder
	gate *gate
	// channel says that we are inside it, ended that it is over.
	channel, ended bool
}

func newFeed(t io.Reader) *feed {
	g := &gate{from: t, left: mostElement}
	f := &feed{xml: xml.NewDecoder(g), gate: g}
	f.xml.Strict = true
	// The text was decoded before, whatever its first line says.
	f.xml.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	g.line = f.line
	return f
}

func (f *feed) line() int {
	line, _ := f.xml.InputPos()
	return line
}

func (f *feed) fault(format string, values ...any) error {
	return &Fault{fmt.Sprintf("line %d", f.line()), fmt.Sprintf(format, values...)}
}

// token reads on, and says in our words what is wrong.
func (f *feed) token() (xml.Token, error) {
	token, err := f.xml.Token()
	if err == nil {
		if _, bad := token.(xml.Directive); bad {
			return nil, f.fault("the file declares a document type: that is not accepted")
		}
		return token, nil
	}
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		reason := syntax.Msg
		if reason == "unexpected EOF" {
			reason = "the file was cut off: not all of its elements end"
		}
		return nil, &Fault{fmt.Sprintf("line %d", syntax.Line), reason}
	}
	return nil, err
}

// next returns the next part of the channel, or io.EOF.
func (f *feed) next() (element, error) {
	for {
		f.gate.left = mostElement
		token, err := f.token()
		if err != nil {
			return element{}, f.end(err)
		}
		switch token := token.(type) {
		case xml.EndElement:
			if f.channel {
				f.channel, f.ended = false, true
			}
		case xml.StartElement:
			if f.channel {
				return f.read(token, 3)
			}
			if err := f.enter(token); err != nil {
				return element{}, err
			}
		}
	}
}

func (f *feed) end(err error) error {
	if err == io.EOF && !f.ended {
		return f.fault("this is no export of WordPress: there is no channel in it")
	}
	return err
}

// enter steps into rss and channel, and over what else may stand there.
func (f *feed) enter(start xml.StartElement) error {
	switch start.Name.Local {
	case "channel":
		f.channel = !f.ended
		if f.channel {
			return nil
		}
	case "rss":
		return nil
	}
	if !f.ended {
		return f.fault("this is no export of WordPress: there is a %q where rss and channel should stand", start.Name.Local)
	}
	_, err := f.read(start, 3)
	return err
}

// read reads an element up to its end.
func (f *feed) read(start xml.StartElement, depth int) (element, error) {
	e := element{name: usualPrefix(start.Name), line: f.line()}
	for _, a := range start.Attr {
		if e.attr == nil {
			e.attr = map[string]string{}
		}
		e.attr[a.Name.Local] = a.Value
	}
	if depth > deepest {
		return e, f.fault("more than %d elements stand in each other", deepest)
	}
	began := f.xml.InputOffset()
	var text strings.Builder
	for {
		token, err := f.token()
		if err == io.EOF {
			err = f.fault("the file was cut off")
		}
		if err != nil {
			return e, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			inner, err := f.read(token, depth+1)
			if err != nil {
				return e, err
			}
			e.inner = append(e.inner, inner)
			if depth > 3 { // markup that was not escaped, in a title
				text.WriteString(inner.text)
			}
		case xml.EndElement:
			e.size = int(f.xml.InputOffset() - began)
			e.text = text.String()
			return e, nil
		}
	}
}

// usualPrefix names an element as WordPress does, by its namespace. Files
// whose prefixes are bound to nothing are understood by the prefixes.
func usualPrefix(name xml.Name) string {
	space := strings.TrimPrefix(strings.TrimPrefix(name.Space, "https://"), "http://")
	switch {
	case space == "":
		return name.Local
	case strings.HasPrefix(space, "wordpress.org/export/"):
		if strings.HasSuffix(space, "/excerpt/") {
			return "excerpt:" + name.Local
		}
		return "wp:" + name.Local
	case space == "purl.org/rss/1.0/modules/content/":
		return "content:" + name.Local
	case space == "purl.org/dc/elements/1.1/":
		return "dc:" + name.Local
	case space == "wp", space == "content", space == "excerpt", space == "dc":
		return space + ":" + name.Local
	}
	return "other:" + name.Local
}
