package staff

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// How long a session is good. OWASP ASVS 5.0.0, 7.3: idle, and in all; and how long
// ago the last proof of who somebody is may be for acts that change who may do what.
const (
	SessionIdle    = 12 * time.Hour
	SessionLongest = 7 * 24 * time.Hour
	ConfirmedFor   = 10 * time.Minute
)

// ErrSession says that a browser is not signed in, or not any more.
var ErrSession = errors.New("nobody is signed in here, or not any more")

// Session is somebody signed in with one browser.
type Session struct {
	ID     int64
	Staff  ref.Staff
	Device int64
	// Label names the browser in words.
	Label string
	// Created and Seen are when it began and was last used, Confirmed when the person
	// last proved who they are.
	Created, Seen, Confirmed time.Time
}

// Fresh tells whether the person proved who they are not long ago.
func (s Session) Fresh(now time.Time) bool { return now.Sub(s.Confirmed) < ConfirmedFor }

// Device is a browser from which somebody has signed in.
type Device struct {
	ID int64
	// Secret encrypts what the browser keeps of what is being written: 256 bits in
	// base64url; empty when it was revoked, and then for ever.
	Secret string
	// Known tells that it was there before this sign-in.
	Known bool
}

// secretText is 256 random bits in base64url.
func secretText() string {
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(secret[:])
}

// Open signs a person in. browser is what the browser holds of an earlier sign-in, empty
// for none; label is what it calls itself. It returns what the browser shall hold of the
// session and of itself.
func Open(tx *db.Tx, s Session, browser string) (session, device string, known bool, err error) {
	d, err := deviceOf(tx, browser, s.Staff)
	device = browser
	if errors.Is(err, db.ErrNotFound) {
		if device == "" {
			device = secretText()
		}
		d = Device{ID: s.Device, Secret: secretText()}
		_, err = tx.Exec(`insert into device (id, hash, staff, label, secret, created_at, seen_at) values ($1, $2, $3, $4, $5, $6, $6)`,
			d.ID, hashOf(device), s.Staff, s.Label, d.Secret, s.Created.UnixMilli())
	} else if err == nil {
		known = true
		if d.Secret == "" { // what was revoked stays unreadable, what is written from now on is not
			d.Secret = secretText()
		}
		_, err = tx.Exec(`update device set label = $1, seen_at = $2, secret = $3 where id = $4`, s.Label, s.Created.UnixMilli(), d.Secret, d.ID)
	}
	if err != nil {
		return "", "", false, fmt.Errorf("know a browser again: %w", err)
	}
	session = secretText()
	_, err = tx.Exec(`insert into desk_session (id, hash, staff, device, created_at, seen_at, confirmed_at, ended_at) values ($1, $2, $3, $4, $5, $5, $5, 0)`,
		s.ID, hashOf(session), s.Staff, d.ID, s.Created.UnixMilli())
	if err != nil {
		return "", "", false, fmt.Errorf("sign somebody in: %w", err)
	}
	return session, device, known, nil
}

func deviceOf(tx *db.Tx, browser string, of ref.Staff) (Device, error) {
	return db.Find(tx, func(r db.Row) (d Device, err error) {
		d.Known = true
		return d, r.Scan(&d.ID, &d.Secret)
	}, `select id, secret from device where hash = $1 and staff = $2`, hashOf(browser), of)
}

// KnownDevice tells whether a person has signed in with a browser before.
func KnownDevice(tx *db.Tx, browser string, of ref.Staff) (bool, error) {
	if browser == "" {
		return false, nil
	}
	_, err := deviceOf(tx, browser, of)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// DeviceSecret is the secret of a session's browser.
func DeviceSecret(tx *db.Tx, id int64) (string, error) {
	return db.Find(tx, db.Value[string], `select secret from device where id = $1`, id)
}

// StillIn tells whether a session is good, whatever its browser holds by now.
func StillIn(tx *db.Tx, id int64, now time.Time) (bool, error) {
	return db.Has(tx, `select s.id from desk_session s join staff p on p.id = s.staff
		where s.id = $1 and s.ended_at = 0 and p.disabled_at = 0 and s.seen_at > $2 and s.created_at > $3`,
		id, now.Add(-SessionIdle).UnixMilli(), now.Add(-SessionLongest).UnixMilli())
}

func scanSession(r db.Row) (s Session, err error) {
	var created, seen, confirmed int64
	err = r.Scan(&s.ID, &s.Staff, &s.Device, &s.Label, &created, &seen, &confirmed)
	s.Created, s.Seen, s.Confirmed = time.UnixMilli(created).UTC(), time.UnixMilli(seen).UTC(), time.UnixMilli(confirmed).UTC()
	return s, err
}

// SignedIn finds who is signed in by what a browser holds. It is asked for every
// request, so that what ends a session ends it on all nodes at once.
func SignedIn(tx *db.Tx, text string, now time.Time) (Principal, Session, error) {
	if text == "" {
		return Principal{}, Session{}, ErrSession
	}
	s, err := db.Find(tx, scanSession, `select s.id, s.staff, s.device, coalesce(d.label, ''), s.created_at, s.seen_at, s.confirmed_at from desk_session s left join device d on d.id = s.device where s.hash = $1 and s.ended_at = 0`, hashOf(text))
	if errors.Is(err, db.ErrNotFound) {
		return Principal{}, s, ErrSession
	}
	if err != nil {
		return Principal{}, s, fmt.Errorf("look up a session: %w", err)
	}
	if now.Sub(s.Seen) >= SessionIdle || now.Sub(s.Created) >= SessionLongest {
		return Principal{}, s, ErrSession
	}
	p, err := ByID(tx, s.Staff)
	if err != nil {
		return Principal{}, s, fmt.Errorf("look up whose session it is: %w", err)
	}
	if !p.Disabled.IsZero() {
		return Principal{}, s, ErrSession
	}
	return Principal{Person: p, Session: s.ID, Rights: p.Role.Rights()}, s, nil
}

// seenEvery is how often it is written that a session is used.
const seenEvery = time.Minute

// Overdue tells whether it is time to write that a session is used.
func (s Session) Overdue(now time.Time) bool { return now.Sub(s.Seen) >= seenEvery }

// Seen writes that a session is used.
func Seen(tx *db.Tx, id int64, now time.Time) error {
	if _, err := tx.Exec(`update desk_session set seen_at = $1 where id = $2 and ended_at = 0 and seen_at < $1`, now.UnixMilli(), id); err != nil {
		return fmt.Errorf("note that a session is used: %w", err)
	}
	return nil
}

// Confirm writes that the person of a session proved who they are again, and returns
// what the browser shall hold from now on: who had the old text has nothing.
func Confirm(tx *db.Tx, id int64, now time.Time) (string, error) {
	text := secretText()
	n, err := tx.Exec(`update desk_session set confirmed_at = $1, seen_at = $1, hash = $2 where id = $3 and ended_at = 0`, now.UnixMilli(), hashOf(text), id)
	if err == nil && n == 0 {
		err = ErrSession
	}
	if err != nil {
		return "", fmt.Errorf("confirm a session: %w", err)
	}
	return text, nil
}

// Sessions lists a person's sessions that are good, the last used first.
func Sessions(tx *db.Tx, of ref.Staff, now time.Time) ([]Session, error) {
	return db.List(tx, scanSession, `select s.id, s.staff, s.device, coalesce(d.label, ''), s.created_at, s.seen_at, s.confirmed_at from desk_session s left join device d on d.id = s.device
		where s.staff = $1 and s.ended_at = 0 and s.seen_at > $2 and s.created_at > $3 order by s.seen_at desc, s.id limit 100`,
		of, now.Add(-SessionIdle).UnixMilli(), now.Add(-SessionLongest).UnixMilli())
}

// EndSession ends one session of a person. With wipe what its browser keeps can never be
// read again.
func EndSession(tx *db.Tx, of ref.Staff, id int64, wipe bool, now time.Time) error {
	return end(tx, of, id, true, wipe, now)
}

// EndOthers ends a person's sessions but one, or all for 0; of 0 means everybody's.
func EndOthers(tx *db.Tx, of ref.Staff, but int64, wipe bool, now time.Time) error {
	return end(tx, of, but, false, wipe, now)
}

func end(tx *db.Tx, of ref.Staff, id int64, that, wipe bool, now time.Time) error {
	if wipe {
		_, err := tx.Exec(`update device set secret = '' where id in
			(select device from desk_session where (staff = $1 or $1 = 0) and ended_at = 0 and (id = $2) = $3)`, of, id, that)
		if err != nil {
			return fmt.Errorf("make unreadable what browsers keep: %w", err)
		}
	}
	_, err := tx.Exec(`update desk_session set ended_at = $4 where (staff = $1 or $1 = 0) and ended_at = 0 and (id = $2) = $3`, of, id, that, now.UnixMilli())
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// ForgetSessions removes the sessions that ended, or could not be used any more, before a
// moment, and challenges and invitations that nobody can answer.
func ForgetSessions(tx *db.Tx, before time.Time) error {
	at := before.UnixMilli()
	for _, statement := range []string{
		`delete from desk_session where ended_at > 0 and ended_at < $1 or created_at < $1`,
		`delete from challenge where expires_at < $1`,
		`delete from invitation where expires_at < $1`,
	} {
		if _, err := tx.Exec(statement, at); err != nil {
			return fmt.Errorf("forget old sessions: %w", err)
		}
	}
	return nil
}
