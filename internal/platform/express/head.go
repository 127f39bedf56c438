package express

import "bytes"

// verdict is what is known of a request's head.
type verdict int

const (
	// partial: all lines so far are plain, and there are more to come.
	partial verdict = iota
	// plain: this head is understood to the last byte.
	plain
	// ordinary: net/http must judge it.
	ordinary
)

// maxName is the longest field name that is looked at here.
const maxName = 64

// head is a request's head, judged line by line as it arrives, so that net/http
// can refuse a bad line at once.
type head struct {
	Request
	// ordinary are further field names that are not answered here.
	ordinary map[string]struct{}
	// next is where the next line starts; after a plain head, what follows it.
	next int
	// closes: the client wants no further answer.
	closes bool
	// since: the request has an If-Modified-Since, which only counts when there
	// is no If-None-Match.
	since bool
	seen  fields
	name  [maxName]byte
}

// fields are those that a plain head has at most once.
type fields uint8

const (
	seenHost fields = 1 << iota
	seenAccept
	seenMatch
	seenConnection
)

func (h *head) reset() {
	h.Request = Request{}
	h.next, h.closes, h.since, h.seen = 0, false, false, 0
}

// judge reads the lines of buf that it has not read yet.
func (h *head) judge(buf []byte) verdict {
	for {
		n := bytes.IndexByte(buf[h.next:], '\n')
		if n < 0 {
			return partial
		}
		line := buf[h.next : h.next+n]
		first := h.next == 0
		h.next += n + 1
		if n == 0 || line[n-1] != '\r' {
			return ordinary
		}
		line = line[:n-1]
		switch {
		case first:
			if !h.requestLine(line) {
				return ordinary
			}
		case len(line) == 0:
			return h.end()
		case !h.field(line):
			return ordinary
		}
	}
}

// end judges the head as a whole.
func (h *head) end() verdict {
	if h.seen&seenHost == 0 || h.since && len(h.IfNoneMatch) == 0 {
		return ordinary
	}
	return plain
}

func (h *head) requestLine(line []byte) bool {
	const before, after = "GET ", " HTTP/1.1"
	if len(line) < len(before)+len(after)+1 || string(line[:len(before)]) != before || string(line[len(line)-len(after):]) != after {
		return false
	}
	h.Target = line[len(before) : len(line)-len(after)]
	return plainTarget(h.Target)
}

// plainTarget says whether a target is a path, with or without a query, that
// nobody would clean or read in two ways.
func plainTarget(t []byte) bool {
	if t[0] != '/' {
		return false
	}
	query := false
	for i, b := range t {
		switch {
		case class[b]&inTarget == 0:
			return false
		case b == '%' && (i+2 >= len(t) || class[t[i+1]]&isHex == 0 || class[t[i+2]]&isHex == 0):
			return false
		case b == '?':
			query = true
		case (b == '/' || b == '.') && !query && i > 0 && t[i-1] == '/':
			return false
		}
	}
	return true
}

// field judges one line of the header.
func (h *head) field(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 || colon > maxName {
		return false
	}
	name := h.name[:0]
	for _, b := range line[:colon] {
		if class[b]&inName == 0 {
			return false
		}
		name = append(name, lower(b))
	}
	value := line[colon+1:]
	for _, b := range value {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return h.known(name, bytes.Trim(value, " "))
}

// known judges a field by its name in small letters. All that net/http acts on
// by itself, and all that could change an answer, is listed here.
func (h *head) known(name, value []byte) bool {
	switch string(name) {
	case "host":
		h.Host = value
		return h.once(seenHost) && plainHost(value)
	case "accept-encoding":
		h.AcceptEncoding = value
		return h.once(seenAccept)
	case "if-none-match":
		h.IfNoneMatch = value
		return h.once(seenMatch) && singleTag(value)
	case "if-modified-since":
		h.since = true
	case "connection":
		h.closes = same(value, "close")
		return h.once(seenConnection) && (h.closes || same(value, "keep-alive"))
	case "content-length", "transfer-encoding", "trailer", "te", "expect", "upgrade", "http2-settings",
		"range", "if-range", "if-match", "if-unmodified-since", "authorization":
		return false
	}
	_, no := h.ordinary[string(name)]
	return !no
}

func (h *head) once(f fields) bool {
	again := h.seen&f != 0
	h.seen |= f
	return !again
}

// plainHost takes a name or an address in small letters, with or without port.
func plainHost(host []byte) bool {
	for _, b := range host {
		if class[b]&inHost == 0 {
			return false
		}
	}
	return len(host) > 0
}

// singleTag takes exactly one entity tag, weak or strong.
func singleTag(v []byte) bool {
	v = bytes.TrimPrefix(v, weak)
	return len(v) >= 2 && v[0] == '"' && bytes.IndexByte(v[1:], '"') == len(v)-2
}

// weak marks a weak entity tag.
var weak = []byte("W/")

// same compares with a word of small letters and hyphens, ignoring case.
func same(v []byte, word string) bool {
	if len(v) != len(word) {
		return false
	}
	for i, b := range v {
		if lower(b) != word[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// What a byte may be part of.
const (
	inTarget = 1 << iota
	inName
	inHost
	isHex
)

// class says it for each byte.
var class = classes()

func classes() (t [256]uint8) {
	mark := func(what uint8, bytes string) {
		for i := range len(bytes) {
			t[bytes[i]] |= what
		}
	}
	const digits, small, large = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	mark(inTarget|inName, digits+small+large)
	mark(inTarget, "/?%-._~!$&'()*+,;=:@")
	mark(inName, "!#$%&'*+-.^_`|~")
	mark(inHost, digits+small+"-._:[]")
	mark(isHex, digits+"abcdefABCDEF")
	return t
}
