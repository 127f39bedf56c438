package api

import (
	"errors"
	"fmt"
	"slices"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// frontPlan is a plan to launch.
type frontPlan struct {
	Plan front.Plan `json:"plan"`
}

// plannedFront is a plan to save.
type plannedFront struct {
	Plan front.Plan `json:"plan"`
	// Over is the version that the plan was made from. A first save says it; a later
	// one need not.
	Over *int64 `json:"over,omitempty"`
}

// frontView is a front as it was launched. Version 0 is the plan of a front that
// nobody has arranged.
type frontView struct {
	Edition string `json:"edition"`
	// Section is the section whose front it is; none for the edition's own.
	Section ref.Section `json:"section,omitzero"`
	Version int64       `json:"version"`
	At      string      `json:"at,omitempty"`
	By      ref.Staff   `json:"by,omitzero"`
	Plan    front.Plan  `json:"plan"`
}

// plannedView is a front that is being arranged. One that nobody has begun is the
// plan that the front stands on.
type plannedView struct {
	Edition  string      `json:"edition"`
	Section  ref.Section `json:"section,omitzero"`
	Begun    bool        `json:"begun"`
	Sequence int64       `json:"sequence"`
	// Over is the version that the plan was made from.
	Over int64      `json:"over"`
	At   string     `json:"at,omitempty"`
	By   ref.Staff  `json:"by,omitzero"`
	Plan front.Plan `json:"plan"`
}

// frontAt is whose front the path names: the key of an edition, or the identity of
// a section.
func frontAt(tx *db.Tx, q *asked) (front.Place, error) {
	if id, err := identity[ref.Section](q, "id"); err == nil {
		s, err := section.ByID(tx, id)
		return front.Place{Edition: s.Edition, Section: s.ID, Genre: story.Genre(s.Genre)}, err
	}
	e, err := edition.Find(tx, q.PathValue("id"))
	return front.Of(e.Key), err
}

func (a *API) readFront(q *asked) (*reply, error) {
	var view frontView
	err := a.view(q.Context(), func(tx *db.Tx) error {
		of, err := frontAt(tx, q)
		if err != nil {
			return err
		}
		newest, err := front.Newest(tx, of)
		view = frontOf(of, newest)
		return err
	})
	return frontReply(q, view), err
}

func frontOf(of front.Place, l front.Launched) frontView {
	return frontView{of.Edition, of.Section, l.Version, stamp(l.At), l.By, l.Plan}
}

// frontReply answers with a front; its plan, which may name what only drafts
// have, is for who may read those.
func frontReply(q *asked, view frontView) *reply {
	if !q.who.May(staff.Read) {
		view.Plan = front.Plan{Containers: []front.Container{}}
	}
	return &reply{value: view, etag: tagOf(view.Version)}
}

func (a *API) launchFront(q *asked) (*reply, error) {
	over, err := q.sequence()
	if err != nil {
		return nil, err
	}
	var p frontPlan
	if err := q.into(&p); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		of, err := frontAt(tx, q)
		if err != nil {
			return nil, err
		}
		return a.launch(tx, q, of, over, p.Plan)
	})
}

// launch launches a plan that can be pressed.
func (a *API) launch(tx *db.Tx, q *asked, of front.Place, over int64, plan front.Plan) (*reply, error) {
	if err := launchable(tx, of, plan); err != nil {
		return nil, err
	}
	version, err := a.Desk.FrontIn(tx, q.who.Person.ID, of, over, plan)
	if err != nil {
		return nil, err
	}
	launched, err := front.At(tx, of, version)
	return frontReply(q, frontOf(of, launched)), err
}

func (a *API) undoFront(q *asked) (*reply, error) {
	undone, err := q.sequence()
	if err != nil {
		return nil, err
	}
	if err := q.into(&struct{}{}); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		of, err := frontAt(tx, q)
		if err != nil {
			return nil, err
		}
		newest, err := front.Newest(tx, of)
		if err != nil {
			return nil, err
		}
		if newest.Version != undone {
			return nil, publish.ErrMoved
		}
		if undone == 0 {
			return nil, invalid("front", "was never launched, so that there is nothing to undo")
		}
		before, err := front.At(tx, of, undone-1)
		if err != nil {
			return nil, err
		}
		version, err := a.Desk.FrontIn(tx, q.who.Person.ID, of, undone, before.Plan)
		if err != nil {
			return nil, err
		}
		launched, err := front.At(tx, of, version)
		return frontReply(q, frontOf(of, launched)), err
	})
}

func (a *API) readPlan(q *asked) (*reply, error) {
	var view plannedView
	err := a.view(q.Context(), func(tx *db.Tx) error {
		of, err := frontAt(tx, q)
		if err != nil {
			return err
		}
		d, err := front.Draft(tx, of)
		view = plannedOf(of, d)
		return err
	})
	return plannedReply(q, view), err
}

// plannedReply answers with a plan that is being arranged, which is for who may
// read drafts.
func plannedReply(q *asked, view plannedView) *reply {
	if !q.who.May(staff.Read) {
		view.Plan = front.Plan{Containers: []front.Container{}}
	}
	return &reply{value: view, etag: tagOf(view.Sequence)}
}

func plannedOf(of front.Place, d front.Planned) plannedView {
	return plannedView{of.Edition, of.Section, d.Begun, d.Sequence, d.Over, stamp(d.At), d.By, d.Plan}
}

// savePlan keeps a plan that is not launched. It may be unfinished, but names only
// what is here.
func (a *API) savePlan(q *asked) (*reply, error) {
	sequence, err := q.sequence()
	if err != nil {
		return nil, err
	}
	var p plannedFront
	if err := q.into(&p); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		of, err := frontAt(tx, q)
		if err != nil {
			return nil, err
		}
		if err := launchable(tx, of, p.Plan); err != nil {
			return nil, err
		}
		before, err := front.Draft(tx, of)
		if err != nil {
			return nil, err
		}
		d := front.Planned{Begun: true, Sequence: sequence, Over: before.Over, At: a.Now(), By: q.who.Person.ID, Plan: p.Plan}
		switch {
		case before.Sequence != sequence:
			return nil, front.ErrNewer
		case p.Over != nil:
			d.Over = *p.Over
		case !before.Begun:
			return nil, invalid("over", "is missing: say which version of the front the plan was made from")
		}
		if d.Sequence, err = front.Save(tx, of, d); err != nil {
			return nil, err
		}
		return plannedReply(q, plannedOf(of, d)), nil
	})
}

// launchPlan launches the plan that was saved, over the version that it was made
// from.
func (a *API) launchPlan(q *asked) (*reply, error) {
	return a.planned(q, func(tx *db.Tx, of front.Place, d front.Planned) (*reply, error) {
		if err := front.End(tx, of); err != nil {
			return nil, err
		}
		return a.launch(tx, q, of, d.Over, d.Plan)
	})
}

// discardPlan forgets the plan that was saved.
func (a *API) discardPlan(q *asked) (*reply, error) {
	return a.planned(q, func(tx *db.Tx, of front.Place, _ front.Planned) (*reply, error) {
		if err := front.End(tx, of); err != nil {
			return nil, err
		}
		d, err := front.Draft(tx, of)
		return plannedReply(q, plannedOf(of, d)), err
	})
}

// planned does something with the plan whose save If-Match names.
func (a *API) planned(q *asked, do func(*db.Tx, front.Place, front.Planned) (*reply, error)) (*reply, error) {
	sequence, err := q.sequence()
	if err != nil {
		return nil, err
	}
	if err := q.into(&struct{}{}); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		of, err := frontAt(tx, q)
		if err != nil {
			return nil, err
		}
		d, err := front.Draft(tx, of)
		switch {
		case err != nil:
			return nil, err
		case d.Sequence != sequence:
			return nil, front.ErrNewer
		case !d.Begun:
			return nil, invalid("plan", "was never saved: there is none but the launched one")
		}
		return do(tx, of, d)
	})
}

// Limits of a plan, and how many pictures one query reads.
const (
	mostContainers = 50
	mostSlots      = 100
	mostNamed      = 1000
)

// launchable refuses a plan that could not be pressed, or that names what is not
// here.
func launchable(tx *db.Tx, of front.Place, p front.Plan) error {
	if len(p.Containers) == 0 || len(p.Containers) > mostContainers {
		return invalid("plan", fmt.Sprintf("has %d containers; there may be 1 to %d", len(p.Containers), mostContainers))
	}
	seen := map[string]bool{}
	for n, c := range p.Containers {
		place := fmt.Sprintf("plan.containers[%d]", n)
		name := fmt.Sprint(c.Kind, c.Section)
		switch {
		case !front.Gathers(c.Kind) && !front.Lists(c.Kind):
			return invalid(place, fmt.Sprintf("has the kind %.50q, which is not one we know", c.Kind))
		case of.Section != 0 && !front.OnSection(c.Kind):
			return invalid(place, fmt.Sprintf("has the kind %.50q, which the front of a section cannot have", c.Kind))
		case seen[name]:
			return invalid(place, "stands in the plan already")
		case c.Size < 1 || c.Size > mostSlots || len(c.Slots) > mostSlots:
			return invalid(place, fmt.Sprintf("has a size that is not from 1 to %d", mostSlots))
		case c.Title != "" && !front.Titled(c.Kind):
			return invalid(place, "has a title, which only bands can have")
		case front.Lists(c.Kind) && (len(c.Slots) > 0 || !c.Rule.Empty()):
			return invalid(place, "fills itself, so that it has neither slots nor a rule")
		}
		seen[name] = true
		if err := containerFault(tx, of.Edition, place, c); err != nil {
			return err
		}
	}
	if of.Section == 0 && !slices.ContainsFunc(p.Containers, fills) {
		return invalid("plan", "fills nothing: give a container slots or a rule, or have the latest")
	}
	return slotsHere(tx, of.Edition, p)
}

// fills tells whether a container can have stories.
func fills(c front.Container) bool {
	return len(c.Slots) > 0 || !c.Rule.Empty() || c.Kind == front.LatestList
}

// slotsHere refuses a plan with a slot for a story that is none of the edition, or
// for a picture that is not here.
func slotsHere(tx *db.Tx, key string, p front.Plan) error {
	var stories []ref.Story
	var pictures []ref.Asset
	for _, c := range p.Containers {
		for _, slot := range c.Slots {
			stories = append(stories, slot.Story)
			if slot.Picture != 0 {
				pictures = append(pictures, slot.Picture)
			}
		}
	}
	ours, err := story.Among(tx, key, stories)
	if err != nil {
		return err
	}
	here := map[ref.Asset]bool{}
	for some := range slices.Chunk(pictures, mostNamed) {
		found, err := asset.ByID(tx, some)
		if err != nil {
			return err
		}
		for _, one := range found {
			here[one.ID] = true
		}
	}
	for n, c := range p.Containers {
		for m, slot := range c.Slots {
			place := fmt.Sprintf("plan.containers[%d].slots[%d]", n, m)
			if _, found := slices.BinarySearch(ours, slot.Story); !found {
				return invalid(place, "names a story that is none of this edition")
			}
			if slot.Picture != 0 && !here[slot.Picture] {
				return invalid(place, "names a picture that is not here")
			}
		}
	}
	return nil
}

func containerFault(tx *db.Tx, key, place string, c front.Container) error {
	for _, id := range []ref.Section{c.Section, c.Rule.Section} {
		if id == 0 {
			continue
		}
		s, err := section.ByID(tx, id)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if err != nil || s.Edition != key {
			return invalid(place, "names a section that is none of this edition")
		}
	}
	if c.Kind == front.SectionBand && c.Section == 0 {
		return invalid(place, "is a section's band and names no section")
	}
	if c.Rule.Topic != 0 {
		if _, err := topicAt(tx, c.Rule.Topic); errors.Is(err, db.ErrNotFound) {
			return invalid(place, "names a topic that is not here")
		} else if err != nil {
			return err
		}
	}
	if found := story.CheckLine("title", c.Title, story.MaxKicker); len(found) > 0 {
		return invalid(place+".title", found[0].Reason)
	}
	for _, genre := range c.Rule.Genres {
		if !slices.Contains(story.Genres, genre) {
			return invalid(place, fmt.Sprintf("names the genre %.50q, which is not one we know: take %s", genre, story.OneOf(story.Genres)))
		}
	}
	for n, slot := range c.Slots {
		if slot.Story == 0 {
			return invalid(fmt.Sprintf("%s.slots[%d]", place, n), "names no story")
		}
		found := append(story.CheckLine("headline", slot.Headline, story.MaxHeadline), story.CheckLine("kicker", slot.Kicker, story.MaxKicker)...)
		if len(found) > 0 {
			return invalid(fmt.Sprintf("%s.slots[%d].%s", place, n, found[0].Field), found[0].Reason)
		}
	}
	return nil
}
