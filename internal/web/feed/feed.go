// Package feed writes what other programs read: feeds as RSS, Atom and JSON Feed,
// and sitemaps. Values in, bytes out: it asks no database and decides nothing about
// what is in them.
package feed

import (
	"bytes"
	"encoding/xml"
	"time"
	"unicode/utf8"
)

// Feed is a feed of stories.
type Feed struct {
	// Title and Description are plain text in Language.
	Title, Description, Language string
	// Author is who publishes the feed; empty means its title.
	Author string
	// Home is the page that the feed follows, Self the feed's own address; both
	// absolute.
	Home, Self string
	// Hub tells subscribers of news (WebSub); empty for none.
	Hub string
	// Icon is a square picture of the paper; empty for none.
	Icon string
	// Updated is when the newest item changed; zero for an empty feed.
	Updated time.Time
	Items   []Item
}

// Item is a story in a feed.
type Item struct {
	// Identity is a URI that never changes, whatever the address does.
	Identity string
	Address  string
	Title    string
	// Summary is plain text.
	Summary string
	// HTML is the full text with absolute addresses.
	HTML      string
	Authors   []Author
	Topics    []string
	Published time.Time
	// Updated is zero for an item that did not change since.
	Updated time.Time
	Picture *Picture
}

// changed is when an item changed last.
func (i Item) changed() time.Time {
	if i.Updated.After(i.Published) {
		return i.Updated
	}
	return i.Published
}

// Author is who signed an item, with the page about them; empty where there is
// none.
type Author struct{ Name, Address string }

// Picture is an item's lead picture.
type Picture struct {
	Address, Type string
	Width, Height int
	Alt, Credit   string
}

// writer writes XML that escapes all text.
type writer struct{ bytes.Buffer }

func newWriter() *writer {
	w := &writer{}
	w.raw(xml.Header)
	return w
}

func (w *writer) raw(s string) *writer {
	w.WriteString(s)
	return w
}

// text writes s so that a reader of XML gets the same bytes back.
func (w *writer) text(s string) *writer {
	last := 0
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if escaped := escape(r, size); escaped != "" {
			w.WriteString(s[last:at])
			w.WriteString(escaped)
			last = at + size
		}
		at += size
	}
	w.WriteString(s[last:])
	return w
}

func escape(r rune, size int) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&#34;"
	case r == '\r':
		return "&#13;"
	case r == '\t', r == '\n':
		return ""
	case r < 0x20, r == 0xfffe, r == 0xffff, r == utf8.RuneError && size == 1:
		return "\ufffd"
	}
	return ""
}

func (w *writer) element(name, text string) {
	w.raw("<" + name + ">").text(text).raw("</" + name + ">\n")
}
