package site

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// fault is an error that a reader is told of.
type fault struct {
	status int
	// key names the sentence in the theme's words; its heading and its onward
	// link are found under key + ".heading" and ".onward".
	key string
	// note is a sentence of an editor's, such as why a story was withdrawn.
	note string
	// to is where a redirect leads that nobody keeps.
	to string
}

// astray leads a reader to the beginning of a list: the place in it that was
// asked for is none, or none any more.
func astray(to string) *fault { return &fault{status: http.StatusFound, to: to} }

func (f *fault) Error() string { return f.key }

// faultOf turns an error into what the reader is told. Only here is an error
// of the house given a status.
func faultOf(err error) *fault {
	var f *fault
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, db.ErrNotFound):
		return &fault{status: http.StatusNotFound, key: "error.missing"}
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &fault{status: http.StatusServiceUnavailable, key: "error.unavailable"}
	}
	return &fault{status: http.StatusInternalServerError, key: "error.internal"}
}

// fail answers with the page of an error, in the language of the edition whose
// address it is.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has gone
	}
	f := faultOf(err)
	if f.status >= http.StatusInternalServerError {
		slog.Error("answer a reader", "path", r.URL.Path, "status", f.status, "error", err)
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if f.to != "" {
		http.Redirect(w, r, f.to, f.status)
		return
	}
	header.Set("Content-Type", htmlType)
	for _, field := range safety(htmlType) {
		header.Set(field.Name, field.Value)
	}
	if f.status == http.StatusServiceUnavailable {
		header.Set("Retry-After", "10")
	}
	body := s.errorBody(r, f)
	w.WriteHeader(f.status)
	w.Write(body) // a reader who has gone is no error of ours
}

func (s *Site) errorBody(r *http.Request, f *fault) []byte {
	h := s.house.last(r.Context())
	here := h.first()
	if h != nil {
		key, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if t, ok := h.byKey[key]; ok {
			here = t
		}
	}
	if here == nil { // no house, no words: the database was never there
		return []byte("<!doctype html><html lang=\"en\"><title>Broadsheet</title><p>This page cannot be shown at the moment. Please try again in a few minutes.</p></html>")
	}
	made := &reading{asked: &asked{}, ctx: r.Context(), site: s, house: h, here: here, now: s.now(), origin: s.origin(r), tags: nil}
	words := s.theme.Words(here.Language)
	view := PlainPage{Frame: made.frame(words.T(f.key+".heading"), ""), Heading: words.T(f.key + ".heading"), Standfirst: words.T(f.key), Status: f.status}
	view.NoIndex = true
	if f.note != "" {
		view.Standfirst = f.note
	}
	view.Onward = []Link{{Text: words.T("error.onward"), Href: "/" + here.Key + "/"}}
	var out bytes.Buffer
	if err := s.theme.Execute(&out, here.Language, "plain", view); err != nil {
		slog.Error("set the page of an error", "error", err)
	}
	return out.Bytes()
}

// missed answers an address at which the paper has nothing: perhaps it is one
// of the system that the stories were imported from.
func (s *Site) missed(w http.ResponseWriter, r *http.Request, err error) {
	if faultOf(err).status != http.StatusNotFound || !s.redirected(w, r) {
		s.fail(w, r, err)
	}
}

// redirected leads an old address on, if it is one.
func (s *Site) redirected(w http.ResponseWriter, r *http.Request) bool {
	var to string
	err := s.db.Public(r.Context(), func(tx *db.Tx) error {
		h, err := s.house.get(tx)
		if err == nil {
			to, err = s.moved(tx, h, r)
		}
		return err
	})
	if err != nil {
		return false
	}
	http.Redirect(w, r, to, http.StatusMovedPermanently)
	return true
}

// moved finds where an old address leads, or db.ErrNotFound.
func (s *Site) moved(tx *db.Tx, h *house, r *http.Request) (string, error) {
	old := withQuery(r.URL.EscapedPath(), r.URL.RawQuery)
	id, err := story.FromOldAddress(tx, old)
	if errors.Is(err, db.ErrNotFound) {
		id, err = story.FromOldAddress(tx, strings.TrimSuffix(r.URL.EscapedPath(), "/"))
	}
	if err != nil {
		return "", err
	}
	live, err := story.Read(tx, id)
	if err != nil {
		return "", err
	}
	return h.address(live.Card), nil
}
