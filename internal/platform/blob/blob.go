// Package blob keeps files by key: the bytes of pictures and their renditions.
// What they show, and who may see them, is the asset room's to know.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// ErrNotFound says that no file has the key.
var ErrNotFound = errors.New("no such file")

// Store keeps files in one place.
type Store struct{ bucket *blob.Bucket }

// Open returns the store in a folder, which is made when it is absent.
func Open(folder string) (*Store, error) {
	abs, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find the media folder %s: %w", folder, err)
	}
	bucket, err := fileblob.OpenBucket(abs, &fileblob.Options{CreateDir: true, DirFileMode: 0o755, Metadata: fileblob.MetadataDontWrite, NoTempDir: true})
	if err != nil {
		return nil, fmt.Errorf("open the media folder %s: %w", folder, err)
	}
	return &Store{bucket}, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.bucket.Close() }

// Put keeps the bytes under the key. When it returns they are whole, or not
// there at all.
func (s *Store) Put(ctx context.Context, key string, bytes []byte) error {
	if err := s.bucket.WriteAll(ctx, key, bytes, &blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
		return fmt.Errorf("keep the file %s: %w", key, err)
	}
	return nil
}

// File is an open file.
type File struct {
	io.ReadSeekCloser
	Changed time.Time
}

// Get opens the file with the key.
func (s *Store) Get(ctx context.Context, key string) (*File, error) {
	if !fs.ValidPath(key) {
		return nil, fmt.Errorf("%q: %w", key, ErrNotFound)
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		if gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", key, ErrNotFound)
		}
		return nil, fmt.Errorf("open the file %s: %w", key, err)
	}
	return &File{ReadSeekCloser: r, Changed: r.ModTime()}, nil
}
