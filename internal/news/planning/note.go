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

// Note is a remark on a place of a story, or an answer to one. Readers never see it.
type Note struct {
	ID     int64
	Story  ref.Story
	Parent int64
	// Block is the key of the block that is meant; empty for the story as a whole or a
	// field. Quote are the words that are meant.
	Block, Quote string
	Text         string
	By           ref.Staff
	At           time.Time
	// Done is when it was settled; zero while it is open.
	Done   time.Time
	DoneBy ref.Staff
}

// Limits of a note, in characters.
const (
	MaxNote  = 4000
	maxQuote = 500
	maxKey   = 100
	mostRead = 1000
)

// ErrNote says that a note cannot be kept.
var ErrNote = errors.New("this note cannot be kept")

// AddNote keeps a note.
func AddNote(tx *db.Tx, n Note) error {
	switch {
	case strings.TrimSpace(n.Text) == "":
		return fmt.Errorf("it is empty: %w", ErrNote)
	case len(story.CheckLine("note", n.Text, MaxNote)) > 0, len(story.CheckLine("quote", n.Quote, maxQuote)) > 0, len(story.CheckLine("block", n.Block, maxKey)) > 0:
		return fmt.Errorf("it is too long, or has a character that cannot be kept: %w", ErrNote)
	}
	if n.Parent != 0 {
		first, err := NoteByID(tx, n.Story, n.Parent)
		if err != nil {
			return err
		}
		if first.Parent != 0 {
			n.Parent = first.Parent // an answer to an answer stands below it
		}
	}
	_, err := tx.Exec(`insert into story_note (id, story, parent, block, quote, text, by, at, done_at, done_by) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)`,
		n.ID, n.Story, n.Parent, n.Block, n.Quote, n.Text, n.By, n.At.UnixMilli())
	if err != nil {
		return fmt.Errorf("keep a note on story %d: %w", n.Story, err)
	}
	return nil
}

// NoteByID finds a note of a story.
func NoteByID(tx *db.Tx, of ref.Story, id int64) (Note, error) {
	n, err := db.Find(tx, scanNote, `select id, story, parent, block, quote, text, by, at, done_at, done_by from story_note where story = $1 and id = $2`, of, id)
	if err != nil {
		return n, fmt.Errorf("note %d of story %d: %w", id, of, err)
	}
	return n, nil
}

// Notes lists the notes of a story, the first first.
func Notes(tx *db.Tx, of ref.Story) ([]Note, error) {
	return db.List(tx, scanNote, `select id, story, parent, block, quote, text, by, at, done_at, done_by from story_note where story = $1 order by id limit $2`, of, mostRead)
}

func scanNote(r db.Row) (n Note, err error) {
	var at, done int64
	err = r.Scan(&n.ID, &n.Story, &n.Parent, &n.Block, &n.Quote, &n.Text, &n.By, &at, &done, &n.DoneBy)
	n.At, n.Done = moment(at), moment(done)
	return n, err
}

// SettleNote says that a note is done with, or open again.
func SettleNote(tx *db.Tx, of ref.Story, id int64, by ref.Staff, at time.Time) error {
	n, err := tx.Exec(`update story_note set done_at = $1, done_by = $2 where story = $3 and id = $4`, millis(at), by, of, id)
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("settle note %d of story %d: %w", id, of, err)
	}
	return nil
}

// View is a list of stories that somebody keeps: the query of its page.
type View struct {
	ID    int64
	Staff ref.Staff
	Name  string
	Query string
}

// Limits of kept views.
const (
	maxName   = 100
	maxQuery  = 1000
	mostViews = 50
)

// ErrView says that a view cannot be kept.
var ErrView = errors.New("this view cannot be kept")

// KeepView keeps a view.
func KeepView(tx *db.Tx, v View) error {
	if strings.TrimSpace(v.Name) == "" || len(story.CheckLine("name", v.Name, maxName)) > 0 || len(v.Query) > maxQuery {
		return ErrView
	}
	have, err := Views(tx, v.Staff)
	if err != nil {
		return err
	}
	if len(have) >= mostViews {
		return fmt.Errorf("there are %d already: %w", mostViews, ErrView)
	}
	if _, err := tx.Exec(`insert into saved_view (id, staff, name, query) values ($1, $2, $3, $4)`, v.ID, v.Staff, v.Name, v.Query); err != nil {
		return fmt.Errorf("keep a view: %w", err)
	}
	return nil
}

// Views lists the views that somebody keeps.
func Views(tx *db.Tx, of ref.Staff) ([]View, error) {
	return db.List(tx, func(r db.Row) (v View, err error) {
		return v, r.Scan(&v.ID, &v.Staff, &v.Name, &v.Query)
	}, `select id, staff, name, query from saved_view where staff = $1 order by id limit $2`, of, mostViews)
}

// DropView forgets a view.
func DropView(tx *db.Tx, of ref.Staff, id int64) error {
	if _, err := tx.Exec(`delete from saved_view where staff = $1 and id = $2`, of, id); err != nil {
		return fmt.Errorf("forget a view: %w", err)
	}
	return nil
}
