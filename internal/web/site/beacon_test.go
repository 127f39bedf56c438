package site_test

import (
	"bytes"
	"context"
	"fmt"
	"image/gif"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// counted is a paper that counts its views, behind a proxy at 192.0.2.1 and 2.
type counted struct {
	*paper
	views *readership.Counter
	site  *site.Site
	mark  string
	story ref.Story
}

func newCounted(t *testing.T, d *db.DB) *counted {
	t.Helper()
	p := newPaper(t, d)
	c := &counted{paper: p}
	c.views, c.site = countingSite(t, d, p.mint, p.time)
	c.story = p.publish("en", 0, p.content("en", "A story", "Text.")).ID
	c.mark = c.views.Mark(c.story)
	return c
}

func countingSite(t testing.TB, d *db.DB, mint *ref.Mint, now func() time.Time) (*readership.Counter, *site.Site) {
	t.Helper()
	views, err := readership.Open(t.Context(), readership.Options{DB: d, Mint: mint, Spool: filepath.Join(t.TempDir(), "views"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	look, err := theme.Load(theme.Sources{Layers: []fs.FS{themes.Base()}, Dist: ui.Dist(), Languages: []string{"en", "fa"}, Samples: site.Samples()})
	if err != nil {
		t.Fatal(err)
	}
	s := site.New(site.Options{
		DB: d, Index: search.For(d), Theme: look, CacheBytes: 64 << 20, Media: http.NotFoundHandler(), Now: now,
		Views: views, TrustedProxy: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/30"), netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("2001:db8:ffff::/48")},
	})
	t.Cleanup(func() { s.Close() })
	return views, s
}

// ask sends a request of a browser; fields are "Name: value".
func (c *counted) ask(method, target, body string, fields ...string) *http.Response {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://paper.example"+target, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.9:4711"
	r.Header.Set("User-Agent", browser)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		switch name {
		case "Remote":
			r.RemoteAddr = value
		case "-":
			r.Header.Del(value)
		default:
			r.Header.Add(name, value)
		}
	}
	w := httptest.NewRecorder()
	c.site.ServeHTTP(w, r)
	return w.Result()
}

// count closes the counter and returns the views of all stories that have any.
func (c *counted) count(t testing.TB) map[ref.Story]int64 {
	t.Helper()
	views := map[ref.Story]int64{}
	if err := c.views.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	err := c.db.View(context.Background(), func(tx *db.Tx) error {
		_, err := db.List(tx, func(row db.Row) (none struct{}, err error) {
			var id ref.Story
			var n int64
			err = row.Scan(&id, &n)
			views[id] += n
			return none, err
		}, `select story, n from view_hour order by story, hour limit 10000`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return views
}

// sum closes the counter and returns how many views there were.
func (c *counted) sum(t testing.TB) (all int64) {
	t.Helper()
	for _, n := range c.count(t) {
		all += n
	}
	return all
}

const same = "Sec-Fetch-Site: same-origin"

func TestAStorysPageCountsItselfWithAndWithoutScript(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c := newCounted(t, d)
		page := c.ask("GET", "/en/water/a-story", "")
		body, err := io.ReadAll(page.Body)
		c.must(err)
		script := regexp.MustCompile(`<script src="(/assets/site-[A-Z0-9]+\.js)" defer></script>(?s:.*)<div hidden data-island="count" data-count="([^"]+)"></div>`).FindSubmatch(body)
		picture := regexp.MustCompile(`<noscript><img src="(/view\.gif\?([^"]+))"[^>]*></noscript>`).FindSubmatch(body)
		if script == nil || picture == nil || string(script[2]) != c.mark || string(picture[2]) != c.mark {
			t.Fatalf("the page has script %q and picture %q, want the mark %s", script, picture, c.mark)
		}
		source := c.ask("GET", string(script[1]), "")
		text, err := io.ReadAll(source.Body)
		c.must(err)
		if source.StatusCode != 200 || !strings.Contains(source.Header.Get("Content-Type"), "javascript") || len(text) > 6000 || !bytes.Contains(text, []byte(`"/view"`)) {
			t.Errorf("the script answers %d, %s, %d bytes", source.StatusCode, source.Header.Get("Content-Type"), len(text))
		}
		if answer := c.ask("POST", "/view", c.mark, same); answer.StatusCode != 204 || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the beacon is answered %d, %s", answer.StatusCode, answer.Header.Get("Cache-Control"))
		}
		answer := c.ask("GET", string(picture[1]), "", same, "Remote: 203.0.113.10:1")
		dot, err := gif.DecodeConfig(answer.Body)
		if err != nil || dot.Width != 1 || dot.Height != 1 || answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Content-Type") != "image/gif" {
			t.Errorf("the picture is %v, %v, %v", dot, err, answer.Header)
		}
		for _, path := range []string{"/en/", "/en/water/", "/en/nothing/"} {
			other, err := io.ReadAll(c.ask("GET", path, "").Body)
			c.must(err)
			if bytes.Contains(other, []byte("view.gif")) {
				t.Errorf("%s counts", path)
			}
		}
		if got := c.count(t)[c.story]; got != 2 {
			t.Errorf("got %d views, want 2", got)
		}
	})
}

func TestOnlyAReadersViewCounts(t *testing.T) {
	requests := []struct {
		method, target string
		fields         []string
		want           int64
	}{
		{"POST", "/view", []string{same}, 1},
		{"POST", "/view", []string{"Sec-Fetch-Site: none"}, 1},
		{"POST", "/view", []string{"Sec-Fetch-Site: cross-site"}, 0},
		{"POST", "/view", []string{"Sec-Fetch-Site: same-site"}, 0},
		{"POST", "/view", []string{"Sec-Fetch-Site: cross-site", "Origin: http://paper.example"}, 0},
		{"POST", "/view", []string{"Origin: http://paper.example"}, 1},
		{"POST", "/view", []string{"Origin: https://PAPER.example"}, 1},
		{"POST", "/view", []string{"Origin: https://other.example"}, 0},
		{"POST", "/view", []string{"Origin: https://paper.example.other.example"}, 0},
		{"POST", "/view", []string{"Origin: null"}, 0},
		{"POST", "/view", nil, 0},
		{"POST", "/view", []string{"Referer: http://paper.example/en/"}, 0},
		{"POST", "/view", []string{same, "Sec-Purpose: prefetch"}, 0},
		{"POST", "/view", []string{same, "Sec-Purpose: prefetch;prerender"}, 0},
		{"POST", "/view", []string{same, "Purpose: prefetch"}, 0},
		{"POST", "/view", []string{same, "X-Purpose: preview"}, 0},
		{"POST", "/view", []string{same, "X-Moz: prefetch"}, 0},
		{"POST", "/view", []string{same, "-: User-Agent"}, 0},
		{"POST", "/view", []string{same, "-: User-Agent", "User-Agent: curl/8.5.0"}, 0},
		{"POST", "/view", []string{same, "-: User-Agent", "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1)"}, 0},
		{"GET", "/view.gif", []string{same}, 1},
		{"GET", "/view.gif", []string{"Referer: http://paper.example/en/water/a-story"}, 1},
		{"GET", "/view.gif", []string{"Referer: http://other.example/"}, 0},
		{"GET", "/view.gif", []string{"Sec-Fetch-Site: cross-site", "Referer: http://paper.example/en/"}, 0},
		{"GET", "/view.gif", []string{same, "Sec-Purpose: prefetch"}, 0},
		{"GET", "/view.gif", nil, 0},
		{"HEAD", "/view.gif", []string{same}, 0},
		{"GET", "/en/water/a-story", []string{same}, 0},
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		c := newCounted(t, d)
		headers := map[string]http.Header{}
		for n, r := range requests { // each on a story of its own
			target, body := r.target, c.views.Mark(ref.Story(1+n))
			if r.method != "POST" {
				target, body = target+"?"+body, ""
			}
			answer := c.ask(r.method, target, body, r.fields...)
			// Whoever asks cannot see whether it counted.
			kind := r.method + r.target
			if first, ok := headers[kind]; ok && !reflect.DeepEqual(first, answer.Header) {
				t.Errorf("%s %s %q: answered with %v, others with %v", r.method, r.target, r.fields, answer.Header, first)
			}
			headers[kind] = answer.Header
		}
		got := c.count(t)
		for n, r := range requests {
			if got := got[ref.Story(1+n)]; got != r.want {
				t.Errorf("%s %s %q: counted %d, want %d", r.method, r.target, r.fields, got, r.want)
			}
		}
	})
}

func TestAForeignOrLongBeaconCountsNothing(t *testing.T) {
	c := newCounted(t, dbtest.SQLite(t))
	for _, body := range []string{"", "x", "1.AAAAAAAAAAA", c.mark + "x", strings.Repeat("a", 64)} {
		if answer := c.ask("POST", "/view", body, same); answer.StatusCode != 204 {
			t.Errorf("%.70q is answered %d, want 204", body, answer.StatusCode)
		}
		if answer := c.ask("GET", "/view.gif?"+body, "", same); answer.StatusCode != 200 {
			t.Errorf("the picture with %.70q is answered %d, want 200", body, answer.StatusCode)
		}
	}
	if answer := c.ask("POST", "/view", c.mark+strings.Repeat("a", 65), same); answer.StatusCode != 413 {
		t.Errorf("65 bytes are answered %d, want 413", answer.StatusCode)
	}
	for path, allowed := range map[string]string{"/view": "POST", "/view.gif": "GET, HEAD"} {
		answer := c.ask("DELETE", path, "", same)
		if answer.StatusCode != 405 || answer.Header.Get("Allow") != allowed {
			t.Errorf("DELETE %s: got %d, %s", path, answer.StatusCode, answer.Header.Get("Allow"))
		}
	}
	if answer := c.ask("GET", "/view", "", same); answer.StatusCode != 405 {
		t.Errorf("GET /view: got %d, want 405", answer.StatusCode)
	}
	if got := c.count(t); len(got) != 0 {
		t.Errorf("%v were counted", got)
	}
}

func TestAReadersAddressIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	c := newCounted(t, dbtest.SQLite(t))
	// Each line is a reader who was counted already, then a request: of the
	// same reader, or of another?
	first := []string{"192.0.2.1:1", "198.51.100.2"}
	lines := []struct {
		remote    string
		forwarded []string
		other     bool
	}{
		{"198.51.100.2:2", nil, false},
		{"198.51.100.2:2", []string{"198.51.100.77"}, false}, // nobody's word
		{"198.51.100.1:2", []string{"198.51.100.2"}, true},
		{"192.0.2.1:1", []string{"198.51.100.3"}, true},
		{"192.0.2.2:9", []string{"198.51.100.2"}, false},
		{"192.0.2.1:1", []string{"198.51.100.66, 198.51.100.2"}, false},            // what the reader said itself
		{"192.0.2.1:1", []string{"198.51.100.66, 198.51.100.2, 192.0.2.2"}, false}, // two proxies
		{"192.0.2.1:1", []string{"198.51.100.66", "198.51.100.2", "192.0.2.2"}, false},
		{"192.0.2.1:1", []string{"198.51.100.2, 198.51.100.66, 192.0.2.2"}, true},
		{"192.0.2.1:1", []string{"198.51.100.2:8080"}, false},
		{"[2001:db8:ffff::1]:1", []string{"198.51.100.2"}, false},
		{"[::ffff:192.0.2.1]:1", []string{"::ffff:198.51.100.2"}, false},
		{"192.0.2.1:1", []string{"2001:db8::1"}, true},
		{"192.0.2.1:1", []string{"nonsense"}, true},          // the proxy's own address
		{"192.0.2.1:1", []string{"198.51.100.2, bad"}, true}, // what stands before it is nobody's word
		{"192.0.2.1:1", nil, true},
		{"192.0.2.1:1", []string{"198.51.100.2, 192.0.2.2,"}, true},
	}
	view := func(n int, remote string, forwarded ...string) {
		fields := []string{same, "Remote: " + remote}
		for _, hop := range forwarded {
			fields = append(fields, "X-Forwarded-For: "+hop)
		}
		c.ask("POST", "/view", c.views.Mark(ref.Story(1+n)), fields...)
	}
	for n, line := range lines {
		view(n, first[0], first[1])
		view(n, line.remote, line.forwarded...)
	}
	got := c.count(t)
	for n, line := range lines {
		want := int64(1)
		if line.other {
			want = 2
		}
		if got := got[ref.Story(1+n)]; got != want {
			t.Errorf("%s %q: counted %d, want %d", line.remote, line.forwarded, got, want)
		}
	}
}

func TestWithoutACounterNothingCounts(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "A story", "Text."))
		if text := p.expect("/en/water/a-story", 200); strings.Contains(text, "/view") {
			t.Error("the page counts")
		}
		response, err := http.Post(p.server.URL+"/view", "text/plain", strings.NewReader("1.x"))
		p.must(err)
		response.Body.Close()
		if response.StatusCode != 204 {
			t.Errorf("got %d, want 204", response.StatusCode)
		}
	})
}

func benchmarkSite(b *testing.B) (*counted, []string) {
	b.Helper()
	mint := ref.NewMint(1, time.Now)
	c := &counted{paper: &paper{db: dbtest.SQLite(b)}}
	c.views, c.site = countingSite(b, c.db, mint, time.Now)
	marks := make([]string, 1000)
	for n := range marks {
		marks[n] = c.views.Mark(ref.New[ref.Story](mint))
	}
	return c, marks
}

// BenchmarkBeacon is the handler alone, with a new reader each time.
func BenchmarkBeacon(b *testing.B) {
	c, marks := benchmarkSite(b)
	r := httptest.NewRequest("POST", "http://paper.example/view", nil)
	r.Header.Set("User-Agent", browser)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "192.0.2.1:4711"
	forwarded := []string{""}
	r.Header["X-Forwarded-For"] = forwarded
	w := &silent{header: http.Header{}}
	body := strings.NewReader("")
	r.Body = io.NopCloser(body)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		forwarded[0] = netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}).String()
		body.Reset(marks[n%len(marks)])
		c.site.ServeHTTP(w, r)
	}
}

// silent is an answer that goes nowhere.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
func (s *silent) WriteHeader(int)             {}

// BenchmarkBeaconOverLoopback sends beacons over 32 connections of this machine
// to a real server whose counter runs, beside a handler that only answers 204.
// The CPU time is that of both sides.
func BenchmarkBeaconOverLoopback(b *testing.B) {
	b.Run("beacon", func(b *testing.B) {
		c, marks := benchmarkSite(b)
		ctx, stop := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() { c.views.Run(ctx) })
		sendAll(b, c.site, marks)
		stop()
		running.Wait()
		if got := c.sum(b); got != int64(b.N) {
			b.Errorf("got %d views, want %d", got, b.N)
		}
	})
	b.Run("nothing", func(b *testing.B) {
		_, marks := benchmarkSite(b)
		sendAll(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusNoContent)
		}), marks)
	})
}

func sendAll(b *testing.B, handler http.Handler, marks []string) {
	b.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	var next atomic.Int64
	var senders sync.WaitGroup
	runtime.GC()
	before := cpu()
	b.ResetTimer()
	for range 32 {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		senders.Go(func() { send(b, conn, marks, &next) })
	}
	senders.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "beacons/s")
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// send writes beacons as bytes and waits for each answer.
func send(b *testing.B, conn net.Conn, marks []string, next *atomic.Int64) {
	var request, answer []byte
	answer = make([]byte, 4096)
	for {
		n := int(next.Add(1))
		if n > b.N {
			return
		}
		mark := marks[n%len(marks)]
		request = fmt.Appendf(request[:0], "POST /view HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s %d\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 10.%d.%d.%d\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s",
			conn.RemoteAddr(), browser, n, n>>16&255, n>>8&255, n&255, len(mark), mark)
		if _, err := conn.Write(request); err != nil {
			b.Error(err)
			return
		}
		got := 0
		for !bytes.HasSuffix(answer[:got], []byte("\r\n\r\n")) {
			more, err := conn.Read(answer[got:])
			if err != nil {
				b.Error(err)
				return
			}
			got += more
		}
		if !bytes.HasPrefix(answer[:got], []byte("HTTP/1.1 204 ")) {
			b.Errorf("%.20q", answer[:got])
			return
		}
	}
}

// cpu is the time that this process has had.
func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
