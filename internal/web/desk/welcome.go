package desk

import (
	"encoding/json"
	"fmt"
	"image/color"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// welcomePage lets somebody who was invited choose how they sign in.
type welcomePage struct {
	Frame
	Name, Email, Role string
	Passkeys          bool
	enrolment
}

// enrolment is a secret for codes that is shown once.
type enrolment struct {
	Secret string
	// Code is the secret as a QR code: the path of an SVG picture, Side squares wide.
	Code string
	Side int
}

// enrol makes the secret of an address ready to be taken over by an app.
func enrol(secret, paper, email string) (enrolment, error) {
	at := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + paper + ":" + email,
		RawQuery: url.Values{"secret": {secret}, "issuer": {paper}}.Encode()}
	code, err := qr.Encode(at.String(), qr.M, qr.Auto)
	if err != nil {
		return enrolment{}, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if gray := color.GrayModel.Convert(code.At(x, y)).(color.Gray); gray.Y < 128 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return enrolment{Secret: spaced(secret), Code: path.String(), Side: size + 8}, nil
}

// spaced writes a secret in groups of four, as people type it.
func spaced(secret string) string {
	var groups []string
	for part := range slices.Chunk([]byte(secret), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}

// paper is the publication's name.
func (v *visit) paper() string {
	if len(v.editions) == 0 {
		return v.here.Title
	}
	return v.editions[0].Title
}

// invited finds whom a link is for, and speaks their language.
func (d *Desk) invited(v *visit) (i staff.Invitation, p staff.Person, err error) {
	err = v.view(func(tx *db.Tx) (err error) {
		i, p, err = staff.Invited(tx, v.PathValue("link"), d.Now())
		return err
	})
	if err == nil && v.URL.Query().Get("lang") == "" {
		v.speak(p.Language)
	}
	return i, p, err
}

func (d *Desk) welcomePage(v *visit) error {
	_, p, err := d.invited(v)
	if err != nil {
		return err
	}
	return d.showWelcome(v, http.StatusOK, p, staff.NewSecret(), "")
}

func (d *Desk) showWelcome(v *visit, status int, p staff.Person, secret, fault string) error {
	set, err := enrol(secret, v.paper(), p.Email)
	if err != nil {
		return err
	}
	page := welcomePage{Frame: v.frame(v.words.T("welcome.title")), Name: p.Name, Email: p.Email, Role: v.words.T("role." + string(p.Role)), Passkeys: v.passkeys(), enrolment: set}
	page.Bare, page.Fault = true, fault
	return v.pageAs(status, "welcome", page)
}

// welcome sets a password and codes up. The recovery codes are shown once.
func (d *Desk) welcome(v *visit) error {
	i, p, err := d.invited(v)
	if err != nil {
		return err
	}
	form, err := v.fields()
	if err != nil {
		return err
	}
	secret := strings.ReplaceAll(form.Get("secret"), " ", "")
	step, shown := staff.FirstCode(secret, form.Get("code"), d.Now())
	if len(secret) != len(staff.NewSecret()) {
		secret, shown = staff.NewSecret(), false
	}
	if form.Get("password") != form.Get("again") {
		return d.showWelcome(v, http.StatusUnprocessableEntity, p, secret, v.words.T("fault.again"))
	}
	hash, err := staff.HashPassword(form.Get("password"))
	if err != nil {
		return d.showWelcome(v, http.StatusUnprocessableEntity, p, secret, v.words.T("fault.password"))
	}
	if !shown {
		return d.showWelcome(v, http.StatusUnprocessableEntity, p, secret, v.words.T("fault.code"))
	}
	codes, hashes := staff.NewRecovery()
	err = d.settle(v, i, p, staff.Credential{Staff: p.ID, Password: hash, Secret: secret, Step: step, Recovery: hashes})
	if err != nil {
		return err
	}
	v.signedIn, v.who = true, staff.Principal{Person: p, Rights: p.Role.Rights()}
	return v.showCodes(codes)
}

// settle accepts an invitation: the person has what they chose and nothing from before,
// and is signed in here and nowhere else.
func (d *Desk) settle(v *visit, i staff.Invitation, p staff.Person, c staff.Credential) error {
	return v.update(func(tx *db.Tx) error {
		if err := staff.Accept(tx, i.ID, d.Now()); err != nil {
			return err
		}
		if err := staff.SetCredential(tx, c, d.Now()); err != nil {
			return err
		}
		if err := staff.EndOthers(tx, p.ID, 0, false, d.Now()); err != nil {
			return err
		}
		audit.Append(tx, audit.Entry{At: d.Now(), By: int64(p.ID), Act: "desk.enrolled", Subject: subject(p.ID)})
		return d.letIn(v, tx, p)
	})
}

// codesPage shows recovery codes, once.
type codesPage struct {
	Frame
	Codes []string
}

func (v *visit) showCodes(codes []string) error {
	page := codesPage{Frame: v.frame(v.words.T("codes.title")), Codes: codes}
	page.Bare = true
	return v.page("codes", page)
}

// packKeys writes passkeys as they are kept.
func packKeys[T any](keys []T) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return json.Marshal(keys)
}
