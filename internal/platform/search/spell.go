package search

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode"

	"broadsheet/internal/platform/lang"
)

// Speller knows the words of an edition and finds the one that somebody may have
// meant. It is made of texts that readers can see, and made anew when those have
// changed; it is never changed itself.
//
// It keeps at most 50,000 words with their spelling and how often they came: with
// Go's headers about 100 bytes each, 5 MB for an edition, however many stories there
// are. While it is made it takes a few times as much.
type Speller struct {
	language string
	// byLength are the words of so many letters, in their order.
	byLength [longestSpelt + 1][]spelt
}

// spelt is a word that was seen: as letters, folded, and as it is written.
type spelt struct {
	letters []rune
	written string
	times   int32
}

// Limits of a speller: letters of a word, words that are kept, and words that are
// looked at while it is made.
const (
	shortestSpelt = 3
	longestSpelt  = 24
	mostSpelt     = 50_000
	mostSeen      = 200_000
)

// NewSpeller reads texts. Of the same texts in the same order it always makes the
// same speller.
func NewSpeller(language string, texts iter.Seq[string]) *Speller {
	type seen struct {
		written string
		times   int32
	}
	words := map[string]seen{}
	for text := range texts {
		for _, w := range lang.StemWords(text, language) {
			if !spellable(w.Text) {
				continue
			}
			written := text[w.Start:w.End]
			was, there := words[w.Text]
			switch {
			case there && (!plain(written) || plain(was.written)):
				words[w.Text] = seen{was.written, was.times + 1}
			case there || len(words) < mostSeen:
				words[strings.Clone(w.Text)] = seen{strings.Clone(written), was.times + 1}
			}
		}
	}
	kept := make([]spelt, 0, len(words))
	for folded, s := range words {
		kept = append(kept, spelt{[]rune(folded), s.written, s.times})
	}
	slices.SortFunc(kept, func(a, b spelt) int {
		return cmp.Or(cmp.Compare(b.times, a.times), slices.Compare(a.letters, b.letters))
	})
	s := &Speller{language: language}
	for _, w := range kept[:min(len(kept), mostSpelt)] {
		s.byLength[len(w.letters)] = append(s.byLength[len(w.letters)], w)
	}
	for n := range s.byLength {
		s.byLength[n] = slices.Clip(s.byLength[n])
		slices.SortFunc(s.byLength[n], func(a, b spelt) int { return slices.Compare(a.letters, b.letters) })
	}
	return s
}

// spellable tells whether a folded word is one that can be misspelt: letters alone,
// of a length that words have.
func spellable(word string) bool {
	n := 0
	for _, r := range word {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
	}
	return shortestSpelt <= n && n <= longestSpelt
}

// plain tells whether a word is written without capitals: a word that is no name.
func plain(word string) bool { return strings.ToLower(word) == word }

// Suggest returns what was asked for with the words that nobody has written changed
// to the nearest that somebody has, or "" when there is no better way to write it.
func (s *Speller) Suggest(asked string) string {
	var better strings.Builder
	at, changed := 0, false
	for n, w := range lang.StemWords(asked, s.language) {
		if n >= MaxWords || w.Start < at || w.Part || !spellable(w.Text) {
			continue
		}
		near, ok := s.nearest([]rune(w.Text))
		if !ok {
			continue
		}
		if written := lang.StemWords(near, s.language); len(written) == 1 && written[0].Stem == w.Stem {
			continue // another form of the same word finds the same
		}
		better.WriteString(asked[at:w.Start])
		better.WriteString(near)
		at, changed = w.End, true
	}
	if !changed {
		return ""
	}
	return better.String() + asked[at:]
}

// nearest is the word nearest to one that is not known: of those as near the most
// frequent, of these the first.
func (s *Speller) nearest(word []rune) (written string, ok bool) {
	if _, known := slices.BinarySearchFunc(s.byLength[len(word)], word, func(w spelt, t []rune) int { return slices.Compare(w.letters, t) }); known {
		return "", false
	}
	most := 1
	if len(word) > 5 {
		most = 2
	}
	var best spelt
	distance := most + 1
	var rows distances
	for length := max(shortestSpelt, len(word)-most); length <= min(longestSpelt, len(word)+most); length++ {
		for _, w := range s.byLength[length] {
			d := rows.between(word, w.letters, distance)
			if d < distance || d == distance && d <= most && (w.times > best.times || w.times == best.times && slices.Compare(w.letters, best.letters) < 0) {
				best, distance = w, d
			}
		}
	}
	return best.written, distance <= most
}

// distances are three rows of the table of distances between beginnings.
type distances [3][longestSpelt + 1]int

// between counts the letters that were left out, put in, changed or swapped with
// their neighbour between two words; it stops counting above most.
func (rows *distances) between(a, b []rune, most int) int {
	before, last, row := &rows[0], &rows[1], &rows[2]
	for n := range len(b) + 1 {
		last[n] = n
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
