// Package edition holds the language editions: each with its own language,
// calendar, digits and place. It does not know what is published in them.
package edition

import (
	"fmt"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Edition is a language edition of the publication.
type Edition struct {
	// Key stands in addresses: "en", "ar", "fa".
	Key string `json:"-"`
	// Language is a BCP 47 tag; the direction follows it.
	Language string `json:"language"`
	// Region picks month names and the first day of the week, as "IR".
	Region string `json:"region,omitempty"`
	// Name is the edition's name in its own language, for the language switch.
	Name string `json:"name"`
	// Title is the publication's name in the edition's language.
	Title string `json:"title"`
	// Motto stands under or beside the title; may be empty.
	Motto string `json:"motto,omitempty"`
	// TimeZone is an IANA name; Zone is what readers call it: "Tehran", "GMT".
	TimeZone string        `json:"time_zone"`
	Zone     string        `json:"zone"`
	Calendar lang.Calendar `json:"calendar"`
	// Second is the calendar printed beside the first; empty for none.
	Second lang.Calendar `json:"second,omitempty"`
	Digits lang.Digits   `json:"digits"`
	// OldAfter is the age in years from which a story says how old it is; 0 means
	// one.
	OldAfter int `json:"old_after,omitempty"`
}

// Direction is "ltr" or "rtl".
func (e Edition) Direction() string { return lang.Direction(e.Language) }

// Locale is how the edition writes dates and numbers.
func (e Edition) Locale() lang.Locale {
	return lang.Locale{Language: e.Language, Region: e.Region, Calendar: e.Calendar, Second: e.Second, Digits: e.Digits}
}

// Location is the edition's time zone. An unknown name is refused when the
// edition is put, so here it can only be one that the machine lost: UTC then.
func (e Edition) Location() *time.Location {
	place, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		return time.UTC
	}
	return place
}

// Default returns the edition that a key usually means, ready to be renamed.
func Default(key string) Edition {
	switch key {
	case "fa":
		return Edition{Key: key, Language: "fa", Region: "IR", Name: "فارسی", Title: "برودشیت", TimeZone: "Asia/Tehran", Zone: "تهران",
			Calendar: lang.SolarHijri, Second: lang.Gregorian, Digits: lang.Extended}
	case "ar":
		return Edition{Key: key, Language: "ar", Region: "EG", Name: "العربية", Title: "برودشيت", TimeZone: "UTC", Zone: "غرينتش",
			Calendar: lang.Gregorian, Second: lang.UmmAlQura, Digits: lang.Latin}
	}
	return Edition{Key: key, Language: key, Name: "English", Title: "Broadsheet", TimeZone: "UTC", Zone: "GMT",
		Calendar: lang.Gregorian, Digits: lang.Latin}
}

// Known are the keys that Default has words for.
var Known = []string{"en", "ar", "fa"}

// Put writes an edition at its place among the others.
func Put(tx *db.Tx, e Edition, position int) error {
	if _, err := time.LoadLocation(e.TimeZone); err != nil {
		return fmt.Errorf("edition %s: %q is not a time zone: %w", e.Key, e.TimeZone, err)
	}
	content, err := db.Pack(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into edition (key, position, content) values ($1, $2, $3)
		on conflict (key) do update set position = excluded.position, content = excluded.content`, e.Key, position, content)
	if err != nil {
		return fmt.Errorf("put edition %s: %w", e.Key, err)
	}
	return nil
}

// All returns the editions in their order; the first is the default one.
func All(tx *db.Tx) ([]Edition, error) {
	return db.List(tx, scan, `select key, content from edition order by position, key limit 100`)
}

// Find returns the edition with the key.
func Find(tx *db.Tx, key string) (Edition, error) {
	e, err := db.Find(tx, scan, `select key, content from edition where key = $1`, key)
	if err != nil {
		return e, fmt.Errorf("edition %q: %w", key, err)
	}
	return e, nil
}

func scan(r db.Row) (e Edition, err error) {
	var key, content string
	if err := r.Scan(&key, &content); err != nil {
		return e, err
	}
	err = db.Unpack(content, &e)
	e.Key = key
	return e, err
}
