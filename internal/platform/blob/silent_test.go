package blob

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// TestABucketThatStandsStillIsGivenUp has a bucket fall silent in the middle of
// what it gives, and of what it takes.
func TestABucketThatStandsStillIsGivenUp(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, value)
	}
	free := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Length", "2000")
			w.Write(make([]byte, 1000))
			http.NewResponseController(w).Flush()
		}
		<-free
	}))
	defer server.Close()
	defer close(free)
	at, err := url.Parse("s3://paper?endpoint=" + url.QueryEscape(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	in, err := openBucket(t.Context(), at, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{in}
	if _, err := s.Get(t.Context(), "film"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("read: got %v, want %v", err, ErrUnavailable)
	}
	body, err := in.part(t.Context(), "film", "bytes=0-")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, err := io.Copy(io.Discard, body); !errors.Is(kindOfAnswer(err), ErrUnavailable) {
		t.Errorf("read on: got %v, want %v", err, ErrUnavailable)
	}
	// More than the kernel takes for a program that does not read.
	if err := s.PutFrom(t.Context(), "film", bytes.NewReader(make([]byte, 64<<20))); !errors.Is(err, ErrUnavailable) {
		t.Errorf("write: got %v, want %v", err, ErrUnavailable)
	}
}

// TestAReaderWhoIsSlowIsNotTakenForSilence reads on after longer than a
// connection may be silent.
func TestAReaderWhoIsSlowIsNotTakenForSilence(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 8<<20)) }))
	defer server.Close()
	transport := &http.Transport{DialContext: http.DefaultTransport.(*http.Transport).DialContext}
	endSilence(transport, 100*time.Millisecond)
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-time.After(300 * time.Millisecond)
	if n, err := io.Copy(io.Discard, answer.Body); err != nil || n != 8<<20 {
		t.Errorf("got %d bytes, %v", n, err)
	}
}
