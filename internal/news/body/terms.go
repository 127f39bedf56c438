package body

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// Term is a topic as a text may call it, and what its card says.
type Term struct {
	Topic ref.Topic
	Name  string
	// Aliases are other names. One in capitals of at most four letters, such
	// as WHO, is found in capitals alone.
	Aliases    []string
	Definition string
	// Href leads to the topic's page.
	Href string
	// Language is that of the definition; empty means the edition's.
	Language string
}

// Terms finds the topics of an edition in texts. It is built once for many
// bodies, and many can be read with it at the same time.
type Terms struct {
	language string
	all      []Term
	// firsts and steps are a tree of the words of all names: by the first word
	// to a node, and from a node by the next word to a node.
	firsts map[string]int32
	steps  map[step]int32
	// ends are the names that end at a node.
	ends map[int32][]ending
}

// step leads from a node by a folded word. Where something unusual stands
// between two words of a name, it stands before the word.
type step struct {
	node int32
	word string
}

// ending is a name that ends at a node.
type ending struct {
	term int32
	// capitals is the name as it must stand in the text, where it must; before and
	// after are the signs that must stand around its words.
	capitals, before, after string
	// proper says that the name begins with a capital in the text too.
	proper bool
	// article says that the name has the Arabic article, which its first step
	// leaves out.
	article bool
}

// maxTermWords are the words of the longest name that is looked for.
const maxTermWords = 12

// NewTerms prepares the topics of an edition in a language. Names of one letter
// are not looked for. Signs before and after a name belong to it: C++, .NET. A name of
// one word with a capital, such as Nice or March, is found with a capital alone, unless
// the topic's own definition writes it small. Where two topics have one name, it is the
// earlier one's.
func NewTerms(language string, all []Term) *Terms {
	t := &Terms{language: primary(language), all: all, firsts: map[string]int32{}, steps: map[step]int32{}, ends: map[int32][]ending{}}
	for i := range all {
		t.name(int32(i), all[i].Name)
		for _, alias := range all[i].Aliases {
			t.name(int32(i), alias)
		}
	}
	return t
}

// name puts a name into the tree: as it is, and with its half-spaces closed.
func (t *Terms) name(term int32, name string) {
	name = strings.TrimSpace(name)
	parts := cutParts(name)
	if len(parts) == 0 || len(parts) > maxTermWords || utf8.RuneCountInString(name) < 2 {
		return
	}
	end := ending{term: term, capitals: acronym(name), proper: t.proper(term, name, parts)}
	end.before, end.after = signs(name[:parts[0].start]), signs(strings.TrimRight(name[parts[len(parts)-1].end:], "."))
	words, closed := make([]string, 0, len(parts)), make([]string, 0, len(parts))
	for i, a := range parts {
		before := ""
		if i > 0 {
			before = unusual(between(name, parts[i-1], a))
		}
		words = append(words, before+a.text)
		if !a.glued {
			closed = append(closed, before+a.whole)
		}
	}
	t.put(words, end)
	if len(closed) < len(words) {
		t.put(closed, end)
	}
}

// signs are what stands before or after the words of a name, without what nobody sees.
func signs(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// proper tells whether a name is one word that is written with a capital: not a common
// noun that has one because a name begins with it.
func (t *Terms) proper(term int32, name string, parts []part) bool {
	first, size := utf8.DecodeRuneInString(name[parts[0].start:])
	if len(parts) > 1 || !unicode.IsUpper(first) || !strings.ContainsFunc(name[parts[0].start+size:], unicode.IsLower) {
		return false
	}
	definition := t.all[term].Definition
	return !slices.ContainsFunc(cutParts(definition), func(p part) bool {
		return (p.text == parts[0].text || p.text == parts[0].text+"s") && !capital(definition[p.start:])
	})
}

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

func (t *Terms) put(words []string, end ending) {
	t.path(words, end)
	rest, ok := strings.CutPrefix(words[0], arabicArticle)
	if t.language == "ar" && ok && runes(rest) >= shortestStem {
		end.article = true
		t.path(append([]string{rest}, words[1:]...), end)
	}
}

func (t *Terms) path(words []string, end ending) {
	node, ok := t.firsts[words[0]]
	if !ok {
		node = t.newNode()
		t.firsts[words[0]] = node
	}
	for _, word := range words[1:] {
		next, ok := t.steps[step{node, word}]
		if !ok {
			next = t.newNode()
			t.steps[step{node, word}] = next
		}
		node = next
	}
	t.ends[node] = append(t.ends[node], end)
}

func (t *Terms) newNode() int32 { return int32(len(t.firsts) + len(t.steps)) }

// acronym returns a name of two to four capitals, which is found in capitals
// alone.
func acronym(name string) string {
	name = strings.TrimSpace(name)
	if n := runes(name); n < 2 || n > 4 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsUpper(r) }) {
		return ""
	}
	return name
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// part is a word of a text, or a part of one between half-spaces.
type part struct {
	// text is folded; start and end are its bytes in the text.
	text       string
	start, end int
	// glued says that a half-space joins it to the one before.
	glued bool
	// whole is the word without half-spaces, on its first part, which has so
	// many.
	whole string
	parts int
}

// cutParts cuts a text into its words and their parts.
func cutParts(s string) []part {
	tokens := lang.FoldTokens(s)
	parts := make([]part, 0, len(tokens))
	for i := 0; i < len(tokens); {
		word := tokens[i]
		end := i + 1
		for end < len(tokens) && tokens[end].Start >= word.Start && tokens[end].End <= word.End {
			end++
		}
		if end == i+1 {
			parts = append(parts, part{text: word.Text, start: word.Start, end: word.End, whole: word.Text, parts: 1})
		}
		for n, token := range tokens[i+1 : end] {
			a := part{text: token.Text, start: token.Start, end: token.End, glued: n > 0}
			if n == 0 {
				a.whole, a.parts = word.Text, end-i-1
			}
			parts = append(parts, a)
		}
		i = end
	}
	return parts
}

// between is what stands between two parts. A character that stands for several
// words, such as ﷺ, has nothing between them.
func between(s string, a, b part) string {
	if b.start < a.end {
		return ""
	}
	return s[a.end:b.start]
}

// unusual returns what stands between two words of a name, or an empty text
// where it is what may stand there in any: spaces, or one hyphen, dash or
// half-space.
func unusual(s string) string {
	spaces := strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if spaces == "" {
		return ""
	}
	if r, size := utf8.DecodeRuneInString(s); size == len(s) && joins(r) {
		return ""
	}
	return s
}

// joins are the characters that can stand alone between the words of a name.
func joins(r rune) bool { return unicode.Is(unicode.Pd, r) && r != '—' || r == zwnj }

// mention is a name of a topic in a text, from byte to byte.
type mention struct {
	term     int32
	from, to int
}

// find calls f with the mentions in a text, from its beginning to its end. None
// lies in another: the longest wins.
func (t *Terms) find(s string, f func(mention)) {
	parts, last := cutParts(s), 0
	for i := 0; i < len(parts); {
		if !parts[i].glued && parts[i].start >= last {
			if found, next := t.at(s, parts, i); next > i {
				f(found)
				i, last = next, found.to
				continue
			}
		}
		i++
	}
}

// at returns the longest name that begins with a word, and the word after it.
func (t *Terms) at(s string, parts []part, first int) (mention, int) {
	if before := parts[first].start; stuckBefore(s, before) {
		return mention{}, first
	}
	w := walk{terms: t, s: s, parts: parts, first: first}
	var room [maxReadings]reading
	for _, begin := range t.readings(room[:0], parts[first], place{first: true}) {
		if node, ok := t.firsts[begin.text]; ok {
			w.begin = begin
			w.follow(node, first+begin.parts, 1, begin.closing)
		}
	}
	return w.best, w.next
}

// walk follows the tree from one word of a text.
type walk struct {
	terms *Terms
	s     string
	parts []part
	first int
	begin reading
	// best is the longest name so far, and next the word after it.
	best mention
	next int
}

// follow looks at what can stand after some words that lead to a node. After a
// closing reading, nothing can.
func (w *walk) follow(node int32, at, words int, closing bool) {
	w.end(node, at, words)
	if closing && !(words == 1 && w.terms.language == "fa") || at >= len(w.parts) {
		return
	}
	if after := w.suffixes(at); after > at && words == 1 && after < len(w.parts) {
		w.step(node, after, words)
	}
	w.step(node, at, words)
}

func (w *walk) step(node int32, at, words int) {
	before := unusual(between(w.s, w.parts[at-1], w.parts[at]))
	var room [maxReadings]reading
	for _, next := range w.terms.readings(room[:0], w.parts[at], place{article: w.begin.article}) {
		if child, ok := w.terms.steps[step{node, before + next.text}]; ok {
			w.follow(child, at+next.parts, words+1, next.closing)
		}
	}
}

// suffixes returns the place after the endings that half-spaces join to a word.
func (w *walk) suffixes(at int) int {
	after := at
	for after < len(w.parts) && w.parts[after].glued {
		if !persianEndings[w.parts[after].text] {
			return at
		}
		after++
	}
	return after
}

// end takes a name that ends before a word, where it may end there.
func (w *walk) end(node int32, at, words int) {
	ends := w.terms.ends[node]
	if len(ends) == 0 {
		return
	}
	next := at
	if at < len(w.parts) && w.parts[at].glued {
		if next = w.suffixes(at); next == at {
			return
		}
	}
	next = w.possessive(next)
	found := mention{from: w.parts[w.first].start, to: w.parts[next-1].end}
	if next <= w.next || stuckAfter(w.s, found.to) {
		return
	}
	for _, one := range ends {
		from, to := found.from-len(one.before), found.to+len(one.after)
		if w.accepts(one, words) && w.signed(one, from, to) {
			w.best, w.next = mention{one.term, from, to}, next
			return
		}
	}
}

// signed tells whether the signs of a name stand around its words.
func (w *walk) signed(e ending, from, to int) bool {
	if e.before == "" && e.after == "" {
		return true
	}
	return from >= 0 && strings.HasPrefix(w.s[from:], e.before) && strings.HasSuffix(w.s[:min(to, len(w.s))], e.after) && to <= len(w.s) &&
		!letterBefore(w.s[:from]) && !letterAfter(w.s[to:])
}

func letterBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

func letterAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// possessive steps over the s of a genitive.
func (w *walk) possessive(at int) int {
	if at < len(w.parts) && w.parts[at].text == "s" {
		if mark := between(w.s, w.parts[at-1], w.parts[at]); mark == "'" || mark == "’" {
			return at + 1
		}
	}
	return at
}

// accepts tells whether the first word is one with which the name may begin.
func (w *walk) accepts(e ending, words int) bool {
	word := w.parts[w.first]
	switch {
	case e.capitals != "" && !strings.HasPrefix(w.s[word.start:], e.capitals):
		return false
	case e.article && !w.begin.article:
		return false
	case e.proper && !capital(w.s[word.start:]):
		return false
	}
	return words > 1 || w.begin.letters == 0 || runes(w.begin.text) >= w.begin.letters
}

// stuck are the characters with which a word is part of a longer one, of an
// address or of a handle.
func stuck(r rune) bool {
	return strings.ContainsRune("-‐‑_@/\\#&+.'’=", r) || unicode.Is(unicode.Sc, r)
}

func stuckBefore(s string, at int) bool {
	r, size := utf8.DecodeLastRuneInString(s[:at])
	if r == '@' || r == '#' {
		return true
	}
	if !stuck(r) {
		return false
	}
	return letterBefore(s[:at-size]) || strings.HasSuffix(s[:at-size], "/")
}

func stuckAfter(s string, at int) bool {
	r, size := utf8.DecodeRuneInString(s[at:])
	if !stuck(r) {
		return false
	}
	return letterAfter(s[at+size:])
}

// Mentions returns the topics of which a body speaks in its running text, or
// which it defines in a block, in the order of their first mention.
func Mentions(b Body, t *Terms) []ref.Topic {
	var found []ref.Topic
	seen := map[ref.Topic]bool{}
	add := func(id ref.Topic) {
		if !seen[id] {
			seen[id] = true
			found = append(found, id)
		}
	}
	for i := range b {
		if v, ok := b[i].Value.(Definition); ok && v.Topic > 0 {
			add(v.Topic)
		}
		running(b[i].Value, func(l Lang, text Text) {
			t.hits(l, text, func(_ hit, term *Term) { add(term.Topic) })
		})
	}
	return found
}

// running calls f for the texts of a value in which terms may be: not for
// headings, captions, quotes set large, heads of tables, and not for notes.
func running(v Value, f func(l Lang, t Text)) {
	many := func(l Lang, all []Text) {
		for _, t := range all {
			f(l, t)
		}
	}
	switch v := v.(type) {
	case Paragraph:
		f(v.Lang, v.Text)
	case Quote:
		many(v.Lang, v.Paragraphs)
	case List:
		runningList(&v, v.Lang, f, 0)
	case KeyPoints:
		many(v.Lang, v.Points)
	case Note:
		many(v.Lang, v.Paragraphs)
	case Table:
		for _, row := range v.Rows {
			if v.Labelled && len(row) > 0 {
				row = row[1:]
			}
			many(Lang{}, row)
		}
	}
}

func runningList(v *List, l Lang, f func(l Lang, t Text), depth int) {
	for i := range v.Items {
		f(l, v.Items[i].Text)
		if inner := v.Items[i].List; inner != nil && depth < MaxNesting {
			runningList(inner, inner.Lang.or(l), f, depth+1)
		}
	}
}

// or is the language, or that around it where none is said.
func (l Lang) or(around Lang) Lang {
	if l == (Lang{}) {
		return around
	}
	return l
}

// hit is a mention in one span of a text, with the marks of punctuation around
// it, from which no line may part it.
type hit struct {
	span, from, to      int
	keepFrom, keepUntil int
	// card is what the mention leads to.
	card string
}

// hits calls f with the mentions in a text that stand in one span, none of which
// is a link, code or in another language.
func (t *Terms) hits(l Lang, text Text, f func(hit, *Term)) {
	if !t.speaks(l) {
		return
	}
	s, span, start := joinedSpans(text), 0, 0
	t.find(s, func(m mention) {
		for m.from >= start+length(&text[span]) {
			start += length(&text[span])
			span++
		}
		end := start + length(&text[span])
		if m.to > end || !t.open(&text[span]) {
			return
		}
		h := hit{span: span, from: m.from - start, to: m.to - start}
		h.keepFrom, h.keepUntil = kept(text[span].Text, h.from, h.to)
		f(h, &t.all[m.term])
	})
}

// joinedSpans is a text as one, in which every thing that is not text is a line
// end.
func joinedSpans(t Text) string {
	if len(t) == 1 && !t[0].single() {
		return t[0].Text
	}
	var all strings.Builder
	for i := range t {
		if t[i].single() {
			all.WriteByte('\n')
			continue
		}
		all.WriteString(t[i].Text)
	}
	return all.String()
}

func length(s *Span) int {
	if s.single() {
		return 1
	}
	return len(s.Text)
}

// open tells whether terms may be in a span.
func (t *Terms) open(s *Span) bool {
	return !s.single() && s.Link == (Link{}) && s.Marks&(Code|Sub|Sup) == 0 && t.speaks(s.Lang)
}

// speaks tells whether a text is in the edition's language.
func (t *Terms) speaks(l Lang) bool { return l.Tag == "" || primary(l.Tag) == t.language }

// kept widens a mention by the marks of punctuation that belong to it: those
// that open something before it, and those after it that do not begin the next
// word.
func kept(s string, from, to int) (int, int) {
	for range 4 {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if !unicode.In(r, unicode.Ps, unicode.Pi) && !(r == '"' || r == '\'') {
			break
		}
		from -= size
	}
	for range 4 {
		r, size := utf8.DecodeRuneInString(s[to:])
		if !unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po) {
			break
		}
		to += size
	}
	return from, to
}
