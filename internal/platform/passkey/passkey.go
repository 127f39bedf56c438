// Package passkey registers passkeys and checks what they sign (W3C Web Authentication,
// level 3), for people whom it knows by a handle alone. It keeps nothing: callers keep
// the keys, and what a browser was asked for until it answers.
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Key is a passkey of somebody.
type Key struct {
	// Label is what its owner calls it.
	Label string `json:"label"`
	// Created and Used are when it was made and last used, in Unix milliseconds; Used is
	// 0 for never.
	Created    int64               `json:"created"`
	Used       int64               `json:"used,omitempty"`
	Credential webauthn.Credential `json:"credential"`
}

// ID names the key, in base64url without padding.
func (k Key) ID() string { return protocol.URLEncodedBase64(k.Credential.ID).String() }

// Person is who has keys.
type Person struct {
	// Handle names the person and nobody else: 1 to 64 bytes that say nothing of who it
	// is.
	Handle []byte
	// Name is what a browser shows in a list of accounts, Display what it calls the
	// person.
	Name, Display string
	Keys          []Key
}

// WebAuthnID and the like make a Person one of the library's users.
func (p Person) WebAuthnID() []byte { return p.Handle }

// WebAuthnName is the account's name.
func (p Person) WebAuthnName() string { return p.Name }

// WebAuthnDisplayName is the person's name.
func (p Person) WebAuthnDisplayName() string { return p.Display }

// WebAuthnCredentials are the person's keys.
func (p Person) WebAuthnCredentials() (all []webauthn.Credential) {
	for _, k := range p.Keys {
		all = append(all, k.Credential)
	}
	return all
}

// The kinds of errors.
var (
	// ErrRefused says that an answer is not one to what was asked, or not signed by a key
	// that is known.
	ErrRefused = errors.New("the passkey was not accepted")
	// ErrCloned says that a key counted backwards: there may be two of it.
	ErrCloned = errors.New("there may be a copy of this passkey")
)

// answerWithin is how long a browser may take to answer.
const answerWithin = 5 * time.Minute

// The purposes of a question: an answer to one is none to another.
const (
	registering = "register"
	signingIn   = "sign in"
	checking    = "check"
)

// asked is what a browser was asked, for the caller to keep.
type asked struct {
	Purpose string               `json:"purpose"`
	Session webauthn.SessionData `json:"session"`
}

// Party asks for and checks passkeys under one origin.
type Party struct{ auth *webauthn.WebAuthn }

// Usable tells whether browsers let pages of an origin use passkeys: over https, or as
// http://localhost; never under a number.
func Usable(origin string) bool {
	at, err := url.Parse(origin)
	if err != nil || net.ParseIP(strings.Trim(at.Hostname(), "[]")) != nil || at.Hostname() == "" {
		return false
	}
	return at.Scheme == "https" || at.Scheme == "http" && (at.Hostname() == "localhost" || strings.HasSuffix(at.Hostname(), ".localhost"))
}

// New returns the party of an origin, as "https://desk.paper.example".
func New(name, origin string) (*Party, error) {
	at, err := url.Parse(origin)
	if err != nil || !Usable(origin) {
		return nil, fmt.Errorf("%q cannot have passkeys: %w", origin, ErrRefused)
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: answerWithin, TimeoutUVD: answerWithin}
	auth, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: name, RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys of %s: %w", origin, err)
	}
	return &Party{auth}, nil
}

func ask(purpose string, options any, session *webauthn.SessionData, err error) (json.RawMessage, string, error) {
	if err != nil {
		return nil, "", fmt.Errorf("ask for a passkey: %w", err)
	}
	public, err := json.Marshal(options)
	if err != nil {
		return nil, "", err
	}
	kept, err := json.Marshal(asked{purpose, *session})
	return public, string(kept), err
}

// recall reads what a browser was asked, and refuses what was asked for another purpose.
func recall(kept, purpose string) (webauthn.SessionData, error) {
	var a asked
	if err := json.Unmarshal([]byte(kept), &a); err != nil || a.Purpose != purpose {
		return a.Session, ErrRefused
	}
	return a.Session, nil
}

// Register asks for a new key of somebody: options are for navigator.credentials.create,
// and kept goes to Registered with the answer. A key must be found without a name, and
// know its owner by a finger or a number.
func (p *Party) Register(who Person) (options json.RawMessage, kept string, err error) {
	var have []protocol.CredentialDescriptor
	for _, k := range who.Keys {
		have = append(have, k.Credential.Descriptor())
	}
	made, session, err := p.auth.BeginRegistration(who, webauthn.WithExclusions(have), webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
	}))
	return ask(registering, made, session, err)
}

// Registered returns the key that a browser made.
func (p *Party) Registered(kept string, who Person, response []byte, label string, now time.Time) (Key, error) {
	session, err := recall(kept, registering)
	if err != nil {
		return Key{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Key{}, refused(err)
	}
	made, err := p.auth.CreateCredential(who, session, parsed)
	if err != nil {
		return Key{}, refused(err)
	}
	return Key{Label: label, Created: now.UnixMilli(), Credential: *made}, nil
}

// refused keeps the library's words for the log, under one kind.
func refused(err error) error {
	detail := err.Error()
	if known, ok := errors.AsType[*protocol.Error](err); ok && known.DevInfo != "" {
		detail += ": " + known.DevInfo
	}
	return fmt.Errorf("%w: %s", ErrRefused, detail)
}

// SignIn asks for a key of anybody: options are for navigator.credentials.get.
func (p *Party) SignIn() (options json.RawMessage, kept string, err error) {
	made, session, err := p.auth.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	return ask(signingIn, made, session, err)
}

// SignedIn finds who answered: find returns the person of a handle. The person has the
// keys as they are to be kept from now on.
func (p *Party) SignedIn(kept string, response []byte, find func(handle []byte) (Person, error), now time.Time) (Person, error) {
	session, err := recall(kept, signingIn)
	if err != nil {
		return Person{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Person{}, refused(err)
	}
	var who Person
	used, err := p.auth.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		var err error
		who, err = find(handle)
		return who, err
	}, session, parsed)
	if err != nil {
		return Person{}, refused(err)
	}
	return who, who.note(used, now)
}

// Check asks for a key of somebody who is known, to be sure that it is still they.
func (p *Party) Check(who Person) (options json.RawMessage, kept string, err error) {
	if len(who.Keys) == 0 {
		return nil, "", ErrRefused
	}
	made, session, err := p.auth.BeginLogin(who, webauthn.WithUserVerification(protocol.VerificationRequired))
	return ask(checking, made, session, err)
}

// Checked tells whether they are.
func (p *Party) Checked(kept string, who Person, response []byte, now time.Time) (Person, error) {
	session, err := recall(kept, checking)
	if err != nil {
		return who, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return who, refused(err)
	}
	used, err := p.auth.ValidateLogin(who, session, parsed)
	if err != nil {
		return who, refused(err)
	}
	return who, who.note(used, now)
}

// note writes the counter and the time of a key that was used.
func (who *Person) note(used *webauthn.Credential, now time.Time) error {
	if used.Authenticator.CloneWarning {
		return ErrCloned
	}
	who.Keys = slices.Clone(who.Keys)
	for n := range who.Keys {
		if string(who.Keys[n].Credential.ID) == string(used.ID) {
			who.Keys[n].Credential, who.Keys[n].Used = *used, now.UnixMilli()
			return nil
		}
	}
	return ErrRefused
}
