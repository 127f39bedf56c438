// Package dbtest gives tests real, migrated databases on both engines. It is
// for tests only.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
)

// Variable names the environment variable with the URL of a PostgreSQL server
// on which tests may create databases.
const Variable = "BROADSHEET_TEST_POSTGRES"

// Both runs a test on SQLite in a temporary folder and on PostgreSQL in a
// database of its own. Without a PostgreSQL server the test fails: neither
// engine is optional.
func Both(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns a new, migrated SQLite database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "broadsheet.db"))
}

// Postgres returns a new, migrated PostgreSQL database.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// Ahead returns a new, migrated PostgreSQL database whose clock is ahead of this
// machine's.
func Ahead(t testing.TB, by time.Duration) *db.DB {
	t.Helper()
	target := PostgresURL(t)
	clock := fmt.Sprintf(`create function ahead.clock_timestamp() returns timestamptz language sql
		as $$ select pg_catalog.clock_timestamp() + interval '%d seconds' $$`, int(by.Seconds()))
	if err := run(t.Context(), target, `create schema ahead`, clock); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	query := at.Query()
	query.Set("search_path", "ahead,pg_catalog,public")
	at.RawQuery = query.Encode()
	return open(t, at.String())
}

// PostgresURL creates an empty database and returns its address. It is dropped
// when the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		t.Fatalf("%s is not set: `make test` starts a PostgreSQL and sets it", Variable)
	}
	at, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	name := fmt.Sprintf("t_%d_%s", os.Getpid(), strings.ToLower(fmt.Sprintf("%x", t.Name())))
	if len(name) > 50 {
		name = name[:20] + name[len(name)-30:]
	}
	if err := run(t.Context(), server, `drop database if exists "`+name+`"`, `create database "`+name+`"`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(context.Background(), server, `drop database if exists "`+name+`" with (force)`); err != nil {
			t.Error(err)
		}
	})
	at.Path = "/" + name
	return at.String()
}

// run sends statements that stand outside transactions.
func run(ctx context.Context, server string, statements ...string) error {
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer admin.Close()
	for _, statement := range statements {
		if _, err := admin.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func open(t testing.TB, target string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}
