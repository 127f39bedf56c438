package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"broadsheet/internal/app"
)

// place is where a newsroom is.
type place struct {
	Data     string `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
}

func (p place) config() app.Config { return app.Config{Data: p.Data, Database: p.Database} }

// user are the people of the desk.
type user struct {
	Add     userAdd     `cmd:"" help:"Add a person to the desk."`
	List    userList    `cmd:"" help:"Name the people of the desk."`
	Reset   userReset   `cmd:"" help:"Let a person choose anew how they sign in: prints a link."`
	Disable userDisable `cmd:"" help:"Keep a person from doing anything, at once."`
}

// userAdd adds a person.
type userAdd struct {
	place
	Email string `help:"The person's e-mail address." required:"" placeholder:"ADDRESS"`
	Name  string `help:"The person's name." placeholder:"NAME"`
	Role  string `help:"writer, translator, photo-editor, moderator, front-editor, editor, publisher or admin." required:"" placeholder:"ROLE"`
}

// Run adds them.
func (u *userAdd) Run(c *call) error {
	link, err := app.AddUser(c.ctx, u.config(), app.User{Email: u.Email, Name: u.Name, Role: u.Role})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is at the desk as %s.\nThey come in by this link, once and within the hour:\n%s\n", u.Email, u.Role, link)
	return nil
}

// userReset lets somebody in who lost what they sign in with.
type userReset struct {
	place
	Email string `help:"The person's e-mail address." required:"" placeholder:"ADDRESS"`
}

// Run prints the link.
func (u *userReset) Run(c *call) error {
	link, err := app.ResetUser(c.ctx, u.config(), u.Email)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "What %s signed in with is good no more. They come in by this link, once and within the hour:\n%s\n", u.Email, link)
	return nil
}

// userList names everybody.
type userList struct {
	place
	JSON bool `name:"json" help:"For machines."`
}

// Run prints them.
func (u *userList) Run(c *call) error {
	users, err := app.Users(c.ctx, u.config())
	if err != nil {
		return err
	}
	if u.JSON {
		return json.NewEncoder(c.out).Encode(users)
	}
	for _, one := range users {
		note := ""
		if one.Disabled {
			note = " (disabled)"
		}
		fmt.Fprintf(c.out, "%s\t%s\t%s%s\n", one.Email, one.Role, one.Name, note)
	}
	return nil
}

// userDisable keeps somebody out.
type userDisable struct {
	place
	Email string `help:"The person's e-mail address." required:"" placeholder:"ADDRESS"`
}

// Run does.
func (u *userDisable) Run(c *call) error {
	if err := app.DisableUser(c.ctx, u.config(), u.Email); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s may do nothing any more.\n", u.Email)
	return nil
}

// token are the tokens of the API.
type token struct {
	Create tokenCreate `cmd:"" help:"Make a token for programs, and print it once."`
}

// tokenCreate makes one.
type tokenCreate struct {
	place
	User  string        `help:"Whose token: an e-mail address." required:"" placeholder:"ADDRESS"`
	Scope []string      `help:"What it may: read, write, publish, arrange, redact, admin." required:"" placeholder:"SCOPES"`
	Label string        `help:"What it is for." placeholder:"TEXT"`
	For   time.Duration `help:"How long it is good, as 720h; until it is revoked when left out." placeholder:"TIME"`
}

// Run prints it alone on a line.
func (t *tokenCreate) Run(c *call) error {
	text, err := app.CreateToken(c.ctx, t.config(), app.TokenOrder{User: t.User, Scopes: t.Scope, Label: t.Label, For: t.For})
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, text)
	return nil
}

// revoke ends tokens.
type revoke struct {
	place
	All  bool   `help:"Everybody's." xor:"whose"`
	User string `help:"One person's: an e-mail address." xor:"whose" placeholder:"ADDRESS"`
}

// Run ends them.
func (r *revoke) Run(c *call) error {
	if !r.All && strings.TrimSpace(r.User) == "" {
		return fmt.Errorf("%w: say whose: --all, or --user ADDRESS", app.ErrUsage)
	}
	count, err := app.Revoke(c.ctx, r.config(), r.User)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d tokens are good for nothing any more, and nobody of them is signed in.\n", count)
	return nil
}

// verifyAudit checks the audit log.
type verifyAudit struct {
	place
	Heads string   `help:"A file of signed heads, such as a copy that is kept elsewhere; DATA/audit-heads when left out." placeholder:"FILE"`
	Key   []string `help:"The public key of another node that signed some of them, as each line of its audit-heads has it; may be given again." placeholder:"KEY"`
	JSON  bool     `name:"json" help:"For machines."`
}

// Run reads all of it.
func (v *verifyAudit) Run(c *call) error {
	found, err := app.VerifyAudit(c.ctx, v.config(), app.AuditOrder{Heads: v.Heads, Keys: v.Key})
	if err != nil {
		return err
	}
	if v.JSON {
		return json.NewEncoder(c.out).Encode(found)
	}
	fmt.Fprintf(c.out, "The audit log is whole: %d entries.\n", found.Entries)
	if found.Heads == 0 {
		fmt.Fprintf(c.out, "There are no signed heads in %s: whoever may write the database could have sealed it anew.\n", found.File)
		return nil
	}
	fmt.Fprintf(c.out, "It agrees with %d signed heads in %s, the last of entry %d at %s.\n", found.Heads, found.File, found.Proven, found.At)
	return nil
}
