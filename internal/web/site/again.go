package site

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// After a withdrawal no copy survives of what showed the story: nothing older may
// be shown. If the database went away in the moments after, readers of those
// pages would get none. So they are made again at once, as if somebody had asked,
// one after the other and never for more than half of the time.

// mostAgain is how many pages wait to be made again; what is beyond waits for a
// reader.
const mostAgain = 5000

// apart is how long it waits after a purge: a withdrawal has a second event, and
// what that drops would be made twice.
const apart = 100 * time.Millisecond

// remaker makes pages again that were purged.
type remaker struct {
	site *Site
	// secure says that readers come by https.
	secure atomic.Bool

	mu    sync.Mutex
	keys  []string
	known map[string]bool
	wake  chan struct{}

	stop context.CancelFunc
	done chan struct{}
}

func newRemaker(s *Site) *remaker {
	ctx, stop := context.WithCancel(context.Background())
	r := &remaker{site: s, known: map[string]bool{}, wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go r.run(ctx)
	return r
}

// close ends the making.
func (r *remaker) close() {
	r.stop()
	<-r.done
}

// add asks for the pages that were kept under the keys.
func (r *remaker) add(keys []string) {
	r.mu.Lock()
	for _, key := range keys {
		// Parts are made with the pages that have them.
		if len(r.keys) < mostAgain && !r.known[key] && !strings.Contains(key, " ") {
			r.known[key] = true
			r.keys = append(r.keys, key)
		}
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *remaker) next() (key string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) == 0 {
		return "", false
	}
	key = r.keys[0]
	r.keys = r.keys[1:]
	delete(r.known, key)
	return key, true
}

func (r *remaker) run(ctx context.Context) {
	defer close(r.done)
	for pause := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if r.site.db.Away() {
			pause = time.Second
			continue
		}
		key, ok := r.next()
		if !ok {
			select {
			case <-ctx.Done():
			case <-r.wake:
			}
			pause = apart
			continue
		}
		begun := time.Now()
		err := r.remake(ctx, key)
		pause = time.Since(begun)
		switch {
		case unavailable(err):
			r.add([]string{key})
			pause = max(pause, time.Second)
		case err != nil && ctx.Err() == nil && faultOf(err).status >= http.StatusInternalServerError:
			slog.Error("make a page again", "page", key, "error", err)
		}
	}
}

// remake asks for one page.
func (r *remaker) remake(ctx context.Context, key string) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v\n%s", fault, debug.Stack())
		}
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+key, nil)
	if err != nil {
		return nil // no reader could ask for it
	}
	if r.secure.Load() {
		request.TLS = &tls.ConnectionState{}
	}
	asked, err := r.site.find(request)
	if err != nil || asked.route == nil || asked.redirect != "" {
		return err
	}
	_, _, err = r.site.fetch(request, asked)
	return err
}
