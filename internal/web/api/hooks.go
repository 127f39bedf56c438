package api

import (
	"net/http"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/hook"
)

// hookRoutes are the webhooks: who hears of what.
func (a *API) hookRoutes() []route {
	return []route{
		{get, "/webhooks", staff.Administer, a.listHooks, doc{says: "The webhooks.", answer: hookList{}}},
		{post, "/webhooks", staff.Administer, a.createHook, doc{says: "Add a webhook. Its secret is in this answer and nowhere else.", body: hookWords{}, answer: hookView{}, status: http.StatusCreated}},
		{get, "/webhooks/{id}", staff.Administer, a.readHook, doc{says: "A webhook.", answer: hookView{}}},
		{put, "/webhooks/{id}", staff.Administer, a.saveHook, doc{says: "Change a webhook.", body: hookWords{}, answer: hookView{}}},
		{remove, "/webhooks/{id}", staff.Administer, a.deleteHook, doc{says: "Delete a webhook with its deliveries.", answer: nothing{}}},
		{post, "/webhooks/{id}/secret", staff.Administer, a.renewSecret, doc{says: "Give a webhook a new secret, which is in this answer and nowhere else.", answer: hookView{}}},
		{post, "/webhooks/{id}/test", staff.Administer, a.testHook, doc{says: "Send a webhook a ping.", answer: deliveryName{}, status: http.StatusAccepted}},
		{get, "/webhooks/{id}/deliveries", staff.Administer, a.listDeliveries, doc{says: "What a webhook was sent, the newest first.", query: []string{"before", "limit"}, answer: deliveryList{}}},
	}
}

// nothing is an answer that says no more than that it is done.
type nothing struct{}

// hookWords are what an admin says of a webhook.
type hookWords struct {
	URL string `json:"url"`
	// Events are names, groups as "story.*", or "*" for all.
	Events []string `json:"events"`
	Active bool     `json:"active"`
}

// hookView is a webhook. Secret is there only when it was just made; Note says so
// to who asks for it again.
type hookView struct {
	ID string `json:"id"`
	hookWords
	Secret  string `json:"secret,omitempty"`
	Note    string `json:"note,omitempty"`
	Created string `json:"created"`
	// Silent is since when the receiver could not be reached; empty when it could.
	Silent string `json:"silent,omitempty"`
}

// hookList are the webhooks.
type hookList struct {
	Webhooks []hookView `json:"webhooks"`
}

// deliveryName names a delivery that was asked for.
type deliveryName struct {
	Delivery string `json:"delivery"`
}

// delivery is what a webhook was sent.
type delivery struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Subject  string `json:"subject"`
	At       string `json:"at"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	Status   int    `json:"status,omitempty"`
	Failure  string `json:"failure,omitempty"`
	Due      string `json:"due,omitempty"`
	Done     string `json:"done,omitempty"`
}

// deliveryList is a page of deliveries. Before leads to the next; empty at the
// end.
type deliveryList struct {
	Deliveries []delivery `json:"deliveries"`
	Before     string     `json:"before,omitempty"`
}

func hookOf(h hook.Hook) hookView {
	return hookView{ID: itoa(h.ID), hookWords: hookWords{h.URL, h.Events, h.Active}, Secret: h.Secret, Created: stamp(h.CreatedAt), Silent: stamp(h.SilentAt)}
}

// hookReply answers with a webhook; a secret that was just made is not in what a
// retry gets.
func hookReply(status int, h hook.Hook) *reply {
	out := &reply{status: status, value: hookOf(h), location: Prefix + "webhooks/" + itoa(h.ID)}
	if h.Secret != "" {
		h.Secret = ""
		again := hookOf(h)
		again.Note = "The secret was in the first answer, and is not shown again. If it was lost, have a new one made."
		out.again = again
	}
	return out
}

func (a *API) listHooks(q *asked) (*reply, error) {
	list := hookList{Webhooks: []hookView{}}
	err := a.view(q.Context(), func(tx *db.Tx) error {
		all, err := a.Hooks.All(tx)
		for _, h := range all {
			list.Webhooks = append(list.Webhooks, hookOf(h))
		}
		return err
	})
	return &reply{value: list}, err
}

func (a *API) createHook(q *asked) (*reply, error) { return a.putHook(q, 0, http.StatusCreated) }

func (a *API) saveHook(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	return a.putHook(q, id, http.StatusOK)
}

func (a *API) putHook(q *asked, id int64, status int) (*reply, error) {
	var w hookWords
	if err := q.into(&w); err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		made, err := a.Hooks.Put(tx, hook.Hook{ID: id, URL: w.URL, Events: w.Events, Active: w.Active, By: int64(q.who.Person.ID), CreatedAt: a.Now()})
		if err != nil {
			return nil, err
		}
		return hookReply(status, made), a.hookActed(tx, q, "webhook.saved", made.ID)
	})
}

// hookActed notes what was done to a webhook.
func (a *API) hookActed(tx *db.Tx, q *asked, act string, id int64) error {
	return a.Desk.SettledIn(tx, q.who.Person.ID, act, "webhook:"+itoa(id))
}

func (a *API) readHook(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	var found hook.Hook
	err = a.view(q.Context(), func(tx *db.Tx) (err error) {
		found, err = a.Hooks.Find(tx, id)
		return err
	})
	return &reply{value: hookOf(found)}, err
}

func (a *API) deleteHook(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if err := a.Hooks.Delete(tx, id); err != nil {
			return nil, err
		}
		return &reply{value: nothing{}}, a.hookActed(tx, q, "webhook.deleted", id)
	})
}

func (a *API) renewSecret(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		found, err := a.Hooks.Find(tx, id)
		if err != nil {
			return nil, err
		}
		if found.Secret, err = a.Hooks.Renew(tx, id); err != nil {
			return nil, err
		}
		return hookReply(http.StatusOK, found), a.hookActed(tx, q, "webhook.secret-renewed", id)
	})
}

func (a *API) testHook(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		sent, err := a.Hooks.Test(tx, id)
		if err != nil {
			return nil, err
		}
		return &reply{status: http.StatusAccepted, value: deliveryName{itoa(sent)}}, a.hookActed(tx, q, "webhook.tested", id)
	})
}

func (a *API) listDeliveries(q *asked) (*reply, error) {
	id, err := identity[int64](q, "id")
	if err != nil {
		return nil, err
	}
	before, size, err := page[int64](q)
	if err != nil {
		return nil, err
	}
	list := deliveryList{Deliveries: []delivery{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		if _, err := a.Hooks.Find(tx, id); err != nil {
			return err
		}
		all, err := a.Hooks.Deliveries(tx, id, before, size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = itoa(all[size-1].ID)
		}
		for _, d := range all {
			list.Deliveries = append(list.Deliveries, delivery{itoa(d.ID), d.Event, itoa(d.Subject), stamp(d.At), string(d.State()), d.Attempts, d.Status, d.Failure, stamp(d.Due), stamp(d.Done)})
		}
		return err
	})
	return &reply{value: list}, err
}
