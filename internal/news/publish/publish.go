// Package publish is all that happens when work goes live or is taken back:
// the live row, its version, addresses, topics, the search index and the event
// that refreshes every page stand or fall together in one transaction. Each
// noun's room writes its own tables; those of imports are this room's, and it
// removes what an unfinished import left in all of them.
package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// Events are the kinds of events this room appends.
const (
	WentLive  = "story went live"
	TakenBack = "story was withdrawn"
	CameIn    = "import went live"
	Arranged  = "front was launched"
	Settled   = "house changed"
)

// Desk publishes. Its functions return when the work is durable; the event's
// relay refreshes what this node keeps right after.
type Desk struct {
	db      *db.DB
	stories *story.Store
	log     *event.Log
	index   search.Index
	mint    *ref.Mint
	now     func() time.Time
	// tell passes an act on to those outside who want to hear of it; nil tells
	// nobody.
	tell Tell
	// redacted tells whether a story was redacted as a whole; nil knows of none.
	redacted func(tx *db.Tx, id ref.Story) (bool, error)
}

// Tell passes an act on in the transaction in which it happens: its name, the
// story it was done to, and what may be said of it, as JSON.
type Tell func(tx *db.Tx, act string, subject int64, payload string) error

// Telling has the desk's acts passed on. It is called once, before the desk is
// used.
func (d *Desk) Telling(tell Tell) { d.tell = tell }

// Sparing has the desk leave alone the stories that were redacted as a whole. It
// is called once, before the desk is used.
func (d *Desk) Sparing(redacted func(tx *db.Tx, id ref.Story) (bool, error)) { d.redacted = redacted }

// NewDesk returns the desk that publishes into d.
func NewDesk(d *db.DB, stories *story.Store, log *event.Log, index search.Index, mint *ref.Mint, now func() time.Time) *Desk {
	return &Desk{db: d, stories: stories, log: log, index: index, mint: mint, now: now}
}

// Refused says why a story could not go live. Nothing was changed.
type Refused struct{ Problems []story.Problem }

// Error lists the reasons.
func (r *Refused) Error() string {
	reasons := make([]string, len(r.Problems))
	for n, p := range r.Problems {
		reasons[n] = p.Error()
	}
	return strings.Join(reasons, "; ")
}

// Order is what to publish.
type Order struct {
	By    ref.Staff
	Story ref.Story
	// Sequence is the save that was meant; when the draft moved on, the order
	// is refused as stale.
	Sequence int64
	// Held says that the save was chosen before, and is meant whatever was saved
	// since.
	Held bool
	// Kind is how readers are told: one of the kinds of versions; empty means
	// story.Update. What was never live goes live as story.First, unless it was
	// imported.
	Kind string
	// Note is what readers are told about the change.
	Note string
	// At dates the publication; zero means now. An earlier time is for stories
	// that went live elsewhere before.
	At time.Time
	// Due is when the publication was to happen; zero means now.
	Due time.Time
}

// The kinds of errors.
var (
	// ErrEmbargo says that a story must not go live yet.
	ErrEmbargo = errors.New("the story is under embargo")
	// ErrLive says that a story is live, so that what was asked cannot be done.
	ErrLive = errors.New("the story is live: withdraw it first")
	// ErrNotLive says that a story is not live.
	ErrNotLive = errors.New("the story is not live: publish it first")
	// ErrNotGone says that there is nothing to take back.
	ErrNotGone = errors.New("the story was neither withdrawn nor set aside, so there is nothing to take back")
	// ErrScheduled says that a story waits for its time, so that what was asked
	// cannot be done.
	ErrScheduled = errors.New("the story is scheduled: take the schedule back first")
	// ErrSame says that there is no change to tell readers of.
	ErrSame = errors.New("readers see this very text already: save the changed text first")
	// ErrBinned says that a draft was set aside, and must be brought back first.
	ErrBinned = errors.New("the story was set aside: restore it first")
	// ErrRedacted says that a story was redacted as a whole, so that it must not
	// come back.
	ErrRedacted = errors.New("the story was redacted as a whole: write a new one instead")
	// ErrPast says that a time to come has passed.
	ErrPast = errors.New("that time has passed")
)

// Story makes a draft live.
func (d *Desk) Story(ctx context.Context, o Order) (live story.Card, err error) {
	err = d.Do(ctx, func(tx *db.Tx) error {
		live, err = d.StoryIn(tx, o)
		return err
	})
	if err != nil {
		return live, fmt.Errorf("publish story %d: %w", o.Story, err)
	}
	return live, nil
}

// Do runs acts of the desk in one transaction. When it returns they are durable,
// and nothing that this node keeps is older than they are.
func (d *Desk) Do(ctx context.Context, acts func(*db.Tx) error) error {
	if err := d.db.Update(ctx, acts); err != nil {
		return err
	}
	d.refresh(ctx)
	return nil
}

// refresh drops on this node what a change made untrue, before whoever changed
// it hears that it is done. When the outbox cannot be read now, the relay reads
// it later; the change stands.
func (d *Desk) refresh(ctx context.Context) {
	if err := d.log.CatchUp(context.WithoutCancel(ctx)); err != nil {
		slog.Warn("refresh pages after a change", "error", err)
	}
}

// StoryIn is Story within a transaction that has more to do.
func (d *Desk) StoryIn(tx *db.Tx, o Order) (story.Card, error) {
	draft, err := d.meant(tx, o)
	if err != nil {
		return story.Card{}, err
	}
	if draft.State == story.Binned {
		return story.Card{}, ErrBinned
	}
	if draft.Embargo.After(d.now()) {
		return story.Card{}, fmt.Errorf("%w until %s", ErrEmbargo, draft.Embargo.Format(time.RFC3339))
	}
	if problems := append(story.Ready(draft.Content), noteProblems(o)...); len(problems) > 0 {
		return story.Card{}, &Refused{problems}
	}
	before, err := story.Cards(tx, []ref.Story{o.Story})
	if err != nil {
		return story.Card{}, err
	}
	if len(before) == 1 && before[0].Revision == draft.Revision {
		return before[0], d.same(tx, o)
	}
	topics, err := story.TopicsOf(tx, o.Story)
	if err != nil {
		return story.Card{}, err
	}
	versions, err := d.stories.Versions(tx, o.Story)
	if err != nil {
		return story.Card{}, err
	}
	live, err := d.show(tx, draft, o, versions)
	if err != nil {
		return live, err
	}
	if err := d.unplan(tx, o.Story); err != nil {
		return live, err
	}
	if err := d.promise(tx, Receipt{Story: live.ID, Version: live.Version, What: ShowsStory, Due: o.Due}); err != nil {
		return live, err
	}
	if err := d.passOn(tx, "story."+verb(o, live), o.By, live); err != nil {
		return live, err
	}
	return live, d.announce(tx, WentLive, false, append(before, live), append(topics, draft.Content.Topics...))
}

// same publishes what readers see already: nothing happens, unless they were to be
// told of a change.
func (d *Desk) same(tx *db.Tx, o Order) error {
	if o.Kind != "" || o.Note != "" {
		return ErrSame
	}
	return d.unplan(tx, o.Story)
}

// meant is the draft as it was saved when the order was given. The story's row
// is locked: of two orders for one story the second finds what the first made.
func (d *Desk) meant(tx *db.Tx, o Order) (story.Draft, error) {
	if err := d.lock(tx, o.Story); err != nil {
		return story.Draft{}, err
	}
	draft, err := d.stories.Draft(tx, o.Story)
	if err != nil || draft.Sequence == o.Sequence {
		return draft, err
	}
	if !o.Held {
		return draft, &story.Stale{Newest: draft}
	}
	saved, err := d.stories.Saved(tx, o.Story, o.Sequence)
	if err != nil {
		return draft, err
	}
	draft.Revision, draft.Sequence, draft.Content = saved.Revision, saved.Sequence, saved.Content
	return draft, nil
}

// lock locks a story that may be shown to readers.
func (d *Desk) lock(tx *db.Tx, id ref.Story) error {
	if err := d.stories.Lock(tx, id); err != nil || d.redacted == nil {
		return err
	}
	gone, err := d.redacted(tx, id)
	if err == nil && gone {
		err = ErrRedacted
	}
	return err
}

// longestNote is how much readers are told of a change, in characters.
const longestNote = 2000

// noteProblems are what is wrong with what readers are told.
func noteProblems(o Order) []story.Problem {
	if o.Kind == story.Correction && strings.TrimSpace(o.Note) == "" {
		return []story.Problem{{Field: "note", Reason: "is empty: readers are told what was wrong", Key: "empty"}}
	}
	return story.CheckLine("note", o.Note, longestNote)
}

// show writes all that makes the draft live.
func (d *Desk) show(tx *db.Tx, draft story.Draft, o Order, versions []story.Version) (story.Card, error) {
	at := o.At
	if at.IsZero() {
		at = d.now()
	}
	at = at.UTC().Truncate(time.Millisecond)
	live := card(draft, at)
	if len(versions) > 0 {
		live.Published, live.Updated, live.Version = versions[0].At, changed(o, versions, at), len(versions)+1
	}
	if err := sign(tx, &live, draft.Edition); err != nil {
		return live, err
	}
	slug, err := d.stories.Claim(tx, draft.Edition, wanted(draft.Content), draft.ID)
	if err != nil {
		return live, err
	}
	live.Slug = slug
	version := story.Version{Story: draft.ID, Number: live.Version, Revision: draft.Revision, At: at, Kind: kind(o, live), Note: o.Note, By: o.By}
	if err := d.stories.AddVersion(tx, version); err != nil {
		return live, err
	}
	if err := d.stories.Show(tx, live, draft.Content.Topics, draft.Batch); err != nil {
		return live, err
	}
	if err := d.stories.Move(tx, draft.ID, story.Published); err != nil {
		return live, err
	}
	if err := d.stories.Unhide(tx, draft.ID); err != nil {
		return live, err
	}
	of, err := edition.Find(tx, live.Edition)
	if err != nil && !errors.Is(err, db.ErrNotFound) { // words of no known language are not stemmed
		return live, err
	}
	return live, d.index.Put(tx, d.index.Prepare(story.Searched(live, draft.Content, draft.Batch, of.Language)))
}

// changed is when readers are told that the text last changed: not for a typing
// error, and not because a story came back as it was.
func changed(o Order, versions []story.Version, at time.Time) time.Time {
	if o.Kind != story.Typo && o.Kind != story.Restored {
		return at
	}
	for n := len(versions) - 1; n > 0; n-- {
		if kind := versions[n].Kind; kind != story.Typo && kind != story.Restored {
			return versions[n].At
		}
	}
	return time.Time{}
}

func kind(o Order, live story.Card) string {
	switch {
	case live.Version == 1 && o.Kind != story.Imported:
		return story.First
	case o.Kind != "":
		return o.Kind
	}
	return story.Update
}

// card makes the live row of a draft's first publication.
func card(d story.Draft, at time.Time) story.Card {
	c := d.Content
	return story.Card{
		ID: d.ID, Edition: d.Edition, Section: c.Section, Genre: c.Genre, Headline: c.Headline, Short: c.Short,
		Standfirst: c.Standfirst, Kicker: c.Kicker, Byline: c.Byline, Picture: c.Picture,
		Published: at, Revision: d.Revision, Version: 1, Twin: d.Twin,
	}
}

// sign writes the authors' present names under the card.
func sign(tx *db.Tx, c *story.Card, key string) error {
	if len(c.Byline) == 0 {
		return nil
	}
	of, err := edition.Find(tx, key)
	if err != nil {
		return err
	}
	var ids []ref.Author
	for _, s := range c.Byline {
		if s.Author != 0 {
			ids = append(ids, s.Author)
		}
	}
	authors, err := author.ByID(tx, ids)
	if err != nil {
		return fmt.Errorf("read the authors: %w", err)
	}
	names := map[ref.Author]author.Words{}
	for _, a := range authors {
		names[a.ID] = a.Words[of.Language]
	}
	signed := make([]story.Signature, len(c.Byline))
	for n, s := range c.Byline {
		signed[n] = s
		if words, ok := names[s.Author]; ok && words.Name != "" {
			signed[n] = story.Signature{Author: s.Author, Name: words.Name, Slug: words.Slug}
		}
	}
	c.Byline = signed
	return nil
}

// wanted is the slug that a story asks for.
func wanted(c story.Content) string {
	if slug := lang.Slug(c.Slug); slug != "" {
		return slug
	}
	return lang.Slug(c.Headline)
}

// announce appends the event that drops every page which shows the story, as
// it was and as it is. With purge no copy of what shows it may survive; lists
// that do not show it are only dropped.
func (d *Desk) announce(tx *db.Tx, kind string, purge bool, cards []story.Card, topics []ref.Topic) error {
	own, lists := newTags(), newTags()
	for _, c := range cards {
		own.add(c.ID.Tag())
		lists.add(c.Section.Tag(), ref.LatestTag(c.Edition), ref.FrontTag(c.Edition))
		for _, s := range c.Byline {
			lists.add(s.Author.Tag())
		}
		if c.Genre == story.Page {
			lists.add(ref.FrameTag) // every footer names the standing pages
		}
		if purge {
			own.add(ref.SitemapTag(c.Edition)) // they carry no story's tag
		}
		// Translations link to each other.
		twins, err := story.Twins(tx, c.Twin)
		if err != nil {
			return err
		}
		for _, twin := range twins {
			own.add(twin.ID.Tag())
		}
	}
	for _, topic := range topics {
		lists.add(topic.Tag())
	}
	e := event.Event{At: d.now(), Kind: kind}
	if !purge {
		e.Tags = append(own.list, lists.list...)
		return d.log.Append(tx, e)
	}
	e.Tags, e.Purge = own.list, true
	if err := d.log.Append(tx, e); err != nil {
		return err
	}
	return d.log.Append(tx, event.Event{At: e.At, Kind: kind, Tags: lists.list})
}

// tags is a list without doubles.
type tags struct {
	list []string
	seen map[ref.Tag]bool
}

func newTags() *tags { return &tags{seen: map[ref.Tag]bool{}} }

func (t *tags) add(more ...ref.Tag) {
	for _, tag := range more {
		if !t.seen[tag] {
			t.seen[tag] = true
			t.list = append(t.list, string(tag))
		}
	}
}
