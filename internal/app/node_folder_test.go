package app

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db/dbtest"
)

func TestTheFolderOfANodeIsNotTakenForAnEmptyOne(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "second")
	c := Config{Data: filepath.Join(t.TempDir(), "first"), Database: dbtest.PostgresURL(t)}
	n, err := Create(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.Init(t.Context(), "The Paper", []string{"en"}), n.Close()); err != nil {
		t.Fatal(err)
	}
	// A second node needs nothing but the address of the database.
	c.Data = folder
	if n, err = Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := audit.NewWitness(n.DB, folder, time.Now).Note(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Database = ""
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrHeld) {
		t.Errorf("while it serves: got %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func() error{
		"open":   func() error { _, err := Open(t.Context(), c); return err },
		"create": func() error { _, err := Create(t.Context(), c); return err },
		"backup": func() error {
			_, err := Backup(t.Context(), c, BackupOrder{File: filepath.Join(t.TempDir(), "b")}, quiet)
			return err
		},
	} {
		if err := do(); !errors.Is(err, errNode) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	told := ""
	for _, f := range Doctor(t.Context(), c) {
		told += f.Message + " " + f.Remedy + "\n"
	}
	if !strings.Contains(told, "Give --database") || strings.Contains(told, "broadsheet init") {
		t.Errorf("the doctor says %s", told)
	}
}
