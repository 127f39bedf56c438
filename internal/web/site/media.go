package site

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"broadsheet/internal/platform/blob"
)

// rendition addresses name a file that never changes.
var renditionPath = regexp.MustCompile(`^/media/([0-9a-f]{16,64})/([0-9]{1,5})\.jpg$`)

// openFor is how long a reader waits for the first bytes of a picture.
const openFor = 10 * time.Second

// Media serves the renditions of pictures.
func Media(store *blob.Store) http.Handler { return media(store, openFor) }

func media(store *blob.Store, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := renditionPath.FindStringSubmatch(r.URL.Path)
		if parts == nil {
			noPicture(w)
			return
		}
		ctx, end := context.WithCancel(r.Context())
		defer end()
		late := time.AfterFunc(limit, end) // what is read afterwards may take longer
		file, err := store.Get(ctx, MediaKey(parts[1], parts[2]))
		late.Stop()
		if errors.Is(err, blob.ErrNotFound) {
			noPicture(w)
			return
		}
		if err != nil {
			slog.Error("serve a picture", "path", r.URL.Path, "error", err)
			http.Error(w, "This picture cannot be shown at the moment. Please try again in a few minutes.", http.StatusServiceUnavailable)
			return
		}
		defer file.Close()
		header := w.Header()
		header.Set("Content-Type", "image/jpeg")
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		http.ServeContent(w, r, "", file.Changed, file)
	})
}

func noPicture(w http.ResponseWriter) {
	http.Error(w, "There is no picture at this address. Please check it, or begin at the front page.", http.StatusNotFound)
}

// MediaKey is the name under which the blob room keeps a rendition.
func MediaKey(key, width string) string {
	return strings.Join([]string{key[:2], key, width + ".jpg"}, "/")
}
