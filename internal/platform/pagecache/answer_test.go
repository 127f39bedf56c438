package pagecache_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"broadsheet/internal/platform/pagecache"
)

func TestNegotiation(t *testing.T) {
	all := pagecache.Encodings(0).With(pagecache.Gzip).With(pagecache.Zstd).With(pagecache.Brotli)
	gz := pagecache.Encodings(0).With(pagecache.Gzip)
	for _, c := range []struct {
		accept string
		have   pagecache.Encodings
		want   pagecache.Encoding
	}{
		{"", all, pagecache.Identity},
		{"gzip, deflate, br, zstd", all, pagecache.Brotli},
		{"gzip, deflate, br, zstd", gz, pagecache.Gzip},
		{"gzip, deflate, br", 0, pagecache.Identity},
		{"GZip", all, pagecache.Gzip},
		{"x-gzip", all, pagecache.Gzip},
		{"br;q=0.5, gzip", all, pagecache.Gzip},
		{"br;q=0.5, gzip;q=0.501", all, pagecache.Gzip},
		{"br;q=0.5,gzip;q=0.5", all, pagecache.Brotli},
		{"br ; q=1.000 ,gzip", all, pagecache.Brotli},
		{"br;Q=0, gzip;q=0.000", all, pagecache.Identity},
		{"br;q=0", all, pagecache.Identity},
		{"*", all, pagecache.Brotli},
		{"*;q=0.1, br;q=0", all, pagecache.Zstd},
		{"*;q=0.1, br;q=0, zstd;q=0", all, pagecache.Gzip},
		{"gzip, zstd", all, pagecache.Zstd},
		{"gzip, zstd;q=0.9", all, pagecache.Gzip},
		{"*;q=0", all, pagecache.Identity},
		{"identity;q=0, gzip", 0, pagecache.Identity},
		{"identity, gzip;q=0.5", all, pagecache.Identity},
		{"identity;q=0.5, gzip;q=0.6", all, pagecache.Gzip},
		{"gzip;q=0.5", all, pagecache.Gzip},
		{"gzip;q=2", all, pagecache.Identity},
		{"gzip;q=1.001", all, pagecache.Identity},
		{"gzip;q=0.1234", all, pagecache.Identity},
		{"gzip;q=x", all, pagecache.Identity},
		{"gzip;q=", all, pagecache.Identity},
		{"gzip;level=9", all, pagecache.Identity},
		{"gzipped, brx", all, pagecache.Identity},
		{", ,\tgzip,,", all, pagecache.Gzip},
		{"deflate", all, pagecache.Identity},
	} {
		if got := pagecache.Negotiate(c.accept, c.have); got != c.want {
			t.Errorf("%q among %b: got %v, want %v", c.accept, c.have, got, c.want)
		}
	}
}

func FuzzNegotiationIsTheSameForStringsAndBytes(f *testing.F) {
	f.Add("gzip;q=0.5, *;q=0, br", uint8(7))
	f.Fuzz(func(t *testing.T, accept string, have uint8) {
		set := pagecache.Encodings(have)
		s, b := pagecache.Negotiate(accept, set), pagecache.Negotiate([]byte(accept), set)
		if s != b || !set.Has(s) {
			t.Errorf("got %v and %v of %b", s, b, have)
		}
	})
}

const modified = "Tue, 03 Mar 2026 10:00:00 GMT"

// full is an entry with all that an answer may have.
func full(t *testing.T, c *pagecache.Cache) *pagecache.Entry {
	e := fetch(t, c, "/full", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Type: "text/html; charset=utf-8", Body: prose(3000), Header: []pagecache.HeaderField{
			{Name: "cache-control", Value: "max-age=60, stale-while-revalidate=30"},
			{Name: "Link", Value: "</a.css>; rel=preload"},
			{Name: "Link", Value: "</b.css>; rel=preload"},
			{Name: "Last-Modified", Value: modified},
			{Name: "X-Empty", Value: ""},
		}}, nil
	})
	synctest.Wait()
	return e
}

func TestConditionsAreJudgedForTheVariantChosen(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		e := full(t, c)
		br, gz, id := e.ETag(pagecache.Brotli), e.ETag(pagecache.Gzip), e.ETag(pagecache.Identity)
		if br == gz || gz == id || br == id || br == "" {
			t.Fatalf("tags %s, %s, %s are not three", br, gz, id)
		}
		const earlier, later = "Tue, 03 Mar 2026 09:59:59 GMT", "Tue, 03 Mar 2026 10:00:01 GMT"
		for _, c := range []struct {
			header []string
			want   int
		}{
			{[]string{}, 200},
			{[]string{"If-None-Match", br}, 304},
			{[]string{"If-None-Match", "W/" + br}, 304},
			{[]string{"If-None-Match", `"x", W/"y" ,` + br}, 304},
			{[]string{"If-None-Match", `"x"`, "If-None-Match", br}, 304},
			{[]string{"If-None-Match", "*"}, 304},
			{[]string{"If-None-Match", gz}, 200},
			{[]string{"If-None-Match", gz, "Accept-Encoding", "gzip"}, 304},
			{[]string{"If-None-Match", br, "Accept-Encoding", "gzip"}, 200},
			{[]string{"If-None-Match", id, "Accept-Encoding", "identity"}, 304},
			{[]string{"If-None-Match", strings.Trim(br, `"`)}, 200},
			{[]string{"If-None-Match", "x," + br}, 200},
			{[]string{"If-Modified-Since", modified}, 304},
			{[]string{"If-Modified-Since", later}, 304},
			{[]string{"If-Modified-Since", earlier}, 200},
			{[]string{"If-Modified-Since", "soon"}, 200},
			{[]string{"If-Modified-Since", later, "If-None-Match", `"x"`}, 200},
			{[]string{"If-Match", br}, 200},
			{[]string{"If-Match", "*"}, 200},
			{[]string{"If-Match", "W/" + br}, 412},
			{[]string{"If-Match", gz}, 412},
			{[]string{"If-Match", br, "If-None-Match", br}, 304},
			{[]string{"If-Unmodified-Since", earlier}, 412},
			{[]string{"If-Unmodified-Since", modified}, 200},
			{[]string{"If-Unmodified-Since", earlier, "If-Match", br}, 200},
		} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", "gzip, br")
			for i := 0; i < len(c.header); i += 2 {
				if c.header[i] == "Accept-Encoding" {
					r.Header.Del("Accept-Encoding")
				}
				r.Header.Add(c.header[i], c.header[i+1])
			}
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%v: got %d, want %d", c.header, w.Code, c.want)
			}
			if w.Code != 200 && w.Body.Len() > 0 {
				t.Errorf("%v: %d has a body", c.header, w.Code)
			}
		}
	})
}

func TestErrorPagesHaveNoTagAndNoConditions(t *testing.T) {
	c := open(t)
	e := fetch(t, c, "/gone", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Status: 410, Body: []byte("gone")}, nil
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("If-None-Match", "*")
	r.Header.Set("If-Match", `"x"`)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	line, _ := e.Answer(nil, []byte("*"))
	if w.Code != 410 || w.Header().Get("Etag") != "" || string(line) != "HTTP/1.1 410 Gone\r\n" {
		t.Errorf("got %d, tag %q, line %q", w.Code, w.Header().Get("Etag"), line)
	}
}

// TestBytesEqualWhatNetHTTPWrites sends the same requests through a real server
// and compares with the prebuilt bytes.
func TestBytesEqualWhatNetHTTPWrites(t *testing.T) {
	c := open(t)
	entries := map[string]*pagecache.Entry{}
	add := func(name string, page pagecache.Page) {
		entries["/"+name] = fetch(t, c, name, func(context.Context) (*pagecache.Page, error) { return &page, nil })
	}
	head := []pagecache.HeaderField{{Name: "cache-control", Value: "max-age=60"}, {Name: "Link", Value: "</a>; rel=x"}, {Name: "Link", Value: "</b>; rel=y"},
		{Name: "Expires", Value: modified}, {Name: "Last-Modified", Value: modified}, {Name: "X-Empty", Value: ""}}
	add("page", pagecache.Page{Type: "text/html", Body: prose(9000), Header: head})
	add("small", pagecache.Page{Type: "text/plain", Body: []byte("x"), Header: head})
	add("empty", pagecache.Page{})
	add("missing", pagecache.Page{Status: 404, Body: []byte("none"), Type: "text/html", Header: head})
	add("moved", pagecache.Page{Status: 301, Header: []pagecache.HeaderField{{Name: "Location", Value: "/page"}}})
	add("odd", pagecache.Page{Status: 299})
	for !entries["/page"].Encodings().Has(pagecache.Brotli) {
		runtime.Gosched()
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entries[r.URL.Path].ServeHTTP(w, r)
	}))
	defer srv.Close()
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	for path, e := range entries {
		for _, accept := range []string{"identity", "gzip", "br"} {
			for _, match := range []string{"", "*", e.ETag(pagecache.Identity), e.ETag(pagecache.Gzip), `"x"`} {
				r, _ := http.NewRequest("GET", srv.URL+path, nil)
				r.Header.Set("Accept-Encoding", accept)
				r.Header.Set("If-None-Match", match)
				through, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				line, rest := e.Answer([]byte(accept), []byte(match))
				raw := string(line) + "Date: " + through.Header.Get("Date") + "\r\n" + string(rest)
				direct, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), r)
				if err != nil {
					t.Fatalf("%s: %v in %q", path, err, raw)
				}
				if got, want := shown(t, direct), shown(t, through); got != want {
					t.Errorf("%s %q %q: got\n%s\nwant\n%s", path, accept, match, got, want)
				}
			}
		}
	}
}

// shown is a response as text: status, sorted fields, body.
func shown(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, r.Proto, r.Status, r.ContentLength, r.Close)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&b, "%s: %q\n", name, r.Header[name])
	}
	return b.String() + string(body)
}

func TestEachEncodingHoldsTheSameText(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		e := full(t, c)
		readers := map[string]func(io.Reader) io.Reader{
			"identity": func(r io.Reader) io.Reader { return r },
			"br":       func(r io.Reader) io.Reader { return brotli.NewReader(r) },
			"zstd": func(r io.Reader) io.Reader {
				z, err := zstd.NewReader(r)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(z.Close)
				return z
			},
			"gzip": func(r io.Reader) io.Reader {
				z, err := gzip.NewReader(r)
				if err != nil {
					t.Fatal(err)
				}
				return z
			},
		}
		for name, reader := range readers {
			_, rest := e.Answer([]byte(name), nil)
			head, body, _ := bytes.Cut(rest, []byte("\r\n\r\n"))
			got, err := io.ReadAll(reader(bytes.NewReader(body)))
			if err != nil || !bytes.Equal(got, prose(3000)) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
			if name != "identity" && !bytes.Contains(head, []byte("\r\nContent-Encoding: "+name)) {
				t.Errorf("%s: the head %q does not name it", name, head)
			}
			if !bytes.Contains(head, []byte("Vary: Accept-Encoding")) {
				t.Errorf("%s: no Vary in %q", name, head)
			}
		}
	})
}

func TestWhatLastsIsPackedAsSmallAsItGets(t *testing.T) {
	var body []byte
	for n := range 200 {
		body = fmt.Appendf(body, ".card-%d { margin: %dpx %drem; color: #%06x }\n", n, n*7%13, n%5, n*n*31)
	}
	size := func(lasting bool) int {
		var length int
		synctest.Test(t, func(t *testing.T) {
			c := pagecache.New(pagecache.Options{MaxBytes: 1 << 20})
			defer c.Close()
			make := func(context.Context) (*pagecache.Page, error) {
				return &pagecache.Page{Type: "text/css", Body: body, Lasting: lasting}, nil
			}
			for range 2 {
				entry, _, err := c.Fetch(t.Context(), "a", make)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				w := httptest.NewRecorder()
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Accept-Encoding", "br")
				entry.ServeHTTP(w, r)
				length = w.Body.Len()
			}
		})
		return length
	}
	if small, usual := size(true), size(false); small >= usual || usual >= len(body) {
		t.Errorf("what lasts has %d bytes, what does not %d, of %d", small, usual, len(body))
	}
}
