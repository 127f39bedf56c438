// Package front arranges the fronts of editions and of their sections: a plan
// made of containers with slots and backfill, and the pressing that turns a plan
// and the live stories into what templates see. It does not set type and does not
// render.
package front

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// Place says whose front it is: an edition's, or that of one of its sections.
type Place struct {
	Edition string
	// Section is 0 for the edition's own front.
	Section ref.Section
	// Genre is the one that the section gathers, if it does; only the plan of a
	// front that nobody has arranged asks for it.
	Genre story.Genre
}

// Of is the front of an edition.
func Of(edition string) Place { return Place{Edition: edition} }

// Tag is carried by all that shows the front or a part of it.
func (p Place) Tag() ref.Tag {
	if p.Section != 0 {
		return ref.SectionFrontTag(p.Section)
	}
	return ref.FrontTag(p.Edition)
}

// The kinds of containers. Those that gather stories have slots and a rule.
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
	// GalleryBand gathers photo stories and films.
	GalleryBand = "gallery"
)

// The kinds of containers that fill themselves. They have a size, no slots and no
// rule, and what stands in them may stand elsewhere too: they are lists, not
// choices.
const (
	// LatestList is everything, newest first.
	LatestList = "latest"
	// MostViewed is what readers opened most: day, week and month.
	MostViewed = "most-viewed"
	// Focus are the topics that the paper follows.
	Focus = "in-focus"
	// MapTeaser is the map of developments; it is empty where there is none.
	MapTeaser = "map"
)

// Gathers tells whether a kind of container has stories of its own, by hand or by
// rule.
func Gathers(kind string) bool {
	switch kind {
	case Lead, Choice, NewsBand, AnalysisBand, OpinionBand, ExplainerBand, SectionBand, GalleryBand:
		return true
	}
	return false
}

// Lists tells whether a kind of container fills itself.
func Lists(kind string) bool {
	return kind == LatestList || kind == MostViewed || kind == Focus || kind == MapTeaser
}

// Titled tells whether a kind of container can have a title of its own: a band.
func Titled(kind string) bool {
	return slices.Contains([]string{NewsBand, AnalysisBand, OpinionBand, ExplainerBand, SectionBand, GalleryBand}, kind)
}

// OnSection tells whether the front of a section may have a kind of container:
// its page ends with all of its stories, so it has no bands.
func OnSection(kind string) bool {
	return kind == Lead || kind == Choice || kind == MostViewed || kind == Focus
}

// Plan is a front as it was arranged.
type Plan struct {
	Containers []Container `json:"containers"`
}

// Container is a part of the front.
type Container struct {
	Kind string `json:"kind"`
	// Section is the section of a SectionBand.
	Section ref.Section `json:"section,omitempty"`
	// Title stands instead of the kind's own; empty means the kind's.
	Title string `json:"title,omitempty"`
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

// Rule names the stories that fill a container: those of the genres, then those of the
// section, of the topic, and all others, each newest first. The zero rule fills nothing.
type Rule struct {
	// Any takes every story of the edition.
	Any     bool          `json:"any,omitempty"`
	Genres  []story.Genre `json:"genres,omitempty"`
	Section ref.Section   `json:"section,omitempty"`
	// Topic takes the stories on a topic.
	Topic ref.Topic `json:"topic,omitempty"`
}

// Empty tells whether the rule fills nothing.
func (r Rule) Empty() bool {
	return !r.Any && len(r.Genres) == 0 && r.Section == 0 && r.Topic == 0
}

// Default is the plan of a front that nobody has arranged yet.
func Default(p Place) Plan {
	if p.Section != 0 {
		rule := Rule{Section: p.Section}
		if p.Genre != "" {
			rule = Rule{Genres: []story.Genre{p.Genre}}
		}
		return Plan{Containers: []Container{
			{Kind: Lead, Size: 3, Rule: rule},
			{Kind: MostViewed, Size: 5},
			{Kind: Focus, Size: 3},
		}}
	}
	return Plan{Containers: []Container{
		{Kind: Lead, Size: 4, Rule: Rule{Any: true}},
		{Kind: Choice, Size: 5, Rule: Rule{Genres: []story.Genre{story.Analysis, story.Explainer, story.Report, story.Interview}}},
		{Kind: LatestList, Size: 10},
		{Kind: NewsBand, Size: 8, Rule: Rule{Genres: []story.Genre{story.News}}},
		{Kind: AnalysisBand, Size: 3, Rule: Rule{Genres: []story.Genre{story.Analysis}}},
		{Kind: OpinionBand, Size: 4, Rule: Rule{Genres: []story.Genre{story.Opinion}}},
		{Kind: ExplainerBand, Size: 4, Rule: Rule{Genres: []story.Genre{story.Explainer, story.Report}}},
		{Kind: MostViewed, Size: 5},
		{Kind: Focus, Size: 6},
		{Kind: MapTeaser, Size: 4},
		{Kind: GalleryBand, Size: 4, Rule: Rule{Genres: []story.Genre{story.Photo, story.Film}}},
	}}
}

// Launched is a plan as it was launched.
type Launched struct {
	// Version counts the launches of a front, from 1; 0 is the plan of a front
	// that nobody has arranged.
	Version int64
	At      time.Time
	By      ref.Staff
	Plan    Plan
}

// Launch makes a plan the front: its version is the one after that which it was
// made from. db.ErrConflict says that this version is there already. Earlier plans
// stay, so that a launch can be undone by launching one of them again.
func Launch(tx *db.Tx, p Place, l Launched) error {
	plan, err := db.Pack(l.Plan)
	if err != nil {
		return err
	}
	if p.Section != 0 {
		_, err = tx.Exec(`insert into section_front (section, version, at, by, plan) values ($1, $2, $3, $4, $5)`, p.Section, l.Version, l.At.UnixMilli(), l.By, plan)
	} else {
		_, err = tx.Exec(`insert into front (edition, version, at, by, plan) values ($1, $2, $3, $4, $5)`, p.Edition, l.Version, l.At.UnixMilli(), l.By, plan)
	}
	if err != nil {
		return fmt.Errorf("launch version %d of the front of %v: %w", l.Version, p, err)
	}
	return nil
}

// Newest returns the plan that a front stands on now, with its version.
func Newest(tx *db.Tx, p Place) (l Launched, err error) {
	if p.Section != 0 {
		l, err = db.Find(tx, scanLaunched, `select version, at, by, plan from section_front where section = $1 order by version desc limit 1`, p.Section)
	} else {
		l, err = db.Find(tx, scanLaunched, `select version, at, by, plan from front where edition = $1 order by version desc limit 1`, p.Edition)
	}
	if errors.Is(err, db.ErrNotFound) {
		return Launched{Plan: Default(p)}, nil
	}
	if err != nil {
		return l, fmt.Errorf("read the front of %v: %w", p, err)
	}
	return l, nil
}

// At returns a version of a front; version 0 is the plan of one that nobody has
// arranged.
func At(tx *db.Tx, p Place, version int64) (l Launched, err error) {
	switch {
	case version == 0:
		return Launched{Plan: Default(p)}, nil
	case p.Section != 0:
		l, err = db.Find(tx, scanLaunched, `select version, at, by, plan from section_front where section = $1 and version = $2`, p.Section, version)
	default:
		l, err = db.Find(tx, scanLaunched, `select version, at, by, plan from front where edition = $1 and version = $2`, p.Edition, version)
	}
	if err != nil {
		return l, fmt.Errorf("read version %d of the front of %v: %w", version, p, err)
	}
	return l, nil
}

// Planned is a front that is being arranged: readers see nothing of it until it is
// launched.
type Planned struct {
	// Begun tells that somebody saved a plan; without one it is that which the front
	// stands on.
	Begun bool
	// Sequence grows with every save and every end of a plan, and never names two;
	// 0 is that of a front for which no plan was ever saved.
	Sequence int64
	// Over is the version that the plan was made from.
	Over int64
	At   time.Time
	By   ref.Staff
	Plan Plan
}

// ErrNewer says that somebody saved a newer plan meanwhile, or ended it.
var ErrNewer = errors.New("somebody saved, launched or discarded a plan of this front meanwhile; read it again first")

// Draft returns the plan that is being arranged; where there is none, the one that
// the front stands on.
func Draft(tx *db.Tx, p Place) (d Planned, err error) {
	d, err = db.Find(tx, scanPlanned, `select sequence, over, at, by, plan from front_plan where edition = $1 and section = $2`, p.Edition, p.Section)
	if err != nil && !errors.Is(err, db.ErrNotFound) || d.Begun {
		return d, err
	}
	newest, err := Newest(tx, p)
	return Planned{Sequence: d.Sequence, Over: newest.Version, Plan: newest.Plan}, err
}

// scanPlanned reads a row; one whose plan ended has none.
func scanPlanned(r db.Row) (d Planned, err error) {
	var at int64
	var plan string
	if err := r.Scan(&d.Sequence, &d.Over, &at, &d.By, &plan); err != nil || plan == "" {
		return d, err
	}
	d.Begun, d.At = true, time.UnixMilli(at).UTC()
	return d, db.Unpack(plan, &d.Plan)
}

// Save keeps a plan over the save that d.Sequence names; ErrNewer says that there
// is another. It returns the new sequence.
func Save(tx *db.Tx, p Place, d Planned) (int64, error) {
	plan, err := db.Pack(d.Plan)
	if err != nil {
		return 0, err
	}
	var took int64
	if d.Sequence == 0 {
		took, err = tx.Exec(`insert into front_plan (edition, section, sequence, over, at, by, plan) values ($1, $2, 1, $3, $4, $5, $6) on conflict (edition, section) do nothing`,
			p.Edition, p.Section, d.Over, d.At.UnixMilli(), d.By, plan)
	} else {
		took, err = tx.Exec(`update front_plan set sequence = sequence + 1, over = $3, at = $4, by = $5, plan = $6 where edition = $1 and section = $2 and sequence = $7`,
			p.Edition, p.Section, d.Over, d.At.UnixMilli(), d.By, plan, d.Sequence)
	}
	if err != nil {
		return 0, fmt.Errorf("save the plan of the front of %v: %w", p, err)
	}
	if took == 0 {
		return 0, ErrNewer
	}
	return d.Sequence + 1, nil
}

// End forgets the plan that is being arranged. Its row stays, so that its sequence
// is not begun again.
func End(tx *db.Tx, p Place) error {
	if _, err := tx.Exec(`update front_plan set sequence = sequence + 1, plan = '' where edition = $1 and section = $2`, p.Edition, p.Section); err != nil {
		return fmt.Errorf("end the plan of the front of %v: %w", p, err)
	}
	return nil
}

// String names the place for errors and the log: "en", "en/1266".
func (p Place) String() string {
	if p.Section == 0 {
		return p.Edition
	}
	return p.Edition + "/" + strconv.FormatInt(int64(p.Section), 10)
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
