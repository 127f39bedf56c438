package pagecache

import (
	"net/http"
	"strings"
	"time"
)

// judge evaluates a request's preconditions against the chosen form in the order
// of RFC 9110 section 13.2.2 and returns the status that they lead to.
func (e *Entry) judge(h http.Header, f *form) int {
	if f.etag == "" {
		return e.status
	}
	if match, ok := joined(h, "If-Match"); ok {
		if !matches(match, f.etag, false) {
			return http.StatusPreconditionFailed
		}
	} else if since, ok := date(h, "If-Unmodified-Since"); ok && e.modified.After(since) {
		return http.StatusPreconditionFailed
	}
	if match, ok := joined(h, "If-None-Match"); ok {
		if matches(match, f.etag, true) {
			return http.StatusNotModified
		}
	} else if since, ok := date(h, "If-Modified-Since"); ok && !e.modified.IsZero() && !e.modified.After(since) {
		return http.StatusNotModified
	}
	return e.status
}

// joined is a list field whole, however many lines it came in. An empty one
// counts as absent.
func joined(h http.Header, name string) (string, bool) {
	v := strings.Join(h.Values(name), ",")
	return v, v != ""
}

func date(h http.Header, name string) (time.Time, bool) {
	t, err := http.ParseTime(h.Get(name))
	return t, err == nil
}

// matches says whether a list of entity tags names etag, which is strong. The
// weak comparison ignores the mark of weakness, the strong one never matches a
// weak tag. What is not well-formed ends the list.
func matches[T string | []byte](list T, etag string, weak bool) bool {
	list = trim(list)
	if len(list) == 1 && list[0] == '*' {
		return true
	}
	for {
		for len(list) > 0 && (list[0] == ',' || list[0] == ' ' || list[0] == '\t') {
			list = list[1:]
		}
		isWeak := len(list) > 2 && list[0] == 'W' && list[1] == '/'
		if isWeak {
			list = list[2:]
		}
		n := tagLength(list)
		if n == 0 {
			return false
		}
		if (weak || !isWeak) && equal(list[:n], etag) {
			return true
		}
		list = list[n:]
	}
}

// tagLength is how long the quoted tag at the start of s is; zero if none is there.
func tagLength[T string | []byte](s T) int {
	if len(s) < 2 || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			return i + 1
		}
	}
	return 0
}

func equal[T string | []byte](s T, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(word) {
		if s[i] != word[i] {
			return false
		}
	}
	return true
}
