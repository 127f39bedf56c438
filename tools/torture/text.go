package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// text is what one save holds.
type text struct {
	headline, standfirst string
	paragraphs           []string
}

// sum is the SHA-256 of the text, field by field with their lengths, so that
// nothing can move from one into the next unseen.
func (t text) sum() string {
	h := sha256.New()
	for _, field := range append([]string{t.headline, t.standfirst}, t.paragraphs...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(field)))
		h.Write(size[:])
		h.Write([]byte(field))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// content is the text as the API takes it.
func (t text) content(slug, section string) map[string]any {
	blocks := make([]any, len(t.paragraphs))
	for n, p := range t.paragraphs {
		blocks[n] = map[string]any{"key": fmt.Sprintf("b%d", n+1), "type": "paragraph", "text": []any{map[string]any{"text": p}}}
	}
	return map[string]any{"headline": t.headline, "standfirst": t.standfirst, "slug": slug, "genre": "news", "section": section, "body": blocks}
}

// readContent is the text of a content as the API gives it.
func readContent(raw json.RawMessage) (text, error) {
	var c struct {
		Headline, Standfirst string
		Body                 []struct{ Text []struct{ Text string } }
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return text{}, fmt.Errorf("read a content: %w", err)
	}
	t := text{headline: c.Headline, standfirst: c.Standfirst}
	for _, block := range c.Body {
		var p strings.Builder
		for _, run := range block.Text {
			p.WriteString(run.Text)
		}
		t.paragraphs = append(t.paragraphs, p.String())
	}
	return t, nil
}

// mark is a word that no other number gives and no stemmer shortens.
func mark(n int) string {
	const consonants, vowels = "bdfgklmnprtvz", "aeiou"
	word := "q"
	for range 5 {
		word += string(consonants[n%len(consonants)])
		n /= len(consonants)
		word += string(vowels[n%len(vowels)])
		n /= len(vowels)
	}
	return word + "x"
}

// thorns are passages that filters like to alter.
var thorns = []string{
	`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%;`,
	"می‌خواهند که نیم‌فاصله‌ها بمانند، و «گیومه»‌ها هم.",
	"قالت الصحيفة إن العدد ١٢٣ باقٍ كما كُتب.",
	"👩‍🚀 and 🇮🇸, a\u00a0hard\u00a0space, naïve façade, Ⅻ, ﬁne; {{7*7}} ${x} ]]>",
	`\'; DROP TABLE story; -- %s $1 ? _ % &amp; &lt;`,
}

// prose writes texts by chance.
type prose struct{ chance *rand.Rand }

func newProse(seed uint64) *prose { return &prose{rand.New(rand.NewPCG(seed, 0x70726f7365))} }

// write makes the text of a story's nth save: own is the story's mark, and
// stands in the headline with one of this save's own.
func (p *prose) write(own, save string) text {
	t := text{
		headline:   fmt.Sprintf("Ledger %s %s & O’Brien’s “union select”", own, save),
		standfirst: "What was acknowledged " + p.words(12) + ".",
	}
	for range 2 + p.chance.IntN(4) {
		t.paragraphs = append(t.paragraphs, p.words(20+p.chance.IntN(40))+". "+thorns[p.chance.IntN(len(thorns))])
	}
	return t
}

func (p *prose) words(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.TrimSuffix(mark(p.chance.IntN(1 << 20))[1:7], "x")
	}
	return strings.Join(all, " ")
}
