package staff

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// Credential is by what a person signs in: a password with a code from an app, or
// passkeys. Nothing of it leaves the program.
type Credential struct {
	Staff ref.Staff
	// Password is an Argon2id hash in the PHC form; empty for none.
	Password string
	// Secret is that of the codes (RFC 6238), in base32; empty for none.
	Secret string
	// Step is the last time step of which a code was taken: none is good twice.
	Step int64
	// Recovery are the hashes of the recovery codes that are left.
	Recovery []string
	// Passkeys are WebAuthn keys, each as the room of passkeys wrote it.
	Passkeys []byte
	// Misses counts wrong passwords and codes since Missed.
	Misses int
	Missed time.Time
}

// The kinds of refusals.
var (
	// ErrCredential says that an address, a password or a code is wrong: never which.
	ErrCredential = errors.New("the address, the password or the code is not right")
	// ErrPassword says that a password cannot be taken.
	ErrPassword = errors.New("this password cannot be taken")
	// ErrGuessed says that too many were wrong in too short a time.
	ErrGuessed = errors.New("too many wrong passwords or codes")
)

// What a password may be, in bytes. NIST SP 800-63B, section 3.1.1.2: at least 64
// must be taken, and nothing but the length and known passwords refuses one.
const (
	ShortestPassword = 12
	LongestPassword  = 1024
)

// Guesses at one account within their time; then only a browser that is known is let
// try. OWASP ASVS 5.0.0, 6.3.1.
const (
	mostMisses    = 10
	missesWithin  = 15 * time.Minute
	recoveryCodes = 10
)

// Argon2id with the parameters of RFC 9106, section 4, second choice, at a memory that a
// small machine has: 19 MiB, two passes (OWASP's first choice).
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// hashing bounds how many passwords are hashed at once, and so the memory for it.
var hashing = make(chan struct{}, 4)

// HashPassword returns what is kept of a password. It refuses one that is too short, too
// long, or among those that everybody tries first.
func HashPassword(password string) (string, error) {
	switch {
	case len(password) > LongestPassword:
		return "", fmt.Errorf("it has more than %d bytes: %w", LongestPassword, ErrPassword)
	case utf8.RuneCountInString(password) < ShortestPassword:
		return "", fmt.Errorf("it has fewer than %d characters: %w", ShortestPassword, ErrPassword)
	case common(password):
		return "", fmt.Errorf("it is one of those that are tried first: %w", ErrPassword)
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	return phc(salt, derive(password, salt)), nil
}

func derive(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
}

func phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64(salt), b64(key))
}

// nobody is a hash that no password has: whoever asks for an address that is not here
// waits as long as for one that is.
var nobody = phc(make([]byte, argonSalt), make([]byte, argonKey))

// holds tells whether a password is the one that was hashed.
func holds(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false
	}
	return subtle.ConstantTimeCompare(derive(password, salt), want) == 1
}

// common tells whether a password is made of few characters or is one that lists of
// leaked passwords begin with.
func common(password string) bool {
	folded := strings.ToLower(password)
	seen := map[rune]bool{}
	for _, r := range folded {
		seen[r] = true
	}
	if len(seen) < 5 {
		return true
	}
	plain := strings.Trim(folded, "0123456789!?.@#$*_- ")
	return slices.Contains(leaked, plain) || slices.Contains(leaked, folded)
}

// leaked are the stems of the long passwords that leaks have most often. Digits and
// signs at both ends are left out of account.
var leaked = strings.Fields(`password passwort iloveyou qwertyuiop qwertyuiopas asdfghjkl zxcvbnm 1q2w3e4r5t6y 1qaz2wsx3edc
	administrator letmein welcome broadsheet newsroom changeme password1password passwordpassword qwertyqwerty abcdefghijkl
	123456789012 1234567890qwerty qwerty123456 iloveyouforever sunshine princess football baseball superman monkeymonkey trustno1`)

// NewSecret is a secret for codes: 160 bits in base32 (RFC 6238, RFC 4226 section 4).
func NewSecret() string {
	secret := make([]byte, 20)
	rand.Read(secret) // never fails
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// codes are those of RFC 6238 as every app makes them.
var codes = totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// stepOf finds the time step whose code was given, within one step of now either way; 0
// for none.
func stepOf(secret, code string, now time.Time) int64 {
	for _, by := range []int64{0, -1, 1} {
		step := now.Unix()/int64(codes.Period) + by
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*int64(codes.Period), 0), codes)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step
		}
	}
	return 0
}

// CodeAt is the code of a secret at a time, as an app would show it.
func CodeAt(secret string, at time.Time) (string, error) {
	return totp.GenerateCodeCustom(secret, at, codes)
}

// NewRecovery makes recovery codes: each lets its owner in once in place of a code.
func NewRecovery() (codes, hashes []string) {
	letters := base32.NewEncoding("abcdefghjkmnpqrstuvwxyz234567890").WithPadding(base32.NoPadding)
	for range recoveryCodes {
		raw := make([]byte, 10) // 80 bits
		rand.Read(raw)          // never fails
		code := letters.EncodeToString(raw)
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashes = append(hashes, hashOf(code))
	}
	return codes, hashes
}

// CredentialOf reads how a person signs in; empty where nothing is set.
func CredentialOf(tx *db.Tx, of ref.Staff) (Credential, error) {
	c, err := db.Find(tx, scanCredential, `select staff, password, totp, step, recovery, passkeys, misses, missed_at from credential where staff = $1`, of)
	if errors.Is(err, db.ErrNotFound) {
		return Credential{Staff: of}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read how somebody signs in: %w", err)
	}
	return c, nil
}

func scanCredential(r db.Row) (c Credential, err error) {
	var recovery, passkeys string
	var missed int64
	if err := r.Scan(&c.Staff, &c.Password, &c.Secret, &c.Step, &recovery, &passkeys, &c.Misses, &missed); err != nil {
		return c, err
	}
	c.Passkeys = []byte(passkeys)
	c.Missed = time.UnixMilli(missed).UTC()
	return c, db.Unpack(recovery, &c.Recovery)
}

// SetCredential writes how a person signs in.
func SetCredential(tx *db.Tx, c Credential, now time.Time) error {
	recovery, err := db.Pack(append([]string{}, c.Recovery...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into credential (staff, password, totp, step, recovery, passkeys, misses, missed_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (staff) do update set password = excluded.password, totp = excluded.totp, step = excluded.step, recovery = excluded.recovery,
			passkeys = excluded.passkeys, misses = excluded.misses, missed_at = excluded.missed_at, changed_at = excluded.changed_at`,
		c.Staff, c.Password, c.Secret, c.Step, recovery, string(c.Passkeys), c.Misses, millis(c.Missed), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("keep how somebody signs in: %w", err)
	}
	return nil
}

// Complete tells whether a person has two factors: a passkey, or a password and codes.
func (c Credential) Complete() bool {
	return len(c.Passkeys) > 2 || c.Password != "" && c.Secret != ""
}

// SignIn finds who signs in with a password and a code, which may be a recovery code. A
// browser that is known for a person may try where too many were wrong. The password is
// looked at outside of any transaction that writes: hash is what Look returned.
func SignIn(tx *db.Tx, c Credential, right bool, code string, known bool, now time.Time) error {
	if c.Misses >= mostMisses && now.Sub(c.Missed) < missesWithin && !known {
		return ErrGuessed
	}
	good := false
	if right && c.Secret != "" {
		good = c.takeCode(code, now)
	}
	if good {
		c.Misses, c.Missed = 0, time.Time{}
	} else {
		if now.Sub(c.Missed) >= missesWithin {
			c.Misses, c.Missed = 0, now
		}
		c.Misses++
	}
	if c.Staff != 0 && (good || c.Password != "") {
		if err := SetCredential(tx, c, now); err != nil {
			return err
		}
	}
	if !good {
		return ErrCredential
	}
	return nil
}

// takeCode takes a code that was not taken before, or a recovery code, which is used up.
func (c *Credential) takeCode(code string, now time.Time) bool {
	code = plainCode(code)
	if step := stepOf(c.Secret, code, now); step > c.Step {
		c.Step = step
		return true
	}
	at := slices.Index(c.Recovery, hashOf(code))
	if at < 0 {
		return false
	}
	c.Recovery = slices.Delete(slices.Clone(c.Recovery), at, at+1)
	return true
}

// plainCode is a code as it was meant: digits of any script, without spaces and dashes.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r == ' ' || r == '-' || r == '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(code))
}

// FirstCode tells whether a code is that of a secret now: whoever sets one up shows that
// the app has it.
func FirstCode(secret, code string, now time.Time) (step int64, ok bool) {
	step = stepOf(secret, plainCode(code), now)
	return step, step > 0
}

// Look finds whose address it is and whether the password is theirs, and takes as long
// where nobody has it. It must not run in a transaction that keeps others waiting: it
// takes tens of milliseconds.
func Look(c Credential, password string) (right bool) {
	if len(password) > LongestPassword {
		return false
	}
	hash := c.Password
	if hash == "" {
		hash = nobody
	}
	return holds(hash, password) && c.Password != ""
}
