package body

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/sergi/go-diff/diffmatchpatch"

	"broadsheet/internal/platform/lang"
)

// Run is a piece of a text that was kept, removed or added.
type Run struct {
	Fate Fate
	Text Text
}

// Edits are the runs of two texts laid into one. Kept and added together are
// the new text, kept and removed the old one.
type Edits []Run

// DiffText compares two texts word by word.
func DiffText(old, new Text) Edits {
	c := &comparer{deadline: time.Now().Add(patience)}
	return edits(c.text(old, new))
}

// Same tells whether nothing changed.
func (e Edits) Same() bool {
	return !slices.ContainsFunc(e, func(r Run) bool { return r.Fate != Kept })
}

// Words counts the words that were removed and added.
func (e Edits) Words() (removed, added int) {
	c := comparer{}
	for i := range e {
		c.count(e[i].Text, e[i].Fate.mark())
	}
	return c.removed, c.added
}

// The marks of runs in a text that has two texts in one. They are never saved:
// they have no names.
const (
	wasRemoved Marks = 1 << 14
	wasAdded   Marks = 1 << 15
	edited           = wasRemoved | wasAdded
)

func (f Fate) mark() Marks {
	switch f {
	case Removed:
		return wasRemoved
	case Added:
		return wasAdded
	}
	return 0
}

func fateOf(m Marks) Fate {
	switch m & edited {
	case wasRemoved:
		return Removed
	case wasAdded:
		return Added
	}
	return Kept
}

// edits splits a text that has two in one into its runs.
func edits(merged Text) Edits {
	var all Edits
	for _, s := range merged {
		fate := fateOf(s.Marks)
		s.Marks &^= edited
		if n := len(all); n > 0 && all[n-1].Fate == fate {
			all[n-1].Text = append(all[n-1].Text, s)
			continue
		}
		all = append(all, Run{fate, Text{s}})
	}
	return all
}

// merged is the opposite of edits.
func (e Edits) merged() Text {
	var t Text
	for _, run := range e {
		t = append(t, painted(run.Text, run.Fate.mark())...)
	}
	return t
}

// painted is a text of which all has a mark.
func painted(t Text, mark Marks) Text {
	all := make(Text, len(t))
	for i, s := range t {
		s.Marks = s.Marks&^edited | mark
		all[i] = s
	}
	return all
}

// text lays two texts into one.
func (c *comparer) text(old, new Text) Text {
	old, new = painted(old, 0).joined(), painted(new, 0).joined()
	if old.equal(new) {
		return new
	}
	c.edited = true
	if len(old) == 0 || len(new) == 0 || c.late() {
		return c.whole(old, new)
	}
	words := lexicon{attributes: map[setting]int{}, ids: map[word]rune{}}
	was, is := words.cut(old), words.cut(new)
	var out Text
	at := 0
	for _, h := range c.hunks(was.tokens, is.tokens) {
		out = append(out, is.piece(at, h.n1, 0)...)
		gone, come := was.piece(h.o1, h.o2, wasRemoved), is.piece(h.n1, h.n2, wasAdded)
		if gone.whole() != come.whole() { // else only its marks or links changed
			c.count(gone, wasRemoved)
			c.count(come, wasAdded)
		}
		out = append(append(out, gone...), come...)
		at = h.n2
	}
	return append(out, is.piece(at, len(is.tokens), 0)...)
}

// whole takes one text for the other, without a look at its words.
func (c *comparer) whole(old, new Text) Text {
	return append(c.paint(old, wasRemoved), c.paint(new, wasAdded)...)
}

// paint is painted, counted.
func (c *comparer) paint(t Text, mark Marks) Text {
	if len(t) > 0 {
		c.edited = true
	}
	c.count(t, mark)
	return painted(t, mark)
}

func (c *comparer) count(t Text, mark Marks) {
	switch mark {
	case wasRemoved:
		c.removed += lang.Words(t.whole())
	case wasAdded:
		c.added += lang.Words(t.whole())
	}
}

// word is what makes two tokens equal: the same text, set in the same way. A
// token of several spans spells them out and has no attributes.
type word struct {
	attributes int
	text       string
}

// lexicon numbers the words of two texts; the numbers are code points, as the
// comparison wants them.
type lexicon struct {
	attributes map[setting]int
	ids        map[word]rune
}

// setting is all of a span but its text. A note is spelled out.
type setting struct {
	marks   Marks
	link    Link
	lang    Lang
	isBreak bool
	picture Inline
	note    string
}

// token is a word of a text, a space, a mark of punctuation, a line break, a
// picture or a note: what is kept or not as a whole. It ends where the next one begins.
type token struct {
	id rune
	// span and at are where it begins.
	span, at int
	// words is 1 for a word, and for what divides words for good.
	words int
}

// cutText is a text with its tokens.
type cutText struct {
	spans  Text
	tokens []token
}

// cut divides a text into tokens. Spans do not divide words.
func (l *lexicon) cut(t Text) cutText {
	c := cutText{spans: t, tokens: make([]token, 0, 64)}
	for i := 0; i < len(t); {
		if t[i].single() {
			c.tokens = append(c.tokens, token{l.id(word{l.attribute(t[i]), ""}), i, 0, 3})
			i++
			continue
		}
		end := i + 1
		for end < len(t) && !t[end].single() {
			end++
		}
		c.tokens = l.line(c.tokens, t, i, end)
		i = end
	}
	return c
}

// line cuts the spans from first to end, which all have text.
func (l *lexicon) line(tokens []token, t Text, first, end int) []token {
	text := t[first].Text
	if end > first+1 {
		var all strings.Builder
		for i := first; i < end; i++ {
			all.WriteString(t[i].Text)
		}
		text = all.String()
	}
	span, at := first, 0
	for text != "" {
		n := tokenLength(text)
		made := token{span: span, at: at, words: wordIn(text[:n])}
		if at+n <= len(t[span].Text) {
			made.id = l.id(word{l.attribute(t[span]), text[:n]})
			at += n
		} else {
			made.id = l.id(l.pieces(t, span, at, n))
			for at += n; at > len(t[span].Text); span++ {
				at -= len(t[span].Text)
			}
		}
		if at == len(t[span].Text) {
			span, at = span+1, 0
		}
		tokens = append(tokens, made)
		text = text[n:]
	}
	return tokens
}

// pieces spells out a token of several spans.
func (l *lexicon) pieces(t Text, span, at, n int) word {
	var spelled []byte
	for ; n > 0; span, at = span+1, 0 {
		part := t[span].Text[at:]
		part = part[:min(n, len(part))]
		spelled = strconv.AppendInt(spelled, int64(l.attribute(t[span])), 10)
		spelled = append(spelled, ' ')
		spelled = strconv.AppendInt(spelled, int64(len(part)), 10)
		spelled = append(spelled, ' ')
		spelled = append(spelled, part...)
		n -= len(part)
	}
	return word{-1, string(spelled)}
}

// attribute numbers the ways in which spans are set.
func (l *lexicon) attribute(s Span) int {
	set := setting{s.Marks, s.Link, s.Lang, s.Break, s.Picture, ""}
	if len(s.Note) > 0 {
		set.note = spelled(s.Note)
	}
	n, known := l.attributes[set]
	if !known {
		n = len(l.attributes)
		l.attributes[set] = n
	}
	return n
}

// firstSurrogate to afterSurrogates are no code points.
const firstSurrogate, afterSurrogates = 0xd800, 0xe000

func (l *lexicon) id(w word) rune {
	id, known := l.ids[w]
	if !known {
		id = rune(len(l.ids) + 1)
		if id >= firstSurrogate {
			id += afterSurrogates - firstSurrogate
		}
		l.ids[w] = id
	}
	return id
}

// piece returns the spans of the tokens from first to end, with a mark.
func (c *cutText) piece(first, end int, mark Marks) Text {
	if first >= end {
		return nil
	}
	from := c.tokens[first]
	toSpan, to := len(c.spans), 0
	if end < len(c.tokens) {
		toSpan, to = c.tokens[end].span, c.tokens[end].at
	}
	var out Text
	for i := from.span; i <= toSpan && i < len(c.spans); i++ {
		s := c.spans[i]
		if i == toSpan {
			if to == 0 {
				break
			}
			s.Text = s.Text[:to]
		}
		if i == from.span {
			s.Text = s.Text[from.at:]
		}
		s.Marks |= mark
		out = append(out, s)
	}
	return out
}

// wordIn is 1 for a token with a letter or a digit.
func wordIn(s string) int {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) >= 0 {
		return 1
	}
	return 0
}

// tokenLength is how long the first token of a text is: a word as Unicode
// divides them, but never a part of a character that people see as one.
func tokenLength(s string) int {
	if n := plainLength(s); n > 0 {
		return n
	}
	rest, state := s, -1
	for rest != "" {
		var boundaries int
		_, rest, boundaries, state = uniseg.StepString(rest, state)
		if boundaries&uniseg.MaskWord != 0 {
			break
		}
	}
	return len(s) - len(rest)
}

// plainLength is the length of a first token of nothing but letters or digits
// of ASCII before a space, or of one space; 0 for all others, which need the
// tables.
func plainLength(s string) int {
	n := 0
	for n < len(s) && ('a' <= s[n]|0x20 && s[n]|0x20 <= 'z' || '0' <= s[n] && s[n] <= '9') {
		n++
	}
	switch {
	case n == len(s), n > 0 && s[n] == ' ':
		return n
	case n == 0 && s[0] == ' ' && (len(s) == 1 || s[1] != ' ' && s[1] < utf8.RuneSelf):
		return 1
	}
	return 0
}

// hunk is where two texts differ: a range of tokens of each, and how many
// words they have.
type hunk struct {
	o1, o2, n1, n2 int
	words          int
}

// maxTokens is how long texts may be that are compared by their words, about
// 15,000 words.
const maxTokens = 30_000

// hunks finds where two texts differ.
func (c *comparer) hunks(old, new []token) []hunk {
	start := 0
	for start < len(old) && start < len(new) && old[start].id == new[start].id {
		start++
	}
	o, n := len(old), len(new)
	for o > start && n > start && old[o-1].id == new[n-1].id {
		o, n = o-1, n-1
	}
	all := hunk{o1: start, o2: o, n1: start, n2: n}
	if o-start == 0 || n-start == 0 {
		return []hunk{all}
	}
	found := c.search(old[start:o], new[start:n], start)
	if found == nil {
		return []hunk{all}
	}
	return soften(found, old, new)
}

// search compares the ids; nil says that the texts are better taken as wholes.
func (c *comparer) search(old, new []token, start int) []hunk {
	if len(old) > maxTokens || len(new) > maxTokens {
		c.coarse = true
		return nil
	}
	if strange(old, new) || c.late() {
		return nil
	}
	was, is := ids(old), ids(new)
	by := diffmatchpatch.New()
	by.DiffTimeout = 0 // the deadline goes with the call, and nothing is guessed
	var found []diffmatchpatch.Diff
	if min(len(was), len(is)) < 2 { // too short for DiffBisect
		found = by.DiffMainRunes(was, is, false)
	} else {
		found = by.DiffBisect(string(was), string(is), c.deadline)
		c.late()
	}
	return ranges(found, start, len(old), len(new))
}

func ids(tokens []token) []rune {
	all := make([]rune, len(tokens))
	for i := range tokens {
		all[i] = tokens[i].id
	}
	return all
}

// strange tells whether two texts, neither of them short, have so few words in
// common that nothing is learnt from which.
func strange(old, new []token) bool {
	const short, least = 20, .25
	olds, news := countWords(old), countWords(new)
	if min(olds, news) < short {
		return false
	}
	left := make(map[rune]int, len(old))
	for i := range old {
		left[old[i].id]++
	}
	shared := 0
	for i := range new {
		if id := new[i].id; new[i].words > 0 && left[id] > 0 {
			left[id]--
			shared += new[i].words
		}
	}
	return float64(shared) < least*float64(max(olds, news))
}

// ranges turns what the search found into hunks, and gives nil when it does
// not add up.
func ranges(found []diffmatchpatch.Diff, start, olds, news int) []hunk {
	var all []hunk
	o, n := 0, 0
	open := false
	for _, d := range found {
		count := utf8.RuneCountInString(d.Text)
		if count == 0 {
			continue
		}
		if d.Type == diffmatchpatch.DiffEqual {
			o, n, open = o+count, n+count, false
			continue
		}
		if !open {
			all = append(all, hunk{o1: start + o, o2: start + o, n1: start + n, n2: start + n})
			open = true
		}
		if d.Type == diffmatchpatch.DiffDelete {
			o += count
		} else {
			n += count
		}
		last := &all[len(all)-1]
		last.o2, last.n2 = start+o, start+n
	}
	if o != olds || n != news {
		return nil
	}
	return all
}

// soften joins hunks that have next to nothing between them: two or three
// words that happen to stand on both sides only make a change harder to read.
func soften(hunks []hunk, old, new []token) []hunk {
	var all []hunk
	for _, h := range hunks {
		h.words = max(countWords(old[h.o1:h.o2]), countWords(new[h.n1:h.n2]))
		for len(all) > 0 {
			last := all[len(all)-1]
			between := countWords(old[last.o2:h.o1])
			if between > 0 && (between > 2 || between >= min(last.words, h.words)) {
				break
			}
			h.o1, h.n1, h.words = last.o1, last.n1, last.words+between+h.words
			all = all[:len(all)-1]
		}
		all = append(all, h)
	}
	return all
}

func countWords(tokens []token) int {
	sum := 0
	for i := range tokens {
		sum += tokens[i].words
	}
	return sum
}
