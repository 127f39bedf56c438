package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
)

// A backup of a newsroom that is being served comes through its control socket,
// in frames: a letter, a length of four bytes, and that many bytes. Who asked
// writes the file, with the rights that they have.

// The letters of frames.
const (
	frameBytes    = 'B' // the backup's next bytes
	frameProgress = 'P' // a backupProgress
	frameEnd      = 'E' // a backupEnd; nothing follows
)

// maxFrame bounds what a frame may carry.
const maxFrame = 16 << 20

type backupProgress struct {
	What   string
	At, Of int64
}

// backupEnd tells what the backup has, or why there is none.
type backupEnd struct {
	Head    ArchiveHead
	Totals  ArchiveTotals
	Failure string
}

// frames writes frames.
type frames struct{ w *bufio.Writer }

func (f frames) send(letter byte, payload []byte) error {
	var head [5]byte
	head[0] = letter
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if _, err := f.w.Write(head[:]); err != nil {
		return err
	}
	_, err := f.w.Write(payload)
	return err
}

// Write sends bytes of the backup.
func (f frames) Write(b []byte) (int, error) {
	for at := 0; at < len(b); at += maxFrame {
		if err := f.send(frameBytes, b[at:min(at+maxFrame, len(b))]); err != nil {
			return at, err
		}
	}
	return len(b), nil
}

func (f frames) sendJSON(letter byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	return f.send(letter, text)
}

// folder is the data folder that this program holds.
func (n *Newsroom) folder() string { return filepath.Dir(n.lock.file.Name()) }

// backupFor writes a backup into the answer.
func (n *Newsroom) backupFor(w http.ResponseWriter, r *http.Request) {
	var ask backupAsk
	if err := json.NewDecoder(io.LimitReader(r.Body, maxFrame)).Decode(&ask); err != nil {
		http.Error(w, "the order cannot be read", http.StatusBadRequest)
		return
	}
	out := frames{bufio.NewWriterSize(w, 256<<10)}
	var last int64
	from := stock{db: n.DB, media: n.Media, files: backupFiles{n.folder(), n.config.Theme}}
	head, totals, err := from.write(r.Context(), ask.Incomplete, out, func(what string, at, of int64) {
		// A hundred times for each part is enough to see it move.
		if step := max(1, of/100); at < last || at-last >= step || at == of {
			last = at
			out.sendJSON(frameProgress, backupProgress{what, at, of})
		}
	})
	end := backupEnd{Head: head, Totals: totals}
	if err != nil {
		end.Failure = err.Error()
	}
	out.sendJSON(frameEnd, end)
	out.w.Flush()
}

// beginBackup notes that a backup begins, of the newsroom that is meant.
func (n *Newsroom) beginBackup(ctx context.Context, b backupBegin) (backupNote, error) {
	if b.Database != "" && b.Database != n.config.Database {
		return backupNote{}, fmt.Errorf("the program that serves %s has another database than --database names: leave --database out, or give the --data of the newsroom that you mean", n.folder())
	}
	return beginBackup(ctx, n.DB, b)
}

// endBackup notes what became of a backup.
func (n *Newsroom) endBackup(ctx context.Context, note backupNote) (struct{}, error) {
	return struct{}{}, endBackup(ctx, n.DB, note)
}

// controlClient commands the program that serves a newsroom.
type controlClient struct {
	data string
	http *http.Client
}

func newControlClient(data string) *controlClient {
	c := &controlClient{data: data}
	c.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx) }}}
	return c
}

func (c *controlClient) dial(ctx context.Context) (net.Conn, error) {
	path, done, err := controlPath(c.data)
	if err != nil {
		return nil, err
	}
	defer done()
	return (&net.Dialer{}).DialContext(ctx, "unix", path)
}

// listens tells whether the program that holds the newsroom takes commands.
func (c *controlClient) listens(ctx context.Context) bool {
	conn, err := c.dial(ctx)
	if err != nil {
		return !isAbsent(err)
	}
	conn.Close()
	return true
}

// isAbsent says that there is no socket, or that nobody listens at it any more.
func isAbsent(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// post sends a command, its order on the first line and files behind it; the
// answer is the caller's to close.
func (c *controlClient) post(ctx context.Context, path string, order any, files ...io.Reader) (*http.Response, error) {
	text, err := json.Marshal(order)
	if err != nil {
		return nil, fmt.Errorf("write the order: %w", err)
	}
	sent := io.MultiReader(append([]io.Reader{bytes.NewReader(append(text, '\n'))}, files...)...)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://newsroom"+path, sent)
	if err != nil {
		return nil, fmt.Errorf("write the order: %w", err)
	}
	answer, err := c.http.Do(request)
	if isAbsent(err) {
		return nil, fmt.Errorf("%s: %w, and does not take commands", c.data, ErrHeld)
	}
	if err != nil {
		return nil, fmt.Errorf("reach the program that serves %s: %w", c.data, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("the program that serves %s is another version and does not know this command; restart it", c.data)
		}
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 4096))
		return nil, errors.New(string(bytes.TrimSpace(said)))
	}
	return answer, nil
}

// backupAsk is what the serving program is asked for.
type backupAsk struct{ Incomplete bool }

// backup has the serving program write a backup, and passes it on to out.
func (c *controlClient) backup(ctx context.Context, ask backupAsk, out io.Writer, progress Progress) (ArchiveHead, ArchiveTotals, error) {
	answer, err := c.post(ctx, "/backup", ask)
	if err != nil {
		return ArchiveHead{}, ArchiveTotals{}, err
	}
	defer answer.Body.Close()
	end, err := hearBackup(bufio.NewReaderSize(answer.Body, 256<<10), out, progress)
	if err == nil && end.Failure != "" {
		err = errors.New(end.Failure)
	}
	return end.Head, end.Totals, err
}

// errCutShort is what is said when the serving program goes away.
var errCutShort = errors.New("the program that serves the newsroom ended before the backup did")

func hearBackup(r io.Reader, out io.Writer, progress Progress) (end backupEnd, err error) {
	for {
		var head [5]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return end, errCutShort
		}
		size := binary.BigEndian.Uint32(head[1:])
		if size > maxFrame {
			return end, fmt.Errorf("a frame of %d bytes: %w", size, errCutShort)
		}
		body := io.LimitReader(r, int64(size))
		if head[0] == frameBytes {
			n, err := io.Copy(out, body)
			if err != nil {
				return end, err
			}
			if n < int64(size) {
				return end, errCutShort
			}
			continue
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return end, errCutShort
		}
		if head[0] == frameEnd {
			if err := json.Unmarshal(text, &end); err != nil {
				return end, fmt.Errorf("read the end of the backup: %w", err)
			}
			return end, nil
		}
		var p backupProgress
		if err := json.Unmarshal(text, &p); err == nil {
			progress(p.What, p.At, p.Of)
		}
	}
}
