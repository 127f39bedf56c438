package event

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// nudgeV1 is the whole of a message: its version. A message that says more, or
// another thing, is not one of this program's.
const nudgeV1 = "1"

// How long the network is waited for. A server that says nothing for three
// pings is given up, and others are tried.
const (
	dialFor   = 2 * time.Second
	writeFor  = time.Second
	pingEvery = 5 * time.Second
	// redial is the wait before the second attempt; it grows to redialMost.
	redial     = 100 * time.Millisecond
	redialMost = 2 * time.Second
)

// NATS is a bus over NATS servers. It needs no stream and keeps nothing there.
type NATS struct {
	conn      *nats.Conn
	subject   string
	heard     atomic.Pointer[func()]
	ignored   atomic.Int64
	connected atomic.Bool
	// logged keeps an outage from being logged at each attempt to end it.
	logged atomic.Bool
}

// Dial returns the bus at an address: one server or several, separated by
// commas, each with the user and the password it wants. With tls:// nothing is
// said in the clear; a server that asks for TLS gets it with nats:// too. After
// a question mark may follow
//
//	ca      a file with the certificates that sign the servers'
//	cert    this node's certificate, and
//	key     its key
//	creds   a NATS credentials file
//
// Servers that do not answer are tried for ever: only an address or a file that
// cannot be used is an error.
func Dial(address, newsroom string) (*NATS, error) {
	servers, options, err := read(address)
	if err != nil {
		return nil, err
	}
	b := &NATS{subject: Subject(newsroom)}
	b.Hear(func() {})
	options = append(options,
		nats.Name("broadsheet"), nats.NoEcho(),
		nats.Timeout(dialFor), nats.FlusherTimeout(writeFor), nats.ReconnectOnFlusherError(),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(2),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.CustomReconnectDelay(redialAfter),
		nats.ReconnectBufSize(-1), // a nudge that is late is worth nothing
		nats.ConnectHandler(b.back),
		nats.ReconnectHandler(b.back),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.lost(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.lost(err) }),
		nats.ErrorHandler(func(on *nats.Conn, _ *nats.Subscription, err error) { b.complained(on, err) }),
	)
	if b.conn, err = nats.Connect(servers, options...); err != nil {
		return nil, fmt.Errorf("use the bus: %w", err)
	}
	if _, err := b.conn.Subscribe(b.subject, b.receive); err != nil {
		b.conn.Close()
		return nil, fmt.Errorf("listen on the bus: %w", err)
	}
	return b, nil
}

// plainName is a name that can be part of a subject as it is.
var plainName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// Subject is where the nodes of a newsroom nudge each other: what an account
// needs the right to publish and to subscribe to. A name that NATS would not
// take is replaced by a hash of it.
func Subject(newsroom string) string {
	if !plainName.MatchString(newsroom) {
		sum := sha256.Sum256([]byte(newsroom))
		newsroom = hex.EncodeToString(sum[:12])
	}
	return "broadsheet." + newsroom + ".nudge"
}

// read takes an address apart. Its errors never hold a password.
func read(address string) (servers string, options []nats.Option, err error) {
	servers, query, _ := strings.Cut(address, "?")
	for server := range strings.SplitSeq(servers, ",") {
		at, err := url.Parse(strings.TrimSpace(server))
		if err != nil || at.Scheme != "nats" && at.Scheme != "tls" || at.Hostname() == "" || strings.Trim(at.Path, "/") != "" {
			return "", nil, fmt.Errorf("%w: each server is written as nats://user:password@host:4222 or tls://host:4222, several are separated by commas", ErrAddress)
		}
	}
	files, err := url.ParseQuery(query)
	if err != nil {
		return "", nil, fmt.Errorf("%w: what follows the question mark cannot be read", ErrAddress)
	}
	for name, file := range files {
		switch name {
		case "ca":
			options = append(options, nats.RootCAs(file...))
		case "creds":
			if _, err := os.Stat(file[0]); err != nil {
				return "", nil, fmt.Errorf("read the credentials for the bus: %w", err)
			}
			options = append(options, nats.UserCredentials(file[0]))
		case "cert", "key":
		default:
			return "", nil, fmt.Errorf("%w: it knows ca, cert, key and creds, not %q", ErrAddress, name)
		}
	}
	if files.Has("cert") != files.Has("key") {
		return "", nil, fmt.Errorf("%w: cert and key come together", ErrAddress)
	}
	if files.Has("cert") {
		options = append(options, nats.ClientCert(files.Get("cert"), files.Get("key")))
	}
	return servers, options, nil
}

// redialAfter is the wait after all servers were tried a number of times. It is
// not the same on all nodes, so that they do not come back in one moment.
func redialAfter(attempts int) time.Duration {
	most := min(redial*time.Duration(max(attempts, 1)), redialMost)
	return most/2 + rand.N(most/2)
}

func (b *NATS) receive(m *nats.Msg) {
	if string(m.Data) != nudgeV1 {
		b.ignored.Add(1)
		return
	}
	(*b.heard.Load())()
}

// back is called when there is a connection. It counts from when the server has
// answered: only then does it know what this node listens to. What was said
// before that was not heard here.
func (b *NATS) back(on *nats.Conn) {
	if err := on.FlushTimeout(writeFor); err != nil {
		b.lost(err)
		return
	}
	(*b.heard.Load())()
	b.connected.Store(true)
	if b.logged.Swap(false) {
		slog.Info("the bus is back")
	}
}

// complained is called for errors that leave the connection as it is. An account
// that may not use the subject is on no bus, until it connects anew; of the
// others it is enough to ask what was not heard meanwhile.
func (b *NATS) complained(on *nats.Conn, err error) {
	if errors.Is(err, nats.ErrPermissionViolation) {
		b.lost(err)
		return
	}
	slog.Warn("the bus complains; what may have been missed is asked for", "subject", b.subject, "error", err)
	b.back(on)
}

// lost is called without an error when the bus was closed.
func (b *NATS) lost(err error) {
	b.connected.Store(false)
	if err != nil && !b.logged.Swap(true) {
		slog.Warn("the bus is away: nodes hear of each other's changes by polling, a second late or so", "subject", b.subject, "error", err)
	}
}

// Nudge tells the other nodes.
func (b *NATS) Nudge() error {
	if err := b.conn.Publish(b.subject, []byte(nudgeV1)); err != nil {
		return fmt.Errorf("nudge the other nodes: %w", err)
	}
	return nil
}

// Hear has heard called for each nudge of another node, and after each time
// without a connection.
func (b *NATS) Hear(heard func()) { b.heard.Store(&heard) }

// Connected tells whether a server is reached that lets this node on the bus. It
// does not wait, as the connection's own answer would during an attempt.
func (b *NATS) Connected() bool { return b.connected.Load() }

// Ignored counts the messages that were no nudge.
func (b *NATS) Ignored() int64 { return b.ignored.Load() }

// Close takes the node off the bus.
func (b *NATS) Close() error {
	b.Hear(func() {})
	b.conn.Close()
	b.connected.Store(false)
	return nil
}
