package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/web/api"
	"broadsheet/internal/web/desk"
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
		return fmt.Errorf("listen on %s: %w", c.Addr, plain(err, "--addr"))
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
	scheme := "http://"
	if c.TLS.Ends() {
		scheme = "https://"
	}
	ready := scheme + readyAddress(c.Addr, listener.Addr())
	n.served = ready
	if err := n.connect(c, listener, ready); err != nil {
		return err
	}
	m := newMetrics(n)
	n.proven = m.proven
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	n.work(work, &background, control)
	floor := make([]byte, heapFloor)
	failed := make(chan error, 3)
	handler, express := m.counted(n.handler()), c.Express
	if c.TLS.Ends() {
		secure, err := n.secureOn(ctx, c, failed)
		if err != nil {
			return err
		}
		defer secure.Close()
		// The quick way reads from the connection itself, which here speaks TLS.
		listener, handler, express = tls.NewListener(listener, secure.Config), StrictTransport(handler), false
	}
	server := serve.New(serve.Options{Handler: handler, Pages: n.site.Pages(), Express: express, MaxBody: bodyLimit})
	go func() { failed <- server.Serve(listener) }()
	closeAdmin, err := n.serveAdmin(c, m, failed)
	if err != nil {
		return err
	}
	defer closeAdmin()
	leave := n.enlist(work, &background)
	n.taking.Store(true)
	fmt.Fprintf(out, "ready %s/\n", ready)
	if n.greet != nil {
		n.greet(ctx, out)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	runtime.KeepAlive(floor)
	// Proxies and the other nodes must know before an answer can be missing.
	n.taking.Store(false)
	n.desk.Close()
	leave()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// connect makes this program known to the other nodes, and them to it.
func (n *Newsroom) connect(c Config, listener net.Listener, ready string) error {
	scheme, _, _ := strings.Cut(ready, "://")
	n.introduce(cmp.Or(strings.TrimSuffix(c.NodeURL, "/"), scheme+"://"+nodeAddress(listener.Addr())))
	n.prover = newProver(publicHost(c, ready))
	n.lineUp()
	name, err := n.name()
	if err != nil {
		return err
	}
	if n.bus, err = event.OpenBus(c.Bus, name); errors.Is(err, event.ErrAddress) {
		return fmt.Errorf("%w: --bus: %w", ErrUsage, err)
	} else if err != nil {
		return err
	}
	n.Log.Join(n.bus)
	return nil
}

// publicHost is the name under which readers know the site.
func publicHost(c Config, ready string) string {
	if at, err := url.Parse(c.URL); c.URL != "" && err == nil {
		return at.Host
	}
	if names := c.names(); len(names) > 0 {
		return names[0]
	}
	_, host, _ := strings.Cut(ready, "://")
	return host
}

// nodeAddress is where a program on this machine reaches a listener.
func nodeAddress(at net.Addr) string {
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return at.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// name tells the newsrooms on one bus apart: the same for all nodes of one.
func (n *Newsroom) name() (name string, err error) {
	const setting = "newsroom"
	err = n.DB.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into setting (name, value) values ($1, $2) on conflict (name) do nothing`, setting, strconv.FormatInt(n.Mint.Next(), 36))
		if err != nil {
			return err
		}
		name, err = db.Find(tx, db.Value[string], `select value from setting where name = $1`, setting)
		return err
	})
	if errors.Is(err, db.ErrFull) {
		return "full", nil // a node alone on a full disk still serves
	}
	if err != nil {
		return "", fmt.Errorf("read the newsroom's name for the bus: %w", err)
	}
	return name, nil
}

// work starts what goes on beside serving, until ctx ends.
func (n *Newsroom) work(ctx context.Context, background *sync.WaitGroup, control net.Listener) {
	for _, task := range []func(context.Context){n.DB.Watch, n.Log.Run, n.views.Run, audit.NewWitness(n.DB, n.folder(), n.now).Run, n.foldWritten} {
		background.Go(func() { task(ctx) })
	}
	background.Go(func() { n.runControl(ctx, control) })
}

// enlist puts this node, which serves by now, on the list of nodes, and only
// then begins with the jobs, until ctx ends. leave takes it off the list.
func (n *Newsroom) enlist(ctx context.Context, background *sync.WaitGroup) (leave func()) {
	n.arrive(ctx)
	listed, quit := context.WithCancel(ctx)
	gone := make(chan struct{})
	background.Go(func() {
		defer close(gone)
		n.beat(listed)
	})
	for _, queue := range n.queues {
		background.Go(func() { queue.Run(ctx) })
	}
	return func() {
		quit()
		<-gone
	}
}

// bodyLimit is how many bytes a request to a path may send: stories come in
// through the API, and readers send little.
func bodyLimit(path string) int64 {
	switch {
	case strings.HasPrefix(path, api.Prefix):
		return api.MaxBody
	case strings.HasPrefix(path, desk.Prefix):
		return desk.MaxBody
	}
	return 1 << 20
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

// plain turns what the kernel says of a port into words. flag is the setting
// that names the port; empty for one that cannot be chosen.
func plain(err error, flag string) error {
	var words, otherwise string
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		words, otherwise = "the port is in use by another program; ", "end that program"
		if flag != "" {
			otherwise = "choose another with " + flag
		}
	case errors.Is(err, syscall.EACCES):
		words = "this account may not use ports below 1024; give the program CAP_NET_BIND_SERVICE"
		if flag != "" {
			otherwise = ", or choose another port with " + flag
		}
	default:
		return err
	}
	return errors.New(words + otherwise)
}

// handler is the site with what operators ask.
func (n *Newsroom) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", n.ready)
	mux.Handle(api.Prefix, api.New(api.Options{
		DB: n.DB, Desk: n.Desk, Stories: n.Stories, Index: n.Index, Mint: n.Mint, Hooks: n.Hooks, Redactions: n.Redactions, Settle: n.settleWriting, Pages: n.site.Pages(), Now: n.now, TrustedProxy: n.trusted, Version: build(),
	}))
	mux.Handle(desk.Prefix, n.desk)
	mux.Handle(strings.TrimSuffix(desk.Prefix, "/"), n.desk)
	mux.Handle("/", n.site)
	return mux
}

// pingWithin is how long the database may take to answer before a proxy is told
// that it is away: shorter than proxies wait for an answer.
const pingWithin = 200 * time.Millisecond

// ready tells proxies whether to send readers here: always, but while this node
// starts or drains. Without its database it still has the pages that it keeps.
func (n *Newsroom) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !n.taking.Load() {
		http.Error(w, "this node is starting or stopping; ask another", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingWithin)
	defer cancel()
	if err := n.DB.Ping(ctx); err != nil {
		io.WriteString(w, "ready; the database is away, kept pages are still served, nothing can be written\n")
		return
	}
	io.WriteString(w, "ready\n")
}

// secureOn ends TLS on the address of readers. Where that is port 443, port 80
// answers what authorities ask and leads readers on.
func (n *Newsroom) secureOn(ctx context.Context, c Config, failed chan<- error) (*Secure, error) {
	secure, err := n.Secure(ctx, c.TLS, c.names())
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil || port != "443" && port != "https" {
		return secure, nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "80"))
	if err != nil && c.TLS.Cert != "" {
		slog.Warn("nobody leads readers who come to port 80 to https", "error", plain(err, ""))
		return secure, nil
	}
	if err != nil {
		secure.Close()
		return nil, fmt.Errorf("listen on port 80, where the certificate authority (ACME) asks and readers are led to https: %w", plain(err, ""))
	}
	server := &http.Server{Handler: secure.Plain, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	context.AfterFunc(ctx, func() { server.Close() })
	return secure, nil
}

// build is the program's version.
func build() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

// serveAdmin serves what operators ask, where it was asked for.
func (n *Newsroom) serveAdmin(c Config, m *metrics, failed chan<- error) (closed func(), err error) {
	if c.AdminAddr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", c.AdminAddr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for operators: %w", c.AdminAddr, plain(err, "--admin-addr"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", n.ready)
	mux.Handle("GET /metrics", m.handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return func() { server.Close() }, nil
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	io.WriteString(w, "ok\n")
}
