// Package publish is all that happens when work goes live or is taken back:
// the live row, its version, addresses, topics, the search index and the event
// that refreshes every page stand or fall together in one transaction. Each
// noun's room writes its own tables; those of imports are this room's, and it
// removes what an unfinished import left in all of them.
package publish

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
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
}

// NewDesk returns the desk that publishes into d.
func NewDesk(d *db.DB, stories *story.Store, log *event.Log, index search.Index, mint *ref.Mint, now func() time.Time) *Desk {
	return &Desk{d, stories, log, index, mint, now}
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
	// Kind is how readers are told: story.First, Update or Correction; empty
	// means First or Update, whichever it is.
	Kind string
	// Note is what readers are told about the change.
	Note string
	// At dates the publication; zero means now. An earlier time is for stories
	// that went live elsewhere before.
	At time.Time
}

// Story makes a draft live.
func (d *Desk) Story(ctx context.Context, o Order) (live story.Card, err error) {
	err = d.db.Update(ctx, func(tx *db.Tx) error {
		live, err = d.StoryIn(tx, o)
		return err
	})
	if err != nil {
		return live, fmt.Errorf("publish story %d: %w", o.Story, err)
	}
	d.refresh(ctx)
	return live, nil
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
	draft, err := d.stories.Draft(tx, o.Story)
	if err != nil {
		return story.Card{}, err
	}
	if draft.Sequence != o.Sequence {
		return story.Card{}, &story.Stale{Newest: draft}
	}
	if problems := story.Ready(draft.Content); len(problems) > 0 {
		return story.Card{}, &Refused{problems}
	}
	before, err := story.Cards(tx, []ref.Story{o.Story})
	if err != nil {
		return story.Card{}, err
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
	return live, d.announce(tx, WentLive, false, append(before, live), append(topics, draft.Content.Topics...))
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
		live.Published, live.Updated, live.Version = versions[0].At, at, len(versions)+1
	}
	if err := sign(tx, &live, draft.Edition); err != nil {
		return live, err
	}
	slug, err := d.stories.Claim(tx, draft.Edition, wanted(draft.Content), draft.ID)
	if err != nil {
		return live, err
	}
	live.Slug = slug
	if err := d.stories.AddVersion(tx, story.Version{Story: draft.ID, Number: live.Version, Revision: draft.Revision, At: at, Kind: kind(o, live), Note: o.Note}); err != nil {
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
	return live, d.index.Put(tx, d.index.Prepare(words(live, draft)))
}

func kind(o Order, live story.Card) string {
	switch {
	case o.Kind != "":
		return o.Kind
	case live.Version == 1:
		return story.First
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

// words are a live story's words for the search index.
func words(live story.Card, draft story.Draft) search.Document {
	c := draft.Content
	return search.Document{
		Story: int64(live.ID), Edition: live.Edition, Published: live.Published, Batch: int64(draft.Batch),
		Headline: c.Headline, Standfirst: c.Standfirst, Body: body.Plain(c.Body),
	}
}

// announce appends the event that drops every page which shows the story, as
// it was and as it is.
func (d *Desk) announce(tx *db.Tx, kind string, purge bool, cards []story.Card, topics []ref.Topic) error {
	tags := newTags()
	for _, c := range cards {
		tags.add(c.ID.Tag(), c.Section.Tag(), ref.LatestTag(c.Edition), ref.FrontTag(c.Edition))
		for _, s := range c.Byline {
			tags.add(s.Author.Tag())
		}
		if c.Genre == story.Page {
			tags.add(ref.FrameTag) // every footer names the standing pages
		}
		// Translations link to each other.
		twins, err := story.Twins(tx, c.Twin)
		if err != nil {
			return err
		}
		for _, twin := range twins {
			tags.add(twin.ID.Tag())
		}
	}
	for _, topic := range topics {
		tags.add(topic.Tag())
	}
	return d.log.Append(tx, event.Event{At: d.now(), Kind: kind, Tags: tags.list, Purge: purge})
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

// Withdraw takes a live story away from readers. Its address answers with the
// reason; the text stays with the editors.
func (d *Desk) Withdraw(ctx context.Context, id ref.Story, reason string) error {
	err := d.db.Update(ctx, func(tx *db.Tx) error { return d.withdraw(tx, id, reason) })
	if err != nil {
		return fmt.Errorf("withdraw story %d: %w", id, err)
	}
	d.refresh(ctx)
	return nil
}

func (d *Desk) withdraw(tx *db.Tx, id ref.Story, reason string) error {
	live, err := story.Cards(tx, []ref.Story{id})
	if err != nil {
		return err
	}
	topics, err := story.TopicsOf(tx, id)
	if err != nil {
		return err
	}
	if err := d.stories.Hide(tx, id, d.now(), reason); err != nil {
		return err
	}
	if err := d.stories.Move(tx, id, story.Withdrawn); err != nil {
		return err
	}
	if err := d.index.Remove(tx, int64(id)); err != nil {
		return err
	}
	return d.announce(tx, TakenBack, true, live, topics)
}
