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
	"strings"
	"testing"
	"time"
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
		toHTTPS([]string{"paper.example"}).ServeHTTP(w, r)
		if w.Code != test.status || w.Header().Get("Location") != test.to {
			t.Errorf("%s %s: got %d %q", test.host, test.address, w.Code, w.Header().Get("Location"))
		}
	}
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
		d := &doctor{ctx: t.Context(), now: time.Now, order: doctorOrder{TLS: files}}
		d.certificates()
		if len(d.found) != 1 || d.found[0].Severity != want {
			t.Errorf("got %+v, want %s", d.found, want)
		}
	}
}
