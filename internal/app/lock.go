package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrHeld says that another program holds the data folder.
var ErrHeld = errors.New("another broadsheet is at work in this folder")

// lock holds a data folder for one program. The kernel lets go of it when the
// program ends, however it ends.
type lock struct{ file *os.File }

// lockName is the lock's name in the data folder.
const lockName = "lock"

func hold(data string) (*lock, error) {
	path := filepath.Join(data, lockName)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("hold the data folder %s: %w", data, err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", data, ErrHeld)
		}
		return nil, fmt.Errorf("hold the data folder %s: %w", data, err)
	}
	return &lock{file}, nil
}

func (l *lock) release() error { return l.file.Close() }
