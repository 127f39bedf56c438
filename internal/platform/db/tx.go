package db

import (
	"context"
	"database/sql"
	"fmt"
)

// Tx is one transaction. It is used by one goroutine and not after the
// function it was given to has returned.
type Tx struct {
	ctx    context.Context
	tx     *sql.Tx
	engine Engine
	// prepared are SQLite's statements of this transaction, by text; on
	// PostgreSQL the driver keeps its own.
	prepared map[string]*sql.Stmt
	after    []func()
}

// Update runs fn in a transaction that may write. When fn returns an error
// nothing of it remains. What fn passed to AfterCommit runs once the
// transaction is durable.
func (d *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, d.write, nil, fn)
}

// View runs fn in a transaction that sees one moment of the database and must
// not write.
func (d *DB) View(ctx context.Context, fn func(*Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	return d.run(ctx, d.read, options, fn)
}

func (d *DB) run(ctx context.Context, pool *sql.DB, options *sql.TxOptions, fn func(*Tx) error) error {
	inner, err := pool.BeginTx(ctx, options)
	if err != nil && d.closed.Load() {
		return fmt.Errorf("begin: %w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return fmt.Errorf("begin: %w", kind(err))
	}
	tx := &Tx{ctx: ctx, tx: inner, engine: d.engine}
	defer inner.Rollback() // after a commit this does nothing
	if err := fn(tx); err != nil {
		return err
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", kind(err))
	}
	for _, run := range tx.after {
		run()
	}
	return nil
}

// Context is the one the transaction runs under.
func (t *Tx) Context() context.Context { return t.ctx }

// Engine tells which engine it is. Only the search room may ask.
func (t *Tx) Engine() Engine { return t.engine }

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
	if t.engine == Postgres {
		return t.tx.ExecContext(t.ctx, statement, args...)
	}
	prepared, err := t.prepare(statement)
	if err != nil {
		return nil, err
	}
	return prepared.ExecContext(t.ctx, args...)
}

func (t *Tx) query(statement string, args []any) (*sql.Rows, error) {
	if t.engine == Postgres {
		return t.tx.QueryContext(t.ctx, statement, args...)
	}
	prepared, err := t.prepare(statement)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(t.ctx, args...)
}

func (t *Tx) prepare(statement string) (*sql.Stmt, error) {
	if prepared, ok := t.prepared[statement]; ok {
		return prepared, nil
	}
	prepared, err := t.tx.PrepareContext(t.ctx, statement)
	if err != nil {
		return nil, err
	}
	if t.prepared == nil {
		t.prepared = map[string]*sql.Stmt{}
	}
	t.prepared[statement] = prepared
	return prepared, nil
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
