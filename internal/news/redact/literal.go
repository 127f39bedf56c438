package redact

import (
	"encoding/json"
	"strings"
)

// literal is a text within a JSON document of our own making.
type literal struct {
	// from and to are its bytes in the document, the quotation marks included.
	from, to int
	// key is the name under which it stands; it is itself a name when isName.
	key    string
	isName bool
	text   string
}

// literals calls each for the texts of a JSON document, in their order. It is
// for documents that were written by this program, and looks at nothing else in
// them.
func literals(document string, each func(literal)) {
	key := ""
	for at := 0; at < len(document); {
		n := strings.IndexByte(document[at:], '"')
		if n < 0 {
			return
		}
		l := literal{from: at + n}
		l.to = l.from + 1
		escaped := false
		for l.to < len(document) && document[l.to] != '"' {
			if document[l.to] == '\\' {
				escaped = true
				l.to++
			}
			l.to++
		}
		if l.to >= len(document) {
			return // it ends in the middle, and is none of ours
		}
		l.to++
		l.text = document[l.from+1 : l.to-1]
		if escaped && json.Unmarshal([]byte(document[l.from:l.to]), &l.text) != nil {
			l.text = document[l.from+1 : l.to-1]
		}
		at = l.to
		for at < len(document) && (document[at] == ' ' || document[at] == '\n' || document[at] == '\t' || document[at] == '\r') {
			at++
		}
		if l.isName = at < len(document) && document[at] == ':'; l.isName {
			key = l.text
		}
		l.key = key
		each(l)
	}
}

// mayHold tells whether a document could hold what must go: it never says no of
// one that does. Running texts are read over the borders of their spans, and
// without regard to where a word ends.
func (w words) mayHold(document string) bool {
	for _, e := range w.exact {
		if strings.Contains(document, e) {
			return true
		}
	}
	if len(w.all) == 0 {
		return false
	}
	var running, rest strings.Builder
	running.Grow(len(document))
	literals(document, func(l literal) {
		if strings.IndexByte(l.text, '%') >= 0 {
			for _, plain := range []string{decoded(l.text), decoded(decoded(l.text))} {
				rest.WriteString(plain)
				rest.WriteByte('\n')
			}
		}
		if l.key == "text" && !l.isName {
			running.WriteString(l.text)
			return
		}
		rest.WriteString(l.text)
		rest.WriteByte('\n')
	})
	return w.anyLetters(running.String()) || w.anyLetters(rest.String())
}

// anyLetters tells whether the letters of a pattern stand in a text in a row.
func (w words) anyLetters(text string) bool {
	all := newStream(text).letters
	for _, p := range w.all {
		if strings.Contains(all, p.letters) {
			return true
		}
	}
	return false
}

// fixed are the names under which documents hold words of this program and not
// of people: a story about Mr Strong keeps its marks.
var fixed = map[string]bool{
	"type": true, "genre": true, "kind": true, "marks": true, "tag": true, "dir": true, "key": true, "element": true,
	"calendar": true, "second": true, "digits": true, "act": true, "event": true, "edition": true, "language": true, "region": true,
	"time_zone": true, "state": true, "genres": true,
}

// cleanDocument is a JSON document, or a plain text, without what must go.
// Whatever else is in it keeps its bytes.
func (w words) cleanDocument(document, mark string) (string, bool) {
	if !json.Valid([]byte(document)) || document == "" || document[0] != '{' && document[0] != '[' && document[0] != '"' {
		return w.cleanAny(document, mark)
	}
	var out strings.Builder
	at, changed := 0, false
	literals(document, func(l literal) {
		if l.isName || fixed[l.key] {
			return
		}
		clean, found := w.cleanAny(l.text, mark)
		if !found {
			return
		}
		quoted, err := json.Marshal(clean)
		if err != nil {
			return // texts can be written
		}
		changed = true
		out.WriteString(document[at:l.from])
		out.Write(quoted)
		at = l.to
	})
	out.WriteString(document[at:])
	return out.String(), changed
}

// cleanAny is a text that may be an address without what must go.
func (w words) cleanAny(text, mark string) (string, bool) {
	if clean, found := w.clean(text, mark); found {
		return clean, true
	}
	if !strings.ContainsAny(text, " \t\n") && w.inAddress(text) {
		return mark, true
	}
	return text, false
}
