package db_test

import (
	"net/url"
	"slices"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// forReaders is what a hole in a page for readers may give away, said a second
// time so that it is not widened in passing.
var forReaders = []string{
	"address", "asset", "author", "author_name", "author_slug", "batch", "edition", "front", "live_author", "live_topic", "most_viewed",
	"old_address", "public_text", "published", "redacted", "search_document", "search_entry", "search_text", "search_word", "section", "section_front", "topic", "topic_name", "topic_slug",
	"version", "withdrawn",
}

func TestReadersReachNothingButWhatIsPublic(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		tables := []string{"published", "public_text"}
		err := d.View(t.Context(), func(tx *db.Tx) error {
			all, err := db.Tables(tx)
			for _, table := range all {
				tables = append(tables, table.Name)
			}
			return err
		})
		if err != nil || len(tables) < 40 {
			t.Fatalf("%d tables, %v", len(tables), err)
		}
		for _, table := range tables {
			read := func(tx *db.Tx) error {
				_, err := db.Has(tx, `select * from `+table)
				return err
			}
			if err := d.Public(t.Context(), read); slices.Contains(forReaders, table) != (err == nil) {
				t.Errorf("%s for readers: %v", table, err)
			}
			// The desk's connections are not narrowed by the readers'.
			if err := d.View(t.Context(), read); err != nil {
				t.Errorf("%s for the desk: %v", table, err)
			}
		}
		for _, statement := range []string{
			`update edition set content = ''`, `delete from live`, `delete from topic`, `create table hole (id bigint)`, `drop table live`,
			`insert into token (id, staff, hash, label, scopes, created_at, expires_at, revoked_at) values (1, 1, '', '', '', 0, 0, 0)`,
		} {
			err := d.Public(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if err == nil {
				t.Errorf("%s: done", statement)
			}
		}
		if narrowed, err := d.PublicNarrowed(t.Context()); err != nil || !narrowed {
			t.Errorf("narrowed %v, %v", narrowed, err)
		}
	})
}

// TestAnAccountThatMayMakeNoRolesServesWithoutOne also gives it the role, as the
// doctor advises.
func TestAnAccountThatMayMakeNoRolesServesWithoutOne(t *testing.T) {
	owner, target, role, end := guest(t, "plain", "pg_read_all_data, pg_write_all_data")
	defer end()
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.User(role)
	narrowed := func() bool {
		plain, err := db.Open(t.Context(), at.String())
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		if err := plain.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		narrowed, err := plain.PublicNarrowed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return narrowed
	}
	if narrowed() {
		t.Error("it has the role that nobody gave it")
	}
	change(t, owner, `grant `+db.PublicRole+` to `+role)
	if !narrowed() {
		t.Error("it does not use the role that it was given")
	}
}
