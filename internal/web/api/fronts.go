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

// frontView is a front as it was launched. Version 0 is the plan of a front that
// nobody has arranged.
type frontView struct {
	Edition string     `json:"edition"`
	Version int64      `json:"version"`
	At      string     `json:"at,omitempty"`
	By      ref.Staff  `json:"by,omitzero"`
	Plan    front.Plan `json:"plan"`
}

// editionOf is the edition whose front the path names.
func editionOf(tx *db.Tx, q *asked) (edition.Edition, error) {
	return edition.Find(tx, q.PathValue("id"))
}

func (a *API) readFront(q *asked) (*reply, error) {
	var view frontView
	err := a.view(q.Context(), func(tx *db.Tx) error {
		e, err := editionOf(tx, q)
		if err != nil {
			return err
		}
		newest, err := front.Newest(tx, e.Key)
		view = frontOf(e.Key, newest)
		return err
	})
	return frontReply(q, view), err
}

func frontOf(key string, l front.Launched) frontView {
	return frontView{key, l.Version, stamp(l.At), l.By, l.Plan}
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
		e, err := editionOf(tx, q)
		if err != nil {
			return nil, err
		}
		if err := launchable(tx, e.Key, p.Plan); err != nil {
			return nil, err
		}
		return a.launch(tx, q, e.Key, over, p.Plan)
	})
}

func (a *API) launch(tx *db.Tx, q *asked, key string, over int64, plan front.Plan) (*reply, error) {
	version, err := a.Desk.FrontIn(tx, q.who.Person.ID, key, over, plan)
	if err != nil {
		return nil, err
	}
	launched, err := front.At(tx, key, version)
	return frontReply(q, frontOf(key, launched)), err
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
		e, err := editionOf(tx, q)
		if err != nil {
			return nil, err
		}
		newest, err := front.Newest(tx, e.Key)
		if err != nil {
			return nil, err
		}
		if newest.Version != undone {
			return nil, publish.ErrMoved
		}
		if undone == 0 {
			return nil, invalid("front", "was never launched, so that there is nothing to undo")
		}
		before, err := front.At(tx, e.Key, undone-1)
		if err != nil {
			return nil, err
		}
		return a.launch(tx, q, e.Key, undone, before.Plan)
	})
}

// Limits of a plan, and how many pictures one query reads.
const (
	mostContainers = 50
	mostSlots      = 100
	mostNamed      = 1000
)

// containerKinds are those that a plan may have.
var containerKinds = map[string]bool{
	front.Lead: true, front.Choice: true, front.NewsBand: true, front.AnalysisBand: true,
	front.OpinionBand: true, front.ExplainerBand: true, front.SectionBand: true,
}

// launchable refuses a plan that could not be pressed, or that names what is not
// here.
func launchable(tx *db.Tx, key string, p front.Plan) error {
	if len(p.Containers) == 0 || len(p.Containers) > mostContainers {
		return invalid("plan", fmt.Sprintf("has %d containers; there may be 1 to %d", len(p.Containers), mostContainers))
	}
	seen := map[string]bool{}
	for n, c := range p.Containers {
		place := fmt.Sprintf("plan.containers[%d]", n)
		name := fmt.Sprint(c.Kind, c.Section)
		switch {
		case !containerKinds[c.Kind]:
			return invalid(place, fmt.Sprintf("has the kind %.50q, which is not one we know", c.Kind))
		case seen[name]:
			return invalid(place, "stands in the plan already")
		case c.Size < 1 || c.Size > mostSlots || len(c.Slots) > mostSlots:
			return invalid(place, fmt.Sprintf("has a size that is not from 1 to %d", mostSlots))
		}
		seen[name] = true
		if err := containerFault(tx, key, place, c); err != nil {
			return err
		}
	}
	return slotsHere(tx, key, p)
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
