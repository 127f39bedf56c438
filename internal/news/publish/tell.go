package publish

import (
	"fmt"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// verb is what was done by a publication, as the log and webhooks name it.
func verb(o Order, live story.Card) string {
	switch kind(o, live) {
	case story.First:
		return "published"
	case story.Correction:
		return "corrected"
	case story.Restored:
		return "restored"
	}
	return "updated"
}

// acted is what those outside are told of an act. It names things and says
// nothing of their text but the address.
type acted struct {
	Act     string      `json:"act"`
	At      string      `json:"at"`
	Story   ref.Story   `json:"story"`
	Edition string      `json:"edition"`
	Section ref.Section `json:"section,omitempty"`
	Genre   story.Genre `json:"genre,omitempty"`
	Slug    string      `json:"slug,omitempty"`
	Version int         `json:"version,omitempty"`
}

// Stamp is the form of times in JSON: RFC 3339 in UTC, with milliseconds.
const Stamp = "2006-01-02T15:04:05.000Z07:00"

// passOn logs an act and tells those who want to hear of it.
func (d *Desk) passOn(tx *db.Tx, act string, by ref.Staff, c story.Card) error {
	d.logged(tx, by, act, fmt.Sprint("story:", int64(c.ID)), fmt.Sprintf(`{"version":%d}`, c.Version))
	if d.tell == nil {
		return nil
	}
	payload, err := db.Pack(acted{act, d.now().UTC().Format(Stamp), c.ID, c.Edition, c.Section, c.Genre, c.Slug, c.Version})
	if err != nil {
		return err
	}
	if err := d.tell(tx, act, int64(c.ID), payload); err != nil {
		return fmt.Errorf("tell of %s: %w", act, err)
	}
	return nil
}
