package app

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/imaging"
	"broadsheet/internal/platform/job"
)

func TestTheDemonstrationIsWhole(t *testing.T) {
	n, err := Create(t.Context(), Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	// What a rendition looks like is looked at where they are made.
	n.draw = func(picture []byte) (width, height int, made []imaging.Rendition, err error) {
		c, _, err := image.DecodeConfig(bytes.NewReader(picture))
		return c.Width, c.Height, []imaging.Rendition{{Width: c.Width, Height: c.Height, JPEG: picture}}, err
	}
	quiet := func(string, int64, int64) {}
	if err := n.Furnish(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	if err := n.Furnish(t.Context(), quiet); err != nil {
		t.Errorf("a second time: %v", err)
	}
	editions, err := n.Editions(t.Context())
	if err != nil || len(editions) != 3 {
		t.Fatalf("%d editions, %v", len(editions), err)
	}
	for _, e := range editions {
		checkDemo(t, n, e)
	}
}

func checkDemo(t *testing.T, n *Newsroom, e edition.Edition) {
	t.Helper()
	err := n.DB.View(t.Context(), func(tx *db.Tx) error {
		cards, err := story.Latest(tx, e.Key, story.Cursor{}, 100)
		if err != nil {
			return err
		}
		if len(cards) < 24 {
			t.Errorf("%s has %d stories, want at least 24", e.Key, len(cards))
		}
		twins := 0
		for _, c := range cards {
			if c.Published.After(time.Now()) {
				t.Errorf("%s: %q comes from the future", e.Key, c.Headline)
			}
			if c.Picture == 0 || c.Standfirst == "" {
				t.Errorf("%s: %q has no picture or no standfirst", e.Key, c.Headline)
			}
			same, err := story.Twins(tx, c.Twin)
			if err != nil {
				return err
			}
			if len(same) > 1 {
				twins++
			}
			live, err := story.Read(tx, c.ID)
			if err != nil {
				return err
			}
			if problems := story.Ready(live.Content); len(problems) > 0 {
				t.Errorf("%s: %q: %v", e.Key, c.Headline, problems)
			}
		}
		if twins < 20 {
			t.Errorf("%s: %d stories have translations", e.Key, twins)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// openToOthers lists what others on this machine may look into.
func openToOthers(t *testing.T, data string) (open []string) {
	t.Helper()
	for _, name := range []string{"", DatabaseFile, DatabaseFile + "-wal", DatabaseFile + "-shm"} {
		info, err := os.Stat(filepath.Join(data, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, name+" "+info.Mode().String())
		}
	}
	return open
}

func TestNobodyElseMayReadWhatANewsroomKeeps(t *testing.T) {
	quiet := func(string, int64, int64) {}
	empty := t.TempDir()
	if err := os.Chmod(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{empty, filepath.Join(t.TempDir(), "new")} {
		c := Config{Data: data}
		n, err := Create(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Init(t.Context(), "Test", []string{"en"}); err != nil {
			t.Fatal(err)
		}
		if open := openToOthers(t, data); len(open) > 0 {
			t.Errorf("others may read %v", open)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "paper.backup")
		if _, err := Backup(t.Context(), c, BackupOrder{File: file}, quiet); err != nil {
			t.Fatal(err)
		}
		back := Config{Data: filepath.Join(t.TempDir(), "back")}
		if _, err := Restore(t.Context(), back, file, quiet); err != nil {
			t.Fatal(err)
		}
		if open := openToOthers(t, back.Data); len(open) > 0 {
			t.Errorf("after a restore others may read %v", open)
		}
	}
}

func TestAFolderIsHeldByOneProgram(t *testing.T) {
	c := Config{Data: t.TempDir()}
	n, err := Create(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Init(t.Context(), "Test", []string{"en"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrHeld) {
		t.Errorf("got %v, want %v", err, ErrHeld)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n, err = Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
}

func TestAnUnknownSettingNamesTheNearest(t *testing.T) {
	data := t.TempDir()
	for text, want := range map[string]string{
		"adress = ':80'": `"addr"`, "cache_mb = 5": `"cache-mb"`, "hosts = ['a']": `"host"`, "addr = {}": "a text, a number", "= broken": "broadsheet.toml",
	} {
		if err := os.WriteFile(filepath.Join(data, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := FileSettings(data)
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if err := CheckEnvironment([]string{"PATH=/bin", "BROADSHEET_ADDR=:80", "BROADSHEET_DATA=x"}); err != nil {
		t.Error(err)
	}
	if err := CheckEnvironment([]string{"BROADSHEET_ADRESS=:80"}); err == nil || !strings.Contains(err.Error(), "BROADSHEET_ADDR") {
		t.Errorf("got %v", err)
	}
}

func TestTidyingComesBackTomorrow(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		now := time.Now()
		n.now = func() time.Time { return now }
		queue := job.New(n.DB, "test", n.now, map[string]job.Do{tidying: n.tidy})
		for range 2 { // a second start plans nothing twice
			if err := n.plan(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var done []bool
		for range 3 {
			did, err := queue.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			done = append(done, did)
		}
		if !slices.Equal(done, []bool{true, false, false}) {
			t.Errorf("got %v, want one job", done)
		}
		now = now.AddDate(0, 0, 8)
		if did, err := queue.Next(t.Context()); !did || err != nil {
			t.Errorf("a week later: %v, %v", did, err)
		}
		err := n.DB.View(t.Context(), func(tx *db.Tx) error {
			events, err := db.Find(tx, db.Value[int], `select count(*) from outbox`)
			if events != 0 {
				t.Errorf("%d events of last week are left", events)
			}
			if waiting, err := job.Waiting(tx, tidying); !waiting || err != nil {
				t.Errorf("tomorrow's is not planned: %v", err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
