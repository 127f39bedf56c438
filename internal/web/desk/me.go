package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// mePage is what somebody may know and change about themselves.
type mePage struct {
	Frame
	Name, Email  string
	AtRisk       bool
	Alias        string
	Languages    []choice
	HasPassword  bool
	CodesLeft    int
	Keys         []key
	Passkeys     bool
	Sessions     []session
	Wrong        string
	WrongSection string
	enrolment
}

// key is a passkey in a list.
type key struct{ ID, Label, Created, Used string }

// session is where somebody is signed in.
type session struct {
	ID, Label, Seen, Created string
	Here                     bool
}

func (d *Desk) mePage(v *visit) error { return d.showMe(v, http.StatusOK, "", "") }

func (d *Desk) showMe(v *visit, status int, section, fault string) error {
	me := v.who.Person
	set, err := enrol(staff.NewSecret(), v.paper(), me.Email)
	if err != nil {
		return err
	}
	page := mePage{Frame: v.frame(v.words.T("me.title")), Name: me.Name, Email: me.Email, AtRisk: me.AtRisk, Alias: me.Alias, Passkeys: v.passkeys(), Wrong: fault, WrongSection: section, enrolment: set}
	page.Languages = slices.Clone(page.Tongues)
	err = v.view(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, me.ID)
		if err != nil {
			return err
		}
		page.HasPassword, page.CodesLeft = c.Password != "", len(c.Recovery)
		if page.Keys, err = v.keysOf(c); err != nil {
			return err
		}
		all, err := staff.Sessions(tx, me.ID, d.Now())
		for _, s := range all {
			page.Sessions = append(page.Sessions, session{ID: strconv.FormatInt(s.ID, 10), Label: s.Label, Seen: v.ago(s.Seen), Created: v.clock(s.Created), Here: s.ID == v.session.ID})
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.pageAs(status, "me", page)
}

// changeMe changes what somebody may say of themselves.
func (d *Desk) changeMe(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	err = v.update(func(tx *db.Tx) error {
		p, err := staff.ByID(tx, v.by())
		if err != nil {
			return err
		}
		if form.Has("name") {
			p.Name = form.Get("name")
			p.Quiet = form.Get("keys") == "off"
		}
		if language := form.Get("language"); slices.Contains(tongues, language) {
			p.Language = language
		}
		return staff.Put(tx, p)
	})
	if err != nil {
		return err
	}
	if next := form.Get("next"); next != "" {
		return v.see(local(next))
	}
	return v.see(Prefix + "me?done=saved")
}

// changePassword sets a new password with new codes. All other sessions end.
func (d *Desk) changePassword(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	secret := strings.ReplaceAll(form.Get("secret"), " ", "")
	step, shown := staff.FirstCode(secret, form.Get("code"), d.Now())
	hash, err := staff.HashPassword(form.Get("password"))
	switch {
	case form.Get("password") != form.Get("again"):
		return d.showMe(v, http.StatusUnprocessableEntity, "password", v.words.T("fault.again"))
	case err != nil:
		return d.showMe(v, http.StatusUnprocessableEntity, "password", v.words.T("fault.password"))
	case !shown:
		return d.showMe(v, http.StatusUnprocessableEntity, "password", v.words.T("fault.code"))
	}
	codes, hashes := staff.NewRecovery()
	err = v.update(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err != nil {
			return err
		}
		c.Password, c.Secret, c.Step, c.Recovery = hash, secret, step, hashes
		return d.changed(v, tx, c, "desk.password-changed")
	})
	if err != nil {
		return err
	}
	return v.showCodes(codes)
}

// changed keeps new credentials, and ends the other sessions of the person.
func (d *Desk) changed(v *visit, tx *db.Tx, c staff.Credential, act string) error {
	if err := staff.SetCredential(tx, c, d.Now()); err != nil {
		return err
	}
	d.note(v, act, subject(v.by()), tx)
	return staff.EndOthers(tx, v.by(), v.session.ID, false, d.Now())
}

// newCodes makes new recovery codes; those from before are good no more.
func (d *Desk) newCodes(v *visit) error {
	codes, hashes := staff.NewRecovery()
	err := v.update(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err != nil {
			return err
		}
		c.Recovery = hashes
		d.note(v, "desk.recovery-codes-made", subject(v.by()), tx)
		return staff.SetCredential(tx, c, d.Now())
	})
	if err != nil {
		return err
	}
	return v.showCodes(codes)
}

// endSession ends one session of one's own, or all others. With wipe what that browser
// keeps can never be read again.
func (d *Desk) endSession(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	wipe := form.Get("wipe") != "" || v.who.Person.AtRisk
	err = v.update(func(tx *db.Tx) error {
		d.note(v, "desk.sessions-ended", subject(v.by()), tx)
		if form.Get("session") == "others" {
			return staff.EndOthers(tx, v.by(), v.session.ID, wipe, d.Now())
		}
		id, err := strconv.ParseInt(form.Get("session"), 10, 64)
		if err != nil {
			return errNowhere
		}
		return staff.EndSession(tx, v.by(), id, wipe, d.Now())
	})
	if err != nil {
		return err
	}
	return v.see(Prefix + "me?done=ended#sessions")
}
