package site

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/platform/blob"
)

// mediaPath names a file that never changes: a rendition of a picture, or a film, a
// recording, captions, a document.
var mediaPath = regexp.MustCompile(`^/media/([0-9a-f]{16,64})/([0-9]{1,5}\.jpg|[a-z][a-z0-9-]{0,39}\.(?:mp4|webm|mp3|vtt|pdf|csv|txt))$`)

// mediaTypes are the types of the files that are served; what a browser would not
// show by itself is kept.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".vtt": "text/vtt; charset=utf-8",
	".pdf": "application/pdf", ".csv": "text/csv; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

// openFor is how long a reader waits for the first bytes of a picture.
const openFor = 10 * time.Second

// Media serves the files of assets: renditions of pictures, films, recordings and
// documents.
func Media(store *blob.Store) http.Handler { return media(store, openFor) }

func media(store *blob.Store, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := mediaPath.FindStringSubmatch(r.URL.Path)
		if parts == nil {
			noPicture(w)
			return
		}
		ctx, end := context.WithCancel(r.Context())
		defer end()
		late := time.AfterFunc(limit, end) // what is read afterwards may take longer
		file, err := store.Get(ctx, FileKey(parts[1], parts[2]))
		late.Stop()
		if errors.Is(err, blob.ErrNotFound) {
			noPicture(w)
			return
		}
		if err != nil {
			slog.Error("serve a file", "path", r.URL.Path, "error", err)
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "This file cannot be shown at the moment. Please try again in a few minutes.", http.StatusServiceUnavailable)
			return
		}
		defer file.Close()
		header := w.Header()
		header.Set("Content-Type", mediaTypes[path.Ext(parts[2])])
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		if path.Ext(parts[2]) == ".pdf" { // which browsers show with a viewer of their own
			header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		}
		http.ServeContent(patient{w}, r, "", file.Changed, file)
	})
}

// pieceFor is how long a reader on a slow line may take for one piece of a file.
const pieceFor = 30 * time.Second

// patient is an answer that may take as long as it goes on: each piece has its time.
type patient struct{ http.ResponseWriter }

// Write moves the time by which the piece must be through.
func (p patient) Write(b []byte) (int, error) {
	// A writer without a deadline of its own needs none moved.
	_ = http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(pieceFor))
	return p.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func noPicture(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "There is no file at this address. Please check it, or begin at the front page.", http.StatusNotFound)
}

// MediaKey is the name under which the blob room keeps a rendition.
func MediaKey(key, width string) string { return FileKey(key, width+".jpg") }

// FileKey is the name under which the blob room keeps a file of an asset.
func FileKey(key, name string) string { return strings.Join([]string{key[:2], key, name}, "/") }

// MediaKeys are the names of all files of an asset.
func MediaKeys(a asset.Asset) []string {
	var keys []string
	for _, width := range a.Widths {
		keys = append(keys, MediaKey(a.Key, strconv.Itoa(width)))
	}
	for _, name := range a.FileNames() {
		keys = append(keys, FileKey(a.Key, name))
	}
	return keys
}
