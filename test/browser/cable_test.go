package browser_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"broadsheet/test/browser/stage"
	"context"

	"github.com/chromedp/chromedp"
)

// cable is a reader's line to the newsroom: an origin of its own, with a worker
// and copies of its own, that notes what goes over it and can be cut.
type cable struct {
	URL string

	mu    sync.Mutex
	cut   bool
	asked []*http.Request
	// fresh leaves pages their time in the browser's own cache. Without it a
	// page is asked for each time, as one is whose time is over.
	fresh bool
	// instead answers an address in the newsroom's place.
	instead map[string]http.HandlerFunc
}

func lay(t *testing.T) *cable {
	t.Helper()
	to, err := url.Parse(set.Newsroom.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{instead: map[string]http.HandlerFunc{}}
	through := httputil.NewSingleHostReverseProxy(to)
	through.ModifyResponse = func(answer *http.Response) error {
		// A 304 has no type.
		if path := answer.Request.URL.Path; !strings.HasPrefix(path, "/assets/") && !strings.HasPrefix(path, "/media/") && !c.fresh {
			answer.Header.Set("Cache-Control", "no-cache")
		}
		return nil
	}
	through.ErrorLog = log.New(io.Discard, "", 0) // a reader who leaves is no fault
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		cut, instead := c.cut, c.instead[r.URL.Path]
		if !cut {
			c.asked = append(c.asked, r.Clone(context.Background()))
		}
		c.mu.Unlock()
		switch {
		case cut:
			panic(http.ErrAbortHandler) // the connection ends without an answer
		case instead != nil:
			instead(w, r)
		default:
			through.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// set cuts the line or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
}

func (c *cable) answer(path string, instead http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instead[path] = instead
}

// times is how often a path was asked for, and with what purpose.
func (c *cable) times(path string) (n int, purposes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.asked {
		if r.URL.Path == path {
			n++
			purposes = append(purposes, r.Header.Get("Sec-Purpose"))
		}
	}
	return n, purposes
}

// reader opens a tab whose browser keeps what it is told to keep.
func (c *cable) reader(t *testing.T, on stage.Screen) context.Context {
	t.Helper()
	ctx, _ := tab(t, on)
	if err := chromedp.Do(ctx, stage.Firsthand(false)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// open shows a page over the line; one that cannot be had is status 0.
func (c *cable) open(t *testing.T, ctx context.Context, path string) int {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(c.URL+path))
	if err != nil || answer == nil {
		return 0
	}
	return int(answer.Status)
}
