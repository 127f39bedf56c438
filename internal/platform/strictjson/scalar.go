package strictjson

import (
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string and returns its text. Strings without escapes are not
// copied.
func (w *walk) string() ([]byte, error) {
	w.pos++
	start := w.pos
	for {
		w.plain()
		if w.pos == len(w.data) {
			return nil, w.fault(w.pos, "the document ends inside a text")
		}
		switch c := w.data[w.pos]; c {
		case '"':
			w.pos++
			return w.data[start : w.pos-1 : w.pos-1], nil
		case '\\':
			return w.escaped(start)
		default:
			if err := w.character(c); err != nil {
				return nil, err
			}
		}
	}
}

// plain steps over ASCII that stands for itself.
func (w *walk) plain() {
	data, i := w.data, w.pos
	for i < len(data) && ordinary[data[i]] {
		i++
	}
	w.pos = i
}

// ordinary are the bytes that are characters and stand for themselves.
var ordinary = func() (all [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		all[c] = c != '"' && c != '\\'
	}
	return all
}()

// character steps over one character that stands for itself.
func (w *walk) character(c byte) error {
	switch {
	case c < ' ':
		return w.fault(w.pos, "a text holds a control character that is not escaped")
	case c < utf8.RuneSelf:
		w.pos++
		return nil
	}
	r, size := utf8.DecodeRune(w.data[w.pos:])
	if r == utf8.RuneError && size == 1 {
		return w.fault(w.pos, "a text is not valid UTF-8")
	}
	w.pos += size
	return nil
}

// escaped reads on from the first backslash of a string.
func (w *walk) escaped(start int) ([]byte, error) {
	out := append([]byte(nil), w.data[start:w.pos]...)
	for w.pos < len(w.data) {
		from := w.pos
		w.plain()
		out = append(out, w.data[from:w.pos]...)
		if w.pos == len(w.data) {
			break
		}
		switch c := w.data[w.pos]; c {
		case '"':
			w.pos++
			return out, nil
		case '\\':
			r, err := w.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		default:
			from := w.pos
			if err := w.character(c); err != nil {
				return nil, err
			}
			out = append(out, w.data[from:w.pos]...)
		}
	}
	return nil, w.fault(w.pos, "the document ends inside a text")
}

// short are the escapes of one letter.
var short = [256]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (w *walk) escape() (rune, error) {
	at := w.pos
	w.pos++
	c := w.peek()
	if c != 'u' {
		if short[c] == 0 {
			return 0, w.fault(at, "a backslash begins no escape that JSON knows")
		}
		w.pos++
		return short[c], nil
	}
	r, ok := w.hex()
	if !ok {
		return 0, w.fault(at, `\u is not followed by four hexadecimal digits`)
	}
	if r == 0 && !w.foreign {
		return 0, w.fault(at, "a text holds the character NUL")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if w.peek() == '\\' {
		w.pos++
		if low, ok := w.hex(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
	}
	return 0, w.fault(at, "a text holds half of a surrogate pair")
}

// hex reads the letter u and four hexadecimal digits.
func (w *walk) hex() (rune, bool) {
	if w.peek() != 'u' || len(w.data)-w.pos < 5 {
		return 0, false
	}
	var r rune
	for _, c := range w.data[w.pos+1 : w.pos+5] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	w.pos += 5
	return r, true
}

// number reads a number and, for whole ones, looks whether it fits its type.
func (w *walk) number(s *shape) error {
	if s.kind != number && s.kind != integer && s.kind != anything {
		return w.mismatch(s, "a number")
	}
	start := w.pos
	if w.peek() == '-' {
		w.pos++
	}
	if w.digits() == 0 || leading(w.data[start:w.pos]) {
		return w.fault(start, "this is not a number of JSON")
	}
	whole := true
	if w.peek() == '.' {
		whole = false
		w.pos++
		if w.digits() == 0 {
			return w.fault(start, "this is not a number of JSON")
		}
	}
	if w.peek()|0x20 == 'e' {
		whole = false
		w.pos++
		if c := w.peek(); c == '+' || c == '-' {
			w.pos++
		}
		if w.digits() == 0 {
			return w.fault(start, "this is not a number of JSON")
		}
	}
	if s.kind == integer && !(whole && fits(string(w.data[start:w.pos]), s.of)) {
		return w.fault(start, "a whole number was expected here, or one that is not so large")
	}
	return nil
}

// leading tells whether digits begin with a zero that says nothing.
func leading(digits []byte) bool {
	if digits[0] == '-' {
		digits = digits[1:]
	}
	return len(digits) > 1 && digits[0] == '0'
}

func (w *walk) digits() int {
	start := w.pos
	for c := w.peek(); '0' <= c && c <= '9'; c = w.peek() {
		w.pos++
	}
	return w.pos - start
}

func fits(digits string, t reflect.Type) bool {
	var err error
	if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 {
		_, err = strconv.ParseUint(digits, 10, t.Bits())
	} else {
		_, err = strconv.ParseInt(digits, 10, t.Bits())
	}
	return err == nil
}
