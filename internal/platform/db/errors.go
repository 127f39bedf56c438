package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The kinds of errors that callers choose by. The engine's own error stays
// wrapped inside for the log.
var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the row would be a second one of its kind.
	ErrConflict = errors.New("already there")
	// ErrUnavailable says that the database does not answer, or is locked by
	// another program.
	ErrUnavailable = errors.New("the database does not answer")
	// ErrFull says that the disk is full.
	ErrFull = errors.New("the disk is full")
	// ErrDamaged says that the file is not a database, or a broken one.
	ErrDamaged = errors.New("the database is damaged, or is not one")
	// ErrNewer says that a newer program wrote the database.
	ErrNewer = errors.New("the database belongs to a newer version of this program")
)

// errHeld is the ErrUnavailable of a file that another program has locked.
var errHeld = fmt.Errorf("%w: another program holds it", ErrUnavailable)

// kind wraps an engine's error with the kind that callers know.
func kind(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if k := kindOf(err); k != nil {
		return fmt.Errorf("%w: %w", k, err)
	}
	return err
}

func kindOf(err error) error {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var refused *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, syscall.ENOSPC):
		return ErrFull
	case errors.As(err, &lite):
		return kindOfSQLite(lite)
	case errors.As(err, &pg):
		return kindOfPostgres(pg.Code)
	case errors.As(err, &refused), errors.As(err, &network), pgconn.SafeToRetry(err),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrUnavailable
	}
	return nil
}

// isNoTransaction tells SQLite's word that there is nothing to roll back.
func isNoTransaction(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_ERROR
}

func kindOfSQLite(err *sqlite.Error) error {
	switch code := err.Code(); code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return errHeld
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return ErrUnavailable
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	case sqlite3.SQLITE_CONSTRAINT:
		if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY {
			return ErrConflict
		}
	}
	return nil
}

// kindOfPostgres follows PostgreSQL's table of SQLSTATE codes: class 08 is a
// lost connection, 57P the server going away, 53 a lack of resources, 25006 a
// server that has become a standby, 55P03 and 25P03 waits that took too long,
// 40 a transaction that met another.
func kindOfPostgres(code string) error {
	switch {
	case code == "23505":
		return ErrConflict
	case code == "53100":
		return ErrFull
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "40"),
		code == "28P01", code == "3D000", code == "25006", code == "55P03", code == "25P03":
		return ErrUnavailable
	}
	return nil
}
