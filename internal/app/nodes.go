package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"time"

	"broadsheet/internal/platform/db"
)

// node is a program that serves this newsroom.
type node struct {
	id int64
	// name is its machine and port: the same after a restart.
	name string
	// address is where the other nodes reach its pages: http://HOST:PORT.
	address string
	// readTo is the last event that it was told, skew its clock's distance from
	// the database's.
	readTo int64
	skew   time.Duration
	seen   time.Time
	// silent says that it has not reported itself lately. It may be cut off from
	// the database, and then goes on showing readers what it keeps.
	silent bool
}

const (
	// beatEvery is how often a node says that it is there, silentAfter from when
	// it counts as silent, forgottenAfter from when it counts as gone although it
	// never left.
	beatEvery      = 3 * time.Second
	silentAfter    = 12 * time.Second
	forgottenAfter = time.Hour
	// skewed is a distance of clocks that is worth a word.
	skewed = 2 * time.Second
)

// introduce makes this program a node that is reached at an address.
func (n *Newsroom) introduce(address string) {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	if at, err := url.Parse(address); err == nil && at.Port() != "" {
		host = net.JoinHostPort(host, at.Port())
	}
	n.self = node{id: n.Mint.Next(), name: host, address: address}
}

// arrive says that this node is there. A newsroom that is served by one program
// alone has no need of it.
func (n *Newsroom) arrive(ctx context.Context) {
	if n.Alone() {
		return
	}
	n.warnOfSkew()
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	if err := n.register(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnavailable) {
		slog.Error("say that this node is there", "error", err)
	}
}

// beat says so again and again until ctx ends, and then that it is gone.
func (n *Newsroom) beat(ctx context.Context) {
	if n.Alone() {
		return
	}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			n.leave(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			n.arrive(ctx)
		}
	}
}

// warnOfSkew says once that this machine's clock is off. Nothing depends on it:
// the newsroom goes by the database's.
func (n *Newsroom) warnOfSkew() {
	off := n.DB.Skew().Abs() > skewed
	if off && !n.skewed {
		slog.Warn("this machine's clock is off; the newsroom goes by the database's", "by", n.DB.Skew().Round(time.Millisecond))
	}
	n.skewed = off
}

// register writes this node on the list, in place of what ran under its name and
// address before.
func (n *Newsroom) register(ctx context.Context) error {
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		now := n.now()
		_, err := tx.Exec(`insert into node (id, name, address, started_at, seen_at, read_to, skew) values ($1, $2, $3, $4, $4, $5, $6)
			on conflict (id) do update set seen_at = excluded.seen_at, read_to = excluded.read_to, skew = excluded.skew`,
			n.self.id, n.self.name, n.self.address, now.UnixMilli(), n.Log.Cursor(), n.DB.Skew().Milliseconds())
		if err != nil {
			return fmt.Errorf("register this node: %w", err)
		}
		_, err = tx.Exec(`delete from node where seen_at < $1 or name = $2 and address = $3 and id < $4`,
			now.Add(-forgottenAfter).UnixMilli(), n.self.name, n.self.address, n.self.id)
		return err
	})
}

// leave takes this node off the list: it stops.
func (n *Newsroom) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := n.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`delete from node where id = $1`, n.self.id)
		return err
	})
	if err != nil {
		slog.Warn("say that this node is gone", "error", err)
	}
}

// nodes lists the nodes that serve the newsroom, with those that are silent and
// have not left.
func (n *Newsroom) nodes(ctx context.Context) (all []node, err error) {
	err = n.DB.View(ctx, func(tx *db.Tx) (err error) {
		all, err = n.listed(tx, silentAfter)
		return err
	})
	return all, err
}

// listed is nodes; one that reported itself within patience is not silent.
func (n *Newsroom) listed(tx *db.Tx, patience time.Duration) ([]node, error) {
	now := n.now()
	if n.Alone() {
		self := n.self
		self.readTo, self.seen = n.Log.Cursor(), now
		return []node{self}, nil
	}
	return db.List(tx, func(r db.Row) (v node, err error) {
		var seen, skew int64
		err = r.Scan(&v.id, &v.name, &v.address, &v.readTo, &skew, &seen)
		v.seen, v.skew = time.UnixMilli(seen).UTC(), time.Duration(skew)*time.Millisecond
		v.silent = now.Sub(v.seen) > patience
		return v, err
	}, `select id, name, address, read_to, skew, seen_at from node where seen_at > $1 order by id limit 1000`, now.Add(-forgottenAfter).UnixMilli())
}
