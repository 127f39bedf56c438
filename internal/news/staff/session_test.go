package staff_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// signedIn is a person with a session, made now.
func signedIn(t *testing.T, d *db.DB, id ref.Staff) (session, browser string) {
	t.Helper()
	in(t, d, func(tx *db.Tx) (err error) {
		session, browser, _, err = staff.Open(tx, staff.Session{ID: int64(id) * 10, Staff: id, Device: int64(id) * 100, Label: "Firefox", Created: noon}, "")
		return err
	})
	return session, browser
}

func person(t *testing.T, d *db.DB, p staff.Person) {
	t.Helper()
	in(t, d, func(tx *db.Tx) error { return staff.Put(tx, p) })
}

func TestASessionEndsAtEachOfItsEdges(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		person(t, d, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer, Name: "A"})
		session, _ := signedIn(t, d, 1)
		good := func(at time.Time) bool {
			var err error
			d.View(t.Context(), func(tx *db.Tx) error {
				_, _, err = staff.SignedIn(tx, session, at)
				return nil
			})
			if err != nil && !errors.Is(err, staff.ErrSession) {
				t.Fatal(err)
			}
			return err == nil
		}
		if !good(noon) || !good(noon.Add(staff.SessionIdle-time.Second)) || good(noon.Add(staff.SessionIdle)) {
			t.Error("it does not end when nobody used it")
		}
		for at := noon; at.Before(noon.Add(staff.SessionLongest)); at = at.Add(staff.SessionIdle / 2) {
			if !good(at) {
				t.Fatalf("not good at %v although it is used", at)
			}
			in(t, d, func(tx *db.Tx) error { return staff.Seen(tx, 10, at) })
		}
		if good(noon.Add(staff.SessionLongest)) {
			t.Error("it does not end at its longest")
		}
		in(t, d, func(tx *db.Tx) error { return staff.EndSession(tx, 1, 10, false, noon) })
		if good(noon) {
			t.Error("it was ended, and is good")
		}
	})
}

func TestADisabledPersonIsSignedInNowhere(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		p := staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer}
		person(t, d, p)
		session, _ := signedIn(t, d, 1)
		p.Disabled = noon
		person(t, d, p)
		in(t, d, func(tx *db.Tx) error {
			if _, _, err := staff.SignedIn(tx, session, noon); !errors.Is(err, staff.ErrSession) {
				t.Errorf("got %v", err)
			}
			return nil
		})
	})
}

// TestOnlyRevocationMakesWhatABrowserKeepsUnreadable signs in and out again.
func TestOnlyRevocationMakesWhatABrowserKeepsUnreadable(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		person(t, d, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer})
		person(t, d, staff.Person{ID: 2, Email: "b@paper.example", Role: staff.Writer})
		_, browser := signedIn(t, d, 1)
		again := func(session int64, of ref.Staff) (secret string, known bool) {
			in(t, d, func(tx *db.Tx) error {
				text, same, known1, err := staff.Open(tx, staff.Session{ID: session, Staff: of, Device: session, Created: noon}, browser)
				if err != nil || same != browser {
					t.Errorf("the browser is %q, %v", same, err)
				}
				_, s, err := staff.SignedIn(tx, text, noon)
				if err != nil {
					return err
				}
				known = known1
				secret, err = staff.DeviceSecret(tx, s.Device)
				return err
			})
			return secret, known
		}
		first, known := again(1000, 1)
		if first == "" || !known {
			t.Fatalf("got %q, %v", first, known)
		}
		in(t, d, func(tx *db.Tx) error { return staff.EndOthers(tx, 1, 0, false, noon) })
		if second, _ := again(1001, 1); second != first {
			t.Error("signing out made what was kept unreadable")
		}
		if others, known := again(1002, 2); others == first || known {
			t.Error("another person at the browser can read it")
		}
		in(t, d, func(tx *db.Tx) error { return staff.EndOthers(tx, 1, 0, true, noon) })
		if third, _ := again(1003, 1); third == first {
			t.Error("it was revoked, and can be read")
		}
	})
}

func TestAPasswordNeedsACodeAndNoCodeIsGoodTwice(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		person(t, d, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer})
		hash, err := staff.HashPassword("correct horse battery")
		if err != nil {
			t.Fatal(err)
		}
		secret := staff.NewSecret()
		codes, hashes := staff.NewRecovery()
		in(t, d, func(tx *db.Tx) error {
			return staff.SetCredential(tx, staff.Credential{Staff: 1, Password: hash, Secret: secret, Recovery: hashes}, noon)
		})
		try := func(password, code string, at time.Time, known bool) (err error) {
			in(t, d, func(tx *db.Tx) error {
				c, failed := staff.CredentialOf(tx, 1)
				if failed != nil {
					return failed
				}
				err = staff.SignIn(tx, c, staff.Look(c, password), code, known, at)
				return nil
			})
			return err
		}
		code, _ := staff.CodeAt(secret, noon)
		persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "3", "۳", "4", "۴", "5", "۵", "6", "۶", "7", "۷", "8", "۸", "9", "۹").Replace
		for _, wrong := range [][2]string{{"correct horse battery", ""}, {"correct horse battery", "000000"}, {"correct horse batterY", code}, {"", code}} {
			if err := try(wrong[0], wrong[1], noon, false); !errors.Is(err, staff.ErrCredential) {
				t.Errorf("%q: got %v", wrong, err)
			}
		}
		if err := try("correct horse battery", persian(code[:3]+" "+code[3:]), noon, false); err != nil {
			t.Errorf("with the code in Persian digits: %v", err)
		}
		if err := try("correct horse battery", code, noon, false); !errors.Is(err, staff.ErrCredential) {
			t.Errorf("the same code again: %v", err)
		}
		for range 2 {
			err := try("correct horse battery", strings.ToUpper(codes[3]), noon, false)
			if hashes != nil && err != nil {
				t.Errorf("a recovery code: %v", err)
			} else if hashes == nil && !errors.Is(err, staff.ErrCredential) {
				t.Errorf("a recovery code again: %v", err)
			}
			hashes = nil
		}
		for range 12 {
			err = try("guess", "123456", noon, false)
		}
		later, _ := staff.CodeAt(secret, noon.Add(time.Minute))
		if !errors.Is(err, staff.ErrGuessed) || !errors.Is(try("correct horse battery", later, noon.Add(time.Minute), false), staff.ErrGuessed) {
			t.Errorf("after a dozen wrong ones: %v", err)
		}
		if err := try("correct horse battery", later, noon.Add(time.Minute), true); err != nil {
			t.Errorf("a browser that is known is kept out: %v", err)
		}
	})
}

func TestPasswordsAreRefusedForLengthAndFameAlone(t *testing.T) {
	for _, good := range []string{"correct horse battery", "گذرواژهٔ بلند من", strings.Repeat("Aé9z!", 25), "            x y z q"} {
		if _, err := staff.HashPassword(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "Password12345678", "qwertyuiop123", strings.Repeat("long ", 300)} {
		if _, err := staff.HashPassword(bad); !errors.Is(err, staff.ErrPassword) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestAnInvitationIsGoodOnceAndTheLastOneOnly(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		person(t, d, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer})
		in(t, d, func(tx *db.Tx) error {
			first, err := staff.Invite(tx, staff.Invitation{ID: 1, Staff: 1, Created: noon, Expires: noon.Add(time.Hour)})
			if err != nil {
				return err
			}
			second, err := staff.Invite(tx, staff.Invitation{ID: 2, Staff: 1, Created: noon, Expires: noon.Add(time.Hour)})
			if err != nil {
				return err
			}
			if _, _, err := staff.Invited(tx, first, noon); !errors.Is(err, staff.ErrInvitation) {
				t.Errorf("the earlier one: %v", err)
			}
			if _, _, err := staff.Invited(tx, second, noon.Add(time.Hour)); !errors.Is(err, staff.ErrInvitation) {
				t.Errorf("after its time: %v", err)
			}
			i, p, err := staff.Invited(tx, second, noon)
			if err != nil || p.ID != 1 {
				t.Fatalf("got %v, %v", p, err)
			}
			if err := staff.Accept(tx, i.ID, noon); err != nil {
				t.Error(err)
			}
			if err := staff.Accept(tx, i.ID, noon); !errors.Is(err, staff.ErrInvitation) {
				t.Errorf("accepted twice: %v", err)
			}
			return nil
		})
	})
}

func TestNothingThatOpensADoorIsKept(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		person(t, d, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Writer})
		session, browser := signedIn(t, d, 1)
		codes, hashes := staff.NewRecovery()
		in(t, d, func(tx *db.Tx) error {
			invitation, err := staff.Invite(tx, staff.Invitation{ID: 1, Staff: 1, Created: noon, Expires: noon.Add(time.Hour)})
			if err != nil {
				return err
			}
			if err := staff.SetCredential(tx, staff.Credential{Staff: 1, Recovery: hashes}, noon); err != nil {
				return err
			}
			kept, err := db.List(tx, db.Value[string], `select hash from desk_session union all select hash from device union all select hash from invitation union all select recovery from credential order by 1 limit 100`)
			all := strings.Join(kept, " ")
			for _, secret := range append(codes, session, browser, invitation) {
				if strings.Contains(all, secret) || strings.Contains(all, strings.ReplaceAll(secret, "-", "")) {
					t.Errorf("%q is in the database", secret)
				}
			}
			return err
		})
	})
}
