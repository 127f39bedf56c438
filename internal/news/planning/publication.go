package planning

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// Terms are what came with an embargo, and who says that it holds.
type Terms struct {
	Story ref.Story
	// Source is who set it and how it came, Terms what was agreed.
	Source, Terms string
	By            ref.Staff
	At            time.Time
	// Second is who signed that it may be lifted, or went through it again; 0 for
	// nobody yet.
	Second   ref.Staff
	SecondAt time.Time
}

// ErrSecond says that a second person must sign.
var ErrSecond = errors.New("somebody else must sign")

// MaxTerms bounds source and terms, in characters.
const MaxTerms = 2000

// PutTerms writes what came with an embargo.
func PutTerms(tx *db.Tx, t Terms) error {
	if problems := append(story.CheckLine("source", t.Source, MaxTerms), story.CheckLine("terms", t.Terms, MaxTerms)...); len(problems) > 0 {
		return problems[0]
	}
	_, err := tx.Exec(`insert into embargo_terms (story, source, terms, by, at, second, second_at) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (story) do update set source = excluded.source, terms = excluded.terms, by = excluded.by, at = excluded.at, second = excluded.second, second_at = excluded.second_at`,
		t.Story, t.Source, t.Terms, t.By, t.At.UnixMilli(), t.Second, millis(t.SecondAt))
	if err != nil {
		return fmt.Errorf("write the terms of the embargo on story %d: %w", t.Story, err)
	}
	return nil
}

// TermsOf reads them, or db.ErrNotFound.
func TermsOf(tx *db.Tx, of ref.Story) (Terms, error) {
	return db.Find(tx, func(r db.Row) (t Terms, err error) {
		var at, second int64
		err = r.Scan(&t.Story, &t.Source, &t.Terms, &t.By, &at, &t.Second, &second)
		t.At, t.SecondAt = moment(at), moment(second)
		return t, err
	}, `select story, source, terms, by, at, second, second_at from embargo_terms where story = $1`, of)
}

// Waiver is a publication that went out before its checks were met.
type Waiver struct {
	ID    int64
	Story ref.Story
	// Checks are the keys of those that were waived.
	Checks []string
	Reason string
	By     ref.Staff
	At     time.Time
	// Until is when it must be mended, Watcher who hears the alarm.
	Until   time.Time
	Watcher ref.Staff
	Mended  time.Time
}

// ErrReason says that a reason is missing or cannot be kept.
var ErrReason = errors.New("say why, in at most 2,000 characters")

// Waive records a waiver.
func Waive(tx *db.Tx, w Waiver) error {
	if strings.TrimSpace(w.Reason) == "" || len(story.CheckLine("reason", w.Reason, MaxTerms)) > 0 {
		return ErrReason
	}
	checks, err := db.Pack(append([]string{}, w.Checks...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into waiver (id, story, checks, reason, by, at, until, watcher, mended_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		w.ID, w.Story, checks, w.Reason, w.By, w.At.UnixMilli(), w.Until.UnixMilli(), w.Watcher)
	if err != nil {
		return fmt.Errorf("record a waiver of story %d: %w", w.Story, err)
	}
	return nil
}

// Unmended lists the waivers that nobody has mended, the most pressing first.
func Unmended(tx *db.Tx, limit int) ([]Waiver, error) {
	return db.List(tx, scanWaiver, `select id, story, checks, reason, by, at, until, watcher, mended_at from waiver where mended_at = 0 order by until, id limit $1`, limit)
}

// WaiversOf lists the waivers of a story that nobody has mended.
func WaiversOf(tx *db.Tx, of ref.Story) ([]Waiver, error) {
	return db.List(tx, scanWaiver, `select id, story, checks, reason, by, at, until, watcher, mended_at from waiver where story = $1 and mended_at = 0 order by id limit 100`, of)
}

func scanWaiver(r db.Row) (w Waiver, err error) {
	var checks string
	var at, until, mended int64
	if err := r.Scan(&w.ID, &w.Story, &checks, &w.Reason, &w.By, &at, &until, &w.Watcher, &mended); err != nil {
		return w, err
	}
	w.At, w.Until, w.Mended = moment(at), moment(until), moment(mended)
	return w, db.Unpack(checks, &w.Checks)
}

// Mend says that what was waived of a story is in order now.
func Mend(tx *db.Tx, of ref.Story, at time.Time) error {
	if _, err := tx.Exec(`update waiver set mended_at = $1 where story = $2 and mended_at = 0`, at.UnixMilli(), of); err != nil {
		return fmt.Errorf("mend the waivers of story %d: %w", of, err)
	}
	return nil
}
