package pagecache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"broadsheet/internal/platform/pagecache"
)

func TestTheBoundIsHard(t *testing.T) {
	const limit = 200_000
	c := open(t, func(o *pagecache.Options) { o.MaxBytes = limit })
	rnd := rand.New(rand.NewPCG(1, 2))
	pool := string(prose(2 * limit))
	for range 300 {
		tag := pagecache.Tag(fmt.Sprint(rnd.IntN(20)))
		size := rnd.IntN(40_000)
		if rnd.IntN(50) == 0 {
			size = 2 * limit
		}
		fetch(t, c, fmt.Sprint("/", rnd.IntN(100)), text(pool[:size], tag))
		if rnd.IntN(10) == 0 {
			c.Drop(tag)
		}
		if s := c.Stats(); s.Bytes > limit || s.Bytes < 0 {
			t.Fatalf("got %d bytes, want at most %d", s.Bytes, limit)
		}
	}
	if s := c.Stats(); s.Evicted == 0 || s.Entries == 0 {
		t.Errorf("got %+v, want evictions and entries", s)
	}
	c.Clear()
	if got := c.Stats().Bytes; got != 0 {
		t.Errorf("after a clear: got %d bytes, want 0", got)
	}
}

func TestTheBoundHoldsForTheHeap(t *testing.T) {
	const limit = 16 << 20
	body := prose(30_000)
	shapes := map[string]func(i int) *pagecache.Page{
		"small with many tags": func(i int) *pagecache.Page {
			page := &pagecache.Page{Body: []byte("x")}
			for n := range 6 {
				page.Tags = append(page.Tags, pagecache.Tag(fmt.Sprint("tag-", i, "-", n)))
			}
			return page
		},
		"small with a common tag": func(i int) *pagecache.Page {
			return &pagecache.Page{Body: []byte("x"), Tags: []pagecache.Tag{"front"}}
		},
		"pages": func(i int) *pagecache.Page {
			return &pagecache.Page{Type: "text/html", Body: body, Tags: []pagecache.Tag{"front"},
				Header: []pagecache.HeaderField{{Name: "Cache-Control", Value: "max-age=10"}, {Name: "X-Frame-Options", Value: "DENY"}}}
		},
	}
	for name, shape := range shapes {
		before := heap()
		c := open(t, func(o *pagecache.Options) { o.MaxBytes = limit })
		for i := 0; c.Stats().Evicted < 10; i++ {
			fetch(t, c, fmt.Sprintf("host/some/longish/path/%d", i), func(context.Context) (*pagecache.Page, error) {
				return shape(i), nil
			})
		}
		c.Close() // what the packer has in hand is no entry, and its writers are none
		if used := heap() - before; used > limit+4<<20 {
			t.Errorf("%s: %d entries use %d kB of heap, want at most %d", name, c.Stats().Entries, used>>10, limit>>10)
		}
		t.Logf("%s: %d kB of %d", name, (heap()-before)>>10, limit>>10)
		runtime.KeepAlive(c)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestWhatIsReadSurvivesACrawl(t *testing.T) {
	c := open(t, func(o *pagecache.Options) { o.MaxBytes = 200_000 })
	fetch(t, c, "/front", text("front"))
	for i := range 2000 {
		if kept(c, "/front") == "" {
			t.Fatalf("the front was evicted by crawled page %d", i)
		}
		fetch(t, c, fmt.Sprint("/crawled/", i), text("once"))
	}
}

func TestStaleCopiesAreEvictedFirst(t *testing.T) {
	c := open(t, func(o *pagecache.Options) { o.MaxBytes = 100_000 })
	for i := range 10 {
		fetch(t, c, fmt.Sprint("/live/", i), text("live"))
		fetch(t, c, fmt.Sprint("/old/", i), text("old", "x"))
	}
	c.Drop("x")
	for i := 0; c.Stats().Copies > 0; i++ {
		fetch(t, c, fmt.Sprint("/new/", i), text("new"))
	}
	for i := range 10 {
		if kept(c, fmt.Sprint("/live/", i)) == "" {
			t.Errorf("live page %d was evicted while copies were there", i)
		}
	}
}

// TestNobodyReadsWhatIsOlderThanADropBeforeTheyAsked runs writers that change
// the truth and drop, against readers who then must not see less than they knew
// when they asked. Pages contain parts, so that drops reach both.
func TestNobodyReadsWhatIsOlderThanADropBeforeTheyAsked(t *testing.T) {
	const nouns = 4
	c := open(t, func(o *pagecache.Options) { o.MaxBytes = 60_000 })
	var truth, dropped [nouns]atomic.Int64
	tag := func(n int) pagecache.Tag { return pagecache.Tag(fmt.Sprint("noun", n)) }
	part := func(n int) pagecache.Render {
		return func(context.Context) (*pagecache.Page, error) {
			v := truth[n].Load()
			runtime.Gosched()
			return &pagecache.Page{Part: true, Body: fmt.Append(nil, v), Tags: []pagecache.Tag{tag(n)}}, nil
		}
	}
	page := func(n int) pagecache.Render {
		return func(ctx context.Context) (*pagecache.Page, error) {
			p := &pagecache.Page{}
			e, stale, err := c.Fetch(ctx, fmt.Sprint("part", n), part(n))
			if err != nil {
				return nil, err
			}
			p.Reads(e, stale)
			p.Body = e.Body()
			return p, nil
		}
	}
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for n := range nouns {
		writers.Go(func() {
			for range 400 {
				v := truth[n].Add(1)
				if v%3 == 0 {
					c.Purge(tag(n))
				} else {
					c.Drop(tag(n))
				}
				dropped[n].Store(v)
				runtime.Gosched()
			}
		})
	}
	for r := range 6 {
		readers.Go(func() {
			for i := r; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				n := i % nouns
				want := dropped[n].Load()
				e, _, err := c.Fetch(context.Background(), fmt.Sprint("page", n, i%3), page(n))
				if err != nil {
					t.Error(err)
					return
				}
				var got int64
				fmt.Sscan(string(e.Body()), &got)
				if got < want {
					t.Errorf("noun %d: got %d, want at least %d", n, got, want)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}
