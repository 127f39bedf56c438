// Package asset holds the records of pictures, films, recordings and documents:
// what they are, their words, their rights and the renditions that exist. The
// bytes are in the blob room, and the making of renditions in imaging.
package asset

import (
	"fmt"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// The kinds of assets.
const (
	Picture  = "picture"
	Film     = "film"
	Audio    = "audio"
	Document = "document"
)

// Asset is the record of one file.
type Asset struct {
	ID ref.Asset `json:"-"`
	// Key names the bytes: the beginning of their SHA-256 in hexadecimal, or
	// for a file that an import names but did not bring, of its address.
	Key string `json:"-"`
	// Batch is the import that brought it, 0 for none.
	Batch ref.Batch `json:"-"`
	Kind  string    `json:"kind"`
	// Type is the media type, as "image/jpeg".
	Type   string `json:"type,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	// Widths are those of the renditions that exist, growing; none for a file
	// that is elsewhere.
	Widths []int `json:"widths,omitempty"`
	// FocusX and FocusY are the point that no crop may lose, from 0 to 1.
	FocusX  float64          `json:"focus_x,omitempty"`
	FocusY  float64          `json:"focus_y,omitempty"`
	Words   map[string]Words `json:"words,omitempty"`
	Credit  string           `json:"credit,omitempty"`
	Source  string           `json:"source,omitempty"`
	Licence string           `json:"licence,omitempty"`
	// Seconds is how long a film or a recording lasts.
	Seconds int `json:"seconds,omitempty"`
	// Files are the film, recording or document itself, the one to try first
	// foremost.
	Files []File `json:"files,omitempty"`
	// Tracks are the captions of a film.
	Tracks []Track `json:"tracks,omitempty"`
	// Elsewhere is where an import found the file that it did not bring.
	Elsewhere string `json:"elsewhere,omitempty"`
}

// File is a file that readers fetch as it is, such as film.mp4.
type File struct {
	// Name is the last part of its address: a word, a dot and the ending.
	Name string `json:"name"`
	// Type is the media type.
	Type  string `json:"type"`
	Bytes int64  `json:"bytes,omitempty"`
}

// Track are a film's captions in a language: WebVTT, in the file Name.
type Track struct {
	Language string `json:"language"`
	Name     string `json:"name"`
}

// Words are an asset's words in one language.
type Words struct {
	Alt     string `json:"alt,omitempty"`
	Caption string `json:"caption,omitempty"`
}

// Here tells whether the newsroom has the bytes of a picture.
func (a Asset) Here() bool { return len(a.Widths) > 0 }

// FileNames are the names of all files but the renditions.
func (a Asset) FileNames() []string {
	var names []string
	for _, f := range a.Files {
		names = append(names, f.Name)
	}
	for _, t := range a.Tracks {
		names = append(names, t.Name)
	}
	return names
}

// Put writes an asset's record.
func Put(tx *db.Tx, a Asset) error {
	content, err := db.Pack(a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into asset (id, key, batch, content) values ($1, $2, $3, $4)
		on conflict (id) do update set content = excluded.content`, a.ID, a.Key, a.Batch, content)
	if err != nil {
		return fmt.Errorf("put asset %s: %w", a.Key, err)
	}
	return nil
}

func scan(r db.Row) (a Asset, err error) {
	var content string
	if err := r.Scan(&a.ID, &a.Key, &a.Batch, &content); err != nil {
		return a, err
	}
	return a, db.Unpack(content, &a)
}

// Keys returns the identities of all assets by their keys, for an import that
// must not bring one twice: a hundred thousand take about ten megabytes.
func Keys(tx *db.Tx) (map[string]ref.Asset, error) {
	type named struct {
		id  ref.Asset
		key string
	}
	all, err := db.List(tx, func(r db.Row) (n named, err error) {
		err = r.Scan(&n.id, &n.key)
		return n, err
	}, `select id, key from asset order by id limit 10000000`)
	keys := make(map[string]ref.Asset, len(all))
	for _, n := range all {
		keys[n.key] = n.id
	}
	return keys, err
}

// After lists assets in the order of their identities, behind one of them; 0
// begins with the first.
func After(tx *db.Tx, behind ref.Asset, limit int) ([]Asset, error) {
	return db.List(tx, scan, `select id, key, batch, content from asset where id > $1 order by id limit $2`, behind, limit)
}

// ByID returns the assets with the identities, in no order; unknown ones are
// left out.
func ByID(tx *db.Tx, ids []ref.Asset) ([]Asset, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	return db.List(tx, scan, `select id, key, batch, content from asset
		where id in (select cast(value as bigint) from json_each(cast($1 as text))) order by id limit 1000`, list)
}
