package api

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

func TestAProblemIsASentenceForAPerson(t *testing.T) {
	engine := fmt.Errorf("put topic 7: %w: %w", db.ErrConflict, errors.New("UNIQUE constraint failed: topic_slug.slug (2067)"))
	for _, test := range []struct {
		err    error
		status int
		want   string
	}{
		{engine, 409, "Nothing was changed, because something with the same name is here already; look what there is, and choose another name."},
		{fmt.Errorf("publish story 7: %w", publish.ErrLive), 409, "Nothing was changed. The story is live: withdraw it first."},
		{fmt.Errorf("%w (2020-01-01T00:00:00Z): publish it now instead", publish.ErrPast), 422, "Nothing was changed. That time has passed (2020-01-01T00:00:00Z): publish it now instead."},
		{fmt.Errorf("ask for a redaction: %w", fmt.Errorf("%w: say why", redact.ErrRequest)), 422, "Nothing was changed. This cannot be redacted: say why."},
		{redact.ErrSamePerson, 403, "Nothing was changed. Another person than the one who asked must confirm a redaction."},
		{staff.ErrToken, 401, "This token is not valid, or no longer valid. Make a new one with `broadsheet token create`."},
		{invalid("نام", "is empty"), 422, "Nothing was changed. The نام is empty."},
	} {
		if p := problemOf(test.err, staff.Principal{}); p.Status != test.status || p.Detail != test.want || strings.Contains(p.Detail, "UNIQUE") {
			t.Errorf("%v: got %d %q, want %d %q", test.err, p.Status, p.Detail, test.status, test.want)
		}
	}
}
