package site

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"broadsheet/internal/platform/lang"
)

// asked is what a reader asked for.
type asked struct {
	route *route
	// names are the pattern's names with the path's segments, decoded.
	names map[string]string
	query map[string]string
	// many are the parameters that may come more than once.
	many map[string][]string
	// unclean says that a parameter of a page that takes what is typed was no text,
	// or too long; query has what is text of it.
	unclean bool
	// path is the path in its one spelling, with the known query.
	path string
	// redirect is set when the address lacks its closing slash, or has one too
	// many.
	redirect string
}

// limits of what a reader may ask.
const (
	maxPath  = 4096
	maxQuery = 4096
	// maxTyped is for pages that answer what is typed with a sentence.
	maxTyped = 256 << 10
)

// find matches the path, segment by segment. A path or a query that is no text
// is refused.
func (s *Site) find(r *http.Request) (asked, error) {
	raw := r.URL.EscapedPath()
	if len(raw) > maxPath || len(r.URL.RawQuery) > maxTyped {
		return asked{}, &fault{status: http.StatusRequestURITooLong, key: "error.long"}
	}
	if !text(r.URL.Path) {
		return asked{}, &fault{status: http.StatusBadRequest, key: "error.address"}
	}
	segments := strings.Split(strings.TrimPrefix(raw, "/"), "/")
	for n, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return asked{}, &fault{status: http.StatusBadRequest, key: "error.address"}
		}
		segments[n] = decoded
	}
	for n := range s.table {
		route := &s.table[n]
		names, slash, ok := match(route.pattern, segments)
		if !ok {
			continue
		}
		if len(r.URL.RawQuery) > maxQuery && route.keep != never {
			return asked{}, &fault{status: http.StatusRequestURITooLong, key: "error.long"}
		}
		a := asked{route: route, names: names, path: spell(segments, slash)}
		if slash != (segments[len(segments)-1] == "") {
			a.redirect = withQuery(a.path, r.URL.RawQuery)
			return a, nil
		}
		return a, a.take(r.URL.RawQuery)
	}
	return asked{path: spell(segments, segments[len(segments)-1] == "")}, nil
}

// text tells whether s is text that the paper could have written.
func text(s string) bool {
	_, _, bad := lang.Control(s)
	return !bad && utf8.ValidString(s)
}

// match compares a path with a pattern; slash tells how the pattern ends. A
// closing slash too many or too few still matches, for a redirect.
func match(pattern string, segments []string) (names map[string]string, slash, ok bool) {
	wanted := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	slash = wanted[len(wanted)-1] == ""
	if slash {
		wanted = wanted[:len(wanted)-1]
	}
	if segments[len(segments)-1] == "" {
		segments = segments[:len(segments)-1]
	}
	if len(wanted) != len(segments) {
		return nil, slash, false
	}
	names = map[string]string{}
	for n, part := range wanted {
		name, value, ok := matchOne(part, segments[n])
		if !ok {
			return nil, slash, false
		}
		if name != "" {
			names[name] = value
		}
	}
	return names, slash, true
}

// matchOne compares one segment: a word, a name, or a name between two words.
func matchOne(part, segment string) (name, value string, ok bool) {
	open, end := strings.IndexByte(part, '{'), strings.IndexByte(part, '}')
	if open < 0 {
		return "", "", part == segment
	}
	before, after := part[:open], part[end+1:]
	if segment == "" || !strings.HasPrefix(segment, before) || !strings.HasSuffix(segment, after) || len(segment) <= len(before)+len(after) {
		return "", "", false
	}
	return part[open+1 : end], segment[len(before) : len(segment)-len(after)], true
}

// spell writes the path in the one spelling that keys have.
func spell(segments []string, slash bool) string {
	var path strings.Builder
	for _, segment := range segments {
		if segment != "" {
			path.WriteByte('/')
			path.WriteString(url.PathEscape(segment))
		}
	}
	if slash || path.Len() == 0 {
		path.WriteByte('/')
	}
	return path.String()
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// take reads the parameters that the route knows. A page that is never kept gets
// what is text of them, and says itself what is wrong with the rest.
func (a *asked) take(raw string) error {
	if raw == "" || len(a.route.query) == 0 {
		return nil
	}
	typed := a.route.keep == never
	values, broken := a.route.read(raw)
	if broken && !typed {
		return &fault{status: http.StatusBadRequest, key: "error.address"}
	}
	a.query, a.many, a.unclean = map[string]string{}, map[string][]string{}, broken
	known := url.Values{}
	for _, name := range a.route.query {
		name, repeated := strings.CutSuffix(name, repeats)
		for _, value := range values[name] {
			if value == "" {
				continue
			}
			clean := value
			if !text(value) {
				if !typed {
					return &fault{status: http.StatusBadRequest, key: "error.address"}
				}
				clean, a.unclean = cleaned(value), true
			}
			known.Add(name, value)
			if !repeated {
				a.query[name] = clean
				break
			}
			a.many[name] = append(a.many[name], clean)
		}
	}
	a.path = withQuery(a.path, known.Encode())
	return nil
}

// read reads the parameters that the route knows; broken says that one of them cannot
// be read. All others may be what they like.
func (t *route) read(raw string) (values url.Values, broken bool) {
	values = url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || !slices.Contains(t.query, name) && !slices.Contains(t.query, name+repeats) {
			continue
		}
		clean, err := url.QueryUnescape(value)
		if err != nil {
			clean, broken = value, true
		}
		values.Add(name, clean)
	}
	return values, broken
}

// repeats ends the name of a parameter that may come more than once.
const repeats = "*"

// cleaned is what is text of what was typed.
func cleaned(value string) string {
	return strings.Map(func(r rune) rune {
		if _, _, bad := lang.Control(string(r)); bad || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(value, ""))
}
