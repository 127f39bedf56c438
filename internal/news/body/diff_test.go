package body

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
)

var said = Said{"removed:", "added:", "end"}

// side is the text of one side of a comparison, and its blocks in their order.
func (c Comparison) side(old bool) string {
	var out strings.Builder
	for _, s := range c.Steps {
		out.WriteString(s.side(old))
	}
	return out.String()
}

func (s Step) side(old bool) string {
	if absent := map[bool][]Fate{true: {Added, Moved}, false: {Removed, Away}}; slices.Contains(absent[old], s.Fate) {
		return ""
	}
	switch {
	case s.merged != nil:
		return sideOf(s.merged, s.Fields, old)
	case old:
		return sideOf(s.Old.Value, nil, old)
	}
	return sideOf(s.New.Value, nil, old)
}

// sideOf is all text of a value, its titles and labels too.
func sideOf(v Value, fields []Field, old bool) string {
	var out strings.Builder
	one := func(t Text) {
		var kept Text
		for _, span := range t {
			if fate := fateOf(span.Marks); (fate != Removed || old) && (fate != Added || !old) {
				kept = append(kept, span)
			}
		}
		// How spans are cut does not count; how they are set does.
		for _, span := range painted(kept, 0).joined() {
			out.Write(Text{span}.append(nil))
			fmt.Fprint(&out, span.Link.Href, span.Picture.Href, int(span.Marks))
		}
	}
	texts(v, func(_ string, t Text) { one(t) })
	line := func(name, text string) {
		for _, f := range fields {
			if f.Name == name {
				one(f.Edits.merged())
				return
			}
		}
		one(T(text))
	}
	switch v := v.(type) {
	case KeyPoints:
		line("title", v.Title)
	case Note:
		line("title", v.Title)
	case Embed:
		line("title", v.Title)
		line("provider", v.Provider)
	case File:
		line("label", v.Label)
	case Figure:
		line("alt", v.Alt)
	case Foreign:
		out.Write(plainNodes(nil, v.Tree))
	}
	return out.String()
}

// whole is all text of a body, in the same manner. Galleries are left to their
// own test.
func whole(b Body) string {
	var out strings.Builder
	for _, block := range b {
		out.WriteString(sideOf(block.Value, nil, false))
	}
	return out.String()
}

func checkSides(t testing.TB, old, new Body, c Comparison) {
	t.Helper()
	if got, want := c.side(false), whole(new); got != want {
		t.Fatalf("kept and added: got  %q\nwant %q", got, want)
	}
	// What moved has its old text where it was, and both where it is.
	if got, want := c.side(true), whole(old); got != want {
		t.Fatalf("kept and removed: got  %q\nwant %q", got, want)
	}
}

func say(runs Edits) string {
	var out strings.Builder
	for _, r := range runs {
		switch r.Fate {
		case Removed:
			out.WriteString("[-" + r.Text.String() + "-]")
		case Added:
			out.WriteString("[+" + r.Text.String() + "+]")
		default:
			out.WriteString(r.Text.String())
		}
	}
	return out.String()
}

func TestTextsAreComparedWordByWord(t *testing.T) {
	tests := []struct{ old, new, want string }{
		{"The section is 83 km long.", "The section is 38 km long.", "The section is [-83-][+38+] km long."},
		{"One two.", "One two three.", "One two[+ three+]."},
		{"It costs 1,435.50 now", "It costs 1,453.50 now", "It costs [-1,435.50-][+1,453.50+] now"},
		{"Do not.", "Don’t.", "[-Do not-][+Don’t+]."},
		{"او می‌رود و می‌آید.", "او می‌رفت و می‌آید.", "او [-می‌رود-][+می‌رفت+] و می‌آید."},
		{"کتاب‌ها را خواند", "کتاب‌هایش را خواند", "[-کتاب‌ها-][+کتاب‌هایش+] را خواند"},
		{"قال: «نعم»، ومضى.", "قال: «لا»، ومضى.", "قال: «[-نعم-][+لا+]»، ومضى."},
		{"كان طولها ٨٣ كم", "كان طولها ٣٨ كم", "كان طولها [-٨٣-][+٣٨+] كم"},
		{"Hello 👩‍👩‍👧!", "Hello 👩‍👩‍👦!", "Hello [-👩‍👩‍👧-][+👩‍👩‍👦+]!"},
		{"same", "same", "same"},
		{"", "new", "[+new+]"},
		{"old", "", "[-old-]"},
		{"a quick red fox of the forest", "a slow blue bird of the forest", "a [-quick red fox-][+slow blue bird+] of the forest"},
	}
	for _, test := range tests {
		if got := say(DiffText(T(test.old), T(test.new))); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestAChangedMarkOrLinkIsAChange(t *testing.T) {
	old := Text{{Text: "See the "}, {Text: "book", Link: Link{Href: "/a"}}, {Text: " and un"}, {Text: "friend", Marks: Strong}, {Text: "ly men"}}
	new := Text{{Text: "See the "}, {Text: "book", Link: Link{Href: "/b"}}, {Text: " and unfriendly men"}}
	got := DiffText(old, new)
	if want := "See the [-book-][+book+] and [-unfriendly-][+unfriendly+] men"; say(got) != want {
		t.Errorf("got %s, want %s", say(got), want)
	}
	if removed, added := got.Words(); removed != 2 || added != 2 {
		t.Errorf("got %d and %d words", removed, added)
	}
	// The page that counts what was written counts no words for it.
	c := Diff(Body{{"a", Paragraph{Text: old}}}, Body{{"a", Paragraph{Text: new}}})
	if c.Removed != 0 || c.Added != 0 || c.Steps[0].Fate != Changed {
		t.Errorf("got %+v", c)
	}
}

func TestSpansCutElsewhereAreNoChange(t *testing.T) {
	c := Diff(Body{{"a", Paragraph{Text: Text{{Text: "one "}, {Text: "two"}}}}}, Body{{"a", Paragraph{Text: T("one two")}}})
	if !c.Same() {
		t.Errorf("got %+v", c.Steps)
	}
}

func fates(c Comparison) string {
	var all []string
	for _, s := range c.Steps {
		key := s.New.Key
		if s.Fate == Removed || s.Fate == Away {
			key = s.Old.Key
		}
		all = append(all, string(key)+" "+string(s.Fate))
	}
	return strings.Join(all, ", ")
}

func par(key Key, text string) Block { return Block{key, Paragraph{Text: T(text)}} }

const (
	rail  = "The rails on one side stand farther apart than those on the other side of the border"
	water = "A tunnel that is older than the town above it leads water to the plain by its own weight"
	clock = "Keepers of time have agreed to let the sun fall behind a little before they add a second"
)

func TestBlocksAreFoundByTheirKeysThenByWhatTheySay(t *testing.T) {
	tests := []struct {
		name     string
		old, new Body
		want     string
	}{
		{"kept, added, removed", Body{par("a", rail), par("b", water)}, Body{par("a", rail), par("c", clock)}, "a kept, b removed, c added"},
		{"changed", Body{par("a", rail)}, Body{par("a", rail+" today")}, "a changed"},
		{"a key is for life", Body{par("a", "Yes.")}, Body{par("a", "No.")}, "a changed"},
		{"another kind", Body{par("a", "Yes.")}, Body{{"a", Subhead{Level: 2, Text: T("Yes.")}}}, "a removed, a added"},
		{"moved up", Body{par("a", rail), par("b", water), par("c", clock)}, Body{par("c", clock), par("a", rail), par("b", water)}, "c moved, a kept, b kept, c away"},
		{"moved and changed", Body{par("a", rail), par("b", water), par("c", clock)}, Body{par("c", clock+" again"), par("a", rail), par("b", water)}, "c moved, a kept, b kept, c away"},
		{"all keys new, the same text", Body{par("a", rail), par("b", water)}, Body{par("x", rail), par("y", water)}, "x kept, y kept"},
		{"all keys new, nearly the same text", Body{par("a", rail)}, Body{par("x", rail+" today")}, "x changed"},
		{"keys counted anew", Body{par("b1", rail), par("b2", water)}, Body{par("b1", clock), par("b2", rail), par("b3", water+" still")}, "b1 added, b2 kept, b3 changed"},
		{"another picture", Body{{"a", Figure{Asset: 1}}}, Body{{"a", Figure{Asset: 2}}}, "a removed, a added"},
		{"another caption", Body{{"a", Figure{Asset: 1, Caption: T("One")}}}, Body{{"a", Figure{Asset: 1, Caption: T("Two")}}}, "a changed"},
		{"another level", Body{{"a", Subhead{Level: 2, Text: T("x")}}}, Body{{"a", Subhead{Level: 3, Text: T("x")}}}, "a changed"},
		{"nothing but equal, with other keys", Body{{"a", Rule{}}, par("b", "—"), par("c", "—")}, Body{{"x", Rule{}}, par("y", "—"), par("z", "—")}, "x kept, y kept, z kept"},
		{"rules", Body{{"a", Rule{}}, par("b", rail), {"c", Rule{}}}, Body{{"a", Rule{}}, par("b", rail)}, "a kept, b kept, c removed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := Diff(test.old, test.new)
			if got := fates(c); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			checkSides(t, test.old, test.new, c)
			for i, s := range c.Steps {
				if s.Fate == Moved && c.Steps[s.Twin].Twin != i {
					t.Error("what moved does not know where it was")
				}
			}
		})
	}
}

func TestListsTablesAndBoxesAreComparedInside(t *testing.T) {
	items := func(all ...string) List {
		var l List
		for _, s := range all {
			l.Items = append(l.Items, Item{Text: T(s)})
		}
		return l
	}
	tests := []struct {
		old, new Value
		want     string
	}{
		{items("Lifting needs cranes and patience.", "Boxes need room."), items("Lifting needs cranes and care.", "Axles need money.", "Boxes need room."),
			`<ul><li>Lifting needs cranes and <del><span class="unseen"> removed: </span>patience<span class="unseen"> end </span></del><ins><span class="unseen"> added: </span>care<span class="unseen"> end </span></ins>.</li><li><ins><span class="unseen"> added: </span>Axles need money.<span class="unseen"> end </span></ins></li><li>Boxes need room.</li></ul>`},
		{Table{Rows: [][]Text{{T("Port"), T("2.1")}}, Labelled: true}, Table{Rows: [][]Text{{T("Port"), T("9.9")}}, Labelled: true},
			`<div class="table-frame" tabindex="0" role="region" aria-label="Table"><table><tbody><tr><th scope="row">Port</th><td><del><span class="unseen"> removed: </span>2.1<span class="unseen"> end </span></del><ins><span class="unseen"> added: </span>9.9<span class="unseen"> end </span></ins></td></tr></tbody></table></div>`},
		{Paragraph{Text: T("متن ۸۳ کیلومتر")}, Paragraph{Text: T("متن ۳۸ کیلومتر")},
			`<p dir="rtl">متن <del dir="rtl"><span class="unseen"> removed: </span>۸۳<span class="unseen"> end </span></del><ins dir="rtl"><span class="unseen"> added: </span>۳۸<span class="unseen"> end </span></ins> کیلومتر</p>`},
		{Paragraph{Text: T("See Łódź now")}, Paragraph{Text: T("See تهران now")},
			`<p>See <del><span class="unseen"> removed: </span>Łódź<span class="unseen"> end </span></del><ins dir="rtl"><span class="unseen"> added: </span>تهران<span class="unseen"> end </span></ins> now</p>`},
		{Paragraph{Text: Text{{Text: "a "}, {Text: "b", Link: Link{Href: "/x"}}}}, Paragraph{Text: Text{{Text: "a "}, {Text: "b", Marks: Strong}}},
			`<p>a <del><span class="unseen"> removed: </span><a href="/x">b</a><span class="unseen"> end </span></del><ins><span class="unseen"> added: </span><strong>b</strong><span class="unseen"> end </span></ins></p>`},
		{Gallery{Pictures: []Figure{{Asset: 9, Caption: T("One")}, {Asset: 8, Caption: T("Two")}}}, Gallery{Pictures: []Figure{{Asset: 9, Caption: T("One")}}},
			`<div class="gallery"><figure><figcaption>One</figcaption></figure><del><span class="unseen"> removed: </span><figure><figcaption>Two</figcaption></figure><span class="unseen"> end </span></del></div>`},
		{items("Boxes.", "Axles."), items("Axles.", "Boxes."),
			`<ul><li><ins><span class="unseen"> added: </span>Axles.<span class="unseen"> end </span></ins></li><li>Boxes.</li><li><del><span class="unseen"> removed: </span>Axles.<span class="unseen"> end </span></del></li></ul>`},
		{Gallery{Pictures: []Figure{{Asset: 9, Caption: T("One")}, {Asset: 8, Caption: T("Two")}}}, Gallery{Pictures: []Figure{{Asset: 8, Caption: T("Two")}, {Asset: 9, Caption: T("One")}}},
			`<div class="gallery"><ins><span class="unseen"> added: </span><figure><figcaption>Two</figcaption></figure><span class="unseen"> end </span></ins><figure><figcaption>One</figcaption></figure><del><span class="unseen"> removed: </span><figure><figcaption>Two</figcaption></figure><span class="unseen"> end </span></del></div>`},
	}
	for _, test := range tests {
		c := Diff(Body{{"k", test.old}}, Body{{"k", test.new}})
		if got := RenderStep(c.Steps[0], renderer("en"), said); string(got) != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestWhatMovedWithinABlockIsCountedOnBothSides(t *testing.T) {
	old := KeyPoints{Points: []Text{T("Two widths of track"), T("Ten years")}}
	c := Diff(Body{{"k", old}}, Body{{"k", turned(old)}})
	if c.Removed != c.Added || c.Added == 0 {
		t.Errorf("got %d words removed and %d added", c.Removed, c.Added)
	}
}

func TestWhatChangedBesideTheTextIsSaid(t *testing.T) {
	c := Diff(Body{{"k", Figure{Asset: 1, Alt: "A red train"}}}, Body{{"k", Figure{Asset: 1, Alt: "A blue train"}}})
	if f := c.Steps[0].Fields; len(f) != 1 || f[0].Name != "alt" || say(f[0].Edits) != "A [-red-][+blue+] train" {
		t.Errorf("got %+v", c.Steps[0])
	}
	if c.Removed != 1 || c.Added != 1 {
		t.Errorf("got %d and %d words, want 1 and 1", c.Removed, c.Added)
	}
}

// pieces are what random texts are made of: words, marks, half-spaces and
// clusters that must not be torn.
var pieces = []string{"the", "a", "rail", "water", " ", " ", " ", ", ", ". ", "1,435", "می‌رود", "کتاب‌ها", "العربيّةُ", "‌", "‍", "👩‍👩‍👧", "🇮🇷", "e\u0301", "\u0301", "؀", "\r\n", "\n", "«", "»", "\u202e", "\u2066", "क्‍ष", "x", "-", "’", "."}

func randomText(r *rand.Rand, n int) Text {
	var t Text
	for range n {
		s := Span{Text: pieces[r.IntN(len(pieces))]}
		switch r.IntN(12) {
		case 0:
			s.Marks = Strong
		case 1:
			s.Link = Link{Href: "/x" + pieces[r.IntN(4)]}
		case 2:
			s = Span{Break: true}
		case 3:
			s.Lang = Lang{Tag: "fa"}
		case 4:
			s.Text = ""
		case 5:
			s = Span{Picture: Inline{Href: "/p" + pieces[r.IntN(4)]}}
		case 6:
			s = Span{Note: T("n" + pieces[r.IntN(4)])}
		}
		t = append(t, s)
	}
	return t
}

func randomTexts(r *rand.Rand) []Text {
	var all []Text
	for range r.IntN(4) {
		all = append(all, randomText(r, r.IntN(6)))
	}
	return all
}

func randomValue(r *rand.Rand) Value {
	switch r.IntN(10) {
	case 0:
		return Subhead{Level: 2 + r.IntN(2), Text: randomText(r, 3)}
	case 1:
		l := List{Ordered: r.IntN(2) == 0}
		for _, t := range randomTexts(r) {
			item := Item{Text: t}
			if r.IntN(3) == 0 {
				item.List = &List{Items: []Item{{Text: randomText(r, 2)}}}
			}
			l.Items = append(l.Items, item)
		}
		return l
	case 2:
		return KeyPoints{Title: pieces[r.IntN(4)], Points: randomTexts(r)}
	case 3:
		table := Table{Caption: randomText(r, 2), Labelled: r.IntN(2) == 0}
		for range r.IntN(3) {
			table.Rows = append(table.Rows, []Text{randomText(r, 2), randomText(r, 1)})
		}
		return table
	case 4:
		return Figure{Asset: 1, Caption: randomText(r, 3), Alt: pieces[r.IntN(4)]}
	case 5:
		return Quote{Paragraphs: randomTexts(r), Attribution: randomText(r, 1)}
	case 6:
		return Rule{}
	}
	return Paragraph{Text: randomText(r, r.IntN(30))}
}

// turned is a value whose first part stands last.
func turned(v Value) Value {
	switch v := v.(type) {
	case List:
		v.Items = turn(v.Items)
		return v
	case KeyPoints:
		v.Points = turn(v.Points)
		return v
	case Quote:
		v.Paragraphs = turn(v.Paragraphs)
		return v
	case Table:
		v.Rows = turn(v.Rows)
		return v
	}
	return v
}

func turn[T any](all []T) []T {
	if len(all) == 0 {
		return all
	}
	return append(slices.Clone(all[1:]), all[0])
}

// mutated is a body after some edits.
func mutated(r *rand.Rand, b Body) Body {
	b = slices.Clone(b)
	for range r.IntN(5) {
		if len(b) == 0 {
			break
		}
		i := r.IntN(len(b))
		switch r.IntN(7) {
		case 0:
			b = slices.Delete(b, i, i+1)
		case 1:
			b = slices.Insert(b, i, Block{Key(fmt.Sprintf("n%d", r.Int())), randomValue(r)})
		case 2:
			block := b[i]
			b = slices.Delete(b, i, i+1)
			b = slices.Insert(b, r.IntN(len(b)+1), block)
		case 3:
			b[i].Value = randomValue(r)
		case 4:
			b[i].Key = Key(fmt.Sprintf("m%d", r.Int()))
		case 5:
			if p, ok := b[i].Value.(Paragraph); ok && len(p.Text) > 0 {
				t := slices.Clone(p.Text)
				at := r.IntN(len(t))
				t = slices.Replace(t, at, min(len(t), at+r.IntN(3)), randomText(r, r.IntN(3))...)
				b[i].Value = Paragraph{Text: t}
			}
		case 6:
			b[i].Value = turned(b[i].Value)
		}
	}
	return b
}

func TestBothSidesOfAComparisonAreWhole(t *testing.T) {
	for n := range uint64(3_000) {
		r := rand.New(rand.NewPCG(n, 1))
		var old Body
		for i := range r.IntN(8) {
			old = append(old, Block{Key(fmt.Sprintf("k%d", i)), randomValue(r)})
		}
		new := mutated(r, old)
		if n%5 == 0 {
			new = nil
			for i := range r.IntN(8) {
				new = append(new, Block{Key(fmt.Sprintf("k%d", i)), randomValue(r)})
			}
		}
		checkSides(t, old, new, Diff(old, new))
		late := &comparer{deadline: time.Unix(0, 0)}
		checkSides(t, old, new, late.bodies(old, new))
	}
}

func FuzzDiffText(f *testing.F) {
	f.Add("The section is 83 km long.", "The section is 38 km long.", 4, 5)
	f.Add("می‌رود \u202e و", "می‌رفت \u2066 و", 3, 9)
	f.Add("e\u0301\u0301 👩‍👩‍👧", "e\u0301 👩‍👦", 1, 2)
	f.Fuzz(func(t *testing.T, old, new string, cut, other int) {
		was, is := cutAt(old, cut), cutAt(new, other)
		e := DiffText(was, is)
		var kept, gone strings.Builder
		for _, run := range e {
			if run.Fate != Removed {
				kept.WriteString(run.Text.String())
			}
			if run.Fate != Added {
				gone.WriteString(run.Text.String())
			}
		}
		if kept.String() != new || gone.String() != old {
			t.Fatalf("got %q and %q, want %q and %q", gone.String(), kept.String(), old, new)
		}
		wholeClusters(t, e, old, Added)
		wholeClusters(t, e, new, Removed)
	})
}

// cutAt is a text of two spans, the second one strong.
func cutAt(s string, at int) Text {
	if at <= 0 || at >= len(s) {
		return T(s)
	}
	return Text{{Text: s[:at]}, {Text: s[at:], Marks: Strong}}
}

// wholeClusters fails when a run of a side begins within what people see as one
// character.
func wholeClusters(t *testing.T, e Edits, side string, without Fate) {
	t.Helper()
	if !utf8.ValidString(side) {
		return
	}
	ends, at := map[int]bool{0: true}, 0
	for rest, state := side, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		at += len(cluster)
		ends[at] = true
	}
	at = 0
	for _, run := range e {
		if run.Fate != without {
			if !ends[at] {
				t.Fatalf("%q is torn at byte %d: %s", side, at, say(e))
			}
			at += len(run.Text.String())
		}
	}
}

// visible is the text of HTML, without what only some hear and without one
// side.
func visible(root *html.Node, without string) string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Data == without {
			return
		}
		for _, a := range n.Attr {
			if a.Key == "class" && a.Val == "unseen" {
				return
			}
		}
		if n.Type == html.TextNode {
			out.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return out.String()
}

func TestThePageOfAComparisonHasBothTextsByteForByte(t *testing.T) {
	for n := range uint64(500) {
		r := rand.New(rand.NewPCG(n, 2))
		plainOnly := func(t Text) Text {
			return slices.DeleteFunc(t, func(s Span) bool { return s.single() || strings.ContainsAny(s.Text, "\r") })
		}
		old := plainOnly(randomText(r, 20))
		new := plainOnly(slices.Concat(old[:len(old)/2], randomText(r, 3), old[len(old)/2:]))
		c := Diff(Body{{"k", Paragraph{Text: old}}}, Body{{"k", Paragraph{Text: new}}})
		var markup strings.Builder
		for _, s := range c.Steps {
			markup.WriteString(string(RenderStep(s, renderer("fa"), said)))
		}
		root := reparsed(t, markup.String())
		if got, want := visible(root, "del"), new.String(); got != want {
			t.Fatalf("got %q, want %q\n%s", got, want, markup.String())
		}
		if got, want := visible(root, "ins"), old.String(); got != want {
			t.Fatalf("got %q, want %q\n%s", got, want, markup.String())
		}
	}
}

// prose makes a text of so many words out of a vocabulary.
func prose(r *rand.Rand, words, vocabulary int, script string) string {
	var out strings.Builder
	for n := range words {
		if n > 0 {
			out.WriteByte(' ')
		}
		fmt.Fprintf(&out, "%s%d", script, r.IntN(vocabulary))
	}
	return out.String()
}

func paragraphs(r *rand.Rand, key string, count, words, vocabulary int, script string) Body {
	var b Body
	for n := range count {
		b = append(b, par(Key(fmt.Sprintf("%s%d", key, n)), prose(r, words, vocabulary, script)))
	}
	return b
}

// worstCases are pairs of bodies that are as hard to compare as bodies can be.
func worstCases() map[string][2]Body {
	r := rand.New(rand.NewPCG(7, 7))
	long := paragraphs(r, "k", 100, 100, 3_000, "word")
	shuffled := func(b Body) Body {
		var out Body
		for _, block := range b {
			words := strings.Fields(block.Value.(Paragraph).Text.String())
			r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			out = append(out, par(block.Key, strings.Join(words, " ")))
		}
		return out
	}
	one := paragraphs(r, "k", 1, 10_000, 2_000, "word")
	persian := paragraphs(r, "k", 100, 100, 3_000, "می‌روم")
	many := paragraphs(r, "k", MaxBlocks, 12, 60, "word")
	backwards := slices.Clone(many)
	slices.Reverse(backwards)
	return map[string][2]Body{
		"10,000 words rewritten":                  {long, paragraphs(r, "k", 100, 100, 3_000, "other")},
		"10,000 words in another order":           {long, shuffled(long)},
		"10,000 Persian words in another order":   {persian, shuffled(persian)},
		"one paragraph of 10,000 words, shuffled": {one, shuffled(one)},
		"5,000 blocks rewritten, other keys":      {many, paragraphs(r, "x", MaxBlocks, 12, 60, "word")},
		"5,000 blocks rewritten, the same keys":   {many, paragraphs(r, "k", MaxBlocks, 12, 60, "word")},
		"5,000 blocks backwards":                  {many, backwards},
		"5,000 equal blocks with other keys":      {paragraphs(r, "k", MaxBlocks, 1, 1, "a"), paragraphs(r, "x", MaxBlocks-1, 1, 1, "a")},
		"one word for another 10,000 times":       {Body{par("k", strings.Repeat("a ", 10_000)+"b")}, Body{par("k", "c"+strings.Repeat(" a", 12_000))}},
	}
}

// TestTheWorstBodiesAreComparedInTime is generous: the machine may be busy, and
// the race detector slows everything. The figures stand in the benchmark.
func TestTheWorstBodiesAreComparedInTime(t *testing.T) {
	for name, pair := range worstCases() {
		began := time.Now()
		c := Diff(pair[0], pair[1])
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		checkSides(t, pair[0], pair[1], c)
	}
}

func BenchmarkDiff(b *testing.B) {
	for name, pair := range worstCases() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				Diff(pair[0], pair[1])
			}
		})
	}
}
