package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// textsToCopy are texts that have been changed on the way elsewhere.
var textsToCopy = []string{
	"", "a\u2028b\u2029c", "\u202eright to left\u202c می‌روم العربيّة", "👩‍👩‍👧 e\u0301 é \ufb01", `union select "x" \ \u0041 \\u0041 {"base64":"AA=="}`,
	"\x01\x1f\t\r\n\x7f", `'; drop table story; --`, "\U0010ffff\ufeff\u00a0", strings.Repeat("ß", 300_000), "null", "[1]", "\ufffd",
}

func tables(t *testing.T, d *db.DB) (all []db.Table) {
	t.Helper()
	err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.Tables(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBothEnginesHaveTheSameCatalog(t *testing.T) {
	lite, pg := tables(t, dbtest.SQLite(t)), tables(t, dbtest.Postgres(t))
	if len(lite) < 30 || len(lite) != len(pg) {
		t.Fatalf("SQLite has %d tables, PostgreSQL %d", len(lite), len(pg))
	}
	for n := range lite {
		if !lite[n].Same(pg[n]) || !slices.Equal(lite[n].Key, pg[n].Key) {
			t.Errorf("SQLite has %+v,\nPostgreSQL %+v", lite[n], pg[n])
		}
	}
}

// fill writes rows of every type, their keys in no order.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	numbers := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1<<53 + 1}
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for _, n := range rand.Perm(len(textsToCopy)) {
			text := textsToCopy[n]
			if err := put(tx, fmt.Sprintf("%.100s%d", text, n), text); err != nil {
				return err
			}
			_, err := tx.Exec(`insert into outbox (seq, at, kind, tags, purge) values ($1, $2, $3, '[]', $4)`,
				int64(5-n)*7919, numbers[n%len(numbers)], text, n%2 == 0)
			if err != nil {
				return err
			}
			_, err = tx.Exec(`insert into address (edition, slug, story) values ($1, $2, $3)`, []string{"fa", "en", "İ"}[n%3], fmt.Sprintf("%.50s%d", text, n), n)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dump is every row of a database, table by table.
func dump(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := d.View(t.Context(), func(tx *db.Tx) error {
		list, err := db.Tables(tx)
		for _, table := range list {
			var lines bytes.Buffer
			err = errors.Join(err, db.Dump(tx, table, func(line []byte) error {
				lines.Write(append(line, '\n'))
				return nil
			}))
			all[table.Name] = lines.String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func loadAll(t *testing.T, d *db.DB, all map[string]string) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		list, err := db.Tables(tx)
		for _, table := range list {
			err = errors.Join(err, db.Empty(tx, table), db.Load(tx, table, []byte(all[table.Name])))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestACopyIsTheSameToTheByteOnBothEnginesAndAcross(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, from *db.DB) {
		fill(t, from)
		want := dump(t, from)
		if n := strings.Count(want["outbox"], "\n"); n != len(textsToCopy) {
			t.Fatalf("%d rows of %d were told", n, len(textsToCopy))
		}
		dbtest.Both(t, func(t *testing.T, into *db.DB) {
			loadAll(t, into, want)
			for name, got := range dump(t, into) {
				if got != want[name] {
					t.Errorf("%s: got %.300s, want %.300s", name, got, want[name])
				}
			}
			err := into.View(t.Context(), func(tx *db.Tx) error {
				for n, text := range textsToCopy {
					got, err := db.Find(tx, db.Value[string], `select value from setting where name = $1`, fmt.Sprintf("%.100s%d", text, n))
					if err != nil || got != text {
						t.Errorf("got %.60q, %v, want %.60q", got, err, text)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestATextThatIsNoUTF8IsKeptWhereItCanBe(t *testing.T) {
	from := dbtest.SQLite(t)
	bad := "caf\xe9 \x00\xff"
	if err := from.Update(t.Context(), func(tx *db.Tx) error { return put(tx, "bad", bad) }); err != nil {
		t.Fatal(err)
	}
	all := dump(t, from)
	into := dbtest.SQLite(t)
	loadAll(t, into, all)
	err := into.View(t.Context(), func(tx *db.Tx) error {
		got, err := db.Find(tx, db.Value[string], `select value from setting where name = 'bad'`)
		if got != bad {
			t.Errorf("got %q, want %q", got, bad)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pg := dbtest.Postgres(t)
	err = pg.Update(t.Context(), func(tx *db.Tx) error {
		list, err := db.Tables(tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(t db.Table) bool { return t.Name == "setting" })
		return db.Load(tx, list[at], []byte(all["setting"]))
	})
	if err == nil || !strings.Contains(err.Error(), "no UTF-8") {
		t.Errorf("PostgreSQL: got %v", err)
	}
}

func TestRowsOfAnotherShapeAreRefused(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, lines := range []string{"[\"a\"]\n", "[\"a\",\"b\",\"c\"]\n", "[\"a\",\"b\"]\n[]\n", "{}\n", "nonsense\n"} {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				return db.Load(tx, db.Table{Name: "setting", Columns: []db.Column{{Name: "name", Type: "text"}, {Name: "value", Type: "text"}}}, []byte(lines))
			})
			if err == nil {
				t.Errorf("%q was taken", lines)
			}
		}
	})
}

func TestASchemaStopsWhereACopyWasMade(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { stopAtSchema(t, t.TempDir()+"/x.db") })
	t.Run("postgres", func(t *testing.T) { stopAtSchema(t, dbtest.PostgresURL(t)) })
}

func stopAtSchema(t *testing.T, target string) {
	d, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.MigrateTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if has, _, err := d.Version(t.Context()); has != 3 || err != nil {
		t.Errorf("got schema %d, %v, want 3", has, err)
	}
	if err := d.MigrateTo(t.Context(), 2); err == nil {
		t.Error("it went back")
	}
	if err := d.MigrateTo(t.Context(), 99999); !errors.Is(err, db.ErrNewer) {
		t.Errorf("got %v, want %v", err, db.ErrNewer)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}
