// Package front arranges an edition's front: a plan made of containers with
// slots and backfill, and the pressing that turns a plan and the live stories
// into what templates see. It does not set type and does not render.
package front

import (
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// The kinds of containers.
const (
	// Lead is the one story that leads, and those set under it.
	Lead = "lead"
	// Choice is Editor's Choice.
	Choice = "choice"
	// NewsBand, AnalysisBand, OpinionBand and ExplainerBand gather a genre.
	NewsBand      = "news"
	AnalysisBand  = "analysis"
	OpinionBand   = "opinion"
	ExplainerBand = "explainers"
	// SectionBand gathers a section.
	SectionBand = "section"
)

// Plan is a front as it was arranged.
type Plan struct {
	Containers []Container `json:"containers"`
}

// Container is a part of the front.
type Container struct {
	Kind string `json:"kind"`
	// Section is the section of a SectionBand.
	Section ref.Section `json:"section,omitempty"`
	// Slots are picked by hand and come first.
	Slots []Slot `json:"slots,omitempty"`
	// Size is how many stories the container holds at most; the rule fills
	// what the slots leave empty.
	Size int `json:"size"`
	// Rule fills the container; without one only the slots do.
	Rule Rule `json:"rule"`
}

// Slot is one place of a container, picked by hand.
type Slot struct {
	Story ref.Story `json:"story"`
	// Headline and Kicker stand instead of the story's own; empty means the
	// story's.
	Headline string `json:"headline,omitempty"`
	Kicker   string `json:"kicker,omitempty"`
	// Picture stands instead of the story's; 0 means the story's.
	Picture ref.Asset `json:"picture,omitempty"`
	// Until is when the slot empties itself; zero means never.
	Until time.Time `json:"until,omitzero"`
}

// Rule names the stories that fill a container, newest first. The zero rule
// fills nothing.
type Rule struct {
	// Any takes every story of the edition.
	Any     bool          `json:"any,omitempty"`
	Genres  []story.Genre `json:"genres,omitempty"`
	Section ref.Section   `json:"section,omitempty"`
}

// Default is the plan of an edition whose front nobody has arranged yet.
func Default() Plan {
	return Plan{Containers: []Container{
		{Kind: Lead, Size: 4, Rule: Rule{Any: true}},
		{Kind: Choice, Size: 5, Rule: Rule{Genres: []story.Genre{story.Analysis, story.Explainer, story.Report, story.Interview}}},
		{Kind: NewsBand, Size: 8, Rule: Rule{Genres: []story.Genre{story.News}}},
		{Kind: AnalysisBand, Size: 3, Rule: Rule{Genres: []story.Genre{story.Analysis}}},
		{Kind: OpinionBand, Size: 4, Rule: Rule{Genres: []story.Genre{story.Opinion}}},
		{Kind: ExplainerBand, Size: 6, Rule: Rule{Genres: []story.Genre{story.Explainer, story.Report}}},
	}}
}

// Launched is a plan as it was launched.
type Launched struct {
	// Version counts the launches of an edition, from 1; 0 is the plan of a front
	// that nobody has arranged.
	Version int64
	At      time.Time
	By      ref.Staff
	Plan    Plan
}

// Launch makes a plan the edition's front: its version is the one after that
// which it was made from. db.ErrConflict says that this version is there already.
// Earlier plans stay, so that a launch can be undone by launching one of them
// again.
func Launch(tx *db.Tx, edition string, l Launched) error {
	plan, err := db.Pack(l.Plan)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into front (edition, version, at, by, plan) values ($1, $2, $3, $4, $5)`, edition, l.Version, l.At.UnixMilli(), l.By, plan)
	if err != nil {
		return fmt.Errorf("launch version %d of the front of %s: %w", l.Version, edition, err)
	}
	return nil
}

// Newest returns the plan that an edition's front stands on now, with its
// version.
func Newest(tx *db.Tx, edition string) (Launched, error) {
	l, err := db.Find(tx, scanLaunched, `select version, at, by, plan from front where edition = $1 order by version desc limit 1`, edition)
	if errors.Is(err, db.ErrNotFound) {
		return Launched{Plan: Default()}, nil
	}
	if err != nil {
		return l, fmt.Errorf("read the front of %s: %w", edition, err)
	}
	return l, nil
}

// At returns a version of an edition's front; version 0 is the plan of one that
// nobody has arranged.
func At(tx *db.Tx, edition string, version int64) (Launched, error) {
	if version == 0 {
		return Launched{Plan: Default()}, nil
	}
	l, err := db.Find(tx, scanLaunched, `select version, at, by, plan from front where edition = $1 and version = $2`, edition, version)
	if err != nil {
		return l, fmt.Errorf("read version %d of the front of %s: %w", version, edition, err)
	}
	return l, nil
}

func scanLaunched(r db.Row) (l Launched, err error) {
	var at int64
	var plan string
	if err := r.Scan(&l.Version, &at, &l.By, &plan); err != nil {
		return l, err
	}
	l.At = time.UnixMilli(at).UTC()
	return l, db.Unpack(plan, &l.Plan)
}
