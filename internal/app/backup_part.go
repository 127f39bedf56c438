package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// What stands beside FILE while its backup is made: the file until it is whole,
// and the folder of its trial restore. Whoever has the lock of the former may
// remove both.
const (
	partSuffix  = ".broadsheet-part"
	trialSuffix = ".broadsheet-trial"
)

// sweep removes from a folder what backups left there that were killed: they are
// whole copies of a database. It returns the names that those would have had.
func sweep(folder string) (gone []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // who makes a file there is told why
	}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), partSuffix)
		if !ok {
			if name, ok = strings.CutSuffix(entry.Name(), trialSuffix); !ok {
				continue
			}
		}
		name = filepath.Join(folder, name)
		part, err := lockPart(name)
		if err != nil {
			continue // somebody is at work on it
		}
		os.RemoveAll(name + trialSuffix)
		os.Remove(part.Name())
		part.Close()
		gone = append(gone, name)
	}
	return gone
}

// lockPart opens the part of FILE and holds it. One that was left behind is as
// good as a new one.
func lockPart(name string) (*os.File, error) {
	for {
		file, err := os.OpenFile(name+partSuffix, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			file.Close()
			return nil, fmt.Errorf("another backup is being written to %s", file.Name())
		}
		held, err := file.Stat()
		if err == nil {
			var named fs.FileInfo
			if named, err = os.Stat(file.Name()); err == nil && os.SameFile(held, named) {
				return file, nil
			}
		}
		file.Close() // whoever held it before has removed or renamed it meanwhile
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// partFile is a file that stands beside its name until it is whole.
type partFile struct {
	// file is a field of its own: everything written must go through Write.
	file  *os.File
	name  string
	hash  hash.Hash
	bytes int64
	shown bool
}

// createPart makes the part of FILE, readable by its owner alone: it will have
// hashes of tokens and the secrets of webhooks in it.
func createPart(name string) (*partFile, error) {
	file, err := lockPart(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder for %s: make it, or choose another place", name)
	}
	if err != nil {
		return nil, fmt.Errorf("make the file of the backup: %w", err)
	}
	p := &partFile{file: file, name: name, hash: sha256.New()}
	if _, err := os.Lstat(name); err == nil {
		p.discard()
		return nil, fmt.Errorf("%s is there already: choose another name, or remove it", name)
	}
	if err := errors.Join(file.Chmod(0o600), file.Truncate(0)); err != nil {
		p.discard()
		return nil, fmt.Errorf("make the file of the backup: %w", err)
	}
	return p, nil
}

// Write writes on, and adds up.
func (p *partFile) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.hash.Write(b[:n])
	p.bytes += int64(n)
	return n, err
}

// sum is what was written.
func (p *partFile) sum() (int64, string, error) {
	info, err := p.file.Stat()
	if err == nil && info.Size() != p.bytes {
		err = fmt.Errorf("it has %d bytes where %d were written", info.Size(), p.bytes)
	}
	if err != nil {
		return 0, "", fmt.Errorf("look at the file of the backup: %w", err)
	}
	return p.bytes, hex.EncodeToString(p.hash.Sum(nil)), nil
}

// show gives the file its name, durably.
func (p *partFile) show() error {
	if err := os.Rename(p.file.Name(), p.name); err != nil {
		return fmt.Errorf("name the file of the backup: %w", err)
	}
	p.shown = true
	return syncFolder(filepath.Dir(p.name))
}

// discard removes the file unless it was shown.
func (p *partFile) discard() {
	if !p.shown {
		os.Remove(p.file.Name())
	}
	p.file.Close()
}

// syncFolder makes what happened to a folder's names durable.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open the folder %s: %w", name, err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("sync the folder %s: %w", name, err)
	}
	return nil
}
