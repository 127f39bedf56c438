package pagecache

// Encoding is a content coding that entries are kept in.
type Encoding uint8

// The encodings, the worst first.
const (
	Identity Encoding = iota
	Gzip
	Zstd
	Brotli
	encodingCount
)

// String returns the name that Content-Encoding has for it.
func (e Encoding) String() string {
	switch e {
	case Gzip:
		return "gzip"
	case Zstd:
		return "zstd"
	case Brotli:
		return "br"
	}
	return "identity"
}

// Encodings is a set of them. Identity is always a member.
type Encodings uint8

// With returns the set with e in it.
func (s Encodings) With(e Encoding) Encodings { return s | 1<<e }

// Has says whether e is in the set.
func (s Encodings) Has(e Encoding) bool { return e == Identity || s&(1<<e) != 0 }

// Negotiate chooses the encoding for an Accept-Encoding field (several lines of
// it joined by commas) among those that there are, by RFC 9110 section 12.5.3:
// what the client weighs most, of equals the smallest. A client that refuses all
// that there is, or says nothing, gets Identity. It does not allocate.
func Negotiate[T string | []byte](accept T, have Encodings) Encoding {
	const unsaid = -1
	weights := [encodingCount]int{unsaid, unsaid, unsaid, unsaid}
	rest := unsaid
	for item := range items(accept) {
		coding, weight, ok := weigh(item)
		switch {
		case !ok:
		case len(coding) == 1 && coding[0] == '*':
			rest = weight
		case same(coding, "br"):
			weights[Brotli] = weight
		case same(coding, "zstd"):
			weights[Zstd] = weight
		case same(coding, "gzip"), same(coding, "x-gzip"):
			weights[Gzip] = weight
		case same(coding, "identity"):
			weights[Identity] = weight
		}
	}
	best, most := Identity, 0
	for e := range encodingCount {
		w := weights[e]
		if w == unsaid {
			w = rest
		}
		if w > 0 && w >= most && have.Has(e) {
			best, most = e, w
		}
	}
	return best
}

// items yields what stands between commas, trimmed, nothing empty.
func items[T string | []byte](list T) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		from := 0
		for i := 0; i <= len(list); i++ {
			if i < len(list) && list[i] != ',' {
				continue
			}
			if item := trim(list[from:i]); len(item) > 0 && !yield(item) {
				return
			}
			from = i + 1
		}
	}
}

// weigh takes an item apart into its coding and its weight in thousandths. An
// item with any parameter but a well-formed weight is not understood.
func weigh[T string | []byte](item T) (coding T, weight int, ok bool) {
	for i := range len(item) {
		if item[i] == ';' {
			weight, ok = quality(trim(item[i+1:]))
			return trim(item[:i]), weight, ok
		}
	}
	return item, 1000, true
}

// quality reads "q=0.123" in thousandths.
func quality[T string | []byte](s T) (thousandths int, ok bool) {
	if len(s) < 3 || len(s) > 7 || s[0]|0x20 != 'q' || s[1] != '=' || len(s) > 3 && s[3] != '.' {
		return 0, false
	}
	unit := 1000
	for i := 2; i < len(s); i++ {
		if i == 3 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		thousandths += int(s[i]-'0') * unit
		unit /= 10
	}
	return thousandths, thousandths <= 1000
}

func trim[T string | []byte](s T) T {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// same compares with a word of small letters, digits and hyphens, ignoring case.
func same[T string | []byte](s T, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(word) {
		b := s[i]
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		if b != word[i] {
			return false
		}
	}
	return true
}
