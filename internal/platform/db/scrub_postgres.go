package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// statistics holds values of columns, such as the most common ones.
const statistics = "pg_statistic"

// scrub writes the tables anew and has the server move on to new files of its
// log.
func (s *server) scrub(ctx context.Context, tables []string, report *Scrubbed) error {
	conn, err := s.pool.Conn(ctx)
	if err != nil {
		return kind(err)
	}
	defer conn.Close()
	// Who waits for a table keeps all others from it: not for long at a time.
	if _, err := conn.ExecContext(ctx, "set lock_timeout = '2s'"); err != nil {
		return kind(err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "reset lock_timeout")
	return ended(ctx, scrubAll(ctx, conn, tables, report))
}

func scrubAll(ctx context.Context, conn *sql.Conn, tables []string, report *Scrubbed) error {
	if err := waitForOlder(ctx, conn, report); err != nil {
		return err
	}
	for _, table := range tables {
		if err := rewrite(ctx, conn, table, report); err != nil {
			return err
		}
	}
	// The statistics of before were only now replaced.
	if err := waitForOlder(ctx, conn, report); err != nil {
		return err
	}
	if err := rewrite(ctx, conn, statistics, report); err != nil {
		return err
	}
	return moveLog(ctx, conn, report)
}

// ended is the error of a context that has: the driver tells of it as of a lost
// connection.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// waitForOlder waits until nobody can see the rows as they were: a table that is
// written anew keeps those that somebody could still see.
func waitForOlder(ctx context.Context, conn *sql.Conn, report *Scrubbed) error {
	var now int64
	if err := conn.QueryRowContext(ctx, `select cast(cast(pg_current_xact_id() as text) as bigint)`).Scan(&now); err != nil {
		return kind(err)
	}
	done, err := patiently(ctx, func() (bool, error) {
		// Who began before may see the rows as they were; so may who began later,
		// as long as an older transaction writes, in whichever database.
		var gone bool
		err := conn.QueryRowContext(ctx, `select pg_snapshot_xmin(pg_current_snapshot()) > cast($1 as xid8)
			and not exists (select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
				and backend_xmin is not null and age(backend_xmin) >= age(cast(cast($1 as xid8) as xid)))`, fmt.Sprint(now)).Scan(&gone)
		return gone, kind(err)
	})
	if err != nil {
		return fmt.Errorf("look for transactions that still read what was: %w", err)
	}
	if !done {
		return fmt.Errorf("a transaction has been reading what was for more than %s: %w", tryFor, errRead)
	}
	return waitForFollowers(ctx, conn, now, report)
}

// olderFollowers names the standbys and replication slots for which the server
// keeps rows as they were before a transaction.
const olderFollowers = `select coalesce(string_agg(name, ', ' order by name), '') from (
	select 'the standby ' || application_name as name from pg_stat_replication
		where backend_xmin is not null and age(backend_xmin) >= age(cast(cast($1 as xid8) as xid))
	union select 'the replication slot ' || slot_name from pg_replication_slots
		where xmin is not null and age(xmin) >= age(cast(cast($1 as xid8) as xid))
			or catalog_xmin is not null and age(catalog_xmin) >= age(cast(cast($1 as xid8) as xid))) as held`

// waitForFollowers waits for standbys and replication slots too, which tell what
// they read every few seconds. One that does not move on holds nothing up, and
// is named.
func waitForFollowers(ctx context.Context, conn *sql.Conn, older int64, report *Scrubbed) error {
	held := ""
	done, err := patiently(ctx, func() (bool, error) {
		err := conn.QueryRowContext(ctx, olderFollowers, fmt.Sprint(older)).Scan(&held)
		return held == "", kind(err)
	})
	if err != nil {
		return fmt.Errorf("look for standbys that still read what was: %w", err)
	}
	if !done {
		report.leave("Rows as they were are kept in the files for who follows this server (%s): once it has moved on, or its slot is dropped, have a superuser run \"vacuum (full)\" on the whole database.", held)
	}
	return nil
}

// rewrite writes one table anew, with its indexes and statistics.
func rewrite(ctx context.Context, conn *sql.Conn, table string, report *Scrubbed) error {
	// A server skips, with a warning and no error, what a role may not.
	var may bool
	err := conn.QueryRowContext(ctx, `select pg_has_role(current_user, t.relowner, 'usage') or pg_has_role(current_user, d.datdba, 'usage') or r.rolsuper
		from pg_class t, pg_database d, pg_roles r
		where t.oid = to_regclass($1) and d.datname = current_database() and r.rolname = current_user`, pgx.Identifier{table}.Sanitize()).Scan(&may)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // there is no such table
	}
	if err != nil {
		return fmt.Errorf("ask who owns the table %s: %w", table, kind(err))
	}
	statement := strings.Join([]string{"vacuum (full, analyze)", pgx.Identifier{table}.Sanitize()}, " ")
	if table == statistics {
		statement = "vacuum (full) pg_statistic"
	}
	if !may {
		report.leave("This role may not write the table %s anew: have its owner run \"%s\".", table, statement)
		return nil
	}
	done, err := patiently(ctx, func() (bool, error) {
		_, err := conn.ExecContext(ctx, statement)
		if why, ok := errors.AsType[*pgconn.PgError](err); ok && why.Code == lockNotAvailable {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil && !done {
		err = fmt.Errorf("it was in use for more than %s: %w", tryFor, errHeld)
	}
	if err != nil {
		return fmt.Errorf("write the table %s anew: %w", table, kind(err))
	}
	report.did("written anew: " + table)
	return nil
}

// The SQLSTATE codes that a scrub knows.
const (
	lockNotAvailable      = "55P03"
	insufficientPrivilege = "42501"
)

// moveLog has the server begin a new file of its log and forget the old ones,
// as far as the role may, and says what becomes of those that are kept.
func moveLog(ctx context.Context, conn *sql.Conn, report *Scrubbed) error {
	for _, step := range []struct{ statement, done string }{
		{"checkpoint", "checkpoint"}, {"select pg_switch_wal()", "new file of the log"}, {"checkpoint", "checkpoint"},
	} {
		if _, err := conn.ExecContext(ctx, step.statement); err != nil {
			if why, ok := errors.AsType[*pgconn.PgError](err); !ok || why.Code != insufficientPrivilege {
				return fmt.Errorf("move on in the server's log: %w", kind(err))
			}
			report.leave("This role may not move the server on in its log: have a superuser run \"checkpoint; select pg_switch_wal(); checkpoint\".")
			break
		}
		report.did(step.done)
	}
	return logKept(ctx, conn, report)
}

// logKept says where old files of the log live on.
func logKept(ctx context.Context, conn *sql.Conn, report *Scrubbed) error {
	var recycle, archive string
	var slots, standbys int
	err := conn.QueryRowContext(ctx, `select current_setting('wal_recycle'), current_setting('archive_mode'),
		(select count(*) from pg_replication_slots), (select count(*) from pg_stat_replication)`).Scan(&recycle, &archive, &slots, &standbys)
	if err != nil {
		return fmt.Errorf("ask how the server keeps its log: %w", kind(err))
	}
	if recycle == "on" {
		report.leave("The server keeps old files of its log to write over them later (wal_recycle = on): what went stands in them until then. To be rid of it now, set wal_recycle = off, reload, and run \"checkpoint; select pg_switch_wal(); checkpoint\".")
	}
	if archive != "off" {
		report.leave("The server archives its log (archive_mode = %s): remove the archived files from before now, and the base backups that need them.", archive)
	}
	if slots+standbys > 0 {
		report.leave("%d standbys follow this server and %d replication slots hold its log: they have this redaction once they have read it; run a checkpoint on each.", standbys, slots)
	}
	return nil
}
