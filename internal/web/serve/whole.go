package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// mostHeld is the longest answer that is sent in one piece: any page, feed or
// font, and most pictures.
const mostHeld = 256 << 10

// whole is a connection on which an answer to a GET leaves in one write. net/http
// writes four kilobytes, then the rest. A process that is killed between the two
// leaves half an answer, which no proxy can ask another node for again; what was
// written whole, the kernel delivers.
type whole struct {
	net.Conn
	mu      sync.Mutex
	holding bool
	held    *[]byte
	// broken: the answer was given up half-way, and no more of it is sent.
	broken bool
}

// errBroken is what writes to a broken connection get.
var errBroken = errors.New("the answer was given up")

var heldBuffers = sync.Pool{New: func() any { return new([]byte) }}

// hold keeps what is written until the answer is complete.
func (c *whole) hold() {
	c.mu.Lock()
	c.holding = true
	c.mu.Unlock()
}

// release sends what was held, and what is written from now on at once.
func (c *whole) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.letGo()
}

// abandon gives up an answer half-way. What was held is not sent: an answer
// whose end nobody told would pass for whole where its length is not known.
func (c *whole) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = true
	c.letGo()
	reset(c.Conn)
}

// reset has a connection end with a reset, so that who reads until its end knows
// that it was not the answer's.
func reset(conn net.Conn) {
	if within, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = within.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

func (c *whole) letGo() (err error) {
	c.holding = false
	if c.held == nil {
		return nil
	}
	if !c.broken {
		_, err = c.Conn.Write(*c.held)
	}
	*c.held = (*c.held)[:0]
	heldBuffers.Put(c.held)
	c.held = nil
	return err
}

func (c *whole) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return 0, errBroken
	}
	if c.holding && c.held == nil {
		c.held = heldBuffers.Get().(*[]byte)
	}
	if c.holding && len(*c.held)+len(p) <= mostHeld {
		*c.held = append(*c.held, p...)
		return len(p), nil
	}
	if err := c.letGo(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// ReadFrom lets net/http send files too long to be held without copying them.
func (c *whole) ReadFrom(src io.Reader) (int64, error) {
	if part, ok := src.(*io.LimitedReader); ok && part.N <= mostHeld/2 {
		return io.Copy(struct{ io.Writer }{c}, src)
	}
	if err := c.release(); err != nil {
		return 0, err
	}
	return io.Copy(c.Conn, src)
}

// SetWriteDeadline sends what was held first: it belongs to the deadline before.
// net/http takes the deadline away when an answer is complete.
func (c *whole) SetWriteDeadline(t time.Time) error {
	if err := c.release(); err != nil {
		return err
	}
	return c.Conn.SetWriteDeadline(t)
}

// CloseWrite ends the server's side alone, which net/http does before it refuses
// a body.
func (c *whole) CloseWrite() error {
	if err := c.release(); err != nil {
		return err
	}
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close sends what was held, unless somebody else is cut off in a write.
func (c *whole) Close() error {
	if c.mu.TryLock() {
		c.letGo() // who closes does not ask whether it arrived
		c.mu.Unlock()
	}
	return c.Conn.Close()
}

// NetConn returns the connection within.
func (c *whole) NetConn() net.Conn { return c.Conn }

// wholeListener accepts connections that can hold answers. TLS connections stay
// what they are: HTTP/2 has many answers on one.
type wholeListener struct{ net.Listener }

func (l wholeListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if _, secure := conn.(*tls.Conn); secure || err != nil {
		return conn, err
	}
	return &whole{Conn: conn}, nil
}

type connKey struct{}

// knowConn is an http.Server's ConnContext.
func knowConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// connState is an http.Server's ConnState: an idle connection's answer is
// complete.
func connState(conn net.Conn, state http.ConnState) {
	if c, ok := conn.(*whole); ok && state == http.StateIdle {
		c.release() // the next read finds a broken connection
	}
}

// inOnePiece sends answers to requests without a body in one write. (One with a
// body may have to be told to go on before there is an answer.) The answer of a
// handler that panics is not sent.
func inOnePiece(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(connKey{}).(*whole)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength == 0 {
			c.hold()
		}
		answered := false
		defer func() {
			if !answered {
				c.abandon()
			}
		}()
		next.ServeHTTP(w, r)
		answered = true
	})
}
