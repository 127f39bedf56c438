package express

import (
	"net"
	"strings"
	"testing"
	"time"
)

// lines joins header lines to a head.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

func ordinaryNames() map[string]struct{} { return map[string]struct{}{"cookie": {}} }

func TestPlainHeadsAreReadToTheLastByte(t *testing.T) {
	for _, c := range []struct {
		head                        string
		host, target, accept, match string
		closes                      bool
	}{
		{head: lines("GET / HTTP/1.1", "Host: a.test"), host: "a.test", target: "/"},
		{head: lines("GET /a?b=%2f//c/../?d HTTP/1.1", "hOST:[::1]:80"), host: "[::1]:80", target: "/a?b=%2f//c/../?d"},
		{head: lines("GET /a.b/c..d/%D8%A7 HTTP/1.1", "Host: a"), host: "a", target: "/a.b/c..d/%D8%A7"},
		{head: lines("GET / HTTP/1.1", "Host: a", "Accept-Encoding:  gzip;q=0.5, br ", "Connection: Keep-Alive"), host: "a", target: "/", accept: "gzip;q=0.5, br"},
		{head: lines("GET / HTTP/1.1", "Host: a", `If-None-Match: W/"x"`, "If-Modified-Since: whenever"), host: "a", target: "/", match: `W/"x"`},
		{head: lines("GET / HTTP/1.1", "Connection: close", "Host: a", "X: ", "User-Agent: b/1.0 (c; d)"), host: "a", target: "/", closes: true},
	} {
		for cut := range c.head {
			h := head{ordinary: ordinaryNames()}
			if got := h.judge([]byte(c.head[:cut])); got != partial {
				t.Fatalf("%q: got %v, want partial", c.head[:cut], got)
			}
			if got := h.judge([]byte(c.head + "GET")); got != plain {
				t.Fatalf("%q cut at %d: got %v, want plain", c.head, cut, got)
			}
			if h.next != len(c.head) {
				t.Errorf("%q: ends at %d, want %d", c.head, h.next, len(c.head))
			}
			if string(h.Host) != c.host || string(h.Target) != c.target || string(h.AcceptEncoding) != c.accept ||
				string(h.IfNoneMatch) != c.match || h.closes != c.closes {
				t.Errorf("%q: got %q %q %q %q %v", c.head, h.Host, h.Target, h.AcceptEncoding, h.IfNoneMatch, h.closes)
			}
		}
	}
}

func TestWhatIsNotPlainGoesTheOrdinaryWay(t *testing.T) {
	var heads []string
	for _, line := range []string{
		"HEAD / HTTP/1.1", "POST / HTTP/1.1", "get / HTTP/1.1", "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / http/1.1", "GET  / HTTP/1.1",
		"GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET HTTP/1.1", "GET  HTTP/1.1", "", "GET /",
		"GET http://a/ HTTP/1.1", "GET * HTTP/1.1", "GET a HTTP/1.1", "GET /a b HTTP/1.1", "GET /a#b HTTP/1.1", "GET /ä HTTP/1.1",
		"GET /% HTTP/1.1", "GET /%1 HTTP/1.1", "GET /%g1 HTTP/1.1", "GET /%1g HTTP/1.1", "GET /?% HTTP/1.1", "GET /a\\b HTTP/1.1", "GET /\"<>^`{|} HTTP/1.1",
		"GET //a HTTP/1.1", "GET /a//b HTTP/1.1", "GET /./a HTTP/1.1", "GET /a/.. HTTP/1.1", "GET /.a HTTP/1.1", "GET /\x00 HTTP/1.1", "GET /\r HTTP/1.1",
	} {
		heads = append(heads, lines(line, "Host: a"))
	}
	for _, field := range []string{
		"Host: b", "Content-Length: 0", "content-length: 3", "Transfer-Encoding: chunked", "Trailer: X", "TE: trailers", "Expect: 100-continue",
		"Upgrade: h2c", "HTTP2-Settings: x", "Range: bytes=0-1", `If-Range: "x"`, `If-Match: "x"`, "If-Unmodified-Since: x", "Authorization: x",
		"Connection: upgrade", "Connection: keep-alive, close", "Connection:", "Connection: close\r\nConnection: close", "Cookie: a=b",
		"If-None-Match: *", `If-None-Match: "a", "b"`, `If-None-Match: "a`, "If-None-Match: a", "If-None-Match:", `If-None-Match: "a"` + "\r\n" + `If-None-Match: "b"`,
		"If-Modified-Since: x", "Accept-Encoding: gzip\r\nAccept-Encoding: br", "X : b", " X: b", "\tX: b", "X", ": b", "X\x00: b", "X: \x00", "X: \x7f",
		"X: \t", "X: ä", "Ä: x", "X: a\rb", "X: a\nY: b", strings.Repeat("x", maxName+1) + ": y",
	} {
		heads = append(heads, lines("GET / HTTP/1.1", "Host: a", field))
	}
	heads = append(heads, lines("GET / HTTP/1.1"), lines("GET / HTTP/1.1", "Host: A"), lines("GET / HTTP/1.1", "Host: "), lines("GET / HTTP/1.1", "Host: a b"),
		"GET / HTTP/1.1\nHost: a\n\n", "\r\n"+lines("GET / HTTP/1.1", "Host: a"))
	for _, text := range heads {
		h := head{ordinary: ordinaryNames()}
		if got := h.judge([]byte(text)); got != ordinary {
			t.Errorf("%q: got %v, want ordinary", text, got)
		}
		h = head{ordinary: ordinaryNames()}
		for n := 1; n <= len(text); n++ {
			if got := h.judge([]byte(text[:n])); got == plain {
				t.Errorf("%q byte by byte: plain after %d", text, n)
			} else if got == ordinary {
				break
			}
		}
	}
}

// loop is a connection that is asked the same for ever and remembers nothing.
type loop struct {
	net.Conn
	request []byte
	written int
}

func (l *loop) Read(p []byte) (int, error)         { return copy(p, l.request), nil }
func (l *loop) Write(p []byte) (int, error)        { l.written += len(p); return len(p), nil }
func (l *loop) SetReadDeadline(t time.Time) error  { return nil }
func (l *loop) SetWriteDeadline(t time.Time) error { return nil }

// browser is what a browser sends.
func browser(target string) []byte {
	return []byte(lines("GET "+target+" HTTP/1.1", "Host: news.test:8080", "Connection: keep-alive",
		`sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"`, "sec-ch-ua-mobile: ?0", "Upgrade-Insecure-Requests: 1",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
		"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-User: ?1", "Sec-Fetch-Dest: document",
		"Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: fa,en;q=0.9", `If-None-Match: "abc"`, "If-Modified-Since: x"))
}

// inMemory is a connection whose requests are all answered with rest.
func inMemory(rest []byte) (*conn, *loop) {
	line := []byte("HTTP/1.1 200 OK\r\n")
	l := &Listener{
		lookup: func(*Request) (Answer, bool) { return Answer{Line: line, Rest: rest}, true },
		opts:   Options{ReadHeaderTimeout: time.Second, IdleTimeout: time.Second, WriteTimeout: time.Second},
	}
	l.copies.New = func() any { return new([]byte) }
	rw := &loop{request: browser("/en/news/a-story-1")}
	return newConn(l, rw), rw
}

func TestAnAnswerAllocatesNothing(t *testing.T) {
	for _, size := range []int{200, 20_000} {
		c, rw := inMemory(make([]byte, size))
		got := testing.AllocsPerRun(2000, func() {
			if !c.step() {
				t.Fatal("not answered")
			}
		})
		if got != 0 || rw.written < 2000*size {
			t.Errorf("%d bytes: got %v allocations and %d bytes written, want none and all", size, got, rw.written)
		}
	}
}

func BenchmarkAnswerFromMemory(b *testing.B) {
	c, _ := inMemory(make([]byte, 1000))
	b.ReportAllocs()
	for b.Loop() {
		c.step()
	}
}
