package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
)

// BackupOrder is what to back up, and where to.
type BackupOrder struct {
	// File is made; one that is there already is left alone.
	File string
	// NoVerify leaves out reading the file back and the trial restore.
	NoVerify bool
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

// backupRecord is the row that remembers a backup.
type backupRecord struct {
	At    time.Time
	Place string
	Bytes int64
	Hash  string
}

// Backup writes everything of one moment of a newsroom into one file, while
// the newsroom goes on. A newsroom on SQLite that another program serves is
// asked for it; PostgreSQL is asked directly. The file appears under its name
// only when it is whole and, unless that is not wanted, was restored on trial.
func Backup(ctx context.Context, c Config, order BackupOrder, progress Progress) (report BackupReport, err error) {
	defer func() { err = plainFull(err) }()
	from, err := openSource(ctx, c)
	if err != nil {
		return report, err
	}
	defer from.close()
	part, err := createPart(order.File)
	if err != nil {
		return report, err
	}
	defer part.discard()
	head, totals, err := from.write(ctx, part, progress)
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
	if err := part.show(); err != nil {
		return report, err
	}
	place, err := filepath.Abs(order.File)
	if err != nil {
		place = order.File
	}
	if err := from.record(ctx, backupRecord{report.At, place, report.Bytes, report.SHA256}); err != nil {
		return report, fmt.Errorf("%s is whole, but the newsroom could not note it: %w", order.File, err)
	}
	return report, nil
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
	folder, err := os.MkdirTemp(filepath.Dir(file.Name()), ".backup-trial-*")
	if err != nil {
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

// partFile is a file that stands under FILE.part until it is whole.
type partFile struct {
	// file is a field of its own: everything written must go through Write.
	file  *os.File
	name  string
	hash  hash.Hash
	bytes int64
	shown bool
}

// createPart makes FILE.part, readable by its owner alone: it will have hashes
// of tokens and the secrets of webhooks in it.
func createPart(name string) (*partFile, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, fmt.Errorf("%s is there already: choose another name, or remove it", name)
	}
	file, err := os.OpenFile(name+".part", os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder for %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("make the file of the backup: %w", err)
	}
	// One that was left behind by a program that was killed is written over.
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("another backup is being written to %s", file.Name())
	}
	p := &partFile{file: file, name: name, hash: sha256.New()}
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

// source is where a backup comes from: a database that is at hand, or the
// program that serves it.
type source struct {
	db    *db.DB
	media *blob.Store
	// served is set when another program holds the folder: it is asked.
	served *controlClient
	files  backupFiles
	now    func() time.Time
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
	s := &source{files: backupFiles{c.Data, c.Theme}, now: time.Now}
	if c.Database == "" {
		if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", c.Data, ErrNoNewsroom)
		}
		// The lock only tells whether somebody is there: a program that begins to
		// serve meanwhile need not wait for the backup.
		lock, err := hold(c.Data)
		if errors.Is(err, ErrHeld) {
			s.served = newControlClient(c.Data)
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		lock.release()
	}
	if s.db, err = db.Open(ctx, target); err != nil {
		return nil, err
	}
	if err = lived(ctx, s.db); err == nil {
		s.media, err = c.openMedia(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
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
func (s *source) write(ctx context.Context, out io.Writer, progress Progress) (ArchiveHead, ArchiveTotals, error) {
	if s.served != nil {
		return s.served.backup(ctx, s.files, out, progress)
	}
	return writeBackup(ctx, s.db, s.media, s.files, s.now, out, progress)
}

// record notes the backup in the newsroom it is of.
func (s *source) record(ctx context.Context, r backupRecord) error {
	if s.served != nil {
		return s.served.record(ctx, r)
	}
	return recordBackup(ctx, s.db, s.now, r)
}

// recordBackup writes the row. Its identity is minted as that of one node of a
// thousand: backups are not made in the same millisecond.
func recordBackup(ctx context.Context, d *db.DB, now func() time.Time, r backupRecord) error {
	id := ref.NewMint(rand.IntN(ref.Nodes), now).Next()
	return d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into backup (id, at, place, bytes, hash) values ($1, $2, $3, $4, $5)`, id, r.At.UnixMilli(), r.Place, r.Bytes, r.Hash)
		return err
	})
}

// writeBackup writes one moment of a database, and the files that it names:
// those never change, and were there before the rows were.
func writeBackup(ctx context.Context, d *db.DB, media *blob.Store, files backupFiles, now func() time.Time, out io.Writer, progress Progress) (head ArchiveHead, totals ArchiveTotals, err error) {
	has, knows, err := d.Version(ctx)
	if err != nil {
		return head, totals, err
	}
	if has > knows {
		return head, totals, fmt.Errorf("%s has schema %d, this program knows %d: %w", d.Place(), has, knows, db.ErrNewer)
	}
	var a *archiveWriter
	err = d.View(ctx, func(tx *db.Tx) error {
		if err := db.Patient(tx); err != nil {
			return err
		}
		if head, err = describe(tx, has, now); err != nil {
			return err
		}
		if a, err = newArchiveWriter(ctx, out, head); err != nil {
			return err
		}
		return a.rows(tx, head.Tables, progress)
	})
	if err != nil {
		return head, totals, err
	}
	if err := a.files(files); err != nil {
		return head, totals, err
	}
	if err := a.media(media, progress); err != nil {
		return head, totals, err
	}
	totals, err = a.close()
	return head, totals, err
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

// media writes the files of the media store. They never change.
func (a *archiveWriter) media(store *blob.Store, progress Progress) error {
	of := int64(0)
	err := store.Each(a.ctx, "", func(info blob.Info) error {
		of += info.Size
		return nil
	})
	if err != nil {
		return err
	}
	return store.Each(a.ctx, "", func(info blob.Info) error {
		file, err := store.Get(a.ctx, info.Key)
		if errors.Is(err, blob.ErrNotFound) {
			return nil // taken away meanwhile, as by a redaction
		}
		if err != nil {
			return err
		}
		defer file.Close()
		a.totals.Media.Files++
		a.totals.Media.Bytes += file.Size
		progress("media", a.totals.Media.Bytes, of)
		return a.add(mediaPrefix+info.Key, file.Size, file)
	})
}
