package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// TLS is how the program ends TLS itself; not at all when nothing is set.
type TLS struct {
	// Hosts are the names that certificates are got for, by ACME.
	Hosts []string `name:"tls-host" help:"A name to get a certificate for, by ACME; may be given again. Means that you agree to the terms of the authority." placeholder:"NAME"`
	Email string   `name:"tls-email" help:"Where the certificate authority may write to." placeholder:"ADDRESS"`
	// CA is the directory of another authority than Let's Encrypt.
	CA string `name:"tls-ca" help:"The ACME directory of the certificate authority; Let's Encrypt when left out." placeholder:"URL"`
	// Cert and Key are files, in place of ACME.
	Cert string `name:"tls-cert" help:"A file with a certificate and its chain, in place of --tls-host." placeholder:"FILE"`
	Key  string `name:"tls-key" help:"The file with the key of --tls-cert." placeholder:"FILE"`
}

// Ends tells whether the program ends TLS.
func (t TLS) Ends() bool { return len(t.Hosts) > 0 || t.Cert != "" || t.Key != "" }

// Check refuses what cannot be meant.
func (t TLS) Check() error {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return fmt.Errorf("%w: --tls-cert and --tls-key belong together", ErrUsage)
	case t.Cert != "" && len(t.Hosts) > 0:
		return fmt.Errorf("%w: --tls-cert names a certificate and --tls-host has one got; give one of them", ErrUsage)
	case len(t.Hosts) == 0 && (t.Email != "" || t.CA != ""):
		return fmt.Errorf("%w: --tls-email and --tls-ca mean nothing without --tls-host", ErrUsage)
	}
	for _, host := range t.Hosts {
		if host == "" || strings.ContainsAny(host, "*:/ ") {
			return fmt.Errorf("%w: --tls-host takes a name such as paper.example, not %q", ErrUsage, host)
		}
	}
	if at, err := url.Parse(t.CA); t.CA != "" && (err != nil || at.Scheme != "https" || at.Host == "") {
		return fmt.Errorf("%w: --tls-ca takes the https:// address of an ACME directory", ErrUsage)
	}
	return nil
}

// Secure is what ends TLS.
type Secure struct {
	// Config is for the listener of readers. HTTP/2 is offered first.
	Config *tls.Config
	// Plain is for port 80: it answers the challenges of the authority and leads
	// everybody else to https.
	Plain http.Handler
	close func()
}

// Close ends the renewal of certificates.
func (s *Secure) Close() { s.close() }

// Secure prepares TLS. hosts are the names that the site answers to; none for
// those of the certificate. Certificates that must be got first are got in the background, and
// renewed until Close.
func (n *Newsroom) Secure(ctx context.Context, t TLS, hosts []string) (*Secure, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if t.Cert != "" {
		return secureByFiles(t, hosts, n.now)
	}
	return n.secureByACME(ctx, t)
}

// protocols are offered in this order.
var protocols = []string{"h2", "http/1.1"}

func secureByFiles(t TLS, hosts []string, now func() time.Time) (*Secure, error) {
	files := &certificateFiles{cert: t.Cert, key: t.Key, now: now}
	if err := files.load(); err != nil {
		return nil, err
	}
	ours := files.names
	if len(hosts) > 0 {
		ours = among(hosts)
	}
	return &Secure{
		Config: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetCertificate: files.get},
		Plain:  toHTTPS(ours), close: func() {},
	}, nil
}

// certificateFiles are a certificate and its key in files, read again when they
// have changed, so that whoever renews them need not restart anything.
type certificateFiles struct {
	cert, key string
	now       func() time.Time

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time
	loaded  *tls.Certificate
}

// lookEvery is how often the files are looked at.
const lookEvery = 30 * time.Second

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); now.Sub(f.looked) >= lookEvery {
		f.looked = now
		if f.times() != f.changed {
			if err := f.read(); err != nil {
				slog.Error("read the certificate again; the old one stays", "error", err)
			}
		}
	}
	return f.loaded, nil
}

// names tells whether the certificate is for a name.
func (f *certificateFiles) names(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loaded.Leaf.VerifyHostname(host) == nil
}

func (f *certificateFiles) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looked = f.now()
	return f.read()
}

func (f *certificateFiles) times() (at [2]time.Time) {
	for n, name := range []string{f.cert, f.key} {
		if info, err := os.Stat(name); err == nil {
			at[n] = info.ModTime()
		}
	}
	return at
}

func (f *certificateFiles) read() error {
	at := f.times()
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("read the certificate %s with the key %s: %w", f.cert, f.key, err)
	}
	f.loaded, f.changed = &pair, at
	return nil
}

func (n *Newsroom) secureByACME(ctx context.Context, t TLS) (*Secure, error) {
	log, hosts := zap.New(certificateLog{}), lowered(t.Hosts)
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{Logger: log, GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil }})
	magic = certmagic.New(cache, certmagic.Config{Storage: newKeyring(n.DB), Logger: log, OCSP: certmagic.OCSPConfig{DisableStapling: true}})
	authority := t.CA
	if authority == "" {
		authority = certmagic.LetsEncryptProductionCA
	}
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{CA: authority, Email: t.Email, Agreed: true, Logger: log})
	magic.Issuers = []certmagic.Issuer{issuer}
	if err := magic.ManageAsync(ctx, hosts); err != nil {
		cache.Stop()
		return nil, fmt.Errorf("get certificates for %s: %w", strings.Join(hosts, ", "), err)
	}
	config := magic.TLSConfig()
	config.NextProtos = append(slices.Clone(protocols), config.NextProtos...)
	return &Secure{Config: config, Plain: issuer.HTTPChallengeHandler(toHTTPS(among(hosts))), close: cache.Stop}, nil
}

// certificateLog passes what the getting of certificates says on to our log:
// warnings and faults.
type certificateLog struct{ fields []zapcore.Field }

// Enabled tells what is worth saying.
func (certificateLog) Enabled(level zapcore.Level) bool { return level >= zapcore.WarnLevel }

// With keeps what is said with every line.
func (l certificateLog) With(fields []zapcore.Field) zapcore.Core {
	return certificateLog{slices.Concat(l.fields, fields)}
}

// Check takes the lines that are worth saying.
func (l certificateLog) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if l.Enabled(e.Level) {
		return to.AddCore(e, l)
	}
	return to
}

// Write says a line.
func (l certificateLog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	values := zapcore.NewMapObjectEncoder()
	for _, field := range slices.Concat(l.fields, fields) {
		field.AddTo(values)
	}
	level := slog.LevelWarn
	if e.Level >= zapcore.ErrorLevel {
		level = slog.LevelError
	}
	slog.Log(context.Background(), level, "certificates: "+e.Message, "about", values.Fields)
	return nil
}

// Sync does nothing: nothing waits.
func (certificateLog) Sync() error { return nil }

// HSTS tells browsers for a year to come by https alone. It is for what is
// served over TLS that ends here.
const HSTS = "max-age=31536000"

// StrictTransport adds HSTS to every answer, errors too.
func StrictTransport(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", HSTS)
		next.ServeHTTP(w, r)
	})
}

// among tells whether a name is one of those, however they are written.
func among(hosts []string) func(string) bool {
	hosts = lowered(hosts)
	return func(host string) bool { return slices.Contains(hosts, strings.ToLower(host)) }
}

// toHTTPS leads readers of a name that is ours to the same address with https.
// What is sent must not be led on: it went over the wire for everybody to read.
func toHTTPS(ours func(host string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		switch {
		case !ours(host):
			http.Error(w, "there is no site of this name here", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "send this by https", http.StatusForbidden)
		default:
			http.Redirect(w, r, (&url.URL{Scheme: "https", Host: host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}).String(), http.StatusMovedPermanently)
		}
	})
}

// soonExpires is how near its end a certificate may be: authorities give them
// for 90 days at most, and they are renewed when a third of that is left.
const soonExpires = 14 * 24 * time.Hour

// certificates looks at the end of the certificates that are used.
func (d *doctor) certificates() {
	switch {
	case d.config.TLS.Cert != "":
		text, err := os.ReadFile(d.config.TLS.Cert)
		if err != nil {
			d.fail("certificate", fmt.Sprintf("The certificate %s cannot be read: %v.", d.config.TLS.Cert, plainFile(err)), "Correct --tls-cert.")
			return
		}
		d.certificate(d.config.TLS.Cert, text)
	case len(d.config.TLS.Hosts) > 0:
		d.keptCertificates()
	}
}

func (d *doctor) keptCertificates() {
	keys := newKeyring(d.db)
	names, err := keys.below(d.ctx, "certificates")
	if err != nil {
		d.fail("certificate", sentenceOf(err), "See that the database runs.")
		return
	}
	for _, host := range lowered(d.config.TLS.Hosts) {
		at := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "/"+host+".crt") })
		if at < 0 {
			d.fail("certificate", "There is no certificate for "+host+" yet.", "See that the name leads to this machine, that ports 80 and 443 can be reached from outside, and what the log says.")
			continue
		}
		text, err := keys.Load(d.ctx, names[at])
		if err != nil {
			d.fail("certificate", sentenceOf(err), "See that the database runs.")
			continue
		}
		d.certificate(host, text)
	}
}

func (d *doctor) certificate(name string, text []byte) {
	block, _ := pem.Decode(text)
	if block == nil {
		d.fail("certificate", "The certificate of "+name+" is none in PEM.", "Put a certificate and its chain there, in PEM.")
		return
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		d.fail("certificate", fmt.Sprintf("The certificate of %s cannot be read: %v.", name, err), "Put a certificate and its chain there, in PEM.")
		return
	}
	left := leaf.NotAfter.Sub(d.now())
	switch {
	case left <= 0:
		d.fail("certificate", "The certificate of "+name+" ended "+ago(-left)+" ago.", "Renew it; with --tls-host see in the log what keeps it.")
	case left < min(soonExpires, leaf.NotAfter.Sub(leaf.NotBefore)/4):
		d.warn("certificate", "The certificate of "+name+" ends in "+ago(left)+".", "Renew it; with --tls-host see in the log what keeps it.")
	default:
		d.fine("certificate", "The certificate of %s is good for %s.", name, ago(left))
	}
}
