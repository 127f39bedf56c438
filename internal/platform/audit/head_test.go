package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// note has a node's witness sign the head.
func note(t *testing.T, w *audit.Witness) {
	t.Helper()
	if err := w.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// heads reads those of a node's folder.
func heads(t *testing.T, folder string) *audit.Heads {
	t.Helper()
	all, err := readHeads(t, folder, fileOf(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readHeads(t *testing.T, folder, text string) (*audit.Heads, error) {
	t.Helper()
	key, err := audit.PublicKey(folder)
	if err != nil {
		t.Fatal(err)
	}
	return audit.ReadHeads(strings.NewReader(text), []string{key})
}

func fileOf(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, audit.HeadsFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func tamper(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reseal seals the whole log anew, as whoever may write the table can.
func reseal(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		var all []audit.Entry
		_, err := db.List(tx, func(r db.Row) (e audit.Entry, err error) {
			var at int64
			err = r.Scan(&e.Seq, &at, &e.By, &e.Act, &e.Subject, &e.Detail)
			e.At = time.UnixMilli(at)
			all = append(all, e)
			return e, err
		}, `select seq, at, by, act, subject, detail from audit order by seq limit 100`)
		before := ""
		for _, e := range all {
			text, _ := json.Marshal([]any{before, e.Seq, e.At.UnixMilli(), e.By, e.Act, e.Subject, e.Detail})
			sum := sha256.Sum256(text)
			before = hex.EncodeToString(sum[:])
			if _, err := tx.Exec(`update audit set hash = $1 where seq = $2`, before, e.Seq); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALogThatWasSealedAnewIsFoundByItsHeads(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		folder := t.TempDir()
		w := audit.NewWitness(d, folder, d.Now)
		for range 3 {
			write(t, d, 4)
			note(t, w)
			note(t, w) // nothing has changed
		}
		all := heads(t, folder)
		if n, err := audit.Verify(t.Context(), d, all); n != 12 || err != nil || all.Count != 3 {
			t.Fatalf("before: %d entries and %d heads, %v; want 12 and 3", n, all.Count, err)
		}
		tamper(t, d, `update audit set by = 99 where seq = 6`)
		reseal(t, d)
		if _, err := audit.Verify(t.Context(), d, &audit.Heads{}); err != nil {
			t.Fatalf("the log by itself: got %v, want it whole", err)
		}
		_, err := audit.Verify(t.Context(), d, all)
		if broken, ok := errors.AsType[*audit.Broken](err); !ok || broken.Seq != 8 {
			t.Errorf("got %v, want entry 8: the first head after the change", err)
		}
		write(t, d, 1)
		if err := w.Note(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("the witness: got %v, want %v", err, audit.ErrBroken)
		}
		if got := heads(t, folder).Count; got != 3 {
			t.Errorf("%d heads are signed, want 3", got)
		}
	})
}

func TestACutEndIsFoundByItsHeads(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		folder := t.TempDir()
		w := audit.NewWitness(d, folder, d.Now)
		write(t, d, 5)
		note(t, w)
		tamper(t, d, `delete from audit where seq > 3`, `update counter set n = 3 where name = 'audit'`)
		if _, err := audit.Verify(t.Context(), d, &audit.Heads{}); err != nil {
			t.Fatalf("the log by itself: got %v, want it whole", err)
		}
		_, err := audit.Verify(t.Context(), d, heads(t, folder))
		if broken, ok := errors.AsType[*audit.Broken](err); !ok || broken.Seq != 4 {
			t.Errorf("got %v, want entry 4", err)
		}
		if err := w.Note(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("the witness: got %v, want %v", err, audit.ErrBroken)
		}
		write(t, d, 2) // as many again
		_, err = audit.Verify(t.Context(), d, heads(t, folder))
		if broken, ok := errors.AsType[*audit.Broken](err); !ok || broken.Seq != 5 {
			t.Errorf("with other entries in their place: got %v, want entry 5", err)
		}
	})
}

func TestOnlyWhatAKnownKeySignedIsAHead(t *testing.T) {
	d := dbtest.SQLite(t)
	folder, other := t.TempDir(), t.TempDir()
	write(t, d, 3)
	note(t, audit.NewWitness(d, folder, d.Now))
	note(t, audit.NewWitness(d, other, d.Now))
	good := fileOf(t, folder)
	for name, text := range map[string]string{
		"another key":    fileOf(t, other),
		"another number": strings.Replace(good, `"seq":3`, `"seq":2`, 1),
		"another seal":   strings.Replace(good, `"seal":"`, `"seal":"0`, 1),
		"another time":   strings.Replace(good, `"at":"2`, `"at":"3`, 1),
		"no signature":   strings.Replace(good, `"signature":"`, `"signature":"zz`, 1),
	} {
		if _, err := readHeads(t, folder, good+text); !errors.Is(err, audit.ErrHead) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v, want %v in line 2", name, err, audit.ErrHead)
		}
	}
	tamper(t, d, `update audit set by = 99 where seq = 3`)
	reseal(t, d)
	note(t, audit.NewWitness(d, folder, d.Now)) // a program that was started anew
	if _, err := readHeads(t, folder, fileOf(t, folder)); !errors.Is(err, audit.ErrHead) {
		t.Errorf("two seals of one entry: got %v, want %v", err, audit.ErrHead)
	}
}

func TestHeadsAreReadFromALogTooAndAfterATornLine(t *testing.T) {
	d := dbtest.SQLite(t)
	folder := t.TempDir()
	write(t, d, 2)
	note(t, audit.NewWitness(d, folder, d.Now))
	line := fileOf(t, folder)
	path := filepath.Join(folder, audit.HeadsFile)
	if err := os.WriteFile(path, []byte(line+line[:len(line)/2]), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, d, 2)
	note(t, audit.NewWitness(d, folder, d.Now))
	all := heads(t, folder)
	if seq, _ := all.Last(); all.Count != 2 || seq != 4 {
		t.Errorf("after a torn line: %d heads, the last of %d, want 2 and 4", all.Count, seq)
	}
	var h audit.Head
	if err := json.Unmarshal([]byte(line), &h); err != nil {
		t.Fatal(err)
	}
	log := "2026/03/20 12:00:00 INFO ready\n" +
		fmt.Sprintf("2026/03/20 12:00:00 INFO audit head seq=%d seal=%s at=%s key=%s signature=%s\n", h.Seq, h.Seal, h.At, h.Key, h.Signature) +
		`web-1 {"time":"2026-03-20T12:00:00Z","level":"INFO","msg":"audit head",` + line[1:]
	if all, err := readHeads(t, folder, log); err != nil || all.Count != 2 {
		t.Errorf("from logs: got %+v, %v, want 2 heads", all, err)
	}
	for name, mode := range map[string]os.FileMode{"audit.key": 0o600, audit.HeadsFile: 0o600} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: got %v, %v, want %v", name, info.Mode(), err, mode)
		}
	}
}
