package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// SQLite parses a statement in about the time in which it answers it, so its
// connections are kept here, each with the statements that it has prepared.
// The texts of statements are constants, so there are only so many.

// lane is one connection to SQLite.
type lane struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// lanes lends connections, at most as many as places has room for.
type lanes struct {
	pool *sql.DB
	// begin opens a transaction.
	begin string
	// made, if any, has the last word on a new connection.
	made func(*sql.Conn) error
	// places has one value for each connection that may be lent: nil for one
	// that is not open yet.
	places chan *lane
	closed chan struct{}
}

func newLanes(pool *sql.DB, begin string, count int, made func(*sql.Conn) error) *lanes {
	l := &lanes{pool: pool, begin: begin, made: made, places: make(chan *lane, count), closed: make(chan struct{})}
	for range count {
		l.places <- nil
	}
	return l
}

// run runs fn in a transaction on one of the connections.
func (l *lanes) run(ctx context.Context, fn func(*Tx) error) (err error) {
	lent, err := l.take(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", kind(err))
	}
	defer func() { l.places <- lent }()
	committed := false
	defer func() {
		if !committed && !lent.rollback(ctx) {
			lent.close()
			lent = nil
		}
	}()
	// Not under ctx: the driver may report its end although the transaction has
	// begun.
	if _, err := lent.exec(context.WithoutCancel(ctx), l.begin, nil); err != nil {
		return fmt.Errorf("begin: %w", kind(err))
	}
	tx := &Tx{ctx: ctx, engine: SQLite, on: lent}
	if err := tx.run(fn); err != nil {
		return err
	}
	// What was asked for is done; that the asker has gone meanwhile is no
	// reason to undo it half.
	if _, err := lent.exec(context.WithoutCancel(ctx), "commit", nil); err != nil {
		return fmt.Errorf("commit: %w", kind(err))
	}
	committed = true
	tx.committed()
	return nil
}

func (l *lanes) take(ctx context.Context) (*lane, error) {
	select {
	case lent := <-l.places:
		if lent != nil {
			return lent, nil
		}
	case <-l.closed:
		return nil, sql.ErrConnDone
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		l.places <- nil
		return nil, err
	}
	if l.made != nil {
		if err := l.made(conn); err != nil {
			conn.Close()
			l.places <- nil
			return nil, err
		}
	}
	return &lane{conn: conn, prepared: map[string]*sql.Stmt{}}, nil
}

// close ends all connections, once they have come back.
func (l *lanes) close() error {
	close(l.closed)
	var all []error
	for range cap(l.places) {
		if lent := <-l.places; lent != nil {
			all = append(all, lent.close())
		}
	}
	return errors.Join(append(all, l.pool.Close())...)
}

// exec runs a statement. Statements are not ended by ctx, only refused when it
// has ended: they answer in a fraction of a millisecond, and for each that
// could be cut short the driver and database/sql start goroutines that cost
// more than that.
func (n *lane) exec(ctx context.Context, statement string, args []any) (sql.Result, error) {
	prepared, err := n.prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	return prepared.ExecContext(context.WithoutCancel(ctx), args...)
}

func (n *lane) query(ctx context.Context, statement string, args []any) (*sql.Rows, error) {
	prepared, err := n.prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(context.WithoutCancel(ctx), args...)
}

func (n *lane) prepare(ctx context.Context, statement string) (*sql.Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if prepared, ok := n.prepared[statement]; ok {
		return prepared, nil
	}
	prepared, err := n.conn.PrepareContext(context.WithoutCancel(ctx), statement)
	if err == nil {
		n.prepared[statement] = prepared
	}
	return prepared, err
}

// rollback undoes the transaction; false when the connection is of no use any
// more.
func (n *lane) rollback(ctx context.Context) bool {
	_, err := n.exec(context.WithoutCancel(ctx), "rollback", nil)
	// SQLite has rolled back by itself after some errors, such as a full disk.
	return err == nil || isNoTransaction(err)
}

func (n *lane) close() error {
	for _, prepared := range n.prepared {
		prepared.Close() // the connection goes with it
	}
	return n.conn.Close()
}
