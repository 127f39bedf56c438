package theme

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// overlay lays folders over each other, the strongest first. A file is taken
// from the first folder that has it; a folder lists the files of all.
type overlay []fs.FS

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	for _, layer := range o {
		file, err := layer.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	found := false
	for _, layer := range o {
		list, err := fs.ReadDir(layer, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = true
		entries = append(entries, list...)
	}
	if !found {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	// The sort is stable, so of two of a name the stronger one stays.
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return slices.CompactFunc(entries, func(a, b fs.DirEntry) bool { return a.Name() == b.Name() }), nil
}

// digest is a hash over every file of the layers, in their order, and of dist.
func digest(layers []fs.FS, dist fs.FS) (string, error) {
	sum := sha256.New()
	for i, layer := range append(slices.Clone(layers), dist) {
		err := fs.WalkDir(layer, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(layer, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%d %s %d\n", i, name, len(content))
			sum.Write(content)
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("theme: read a layer: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}
