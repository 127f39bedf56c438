package db_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// line is a telephone line to a server that can be held: then nothing passes,
// and nobody hears that it does not.
type line struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	held     chan struct{}
}

// lineTo puts a line between a test and its server; the address is the one to
// open instead.
func lineTo(t *testing.T, server string) (*line, string) {
	t.Helper()
	at, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, to: at.Host, held: make(chan struct{})}
	close(l.held)
	t.Cleanup(func() { l.release(); listener.Close() })
	go l.serve()
	at.Host = listener.Addr().String()
	return l, at.String()
}

func (l *line) serve() {
	for {
		here, err := l.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer here.Close()
			l.wait()
			there, err := net.Dial("tcp", l.to)
			if err != nil {
				return
			}
			defer there.Close()
			go l.pass(there, here)
			l.pass(here, there)
		}()
	}
}

func (l *line) pass(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		l.wait()
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

func (l *line) wait() {
	l.mu.Lock()
	held := l.held
	l.mu.Unlock()
	<-held
}

// hold lets nothing pass until release.
func (l *line) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = make(chan struct{})
}

func (l *line) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.held:
	default:
		close(l.held)
	}
}

// watched is a database behind a line, with somebody watching it.
func watched(t *testing.T) (*db.DB, *line) {
	t.Helper()
	l, address := lineTo(t, dbtest.PostgresURL(t))
	return watch(t, address, l), l
}

// watch opens a database behind a line and has it watched.
func watch(t *testing.T, address string, l *line) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { d.Watch(ctx) })
	t.Cleanup(func() { l.release(); stop(); watching.Wait(); d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.Tick(10 * time.Millisecond); !holds(); <-tick {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to be: %s", what)
		}
	}
}

func TestAServerThatHangsIsRefusedAtOnceAndComesBack(t *testing.T) {
	d, l := watched(t)
	l.hold()
	cut := make(chan error, 1)
	go func() { cut <- d.Ping(context.Background()) }() // on its way when the line is dead
	eventually(t, "the server is known to be away", d.Away)
	if err := <-cut; !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("what was on its way: got %v, want %v", err, db.ErrUnavailable)
	}
	before := time.Now()
	for range 1000 {
		if err := d.Ping(t.Context()); !errors.Is(err, db.ErrUnavailable) {
			t.Fatalf("got %v, want %v", err, db.ErrUnavailable)
		}
	}
	if took := time.Since(before); took > 5*time.Second {
		t.Errorf("a thousand askers waited %v", took)
	}
	l.release()
	eventually(t, "the server is back", func() bool { return d.Ping(t.Context()) == nil })
	err := d.Update(t.Context(), func(tx *db.Tx) error { return put(tx, "after", "the silence") })
	if err != nil {
		t.Error(err)
	}
}

func TestAnotherHostIsFoundWhileTheFirstIsSilent(t *testing.T) {
	server := dbtest.PostgresURL(t)
	first, one := lineTo(t, server)
	_, two := lineTo(t, server)
	at, err := url.Parse(one)
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(two)
	if err != nil {
		t.Fatal(err)
	}
	at.Host += "," + other.Host
	query := at.Query()
	query.Set("connect_timeout", "1")
	at.RawQuery = query.Encode()
	d := watch(t, at.String(), first)
	first.hold()
	eventually(t, "the first host is known to be away", d.Away)
	eventually(t, "the other host is found", func() bool { return !d.Away() })
	if err := d.Update(t.Context(), func(tx *db.Tx) error { return put(tx, "on", "the other") }); err != nil {
		t.Error(err)
	}
}

func TestTheClockIsTheDatabases(t *testing.T) {
	d := dbtest.Ahead(t, time.Hour)
	if off := time.Until(d.Now()) - time.Hour; off.Abs() > time.Minute {
		t.Errorf("it is %v off the server's", off)
	}
	if off := d.Skew() + time.Hour; off.Abs() > time.Minute {
		t.Errorf("got a skew of %v, want -1h: this machine is behind", d.Skew())
	}
	if h, err := d.Examine(t.Context(), time.Now); err != nil || (h.Skew+time.Hour).Abs() > time.Minute {
		t.Errorf("examined: got a skew of %v, %v, want -1h", h.Skew, err)
	}
	first := d.Now()
	if again := d.Now(); again.Before(first) {
		t.Errorf("it went from %v back to %v", first, again)
	}
}
