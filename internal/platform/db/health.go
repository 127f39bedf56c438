package db

import (
	"context"
	"fmt"
	"time"
)

// Health is what an engine says of itself.
type Health struct {
	// Faults are what SQLite finds wrong in its file; none on PostgreSQL, which
	// checks its own pages.
	Faults []string
	// Release is PostgreSQL's, as 150004 for 15.4; 0 on SQLite.
	Release int
	// Encoding is that of PostgreSQL's texts.
	Encoding string
	// Connections are open to the server, of MostConnections: those of programs,
	// as far as this role may see them. Others' are shown to roles with
	// pg_read_all_stats.
	Connections, MostConnections int
	// Skew is how far this machine's clock is ahead of the database's; none on
	// SQLite, where both are one.
	Skew time.Duration
}

// mostFaults is how many faults are told; who has one needs no more.
const mostFaults = 10

// Examine has the engine look at itself. On SQLite it reads the whole file.
func (d *DB) Examine(ctx context.Context, now func() time.Time) (Health, error) {
	examine := examineSQLite
	if d.engine == Postgres {
		examine = examinePostgres
	}
	var h Health
	err := d.View(ctx, func(tx *Tx) (err error) {
		h, err = examine(tx, now)
		return err
	})
	if err != nil {
		return h, fmt.Errorf("examine the database %s: %w", d.place, err)
	}
	return h, nil
}

func examineSQLite(tx *Tx, _ func() time.Time) (h Health, err error) {
	found, err := List(tx, Value[string], "pragma quick_check(10)")
	if err != nil {
		return h, err
	}
	for _, fault := range found {
		if fault != "ok" {
			h.Faults = append(h.Faults, fault)
		}
	}
	orphans, err := List(tx, func(r Row) (fault string, err error) {
		var row, key any
		var table, parent string
		err = r.Scan(&table, &row, &parent, &key)
		return fmt.Sprintf("a row of %s names one of %s that is not there", table, parent), err
	}, "pragma foreign_key_check")
	h.Faults = append(h.Faults, orphans...)
	h.Faults = h.Faults[:min(len(h.Faults), mostFaults)]
	return h, err
}
