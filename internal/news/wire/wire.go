// Package wire is the door through which stories come in from other systems:
// it reads their files, makes items of what stands in them, and hands these to
// the publish room, which stages them and makes them live. It writes no table
// itself, fetches nothing from anywhere, and never shows half a file: one file
// comes in whole or not at all.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
)

// The formats that Import reads.
const (
	// Articles are rows: JSON Lines, a JSON array, or CSV; also compressed
	// with gzip.
	Articles = "articles"
	// WXR is the export of WordPress, versions 1.0 to 1.2.
	WXR = "wxr"
)

// Source is a file to import.
type Source struct {
	// Name is the file's; its folder does not count.
	Name string
	// Read gives the bytes. When it can also seek, the file is read in place;
	// else a copy is kept in the temporary folder while the import lasts.
	Read io.Reader
	// Size is the number of bytes, for the progress; 0 when it is not known.
	Size int64
}

// Options say how to read a file and where its items belong.
type Options struct {
	// Format is Articles or WXR.
	Format  string
	Edition edition.Edition
	// Section takes the items that name none; it has to be chosen.
	Section ref.Section
	// Mapping names, for fields of ours, the column or the path of keys that
	// holds them: "headline" → "title", "author" → "member.name". A field that
	// is mapped to nothing is not read. Fields that are not named here are
	// found by the usual names of columns. A WXR file takes one mapping,
	// "post": further post types that are stories, separated by commas.
	Mapping map[string]string
	// Charset names the encoding of a file that is not in UTF-8 and does not
	// say so itself, such as "windows-1256".
	Charset string
	// DryRun does all that an import does, and then takes it back.
	DryRun bool
	// Alone says that no other program can be at work on this newsroom.
	Alone bool
	// Genre is that of all stories; empty means what the file says, else news.
	Genre story.Genre
	// Now dates what has no date; zero means the present time.
	Now time.Time
}

// Progress tells how far an import is.
type Progress struct {
	// Bytes of Size have been read; Size is 0 when it is not known.
	Bytes, Size int64
	// Items are those that were staged or found unchanged.
	Items int
}

// Import reads one file and makes all of it live, or none of it. When the file
// is refused, the error is a *Fault with the place and the reason, and the
// report repeats it. A second run of the same file adds nothing twice.
func Import(ctx context.Context, desk *publish.Desk, source Source, o Options, progress func(Progress)) (Report, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	run := &run{desk: desk, o: o, progress: progress, ledger: newLedger(path.Base(strings.ReplaceAll(source.Name, `\`, "/")))}
	err := run.file(ctx, source)
	report := run.ledger.report()
	report.DryRun = o.DryRun
	if err == nil {
		return report, nil
	}
	// Nothing of what was counted until then came.
	nothing := Report{File: report.File, Refused: []Refusal{}, Changed: []Change{}, DryRun: o.DryRun}
	if fault, ok := errors.AsType[*Fault](err); ok {
		nothing.Refused = append(nothing.Refused, Refusal{Place: fault.Place, Reason: fault.Reason})
		err = fault
	}
	return nothing, fmt.Errorf("import %s: %w", report.File, err)
}

// record is one item of a file as it was read, not yet converted.
type record struct {
	// number counts the items of the file from 1.
	number int
	// place says where it stands, as "line 12".
	place string
	// key and hash are as in publish.Item.
	key, hash string
	// size is about how many bytes it had.
	size int
	// refused and skipped say why it is not converted; at most one is set.
	refused, skipped string
	// attachment marks what becomes a picture or a file, and no story.
	attachment bool
	content    any
}

// name is how the report calls the item.
func (r record) name() string {
	if r.key == "" || strings.HasPrefix(r.key, hashed) {
		return fmt.Sprintf("item %d", r.number)
	}
	return r.key
}

// format is a kind of file. It is read twice: first to learn what the
// conversion needs to know of the whole, and to refuse a broken file before
// anything is staged; then item by item.
type format interface {
	// survey reads the whole file and returns under which name the identities
	// of its items are unique.
	survey(ctx context.Context) (namespace string, err error)
	// records reads the file again.
	records(ctx context.Context, yield func(record) error) error
	// begin is called once between the two, with the batch.
	begin(b *publish.Batch)
	// item converts what is new. Its changes go to the ledger.
	item(r record) (publish.Item, error)
}

// run is one import on its way.
type run struct {
	desk     *publish.Desk
	o        Options
	progress func(Progress)
	ledger   *ledger
	input    *spool
	size     int64
	// staging is held by whoever uses the batch to write.
	staging sync.Mutex
}

// file imports a file: it is the whole order of things.
func (r *run) file(ctx context.Context, source Source) error {
	if r.o.Section == 0 {
		return &Fault{Reason: "no section was chosen for the items that name none"}
	}
	input, err := open(ctx, source)
	if err != nil {
		return err
	}
	defer input.Close()
	r.input, r.size = input, source.Size
	if r.size == 0 {
		r.size = input.size
	}
	format, err := r.format()
	if err != nil {
		return err
	}
	namespace, err := format.survey(ctx)
	if err != nil {
		return err
	}
	return r.batch(ctx, format, namespace)
}

func (r *run) format() (format, error) {
	switch r.o.Format {
	case Articles:
		return newArticles(r)
	case WXR:
		return newWXR(r)
	}
	return nil, &Fault{Reason: fmt.Sprintf("the format %q is not known; there are %s and %s", r.o.Format, Articles, WXR)}
}

// batch stages the items and makes them live. Whatever goes wrong, nothing of
// them is left.
func (r *run) batch(ctx context.Context, f format, namespace string) (err error) {
	b, err := r.desk.Begin(ctx, r.o.Edition, namespace, r.o.Section, r.o.Alone)
	if err != nil {
		return err
	}
	staged := false
	defer func() {
		if !staged || r.o.DryRun {
			// The import may have ended because its context did.
			err = errors.Join(err, b.Abandon(context.WithoutCancel(ctx)))
		}
	}()
	f.begin(b)
	if err := r.stage(ctx, f, b); err != nil || r.o.DryRun {
		return err
	}
	staged = true
	if err := b.GoLive(ctx); err != nil {
		// It may be live all the same: the sweep looks.
		return errors.Join(err, r.desk.Sweep(context.WithoutCancel(ctx), r.o.Alone))
	}
	return nil
}
