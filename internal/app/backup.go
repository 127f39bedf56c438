package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
)

// BackupOrder is what to back up, and where to.
type BackupOrder struct {
	// File is made; one that is there already is left alone.
	File string
	// NoVerify leaves out reading the file back and the trial restore.
	NoVerify bool
	// Incomplete has a backup made although files of pictures are missing.
	Incomplete bool
}

// BackupReport tells what a backup has.
type BackupReport struct {
	File     string        `json:"file"`
	Bytes    int64         `json:"bytes"`
	SHA256   string        `json:"sha256"`
	At       time.Time     `json:"at"`
	Newsroom string        `json:"newsroom"`
	Engine   string        `json:"engine"`
	Schema   int64         `json:"schema"`
	Rows     int64         `json:"rows"`
	Totals   ArchiveTotals `json:"totals"`
	// Verified says that the file was read back and restored on trial.
	Verified bool `json:"verified"`
}

// Backup writes everything of one moment of a newsroom into one file, while
// the newsroom goes on. The program that serves the newsroom is asked for it,
// when there is one. The file appears under its name only when it is whole and,
// unless that is not wanted, was restored on trial. The newsroom notes it before
// it begins, so that a redaction can name it.
func Backup(ctx context.Context, c Config, order BackupOrder, progress Progress) (report BackupReport, err error) {
	defer func() { err = plainFull(err) }()
	from, err := openSource(ctx, c)
	if err != nil {
		return report, err
	}
	defer from.close()
	place, err := filepath.Abs(order.File)
	if err != nil {
		return report, fmt.Errorf("find %s: %w", order.File, err)
	}
	gone := sweep(filepath.Dir(place))
	part, err := createPart(order.File)
	if err != nil {
		return report, err
	}
	defer part.discard()
	note, err := from.begin(ctx, backupBegin{Place: place, Gone: gone, Database: c.Database})
	if err != nil {
		return report, fmt.Errorf("note that a backup begins: %w", err)
	}
	report, err = from.make(ctx, part, order, progress)
	if err != nil && !part.shown {
		// A note that cannot be taken back names a file that is not there.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
		defer cancel()
		from.end(ctx, note)
	}
	if err != nil {
		return report, err
	}
	note.Bytes, note.Hash = report.Bytes, report.SHA256
	if err := from.end(ctx, note); err != nil {
		return report, fmt.Errorf("%s is whole, but the newsroom could not note it: %w", order.File, err)
	}
	return report, nil
}

// make writes the file, verifies it and gives it its name.
func (s *source) make(ctx context.Context, part *partFile, order BackupOrder, progress Progress) (report BackupReport, err error) {
	head, totals, err := s.write(ctx, order.Incomplete, part, progress)
	if err != nil {
		return report, fmt.Errorf("write the backup: %w", err)
	}
	if err := part.file.Sync(); err != nil {
		return report, fmt.Errorf("write the backup: %w", err)
	}
	report = BackupReport{File: order.File, At: head.At, Newsroom: head.Newsroom, Engine: head.Engine, Schema: head.Schema, Rows: totals.Rows(), Totals: totals}
	if report.Bytes, report.SHA256, err = part.sum(); err != nil {
		return report, err
	}
	if !order.NoVerify {
		if err := verifyBackup(ctx, part.file, report, progress); err != nil {
			return report, err
		}
		report.Verified = true
	}
	return report, part.show()
}

// plainFull says of a full disk what a person can do.
func plainFull(err error) error {
	if err != nil && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)) && !errors.Is(err, db.ErrFull) {
		return fmt.Errorf("%w: make room, or choose another place; nothing half done is left: %w", db.ErrFull, err)
	}
	return err
}

// verifyBackup reads a backup back from the disk, every byte of it, and
// restores its rows into a database of its own beside it, which it removes.
func verifyBackup(ctx context.Context, file *os.File, report BackupReport, progress Progress) error {
	a := archive{file, report.Bytes}
	got, err := a.check(ctx, progress)
	if err == nil && got != report.SHA256 {
		err = fmt.Errorf("the disk gives back other bytes than were written: %w", ErrNoBackup)
	}
	if err != nil {
		return fmt.Errorf("read the backup back: %w; the file was removed", err)
	}
	folder := report.File + trialSuffix
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("make a folder for the trial restore: %w", err)
	}
	defer os.RemoveAll(folder)
	d, err := db.Open(ctx, filepath.Join(folder, DatabaseFile))
	if err != nil {
		return fmt.Errorf("make a database for the trial restore: %w", err)
	}
	defer d.Close()
	if err := restoreRows(ctx, a, d, progress); err != nil {
		return fmt.Errorf("restore the backup on trial (--no-verify leaves that out): %w; the file was removed", err)
	}
	return nil
}

// source is where a backup comes from: what is at hand, or the program that
// serves the newsroom.
type source struct {
	stock
	// served is that program; it is asked, and stock is empty.
	served *controlClient
}

// stock is what a backup is made of.
type stock struct {
	db *db.DB
	// media is nil when there is no folder of media yet.
	media *blob.Store
	files backupFiles
}

// backupFiles are the files of a newsroom that are not in its database.
type backupFiles struct {
	// Data is the data folder, Theme that of the theme when it is elsewhere.
	Data, Theme string
}

func (f backupFiles) theme() string {
	if f.Theme != "" {
		return f.Theme
	}
	return filepath.Join(f.Data, "theme")
}

// openSource opens a newsroom for reading alone: nothing is migrated, numbered
// or served.
func openSource(ctx context.Context, c Config) (*source, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	s := &source{stock: stock{files: backupFiles{c.Data, c.Theme}}}
	if s.served, err = servedBy(ctx, c); err != nil || s.served != nil {
		return s, err
	}
	if c.Database == "" {
		if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
			return nil, c.nothingHere()
		}
	}
	if s.db, err = db.Open(ctx, target); err != nil {
		return nil, err
	}
	if err = lived(ctx, s.db); err == nil {
		s.media, err = c.findMedia(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// servedBy is the program that serves a newsroom, nil when there is none. It
// knows best where the newsroom has its things. Another that holds the folder of
// a newsroom on PostgreSQL, as an import does, need not be waited for.
func servedBy(ctx context.Context, c Config) (*controlClient, error) {
	if _, err := os.Stat(filepath.Join(c.Data, lockName)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	// The lock only tells whether somebody is there: a program that begins to
	// serve meanwhile need not wait for the backup.
	lock, err := hold(c.Data)
	if errors.Is(err, ErrHeld) {
		client := newControlClient(c.Data)
		if c.Database != "" && !client.listens(ctx) {
			return nil, nil
		}
		return client, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, lock.release()
}

// findMedia opens where the pictures of a newsroom are kept, and makes nothing:
// a folder that is not there may be a disk that is not mounted. In the data
// folder there may be none yet.
func (c Config) findMedia(ctx context.Context) (*blob.Store, error) {
	store, err := c.mediaBy(ctx, blob.Find, blob.FindURL)
	if errors.Is(err, fs.ErrNotExist) && c.Media == "" {
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder of media at %s: mount its disk, or give --media as `serve` has it", c.Media)
	}
	return store, err
}

func (s *source) close() {
	if s.media != nil {
		s.media.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
}

// write writes the backup to out.
func (s *source) write(ctx context.Context, incomplete bool, out io.Writer, progress Progress) (ArchiveHead, ArchiveTotals, error) {
	if s.served != nil {
		return s.served.backup(ctx, backupAsk{incomplete}, out, progress)
	}
	return s.stock.write(ctx, incomplete, out, progress)
}

// begin notes in the newsroom that a backup of it begins.
func (s *source) begin(ctx context.Context, b backupBegin) (backupNote, error) {
	if s.served != nil {
		return commanded[backupNote](ctx, s.served.data, "backup-begin", b)
	}
	return beginBackup(ctx, s.db, b)
}

// end notes in the newsroom what became of a backup.
func (s *source) end(ctx context.Context, note backupNote) error {
	if s.served != nil {
		_, err := commanded[struct{}](ctx, s.served.data, "backup-end", note)
		return err
	}
	return endBackup(ctx, s.db, note)
}

// write writes one moment of a database, and the files that it names: those
// never change, and were there before the rows were.
func (s stock) write(ctx context.Context, incomplete bool, out io.Writer, progress Progress) (head ArchiveHead, totals ArchiveTotals, err error) {
	has, knows, err := s.db.Version(ctx)
	if err != nil {
		return head, totals, err
	}
	if has > knows {
		return head, totals, fmt.Errorf("%s has schema %d, this program knows %d: %w", s.db.Place(), has, knows, db.ErrNewer)
	}
	var a *archiveWriter
	var named map[string]bool
	err = s.db.View(ctx, func(tx *db.Tx) error {
		if err := db.Patient(tx); err != nil {
			return err
		}
		if head, err = describe(tx, has, s.db.Now); err != nil {
			return err
		}
		if a, err = newArchiveWriter(ctx, out, head); err != nil {
			return err
		}
		if err := a.rows(tx, head.Tables, progress); err != nil {
			return err
		}
		named, err = namedMedia(tx)
		return err
	})
	if err != nil {
		return head, totals, err
	}
	if err := a.files(s.files); err != nil {
		return head, totals, err
	}
	of := len(named)
	if err := a.media(s.media, named, progress); err != nil {
		return head, totals, err
	}
	if err := s.missing(ctx, named, of, incomplete); err != nil {
		return head, totals, err
	}
	a.totals.Missing = int64(len(named))
	totals, err = a.close()
	return head, totals, err
}

// assetsAtOnce is how many assets are read at a time.
const assetsAtOnce = 1000

// namedMedia are the keys of the files that the newsroom's pictures name.
func namedMedia(tx *db.Tx) (map[string]bool, error) {
	keys := map[string]bool{}
	for after := ref.Asset(0); ; {
		some, err := asset.After(tx, after, assetsAtOnce)
		if err != nil {
			return nil, fmt.Errorf("read the pictures: %w", err)
		}
		for _, a := range some {
			for _, key := range site.MediaKeys(a) {
				keys[key] = true
			}
		}
		if len(some) < assetsAtOnce {
			return keys, nil
		}
		after = some[len(some)-1].ID
	}
}

// mostTold is how many missing files are named.
const mostTold = 3

// missing refuses a backup without files that pictures name: those in left, of
// so many. What a redaction took away meanwhile is not missing, and is taken
// from left.
func (s stock) missing(ctx context.Context, left map[string]bool, of int, incomplete bool) error {
	if len(left) == 0 {
		return nil
	}
	var named map[string]bool
	err := s.db.View(ctx, func(tx *db.Tx) (err error) {
		named, err = namedMedia(tx)
		return err
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(left, func(key string, _ bool) bool { return !named[key] })
	if len(left) == 0 || incomplete {
		return nil
	}
	some := slices.Sorted(maps.Keys(left))
	return fmt.Errorf("%d of the %d files that pictures name are not in the media store, such as %s: mount its disk, or give --media as `serve` has it; --incomplete makes a backup without them",
		len(left), of, strings.Join(some[:min(len(some), mostTold)], ", "))
}

// describe is the head of a backup of this moment.
func describe(tx *db.Tx, schema int64, now func() time.Time) (head ArchiveHead, err error) {
	head = ArchiveHead{Format: archiveFormat, Schema: schema, Engine: string(tx.Engine()), At: now().UTC().Truncate(time.Millisecond)}
	if head.Tables, err = db.Tables(tx); err != nil {
		return head, err
	}
	editions, err := edition.All(tx)
	if err != nil {
		return head, fmt.Errorf("read the editions: %w", err)
	}
	if len(editions) > 0 {
		head.Newsroom = editions[0].Title
	}
	return head, nil
}

// tellRows is after how many rows progress is told again.
const tellRows = 256

// rows writes all rows of the tables, in entries of about a mebibyte.
func (a *archiveWriter) rows(tx *db.Tx, tables []db.Table, progress Progress) error {
	of := int64(0)
	for _, t := range tables {
		n, err := db.Count(tx, t)
		if err != nil {
			return err
		}
		of += n
	}
	at := int64(0)
	progress("rows", at, of)
	for _, t := range tables {
		sum, count := sha256.New(), 0
		total := TableTotal{Name: t.Name}
		var chunk bytes.Buffer
		end := func() error {
			count++
			sum.Write(chunk.Bytes())
			err := a.addText(fmt.Sprintf("%s%s/%06d.jsonl", tablePrefix, t.Name, count), chunk.Bytes())
			chunk.Reset()
			return err
		}
		err := db.Dump(tx, t, func(line []byte) error {
			chunk.Write(line)
			chunk.WriteByte('\n')
			total.Rows++
			if at++; at%tellRows == 0 || at == of {
				progress("rows", at, of)
			}
			if chunk.Len() < chunkBytes {
				return nil
			}
			return end()
		})
		if err == nil && chunk.Len() > 0 {
			err = end()
		}
		if err != nil {
			return err
		}
		total.SHA256 = hex.EncodeToString(sum.Sum(nil))
		a.totals.Tables = append(a.totals.Tables, total)
	}
	return nil
}

// files writes the settings and the theme.
func (a *archiveWriter) files(f backupFiles) error {
	text, err := os.ReadFile(filepath.Join(f.Data, FileName))
	if err == nil {
		err = a.addText(FileName, text)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the settings: %w", err)
	}
	root, err := os.OpenRoot(f.theme())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the theme: %w", err)
	}
	defer root.Close()
	if err := eachFile(root, func(name string) error { return a.themeFile(root, name) }); err != nil {
		return fmt.Errorf("read the theme: %w", err)
	}
	return nil
}

// themeFile writes a file of the theme. They are small, and may change.
func (a *archiveWriter) themeFile(root *os.Root, name string) error {
	text, err := root.ReadFile(name)
	if err != nil {
		return err
	}
	a.totals.Theme.Files++
	a.totals.Theme.Bytes += int64(len(text))
	return a.addText(themePrefix+name, text)
}

// eachFile tells the regular files in a folder and in those below it, in the
// order of their names. Links lead nowhere.
func eachFile(root *os.Root, tell func(name string) error) error {
	return fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.Type().IsRegular():
			return nil
		case !fs.ValidPath(name):
			return fmt.Errorf("%q is no name that a backup can hold; rename the file", name)
		}
		return tell(name)
	})
}

// media writes the files of the media store, which never change, and takes them
// from those that are named.
func (a *archiveWriter) media(store *blob.Store, named map[string]bool, progress Progress) error {
	if store == nil {
		return nil
	}
	of := int64(0)
	err := store.Each(a.ctx, "", func(info blob.Info) error {
		of += info.Size
		return nil
	})
	if err != nil {
		return err
	}
	return store.Each(a.ctx, "", func(info blob.Info) error {
		err := a.mediaFile(store, info.Key, func() { progress("media", a.totals.Media.Bytes, of) })
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return nil // taken away meanwhile, as by a redaction
		case errors.Is(err, blob.ErrDamaged):
			return fmt.Errorf("%w: put a good copy in its place, or delete it and give --incomplete", err)
		}
		delete(named, info.Key)
		return err
	})
}

// mediaFile writes a file of the media store.
func (a *archiveWriter) mediaFile(store *blob.Store, key string, tell func()) error {
	file, err := store.Get(a.ctx, key)
	if err != nil {
		return err
	}
	defer file.Close()
	a.totals.Media.Files++
	a.totals.Media.Bytes += file.Size
	tell()
	return a.add(mediaPrefix+key, file.Size, file)
}
