package express

import (
	"net"
	"sync/atomic"
	"time"
)

const (
	// firstBuffer holds what browsers send; it grows to maxHead, beyond which
	// net/http judges. That is what every http.Server takes at least, whatever
	// its MaxHeaderBytes.
	firstBuffer = 2 << 10
	maxHead     = 4 << 10
	// requestStart is what net/http waits for before a request after the first.
	requestStart = 4
	// inOne is the rest of an answer that is copied behind its status line;
	// larger ones go out by writev.
	inOne = 2 << 10
)

// The states of a connection. Only an idle one may be closed by a shutdown.
const (
	idle int32 = iota
	busy
	shut
)

// conn is a connection that express still has.
type conn struct {
	net.Conn
	l     *Listener
	state atomic.Int32
	head  head
	buf   []byte
	// broken is the read error that ended a head halfway.
	broken error
	// fresh until the first request: its header timeout runs from the accept on,
	// as net/http's does.
	fresh bool
	// armed: a read deadline is set.
	armed bool
	// vectored: the connection has writev; others get a copy.
	vectored bool
	out      []byte
	pieces   [2][]byte
	bufs     net.Buffers
}

func newConn(l *Listener, rw net.Conn) *conn {
	c := &conn{Conn: rw, l: l, fresh: true, buf: make([]byte, 0, firstBuffer)}
	c.head.ordinary = l.ordinary
	switch rw.(type) {
	case *net.TCPConn, *net.UnixConn:
		c.vectored = true
	}
	return c
}

// serve answers until there is a request that it cannot answer.
func (c *conn) serve() {
	for c.step() {
	}
}

// step takes one request and says whether the connection stays here.
func (c *conn) step() bool {
	switch c.next() {
	case plain:
		a, ok := c.l.lookup(&c.head.Request)
		if !ok {
			c.handOver()
			return false
		}
		if c.answer(a) {
			return true
		}
	case ordinary:
		c.handOver()
		return false
	}
	c.Close()
	return false
}

// next reads until the head of the next request is judged; partial means that
// the connection is over.
func (c *conn) next() verdict {
	c.head.reset()
	timed := c.fresh
	if !c.await() {
		return partial
	}
	for {
		if v := c.head.judge(c.buf); v != partial {
			return v
		}
		if !timed {
			timed = true
			c.deadline(c.l.opts.ReadHeaderTimeout)
		}
		if !c.grow() {
			return ordinary
		}
		if n, err := c.fill(); n == 0 && err != nil {
			// net/http answers half a head in its own way, after a timeout too.
			c.broken = err
			return ordinary
		}
	}
}

// await waits idle for the start of a request. As in net/http that is the first
// byte of a connection's first request and the fourth of the others; a client
// that leaves before is gone without an answer.
func (c *conn) await() bool {
	start := requestStart
	timeout := c.l.opts.IdleTimeout
	if c.fresh {
		start, timeout = 1, c.l.opts.ReadHeaderTimeout
		c.fresh = false
	}
	if len(c.buf) >= start {
		return true
	}
	c.deadline(timeout)
	c.state.Store(idle)
	// Asked after the store: either the shutdown sees an idle connection or the
	// connection sees the shutdown.
	if c.l.halted() {
		return false
	}
	for len(c.buf) < start {
		if n, err := c.fill(); n == 0 && err != nil {
			return false
		}
	}
	return c.state.CompareAndSwap(idle, busy)
}

func (c *conn) fill() (int, error) {
	n, err := c.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	return n, err
}

// grow makes room for more of a head, or says that there may be none.
func (c *conn) grow() bool {
	if len(c.buf) < cap(c.buf) {
		return true
	}
	if cap(c.buf) >= maxHead {
		return false
	}
	c.buf = append(make([]byte, 0, maxHead), c.buf...)
	return true
}

// deadline sets the read deadline, or takes an earlier one away.
func (c *conn) deadline(d time.Duration) {
	switch {
	case d > 0:
		c.armed = true
		c.SetReadDeadline(time.Now().Add(d))
	case c.armed:
		c.armed = false
		c.SetReadDeadline(time.Time{})
	}
}

// closeIfIdle closes a connection that waits for a request.
func (c *conn) closeIfIdle() {
	if c.state.CompareAndSwap(idle, shut) {
		c.Close()
	}
}

// answer writes a and says whether the connection goes on.
func (c *conn) answer(a Answer) bool {
	last := c.head.closes || c.l.halted()
	now := time.Now()
	if d := c.l.opts.WriteTimeout; d > 0 {
		c.SetWriteDeadline(now.Add(d))
	}
	c.out = append(append(c.out[:0], a.Line...), c.l.dateAt(now)...)
	if last {
		c.out = append(c.out, "Connection: close\r\n"...)
	}
	if err := c.write(a.Rest); err != nil {
		return false
	}
	c.l.answered.Add(1)
	// What came after the head is the start of the next one.
	c.buf = c.buf[:copy(c.buf, c.buf[c.head.next:])]
	return !last
}

// write sends what is in out, and rest, at once.
func (c *conn) write(rest []byte) (err error) {
	switch {
	case len(rest) <= inOne:
		c.out = append(c.out, rest...)
		_, err = c.Write(c.out)
	case c.vectored:
		c.pieces = [2][]byte{c.out, rest}
		c.bufs = c.pieces[:]
		_, err = c.bufs.WriteTo(c.Conn)
	default:
		whole := c.l.copies.Get().(*[]byte)
		*whole = append(append((*whole)[:0], c.out...), rest...)
		_, err = c.Write(*whole)
		c.l.copies.Put(whole)
	}
	return err
}

func (l *Listener) halted() bool {
	select {
	case <-l.stopping:
		return true
	default:
		return false
	}
}

// handOver gives the connection with all unanswered bytes to the http.Server.
func (c *conn) handOver() {
	c.SetDeadline(time.Time{})
	select {
	case <-c.l.cut: // decides when both are ready
		c.Close()
		return
	default:
	}
	select {
	case c.l.passed <- passed{conn: &replay{Conn: c.Conn, left: c.buf, err: c.broken}}:
		c.l.handed.Add(1)
	case <-c.l.cut:
		c.Close()
	}
}
