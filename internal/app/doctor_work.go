package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/platform/db"
)

// tally is how many there are of something, since when, and one of its reasons.
type tally struct {
	n      int64
	oldest time.Time
	reason string
}

func scanTally(r db.Row) (t tally, err error) {
	var oldest int64
	err = r.Scan(&t.n, &oldest, &t.reason)
	t.oldest = time.UnixMilli(oldest)
	return t, err
}

// lateJob is how long after its time a job may begin.
const lateJob = 5 * time.Minute

func (d *doctor) jobs() {
	now := d.now()
	var failing, late tally
	ok := d.ask("jobs", func(tx *db.Tx) (err error) {
		if failing, err = db.Find(tx, scanTally, `select count(*), coalesce(min(run_at), 0), coalesce(max(kind || ': ' || failure), '') from job where done_at = 0 and failure <> ''`); err != nil {
			return err
		}
		late, err = db.Find(tx, scanTally, `select count(*), coalesce(min(run_at), 0), coalesce(max(kind), '') from job where done_at = 0 and failure = '' and run_at < $1 and lease_until < $2`,
			now.Add(-lateJob).UnixMilli(), now.UnixMilli())
		return err
	})
	switch {
	case !ok:
	case failing.n > 0:
		d.warn("jobs", fmt.Sprintf("%d jobs failed and will be tried again. %s.", failing.n, strings.TrimSuffix(failing.reason, ".")), "See what the reason says; the log has more of it.")
	case late.n > 0:
		d.warn("jobs", fmt.Sprintf("%d jobs wait, one of them for %s (%s).", late.n, ago(now.Sub(late.oldest)), late.reason), "Jobs are done while the newsroom is served: start it, or see in its log what keeps it.")
	default:
		d.fine("jobs", "No job failed, and none is late.")
	}
}

func (d *doctor) receipts() {
	now := d.now()
	var failed, open, silent tally
	var last publish.Receipt
	ok := d.ask("receipts", func(tx *db.Tx) (err error) {
		if failed, err = db.Find(tx, scanTally, `select count(*), coalesce(min(done_at), 0), '' from receipt where state = 'failed' and done_at > $1`, now.AddDate(0, 0, -1).UnixMilli()); err != nil {
			return err
		}
		if open, err = db.Find(tx, scanTally, `select count(*), coalesce(min(done_at), 0), '' from receipt where state = 'open' and done_at > 0 and done_at < $1`, now.Add(-lateJob).UnixMilli()); err != nil {
			return err
		}
		silent, err = db.Find(tx, scanTally, `select count(*), coalesce(min(done_at), 0), coalesce(max(silent), '[]') from receipt where silent <> '[]' and done_at > $1`, now.AddDate(0, 0, -1).UnixMilli())
		if err != nil {
			return err
		}
		return db.Unpack(silent.reason, &last.Silent)
	})
	switch {
	case !ok:
	case failed.n > 0:
		d.fail("receipts", fmt.Sprintf("%d changes of the last day were not seen on all pages that should show them.", failed.n), "Their receipts name node and address; restarting a node makes it forget what it keeps.")
	case silent.n > 0:
		d.warn("receipts", fmt.Sprintf("%d changes of the last day were not seen on every node. %s", silent.n, last.Doubt()), "See that the nodes run and reach the database, or stop them; receipts name them under silent.")
	case open.n > 0:
		d.warn("receipts", fmt.Sprintf("%d changes are not proven yet, the oldest for %s.", open.n, ago(now.Sub(open.oldest))), "Receipts are fetched while the newsroom is served: start it, or see in its log what keeps it.")
	default:
		d.fine("receipts", "Every change of the last day was seen by readers.")
	}
}

// keptEvents is how old an event may be when tidying works: a day more than it
// is kept.
const keptEvents = keepEvents + 24*time.Hour

func (d *doctor) outbox() {
	var events tally
	if !d.ask("outbox", func(tx *db.Tx) (err error) {
		events, err = db.Find(tx, scanTally, `select count(*), coalesce(min(at), 0), '' from outbox`)
		return err
	}) {
		return
	}
	if age := d.now().Sub(events.oldest); events.n > 0 && age > keptEvents {
		d.warn("outbox", fmt.Sprintf("%d events are kept, the oldest for %s: nobody tidies.", events.n, ago(age)), "Tidying is a daily job of a newsroom that is served; see the jobs.")
		return
	}
	d.fine("outbox", "%d events are kept.", events.n)
}

// heartbeat is a node as it last reported itself.
type heartbeat struct {
	name         string
	seen         time.Time
	readTo, skew int64
}

// behindNode is how many events a node may be behind.
const behindNode = 1000

func (d *doctor) nodes() {
	now := d.now()
	var nodes []heartbeat
	end := int64(0)
	if !d.ask("nodes", func(tx *db.Tx) (err error) {
		if end, err = db.Find(tx, db.Value[int64], `select n from counter where name = 'outbox'`); err != nil {
			return err
		}
		nodes, err = db.List(tx, func(r db.Row) (h heartbeat, err error) {
			var seen int64
			err = r.Scan(&h.name, &seen, &h.readTo, &h.skew)
			h.seen = time.UnixMilli(seen)
			return h, err
		}, `select name, seen_at, read_to, skew from node where seen_at > $1 order by seen_at desc, id desc limit 1000`, now.Add(-forgottenAfter).UnixMilli())
		return err
	}) {
		return
	}
	wrong := false
	names := make([]string, len(nodes))
	for at, n := range nodes {
		wrong = d.node(n, end) || wrong
		names[at] = n.name
	}
	slices.Sort(names)
	switch {
	case wrong:
	case d.db.Engine() == db.SQLite:
		d.fine("nodes", "A newsroom in SQLite is served by one program alone.")
	case len(nodes) == 0:
		d.fine("nodes", "No node reports itself.")
	case len(nodes) == 1:
		d.fine("nodes", "1 node reports itself: %s.", names[0])
	default:
		d.fine("nodes", "%d nodes report themselves: %s.", len(nodes), strings.Join(names, ", "))
	}
}

// node tells what is wrong with a node; false when nothing is.
func (d *doctor) node(n heartbeat, end int64) bool {
	skew := time.Duration(n.skew) * time.Millisecond
	switch silent := d.now().Sub(n.seen); {
	case silent > silentAfter:
		d.warn("nodes", fmt.Sprintf("The node %s has been silent for %s.", n.name, ago(silent)), "If it runs, it is cut off from the database and shows readers what it keeps: restart it, or stop it.")
	case skew.Abs() > mostSkew:
		d.fail("nodes", fmt.Sprintf("The clock of the node %s is %v away from the database's.", n.name, skew), "Set its clock with NTP.")
	case end-n.readTo > behindNode:
		d.warn("nodes", fmt.Sprintf("The node %s is %d events behind: it shows readers what is old.", n.name, end-n.readTo), "Restart it; it begins with nothing kept.")
	default:
		return false
	}
	return true
}

// latePlan is how long after its time a planned publication may go live.
const latePlan = time.Minute

func (d *doctor) planned() {
	now := d.now()
	var refused, late tally
	ok := d.ask("schedule", func(tx *db.Tx) (err error) {
		if refused, err = db.Find(tx, scanTally, `select count(*), coalesce(min(at), 0), coalesce(max(failure), '') from planned where failure <> ''`); err != nil {
			return err
		}
		late, err = db.Find(tx, scanTally, `select count(*), coalesce(min(at), 0), '' from planned where failure = '' and at < $1`, now.Add(-latePlan).UnixMilli())
		return err
	})
	if !ok {
		return
	}
	if refused.n > 0 {
		d.fail("schedule", fmt.Sprintf("%d planned publications could not go live: %s.", refused.n, strings.TrimSuffix(refused.reason, ".")), "Mend the stories at the desk, and plan or publish them again.")
	}
	if late.n > 0 {
		d.fail("schedule", fmt.Sprintf("%d planned publications are late, one by %s.", late.n, ago(now.Sub(late.oldest))), "Planned stories go live while the newsroom is served: start it, or see in its log what keeps it.")
	}
	if refused.n == 0 && late.n == 0 {
		d.fine("schedule", "No planned publication is late.")
	}
}

func (d *doctor) deliveries() {
	var lost tally
	if !d.ask("webhooks", func(tx *db.Tx) (err error) {
		lost, err = db.Find(tx, scanTally, `select count(*), coalesce(min(done_at), 0), coalesce(max(failure), '') from delivery where done_at > $1 and (status < 200 or status > 299)`, d.now().AddDate(0, 0, -1).UnixMilli())
		return err
	}) {
		return
	}
	if lost.n > 0 {
		d.warn("webhooks", fmt.Sprintf("%d deliveries of the last day were given up. %s", lost.n, lost.reason), "See that the receivers are there; the deliveries of each webhook tell more.")
		return
	}
	d.fine("webhooks", "No delivery of the last day was given up.")
}

// oldBackup is how old the newest backup may be: a day, and time to make one.
const oldBackup = 26 * time.Hour

func (d *doctor) backups() {
	var newest tally
	if !d.ask("backup", func(tx *db.Tx) (err error) {
		newest, err = db.Find(tx, scanTally, `select count(*), coalesce(max(at), 0), '' from backup where hash <> ''`)
		return err
	}) {
		return
	}
	const remedy = "Make one every night: `broadsheet backup FILE`; and keep it on another machine."
	age := d.now().Sub(newest.oldest)
	switch {
	case newest.n == 0:
		d.warn("backup", "No backup was ever made.", remedy)
	case age > oldBackup:
		d.warn("backup", "The newest backup is "+ago(age)+" old.", remedy)
	default:
		d.fine("backup", "The newest backup is %s old.", ago(age))
	}
}
