package app

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"broadsheet/internal/platform/db"
)

// The file of a backup is a tar, compressed with zstd, that any tar and zstd
// can open:
//
//	broadsheet.json           the head: what it is a backup of
//	tables/NAME/000001.jsonl  rows, see db.Dump
//	broadsheet.toml           the settings, when there is a file of them
//	theme/PATH, media/PATH    files
//	manifest/000001.jsonl     name, size and SHA-256 of the entries before it
//	manifest.json             the totals; nothing follows it
//
// Behind the compressed bytes stands a frame that zstd skips, with the SHA-256
// of all bytes before it, so that no bit can change anywhere unnoticed.

// archiveFormat is the version of that layout. A program reads its own and
// older ones.
const archiveFormat = 1

const (
	headName   = "broadsheet.json"
	totalsName = "manifest.json"
	partPrefix = "manifest/"

	tablePrefix = "tables/"
	mediaPrefix = "media/"
	themePrefix = "theme/"
)

const (
	// chunkBytes is about how many bytes of rows an entry has.
	chunkBytes = 1 << 20
	// maxChunk bounds what is read of an entry into memory: a single row may be
	// larger than a chunk.
	maxChunk = 256 << 20
	// partEntries is how many entries a part of the manifest is for.
	partEntries = 512
	// archiveWindow is zstd's, and what a reader must have in memory.
	archiveWindow = 1 << 20
)

// ErrNoBackup says that a file is no whole backup.
var ErrNoBackup = errors.New("it is no backup of a newsroom, or a damaged one")

// ArchiveHead says what a backup is of.
type ArchiveHead struct {
	Format int `json:"format"`
	// Schema is the version of the tables.
	Schema   int64      `json:"schema"`
	Engine   string     `json:"engine"`
	At       time.Time  `json:"at"`
	Newsroom string     `json:"newsroom"`
	Tables   []db.Table `json:"tables"`
}

// archiveEntry is a line of the manifest.
type archiveEntry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// TableTotal is what a backup has of a table. The SHA-256 is over all its
// lines.
type TableTotal struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// FileTotal counts files.
type FileTotal struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// ArchiveTotals are what a backup has in all.
type ArchiveTotals struct {
	Tables []TableTotal `json:"tables"`
	Media  FileTotal    `json:"media"`
	Theme  FileTotal    `json:"theme"`
	// Missing counts the files that pictures name and the media store lacked.
	Missing int64 `json:"missing,omitempty"`
	// Entries are those that the parts of the manifest name, and SHA256 is over
	// the parts.
	Entries int64  `json:"entries"`
	SHA256  string `json:"sha256"`
}

// Rows are those of all tables.
func (t ArchiveTotals) Rows() (rows int64) {
	for _, table := range t.Tables {
		rows += table.Rows
	}
	return rows
}

// The trailer: a frame that zstd skips.
const (
	trailerMagic = 0x184d2a50
	trailerText  = "broadsheet backup\n"
	trailerBytes = 8 + len(trailerText) + sha256.Size
)

// trailerHead is the trailer but for its checksum.
func trailerHead() []byte {
	head := binary.LittleEndian.AppendUint32(nil, trailerMagic)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(trailerText)+sha256.Size))
	return append(head, trailerText...)
}

// archiveWriter writes the file of a backup from its beginning to its end.
type archiveWriter struct {
	ctx    context.Context
	out    io.Writer
	sum    hash.Hash
	zip    *zstd.Encoder
	tar    *tar.Writer
	parts  hash.Hash
	part   bytes.Buffer
	in     int // entries in the part
	number int // of the part
	totals ArchiveTotals
}

func newArchiveWriter(ctx context.Context, out io.Writer, head ArchiveHead) (*archiveWriter, error) {
	a := &archiveWriter{ctx: ctx, sum: sha256.New(), parts: sha256.New()}
	a.out = io.MultiWriter(out, a.sum)
	var err error
	if a.zip, err = zstd.NewWriter(a.out, zstd.WithWindowSize(archiveWindow), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
		return nil, fmt.Errorf("compress a backup: %w", err)
	}
	a.tar = tar.NewWriter(a.zip)
	text, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("write a backup's head: %w", err)
	}
	return a, a.addText(headName, text)
}

// add writes an entry of known size.
func (a *archiveWriter) add(name string, size int64, r io.Reader) error {
	sum := sha256.New()
	if err := a.raw(name, size, io.TeeReader(r, sum)); err != nil {
		return err
	}
	line, err := json.Marshal(archiveEntry{name, size, hex.EncodeToString(sum.Sum(nil))})
	if err != nil {
		return fmt.Errorf("write a backup's manifest: %w", err)
	}
	a.part.Write(append(line, '\n'))
	a.totals.Entries++
	if a.in++; a.in < partEntries {
		return nil
	}
	return a.endPart()
}

func (a *archiveWriter) addText(name string, text []byte) error {
	return a.add(name, int64(len(text)), bytes.NewReader(text))
}

// raw writes an entry without naming it in the manifest.
func (a *archiveWriter) raw(name string, size int64, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600}); err != nil {
		return fmt.Errorf("write %s into the backup: %w", name, err)
	}
	n, err := io.Copy(a.tar, io.LimitReader(patient{a.ctx, r}, size))
	if err == nil && n < size {
		err = fmt.Errorf("it has %d bytes where it had %d: it was changed meanwhile", n, size)
	}
	if err != nil {
		return fmt.Errorf("write %s into the backup: %w", name, err)
	}
	return nil
}

func (a *archiveWriter) endPart() error {
	if a.in == 0 {
		return nil
	}
	a.number++
	a.parts.Write(a.part.Bytes())
	err := a.raw(fmt.Sprintf("%s%06d.jsonl", partPrefix, a.number), int64(a.part.Len()), &a.part)
	a.part.Reset()
	a.in = 0
	return err
}

// close writes what stands at the end, and returns the totals.
func (a *archiveWriter) close() (ArchiveTotals, error) {
	if err := a.endPart(); err != nil {
		return a.totals, err
	}
	a.totals.SHA256 = hex.EncodeToString(a.parts.Sum(nil))
	text, err := json.Marshal(a.totals)
	if err == nil {
		err = a.raw(totalsName, int64(len(text)), bytes.NewReader(text))
	}
	if err == nil {
		err = a.tar.Close()
	}
	if err == nil {
		err = a.zip.Close()
	}
	if err == nil {
		_, err = a.out.Write(trailerHead())
	}
	if err == nil {
		_, err = a.out.Write(a.sum.Sum(nil))
	}
	if err != nil {
		return a.totals, fmt.Errorf("end the backup: %w", err)
	}
	return a.totals, nil
}

// patient reads until its context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on while anybody wants it.
func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// archive is the file of a backup, to be read.
type archive struct {
	file io.ReaderAt
	size int64
}

// check reads the whole file once and compares its checksum, before anything in
// it is looked at. It returns the SHA-256 of the file.
func (a archive) check(ctx context.Context, progress Progress) (string, error) {
	head := trailerHead()
	trailer := make([]byte, trailerBytes)
	if a.size < int64(trailerBytes) {
		return "", fmt.Errorf("it is too short: %w", ErrNoBackup)
	}
	if _, err := a.file.ReadAt(trailer, a.size-int64(trailerBytes)); err != nil {
		return "", fmt.Errorf("read its end: %w", err)
	}
	if !bytes.HasPrefix(trailer, head) {
		return "", fmt.Errorf("it does not end as one does, it may be cut off: %w", ErrNoBackup)
	}
	sum := sha256.New()
	covered := a.size - sha256.Size
	if _, err := io.Copy(sum, told{patient{ctx, io.NewSectionReader(a.file, 0, covered)}, new(int64), covered, progress, "checksum"}); err != nil {
		return "", fmt.Errorf("read it: %w", err)
	}
	if !bytes.Equal(sum.Sum(nil), trailer[len(head):]) {
		return "", fmt.Errorf("its checksum is not that of its bytes: %w", ErrNoBackup)
	}
	sum.Write(trailer[len(head):])
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// told tells how much was read.
type told struct {
	r        io.Reader
	at       *int64
	of       int64
	progress Progress
	what     string
}

// Read reads and tells.
func (t told) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	*t.at += int64(n)
	t.progress(t.what, *t.at, t.of)
	return n, err
}

// contents are what is in a backup, as walk meets it.
type contents struct {
	// head is told first; nil when nobody asks.
	head func(ArchiveHead) error
	// entry is told of all others; what it does not read of r is passed over.
	entry func(name string, size int64, r io.Reader) error
}

// errEnough ends a walk early.
var errEnough = errors.New("enough was read")

// readHead reads what the file is a backup of.
func (a archive) readHead(ctx context.Context) (head ArchiveHead, err error) {
	_, err = a.walk(ctx, func(string, int64, int64) {}, "", contents{head: func(h ArchiveHead) error {
		head = h
		return errEnough
	}})
	if !errors.Is(err, errEnough) {
		return head, err
	}
	return head, nil
}

// walk reads the entries, each checked against the manifest, and returns the
// totals. What entry was told is known to be whole only when walk has returned.
func (a archive) walk(ctx context.Context, progress Progress, what string, c contents) (ArchiveTotals, error) {
	covered := a.size - int64(trailerBytes)
	raw := told{patient{ctx, io.NewSectionReader(a.file, 0, covered)}, new(int64), covered, progress, what}
	unzip, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(archiveWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return ArchiveTotals{}, fmt.Errorf("open the backup: %w", err)
	}
	defer unzip.Close()
	w := &walker{contents: c, tar: tar.NewReader(unzip), parts: sha256.New(), rows: map[string]*tableSum{}}
	totals, err := w.all()
	if err == nil {
		_, err = io.Copy(zeroes{}, unzip)
	}
	return totals, err
}

// zeroes takes what follows a tar's end: nothing but zeroes.
type zeroes struct{}

// Write refuses anything else.
func (zeroes) Write(b []byte) (int, error) {
	if len(bytes.Trim(b, "\x00")) > 0 {
		return 0, fmt.Errorf("something follows its end: %w", ErrNoBackup)
	}
	return len(b), nil
}

// tableSum adds up what a table's entries have.
type tableSum struct {
	sum  hash.Hash
	rows int64
}

// Write counts the lines.
func (t *tableSum) Write(b []byte) (int, error) {
	t.rows += int64(bytes.Count(b, []byte{'\n'}))
	return t.sum.Write(b)
}

// walker reads a tar and compares it with its own manifest.
type walker struct {
	contents
	tar  *tar.Reader
	seen []archiveEntry // since the last part
	// parts is over all parts of the manifest.
	parts        hash.Hash
	rows         map[string]*tableSum
	head         ArchiveHead
	media, theme FileTotal
	entries      int64
}

func (w *walker) all() (ArchiveTotals, error) {
	for {
		header, err := w.tar.Next()
		if err != nil {
			return ArchiveTotals{}, fmt.Errorf("it ends too early: %w: %w", ErrNoBackup, err)
		}
		switch {
		case header.Typeflag != tar.TypeReg || !fs.ValidPath(header.Name):
			return ArchiveTotals{}, fmt.Errorf("the name %q is none of ours: %w", header.Name, ErrNoBackup)
		case header.Name == totalsName:
			return w.end()
		case strings.HasPrefix(header.Name, partPrefix):
			err = w.part()
		default:
			err = w.one(header.Name, header.Size)
		}
		if err != nil {
			return ArchiveTotals{}, err
		}
	}
}

// one reads an entry and remembers its checksum.
func (w *walker) one(name string, size int64) error {
	sum := sha256.New()
	var also io.Writer = sum
	if table, ok := tableOf(name); ok {
		if w.rows[table] == nil {
			w.rows[table] = &tableSum{sum: sha256.New()}
		}
		also = io.MultiWriter(sum, w.rows[table])
	}
	r := io.TeeReader(w.tar, also)
	if err := w.tell(name, size, r); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return fmt.Errorf("read %s: %w: %w", name, ErrNoBackup, err)
	}
	switch {
	case strings.HasPrefix(name, mediaPrefix):
		w.media.Files++
		w.media.Bytes += size
	case strings.HasPrefix(name, themePrefix):
		w.theme.Files++
		w.theme.Bytes += size
	}
	w.seen = append(w.seen, archiveEntry{name, size, hex.EncodeToString(sum.Sum(nil))})
	w.entries++
	if len(w.seen) > partEntries {
		return fmt.Errorf("its manifest is not complete: %w", ErrNoBackup)
	}
	return nil
}

func (w *walker) tell(name string, size int64, r io.Reader) error {
	if (w.entries == 0) != (name == headName) {
		return fmt.Errorf("it does not begin with its head: %w", ErrNoBackup)
	}
	if name != headName {
		return w.entry(name, size, r)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxChunk))
	if err == nil {
		err = json.Unmarshal(text, &w.head)
	}
	if err != nil {
		return fmt.Errorf("read its head: %w: %w", ErrNoBackup, err)
	}
	if w.head.Format > archiveFormat {
		return fmt.Errorf("the backup is of format %d, this program reads up to %d: %w", w.head.Format, archiveFormat, errNewerBackup)
	}
	if w.head.Format < 1 {
		return fmt.Errorf("it is of no format: %w", ErrNoBackup)
	}
	if w.contents.head == nil {
		return nil
	}
	return w.contents.head(w.head)
}

// errNewerBackup says that a newer program wrote a backup.
var errNewerBackup = errors.New("restore it with the version of this program that made it, or a newer one")

// tableOf is the table that an entry has rows of.
func tableOf(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, tablePrefix)
	if !ok || strings.Count(rest, "/") != 1 {
		return "", false
	}
	return path.Dir(rest), true
}

// part compares a part of the manifest with what was read since the last.
func (w *walker) part() error {
	decoder := json.NewDecoder(io.TeeReader(w.tar, w.parts))
	for _, got := range w.seen {
		var want archiveEntry
		if err := decoder.Decode(&want); err != nil {
			return fmt.Errorf("read its manifest: %w: %w", ErrNoBackup, err)
		}
		if got != want {
			return fmt.Errorf("%s is not as the manifest has it: %w", got.Name, ErrNoBackup)
		}
	}
	var more archiveEntry
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is missing: %w", more.Name, ErrNoBackup)
	}
	w.seen = w.seen[:0]
	return nil
}

// end compares the totals with what was read.
func (w *walker) end() (totals ArchiveTotals, err error) {
	text, err := io.ReadAll(io.LimitReader(w.tar, maxChunk))
	if err == nil {
		err = json.Unmarshal(text, &totals)
	}
	if err != nil {
		return totals, fmt.Errorf("read its totals: %w: %w", ErrNoBackup, err)
	}
	if _, err := w.tar.Next(); !errors.Is(err, io.EOF) {
		return totals, fmt.Errorf("something follows its totals: %w", ErrNoBackup)
	}
	if len(w.seen) > 0 || totals.Entries != w.entries || totals.SHA256 != hex.EncodeToString(w.parts.Sum(nil)) {
		return totals, fmt.Errorf("its manifest is not complete: %w", ErrNoBackup)
	}
	if totals.Media != w.media || totals.Theme != w.theme || len(totals.Tables) != len(w.head.Tables) {
		return totals, fmt.Errorf("it has not all that its totals say: %w", ErrNoBackup)
	}
	for n, want := range totals.Tables {
		got := w.rows[want.Name]
		if got == nil {
			got = &tableSum{sum: sha256.New()}
		}
		if want.Name != w.head.Tables[n].Name || want.Rows != got.rows || want.SHA256 != hex.EncodeToString(got.sum.Sum(nil)) {
			return totals, fmt.Errorf("the rows of %s are not as its totals say: %w", want.Name, ErrNoBackup)
		}
	}
	return totals, nil
}
