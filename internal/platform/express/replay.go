package express

import (
	"io"
	"net"
)

// replay is a connection whose first bytes were read already, and perhaps the
// error after them. net/http, whose connections it is for, has one Read at a
// time.
type replay struct {
	net.Conn
	left []byte
	err  error
}

// Read gives back what was read before it reads on.
func (r *replay) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		if err := r.err; err != nil {
			r.err = nil
			return 0, err
		}
		return r.Conn.Read(p)
	}
	n := copy(p, r.left)
	if r.left = r.left[n:]; len(r.left) == 0 {
		r.left = nil // frees the buffer
	}
	return n, nil
}

// ReadFrom lets net/http send files without copying them.
func (r *replay) ReadFrom(src io.Reader) (int64, error) { return io.Copy(r.Conn, src) }

// CloseWrite ends the server's side alone, which net/http does before it refuses
// a body.
func (r *replay) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// NetConn returns the connection within.
func (r *replay) NetConn() net.Conn { return r.Conn }
