// Package redact takes from everywhere what law or safety forbids to keep: a
// name, a passage, a picture or a whole story. Two people order it: one asks,
// another confirms. What goes, goes from live rows, every revision and version,
// addresses, fronts, names, the search index, and from the files of the
// database; a mark stays in its place. Nothing else changes: no byte of a
// revision that does not hold it.
//
// It is the one room that reads and writes the tables of others, and it does so
// for this alone. It does not reach into backups, which it names, nor into what
// readers and other newsrooms copied, to whom it says which stories changed. It
// leaves the audit log, people of the desk, tokens, webhooks and settings as
// they are, and says when what had to go stands there.
package redact

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// Job is the kind of the jobs that do a redaction.
const Job = "redact"

// TookEffect is the kind of the events by which every node drops what it keeps.
const TookEffect = "something was redacted"

// Kind says what is to go.
type Kind string

// The kinds.
const (
	// Name is a name, wherever it stands: whole words, in any writing.
	Name Kind = "name"
	// Passage is a passage of one story.
	Passage Kind = "passage"
	// Picture is a picture or another file, with its words.
	Picture Kind = "picture"
	// Story is a whole story.
	Story Kind = "story"
)

// The states of a redaction.
const (
	// Waiting: one person asked, another must confirm.
	Waiting = "waiting"
	// Running: it is being done, again and again until it is.
	Running = "running"
	// Done: it has gone, from the database's files too.
	Done = "done"
	// Refused: another person said no.
	Refused = "refused"
	// TakenBack: who asked thought better of it.
	TakenBack = "taken back"
)

// Request is what is asked for.
type Request struct {
	Kind Kind
	// Texts are the writings of a name, or passages. For a story they are words
	// that its addresses must not keep. Each has at least three letters.
	Texts []string
	// Story is where a passage stands, or the story that must go.
	Story ref.Story
	// Asset is the picture that must go.
	Asset ref.Asset
	// Reason says why, for the log: the law or the danger, and not what goes.
	Reason string
	// Mark stands in the place of what went; empty means the usual one of the
	// edition's language.
	Mark string
}

// Limits of a request.
const (
	fewestLetters  = 3
	mostTexts      = 100
	longestText    = 20_000 // bytes of one text
	longestReason  = 500    // characters
	longestMark    = 100    // characters
	waitingAtATime = 1000
)

// Redaction is a request and what became of it. What goes is in it only while it
// waits or runs.
type Redaction struct {
	ID      int64
	Kind    Kind
	State   string
	Reason  string
	Request Request
	// Hash is a seal over what goes, which only the key that Ask returned opens.
	Hash                     string
	AskedBy, ConfirmedBy     ref.Staff
	Asked, Confirmed, DoneAt time.Time
	// Report has only what would be found while it waits.
	Report Report
}

// Report says what was done, in numbers and names of places only.
type Report struct {
	Found
	// Event is the number of the event that every node must have been told.
	Event int64 `json:"event,omitempty"`
	// Nodes are those that said they dropped what they kept, and those that are
	// silent.
	Nodes []Node `json:"nodes,omitempty"`
	// Files is how many files of a picture were removed.
	Files int `json:"files,omitempty"`
	// Scrub says what was done to the database's own files.
	Scrub db.Scrubbed `json:"scrub,omitzero"`
	// Backups still hold what went: they were begun before. They are looked up
	// when a redaction that is done is read.
	Backups []Backup `json:"-"`
	// Left counts by table the rows that still hold it: a redaction must not
	// change them, or they were written while it ended.
	Left map[string]int `json:"left,omitempty"`
	// Step is how far it is; see Run.
	Step string `json:"step,omitempty"`
	// Words says that a name which stands on more than stories' pages changed.
	Words bool `json:"words,omitempty"`
}

// Remains says in sentences what still holds what went, and what to do about it.
func (r Report) Remains() []string {
	sentences := append(r.unproven(), r.Scrub.Left...)
	for _, table := range slices.Sorted(maps.Keys(r.Left)) {
		sentences = append(sentences, fmt.Sprintf("%d rows of %s still hold it, which a redaction does not change or which were written while it ended: look whether they may.", r.Left[table], table))
	}
	return sentences
}

// Found says in how many places something stands.
type Found struct {
	// Stories is how many stories readers will see changed, Revisions how many
	// saves.
	Stories   int `json:"stories"`
	Revisions int `json:"revisions"`
	// Places counts rows by table.
	Places map[string]int `json:"places"`
}

// Node is a node that has not left.
type Node struct {
	Name string `json:"name"`
	// ReadTo is the last event that it was told.
	ReadTo int64 `json:"read_to"`
	// Silent says that it does not report itself, and is not waited for.
	Silent bool `json:"silent,omitempty"`
}

// unproven says in sentences which nodes may still show what went.
func (r Report) unproven() (all []string) {
	for _, n := range r.Nodes {
		if n.Silent && n.ReadTo < r.Event {
			all = append(all, "the node "+n.Name+" did not answer; unless it was started anew since, it may still show readers what went: stop it")
		}
	}
	return all
}

// Backup is a backup that was begun before the redaction was done.
type Backup struct {
	ID    int64     `json:"id,string"`
	At    time.Time `json:"at"`
	Place string    `json:"place"`
}

// The errors that callers choose by.
var (
	// ErrRequest says that a request cannot be done as it is; the error that
	// wraps it says why, in a sentence.
	ErrRequest = errors.New("this cannot be redacted")
	// ErrSamePerson says that who asked cannot also confirm.
	ErrSamePerson = errors.New("another person than the one who asked must confirm a redaction")
	// ErrSettled says that a redaction is confirmed, refused or taken back.
	ErrSettled = errors.New("this redaction is not waiting any more")
)

// Parts are what the room works with.
type Parts struct {
	DB    *db.DB
	Log   *event.Log
	Index search.Index
	Mint  *ref.Mint
	Now   func() time.Time
	// Seal writes into the audit log.
	Seal func(tx *db.Tx, at time.Time, by ref.Staff, act, subject, detail string) error
	// Announce tells those outside that a story changed; nil tells nobody.
	Announce func(tx *db.Tx, at time.Time, redaction int64, id ref.Story) error
	// Nodes lists the nodes that have not left.
	Nodes func(tx *db.Tx) ([]Node, error)
	// Settle makes saves of all that people are writing, before it is looked through; nil
	// makes none.
	Settle func(ctx context.Context) error
	// Remove removes all files of an asset and says how many there were. Files
	// that are not there are no error.
	Remove func(ctx context.Context, a asset.Asset) (int, error)
}

// Room takes requests and does them.
type Room struct {
	Parts
	stories *story.Store
}

// New returns the room.
func New(p Parts) *Room { return &Room{p, story.NewStore(p.Mint, p.Now)} }

// refusal is an ErrRequest with its sentence.
func refusal(sentence string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrRequest, fmt.Sprintf(sentence, values...))
}

// check refuses a request that cannot be meant.
func (r *Room) check(tx *db.Tx, q Request) error {
	if err := q.form(); err != nil {
		return err
	}
	switch q.Kind {
	case Passage, Story:
		if there, err := db.Has(tx, `select id from story where id = $1`, q.Story); err != nil || !there {
			return missing(err, "there is no story %d", int64(q.Story))
		}
	case Picture:
		if there, err := db.Has(tx, `select id from asset where id = $1`, q.Asset); err != nil || !there {
			return missing(err, "there is no picture %d", int64(q.Asset))
		}
	}
	return nil
}

func missing(err error, sentence string, id int64) error {
	if err != nil {
		return err
	}
	return refusal(sentence+": give the identity of one", id)
}

// form checks what can be told without looking anything up.
func (q Request) form() error {
	switch q.Kind {
	case Name, Passage:
		if len(q.Texts) == 0 {
			return refusal("give at least one text that is to go")
		}
	case Picture, Story:
	default:
		return refusal("%q is none of name, passage, picture and story", string(q.Kind))
	}
	if q.Story != 0 && (q.Kind == Name || q.Kind == Picture) {
		return refusal("a %s goes from every story: leave out the story, or ask for a passage of it", string(q.Kind))
	}
	if q.Asset != 0 && q.Kind != Picture {
		return refusal("the asset is for the kind picture, and this one is a %s: leave it out", string(q.Kind))
	}
	if len(q.Texts) > 0 && q.Kind == Picture {
		return refusal("a picture goes with all its words, and takes no texts: leave them out, or ask for them as a name")
	}
	if len(q.Texts) > mostTexts {
		return refusal("give at most %d texts at a time", mostTexts)
	}
	for n, text := range q.Texts {
		if len(text) > longestText {
			return refusal("text %d is longer than %d bytes: give the passage in parts", n+1, longestText)
		}
		if letters(text) < fewestLetters {
			return refusal("text %d has fewer than %d letters: it would take words that were not meant", n+1, fewestLetters)
		}
	}
	return q.told()
}

// told checks what others will read: the reason and the mark.
func (q Request) told() error {
	if strings.TrimSpace(q.Reason) == "" {
		return refusal("say why: the log keeps the reason")
	}
	if len([]rune(q.Reason)) > longestReason || len([]rune(q.Mark)) > longestMark {
		return refusal("the reason has at most %d characters and the mark %d", longestReason, longestMark)
	}
	if _, _, bad := lang.Control(q.Reason + q.Mark); bad {
		return refusal("the reason or the mark has a character that cannot be kept")
	}
	w := newWords(q.Texts)
	if w.in(q.Reason) || w.inAddress(q.Reason) {
		return refusal("the reason names what is to go, and the log keeps reasons: put it in other words")
	}
	if w.in(q.Mark) {
		return refusal("the mark holds what is to go")
	}
	return nil
}

// Marks stand for what went, by language.
const (
	markEnglish = "[redacted]"
	markArabic  = "[محذوف]"
	markPersian = "[حذف‌شده]"
	// markBare stands where a mark would itself be what had to go.
	markBare = "[–]"
)

// markIn is the mark in a language.
func (q Request) markIn(language string) string {
	mark := q.Mark
	if mark == "" {
		mark = markEnglish
		switch primary, _, _ := strings.Cut(strings.ToLower(language), "-"); primary {
		case "ar":
			mark = markArabic
		case "fa":
			mark = markPersian
		}
	}
	if newWords(q.Texts).in(mark) {
		return markBare
	}
	return mark
}

// gone is why a whole story is not there any more, as readers are told.
func gone(language string) string {
	switch primary, _, _ := strings.Cut(strings.ToLower(language), "-"); primary {
	case "ar":
		return "أُزيلت هذه المادة لأسباب قانونية أو حفاظًا على سلامة الأشخاص."
	case "fa":
		return "این مطلب به دلایل قانونی یا برای حفظ امنیت افراد حذف شده است."
	}
	return "This story was removed for legal or safety reasons."
}
