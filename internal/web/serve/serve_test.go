package serve

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAPanicAfterTheFirstByteIsNoWholeAnswer asks as HTTP/1.0 too: there an
// answer's end is the connection's.
func TestAPanicAfterTheFirstByteIsNoWholeAnswer(t *testing.T) {
	write := func(pieces int, fault any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for range pieces {
				w.Write(bytes.Repeat([]byte("p"), 1<<10))
			}
			panic(fault)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/short", write(1, "on purpose"))
	mux.HandleFunc("/held", write(100, "on purpose"))
	mux.HandleFunc("/long", write(1000, "on purpose"))
	mux.HandleFunc("/aborts", write(100, http.ErrAbortHandler))
	mux.HandleFunc("/aborts-at-once", write(0, http.ErrAbortHandler))
	mux.HandleFunc("/flushed", func(w http.ResponseWriter, _ *http.Request) {
		http.NewResponseController(w).Flush()
		panic("on purpose")
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		panic("on purpose")
	})
	_, at := serving(t, mux)
	for _, path := range []string{"/short", "/held", "/long", "/aborts", "/aborts-at-once", "/flushed", "/status"} {
		for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
			for _, method := range []string{"GET", "POST"} {
				conn, err := net.Dial("tcp", at)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, method+" "+path+" "+version+"\r\nHost: paper.example\r\n\r\n")
				out, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err == nil {
					_, err = io.Copy(io.Discard, out.Body)
				}
				if err == nil {
					t.Errorf("%s %s %s: a part passed for the whole: %d", method, path, version, out.StatusCode)
				}
				if short := path != "/long" && method == "GET"; short && out != nil {
					t.Errorf("%s %s %s: what was held was sent", method, path, version)
				}
				conn.Close()
			}
		}
	}
}

func TestAPanicBeforeTheFirstByteIsAnAnswerThatNobodyKeeps(t *testing.T) {
	handler := recovered(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusEarlyHints)
		panic("on purpose")
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(earlyIgnored{w}, httptest.NewRequest("GET", "/", nil))
	if h := w.Result().Header; w.Code != 500 || h.Get("Cache-Control") != "no-store" || h.Get("Content-Encoding") != "" {
		t.Errorf("got %d %v", w.Code, h)
	}
}

// earlyIgnored takes the hints that a recorder would take for the answer.
type earlyIgnored struct{ http.ResponseWriter }

func (e earlyIgnored) WriteHeader(status int) {
	if status >= 200 {
		e.ResponseWriter.WriteHeader(status)
	}
}

func TestWithoutALimitOfItsOwnAServerTakesOneMiB(t *testing.T) {
	server := httptest.NewServer(New(Options{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})}).http.Handler)
	defer server.Close()
	for length, want := range map[int]int{0: 200, maxBody: 200, maxBody + 1: 413} {
		out, err := http.Post(server.URL, "text/plain", strings.NewReader(strings.Repeat("x", length)))
		if err != nil {
			t.Fatal(err)
		}
		out.Body.Close()
		if out.StatusCode != want {
			t.Errorf("%d bytes: got %d, want %d", length, out.StatusCode, want)
		}
	}
}
