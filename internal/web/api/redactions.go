package api

import (
	"net/http"
	"time"

	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// redactionRoutes are what law or safety forbids to keep. What is asked for is
// answered while it waits, to who may confirm it; later only its seal, and what
// was done.
func (a *API) redactionRoutes() []route {
	return []route{
		{post, "/redactions/preview", staff.Redact, a.previewRedaction, doc{says: "Say what a redaction would change. Nothing is changed or kept.", body: redactionOrder{}, answer: redactionFound{}, reads: true}},
		{post, "/redactions", staff.Redact, a.askRedaction, doc{says: "Ask for a redaction, which another person must confirm. The key that opens its seal is in this answer and nowhere else.", body: redactionOrder{}, answer: redactionAsked{}, status: http.StatusAccepted}},
		{get, "/redactions", staff.Redact, a.listRedactions, doc{says: "Redactions, the newest first. One that waits says what it is of and what it would change.", query: []string{"before", "limit"}, answer: redactionList{}}},
		{get, "/redactions/{id}", staff.Redact, a.readRedaction, doc{says: "A redaction: while it waits what it is of and what it would change, then how far it is, what was done, and what still holds what went.", answer: redactionView{}}},
		{post, "/redactions/{id}/confirm", staff.Redact, a.confirmRedaction, doc{says: "Have a redaction done that another person asked for.", answer: redactionView{}, status: http.StatusAccepted}},
		{post, "/redactions/{id}/refuse", staff.Redact, a.refuseRedaction, doc{says: "Say no to a redaction, or take one's own back.", answer: redactionView{}}},
		{get, "/content/redactions", public, a.kept(a.contentRedactions), doc{says: "Stories that redactions changed, for copies elsewhere: fetch them again, or drop them.", query: []string{"since", "behind", "limit"}, answer: redactedList{}}},
	}
}

// redactionOrder is what is to go.
type redactionOrder struct {
	// Kind is name, passage, picture or story.
	Kind string `json:"kind"`
	// Texts are the writings of a name, or passages.
	Texts []string  `json:"texts,omitempty"`
	Story ref.Story `json:"story,omitzero"`
	Asset ref.Asset `json:"asset,omitzero"`
	// Reason is for the log, and must not name what goes.
	Reason string `json:"reason"`
	// Mark stands in the place of what went; the edition's usual one when empty.
	Mark string `json:"mark,omitempty"`
}

func (o redactionOrder) request() redact.Request {
	return redact.Request{Kind: redact.Kind(o.Kind), Texts: o.Texts, Story: o.Story, Asset: o.Asset, Reason: o.Reason, Mark: o.Mark}
}

// redactionFound says in how many places something stands.
type redactionFound struct {
	Stories   int            `json:"stories"`
	Revisions int            `json:"revisions"`
	Places    map[string]int `json:"places"`
}

// redactionAsked is a redaction that was asked for.
type redactionAsked struct {
	ID    string `json:"id"`
	State string `json:"state"`
	// Key opens the seal: with it anybody can show what the redaction was of. It
	// is in the first answer only; Note says so to who asks again.
	Key  string `json:"key,omitempty"`
	Note string `json:"note,omitempty"`
}

// redactionView is a redaction as it may be told.
type redactionView struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Texts, Story, Asset and Mark are what was asked for, while it waits.
	Texts     []string  `json:"texts,omitempty"`
	Story     ref.Story `json:"story,omitzero"`
	Asset     ref.Asset `json:"asset,omitzero"`
	Mark      string    `json:"mark,omitempty"`
	Seal      string    `json:"seal"`
	AskedBy   ref.Staff `json:"asked_by"`
	Asked     string    `json:"asked"`
	Confirmer ref.Staff `json:"confirmed_by,omitzero"`
	Confirmed string    `json:"confirmed,omitempty"`
	Done      string    `json:"done,omitempty"`
	// Found is what would be found while it waits, and what was found since; absent
	// before that is known.
	Found    *redactionFound `json:"found,omitempty"`
	Nodes    []string        `json:"nodes,omitempty"`
	Files    int             `json:"files,omitempty"`
	Scrubbed []string        `json:"scrubbed,omitempty"`
	Left     []string        `json:"left,omitempty"`
	Backups  []redactionCopy `json:"backups,omitempty"`
}

// redactionCopy is a backup that still holds what went.
type redactionCopy struct {
	At    string `json:"at"`
	Place string `json:"place"`
}

// redactionList is a page of redactions. Before leads to the next; empty at the
// end.
type redactionList struct {
	Redactions []redactionView `json:"redactions"`
	Before     string          `json:"before,omitempty"`
}

// redactedStory is a story that a redaction changed.
type redactedStory struct {
	Story ref.Story `json:"story"`
	At    string    `json:"at"`
}

// redactedList is a page of them, the first changed first. Ask on with the last
// one's time as since and its story as behind.
type redactedList struct {
	Redacted []redactedStory `json:"redacted"`
}

func redactionOf(d redact.Redaction) redactionView {
	v := redactionView{ID: itoa(d.ID), Kind: string(d.Kind), State: d.State, Reason: d.Reason, Seal: d.Hash, AskedBy: d.AskedBy, Asked: stamp(d.Asked),
		Confirmer: d.ConfirmedBy, Confirmed: stamp(d.Confirmed), Done: stamp(d.DoneAt),
		Files: d.Report.Files, Scrubbed: d.Report.Scrub.Done, Left: d.Report.Remains()}
	if d.State == redact.Waiting {
		v.Texts, v.Story, v.Asset, v.Mark = d.Request.Texts, d.Request.Story, d.Request.Asset, d.Request.Mark
	}
	if d.Report.Places != nil {
		v.Found = new(foundOf(d.Report.Found))
	}
	for _, n := range d.Report.Nodes {
		if n.ReadTo >= d.Report.Event {
			v.Nodes = append(v.Nodes, n.Name)
		}
	}
	for _, b := range d.Report.Backups {
		v.Backups = append(v.Backups, redactionCopy{stamp(b.At), b.Place})
	}
	return v
}

func foundOf(f redact.Found) redactionFound {
	if f.Places == nil {
		f.Places = map[string]int{}
	}
	return redactionFound{f.Stories, f.Revisions, f.Places}
}

func (a *API) previewRedaction(q *asked) (*reply, error) {
	var o redactionOrder
	if err := q.into(&o); err != nil {
		return nil, err
	}
	found, err := a.Redactions.Preview(q.Context(), o.request())
	return &reply{value: foundOf(found)}, err
}

func (a *API) askRedaction(q *asked) (*reply, error) {
	var o redactionOrder
	if err := q.into(&o); err != nil {
		return nil, err
	}
	found, err := a.Redactions.Preview(q.Context(), o.request())
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		made, err := a.Redactions.AskIn(tx, q.who.Person.ID, o.request(), found)
		first := redactionAsked{ID: itoa(made.ID), State: redact.Waiting, Key: made.Key}
		again := redactionAsked{ID: first.ID, State: first.State, Note: "The key was in the first answer and is kept nowhere. Without it take the redaction back, and ask again with another Idempotency-Key."}
		return &reply{status: http.StatusAccepted, value: first, again: again}, err
	})
}

func (a *API) listRedactions(q *asked) (*reply, error) {
	before, size, err := page[int64](q)
	if err != nil {
		return nil, err
	}
	list := redactionList{Redactions: []redactionView{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		all, err := redact.List(tx, before, size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = itoa(all[size-1].ID)
		}
		for _, d := range all {
			list.Redactions = append(list.Redactions, redactionOf(d))
		}
		return err
	})
	return &reply{value: list}, err
}

func (a *API) readRedaction(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	var out *reply
	err = a.view(q.Context(), func(tx *db.Tx) (err error) {
		out, err = redactionReply(tx, id, http.StatusOK)
		return err
	})
	return out, err
}

func redactionReply(tx *db.Tx, id int64, status int) (*reply, error) {
	found, err := redact.Find(tx, id)
	return &reply{status: status, value: redactionOf(found)}, err
}

func (a *API) confirmRedaction(q *asked) (*reply, error) {
	return a.settleRedaction(q, http.StatusAccepted, a.Redactions.ConfirmIn)
}

func (a *API) refuseRedaction(q *asked) (*reply, error) {
	return a.settleRedaction(q, http.StatusOK, a.Redactions.RefuseIn)
}

func (a *API) settleRedaction(q *asked, status int, settle func(*db.Tx, ref.Staff, int64) error) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := settle(tx, q.who.Person.ID, id); err != nil {
			return nil, err
		}
		return redactionReply(tx, id, status)
	})
}

func (a *API) contentRedactions(r *reading) (any, error) {
	size, err := limit(r.values)
	if err != nil {
		return nil, err
	}
	behind, err := parameter[ref.Story](r.values, "behind")
	if err != nil {
		return nil, err
	}
	var since time.Time
	if text := r.values.Get("since"); text != "" {
		if since, err = moment("since", text); err != nil {
			return nil, err
		}
	}
	r.urgent = true // whoever keeps copies must hear of it at once
	changed, err := redact.Since(r.tx, since, behind, size)
	list := redactedList{Redacted: []redactedStory{}}
	for _, c := range changed {
		list.Redacted = append(list.Redacted, redactedStory{c.Story, stamp(c.At)})
	}
	return list, err
}
