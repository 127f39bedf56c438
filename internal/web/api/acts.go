package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// publication is what readers are told of a publication.
type publication struct {
	Note string `json:"note,omitempty"`
}

// correction is a change of a live story.
type correction struct {
	Kind changeKind `json:"kind"`
	// Note is what readers are told; a correction needs one.
	Note string `json:"note,omitempty"`
}

// appointment is when a draft shall go live, and how.
type appointment struct {
	At   string     `json:"at"`
	Kind changeKind `json:"kind,omitempty"`
	Note string     `json:"note,omitempty"`
}

// embargo forbids publication before a time; null lifts it.
type embargo struct {
	Until *string `json:"until"`
}

// withdrawal is why a story goes.
type withdrawal struct {
	Reason string `json:"reason"`
}

// scheduled is a publication that waits for its time.
type scheduled struct {
	At       string `json:"at"`
	Sequence int64  `json:"sequence"`
	Kind     string `json:"kind,omitempty"`
	Note     string `json:"note,omitempty"`
	// Failure says why it did not go live at its time.
	Failure string `json:"failure,omitempty"`
}

// chosen reads which draft an act is about, and what is said of it.
func chosen(q *asked, said any) (id ref.Story, sequence int64, err error) {
	if id, err = identity[ref.Story](q, "id"); err != nil {
		return id, 0, err
	}
	if sequence, err = q.sequence(); err != nil {
		return id, 0, err
	}
	return id, sequence, q.into(said)
}

// wentLive is the answer to what made a story live.
func wentLive(tx *db.Tx, c story.Card, sequence int64) (*reply, error) {
	address, err := addressOf(tx, c)
	return &reply{etag: tagOf(sequence), value: done{ID: c.ID, Sequence: sequence, Revision: c.Revision, State: string(story.Published),
		Version: int64(c.Version), Address: address, Published: stamp(c.Published), Updated: stamp(c.Updated)}}, err
}

func (a *API) publishStory(q *asked) (*reply, error) {
	var p publication
	id, sequence, err := chosen(q, &p)
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := a.settle(tx, id); err != nil {
			return nil, err
		}
		c, err := a.Desk.StoryIn(tx, publish.Order{By: q.who.Person.ID, Story: id, Sequence: sequence, Note: p.Note})
		if err != nil {
			return nil, err
		}
		return wentLive(tx, c, sequence)
	})
}

// changeKind is a kind of versions that an editor chooses.
type changeKind string

// changes are those.
var changes = []changeKind{story.Typo, story.Update, story.Correction}

func (a *API) correctStory(q *asked) (*reply, error) {
	var c correction
	id, sequence, err := chosen(q, &c)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(changes, c.Kind) {
		return nil, invalid("kind", fmt.Sprintf("is %.50q; there are typo, update and correction", c.Kind))
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := a.settle(tx, id); err != nil {
			return nil, err
		}
		before, err := story.Cards(tx, []ref.Story{id})
		if err != nil {
			return nil, err
		}
		if len(before) == 0 {
			if _, err := a.Stories.Draft(tx, id); err != nil {
				return nil, err
			}
			return nil, publish.ErrNotLive
		}
		live, err := a.Desk.StoryIn(tx, publish.Order{By: q.who.Person.ID, Story: id, Sequence: sequence, Kind: string(c.Kind), Note: c.Note})
		if err != nil {
			return nil, err
		}
		return wentLive(tx, live, sequence)
	})
}

func (a *API) scheduleStory(q *asked) (*reply, error) {
	var s appointment
	id, sequence, err := chosen(q, &s)
	if err != nil {
		return nil, err
	}
	at, err := moment("at", s.At)
	if err != nil {
		return nil, err
	}
	if s.Kind != "" && !slices.Contains(changes, s.Kind) {
		return nil, invalid("kind", fmt.Sprintf("is %.50q; there are typo, update and correction", s.Kind))
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := a.settle(tx, id); err != nil {
			return nil, err
		}
		p := publish.Planned{Story: id, At: at, Sequence: sequence, By: q.who.Person.ID, Kind: string(s.Kind), Note: s.Note}
		if err := a.Desk.ScheduleIn(tx, p); err != nil {
			return nil, err
		}
		return a.stands(tx, id)
	})
}

// stands is the answer of an act that makes nothing live: where the draft is now.
func (a *API) stands(tx *db.Tx, id ref.Story) (*reply, error) {
	d, err := a.Stories.Draft(tx, id)
	if err != nil {
		return nil, err
	}
	return saved(d), nil
}

func (a *API) unscheduleStory(q *asked) (*reply, error) {
	return a.act(q, func(tx *db.Tx, id ref.Story) error { return a.Desk.UnscheduleIn(tx, q.who.Person.ID, id) })
}

// act runs an act that needs nothing but the story.
func (a *API) act(q *asked, act func(*db.Tx, ref.Story) error) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := act(tx, id); err != nil {
			return nil, err
		}
		return a.stands(tx, id)
	})
}

func (a *API) binStory(q *asked) (*reply, error) {
	id, sequence, err := chosen(q, &struct{}{})
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := a.Stories.Lock(tx, id); err != nil {
			return nil, err
		}
		if err := a.settle(tx, id); err != nil {
			return nil, err
		}
		d, err := a.Stories.Draft(tx, id)
		if err != nil {
			return nil, err
		}
		if d.State == story.Withdrawn && !q.who.May(staff.Publish) {
			return nil, &problem{Status: http.StatusForbidden, kind: "forbidden", Detail: "Nothing was changed. A story that was withdrawn is set aside by those who may publish: it needs the scope publish."}
		}
		if err := a.Desk.BinIn(tx, q.who.Person.ID, id, sequence); err != nil {
			return nil, err
		}
		return a.stands(tx, id)
	})
}

func (a *API) embargoStory(q *asked) (*reply, error) {
	missing := ""
	e := embargo{Until: &missing}
	if err := q.into(&e); err != nil {
		return nil, err
	}
	var until time.Time
	switch {
	case e.Until == nil:
	case *e.Until == "":
		return nil, invalid("until", "is missing: give a time, or null to lift the embargo")
	default:
		var err error
		if until, err = moment("until", *e.Until); err != nil {
			return nil, err
		}
	}
	return a.act(q, func(tx *db.Tx, id ref.Story) error { return a.Desk.EmbargoIn(tx, q.who.Person.ID, id, until) })
}

func (a *API) withdrawStory(q *asked) (*reply, error) {
	var w withdrawal
	if err := q.into(&w); err != nil {
		return nil, err
	}
	return a.act(q, func(tx *db.Tx, id ref.Story) error { return a.Desk.WithdrawIn(tx, q.who.Person.ID, id, w.Reason) })
}

func (a *API) restoreStory(q *asked) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	if err := q.into(&struct{}{}); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		live, err := a.Desk.RestoreIn(tx, q.who.Person.ID, id)
		if err != nil {
			return nil, err
		}
		d, err := a.Stories.Draft(tx, id)
		if err != nil {
			return nil, err
		}
		if live.ID == 0 {
			return saved(d), nil
		}
		return wentLive(tx, live, d.Sequence)
	})
}

// scheduleList is a page of what waits for its time. Before leads to the next;
// empty at the end.
type scheduleList struct {
	Schedule []plannedStory `json:"schedule"`
	Before   string         `json:"before,omitempty"`
}

// plannedStory is a story that waits for its time.
type plannedStory struct {
	Story ref.Story `json:"story"`
	scheduled
}

func (a *API) listSchedule(q *asked) (*reply, error) {
	size, err := limit(q.values)
	if err != nil {
		return nil, err
	}
	var behind story.Cursor
	if text := q.values.Get("before"); text != "" {
		if behind, err = cursorOf(text); err != nil {
			return nil, err
		}
	}
	list := scheduleList{Schedule: []plannedStory{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		all, err := a.Desk.AllPlanned(tx, behind, size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = cursorText(story.Cursor{Published: all[size-1].At.UnixMilli(), ID: all[size-1].Story})
		}
		for _, p := range all {
			list.Schedule = append(list.Schedule, plannedStory{p.Story, scheduled{stamp(p.At), p.Sequence, p.Kind, p.Note, p.Failure}})
		}
		return err
	})
	return &reply{value: list}, err
}

// receipt is the proof that a change reached readers.
type receipt struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	// What is shows or hides.
	What  string `json:"what"`
	State string `json:"state"`
	// Due is when the change was to happen, Done when it was durable, Seen when
	// the last address showed it.
	Due   string        `json:"due"`
	Done  string        `json:"done"`
	Seen  string        `json:"seen,omitempty"`
	Lines []receiptLine `json:"lines"`
	// Silent are nodes that did not answer, and Doubt says so in a sentence.
	Silent []string `json:"silent,omitempty"`
	Doubt  string   `json:"doubt,omitempty"`
}

// receiptLine is what one address of one node showed.
type receiptLine struct {
	Node     string `json:"node"`
	Address  string `json:"address"`
	Wants    string `json:"wants"`
	OK       bool   `json:"ok"`
	Status   int    `json:"status"`
	Tries    int    `json:"tries"`
	Seen     string `json:"seen,omitempty"`
	Repaired bool   `json:"repaired,omitempty"`
}

// receiptList is a page of the proofs of a story. Before leads to the next;
// empty at the end.
type receiptList struct {
	Receipts []receipt `json:"receipts"`
	Before   string    `json:"before,omitempty"`
}

func receiptOf(r publish.Receipt) receipt {
	view := receipt{itoa(r.ID), r.Version, r.What, r.State, stamp(r.Due), stamp(r.Done), stamp(r.Seen), []receiptLine{}, r.Silent, r.Doubt()}
	for _, l := range r.Lines {
		view.Lines = append(view.Lines, receiptLine{l.Node, l.Address, l.Wants, l.OK, l.Status, l.Tries, stamp(l.Seen), l.Repaired})
	}
	return view
}

func (a *API) readReceipt(q *asked) (*reply, error) {
	all, err := a.receipts(q, 0, 1)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, a.noReceipt(q)
	}
	return &reply{value: all[0]}, nil
}

// noReceipt says why a story has no receipt.
func (a *API) noReceipt(q *asked) error {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return err
	}
	why := "This story has no receipt yet: it was never published."
	err = a.view(q.Context(), func(tx *db.Tx) error {
		versions, err := story.History(tx, id, 0, 1)
		if len(versions) > 0 {
			why = "This story has no receipt: it was imported, or its last change was longer ago than receipts are kept."
		}
		return err
	})
	if err != nil {
		return err
	}
	return &problem{Status: http.StatusNotFound, kind: "not-found", Detail: why}
}

func (a *API) listReceipts(q *asked) (*reply, error) {
	before, size, err := page[int64](q)
	if err != nil {
		return nil, err
	}
	list := receiptList{}
	if list.Receipts, err = a.receipts(q, before, size+1); len(list.Receipts) > size {
		list.Receipts = list.Receipts[:size]
		list.Before = list.Receipts[size-1].ID
	}
	return &reply{value: list}, err
}

func (a *API) receipts(q *asked, before int64, size int) ([]receipt, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	list := []receipt{}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		if _, err := a.Stories.Draft(tx, id); err != nil {
			return err
		}
		all, err := publish.Receipts(tx, id, before, size)
		for _, r := range all {
			list = append(list, receiptOf(r))
		}
		return err
	})
	return list, err
}
