package express_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"broadsheet/internal/platform/express"
)

// pipes is a listener whose connections are pipes, for tests in fake time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

const (
	headerTime = 5 * time.Second
	idleTime   = 2 * time.Minute
	writeTime  = 30 * time.Second

	known   = "GET /known HTTP/1.1\r\nHost: news.test\r\n\r\n"
	unknown = "GET /unknown HTTP/1.1\r\nHost: news.test\r\n\r\n"
	rest    = "Content-Length: 4\r\nContent-Type: text/plain\r\n\r\nbody"
)

// house is a server in fake time.
type house struct {
	*pipes
	express *express.Listener
	srv     *http.Server
	served  chan error
}

func lookup(r *express.Request) (express.Answer, bool) {
	if string(r.Target) == "/panic" {
		panic("look-up of " + string(r.Target))
	}
	return express.Answer{Line: []byte("HTTP/1.1 200 OK\r\n"), Rest: []byte(rest)}, string(r.Target) == "/known"
}

func handler(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/known" {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "ordinary %s", body)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "body")
}

func newHouse(t *testing.T, on bool) *house {
	h := &house{pipes: newPipes(), served: make(chan error, 1), srv: &http.Server{
		Handler: http.HandlerFunc(handler), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, WriteTimeout: writeTime,
	}}
	var l net.Listener = h.pipes
	if on {
		h.express = express.Listen(h.pipes, lookup, express.Options{
			ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, WriteTimeout: writeTime,
		})
		l = h.express
	}
	go func() { h.served <- h.srv.Serve(l) }()
	t.Cleanup(func() {
		if on {
			h.express.Shutdown(t.Context()) // t.Context is over: cuts what is left
		}
		h.srv.Close()
		if err := <-h.served; err != http.ErrServerClosed {
			t.Errorf("serve: got %v, want %v", err, http.ErrServerClosed)
		}
	})
	return h
}

// ask sends raw and reads one response.
func ask(t *testing.T, c net.Conn, in *bufio.Reader, raw string) string {
	t.Helper()
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatalf("ask %q: %v", raw, err)
	}
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("ask %q: %v", raw, err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("ask %q: %v", raw, err)
	}
	return string(body)
}

// TestConnectionsLastAsLongAsWithNetHTTP plays the same slow clients against
// both and compares after how long each is left alone, to the nanosecond.
func TestConnectionsLastAsLongAsWithNetHTTP(t *testing.T) {
	clients := map[string]func(t *testing.T, c net.Conn){
		"says nothing": func(t *testing.T, c net.Conn) {},
		"drips a head": func(t *testing.T, c net.Conn) {
			for i := range known {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{known[i]}); err != nil {
					return
				}
			}
		},
		"drips a second head": func(t *testing.T, c net.Conn) {
			ask(t, c, bufio.NewReader(c), known)
			for i := range known {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{known[i]}); err != nil {
					return
				}
			}
		},
		"stops in a pipelined head": func(t *testing.T, c net.Conn) {
			ask(t, c, bufio.NewReader(c), known+known[:20])
		},
		"stops at the first bytes of a pipelined head": func(t *testing.T, c net.Conn) {
			ask(t, c, bufio.NewReader(c), known+known[:3])
		},
		"idles after an answer": func(t *testing.T, c net.Conn) {
			in := bufio.NewReader(c)
			ask(t, c, in, known)
			time.Sleep(time.Minute)
			ask(t, c, in, known)
		},
		"idles after a handed request": func(t *testing.T, c net.Conn) {
			in := bufio.NewReader(c)
			ask(t, c, in, known)
			ask(t, c, in, unknown)
		},
		"sends a slow body": func(t *testing.T, c net.Conn) {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
			time.Sleep(20 * time.Second)
			if got := ask(t, c, bufio.NewReader(c), "slow"); got != "ordinary slow" {
				t.Errorf("slow body: got %q", got)
			}
		},
	}
	for name, client := range clients {
		var lasted [2]time.Duration
		for i, on := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, on)
				c := h.dial()
				defer c.Close()
				start := time.Now()
				client(t, c)
				io.Copy(io.Discard, c)
				lasted[i] = time.Since(start)
			})
		}
		if lasted[0] != lasted[1] || lasted[0] == 0 {
			t.Errorf("a client that %s: %v with express, %v without", name, lasted[0], lasted[1])
		}
	}
}

func TestAReaderWhoDoesNotReadIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		defer c.Close()
		io.WriteString(c, known)
		time.Sleep(writeTime - 1)
		synctest.Wait()
		if got := h.express.Stats().Open; got != 1 {
			t.Errorf("before the time: %d open, want 1", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := h.express.Stats().Open; got != 0 {
			t.Errorf("after it: %d open, want 0", got)
		}
	})
}

func TestShutdownFinishesAnswersAndClosesIdleConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		fresh, rested, slow, handed, halfway := h.dial(), h.dial(), h.dial(), h.dial(), h.dial()
		ask(t, rested, bufio.NewReader(rested), known)
		io.WriteString(slow, known) // a pipe holds nothing: the answer waits for its reader
		io.WriteString(halfway, known[:10])
		io.WriteString(handed, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
		synctest.Wait()
		down := make(chan error, 2)
		go func() {
			down <- h.express.Shutdown(context.Background())
			down <- h.srv.Shutdown(context.Background())
		}()
		synctest.Wait()
		for name, c := range map[string]net.Conn{"fresh": fresh, "rested": rested} {
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("%s: got %v, want closed", name, err)
			}
		}
		if len(down) != 0 {
			t.Error("shut down before all was answered")
		}
		got, err := io.ReadAll(slow)
		if err != nil || !strings.HasSuffix(string(got), rest) {
			t.Errorf("slow: got %q, %v, want the answer and the end", got, err)
		}
		io.WriteString(halfway, known[10:])
		got, err = io.ReadAll(halfway)
		if err != nil || !strings.HasSuffix(string(got), rest) || !strings.Contains(string(got), "\r\nConnection: close\r\n") {
			t.Errorf("halfway: got %q, %v, want an answer that closes", got, err)
		}
		if err := <-down; err != nil {
			t.Errorf("shut express down: %v", err)
		}
		synctest.Wait()
		if len(down) != 0 {
			t.Error("the server was shut down before the handed request was answered")
		}
		if got := ask(t, handed, bufio.NewReader(handed), "slow"); got != "ordinary slow" {
			t.Errorf("handed: got %q", got)
		}
		if err := <-down; err != nil {
			t.Errorf("shut the server down: %v", err)
		}
	})
}

func TestAHeadThatIsNotPlainIsStillServedDuringShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		defer c.Close()
		io.WriteString(c, unknown[:10])
		synctest.Wait()
		down := make(chan error)
		go func() { down <- h.express.Shutdown(context.Background()) }()
		synctest.Wait()
		if got := ask(t, c, bufio.NewReader(c), unknown[10:]); got != "ordinary " {
			t.Errorf("got %q, want the ordinary answer", got)
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownCutsWhatOutlastsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		defer c.Close()
		io.WriteString(c, known)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := h.express.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if got := h.express.Stats().Open; got != 0 {
			t.Errorf("%d still open", got)
		}
	})
}

func TestNothingIsHandedToAClosedServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		io.WriteString(c, unknown[:10])
		synctest.Wait()
		h.srv.Close()
		io.WriteString(c, unknown[10:])
		if got, _ := io.ReadAll(c); len(got) != 0 {
			t.Errorf("got %q, want the connection closed", got)
		}
	})
}

func TestAPanickingLookupCostsOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		io.WriteString(c, strings.Replace(known, "known", "panic", 1))
		if got, _ := io.ReadAll(c); len(got) != 0 {
			t.Errorf("got %q, want the connection closed", got)
		}
		c = h.dial()
		if got := ask(t, c, bufio.NewReader(c), known); got != "body" {
			t.Errorf("the next: got %q", got)
		}
		c.Close()
	})
}

func TestPipelinedRequestsAreAnsweredInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, true)
		c := h.dial()
		in := bufio.NewReader(c)
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(c, strings.Repeat(known, 200)+unknown+known+unknown)
			sent <- err
		}()
		for i := range 203 {
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(r.Body)
			want := "body"
			if i == 200 || i == 202 {
				want = "ordinary "
			}
			if string(body) != want {
				t.Errorf("answer %d: got %q, want %q", i, body, want)
			}
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if s := h.express.Stats(); s.Answered != 200 || s.Handed != 1 || s.Open != 0 {
			t.Errorf("got %+v, want 200 answered and one connection handed", s)
		}
		c.Close()
	})
}

// failing is a listener that fails now and then.
type failing struct {
	*pipes
	errs chan error
}

func (f failing) Accept() (net.Conn, error) {
	select {
	case err := <-f.errs:
		return nil, err
	default:
		return f.pipes.Accept()
	}
}

func TestErrorsOfTheListenerReachTheServer(t *testing.T) {
	f := failing{newPipes(), make(chan error, 1)}
	f.errs <- errors.ErrUnsupported
	l := express.Listen(f, lookup, express.Options{})
	if _, err := l.Accept(); err != errors.ErrUnsupported {
		t.Errorf("got %v, want %v", err, errors.ErrUnsupported)
	}
	c := f.dial()
	go io.WriteString(c, unknown)
	handed, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(unknown))
	if _, err := io.ReadFull(oneByte{handed}, got); err != nil || string(got) != unknown {
		t.Errorf("replayed %q, %v, want %q", got, err, unknown)
	}
	handed.Close()
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	l.Close()
	if _, err := l.Accept(); err != net.ErrClosed {
		t.Errorf("after the close: got %v, want %v", err, net.ErrClosed)
	}
}

// oneByte reads a byte at a time.
type oneByte struct{ io.Reader }

func (r oneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:1]) }

func TestAHandedConnectionTellsWhenItsReaderLeaves(t *testing.T) {
	pages := newPaper(t)
	left := make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(left)
	})}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := express.Listen(inner, pages.lookup, express.Options{ReadHeaderTimeout: time.Minute, IdleTimeout: time.Minute})
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, unknown)
	if _, err := c.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	<-left
	if err := errors.Join(l.Shutdown(context.Background()), srv.Shutdown(context.Background())); err != nil {
		t.Error(err)
	}
	<-served
}

func TestAHandedConnectionSendsFilesAndClosesByHalves(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tcp := express.Listen(inner, lookup, express.Options{})
	defer func() { tcp.Close(); tcp.Shutdown(context.Background()) }()
	c, err := net.Dial("tcp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, unknown)
	handed, err := tcp.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer handed.Close()
	if _, err := handed.(io.ReaderFrom).ReadFrom(bytes.NewReader([]byte("file"))); err != nil {
		t.Fatal(err)
	}
	if err := handed.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != "file" {
		t.Errorf("got %q, %v, want the file and the end", got, err)
	}
	if _, ok := handed.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn); !ok {
		t.Error("the connection within is not the TCP connection")
	}
}

func TestAHandedConnectionHasNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newPipes()
		l := express.Listen(inner, lookup, express.Options{ReadHeaderTimeout: time.Second, IdleTimeout: time.Second, WriteTimeout: time.Second})
		c := inner.dial()
		defer c.Close()
		ask(t, c, bufio.NewReader(c), known)
		go io.WriteString(c, unknown)
		handed, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer handed.Close()
		io.ReadFull(handed, make([]byte, len(unknown)))
		time.Sleep(time.Hour)
		go io.WriteString(c, "late")
		got := make([]byte, 4)
		if _, err := io.ReadFull(handed, got); err != nil || string(got) != "late" {
			t.Errorf("read after an hour: got %q, %v", got, err)
		}
		go io.WriteString(handed, "echo")
		if _, err := io.ReadFull(c, got); err != nil || string(got) != "echo" {
			t.Errorf("written after an hour: got %q, %v", got, err)
		}
		l.Close()
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
