package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func put(tx *db.Tx, name, value string) error {
	_, err := tx.Exec(`insert into setting (name, value) values ($1, $2)`, name, value)
	return err
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		no, after := errors.New("no"), false
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { after = true })
			if err := put(tx, "a", "1"); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatalf("got %v, want %v", err, no)
		}
		err = d.View(t.Context(), func(tx *db.Tx) error {
			_, err := db.Find(tx, db.Value[string], `select value from setting where name = $1`, "a")
			return err
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want %v", err, db.ErrNotFound)
		}
		if after {
			t.Error("AfterCommit ran without a commit")
		}
	})
}

func TestASecondRowOfItsKindIsAConflict(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := put(tx, "a", "1"); err != nil {
				return err
			}
			return put(tx, "a", "2")
		})
		if !errors.Is(err, db.ErrConflict) {
			t.Errorf("got %v, want %v", err, db.ErrConflict)
		}
	})
}

func TestTextComesBackByteForByte(t *testing.T) {
	texts := []string{"", "می‌روم", "O'Brien \"union select\" -- 100% $1 ?", "😀‍👩\u2028\u2029", strings.Repeat("é", 100_000), "\t\n"}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, text := range texts {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(`delete from setting where name = $1`, "text"); err != nil {
					return err
				}
				if err := put(tx, "text", text); err != nil {
					return err
				}
				got, err := db.Find(tx, db.Value[string], `select value from setting where name = $1`, "text")
				if got != text {
					t.Errorf("got %.60q, want %.60q", got, text)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAViewMustNotWrite(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		err := d.View(t.Context(), func(tx *db.Tx) error { return put(tx, "a", "1") })
		if err == nil {
			t.Error("a view wrote")
		}
	})
}

func TestManyWritersWaitTheirTurn(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var writers sync.WaitGroup
		for range 8 {
			writers.Go(func() {
				for range 25 {
					err := d.Update(t.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(`update counter set n = n + 1 where name = 'node'`)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		d.View(t.Context(), func(tx *db.Tx) error {
			n, err := db.Find(tx, db.Value[int64], `select n from counter where name = 'node'`)
			if n != 200 {
				t.Errorf("got %d, want 200", n)
			}
			return err
		})
	})
}

func TestAListTravelsInOneParameter(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		d.View(t.Context(), func(tx *db.Tx) error {
			got, err := db.List(tx, db.Value[int64], `select cast(value as bigint) as id from json_each(cast($1 as text)) order by id`, `[3,1,9007199254740993]`)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 3 || got[2] != 9007199254740993 {
				t.Errorf("got %v", got)
			}
			return nil
		})
	})
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`insert into goose_db_version (version_id, is_applied) values (99999, true)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); !errors.Is(err, db.ErrNewer) {
			t.Errorf("got %v, want %v", err, db.ErrNewer)
		}
	})
}

func TestWhatIsNoDatabaseIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.db")
	letter := strings.Repeat("Dear editor, this is no database. ", 100)
	if err := os.WriteFile(path, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), path)
	if err == nil {
		err = d.Migrate(t.Context())
		d.Close()
	}
	if !errors.Is(err, db.ErrDamaged) {
		t.Errorf("got %v, want %v", err, db.ErrDamaged)
	}
	if got, _ := os.ReadFile(path); string(got) != letter {
		t.Error("the file was changed")
	}
}

func TestAServerThatIsNotThereIsUnavailable(t *testing.T) {
	_, err := db.Open(t.Context(), "postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=2")
	if !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, db.ErrUnavailable)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Error("the password is in the message")
	}
}

func TestAnAskerWhoGoesLeavesTheDatabaseUsable(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for n := range 200 {
			ctx, gone := context.WithCancel(t.Context())
			var both sync.WaitGroup
			both.Go(gone)
			both.Go(func() {
				d.Update(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec(`update counter set n = n + 1 where name = 'node'`)
					return err
				})
			})
			both.Go(func() {
				d.View(ctx, func(tx *db.Tx) error {
					_, err := db.Find(tx, db.Value[int], `select n from counter where name = 'node'`)
					return err
				})
			})
			both.Wait()
			if err := d.Update(t.Context(), func(tx *db.Tx) error { return put(tx, fmt.Sprint(n), "") }); err != nil {
				t.Fatalf("after %d askers: %v", n+1, err)
			}
			if err := d.Ping(t.Context()); err != nil {
				t.Fatalf("after %d askers: %v", n+1, err)
			}
		}
	})
}

func TestAClosedDatabaseIsUnavailableAtOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := d.Ping(context.Background()); !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("got %v, want %v", err, db.ErrUnavailable)
		}
	})
}
