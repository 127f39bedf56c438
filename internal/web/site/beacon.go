package site

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
)

// A story's page tells that it was read: its script posts the page's mark to
// /view, and without script its <noscript> asks for a picture with the mark as
// the query. A request for the page itself never counts, so that it can be
// answered by any cache. The answer is the same whether a view was counted or
// not.
const (
	beaconPath  = "/view"
	picturePath = "/view.gif"
)

// maxBeacon is how many bytes a beacon may send.
const maxBeacon = 64

// pixel is a picture of one transparent dot.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// mark is what the page of a story sends; empty where nothing is counted.
func (s *Site) mark(id ref.Story) string {
	if s.views == nil {
		return ""
	}
	return s.views.Mark(id)
}

// view takes what a page tells.
func (s *Site) view(w http.ResponseWriter, r *http.Request) {
	if !s.mine(r) {
		s.fail(w, r, &fault{status: http.StatusMisdirectedRequest, key: "error.host"})
		return
	}
	switch {
	case r.URL.Path == beaconPath && r.Method == http.MethodPost:
		s.viewByBeacon(w, r)
	case r.URL.Path == picturePath && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.viewByPicture(w, r)
	default:
		allowed := "POST"
		if r.URL.Path == picturePath {
			allowed = "GET, HEAD"
		}
		w.Header().Set("Allow", allowed)
		s.fail(w, r, &fault{status: http.StatusMethodNotAllowed, key: "error.method"})
	}
}

func (s *Site) viewByBeacon(w http.ResponseWriter, r *http.Request) {
	var room [maxBeacon + 1]byte
	n, err := io.ReadFull(r.Body, room[:])
	if err == nil {
		w.Header().Set("Connection", "close")
		http.Error(w, "A beacon has 64 bytes at most.", http.StatusRequestEntityTooLarge)
		return
	}
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if whole && ours(r, r.Header.Get("Origin")) {
		s.count(r, room[:n])
	}
	header := w.Header()
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
	w.WriteHeader(http.StatusNoContent)
}

func (s *Site) viewByPicture(w http.ResponseWriter, r *http.Request) {
	// Browsers name no origin when they ask for a picture, and old ones, or new
	// ones on plain HTTP, only the page.
	if r.Method == http.MethodGet && ours(r, r.Header.Get("Referer")) {
		s.count(r, []byte(r.URL.RawQuery))
	}
	header := w.Header()
	header["Cache-Control"] = noStore
	header["Content-Type"] = gif
	header["X-Content-Type-Options"] = noSniff
	w.Write(pixel) // a reader who has gone is no error of ours
}

// Header values that answers share.
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
	gif     = []string{"image/gif"}
)

// ours tells whether a page of this site made the request: the browser says so,
// or the page that it names is on the host that it asks.
func ours(r *http.Request, from string) bool {
	if by := r.Header.Get("Sec-Fetch-Site"); by != "" {
		return by == "same-origin" || by == "none"
	}
	if from == "" {
		return false
	}
	at, err := url.Parse(from)
	return err == nil && strings.EqualFold(at.Host, r.Host)
}

// count counts a view, unless the page was only fetched ahead.
func (s *Site) count(r *http.Request, mark []byte) {
	if s.views == nil || ahead(r.Header) {
		return
	}
	s.views.View(mark, readership.Reader{Addr: s.trusted.Client(r), Agent: r.UserAgent()})
}

// ahead tells whether a browser fetches what nobody looks at yet.
func ahead(h http.Header) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if h[name] != nil {
			return true
		}
	}
	return false
}
