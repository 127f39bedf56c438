package passkey_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"broadsheet/internal/platform/passkey"
)

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

const origin = "https://desk.paper.example"

// device is an authenticator with one key.
type device struct {
	key        *ecdsa.PrivateKey
	id, handle []byte
	counter    uint32
	origin, rp string
	unverified bool
}

func newDevice(t *testing.T, origin string) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	_, host, _ := strings.Cut(origin, "://")
	return &device{key: key, id: id, origin: origin, rp: host}
}

var b64 = base64.RawURLEncoding

func (d *device) clientData(kind, challenge string) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return text
}

func (d *device) authData(attested []byte) []byte {
	sum := sha256.Sum256([]byte(d.rp))
	flags := byte(1) // somebody was there
	if !d.unverified {
		flags |= 4
	}
	if attested != nil {
		flags |= 64
	}
	d.counter++
	out := append(sum[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.counter)
	return append(out, attested...)
}

// make answers navigator.credentials.create.
func (d *device) make(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	d.handle, _ = b64.DecodeString(o.PublicKey.User.ID)
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: d.key.X.FillBytes(make([]byte, 32)), -3: d.key.Y.FillBytes(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	attested := make([]byte, 16)
	attested = binary.BigEndian.AppendUint16(attested, uint16(len(d.id)))
	attested = append(append(attested, d.id...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authData(attested)})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(d.clientData("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64.EncodeToString(object)}})
	return text
}

// sign answers navigator.credentials.get.
func (d *device) sign(t *testing.T, options json.RawMessage) []byte {
	t.Helper()
	var o struct {
		PublicKey struct{ Challenge string } `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	data, client := d.authData(nil), d.clientData("webauthn.get", o.PublicKey.Challenge)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data), "signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle)}})
	return text
}

func party(t *testing.T) *passkey.Party {
	t.Helper()
	p, err := passkey.New("The paper", origin)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// registered is somebody with a key on a device.
func registered(t *testing.T, p *passkey.Party, handle string) (passkey.Person, *device) {
	t.Helper()
	who, d := passkey.Person{Handle: []byte(handle), Name: handle + "@paper.example", Display: handle}, newDevice(t, origin)
	options, kept, err := p.Register(who)
	if err != nil {
		t.Fatal(err)
	}
	key, err := p.Registered(kept, who, d.make(t, options), "phone", noon)
	if err != nil {
		t.Fatal(err)
	}
	who.Keys = []passkey.Key{key}
	return who, d
}

// stored is a person whose keys were written and read again.
func stored(t *testing.T, who passkey.Person) passkey.Person {
	t.Helper()
	text, err := json.Marshal(who.Keys)
	if err != nil {
		t.Fatal(err)
	}
	who.Keys = nil
	if err := json.Unmarshal(text, &who.Keys); err != nil {
		t.Fatal(err)
	}
	return who
}

func TestAPersonSignsInWithAKeyAndNothingElse(t *testing.T) {
	p := party(t)
	who, d := registered(t, p, "1")
	other, theirs := registered(t, p, "2")
	find := func(handle []byte) (passkey.Person, error) {
		switch string(handle) {
		case "1":
			return stored(t, who), nil
		case "2":
			return stored(t, other), nil
		}
		return passkey.Person{}, errors.New("nobody")
	}
	options, kept, err := p.SignIn()
	if err != nil {
		t.Fatal(err)
	}
	answer := d.sign(t, options)
	got, err := p.SignedIn(kept, answer, find, noon)
	if err != nil || string(got.Handle) != "1" || got.Keys[0].Used != noon.UnixMilli() {
		t.Fatalf("got %+v, %v", got, err)
	}
	who = got

	refuse := func(name string, want error, kept string, answer []byte) {
		t.Helper()
		if got, err := p.SignedIn(kept, answer, find, noon); !errors.Is(err, want) {
			t.Errorf("%s: got %q, %v", name, got.Handle, err)
		}
	}
	again, kept2, _ := p.SignIn()
	refuse("an answer to another question", passkey.ErrRefused, kept2, answer)
	theirs.handle = []byte("1")
	refuse("somebody else's key", passkey.ErrRefused, kept2, theirs.sign(t, again))
	d.handle = []byte("3")
	refuse("a handle that nobody has", passkey.ErrRefused, kept2, d.sign(t, again))
	d.handle = []byte("1")
	d.origin = "https://desk.paper.example.evil.example"
	refuse("another origin", passkey.ErrRefused, kept2, d.sign(t, again))
	d.origin, d.rp = origin, "evil.example"
	refuse("another party", passkey.ErrRefused, kept2, d.sign(t, again))
	d.rp, d.unverified = "desk.paper.example", true
	refuse("nobody's finger", passkey.ErrRefused, kept2, d.sign(t, again))
	d.unverified, d.counter = false, 0
	refuse("a counter that went back", passkey.ErrCloned, kept2, d.sign(t, again))
	d.counter = 100
	_, forCheck, err := p.Check(who)
	if err != nil {
		t.Fatal(err)
	}
	refuse("a question of another kind", passkey.ErrRefused, forCheck, d.sign(t, again))
	for _, junk := range []string{"", "{}", "null", "[]", `{"id":1}`, `{"id":"a","rawId":"b","type":"public-key","response":{}}`, strings.Repeat("x", 1<<20), "\x00"} {
		refuse(junk[:min(len(junk), 40)], passkey.ErrRefused, kept2, []byte(junk))
		refuse("nothing kept", passkey.ErrRefused, junk, d.sign(t, again))
	}
}

func TestSomebodyKnownIsCheckedByTheirOwnKeys(t *testing.T) {
	p := party(t)
	who, d := registered(t, p, "1")
	other, theirs := registered(t, p, "2")
	options, kept, err := p.Check(who)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Checked(kept, who, theirs.sign(t, options), noon); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("another's key: %v", err)
	}
	if _, err := p.Checked(kept, other, d.sign(t, options), noon); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("for another: %v", err)
	}
	if got, err := p.Checked(kept, who, d.sign(t, options), noon); err != nil || got.Keys[0].Used == 0 {
		t.Errorf("got %v", err)
	}
	if _, _, err := p.Check(passkey.Person{Handle: []byte("3")}); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("who has no key: %v", err)
	}
}

func TestAKeyIsRegisteredByItsOwnQuestionAlone(t *testing.T) {
	p := party(t)
	who, _ := registered(t, p, "1")
	options, kept, err := p.Register(who)
	if err != nil || !strings.Contains(string(options), who.Keys[0].ID()) {
		t.Errorf("a key that is there may be made again: %v", err)
	}
	for name, spoil := range map[string]func(*device){
		"another origin":  func(d *device) { d.origin = "https://evil.example" },
		"another party":   func(d *device) { d.rp = "evil.example" },
		"nobody's finger": func(d *device) { d.unverified = true },
	} {
		d := newDevice(t, origin)
		spoil(d)
		if _, err := p.Registered(kept, who, d.make(t, options), "", noon); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, forSignIn, _ := p.SignIn()
	if _, err := p.Registered(forSignIn, who, newDevice(t, origin).make(t, options), "", noon); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("a question of another kind: %v", err)
	}
}

func TestPasskeysNeedAPrivateLineAndAName(t *testing.T) {
	for at, want := range map[string]bool{
		"https://desk.paper.example": true, "http://localhost:8080": true, "https://localhost": true, "http://paper.localhost": true,
		"http://127.0.0.1:8080": false, "http://desk.paper.example": false, "https://[::1]": false, "https://10.0.0.1": false, "": false, "ftp://localhost": false,
	} {
		if passkey.Usable(at) != want {
			t.Errorf("%q: usable is %v", at, !want)
		}
		if _, err := passkey.New("x", at); (err == nil) != want {
			t.Errorf("%q: %v", at, err)
		}
	}
}
