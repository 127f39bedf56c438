package wire

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

const (
	// mostBytes is how long a file may be, as it lies there and unpacked.
	mostBytes = 4 << 30
	// mostRatio is how much longer than the packed bytes the unpacked ones may
	// be, once they are more than ratioFrom. Text shrinks to a tenth at best,
	// tables of headlines to a fiftieth; a bomb to a thousandth.
	mostRatio = 200
	ratioFrom = 16 << 20
)

// spool is a file that can be read from its start more than once.
type spool struct {
	file   io.ReadSeeker
	start  int64
	size   int64
	done   atomic.Int64
	remove func()
}

// open makes the source readable twice. Only this step waits for the source:
// nothing is staged while it may still hang.
func open(ctx context.Context, source Source) (*spool, error) {
	if file, ok := source.Read.(io.ReadSeeker); ok {
		start, err := file.Seek(0, io.SeekCurrent)
		if err == nil {
			end, err := file.Seek(0, io.SeekEnd)
			if err == nil {
				return (&spool{file: file, start: start, size: end - start, remove: func() {}}).checked()
			}
		}
	}
	copied, err := os.CreateTemp("", "broadsheet-import-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	s := &spool{file: copied, remove: func() { copied.Close(); os.Remove(copied.Name()) }}
	s.size, err = io.Copy(copied, &bounded{ctx: ctx, from: source.Read, left: mostBytes})
	if err != nil {
		s.remove()
		return nil, unread(err)
	}
	return s.checked()
}

func (s *spool) checked() (*spool, error) {
	var reason string
	switch {
	case s.size == 0:
		reason = "the file is empty"
	case s.size > mostBytes:
		reason = fmt.Sprintf("the file is longer than %d GiB", mostBytes>>30)
	default:
		return s, nil
	}
	s.remove()
	return nil, &Fault{Reason: reason}
}

// Close forgets the copy.
func (s *spool) Close() { s.remove() }

// read tells how many bytes of the file were read this time.
func (s *spool) read() int64 { return s.done.Load() }

// Read counts what it reads.
func (s *spool) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.done.Add(int64(n))
	return n, err
}

// unpacked reads from the file's start what is in it, gzip or not.
func (s *spool) unpacked(ctx context.Context) (io.Reader, error) {
	if _, err := s.file.Seek(s.start, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read again from the start: %w", err)
	}
	s.done.Store(0)
	magic := make([]byte, 4)
	n, err := io.ReadFull(s.file, magic)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, unread(err)
	}
	if _, err := s.file.Seek(s.start, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read again from the start: %w", err)
	}
	switch magic = magic[:n]; {
	case n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		return s.inflated(ctx)
	case string(magic) == "PK\x03\x04", string(magic) == "PK\x05\x06":
		return nil, &Fault{Reason: "this is a ZIP archive: unpack it, and import the files in it"}
	case string(magic) == "%PDF":
		return nil, &Fault{Reason: "this is a PDF document, not a file of articles"}
	}
	return &bounded{ctx: ctx, from: s, left: mostBytes}, nil
}

func (s *spool) inflated(ctx context.Context) (io.Reader, error) {
	packed, err := gzip.NewReader(s)
	if err != nil {
		return nil, unread(err)
	}
	return &bounded{ctx: ctx, from: packed, left: mostBytes, packed: s}, nil
}

// bounded stops a file that is too long, or a context that has ended.
type bounded struct {
	ctx  context.Context
	from io.Reader
	left int64
	// packed is where the packed bytes come from, nil when there are none.
	packed *spool
	out    int64
}

// Read returns a *Fault for bytes that cannot be unpacked or are too many.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.from.Read(p)
	b.out += int64(n)
	if b.out > b.left {
		return 0, &Fault{Reason: fmt.Sprintf("the file is longer than %d GiB", mostBytes>>30)}
	}
	if b.packed != nil && b.out > ratioFrom && b.out > mostRatio*b.packed.read() {
		return 0, &Fault{fmt.Sprintf("byte %d", b.packed.read()),
			fmt.Sprintf("unpacked, the file is more than %d times as long: that is no text", mostRatio)}
	}
	if err != nil && err != io.EOF {
		err = unread(err)
	}
	return n, err
}

// unread says in words why bytes could not be read.
func unread(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Fault{"its end", "the packed file was cut off"}
	case errors.Is(err, gzip.ErrChecksum):
		return &Fault{"its end", "the packed file is damaged: its sum is wrong"}
	case errors.Is(err, gzip.ErrHeader):
		return &Fault{Reason: "the packed file is damaged, or something follows its end"}
	}
	if _, ok := errors.AsType[*Fault](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Fault{Reason: "the file cannot be read: " + err.Error()}
}
