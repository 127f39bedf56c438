package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"broadsheet/internal/platform/fetch"
)

// trap listens on every address of this machine and counts who comes.
func trap(t *testing.T) (port uint16, came *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	came = &atomic.Int64{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
			conn.Close()
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String()).Port(), came
}

// names is a resolver whose server answers each name with one address after
// the other, and with the last for ever.
func names(t *testing.T, zone map[string][]string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	var mu sync.Mutex
	asked := map[string]int{}
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var message dnsmessage.Message
			if message.Unpack(buffer[:n]) != nil || len(message.Questions) != 1 {
				continue
			}
			mu.Lock()
			server.WriteTo(reply(message, zone, asked), from)
			mu.Unlock()
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func reply(message dnsmessage.Message, zone map[string][]string, asked map[string]int) []byte {
	question := message.Questions[0]
	name := strings.TrimSuffix(question.Name.String(), ".")
	message.Response, message.RecursionAvailable, message.Additionals = true, true, nil
	addresses, ok := zone[name]
	if !ok {
		message.RCode = dnsmessage.RCodeNameError
	}
	for range min(1, len(addresses)) {
		address := netip.MustParseAddr(addresses[min(asked[name], len(addresses)-1)])
		header := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}
		switch {
		case question.Type == dnsmessage.TypeA && address.Is4():
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
			asked[name]++
		case question.Type == dnsmessage.TypeAAAA && address.Is6():
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
			asked[name]++
		}
	}
	packed, err := message.Pack()
	if err != nil {
		panic(err)
	}
	return packed
}

// serve starts a server that the outside may reach.
func serve(t *testing.T, handle http.HandlerFunc) (*httptest.Server, netip.AddrPort) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server, at(server)
}

func at(server *httptest.Server) netip.AddrPort {
	return netip.MustParseAddrPort(server.Listener.Addr().String())
}

// hostile are URLs that must lead nowhere; PORT is the trap's.
var hostile = []string{
	// loopback, written in every way
	"http://127.0.0.1:PORT/", "http://127.0.0.2:PORT/", "http://127.255.255.254:PORT/", "http://127.1:PORT/", "http://127.0.1:PORT/",
	"http://0x7f000001:PORT/", "http://0x7f.0.0.1:PORT/", "http://0X7F.1:PORT/", "http://2130706433:PORT/", "http://017700000001:PORT/",
	"http://0177.0.0.1:PORT/", "http://127.0.0.01:PORT/", "http://127.0.0.1.:PORT/", "http://0:PORT/", "http://0.0.0.0:PORT/", "http://00000000:PORT/",
	"http://127.0.0.0x1:PORT/", "http://0x100000000:PORT/", "http://4294967297:PORT/", "http://127.0.0.1.0x7f:PORT/",
	"http://[::1]:PORT/", "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[::]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/",
	"http://[::127.0.0.1]:PORT/", "http://[::ffff:0:127.0.0.1]:PORT/", "http://[::1%25lo]:PORT/", "http://[fe80::1%25lo]:PORT/",
	"http://localhost:PORT/", "http://localhost.:PORT/", "http://LOCALHOST:PORT/", "http://a.localhost:PORT/", "http://localhost.localdomain:PORT/",
	// scripts that look like digits, and what browsers leave out
	"http://①②⑦.⓪.⓪.①:PORT/", "http://１２７.０.０.１:PORT/", "http://127。0。0。1:PORT/", "http://127．0．0．1:PORT/",
	"http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/", "http://local\u00adhost:PORT/", "http://lo\u200bcalhost:PORT/", "http://%6c%6f%63alhost:PORT/", "http://%31%32%37.0.0.1:PORT/", "http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1:PORT/",
	// inside the house
	"http://10.0.0.1:PORT/", "http://172.16.0.1:PORT/", "http://172.31.255.255:PORT/", "http://192.168.1.1:PORT/", "http://100.64.0.1:PORT/", "http://100.127.255.255:PORT/",
	"http://169.254.169.254:PORT/latest/meta-data/", "http://100.100.100.200:PORT/", "http://168.63.129.16:PORT/", "http://192.0.0.192:PORT/", "http://[fd00:ec2::254]:PORT/",
	"http://metadata.google.internal:PORT/", "http://printer.local:PORT/", "http://router:PORT/", "http://router.home.arpa:PORT/",
	"http://[fc00::1]:PORT/", "http://[fd12:3456::1]:PORT/", "http://[fe80::1]:PORT/", "http://[fec0::1]:PORT/", "http://[ff02::1]:PORT/",
	// wrapped up
	"http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b::a9fe:a9fe]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/", "http://[2002:7f00:1::]:PORT/", "http://[2002:a9fe:a9fe::1]:PORT/",
	"http://[2001:0:7f00:1::]:PORT/", "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:PORT/", "http://[100::1]:PORT/",
	// nobody's
	"http://224.0.0.1:PORT/", "http://239.255.255.250:PORT/", "http://255.255.255.255:PORT/", "http://240.0.0.1:PORT/", "http://192.0.2.1:PORT/", "http://198.51.100.1:PORT/",
	"http://203.0.113.1:PORT/", "http://198.18.0.1:PORT/", "http://198.19.255.255:PORT/", "http://192.88.99.1:PORT/", "http://[2001:db8::1]:PORT/", "http://[3fff::1]:PORT/", "http://[2001:2::1]:PORT/", "http://[5f00::1]:PORT/",
	// who is who
	"http://good.example@127.0.0.1:PORT/", "http://good.example:80@127.0.0.1:PORT/", "http://127.0.0.1:PORT@good.example/", "http://a:b@good.example/", "http://@127.0.0.1:PORT/",
	"http://127.0.0.1:PORT#@good.example/", "http://127.0.0.1:PORT?@good.example/", "http://127.0.0.1:PORT\\@good.example/", "http://good.example\\@127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT\\",
	"http://good.example%00.127.0.0.1:PORT/", "http://good.example\t@127.0.0.1:PORT/", " http://127.0.0.1:PORT/", "http://127.0.0.1:PORT\r\nX: y/", "http://[127.0.0.1]:PORT/", "http://[::1]good.example:PORT/",
	// ports
	"http://good.example:22/", "http://good.example:25/", "http://good.example:6379/", "https://good.example:8443/", "http://8.8.8.8:53/", "http://good.example:0/", "http://good.example:65536/", "http://good.example:-80/", "http://good.example:80a/",
	// other ways of speaking
	"gopher://127.0.0.1:PORT/_GET", "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "jar:http://127.0.0.1:PORT/!/", "data:text/plain,x", "javascript:alert(1)",
	"unix:///var/run/docker.sock", "ws://127.0.0.1:PORT/", "//127.0.0.1:PORT/", "127.0.0.1:PORT", "http:127.0.0.1:PORT", "http:/127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "http://", "https://:PORT/", "",
	// names that are none
	"http://a..example:PORT/", "http://.example:PORT/", "http://a_*.example:PORT/", "http://" + strings.Repeat("a", 64) + ".example:PORT/", "http://good.example/" + strings.Repeat("a", 2000),
	// names that lead into the house
	"http://loop.example:PORT/", "http://LOOP.example.:PORT/", "http://zero.example:PORT/", "http://private.example:PORT/", "http://cloud.example:PORT/", "http://six.example:PORT/", "http://mapped.example:PORT/", "http://nat64.example:PORT/", "http://6to4.example:PORT/", "http://teredo.example:PORT/", "http://local6.example:PORT/",
}

var zone = map[string][]string{
	"loop.example": {"127.0.0.1"}, "zero.example": {"0.0.0.0"}, "private.example": {"192.168.0.1"}, "cloud.example": {"169.254.169.254"}, "six.example": {"::1"}, "mapped.example": {"::ffff:127.0.0.1"},
	"nat64.example": {"64:ff9b::7f00:1"}, "6to4.example": {"2002:7f00:1::"}, "teredo.example": {"2001:0:7f00:1::"}, "local6.example": {"fe80::1"}, "good.example": {"127.0.0.1"},
}

func TestNoHostileURLReachesTheHouse(t *testing.T) {
	port, came := trap(t)
	out := fetch.New(fetch.Options{Resolver: names(t, zone)})
	out.OpenPort(port)
	for _, address := range hostile {
		address = strings.ReplaceAll(address, "PORT", fmt.Sprint(port))
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			_, err := out.Do(t.Context(), fetch.Request{Method: method, URL: address, Within: 3 * time.Second})
			if !errors.Is(err, fetch.ErrAddress) {
				t.Errorf("%s %q: got %v, want %v", method, address, err, fetch.ErrAddress)
			}
			if err != nil && strings.Contains(err.Error(), "a:b@") {
				t.Errorf("the password is in the error: %v", err)
			}
		}
	}
	if n := came.Load(); n != 0 {
		t.Errorf("%d connections reached the trap, want 0", n)
	}
	t.Logf("%d URLs", len(hostile))
}

func TestNoRedirectReachesTheHouse(t *testing.T) {
	port, came := trap(t)
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	})
	out := fetch.New(fetch.Options{Resolver: names(t, zone), Allow: []netip.AddrPort{good}})
	out.OpenPort(port)
	tried := 0
	for _, address := range hostile {
		address = strings.ReplaceAll(address, "PORT", fmt.Sprint(port))
		if strings.ContainsAny(address, "\r\n\t") || strings.HasPrefix(address, "http:///") || !strings.Contains(address, "://") || address == "http://" || strings.HasPrefix(address, " ") {
			continue // no header, or a path on the same host
		}
		tried++
		_, err := out.Do(t.Context(), fetch.Request{URL: server.URL + "/?to=" + url.QueryEscape(address), Within: 3 * time.Second})
		if !errors.Is(err, fetch.ErrAddress) && !errors.Is(err, fetch.ErrRedirect) {
			t.Errorf("%q: got %v, want a refusal", address, err)
		}
	}
	if n := came.Load(); n != 0 {
		t.Errorf("%d connections reached the trap, want 0", n)
	}
	if tried < 60 {
		t.Errorf("only %d redirects were tried", tried)
	}
}

// TestANameThatChangesItsAddressIsCaught has one name lead to a good server
// first and to the trap, on the same port, when it is looked up again.
func TestANameThatChangesItsAddressIsCaught(t *testing.T) {
	trapped, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer trapped.Close()
	var came atomic.Int64
	go http.Serve(trapped, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came.Add(1) }))
	port := netip.MustParseAddrPort(trapped.Addr().String()).Port()

	good := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port)
	listener, err := net.Listen("tcp", good.String())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var served atomic.Int64
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		http.Redirect(w, r, "/again", http.StatusFound)
	}))

	resolver := names(t, map[string][]string{"rebind.example": {"127.0.0.2", "127.0.0.1"}})
	out := fetch.New(fetch.Options{Resolver: resolver, Allow: []netip.AddrPort{good}})
	for range 3 {
		_, err := out.Get(t.Context(), fmt.Sprintf("http://rebind.example:%d/", port))
		if !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("got %v, want %v", err, fetch.ErrAddress)
		}
	}
	if served.Load() != 1 || came.Load() != 0 {
		t.Errorf("the good server was asked %d times and the trap %d times, want 1 and 0", served.Load(), came.Load())
	}
}

func TestOnlyLoopbackCanBeAllowed(t *testing.T) {
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:80"), netip.MustParseAddrPort("169.254.169.254:80")}})
	for _, address := range []string{"http://10.0.0.1/", "http://169.254.169.254/"} {
		if err := out.Check(address); !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("%s: got %v, want %v", address, err, fetch.ErrAddress)
		}
	}
}

func TestAnOrdinaryURLPasses(t *testing.T) {
	out := fetch.New(fetch.Options{})
	for _, address := range []string{"https://www.example.org/a?b=c#d", "http://example.org:80/", "https://example.org:443", "https://bücher.example/", "https://مثال.example/",
		"https://8.8.8.8/", "https://[2606:4700::1111]/", "https://xn--bcher-kva.example/", "HTTPS://Example.ORG/", "https://1.example.org/", "https://0x7f.example.org/", "https://example.org./"} {
		if err := out.Check(address); err != nil {
			t.Errorf("%s: got %v, want none", address, err)
		}
	}
}

// proxied counts who comes to the proxy that the environment names.
var proxied atomic.Int64

// TestMain names a proxy before anything can have read the environment: it is
// read once.
func TestMain(m *testing.M) {
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(proxy, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	for _, variable := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		os.Setenv(variable, "http://"+proxy.Addr().String())
	}
	os.Exit(m.Run())
}

// TestNoProxyOfTheEnvironmentIsUsed asks a name, because proxies are never used
// for loopback addresses.
func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	_, good := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "good") })
	address := fmt.Sprintf("http://good.example:%d/", good.Port())
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if proxy, err := http.ProxyFromEnvironment(request); proxy == nil {
		t.Fatalf("the environment names no proxy: %v", err)
	}
	out := fetch.New(fetch.Options{Resolver: names(t, zone), Allow: []netip.AddrPort{good}})
	answer, err := out.Get(t.Context(), address)
	if err != nil || string(answer.Body) != "good" {
		t.Errorf("got %q, %v, want good", answer.Body, err)
	}
	if n := proxied.Load(); n != 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
}

func TestALoopOfRedirectsEnds(t *testing.T) {
	var hits atomic.Int64
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/", http.StatusFound)
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	if _, err := out.Get(t.Context(), server.URL); !errors.Is(err, fetch.ErrRedirect) {
		t.Errorf("got %v, want %v", err, fetch.ErrRedirect)
	}
	if hits.Load() != 4 {
		t.Errorf("asked %d times, want 4: once and after three redirects", hits.Load())
	}
}

func TestThreeRedirectsAreFollowed(t *testing.T) {
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.URL.Path); n < 4 {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
			return
		}
		io.WriteString(w, r.Header.Get("Authorization"))
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	answer, err := out.Do(t.Context(), fetch.Request{URL: server.URL + "/", Header: http.Header{"Authorization": {"mine"}}})
	if err != nil || answer.URL != server.URL+"/xxx" || string(answer.Body) != "mine" {
		t.Errorf("got %+v, %v", answer, err)
	}
}

func TestAPostIsNotLedOn(t *testing.T) {
	var hits atomic.Int64
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	answer, err := out.Do(t.Context(), fetch.Request{Method: http.MethodPost, URL: server.URL, Body: []byte("x")})
	if err != nil || answer.Status != 307 || hits.Load() != 1 {
		t.Errorf("got %d, %v after %d requests, want 307 after 1", answer.Status, err, hits.Load())
	}
}

func TestHttpsIsNeverLedToHttp(t *testing.T) {
	var hits atomic.Int64
	plain, plainAt := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
		}
	}))
	defer secure.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{plainAt, at(secure)}, Roots: roots})
	if _, err := out.Get(t.Context(), secure.URL); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Get(t.Context(), secure.URL+"/down"); !errors.Is(err, fetch.ErrRedirect) || hits.Load() != 0 {
		t.Errorf("got %v and %d requests, want %v and none", err, hits.Load(), fetch.ErrRedirect)
	}
	strangers := fetch.New(fetch.Options{Allow: []netip.AddrPort{at(secure)}})
	if _, err := strangers.Get(t.Context(), secure.URL); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("a certificate nobody signed: got %v, want %v", err, fetch.ErrUnreachable)
	}
}

func TestNothingOfOneHostGoesToAnother(t *testing.T) {
	var heard http.Header
	other, otherAt := serve(t, func(w http.ResponseWriter, r *http.Request) { heard = r.Header })
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/two", http.StatusFound)
			return
		}
		if r.Header.Get("Cookie") != "" {
			t.Error("a cookie came back")
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good, otherAt}})
	header := http.Header{"Authorization": {"mine"}, "Cookie": {"c=d"}}
	if _, err := out.Do(t.Context(), fetch.Request{URL: server.URL + "/", Header: header}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "Cookie", "Referer"} {
		if heard.Get(name) != "" {
			t.Errorf("the other host heard %s: %s", name, heard.Get(name))
		}
	}
	if heard.Get("User-Agent") != "Broadsheet" {
		t.Errorf("got agent %q", heard.Get("User-Agent"))
	}
}

func TestASlowDripEndsInTime(t *testing.T) {
	drip := func(w io.Writer, r *http.Request, flush func()) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
				if _, err := io.WriteString(w, "x"); err != nil {
					return
				}
				flush()
			}
		}
	}
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			drip(w, r, func() { http.NewResponseController(w).Flush() })
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Slow: ")
		drip(conn, r, func() {})
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	for _, path := range []string{"/body", "/header"} {
		began := time.Now()
		_, err := out.Do(t.Context(), fetch.Request{URL: server.URL + path, Within: 200 * time.Millisecond})
		if took := time.Since(began); !errors.Is(err, fetch.ErrTimeout) || took > 3*time.Second {
			t.Errorf("%s: got %v after %v, want %v after 0.2 s", path, err, took, fetch.ErrTimeout)
		}
	}
}

func TestWhoDoesNotWaitIsToldSo(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		leave()
		<-r.Context().Done()
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	if _, err := out.Get(ctx, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestNoAnswerIsLargerThanAsked counts what the server could send.
func TestNoAnswerIsLargerThanAsked(t *testing.T) {
	zeros, member := make([]byte, 1<<16), packed(t, nil)
	bomb := packed(t, make([]byte, 64<<20))
	var sent atomic.Int64
	endless := func(w io.Writer, piece []byte) {
		for {
			n, err := w.Write(piece)
			sent.Add(int64(n))
			if err != nil || sent.Load() > 1<<30 {
				return
			}
		}
	}
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			endless(w, zeros)
		case "/told":
			w.Header().Set("Content-Length", "10737418240")
			endless(w, zeros)
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		case "/bombs":
			w.Header().Set("Content-Encoding", "GZIP")
			endless(w, bomb)
		case "/members":
			w.Header().Set("Content-Encoding", "gzip")
			endless(w, bytes.Repeat(member, 1000))
		}
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	for _, path := range []string{"/endless", "/told", "/bomb", "/bombs", "/members"} {
		sent.Store(0)
		began := time.Now()
		answer, err := out.Do(t.Context(), fetch.Request{URL: server.URL + path, Most: 1 << 20, Within: 20 * time.Second})
		if !errors.Is(err, fetch.ErrTooLarge) || len(answer.Body) != 0 {
			t.Errorf("%s: got %d bytes, %v, want %v", path, len(answer.Body), err, fetch.ErrTooLarge)
		}
		t.Logf("%s: %v, at most %d KiB sent", path, time.Since(began).Round(time.Millisecond), sent.Load()>>10)
		if sent.Load() > 64<<20 {
			t.Errorf("%s: %d bytes were taken", path, sent.Load())
		}
	}
	answer, err := out.Do(t.Context(), fetch.Request{URL: server.URL + "/endless", Unread: true})
	if err != nil || answer.Status != 200 || answer.Body != nil {
		t.Errorf("unread: got %+v, %v", answer, err)
	}
}

func packed(t *testing.T, text []byte) []byte {
	t.Helper()
	var into bytes.Buffer
	w := gzip.NewWriter(&into)
	w.Write(text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return into.Bytes()
}

func TestAnAnswerOfJustTheSizeComesWhole(t *testing.T) {
	text := bytes.Repeat([]byte("a"), 1<<20)
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/packed" && r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed(t, text))
			return
		}
		w.Write(text)
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	for _, path := range []string{"/", "/packed"} {
		answer, err := out.Do(t.Context(), fetch.Request{URL: server.URL + path, Most: 1 << 20})
		if err != nil || !bytes.Equal(answer.Body, text) {
			t.Errorf("%s: got %d bytes, %v, want %d", path, len(answer.Body), err, len(text))
		}
		_, err = out.Do(t.Context(), fetch.Request{URL: server.URL + path, Most: 1<<20 - 1})
		if !errors.Is(err, fetch.ErrTooLarge) {
			t.Errorf("%s: one byte too many: got %v", path, err)
		}
	}
}

// TestABrokenAnswerIsNoAnswer sends what is not HTTP, or not what it says.
func TestABrokenAnswerIsNoAnswer(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	answers := map[string]string{
		"nothing": "", "noise": "\x00\xff\xfe", "ssh": "SSH-2.0-OpenSSH\r\n", "large head": "HTTP/1.1 200 OK\r\nX: " + long + "\r\n\r\n", "many heads": strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+long[:1000]+"\r\n\r\n", 1000),
		"cut": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", "not packed": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "packed otherwise": "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
		"two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
	}
	server, good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, answers[r.URL.Query().Get("a")])
	})
	out := fetch.New(fetch.Options{Allow: []netip.AddrPort{good}})
	for name := range answers {
		if _, err := out.Get(t.Context(), server.URL+"/?a="+url.QueryEscape(name)); !errors.Is(err, fetch.ErrUnreachable) {
			t.Errorf("%s: got %v, want %v", name, err, fetch.ErrUnreachable)
		}
	}
	server.Close()
	if _, err := out.Get(t.Context(), server.URL); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("closed: got %v, want %v", err, fetch.ErrUnreachable)
	}
	unknown := fetch.New(fetch.Options{Resolver: names(t, zone)})
	if _, err := unknown.Get(t.Context(), "http://unknown.example/"); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("unknown name: got %v, want %v", err, fetch.ErrUnreachable)
	}
}
