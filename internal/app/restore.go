package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/search"
)

// RestoreReport tells what came back, and where to.
type RestoreReport struct {
	File     string    `json:"file"`
	Data     string    `json:"data"`
	Database string    `json:"database"`
	At       time.Time `json:"at"`
	Newsroom string    `json:"newsroom"`
	Schema   int64     `json:"schema"`
	Rows     int64     `json:"rows"`
	Media    FileTotal `json:"media"`
	Theme    FileTotal `json:"theme"`
	// Indexed counts the stories whose words can be searched again.
	Indexed int64 `json:"indexed"`
	// Missing counts the files that pictures name and the backup lacks.
	Missing int64 `json:"missing,omitempty"`
	// Settings is where the settings are now, empty when there were none.
	Settings string `json:"settings,omitempty"`
	// Aside says why they are not in use, a sentence for each key; none when they
	// are.
	Aside []string `json:"aside,omitempty"`
}

// buildFolder is where a restore builds, within the data folder: that may be a
// file system of its own, and cannot be renamed then.
const buildFolder = ".restoring"

// settingsAside is the name of restored settings that lead elsewhere.
const settingsAside = FileName + ".restored"

// Restore brings a newsroom back from the file of a backup, into a folder that
// is new or empty and, with PostgreSQL, a database that has no rows. Either
// engine takes in a backup of the other. Nothing is to be seen before every
// checksum was compared.
func Restore(ctx context.Context, c Config, name string, progress Progress) (report RestoreReport, err error) {
	defer func() { err = plainFull(err) }()
	file, err := openFile(ctx, name)
	if err != nil {
		return report, fmt.Errorf("open %s: %w", name, plainFile(err))
	}
	defer file.Close()
	a, head, hash, err := examine(ctx, file, progress)
	if err != nil {
		return report, fmt.Errorf("%s: %w", name, err)
	}
	origin, err := filepath.Abs(name)
	if err != nil {
		return report, fmt.Errorf("find %s: %w", name, err)
	}
	report = RestoreReport{File: name, Data: c.Data, At: head.At, Newsroom: head.Newsroom, Schema: head.Schema}
	place, err := newPlace(c.Data)
	if err != nil {
		return report, err
	}
	defer place.leave()
	r := &restorer{ctx: ctx, config: c, archive: a, head: head, origin: backupNote{At: head.At, Place: origin, Bytes: a.size, Hash: hash}, place: place, progress: progress, report: &report}
	if c.Media != "" {
		if r.media, err = c.openMedia(ctx); err != nil {
			return report, err
		}
		defer r.media.Close()
		if err := r.unused(); err != nil {
			return report, err
		}
	}
	if err := r.run(ctx); err != nil {
		return report, r.takeBack(err)
	}
	return report, nil
}

// examine compares the checksum of a whole file and reads its head.
func examine(ctx context.Context, file *os.File, progress Progress) (a archive, head ArchiveHead, hash string, err error) {
	info, err := file.Stat()
	if err != nil {
		return a, head, hash, err
	}
	if !info.Mode().IsRegular() {
		return a, head, hash, errors.New("it is not a file")
	}
	a = archive{file, info.Size()}
	if hash, err = a.check(ctx, progress); err != nil {
		return a, head, hash, err
	}
	head, err = a.readHead(ctx)
	return a, head, hash, err
}

// newsroomPlace is a data folder in which a newsroom is being built.
type newsroomPlace struct {
	data  string
	made  bool
	lock  *lock
	build *os.Root
	done  bool
}

// newPlace makes the folder, or takes an empty one, and holds it.
func newPlace(data string) (*newsroomPlace, error) {
	p := &newsroomPlace{data: data}
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		p.made = true
	}
	if err := takeFolder(data); err != nil {
		return nil, err
	}
	var err error
	if p.lock, err = hold(data); err != nil {
		return nil, err
	}
	if err = p.begin(); err != nil {
		p.leave()
		return nil, err
	}
	return p, nil
}

// begin refuses a folder in which there is something, but for what a restore
// that was cut short left behind.
func (p *newsroomPlace) begin() error {
	entries, err := os.ReadDir(p.data)
	if err != nil {
		return fmt.Errorf("look into the data folder: %w", err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case lockName, buildFolder, "lost+found":
		default:
			return fmt.Errorf("%s is not empty, it has %s: restore into a new folder", p.data, entry.Name())
		}
	}
	at := filepath.Join(p.data, buildFolder)
	if err := os.RemoveAll(at); err != nil {
		return fmt.Errorf("clear what an earlier restore left: %w", err)
	}
	if err := os.Mkdir(at, 0o700); err != nil {
		return fmt.Errorf("make a folder to restore into: %w", err)
	}
	if p.build, err = os.OpenRoot(at); err != nil {
		return fmt.Errorf("open the folder to restore into: %w", err)
	}
	return nil
}

// show gives everything its name; the database, which makes it a newsroom,
// comes last.
func (p *newsroomPlace) show() error {
	folder, err := os.Open(p.data)
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	defer folder.Close()
	if err := unix.Syncfs(int(folder.Fd())); err != nil {
		return fmt.Errorf("write what was restored to the disk: %w", err)
	}
	from := filepath.Join(p.data, buildFolder)
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("list what was restored: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Name() != DatabaseFile {
			names = append(names, entry.Name())
		}
	}
	if len(names) < len(entries) {
		names = append(names, DatabaseFile)
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(from, name), filepath.Join(p.data, name)); err != nil {
			return fmt.Errorf("name what was restored; the rest of it is in %s: %w", from, err)
		}
	}
	p.done = true
	return syncFolder(p.data)
}

// leave gives the folder back. A restore that failed leaves it as it was.
func (p *newsroomPlace) leave() {
	if p.build != nil {
		p.build.Close()
		os.RemoveAll(filepath.Join(p.data, buildFolder))
	}
	if !p.done && p.made {
		os.Remove(filepath.Join(p.data, lockName))
		os.Remove(p.data)
	}
	p.lock.release()
}

// restorer brings one backup back.
type restorer struct {
	ctx    context.Context
	config Config
	// media is nil when the media are to be in the data folder.
	media *blob.Store
	// kept are the keys of what is in media by now.
	kept    []string
	archive archive
	head    ArchiveHead
	// origin is the backup as the newsroom remembers it.
	origin   backupNote
	place    *newsroomPlace
	progress Progress
	report   *RestoreReport
}

func (r *restorer) run(ctx context.Context) error {
	target, err := r.config.target()
	if err != nil {
		return err
	}
	if r.config.Database == "" {
		target = filepath.Join(r.place.data, buildFolder, DatabaseFile)
	}
	d, err := db.Open(ctx, target)
	if err != nil {
		return err
	}
	defer d.Close()
	r.report.Database = d.Place()
	if r.config.Database == "" {
		r.report.Database = filepath.Join(r.config.Data, DatabaseFile)
	}
	if err := bare(ctx, d); err != nil {
		return err
	}
	l := loader{archive: r.archive, head: r.head, db: d, file: r.file, progress: r.progress, what: "restore"}
	_, knows, err := d.Version(ctx)
	if err != nil {
		return err
	}
	current := r.head.Schema == knows
	totals, err := l.load(ctx, func(in within) error {
		if !current {
			return nil
		}
		return r.finish(ctx, d, in)
	})
	if err != nil {
		return err
	}
	if !current {
		if err := d.Migrate(ctx); err != nil {
			return err
		}
		if err := r.finish(ctx, d, func(do func(*db.Tx) error) error { return d.Update(ctx, do) }); err != nil {
			return err
		}
	}
	r.report.Rows, r.report.Media, r.report.Theme, r.report.Missing = totals.Rows(), totals.Media, totals.Theme, totals.Missing
	if err := d.Close(); err != nil { // SQLite brings its log home
		return fmt.Errorf("close the restored database: %w", err)
	}
	return r.place.show()
}

// finish writes what no backup has: which one it was, and the search index.
func (r *restorer) finish(ctx context.Context, d *db.DB, in within) error {
	r.origin.ID = noteID(d)
	if err := in(func(tx *db.Tx) error { return noteOrigin(tx, r.origin) }); err != nil {
		return fmt.Errorf("note the backup that it came from: %w", err)
	}
	return r.reindex(ctx, d, in)
}

// bare refuses a database in which there is something.
func bare(ctx context.Context, d *db.DB) error {
	return d.View(ctx, func(tx *db.Tx) error {
		tables, err := db.Tables(tx)
		if err != nil {
			return fmt.Errorf("%s is not empty: restore into a new database: %w", d.Place(), err)
		}
		for _, t := range tables {
			n, err := db.Count(tx, t)
			if err != nil {
				return err
			}
			if n > 0 && t.Name != "counter" { // which the migrations fill
				return fmt.Errorf("%s is not empty, there are rows in its table %s: restore into a new database", d.Place(), t.Name)
			}
		}
		return nil
	})
}

// file takes in an entry that is not rows.
func (r *restorer) file(name string, size int64, from io.Reader) error {
	switch {
	case name == FileName:
		return r.settings(from)
	case strings.HasPrefix(name, mediaPrefix) && r.media != nil:
		return r.keep(strings.TrimPrefix(name, mediaPrefix), size, from)
	case strings.HasPrefix(name, mediaPrefix), strings.HasPrefix(name, themePrefix):
		return writeIn(r.place.build, name, from, size)
	}
	return fmt.Errorf("%s is nothing that this program knows: %w", name, ErrNoBackup)
}

// unused refuses a media store in which there is something: it may be another
// newsroom's.
func (r *restorer) unused() error {
	return r.media.Each(r.ctx, "", func(info blob.Info) error {
		return fmt.Errorf("the media store %s is not empty, it has %s: name an empty one with --media, such as another prefix of the bucket", r.config.Media, info.Key)
	})
}

// keep brings a file into the media store, by way of the disk: it may be larger
// than memory, and a bucket wants its checksum before its first byte.
func (r *restorer) keep(key string, size int64, from io.Reader) error {
	const onItsWay = "media.part"
	if err := writeIn(r.place.build, onItsWay, from, size); err != nil {
		return err
	}
	file, err := r.place.build.Open(onItsWay)
	if err != nil {
		return fmt.Errorf("restore %s: %w", key, err)
	}
	defer file.Close()
	r.kept = append(r.kept, key)
	if err := r.media.PutFrom(r.ctx, key, file); err != nil {
		return err
	}
	return r.place.build.Remove(onItsWay)
}

// takeBack takes out of the media store what a restore that failed has put into
// it. err is why it failed.
func (r *restorer) takeBack(err error) error {
	ctx := context.WithoutCancel(r.ctx)
	for n, key := range r.kept {
		if gone := r.media.Delete(ctx, key); gone != nil {
			return fmt.Errorf("%w; %d files are left in %s, remove them: %w", err, len(r.kept)-n, r.config.Media, gone)
		}
	}
	return err
}

// writeIn writes a file within a folder, whatever its name is.
func writeIn(root *os.Root, name string, from io.Reader, size int64) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	n, err := io.Copy(file, from)
	if err == nil && n != size {
		err = fmt.Errorf("it has %d bytes of %d: %w", n, size, ErrNoBackup)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	return nil
}

// within runs a function in a transaction.
type within func(func(*db.Tx) error) error

// loader brings the rows of a backup into a database.
type loader struct {
	archive archive
	head    ArchiveHead
	db      *db.DB
	// file takes what is not rows.
	file     func(name string, size int64, from io.Reader) error
	progress Progress
	what     string
}

// restoreRows brings the rows back alone, and compares them.
func restoreRows(ctx context.Context, a archive, d *db.DB, progress Progress) error {
	head, err := a.readHead(ctx)
	if err != nil {
		return err
	}
	l := loader{archive: a, head: head, db: d, progress: progress, what: "trial restore", file: func(string, int64, io.Reader) error { return nil }}
	_, err = l.load(ctx, func(within) error { return nil })
	return err
}

// load fills the database, compares what is in it with what the backup says,
// and finishes. On PostgreSQL all of it is one transaction; on SQLite nobody
// knows the file yet, and one for each entry keeps its log short.
func (l *loader) load(ctx context.Context, finish func(within) error) (totals ArchiveTotals, err error) {
	if err := l.db.MigrateTo(ctx, l.head.Schema); err != nil {
		return totals, fmt.Errorf("the backup cannot be restored by this program: %w", err)
	}
	all := func(in within) (err error) {
		if totals, err = l.fill(ctx, in); err != nil {
			return err
		}
		if err := in(func(tx *db.Tx) error { return l.compare(tx, totals) }); err != nil {
			return err
		}
		return finish(in)
	}
	if l.db.Engine() == db.Postgres {
		err = l.db.Update(ctx, func(tx *db.Tx) error {
			if err := db.Patient(tx); err != nil {
				return err
			}
			return all(func(do func(*db.Tx) error) error { return do(tx) })
		})
	} else {
		err = all(func(do func(*db.Tx) error) error { return l.db.Update(ctx, do) })
	}
	return totals, err
}

// fill loads all rows and hands on the files.
func (l *loader) fill(ctx context.Context, in within) (ArchiveTotals, error) {
	known := map[string]db.Table{}
	err := in(func(tx *db.Tx) error {
		tables, err := db.Tables(tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			known[t.Name] = t
		}
		return l.clear(tx, known)
	})
	if err != nil {
		return ArchiveTotals{}, err
	}
	return l.archive.walk(ctx, l.progress, l.what, contents{entry: func(name string, size int64, r io.Reader) error {
		table, ok := tableOf(name)
		if !ok {
			return l.file(name, size, r)
		}
		if size > maxChunk {
			return fmt.Errorf("%s has %d bytes: %w", name, size, ErrNoBackup)
		}
		if _, ok := known[table]; !ok {
			return fmt.Errorf("it has rows of %q, a table that it does not name: %w", table, ErrNoBackup)
		}
		lines, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("read %s: %w: %w", name, ErrNoBackup, err)
		}
		return in(func(tx *db.Tx) error { return db.Load(tx, known[table], lines) })
	}})
}

// clear takes the rows that the migrations made. Every table of the backup must
// be as it is here, and those alone are filled.
func (l *loader) clear(tx *db.Tx, known map[string]db.Table) error {
	named := map[string]bool{}
	for _, t := range l.head.Tables {
		if !known[t.Name].Same(t) {
			return fmt.Errorf("the table %s of the backup is not as this program makes it: it is of another build", t.Name)
		}
		named[t.Name] = true
	}
	for name, t := range known {
		if !named[name] {
			delete(known, name)
			continue
		}
		if err := db.Empty(tx, t); err != nil {
			return err
		}
	}
	return nil
}

// compare reads every row back from the database.
func (l *loader) compare(tx *db.Tx, totals ArchiveTotals) error {
	at, of := int64(0), totals.Rows()
	for n, t := range l.head.Tables {
		sum, rows := sha256.New(), int64(0)
		err := db.Dump(tx, t, func(line []byte) error {
			sum.Write(line)
			sum.Write([]byte{'\n'})
			rows++
			if at++; at%tellRows == 0 || at == of {
				l.progress("compare", at, of)
			}
			return nil
		})
		if err != nil {
			return err
		}
		want := totals.Tables[n]
		if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 || rows != want.Rows {
			return fmt.Errorf("the table %s has come back otherwise than it was: %d rows of %d", t.Name, rows, want.Rows)
		}
	}
	return nil
}

// reindexAtOnce is how many stories are read and indexed at a time.
const reindexAtOnce = 100

// reindex makes the search index anew from the live stories. Those of an import
// that is not live yet are in it too, and hidden as they were.
func (r *restorer) reindex(ctx context.Context, d *db.DB, in within) error {
	index := search.For(d)
	of := int64(0)
	err := in(func(tx *db.Tx) (err error) {
		of, err = db.Find(tx, db.Value[int64], `select count(*) from live`)
		return err
	})
	for after := int64(-1 << 63); err == nil; {
		var done []int64
		err = in(func(tx *db.Tx) (err error) {
			done, err = indexNext(tx, index, after)
			return err
		})
		if len(done) == 0 {
			break
		}
		after = done[len(done)-1]
		r.report.Indexed += int64(len(done))
		r.progress("search", r.report.Indexed, of)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("make the search index: %w", err)
	}
	return nil
}

func indexNext(tx *db.Tx, index search.Index, after int64) ([]int64, error) {
	stories, err := db.List(tx, db.Value[ref.Story], `select story from live where story > $1 order by story limit $2`, after, reindexAtOnce)
	if err != nil {
		return nil, err
	}
	documents, err := story.AllSearched(tx, stories)
	if err != nil {
		return nil, err
	}
	for _, document := range documents {
		if err := index.Put(tx, index.Prepare(document)); err != nil {
			return nil, err
		}
	}
	done := make([]int64, len(stories))
	for n, id := range stories {
		done[n] = int64(id)
	}
	return done, nil
}
