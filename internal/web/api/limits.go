package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// noted are the refusals of the last minute that stand in the audit log.
type noted struct {
	mu sync.Mutex
	at map[refusal]time.Time
}

// refusal is which token was refused where.
type refusal struct {
	token int64
	asked string
}

// The same token is noted once a minute for a route; no more than this are noted
// in a minute.
const (
	noteEvery = time.Minute
	mostNoted = 10_000
)

// first tells whether a refusal is to be noted.
func (n *noted) first(one refusal, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at == nil {
		n.at = map[refusal]time.Time{}
	}
	if last, met := n.at[one]; met && now.Sub(last) < noteEvery {
		return false
	}
	if len(n.at) >= mostNoted {
		for other, last := range n.at {
			if now.Sub(last) >= noteEvery {
				delete(n.at, other)
			}
		}
	}
	if len(n.at) >= mostNoted {
		return false
	}
	n.at[one] = now
	return true
}

// refused writes into the audit log who asked for what they may not do, also when
// they did not wait for the answer.
func (a *API) refused(r *http.Request, who staff.Principal, why string) {
	asked := r.Method + " " + r.Pattern
	if !a.noted.first(refusal{who.Token, asked}, a.Now()) {
		return
	}
	err := a.DB.Update(context.WithoutCancel(r.Context()), func(tx *db.Tx) error {
		detail, err := db.Pack(map[string]string{"reason": why})
		audit.Append(tx, audit.Entry{At: a.Now(), By: int64(who.Person.ID), Act: "refused", Subject: asked, Detail: detail})
		return err
	})
	if err != nil {
		slog.Error("note a refusal", "who", int64(who.Person.ID), "token", who.Token, "asked", asked, "error", err)
	}
}
