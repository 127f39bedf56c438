package hook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/fetch"
	"broadsheet/internal/platform/job"
)

// waits are the times between one attempt and the next; after the last of them
// a delivery is given up.
var waits = [...]time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
}

const (
	// patience is how old a delivery gets that waits for a silent receiver: the
	// sum of waits.
	patience = 17*time.Hour + 36*time.Minute + 10*time.Second
	// quiet is how long a receiver that could not be reached is left alone by
	// all deliveries but the one that found out: a receiver that never answers
	// must not hold up the others.
	quiet = time.Minute
	// longestQuiet is how long a delivery waits at once for that.
	longestQuiet = time.Hour
	// settling is how long the end of an attempt may take to be written.
	settling = 10 * time.Second
)

// attempt is a delivery whose time has come, with what it takes to send it.
type attempt struct {
	Delivery
	payload, url, secret string
	active               bool
	silentAt             time.Time
}

// result is how an attempt ended.
type result struct {
	// held says that nothing was sent: it does not count.
	held    bool
	status  int
	failure string
	// due is when to try again; zero for never.
	due time.Time
	// silent says that no answer came; gone that the receiver wants no more.
	silent, gone bool
}

// Deliver makes one attempt; it is what jobs of the kind Kind do. A failure of
// the receiver is no error: it is written down, with a job for the next
// attempt. An error means that how it ended is not known, and the delivery is
// sent again under the same identity.
func (s *Store) Deliver(ctx context.Context, j job.Job) error {
	id, err := strconv.ParseInt(j.Payload, 10, 64)
	if err != nil {
		return fmt.Errorf("read which delivery job %d is for: %w", j.ID, err)
	}
	a, err := s.open(ctx, id, j.RunAt)
	if errors.Is(err, db.ErrNotFound) {
		return nil // it is done or deleted, or another job makes the next attempt
	}
	if err != nil {
		return fmt.Errorf("open delivery %d: %w", id, err)
	}
	r, err := s.try(ctx, a)
	if err != nil {
		return fmt.Errorf("send delivery %d: %w", id, err)
	}
	if err := s.settle(ctx, a, r); err != nil {
		return fmt.Errorf("settle delivery %d: %w", id, err)
	}
	return nil
}

// open finds a delivery that is still to be made by a job of this time. A job
// that was for an earlier attempt finds nothing.
func (s *Store) open(ctx context.Context, id int64, at time.Time) (a attempt, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) (err error) {
		a, err = db.Find(tx, scanAttempt, `select d.id, d.webhook, d.event, d.subject, d.at, d.attempts, d.status, d.due_at, d.payload,
				w.url, w.secret, w.active, w.silent_at
			from delivery d join webhook w on w.id = d.webhook where d.id = $1 and d.done_at = 0 and d.due_at <= $2`, id, at.UnixMilli())
		return err
	})
	return a, err
}

// try sends the delivery, unless there is a reason not to.
func (s *Store) try(ctx context.Context, a attempt) (result, error) {
	now := s.now()
	switch {
	case !a.active:
		return result{held: true, failure: "The webhook is switched off."}, nil
	case !a.quieted(now):
		return s.send(ctx, a)
	case now.Sub(a.At) > patience:
		return result{held: true, failure: "The receiver could not be reached for too long."}, nil
	}
	wait := min(max(now.Sub(a.At)/2, quiet), longestQuiet)
	return result{held: true, failure: "It waits until the receiver can be reached again.", due: now.Add(wait)}, nil
}

// quieted tells whether the delivery must leave the receiver alone. The one
// that found the receiver silent is not: it keeps to its own waits.
func (a attempt) quieted(now time.Time) bool {
	if a.silentAt.IsZero() || now.Sub(a.silentAt) >= quiet {
		return false
	}
	return a.Attempts == 0 || !a.Due.Add(-waits[a.Attempts-1]).Equal(a.silentAt)
}

func (s *Store) send(ctx context.Context, a attempt) (result, error) {
	body := a.body()
	answer, err := s.outside.Do(ctx, fetch.Request{Method: http.MethodPost, URL: a.url, Header: a.header(s.now(), body), Body: []byte(body), Unread: true})
	if errors.Is(err, context.Canceled) {
		return result{}, err // this program ends, or has lost the job
	}
	if err != nil {
		return result{failure: words(err), silent: true}, nil
	}
	r := result{status: answer.Status, gone: answer.Status == http.StatusGone}
	switch {
	case r.gone:
		r.failure = "The receiver answered 410 Gone: the webhook was switched off."
	case !arrived(r.status):
		r.failure = fmt.Sprintf("The receiver answered %d %s.", r.status, http.StatusText(r.status))
	}
	return r, nil
}

// body is what is sent: the same bytes at each attempt.
func (a attempt) body() string {
	return `{"delivery":"` + strconv.FormatInt(a.ID, 10) + `","event":"` + a.Event + `","subject":"` + strconv.FormatInt(a.Subject, 10) +
		`","at":"` + a.At.Format("2006-01-02T15:04:05.000Z07:00") + `","data":` + a.payload + `}`
}

func (a attempt) header(now time.Time, body string) http.Header {
	return http.Header{
		"Content-Type":         {"application/json"},
		"Broadsheet-Event":     {a.Event},
		"Broadsheet-Delivery":  {strconv.FormatInt(a.ID, 10)},
		"Broadsheet-Signature": {sign(a.secret, now, body)},
	}
}

// sign proves that a body is from who knows the secret, and from when: the time
// is signed with it, so that an old one cannot be sent again as new.
func sign(secret string, now time.Time, body string) string {
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "." + body))
	return "t=" + at + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// words says why no answer came. The error's own text stays out: it can quote
// what the receiver sent.
func words(err error) string {
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, fetch.ErrAddress):
		return "The receiver's address is not allowed: it must be a public one."
	case errors.Is(err, fetch.ErrTimeout):
		return fmt.Sprintf("The receiver did not answer within %d seconds.", int(fetch.Within.Seconds()))
	case errors.As(err, &lookup):
		return "The receiver's name could not be found."
	case errors.As(err, &certificate):
		return "The receiver's certificate is not valid."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The receiver refused the connection."
	}
	return "The receiver did not answer in HTTP."
}

// settle writes how an attempt ended and asks for the next, in one transaction.
// When another node was faster, or the delivery has gone, it changes nothing.
func (s *Store) settle(ctx context.Context, a attempt, r result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	now := s.now().UTC().Truncate(time.Millisecond)
	next := a.after(r, now)
	return s.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`update delivery set attempts = $1, status = $2, failure = $3, due_at = $4, done_at = $5
			where id = $6 and attempts = $7 and due_at = $8 and done_at = 0`,
			next.Attempts, next.Status, next.Failure, milliseconds(next.Due), milliseconds(next.Done), a.ID, a.Attempts, a.Due.UnixMilli())
		if err != nil || n == 0 {
			return err
		}
		if err := mark(tx, a, r, now); err != nil {
			return err
		}
		if next.Done.IsZero() {
			return s.ask(tx, a.ID, next.Due)
		}
		tx.AfterCommit(next.report)
		return nil
	})
}

// after is the delivery once an attempt has ended.
func (a attempt) after(r result, now time.Time) Delivery {
	next := a.Delivery
	next.Failure, next.Due = r.failure, r.due
	if !r.held {
		next.Status = r.status
		if !arrived(r.status) && !r.gone && a.Attempts < len(waits) {
			next.Due = now.Add(waits[a.Attempts])
		}
		next.Attempts++
	}
	if next.Due.IsZero() {
		next.Done = now
	}
	return next
}

// mark notes at the webhook whether its receiver can be reached.
func mark(tx *db.Tx, a attempt, r result, now time.Time) error {
	switch {
	case r.gone:
		_, err := tx.Exec(`update webhook set active = $1, silent_at = 0 where id = $2`, false, a.Hook)
		return err
	case r.silent:
		_, err := tx.Exec(`update webhook set silent_at = $1 where id = $2`, now.UnixMilli(), a.Hook)
		return err
	case !r.held && !a.silentAt.IsZero():
		_, err := tx.Exec(`update webhook set silent_at = 0 where id = $1`, a.Hook)
		return err
	}
	return nil
}

// report tells the log of a delivery that was given up.
func (d Delivery) report() {
	if d.State() == GivenUp {
		slog.Warn("a webhook's delivery was given up", "webhook", d.Hook, "delivery", d.ID, "event", d.Event, "attempts", d.Attempts, "why", d.Failure)
	}
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func scanAttempt(r db.Row) (a attempt, err error) {
	var at, due, silent int64
	err = r.Scan(&a.ID, &a.Hook, &a.Event, &a.Subject, &at, &a.Attempts, &a.Status, &due, &a.payload, &a.url, &a.secret, &a.active, &silent)
	a.At, a.Due, a.silentAt = moment(at), moment(due), moment(silent)
	return a, err
}
