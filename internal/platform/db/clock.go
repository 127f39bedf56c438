package db

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// clock tells the time of the database's clock without asking it each time: a
// reading is carried on by this machine's monotonic clock, which nobody sets.
type clock struct{ read atomic.Pointer[reading] }

// reading is what the database's clock said at a moment of the monotonic one.
type reading struct{ said, at time.Time }

// slowReading is how long a reading of the clock may take: half of it is how
// far the reading can be off.
const slowReading = 500 * time.Millisecond

// Now is the time by the database's clock: one clock for all nodes, whatever
// their own ones say. On SQLite the machine's clock is the database's.
func (d *DB) Now() time.Time {
	if r := d.clock.read.Load(); r != nil {
		return r.said.Add(time.Since(r.at)).UTC()
	}
	return time.Now().UTC()
}

// Skew is how far this machine's clock is ahead of the database's.
func (d *DB) Skew() time.Duration {
	return time.Now().Round(0).Sub(d.Now()) // Round takes the monotonic reading off
}

// readClock sets the clock by the database's. Of a slow answer it is not known
// when it was given: it is used only when there is no better one.
func (d *DB) readClock(ctx context.Context, on *sql.DB) error {
	asked := time.Now()
	said := int64(0)
	err := on.QueryRowContext(ctx, serverTime).Scan(&said)
	if err != nil {
		return kind(err)
	}
	took := time.Since(asked)
	if took > slowReading && d.clock.read.Load() != nil {
		return nil
	}
	d.clock.read.Store(&reading{said: time.UnixMilli(said).Add(took / 2).UTC(), at: asked.Add(took)})
	return nil
}
