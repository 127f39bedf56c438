package redact

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/platform/lang"
)

// words finds given texts in others, however they are written: without regard
// to case, Arabic vowels, hamza, kashida, half-spaces and the forms of yeh and
// kaf. A text is compared letter by letter, so that what stands between two
// words (a space, a hyphen, the border of a bold run) is nothing.
type words struct {
	all []pattern
	// exact are addresses and keys, found as they are.
	exact []string
}

// pattern is one text that must go.
type pattern struct {
	// letters are the folded letters and digits, bounds where in them a word
	// ends and the next one begins.
	letters string
	bounds  []int
	// loose says that the letters are so many that they mean the same within one
	// longer word: a hashtag, a file's name. looseInAddress says it of those in
	// addresses only.
	loose, looseInAddress bool
}

// What makes a text distinct enough to be found within longer words: more than
// one word of together so many letters, or one long word.
const (
	looseWords  = 6
	looseWord   = 8
	cliticWords = 5
)

// newWords returns the finder of texts, each of which may have several lines:
// each line is found by itself.
func newWords(texts []string, exact ...string) words {
	var w words
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if p := newPattern(line); utf8.RuneCountInString(p.letters) >= fewestLetters {
				w.all = append(w.all, p)
			}
		}
	}
	for _, e := range exact {
		if e != "" {
			w.exact = append(w.exact, e)
		}
	}
	return w
}

func newPattern(text string) pattern {
	s := newStream(text)
	p := pattern{letters: s.letters}
	for _, b := range s.bounds[:max(0, len(s.bounds)-1)] {
		if b.at > 0 {
			p.bounds = append(p.bounds, b.at)
		}
	}
	n := utf8.RuneCountInString(p.letters)
	p.loose = len(p.bounds) > 0 && n >= looseWords
	p.looseInAddress = p.loose || n >= looseWord
	return p
}

// letters counts the letters and digits of a text.
func letters(text string) int { return utf8.RuneCountInString(newStream(text).letters) }

// stream is a text's folded letters in a row, and where its words stand.
type stream struct {
	letters string
	// bounds are the places in letters at which a word or a part of one begins
	// or ends, in their order; the first is 0, the last the end.
	bounds []bound
}

// bound is a place between two letters.
type bound struct {
	at int
	// hard is false for a half-space within a word.
	hard bool
	// from is the byte of the text at which the word behind the bound begins, to
	// the one at which the word before it ends.
	from, to int
}

func newStream(text string) stream {
	tokens := lang.FoldTokens(text)
	var b strings.Builder
	b.Grow(len(text))
	bounds := make([]bound, 0, len(tokens)+1)
	last := 0
	for n := 0; n < len(tokens); n++ {
		whole := tokens[n]
		bounds = append(bounds, bound{at: b.Len(), hard: true, from: whole.Start, to: last})
		// The parts of a word with half-spaces follow it.
		at := b.Len()
		for n+1 < len(tokens) && part(whole, tokens[n+1], b.Len()-at) {
			n++
			if b.Len() > at {
				bounds = append(bounds, bound{at: b.Len(), from: tokens[n].Start, to: last})
			}
			b.WriteString(tokens[n].Text)
			last = tokens[n].End
		}
		b.WriteString(whole.Text[b.Len()-at:])
		last = whole.End
	}
	return stream{b.String(), append(bounds, bound{at: b.Len(), hard: true, from: len(text), to: last})}
}

// part tells whether the next token is a part of a word of which so many bytes
// have been seen.
func part(whole, next lang.Token, seen int) bool {
	return next.Start >= whole.Start && next.End <= whole.End && len(next.Text) < len(whole.Text) &&
		seen < len(whole.Text) && strings.HasPrefix(whole.Text[seen:], next.Text) &&
		(seen > 0 || next.Start == whole.Start && next.End < whole.End)
}

// bound finds the bound at a place.
func (s stream) bound(at int) (bound, bool) {
	n, ok := slices.BinarySearchFunc(s.bounds, at, byPlace)
	if !ok {
		return bound{}, false
	}
	return s.bounds[n], true
}

// empty tells whether nothing can be found.
func (w words) empty() bool { return len(w.all)+len(w.exact) == 0 }

// cuts finds what must go from a running text.
func (w words) cuts(text string) []body.Cut {
	if text == "" || w.empty() {
		return nil
	}
	var found []body.Cut
	if len(w.all) > 0 {
		s := newStream(text)
		for _, p := range w.all {
			found = append(found, s.find(text, p, false)...)
		}
		if strings.IndexByte(text, '%') >= 0 {
			found = append(found, w.encoded(text)...)
		}
	}
	for _, e := range w.exact {
		for at := 0; ; {
			n := strings.Index(text[at:], e)
			if n < 0 {
				break
			}
			found = append(found, body.Cut{From: at + n, To: at + n + len(e)})
			at += n + len(e)
		}
	}
	return joined(found)
}

// encoded finds addresses within a text whose percent-encoding hides a word.
func (w words) encoded(text string) (found []body.Cut) {
	at := 0
	for at < len(text) {
		n := strings.IndexByte(text[at:], '%')
		if n < 0 {
			break
		}
		from := strings.LastIndexAny(text[:at+n], " \t\n\"'<>") + 1
		to := len(text)
		if end := strings.IndexAny(text[at+n:], " \t\n\"'<>"); end >= 0 {
			to = at + n + end
		}
		if plain := decoded(text[from:to]); plain != text[from:to] && w.inAddress(plain) {
			found = append(found, body.Cut{From: from, To: to})
		}
		at = to
	}
	return found
}

// joined sorts cuts and makes one of those that meet or cross.
func joined(cuts []body.Cut) []body.Cut {
	if len(cuts) < 2 {
		return cuts
	}
	slices.SortFunc(cuts, func(a, b body.Cut) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	all := cuts[:1]
	for _, c := range cuts[1:] {
		if last := &all[len(all)-1]; c.From < last.To {
			last.To = max(last.To, c.To)
			continue
		}
		all = append(all, c)
	}
	return all
}

// in tells whether a running text holds anything that must go.
func (w words) in(text string) bool { return len(w.cuts(text)) > 0 }

// clean is a running text with the mark for what had to go.
func (w words) clean(text, mark string) (string, bool) {
	cuts := w.cuts(text)
	return body.Replace(text, cuts, mark), len(cuts) > 0
}

// inAddress tells whether an address, a slug or a file's name holds anything
// that must go. In those a hyphen may stand for what was a half-space, so that
// it divides nothing.
func (w words) inAddress(address string) bool {
	if address == "" {
		return false
	}
	for _, e := range w.exact {
		if strings.Contains(address, e) {
			return true
		}
	}
	for range 3 { // encoded once, twice
		s := newStream(address)
		for _, p := range w.all {
			if len(s.find(address, p, true)) > 0 {
				return true
			}
		}
		plain := decoded(address)
		if plain == address {
			break
		}
		address = plain
	}
	return false
}

// decoded is an address without its percent-encoding, as far as it has any.
func decoded(address string) string {
	if plain, err := url.PathUnescape(address); err == nil && utf8.ValidString(plain) {
		return plain
	}
	var b strings.Builder
	for n := 0; n < len(address); n++ {
		if address[n] == '%' && n+2 < len(address) && nibble(address[n+1]) >= 0 && nibble(address[n+2]) >= 0 {
			b.WriteByte(byte(nibble(address[n+1])<<4 | nibble(address[n+2])))
			n += 2
			continue
		}
		b.WriteByte(address[n])
	}
	return strings.ToValidUTF8(b.String(), "")
}

func nibble(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

// find returns where a pattern stands in the text that the stream is of.
func (s stream) find(text string, p pattern, address bool) (found []body.Cut) {
	for at := 0; ; {
		n := strings.Index(s.letters[at:], p.letters)
		if n < 0 {
			return found
		}
		from := at + n
		if cut, ok := s.whole(text, p, from, address); ok {
			found = append(found, cut)
		} else if p.loose || address && p.looseInAddress {
			if cut, ok := s.around(from, from+len(p.letters)); ok {
				found = append(found, cut)
			}
		}
		at = from + 1
		for at < len(s.letters) && !utf8.RuneStart(s.letters[at]) {
			at++
		}
	}
}

// whole is the place of a pattern that begins and ends as a word does, and is
// divided at most where the pattern is.
func (s stream) whole(text string, p pattern, from int, address bool) (cut body.Cut, ok bool) {
	to := from + len(p.letters)
	end, ok := s.bound(to)
	if !ok {
		return cut, false
	}
	cut.To = end.to
	begin, ok := s.bound(from)
	if ok {
		cut.From = begin.from
	} else if cut.From, ok = s.behindClitic(text, p, from); !ok {
		return cut, false
	}
	for _, b := range s.within(from, to) {
		if b.hard && !address && !slices.Contains(p.bounds, b.at-from) {
			return cut, false
		}
	}
	return cut, true
}

// within are the bounds between two places.
func (s stream) within(from, to int) []bound {
	first, _ := slices.BinarySearchFunc(s.bounds, from+1, byPlace)
	last, _ := slices.BinarySearchFunc(s.bounds, to, byPlace)
	return s.bounds[first:max(first, last)]
}

func byPlace(b bound, at int) int { return cmp.Compare(b.at, at) }

// clitics are the Arabic words that are written as one with the name behind
// them: and, then, by, to, as, and those of two.
var clitics = map[string]bool{
	"و": true, "ف": true, "ب": true, "ل": true, "ک": true,
	"وب": true, "ول": true, "وک": true, "فب": true, "فل": true,
	"ال": true, "وال": true, "بال": true, "فال": true, "کال": true, "لل": true, "ولل": true,
}

// behindClitic tells where in the text a name begins behind a clitic.
func (s stream) behindClitic(text string, p pattern, from int) (int, bool) {
	n, _ := slices.BinarySearchFunc(s.bounds, from, byPlace)
	if n == 0 || utf8.RuneCountInString(p.letters) < cliticWords {
		return 0, false
	}
	before := s.bounds[n-1]
	clitic := s.letters[before.at:from]
	if !clitics[clitic] {
		return 0, false
	}
	for at, r := range text[before.from:] {
		folded := lang.Fold(text[before.from : before.from+at])
		if folded == clitic && lang.Fold(string(r)) != "" {
			return before.from + at, true
		}
	}
	return 0, false
}

// around is the place of the one word within which letters stand.
func (s stream) around(from, to int) (body.Cut, bool) {
	for _, b := range s.within(from, to) {
		if b.hard {
			return body.Cut{}, false
		}
	}
	first, ok := slices.BinarySearchFunc(s.bounds, from, byPlace)
	if !ok {
		first--
	}
	last, _ := slices.BinarySearchFunc(s.bounds, to, byPlace)
	return body.Cut{From: s.bounds[first].from, To: s.bounds[last].to}, true
}
