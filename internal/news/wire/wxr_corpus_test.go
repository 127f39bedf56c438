package wire_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// broken are the files that are not accepted, with the lines that say why.
var broken = map[string]string{
	"cut.xml": "line 4", "sample.xml": "line 109", "sample-no-slug.xml": "line 109", "attachments-only.xml": "line 11",
	"crazy-cdata.xml": "line 18", "malformed.xml": "line 27",
}

func TestEveryWordPressExportComesWholeOrIsRefusedWithItsPlace(t *testing.T) {
	files, err := filepath.Glob("testdata/wxr/*.xml")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	if folder := corpus(t); folder != "" {
		for _, pattern := range []string{"derived-rtl/*.xml", "theme-test-data/*.xml", "tryghost-wp-xml/*.xml", "tryghost-wp-xml/*/*.xml", "wordpress-importer/*/*/*.xml"} {
			more, err := filepath.Glob(filepath.Join(folder, "wxr", pattern))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, more...)
		}
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		for _, name := range files {
			first := bringFile(t, n, name)
			again := bringFile(t, n, name)
			if again.Added+again.Updated > 0 || again.Items != first.Items {
				t.Errorf("%s: a second run brings %s", name, shown(again))
			}
		}
	})
}

func bringFile(t *testing.T, n *newsroom, name string) wire.Report {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	before := n.rows(t)
	report, err := wire.Import(t.Context(), n.desk, wire.Source{Name: name, Read: file}, n.options(wire.WXR, "en"), nil)
	place, bad := broken[filepath.Base(name)]
	if !bad {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		accounted(t, report)
		return report
	}
	fault, ok := errors.AsType[*wire.Fault](err)
	if !ok || fault.Place != place || fault.Reason == "" {
		t.Errorf("%s: got %v, want a refusal at %s", name, err, place)
	}
	if after := n.rows(t); after != before {
		t.Errorf("%s was refused and left %s, want %s", name, after, before)
	}
	return report
}
