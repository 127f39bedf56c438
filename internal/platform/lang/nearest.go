package lang

import "slices"

// Nearest is the known word that most likely was meant: few letters to change,
// and the same beginning. It is empty when none is known.
func Nearest(word string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	far := func(other string) int {
		same := 0
		for same < min(len(word), len(other)) && word[same] == other[same] {
			same++
		}
		return distance(word, other) - 2*same
	}
	return slices.MinFunc(known, func(a, b string) int { return far(a) - far(b) })
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
