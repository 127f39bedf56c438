package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"

	"broadsheet/test/browser/stage"
)

//go:embed sheet.html
var sheetText string

// row is a page on the sheet.
type row struct {
	Name, Edition string
	Pairs         []pair
}

// pair is a picture of ours and the one to hold beside it, if there is one.
type pair struct {
	Ours, Theirs string
	Width        int64
}

// otherwise are page types that the other folder may call by another name.
var otherwise = map[string]string{"story": "article", "story-film": "film", "story-live": "live"}

// layOut writes the sheet of all pictures into their folder.
func layOut(out, beside string, pages []stage.Page) error {
	sheet, err := template.New("sheet").Parse(sheetText)
	if err != nil {
		return fmt.Errorf("read the sheet: %w", err)
	}
	var rows []row
	for _, p := range pages {
		r := row{Name: p.Name, Edition: p.Edition.Key}
		for _, on := range screens() {
			theirs, err := theirsOf(out, beside, p, on)
			if err != nil {
				return err
			}
			r.Pairs = append(r.Pairs, pair{Ours: name(p, on), Theirs: theirs, Width: on.Width})
		}
		rows = append(rows, r)
	}
	file, err := os.Create(filepath.Join(out, "index.html"))
	if err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	if err := sheet.Execute(file, map[string]any{"Rows": rows, "Beside": beside != ""}); err != nil {
		file.Close()
		return fmt.Errorf("write the sheet: %w", err)
	}
	return file.Close()
}

// theirsOf is the way from the sheet to the picture beside ours, or nothing.
func theirsOf(out, beside string, p stage.Page, on stage.Screen) (string, error) {
	if beside == "" {
		return "", nil
	}
	for _, of := range []string{p.Name, otherwise[p.Name]} {
		at, err := filepath.Abs(filepath.Join(beside, named(of, p, on)))
		if err != nil {
			return "", fmt.Errorf("find %s: %w", beside, err)
		}
		if _, err := os.Stat(at); err != nil {
			continue
		}
		from, err := filepath.Abs(out)
		if err != nil {
			return "", fmt.Errorf("find %s: %w", out, err)
		}
		way, err := filepath.Rel(from, at)
		return filepath.ToSlash(way), err
	}
	return "", nil
}
