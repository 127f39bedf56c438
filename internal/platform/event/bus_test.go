package event_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"broadsheet/internal/platform/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// until waits for a condition.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// wire is a NATS server that can be cut and mended at one address.
type wire struct {
	t       testing.TB
	options server.Options
	server  *server.Server
}

func newWire(t testing.TB, options server.Options) *wire {
	t.Helper()
	options.Host, options.NoSigs, options.NoLog = "127.0.0.1", true, true
	if options.Port == 0 {
		options.Port = server.RANDOM_PORT
	}
	w := &wire{t: t, options: options}
	w.mend()
	t.Cleanup(w.cut)
	return w
}

func (w *wire) mend() {
	w.t.Helper()
	options := w.options
	started, err := server.NewServer(&options)
	if err != nil {
		w.t.Fatal(err)
	}
	go started.Start()
	if !started.ReadyForConnections(patience) {
		w.t.Fatal("the NATS server does not start")
	}
	w.server = started
	w.options.Port = started.Addr().(*net.TCPAddr).Port
}

func (w *wire) cut() {
	w.server.Shutdown()
	w.server.WaitForShutdown()
}

// at is the server's address with what stands before and after its host.
func (w *wire) at(scheme, user, query string) string {
	return scheme + "://" + user + w.server.Addr().String() + query
}

func dial(t testing.TB, address, newsroom string) event.Bus {
	t.Helper()
	bus, err := event.OpenBus(address, newsroom)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	return bus
}

// heard counts what a bus says.
func heard(bus event.Bus) *atomic.Int64 {
	var n atomic.Int64
	bus.Hear(func() { n.Add(1) })
	return &n
}

// eachBus runs a test on both buses. node adds a node that is connected.
func eachBus(t *testing.T, test func(t *testing.T, node func() event.Bus)) {
	t.Helper()
	t.Run("local", func(t *testing.T) {
		var local event.Local
		test(t, local.Node)
	})
	t.Run("nats", func(t *testing.T) {
		address := newWire(t, server.Options{}).at("nats", "", "")
		test(t, func() event.Bus {
			bus := dial(t, address, "paper")
			until(t, "the node is connected", bus.Connected)
			return bus
		})
	})
}

func TestANudgeReachesEveryOtherNodeAndNotItsSender(t *testing.T) {
	eachBus(t, func(t *testing.T, node func() event.Bus) {
		one, two, three := node(), node(), node()
		ear1, ear2, ear3 := heard(one), heard(two), heard(three)
		if err := one.Nudge(); err != nil {
			t.Fatal(err)
		}
		until(t, "both others hear it", func() bool { return ear2.Load() == 1 && ear3.Load() == 1 })
		if err := two.Nudge(); err != nil {
			t.Fatal(err)
		}
		until(t, "both others hear the answer", func() bool { return ear1.Load() > 0 && ear3.Load() > 1 })
		if ear1.Load() != 1 || ear2.Load() != 1 || ear3.Load() != 2 {
			t.Errorf("heard %d, %d and %d nudges, want 1, 1 and 2", ear1.Load(), ear2.Load(), ear3.Load())
		}
	})
}

func TestManyMayNudgeAtOnce(t *testing.T) {
	eachBus(t, func(t *testing.T, node func() event.Bus) {
		one, two := node(), node()
		ear1, ear2 := heard(one), heard(two)
		var nudgers sync.WaitGroup
		for n := range 8 {
			bus := []event.Bus{one, two}[n%2]
			nudgers.Go(func() {
				for range 50 {
					if err := bus.Nudge(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		nudgers.Wait()
		until(t, "all are heard", func() bool { return ear1.Load() == 200 && ear2.Load() == 200 })
	})
}

func TestAClosedNodeSaysAndHearsNothing(t *testing.T) {
	eachBus(t, func(t *testing.T, node func() event.Bus) {
		one, two, three := node(), node(), node()
		ear1, ear2 := heard(one), heard(two)
		for range 2 {
			if err := two.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if two.Connected() {
			t.Error("a closed node says that it is connected")
		}
		if err := two.Nudge(); err == nil {
			t.Error("a closed node nudged")
		}
		if err := three.Nudge(); err != nil {
			t.Fatal(err)
		}
		until(t, "the open node hears", func() bool { return ear1.Load() == 1 })
		if ear2.Load() != 0 {
			t.Error("a closed node heard something")
		}
	})
}

func TestWhatIsNoNudgeIsIgnoredAndCounted(t *testing.T) {
	w := newWire(t, server.Options{})
	bus := dial(t, w.at("nats", "", ""), "paper")
	other := dial(t, w.at("nats", "", ""), "another paper")
	until(t, "both are connected", func() bool { return bus.Connected() && other.Connected() })
	ear := heard(bus)
	stranger, err := nats.Connect(w.at("nats", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := other.Nudge(); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "2", "1 and more", strings.Repeat("1", 1<<20), "\x00"} {
		if err := stranger.Publish(event.Subject("paper"), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all five are counted", func() bool { return bus.Ignored() == 5 })
	if ear.Load() != 0 {
		t.Errorf("heard %d nudges, want none", ear.Load())
	}
	if err := stranger.Publish(event.Subject("paper"), []byte("1")); err != nil {
		t.Fatal(err)
	}
	until(t, "the one that is a nudge is heard", func() bool { return ear.Load() == 1 })
}

func TestANodeFindsABusThatComesLaterAndComesBack(t *testing.T) {
	w := newWire(t, server.Options{})
	address := w.at("nats", "", "")
	w.cut()
	one, two := dial(t, address, "paper"), dial(t, address, "paper")
	ear := heard(two)
	if err := one.Nudge(); err == nil {
		t.Error("a nudge went nowhere and nobody said so")
	}
	for range 3 {
		before := ear.Load()
		w.mend()
		until(t, "both are connected", func() bool { return one.Connected() && two.Connected() })
		if ear.Load() == before {
			t.Error("what was missed is not asked for")
		}
		before = ear.Load()
		if err := one.Nudge(); err != nil {
			t.Fatal(err)
		}
		until(t, "the nudge is heard", func() bool { return ear.Load() == before+1 })
		w.cut()
		until(t, "both notice", func() bool { return !one.Connected() && !two.Connected() })
	}
}

func TestOnlyWhoHasThePasswordIsOnTheBus(t *testing.T) {
	w := newWire(t, server.Options{Username: "desk", Password: "right/?"})
	in := dial(t, w.at("nats", "desk:right%2F%3F@", ""), "paper")
	out := dial(t, w.at("nats", "desk:wrong@", ""), "paper")
	until(t, "the right password connects", in.Connected)
	until(t, "the wrong one was tried again and again", func() bool {
		varz, err := w.server.Varz(nil)
		return err == nil && varz.TotalConnections >= 4
	})
	if out.Connected() {
		t.Error("a wrong password is connected")
	}
}

func TestWhoMayNotUseTheSubjectIsNotOnTheBus(t *testing.T) {
	deny := &server.Permissions{Subscribe: &server.SubjectPermission{Deny: []string{">"}}}
	w := newWire(t, server.Options{Users: []*server.User{{Username: "in", Password: "p"}, {Username: "out", Password: "p", Permissions: deny}}})
	in, out := dial(t, w.at("nats", "in:p@", ""), "paper"), dial(t, w.at("nats", "out:p@", ""), "paper")
	until(t, "the one who may is connected", in.Connected)
	ear := heard(in)
	for n := range int64(20) { // it may speak; by then it knows that it may not hear
		until(t, "a nudge of the other is sent", func() bool { return out.Nudge() == nil })
		until(t, "and heard", func() bool { return ear.Load() > n })
	}
	until(t, "the other one is not on the bus", func() bool { return !out.Connected() })
}

// TestAComplaintLeavesTheBusConnected has a node hear more than it takes in.
func TestAComplaintLeavesTheBusConnected(t *testing.T) {
	w := newWire(t, server.Options{})
	bus := dial(t, w.at("nats", "", ""), "paper")
	until(t, "the node is connected", bus.Connected)
	var heard atomic.Int64
	gate := make(chan struct{})
	bus.Hear(func() {
		heard.Add(1)
		<-gate
	})
	stranger, err := nats.Connect(w.at("nats", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	say := func(data []byte) {
		if err := stranger.Publish(event.Subject("paper"), data); err != nil {
			t.Error(err)
		}
	}
	say([]byte("1"))
	until(t, "a nudge is heard, and keeps who hears it", func() bool { return heard.Load() == 1 })
	for noise := make([]byte, 1<<20); heard.Load() == 1 && !t.Failed(); {
		for range 10 {
			say(noise)
		}
		if err := stranger.FlushTimeout(patience); err != nil {
			t.Fatal(err)
		}
		if !bus.Connected() {
			t.Error("a complaint took the node off the bus")
		}
	}
	close(gate)
	if !bus.Connected() {
		t.Error("the node is off the bus after it has asked again")
	}
}

func TestABusIsBelievedOnlyWithItsCertificate(t *testing.T) {
	certificate, ca := forge(t)
	w := newWire(t, server.Options{TLS: true, TLSTimeout: 5, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}})
	plain := newWire(t, server.Options{})
	known := dial(t, w.at("tls", "", "?ca="+ca), "paper")
	upgraded := dial(t, w.at("nats", "", "?ca="+ca), "paper")
	unknown := dial(t, w.at("tls", "", ""), "paper")
	clear := dial(t, plain.at("tls", "", ""), "paper")
	until(t, "the known certificate connects", func() bool { return known.Connected() && upgraded.Connected() })
	until(t, "the others were tried again and again", func() bool {
		secret, err := w.server.Varz(nil)
		if err != nil {
			return false
		}
		open, err := plain.server.Varz(nil)
		return err == nil && secret.TotalConnections >= 5 && open.TotalConnections >= 3
	})
	if unknown.Connected() {
		t.Error("an unknown certificate is believed")
	}
	if clear.Connected() {
		t.Error("tls:// speaks in the clear")
	}
}

func TestOneOfSeveralServersIsEnough(t *testing.T) {
	w := newWire(t, server.Options{})
	bus := dial(t, "nats://127.0.0.1:1, "+w.at("nats", "", ""), "paper")
	until(t, "the living one is found", bus.Connected)
}

func TestAnAddressThatCannotBeUsedIsRefusedInWords(t *testing.T) {
	for _, address := range []string{
		"redis://host", "nats://", "nats://desk:secret@host:port", "nats://host,http://desk:secret@host", "nats://desk:secret@host/path",
		"nats://host?colour=secret", "tls://desk:secret@host?cert=a.pem", "nats://host?%zz=secret", "host:4222",
	} {
		_, err := event.OpenBus(address, "paper")
		if !errors.Is(err, event.ErrAddress) {
			t.Errorf("%s: got %v, want %v", address, err, event.ErrAddress)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password is in the message: %v", address, err)
		}
	}
	for _, query := range []string{"ca=", "creds=", "cert=here&key="} {
		if _, err := event.OpenBus("tls://host?"+query+filepath.Join(t.TempDir(), "none"), "paper"); err == nil {
			t.Errorf("%s: a file that is not there was read", query)
		}
	}
}

func TestASubjectIsAlwaysOneNATSTakes(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"paper", "The Paper", "a.b", "*", ">", "", "جريدة", strings.Repeat("x", 65)} {
		subject := event.Subject(name)
		if parts := strings.Split(subject, "."); len(parts) != 3 || strings.ContainsAny(subject, " *>") || parts[1] == "" {
			t.Errorf("%q: %q", name, subject)
		}
		if seen[subject] != "" {
			t.Errorf("%q and %q are both %q", name, seen[subject], subject)
		}
		seen[subject] = name
	}
	if got, want := event.Subject("paper"), "broadsheet.paper.nudge"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// forge makes a certificate for 127.0.0.1 and a file that vouches for it.
func forge(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bus"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
