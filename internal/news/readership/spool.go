package readership

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"broadsheet/internal/news/ref"
)

// spool is the folder in which views wait for the database. They are added to
// the file "open". To be written they are sealed: the file gets an identity and
// a name with it, and is added to no more; it goes when the database has it.
// What was never sealed was never sent, so it may be merged; what was sealed is
// sent again under its identity until it is known to be written.
//
// A file holds lines of a checksum, an hour, and stories with their views, all
// in base 36. A line that does not fit its checksum was torn by the end of the
// program and is no line.
type spool struct {
	root *os.Root
	// open is nil until there is something to add.
	open *os.File
	// size is how much of it is durable; dirty says that there may be more.
	size  int64
	dirty bool
	// unsynced says that the names in the folder may not be durable.
	unsynced bool
	// held is what the open file says, once for each story and hour.
	held tally
	// sealed are what was found at the start, or could not be written yet.
	sealed []batch
}

// batch is what is written into the database at once, and once.
type batch struct {
	id    int64
	views tally
	// file is empty when the batch is in memory only.
	file string
}

// tally counts views.
type tally map[place]int64

// place is a story within an hour, counted from the epoch in UTC.
type place struct {
	story ref.Story
	hour  int64
}

func (t tally) add(more tally) {
	for at, n := range more {
		t[at] += n
	}
}

func (t tally) sum() (n int64) {
	for _, views := range t {
		n += views
	}
	return n
}

// places lists what was viewed: by hour, then by story.
func (t tally) places() []place {
	return slices.SortedFunc(maps.Keys(t), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.story, b.story))
	})
}

const (
	openName   = "open"
	mergedName = "open.new"
	sealedName = "sealed-"
	// lineStories is how many stories a line has at most.
	lineStories = 1000
	// mergeAt is from which size the open file is merged when it says things
	// more often than once: a day of waiting takes no more room than an hour.
	mergeAt = 16 << 20
	// placeSize is about what one story takes in a line.
	placeSize = 16
)

func openSpool(folder string) (s *spool, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	s = &spool{held: tally{}}
	if s.root, err = os.OpenRoot(folder); err != nil {
		return nil, err
	}
	if err := s.replay(); err != nil {
		s.root.Close()
		return nil, err
	}
	return s, nil
}

// replay reads what an earlier run left.
func (s *spool) replay() error {
	if err := s.root.Remove(mergedName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		text, sealed := strings.CutPrefix(entry.Name(), sealedName)
		id, err := strconv.ParseInt(text, 36, 64)
		if !sealed || err != nil {
			continue
		}
		b := batch{id: id, views: tally{}, file: entry.Name()}
		if _, err := s.read(b.file, b.views); err != nil {
			return err
		}
		s.sealed = append(s.sealed, b)
	}
	s.size, err = s.read(openName, s.held)
	s.dirty = true // there may be a torn line
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

// read adds the lines of a file and returns where the last of them ends.
func (s *spool) read(name string, into tally) (size int64, err error) {
	file, err := s.root.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines, at, torn := bufio.NewReaderSize(file, 64<<10), int64(0), 0
	for {
		line, err := lines.ReadBytes('\n')
		at += int64(len(line))
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if readLine(line, into) {
			size = at
		} else if len(line) > 0 {
			torn++
		}
		if err != nil {
			break
		}
	}
	if torn > 0 {
		slog.Warn("views were lost with the lines that the program was writing when it ended", "file", name, "lines", torn)
	}
	return size, nil
}

// readLine adds what a line says; false when it is none.
func readLine(line []byte, into tally) bool {
	said, rest, ok := bytes.Cut(line, []byte{' '})
	if !ok || string(said) != checksum(rest) {
		return false
	}
	numbers := strings.Fields(string(rest))
	var hour, story int64
	for n, text := range numbers {
		number, err := strconv.ParseInt(text, 36, 64)
		switch {
		case err != nil:
			return false
		case n == 0:
			hour = number
		case n%2 == 1:
			story = number
		default:
			into[place{ref.Story(story), hour}] += number
		}
	}
	return len(numbers)%2 == 1
}

func checksum(line []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(line, crc32.MakeTable(crc32.Castagnoli)))
}

// lines writes views as lines.
func (t tally) lines() []byte {
	text := make([]byte, 0, placeSize*len(t)+64)
	var line []byte
	places := t.places()
	for n, at := range places {
		if line == nil {
			line = strconv.AppendInt(make([]byte, 0, placeSize*lineStories), at.hour, 36)
		}
		line = strconv.AppendInt(append(line, ' '), int64(at.story), 36)
		line = strconv.AppendInt(append(line, ' '), t[at], 36)
		if last := n == len(places)-1; last || (n+1)%lineStories == 0 || places[n+1].hour != at.hour {
			line = append(line, '\n')
			text = append(append(append(text, checksum(line)...), ' '), line...)
			line = nil
		}
	}
	return text
}

// keep adds views to the open file; without an error they outlive the machine,
// with one nothing was added.
func (s *spool) keep(views tally) error {
	if err := s.append(views.lines()); err != nil {
		s.dirty = true
		return fmt.Errorf("keep views on disk: %w", err)
	}
	s.held.add(views)
	if s.size > mergeAt && s.size > 4*placeSize*int64(len(s.held)) {
		if err := s.merge(); err != nil {
			slog.Warn("merge the views on disk", "error", err)
		}
	}
	return nil
}

func (s *spool) append(text []byte) error {
	if err := s.trim(); err != nil {
		return err
	}
	if _, err := s.open.WriteAt(text, s.size); err != nil {
		return err
	}
	if err := s.open.Sync(); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	s.size += int64(len(text))
	return nil
}

// trim opens the open file and cuts off what is not known to be durable.
func (s *spool) trim() error {
	if s.open == nil {
		file, err := s.root.OpenFile(openName, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		s.open, s.unsynced = file, true
	}
	if !s.dirty {
		return nil
	}
	if err := s.open.Truncate(s.size); err != nil {
		return err
	}
	if err := s.open.Sync(); err != nil {
		return err
	}
	s.dirty = false
	return nil
}

// merge writes the open file anew, with each story once for each hour.
func (s *spool) merge() error {
	text := s.held.lines()
	file, err := s.root.OpenFile(mergedName, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(text); err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = s.root.Rename(mergedName, openName)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s.open.Close() // nothing in it is waiting to be written
	s.open, s.size, s.unsynced = file, int64(len(text)), true
	return nil
}

// seal makes a batch of the open file. Before it is sent its name must be
// durable: see sync.
func (s *spool) seal(id int64) error {
	if err := s.trim(); err != nil {
		return fmt.Errorf("seal the views on disk: %w", err)
	}
	b := batch{id: id, views: s.held, file: sealedName + strconv.FormatInt(id, 36)}
	if err := s.root.Rename(openName, b.file); err != nil {
		return fmt.Errorf("seal the views on disk: %w", err)
	}
	s.open.Close() // all of it is durable
	s.open, s.size, s.held, s.unsynced = nil, 0, tally{}, true
	s.sealed = append(s.sealed, b)
	return nil
}

// drop forgets the first batch: the database has it. A file that cannot be
// removed is found written at the next start.
func (s *spool) drop() {
	b := s.sealed[0]
	s.sealed = s.sealed[1:]
	if b.file == "" {
		return
	}
	if err := s.root.Remove(b.file); err != nil {
		slog.Warn("remove views that are written", "file", b.file, "error", err)
	}
}

// sync makes the names in the folder durable.
func (s *spool) sync() error {
	if !s.unsynced {
		return nil
	}
	folder, err := s.root.Open(".")
	if err != nil {
		return err
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return err
	}
	s.unsynced = false
	return nil
}

func (s *spool) close() error {
	var first error
	if s.open != nil {
		first = s.open.Close()
	}
	return errors.Join(first, s.root.Close())
}

// unkept tells whether there is a batch that is in memory only.
func (s *spool) unkept() bool {
	return slices.ContainsFunc(s.sealed, func(b batch) bool { return b.file == "" })
}
