package blob

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// incoming is where files are written before they get their key, in the same
// folder and so on the same disk. No key is in it.
const incoming = ".incoming"

// leftFor is how old a file in incoming is when whoever wrote it has surely
// died.
const leftFor = 24 * time.Hour

// piece is how much is written between two looks at whether it is still wanted.
const piece = 1 << 20

// folder keeps files in a folder of the file system, and never leaves it:
// os.Root follows no link out of it.
type folder struct{ root *os.Root }

// makeFolder opens a folder to write into.
func makeFolder(name string) (*folder, error) {
	if err := os.MkdirAll(name, 0o755); err != nil {
		return nil, kindOfFile(err)
	}
	f, err := openFolder(name)
	if err != nil {
		return nil, err
	}
	f.sweep(time.Now().Add(-leftFor))
	return f, nil
}

func openFolder(name string) (*folder, error) {
	root, err := os.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return nil, kindOfFile(err)
	}
	return &folder{root}, nil
}

// sweep removes what a program that died was writing. What cannot be removed
// does no harm.
func (f *folder) sweep(before time.Time) {
	left, err := fs.ReadDir(f.root.FS(), incoming)
	if err != nil {
		return
	}
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && info.ModTime().Before(before) {
			f.root.Remove(path.Join(incoming, entry.Name()))
		}
	}
}

func (f *folder) close() error { return f.root.Close() }

func (f *folder) ping(context.Context) error {
	there, err := os.Stat(f.root.Name())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	open, err := f.root.Stat(".")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !os.SameFile(there, open) {
		return fmt.Errorf("%w: %s is another folder now, as when a disk was mounted there; start again", ErrUnavailable, f.root.Name())
	}
	return nil
}

func (f *folder) put(ctx context.Context, key string, content io.ReadSeeker) error {
	err := f.keep(ctx, key, content)
	if errors.Is(err, fs.ErrNotExist) { // the folder itself
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return kindOfFile(err)
}

// keep writes to incoming, makes the bytes durable, and only then gives them
// their key, and makes that durable too.
func (f *folder) keep(ctx context.Context, key string, content io.ReadSeeker) error {
	if err := f.root.MkdirAll(incoming, 0o755); err != nil {
		return err
	}
	temporary := path.Join(incoming, rand.Text())
	err := f.write(ctx, temporary, content)
	if err == nil {
		err = f.name(temporary, key)
	}
	if err != nil {
		f.root.Remove(temporary) // or sweep does
		return err
	}
	return f.syncFolders(path.Dir(key))
}

func (f *folder) write(ctx context.Context, name string, content io.ReadSeeker) error {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	for n := int64(piece); n == piece; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n, err = io.CopyN(file, content, piece); err != nil && err != io.EOF {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return errors.Join(file.Close(), ctx.Err())
}

func (f *folder) name(temporary, key string) error {
	if err := f.root.MkdirAll(path.Dir(key), 0o755); err != nil {
		return err
	}
	return f.root.Rename(temporary, key)
}

// syncFolders makes durable what a folder and those it is in contain. One that
// has not changed costs next to nothing.
func (f *folder) syncFolders(name string) error {
	for {
		folder, err := f.root.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		name = path.Dir(name)
	}
}

func (f *folder) get(_ context.Context, key string) (*File, error) {
	file, err := f.root.Open(key)
	if err != nil {
		return nil, f.absent(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotFound
	}
	if err != nil {
		file.Close()
		return nil, f.absent(err)
	}
	return &File{file, told(key, info)}, nil
}

func (f *folder) stat(_ context.Context, key string) (Info, error) {
	info, err := f.root.Stat(key)
	switch {
	case err != nil:
		return Info{}, f.absent(err)
	case !info.Mode().IsRegular():
		return Info{}, ErrNotFound
	}
	return told(key, info), nil
}

func told(key string, info fs.FileInfo) Info {
	return Info{Key: key, Size: info.Size(), Changed: info.ModTime().UTC()}
}

func (f *folder) delete(ctx context.Context, key string) error {
	if _, err := f.stat(ctx, key); err != nil {
		return err // a folder is nobody's file, empty or not
	}
	if err := f.root.Remove(key); err != nil {
		return f.absent(err)
	}
	return kindOfFile(f.syncFolders(path.Dir(key)))
}

func (f *folder) each(ctx context.Context, prefix string, do func(Info) error) error {
	if err := f.ping(ctx); err != nil {
		return err // nothing is in a folder that went, and none of it was deleted
	}
	return f.walk(ctx, ".", prefix, do)
}

// walk tells the files in a folder. Its entries are sorted as their keys are:
// those in the folder "a" begin with "a/", which comes after "a-b".
func (f *folder) walk(ctx context.Context, name, prefix string, do func(Info) error) error {
	entries, err := fs.ReadDir(f.root.FS(), name)
	if err != nil {
		return kindOfFile(err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortedBy(a), sortedBy(b)) })
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := path.Join(name, entry.Name())
		if entry.IsDir() {
			err = f.into(ctx, key, prefix, do)
		} else {
			err = f.tell(ctx, key, prefix, do)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sortedBy(entry fs.DirEntry) string {
	if entry.IsDir() {
		return entry.Name() + "/"
	}
	return entry.Name()
}

// into walks a folder that can hold files under the prefix.
func (f *folder) into(ctx context.Context, name, prefix string, do func(Info) error) error {
	within := name + "/"
	if name == incoming || !strings.HasPrefix(within, prefix) && !strings.HasPrefix(prefix, within) {
		return nil
	}
	return f.walk(ctx, name, prefix, do)
}

func (f *folder) tell(ctx context.Context, key, prefix string, do func(Info) error) error {
	if !strings.HasPrefix(key, prefix) {
		return nil
	}
	info, err := f.stat(ctx, key)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // it went meanwhile
	case err != nil:
		return err
	}
	return do(info)
}

// absent is kindOfFile for who asks for a file that may not be there. In a
// folder that went, none is.
func (f *folder) absent(err error) error {
	if !isAny(err, fs.ErrNotExist, syscall.ENOTDIR) {
		return kindOfFile(err)
	}
	if away := f.ping(context.Background()); away != nil {
		return away
	}
	return fmt.Errorf("%w: %w", ErrNotFound, err)
}

// kindOfFile wraps what the file system says with the kind that callers know.
func kindOfFile(err error) error {
	switch {
	case isAny(err, syscall.ENOSPC, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case isAny(err, syscall.EIO, syscall.ESTALE, syscall.ENOTCONN, syscall.EROFS, syscall.ETIMEDOUT):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func isAny(err error, causes ...error) bool {
	return slices.ContainsFunc(causes, func(cause error) bool { return errors.Is(err, cause) })
}
