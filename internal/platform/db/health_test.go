package db_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func TestAnEngineSaysOfItselfWhatIsTrue(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		behind := func() time.Time { return time.Now().Add(-time.Hour) }
		h, err := d.Examine(t.Context(), behind)
		if err != nil || len(h.Faults) > 0 {
			t.Fatalf("got %+v, %v", h, err)
		}
		if d.Engine() == db.SQLite {
			return
		}
		if h.Release < 150000 || h.Encoding != "UTF8" || h.Connections < 1 || h.MostConnections <= h.Connections {
			t.Errorf("got %+v", h)
		}
		if h.Skew > -time.Hour+2*time.Second || h.Skew < -time.Hour-2*time.Second {
			t.Errorf("got a distance of %v, want -1h", h.Skew)
		}
	})
}

func TestADamagedFileIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, d)
	d.Close()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(file) / 2; n < len(file)/2+8192; n++ {
		file[n] ^= 0x55
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if h, err := d.Examine(t.Context(), time.Now); err == nil && len(h.Faults) == 0 {
		t.Error("nothing was found")
	}
}
