package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// batch is the files of one edition.
type batch struct {
	edition string
	files   []string
}

// Sizes of the corpus: the generated one has as many headlines without a text
// as full stories five times, because archives do.
const (
	headlines = 74_400
	// smokeRows are enough for a smoke run.
	smokeRows = 2_000
	// fewRows are the small newsroom that the large one is compared with.
	fewRows = 1_000
	// fewSmokeRows are its like in a smoke run.
	fewSmokeRows = 200
)

// corpus is the articles to import: those in BROADSHEET_CORPUS, else generated
// ones.
func (b *bench) corpus() ([]batch, error) {
	if b.articles != nil {
		return b.articles, nil
	}
	b.say("articles …")
	found, err := b.source()
	if err != nil {
		return nil, err
	}
	if b.quick {
		if found, err = share(found, filepath.Join(b.dir, "some"), smokeRows); err != nil {
			return nil, err
		}
	}
	b.articles = found
	return found, nil
}

func (b *bench) source() ([]batch, error) {
	if b.folder != "" {
		return findArticles(b.folder)
	}
	return generate(filepath.Join(b.dir, "articles"), either(b.quick, 1, 20))
}

// findArticles lists every file under articles/{edition}.
func findArticles(folder string) ([]batch, error) {
	var found []batch
	for _, t := range tongues() {
		files, err := filepath.Glob(filepath.Join(folder, "articles", t.edition, "*"))
		if err != nil {
			return nil, fmt.Errorf("look for articles: %w", err)
		}
		if len(files) > 0 {
			found = append(found, batch{t.edition, files})
		}
	}
	if len(found) == 0 {
		return nil, errors.New("BROADSHEET_CORPUS has no articles/{edition}/… in it")
	}
	return found, nil
}

// generate writes a corpus of the usual size, divided by part.
func generate(folder string, part int) ([]batch, error) {
	var made []batch
	for n, t := range tongues() {
		dir := filepath.Join(folder, t.edition)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("make a folder of articles: %w", err)
		}
		w := newWriter(t, uint64(n+1))
		stories := filepath.Join(dir, "stories.jsonl.gz")
		if err := create(stories, func(out io.Writer) error { return w.stories(out, t.stories/part) }); err != nil {
			return nil, err
		}
		files := []string{stories}
		if t.edition == "en" {
			bare := filepath.Join(dir, "headlines.csv")
			if err := create(bare, func(out io.Writer) error { return w.headlines(out, headlines/part) }); err != nil {
				return nil, err
			}
			files = append(files, bare)
		}
		made = append(made, batch{t.edition, files})
	}
	return made, nil
}

// create writes a file, compressed when its name says so.
func create(path string, content func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write articles: %w", err)
	}
	buffer := bufio.NewWriter(file)
	var out io.WriteCloser = ordinary{buffer}
	if strings.HasSuffix(path, ".gz") {
		out = gzip.NewWriter(buffer)
	}
	err = errors.Join(content(out), out.Close(), buffer.Flush(), file.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// ordinary is a writer that has nothing to close.
type ordinary struct{ io.Writer }

// Close does nothing.
func (ordinary) Close() error { return nil }

// article is one line of a generated file.
type article struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Date     string   `json:"date"`
	Author   string   `json:"author,omitempty"`
	Category string   `json:"category,omitempty"`
	Abstract string   `json:"abstract,omitempty"`
	Keywords []string `json:"keywords,omitempty"`
	Body     string   `json:"body"`
}

// The years in which generated articles appeared.
var firstDay = time.Date(2001, 1, 1, 8, 0, 0, 0, time.UTC)

const yearsOfNews = 12

// stories writes full articles, the oldest first.
func (w *writer) stories(out io.Writer, count int) error {
	authors, topics, categories := w.phrases(60, 2, 2), w.phrases(200, 1, 2), w.phrases(8, 1, 1)
	lines := json.NewEncoder(out)
	for n := range count {
		at := firstDay.Add(yearsOfNews * 365 * 24 * time.Hour / time.Duration(count) * time.Duration(n))
		a := article{
			ID: fmt.Sprintf("%s-%d", w.edition, n+1), Title: w.headline(), Date: at.Format(time.RFC3339), Author: w.one(authors),
			Category: w.one(categories), Abstract: w.sentence(), Keywords: []string{w.one(topics), w.one(topics)}, Body: w.text(w.storyBytes()),
		}
		if err := lines.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// headlines writes articles that have only a date and a headline, 150 a day.
func (w *writer) headlines(out io.Writer, count int) error {
	rows := csv.NewWriter(out)
	rows.Write([]string{"date", "headline"})
	for n := range count {
		rows.Write([]string{firstDay.AddDate(2, 0, n/150).Format("20060102"), strings.ToLower(w.headline())})
	}
	rows.Flush()
	return rows.Error()
}

// share writes about count rows of all files, evenly taken from each, so that a
// small newsroom is made of what the large one is made of.
func share(from []batch, folder string, count int) ([]batch, error) {
	total, err := countRows(from)
	if err != nil {
		return nil, err
	}
	every := max(1, total/count)
	var some []batch
	for _, all := range from {
		few := batch{edition: all.edition}
		for _, path := range all.files {
			name := filepath.Join(folder, all.edition, strings.TrimSuffix(filepath.Base(path), ".gz"))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return nil, fmt.Errorf("make a folder of articles: %w", err)
			}
			if err := create(name, func(out io.Writer) error { return copyRows(out, path, every) }); err != nil {
				return nil, err
			}
			few.files = append(few.files, name)
		}
		some = append(some, few)
	}
	return some, nil
}

func countRows(all []batch) (total int, err error) {
	for _, b := range all {
		for _, path := range b.files {
			err := eachRow(path, func(n int, _ []byte) error {
				if n >= 0 {
					total++
				}
				return nil
			})
			if err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

func copyRows(out io.Writer, path string, every int) error {
	return eachRow(path, func(n int, row []byte) error {
		if n >= 0 && n%every != 0 {
			return nil
		}
		_, err := out.Write(row)
		return err
	})
}

// eachRow reads a file of JSON lines, or of comma-separated values, whose head
// is row -1. A row ends with its line's end.
func eachRow(path string, do func(n int, row []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read articles: %w", err)
	}
	defer file.Close()
	var in io.Reader = bufio.NewReaderSize(file, 1<<16)
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(path), err)
		}
	}
	rows := eachLine
	if strings.HasSuffix(strings.TrimSuffix(path, ".gz"), ".csv") {
		rows = eachRecord
	}
	if err := rows(in, do); err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return nil
}

func eachLine(in io.Reader, do func(int, []byte) error) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	for n := 0; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := do(n, append(bytes.TrimRight(line, "\r\n"), '\n')); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func eachRecord(in io.Reader, do func(int, []byte) error) error {
	records := csv.NewReader(in)
	records.FieldsPerRecord, records.LazyQuotes = -1, true
	for n := -1; ; n++ {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var row bytes.Buffer
		out := csv.NewWriter(&row)
		out.Write(record)
		out.Flush()
		if err := do(n, row.Bytes()); err != nil {
			return err
		}
	}
}
