package site_test

import (
	"strings"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// TestATextThatWasRedactedIsNotShownFromMemory changes a save in place, as
// nothing but a redaction does.
func TestATextThatWasRedactedIsNotShownFromMemory(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		p := newPaper(t, d)
		live := p.publish("en", 0, p.content("en", "A name", "Jane Doe said so."))
		p.publish("en", 0, p.content("en", "Another", "Nobody said so."))
		for _, path := range []string{"/en/feed.xml", "/en/search?q=said"} {
			p.expect(path, 200, "Jane Doe")
		}
		p.must(d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`update revision set content = replace(content, 'Jane Doe', 'Somebody') where id = $1`, live.Revision)
			return err
		}))
		p.site.Drop([]string{"latest:en", "edition:en"}, true)
		for _, path := range []string{"/en/feed.xml", "/en/search?q=said"} {
			if page := p.expect(path, 200, "Somebody"); strings.Contains(page, "Jane Doe") {
				t.Errorf("%s shows what was redacted", path)
			}
		}
	})
}
