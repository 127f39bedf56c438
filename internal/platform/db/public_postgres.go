package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// PublicRole is the role of PostgreSQL that may read what is public.
const PublicRole = "broadsheet_public"

// publicLock is held by who changes the role's rights: two at once disturb each
// other.
const publicLock = 0x62726f6164

// notPermitted is the SQLSTATE of what an account may not do.
const notPermitted = "42501"

// viewing are the options of a transaction that sees one moment.
var viewing = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}

// openPublic opens the connections for readers. Each takes the role as it is
// made, where there is one.
func openPublic(settings pgx.ConnConfig) *sql.DB {
	return stdlib.OpenDB(settings, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `select set_config('role', rolname, false) from pg_roles where rolname = $1 and pg_has_role(current_user, oid, 'member')`, PublicRole)
		return err
	}))
}

// PublicNarrowed tells whether Public can read nothing but what is public.
func (d *DB) PublicNarrowed(ctx context.Context) (narrowed bool, err error) {
	if d.engine == SQLite {
		return true, nil
	}
	err = d.Public(ctx, func(tx *Tx) (err error) {
		narrowed, err = Find(tx, Value[bool], `select current_user = $1`, PublicRole)
		return err
	})
	return narrowed, err
}

// grantPublic lets the role read what is public. An account that may not make
// roles goes on without one.
func (d *DB) grantPublic(ctx context.Context) error {
	err := d.Update(ctx, grantPublic)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == notPermitted {
		slog.Warn("the database's account may not make roles: pages for readers are read with all its rights", "role", PublicRole, "error", refused.Message)
		return nil
	}
	if err != nil {
		return fmt.Errorf("let readers read what is public: %w", err)
	}
	return nil
}

func grantPublic(tx *Tx) error {
	if _, err := tx.Exec(`select pg_advisory_xact_lock($1)`, int64(publicLock)); err != nil {
		return err
	}
	there, err := Has(tx, `select 1 from pg_roles where rolname = $1`, PublicRole)
	if err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(`create role ` + PublicRole + ` nologin`); err != nil {
			return err
		}
	}
	member, err := Find(tx, Value[bool], `select pg_has_role(current_user, $1, 'member')`, PublicRole)
	if err != nil {
		return err
	}
	if !member {
		if _, err := tx.Exec(`grant ` + PublicRole + ` to current_user`); err != nil {
			return err
		}
	}
	wrong, err := Find(tx, Value[int64], `select count(*) from pg_class
		where relnamespace = cast(current_schema() as regnamespace) and relkind in ('r', 'p', 'v', 'm')
		and has_table_privilege(cast($1 as text), oid, 'select') <> (relname = any(cast($2 as text[])))`, PublicRole, public)
	if err != nil || wrong == 0 {
		return err
	}
	schema, err := Find(tx, Value[string], `select quote_ident(current_schema())`)
	if err != nil {
		return err
	}
	for _, rights := range []string{
		`revoke all on all tables in schema ` + schema + ` from `,
		`grant usage on schema ` + schema + ` to `,
		`grant select on ` + strings.Join(public, ", ") + ` to `,
	} {
		if _, err := tx.Exec(rights + PublicRole); err != nil {
			return err
		}
	}
	return nil
}
