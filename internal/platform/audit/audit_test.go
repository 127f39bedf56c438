package audit_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, d *db.DB, count int) {
	t.Helper()
	var writers sync.WaitGroup
	for n := range count {
		writers.Go(func() {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				audit.Append(tx, audit.Entry{At: noon, By: int64(n), Act: "story.publish", Subject: fmt.Sprint("story:", n), Detail: `{"version":1}`})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
}

func TestTheLogOfManyWritersIsWhole(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		write(t, d, 40)
		if n, err := audit.Verify(t.Context(), d, &audit.Heads{}); n != 40 || err != nil {
			t.Errorf("got %d entries, %v; want 40", n, err)
		}
	})
}

func TestAnActThroughATokenNamesIt(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		details := map[string]string{`{"version":1}`: `{"token":"9007199254740993","version":1}`, "": `{"token":"9007199254740993"}`}
		for detail, want := range details {
			err := d.Update(audit.Through(t.Context(), 9007199254740993), func(tx *db.Tx) error {
				audit.Append(tx, audit.Entry{At: noon, By: 1, Act: "story.publish", Subject: want, Detail: detail})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.View(t.Context(), func(tx *db.Tx) error {
				got, err := db.Find(tx, db.Value[string], `select detail from audit where subject = $1`, want)
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := audit.Verify(t.Context(), d, &audit.Heads{}); n != 2 || err != nil {
			t.Errorf("got %d entries, %v; want 2", n, err)
		}
	})
}

func TestAnActThatFailedIsNotLogged(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		no := errors.New("no")
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			audit.Append(tx, audit.Entry{At: noon, Act: "a", Subject: "b"})
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		if n, err := audit.Verify(t.Context(), d, &audit.Heads{}); n != 0 || err != nil {
			t.Errorf("got %d entries, %v; want none", n, err)
		}
	})
}

func TestEveryTamperingIsFoundWithItsPlace(t *testing.T) {
	tampers := []struct {
		statement string
		at        int64
	}{
		{`update audit set by = 7 where seq = 3`, 3},
		{`update audit set at = at + 1 where seq = 1`, 1},
		{`update audit set act = 'x' where seq = 5`, 5},
		{`update audit set subject = 'x' where seq = 2`, 2},
		{`update audit set detail = '' where seq = 4`, 4},
		{`update audit set hash = '00' where seq = 5`, 5},
		{`delete from audit where seq = 2`, 2},
		{`delete from audit where seq = 5`, 5},
		{`insert into audit (seq, at, by, act, subject, detail, hash) values (6, 0, 0, '', '', '', '')`, 6},
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, tamper := range tampers {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				for _, statement := range []string{`delete from audit`, `update counter set n = 0 where name = 'audit'`} {
					if _, err := tx.Exec(statement); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			write(t, d, 5)
			err = d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(tamper.statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = audit.Verify(t.Context(), d, &audit.Heads{})
			if broken, ok := errors.AsType[*audit.Broken](err); !ok || broken.Seq != tamper.at {
				t.Errorf("%s: got %v, want entry %d", tamper.statement, err, tamper.at)
			}
		}
	})
}
