package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Token is by what a program acts for a person. The token itself is shown once
// and never kept.
type Token struct {
	ID     int64
	Staff  ref.Staff
	Label  string
	Scopes []Right
	// Created, Expires and Revoked: a zero Expires means never, a zero Revoked
	// that it is good.
	Created, Expires, Revoked time.Time
}

// Prefix begins every token, so that one that leaked is recognised.
const Prefix = "bs_"

// ErrToken says that a token is not valid: unknown, expired, revoked, or of
// someone who may not work any more.
var ErrToken = errors.New("this token is not valid, or no longer valid")

// Issue makes a token for a person with scopes that the person's role has, and
// returns its text.
func Issue(tx *db.Tx, t Token) (text string, err error) {
	p, err := ByID(tx, t.Staff)
	if err != nil {
		return "", fmt.Errorf("find who the token is for: %w", err)
	}
	if !p.Disabled.IsZero() {
		return "", fmt.Errorf("%s is disabled: %w", p.Email, ErrDenied)
	}
	if len(t.Scopes) == 0 {
		return "", fmt.Errorf("a token needs a scope: %w", ErrRole)
	}
	for _, scope := range t.Scopes {
		if !slices.Contains(rights[Admin], scope) {
			return "", fmt.Errorf("%q: %w", scope, ErrRole)
		}
		if !slices.Contains(rights[p.Role], scope) {
			return "", fmt.Errorf("a %s may not %s: %w", p.Role, scope, ErrDenied)
		}
	}
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	text = Prefix + base64.RawURLEncoding.EncodeToString(secret[:])
	scopes, err := db.Pack(t.Scopes)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`insert into token (id, staff, hash, label, scopes, created_at, expires_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7, 0)`,
		t.ID, t.Staff, hashOf(text), t.Label, scopes, t.Created.UnixMilli(), millis(t.Expires))
	if err != nil {
		return "", fmt.Errorf("keep a token: %w", err)
	}
	return text, nil
}

// hashOf is what is kept of a token: 256 random bits need no slow hash.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Principal is who asks, and what they may do: what the role may and the token
// was given. One of Token and Session is by what they ask.
type Principal struct {
	Person         Person
	Token, Session int64
	Rights         []Right
}

// May tells whether the principal has a right.
func (p Principal) May(r Right) bool { return slices.Contains(p.Rights, r) }

// Known finds who a token stands for.
func Known(tx *db.Tx, text string, now time.Time) (Principal, error) {
	if !strings.HasPrefix(text, Prefix) {
		return Principal{}, ErrToken
	}
	t, err := db.Find(tx, scanToken, `select id, staff, label, scopes, created_at, expires_at, revoked_at from token where hash = $1`, hashOf(text))
	if errors.Is(err, db.ErrNotFound) {
		return Principal{}, ErrToken
	}
	if err != nil {
		return Principal{}, fmt.Errorf("look up a token: %w", err)
	}
	if !t.Revoked.IsZero() || !t.Expires.IsZero() && !now.Before(t.Expires) {
		return Principal{}, ErrToken
	}
	p, err := ByID(tx, t.Staff)
	if err != nil {
		return Principal{}, fmt.Errorf("look up whose token it is: %w", err)
	}
	if !p.Disabled.IsZero() {
		return Principal{}, ErrToken
	}
	who := Principal{Person: p, Token: t.ID}
	for _, right := range rights[p.Role] {
		if slices.Contains(t.Scopes, right) {
			who.Rights = append(who.Rights, right)
		}
	}
	return who, nil
}

// Tokens lists a person's tokens, newest first.
func Tokens(tx *db.Tx, of ref.Staff) ([]Token, error) {
	return db.List(tx, scanToken, `select id, staff, label, scopes, created_at, expires_at, revoked_at from token where staff = $1 order by id desc limit 1000`, of)
}

// Revoke ends a person's tokens at once, or everybody's for 0, and tells how
// many.
func Revoke(tx *db.Tx, of ref.Staff, at time.Time) (int64, error) {
	n, err := tx.Exec(`update token set revoked_at = $1 where (staff = $2 or $2 = 0) and revoked_at = 0`, at.UnixMilli(), of)
	if err != nil {
		return 0, fmt.Errorf("revoke tokens: %w", err)
	}
	return n, nil
}

func scanToken(r db.Row) (t Token, err error) {
	var scopes string
	var created, expires, revoked int64
	if err := r.Scan(&t.ID, &t.Staff, &t.Label, &scopes, &created, &expires, &revoked); err != nil {
		return t, err
	}
	t.Created = time.UnixMilli(created).UTC()
	if expires > 0 {
		t.Expires = time.UnixMilli(expires).UTC()
	}
	if revoked > 0 {
		t.Revoked = time.UnixMilli(revoked).UTC()
	}
	return t, db.Unpack(scopes, &t.Scopes)
}
