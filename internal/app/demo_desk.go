package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// putStaff brings the people of the demonstration's desk. None of them can sign in
// before somebody follows a link.
func (f *furnisher) putStaff(tx *db.Tx) error {
	var list []struct {
		Email, Name, Role, Language string
		Editions                    []string
	}
	if err := readHouse("staff.json", &list); err != nil {
		return err
	}
	for _, p := range list {
		err := staff.Put(tx, staff.Person{ID: ref.New[ref.Staff](f.Mint), Email: p.Email, Name: p.Name, Role: staff.Role(p.Role), Language: p.Language, Editions: p.Editions})
		if err != nil {
			return fmt.Errorf("%s: %w", p.Email, err)
		}
	}
	return nil
}

// Greet has Serve print, each time, a link by which the first administrator comes to the
// desk: for a newsroom to try out, whose operator sits at this machine. Who has signed in
// before keeps what they sign in with until they follow the link.
func (n *Newsroom) Greet() {
	n.greet = func(ctx context.Context, out io.Writer) {
		link := ""
		err := n.DB.Update(ctx, func(tx *db.Tx) error {
			all, err := staff.All(tx)
			if err != nil {
				return err
			}
			for _, p := range all {
				if p.Role == staff.Admin && p.Disabled.IsZero() {
					n.logged(tx, "staff.invited", p.ID)
					link, err = n.inviteFor(tx, p.ID)
					return err
				}
			}
			return nil
		})
		if err != nil {
			slog.Warn("invite somebody to the desk", "error", err)
			return
		}
		if link != "" {
			fmt.Fprintf(out, "desk  %s\n", link)
		}
	}
}
