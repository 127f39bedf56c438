package body

import (
	"reflect"
	"slices"
	"sort"
	"unicode"

	"broadsheet/internal/news/ref"
)

// unit is something that is looked for on the other side: a block, an item of
// a list, a row of a table.
type unit struct {
	key   Key
	value any
	// words are the hashes of its words, sorted.
	words []uint64
}

func units(b Body) []unit {
	all := make([]unit, len(b))
	for i := range b {
		all[i] = unit{key: b[i].Key, value: b[i].Value, words: profile(wholly(b[i].Value))}
	}
	return all
}

// textUnits are units without keys.
func textUnits[T any](all []T, text func(T) string) []unit {
	found := make([]unit, len(all))
	for i, one := range all {
		found[i] = unit{value: one, words: profile(text(one))}
	}
	return found
}

// profile is a text's words, hashed and sorted.
func profile(s string) []uint64 {
	var words []uint64
	start := -1
	for i, r := range s {
		inside := 'a' <= r && r <= 'z' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == zwnj
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			words = append(words, hashed(s[start:i]))
			start = -1
		}
	}
	if start >= 0 {
		words = append(words, hashed(s[start:]))
	}
	slices.Sort(words)
	return words
}

// hashed is FNV-1a: the same word has the same hash in every run, so that the
// same bodies always compare alike.
func hashed(word string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(word); i++ {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	return h
}

// zwnj is the half-space of Persian.
const zwnj = '\u200c'

// likeness is how much two units have in common, from 0 to 1.
func likeness(a, b []uint64) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			shared++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}

// How much two units must have in common to be taken for one: less where the
// key says so too.
const (
	alikeByKey = .3
	alikeAlone = .5
)

// What the search for likeness looks at, which keeps it from growing with the
// product of the sides: rare words of a unit's beginning.
const (
	rareWords  = 96
	rareEnough = 8
	bestFew    = 3
)

// matcher finds for every new unit the old one that it was.
type matcher struct {
	old, new []unit
	// fits tells whether two units can be the same one.
	fits func(old, new int) bool
	// from has the old unit of each new one, -1 for none; taken are the old
	// ones that have been found.
	from  []int
	taken []bool
}

func (m *matcher) pairs() []int {
	m.from, m.taken = make([]int, len(m.new)), make([]bool, len(m.old))
	for n := range m.from {
		m.from[n] = -1
	}
	byKey := m.keys()
	m.eachKey(byKey, func(o, n int) bool { return reflect.DeepEqual(m.old[o].value, m.new[n].value) })
	m.eachKey(byKey, func(o, n int) bool {
		return m.fits(o, n) && (len(m.old[o].words)+len(m.new[n].words) == 0 || likeness(m.old[o].words, m.new[n].words) >= alikeByKey)
	})
	m.byForm()
	m.byLikeness()
	// A key is for life, even where no word is left.
	m.eachKey(byKey, m.fits)
	return m.from
}

func (m *matcher) keys() map[Key]int {
	byKey := make(map[Key]int, len(m.old))
	for o := len(m.old) - 1; o >= 0; o-- {
		if m.old[o].key != "" {
			byKey[m.old[o].key] = o
		}
	}
	return byKey
}

func (m *matcher) eachKey(byKey map[Key]int, accept func(old, new int) bool) {
	for n := range m.new {
		o, known := byKey[m.new[n].key]
		if known && m.from[n] < 0 && !m.taken[o] && accept(o, n) {
			m.pair(o, n)
		}
	}
}

func (m *matcher) pair(o, n int) { m.from[n], m.taken[o] = o, true }

// byForm pairs units that are equal, in their order.
func (m *matcher) byForm() {
	if !slices.Contains(m.from, -1) || !slices.Contains(m.taken, false) {
		return
	}
	free := map[string][]int{}
	for o := range m.old {
		if !m.taken[o] {
			text := spelled(m.old[o].value)
			free[text] = append(free[text], o)
		}
	}
	for n := range m.new {
		if m.from[n] >= 0 {
			continue
		}
		text := spelled(m.new[n].value)
		if list := free[text]; len(list) > 0 {
			m.pair(list[0], n)
			free[text] = list[1:]
		}
	}
}

// byLikeness pairs units that have most of their words in common, found by
// those words that few units have.
func (m *matcher) byLikeness() {
	places := map[uint64][]int{}
	for o := range m.old {
		if !m.taken[o] {
			eachWord(m.old[o].words, func(word uint64) {
				if len(places[word]) <= rareEnough {
					places[word] = append(places[word], o)
				}
			})
		}
	}
	if len(places) == 0 {
		return
	}
	votes := make([]int, len(m.old))
	for n := range m.new {
		if m.from[n] < 0 {
			m.elect(n, places, votes)
		}
	}
}

// elect pairs a unit with the best of those that share its rare words.
func (m *matcher) elect(n int, places map[uint64][]int, votes []int) {
	var asked []int
	eachWord(m.new[n].words, func(word uint64) {
		if len(places[word]) > rareEnough {
			return
		}
		for _, o := range places[word] {
			if m.taken[o] {
				continue
			}
			if votes[o] == 0 {
				asked = append(asked, o)
			}
			votes[o]++
		}
	})
	sort.Slice(asked, func(i, j int) bool {
		if votes[asked[i]] != votes[asked[j]] {
			return votes[asked[i]] > votes[asked[j]]
		}
		return asked[i] < asked[j]
	})
	best, most := -1, alikeAlone
	for _, o := range asked[:min(len(asked), bestFew)] {
		if now := likeness(m.old[o].words, m.new[n].words); now >= most && (best < 0 || now > most) && m.fits(o, n) {
			best, most = o, now
		}
	}
	for _, o := range asked {
		votes[o] = 0
	}
	if best >= 0 {
		m.pair(best, n)
	}
}

// eachWord calls f for different words of a unit, at most rareWords.
func eachWord(words []uint64, f func(uint64)) {
	count := 0
	for i, word := range words {
		if i > 0 && word == words[i-1] {
			continue
		}
		if count++; count > rareWords {
			return
		}
		f(word)
	}
}

// woven is a place of two lists laid into one: an index of each, -1 for none.
type woven struct {
	old, new int
	// moved says that the two stand in another order than the rest; the pair
	// then has two places.
	moved bool
}

// weave lays the old list into the new one. What stands in the same order on
// both sides stays; the rest stands where it was and where it is.
func weave(from []int, olds int) []woven {
	stays := longestRising(from)
	taken := make([]bool, olds)
	for _, o := range from {
		if o >= 0 {
			taken[o] = true
		}
	}
	var all []woven
	next, n := 0, 0
	upTo := func(o, to int) {
		for ; next < o; next++ {
			all = append(all, woven{next, -1, taken[next]})
		}
		for ; n < to; n++ {
			all = append(all, woven{from[n], n, from[n] >= 0})
		}
	}
	for _, at := range stays {
		upTo(from[at], at)
		all = append(all, woven{from[at], at, false})
		next, n = from[at]+1, at+1
	}
	upTo(olds, len(from))
	return all
}

// weaveInside is weave for the parts of a block, of which nobody is told that they
// moved: one that did was removed where it stood, and added where it stands.
func weaveInside(from []int, olds int) []woven {
	all := weave(from, olds)
	for i := range all {
		if all[i].moved && all[i].new >= 0 {
			all[i].old = -1
		}
	}
	return all
}

// longestRising returns the places of the longest part of a list that rises;
// negative values do not count.
func longestRising(values []int) []int {
	var ends []int // ends[k] is where the lowest end of a part of length k+1 stands
	before := make([]int, len(values))
	for i, v := range values {
		if v < 0 {
			continue
		}
		k := sort.Search(len(ends), func(k int) bool { return values[ends[k]] >= v })
		before[i] = -1
		if k > 0 {
			before[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	part := make([]int, len(ends))
	for k, i := len(ends)-1, ends[len(ends)-1]; k >= 0; k, i = k-1, before[i] {
		part[k] = i
	}
	return part
}

// mergeable tells whether one value can be shown as a change of the other.
func mergeable(old, new Value) bool {
	if reflect.TypeOf(old) != reflect.TypeOf(new) {
		return false
	}
	switch o := old.(type) {
	case nil:
		return false
	case Figure:
		return o.Asset == new.(Figure).Asset
	case File:
		return o.Asset == new.(File).Asset
	case Embed:
		return o.URL == new.(Embed).URL
	case Definition:
		return o == new.(Definition)
	case Note:
		return o.Kind == new.(Note).Kind
	case Table:
		return columns(o) == columns(new.(Table))
	case Gallery:
		return sharedPicture(o, new.(Gallery))
	case Foreign:
		return same(old, new)
	}
	return true
}

func columns(t Table) int {
	most := len(t.Head)
	for _, row := range t.Rows {
		most = max(most, len(row))
	}
	return most
}

func sharedPicture(a, b Gallery) bool {
	has := map[ref.Asset]bool{}
	for _, f := range a.Pictures {
		has[f.Asset] = true
	}
	return slices.ContainsFunc(b.Pictures, func(f Figure) bool { return has[f.Asset] })
}
