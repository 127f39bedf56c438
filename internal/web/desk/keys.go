package desk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/passkey"
	"broadsheet/internal/platform/remote"
)

// passkeys tells whether browsers let this place use them.
func (v *visit) passkeys() bool { return passkey.Usable(v.origin()) }

// party asks for passkeys where the browser is.
func (v *visit) party() (*passkey.Party, error) {
	p, err := passkey.New(v.paper(), cmp.Or(v.desk.Origin, v.origin()))
	if err != nil {
		return nil, &problem{status: http.StatusNotFound, key: "fault.nopasskey"}
	}
	return p, nil
}

// answerFor is how long a browser may take to answer.
const answerFor = 5 * time.Minute

// handleOf names a person to a passkey: their identity, which says nothing else.
func handleOf(id ref.Staff) []byte {
	text, err := id.MarshalJSON()
	if err != nil {
		return nil
	}
	return bytes.Trim(text, `"`)
}

// holder is a person with their passkeys.
func (v *visit) holder(p staff.Person, c staff.Credential) (passkey.Person, error) {
	who := passkey.Person{Handle: handleOf(p.ID), Name: p.Email, Display: p.Name}
	if len(c.Passkeys) == 0 {
		return who, nil
	}
	return who, db.Unpack(string(c.Passkeys), &who.Keys)
}

// keysOf lists a person's passkeys.
func (v *visit) keysOf(c staff.Credential) (list []key, err error) {
	who, err := v.holder(v.who.Person, c)
	for _, k := range who.Keys {
		one := key{ID: k.ID(), Label: k.Label, Created: v.clock(time.UnixMilli(k.Created))}
		if k.Used > 0 {
			one.Used = v.ago(time.UnixMilli(k.Used))
		}
		list = append(list, one)
	}
	return list, err
}

// asked answers a script with what a browser is asked, and keeps the other half.
func (v *visit) asked(options json.RawMessage, kept string, err error) error {
	if err != nil {
		return err
	}
	var text string
	err = v.update(func(tx *db.Tx) (err error) {
		text, err = staff.PutChallenge(tx, kept, v.desk.Now().Add(answerFor))
		return err
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{"options": options, "challenge": text})
}

// keyAnswer is what a browser answers.
type keyAnswer struct {
	Challenge string          `json:"challenge"`
	Label     string          `json:"label"`
	Response  json.RawMessage `json:"response"`
}

// maxKeyAnswer bounds an answer; a key's is some kilobytes.
const maxKeyAnswer = 64 << 10

// taken reads an answer and what was asked for.
func (v *visit) taken() (a keyAnswer, kept string, err error) {
	text, err := io.ReadAll(http.MaxBytesReader(v.w, v.Body, maxKeyAnswer))
	if err != nil {
		return a, "", &problem{status: http.StatusRequestEntityTooLarge, key: "fault.large"}
	}
	// The response is the browser's own, with members that we need not know.
	if err := json.Unmarshal(text, &a); err != nil {
		return a, "", &problem{status: http.StatusBadRequest, key: "fault.form"}
	}
	err = v.update(func(tx *db.Tx) (err error) {
		kept, err = staff.TakeChallenge(tx, a.Challenge, v.desk.Now())
		return err
	})
	if errors.Is(err, staff.ErrInvitation) {
		err = &problem{status: http.StatusGone, key: "fault.late"}
	}
	return a, kept, err
}

// refusedKey is a passkey that was not accepted.
var refusedKey = &problem{status: http.StatusUnauthorized, key: "fault.passkey"}

func (d *Desk) passkeyAsked(v *visit) error {
	p, err := v.party()
	if err != nil {
		return err
	}
	if v.signedIn {
		return d.checkAsked(v, p)
	}
	return v.asked(p.SignIn())
}

// checkAsked asks who is signed in for one of their own keys.
func (d *Desk) checkAsked(v *visit, p *passkey.Party) error {
	var who passkey.Person
	err := v.view(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err == nil {
			who, err = v.holder(v.who.Person, c)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(who.Keys) == 0 {
		return &problem{status: http.StatusNotFound, key: "fault.nokey"}
	}
	return v.asked(p.Check(who))
}

// passkeyAnswered signs in who has a key, or confirms who is signed in.
func (d *Desk) passkeyAnswered(v *visit) error {
	p, err := v.party()
	if err != nil {
		return err
	}
	network := remote.Network(d.TrustedProxy.Client(v.Request))
	if d.guess.Spent(network) {
		return staff.ErrGuessed
	}
	a, kept, err := v.taken()
	if err != nil {
		return err
	}
	var person staff.Person
	var refused error
	err = v.update(func(tx *db.Tx) error {
		var c staff.Credential
		find := func(handle []byte) (passkey.Person, error) {
			id, err := ref.Parse[ref.Staff](string(handle))
			if err != nil {
				return passkey.Person{}, passkey.ErrRefused
			}
			if person, err = staff.ByID(tx, id); err != nil || !person.Disabled.IsZero() {
				return passkey.Person{}, passkey.ErrRefused
			}
			if c, err = staff.CredentialOf(tx, id); err != nil {
				return passkey.Person{}, err
			}
			return v.holder(person, c)
		}
		var who passkey.Person
		if v.signedIn {
			if who, refused = find(handleOf(v.by())); refused == nil {
				who, refused = p.Checked(kept, who, a.Response, d.Now())
			}
		} else {
			who, refused = p.SignedIn(kept, a.Response, find, d.Now())
		}
		if refused != nil {
			audit.Append(tx, audit.Entry{At: d.Now(), By: int64(person.ID), Act: "desk.passkey-refused", Subject: subject(person.ID)})
			return nil
		}
		if err := d.putKeys(tx, c, who.Keys); err != nil {
			return err
		}
		if v.signedIn {
			return nil
		}
		return d.letIn(v, tx, person)
	})
	if err != nil {
		return err
	}
	if refused != nil {
		d.guess.Allow(network)
		return refusedKey
	}
	if v.signedIn {
		if err := d.confirmed(v); err != nil {
			return err
		}
	}
	return v.json(http.StatusOK, map[string]any{})
}

func (d *Desk) putKeys(tx *db.Tx, c staff.Credential, keys []passkey.Key) error {
	text, err := packKeys(keys)
	if err != nil {
		return err
	}
	c.Passkeys = text
	return staff.SetCredential(tx, c, d.Now())
}

// welcomeAsked asks somebody who was invited for a first key.
func (d *Desk) welcomeAsked(v *visit) error {
	_, who, err := d.invited(v)
	if err != nil {
		return err
	}
	p, err := v.party()
	if err != nil {
		return err
	}
	holder, err := v.holder(who, staff.Credential{})
	if err != nil {
		return err
	}
	return v.asked(p.Register(holder))
}

// welcomeAnswered lets somebody in who made a first key. The recovery codes come with
// the answer, once.
func (d *Desk) welcomeAnswered(v *visit) error {
	i, who, err := d.invited(v)
	if err != nil {
		return err
	}
	made, err := v.newKey(who, staff.Credential{})
	if err != nil {
		return err
	}
	text, err := packKeys([]passkey.Key{made})
	if err != nil {
		return err
	}
	codes, hashes := staff.NewRecovery()
	if err := d.settle(v, i, who, staff.Credential{Staff: who.ID, Recovery: hashes, Passkeys: text}); err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{"codes": codes})
}

// newKey takes a key that somebody made.
func (v *visit) newKey(who staff.Person, c staff.Credential) (passkey.Key, error) {
	p, err := v.party()
	if err != nil {
		return passkey.Key{}, err
	}
	a, kept, err := v.taken()
	if err != nil {
		return passkey.Key{}, err
	}
	holder, err := v.holder(who, c)
	if err != nil {
		return passkey.Key{}, err
	}
	label := strings.TrimSpace(a.Label)
	if label == "" || len(story.CheckLine("label", label, 100)) > 0 {
		label = deviceLabel(v.UserAgent())
	}
	made, err := p.Registered(kept, holder, a.Response, label, v.desk.Now())
	if errors.Is(err, passkey.ErrRefused) {
		return made, refusedKey
	}
	return made, err
}

// keyAsked asks who is signed in for another key.
func (d *Desk) keyAsked(v *visit) error {
	p, err := v.party()
	if err != nil {
		return err
	}
	var holder passkey.Person
	err = v.view(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err == nil {
			holder, err = v.holder(v.who.Person, c)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.asked(p.Register(holder))
}

func (d *Desk) keyAnswered(v *visit) error {
	made, err := v.newKey(v.who.Person, staff.Credential{})
	if err != nil {
		return err
	}
	err = v.update(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err != nil {
			return err
		}
		holder, err := v.holder(v.who.Person, c)
		if err != nil {
			return err
		}
		if err := d.putKeys(tx, c, append(holder.Keys, made)); err != nil {
			return err
		}
		d.note(v, "desk.passkey-added", subject(v.by()), tx)
		return staff.EndOthers(tx, v.by(), v.session.ID, false, d.Now())
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{})
}

// removeKey forgets a key, unless it is all that its owner can sign in with.
func (d *Desk) removeKey(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	err = v.update(func(tx *db.Tx) error {
		c, err := staff.CredentialOf(tx, v.by())
		if err != nil {
			return err
		}
		holder, err := v.holder(v.who.Person, c)
		if err != nil {
			return err
		}
		var left []passkey.Key
		for _, k := range holder.Keys {
			if k.ID() != form.Get("key") {
				left = append(left, k)
			}
		}
		if len(left) == 0 && (c.Password == "" || c.Secret == "") {
			return &problem{status: http.StatusConflict, key: "fault.lastkey"}
		}
		d.note(v, "desk.passkey-removed", subject(v.by()), tx)
		return d.putKeys(tx, c, left)
	})
	if err != nil {
		return err
	}
	return v.see(Prefix + "me?done=removed#keys")
}
