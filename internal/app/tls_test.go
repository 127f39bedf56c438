package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"broadsheet/internal/news/publish"
)

// certified writes a certificate of its own for a name, good until a time.
func certified(t *testing.T, folder, host string, until time.Time) (TLS, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: until.AddDate(0, -3, 0), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true}
	made, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := TLS{Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
	err = errors.Join(os.WriteFile(files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o644),
		os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}))
	return files, known
}

// served serves over TLS, and returns the address.
func served(t *testing.T, s *Secure) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: s.Config, Handler: StrictTransport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/none" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, r.Proto)
	}))}
	go server.ServeTLS(listener, "", "")
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// client asks the address for paper.example, whose certificate it knows.
func client(known *x509.CertPool, most uint16) *http.Client {
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: known, ServerName: "paper.example", MaxVersion: most, MinVersion: tls.VersionTLS10},
	}}
}

func TestReadersAreServedOverTLSByFiles(t *testing.T) {
	folder := t.TempDir()
	files, known := certified(t, folder, "paper.example", time.Now().AddDate(0, 2, 0))
	now := time.Now()
	s, err := secureByFiles(files, []string{"paper.example"}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	address := served(t, s)
	for _, path := range []string{"/", "/none"} {
		answer, err := client(known, 0).Get("https://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.Header.Get("Strict-Transport-Security") != "max-age=31536000" {
			t.Errorf("%s: got the header %v", path, answer.Header)
		}
		if path == "/" && string(text) != "HTTP/2.0" {
			t.Errorf("it was served by %s", text)
		}
	}
	if _, err := client(known, tls.VersionTLS11).Get("https://" + address); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	if answer, err := client(known, tls.VersionTLS12).Get("https://" + address); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	} else {
		answer.Body.Close()
	}
	// A renewed certificate is used without a restart, a broken one is not.
	_, renewed := certified(t, folder, "paper.example", time.Now().AddDate(0, 3, 0))
	now = now.Add(lookEvery)
	if answer, err := client(renewed, 0).Get("https://" + address); err != nil {
		t.Errorf("renewed: %v", err)
	} else {
		answer.Body.Close()
	}
	if err := os.WriteFile(files.Cert, []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	if answer, err := client(renewed, 0).Get("https://" + address); err != nil {
		t.Errorf("with a broken file: %v", err)
	} else {
		answer.Body.Close()
	}
}

func TestPort80LeadsToTheSameAddressAndNowhereElse(t *testing.T) {
	for _, test := range []struct {
		method, address, host string
		status                int
		to                    string
	}{
		{"GET", "/en/news/a-story?x=1", "paper.example", 301, "https://paper.example/en/news/a-story?x=1"},
		{"HEAD", "/fa/%D8%AE%D8%A8%D8%B1", "PAPER.example:80", 301, "https://PAPER.example/fa/%D8%AE%D8%A8%D8%B1"},
		{"GET", "//evil.example/", "paper.example", 301, "https://paper.example//evil.example/"},
		{"GET", "/", "evil.example", 421, ""},
		{"POST", "/view", "paper.example", 403, ""},
	} {
		r := httptest.NewRequest(test.method, "/", nil)
		at, err := r.URL.Parse("http://x" + test.address)
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.Host = at, test.host
		w := httptest.NewRecorder()
		toHTTPS(among([]string{"Paper.example"})).ServeHTTP(w, r)
		if w.Code != test.status || w.Header().Get("Location") != test.to {
			t.Errorf("%s %s: got %d %q", test.host, test.address, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestPort80WithoutNamesLeadsToThoseOfTheCertificate(t *testing.T) {
	files, _ := certified(t, t.TempDir(), "*.paper.example", time.Now().AddDate(0, 2, 0))
	s, err := secureByFiles(files, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for host, want := range map[string]int{"www.paper.example": 301, "WWW.Paper.Example": 301, "evil.example": 421, "": 421} {
		r := httptest.NewRequest("GET", "/en/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if s.Plain.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestAPortThatCannotBeHadIsSaidInWords(t *testing.T) {
	for _, test := range []struct {
		err  error
		flag string
		want string
	}{
		{syscall.EADDRINUSE, "--admin-addr", "choose another with --admin-addr"}, {syscall.EADDRINUSE, "", "end that program"},
		{syscall.EACCES, "--addr", "CAP_NET_BIND_SERVICE, or choose another port with --addr"}, {syscall.EACCES, "", "CAP_NET_BIND_SERVICE"},
	} {
		err := plain(&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", test.err)}, test.flag)
		if !strings.HasSuffix(err.Error(), test.want) || test.flag == "" && strings.Contains(err.Error(), "--") {
			t.Errorf("%v %s: got %v", test.err, test.flag, err)
		}
	}
}

func TestOnlyACertificateThatMustBeGotNeedsPort80(t *testing.T) {
	if taken, err := net.Listen("tcp", "127.0.0.1:80"); err == nil { // or another has it, or may not
		defer taken.Close()
	}
	onBoth(t, func(t *testing.T, n *Newsroom) {
		files, _ := certified(t, t.TempDir(), "paper.example", time.Now().AddDate(0, 2, 0))
		s, err := n.secureOn(t.Context(), Config{Addr: "127.0.0.1:443", TLS: files}, nil)
		if err != nil {
			t.Fatalf("with a certificate in files: %v", err)
		}
		s.Close()
		got := TLS{Hosts: []string{"paper.example"}, CA: "https://127.0.0.1:1/directory"}
		_, err = n.secureOn(t.Context(), Config{Addr: "127.0.0.1:443", TLS: got}, nil)
		if err == nil || !strings.Contains(err.Error(), "port 80") || strings.Contains(err.Error(), "--addr") {
			t.Errorf("with one that must be got: %v", err)
		}
	})
}

func TestTheSiteAnswersToTheNamesItIsGiven(t *testing.T) {
	for _, test := range []struct {
		c      Config
		names  []string
		public string
	}{
		{Config{}, nil, "localhost:443"},
		{Config{Host: []string{" Paper.Example "}, URL: "https://other.example:8443"}, []string{"paper.example"}, "other.example:8443"},
		{Config{URL: "https://Paper.example:8443/"}, []string{"paper.example"}, "Paper.example:8443"},
		{Config{TLS: TLS{Hosts: []string{"Paper.Example", "www.paper.example"}}}, []string{"paper.example", "www.paper.example"}, "paper.example"},
	} {
		if got := test.c.names(); !slices.Equal(got, test.names) {
			t.Errorf("%+v: got %q, want %q", test.c, got, test.names)
		}
		if got, chosen := test.c.hosts(), test.names == nil || test.c.Host != nil; chosen == slices.Contains(got, "localhost") {
			t.Errorf("%+v: the site answers to %q", test.c, got)
		}
		if got := publicHost(test.c, "https://localhost:443"); got != test.public {
			t.Errorf("%+v: readers know it as %q, want %q", test.c, got, test.public)
		}
	}
	for host, want := range map[string]string{"paper.example": "paper.example", "paper.example:8443": "paper.example", "[::1]:8443": "::1"} {
		if got := newProver(host).client.Transport.(*http.Transport).TLSClientConfig.ServerName; got != want {
			t.Errorf("%s: a node is asked for the certificate of %q", host, got)
		}
	}
}

// certificateGot puts a certificate where those are that were got for paper.example.
func certificateGot(t *testing.T, n *Newsroom, c *TLS) {
	t.Helper()
	files, _ := certified(t, t.TempDir(), "paper.example", time.Now().AddDate(0, 2, 0))
	issuer := certmagic.NewACMEIssuer(&certmagic.Config{}, certmagic.ACMEIssuer{CA: c.CA}).IssuerKey()
	keys := newKeyring(n.DB)
	for name, file := range map[string]string{certmagic.StorageKeys.SiteCert(issuer, "paper.example"): files.Cert, certmagic.StorageKeys.SitePrivateKey(issuer, "paper.example"): files.Key} {
		text, err := os.ReadFile(file)
		if err == nil {
			err = keys.Store(t.Context(), name, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Store(t.Context(), certmagic.StorageKeys.SiteMeta(issuer, "paper.example"), []byte(`{"sans":["paper.example"]}`)); err != nil {
		t.Fatal(err)
	}
}

func TestANewsroomWithCertificatesThatWereGotProvesItsPublications(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		c.TLS = TLS{Hosts: []string{"paper.example"}, CA: "https://127.0.0.1:1/directory"}
		n, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		certificateGot(t, n, &c.TLS)
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		s, _ := serving(t, c)
		d := s.write("Over TLS")
		s.publish(d)
		if r := s.receipt(d.ID); r.State != publish.Seen || len(r.Lines) < 8 || len(r.Silent) > 0 {
			t.Errorf("the receipt is %+v", r)
		}
		before := s.site.Pages().Stats().Entries
		for _, host := range []string{"a.example", "b.example", "127.0.0.2"} {
			r, err := http.NewRequest(http.MethodGet, s.url+"/en/", nil)
			s.must(err)
			r.Host = host
			answer, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "paper.example"}}}).Do(r)
			s.must(err)
			answer.Body.Close()
			if answer.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%s: got %d", host, answer.StatusCode)
			}
		}
		if after := s.site.Pages().Stats().Entries; after != before {
			t.Errorf("names that are not ours made %d pages", after-before)
		}
	})
}

func TestTLSThatCannotBeMeantIsRefused(t *testing.T) {
	for want, wrong := range map[string]TLS{
		"belong together": {Cert: "x"}, "one of them": {Cert: "x", Key: "y", Hosts: []string{"paper.example"}}, "mean nothing": {Email: "a@b.example"},
		"not \"*.paper.example\"": {Hosts: []string{"*.paper.example"}}, "https:// address": {Hosts: []string{"paper.example"}, CA: "http://ca.example/directory"},
	} {
		if err := wrong.Check(); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v", wrong, err)
		}
	}
	for _, right := range []TLS{{}, {Cert: "x", Key: "y"}, {Hosts: []string{"paper.example"}, Email: "a@b.example", CA: "https://ca.example/directory"}} {
		if err := right.Check(); err != nil {
			t.Errorf("%+v: got %v", right, err)
		}
	}
	if _, err := secureByFiles(TLS{Cert: "absent", Key: "absent"}, nil, time.Now); err == nil {
		t.Error("files that are not there were taken")
	}
}

func TestTheDoctorSeesACertificateEnd(t *testing.T) {
	for want, until := range map[string]time.Time{OK: time.Now().AddDate(0, 2, 0), Warn: time.Now().AddDate(0, 0, 5), Fail: time.Now().Add(-time.Hour)} {
		files, _ := certified(t, t.TempDir(), "paper.example", until)
		d := &doctor{ctx: t.Context(), now: time.Now, config: Config{TLS: files}}
		d.certificates()
		if len(d.found) != 1 || d.found[0].Severity != want {
			t.Errorf("got %+v, want %s", d.found, want)
		}
	}
}
