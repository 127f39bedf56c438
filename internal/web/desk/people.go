package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// peoplePage is who works here, for who may change that.
type peoplePage struct {
	Frame
	People   []colleague
	Roles    []choice
	Sections []choice
	// Link is an invitation, shown once, and For whom it is.
	Link, For string
	// Typed is what was typed of an invitation that was refused.
	Typed url.Values
	// Expires is until when the link is good.
	Expires string
}

// colleague is a person in the list.
type colleague struct {
	ID, Name, Email, Role, RoleName string
	Disabled, AtRisk, Self          bool
	Alias                           string
	Sessions                        int
	// Waits is until when an invitation is good; empty for none. Bare says that the
	// person has nothing to sign in with.
	Waits    string
	Bare     bool
	Editions map[string]bool
	Sections map[string]bool
	Bounds   string
}

func (d *Desk) peoplePage(v *visit) error {
	return d.showPeople(v, http.StatusOK, peoplePage{})
}

func (d *Desk) showPeople(v *visit, status int, page peoplePage) error {
	fault := page.Fault
	page.Frame = v.frame(v.words.T("people.title"))
	page.Fault = fault
	for _, r := range staff.Roles() {
		page.Roles = append(page.Roles, choice{Value: string(r), Text: v.words.T("role." + string(r)), Chosen: string(r) == page.Typed.Get("role")})
	}
	err := v.view(func(tx *db.Tx) error {
		all, err := staff.All(tx)
		if err != nil {
			return err
		}
		waiting, err := staff.Waiting(tx, d.Now())
		if err != nil {
			return err
		}
		sections, err := section.All(tx)
		if err != nil {
			return err
		}
		for _, s := range sections {
			e, _ := v.edition(s.Edition)
			page.Sections = append(page.Sections, choice{Value: fmt.Sprint(int64(s.ID)), Text: s.Name, Lang: e.Language, Dir: e.Direction()})
		}
		for _, p := range all {
			c := colleague{ID: fmt.Sprint(int64(p.ID)), Name: p.Name, Email: p.Email, Role: string(p.Role), RoleName: v.words.T("role." + string(p.Role)),
				Disabled: !p.Disabled.IsZero(), AtRisk: p.AtRisk, Alias: p.Alias, Self: p.ID == v.by(), Editions: map[string]bool{}, Sections: map[string]bool{}}
			sessions, err := staff.Sessions(tx, p.ID, d.Now())
			if err != nil {
				return err
			}
			c.Sessions = len(sessions)
			credential, err := staff.CredentialOf(tx, p.ID)
			if err != nil {
				return err
			}
			c.Bare = !credential.Complete()
			if i, ok := waiting[p.ID]; ok {
				c.Waits = v.clock(i.Expires)
			}
			c.bound(v, p, sections)
			page.People = append(page.People, c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.pageAs(status, "people", page)
}

// bound says in words which editions and sections a person may change.
func (c *colleague) bound(v *visit, p staff.Person, sections []section.Section) {
	var names []string
	for _, key := range p.Editions {
		c.Editions[key] = true
		if e, ok := v.edition(key); ok {
			names = append(names, e.Name)
		}
	}
	for _, id := range p.Sections {
		c.Sections[fmt.Sprint(int64(id))] = true
		if at := slices.IndexFunc(sections, func(s section.Section) bool { return s.ID == id }); at >= 0 {
			names = append(names, sections[at].Name)
		}
	}
	c.Bounds = strings.Join(names, v.words.T("comma"))
}

// fill writes what a form says of a person.
func fill(p *staff.Person, form url.Values) error {
	p.Role, p.Name, p.Alias, p.AtRisk = staff.Role(form.Get("role")), form.Get("name"), form.Get("alias"), form.Get("atrisk") != ""
	p.Editions = form["editions[]"]
	p.Sections = nil
	for _, text := range form["sections[]"] {
		id, err := ref.Parse[ref.Section](text)
		if err != nil {
			return &problem{status: http.StatusBadRequest, key: "fault.form"}
		}
		p.Sections = append(p.Sections, id)
	}
	return nil
}

// invite brings a person to the desk and makes the link by which they come.
func (d *Desk) invite(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	p := staff.Person{ID: ref.New[ref.Staff](d.Mint), Email: form.Get("email"), Language: form.Get("language")}
	if err := fill(&p, form); err != nil {
		return err
	}
	var link string
	err = v.update(func(tx *db.Tx) (err error) {
		if _, err := staff.ByEmail(tx, p.Email); err == nil {
			return staff.ErrTaken
		}
		if err := staff.Put(tx, p); err != nil {
			return err
		}
		link, err = d.inviteIn(v, tx, p.ID, "staff.invited")
		return err
	})
	if err != nil {
		page := peoplePage{Typed: form}
		known := v.problemOf(err)
		page.Fault = v.words.T(known.key, known.args...)
		return d.showPeople(v, known.status, page)
	}
	return d.showPeople(v, http.StatusOK, peoplePage{Link: link, For: p.Email, Expires: v.clock(d.Now().Add(staff.InvitedFor))})
}

// inviteIn makes a link for a person.
func (d *Desk) inviteIn(v *visit, tx *db.Tx, id ref.Staff, act string) (string, error) {
	text, err := staff.Invite(tx, staff.Invitation{ID: d.Mint.Next(), Staff: id, By: v.by(), Created: d.Now(), Expires: d.Now().Add(staff.InvitedFor)})
	audit.Append(tx, audit.Entry{At: d.Now(), By: int64(v.by()), Act: act, Subject: subject(id)})
	return v.origin() + Prefix + "welcome/" + text, err
}

// changePerson changes what somebody may do, ends their sessions, keeps them out, or
// lets them choose anew how they sign in.
func (d *Desk) changePerson(v *visit) error {
	id, err := identity[ref.Staff](v, "person")
	if err != nil {
		return err
	}
	form, err := v.fields()
	if err != nil {
		return err
	}
	page, done := peoplePage{}, ""
	err = v.update(func(tx *db.Tx) error {
		p, err := staff.ByID(tx, id)
		if err != nil {
			return err
		}
		act := "staff.changed"
		switch form.Get("do") {
		case "change":
			before := p.Role
			if err := fill(&p, form); err != nil {
				return err
			}
			// Somebody must be left who can give the role back.
			if before == staff.Admin && p.Role != staff.Admin && id == v.by() {
				return &problem{status: http.StatusConflict, key: "fault.self"}
			}
			done = "changed"
		case "disable":
			if id == v.by() {
				return &problem{status: http.StatusConflict, key: "fault.self"}
			}
			p.Disabled, act, done = d.Now(), "staff.disabled", "changed"
			if err := staff.EndOthers(tx, id, 0, true, d.Now()); err != nil {
				return err
			}
		case "enable":
			p.Disabled, act, done = time.Time{}, "staff.enabled", "changed"
		case "end":
			act, done = "staff.signed-out", "ended"
			if err := staff.EndOthers(tx, id, 0, form.Get("wipe") != "", d.Now()); err != nil {
				return err
			}
		case "reset":
			act = "staff.reset"
			if err := staff.SetCredential(tx, staff.Credential{Staff: id}, d.Now()); err != nil {
				return err
			}
			if err := staff.EndOthers(tx, id, 0, false, d.Now()); err != nil {
				return err
			}
			page.For, page.Expires = p.Email, v.clock(d.Now().Add(staff.InvitedFor))
			page.Link, err = d.inviteIn(v, tx, id, "staff.invited")
			if err != nil {
				return err
			}
		default:
			return &problem{status: http.StatusBadRequest, key: "fault.form"}
		}
		d.note(v, act, subject(id), tx)
		return staff.Put(tx, p)
	})
	if err != nil {
		return err
	}
	if page.Link != "" {
		return d.showPeople(v, http.StatusOK, page)
	}
	return v.see(Prefix + "people?done=" + done)
}
