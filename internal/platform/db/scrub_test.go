package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// secret stands in no migration.
const secret = "zwiebelfisch"

// inFiles counts the files of a database in which the secret stands; false when
// this user may not look into them.
func inFiles(t *testing.T, d *db.DB) (count int, ok bool) {
	t.Helper()
	var paths []string
	if d.Engine() == db.SQLite {
		paths = []string{d.Place(), d.Place() + "-wal", d.Place() + "-shm"}
	} else {
		err := d.View(t.Context(), func(tx *db.Tx) error {
			folder, err := db.Find(tx, db.Value[string], `show data_directory`)
			if err != nil {
				return err
			}
			oid, err := db.Find(tx, db.Value[string], `select cast(oid as text) from pg_database where datname = current_database()`)
			paths, _ = filepath.Glob(filepath.Join(folder, "base", oid, "*"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) == 0 {
			return 0, false
		}
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(secret)) {
			count++
		}
	}
	return count, true
}

func change(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAScrubTakesWhatWasDeletedFromTheFiles(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for n := range 50 {
			change(t, d, `insert into setting (name, value) values ($1, $2)`, fmt.Sprint(n), strings.Repeat(secret+" ", 10*n))
		}
		change(t, d, `insert into setting (name, value) values ('kept', 'kept')`)
		if _, err := d.Scrub(t.Context(), []string{"setting"}); err != nil {
			t.Fatal(err)
		}
		if n, ok := inFiles(t, d); !ok {
			t.Skip("skipped: this user may not read the server's files")
		} else if n == 0 {
			t.Fatal("no file holds what is in the table: the test does not see the files, or the scrub took too much")
		}
		change(t, d, `delete from setting where name <> 'kept'`)
		if n, _ := inFiles(t, d); n == 0 {
			t.Fatal("what was deleted is gone without a scrub: the test sees nothing")
		}
		report, err := d.Scrub(t.Context(), []string{"setting", "no_such_table"})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := inFiles(t, d); n != 0 {
			t.Errorf("%d files still hold it; the scrub did %v", n, report.Done)
		}
		err = d.View(t.Context(), func(tx *db.Tx) error {
			got, err := db.List(tx, db.Value[string], `select value from setting limit 10`)
			if len(got) != 1 || got[0] != "kept" {
				t.Errorf("left are %v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAScrubWaitsForWhoReadsWhatWas(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		change(t, d, `insert into setting (name, value) values ('a', $1)`, strings.Repeat(secret, 100))
		reading, read := make(chan struct{}), make(chan struct{})
		ended := make(chan error)
		go func() {
			ended <- d.View(t.Context(), func(tx *db.Tx) error {
				if _, err := db.List(tx, db.Value[string], `select value from setting limit 10`); err != nil {
					return err
				}
				close(reading)
				<-read
				return nil
			})
		}()
		<-reading
		change(t, d, `delete from setting where name = 'a'`)
		ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer stop()
		if report, err := d.Scrub(ctx, []string{"setting"}); err == nil {
			t.Errorf("it did not wait: %v", report.Done)
		}
		close(read)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if _, err := d.Scrub(t.Context(), []string{"setting"}); err != nil {
			t.Fatal(err)
		}
		if n, ok := inFiles(t, d); ok && n != 0 {
			t.Errorf("%d files still hold it", n)
		}
	})
}

// TestAScrubThatWaitsLetsOthersWrite waits once more on a connection that waited
// before.
func TestAScrubThatWaitsLetsOthersWrite(t *testing.T) {
	d := dbtest.SQLite(t)
	if _, err := d.Scrub(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := d.View(t.Context(), func(tx *db.Tx) error {
		if _, err := db.List(tx, db.Value[string], `select value from setting limit 10`); err != nil {
			return err
		}
		change(t, d, `insert into setting (name, value) values ('a', '')`) // now the reader is behind
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		scrubbed := make(chan error)
		go func() {
			_, err := d.Scrub(ctx, nil)
			scrubbed <- err
		}()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for range 30 {
			<-tick.C
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Second) // of the ten that SQLite waits otherwise
			err := d.Update(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`update setting set value = value || 'x' where name = 'a'`)
				return err
			})
			stop()
			if err != nil {
				t.Errorf("while a scrub waits: %v", err)
				break
			}
		}
		stop()
		if err := <-scrubbed; !errors.Is(err, context.Canceled) {
			t.Errorf("the scrub did not wait: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsErasedIsOverwritten erases several times on one connection.
func TestWhatIsErasedIsOverwritten(t *testing.T) {
	d := dbtest.SQLite(t)
	for range 3 {
		change(t, d, `insert into setting (name, value) values ('a', $1)`, strings.Repeat(secret, 1000))
		err := d.Erase(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`delete from setting where name = 'a'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Close() // which moves the log into the file
	if n, _ := inFiles(t, d); n != 0 {
		t.Error("the file still holds it")
	}
	no := errors.New("no")
	d = dbtest.SQLite(t)
	if err := d.Erase(t.Context(), func(*db.Tx) error { return no }); !errors.Is(err, no) {
		t.Errorf("got %v, want %v", err, no)
	}
	change(t, d, `insert into setting (name, value) values ('b', '')`)
}

func TestAScrubSaysWhatItMayNotDo(t *testing.T) {
	_, target, role, end := guest(t, "scrub", "pg_read_all_data")
	defer end()
	guest, err := db.Open(t.Context(), target+"&role="+role)
	if err != nil {
		t.Fatal(err)
	}
	defer guest.Close()
	report, err := guest.Scrub(t.Context(), []string{"setting"})
	if err != nil {
		t.Fatal(err)
	}
	left := strings.Join(report.Left, "\n")
	for _, want := range []string{"the table setting", "the table pg_statistic", "pg_switch_wal"} {
		if !strings.Contains(left, want) {
			t.Errorf("it does not say that it could not do %s:\n%s", want, left)
		}
	}
	if len(report.Done) != 0 {
		t.Errorf("it says it did %v", report.Done)
	}
}

// guest migrates a new PostgreSQL and makes a role of a test that has some others'
// rights, until end.
func guest(t *testing.T, name, rights string) (owner *db.DB, target, role string, end func()) {
	t.Helper()
	target, role = dbtest.PostgresURL(t), fmt.Sprintf("t_%d_%s", os.Getpid(), name)
	owner, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	change(t, owner, `create role `+role+` login`)
	change(t, owner, `grant `+rights+` to `+role)
	return owner, target, role, func() {
		change(t, owner, `drop owned by `+role)
		change(t, owner, `drop role `+role)
		owner.Close()
	}
}
