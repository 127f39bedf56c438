package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"mime"
	"net/url"
	"path"
	"regexp"
	"strings"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/lang"
)

// absolute is an address as readers of the old site would have followed it;
// empty when nobody can follow it.
func (w *wxr) absolute(address string) string {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	if w.home != nil && address != "" {
		if u, err := w.home.Parse(address); err == nil {
			address = u.String()
		}
	}
	if !strings.HasPrefix(address, "http") || !body.Usable(address) {
		return ""
	}
	return address
}

// copySize is what WordPress adds to the name of a smaller copy of a picture.
var copySize = regexp.MustCompile(`-\d{1,5}x\d{1,5}(\.[A-Za-z0-9]{2,5})$`)

// bare is an address without what differs between mentions of one file.
func bare(address string) string {
	address, _, _ = strings.Cut(address, "?")
	address = strings.TrimPrefix(strings.TrimPrefix(address, "https:"), "http:")
	return copySize.ReplaceAllString(address, "$1")
}

// fileKind tells what a file is by its name.
func fileKind(address string) (kind, mediaType string) {
	u, err := url.Parse(address)
	if err != nil {
		return asset.Document, ""
	}
	mediaType = mediaTypes[strings.ToLower(path.Ext(u.Path))]
	major, _, _ := strings.Cut(mediaType, "/")
	switch major {
	case "image":
		return asset.Picture, mediaType
	case "video":
		return asset.Film, mediaType
	case "audio":
		return asset.Audio, mediaType
	case "":
		// Pictures without an ending are served by picture hosts.
		if path.Ext(u.Path) == "" {
			return asset.Picture, ""
		}
	}
	return asset.Document, mediaType
}

// mediaTypes are fixed here: those of the machine differ.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
	".heic": "image/heic", ".svg": "image/svg+xml", ".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".ogv": "video/ogg", ".avi": "video/x-msvideo", ".mpg": "video/mpeg",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
	".pdf": "application/pdf", ".doc": "application/msword", ".zip": "application/zip", ".txt": "text/plain", ".csv": "text/csv",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// asset is the identity of a file of the site.
func (w *wxr) asset(a *attachment) ref.Asset {
	made := asset.Asset{Key: assetKey(a.address), Kind: a.kind, Type: a.mediaType, Elsewhere: a.address}
	if a.alt != "" || a.caption != "" {
		made.Words = map[string]asset.Words{w.run.o.Edition.Language: {Alt: a.alt, Caption: a.caption}}
	}
	return w.assets.id(made)
}

// id registers a file with the batch.
func (s assets) id(a asset.Asset) ref.Asset {
	s.Lock()
	defer s.Unlock()
	return s.batch.Asset(a)
}

// assetKey is the key of a file that is elsewhere.
func assetKey(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16])
}

// picture finds the picture that an img shows. One that is no attachment of
// the file is a picture too.
func (w *wxr) picture(address string) (ref.Asset, bool) {
	address = w.absolute(address)
	if address == "" {
		return 0, false
	}
	if a := w.byURL[bare(address)]; a != nil {
		return w.asset(a), true
	}
	kind, mediaType := fileKind(address)
	if kind != asset.Picture {
		return 0, false
	}
	return w.assets.id(asset.Asset{Key: assetKey(address), Kind: kind, Type: mediaType, Elsewhere: address}), true
}

// enclosure is the recording or film that a post carries: an address, a
// length and a type, each on a line.
func (w *wxr) enclosure(e *element) (body.Block, bool) {
	address, rest, _ := strings.Cut(strings.TrimSpace(e.meta("enclosure")), "\n")
	if address = w.absolute(address); address == "" {
		return body.Block{}, false
	}
	kind, mediaType := fileKind(address)
	_, rest, _ = strings.Cut(rest, "\n")
	if said, _, _ := strings.Cut(rest, "\n"); mediaType == "" {
		mediaType, _, _ = mime.ParseMediaType(strings.TrimSpace(said))
		switch {
		case strings.HasPrefix(mediaType, "audio/"):
			kind = asset.Audio
		case strings.HasPrefix(mediaType, "video/"):
			kind = asset.Film
		}
	}
	id := w.assets.id(asset.Asset{Key: assetKey(address), Kind: kind, Type: mediaType, Elsewhere: address})
	u, err := url.Parse(address)
	if err != nil {
		return body.Block{}, false
	}
	return body.Block{Value: body.File{Asset: id, Label: path.Base(u.Path)}}, true
}

var (
	remarks = regexp.MustCompile(`(?s)<!--.*?-->`)
	breaks  = regexp.MustCompile(`(?i)<br ?/?>|</p>|</h[1-6]>|</li>|</div>`)
	// tags are those that people write into titles and captions. Anything else
	// between < and > is text.
	tags = regexp.MustCompile(`(?i)</?(?:a|abbr|b|big|blockquote|br|center|cite|code|del|div|em|figcaption|figure|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|q|s|small|span|strike|strong|sub|sup|tt|u|ul|wbr)(?:\s[^<>]*)?/?>`)
)

// plain is the text of a title, an excerpt or a caption that may be HTML.
func plain(s string) string {
	if strings.Contains(s, "<") {
		s = remarks.ReplaceAllString(s, "")
		s = breaks.ReplaceAllString(s, "$0\n")
		s = tags.ReplaceAllString(s, "")
	}
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	return strings.TrimSpace(s)
}

// oneLine is a text such as an alternative text can hold.
func oneLine(s string) string {
	s, _ = lang.MapC1(lang.Newlines(s))
	return strings.Join(strings.Fields(s), " ")
}
