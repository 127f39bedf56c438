package pagecache

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// The folder of pages, and what the folders of earlier programs begin with.
	pagesFolder = "pages"
	gonePrefix  = "gone-"
	// writing is the file that is being written.
	writing = "writing"

	// How long the keeper waits after a failure: at first, and at most.
	firstPause = 250 * time.Millisecond
	lastPause  = 10 * time.Second
)

// keep is the keeper's day: remove what is doomed, write what waits, and rest
// after a failure.
func (l *loft) keep() {
	if _, err := l.opened(); err != nil {
		l.failed()
	}
	var pause, again, rested <-chan time.Time
	next := firstPause
	for {
		left := l.sweep()
		if pause == nil {
			wrote, rest, err := l.writeNext()
			switch {
			case err != nil:
				pause = time.After(next)
				next = min(2*next, lastPause)
			case wrote:
				next = firstPause
				continue
			case rest > 0:
				rested = time.After(rest)
			}
		}
		if left && again == nil {
			again = time.After(lastPause)
		}
		select {
		case <-l.quit:
			l.sweep()
			return
		case <-l.wake:
		case <-pause:
			pause = nil
		case <-again:
			again = nil
		case <-rested:
			rested = nil
		}
	}
}

// sweep removes the doomed files and ends the rounds begun before. It says
// whether some could not be removed.
func (l *loft) sweep() (left bool) {
	l.mu.Lock()
	asked, paths := l.asked, slices.Collect(maps.Keys(l.doomed))
	l.mu.Unlock()
	var gone []string
	for _, path := range paths {
		if l.unlink(path) == nil {
			gone = append(gone, path)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, path := range gone {
		delete(l.doomed, path)
	}
	l.failures += int64(len(paths) - len(gone))
	l.hanging = false
	if l.swept != asked {
		l.swept = asked
		close(l.round)
		l.round = make(chan struct{})
	}
	return len(gone) < len(paths)
}

// unlink removes a file, which may be gone already.
func (l *loft) unlink(path string) error {
	root := l.root.Load()
	if root == nil {
		return nil // nothing was ever written
	}
	err := root.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeNext writes the page that waits longest, if one does, or says how long that
// one still rests.
func (l *loft) writeNext() (wrote bool, rest time.Duration, err error) {
	c, rest := l.take()
	if c == nil {
		return false, rest, nil
	}
	l.crate = c.entry.crate(l.crate, c.key)
	blocks := uint32((len(l.crate) + loftBlock - 1) / loftBlock)
	l.makeRoom(c, int64(blocks)*loftBlock)
	l.sweep()
	// Asked after the sweep: a purge that came before is done with and c waits no
	// more; one that comes now begins a round that ends after the write.
	if !l.waits(c) {
		l.idle()
		return true, 0, nil
	}
	err = l.write(c.name.path(), l.crate)
	l.written(c, blocks, err)
	if err != nil {
		l.heal()
	}
	return err == nil, 0, err
}

// take is the page that waits longest; it goes on waiting. One that still rests is
// not taken while there is room for others.
func (l *loft) take() (c *crated, rest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting.Len() == 0 || l.closed {
		return nil, 0
	}
	c = l.waiting.Front().Value.(*crated)
	if rest = time.Until(c.since.Add(l.resting)); rest > 0 && l.pinned <= l.queueMax/2 {
		return nil, rest
	}
	l.busy = true
	return c, 0
}

func (l *loft) idle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
}

// waits says whether c is still to be written.
func (l *loft) waits(c *crated) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stillWaits(c)
}

func (l *loft) stillWaits(c *crated) bool {
	el := l.queued[c.id]
	return el != nil && el.Value == any(c)
}

// makeRoom evicts what was used least, until n bytes more are within the bound.
// A page that alone is too large is given up.
func (l *loft) makeRoom(c *crated, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.stillWaits(c):
		return
	case n > l.max:
		l.evicted++
		l.remove(c.id)
		return
	}
	for id := l.oldest; id != 0 && l.bytes+n > l.max; {
		r := l.records.at(id)
		oldest := id
		id = r.newer
		if r.blocks > 0 {
			l.evicted++
			l.remove(oldest)
		}
	}
}

// written notes how the write of c went. What was removed meanwhile is doomed.
func (l *loft) written(c *crated, blocks uint32, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
	switch l.failing = err != nil; {
	case err != nil:
		l.failures++
		l.doom(writing)
		if l.stillWaits(c) {
			l.waiting.MoveToBack(l.queued[c.id])
		}
		l.makeWay()
		l.shed()
	case !l.stillWaits(c):
		l.doom(c.name.path())
	default:
		l.unqueue(c.id)
		delete(l.doomed, c.name.path()) // a removal that failed is overtaken
		l.records.at(c.id).blocks = blocks
		l.bytes += int64(blocks) * loftBlock
		l.writes++
	}
}

// write makes the file whole or not at all. It is not synced: after a power cut
// the loft begins empty like after any other end.
func (l *loft) write(path string, crate []byte) error {
	root, err := l.opened()
	if err != nil {
		return err
	}
	if err := root.WriteFile(writing, crate, 0o600); err != nil {
		return err
	}
	err = root.Rename(writing, path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := root.Mkdir(path[:strings.IndexByte(path, '/')], 0o700); err != nil {
			return err
		}
		err = root.Rename(writing, path)
	}
	return err
}

// opened is the folder of pages, which begins empty: what an earlier program
// kept may have been withdrawn since. Only the keeper calls it.
func (l *loft) opened() (*os.Root, error) {
	if root := l.root.Load(); root != nil {
		return root, nil
	}
	if err := os.MkdirAll(l.folder, 0o700); err != nil {
		return nil, err
	}
	base, err := os.OpenRoot(l.folder)
	if err != nil {
		return nil, err
	}
	if err := base.Rename(pagesFolder, gonePrefix+rand.Text()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.failed()
	}
	root, err := pagesOf(base)
	if err != nil {
		return nil, errors.Join(err, base.Close())
	}
	l.root.Store(root)
	l.work.Go(func() {
		defer base.Close()
		l.clearOut(base)
	})
	return root, nil
}

func pagesOf(base *os.Root) (*os.Root, error) {
	if err := base.Mkdir(pagesFolder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return base.OpenRoot(pagesFolder)
}

// heal takes up another folder of pages where the one in use was removed.
func (l *loft) heal() {
	old := l.root.Load()
	if old == nil || os.MkdirAll(l.folder, 0o700) != nil {
		return
	}
	base, err := os.OpenRoot(l.folder)
	if err != nil {
		return
	}
	defer base.Close()
	root, err := pagesOf(base)
	if err != nil {
		return
	}
	if sameFolder(old, root) {
		root.Close()
		return
	}
	l.root.Store(root)
	old.Close()
}

func sameFolder(a, b *os.Root) bool {
	one, err := a.Stat(".")
	if err != nil {
		return false
	}
	other, err := b.Stat(".")
	return err == nil && os.SameFile(one, other)
}

// clearOut removes what earlier programs left, in pieces, so that a cache that
// is closed need not wait for all of it.
func (l *loft) clearOut(base *os.Root) {
	for _, folder := range entries(base, ".") {
		if !strings.HasPrefix(folder, gonePrefix) {
			continue
		}
		for _, part := range entries(base, folder) {
			select {
			case <-l.quit:
				return
			default:
				if base.RemoveAll(folder+"/"+part) != nil {
					l.failed()
				}
			}
		}
		if base.RemoveAll(folder) != nil {
			l.failed()
		}
	}
}

// entries are the names in a folder; none when it cannot be read.
func entries(base *os.Root, folder string) []string {
	f, err := base.Open(folder)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil
	}
	return names
}

func (l *loft) failed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures++
}
