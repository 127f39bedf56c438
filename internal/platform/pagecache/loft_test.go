package pagecache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"broadsheet/internal/platform/pagecache"
)

// lofty returns a cache with a loft, and its folder.
func lofty(t testing.TB, change ...func(*pagecache.Options)) (*pagecache.Cache, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "loft")
	return open(t, append([]func(*pagecache.Options){func(o *pagecache.Options) { o.Loft = folder }}, change...)...), folder
}

func small(o *pagecache.Options) { o.MaxBytes = 400_000 }

// crowd renders so many pages that memory has no room for what was there before.
func crowd(t testing.TB, c *pagecache.Cache) {
	t.Helper()
	evicted, before := c.Stats().Evicted, c.Stats().Entries+c.Stats().Copies
	body := string(prose(20_000))
	for i := 0; c.Stats().Evicted < evicted+int64(before)+30; i++ {
		fetch(t, c, fmt.Sprint("/crowd/", i), text(body, "crowd"))
	}
}

// written waits until nothing waits to be written.
func written(c *pagecache.Cache) {
	for c.Stats().Loft.Waiting > 0 {
		runtime.Gosched()
	}
}

// stale fetches from a source that is down and returns the body, or "".
func stale(t testing.TB, c *pagecache.Cache, key string) string {
	t.Helper()
	live := c.Get([]byte(key)) != nil
	e, stale, err := c.Fetch(context.Background(), key, fails(errDown))
	if err != nil {
		if !errors.Is(err, errDown) {
			t.Errorf("%s: got %v, want %v", key, err, errDown)
		}
		return ""
	}
	if stale == live {
		t.Errorf("%s: the copy is not said to be stale", key)
	}
	return string(e.Body())
}

// files are all files below a folder, by their path in it.
func files(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		name, _ := filepath.Rel(folder, path)
		found[name] = b
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// holding names the files in which a text stands.
func holding(t testing.TB, folder, text string) []string {
	t.Helper()
	all := files(t, folder)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return !bytes.Contains(all[name], []byte(text))
	})
}

func TestEveryPageEverReadIsAnsweredWhileTheSourceIsDown(t *testing.T) {
	c, _ := lofty(t, small)
	const pages = 300
	body := string(prose(15_000))
	for i := range pages {
		tag := pagecache.Tag(fmt.Sprint("story", i))
		fetch(t, c, fmt.Sprint("/", i), func(context.Context) (*pagecache.Page, error) {
			p := &pagecache.Page{Type: "text/html", Body: fmt.Append(nil, i, body), Tags: []pagecache.Tag{tag, "all"}}
			switch i % 4 {
			case 1:
				p.Until = time.Now().Add(-time.Second)
			case 2:
				c.Drop(tag) // too late for a page to be kept in memory
			}
			return p, nil
		})
		if i%4 == 3 {
			c.Drop(tag)
		}
	}
	c.Drop("all")
	for i := range pages {
		if got := stale(t, c, fmt.Sprint("/", i)); got != fmt.Sprint(i)+body {
			t.Fatalf("page %d: got %.20q of %d bytes, want it as it was read", i, got, len(got))
		}
	}
	if s := c.Stats(); s.Loft.Entries != pages || s.Copies+s.Entries > pages/2 {
		t.Errorf("got %+v, want all pages in the loft and few in memory", s)
	}
}

func TestACopyFromTheLoftIsTheAnswerByteForByte(t *testing.T) {
	c, _ := lofty(t, small)
	until := time.Now().Add(time.Hour)
	pages := map[string]*pagecache.Page{
		"page": {Type: "text/html; charset=utf-8", Body: prose(30_000), Tags: []pagecache.Tag{"b", "a", "\xff"}, Until: until,
			Header: []pagecache.HeaderField{{Name: "cache-control", Value: "max-age=60"}, {Name: "Link", Value: "</a>; rel=x"},
				{Name: "Link", Value: "</b>; rel=y"}, {Name: "Last-Modified", Value: modified}, {Name: "X-Bytes", Value: "\xe9t\xe9"}, {Name: "X-Empty", Value: ""}}},
		"small":   {Type: "text/plain", Body: []byte("x")},
		"empty":   {},
		"picture": {Type: "image/webp", Body: prose(5000)},
		"part":    {Part: true, Type: "text/html", Body: prose(5000)},
		"moved":   {Status: 301, Header: []pagecache.HeaderField{{Name: "Location", Value: "/page"}}},
		"gone":    {Status: 410, Type: "text/html", Body: prose(3000)},
	}
	first := map[string]*pagecache.Entry{}
	for key, page := range pages {
		first[key] = fetch(t, c, key, func(context.Context) (*pagecache.Page, error) { return page, nil })
	}
	crowd(t, c)
	written(c)
	for key, want := range first {
		reads := c.Stats().Loft.Reads
		got, stale, err := c.Fetch(t.Context(), key, fails(errDown))
		if err != nil || !stale || got == want || c.Stats().Loft.Reads != reads+1 {
			t.Fatalf("%s: got %v, %v, want a copy from the loft", key, stale, err)
		}
		if !slices.Equal(got.Tags(), want.Tags()) || got.Status() != want.Status() || !got.Until().Equal(want.Until()) {
			t.Errorf("%s: got %v %v %v, want %v %v %v", key, got.Tags(), got.Status(), got.Until(), want.Tags(), want.Status(), want.Until())
		}
		for _, accept := range []string{"", "gzip"} {
			for _, match := range []string{"", "*", want.ETag(pagecache.Identity), want.ETag(pagecache.Gzip), `"x"`} {
				gotLine, gotRest := got.Answer([]byte(accept), []byte(match))
				line, rest := want.Answer([]byte(accept), []byte(match))
				if !bytes.Equal(gotLine, line) || !bytes.Equal(gotRest, rest) {
					t.Errorf("%s %q %q: got %q %.300q, want %q %.300q", key, accept, match, gotLine, gotRest, line, rest)
				}
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept-Encoding", accept)
			a, b := httptest.NewRecorder(), httptest.NewRecorder()
			got.ServeHTTP(a, r)
			want.ServeHTTP(b, r)
			if got, want := shown(t, a.Result()), shown(t, b.Result()); got != want {
				t.Errorf("%s %q: got\n%s\nwant\n%s", key, accept, got, want)
			}
		}
		for _, enc := range []pagecache.Encoding{pagecache.Identity, pagecache.Gzip} {
			if got.ETag(enc) != want.ETag(enc) {
				t.Errorf("%s %v: got tag %s, want %s", key, enc, got.ETag(enc), want.ETag(enc))
			}
		}
	}
}

func TestACopyFromTheLoftIsNeverLive(t *testing.T) {
	c, _ := lofty(t, small)
	fetch(t, c, "/a", text("old", "x"))
	crowd(t, c)
	if stale(t, c, "/a") != "old" {
		t.Fatal("no copy")
	}
	if got := kept(c, "/a"); got != "" {
		t.Errorf("get: got %q, want nothing", got)
	}
	if got := string(fetch(t, c, "/a", text("new", "x")).Body()); got != "new" {
		t.Errorf("with the source back: got %q, want new", got)
	}
	if _, _, err := c.Fetch(t.Context(), "/b", fails(errDown)); !errors.Is(err, errDown) {
		t.Errorf("a page never read: got %v, want %v", err, errDown)
	}
	crowd(t, c)
	if _, _, err := c.Fetch(t.Context(), "/a", fails(errors.ErrUnsupported)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("another failure: got %v, want itself", err)
	}
}

func TestNothingPurgedIsInTheLoft(t *testing.T) {
	purges := map[string]func(c *pagecache.Cache){
		"a purge":            func(c *pagecache.Cache) { c.Purge("x") },
		"a drop, then purge": func(c *pagecache.Cache) { c.Drop("x"); c.Purge("x", "none") },
		"a clear":            func(c *pagecache.Cache) { c.Clear() },
	}
	for name, purge := range purges {
		for _, wait := range []bool{true, false} {
			c, folder := lofty(t, small)
			fetch(t, c, "/a", text("secret", "w", "x"))
			fetch(t, c, "/b", text("other", "w"))
			if wait {
				crowd(t, c)
				written(c)
				if len(holding(t, folder, "secret")) != 1 {
					t.Fatalf("%s: not in the loft before", name)
				}
			}
			purge(c)
			if left := holding(t, folder, "secret"); len(left) > 0 {
				t.Errorf("%s, written %v: left in %q", name, wait, left)
			}
			if got := stale(t, c, "/a"); got != "" {
				t.Errorf("%s, written %v: served %q", name, wait, got)
			}
			written(c)
			if left := holding(t, folder, "secret"); len(left) > 0 {
				t.Errorf("%s, written %v: written later to %q", name, wait, left)
			}
			if got := stale(t, c, "/b"); got != "other" && name != "a clear" {
				t.Errorf("%s, written %v: the other page: got %q", name, wait, got)
			}
		}
	}
}

func TestAPurgeKnowsTheTagsOfTheNewestRenderAndLeavesNoneOlder(t *testing.T) {
	c, folder := lofty(t)
	for i := range 50 {
		name, tag := fmt.Sprintf("name-%d.", i), pagecache.Tag(fmt.Sprint("person", i))
		fetch(t, c, "/a", text(name, tag, "x"))
		if i%2 == 0 {
			written(c)
		}
		c.Drop("x")
		fetch(t, c, "/a", text("nobody", "x"))
		c.Drop("x")
		c.Purge(tag)
		if left := holding(t, folder, name); len(left) > 0 {
			t.Fatalf("%s is left in %q", name, left)
		}
		if got := stale(t, c, "/a"); got != "nobody" {
			t.Fatalf("got %q, want the newer render", got)
		}
	}
}

// TestAPurgeDuringAWriteLeavesNothing takes pages that are long in the making of
// their files, and looks while a late write would be done.
func TestAPurgeDuringAWriteLeavesNothing(t *testing.T) {
	c, folder := lofty(t, func(o *pagecache.Options) { o.MaxBytes = 64 << 20 })
	body := prose(1 << 20)
	for i := range 200 {
		fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Type: "image/webp", Body: append([]byte("secret"), body...), Tags: []pagecache.Tag{"x"}}, nil
		})
		for range i % 20 {
			runtime.Gosched()
		}
		c.Purge("x")
		for range 20 {
			if left := slices.Sorted(maps.Keys(files(t, folder))); len(left) > 0 {
				t.Fatalf("round %d: left in %q", i, left)
			}
		}
	}
}

func TestARenderBegunBeforeAPurgeIsNotInTheLoft(t *testing.T) {
	for name, purge := range map[string]func(c *pagecache.Cache){
		"purge": func(c *pagecache.Cache) { c.Purge("x") },
		"clear": func(c *pagecache.Cache) { c.Clear() },
	} {
		c, folder := lofty(t)
		fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
			purge(c)
			return &pagecache.Page{Body: []byte("secret"), Tags: []pagecache.Tag{"x"}}, nil
		})
		written(c)
		if left := holding(t, folder, "secret"); len(left) > 0 || stale(t, c, "/a") != "" {
			t.Errorf("%s: left in %q", name, left)
		}
	}
}

// TestNobodyIsServedWhatWasPurgedBeforeTheyAsked runs renders, drops and purges
// of the same pages, with a source that is down half of the time, against readers
// and against the files.
func TestNobodyIsServedWhatWasPurgedBeforeTheyAsked(t *testing.T) {
	const nouns, pages = 3, 4
	c, folder := lofty(t, func(o *pagecache.Options) { o.MaxBytes = 20_000; o.Patience = time.Microsecond })
	var truth, purged [nouns]atomic.Int64
	tag := func(n int) pagecache.Tag { return pagecache.Tag(fmt.Sprint("noun", n)) }
	render := func(n, i int) pagecache.Render {
		return func(context.Context) (*pagecache.Page, error) {
			v := truth[n].Load()
			runtime.Gosched()
			if i%2 == 0 {
				return nil, errDown
			}
			return &pagecache.Page{Body: fmt.Appendf(nil, "noun %d version %d. %s", n, v, prose(200)), Tags: []pagecache.Tag{tag(n), "all"}}, nil
		}
	}
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for n := range nouns {
		writers.Go(func() {
			for i := range 300 {
				// Some renders come between.
				for was := c.Stats().Renders; i > 0 && c.Stats().Renders < was+3; {
					runtime.Gosched()
				}
				v := truth[n].Add(1)
				if i%3 > 0 {
					c.Drop(tag(n))
					continue
				}
				c.Purge(tag(n))
				purged[n].Store(v)
				for name, file := range files(t, folder) {
					var is, version int64
					at := bytes.Index(file, []byte("noun "+fmt.Sprint(n)+" version"))
					if at < 0 {
						continue
					}
					fmt.Sscanf(string(file[at:]), "noun %d version %d", &is, &version)
					if version < v {
						t.Errorf("noun %d: version %d is in %s after the purge of %d", n, version, name, v)
					}
				}
			}
		})
	}
	var copies atomic.Int64
	for r := range 6 {
		readers.Go(func() {
			for i := r; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				n := i % nouns
				want := purged[n].Load()
				e, stale, err := c.Fetch(context.Background(), fmt.Sprint("page", n, i%pages), render(n, i/7))
				if err != nil {
					if !errors.Is(err, errDown) {
						t.Error(err)
					}
					continue
				}
				if stale {
					copies.Add(1)
				}
				var is, got int64
				fmt.Sscanf(string(e.Body()), "noun %d version %d", &is, &got)
				if got < want || is != int64(n) {
					t.Errorf("noun %d: got version %d of %d, stale %v, want at least %d", n, got, is, stale, want)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if s := c.Stats(); copies.Load() == 0 || s.Loft.Reads == 0 || s.Loft.Writes == 0 {
		t.Errorf("got %d copies and %+v: the test saw nothing", copies.Load(), s)
	}
	t.Logf("%d stale answers, %+v", copies.Load(), c.Stats())
}

func TestANewRenderReplacesTheFileAndTheSameDoesNot(t *testing.T) {
	c, folder := lofty(t)
	for i, step := range []struct {
		body   string
		tags   []pagecache.Tag
		writes int64
	}{
		{"one", []pagecache.Tag{"x"}, 1},
		{"one", []pagecache.Tag{"x"}, 1},
		{"two", []pagecache.Tag{"x"}, 2},
		{"two", []pagecache.Tag{"x", "y"}, 3},
	} {
		c.Drop("x")
		fetch(t, c, "/a", text(step.body, step.tags...))
		written(c)
		if s := c.Stats().Loft; s.Writes != step.writes || s.Entries != 1 || s.Bytes != 4096 {
			t.Errorf("step %d: got %+v, want %d writes of one file", i, s, step.writes)
		}
		c.Purge("none") // all that was removed is gone now
		if got := files(t, folder); len(got) != 1 || len(holding(t, folder, step.body)) != 1 {
			t.Errorf("step %d: got files %q, want one with %s", i, slices.Collect(maps.Keys(got)), step.body)
		}
	}
	c.Purge("y")
	if got := files(t, folder); len(got) != 0 {
		t.Errorf("after a purge of the newest tag: got %d files", len(got))
	}
}

func TestALoftBeginsEmpty(t *testing.T) {
	c, folder := lofty(t)
	for i := range 40 {
		fetch(t, c, fmt.Sprint("/", i), text("withdrawn since", "x"))
	}
	written(c)
	c.Close()
	if got := len(holding(t, folder, "withdrawn")); got != 40 {
		t.Fatalf("got %d files before, want 40", got)
	}
	next := open(t, func(o *pagecache.Options) { o.Loft = folder })
	if got := stale(t, next, "/0"); got != "" {
		t.Errorf("the next program served %q", got)
	}
	for len(files(t, folder)) > 0 {
		runtime.Gosched()
	}
	fetch(t, next, "/0", text("new", "x"))
	written(next)
	if got := holding(t, folder, "new"); len(got) != 1 || next.Stats().Loft.Failures != 0 {
		t.Errorf("got %q and %+v, want the new page", got, next.Stats().Loft)
	}
}

func TestADamagedFileIsNoAnswer(t *testing.T) {
	damage := map[string]func(b []byte) []byte{
		"one bit in front":   func(b []byte) []byte { b[3] ^= 1; return b },
		"one bit in the key": func(b []byte) []byte { b[34] ^= 1; return b },
		"one bit at the end": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":                func(b []byte) []byte { return b[:len(b)/2] },
		"empty":              func([]byte) []byte { return nil },
		"longer":             func(b []byte) []byte { return append(b, 0) },
		"missing":            nil,
	}
	for name, damage := range damage {
		c, folder := lofty(t, small)
		fetch(t, c, "/a", text(string(prose(5000)), "mark-of-a"))
		crowd(t, c)
		written(c)
		path := filepath.Join(folder, holding(t, folder, "mark-of-a")[0])
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if damage == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, damage(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := c.Stats().Loft
		if got := stale(t, c, "/a"); got != "" {
			t.Errorf("%s: served %.30q", name, got)
		}
		if s := c.Stats().Loft; s.Failures != before.Failures+1 || s.Entries != before.Entries-1 {
			t.Errorf("%s: got %+v, want one failure more and one entry less than %+v", name, s, before)
		}
		fetch(t, c, "/a", text("again", "mark-of-a"))
		crowd(t, c)
		written(c)
		if got := stale(t, c, "/a"); got != "again" {
			t.Errorf("%s: rendered again: got %q", name, got)
		}
	}
}

func TestAFileOfAnotherPageIsNoAnswer(t *testing.T) {
	c, folder := lofty(t, small)
	fetch(t, c, "/a", text("a", "mark-of-a"))
	fetch(t, c, "/b", text("b", "mark-of-b"))
	crowd(t, c)
	written(c)
	a, b := holding(t, folder, "mark-of-a")[0], holding(t, folder, "mark-of-b")[0]
	if err := os.Rename(filepath.Join(folder, a), filepath.Join(folder, b)); err != nil {
		t.Fatal(err)
	}
	if got := stale(t, c, "/b"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestReadersAreAnsweredWithoutALoftToWriteTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, folder := lofty(t, func(o *pagecache.Options) {
			o.MaxBytes = 2 << 20
			if err := os.WriteFile(o.Loft, []byte("a file where a folder should be"), 0o600); err != nil {
				t.Fatal(err)
			}
		})
		began := time.Now()
		body := string(prose(15_000))
		for i := range 100 {
			fetch(t, c, fmt.Sprint("/", i), text(body, "x"))
			if i == 0 {
				synctest.Wait() // the first write fails
			}
			if got := c.Stats().Loft.Waiting; got > 10 {
				t.Fatalf("%d pages wait for a disk that fails", got)
			}
		}
		if waited := time.Since(began); waited > queueWait {
			t.Errorf("readers waited %v for a disk that fails", waited)
		}
		synctest.Wait()
		s := c.Stats()
		if s.Loft.Failures == 0 || s.Loft.Writes != 0 || s.Loft.Bytes != 0 || s.Bytes > 2<<20 {
			t.Fatalf("got %+v, want failures alone", s.Loft)
		}
		c.Drop("x")
		if got := stale(t, c, "/99"); got != body {
			t.Errorf("got %.20q, want the copy in memory", got)
		}
		c.Purge("nothing")
		if err := os.Remove(folder); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		fetch(t, c, "/new", text("new", "y"))
		synctest.Wait()
		if s := c.Stats().Loft; s.Waiting != 0 || s.Writes < 2 || len(holding(t, folder, "/new")) != 1 {
			t.Errorf("got %+v, want all written that waited", s)
		}
	})
}

// queueWait is what one render may wait for the disk.
const queueWait = 500 * time.Millisecond

func TestAFolderLostAndASubfolderBlockedHeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, folder := lofty(t)
		fetch(t, c, "/a", text("a", "x"))
		synctest.Wait()
		sub := filepath.Dir(holding(t, folder, "/a")[0])
		c.Clear()
		// A file stands where the page's subfolder should be.
		if err := os.Remove(filepath.Join(folder, sub)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, sub), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		fetch(t, c, "/a", text("a", "x"))
		for i := range 5 {
			fetch(t, c, fmt.Sprint("/", i), text("other", "x"))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := c.Stats().Loft; s.Waiting != 1 || s.Failures == 0 || len(holding(t, folder, "other")) != 5 {
			t.Fatalf("got %+v, want one page waiting and the others written", s)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := c.Stats().Loft; s.Waiting != 0 || len(holding(t, folder, "/a")) != 1 {
			t.Errorf("got %+v, want the page in a new folder", s)
		}
	})
}

func TestADiskThatHangsHoldsNobodyForLong(t *testing.T) {
	c, folder := lofty(t, func(o *pagecache.Options) { o.MaxBytes = 2 << 20 })
	free := hangWrites(t, folder)
	body := string(prose(15_000))
	var waited time.Duration
	for i := range 20 {
		began := time.Now()
		fetch(t, c, fmt.Sprint("/", i), text(body, "x"))
		waited += time.Since(began)
	}
	if waited > 5*queueWait {
		t.Errorf("20 readers waited %v, want about %v once", waited, queueWait)
	}
	if s := c.Stats().Loft; s.Writes != 0 || s.Failures == 0 || s.Waiting == 0 || s.Waiting == 20 {
		t.Errorf("got %+v, want a short queue and failures", s)
	}
	if got := kept(c, "/0"); got != body {
		t.Error("what was given up in the queue is not in memory")
	}
	free()
	for c.Stats().Loft.Writes == 0 {
		runtime.Gosched()
	}
	written(c)
	// Evicted from memory, the pages given up come to the loft all the same.
	crowd(t, c)
	for i := range 20 {
		if got := stale(t, c, fmt.Sprint("/", i)); got != body {
			t.Errorf("page %d: got %.20q of %d bytes", i, got, len(got))
		}
	}
}

// hangWrites has the first write wait in a pipe that nobody reads, until free.
func hangWrites(t *testing.T, folder string) (free func()) {
	t.Helper()
	pages := filepath.Join(folder, "pages")
	for {
		if _, err := os.Stat(pages); err == nil {
			break
		}
		runtime.Gosched()
	}
	pipe := filepath.Join(pages, "writing")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		// The reader comes and leaves: the write fails, and the disk is well again.
		f, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

func TestAFileThatCannotBeRemovedIsNotServedAndGoesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, folder := lofty(t)
		fetch(t, c, "/a", text("secret", "x"))
		synctest.Wait()
		path := filepath.Join(folder, holding(t, folder, "secret")[0])
		inside := filepath.Join(path, "inside")
		if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700), os.WriteFile(inside, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		c.Purge("x")
		if got := stale(t, c, "/a"); got != "" || c.Stats().Loft.Failures == 0 {
			t.Errorf("served %q, %+v", got, c.Stats().Loft)
		}
		fetch(t, c, "/b", text("other", "x"))
		synctest.Wait()
		if len(holding(t, folder, "other")) != 1 {
			t.Error("the others are not written meanwhile")
		}
		if err := os.Remove(inside); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want it removed in the end", err)
		}
	})
}

func TestTheLoftKeepsItsBoundOnDiskAndWhatIsUsed(t *testing.T) {
	const bound = 40 << 12
	c, folder := lofty(t, func(o *pagecache.Options) { o.MaxBytes, o.LoftBytes = 100_000, bound })
	used := func() (n int64) {
		for _, b := range files(t, folder) {
			n += int64(len(b)+4095) &^ 4095
		}
		return n
	}
	fetch(t, c, "/used", text("used", "x"))
	c.Drop("x") // memory gives it up first
	for i := range 150 {
		fetch(t, c, fmt.Sprint("/", i), func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Type: "image/webp", Body: prose(i % 9 * 1000)}, nil
		})
		if i%10 == 0 && stale(t, c, "/used") != "used" {
			t.Fatalf("the page in use was evicted at %d", i)
		}
		// One more is the file that is being written.
		if got, s := used(), c.Stats().Loft; got > bound+8<<12 || s.Bytes > bound {
			t.Fatalf("at page %d: got %d and %+v, want at most %d", i, got, s, bound)
		}
	}
	written(c)
	c.Purge("none")
	s := c.Stats().Loft
	if used() != s.Bytes || s.Evicted == 0 || s.Entries < 15 || s.Reads < 10 {
		t.Errorf("got %+v and %d bytes on disk", s, used())
	}
	fetch(t, c, "/huge", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Type: "image/webp", Body: prose(2 * bound)}, nil
	})
	written(c)
	if s := c.Stats().Loft; s.Bytes == 0 || s.Bytes > bound || stale(t, c, "/used") != "used" {
		t.Errorf("after a page too large: got %+v", s)
	}
}

func TestTheCatalogKeepsItsBoundOfMemory(t *testing.T) {
	const limit = 200_000
	c, _ := lofty(t, func(o *pagecache.Options) { o.MaxBytes = limit })
	for i := range 1000 {
		fetch(t, c, fmt.Sprint("/", i), text("x", pagecache.Tag(fmt.Sprint("story", i)), "all"))
		if s := c.Stats(); s.Bytes > limit || s.Loft.Catalog > limit/4 {
			t.Fatalf("got %+v, want at most %d and a quarter of it", s, limit)
		}
	}
	if s := c.Stats(); s.Loft.Evicted == 0 || s.Loft.Entries < 100 || s.Entries < 20 {
		t.Errorf("got %+v, want evictions", s)
	}
	c.Clear()
	if s := c.Stats(); s.Bytes != 0 || s.Loft.Entries+s.Loft.Waiting != 0 || s.Loft.Bytes != 0 {
		t.Errorf("after a clear: got %+v", s)
	}
}

func TestAPageThatMustNotBeKeptIsNotInTheLoft(t *testing.T) {
	c, folder := lofty(t)
	fetch(t, c, "/a", text("older", "x"))
	written(c)
	c.Drop("x")
	fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
		c.Drop("x")
		return &pagecache.Page{Body: []byte("once"), NoKeep: true, Tags: []pagecache.Tag{"x"}}, nil
	})
	fetch(t, c, "/b", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Body: []byte("once"), NoKeep: true}, nil
	})
	written(c)
	if left := holding(t, folder, "once"); len(left) > 0 {
		t.Errorf("kept in %q", left)
	}
	if got := stale(t, c, "/a"); got != "older" {
		t.Errorf("got %q, want what was before, since the newest render was spoiled", got)
	}
	fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Body: []byte("once"), NoKeep: true}, nil
	})
	if got := stale(t, c, "/a"); got != "" {
		t.Errorf("got %q, want no copy older than a page that is not kept", got)
	}
}

func TestAPageWithAStalePartLeavesTheOlderCopy(t *testing.T) {
	c, _ := lofty(t, small)
	fetch(t, c, "part", text("part", "p"))
	page := func(body string) pagecache.Render {
		return func(ctx context.Context) (*pagecache.Page, error) {
			p := &pagecache.Page{Tags: []pagecache.Tag{"x"}}
			e, stale, err := c.Fetch(ctx, "part", fails(errDown))
			if err != nil {
				return nil, err
			}
			p.Reads(e, stale)
			p.Body = append([]byte(body), e.Body()...)
			return p, nil
		}
	}
	fetch(t, c, "/a", page("whole "))
	c.Drop("p", "x")
	fetch(t, c, "/a", page("aged "))
	if got := stale(t, c, "/a"); got != "whole part" {
		t.Errorf("got %q, want the copy that was whole", got)
	}
	fetch(t, c, "/b", page("aged "))
	if got := kept(c, "/b"); got != "" {
		t.Errorf("an aged page is live: %q", got)
	}
	if got := stale(t, c, "/b"); got != "aged part" {
		t.Errorf("got %q, want the aged page where there is no other", got)
	}
	c.Purge("p")
	if got := stale(t, c, "/a") + stale(t, c, "/b"); got != "" {
		t.Errorf("after a purge of the part: served %q", got)
	}
}

func TestACloseEndsTheLoftAndLeavesACacheThatAnswers(t *testing.T) {
	c, _ := lofty(t)
	fetch(t, c, "/a", text("a", "x"))
	c.Close()
	c.Close()
	fetch(t, c, "/b", text("b", "x"))
	c.Drop("x")
	if got := stale(t, c, "/a") + stale(t, c, "/b"); got != "ab" {
		t.Errorf("got %q, want what is in memory", got)
	}
	c.Purge("x")
	if got := stale(t, c, "/a") + stale(t, c, "/b"); got != "" {
		t.Errorf("after a purge: served %q", got)
	}
}

func TestLookingUpDoesNotAllocateWithALoft(t *testing.T) {
	c, _ := lofty(t, func(o *pagecache.Options) { o.Patience = time.Second })
	fetch(t, c, "/a", text(string(prose(5000)), "x"))
	written(c)
	for !c.Get([]byte("/a")).Encodings().Has(pagecache.Brotli) {
		runtime.Gosched()
	}
	key, accept, ctx := []byte("/a"), []byte("gzip"), context.Background()
	got := testing.AllocsPerRun(1000, func() {
		c.Get(key).Answer(accept, nil)
		c.Fetch(ctx, "/a", nil)
	})
	if got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func BenchmarkReadFromTheLoft(b *testing.B) {
	c, _ := lofty(b, small)
	fetch(b, c, "/a", text(strings.Repeat(string(prose(8000)), 8), "x"))
	crowd(b, c)
	written(c)
	b.ReportAllocs()
	for b.Loop() {
		if _, stale, err := c.Fetch(context.Background(), "/a", fails(errDown)); err != nil || !stale {
			b.Fatal(err)
		}
	}
	if c.Stats().Loft.Reads < int64(b.N) {
		b.Error("the answers did not come from the loft")
	}
}

func TestAPageRestsBeforeItIsMadeSmallerAndCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := lofty(t, func(o *pagecache.Options) { o.Rest = time.Second })
		defer c.Close()
		e := fetch(t, c, "/a", text(string(prose(20_000)), "x"))
		time.Sleep(time.Second - 1)
		synctest.Wait()
		if s := c.Stats().Loft; e.Encodings().Has(pagecache.Brotli) || s.Writes != 0 || s.Waiting != 1 {
			t.Errorf("before its time: %v, %+v", e.Encodings(), s)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if s := c.Stats().Loft; !e.Encodings().Has(pagecache.Brotli) || s.Writes != 1 || s.Waiting != 0 {
			t.Errorf("at its time: %v, %+v", e.Encodings(), s)
		}
	})
}

func TestPagesDoNotRestWhereOthersNeedTheRoom(t *testing.T) {
	c, _ := lofty(t, func(o *pagecache.Options) { o.Rest, o.MaxBytes = time.Hour, 1<<20 })
	defer c.Close()
	for n := range 40 {
		fetch(t, c, fmt.Sprint("/", n), text(string(prose(4_000))))
	}
	for c.Stats().Loft.Writes == 0 {
		time.Sleep(time.Millisecond)
	}
}
