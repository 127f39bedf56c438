package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// order is a publication, as the editor asks for it.
type order struct {
	// Version is what the editor had before their eyes.
	Version int64  `json:"version"`
	Kind    string `json:"kind"`
	Note    string `json:"note"`
	// Waive are the checks that a publication may go out without, Reason why, Until by
	// when they are to be mended.
	Waive  []string `json:"waive"`
	Reason string   `json:"reason"`
	Until  string   `json:"until"`
	Watch  string   `json:"watch"`
	At     string   `json:"at"`
}

// kinds are the kinds of changes that an editor chooses.
var kinds = []string{story.Typo, story.Update, story.Correction}

// meant makes a revision of what is written and refuses when that is not what the editor
// saw.
func (d *Desk) meant(v *visit, tx *db.Tx, id ref.Story, version int64) (story.Draft, error) {
	draft, err := v.reaches(tx, id)
	if err != nil {
		return draft, err
	}
	_, now, err := d.Manuscripts.Read(tx, id)
	if err != nil {
		return draft, err
	}
	if now != version {
		behind, err := manuscript.Since(tx, id, version)
		if err != nil {
			return draft, err
		}
		return draft, &behind
	}
	return d.Manuscripts.Fold(tx, id)
}

// act runs an act on a story and answers with how it stands then.
func (d *Desk) act(v *visit, asked any, act func(tx *db.Tx, id ref.Story) error) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	if err := v.into(asked); err != nil {
		return err
	}
	err = d.Desk.Do(v.Context(), func(tx *db.Tx) error {
		if _, err := v.reaches(tx, id); err != nil {
			return err
		}
		return act(tx, id)
	})
	if behind, ok := errors.AsType[*manuscript.Behind](err); ok {
		answer := behindData(behind)
		answer["sentence"] = v.words.T("fault.behind")
		return v.json(http.StatusConflict, answer)
	}
	if err != nil {
		return err
	}
	d.rooms.changed(id)
	return d.stateOf(v)
}

// publish makes what is written live.
func (d *Desk) publish(v *visit) error {
	var o order
	return d.act(v, &o, func(tx *db.Tx, id ref.Story) error {
		draft, err := d.meant(v, tx, id, o.Version)
		if err != nil {
			return err
		}
		if o.Kind != "" && !slices.Contains(kinds, o.Kind) {
			return invalid("kind", "fault.kind")
		}
		if err := v.unmet(tx, draft, o.Waive); err != nil {
			return err
		}
		if len(o.Waive) > 0 {
			if err := d.waive(v, tx, id, o); err != nil {
				return err
			}
		} else if err := planning.Mend(tx, id, d.Now()); err != nil {
			return err
		}
		_, err = d.Desk.StoryIn(tx, publish.Order{By: v.by(), Story: id, Sequence: draft.Sequence, Kind: o.Kind, Note: o.Note})
		return err
	})
}

// waive notes that a publication goes out before its checks are met.
func (d *Desk) waive(v *visit, tx *db.Tx, id ref.Story, o order) error {
	until, err := v.moment(o.Until)
	if err != nil || !until.After(d.Now()) || until.Sub(d.Now()) > 24*time.Hour {
		return invalid("until", "fault.repair")
	}
	watcher := v.by()
	if o.Watch != "" {
		who, err := ref.Parse[ref.Staff](o.Watch)
		if err != nil {
			return invalid("watch", "fault.person")
		}
		if _, err := staff.ByID(tx, who); err != nil {
			return invalid("watch", "fault.person")
		}
		watcher = who
	}
	err = planning.Waive(tx, planning.Waiver{ID: d.Mint.Next(), Story: id, Checks: o.Waive, Reason: o.Reason, By: v.by(), At: d.Now(), Until: until, Watcher: watcher})
	if errors.Is(err, planning.ErrReason) {
		return invalid("reason", "fault.reason")
	}
	if err != nil {
		return err
	}
	audit.Append(tx, audit.Entry{At: d.Now(), By: int64(v.by()), Act: "story.checks-waived", Subject: storySubject(id)})
	return nil
}

// schedule has what is written go live at a time.
func (d *Desk) schedule(v *visit) error {
	var o order
	return d.act(v, &o, func(tx *db.Tx, id ref.Story) error {
		at, err := v.moment(o.At)
		if err != nil || at.IsZero() {
			return invalid("at", "fault.time")
		}
		if o.Kind != "" && !slices.Contains(kinds, o.Kind) {
			return invalid("kind", "fault.kind")
		}
		draft, err := d.meant(v, tx, id, o.Version)
		if err != nil {
			return err
		}
		if err := v.unmet(tx, draft, nil); err != nil {
			return err
		}
		return d.Desk.ScheduleIn(tx, publish.Planned{Story: id, At: at, Sequence: draft.Sequence, By: v.by(), Kind: o.Kind, Note: o.Note})
	})
}

func (d *Desk) unschedule(v *visit) error {
	return d.act(v, &struct{}{}, func(tx *db.Tx, id ref.Story) error { return d.Desk.UnscheduleIn(tx, v.by(), id) })
}

// embargoOrder sets an embargo, signs it, or lifts it.
type embargoOrder struct {
	Until  string `json:"until"`
	Source string `json:"source"`
	Terms  string `json:"terms"`
	// Sign is the second signature; Lift ends the embargo before its time, which needs
	// one.
	Sign bool `json:"sign"`
	Lift bool `json:"lift"`
}

func (d *Desk) embargo(v *visit) error {
	var o embargoOrder
	return d.act(v, &o, func(tx *db.Tx, id ref.Story) error {
		terms, err := planning.TermsOf(tx, id)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		known := err == nil
		switch {
		case o.Sign:
			if !known || terms.By == v.by() {
				return &problem{status: http.StatusConflict, key: "fault.second"}
			}
			terms.Second, terms.SecondAt = v.by(), d.Now()
			return planning.PutTerms(tx, terms)
		case o.Lift:
			if known && terms.Second == 0 && terms.By == v.by() || known && terms.Second == 0 {
				return &problem{status: http.StatusConflict, key: "fault.unsigned"}
			}
			return d.Desk.EmbargoIn(tx, v.by(), id, time.Time{})
		}
		until, err := v.moment(o.Until)
		if err != nil || !until.After(d.Now()) {
			return invalid("until", "fault.time")
		}
		if err := d.Desk.EmbargoIn(tx, v.by(), id, until); err != nil {
			return err
		}
		err = planning.PutTerms(tx, planning.Terms{Story: id, Source: o.Source, Terms: o.Terms, By: v.by(), At: d.Now()})
		if problem, ok := errors.AsType[story.Problem](err); ok {
			return &publish.Refused{Problems: []story.Problem{problem}}
		}
		return err
	})
}

// withdrawOrder says why a story goes.
type withdrawOrder struct {
	Reason string `json:"reason"`
}

func (d *Desk) withdraw(v *visit) error {
	var o withdrawOrder
	return d.act(v, &o, func(tx *db.Tx, id ref.Story) error {
		if err := planning.Mend(tx, id, d.Now()); err != nil {
			return err
		}
		return d.Desk.WithdrawIn(tx, v.by(), id, o.Reason)
	})
}

func (d *Desk) restore(v *visit) error {
	return d.act(v, &struct{}{}, func(tx *db.Tx, id ref.Story) error {
		_, err := d.Desk.RestoreIn(tx, v.by(), id)
		return err
	})
}

// bin sets a draft aside; it can be brought back.
func (d *Desk) bin(v *visit) error {
	return d.act(v, &struct{}{}, func(tx *db.Tx, id ref.Story) error {
		draft, err := d.Manuscripts.Fold(tx, id)
		if err != nil {
			return err
		}
		if draft.State == story.Withdrawn && !v.who.May(staff.Publish) {
			return &problem{status: http.StatusForbidden, key: "fault.right"}
		}
		return d.Desk.BinIn(tx, v.by(), id, draft.Sequence)
	})
}

// previewPage is the story's page as readers would see it, in a frame of the desk.
func (d *Desk) previewPage(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var out []byte
	err = v.update(func(tx *db.Tx) error {
		doc, _, err := d.Manuscripts.Read(tx, id)
		if err != nil {
			return err
		}
		draft, err := d.Stories.Draft(tx, id)
		if err != nil {
			return err
		}
		if draft.Content, err = manuscript.Content(doc); err != nil {
			return err
		}
		out, err = d.Preview(v.Context(), tx, draft)
		return err
	})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	// The page is the site's own, with scripts off: it is to be looked at.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'")
	v.w.Write(out)
	return nil
}

// storyPath is a story's screen.
func storyPath(id ref.Story) string { return Prefix + "stories/" + fmt.Sprint(int64(id)) }
