// Package audit keeps the log of who did what: rows that are only ever added,
// each sealed by a hash over itself and the seal before it, so that a row which
// was changed, taken out or put in between is found. It knows neither people
// nor what they work on, and it holds nobody's text: a detail names things and
// says how many.
//
// The seals need no key. Whoever may write the table can seal a changed log anew,
// or cut its end and count anew, and the log by itself is whole again. So each
// node signs the log's head, each minute in which it changed, with a key that is
// not in the database, and notes it in a file and in the program's log. Against
// those heads both are found. What they cannot show: what was changed before it
// was first signed; and, for who may write a node's folder too, anything that no
// copy of the heads in another place contradicts.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"broadsheet/internal/platform/db"
)

// Entry is one act.
type Entry struct {
	// Seq orders the entries, from 1 without gaps. Append sets it.
	Seq int64
	At  time.Time
	// By is who did it; 0 for the system itself.
	By int64
	// Act is what was done, as "story.publish".
	Act string
	// Subject is what it was done to, as "story:123".
	Subject string
	// Detail is a JSON object, or empty.
	Detail string
	// Seal is the SHA-256 in hexadecimal over the seal before and this entry.
	// Append sets it.
	Seal string
}

// seal is the entry's seal, after the one before it. The form is a JSON array,
// so that no two entries are written alike.
func (e Entry) seal(before string) (string, error) {
	text, err := json.Marshal([]any{before, e.Seq, e.At.UnixMilli(), e.By, e.Act, e.Subject, e.Detail})
	if err != nil {
		return "", fmt.Errorf("seal an entry: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// token is the key of a context's token.
type token struct{}

// Through says by which token the acts under a context are done: the details of
// their entries name it.
func Through(ctx context.Context, id int64) context.Context {
	return context.WithValue(ctx, token{}, id)
}

// through names the token in the detail.
func (e *Entry) through(ctx context.Context) error {
	id, ok := ctx.Value(token{}).(int64)
	if !ok {
		return nil
	}
	detail := map[string]json.RawMessage{}
	if e.Detail != "" {
		if err := db.Unpack(e.Detail, &detail); err != nil {
			return err
		}
	}
	detail["token"] = json.RawMessage(strconv.Quote(strconv.FormatInt(id, 10)))
	packed, err := db.Pack(detail)
	e.Detail = packed
	return err
}

// Append adds an entry at the end of the transaction: the log's next number is
// locked until the commit, and is always the last lock that is taken.
func Append(tx *db.Tx, e Entry) {
	tx.BeforeCommit(func() error {
		if err := add(tx, e); err != nil {
			return fmt.Errorf("log %s of %s: %w", e.Act, e.Subject, err)
		}
		return nil
	})
}

func add(tx *db.Tx, e Entry) (err error) {
	if err := e.through(tx.Context()); err != nil {
		return err
	}
	if e.Seq, err = db.Find(tx, db.Value[int64], `update counter set n = n + 1 where name = 'audit' returning n`); err != nil {
		return err
	}
	before, err := sealOf(tx, e.Seq-1)
	if err != nil {
		return err
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if e.Seal, err = e.seal(before); err != nil {
		return err
	}
	_, err = tx.Exec(`insert into audit (seq, at, by, act, subject, detail, hash) values ($1, $2, $3, $4, $5, $6, $7)`,
		e.Seq, e.At.UnixMilli(), e.By, e.Act, e.Subject, e.Detail, e.Seal)
	return err
}

// sealOf is the seal of an entry; empty before the first.
func sealOf(tx *db.Tx, seq int64) (string, error) {
	if seq == 0 {
		return "", nil
	}
	return db.Find(tx, db.Value[string], `select hash from audit where seq = $1`, seq)
}

func scan(r db.Row) (e Entry, err error) {
	var at int64
	err = r.Scan(&e.Seq, &at, &e.By, &e.Act, &e.Subject, &e.Detail, &e.Seal)
	e.At = time.UnixMilli(at).UTC()
	return e, err
}

// after lists entries in their order, from behind a number.
func after(tx *db.Tx, seq int64, limit int) ([]Entry, error) {
	return db.List(tx, scan, `select seq, at, by, act, subject, detail, hash from audit where seq > $1 order by seq limit $2`, seq, limit)
}

// Before lists entries, the last first, from before a number.
func Before(tx *db.Tx, seq int64, limit int) ([]Entry, error) {
	return db.List(tx, scan, `select seq, at, by, act, subject, detail, hash from audit where seq < $1 order by seq desc limit $2`, seq, limit)
}

// ErrBroken is the kind of the error of a log that was tampered with.
var ErrBroken = errors.New("the audit log was tampered with")

// Broken says where a log is not what it was.
type Broken struct {
	// Seq is the first entry that is wrong or missing.
	Seq    int64
	Reason string
}

// Error names the place and the reason.
func (b *Broken) Error() string {
	return fmt.Sprintf("%v: entry %d %s", ErrBroken, b.Seq, b.Reason)
}

// Unwrap gives the kind.
func (b *Broken) Unwrap() error { return ErrBroken }

// page is how many entries are read at a time.
const page = 1000

// Verify reads the whole log and returns how many entries it has, or a *Broken
// that names the first that is bad by itself or against heads, which may be none.
func Verify(ctx context.Context, d *db.DB, heads *Heads) (entries int64, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		before := ""
		for {
			some, err := after(tx, entries, page)
			if err != nil {
				return fmt.Errorf("read the audit log: %w", err)
			}
			for _, e := range some {
				if err := follows(e, entries, before); err != nil {
					return err
				}
				if err := heads.agree(e); err != nil {
					return err
				}
				entries, before = e.Seq, e.Seal
			}
			if len(some) < page {
				if err := whole(tx, entries); err != nil {
					return err
				}
				return heads.reached(entries)
			}
		}
	})
	return entries, err
}

// follows checks an entry against the one before it.
func follows(e Entry, last int64, before string) error {
	if e.Seq != last+1 {
		return &Broken{last + 1, "is missing"}
	}
	seal, err := e.seal(before)
	if err != nil {
		return err
	}
	if seal != e.Seal {
		return &Broken{e.Seq, "does not carry the seal of what it says"}
	}
	return nil
}

// whole checks that the end was not cut off.
func whole(tx *db.Tx, entries int64) error {
	n, err := db.Find(tx, db.Value[int64], `select n from counter where name = 'audit'`)
	if err != nil {
		return fmt.Errorf("read the end of the audit log: %w", err)
	}
	if n != entries {
		return &Broken{min(n, entries) + 1, "is missing, or nobody counted it"}
	}
	return nil
}
