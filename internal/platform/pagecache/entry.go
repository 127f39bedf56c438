package pagecache

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"
)

// HeaderField is one line of a header.
type HeaderField struct{ Name, Value string }

// Page is a rendered answer, given once by its renderer. The cache copies Body.
type Page struct {
	// Status is 200 when zero. One that has no body by definition is refused.
	Status int
	// Type is the content type; empty means application/octet-stream.
	Type string
	// Body is not compressed.
	Body []byte
	// Tags name all that was read to make the page, found or not.
	Tags []Tag
	// Header are further fixed fields in their order. The cache itself sets
	// Content-Type, Content-Encoding, Content-Length, ETag and Vary, the server
	// Date and Connection; a page that brings one of these, or a cookie, is
	// refused. A Last-Modified among them is what dates are judged against.
	Header []HeaderField
	// Until is when the page must be rendered again; zero means never.
	Until time.Time
	// NoKeep says that the page answers those who wait for it and nobody later.
	NoKeep bool
	// Part says that the page is a piece of other pages: it is kept, but never
	// compressed.
	Part bool
	// Lasting says that the page stays as it is, so that its smallest form is worth
	// the time it takes: a style sheet, a script.
	Lasting bool
	// aged: a part of the page was stale.
	aged bool
}

// Reads notes that the page contains part, as Fetch returned it: the page takes
// its tags, ends no later than it, and is at most a last resort when it was
// stale.
func (p *Page) Reads(part *Entry, stale bool) {
	p.Tags = append(p.Tags, part.tags...)
	if !part.until.IsZero() && (p.Until.IsZero() || part.until.Before(p.Until)) {
		p.Until = part.until
	}
	p.aged = p.aged || stale
}

// Entry is a page as it is kept: for each encoding the whole answer, ready to be
// written. What it holds never changes; only the smaller variants arrive later.
type Entry struct {
	packer *packer
	// passing says that the entry answers those who wait for it and is not kept.
	passing  bool
	status   int
	line     []byte
	tags     []Tag
	until    time.Time
	modified time.Time
	header   []HeaderField
	hash     string
	pack     bool
	lasting  bool
	forms    [encodingCount]atomic.Pointer[form]
}

// form is an entry in one encoding.
type form struct {
	etag string
	// rest is the answer after its status line: header fields, the empty line,
	// the body. Date is missing: the writer puts it before.
	rest, body []byte
	// unmodified is the same for a 304.
	unmodified []byte
	// fields and fewer are both again for net/http.
	fields, fewer []field
}

// field is a header field as net/http keeps it. The slice is shared by all
// answers.
type field struct {
	name   string
	values []string
}

// notModified is the status line of a 304.
var notModified = statusLine(http.StatusNotModified)

// entry makes the identity and the gzip form of a page.
func (p *packer) entry(page *Page) (*Entry, error) {
	e := &Entry{status: page.Status, until: page.Until, packer: p}
	if e.status == 0 {
		e.status = http.StatusOK
	}
	if e.status < 200 || e.status > 999 || e.status == http.StatusNoContent || e.status == http.StatusNotModified {
		return nil, fmt.Errorf("status %d has no body to keep", e.status)
	}
	contentType := page.Type
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	if err := e.setHeader(contentType, page.Header); err != nil {
		return nil, err
	}
	e.line = statusLine(e.status)
	e.tags = distinct(page.Tags)
	if e.status < 300 {
		sum := sha256.Sum256(page.Body)
		e.hash = base64.RawURLEncoding.EncodeToString(sum[:16])
	}
	e.forms[Identity].Store(e.form(Identity, page.Body))
	e.pack, e.lasting = !page.Part && len(page.Body) >= packMin && packable(contentType), page.Lasting
	if !e.pack {
		return e, nil
	}
	if e.passing = page.NoKeep; !e.passing {
		p.pack(e)
	}
	return e, nil
}

// pack adds the gzip form.
func (p *packer) pack(e *Entry) {
	if body := p.gzip(e.Body()); body != nil {
		e.forms[Gzip].Store(e.form(Gzip, body))
	}
}

// negotiate chooses the form for a reader. An entry that is not kept is
// compressed when the first reader who takes it comes.
func (e *Entry) negotiate(accept string) *form {
	if e.passing && e.pack && e.forms[Gzip].Load() == nil && Negotiate(accept, Encodings(0).With(Gzip)) == Gzip {
		e.packer.pack(e)
	}
	return e.forms[Negotiate(accept, e.Encodings())].Load()
}

// setHeader checks and keeps what all forms have in common. What net/http would
// repair in silence is refused: the prebuilt answer must be the same.
func (e *Entry) setHeader(contentType string, fields []HeaderField) error {
	e.header = make([]HeaderField, 0, len(fields)+1)
	for _, f := range append([]HeaderField{{"Content-Type", contentType}}, fields...) {
		name := http.CanonicalHeaderKey(f.Name)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(f.Value) || strings.TrimSpace(f.Value) != f.Value {
			return fmt.Errorf("header field %q: %q is not well-formed", f.Name, f.Value)
		}
		if len(e.header) > 0 && reserved(name) {
			return fmt.Errorf("header field %s is not a page's to set", name)
		}
		if name == "Last-Modified" {
			t, err := http.ParseTime(f.Value)
			if err != nil {
				return fmt.Errorf("header field Last-Modified: %w", err)
			}
			e.modified = t
		}
		e.header = append(e.header, HeaderField{name, f.Value})
	}
	return nil
}

func reserved(name string) bool {
	switch name {
	case "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Etag",
		"Keep-Alive", "Set-Cookie", "Trailer", "Transfer-Encoding", "Upgrade", "Vary":
		return true
	}
	return false
}

// form builds the answer in one encoding. Entity tags are strong, so each
// encoding has its own.
func (e *Entry) form(enc Encoding, body []byte) *form {
	f := &form{}
	lines := slices.Clone(e.header)
	if enc != Identity {
		lines = append(lines, HeaderField{"Content-Encoding", enc.String()})
	}
	lines = append(lines, HeaderField{"Content-Length", strconv.Itoa(len(body))}, HeaderField{"Vary", "Accept-Encoding"})
	if e.hash != "" {
		f.etag = `"` + e.hash + `"`
		if enc != Identity {
			f.etag = `"` + e.hash + "-" + enc.String() + `"`
		}
		lines = append(lines, HeaderField{"Etag", f.etag})
	}
	few := slices.DeleteFunc(slices.Clone(lines), func(h HeaderField) bool { return !in304(h.Name) })
	f.fields, f.fewer = grouped(lines), grouped(few)
	f.unmodified = written(few, nil)
	f.rest = written(lines, body)
	f.body = f.rest[len(f.rest)-len(body):]
	return f
}

// in304 names what RFC 9110 section 15.4.5 wants repeated in a 304.
func in304(name string) bool {
	switch name {
	case "Cache-Control", "Content-Location", "Etag", "Expires", "Vary":
		return true
	}
	return false
}

// written is header fields, the empty line and a body in one piece of memory.
func written(lines []HeaderField, body []byte) []byte {
	n := len("\r\n") + len(body)
	for _, h := range lines {
		n += len(h.Name) + len(h.Value) + len(": \r\n")
	}
	// Grown, not made: its capacity is then what the allocator really gives.
	out := slices.Grow([]byte(nil), n)
	for _, h := range lines {
		out = append(append(append(append(out, h.Name...), ": "...), h.Value...), "\r\n"...)
	}
	return append(append(out, "\r\n"...), body...)
}

// grouped is the same header for net/http, the values of one name together.
func grouped(lines []HeaderField) []field {
	out := make([]field, 0, len(lines))
	for _, h := range lines {
		i := slices.IndexFunc(out, func(f field) bool { return f.name == h.Name })
		if i < 0 {
			out = append(out, field{h.Name, []string{h.Value}})
			continue
		}
		out[i].values = append(out[i].values, h.Value)
	}
	return out
}

// statusLine is worded as net/http does.
func statusLine(status int) []byte {
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	return fmt.Appendf(nil, "HTTP/1.1 %03d %s\r\n", status, text)
}

func distinct(tags []Tag) []Tag {
	tags = slices.Clone(tags)
	slices.Sort(tags)
	return slices.Clip(slices.Compact(tags))
}

// size is what a form costs.
func (f *form) size() int64 {
	n := cap(f.rest) + cap(f.unmodified) + len(f.etag)
	return int64(n + 96*(len(f.fields)+len(f.fewer)) + 256)
}

func (e *Entry) size() (n int64) {
	for i := range e.forms {
		if f := e.forms[i].Load(); f != nil {
			n += f.size()
		}
	}
	for _, h := range e.header {
		n += int64(len(h.Name) + len(h.Value))
	}
	return n
}

// over says whether the entry is past its time. Most have none and ask no clock.
func (e *Entry) over(now func() time.Time) bool {
	return !e.until.IsZero() && !now().Before(e.until)
}

// Body returns the bytes of the page, not compressed. They must not be changed.
func (e *Entry) Body() []byte { return e.forms[Identity].Load().body }

// Tags returns what the entry is dropped by, sorted. They must not be changed.
func (e *Entry) Tags() []Tag { return e.tags }

// Status returns the page's status.
func (e *Entry) Status() int { return e.status }

// Until is when the entry ends; zero means never.
func (e *Entry) Until() time.Time { return e.until }

// Encodings returns those in which the entry can answer now.
func (e *Entry) Encodings() (set Encodings) {
	for enc := range encodingCount {
		if e.forms[enc].Load() != nil {
			set = set.With(enc)
		}
	}
	return set
}

// ETag returns the entity tag of the entry in an encoding that it has; empty for
// one it has not and for a page that is no success.
func (e *Entry) ETag(enc Encoding) string {
	if f := e.forms[enc].Load(); f != nil {
		return f.etag
	}
	return ""
}

// Answer returns the answer to a GET of HTTP/1.1 as bytes: the status line, and
// the rest, between which at least Date must be written. accept and match are
// the values of Accept-Encoding and If-None-Match, empty when absent; other
// preconditions are for ServeHTTP. It does not allocate; the bytes must not be
// changed.
func (e *Entry) Answer(accept, match []byte) (line, rest []byte) {
	f := e.forms[Negotiate(accept, e.Encodings())].Load()
	if len(match) > 0 && f.etag != "" && matches(match, f.etag, true) {
		return notModified, f.unmodified
	}
	return e.line, f.rest
}

// ServeHTTP answers like Answer, through net/http and with all preconditions.
// Ranges are not served. Fields that w has already stay, unless the page has
// them too.
func (e *Entry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accept, _ := joined(r.Header, "Accept-Encoding")
	f := e.negotiate(accept)
	status := e.judge(r.Header, f)
	fields := f.fields
	if status != e.status {
		fields = f.fewer
	}
	h := w.Header()
	for _, field := range fields {
		h[field.name] = field.values
	}
	w.WriteHeader(status)
	if status == e.status && r.Method != http.MethodHead {
		w.Write(f.body) // an error here is the reader gone
	}
}
