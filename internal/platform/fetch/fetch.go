// Package fetch is the one guarded way to the outside: embeds, feeds, pictures
// by address, webhooks. It speaks http and https to public addresses on their
// own ports, within limits of time and size, and looks at the address at the
// moment it connects, so that no name and no redirect leads it into the house.
// It keeps no cookies and no answers, knows no proxy, and does not try again.
// What nodes say to each other does not go through it.
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// The kinds of errors that callers choose by.
var (
	// ErrAddress says that the URL, or what its name leads to, is not one that
	// is ever asked.
	ErrAddress = errors.New("address not allowed")
	// ErrTooLarge says that the answer is larger than was asked for, packed or
	// unpacked.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrTimeout says that the whole answer did not come in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrRedirect says that the answer leads on too often, nowhere, or from
	// https to http.
	ErrRedirect = errors.New("redirected too often or wrongly")
	// ErrUnreachable says that no answer came that can be used; the cause is
	// wrapped inside.
	ErrUnreachable = errors.New("no usable answer")
)

// What holds unless a request or the options say otherwise.
const (
	// Within is how long a request may take, redirects and all.
	Within = 5 * time.Second
	// Most is how many bytes an answer's body may have.
	Most = 5 << 20

	// mostHeader is how many bytes the head of an answer may have.
	mostHeader = 64 << 10
	// mostRedirects is how often an answer may lead on.
	mostRedirects = 3
)

// Options are what an Outside may be told. The zero value is right for a
// program that serves.
type Options struct {
	// Agent is the User-Agent that is sent; Broadsheet when empty.
	Agent string
	// Allow are loopback addresses that may be reached although they are not
	// public, each on its one port. It is for tests; addresses that are not
	// loopback do nothing here.
	Allow []netip.AddrPort
	// Resolver looks names up; the system's when nil.
	Resolver *net.Resolver
	// Roots are the certificates that sign those of https; the system's when nil.
	Roots *x509.CertPool
}

// Outside is the world beyond this newsroom's machines.
type Outside struct {
	agent     string
	allow     []netip.AddrPort
	ports     []uint16
	transport *http.Transport
}

// New returns the way to the outside.
func New(o Options) *Outside {
	out := &Outside{agent: o.Agent, ports: []uint16{80, 443}}
	if out.agent == "" {
		out.agent = "Broadsheet"
	}
	for _, at := range o.Allow {
		if at.Addr().IsLoopback() {
			out.allow = append(out.allow, at)
		}
	}
	dialer := &net.Dialer{Timeout: Within, KeepAlive: -1, Resolver: o.Resolver, Control: out.control}
	// Each request has a connection of its own, so that each has its address
	// looked at. Proxy stays nil: the environment has no say.
	out.transport = &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		DisableCompression:     true, // bodies are unpacked here, within bounds
		MaxResponseHeaderBytes: mostHeader,
	}
	return out
}

// Request is what is asked of the outside.
type Request struct {
	// Method is GET when empty. Only GET and HEAD are led on by redirects; to
	// any other method a redirect is the answer.
	Method string
	URL    string
	// Header goes to the host of URL and to no other that a redirect names.
	Header http.Header
	Body   []byte
	// Within and Most replace the package's limits when they are not zero.
	Within time.Duration
	Most   int64
	// Unread leaves the answer's body alone: its status is all that is wanted.
	Unread bool
}

// Answer is what came back, with whatever status.
type Answer struct {
	// URL is where the answer is from, after redirects.
	URL    string
	Status int
	Header http.Header
	// Body is unpacked, whole, and no larger than was asked for.
	Body []byte
}

// Get fetches a URL within the package's limits.
func (o *Outside) Get(ctx context.Context, address string) (Answer, error) {
	return o.Do(ctx, Request{URL: address})
}

// Do makes a request. Its error is of one of the package's kinds, unless ctx
// was cancelled.
func (o *Outside) Do(ctx context.Context, r Request) (Answer, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Within == 0 {
		r.Within = Within
	}
	if r.Most == 0 {
		r.Most = Most
	}
	at, err := o.parse(r.URL)
	if err != nil {
		return Answer{}, fmt.Errorf("fetch: %w", err)
	}
	inner, cancel := context.WithTimeout(ctx, r.Within)
	defer cancel()
	answer, err := o.follow(inner, r, at)
	if err != nil {
		return Answer{}, fmt.Errorf("fetch from %s: %w", at.Host, kind(ctx, err))
	}
	return answer, nil
}

// follow asks, and asks again where the answer leads on.
func (o *Outside) follow(ctx context.Context, r Request, at *url.URL) (Answer, error) {
	led := r.Method == http.MethodGet || r.Method == http.MethodHead
	first := at.Host
	for redirects := 0; ; redirects++ {
		if at.Host != first {
			r.Header = nil
		}
		answer, err := o.once(ctx, r, at)
		if err != nil || !led || !leadsOn(answer.Status) {
			return answer, err
		}
		if redirects == mostRedirects {
			return answer, ErrRedirect
		}
		if at, err = o.next(at, answer.Header.Get("Location")); err != nil {
			return answer, err
		}
	}
}

func leadsOn(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// next is where an answer leads: looked at like the first URL.
func (o *Outside) next(at *url.URL, location string) (*url.URL, error) {
	to, err := url.Parse(location)
	if err != nil || location == "" {
		return nil, fmt.Errorf("%w: it leads to no URL", ErrRedirect)
	}
	next, err := o.parse(at.ResolveReference(to).String())
	if err != nil {
		return nil, err
	}
	if at.Scheme == "https" && next.Scheme != "https" {
		return nil, fmt.Errorf("%w: from https to http", ErrRedirect)
	}
	return next, nil
}

// once makes one request on a connection of its own. The transport is used
// without a client around it: no cookies, no redirects, no credentials out of
// URLs.
func (o *Outside) once(ctx context.Context, r Request, at *url.URL) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, at.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, err
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	request.Header.Del("Cookie")
	request.Header.Set("User-Agent", o.agent)
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := o.transport.RoundTrip(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	answer := Answer{URL: at.String(), Status: response.StatusCode, Header: response.Header}
	if r.Unread || r.Method == http.MethodHead || leadsOn(answer.Status) {
		return answer, nil
	}
	answer.Body, err = unpack(response, r.Most)
	return answer, err
}

// kind gives an error the kind that callers know.
func kind(caller context.Context, err error) error {
	for _, known := range []error{ErrAddress, ErrTooLarge, ErrRedirect} {
		if errors.Is(err, known) {
			return err
		}
	}
	var network net.Error
	switch {
	case errors.Is(caller.Err(), context.Canceled):
		return caller.Err()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
