package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"broadsheet/internal/platform/pagecache"
)

const patience = 300 * time.Millisecond

// impatient runs f with a page "/a" whose older copy, tagged x, is in memory or
// in the loft alone.
func impatient(t *testing.T, f func(t *testing.T, c *pagecache.Cache)) {
	t.Helper()
	for _, place := range []string{"memory", "loft"} {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := lofty(t, small, func(o *pagecache.Options) { o.Patience = patience })
				fetch(t, c, "/a", text("old", "x"))
				c.Drop("x")
				if place == "loft" {
					crowd(t, c)
				}
				synctest.Wait()
				f(t, c)
				time.Sleep(time.Minute) // whatever still renders
				synctest.Wait()
			})
		})
	}
}

// given is what a reader got, and after how long.
type given struct {
	body  string
	stale bool
	after time.Duration
}

// ask fetches aside.
func ask(t *testing.T, c *pagecache.Cache, key string, r pagecache.Render) chan given {
	t.Helper()
	out := make(chan given, 1)
	go func() {
		began := time.Now()
		e, stale, err := c.Fetch(t.Context(), key, r)
		if err != nil {
			out <- given{err.Error(), stale, time.Since(began)}
			return
		}
		out <- given{string(e.Body()), stale, time.Since(began)}
	}()
	synctest.Wait()
	return out
}

// after is a render that takes its time.
func after(d time.Duration, r pagecache.Render) pagecache.Render {
	return func(ctx context.Context) (*pagecache.Page, error) {
		time.Sleep(d)
		return r(ctx)
	}
}

func TestReadersOutOfPatienceGetTheOlderCopyWhileOneRenderGoesOn(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		renders := c.Stats().Renders
		slow := after(3*time.Second, text("new", "x"))
		leader, waiter := ask(t, c, "/a", slow), ask(t, c, "/a", slow)
		for _, who := range []chan given{leader, waiter} {
			if got := <-who; got != (given{"old", true, patience}) {
				t.Errorf("got %+v, want the copy when patience ends", got)
			}
		}
		if got := <-ask(t, c, "/a", slow); got != (given{"old", true, 0}) {
			t.Errorf("who comes later: got %+v, want the copy at once", got)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := kept(c, "/a"); got != "new" {
			t.Errorf("in the end: got %q, want the new page kept", got)
		}
		if s := c.Stats(); s.Renders != renders+1 || s.Late != 3 || s.Stale != 0 {
			t.Errorf("got %+v, want one render and three late answers", s)
		}
	})
}

func TestAPromptRenderIsWaitedFor(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		prompt := after(patience-1, text("new", "x"))
		leader, waiter := ask(t, c, "/a", prompt), ask(t, c, "/a", prompt)
		for _, who := range []chan given{leader, waiter} {
			if got := <-who; got != (given{"new", false, patience - 1}) {
				t.Errorf("got %+v, want the render", got)
			}
		}
	})
}

func TestACopyPurgedMeanwhileIsNotGiven(t *testing.T) {
	purges := map[string]func(c *pagecache.Cache){
		"purge": func(c *pagecache.Cache) { c.Purge("x") },
		"clear": func(c *pagecache.Cache) { c.Clear() },
	}
	for name, purge := range purges {
		impatient(t, func(t *testing.T, c *pagecache.Cache) {
			slow := after(time.Second, fails(errors.ErrUnsupported))
			leader := ask(t, c, "/a", slow)
			time.Sleep(patience / 2)
			purge(c)
			if got := <-leader; got.stale || got.body != errors.ErrUnsupported.Error() {
				t.Errorf("%s before patience ended: got %+v, want the failure", name, got)
			}
		})
		impatient(t, func(t *testing.T, c *pagecache.Cache) {
			slow := after(time.Second, fails(errDown))
			if got := <-ask(t, c, "/a", slow); !got.stale {
				t.Errorf("%s: before: got %+v, want the copy", name, got)
			}
			purge(c)
			if got := <-ask(t, c, "/a", fails(errDown)); got.stale || got.body != errDown.Error() {
				t.Errorf("%s after the copy was found: got %+v, want the failure", name, got)
			}
		})
	}
}

func TestADropDoesNotTakeTheCopy(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		leader := ask(t, c, "/a", after(time.Second, text("new", "x")))
		c.Drop("x")
		for i := range 20_000 {
			c.Drop(pagecache.Tag(fmt.Sprint(i)))
		}
		if got := <-leader; got != (given{"old", true, patience}) {
			t.Errorf("got %+v, want the copy", got)
		}
		c.Drop("x")
		if got := <-ask(t, c, "/a", fails(errDown)); got != (given{"old", true, 0}) {
			t.Errorf("after another drop: got %+v, want the copy", got)
		}
	})
}

func TestWithoutACopyPatienceHasNoEnd(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		if got := <-ask(t, c, "/b", after(2*time.Second, text("b"))); got != (given{"b", false, 2 * time.Second}) {
			t.Errorf("got %+v, want the render", got)
		}
	})
	bubble(t, func(t *testing.T, c *pagecache.Cache) {
		fetch(t, c, "/a", text("old", "x"))
		c.Drop("x")
		if got := <-ask(t, c, "/a", after(2*time.Second, text("new", "x"))); got != (given{"new", false, 2 * time.Second}) {
			t.Errorf("with no patience set: got %+v, want the render", got)
		}
	})
}

func TestALateRenderThatFailsForItsSourceIsAnsweredByTheCopy(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		if got := <-ask(t, c, "/a", after(patience/2, fails(errDown))); got != (given{"old", true, patience / 2}) {
			t.Errorf("got %+v, want the copy", got)
		}
	})
}

// TestARenderWithinAnotherEndsBeforeIt: it uses what the outer one holds.
func TestARenderWithinAnotherEndsBeforeIt(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		ended := false
		outer := func(ctx context.Context) (*pagecache.Page, error) {
			e, stale, err := c.Fetch(ctx, "/a", func(context.Context) (*pagecache.Page, error) {
				time.Sleep(time.Second)
				ended = true
				return &pagecache.Page{Body: []byte("new")}, nil
			})
			if err != nil || stale || !ended {
				t.Errorf("got %v, %v, ended %v, want the render whole", stale, err, ended)
			}
			return &pagecache.Page{Body: e.Body()}, nil
		}
		if got := <-ask(t, c, "/outer", outer); got.body != "new" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestALeaderMayLeaveARenderThatRunsAside(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		if _, _, err := c.Fetch(ctx, "/a", after(time.Second, text("new", "x"))); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the caller's deadline", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := kept(c, "/a"); got != "new" {
			t.Errorf("got %q, want the render kept", got)
		}
	})
}

func TestAPanicAsideReachesTheLeaderWhoWaits(t *testing.T) {
	impatient(t, func(t *testing.T, c *pagecache.Cache) {
		caught := make(chan any, 1)
		go func() {
			defer func() { caught <- recover() }()
			c.Fetch(t.Context(), "/a", func(context.Context) (*pagecache.Page, error) { panic("boom") })
		}()
		if got := fmt.Sprint(<-caught); !strings.Contains(got, "boom") || !strings.Contains(got, "patience_test.go") {
			t.Errorf("got %.200s, want the panic and its place", got)
		}
		waiter := ask(t, c, "/a", func(context.Context) (*pagecache.Page, error) {
			time.Sleep(time.Second)
			panic("late")
		})
		if got := <-waiter; !got.stale {
			t.Errorf("got %+v, want the copy", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := string(fetch(t, c, "/a", text("fine")).Body()); got != "fine" {
			t.Errorf("afterwards: got %q, want fine", got)
		}
	})
}
