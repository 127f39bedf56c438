package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/front"
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
	// Yours is the text of a save that came too late, Newest what came before it:
	// a draft, or a place.
	Yours  *story.Content `json:"yours,omitempty"`
	Newest any            `json:"newest,omitempty"`

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
	return &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: unchanged("the " + field + " " + reason), Errors: []wrong{{Field: field, Reason: reason}}}
}

// unchanged says why nothing was changed.
func unchanged(why string) string {
	first, size := utf8.DecodeRuneInString(why)
	return "Nothing was changed. " + string(unicode.ToUpper(first)) + why[size:] + "."
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
	"stale":              "Somebody changed it meanwhile",
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

var (
	errTooMany  = &problem{Status: http.StatusTooManyRequests, kind: "too-many", Detail: "Too many wrong tokens came from here. Wait a minute, then send a valid one.", wait: 60}
	errTooLarge = &problem{Status: http.StatusRequestEntityTooLarge, kind: "too-large", Detail: fmt.Sprintf("A request may have at most %d bytes.", MaxBody)}
)

// problemOf turns an error into what who asked is told. Only here is an error of
// the house given a status.
func problemOf(err error, who staff.Principal) *problem {
	var known *problem
	var fault *strictjson.Fault
	var refused *publish.Refused
	switch {
	case errors.As(err, &known):
		copied := *known
		return &copied
	case errors.Is(err, strictjson.ErrTooLarge):
		copied := *errTooLarge
		return &copied
	case errors.As(err, &fault):
		return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The JSON cannot be taken: " + fault.Error() + ".",
			Errors: []wrong{{Field: fault.Path, Place: fmt.Sprintf("line %d, column %d", fault.Line, fault.Column), Reason: fault.Reason}}}
	case errors.Is(err, story.ErrStale):
		return staleProblem(err, who.May(staff.Read))
	case errors.As(err, &refused):
		return refusedProblem(refused.Problems)
	}
	return problemByKind(err)
}

// staleProblem carries the texts of a draft only to who may read drafts.
func staleProblem(err error, mayRead bool) *problem {
	p := &problem{Status: http.StatusConflict, kind: "stale", Detail: "Somebody saved a newer draft meanwhile. Nothing was changed; read the newest draft first."}
	stale, ok := errors.AsType[*story.Stale](err)
	if !ok || !mayRead {
		return p
	}
	newest := draftOf(stale.Newest)
	p.Newest, p.Detail = &newest, "Somebody saved a newer draft meanwhile. Nothing was changed; the newest draft is here."
	if stale.Yours != nil {
		p.Yours, p.Detail = stale.Yours, "Somebody saved a newer draft meanwhile. Nothing was changed; both texts are here."
	}
	return p
}

func refusedProblem(problems []story.Problem) *problem {
	p := &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: unchanged((&publish.Refused{Problems: problems}).Error())}
	for _, found := range problems {
		p.Errors = append(p.Errors, wrong{found.Field, found.Place, found.Reason})
	}
	return p
}

// conflicts are the kinds of errors of what cannot be done as things are.
var conflicts = []error{publish.ErrLive, publish.ErrNotLive, publish.ErrNotGone, publish.ErrBinned, publish.ErrSame, publish.ErrRedacted, publish.ErrScheduled, publish.ErrMoved, front.ErrNewer, publish.ErrBusy, staff.ErrTaken, hook.ErrTooMany, hook.ErrOff, redact.ErrSettled}

// faults are the kinds of errors of what was asked for wrongly.
var faults = []error{publish.ErrPast, section.ErrSlug, topic.ErrSlug, author.ErrSlug, staff.ErrEmail, staff.ErrRole, ref.ErrIdentity, hook.ErrURL, hook.ErrEvents, redact.ErrRequest}

// refusals are the kinds of errors of what a person may not do.
var refusals = []error{staff.ErrDenied, redact.ErrSamePerson}

func problemByKind(err error) *problem {
	switch {
	case errors.Is(err, publish.ErrEmbargo):
		return &problem{Status: http.StatusConflict, kind: "embargo", Detail: sentence(err, publish.ErrEmbargo)}
	case errors.Is(err, staff.ErrToken):
		return &problem{Status: http.StatusUnauthorized, kind: "unauthorized", Detail: "This token is not valid, or no longer valid. Make a new one with `broadsheet token create`."}
	case kindOf(err, refusals) != nil:
		return &problem{Status: http.StatusForbidden, kind: "forbidden", Detail: sentence(err, kindOf(err, refusals))}
	case errors.Is(err, db.ErrFull):
		return &problem{Status: http.StatusInsufficientStorage, kind: "full", Detail: "The disk is full. Nothing was changed; try again when there is room.", wait: 30}
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &problem{Status: http.StatusServiceUnavailable, kind: "unavailable", Detail: "The database does not answer. What was sent may or may not have been kept: send it again with the same Idempotency-Key in a few seconds.", wait: 1}
	case kindOf(err, conflicts) != nil:
		return &problem{Status: http.StatusConflict, kind: "conflict", Detail: sentence(err, kindOf(err, conflicts))}
	case kindOf(err, faults) != nil:
		return &problem{Status: http.StatusUnprocessableEntity, kind: "invalid", Detail: sentence(err, kindOf(err, faults))}
	case errors.Is(err, db.ErrConflict):
		return &problem{Status: http.StatusConflict, kind: "conflict", Detail: "Nothing was changed, because something with the same name is here already; look what there is, and choose another name."}
	case errors.Is(err, db.ErrNotFound):
		return &problem{Status: http.StatusNotFound, kind: "not-found", Detail: "There is no such thing here."}
	}
	return &problem{Status: http.StatusInternalServerError, kind: "internal", Detail: "Something went wrong here, and was written into the log. Nothing was changed."}
}

// kindOf is the one of the kinds that an error is of; nil for none.
func kindOf(err error, kinds []error) error {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

// sentence is what an error of a kind says, from the kind on: what was being done
// stands before it, and is for the log.
func sentence(err, kind error) string {
	_, more, _ := strings.Cut(err.Error(), kind.Error())
	return unchanged(kind.Error() + more)
}

// fail answers who asked with a problem.
func (a *API) fail(w http.ResponseWriter, r *http.Request, who staff.Principal, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the asker has gone
	}
	p := problemOf(err, who)
	p.Type, p.Title = Prefix+"problems/"+p.kind, kinds[p.kind]
	if p.Status == http.StatusInternalServerError {
		slog.Error("answer a program", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if p.Status == http.StatusForbidden {
		a.refused(r, who, p.Detail)
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
