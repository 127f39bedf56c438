package pagecache

import (
	"errors"
	"hash/maphash"
	"testing"
	"testing/synctest"
	"time"
)

// hung is a loft whose keeper is in the middle of a write, until free.
func hung() (l *loft, free func()) {
	l = &loft{
		wake: make(chan struct{}, 1), quit: make(chan struct{}), round: make(chan struct{}),
		doomed: map[string]struct{}{}, busy: true,
	}
	l.catalog.init(maphash.MakeSeed())
	answers := make(chan struct{})
	l.work.Go(func() {
		<-answers
		l.idle()
		l.keep()
	})
	return l, func() { close(answers) }
}

func TestADiskThatHangsDelaysOnePurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, free := hung()
		for n, want := range []time.Duration{purgePatience, 0, 0, 0} {
			began := time.Now()
			l.gone(l.purge([]Tag{"x"}))
			if took := time.Since(began); took != want {
				t.Errorf("purge %d took %v, want %v", n, took, want)
			}
		}
		if got := l.stats().Failures; got != 4 {
			t.Errorf("got %d failures counted, want 4", got)
		}
		free()
		synctest.Wait()
		l.mu.Lock()
		l.doom("withdrawn")
		l.mu.Unlock()
		l.gone(l.purge(nil))
		if left := len(l.doomed); left > 0 {
			t.Error("the disk answers again, and a purge did not wait for it")
		}
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoClosesDoesNotWaitForADiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, free := hung()
		began := time.Now()
		if err := l.close(); !errors.Is(err, errHangs) || time.Since(began) != purgePatience {
			t.Errorf("got %v after %v, want %v after %v", err, time.Since(began), errHangs, purgePatience)
		}
		free()
	})
}
