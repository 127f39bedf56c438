package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
)

// ImportOrder is what to import, and into what.
type ImportOrder struct {
	// Format is articles or wxr.
	Format string
	// Edition is the key of the edition that the stories join.
	Edition string
	// Section takes stories that name none: a slug; empty means the edition's
	// first section, or one named News that is made.
	Section string
	// Mapping leads from our fields to the file's columns.
	Mapping map[string]string
	Charset string
	Genre   string
	DryRun  bool
}

// ImportFile is a file to import, by its name.
type ImportFile struct {
	Name string
	Size int64
}

// Import brings a file in: here, or, when another program serves the newsroom,
// through it.
func Import(ctx context.Context, c Config, order ImportOrder, path string, progress func(wire.Progress)) (wire.Report, error) {
	file, err := openFile(ctx, path)
	if err != nil {
		return wire.Report{File: path}, fmt.Errorf("open %s: %w", path, plainFile(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return wire.Report{File: path}, fmt.Errorf("look at %s: %w", path, err)
	}
	if info.IsDir() {
		return wire.Report{File: path}, fmt.Errorf("%s is a folder, not a file", path)
	}
	named := ImportFile{Name: path, Size: info.Size()}
	newsroom, err := Open(ctx, c)
	if errors.Is(err, ErrHeld) {
		return commandImport(ctx, c.Data, importOrder{named, order}, file, progress)
	}
	if err != nil {
		return wire.Report{File: path}, err
	}
	defer newsroom.Close()
	return newsroom.importHere(ctx, order, named, file, progress)
}

// openFile opens a file, or gives up with ctx: a pipe that nobody writes to
// would keep us for ever.
func openFile(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		file, err := os.Open(path)
		done <- opened{file, err}
	}()
	select {
	case o := <-done:
		return o.file, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// plainFile says of a file what a person calls it.
func plainFile(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, os.ErrPermission):
		return errors.New("this account may not read it")
	}
	return err
}

func (n *Newsroom) importHere(ctx context.Context, order ImportOrder, file ImportFile, read io.Reader, progress func(wire.Progress)) (wire.Report, error) {
	if order.Genre != "" && !story.Genre(order.Genre).Valid() {
		return wire.Report{File: file.Name}, fmt.Errorf("%w: there is no genre %q; there are %s", ErrUsage, order.Genre, genreNames())
	}
	if !n.importing.TryLock() {
		return wire.Report{File: file.Name}, publish.ErrBusy
	}
	defer n.importing.Unlock()
	into, in, err := n.destination(ctx, order)
	if err != nil {
		return wire.Report{File: file.Name}, err
	}
	return wire.Import(ctx, n.Desk, wire.Source{Name: file.Name, Read: read, Size: file.Size}, wire.Options{
		Format: order.Format, Edition: into, Section: in, Mapping: order.Mapping, Charset: order.Charset,
		DryRun: order.DryRun, Alone: n.Alone(), Genre: story.Genre(order.Genre),
	}, progress)
}

func genreNames() string {
	var names []string
	for _, g := range story.Genres {
		names = append(names, string(g))
	}
	return strings.Join(names, ", ")
}

// destination finds the edition, and the section for stories that name none.
func (n *Newsroom) destination(ctx context.Context, order ImportOrder) (into edition.Edition, in ref.Section, err error) {
	err = n.DB.View(ctx, func(tx *db.Tx) error {
		editions, err := edition.All(tx)
		if err != nil {
			return err
		}
		var keys []string
		for _, e := range editions {
			keys = append(keys, e.Key)
			if e.Key == order.Edition {
				into = e
			}
		}
		if into.Key == "" {
			return fmt.Errorf("%w: there is no edition %q here; there are %s", ErrUsage, order.Edition, strings.Join(keys, ", "))
		}
		sections, err := section.All(tx)
		if err != nil {
			return err
		}
		in, err = chooseSection(sections, order)
		return err
	})
	return into, in, err
}

// chooseSection is the one asked for, or the first of the edition's navigation.
func chooseSection(sections []section.Section, order ImportOrder) (ref.Section, error) {
	var slugs []string
	first := ref.Section(0)
	for _, s := range sections {
		if s.Edition != order.Edition {
			continue
		}
		slugs = append(slugs, s.Slug)
		if s.Slug == order.Section {
			return s.ID, nil
		}
		if first == 0 && s.Position > 0 {
			first = s.ID
		}
	}
	if order.Section != "" || first == 0 {
		return 0, fmt.Errorf("%w: the edition %s has no section %q; it has %s", ErrUsage, order.Edition, order.Section, strings.Join(slugs, ", "))
	}
	return first, nil
}
