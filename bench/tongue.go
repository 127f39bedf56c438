package main

import (
	"math"
	"math/rand/v2"
	"strings"
)

// tongue makes text of no meaning that looks like one language to a program:
// its letters, the lengths of its words, and how often each comes back. Only so
// do compression, slugs and the search index meet what they meet in life.
type tongue struct {
	edition string
	// begins, middles and ends make syllables; an empty one makes it shorter.
	begins, middles, ends []string
	// joint sometimes stands within a word: the half-space of Persian.
	joint string
	// comma and stop end clauses and sentences.
	comma, stop string
	// stories are as many as a corpus has, length the letters of a usual one.
	stories, length int
}

// tongues are the three languages. The numbers of stories and their lengths are
// those of public collections of news in these languages.
func tongues() []tongue {
	return []tongue{
		{edition: "en", stories: 5_987, length: 2_300, comma: ",", stop: ".",
			begins:  strings.Fields("b c d f g h l m n p r s t v w th st pr tr br ch sh cl gr"),
			middles: strings.Fields("a e i o u ea ou ai ee io"),
			ends:    append(strings.Fields("n r s t l m d ng nt st ck"), "", "", "", "")},
		{edition: "ar", stories: 6_000, length: 750, comma: "،", stop: ".",
			begins:  strings.Fields("ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ع غ ف ق ك ل م ن ه و ي أ ال مس است"),
			middles: append(strings.Fields("ا و ي ا"), "", "", ""),
			ends:    append(strings.Fields("ر ن م ل د ت ة ب ق س ين ات ية"), "", "")},
		{edition: "fa", stories: 2_213, length: 1_800, comma: "،", stop: ".", joint: "\u200c",
			begins:  strings.Fields("ب پ ت ج چ ح خ د ر ز ژ س ش ص ط ع ف ق ک گ ل م ن و ه ی آ"),
			middles: append(strings.Fields("ا و ی ا"), "", "", ""),
			ends:    append(strings.Fields("ر ن م ل د ت ب ه ش ست ان ها ند"), "", "")},
	}
}

// writer writes in a tongue, always the same from the same seed.
type writer struct {
	tongue
	chance *rand.Rand
	words  []string
	common *rand.Zipf
}

// vocabulary is how many different words a writer knows.
const vocabulary = 20_000

func newWriter(t tongue, seed uint64) *writer {
	w := &writer{tongue: t, chance: rand.New(rand.NewPCG(seed, uint64(len(t.edition))))}
	w.common = rand.NewZipf(w.chance, 1.08, 3, vocabulary-1)
	known := map[string]bool{}
	for len(w.words) < vocabulary {
		// The common words are short, as in life.
		word := w.invent(1 + len(w.words)/1_500)
		if !known[word] {
			known[word] = true
			w.words = append(w.words, word)
		}
	}
	return w
}

// invent makes a word of at most so many syllables, and never more than four.
func (w *writer) invent(most int) string {
	var word strings.Builder
	syllables := 1 + w.chance.IntN(min(4, most+1))
	for n := range syllables {
		if w.joint != "" && n == syllables-1 && n > 1 {
			word.WriteString(w.joint)
		}
		word.WriteString(w.one(w.begins) + w.one(w.middles) + w.one(w.ends))
	}
	return word.String()
}

func (w *writer) one(of []string) string { return of[w.chance.IntN(len(of))] }

func (w *writer) word() string { return w.words[w.common.Uint64()] }

// phrase is some words without an end: a headline or a name.
func (w *writer) phrase(least, most int) string {
	words := make([]string, least+w.chance.IntN(most-least+1))
	for n := range words {
		words[n] = w.word()
	}
	return upper(strings.Join(words, " "))
}

// phrases are names that come back: of authors, topics, sections.
func (w *writer) phrases(count, least, most int) []string {
	all := make([]string, count)
	for n := range all {
		all[n] = w.phrase(least, most)
	}
	return all
}

// headline is a phrase with a rare word in it, so that few are alike.
func (w *writer) headline() string {
	return w.phrase(3, 6) + " " + w.words[w.chance.IntN(len(w.words))] + " " + w.phrase(1, 2)
}

func (w *writer) sentence() string {
	text := w.phrase(5, 14)
	for w.chance.IntN(3) == 0 {
		text += w.comma + " " + w.word() + " " + w.phrase(3, 9)
	}
	return text + w.stop
}

func (w *writer) paragraph() string {
	sentences := make([]string, 1+w.chance.IntN(4))
	for n := range sentences {
		sentences[n] = w.sentence()
	}
	return strings.Join(sentences, " ")
}

// text is paragraphs until there are so many bytes.
func (w *writer) text(bytes int) string {
	var text strings.Builder
	for text.Len() < bytes {
		if text.Len() > 0 {
			text.WriteString("\n\n")
		}
		text.WriteString(w.paragraph())
	}
	return text.String()
}

// storyBytes draws the length of a story: most are near the usual one, a few
// are many times as long.
func (w *writer) storyBytes() int {
	letter := len(w.begins[0]) // Arabic letters have two bytes
	return letter * int(float64(w.length)*math.Exp(0.7*w.chance.NormFloat64()-0.245))
}

// upper writes the first letter large where there are such.
func upper(s string) string {
	if s[0] >= 'a' && s[0] <= 'z' {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}
