// Package express answers plain GETs from memory before net/http sees them: one
// read, one look-up, one write, and no allocation. It wraps a listener; whatever
// it does not understand entirely, or has no answer for, it hands to the
// http.Server behind it with all bytes still unread, and the connection stays
// there for good. It is no HTTP server: it knows no methods but GET, no bodies
// and no TLS, and it decides nothing about what is kept or for whom.
//
// An answer here and the ordinary handler's answer must be the same but for the
// order of header fields. So the look-up must depend on nothing but the Request,
// and what net/http would do with a request by itself (refuse, redirect, close)
// must never be found by it.
//
// To drain both: Shutdown of the Listener first, while the http.Server still
// takes what is handed to it, then Shutdown of the http.Server.
package express

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Request is what an answer may depend on. The slices are good during the
// look-up only.
type Request struct {
	// Host is in small letters, with its port if the client sent one.
	Host []byte
	// Target is the path and query as they came: it starts with one slash, has
	// no dot segment, no double slash in the path and well-formed escapes only.
	Target []byte
	// AcceptEncoding and IfNoneMatch are the fields' values, empty when absent.
	AcceptEncoding, IfNoneMatch []byte
}

// Answer is a response but for its Date. Neither slice is changed.
type Answer struct {
	// Line is the status line with its line end.
	Line []byte
	// Rest is the header without Date and Connection, the empty line and the
	// body. Its Content-Length must be true.
	Rest []byte
}

// Lookup finds the answer to a request, if it is known. It is called from many
// goroutines and must not wait for anything.
type Lookup func(*Request) (Answer, bool)

// Options say how long connections may take. Give them the values of the
// http.Server; zero means without limit. (An http.Server takes its ReadTimeout in
// place of the first two when they are zero; here they must be said.)
type Options struct {
	ReadHeaderTimeout time.Duration
	IdleTimeout       time.Duration
	WriteTimeout      time.Duration
	// Ordinary names further header fields whose presence sends a request the
	// ordinary way, such as Cookie or X-Forwarded-Proto.
	Ordinary []string
}

// Listener accepts from another listener. Its own Accept gives what express does
// not answer.
type Listener struct {
	inner    net.Listener
	lookup   Lookup
	opts     Options
	ordinary map[string]struct{}

	date     atomic.Pointer[dateLine]
	answered atomic.Int64
	handed   atomic.Int64
	// copies are buffers for answers on connections without writev.
	copies sync.Pool

	passed chan passed
	// stopping is closed when no connection is accepted any more, cut when
	// nothing is handed over either, closed when Accept must end, drained when
	// the last connection is gone.
	stopping, cut, closed, drained chan struct{}
	cutOnce, closeOnce             sync.Once

	mu    sync.Mutex
	conns map[*conn]struct{}
	// accepting: the loop runs.
	accepting bool
	stop      bool
	stopErr   error
}

// passed is what Accept returns.
type passed struct {
	conn net.Conn
	err  error
}

// Listen begins to accept from inner. Close or Shutdown the result after use.
func Listen(inner net.Listener, lookup Lookup, o Options) *Listener {
	l := &Listener{
		inner:     inner,
		lookup:    lookup,
		opts:      o,
		ordinary:  map[string]struct{}{},
		passed:    make(chan passed),
		stopping:  make(chan struct{}),
		cut:       make(chan struct{}),
		closed:    make(chan struct{}),
		drained:   make(chan struct{}),
		conns:     map[*conn]struct{}{},
		accepting: true,
	}
	l.copies.New = func() any { return new([]byte) }
	for _, name := range o.Ordinary {
		l.ordinary[strings.ToLower(name)] = struct{}{}
	}
	go l.run()
	return l
}

// Accept waits for a connection that goes the ordinary way. After Shutdown it
// still waits, until Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case p := <-l.passed:
		return p.conn, p.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Addr is the address of the listener within.
func (l *Listener) Addr() net.Addr { return l.inner.Addr() }

// Close stops accepting and handing over, and closes idle connections. Answers
// being written are finished; Shutdown waits for them.
func (l *Listener) Close() error {
	err := l.halt()
	l.cutOnce.Do(func() { close(l.cut) })
	l.closeOnce.Do(func() { close(l.closed) })
	return err
}

// Shutdown stops accepting, closes idle connections and waits until all others
// are answered or handed over. When ctx ends first, those left are cut and its
// error is returned.
func (l *Listener) Shutdown(ctx context.Context) error {
	err := l.halt()
	select {
	case <-l.drained:
		return err
	case <-ctx.Done():
	}
	l.cutOnce.Do(func() { close(l.cut) })
	l.each(func(c *conn) { c.Close() })
	<-l.drained
	return errors.Join(ctx.Err(), err)
}

// halt stops accepting and closes idle connections.
func (l *Listener) halt() error {
	l.mu.Lock()
	if !l.stop {
		l.stop = true
		close(l.stopping)
		l.stopErr = l.inner.Close()
	}
	err := l.stopErr
	l.mu.Unlock()
	l.each((*conn).closeIfIdle)
	return err
}

func (l *Listener) each(f func(*conn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		f(c)
	}
}

// Stats are counts since Listen, and the connections that are express's now.
type Stats struct {
	Open             int
	Answered, Handed int64
}

// Stats returns the counts.
func (l *Listener) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Open: len(l.conns), Answered: l.answered.Load(), Handed: l.handed.Load()}
}

// run accepts until the listener within is closed. Its errors are for whoever
// calls Accept, who decides how long to wait after one.
func (l *Listener) run() {
	defer l.runEnds()
	for {
		rw, err := l.inner.Accept()
		if err == nil {
			l.begin(rw)
			continue
		}
		select {
		case <-l.stopping:
			return
		default:
		}
		select {
		case l.passed <- passed{err: err}:
		case <-l.stopping:
			return
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func (l *Listener) begin(rw net.Conn) {
	c := newConn(l, rw)
	l.mu.Lock()
	stop := l.stop
	if !stop {
		l.conns[c] = struct{}{}
	}
	l.mu.Unlock()
	if stop {
		rw.Close()
		return
	}
	go func() {
		defer l.forget(c)
		defer c.rescue()
		c.serve()
	}()
}

func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.checkDrained()
}

func (l *Listener) runEnds() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepting = false
	l.checkDrained()
}

// checkDrained is called when a connection or the loop has ended, under mu.
func (l *Listener) checkDrained() {
	if l.accepting || !l.stop || len(l.conns) > 0 {
		return
	}
	select {
	case <-l.drained:
	default:
		close(l.drained)
	}
}

// rescue keeps a panicking look-up from taking the process down, as net/http
// does for handlers.
func (c *conn) rescue() {
	if err := recover(); err != nil {
		slog.Error("answer from memory", "panic", err, "stack", string(debug.Stack()))
		c.Close()
	}
}

// dateLine is the Date field of one second.
type dateLine struct {
	second int64
	text   []byte
}

// dateAt returns the Date field for a time. It is made once a second.
func (l *Listener) dateAt(now time.Time) []byte {
	second := now.Unix()
	if d := l.date.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &dateLine{second, now.UTC().AppendFormat(nil, "Date: Mon, 02 Jan 2006 15:04:05 GMT\r\n")}
	l.date.Store(d)
	return d.text
}
