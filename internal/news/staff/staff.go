// Package staff holds the people of the desk: what each role may do, how they sign in
// and where they are signed in, and the tokens by which programs act for them. It sends
// nothing, knows no browser, and decides nothing about a story.
package staff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Role is what somebody is at the desk.
type Role string

// The roles.
const (
	Writer      Role = "writer"
	Translator  Role = "translator"
	Editor      Role = "editor"
	FrontEditor Role = "front-editor"
	PhotoEditor Role = "photo-editor"
	Moderator   Role = "moderator"
	Publisher   Role = "publisher"
	Admin       Role = "admin"
)

// Right is a kind of act, and the scope of a token.
type Right string

// The rights.
const (
	// Read is to see drafts and everything else that the desk works on.
	Read Right = "read"
	// Write is to save drafts.
	Write Right = "write"
	// Publish is to make work live, correct it, and take it back.
	Publish Right = "publish"
	// Arrange is to change fronts, sections, topics and authors.
	Arrange Right = "arrange"
	// Redact is to ask for a redaction, or to confirm another's.
	Redact Right = "redact"
	// Administer is to change who may do what, and who hears of it.
	Administer Right = "admin"
)

// rights is the one table of who may do what. What is not here is refused.
var rights = map[Role][]Right{
	Writer:      {Read, Write},
	Translator:  {Read, Write},
	PhotoEditor: {Read, Write},
	Moderator:   {Read},
	FrontEditor: {Read, Arrange},
	Editor:      {Read, Write, Publish, Arrange, Redact},
	Publisher:   {Read, Write, Publish, Arrange, Redact},
	Admin:       {Read, Write, Publish, Arrange, Redact, Administer},
}

// Roles lists the roles, in the order of their weight.
func Roles() []Role {
	return []Role{Writer, Translator, PhotoEditor, Moderator, FrontEditor, Editor, Publisher, Admin}
}

// Rights lists what a role may do; nothing for a role that is not known.
func (r Role) Rights() []Right { return slices.Clone(rights[r]) }

// Person is someone of the desk.
type Person struct {
	ID ref.Staff `json:"-"`
	// Email is how a person is found; kept in lower case.
	Email string `json:"-"`
	Role  Role   `json:"-"`
	// Disabled is since when the person may do nothing; zero for who may work.
	Disabled time.Time `json:"-"`
	Name     string    `json:"name"`
	// Language is that of the desk for the person: a tag of one of its three; empty
	// for English.
	Language string `json:"language,omitempty"`
	// Editions and Sections bound what the person may change; none means all.
	Editions []string      `json:"editions,omitempty"`
	Sections []ref.Section `json:"sections,omitempty"`
	// AtRisk keeps nothing of what the person writes in a browser, and the name from
	// colleagues who need not know it.
	AtRisk bool `json:"atRisk,omitempty"`
	// Alias is the name that colleagues see of somebody at risk.
	Alias string `json:"alias,omitempty"`
	// Quiet switches the keys of a single letter off (WCAG 2.2, 2.1.4).
	Quiet bool `json:"quiet,omitempty"`
}

// Reaches tells whether a person may change what stands in an edition and a section; a
// section of 0 is none yet.
func (p Person) Reaches(edition string, section ref.Section) bool {
	return (len(p.Editions) == 0 || slices.Contains(p.Editions, edition)) &&
		(len(p.Sections) == 0 || section == 0 || slices.Contains(p.Sections, section))
}

// Shown is the name that a colleague sees of a person.
func (p Person) Shown(to Principal) string {
	if !p.AtRisk || to.Person.ID == p.ID || to.May(Administer) {
		return cmp.Or(p.Name, p.Email)
	}
	return cmp.Or(p.Alias, "•••")
}

// The kinds of errors.
var (
	// ErrRole says that a role, or a right, is not known.
	ErrRole = errors.New("not a role we know")
	// ErrEmail says that a text is no address of a person.
	ErrEmail = errors.New("not an e-mail address")
	// ErrTaken says that somebody else has the address.
	ErrTaken = errors.New("somebody with this e-mail address is here already")
	// ErrDenied says that a person may not do what was asked.
	ErrDenied = errors.New("this person may not do that")
)

// longestName bounds a name, and an address (RFC 5321 allows 254 octets).
const longestName = 254

func (p Person) check() error {
	at := strings.LastIndexByte(p.Email, '@')
	if at < 1 || at == len(p.Email)-1 || len(p.Email) > longestName || strings.ContainsAny(p.Email, " \t\r\n<>\",;") {
		return fmt.Errorf("%q: %w", p.Email, ErrEmail)
	}
	if _, r, bad := lang.Control(p.Email + p.Name + p.Alias); bad {
		return fmt.Errorf("the name has a character that cannot be kept (%U): %w", r, ErrEmail)
	}
	if len(p.Name) > longestName || len(p.Alias) > longestName {
		return fmt.Errorf("the name has more than %d bytes: %w", longestName, ErrEmail)
	}
	if len(p.Role.Rights()) == 0 {
		return fmt.Errorf("%q: %w; there are %s", p.Role, ErrRole, roleNames())
	}
	return nil
}

func roleNames() string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// Put writes a person, new or changed.
func Put(tx *db.Tx, p Person) error {
	p.Email = strings.ToLower(strings.TrimSpace(p.Email))
	if err := p.check(); err != nil {
		return err
	}
	content, err := db.Pack(p)
	if err != nil {
		return err
	}
	disabled := int64(0)
	if !p.Disabled.IsZero() {
		disabled = p.Disabled.UnixMilli()
	}
	_, err = tx.Exec(`insert into staff (id, email, role, disabled_at, content) values ($1, $2, $3, $4, $5)
		on conflict (id) do update set email = excluded.email, role = excluded.role, disabled_at = excluded.disabled_at, content = excluded.content`,
		p.ID, p.Email, p.Role, disabled, content)
	if errors.Is(err, db.ErrConflict) {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("put a person: %w", err)
	}
	return nil
}

// ByEmail finds a person.
func ByEmail(tx *db.Tx, email string) (Person, error) {
	return db.Find(tx, scan, `select id, email, role, disabled_at, content from staff where email = $1`, strings.ToLower(strings.TrimSpace(email)))
}

// ByID finds a person.
func ByID(tx *db.Tx, id ref.Staff) (Person, error) {
	return db.Find(tx, scan, `select id, email, role, disabled_at, content from staff where id = $1`, id)
}

// All lists the people of the desk, the longest here first.
func All(tx *db.Tx) ([]Person, error) {
	return db.List(tx, scan, `select id, email, role, disabled_at, content from staff order by id limit 10000`)
}

func scan(r db.Row) (p Person, err error) {
	var content string
	var disabled int64
	if err := r.Scan(&p.ID, &p.Email, &p.Role, &disabled, &content); err != nil {
		return p, err
	}
	if disabled > 0 {
		p.Disabled = time.UnixMilli(disabled).UTC()
	}
	return p, db.Unpack(content, &p)
}
