// Package blob keeps files by key: the bytes of pictures and their renditions,
// in a folder or in a bucket that speaks S3. What they show, and who may see
// them, is the asset room's to know.
package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"
)

// The kinds of errors that callers choose by. The cause stays wrapped inside
// for the log.
var (
	// ErrNotFound says that no file has the key.
	ErrNotFound = errors.New("no such file")
	// ErrUnavailable says that the store does not answer, or is not there.
	ErrUnavailable = errors.New("the media store does not answer")
	// ErrFull says that the store has no room.
	ErrFull = errors.New("the media store is full")
	// ErrDamaged says that a file is not what was kept under its key.
	ErrDamaged = errors.New("the file is damaged")
	// ErrKey says that no file can have the key.
	ErrKey = errors.New("not a key for a file")
	// ErrAddress says that a text is not the address of a store.
	ErrAddress = errors.New("not the address of a media store")
)

// Store keeps files in one place.
type Store struct{ in place }

// place is what holds the bytes: a folder or a bucket. Its keys are valid, and
// its errors are of the kinds above where one fits.
type place interface {
	put(ctx context.Context, key string, content io.ReadSeeker) error
	get(ctx context.Context, key string) (*File, error)
	stat(ctx context.Context, key string) (Info, error)
	delete(ctx context.Context, key string) error
	each(ctx context.Context, prefix string, do func(Info) error) error
	ping(ctx context.Context) error
	close() error
}

// Info is what a store knows about a file without opening it.
type Info struct {
	Key string
	// Size is in bytes.
	Size int64
	// Changed is when the file was kept last, exact to a second at least.
	Changed time.Time
}

// File is an open file.
type File struct {
	io.ReadSeekCloser
	Info
}

// Open returns the store in a folder, which is made when it is absent.
func Open(folder string) (*Store, error) { return opened(makeFolder(folder)) }

// Find returns the store in a folder, which is not made: one that is absent may
// be on a disk that is not mounted.
func Find(folder string) (*Store, error) { return opened(openFolder(folder)) }

func opened(in *folder, err error) (*Store, error) {
	if err != nil {
		return nil, fmt.Errorf("open the media folder: %w", err)
	}
	return &Store{in}, nil
}

// OpenURL returns the store at an address:
//
//	file:///srv/media
//	s3://bucket?region=eu-central-1
//	s3://bucket?endpoint=https://s3.paper.example&prefix=media
//
// The keys of an S3 store come from where the AWS SDK looks for them, such as
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a region that is not given comes
// from AWS_REGION. With an endpoint the bucket's name goes into the path. A
// bucket is not asked for anything yet: see Ping.
func OpenURL(ctx context.Context, address string) (*Store, error) {
	return openURL(ctx, address, Open)
}

// FindURL returns the store at an address as OpenURL does, and makes no folder.
func FindURL(ctx context.Context, address string) (*Store, error) {
	return openURL(ctx, address, Find)
}

func openURL(ctx context.Context, address string, inFolder func(string) (*Store, error)) (*Store, error) {
	at, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: it cannot be read as a URL", ErrAddress)
	case at.Scheme == "file":
		return openFileURL(at, inFolder)
	case at.Scheme == "s3":
		in, err := openBucket(ctx, at, silentFor)
		if err != nil {
			return nil, fmt.Errorf("open the media bucket: %w", err)
		}
		return &Store{in}, nil
	}
	return nil, fmt.Errorf("%w: it begins with s3:// or file:///, as in s3://bucket?region=eu-central-1", ErrAddress)
}

func openFileURL(at *url.URL, inFolder func(string) (*Store, error)) (*Store, error) {
	if at.Host != "" && at.Host != "localhost" || !strings.HasPrefix(at.Path, "/") || at.RawQuery != "" || at.Fragment != "" {
		return nil, fmt.Errorf("%w: a folder is written with its whole path and nothing after it, as in file:///srv/media", ErrAddress)
	}
	return inFolder(at.Path)
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.in.close() }

// Ping asks whether the store answers and lets this program in.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.in.ping(ctx); err != nil {
		return fmt.Errorf("reach the media store: %w", err)
	}
	return nil
}

// Put keeps the bytes under the key, in place of what was there. When it
// returns they are whole and durable; after an error nothing has changed, or
// all of it.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	return s.PutFrom(ctx, key, bytes.NewReader(content))
}

// PutFrom keeps what content has, from its beginning on, as Put does. It is read
// more than once, and never held in memory as a whole.
func (s *Store) PutFrom(ctx context.Context, key string, content io.ReadSeeker) error {
	if !valid(key) {
		return fmt.Errorf("keep the file %q: %w", key, ErrKey)
	}
	if err := s.in.put(ctx, key, content); err != nil {
		return fmt.Errorf("keep the file %s: %w", key, err)
	}
	return nil
}

// Get opens the file with the key. What is read from a file of a bucket is
// asked for under ctx until it is closed. One of a bucket that is read from its
// beginning to its end is compared with its checksum: in place of its last bytes
// comes ErrDamaged.
func (s *Store) Get(ctx context.Context, key string) (*File, error) {
	if !valid(key) {
		return nil, fmt.Errorf("open the file %q: %w", key, ErrNotFound)
	}
	file, err := s.in.get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("open the file %s: %w", key, err)
	}
	return file, nil
}

// Stat tells what is known about the file with the key.
func (s *Store) Stat(ctx context.Context, key string) (Info, error) {
	if !valid(key) {
		return Info{}, fmt.Errorf("look at the file %q: %w", key, ErrNotFound)
	}
	info, err := s.in.stat(ctx, key)
	if err != nil {
		return Info{}, fmt.Errorf("look at the file %s: %w", key, err)
	}
	return info, nil
}

// Delete removes the file with the key. That there is none is no error. A
// bucket that keeps old versions keeps them; who deletes for good must have it
// set up not to.
func (s *Store) Delete(ctx context.Context, key string) error {
	if !valid(key) {
		return nil
	}
	if err := s.in.delete(ctx, key); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete the file %s: %w", key, err)
	}
	return nil
}

// Each calls do for every file whose key begins with prefix, in the order of
// the keys' bytes, and ends with the first error of do, as it is. Files that
// come and go meanwhile may be told or not.
func (s *Store) Each(ctx context.Context, prefix string, do func(Info) error) error {
	var stopped error
	err := s.in.each(ctx, prefix, func(info Info) error {
		if !valid(info.Key) {
			return nil // nobody's: a folder's mark in a bucket, say
		}
		stopped = do(info)
		return stopped
	})
	if err != nil && err != stopped {
		return fmt.Errorf("list the files under %q: %w", prefix, err)
	}
	return err
}

// The longest key, and the longest part of one between slashes, in bytes: what
// a bucket takes with a prefix, and what a file system takes.
const (
	longestKey  = 900
	longestPart = 255
)

// valid tells whether a file can have the key, in any kind of store: parts
// between slashes, as in fs.ValidPath, without control characters.
func valid(key string) bool {
	if !fs.ValidPath(key) || key == "." || len(key) > longestKey || strings.HasPrefix(key+"/", incoming+"/") {
		return false
	}
	for part := range strings.SplitSeq(key, "/") {
		if len(part) > longestPart {
			return false
		}
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
