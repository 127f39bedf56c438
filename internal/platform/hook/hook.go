// Package hook tells other systems what happened here: webhooks, signed, and
// tried again until they arrive or are given up. It knows no news: an event is
// a name, a subject and a text of JSON. It promises that each delivery arrives
// at least once while its receiver can be reached within some seventeen hours;
// it does not promise an order, and it hears nothing back but a status.
package hook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/fetch"
)

// Most is how many webhooks a newsroom can have.
const Most = 50

const (
	// longestName is how many bytes the name of an event may have.
	longestName = 64
	// mostEvents is how many events a webhook can list.
	mostEvents = 50
)

// The kinds of errors that callers choose by, besides those of db.
var (
	// ErrURL says that nothing can be sent to a URL; the reason follows it.
	ErrURL = errors.New("nothing can be sent to this address")
	// ErrEvents says that a webhook's list of events cannot be.
	ErrEvents = errors.New(`the events are one to fifty of "*", a name as "story.published", or a group as "story.*"`)
	// ErrTooMany says that there are as many webhooks as there can be.
	ErrTooMany = errors.New("there are fifty webhooks, which is as many as there can be: delete one first")
	// ErrOff says that a webhook is switched off.
	ErrOff = errors.New("the webhook is switched off: switch it on first")
)

// Hook is someone who wants to hear of events.
type Hook struct {
	ID  int64
	URL string
	// Secret is known when it was just made, and never read again.
	Secret string
	// Events are names, groups as "story.*", or "*" for all.
	Events []string
	// Active hooks are told of what happens; the others are told nothing, not
	// even later.
	Active bool
	// By is who made it.
	By        int64
	CreatedAt time.Time
	// SilentAt is when the receiver last could not be reached; zero when it has
	// answered since.
	SilentAt time.Time
}

// Store keeps the webhooks and delivers to them.
type Store struct {
	db      *db.DB
	outside *fetch.Outside
	mint    func() int64
	now     func() time.Time
}

// New returns the store. mint makes identities that grow with time.
func New(d *db.DB, outside *fetch.Outside, mint func() int64, now func() time.Time) *Store {
	return &Store{db: d, outside: outside, mint: mint, now: now}
}

// Put writes a webhook: a new one when it has no identity yet, which is
// returned with its identity and secret. Of one that is there it changes the
// address, the events and whether it is active.
func (s *Store) Put(tx *db.Tx, h Hook) (Hook, error) {
	if err := s.outside.Check(h.URL); err != nil {
		return Hook{}, fmt.Errorf("%w: %w", ErrURL, err)
	}
	if !listed(h.Events) {
		return Hook{}, ErrEvents
	}
	if h.ID == 0 {
		return s.add(tx, h)
	}
	events, err := db.Pack(h.Events)
	if err != nil {
		return Hook{}, err
	}
	n, err := tx.Exec(`update webhook set url = $1, events = $2, active = $3, silent_at = 0 where id = $4`, h.URL, events, h.Active, h.ID)
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return Hook{}, fmt.Errorf("change webhook %d: %w", h.ID, err)
	}
	return s.Find(tx, h.ID)
}

func (s *Store) add(tx *db.Tx, h Hook) (Hook, error) {
	n, err := db.Find(tx, db.Value[int], `select count(*) from webhook`)
	if err != nil {
		return Hook{}, fmt.Errorf("count the webhooks: %w", err)
	}
	if n >= Most {
		return Hook{}, ErrTooMany
	}
	events, err := db.Pack(h.Events)
	if err != nil {
		return Hook{}, err
	}
	h.ID, h.Secret, h.CreatedAt, h.SilentAt = s.mint(), newSecret(), s.now().UTC().Truncate(time.Millisecond), time.Time{}
	_, err = tx.Exec(`insert into webhook (id, url, secret, events, active, by, created_at, silent_at) values ($1, $2, $3, $4, $5, $6, $7, 0)`,
		h.ID, h.URL, h.Secret, events, h.Active, h.By, h.CreatedAt.UnixMilli())
	if err != nil {
		return Hook{}, fmt.Errorf("add a webhook: %w", err)
	}
	return h, nil
}

// newSecret is 256 bits of chance, in letters that can be pasted anywhere.
func newSecret() string {
	chance := make([]byte, 32)
	rand.Read(chance) // never fails
	return "bshook_" + base64.RawURLEncoding.EncodeToString(chance)
}

// Renew gives a webhook a new secret and returns it; what is sent from now on
// is signed with it.
func (s *Store) Renew(tx *db.Tx, id int64) (string, error) {
	secret := newSecret()
	n, err := tx.Exec(`update webhook set secret = $1 where id = $2`, secret, id)
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("renew the secret of webhook %d: %w", id, err)
	}
	return secret, nil
}

// Find returns a webhook, without its secret.
func (s *Store) Find(tx *db.Tx, id int64) (Hook, error) {
	h, err := db.Find(tx, scanHook, `select id, url, events, active, by, created_at, silent_at from webhook where id = $1`, id)
	if err != nil {
		return Hook{}, fmt.Errorf("find webhook %d: %w", id, err)
	}
	return h, nil
}

// All returns the webhooks, the oldest first, without their secrets.
func (s *Store) All(tx *db.Tx) ([]Hook, error) {
	all, err := db.List(tx, scanHook, `select id, url, events, active, by, created_at, silent_at from webhook order by id limit 1000`)
	if err != nil {
		return nil, fmt.Errorf("list the webhooks: %w", err)
	}
	return all, nil
}

// Delete removes a webhook and all its deliveries, also those that wait.
func (s *Store) Delete(tx *db.Tx, id int64) error {
	n, err := tx.Exec(`delete from webhook where id = $1`, id)
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	if err == nil {
		_, err = tx.Exec(`delete from delivery where webhook = $1`, id)
	}
	if err != nil {
		return fmt.Errorf("delete webhook %d: %w", id, err)
	}
	return nil
}

// wants tells whether a webhook is told of an event.
func (h Hook) wants(event string) bool {
	return slices.ContainsFunc(h.Events, func(pattern string) bool {
		group, ok := strings.CutSuffix(pattern, "*")
		return pattern == event || ok && strings.HasPrefix(event, group)
	})
}

// listed tells whether a list of events can be a webhook's.
func listed(events []string) bool {
	if len(events) == 0 || len(events) > mostEvents {
		return false
	}
	for _, pattern := range events {
		if pattern != "*" && !named(strings.TrimSuffix(pattern, ".*")) {
			return false
		}
	}
	return true
}

// named tells whether a text can be the name of an event: words of small
// letters, digits, - and _ with dots between them.
func named(event string) bool {
	if len(event) > longestName {
		return false
	}
	for word := range strings.SplitSeq(event, ".") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

func scanHook(r db.Row) (h Hook, err error) {
	var events string
	var created, silent int64
	if err := r.Scan(&h.ID, &h.URL, &events, &h.Active, &h.By, &created, &silent); err != nil {
		return h, err
	}
	h.CreatedAt, h.SilentAt = moment(created), moment(silent)
	return h, db.Unpack(events, &h.Events)
}

// moment is a time of the database; 0 is the zero time.
func moment(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}
