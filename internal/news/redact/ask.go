package redact

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// target is a request as the row keeps it until it is done.
type target struct {
	Texts []string  `json:"texts,omitempty"`
	Story ref.Story `json:"story,omitempty"`
	Asset ref.Asset `json:"asset,omitempty"`
	Mark  string    `json:"mark,omitempty"`
}

// Asked is what who asked is given.
type Asked struct {
	ID int64
	// Key opens the seal: with it, and only with it, can anybody show what the
	// redaction was of. It is kept nowhere here, and shown once.
	Key string
}

// Ask puts a request before another person, with what it would change. Nothing
// changes yet.
func (r *Room) Ask(ctx context.Context, by ref.Staff, q Request) (asked Asked, err error) {
	found, err := r.Preview(ctx, q)
	if err != nil {
		return Asked{}, fmt.Errorf("ask for a redaction: %w", err)
	}
	err = r.DB.Update(ctx, func(tx *db.Tx) (err error) {
		asked, err = r.AskIn(tx, by, q, found)
		return err
	})
	if err != nil {
		return Asked{}, fmt.Errorf("ask for a redaction: %w", err)
	}
	return asked, nil
}

// AskIn is Ask within a transaction that has more to do, with what a preview
// found.
func (r *Room) AskIn(tx *db.Tx, by ref.Staff, q Request, found Found) (asked Asked, err error) {
	if by == 0 {
		return asked, refusal("a redaction is asked for by a person")
	}
	if err := r.check(tx, q); err != nil {
		return asked, err
	}
	n, err := db.Find(tx, db.Value[int], `select count(*) from redaction where state = $1`, Waiting)
	if err != nil {
		return asked, err
	}
	if n >= waitingAtATime {
		return asked, refusal("%d redactions are waiting already: confirm or refuse them first", n)
	}
	packed, err := db.Pack(target{q.Texts, q.Story, q.Asset, q.Mark})
	if err != nil {
		return asked, err
	}
	report, err := db.Pack(Report{Found: found})
	if err != nil {
		return asked, err
	}
	asked = Asked{ID: r.Mint.Next(), Key: newKey()}
	seal, err := Hash(asked.Key, q)
	if err != nil {
		return asked, err
	}
	now := r.moment()
	_, err = tx.Exec(`insert into redaction (id, kind, state, reason, target, hash, asked_by, asked_at, confirmed_by, confirmed_at, done_at, report)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9)`, asked.ID, q.Kind, Waiting, q.Reason, packed, seal, by, now.UnixMilli(), report)
	if err != nil {
		return asked, err
	}
	return asked, r.seal(tx, now, by, "asked", Redaction{ID: asked.ID, Kind: q.Kind, Reason: q.Reason, Hash: seal})
}

func (r *Room) moment() time.Time { return r.Now().UTC().Truncate(time.Millisecond) }

// newKey is a key of a seal: 160 random bits.
func newKey() string {
	var random [20]byte
	rand.Read(random[:]) // it never fails
	return hex.EncodeToString(random[:])
}

// Hash is the seal over what a request takes away: an HMAC-SHA256 under the key
// that Ask returned. Without the key nobody can try names against it.
func Hash(key string, q Request) (string, error) {
	texts := slices.Clone(q.Texts)
	slices.Sort(texts)
	canonical, err := db.Pack([]any{"broadsheet redaction 1", q.Kind, texts, q.Story, q.Asset})
	if err != nil {
		return "", err
	}
	seal := hmac.New(sha256.New, []byte(key))
	seal.Write([]byte(canonical))
	return hex.EncodeToString(seal.Sum(nil)), nil
}

// sealed is what the log says of a redaction: that it was, and why.
type sealed struct {
	Kind    Kind   `json:"kind"`
	Reason  string `json:"reason"`
	Hash    string `json:"hash"`
	Stories int    `json:"stories,omitempty"`
}

func (r *Room) seal(tx *db.Tx, at time.Time, by ref.Staff, act string, d Redaction) error {
	detail, err := db.Pack(sealed{d.Kind, d.Reason, d.Hash, d.Report.Stories})
	if err != nil {
		return err
	}
	return r.Seal(tx, at, by, "redaction."+act, "redaction:"+strconv.FormatInt(d.ID, 10), detail)
}

// Confirm has a redaction done. Who asked for it cannot.
func (r *Room) Confirm(ctx context.Context, by ref.Staff, id int64) error {
	err := r.DB.Update(ctx, func(tx *db.Tx) error { return r.ConfirmIn(tx, by, id) })
	if err != nil {
		return fmt.Errorf("confirm redaction %d: %w", id, err)
	}
	return nil
}

// ConfirmIn is Confirm within a transaction that has more to do.
func (r *Room) ConfirmIn(tx *db.Tx, by ref.Staff, id int64) error {
	d, err := waiting(tx, id)
	if err != nil {
		return err
	}
	if by == 0 || d.AskedBy == by {
		return ErrSamePerson
	}
	now := r.moment()
	n, err := tx.Exec(`update redaction set state = $1, confirmed_by = $2, confirmed_at = $3, report = '' where id = $4 and state = $5`,
		Running, by, now.UnixMilli(), id, Waiting)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrSettled
	}
	err = job.Add(tx, job.Job{ID: r.Mint.Next(), Kind: Job, Payload: strconv.FormatInt(id, 10), RunAt: now})
	if err != nil {
		return err
	}
	return r.seal(tx, now, by, "confirmed", d)
}

// Refuse settles a redaction that is not to be done: for who asked, it is taken
// back. What was to go is forgotten here.
func (r *Room) Refuse(ctx context.Context, by ref.Staff, id int64) error {
	err := r.DB.Update(ctx, func(tx *db.Tx) error { return r.RefuseIn(tx, by, id) })
	if err != nil {
		return fmt.Errorf("refuse redaction %d: %w", id, err)
	}
	return nil
}

// RefuseIn is Refuse within a transaction that has more to do.
func (r *Room) RefuseIn(tx *db.Tx, by ref.Staff, id int64) error {
	d, err := waiting(tx, id)
	if err != nil {
		return err
	}
	state, act := Refused, "refused"
	if d.AskedBy == by {
		state, act = TakenBack, "taken-back"
	}
	now := r.moment()
	n, err := tx.Exec(`update redaction set state = $1, target = '', confirmed_by = $2, confirmed_at = $3 where id = $4 and state = $5`,
		state, by, now.UnixMilli(), id, Waiting)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrSettled
	}
	return r.seal(tx, now, by, act, d)
}

// waiting is a redaction of which nothing is done yet.
func waiting(tx *db.Tx, id int64) (Redaction, error) {
	d, err := Find(tx, id)
	d.Report = Report{}
	if err == nil && d.State != Waiting {
		err = ErrSettled
	}
	return d, err
}

// Find returns a redaction.
func Find(tx *db.Tx, id int64) (Redaction, error) {
	d, err := db.Find(tx, scan, `select id, kind, state, reason, target, hash, asked_by, asked_at, confirmed_by, confirmed_at, done_at, report
		from redaction where id = $1`, id)
	if err == nil {
		err = d.nameBackups(tx)
	}
	if err != nil {
		return d, fmt.Errorf("redaction %d: %w", id, err)
	}
	return d, nil
}

// List lists redactions, newest first, behind the one with the identity before;
// 0 begins with the newest.
func List(tx *db.Tx, before int64, limit int) ([]Redaction, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	all, err := db.List(tx, scan, `select id, kind, state, reason, target, hash, asked_by, asked_at, confirmed_by, confirmed_at, done_at, report
		from redaction where id < $1 order by id desc limit $2`, before, limit)
	for n := range all {
		if err == nil {
			err = all[n].nameBackups(tx)
		}
	}
	return all, err
}

func scan(r db.Row) (d Redaction, err error) {
	var what, report string
	var asked, confirmed, done int64
	err = r.Scan(&d.ID, &d.Kind, &d.State, &d.Reason, &what, &d.Hash, &d.AskedBy, &asked, &d.ConfirmedBy, &confirmed, &done, &report)
	if err != nil {
		return d, err
	}
	d.Asked, d.Confirmed, d.DoneAt = moment(asked), moment(confirmed), moment(done)
	d.Request = Request{Kind: d.Kind, Reason: d.Reason}
	if what != "" {
		var t target
		if err := db.Unpack(what, &t); err != nil {
			return d, errors.New("what a redaction is of cannot be read")
		}
		d.Request.Texts, d.Request.Story, d.Request.Asset, d.Request.Mark = t.Texts, t.Story, t.Asset, t.Mark
	}
	if report == "" {
		return d, nil
	}
	return d, db.Unpack(report, &d.Report)
}

func moment(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMilli(at).UTC()
}

// Whole tells whether a story goes as a whole, or has: it must not come back.
func Whole(tx *db.Tx, id ref.Story) (bool, error) {
	return db.Has(tx, `select d.story from redacted d join redaction r on r.id = d.redaction
		where d.story = $1 and r.kind = $2 and r.state in ($3, $4) limit 1`, id, Story, Running, Done)
}

// Changed is a story that a redaction changed.
type Changed struct {
	Story ref.Story
	At    time.Time
}

// Since lists the stories that redactions changed from a moment on, the first
// changed first, for copies that readers keep. The list goes on behind the last
// one: at its moment, behind its story.
func Since(tx *db.Tx, from time.Time, behind ref.Story, limit int) ([]Changed, error) {
	return db.List(tx, func(r db.Row) (c Changed, err error) {
		var at int64
		err = r.Scan(&c.Story, &at)
		c.At = time.UnixMilli(at).UTC()
		return c, err
	}, `select story, at from redacted where (at, story) > ($1, $2) order by at, story, redaction limit $3`,
		from.UnixMilli(), behind, limit)
}
