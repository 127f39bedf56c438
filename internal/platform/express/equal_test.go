package express_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"broadsheet/internal/platform/express"
	"broadsheet/internal/platform/pagecache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const modified = "Tue, 03 Mar 2026 10:00:00 GMT"

// paper is a cache with pages, and the ordinary handler over it.
type paper struct {
	cache *pagecache.Cache
	front *pagecache.Entry
}

func newPaper(t testing.TB) *paper {
	p := &paper{cache: pagecache.New(pagecache.Options{MaxBytes: 8 << 20})}
	t.Cleanup(func() { p.cache.Close() })
	long := bytes.Repeat([]byte("<p>News and analysis, and what it means.</p>\n"), 200)
	header := []pagecache.HeaderField{{Name: "Cache-Control", Value: "max-age=60"}, {Name: "Link", Value: "</a>; rel=x"},
		{Name: "Link", Value: "</b>; rel=y"}, {Name: "Last-Modified", Value: modified}}
	for key, page := range map[string]pagecache.Page{
		"news.test/":           {Type: "text/html", Body: long, Header: header},
		"news.test/a?x=%20":    {Type: "text/plain", Body: []byte("query"), Header: header},
		"news.test/%D8%A7":     {Type: "text/html", Body: long[:3000]},
		"news.test/empty":      {},
		"news.test/gone":       {Status: 410, Type: "text/html", Body: long[:700], Header: header},
		"news.test/moved":      {Status: 301, Header: []pagecache.HeaderField{{Name: "Location", Value: "/"}}},
		"news.test:80/":        {Type: "text/plain", Body: []byte("with port")},
		"other.test/":          {Type: "text/plain", Body: []byte("another host")},
		"news.test//unreached": {Type: "text/plain", Body: []byte("unreached")},
	} {
		e, _, err := p.cache.Fetch(t.Context(), key, func(context.Context) (*pagecache.Page, error) { return &page, nil })
		if err != nil {
			t.Fatal(err)
		}
		if key == "news.test/" {
			p.front = e
		}
	}
	// Brotli must not arrive between the two answers that are compared.
	p.settle()
	return p
}

func (p *paper) settle() {
	for !p.front.Encodings().Has(pagecache.Brotli) || !p.cache.Get([]byte("news.test/%D8%A7")).Encodings().Has(pagecache.Brotli) ||
		!p.cache.Get([]byte("news.test/gone")).Encodings().Has(pagecache.Brotli) {
		runtime.Gosched()
	}
}

func (p *paper) lookup(r *express.Request) (express.Answer, bool) {
	var buf [512]byte
	e := p.cache.Get(append(append(buf[:0], r.Host...), r.Target...))
	if e == nil {
		return express.Answer{}, false
	}
	line, rest := e.Answer(r.AcceptEncoding, r.IfNoneMatch)
	return express.Answer{Line: line, Rest: rest}, true
}

// ServeHTTP is the ordinary way. What is not kept is echoed.
func (p *paper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		w.Header().Set("X-Head", "1")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if e := p.cache.Get([]byte(strings.ToLower(r.Host) + r.RequestURI)); e != nil {
			e.ServeHTTP(w, r)
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %q %q %s %v", r.Method, r.Host, r.RequestURI, body, err != nil)
}

// press is a server with express on, and one without.
type press struct {
	*paper
	express      *express.Listener
	fast, direct string
}

func newPress(t testing.TB, p *paper) *press {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	serve := func(l net.Listener) {
		srv := &http.Server{Handler: p}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := srv.Serve(l); err != http.ErrServerClosed {
				t.Errorf("serve: %v", err)
			}
		}()
		t.Cleanup(func() {
			if x, ok := l.(*express.Listener); ok {
				if err := x.Shutdown(context.Background()); err != nil {
					t.Errorf("shut express down: %v", err)
				}
			}
			if err := srv.Shutdown(context.Background()); err != nil {
				t.Errorf("shut down: %v", err)
			}
			<-done
		})
	}
	fast, direct := express.Listen(listen(), p.lookup, express.Options{}), listen()
	serve(fast)
	serve(direct)
	return &press{p, fast, fast.Addr().String(), direct.Addr().String()}
}

// say sends raw, ends the client's side and returns all that comes back.
func say(t testing.TB, addr string, raw []byte) []byte {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	c.Write(raw)
	c.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("%q: %v", raw, err)
	}
	return got
}

// shown is a conversation as text: each response with its status, its sorted
// fields, its body and whether it closes.
func shown(t testing.TB, raw []byte) string {
	t.Helper()
	var b strings.Builder
	in := bufio.NewReader(bytes.NewReader(raw))
	for {
		if _, err := in.Peek(1); err != nil {
			return b.String()
		}
		head, rest := headOf(in)
		method := http.MethodGet
		if strings.Contains(head, "X-Head: 1\r\n") {
			method = http.MethodHead
		}
		in = bufio.NewReader(io.MultiReader(strings.NewReader(head), rest))
		r, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		body, err := io.ReadAll(r.Body)
		if date, dateErr := http.ParseTime(r.Header.Get("Date")); dateErr == nil && time.Since(date).Abs() < time.Minute {
			r.Header["Date"] = []string{"now"}
		}
		fmt.Fprintf(&b, "%s %s length %d %q close %v %v\n", r.Proto, r.Status, r.ContentLength, r.TransferEncoding, r.Close, err)
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			fmt.Fprintf(&b, "%s: %q\n", name, r.Header[name])
		}
		fmt.Fprintf(&b, "%q\n", body)
	}
}

// headOf reads a response's head.
func headOf(in *bufio.Reader) (string, io.Reader) {
	var head strings.Builder
	for {
		line, err := in.ReadString('\n')
		head.WriteString(line)
		if err != nil || strings.TrimRight(line, "\r\n") == "" {
			return head.String(), in
		}
	}
}

// compare sends raw both ways.
func (p *press) compare(t testing.TB, raw []byte) {
	t.Helper()
	got, want := shown(t, say(t, p.fast, raw)), shown(t, say(t, p.direct, raw))
	if got != want {
		t.Errorf("%q: got\n%s\nwant\n%s", raw, got, want)
	}
}

// grammar makes heads that are mostly almost plain.
type grammar struct{ *rand.Rand }

func (g grammar) pick(usual string, usually int, others ...string) string {
	if g.IntN(100) < usually {
		return usual
	}
	return others[g.IntN(len(others))]
}

func (g grammar) request(p *paper) string {
	end := g.pick("\r\n", 97, "\n", "\r", "\r\n\r\n")
	var b strings.Builder
	fmt.Fprint(&b, g.pick("GET", 95, "HEAD", "POST", "get", "OPTIONS", "PUT", ""), g.pick(" ", 99, "  ", "\t"),
		g.pick("/", 60, "/a?x=%20", "/%D8%A7", "/empty", "/gone", "/moved", "/unknown", "//unreached", "/./", "http://other.test/", "*", "/%zz", "/a b", "/ä", "/#x", ""),
		g.pick(" HTTP/1.1", 95, " HTTP/1.0", " HTTP/1.2", " HTTP/2.0", " http/1.1", "", " HTTP/1.1 "), end)
	fields := []string{g.pick("Host: news.test", 92, "Host: other.test", "Host: news.test:80", "Host: NEWS.test", "Host:", "Host: a b", "X: y", "Host: news.test\r\nHost: news.test")}
	for range g.IntN(4) {
		fields = append(fields, g.field(p))
	}
	g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for _, f := range fields {
		fmt.Fprint(&b, f, end)
	}
	b.WriteString(g.pick("\r\n", 98, "\n", "", "body"))
	return b.String()
}

func (g grammar) field(p *paper) string {
	tags := []string{p.front.ETag(pagecache.Identity), p.front.ETag(pagecache.Gzip), p.front.ETag(pagecache.Brotli), `"x"`}
	tag := tags[g.IntN(len(tags))]
	name := textproto.CanonicalMIMEHeaderKey
	switch g.IntN(14) {
	case 0, 1, 2:
		return name("accept-encoding") + ": " + g.pick("gzip, deflate, br, zstd", 40, "gzip", "br;q=0.5, gzip", "*", "identity;q=0", "gzip;q=0, *", "gzip;q=9", "", "br", "GZIP ;q=1.0")
	case 3, 4:
		return "If-None-Match: " + g.pick(tag, 60, "W/"+tag, "*", `"y", `+tag, "x", "", tag+" ", "W/"+tag+","+tag)
	case 5:
		return "If-Modified-Since: " + g.pick(modified, 60, "x", "Tue, 03 Mar 2026 09:00:00 GMT")
	case 6:
		return g.pick("Connection: keep-alive", 40, "Connection: close", "connection: Close", "Connection: close, x", "Connection: x", "Connection: Upgrade\r\nUpgrade: h2c")
	case 7:
		return g.pick("Content-Length: 0", 30, "Content-Length: 3", "Content-Length: x", "Transfer-Encoding: chunked", "Transfer-Encoding: x", "Expect: 100-continue", "Expect: x")
	case 8:
		return g.pick("If-Match: "+tag, 30, "If-Unmodified-Since: "+modified, "Range: bytes=0-3", "If-Range: "+tag, "Trailer: X", "TE: trailers")
	case 9:
		return g.pick("X: y", 30, "X : y", " X: y", "X", ": y", "X: \x01", "X: ä", "X\xff: y", "X: a\r\n b", "X:", "X: \t y \t")
	}
	return "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
}

func (g grammar) conversation(p *paper) []byte {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.request(p))
	}
	return []byte(b.String())
}

func TestRandomConversationsAreAnsweredAsByNetHTTP(t *testing.T) {
	p := newPress(t, newPaper(t))
	g := grammar{rand.New(rand.NewPCG(7, 11))}
	const n = 1500
	for range n {
		p.compare(t, g.conversation(p.paper))
	}
	if s := p.express.Stats(); s.Answered < n/3 || s.Handed < n/3 {
		t.Errorf("got %+v of %d, want a third of each kind at least", s, n)
	}
}

func FuzzExpressEqualsNetHTTP(f *testing.F) {
	p := newPress(f, newPaper(f))
	g := grammar{rand.New(rand.NewPCG(1, 2))}
	for range 60 {
		f.Add(g.conversation(p.paper))
	}
	const plain = "GET / HTTP/1.1\r\nHost: news.test\r\n\r\n"
	for _, raw := range []string{
		"", "\r\n", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: news.test\r\n", plain, plain + plain + plain, plain + "GET", "\r\n" + plain,
		plain + "POST / HTTP/1.1\r\nHost: news.test\r\nContent-Length: 4\r\n\r\nbody" + plain,
		"GET / HTTP/1.1\r\nHost: news.test\r\nConnection: close\r\n\r\n" + plain,
		"GET / HTTP/1.1\r\nHost: news.test\r\nX: " + strings.Repeat("x", 1000) + "\r\n\r\n" + plain,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\n\r\n\r\n", "GET /gone HTTP/1.1\r\nHost: news.test\r\nIf-None-Match: \"x\"\r\n\r\n",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 3000 {
			// More may be unread when net/http closes, and the reset then eats its
			// answer now and then, with express or without.
			t.Skip()
		}
		p.compare(t, raw)
	})
}

// BenchmarkOverLoopback compares one kept page both ways.
func BenchmarkOverLoopback(b *testing.B) {
	p := newPress(b, newPaper(b))
	for name, addr := range map[string]string{"express": p.fast, "net-http": p.direct} {
		b.Run(name, func(b *testing.B) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			request := []byte("GET / HTTP/1.1\r\nHost: news.test\r\nAccept-Encoding: gzip\r\n\r\n")
			buf := make([]byte, 64<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(request); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Read(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
