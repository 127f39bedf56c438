package staff

import (
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// How long an invitation is good: one of the desk, and one of the command line, which
// lets in whoever reads the screen.
const (
	InvitedFor        = 72 * time.Hour
	InvitedFromServer = time.Hour
)

// ErrInvitation says that a link is not good, or not any more.
var ErrInvitation = errors.New("this link is not good, or not any more")

// Invitation is a link by which a person sets up how they sign in.
type Invitation struct {
	ID    int64
	Staff ref.Staff
	// By is who invited; 0 for the command line.
	By               ref.Staff
	Created, Expires time.Time
}

// Invite makes a link for a person; earlier ones are good no more. It returns the last
// part of its address, which is not kept.
func Invite(tx *db.Tx, i Invitation) (text string, err error) {
	if _, err := tx.Exec(`update invitation set used_at = $1 where staff = $2 and used_at = 0`, i.Created.UnixMilli(), i.Staff); err != nil {
		return "", fmt.Errorf("take earlier invitations back: %w", err)
	}
	text = secretText()
	_, err = tx.Exec(`insert into invitation (id, hash, staff, by, created_at, expires_at, used_at) values ($1, $2, $3, $4, $5, $6, 0)`,
		i.ID, hashOf(text), i.Staff, i.By, i.Created.UnixMilli(), i.Expires.UnixMilli())
	if err != nil {
		return "", fmt.Errorf("invite somebody: %w", err)
	}
	return text, nil
}

// Invited finds whom a link is for.
func Invited(tx *db.Tx, text string, now time.Time) (Invitation, Person, error) {
	i, err := db.Find(tx, scanInvitation, `select id, staff, by, created_at, expires_at from invitation where hash = $1 and used_at = 0 and expires_at > $2`, hashOf(text), now.UnixMilli())
	if errors.Is(err, db.ErrNotFound) {
		return i, Person{}, ErrInvitation
	}
	if err != nil {
		return i, Person{}, fmt.Errorf("look up an invitation: %w", err)
	}
	p, err := ByID(tx, i.Staff)
	if err != nil {
		return i, p, fmt.Errorf("look up who is invited: %w", err)
	}
	if !p.Disabled.IsZero() {
		return i, p, ErrInvitation
	}
	return i, p, nil
}

func scanInvitation(r db.Row) (i Invitation, err error) {
	var created, expires int64
	err = r.Scan(&i.ID, &i.Staff, &i.By, &created, &expires)
	i.Created, i.Expires = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	return i, err
}

// Accept uses an invitation up; ErrInvitation where somebody was quicker.
func Accept(tx *db.Tx, id int64, now time.Time) error {
	n, err := tx.Exec(`update invitation set used_at = $1 where id = $2 and used_at = 0`, now.UnixMilli(), id)
	if err == nil && n == 0 {
		err = ErrInvitation
	}
	if err != nil {
		return fmt.Errorf("accept an invitation: %w", err)
	}
	return nil
}

// Waiting lists the invitations that nobody has accepted yet, by person.
func Waiting(tx *db.Tx, now time.Time) (map[ref.Staff]Invitation, error) {
	all, err := db.List(tx, scanInvitation, `select id, staff, by, created_at, expires_at from invitation where used_at = 0 and expires_at > $1 order by id limit 10000`, now.UnixMilli())
	byPerson := map[ref.Staff]Invitation{}
	for _, i := range all {
		byPerson[i.Staff] = i
	}
	return byPerson, err
}

// PutChallenge keeps what a browser was asked to sign, and returns by what it is found.
func PutChallenge(tx *db.Tx, content string, until time.Time) (text string, err error) {
	text = secretText()
	if _, err := tx.Exec(`insert into challenge (hash, content, expires_at) values ($1, $2, $3)`, hashOf(text), content, until.UnixMilli()); err != nil {
		return "", fmt.Errorf("keep a challenge: %w", err)
	}
	return text, nil
}

// TakeChallenge returns what a browser was asked to sign; it is good once.
func TakeChallenge(tx *db.Tx, text string, now time.Time) (content string, err error) {
	content, err = db.Find(tx, db.Value[string], `delete from challenge where hash = $1 and expires_at > $2 returning content`, hashOf(text), now.UnixMilli())
	if errors.Is(err, db.ErrNotFound) {
		return "", ErrInvitation
	}
	return content, err
}
