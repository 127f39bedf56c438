package site

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/web/theme"
)

// asset serves a style sheet, a font or an icon of the theme. Its name changes
// with its bytes, so that a browser never asks for it twice. A page from before an
// upgrade asks for a name from before: it gets the file of now.
func (s *Site) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, theme.Prefix)
	entry, _, err := s.pages.Fetch(r.Context(), Key(r.Host, r.URL.Path), func(context.Context) (*pagecache.Page, error) {
		file, err := s.theme.Asset(name)
		if errors.Is(err, fs.ErrNotExist) {
			if file, err = s.theme.Present(name); err == nil {
				return &pagecache.Page{Type: file.Type, Body: file.Content, NoKeep: true, Header: []pagecache.HeaderField{
					{Name: "Cache-Control", Value: "public, max-age=60"}, {Name: "X-Content-Type-Options", Value: "nosniff"},
				}}, nil
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
		}
		if err != nil {
			return nil, err
		}
		return &pagecache.Page{Type: file.Type, Body: file.Content, Lasting: true, NoKeep: !s.familiar(r.Host), Header: []pagecache.HeaderField{
			{Name: "Cache-Control", Value: "public, max-age=31536000, immutable"},
			{Name: "X-Content-Type-Options", Value: "nosniff"},
		}}, nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	entry.ServeHTTP(w, r)
}
