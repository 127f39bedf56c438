package wire

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/platform/lang"
)

// opening is what may sign or place a text at its very beginning: "NAME: ",
// "NAME- " or "CITY, Region - ".
type opening struct {
	name string
	// dash is set for a dash, else it is a colon; apart says that a space
	// stands before it.
	dash, apart bool
	// length is how many bytes the opening has, with the space after it.
	length int
	// next is the character after it.
	next rune
}

// longest is how many characters a name at the beginning may have, and most
// how many words.
const (
	longestName = 40
	mostWords   = 6
)

// openingOf looks at the beginning of a text.
func openingOf(s string) (opening, bool) {
	lead := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	count := 0
	for at, r := range s[lead:] {
		if count++; count > longestName || r == '\n' {
			return opening{}, false
		}
		mark := markAt(s[lead+at:])
		if mark == 0 || at == 0 {
			continue
		}
		rest := s[lead+at+mark:]
		next, _ := utf8.DecodeRuneInString(rest)
		if rest == "" || !unicode.IsSpace(next) {
			if r == '-' {
				continue // inside a word
			}
			return opening{}, false
		}
		raw := s[lead : lead+at]
		o := opening{name: strings.TrimSpace(raw), dash: r != ':', length: len(s) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))}
		o.next, _ = utf8.DecodeRuneInString(s[o.length:])
		o.apart = o.name != raw
		o.name = strings.Trim(o.name, "\u200c\u200d\u200e\u200f")
		return o, len(strings.Fields(o.name)) <= mostWords && !strings.ContainsAny(o.name, "!?؟;؛«»\"“”()[]|")
	}
	return opening{}, false
}

// markAt is the length of the mark that ends an opening, where one stands.
func markAt(s string) int {
	for _, mark := range []string{":", "--", "-", "–", "—"} {
		if strings.HasPrefix(s, mark) {
			return len(mark)
		}
	}
	return 0
}

// openings learns from a whole file which names sign it.
type openings struct {
	// own are the folded names of the publication itself.
	own    map[string]bool
	texts  int
	counts map[string]int
}

func newOpenings() *openings { return &openings{own: map[string]bool{}, counts: map[string]int{}} }

// mine notes a name of the publication.
func (o *openings) mine(name string) {
	if folded := lang.Fold(name); folded != "" && utf8.RuneCountInString(name) <= longestName {
		o.own[folded] = true
	}
}

// mostOpenings bounds what is kept of a file.
const mostOpenings = 50_000

// learn counts the openings of one item, each once.
func (o *openings) learn(texts ...string) {
	o.texts++
	before := ""
	for _, s := range texts {
		found, ok := openingOf(s)
		if !ok || found.dash && found.apart {
			continue
		}
		folded := lang.Fold(found.name)
		if folded == before || len(o.counts) >= mostOpenings {
			continue
		}
		o.counts[folded]++
		before = folded
	}
}

// A name signs a file when it opens so many of its texts. Below, it may as
// well be the speaker of a sentence.
const (
	signsTexts = 5
	signsShare = 5 // one in five
)

// house tells whether a name is that of the publication: its own, or one that
// opens very many texts.
func (o *openings) house(name string) bool {
	folded := lang.Fold(name)
	n := o.counts[folded]
	return folded != "" && (o.own[folded] || n >= signsTexts && n*signsShare >= o.texts)
}

var (
	upper  = regexp.MustCompile(`^[A-Z][A-Z.'’ -]{2,}$`)
	region = regexp.MustCompile(`^[A-Z][A-Za-z.'’ -]+, ?(?:[A-Z]\.? ?){1,3}$|^[A-Z][A-Za-z.'’ -]+, ?[A-Z][a-z]+\.?(?: [A-Z][a-z]+)?$|^[A-Z][A-Z.'’ -]+, ?[A-Z][A-Za-z.]+(?: [A-Z][A-Za-z.]+)?$`)
)

// noPlaces are words in capitals that open texts and are no cities.
var noPlaces = []string{"RELEASE", "STATEMENT", "UPDATE", "BREAKING", "ADVISORY", "REMARKS", "EDITORIAL", "URGENT", "ALERT", "NOTE", "CORRECTION", "PHOTO", "VIDEO", "EXCLUSIVE", "OPINION", "ANALYSIS", "NEWS"}

// place tells whether the opening is a dateline: a city in capitals, or a city
// and its region, before a dash after which a sentence begins. Within one, as
// in "NATO – the alliance – met", a name in capitals is no city.
func (o opening) place() bool {
	if !o.dash || len(strings.Fields(o.name)) > 5 || !unicode.IsUpper(o.next) && !unicode.IsNumber(o.next) && !strings.ContainsRune("\"“‘'", o.next) {
		return false
	}
	for _, word := range noPlaces {
		if strings.Contains(strings.ToUpper(o.name), word) {
			return false
		}
	}
	return upper.MatchString(o.name) || region.MatchString(o.name)
}

// first is the text of a body's first paragraph.
func first(b body.Body) string {
	if len(b) == 0 {
		return ""
	}
	p, _ := b[0].Value.(body.Paragraph)
	return p.Text.String()
}

// cutStart takes so many bytes from the beginning of a body, where they are
// plain text; else it leaves the body as it is.
func cutStart(b body.Body, length int) (body.Body, bool) {
	if len(b) == 0 {
		return b, false
	}
	p, ok := b[0].Value.(body.Paragraph)
	if !ok {
		return b, false
	}
	spans := append(body.Text(nil), p.Text...)
	for length > 0 && len(spans) > 0 {
		s := &spans[0]
		switch {
		case s.Break:
			length--
			spans = spans[1:]
		case s.Link != body.Link{} || s.Picture != body.Inline{}:
			return b, false
		case len(s.Text) <= length:
			length -= len(s.Text)
			spans = spans[1:]
		default:
			s.Text = s.Text[length:]
			length = 0
		}
	}
	if len(spans) == 0 {
		return b[1:], true
	}
	p.Text = spans
	return append(body.Body{{Key: b[0].Key, Value: p}}, b[1:]...), true
}
