package site

import (
	"context"
	"net/http"
	"strconv"

	"broadsheet/internal/platform/pagecache"
)

// Reading without a connection: the worker, which a browser runs beside the
// pages, and the two pages that it shows by itself.

// workerPath is the root's, so that the worker may answer for the whole paper.
const workerPath = "/sw.js"

// workerPolicy lets the worker ask this host and no other.
const workerPolicy = "default-src 'none'; connect-src 'self'"

// worker serves the worker's script with the revision of the theme before it: a
// browser takes a script with other bytes for a newer one. Like the theme's
// assets it is there without a database.
func (s *Site) worker(w http.ResponseWriter, r *http.Request) {
	entry, _, err := s.pages.Fetch(r.Context(), Key(r.Host, workerPath), func(context.Context) (*pagecache.Page, error) {
		script, err := s.theme.Script("sw.js")
		if err != nil {
			return nil, err
		}
		body := "const version=" + strconv.Quote(s.theme.Revision()) + ";" + string(script)
		return &pagecache.Page{Type: "text/javascript; charset=utf-8", Body: []byte(body), NoKeep: !s.familiar(r.Host), Header: []pagecache.HeaderField{
			{Name: "Cache-Control", Value: "no-cache"},
			{Name: "Content-Security-Policy", Value: workerPolicy},
			{Name: "X-Content-Type-Options", Value: "nosniff"},
		}}, nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	entry.ServeHTTP(w, r)
}

// saved is the list of what the reader saved, which only the reader's device
// knows.
func (s *Site) saved(r *reading) (*answer, error) {
	return r.kept(r.words().T("saved.title"), r.words().T("saved.note"), false)
}

// offline is what the worker shows where it has no copy.
func (s *Site) offline(r *reading) (*answer, error) {
	return r.kept(r.words().T("offline.title"), r.words().T("offline.note"), true)
}

func (r *reading) kept(title, note string, offline bool) (*answer, error) {
	view := SavedPage{Frame: r.frame(title, ""), Heading: title, Note: note, Offline: offline}
	view.NoIndex, view.Canonical = true, ""
	return r.set("saved", view)
}
