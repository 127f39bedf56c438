package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/strictjson"
)

// problem is an error as RFC 9457 has it.
type problem struct {
	// Type names the kind of problem: an address under Prefix + "problems/".
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is a sentence about what happened and what to do.
	Detail string  `json:"detail,omitempty"`
	Errors []wrong `json:"errors,omitempty"`
	// Yours and Newest are both texts of a save that came too late.
	Yours  any         `json:"yours,omitempty"`
	Newest *storyDraft `json:"newest,omitempty"`

	kind string
	wait int
}

// wrong is what is wrong with one field.
type wrong struct {
	Field string `json:"field"`
	// Place is where in the field: a character's position, a block, a line.
	Place  string `json:"place,omitempty"`
	Reason string `json:"reason"`
}

// Error is the sentence.
func (p *problem) Error() string { return p.Detail }

// invalid is a problem with one field.
func invalid(field, reason string) *problem {
	return &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: "Nothing was changed: the " + field + " " + reason + ".", Errors: []wrong{{Field: field, Reason: reason}}}
}

// kinds are the kinds of problems with their titles.
var kinds = map[string]string{
	"bad-request":        "The request cannot be read",
	"unauthorized":       "A token is needed",
	"forbidden":          "This token may not do that",
	"not-found":          "There is no such thing",
	"gone":               "The story was withdrawn",
	"method-not-allowed": "This address does not answer that method",
	"conflict":           "It cannot be done as things are",
	"stale":              "Somebody saved a newer draft meanwhile",
	"embargo":            "The story is under embargo",
	"too-large":          "The request is too large",
	"media-type":         "JSON is expected",
	"invalid":            "Something must be changed first",
	"condition-needed":   "Say which save you mean",
	"key-reused":         "The idempotency key was used for another request",
	"too-many":           "Too many requests",
	"internal":           "Something went wrong here",
	"unavailable":        "The database does not answer",
	"full":               "The disk is full",
}

var errTooMany = &problem{Status: http.StatusTooManyRequests, kind: "too-many", Detail: "Too many requests came from here. Wait a minute, then go on.", wait: 60}

// problemOf turns an error into what the asker is told. Only here is an error of
// the house given a status.
func problemOf(err error) *problem {
	var known *problem
	var fault *strictjson.Fault
	var stale *story.Stale
	var refused *publish.Refused
	switch {
	case errors.As(err, &known):
		copied := *known
		return &copied
	case errors.Is(err, strictjson.ErrTooLarge):
		return &problem{Status: http.StatusRequestEntityTooLarge, kind: "too-large", Detail: fmt.Sprintf("A request may have %d bytes.", MaxBody)}
	case errors.As(err, &fault):
		return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The JSON cannot be taken: " + fault.Error() + ".",
			Errors: []wrong{{Field: fault.Path, Place: fmt.Sprintf("line %d, column %d", fault.Line, fault.Column), Reason: fault.Reason}}}
	case errors.As(err, &stale):
		newest := draftOf(stale.Newest)
		return &problem{Status: http.StatusConflict, kind: "stale", Detail: "Somebody saved a newer draft meanwhile. Nothing was changed; both texts are here.", Yours: stale.Yours, Newest: &newest}
	case errors.As(err, &refused):
		return refusedProblem(refused.Problems)
	}
	return problemByKind(err)
}

func refusedProblem(problems []story.Problem) *problem {
	p := &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: "Nothing was changed: " + (&publish.Refused{Problems: problems}).Error() + "."}
	for _, found := range problems {
		p.Errors = append(p.Errors, wrong{found.Field, found.Place, found.Reason})
	}
	return p
}

// conflicts are the kinds of errors of what cannot be done as things are.
var conflicts = []error{publish.ErrLive, publish.ErrNotLive, publish.ErrBinned, publish.ErrRedacted, publish.ErrMoved, publish.ErrBusy, story.ErrStale, db.ErrConflict, staff.ErrTaken, hook.ErrTooMany, hook.ErrOff, redact.ErrSettled}

// faults are the kinds of errors of what was asked for wrongly.
var faults = []error{publish.ErrPast, section.ErrSlug, topic.ErrSlug, author.ErrSlug, staff.ErrEmail, staff.ErrRole, ref.ErrIdentity, hook.ErrURL, hook.ErrEvents, redact.ErrRequest}

func problemByKind(err error) *problem {
	switch {
	case errors.Is(err, publish.ErrEmbargo):
		return &problem{Status: http.StatusConflict, kind: "embargo", Detail: sentence(err)}
	case errors.Is(err, staff.ErrToken):
		return &problem{Status: http.StatusUnauthorized, kind: "unauthorized", Detail: "This token is not good, or not any more. Make a new one with `broadsheet token create`."}
	case errors.Is(err, staff.ErrDenied), errors.Is(err, redact.ErrSamePerson):
		return &problem{Status: http.StatusForbidden, kind: "forbidden", Detail: sentence(err)}
	case errors.Is(err, db.ErrFull):
		return &problem{Status: http.StatusInsufficientStorage, kind: "full", Detail: "The disk is full. Nothing was changed; try again when there is room.", wait: 30}
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &problem{Status: http.StatusServiceUnavailable, kind: "unavailable", Detail: "The database does not answer. What was sent may or may not have been kept: send it again with the same Idempotency-Key in a few seconds.", wait: 1}
	case isAny(err, conflicts):
		return &problem{Status: http.StatusConflict, kind: "conflict", Detail: sentence(err)}
	case isAny(err, faults):
		return &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: sentence(err)}
	case errors.Is(err, db.ErrNotFound):
		return &problem{Status: http.StatusNotFound, kind: "not-found", Detail: "There is no such thing here."}
	}
	return &problem{Status: http.StatusInternalServerError, kind: "internal", Detail: "Something went wrong here, and was written into the log. Nothing was changed."}
}

func isAny(err error, kinds []error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// sentence is an error's words as a sentence of its own.
func sentence(err error) string { return "Nothing was changed: " + err.Error() + "." }

// fail answers with a problem.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the asker has gone
	}
	p := problemOf(err)
	p.Type, p.Title = Prefix+"problems/"+p.kind, kinds[p.kind]
	if p.Status == http.StatusInternalServerError {
		slog.Error("answer a program", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if p.wait > 0 {
		h.Set("Retry-After", itoa(int64(p.wait)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="broadsheet"`)
	}
	text, err := encode(p)
	if err != nil {
		slog.Error("write a problem", "error", err)
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(text)
	}
}

// aboutProblem explains a kind of problem: the address in its type.
func (a *API) aboutProblem(q *asked) (*reply, error) {
	title, ok := kinds[q.PathValue("kind")]
	if !ok {
		return nil, db.ErrNotFound
	}
	return &reply{value: kindOfProblem{q.PathValue("kind"), title}}, nil
}

// kindOfProblem is a kind with its title.
type kindOfProblem struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
}
