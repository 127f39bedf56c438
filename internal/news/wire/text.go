package wire

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// text gives a file's bytes as valid UTF-8, whatever it was written in, and
// knows where something else stands.
type text struct {
	from io.Reader
	// ready has been looked at and waits to be given; tail is the beginning of
	// a character whose rest was not read yet.
	ready, tail, buffer []byte
	line                int
	at                  int64
	err                 error
	// lenient drops the control characters that XML cannot hold, and counts
	// them.
	lenient bool
	dropped int
	// hint is what to try when the bytes are no UTF-8.
	hint string
}

// newText reads a file in a named encoding, or in the one that its first bytes
// show, or in UTF-8.
func newText(from io.Reader, charset string) (*text, error) {
	head := make([]byte, 1024)
	n, err := io.ReadFull(from, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	if n == 0 {
		return nil, &Fault{Reason: "the file is empty"}
	}
	from = io.MultiReader(bytes.NewReader(head), &after{from, err})
	t := &text{line: 1, buffer: make([]byte, 64<<10)}
	if charset == "" {
		charset = declared(head)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		io.CopyN(io.Discard, from, 3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		io.CopyN(io.Discard, from, 2)
		from = &wide{from: from}
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		io.CopyN(io.Discard, from, 2)
		from = &wide{from: from, big: true}
	default:
		if from, err = decoded(from, charset); err != nil {
			return nil, err
		}
		t.hint = hint(charset)
	}
	t.from = from
	return t, nil
}

func hint(charset string) string {
	if charset == "" {
		return "; if the file is in another encoding, name it, as windows-1256"
	}
	return ""
}

// after reads on, unless the file ended in its first bytes.
type after struct {
	from io.Reader
	err  error
}

func (a *after) Read(p []byte) (int, error) {
	if a.err != nil {
		return 0, io.EOF
	}
	return a.from.Read(p)
}

// declared is the encoding that an XML file says it has.
func declared(head []byte) string {
	if !bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("<?xml")) {
		return ""
	}
	prolog, _, _ := bytes.Cut(head, []byte("?>"))
	_, value, ok := bytes.Cut(prolog, []byte("encoding="))
	if !ok || len(value) < 2 {
		return ""
	}
	name, _, _ := bytes.Cut(value[1:], value[:1])
	return string(name)
}

func decoded(from io.Reader, charset string) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return from, nil
	case "utf-16", "utf-16le":
		return &wide{from: from}, nil
	case "utf-16be":
		return &wide{from: from, big: true}, nil
	}
	known, err := htmlindex.Get(charset)
	if err != nil || known == encoding.Replacement {
		return nil, &Fault{Reason: fmt.Sprintf("the encoding %q is not known", charset)}
	}
	return transform.NewReader(from, &named{known.NewDecoder(), charset}), nil
}

// named is a decoder that refuses what the encoding does not have.
type named struct {
	*encoding.Decoder
	charset string
}

// Transform decodes, and looks for the sign of what cannot be decoded.
func (n *named) Transform(dst, src []byte, atEOF bool) (int, int, error) {
	written, read, err := n.Decoder.Transform(dst, src, atEOF)
	if bytes.Contains(dst[:written], []byte(string(utf8.RuneError))) {
		return 0, 0, &Fault{Reason: fmt.Sprintf("there are bytes that do not exist in %s", n.charset)}
	}
	return written, read, err
}

// wide reads UTF-16 and refuses half characters.
type wide struct {
	from io.Reader
	big  bool
	out  []byte
	// odd is a byte, high a half character, whose other half was not read yet.
	odd  []byte
	high rune
	at   int64
	err  error
}

// Read returns UTF-8.
func (w *wide) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		raw := make([]byte, 32<<10)
		n := copy(raw, w.odd)
		read, err := w.from.Read(raw[n:])
		w.decode(raw[:n+read])
		if err != nil && w.err == nil {
			w.err = err
			if err == io.EOF && (len(w.odd) > 0 || w.high != 0) {
				w.err = &Fault{fmt.Sprintf("byte %d", w.at), "the file ends inside a character"}
			}
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

func (w *wide) decode(raw []byte) {
	for ; len(raw) >= 2 && w.err == nil; raw, w.at = raw[2:], w.at+2 {
		r := rune(raw[1])<<8 | rune(raw[0])
		if w.big {
			r = rune(raw[0])<<8 | rune(raw[1])
		}
		switch {
		case w.high != 0:
			pair := utf16.DecodeRune(w.high, r)
			if pair == utf8.RuneError {
				w.err = &Fault{fmt.Sprintf("byte %d", w.at), "half a character of UTF-16"}
				return
			}
			w.out, w.high = utf8.AppendRune(w.out, pair), 0
		case 0xd800 <= r && r < 0xdc00:
			w.high = r
		case 0xdc00 <= r && r < 0xe000:
			w.err = &Fault{fmt.Sprintf("byte %d", w.at), "half a character of UTF-16"}
		default:
			w.out = utf8.AppendRune(w.out, r)
		}
	}
	w.odd = bytes.Clone(raw)
}

// Read gives whole characters only, and a *Fault where there are none.
func (t *text) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		n := copy(t.buffer, t.tail)
		read, err := t.from.Read(t.buffer[n:])
		t.err = err
		t.look(t.buffer[:n+read])
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

// look finds what of the bytes can be given.
func (t *text) look(raw []byte) {
	t.tail = nil
	good := raw
	if !utf8.Valid(raw) {
		end := whole(raw)
		good = raw[:end]
		if rest := raw[end:]; utf8.FullRune(rest) || t.err == io.EOF {
			t.err = t.fault(good, "the text is no UTF-8"+t.hint)
		} else {
			t.tail = bytes.Clone(rest)
		}
	}
	if nul := bytes.IndexByte(good, 0); nul >= 0 {
		good = good[:nul]
		t.err = t.fault(good, "there is a NUL byte: this is no text, or it is UTF-16 that does not say so")
	}
	t.line += bytes.Count(good, []byte("\n"))
	t.at += int64(len(good))
	if t.lenient {
		before := len(good)
		good = bytes.Map(xmlCharacter, good)
		t.dropped += before - len(good)
	}
	t.ready = good
}

func (t *text) fault(good []byte, reason string) *Fault {
	line := t.line + bytes.Count(good, []byte("\n"))
	return &Fault{fmt.Sprintf("line %d, byte %d", line, t.at+int64(len(good))+1), reason}
}

// whole is the length of the longest beginning that is valid UTF-8.
func whole(raw []byte) int {
	end := 0
	for end < len(raw) {
		r, size := utf8.DecodeRune(raw[end:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		end += size
	}
	return end
}

// xmlCharacter drops the controls that XML cannot hold.
func xmlCharacter(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
		return -1
	}
	return r
}
