package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Tx is one transaction. It is used by one goroutine and not after the
// function it was given to has returned.
type Tx struct {
	ctx    context.Context
	engine Engine
	on     connection
	before []func() error
	after  []func()
}

// connection is what a transaction's statements run on.
type connection interface {
	exec(ctx context.Context, statement string, args []any) (sql.Result, error)
	query(ctx context.Context, statement string, args []any) (*sql.Rows, error)
}

// Update runs fn in a transaction that may write. When fn returns an error
// nothing of it remains. What fn passed to AfterCommit runs once the
// transaction is durable.
func (d *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	if d.engine == SQLite {
		return d.gone(d.writing.run(ctx, fn))
	}
	return d.gone(d.server.run(ctx, d.server.pool, nil, fn))
}

// View runs fn in a transaction that sees one moment of the database and must
// not write.
func (d *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if d.engine == SQLite {
		return d.gone(d.reading.run(ctx, fn))
	}
	return d.gone(d.server.run(ctx, d.server.pool, viewing, fn))
}

// gone tells callers of a closed database that it does not answer.
func (d *DB) gone(err error) error {
	if err != nil && d.closed.Load() {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// server is a PostgreSQL; its driver keeps prepared statements itself.
type server struct {
	pool *sql.DB
	// public has connections that read what readers may.
	public *sql.DB
	// connections is how many each pool has at most.
	connections int
	// watch is the one connection that asks whether the server is there.
	watch    *sql.DB
	presence *presence
	// reachWithin is how long it may take to reach one of the hosts and to be
	// answered.
	reachWithin time.Duration
}

// renew closes the connections that nobody uses: after a silence they may lead
// nowhere.
func (s *server) renew() {
	for _, pool := range []*sql.DB{s.pool, s.public} {
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(s.connections)
	}
}

func (s *server) run(ctx context.Context, pool *sql.DB, options *sql.TxOptions, fn func(*Tx) error) error {
	err := s.try(ctx, pool, options, fn)
	if errors.Is(err, ErrUnavailable) && !errors.Is(err, errAway) { // what is known is no news
		s.presence.suspect()
	}
	return err
}

func (s *server) try(ctx context.Context, pool *sql.DB, options *sql.TxOptions, fn func(*Tx) error) error {
	// As on SQLite, ctx ends statements and not the transaction: what was asked
	// for and done is committed.
	whole, end, err := s.presence.join(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer end()
	inner, err := pool.BeginTx(whole, options)
	if err != nil {
		return fmt.Errorf("begin: %w", cut(whole, err))
	}
	defer inner.Rollback() // after a commit this does nothing
	statements, endStatements := context.WithCancelCause(ctx)
	defer endStatements(nil)
	defer context.AfterFunc(whole, func() { endStatements(context.Cause(whole)) })()
	tx := &Tx{ctx: statements, engine: Postgres, on: remote{inner}}
	if err := tx.run(fn); err != nil {
		if whole.Err() != nil {
			return cut(whole, err)
		}
		return err
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", cut(whole, err))
	}
	tx.committed()
	return nil
}

// cut is the kind of an error, for work that may have been cut short because the
// server went away.
func cut(whole context.Context, err error) error {
	if whole.Err() != nil {
		return fmt.Errorf("%w: %w", context.Cause(whole), err)
	}
	return kind(err)
}

// remote is a transaction on PostgreSQL.
type remote struct{ tx *sql.Tx }

func (r remote) exec(ctx context.Context, statement string, args []any) (sql.Result, error) {
	return r.tx.ExecContext(ctx, statement, args...)
}

func (r remote) query(ctx context.Context, statement string, args []any) (*sql.Rows, error) {
	return r.tx.QueryContext(ctx, statement, args...)
}

// run runs fn, and what it left for the end.
func (t *Tx) run(fn func(*Tx) error) error {
	if err := fn(t); err != nil {
		return err
	}
	for n := 0; n < len(t.before); n++ { // what runs last may leave more
		if err := t.before[n](); err != nil {
			return err
		}
	}
	return nil
}

// committed runs what waited for the transaction to be durable.
func (t *Tx) committed() {
	for _, run := range t.after {
		run()
	}
}

// Context is the one the transaction runs under.
func (t *Tx) Context() context.Context { return t.ctx }

// Engine tells which engine it is.
func (t *Tx) Engine() Engine { return t.engine }

// BeforeCommit has fn run within the transaction, when all else in it is done: it
// is for what takes a lock that others want too.
func (t *Tx) BeforeCommit(fn func() error) { t.before = append(t.before, fn) }

// AfterCommit has fn run when, and only when, the transaction is durable.
func (t *Tx) AfterCommit(fn func()) { t.after = append(t.after, fn) }

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(statement string, args ...any) (int64, error) {
	result, err := t.exec(statement, args)
	if err != nil {
		return 0, kind(err)
	}
	n, err := result.RowsAffected()
	return n, kind(err)
}

func (t *Tx) exec(statement string, args []any) (sql.Result, error) {
	return t.on.exec(t.ctx, statement, args)
}

func (t *Tx) query(statement string, args []any) (*sql.Rows, error) {
	return t.on.query(t.ctx, statement, args)
}

// Row is what a scan function reads one row from.
type Row interface{ Scan(into ...any) error }

// List runs a query and returns all its rows, each made by scan.
func List[T any](t *Tx, scan func(Row) (T, error), statement string, args ...any) ([]T, error) {
	rows, err := t.query(statement, args)
	if err != nil {
		return nil, kind(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, kind(err)
		}
		all = append(all, one)
	}
	return all, kind(rows.Err())
}

// Find runs a query that has one row, or returns ErrNotFound.
func Find[T any](t *Tx, scan func(Row) (T, error), statement string, args ...any) (T, error) {
	var none T
	rows, err := t.query(statement, args)
	if err != nil {
		return none, kind(err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return none, kind(err)
		}
		return none, ErrNotFound
	}
	one, err := scan(rows)
	if err != nil {
		return none, kind(err)
	}
	return one, kind(rows.Close())
}

// Value scans a row of one column, for Find and List.
func Value[T any](r Row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// Has tells whether a query has a row.
func Has(t *Tx, statement string, args ...any) (bool, error) {
	rows, err := t.query(statement, args)
	if err != nil {
		return false, kind(err)
	}
	defer rows.Close()
	return rows.Next(), kind(rows.Err())
}
