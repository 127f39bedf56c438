package site

import (
	"context"
	"crypto/tls"
	"net/http"
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
	for ctx.Err() == nil {
		key, ok := r.next()
		if !ok {
			select {
			case <-ctx.Done():
			case <-r.wake:
			}
			continue
		}
		begun := time.Now()
		r.remake(ctx, key)
		rest(ctx, time.Since(begun))
		for r.site.db.Away() && ctx.Err() == nil {
			rest(ctx, time.Second)
		}
	}
}

// rest waits a while, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// remake asks for one page.
func (r *remaker) remake(ctx context.Context, key string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+key, nil)
	if err != nil {
		return // no reader could ask for it
	}
	if r.secure.Load() {
		request.TLS = &tls.ConnectionState{}
	}
	r.site.read(nowhere{http.Header{}}, request)
}

// nowhere is a reader who does not look.
type nowhere struct{ header http.Header }

// Header is the head that nobody reads.
func (n nowhere) Header() http.Header { return n.header }

// Write takes what nobody reads.
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader takes the status that nobody reads.
func (n nowhere) WriteHeader(int) {}
