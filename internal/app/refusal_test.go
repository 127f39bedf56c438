package app

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/news/wire"
)

// nonsense is what stands in addresses where a name, a number, a day or a place in
// a list should: escaped, as it goes over the wire.
var nonsense = map[string]string{
	"an unknown name":        "no-such-thing",
	"a number out of bounds": "99999999999999999999",
	"a negative number":      "-1",
	"a day that is none":     "2026-13-45",
	"a place past the end":   "1-1",
	"a place of another":     "zzzzzzzzzzzzz-zzzzzzzzzzzzz",
	"bytes that are no text": "%FF%FE",
	"an overlong slash":      "%C0%AF",
	"half a character":       "%D9",
	"a surrogate":            "%ED%A0%80",
	"NUL":                    "a%00b",
	"a line end":             "a%0D%0ASet-Cookie:%20a=b",
	"markup":                 url.PathEscape(`<script>alert("x")</script>`),
	"an attribute":           url.PathEscape(`" autofocus onfocus="alert(1)`),
	"SQL":                    url.PathEscape(`' union select password from staff --`),
	"a search operator":      url.PathEscape(`NEAR("a" b) AND NOT c* OR col:^d (`),
	"a template":             url.PathEscape(`{{7*7}}${7*7}`),
	"a way out":              "..%2F..%2F..%2Fetc%2Fpasswd",
	"a way out, twice":       "%252e%252e%252fetc%252fpasswd",
	"a backslash":            "..%5C..%5Cwindows",
	"an override":            url.PathEscape("\u202eevil\u202c"),
	"an isolate":             url.PathEscape("\u2066\u2067evil"),
	"ten kilobytes":          strings.Repeat("a", 10<<10),
	"ten kilobytes escaped":  strings.Repeat("%D8%A7", 10<<10/6),
	"another host":           url.PathEscape("//evil.example/"),
}

// spots are where nonsense is put: %[1]s is the edition, %[2]s the nonsense, %[3]s
// a section.
var spots = []string{
	"/%[1]s/%[2]s", "/%[1]s/%[2]s/", "/%[1]s/%[2]s/%[2]s", "/%[1]s/%[2]s/feed.xml",
	"/%[1]s/%[3]s/%[2]s", "/%[1]s/%[3]s/%[2]s/versions", "/%[1]s/%[3]s/%[2]s/versions/1", "/%[1]s/%[3]s/%[2]s/versions/%[2]s", "/%[1]s/%[3]s/none/versions/%[2]s",
	"/%[1]s/%[3]s/none/versions/%[2]s...%[2]s", "/%[1]s/genre/%[2]s/", "/%[1]s/topic/%[2]s", "/%[1]s/topic/%[2]s/feed.xml", "/%[1]s/author/%[2]s", "/%[1]s/author/%[2]s/feed.xml",
	"/%[1]s/about/%[2]s", "/%[1]s/sitemap-%[2]s.xml", "/%[1]s/archive/%[2]s/01/02", "/%[1]s/archive/2026/%[2]s/02", "/%[1]s/archive/2026/01/%[2]s",
	"/%[1]s/most-viewed/%[2]s", "/%[1]s/gallery/%[2]s",
	"/%[1]s/latest/?before=%[2]s", "/%[1]s/%[3]s/?before=%[2]s", "/%[1]s/genre/news/?before=%[2]s", "/%[1]s/corrections?before=%[2]s",
	"/%[1]s/search?q=a&page=%[2]s", "/%[1]s/search?q=%[2]s", "/%[1]s/search?q=a&sort=%[2]s",
}

// mayAnswer tells spots whose answer may be a page after all, which nobody keeps: what
// is typed into a search is words, and an order that is none is no order.
func mayAnswer(spot string) bool { return strings.Contains(spot, "search?") }

// directions are the editions of the test, and newsroom their first sections.
var (
	directions = map[string]string{"en": "ltr", "ar": "rtl", "fa": "rtl"}
	newsroom   = map[string]string{"en": "news", "ar": url.PathEscape("أخبار"), "fa": url.PathEscape("خبر")}
)

// TestNonsenseInAnAddressIsRefusedInTheEditionsLook asks for every nonsense in
// every spot of every edition: it is refused with a page in the edition's
// language that says so and leads on, nothing of it comes back as markup, and no
// page is kept for it.
func TestNonsenseInAnAddressIsRefusedInTheEditionsLook(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		handler := n.handler()
		for key := range directions {
			importLines(t, n, key, 30)
			// What stands around other pages is kept for all of them.
			for _, at := range []string{"/%[1]s/", "/%[1]s/latest/", "/%[1]s/%[2]s/", "/%[1]s/genre/news/", "/%[1]s/corrections", "/%[1]s/in-focus/", "/%[1]s/search?q=a", "/%[1]s/search"} {
				if w := visit(t, handler, "GET", fmt.Sprintf(at, key, newsroom[key])); w.Code != http.StatusOK {
					t.Fatalf("%s of %s answers %d", at, key, w.Code)
				}
			}
		}
		before := n.site.Pages().Stats()
		asked := 0
		for key := range directions {
			for what, piece := range nonsense {
				for _, spot := range spots {
					at := fmt.Sprintf(spot, key, piece, newsroom[key])
					asked++
					judgeRefusal(t, what, key, piece, at, mayAnswer(spot), visit(t, handler, "GET", at))
				}
			}
			for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
				if w := visit(t, handler, method, "/"+key+"/"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
					t.Errorf("%s answers %d, allowing %q", method, w.Code, w.Header().Get("Allow"))
				}
			}
			for _, ignored := range []string{"/%[1]s/?utm_source=a", "/%[1]s/latest/?fbclid=b&x[]=c", "/%[1]s/%[2]s/?page=99999"} {
				visit(t, handler, "GET", fmt.Sprintf(ignored, key, newsroom[key]))
			}
		}
		if after := n.site.Pages().Stats(); after.Entries != before.Entries || after.Copies != before.Copies {
			t.Errorf("%d pages and %d copies are kept after %d addresses of nonsense, %d and %d were before", after.Entries, after.Copies, asked, before.Entries, before.Copies)
		}
		t.Logf("%d addresses", asked)
	})
}

// importLines brings stories of one line into an edition: more than a page of a
// list holds.
func importLines(t *testing.T, n *Newsroom, key string, count int) {
	t.Helper()
	var file bytes.Buffer
	for i := range count {
		fmt.Fprintf(&file, `{"id": "%s-%d", "title": "Line %d", "date": "2020-01-%02dT10:00:00Z", "paragraphs": ["A line of news."]}`+"\n", key, i, i, i%28+1)
	}
	order := ImportOrder{Format: "articles", Edition: key, Genre: "news"}
	if _, err := n.importHere(t.Context(), order, ImportFile{Name: key + ".jsonl", Size: int64(file.Len())}, &file, func(wire.Progress) {}); err != nil {
		t.Fatal(err)
	}
}

// visit asks as a reader's browser does, past what a client would mend.
func visit(t *testing.T, handler http.Handler, method, at string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://paper.example/", nil)
	path, query, _ := strings.Cut(at, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery, r.RequestURI = decoded, path, query, at
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// What a refusal says.
var (
	opening  = regexp.MustCompile(`<html lang="([a-z]+)" dir="([a-z]+)"`)
	sentence = regexp.MustCompile(`<p class="(?:standfirst|fault)"[^>]*>[^<]{8,}`)
)

func judgeRefusal(t *testing.T, what, key, piece, at string, mayAnswer bool, w *httptest.ResponseRecorder) {
	t.Helper()
	body, shown := w.Body.String(), fmt.Sprintf("%.90s (%s)", at, what)
	switch {
	case w.Code == http.StatusFound || w.Code == http.StatusMovedPermanently:
		judgeMove(t, shown, key, w)
		return
	case mayAnswer && w.Code == http.StatusOK:
	case w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound && w.Code != http.StatusRequestURITooLong:
		t.Errorf("%s answers %d", shown, w.Code)
		return
	}
	if control := w.Header().Get("Cache-Control"); control != "no-store" {
		t.Errorf("%s: got Cache-Control %q, want no-store", shown, control)
	}
	if found := opening.FindStringSubmatch(body); found == nil || found[1] != key || found[2] != directions[key] {
		t.Errorf("%s: got %q, want a page in %s", shown, found, key)
	}
	if w.Code != http.StatusOK && !sentence.MatchString(body) {
		t.Errorf("%s: nothing says what is wrong", shown)
	}
	if !strings.Contains(body, `href="/`+key+`/"`) || strings.Count(body, "<h1") != 1 {
		t.Errorf("%s: the page leads nowhere, or has no heading", shown)
	}
	if raw, err := url.PathUnescape(piece); err == nil && strings.ContainsAny(raw, `<"`) && strings.Contains(body, raw) {
		t.Errorf("%s: it comes back as markup", shown)
	}
	if strings.Contains(body, "\x00") || strings.Contains(body, "\xff") {
		t.Errorf("%s: bytes come back that are no text", shown)
	}
}

// judgeMove looks at a refusal that leads on: only inside the edition.
func judgeMove(t *testing.T, shown, key string, w *httptest.ResponseRecorder) {
	t.Helper()
	to := w.Header().Get("Location")
	if !strings.HasPrefix(to, "/"+key+"/") || strings.ContainsAny(to, "\r\n\x00<\"") {
		t.Errorf("%s leads to %q", shown, to)
	}
	if w.Code == http.StatusFound && w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%s: got Cache-Control %q for a move", shown, w.Header().Get("Cache-Control"))
	}
	if len(w.Result().Cookies()) > 0 {
		t.Errorf("%s sets %v", shown, w.Result().Cookies())
	}
}

// TestNonsenseIsPutEverywhere keeps the spots honest: each has a place for it.
func TestNonsenseIsPutEverywhere(t *testing.T) {
	for _, spot := range spots {
		if !strings.Contains(spot, "%[2]s") || !strings.HasPrefix(spot, "/%[1]s/") {
			t.Errorf("%s has no place for nonsense", spot)
		}
	}
	if slices.Contains(spots, "") || len(spots)*len(nonsense) < 500 {
		t.Errorf("only %d spots", len(spots))
	}
}
