package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strconv"
	"strings"

	"broadsheet/demo"
	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
)

// The demonstration's pictures, films and documents.

// drawPictures makes the renditions before the transaction: they take a few
// seconds and are no rows.
func (f *furnisher) drawPictures(ctx context.Context) error {
	names, err := fs.Glob(demo.Files, "pictures/*.jpg")
	if err != nil {
		return err
	}
	f.drawn = make([]asset.Asset, len(names))
	for n, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.progress("Pictures", int64(n), int64(len(names)))
		if f.drawn[n], err = f.drawPicture(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.pictures[strings.TrimSuffix(path.Base(name), ".jpg")] = f.drawn[n].ID
	}
	f.progress("Pictures", int64(len(names)), int64(len(names)))
	return nil
}

func (f *furnisher) drawPicture(ctx context.Context, name string) (a asset.Asset, err error) {
	bytes, err := demo.Files.ReadFile(name)
	if err != nil {
		return a, err
	}
	sum := sha256.Sum256(bytes)
	a = asset.Asset{ID: ref.New[ref.Asset](f.Mint), Key: hex.EncodeToString(sum[:16]), Kind: asset.Picture, Type: "image/jpeg",
		Credit: "Broadsheet", Source: "drawn by a program", Licence: "Apache-2.0"}
	width, height, made, err := f.draw(bytes)
	if err != nil {
		return a, err
	}
	a.Width, a.Height = width, height
	for _, r := range made {
		if err := f.Media.Put(ctx, site.MediaKey(a.Key, strconv.Itoa(r.Width)), r.JPEG); err != nil {
			return a, err
		}
		a.Widths = append(a.Widths, r.Width)
	}
	return a, nil
}

// bring keeps a file of the demonstration as it is, and names its asset.
func (f *furnisher) bring(ctx context.Context, a *asset.Asset, name, as string) error {
	bytes, err := demo.Files.ReadFile(name)
	if err != nil {
		return err
	}
	if a.Key == "" {
		sum := sha256.Sum256(bytes)
		a.ID, a.Key = ref.New[ref.Asset](f.Mint), hex.EncodeToString(sum[:16])
	}
	if err := f.Media.Put(ctx, site.FileKey(a.Key, as), bytes); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if path.Ext(name) != ".vtt" {
		a.Files = append(a.Files, asset.File{Name: as, Type: mime.TypeByExtension(path.Ext(name)), Bytes: int64(len(bytes))})
	}
	return nil
}

// bringFilms keeps the films with their captions. films.json says how long and how
// large they are.
func (f *furnisher) bringFilms(ctx context.Context) error {
	text, err := demo.Files.ReadFile("films/films.json")
	if err != nil {
		return err
	}
	var all map[string]struct{ Seconds, Width, Height int }
	if err := json.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("films.json: %w", err)
	}
	for name, film := range all {
		a := asset.Asset{Kind: asset.Film, Type: "video/mp4", Width: film.Width, Height: film.Height, Seconds: film.Seconds,
			Credit: "Broadsheet", Source: "drawn by a program", Licence: "Apache-2.0"}
		if err := f.bring(ctx, &a, "films/"+name+".mp4", "film.mp4"); err != nil {
			return err
		}
		for _, language := range edition.Known {
			err := f.bring(ctx, &a, "films/"+name+"."+language+".vtt", language+".vtt")
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			a.Tracks = append(a.Tracks, asset.Track{Language: language, Name: language + ".vtt"})
		}
		f.films[name] = a.ID
		f.drawn = append(f.drawn, a)
	}
	return nil
}

// bringFiles keeps the documents that stories offer.
func (f *furnisher) bringFiles(ctx context.Context) error {
	names, err := fs.Glob(demo.Files, "files/*.csv")
	if err != nil {
		return err
	}
	for _, name := range names {
		a := asset.Asset{Kind: asset.Document, Type: "text/csv", Credit: "Broadsheet", Licence: "Apache-2.0"}
		if err := f.bring(ctx, &a, name, path.Base(name)); err != nil {
			return err
		}
		f.files[path.Base(name)] = a.ID
		f.drawn = append(f.drawn, a)
	}
	return nil
}

// putPictures writes the records, with the words of the stories that show them: of
// their heads, and of the lines of their galleries.
func (f *furnisher) putPictures(tx *db.Tx) error {
	words := map[ref.Asset]map[string]asset.Words{}
	say := func(name, language string, w asset.Words) {
		id := f.pictures[name]
		if words[id] == nil {
			words[id] = map[string]asset.Words{}
		}
		words[id][language] = w
	}
	err := f.eachStory(func(_, language string, text *letter) error {
		for line := range strings.SplitSeq(text.text, "\n") {
			if parts := strings.Split(line, " | "); len(parts) == 3 && f.pictures[parts[0]] != 0 {
				say(parts[0], language, asset.Words{Alt: parts[1], Caption: parts[2]})
			}
		}
		say(text.head["Picture"], language, asset.Words{Alt: text.head["Alt"], Caption: text.head["Caption"]})
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range f.drawn {
		a.Words = words[a.ID]
		if err := asset.Put(tx, a); err != nil {
			return err
		}
	}
	return nil
}
