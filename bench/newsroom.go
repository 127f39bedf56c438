package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// loopback is where servers under measure listen: any free port, for this
// machine only.
const loopback = "127.0.0.1:0"

// demo makes the demonstration newsroom once, adds long stories to it, and
// returns its folder.
func (b *bench) demo(ctx context.Context) (string, error) {
	if b.demonstration != "" {
		return b.demonstration, nil
	}
	dir := filepath.Join(b.dir, "demo")
	s, err := b.serve(ctx, "demo", "--data", dir, "--addr", loopback)
	if err != nil {
		return "", err
	}
	s.stop()
	file := filepath.Join(b.dir, "long.jsonl")
	if err := create(file, longStories); err != nil {
		return "", err
	}
	if _, err := b.once(ctx, "import", "articles", file, "--data", dir, "--edition", "en"); err != nil {
		return "", err
	}
	b.demonstration = dir
	return dir, nil
}

// longMark is in the headline, and so in the address, of a long story.
const longMark = "bench-long"

// longStories writes stories of growing length, among which there is one whose
// page has the size that is wanted. Nobody can know it beforehand: what stands
// around a story is the theme's.
func longStories(out io.Writer) error {
	w := newWriter(tongues()[0], 7)
	lines := json.NewEncoder(out)
	for size := 4_000; size <= 80_000; size += 2_000 {
		a := article{ID: fmt.Sprintf("long-%d", size), Title: fmt.Sprintf("Bench long %d", size), Date: "2020-01-01T08:00:00Z", Body: w.text(size)}
		if err := lines.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// long tells whether a path is a long story's.
func long(path string) bool { return strings.Contains(path, longMark) }

// wantedPage is the size of the page under load, as gzip: an article with
// everything that stands around it in a news site of today.
const wantedPage = 22_000

// nearest finds the page whose size as gzip is nearest to wanted.
func nearest(ctx context.Context, s *server, paths []string, wanted int) (path string, size int, err error) {
	c := newClient()
	defer c.close()
	for _, candidate := range paths {
		r, err := c.get(ctx, s.url+candidate, "gzip")
		if err != nil {
			return "", 0, err
		}
		if path == "" || math.Abs(float64(len(r.body)-wanted)) < math.Abs(float64(size-wanted)) {
			path, size = candidate, len(r.body)
		}
	}
	if path == "" {
		return "", 0, fmt.Errorf("there is no page to choose from")
	}
	return path, size, nil
}

// twin copies a newsroom, so that two servers can show the same one: a folder
// is held by one program at a time.
func twin(dir string) (string, error) {
	other := dir + "-twin"
	if err := os.RemoveAll(other); err != nil {
		return "", fmt.Errorf("copy the newsroom: %w", err)
	}
	// The lock and the socket belong to the program that serves the original.
	for _, name := range []string{"lock", "control.sock"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("copy the newsroom: %w", err)
		}
	}
	if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
		return "", fmt.Errorf("copy the newsroom: %w", err)
	}
	return other, nil
}

// arrival is what one import did.
type arrival struct {
	took time.Duration
	peak float64
	// The sums of the reports.
	items, added, updated, unchanged, refused int
}

// plus is two imports as one: the times add up, the memory does not.
func (a arrival) plus(more arrival) arrival {
	return arrival{a.took + more.took, max(a.peak, more.peak), a.items + more.items, a.added + more.added,
		a.updated + more.updated, a.unchanged + more.unchanged, a.refused + more.refused}
}

// newsroom makes an empty newsroom.
func (b *bench) newsroom(ctx context.Context, name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	_, err := b.once(ctx, "init", "--data", dir, "--name", "Bench", "--editions", "en,ar,fa")
	return dir, err
}

// importAll imports every file, one process for each edition.
func (b *bench) importAll(ctx context.Context, dir string, articles []batch) (all arrival, err error) {
	for _, batch := range articles {
		report := filepath.Join(b.dir, "report.json")
		args := append([]string{"import", "articles"}, batch.files...)
		ran, err := b.once(ctx, append(args, "--data", dir, "--edition", batch.edition, "--report", report)...)
		if err != nil {
			return all, err
		}
		came, err := readReport(report)
		if err != nil {
			return all, err
		}
		came.took, came.peak = ran.took, ran.peak
		all = all.plus(came)
	}
	return all, nil
}

// readReport reads what the program says of an import: one object for one file,
// else a list.
func readReport(path string) (sum arrival, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return sum, fmt.Errorf("read the report of the import: %w", err)
	}
	if !strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		text = []byte("[" + string(text) + "]")
	}
	var files []struct {
		Items, Added, Updated, Unchanged int
		Refused                          []json.RawMessage
	}
	if err := json.Unmarshal(text, &files); err != nil {
		return sum, fmt.Errorf("read the report of the import: %w", err)
	}
	for _, f := range files {
		sum = sum.plus(arrival{items: f.Items, added: f.Added, updated: f.Updated, unchanged: f.Unchanged, refused: len(f.Refused)})
	}
	return sum, nil
}

// large is the folder of the newsroom with all articles, imported once.
func (b *bench) large(ctx context.Context) (string, error) {
	if b.imported != "" {
		return b.imported, nil
	}
	articles, err := b.corpus()
	if err != nil {
		return "", err
	}
	dir, err := b.newsroom(ctx, "large")
	if err != nil {
		return "", err
	}
	if _, err := b.importAll(ctx, dir, articles); err != nil {
		return "", err
	}
	b.imported = dir
	return dir, nil
}
