package pagecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"
)

// errDamaged says that a file of the loft does not hold what was written.
var errDamaged = errors.New("the copy is damaged")

// A crate is an entry as the bytes of a file: a SHA-256 of all that follows; the
// key; status, hash, end, header fields and tags; the length of the body, and
// the body, as gzip when the entry has that form. Lengths and numbers are
// varints. No program but the one that wrote a crate reads it.

// crate appends the entry to buf, which begins with room for the sum.
func (e *Entry) crate(buf []byte, key string) []byte {
	buf = append(buf[:0], make([]byte, sha256.Size)...)
	buf = appendText(buf, key)
	buf = binary.AppendUvarint(buf, uint64(e.status))
	buf = appendText(buf, e.hash)
	buf = appendText(buf, ending(e.until))
	buf = binary.AppendUvarint(buf, uint64(len(e.header)))
	for _, h := range e.header {
		buf = appendText(appendText(buf, h.Name), h.Value)
	}
	buf = binary.AppendUvarint(buf, uint64(len(e.tags)))
	for _, tag := range e.tags {
		buf = appendText(buf, tag)
	}
	body := e.Body()
	buf = binary.AppendUvarint(buf, uint64(len(body)))
	if f := e.forms[Gzip].Load(); f != nil {
		buf = append(append(buf, 1), f.body...)
	} else {
		buf = append(append(buf, 0), body...)
	}
	sum := sha256.Sum256(buf[sha256.Size:])
	copy(buf, sum[:])
	return buf
}

func appendText[T ~string | ~[]byte](buf []byte, s T) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// ending is a time in full, and nothing for none.
func ending(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	out, err := t.MarshalBinary()
	if err != nil {
		return nil // a zone of odd seconds: the copy then has no end
	}
	return out
}

// uncrate makes the entry again that crate was given: the same bytes, fields and
// entity tags, in the forms that it had at once.
func (p *packer) uncrate(crate []byte, key string) (*Entry, error) {
	if len(crate) < sha256.Size || sha256.Sum256(crate[sha256.Size:]) != [sha256.Size]byte(crate) {
		return nil, fmt.Errorf("%w: its sum is wrong", errDamaged)
	}
	in := opening{rest: crate[sha256.Size:]}
	if got := in.text(); got != key {
		return nil, fmt.Errorf("%w: it is of %q", errDamaged, got)
	}
	e := &Entry{packer: p, status: int(in.number()), hash: in.text()}
	if until := in.text(); until != "" && e.until.UnmarshalBinary([]byte(until)) != nil {
		in.bad = true
	}
	header := make([]HeaderField, in.count())
	for i := range header {
		header[i] = HeaderField{in.text(), in.text()}
	}
	e.tags = make([]Tag, in.count())
	for i := range e.tags {
		e.tags[i] = Tag(in.text())
	}
	length, zipped := in.number(), in.byte() == 1
	if in.bad || len(header) == 0 {
		return nil, fmt.Errorf("%w: it cannot be read", errDamaged)
	}
	if err := e.setHeader(header[0].Value, header[1:]); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	e.line = statusLine(e.status)
	if !zipped {
		e.forms[Identity].Store(e.form(Identity, in.rest))
		return e, nil
	}
	body, err := p.gunzip(in.rest, length)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	e.forms[Identity].Store(e.form(Identity, body))
	e.forms[Gzip].Store(e.form(Gzip, in.rest))
	return e, nil
}

// gunzip returns the body of n bytes that was compressed.
func (p *packer) gunzip(packed []byte, n uint64) ([]byte, error) {
	r := p.gunzips.Get().(*gzip.Reader)
	defer p.gunzips.Put(r)
	if err := r.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return body, nil
}

// opening reads a crate from its start. What is not there reads as nothing and
// is noted.
type opening struct {
	rest []byte
	bad  bool
}

func (o *opening) number() uint64 {
	n, size := binary.Uvarint(o.rest)
	if size <= 0 {
		o.bad = true
		return 0
	}
	o.rest = o.rest[size:]
	return n
}

// count is the length of a list, which is no longer than what follows.
func (o *opening) count() int {
	n := o.number()
	if n > uint64(len(o.rest)) {
		o.bad = true
		return 0
	}
	return int(n)
}

func (o *opening) text() string {
	n := o.count()
	s := string(o.rest[:n])
	o.rest = o.rest[n:]
	return s
}

func (o *opening) byte() byte {
	if len(o.rest) == 0 {
		o.bad = true
		return 0
	}
	b := o.rest[0]
	o.rest = o.rest[1:]
	return b
}
