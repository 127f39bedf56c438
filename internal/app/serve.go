package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/serve"
)

// mostCache is a terabyte, in MiB.
const mostCache = 1 << 20

// heapFloor is memory that is reserved and never touched, so that it costs none.
// The collector runs when the heap has doubled: a small newsroom's is five
// megabytes and would be collected at every fifth page that is rendered.
const heapFloor = 32 << 20

// drainFor is how long answers on their way may take when the program stops.
const drainFor = 10 * time.Second

// Serve answers readers until ctx ends, then drains. When it answers it writes
// the line "ready http://HOST:PORT/" to out.
func (n *Newsroom) Serve(ctx context.Context, c Config, out io.Writer) error {
	if c.CacheMB < 0 || c.CacheMB > mostCache {
		return fmt.Errorf("%w: --cache-mb is %d; it takes 0 to %d", ErrUsage, c.CacheMB, mostCache)
	}
	if err := checkURL(c.URL); err != nil {
		return err
	}
	// The port first: what can fail at once should not wait.
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, plain(err))
	}
	defer listener.Close()
	if err := n.buildSite(ctx, c); err != nil {
		return err
	}
	control, err := n.listenControl(c)
	if err != nil {
		return err
	}
	defer control.Close()
	if err := n.plan(ctx); errors.Is(err, db.ErrFull) {
		slog.Warn("jobs wait until there is room on the disk")
	} else if err != nil {
		return fmt.Errorf("plan the jobs: %w", err)
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { n.Log.Run(work) })
	background.Go(func() { n.jobs().Run(work) })
	background.Go(func() { n.runControl(work, control) })
	defer background.Wait()
	defer stop()
	floor := make([]byte, heapFloor)
	server := serve.New(serve.Options{Handler: n.handler(), Pages: n.site.Pages(), Express: c.Express})
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(out, "ready http://%s/\n", readyAddress(c.Addr, listener.Addr()))
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	runtime.KeepAlive(floor)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// checkURL refuses a public address that pages could not begin with.
func checkURL(text string) error {
	at, err := url.Parse(text)
	if text != "" && (err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || strings.Trim(at.Path, "/") != "") {
		return fmt.Errorf("%w: --url takes an address such as https://paper.example, without a path", ErrUsage)
	}
	return nil
}

// readyAddress is the address as it was asked for, with the port that was got.
func readyAddress(asked string, got net.Addr) string {
	host, _, err := net.SplitHostPort(asked)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	_, port, err := net.SplitHostPort(got.String())
	if err != nil {
		return got.String()
	}
	return net.JoinHostPort(host, port)
}

// plain turns what the kernel says of a port into words.
func plain(err error) error {
	if strings.Contains(err.Error(), "address already in use") {
		return errors.New("the port is in use by another program; choose another with --addr")
	}
	return err
}

// handler is the site with what operators ask.
func (n *Newsroom) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", n.ready)
	mux.Handle("/", n.site)
	return mux
}

func (n *Newsroom) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := n.DB.Ping(ctx); err != nil {
		slog.Warn("not ready", "error", err)
		http.Error(w, "the database does not answer; pages are served from what is kept", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "ready\n")
}
