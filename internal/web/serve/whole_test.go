package serve

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// counted counts the writes of its connections. It is no TCP connection to
// net/http, as those of the quick way are none.
type counted struct {
	net.Listener
	writes atomic.Int64
}

type countedConn struct {
	net.Conn
	writes *atomic.Int64
}

func (l *counted) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return countedConn{conn, &l.writes}, err
}

func (c countedConn) NetConn() net.Conn { return c.Conn }

func (c countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func serving(t *testing.T, handler http.Handler) (*counted, string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &counted{Listener: inner}
	server := New(Options{Handler: handler, MaxBody: func(string) int64 { return 1 << 20 }})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l, inner.Addr().String()
}

func TestAnAnswerIsOneWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "font.woff2")
	if err := os.WriteFile(file, bytes.Repeat([]byte("f"), 90_000), 0o600); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "short") })
	mux.HandleFunc("/pieces", func(w http.ResponseWriter, _ *http.Request) {
		for range 200 {
			io.WriteString(w, strings.Repeat("p", 1000))
		}
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	l, at := serving(t, mux)
	for _, test := range []struct {
		method, path, extra string
		status, length      int
	}{
		{"GET", "/short", "", 200, 5},
		{"HEAD", "/short", "", 200, 0},
		{"GET", "/short", "Connection: close\r\n", 200, 5},
		{"GET", "/pieces", "", 200, 200_000},
		{"GET", "/file", "", 200, 90_000},
		{"GET", "/file", "Range: bytes=0-9\r\n", 206, 10},
		{"GET", "/none", "", 204, 0},
		{"GET", "/absent", "", 404, 19},
		{"GET", "/panics", "", 500, 22},
	} {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		for range 2 { // the second answer of a connection as the first
			before := l.writes.Load()
			io.WriteString(conn, test.method+" "+test.path+" HTTP/1.1\r\nHost: paper.example\r\n"+test.extra+"\r\n")
			status, body := answer(t, in, test.method)
			if writes := l.writes.Load() - before; status != test.status || len(body) != test.length || writes != 1 {
				t.Errorf("%s %s %q: %d with %d bytes in %d writes; want %d with %d in one", test.method, test.path, test.extra, status, len(body), writes, test.status, test.length)
			}
			if test.extra == "Connection: close\r\n" {
				break
			}
		}
		conn.Close()
	}
}

func TestLongAnswersAreNotHeld(t *testing.T) {
	const chunk = 1 << 16
	went := make(chan struct{})
	l, at := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 2 * mostHeld / chunk {
			w.Write(make([]byte, chunk))
		}
		<-went // the reader has had much of it
		w.Write(make([]byte, chunk))
	}))
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n")
	out, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out.Body, make([]byte, mostHeld)); err != nil {
		t.Fatal(err)
	}
	close(went)
	left, err := io.ReadAll(out.Body)
	if err != nil || len(left) != mostHeld+chunk {
		t.Errorf("read %d more, %v", len(left), err)
	}
	if l.writes.Load() < 2 {
		t.Error("held whole")
	}
}

func TestABodyIsAskedForAtOnce(t *testing.T) {
	_, at := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	for range 2 {
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: paper.example\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
		if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
			t.Fatalf("%q, %v", line, err)
		}
		in.ReadString('\n')
		io.WriteString(conn, "body")
		if status, body := answer(t, in, "POST"); status != 200 || body != "body" {
			t.Errorf("%d %q", status, body)
		}
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n")
		if status, body := answer(t, in, "GET"); status != 200 || body != "" {
			t.Errorf("%d %q", status, body)
		}
	}
}

// answer reads one.
func answer(t *testing.T, in *bufio.Reader, method string) (status int, body string) {
	t.Helper()
	out, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	all, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return out.StatusCode, string(all)
}

func TestAConnectionEndsAfterABodyInChunks(t *testing.T) {
	_, at := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: paper.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: paper.example\r\n\r\n")
	in := bufio.NewReader(conn)
	if status, body := answer(t, in, "POST"); status != 200 || body != "body" {
		t.Errorf("%d %q", status, body)
	}
	if n, err := in.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("it goes on: %d, %v", n, err)
	}
}
