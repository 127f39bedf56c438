// Package serve is what every request passes before a page is looked for: the
// server with its limits, recovery, and the listener that answers kept pages
// from the connection. It knows no page.
package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"broadsheet/internal/platform/express"
	"broadsheet/internal/platform/pagecache"
)

// Limits of a request, the same for both ways of answering.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 32 << 10
	// maxBody is for servers that are told no other.
	maxBody = 1 << 20
)

// Options are what a server is made of.
type Options struct {
	Handler http.Handler
	// Pages are answered from the connection when Express is set.
	Pages   *pagecache.Cache
	Express bool
	// MaxBody is how many bytes a request to a path may send; nil means one MiB.
	MaxBody func(path string) int64
}

// Server serves one listener.
type Server struct {
	http    *http.Server
	pages   *pagecache.Cache
	express bool

	mu       sync.Mutex
	listener *express.Listener
}

// New returns a server.
func New(o Options) *Server {
	if o.MaxBody == nil {
		o.MaxBody = func(string) int64 { return maxBody }
	}
	return &Server{pages: o.Pages, express: o.Express, http: &http.Server{
		Handler:     inOnePiece(limited(recovered(o.Handler), o.MaxBody)),
		ConnContext: knowConn, ConnState: connState,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
}

// Serve serves until Shutdown, or until the listener fails.
func (s *Server) Serve(listener net.Listener) error {
	if s.express {
		quick := express.Listen(listener, s.lookup, express.Options{ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, WriteTimeout: writeTimeout})
		s.mu.Lock()
		s.listener = quick
		s.mu.Unlock()
		listener = quick
	}
	if err := s.http.Serve(wholeListener{listener}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// longestKey is how long a host and a target may be to be looked up without an
// allocation; longer ones go the ordinary way.
const longestKey = 1024

// lookup finds a kept page by the host and the target as they came: a kept
// address is spelled in one way, and whoever spells it otherwise goes the
// ordinary way.
func (s *Server) lookup(r *express.Request) (express.Answer, bool) {
	var buffer [longestKey]byte
	if len(r.Host)+len(r.Target) > longestKey {
		return express.Answer{}, false
	}
	key := append(append(buffer[:0], r.Host...), r.Target...)
	entry := s.pages.Get(key)
	if entry == nil {
		return express.Answer{}, false
	}
	line, rest := entry.Answer(r.AcceptEncoding, r.IfNoneMatch)
	return express.Answer{Line: line, Rest: rest}, true
}

// Shutdown stops taking requests and waits for the answers on their way.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	quick := s.listener
	s.mu.Unlock()
	var first error
	if quick != nil {
		first = quick.Shutdown(ctx)
	}
	return errors.Join(first, s.http.Shutdown(ctx))
}

// limited bounds what a request may send.
func limited(next http.Handler, most func(path string) int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			// A proxy that counted its length in another way sees where it ends.
			// RFC 9112, section 6.3.
			w.Header().Set("Connection", "close")
		}
		r.Body = http.MaxBytesReader(w, r.Body, most(r.URL.Path))
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into an answer and a line in the log. Where an answer
// has begun the connection is cut off, so that nobody takes a part for the whole.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &begun{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if fault != http.ErrAbortHandler {
				slog.Error("a page panicked", "path", r.URL.Path, "fault", fault, "stack", string(debug.Stack()))
			}
			if fault == http.ErrAbortHandler || seen.yes {
				panic(http.ErrAbortHandler)
			}
			clear(w.Header())
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "Something went wrong.", http.StatusInternalServerError)
		}()
		next.ServeHTTP(seen, r)
	})
}

// begun notes whether an answer has begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

// WriteHeader begins the answer, unless it is one that says to wait.
func (b *begun) WriteHeader(status int) {
	b.yes = b.yes || status >= http.StatusOK
	b.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// ReadFrom begins the answer; net/http knows how to send a file.
func (b *begun) ReadFrom(src io.Reader) (int64, error) {
	b.yes = true
	return io.Copy(b.ResponseWriter, src)
}

// FlushError begins the answer.
func (b *begun) FlushError() error {
	b.yes = true
	return http.NewResponseController(b.ResponseWriter).Flush()
}

// Unwrap gives http.ResponseController what it controls.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
