package wire_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db/dbtest"
)

// BenchmarkImport brings all article files of the corpus, or many small
// articles where there is none, once into an empty newsroom and once more; the
// greatest memory of the process is reported beside the time.
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		n := furnish(b, dbtest.SQLite(b))
		bringAll(b, n, "first")
		bringAll(b, n, "again")
	}
	b.ReportMetric(peak(b), "MB-peak")
}

func bringAll(b *testing.B, n *newsroom, run string) {
	began := b.Elapsed()
	items := 0
	files, err := filepath.Glob(filepath.Join(corpus(b), "articles", "*", "*"))
	if err != nil {
		b.Fatal(err)
	}
	if len(files) == 0 {
		items = n.bring(b, "many.jsonl", many(20_000), n.options(wire.Articles, "en")).Items
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		r, err := wire.Import(b.Context(), n.desk, wire.Source{Name: name, Read: file}, n.options(wire.Articles, filepath.Base(filepath.Dir(name))), nil)
		file.Close()
		if err != nil {
			b.Fatal(err)
		}
		items += r.Items
	}
	b.Logf("%s: %d items in %.1f s", run, items, (b.Elapsed() - began).Seconds())
}

// peak is the most memory that the process ever had, in megabytes; 0 where the
// system does not tell.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes := 0.0
			for _, c := range strings.Fields(rest)[0] {
				kilobytes = kilobytes*10 + float64(c-'0')
			}
			return kilobytes / 1024
		}
	}
	return 0
}
