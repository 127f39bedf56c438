package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
)

// looked is what the doctor finds in an open newsroom, by check: the worst.
func looked(t *testing.T, n *Newsroom) map[string]Finding {
	t.Helper()
	d := &doctor{ctx: t.Context(), config: n.config, data: n.folder(), now: time.Now, db: n.DB}
	d.folder()
	d.examine()
	d.store(n.Media)
	worst := map[string]Finding{}
	rank := map[string]int{OK: 1, Warn: 2, Fail: 3}
	for _, f := range d.found {
		if f.Message == "" || (f.Severity == OK) != (f.Remedy == "") {
			t.Errorf("a finding does not say what to do: %+v", f)
		}
		if rank[f.Severity] > rank[worst[f.Check].Severity] {
			worst[f.Check] = f
		}
	}
	return worst
}

func TestTheDoctorFindsEachFaultAndNothingElse(t *testing.T) {
	now := time.Now()
	minutes := func(n int) int64 { return now.Add(-time.Duration(n) * time.Minute).UnixMilli() }
	faults := []struct {
		check, severity, word string
		statement             string
		args                  []any
	}{
		{"jobs", Warn, "it broke", `insert into job (id, kind, payload, run_at, attempts, lease_until, lease_by, failure, done_at) values (1, 'x', '', $1, 3, 0, '', 'it broke', 0)`, []any{minutes(1)}},
		{"jobs", Warn, "2 hours", `insert into job (id, kind, payload, run_at, attempts, lease_until, lease_by, failure, done_at) values (1, 'x', '', $1, 0, 0, '', '', 0)`, []any{minutes(120)}},
		{"receipts", Fail, "not seen", `insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines) values (1, 1, 1, 'x', $1, $1, 0, 'failed', '[]')`, []any{minutes(5)}},
		{"receipts", Warn, "not proven", `insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines) values (1, 1, 1, 'x', $1, $1, 0, 'open', '[]')`, []any{minutes(20)}},
		{"receipts", Warn, "The node b did not answer", `insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines, silent) values (1, 1, 1, 'x', $1, $1, $1, 'seen', '[]', '["b"]')`, []any{minutes(20)}},
		{"outbox", Warn, "nobody tidies", `insert into outbox (seq, at, kind, tags, purge) values (1000000, $1, 'x', '[]', false)`, []any{minutes(60 * 24 * 30)}},
		{"nodes", Warn, "silent", `insert into node (id, name, address, started_at, seen_at, read_to, skew) values (1, 'b', '', 0, $1, 1000000, 0)`, []any{minutes(3)}},
		{"nodes", Fail, "clock", `insert into node (id, name, address, started_at, seen_at, read_to, skew) values (1, 'b', '', 0, $1, 1000000, -5000)`, []any{minutes(-9)}},
		{"nodes", Warn, "behind", `insert into node (id, name, address, started_at, seen_at, read_to, skew) values (1, 'b', '', 0, $1, -5000, 0)`, []any{minutes(-9)}},
		{"schedule", Fail, "no section", `insert into planned (story, at, sequence, by, kind, note, job, failure) values (1, $1, 1, 1, '', '', 1, 'It has no section.')`, []any{minutes(-60)}},
		{"schedule", Fail, "late", `insert into planned (story, at, sequence, by, kind, note, job, failure) values (1, $1, 1, 1, '', '', 1, '')`, []any{minutes(10)}},
		{"webhooks", Warn, "answered 500", `insert into delivery (id, webhook, event, subject, payload, at, attempts, status, failure, due_at, done_at) values (1, 1, 'x', 0, '', $1, 9, 500, 'It answered 500.', $1, $1)`, []any{minutes(10)}},
		{"backup", Warn, "3 days", `insert into backup (id, at, place, bytes, hash) values (1, $1, 'x', 1, 'x')`, []any{minutes(60 * 73)}},
		{"search", Fail, "can be searched", `insert into search_entry (document, story, edition, batch, state, version, facets) values (1, 1, 'en', 0, 1, 1, '')`, nil},
		{"schema", Fail, "knows", `insert into goose_db_version (version_id, is_applied) values (99999, true)`, nil},
	}
	onBoth(t, func(t *testing.T, n *Newsroom) {
		for check, f := range looked(t, n) {
			if f.Severity != OK && !(check == "backup" && f.Severity == Warn) && check != "space" {
				t.Errorf("a new newsroom: %+v", f)
			}
		}
		for _, fault := range faults {
			statement := fault.statement
			if n.DB.Engine() == db.Postgres {
				statement = strings.Replace(statement, "edition, batch) values (1, 1, 'en', 0)", "edition, batch, words) values (1, 1, 'en', 0, '')", 1)
			}
			err := n.DB.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(statement, fault.args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			found := looked(t, n)
			if f := found[fault.check]; f.Severity != fault.severity || !strings.Contains(f.Message, fault.word) {
				t.Errorf("got %+v, want %s: %s", f, fault.check, fault.word)
			}
			for check, f := range found {
				if check != fault.check && check != "backup" && check != "space" && f.Severity != OK {
					t.Errorf("after %s: %+v", fault.check, f)
				}
			}
			table := strings.Fields(statement)[2]
			err = n.DB.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(map[string]string{
					"job": `delete from job`, "receipt": `delete from receipt`, "outbox": `delete from outbox`, "node": `delete from node`, "planned": `delete from planned`,
					"delivery": `delete from delivery`, "backup": `delete from backup`, "search_entry": `delete from search_entry`, "goose_db_version": `delete from goose_db_version where version_id = 99999`,
				}[table])
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTheDoctorNamesTheNodes(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		want := []string{"No node reports itself.", "1 node reports itself: b:8080.", "2 nodes report themselves: a:8080, b:8080."}
		for at, name := range []string{"", "b:8080", "a:8080"} {
			if n.DB.Engine() == db.SQLite {
				want[at] = "A newsroom in SQLite is served by one program alone."
			} else if name != "" {
				err := n.DB.Update(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(`insert into node (id, name, address, started_at, seen_at, read_to, skew) values ($1, $2, '', 0, $3, 1000000, 0)`, at, name, time.Now().Add(time.Hour).UnixMilli())
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if f := looked(t, n)["nodes"]; f.Severity != OK || f.Message != want[at] {
				t.Errorf("got %+v, want %q", f, want[at])
			}
		}
	})
}

func TestTheDoctorLooksAtTheFolderToo(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		data := n.folder()
		if err := os.WriteFile(filepath.Join(data, FileName), []byte("database = 'postgres://paper:secret@db/paper'"), 0o644); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["folder"]; f.Severity != Warn || !strings.Contains(f.Message, "password") {
			t.Errorf("got %+v", f)
		}
		if err := errors.Join(os.Chmod(filepath.Join(data, FileName), 0o600), os.Chmod(data, 0o777)); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["folder"]; f.Severity != Fail || !strings.Contains(f.Message, "Anybody") {
			t.Errorf("got %+v", f)
		}
		if err := os.Chmod(data, 0o755); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["folder"]; f.Severity != Warn || f.Remedy != "chmod 700 "+data {
			t.Errorf("got %+v", f)
		}
		if err := os.Chmod(data, 0o750); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["folder"]; f.Severity != OK {
			t.Errorf("got %+v", f)
		}
		file := filepath.Join(data, DatabaseFile)
		shared, err := os.OpenFile(file+"-shm", os.O_CREATE|os.O_RDWR, 0o600) // an engine without files has none
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(shared.Close(), os.Chmod(file+"-shm", 0o644)); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["folder"]; f.Severity != Warn || f.Remedy != "chmod 600 "+file+"-shm" {
			t.Errorf("got %+v", f)
		}
		if err := os.Chmod(file+"-shm", 0o600); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.RemoveAll(filepath.Join(data, "media")), os.WriteFile(filepath.Join(data, "media"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if f := looked(t, n)["media"]; f.Severity != Fail {
			t.Errorf("got %+v", f)
		}
	})
}

func TestTheDoctorLooksAtWhatIsServed(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		look := Config{Data: c.Data, Database: c.Database}
		c.TLS, _ = certified(t, c.Data, "paper.example", time.Now().AddDate(0, 0, 5))
		c.Theme, c.Bus = t.TempDir(), "nats://"+freePort(t)
		serving(t, c)
		found := map[string]Finding{}
		for _, f := range Doctor(t.Context(), look) {
			found[f.Check] = f
		}
		if f := found["certificate"]; f.Severity != Warn || !strings.Contains(f.Message, "ends in") {
			t.Errorf("got %+v", found)
		}
		if f := found["bus"]; f.Severity != Warn || f.Remedy == "" {
			t.Errorf("got %+v", f)
		}
		if err := errors.Join(os.Mkdir(filepath.Join(c.Theme, "templates"), 0o755), os.WriteFile(filepath.Join(c.Theme, "templates", "front.html"), []byte("{{ if }}"), 0o644)); err != nil {
			t.Fatal(err)
		}
		for _, f := range Doctor(t.Context(), look) {
			found[f.Check] = f
		}
		if f := found["theme"]; f.Severity != Fail {
			t.Errorf("got %+v", f)
		}
	})
}
