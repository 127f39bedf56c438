package staff_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func in(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestATokenHasWhatBothRoleAndScopeAllow(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		in(t, d, func(tx *db.Tx) error {
			if err := staff.Put(tx, staff.Person{ID: 1, Email: "Editor@Paper.example", Role: staff.Editor, Name: "An editor"}); err != nil {
				return err
			}
			text, err := staff.Issue(tx, staff.Token{ID: 2, Staff: 1, Scopes: []staff.Right{staff.Read, staff.Publish}, Created: noon, Expires: noon.Add(time.Hour)})
			if err != nil {
				return err
			}
			who, err := staff.Known(tx, text, noon)
			if err != nil || who.Person.Email != "editor@paper.example" || !slices.Equal(who.Rights, []staff.Right{staff.Read, staff.Publish}) {
				t.Errorf("got %+v, %v", who, err)
			}
			// The role is asked each time, not only when the token was made.
			if err := staff.Put(tx, staff.Person{ID: 1, Email: "editor@paper.example", Role: staff.Writer}); err != nil {
				return err
			}
			if who, err = staff.Known(tx, text, noon); err != nil || who.May(staff.Publish) || !who.May(staff.Read) {
				t.Errorf("as a writer: got %+v, %v", who, err)
			}
			if _, err := staff.Known(tx, text, noon.Add(time.Hour)); !errors.Is(err, staff.ErrToken) {
				t.Errorf("after its time: got %v", err)
			}
			if n, err := staff.Revoke(tx, 0, noon); n != 1 || err != nil {
				t.Errorf("revoked %d, %v", n, err)
			}
			if _, err := staff.Known(tx, text, noon); !errors.Is(err, staff.ErrToken) {
				t.Errorf("revoked: got %v", err)
			}
			return nil
		})
	})
}

func TestATokenOfADisabledPersonIsNotGood(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		in(t, d, func(tx *db.Tx) error {
			p := staff.Person{ID: 1, Email: "a@b.example", Role: staff.Admin}
			if err := staff.Put(tx, p); err != nil {
				return err
			}
			text, err := staff.Issue(tx, staff.Token{ID: 2, Staff: 1, Scopes: []staff.Right{staff.Read}, Created: noon})
			if err != nil {
				return err
			}
			p.Disabled = noon
			if err := staff.Put(tx, p); err != nil {
				return err
			}
			if _, err := staff.Known(tx, text, noon); !errors.Is(err, staff.ErrToken) {
				t.Errorf("got %v", err)
			}
			return nil
		})
	})
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		in(t, d, func(tx *db.Tx) error {
			for _, wrong := range []struct {
				person staff.Person
				want   error
			}{
				{staff.Person{ID: 1, Email: "nobody", Role: staff.Writer}, staff.ErrEmail},
				{staff.Person{ID: 1, Email: "a@b", Role: "king"}, staff.ErrRole},
				{staff.Person{ID: 1, Email: "a b@c", Role: staff.Writer}, staff.ErrEmail},
			} {
				if err := staff.Put(tx, wrong.person); !errors.Is(err, wrong.want) {
					t.Errorf("%+v: got %v, want %v", wrong.person, err, wrong.want)
				}
			}
			if err := staff.Put(tx, staff.Person{ID: 1, Email: "a@b", Role: staff.Writer}); err != nil {
				return err
			}
			for _, scopes := range [][]staff.Right{nil, {"fly"}, {staff.Publish}} {
				if _, err := staff.Issue(tx, staff.Token{ID: 2, Staff: 1, Scopes: scopes, Created: noon}); err == nil {
					t.Errorf("a writer got a token for %v", scopes)
				}
			}
			for _, text := range []string{"", "bs_", "bs_x", "Bearer"} {
				if _, err := staff.Known(tx, text, noon); !errors.Is(err, staff.ErrToken) {
					t.Errorf("%q: got %v", text, err)
				}
			}
			return nil
		})
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			return staff.Put(tx, staff.Person{ID: 2, Email: "A@B", Role: staff.Writer})
		})
		if !errors.Is(err, staff.ErrTaken) {
			t.Errorf("a second one: got %v, want %v", err, staff.ErrTaken)
		}
	})
}

func TestEveryRoleMayReadAndOnlyAdminsAdminister(t *testing.T) {
	for _, role := range staff.Roles() {
		if !slices.Contains(role.Rights(), staff.Read) {
			t.Errorf("a %s may not read", role)
		}
		if got := slices.Contains(role.Rights(), staff.Administer); got != (role == staff.Admin) {
			t.Errorf("a %s may administer: %v", role, got)
		}
	}
	if len(staff.Role("king").Rights()) != 0 {
		t.Error("an unknown role has rights")
	}
}
