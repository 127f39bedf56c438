package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// Kind is the kind of the jobs that deliver; each holds the identity of its
// delivery and nothing else.
const Kind = "hook"

// ping is the event of a test.
const ping = "ping"

// errEvent says that a program announces what cannot be announced.
var errEvent = errors.New("an event has a name of small letters and a payload of JSON")

// Event is something that happened.
type Event struct {
	// Name is as "story.published".
	Name string
	// Subject is the identity of what it happened to.
	Subject int64
	// Payload is JSON, sent as it is.
	Payload string
	// At is when it happened, as in the outbox.
	At time.Time
}

// State tells how far a delivery is.
type State string

// The states of a delivery.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	GivenUp   State = "given up"
)

// Delivery is an event on its way to one webhook.
type Delivery struct {
	// ID is the same for all attempts: receivers know by it what they have had.
	ID      int64
	Hook    int64
	Event   string
	Subject int64
	At      time.Time
	// Attempts counts the requests whose end is known.
	Attempts int
	// Status is the HTTP status of the last one; 0 when there was no answer.
	Status int
	// Failure says in a sentence of our own why the last one failed, or why none
	// was made since. Nothing of what receivers write is kept: it could be what
	// was sent to them.
	Failure string
	// Due is when the next attempt is to be made; zero when there is none.
	Due time.Time
	// Done is when it arrived or was given up; zero before.
	Done time.Time
}

// State tells how far the delivery is.
func (d Delivery) State() State {
	switch {
	case d.Done.IsZero():
		return Waiting
	case arrived(d.Status):
		return Delivered
	}
	return GivenUp
}

func arrived(status int) bool { return status >= http.StatusOK && status < http.StatusMultipleChoices }

// Announce tells all webhooks that want to hear of an event, in the transaction
// in which it happened.
func (s *Store) Announce(tx *db.Tx, e Event) error {
	if !named(e.Name) || !json.Valid([]byte(e.Payload)) {
		return fmt.Errorf("announce %q: %w", e.Name, errEvent)
	}
	all, err := s.All(tx)
	if err != nil {
		return fmt.Errorf("announce %s: %w", e.Name, err)
	}
	for _, h := range all {
		if !h.Active || !h.wants(e.Name) {
			continue
		}
		if _, err := s.plan(tx, h.ID, e); err != nil {
			return fmt.Errorf("announce %s to webhook %d: %w", e.Name, h.ID, err)
		}
	}
	return nil
}

// Test sends a webhook the event "ping", whatever it wants to hear of, and
// returns the delivery's identity.
func (s *Store) Test(tx *db.Tx, id int64) (int64, error) {
	h, err := s.Find(tx, id)
	if err != nil {
		return 0, err
	}
	if !h.Active {
		return 0, ErrOff
	}
	delivery, err := s.plan(tx, id, Event{Name: ping, Subject: id, Payload: "{}", At: s.now()})
	if err != nil {
		return 0, fmt.Errorf("test webhook %d: %w", id, err)
	}
	return delivery, nil
}

// plan writes a delivery and the job that makes its first attempt.
func (s *Store) plan(tx *db.Tx, hook int64, e Event) (int64, error) {
	id, due := s.mint(), s.now()
	_, err := tx.Exec(`insert into delivery (id, webhook, event, subject, payload, at, attempts, status, failure, due_at, done_at)
		values ($1, $2, $3, $4, $5, $6, 0, 0, '', $7, 0)`, id, hook, e.Name, e.Subject, e.Payload, e.At.UnixMilli(), due.UnixMilli())
	if err != nil {
		return 0, err
	}
	return id, s.ask(tx, id, due)
}

// ask asks for a delivery's next attempt.
func (s *Store) ask(tx *db.Tx, delivery int64, due time.Time) error {
	return job.Add(tx, job.Job{ID: s.mint(), Kind: Kind, Payload: strconv.FormatInt(delivery, 10), RunAt: due})
}

// mostListed is how many deliveries are listed at once.
const mostListed = 200

// Deliveries returns a webhook's deliveries, the newest first: those before a
// delivery, or from the newest on when before is 0. There are at most limit,
// and never more than 200.
func (s *Store) Deliveries(tx *db.Tx, hook, before int64, limit int) ([]Delivery, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	all, err := db.List(tx, scanDelivery, `select id, webhook, event, subject, at, attempts, status, failure, due_at, done_at from delivery
		where webhook = $1 and id < $2 order by id desc limit $3`, hook, before, min(max(limit, 1), mostListed))
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of webhook %d: %w", hook, err)
	}
	return all, nil
}

// Telling counts the deliveries that still say something of subjects.
func Telling[ID ~int64](tx *db.Tx, subjects []ID) (int, error) {
	list, err := db.Pack(subjects)
	if err != nil {
		return 0, err
	}
	return db.Find(tx, db.Value[int], `select count(*) from delivery
		where subject in (select cast(value as bigint) from json_each(cast($1 as text))) and (payload <> '' or failure <> '')`, list)
}

// Scrub takes out of all deliveries what they say of subjects. One that waits is
// given up; one that is being sent at this moment may still arrive.
func Scrub[ID ~int64](tx *db.Tx, subjects []ID) error {
	list, err := db.Pack(subjects)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update delivery set payload = '', failure = '', done_at = case when done_at = 0 then at else done_at end
		where subject in (select cast(value as bigint) from json_each(cast($1 as text)))`, list)
	if err != nil {
		return fmt.Errorf("scrub the deliveries about %s: %w", list, err)
	}
	return nil
}

// Forget removes the deliveries that were done before a moment, and those of
// webhooks that were deleted while something was announced to them.
func (s *Store) Forget(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`delete from delivery where done_at > 0 and done_at < $1
		or webhook not in (select id from webhook)`, before.UnixMilli())
	if err != nil {
		return fmt.Errorf("forget old deliveries: %w", err)
	}
	return nil
}

func scanDelivery(r db.Row) (d Delivery, err error) {
	var at, due, done int64
	err = r.Scan(&d.ID, &d.Hook, &d.Event, &d.Subject, &at, &d.Attempts, &d.Status, &d.Failure, &due, &done)
	d.At, d.Done = moment(at), moment(done)
	if done == 0 {
		d.Due = moment(due)
	}
	return d, err
}
