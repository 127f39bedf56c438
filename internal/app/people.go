package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// User is a person of the desk, as the command line knows them.
type User struct {
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	// Disabled says that the person may do nothing.
	Disabled bool `json:"disabled,omitempty"`
}

// AddUser adds a person to the desk, and returns the link by which they come in: good
// once, for an hour.
func AddUser(ctx context.Context, c Config, u User) (link string, err error) {
	return command(ctx, c, "user-add", u, (*Newsroom).addUser)
}

func (n *Newsroom) addUser(ctx context.Context, u User) (link string, err error) {
	p := staff.Person{ID: ref.New[ref.Staff](n.Mint), Email: u.Email, Name: u.Name, Role: staff.Role(u.Role)}
	err = n.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := staff.ByEmail(tx, u.Email)
		if err == nil {
			return staff.ErrTaken
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		n.logged(tx, "staff.added", p.ID)
		if err := staff.Put(tx, p); err != nil {
			return err
		}
		link, err = n.inviteFor(tx, p.ID)
		return err
	})
	return link, asUsage(err)
}

// ResetUser lets a person choose anew how they sign in: what they had is good no more.
// It returns the link by which they come in.
func ResetUser(ctx context.Context, c Config, email string) (link string, err error) {
	return command(ctx, c, "user-reset", email, (*Newsroom).resetUser)
}

func (n *Newsroom) resetUser(ctx context.Context, email string) (link string, err error) {
	err = n.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := someone(tx, email)
		if err != nil {
			return err
		}
		n.logged(tx, "staff.reset", p.ID)
		if err := staff.SetCredential(tx, staff.Credential{Staff: p.ID}, n.now()); err != nil {
			return err
		}
		if err := staff.EndOthers(tx, p.ID, 0, false, n.now()); err != nil {
			return err
		}
		link, err = n.inviteFor(tx, p.ID)
		return err
	})
	return link, err
}

// asUsage marks what a person typed wrongly.
func asUsage(err error) error {
	if errors.Is(err, staff.ErrEmail) || errors.Is(err, staff.ErrRole) {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return err
}

// logged adds an act that was done on the command line to the audit log.
func (n *Newsroom) logged(tx *db.Tx, act string, of ref.Staff) {
	audit.Append(tx, audit.Entry{At: n.now(), Act: act, Subject: fmt.Sprint("staff:", int64(of)), Detail: `{"by":"command line"}`})
}

// Users lists the people of the desk.
func Users(ctx context.Context, c Config) ([]User, error) {
	return command(ctx, c, "user-list", struct{}{}, (*Newsroom).listUsers)
}

func (n *Newsroom) listUsers(ctx context.Context, _ struct{}) (users []User, err error) {
	err = n.DB.View(ctx, func(tx *db.Tx) error {
		all, err := staff.All(tx)
		for _, p := range all {
			users = append(users, User{p.Email, p.Name, string(p.Role), !p.Disabled.IsZero()})
		}
		return err
	})
	return users, err
}

// DisableUser keeps a person from doing anything, on all nodes from the next
// request on.
func DisableUser(ctx context.Context, c Config, email string) error {
	_, err := command(ctx, c, "user-disable", email, (*Newsroom).disableUser)
	return err
}

func (n *Newsroom) disableUser(ctx context.Context, email string) (struct{}, error) {
	return struct{}{}, n.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := someone(tx, email)
		if err != nil {
			return err
		}
		p.Disabled = n.now()
		n.logged(tx, "staff.disabled", p.ID)
		if err := staff.EndOthers(tx, p.ID, 0, true, n.now()); err != nil {
			return err
		}
		return staff.Put(tx, p)
	})
}

// someone finds a person, or says in words that there is none.
func someone(tx *db.Tx, email string) (staff.Person, error) {
	p, err := staff.ByEmail(tx, email)
	if errors.Is(err, db.ErrNotFound) {
		return p, fmt.Errorf("nobody here has the address %q; `broadsheet user list` names everybody", email)
	}
	return p, err
}

// TokenOrder is a token to make.
type TokenOrder struct {
	User   string
	Scopes []string
	Label  string
	// For is how long the token is good; 0 means until it is revoked.
	For time.Duration
}

// CreateToken makes a token of the API and returns its text, which is not kept.
func CreateToken(ctx context.Context, c Config, o TokenOrder) (string, error) {
	return command(ctx, c, "token-create", o, (*Newsroom).createToken)
}

func (n *Newsroom) createToken(ctx context.Context, o TokenOrder) (text string, err error) {
	t := staff.Token{ID: n.Mint.Next(), Label: o.Label, Created: n.now()}
	if o.For > 0 {
		t.Expires = t.Created.Add(o.For)
	}
	for _, scope := range o.Scopes {
		t.Scopes = append(t.Scopes, staff.Right(strings.TrimSpace(scope)))
	}
	err = n.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := someone(tx, o.User)
		if err != nil {
			return err
		}
		t.Staff = p.ID
		n.logged(tx, "token.created", p.ID)
		text, err = staff.Issue(tx, t)
		return err
	})
	return text, asUsage(err)
}

// Revoke ends the sessions and tokens of a person, or of everybody when email is empty,
// on all nodes from the next request on. It returns how many tokens they were.
func Revoke(ctx context.Context, c Config, email string) (int64, error) {
	return command(ctx, c, "revoke", email, (*Newsroom).revoke)
}

func (n *Newsroom) revoke(ctx context.Context, email string) (count int64, err error) {
	err = n.DB.Update(ctx, func(tx *db.Tx) error {
		of := ref.Staff(0)
		if email != "" {
			p, err := someone(tx, email)
			if err != nil {
				return err
			}
			of = p.ID
		}
		n.logged(tx, "tokens.revoked", of)
		if err := staff.EndOthers(tx, of, 0, true, n.now()); err != nil {
			return err
		}
		count, err = staff.Revoke(tx, of, n.now())
		return err
	})
	return count, err
}

// AuditOrder is what the audit log is checked against.
type AuditOrder struct {
	// Heads is a file of signed heads; empty for the one in the data folder.
	Heads string
	// Keys are the public keys of other nodes that may have signed them.
	Keys []string
}

// Audited is what a check of the audit log came to.
type Audited struct {
	Entries int64 `json:"entries"`
	// File is where the heads are, and Heads how many agree with the log.
	File  string `json:"file"`
	Heads int    `json:"heads"`
	// Proven is the entry up to which they reach, and At when that was signed.
	Proven int64  `json:"proven"`
	At     string `json:"at,omitempty"`
}

// VerifyAudit reads the whole audit log and says what that proves; an error names
// the first entry that was tampered with.
func VerifyAudit(ctx context.Context, c Config, o AuditOrder) (Audited, error) {
	if o.Heads != "" {
		path, err := filepath.Abs(o.Heads)
		if err != nil {
			return Audited{}, fmt.Errorf("find the heads of the audit log: %w", err)
		}
		o.Heads = path // the program that serves stands elsewhere
	}
	return command(ctx, c, "verify-audit", o, (*Newsroom).verifyAudit)
}

func (n *Newsroom) verifyAudit(ctx context.Context, o AuditOrder) (a Audited, err error) {
	a.File = cmp.Or(o.Heads, filepath.Join(n.folder(), audit.HeadsFile))
	heads, err := n.auditHeads(a.File, o)
	if err != nil {
		return a, err
	}
	a.Heads = heads.Count
	a.Proven, a.At = heads.Last()
	a.Entries, err = audit.Verify(ctx, n.DB, heads)
	return a, err
}

// auditHeads reads the heads that the log is checked against: none is a mistake
// only where a file was named.
func (n *Newsroom) auditHeads(path string, o AuditOrder) (*audit.Heads, error) {
	own, err := audit.PublicKey(n.folder())
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && o.Heads == "" {
		return &audit.Heads{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: --heads: the file %s cannot be read: %w", ErrUsage, path, plainFile(err))
	}
	defer file.Close()
	heads, err := audit.ReadHeads(file, append([]string{own}, o.Keys...))
	if err == nil && heads.Count == 0 && o.Heads != "" {
		err = fmt.Errorf("%w: --heads: there is no head of an audit log in %s", ErrUsage, path)
	}
	return heads, err
}
