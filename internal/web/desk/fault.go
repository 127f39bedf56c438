package desk

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/strictjson"
)

// problem is an error as who asked is told: the key of a sentence that says what
// happened and what to do.
type problem struct {
	status int
	key    string
	args   []any
	// field is the name of the field that is wrong; empty for none.
	field string
	// more is what a script gets beside the sentence.
	more map[string]any
}

// Error is the key.
func (p *problem) Error() string { return p.key }

// invalid is a problem with one field.
func invalid(field, key string, args ...any) *problem {
	return &problem{status: http.StatusUnprocessableEntity, key: key, field: field, args: args}
}

// errStale says that who asks must prove who they are again.
var errStale = errors.New("prove who you are again")

// sentences are those of the errors of the rooms below, with their status.
var sentences = []struct {
	is     error
	status int
	key    string
}{
	{errNowhere, http.StatusNotFound, "fault.nowhere"},
	{db.ErrNotFound, http.StatusNotFound, "fault.nowhere"},
	{db.ErrFull, http.StatusInsufficientStorage, "fault.full"},
	{db.ErrUnavailable, http.StatusServiceUnavailable, "fault.away"},
	{db.ErrConflict, http.StatusConflict, "fault.conflict"},
	{staff.ErrTaken, http.StatusConflict, "fault.taken"},
	{staff.ErrEmail, http.StatusUnprocessableEntity, "fault.email"},
	{staff.ErrInvitation, http.StatusGone, "fault.invitation"},
	{staff.ErrCredential, http.StatusUnauthorized, "fault.credential"},
	{staff.ErrGuessed, http.StatusTooManyRequests, "fault.guessed"},
	{staff.ErrPassword, http.StatusUnprocessableEntity, "fault.password"},
	{story.ErrStale, http.StatusConflict, "fault.stale"},
	{publish.ErrEmbargo, http.StatusConflict, "fault.embargo"},
	{publish.ErrLive, http.StatusConflict, "fault.live"},
	{publish.ErrNotLive, http.StatusConflict, "fault.notlive"},
	{publish.ErrNotGone, http.StatusConflict, "fault.notgone"},
	{publish.ErrScheduled, http.StatusConflict, "fault.scheduled"},
	{publish.ErrSame, http.StatusConflict, "fault.same"},
	{publish.ErrBinned, http.StatusConflict, "fault.binned"},
	{publish.ErrRedacted, http.StatusConflict, "fault.redacted"},
	{publish.ErrPast, http.StatusUnprocessableEntity, "fault.past"},
	{manuscript.ErrSteps, http.StatusUnprocessableEntity, "fault.steps"},
	{strictjson.ErrTooLarge, http.StatusRequestEntityTooLarge, "fault.large"},
}

// problemOf turns an error into what who asked is told.
func (v *visit) problemOf(err error) *problem {
	if known, ok := errors.AsType[*problem](err); ok {
		return known
	}
	if refused, ok := errors.AsType[*publish.Refused](err); ok {
		return &problem{status: http.StatusUnprocessableEntity, key: "fault.refused", more: map[string]any{"checks": v.findings(refused.Problems)}}
	}
	if unfit, ok := errors.AsType[*manuscript.Unfit](err); ok {
		return &problem{status: http.StatusUnprocessableEntity, key: "fault.unfit", more: map[string]any{"checks": v.findings(unfit.Problems)}}
	}
	if fault, ok := errors.AsType[*strictjson.Fault](err); ok && !errors.Is(err, strictjson.ErrTooLarge) {
		return &problem{status: http.StatusBadRequest, key: "fault.json", args: []any{fault.Path, fault.Reason}}
	}
	for _, s := range sentences {
		if errors.Is(err, s.is) {
			return &problem{status: s.status, key: s.key}
		}
	}
	slog.Error("a screen of the desk failed", "path", v.URL.Path, "error", err)
	return &problem{status: http.StatusInternalServerError, key: "fault.internal"}
}

// kept is a field of a form that could not be taken, given back.
type kept struct {
	Name, Value string
	Long        bool
}

// faultPage says what went wrong and gives back what was typed.
type faultPage struct {
	Frame
	Sentence string
	Kept     []kept
	Action   string
}

// secrets are fields that no page gives back.
var secrets = []string{"password", "code", "again", "secret"}

// refuse answers what could not be done. Whoever is signed out is asked to sign in, in
// place where a script or a form asks, so that nothing that was typed is lost.
func (v *visit) refuse(err error) {
	if errors.Is(err, staff.ErrSession) {
		v.askIn()
		return
	}
	if errors.Is(err, errStale) {
		if v.route.data {
			v.json(http.StatusUnauthorized, map[string]any{"confirm": true, "sentence": v.words.T("confirm.why")})
			return
		}
		v.askAgain("confirm.why")
		return
	}
	p := v.problemOf(err)
	sentence := v.words.T(p.key, p.args...)
	if v.route.data {
		answer := map[string]any{"sentence": sentence}
		if p.field != "" {
			answer["field"] = p.field
		}
		for key, value := range p.more {
			answer[key] = value
		}
		v.json(p.status, answer)
		return
	}
	page := faultPage{Frame: v.frame(v.words.T("fault.title")), Sentence: sentence, Action: v.URL.RequestURI()}
	if v.Method == http.MethodPost {
		page.Kept = v.typed()
	}
	if err := v.pageAs(p.status, "fault", page); err != nil {
		slog.Error("the page of a fault failed", "error", err)
		http.Error(v.w, sentence, p.status)
	}
}

// typed is what a form sent, to give it back.
func (v *visit) typed() (fields []kept) {
	v.fields() // what could be read of it
	for name, values := range v.PostForm {
		if slices.Contains(secrets, name) {
			continue
		}
		for _, value := range values {
			fields = append(fields, kept{name, value, strings.Contains(value, "\n") || len(value) > 80})
		}
	}
	slices.SortFunc(fields, func(a, b kept) int { return strings.Compare(a.Name, b.Name) })
	return fields
}
