package publish

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// Prove is the kind of the jobs that look whether a change reached readers.
const Prove = "receipt"

// What a receipt proves.
const (
	ShowsStory = "shows"
	HidesStory = "hides"
)

// The states of a receipt.
const (
	// Open: nobody has looked yet.
	Open = "open"
	// Seen: every address showed it, on every node that answered.
	Seen = "seen"
	// Repaired: some address did not, and does now.
	Repaired = "repaired"
	// Failed: some address does not show it although it was repaired.
	Failed = "failed"
	// Superseded: the story changed again before anybody had looked.
	Superseded = "superseded"
)

// Receipt is the proof that a change of a story reached readers.
type Receipt struct {
	ID      int64
	Story   ref.Story
	Version int
	What    string
	// Due is when the change was to happen, Done when it was durable, Seen when
	// the last address showed it; Seen is zero before that.
	Due, Done, Seen time.Time
	State           string
	Lines           []Line
	// Silent are the nodes that did not answer and have not left: readers may get
	// from them what they kept before.
	Silent []string
}

// Doubt says in a sentence that some nodes did not answer; empty when all did.
func (r Receipt) Doubt() string {
	switch len(r.Silent) {
	case 0:
		return ""
	case 1:
		return "The node " + r.Silent[0] + " did not answer; unless it was started anew since, it may still show the old page."
	}
	return "The nodes " + strings.Join(r.Silent, ", ") + " did not answer; those that were not started anew since may still show the old page."
}

// Line is what one address of one node showed.
type Line struct {
	Node    string `json:"node"`
	Address string `json:"address"`
	// Wants is what was looked for, in words.
	Wants string `json:"wants"`
	// Status is what the address answered at last; 0 when there was no answer.
	Status int  `json:"status"`
	OK     bool `json:"ok"`
	// Tries counts how often it was looked at.
	Tries int `json:"tries"`
	// Seen is when it was as wanted; zero when it was not.
	Seen time.Time `json:"seen,omitzero"`
	// Repaired says that it was only so after the node was told again.
	Repaired bool `json:"repaired,omitempty"`
}

// promise opens a receipt. Those of the story that nobody looked at are done
// with: what they would prove is not true any more.
func (d *Desk) promise(tx *db.Tx, r Receipt) error {
	r.ID, r.Done = d.mint.Next(), d.now().UTC().Truncate(time.Millisecond)
	if r.Due.IsZero() {
		r.Due = r.Done
	}
	if _, err := tx.Exec(`update receipt set state = $1 where story = $2 and state = $3`, Superseded, r.Story, Open); err != nil {
		return fmt.Errorf("supersede the receipts of story %d: %w", r.Story, err)
	}
	_, err := tx.Exec(`insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines) values ($1, $2, $3, $4, $5, $6, 0, $7, '[]')`,
		r.ID, r.Story, r.Version, r.What, r.Due.UnixMilli(), r.Done.UnixMilli(), Open)
	if err != nil {
		return fmt.Errorf("open a receipt for story %d: %w", r.Story, err)
	}
	return job.Add(tx, job.Job{ID: r.ID, Kind: Prove, RunAt: r.Done})
}

// Settle writes what was seen; false when the receipt was settled or superseded
// meanwhile, and stays as it is.
func Settle(tx *db.Tx, r Receipt) (settled bool, err error) {
	lines, err := db.Pack(r.Lines)
	if err != nil {
		return false, err
	}
	silent, err := db.Pack(append([]string{}, r.Silent...))
	if err != nil {
		return false, err
	}
	seen := int64(0)
	if !r.Seen.IsZero() {
		seen = r.Seen.UnixMilli()
	}
	n, err := tx.Exec(`update receipt set state = $1, seen_at = $2, lines = $3, silent = $4 where id = $5 and state = $6`, r.State, seen, lines, silent, r.ID, Open)
	if err != nil {
		return false, fmt.Errorf("settle receipt %d: %w", r.ID, err)
	}
	return n == 1, nil
}

// Receipts lists the receipts of a story, newest first, behind the one with the
// identity before; 0 begins with the newest.
func Receipts(tx *db.Tx, of ref.Story, before int64, limit int) ([]Receipt, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.List(tx, scanReceipt, `select id, story, version, what, due_at, done_at, seen_at, state, lines, silent from receipt
		where story = $1 and id < $2 order by id desc limit $3`, of, before, limit)
}

// OpenReceipts lists those that nobody has looked at, the oldest first.
func OpenReceipts(tx *db.Tx, limit int) ([]Receipt, error) {
	return db.List(tx, scanReceipt, `select id, story, version, what, due_at, done_at, seen_at, state, lines, silent from receipt
		where state = $1 order by id limit $2`, Open, limit)
}

// FailedReceipts lists those of live or withdrawn stories that readers were found not to
// see as they should, the newest first: the last receipt of a story alone counts.
func FailedReceipts(tx *db.Tx, limit int) ([]Receipt, error) {
	return db.List(tx, scanReceipt, `select id, story, version, what, due_at, done_at, seen_at, state, lines, silent from receipt r
		where state = $1 and id = (select max(id) from receipt n where n.story = r.story) order by id desc limit $2`, Failed, limit)
}

// StillOpen tells which of some receipts nobody has settled or superseded yet.
func StillOpen(tx *db.Tx, ids []int64) (map[int64]bool, error) {
	list, err := db.Pack(ids)
	if err != nil {
		return nil, err
	}
	found, err := db.List(tx, db.Value[int64], `select id from receipt
		where state = $1 and id in (select cast(value as bigint) from json_each(cast($2 as text))) order by id limit 10000`, Open, list)
	open := make(map[int64]bool, len(found))
	for _, id := range found {
		open[id] = true
	}
	return open, err
}

// CountReceipts tells how many receipts from a moment on are in each state.
func CountReceipts(tx *db.Tx, since time.Time) (map[string]int64, error) {
	type count struct {
		state string
		n     int64
	}
	all, err := db.List(tx, func(r db.Row) (c count, err error) {
		err = r.Scan(&c.state, &c.n)
		return c, err
	}, `select state, count(*) from receipt where done_at >= $1 group by state order by state limit 20`, since.UnixMilli())
	counts := map[string]int64{}
	for _, c := range all {
		counts[c.state] = c.n
	}
	return counts, err
}

// ForgetReceipts removes those from before a moment, but for the failed ones.
func ForgetReceipts(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`delete from receipt where done_at < $1 and state <> $2`, before.UnixMilli(), Failed); err != nil {
		return fmt.Errorf("forget old receipts: %w", err)
	}
	return nil
}

func scanReceipt(r db.Row) (v Receipt, err error) {
	var due, done, seen int64
	var lines, silent string
	if err := r.Scan(&v.ID, &v.Story, &v.Version, &v.What, &due, &done, &seen, &v.State, &lines, &silent); err != nil {
		return v, err
	}
	v.Due, v.Done = time.UnixMilli(due).UTC(), time.UnixMilli(done).UTC()
	if seen > 0 {
		v.Seen = time.UnixMilli(seen).UTC()
	}
	return v, errors.Join(db.Unpack(lines, &v.Lines), db.Unpack(silent, &v.Silent))
}
