package pagecache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"broadsheet/internal/platform/pagecache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("the source is down")

// open returns a roomy cache that takes errDown for an unavailable source.
func open(t testing.TB, change ...func(*pagecache.Options)) *pagecache.Cache {
	t.Helper()
	o := pagecache.Options{
		MaxBytes:    8 << 20,
		Unavailable: func(err error) bool { return errors.Is(err, errDown) },
	}
	for _, f := range change {
		f(&o)
	}
	c := pagecache.New(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func bubble(t *testing.T, f func(t *testing.T, c *pagecache.Cache)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := open(t)
		f(t, c)
	})
}

// prose is text that compresses like a page.
func prose(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "<p class=\"par\">Paragraph %d of %d, about %x.</p>\n", i, n, i*i*7919)
	}
	return b.Bytes()[:n]
}

func text(body string, tags ...pagecache.Tag) pagecache.Render {
	return func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Type: "text/html; charset=utf-8", Body: []byte(body), Tags: tags}, nil
	}
}

func fails(err error) pagecache.Render {
	return func(context.Context) (*pagecache.Page, error) { return nil, err }
}

func fetch(t testing.TB, c *pagecache.Cache, key string, r pagecache.Render) *pagecache.Entry {
	t.Helper()
	e, stale, err := c.Fetch(context.Background(), key, r)
	if err != nil || stale {
		t.Fatalf("fetch %q: stale %v, error %v", key, stale, err)
	}
	return e
}

// kept is the body that Get finds, or "".
func kept(c *pagecache.Cache, key string) string {
	if e := c.Get([]byte(key)); e != nil {
		return string(e.Body())
	}
	return ""
}

func TestWhatWasRenderedIsKept(t *testing.T) {
	c := open(t)
	if got := kept(c, "/a"); got != "" {
		t.Fatalf("empty cache: got %q, want nothing", got)
	}
	fetch(t, c, "/a", text("one", "x"))
	again := fetch(t, c, "/a", text("two", "x"))
	if got := string(again.Body()); got != "one" || kept(c, "/a") != "one" {
		t.Errorf("got %q and %q, want the first render", got, kept(c, "/a"))
	}
	if s := c.Stats(); s.Renders != 1 || s.Entries != 1 || s.Hits != 2 {
		t.Errorf("got %+v, want one render, one entry, two hits", s)
	}
}

func TestDropReachesAllEntriesOfATagAndNoOthers(t *testing.T) {
	c := open(t)
	fetch(t, c, "/a", text("a", "x", "y"))
	fetch(t, c, "/b", text("b", "y", "y"))
	fetch(t, c, "/c", text("c", "z"))
	if got := c.Drop("y", "x", "none"); got != 2 {
		t.Errorf("dropped: got %d, want 2", got)
	}
	if got := kept(c, "/a") + kept(c, "/b") + kept(c, "/c"); got != "c" {
		t.Errorf("kept: got %q, want c alone", got)
	}
	if got := string(fetch(t, c, "/a", text("new", "x")).Body()); got != "new" {
		t.Errorf("after the drop: got %q, want a new render", got)
	}
	if s := c.Stats(); s.Copies != 1 || s.Entries != 2 {
		t.Errorf("got %+v, want the copy replaced by its new render", s)
	}
}

func TestOneRenderAnswersAllWhoWait(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		gate := make(chan struct{})
		answers := make(chan string, 50)
		for range 50 {
			go func() {
				e, _, err := c.Fetch(t.Context(), "/a", func(context.Context) (*pagecache.Page, error) {
					<-gate
					return &pagecache.Page{Body: []byte("one")}, nil
				})
				if err != nil {
					answers <- err.Error()
					return
				}
				answers <- string(e.Body())
			}()
		}
		synctest.Wait()
		close(gate)
		for range 50 {
			if got := <-answers; got != "one" {
				t.Errorf("got %q, want one", got)
			}
		}
		if got := c.Stats().Renders; got != 1 {
			t.Errorf("renders: got %d, want 1", got)
		}
	})
}

func TestARenderBegunBeforeADropIsServedButNotKept(t *testing.T) {
	c := open(t)
	during := map[string]struct {
		act  func()
		kept string
	}{
		"a drop of its tag":       {func() { c.Drop("x") }, ""},
		"a purge of its tag":      {func() { c.Purge("x") }, ""},
		"a clear":                 {func() { c.Clear() }, ""},
		"a drop of another's tag": {func() { c.Drop("other") }, "old"},
		"very many drops": {func() {
			for i := range 10_001 {
				c.Drop(pagecache.Tag(fmt.Sprint(i)))
			}
		}, ""},
	}
	for name, what := range during {
		e := fetch(t, c, name, func(context.Context) (*pagecache.Page, error) {
			what.act()
			return &pagecache.Page{Body: []byte("old"), Tags: []pagecache.Tag{"w", "x"}}, nil
		})
		if got := string(e.Body()); got != "old" {
			t.Errorf("%s: served %q, want old", name, got)
		}
		if got := kept(c, name); got != what.kept {
			t.Errorf("%s: kept %q, want %q", name, got, what.kept)
		}
	}
}

func TestWhoAsksAfterADropGetsALaterRender(t *testing.T) {
	for _, dropped := range []pagecache.Tag{"x", "unrelated"} {
		bubble(t, func(t *testing.T, c *pagecache.Cache) {
			truth := "old"
			gate := make(chan struct{})
			slow := func(context.Context) (*pagecache.Page, error) {
				body := truth
				<-gate
				return &pagecache.Page{Body: []byte(body), Tags: []pagecache.Tag{"x"}}, nil
			}
			ask := func() chan string {
				got := make(chan string, 1)
				go func() {
					e, _, err := c.Fetch(t.Context(), "/a", slow)
					if err != nil {
						t.Error(err)
					}
					got <- string(e.Body())
				}()
				synctest.Wait()
				return got
			}
			leader, before := ask(), ask()
			truth = "new"
			c.Drop(dropped)
			after := ask()
			close(gate)
			want, renders := "new", int64(2)
			if dropped != "x" {
				want, renders = "old", 1
			}
			if got := <-leader + " " + <-before + " " + <-after; got != "old old "+want {
				t.Errorf("drop of %s: got %q, want old old %s", dropped, got, want)
			}
			if got := c.Stats().Renders; got != renders {
				t.Errorf("drop of %s: got %d renders, want %d", dropped, got, renders)
			}
		})
	}
}

func TestWhoAsksAfterADropIsNotToldOfAnEarlierFailure(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		gate := make(chan struct{})
		go c.Fetch(t.Context(), "/a", func(context.Context) (*pagecache.Page, error) {
			<-gate
			return nil, errors.ErrUnsupported
		})
		synctest.Wait()
		c.Drop("x")
		body := make(chan string)
		go func() {
			e, _, err := c.Fetch(t.Context(), "/a", text("published"))
			if err != nil {
				body <- err.Error()
				return
			}
			body <- string(e.Body())
		}()
		synctest.Wait()
		close(gate)
		if got := <-body; got != "published" {
			t.Errorf("got %q, want published", got)
		}
	})
}

func TestAStaleCopyAnswersWhileTheSourceIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t)
		fetch(t, c, "/dropped", text("dropped", "x"))
		fetch(t, c, "/ended", func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Body: []byte("ended"), Until: time.Now().Add(time.Minute)}, nil
		})
		c.Drop("x")
		time.Sleep(2 * time.Minute)
		for _, body := range []string{"dropped", "ended"} {
			if got := kept(c, "/"+body); got != "" {
				t.Errorf("get %s: got %q, want nothing", body, got)
			}
			e, stale, err := c.Fetch(t.Context(), "/"+body, fails(errDown))
			if err != nil || !stale || string(e.Body()) != body {
				t.Errorf("%s: got %v, %v, want the stale copy", body, stale, err)
			}
			if _, _, err := c.Fetch(t.Context(), "/"+body, fails(errors.ErrUnsupported)); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: another failure: got %v, want itself", body, err)
			}
		}
		if _, _, err := c.Fetch(t.Context(), "/new", fails(errDown)); !errors.Is(err, errDown) {
			t.Errorf("without a copy: got %v, want %v", err, errDown)
		}
	})
}

func TestNothingSurvivesAPurge(t *testing.T) {
	c := open(t)
	purges := map[string]func(){
		"live": func() { c.Purge("x") },
		// Dropped first: the copy is what the purge must find.
		"stale": func() { c.Drop("x"); c.Purge("x") },
		"all":   c.Clear,
	}
	for name, purge := range purges {
		fetch(t, c, name, text("secret", "x"))
		purge()
		if e, _, err := c.Fetch(t.Context(), name, fails(errDown)); e != nil || !errors.Is(err, errDown) {
			t.Errorf("%s: got %v, %v, want %v", name, e, err, errDown)
		}
		if s := c.Stats(); s.Bytes != 0 || s.Copies != 0 || s.Entries != 0 {
			t.Errorf("%s: got %+v, want an empty cache", name, s)
		}
	}
}

func TestAnEntryEndsAtItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		until := time.Now().Add(30 * time.Second)
		r := func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Body: []byte("one"), Until: until}, nil
		}
		fetch(t, c, "/a", r)
		time.Sleep(30*time.Second - 1)
		if got := kept(c, "/a"); got != "one" {
			t.Errorf("just before: got %q, want one", got)
		}
		time.Sleep(time.Nanosecond)
		if got := kept(c, "/a"); got != "" {
			t.Errorf("at its time: got %q, want nothing", got)
		}
	})
}

func TestAPageThatMustNotBeKeptIsNot(t *testing.T) {
	c := open(t)
	fetch(t, c, "/a", text("older", "x"))
	c.Drop("x")
	fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Body: []byte("once"), NoKeep: true}, nil
	})
	if s := c.Stats(); s.Entries+s.Copies != 0 || s.Bytes != 0 {
		t.Errorf("got %+v, want nothing, the older copy neither", s)
	}
}

func TestARenderOutlivesTheReaderWhoBeganIt(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		type secret struct{}
		ctx, leave := context.WithCancel(context.WithValue(t.Context(), secret{}, "value"))
		e, _, err := c.Fetch(ctx, "/a", func(ctx context.Context) (*pagecache.Page, error) {
			leave()
			return &pagecache.Page{Body: []byte(ctx.Value(secret{}).(string))}, ctx.Err()
		})
		if err != nil || string(e.Body()) != "value" {
			t.Errorf("got %v, want the render whole", err)
		}
		_, _, err = c.Fetch(t.Context(), "/slow", func(ctx context.Context) (*pagecache.Page, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a render without end: got %v, want its deadline", err)
		}
	})
}

func TestWhoWaitsMayLeave(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		gate := make(chan struct{})
		go c.Fetch(t.Context(), "/a", func(context.Context) (*pagecache.Page, error) {
			<-gate
			return &pagecache.Page{}, nil
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := c.Fetch(ctx, "/a", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the caller's deadline", err)
		}
		close(gate)
	})
}

func TestAPanickingRenderLeavesNobodyWaiting(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		gate := make(chan struct{})
		panicked := make(chan any, 1)
		go func() {
			defer func() { panicked <- recover() }()
			c.Fetch(t.Context(), "/a", func(context.Context) (*pagecache.Page, error) {
				<-gate
				panic("boom")
			})
		}()
		synctest.Wait()
		waited := make(chan error, 1)
		go func() {
			_, _, err := c.Fetch(t.Context(), "/a", nil)
			waited <- err
		}()
		synctest.Wait()
		close(gate)
		if got := <-panicked; got != "boom" {
			t.Errorf("the one who rendered: got %v, want the panic", got)
		}
		if err := <-waited; err == nil {
			t.Error("the one who waited: got no error")
		}
		if got := string(fetch(t, c, "/a", text("fine")).Body()); got != "fine" {
			t.Errorf("afterwards: got %q, want fine", got)
		}
	})
}

func TestAPageEndsAndDropsWithItsParts(t *testing.T) {
	c := open(t)
	soon, late := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	part := fetch(t, c, "part", func(context.Context) (*pagecache.Page, error) {
		return &pagecache.Page{Part: true, Type: "text/html", Body: prose(4000), Until: soon, Tags: []pagecache.Tag{"p"}}, nil
	})
	if got := part.Encodings(); got.Has(pagecache.Gzip) {
		t.Error("a part was compressed")
	}
	page := pagecache.Page{Tags: []pagecache.Tag{"own"}, Until: late}
	page.Reads(part, false)
	if got := fmt.Sprint(page.Tags); got != "[own p]" || !page.Until.Equal(soon) || page.NoKeep {
		t.Errorf("got %s, %v, %v, want both tags, the earlier end, kept", got, page.Until, page.NoKeep)
	}
	page.Reads(part, true)
	fetch(t, c, "page", func(context.Context) (*pagecache.Page, error) { return &page, nil })
	if c.Get([]byte("page")) != nil {
		t.Error("a page made of a stale part was kept")
	}
}

func TestPagesThatCannotBeAnsweredTwiceTheSameAreRefused(t *testing.T) {
	c := open(t)
	field := func(name, value string) pagecache.Page {
		return pagecache.Page{Header: []pagecache.HeaderField{{Name: name, Value: value}}}
	}
	refused := map[string]pagecache.Page{
		"a cookie":          field("set-cookie", "a=b"),
		"an own length":     field("Content-Length", "3"),
		"an own vary":       field("Vary", "Cookie"),
		"a split response":  field("Link", "a\r\nX: b"),
		"a name with space": field("X Y", "b"),
		"space around":      field("X-Y", " b"),
		"an odd date":       field("Last-Modified", "yesterday"),
		"no body by status": {Status: 304},
		"a type in two":     {Type: "text/html\nX: y"},
	}
	for name, page := range refused {
		_, _, err := c.Fetch(t.Context(), name, func(context.Context) (*pagecache.Page, error) { return &page, nil })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want a refusal that names the key", name, err)
		}
	}
}

func TestBrotliFollowsInTheBackground(t *testing.T) {
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		e := fetch(t, c, "/a", text(string(prose(20_000)), "x"))
		if set := e.Encodings(); !set.Has(pagecache.Gzip) {
			t.Error("the first answer has no gzip")
		}
		before := c.Stats().Bytes
		synctest.Wait()
		if !e.Encodings().Has(pagecache.Brotli) {
			t.Fatal("no brotli came")
		}
		if got := c.Stats().Bytes; got <= before {
			t.Errorf("bytes: got %d, want more than %d", got, before)
		}
		_, gz := e.Answer([]byte("gzip"), nil)
		_, br := e.Answer([]byte("gzip, br"), nil)
		if len(br) >= len(gz) {
			t.Errorf("brotli has %d bytes, gzip %d", len(br), len(gz))
		}
		c.Purge("x")
		if got := c.Stats().Bytes; got != 0 {
			t.Errorf("bytes after the purge: got %d, want 0", got)
		}
	})
}

func TestACloseEndsTheBackgroundAndLeavesACacheThatAnswers(t *testing.T) {
	c := open(t)
	c.Close()
	c.Close()
	fetch(t, c, "/a", text(string(prose(2000))))
	if kept(c, "/a") == "" {
		t.Error("a closed cache keeps nothing")
	}
}

func TestLookingUpDoesNotAllocate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t)
		e := fetch(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Type: "text/html", Body: prose(5000), Until: time.Now().Add(time.Hour)}, nil
		})
		synctest.Wait()
		key, accept := []byte("/a"), []byte("gzip, deflate, br;q=0.9, zstd")
		match := []byte(`W/"no", ` + e.ETag(pagecache.Gzip))
		got := testing.AllocsPerRun(1000, func() {
			c.Get(key).Answer(accept, match)
			c.Get(key).Answer(accept, nil)
		})
		if got != 0 {
			t.Errorf("got %v allocations, want 0", got)
		}
	})
}

func BenchmarkGetAndAnswer(b *testing.B) {
	c := open(b)
	fetch(b, c, "/a", text(string(prose(60_000))))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		key, accept := []byte("/a"), []byte("gzip, deflate, br, zstd")
		for pb.Next() {
			c.Get(key).Answer(accept, nil)
		}
	})
}

func BenchmarkMissOf64kB(b *testing.B) {
	c := open(b, func(o *pagecache.Options) { o.MaxBytes = 0 })
	body := string(prose(64_000))
	for b.Loop() {
		fetch(b, c, "/a", text(body))
	}
}
