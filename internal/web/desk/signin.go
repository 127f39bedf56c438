package desk

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/remote"
)

// signInPage asks who somebody is.
type signInPage struct {
	Frame
	Email string
	// Next is where to go then; Resume the form that was sent by somebody who was not
	// signed in any more, and Kept what they had typed.
	Next, Resume string
	Kept         []kept
	// Passkeys says that the browser may use them here.
	Passkeys bool
	// Open shows the way by password.
	Open bool
}

func (v *visit) signInPage() signInPage {
	return signInPage{Frame: v.frame(v.words.T("signin.title")), Next: local(v.URL.Query().Get("next")), Passkeys: v.passkeys()}
}

func (d *Desk) signInPage(v *visit) error {
	if v.signedIn {
		return v.see(local(v.URL.Query().Get("next")))
	}
	return v.page("signin", v.signInPage())
}

// askIn asks who came without being signed in, or not any more. A link from elsewhere
// brings no cookie that is bound to this site: the page is asked for again from here.
func (v *visit) askIn() {
	switch {
	case v.route.data:
		v.json(http.StatusUnauthorized, map[string]any{"signIn": true, "sentence": v.words.T("fault.signedout")})
	case v.Method == http.MethodGet && v.Header.Get("Sec-Fetch-Site") == "cross-site":
		page := struct {
			Frame
			Next string
		}{v.frame(v.words.T("signin.title")), v.URL.RequestURI()}
		v.pageAs(http.StatusOK, "door", page)
	case v.Method == http.MethodGet || v.Method == http.MethodHead:
		at := url.Values{"next": {v.URL.RequestURI()}}
		if v.URL.Path == Prefix {
			at = nil
		}
		to := Prefix + "sign-in"
		if len(at) > 0 {
			to += "?" + at.Encode()
		}
		v.see(to)
	default:
		page := v.signInPage()
		page.Fault, page.Resume, page.Kept, page.Next = v.words.T("fault.signedout"), v.URL.RequestURI(), v.typed(), Prefix
		v.pageAs(http.StatusUnauthorized, "signin", page)
	}
}

// scripted tells whether a script asks where forms are sent too.
func (v *visit) scripted() bool { return strings.HasPrefix(v.Header.Get("Accept"), "application/json") }

// deviceLabel names a browser in words that a person knows it by.
func deviceLabel(agent string) string {
	browser, system := "", ""
	for _, known := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, known[0]) {
			browser = known[1]
			break
		}
	}
	for _, known := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, known[0]) {
			system = known[1]
			break
		}
	}
	label := strings.TrimSpace(browser + " · " + system)
	if label = strings.Trim(label, " ·"); label == "" {
		label = lang.Clip(strings.ToValidUTF8(agent, "�"), 60)
	}
	if _, _, bad := lang.Control(label); bad {
		return "?"
	}
	return label
}

// letIn signs a person in, within a transaction.
func (d *Desk) letIn(v *visit, tx *db.Tx, p staff.Person) error {
	now := d.Now()
	session, device, known, err := staff.Open(tx, staff.Session{ID: d.Mint.Next(), Staff: p.ID, Device: d.Mint.Next(), Label: deviceLabel(v.UserAgent()), Created: now}, v.cookie(deviceCookie))
	if err != nil {
		return err
	}
	act := "desk.signed-in"
	if !known {
		act = "desk.signed-in-from-new-browser"
	}
	audit.Append(tx, audit.Entry{At: now, By: int64(p.ID), Act: act, Subject: subject(p.ID)})
	tx.AfterCommit(func() {
		v.setCookie(sessionCookie, session, staff.SessionLongest)
		v.setCookie(deviceCookie, device, deviceFor)
	})
	return nil
}

func subject(of ref.Staff) string { return fmt.Sprint("staff:", int64(of)) }

// signIn takes an address, a password and a code together: nobody learns which was wrong.
func (d *Desk) signIn(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	p, err := d.prove(v, form.Get("email"), form.Get("password"), form.Get("code"))
	if err == nil {
		err = v.update(func(tx *db.Tx) error { return d.letIn(v, tx, p) })
	}
	if err != nil {
		problem := v.problemOf(err)
		if v.scripted() {
			return v.json(problem.status, map[string]any{"sentence": v.words.T(problem.key)})
		}
		page := v.signInPage()
		page.Fault, page.Email, page.Next, page.Open = v.words.T(problem.key), form.Get("email"), local(form.Get("next")), true
		page.Resume, page.Kept = resumed(form)
		return v.pageAs(problem.status, "signin", page)
	}
	if v.scripted() {
		return v.json(http.StatusOK, map[string]any{})
	}
	return d.goOn(v, form)
}

// goOn leads on after a sign-in: to where somebody wanted to go, or to what they had
// typed, which is sent by them once more.
func (d *Desk) goOn(v *visit, form url.Values) error {
	resume, fields := resumed(form)
	if resume == "" {
		return v.see(local(form.Get("next")))
	}
	page := faultPage{Frame: v.frame(v.words.T("resume.title")), Sentence: v.words.T("resume.why"), Kept: fields, Action: resume}
	page.Bare = true
	return v.page("fault", page)
}

// resumed reads a form that was sent before and kept within this one.
func resumed(form url.Values) (action string, fields []kept) {
	if form.Get("resume") == "" {
		return "", nil
	}
	for name, values := range form {
		if plain, ok := strings.CutPrefix(name, "kept."); ok {
			for _, value := range values {
				fields = append(fields, kept{plain, value, strings.Contains(value, "\n") || len(value) > 80})
			}
		}
	}
	return local(form.Get("resume")), fields
}

// prove finds who has an address, a password and a code, and takes as long for nobody.
func (d *Desk) prove(v *visit, email, password, code string) (p staff.Person, err error) {
	network := remote.Network(d.TrustedProxy.Client(v.Request))
	var c staff.Credential
	known := false
	err = v.view(func(tx *db.Tx) (err error) {
		p, err = staff.ByEmail(tx, email)
		if errors.Is(err, db.ErrNotFound) || err == nil && !p.Disabled.IsZero() {
			p = staff.Person{}
			return nil
		}
		if err != nil {
			return err
		}
		if c, err = staff.CredentialOf(tx, p.ID); err != nil {
			return err
		}
		known, err = staff.KnownDevice(tx, v.cookie(deviceCookie), p.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	if !known && d.guess.Spent(network) {
		return p, staff.ErrGuessed
	}
	right := staff.Look(c, password)
	var refused error
	err = v.update(func(tx *db.Tx) error {
		now, err := staff.CredentialOf(tx, p.ID)
		if err != nil {
			return err
		}
		right := right && now.Password == c.Password
		if refused = staff.SignIn(tx, now, right && p.ID != 0, code, known, d.Now()); refused != nil {
			audit.Append(tx, audit.Entry{At: d.Now(), By: int64(p.ID), Act: "desk.sign-in-refused", Subject: subject(p.ID)})
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	if refused != nil {
		d.guess.Allow(network)
		return staff.Person{}, refused
	}
	return p, nil
}

func (d *Desk) signOut(v *visit) error {
	err := v.update(func(tx *db.Tx) error {
		d.note(v, "desk.signed-out", subject(v.by()), tx)
		return staff.EndSession(tx, v.by(), v.session.ID, v.who.Person.AtRisk, d.Now())
	})
	if err != nil {
		return err
	}
	v.setCookie(sessionCookie, "", -time.Second)
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	return v.see(Prefix + "sign-in?done=signed-out")
}

// confirmPage asks who somebody is once more, before what changes who may do what.
type confirmPage struct {
	signInPage
	Why string
}

func (v *visit) confirmPage(why string) confirmPage {
	page := confirmPage{signInPage: v.signInPage(), Why: v.words.T(why)}
	page.Title = v.words.T("confirm.title")
	return page
}

func (d *Desk) confirmPage(v *visit) error { return v.page("confirm", v.confirmPage("confirm.why")) }

// askAgain asks for a proof, and keeps what was typed.
func (v *visit) askAgain(why string) {
	page := v.confirmPage(why)
	page.Next = v.URL.RequestURI()
	if v.Method == http.MethodPost {
		page.Resume, page.Kept, page.Next = v.URL.RequestURI(), v.typed(), Prefix
	}
	if err := v.pageAs(http.StatusForbidden, "confirm", page); err != nil {
		slog.Error("the page that asks for a proof failed", "error", err)
	}
}

func (d *Desk) confirm(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	p, err := d.prove(v, v.who.Person.Email, form.Get("password"), form.Get("code"))
	if err == nil && p.ID != v.by() {
		err = staff.ErrCredential
	}
	if err != nil {
		problem := v.problemOf(err)
		if v.scripted() {
			return v.json(problem.status, map[string]any{"sentence": v.words.T(problem.key)})
		}
		page := v.confirmPage("confirm.why")
		page.Fault, page.Next = v.words.T(problem.key), local(form.Get("next"))
		page.Resume, page.Kept = resumed(form)
		return v.pageAs(problem.status, "confirm", page)
	}
	if err := d.confirmed(v); err != nil {
		return err
	}
	if v.scripted() {
		return v.json(http.StatusOK, map[string]any{})
	}
	return d.goOn(v, form)
}

// confirmed notes that who asks has proved who they are.
func (d *Desk) confirmed(v *visit) error {
	return v.update(func(tx *db.Tx) error {
		session, err := staff.Confirm(tx, v.session.ID, d.Now())
		if err != nil {
			return err
		}
		d.note(v, "desk.confirmed", subject(v.by()), tx)
		tx.AfterCommit(func() { v.setCookie(sessionCookie, session, staff.SessionLongest) })
		return nil
	})
}
