package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
)

// The states of a batch.
const (
	staging   = "staging"
	live      = "live"
	abandoned = "abandoned"
)

// Item is a story that comes in from elsewhere.
type Item struct {
	// Key is the item's identity at home, Hash that of all it says: the same
	// key and hash bring nothing new.
	Key, Hash string
	// Content has no section, topics or byline yet; they are named below.
	Content story.Content
	// Section is named as at home; empty means the import's own.
	Section string
	Topics  []string
	Byline  []Name
	// Published is zero for a draft, which is kept and not shown.
	Published, Updated time.Time
	// OldAddresses are paths, with their queries, that shall lead here.
	OldAddresses []string
	Comments     []Comment
}

// Name is a signature as it was read.
type Name struct {
	Name string
	// House marks the publication's own byline.
	House bool
}

// Comment is kept, as it was read, until there is a room for comments.
type Comment struct{ Key, Content string }

// Outcome tells what became of an item.
type Outcome struct {
	Story ref.Story
	// What is Added, Updated, Unchanged or Refused.
	What string
	// Reason says why an item was refused.
	Reason string
}

// What can become of an item.
const (
	Added     = "added"
	Updated   = "updated"
	Unchanged = "unchanged"
	Refusal   = "refused"
)

// Batch is an import on its way. What it stages nobody sees until GoLive, and
// nobody waits for it: it writes in short transactions, and going live is one
// more.
type Batch struct {
	desk    *Desk
	id      ref.Batch
	edition edition.Edition
	source  string
	section ref.Section
	names   *names
	// changed are the stories that the import found in another wording; they
	// change when it goes live.
	changed []change
	assets  []asset.Asset
	known   map[string]ref.Asset
}

// change is a new wording of a story that an earlier import brought.
type change struct {
	story    ref.Story
	sequence int64
	item     Item
}

// ErrBusy says that another import is at work.
var ErrBusy = errors.New("another import is at work, or ended badly less than a minute ago")

// idle is how long a batch may stand still before it counts as left behind.
const idle = time.Minute

// Begin starts a batch for an edition. section takes the items that name none.
// alone says that no other program can be at work on this newsroom, so that
// whatever an earlier import left behind can go at once.
func (d *Desk) Begin(ctx context.Context, of edition.Edition, source string, section ref.Section, alone bool) (*Batch, error) {
	if err := d.Sweep(ctx, alone); err != nil {
		return nil, err
	}
	b := &Batch{desk: d, edition: of, source: source, section: section}
	err := d.db.Update(ctx, func(tx *db.Tx) error {
		busy, err := db.Has(tx, `select id from batch where state = 'staging'`)
		if err != nil {
			return err
		}
		if busy {
			return ErrBusy
		}
		if b.known, err = asset.Keys(tx); err != nil {
			return err
		}
		b.id = ref.New[ref.Batch](d.mint)
		now := d.now().UnixMilli()
		_, err = tx.Exec(`insert into batch (id, edition, source, started_at, touched_at, state) values ($1, $2, $3, $4, $5, $6)`,
			b.id, of.Key, source, now, now, staging)
		return err
	})
	if errors.Is(err, db.ErrConflict) {
		err = ErrBusy // somebody else began in the same moment
	}
	if err != nil {
		return nil, fmt.Errorf("begin an import: %w", err)
	}
	b.names = newNames(d, b)
	return b, nil
}

// Asset names a picture that items show but that is still elsewhere. The same
// address is one asset.
func (b *Batch) Asset(a asset.Asset) ref.Asset {
	if id, ok := b.known[a.Key]; ok {
		return id
	}
	a.ID, a.Batch = ref.New[ref.Asset](b.desk.mint), b.id
	b.known[a.Key] = a.ID
	b.assets = append(b.assets, a)
	return a.ID
}

// Stage writes items in one transaction and tells what became of each.
func (b *Batch) Stage(ctx context.Context, items []Item) ([]Outcome, error) {
	outcomes := make([]Outcome, len(items))
	err := b.desk.db.Update(ctx, func(tx *db.Tx) error {
		if err := b.touch(tx); err != nil {
			return err
		}
		before, err := b.before(tx, items)
		if err != nil {
			return err
		}
		for n, item := range items {
			if outcomes[n], err = b.stage(tx, item, before[item.Key]); err != nil {
				return fmt.Errorf("item %s: %w", item.Key, err)
			}
			before[item.Key] = &brought{hash: item.Hash, story: outcomes[n].Story, staged: true}
		}
		return b.putAssets(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("stage an import: %w", err)
	}
	return outcomes, nil
}

func (b *Batch) touch(tx *db.Tx) error {
	n, err := tx.Exec(`update batch set touched_at = $1 where id = $2 and state = 'staging'`, b.desk.now().UnixMilli(), b.id)
	if err == nil && n == 0 {
		return errors.New("the import was given up by another program")
	}
	return err
}

// Known returns the hashes of the items that came before, by their keys, so
// that an import need not read again what it knows.
func (b *Batch) Known(ctx context.Context, keys []string) (map[string]string, error) {
	items := make([]Item, len(keys))
	for n, key := range keys {
		items[n].Key = key
	}
	hashes := map[string]string{}
	err := b.desk.db.View(ctx, func(tx *db.Tx) error {
		found, err := b.before(tx, items)
		for key, f := range found {
			hashes[key] = f.hash
		}
		return err
	})
	return hashes, err
}

// brought is what an earlier import, or this one, made of an item.
type brought struct {
	hash     string
	story    ref.Story
	sequence int64
	// staged is set for an item of this very run.
	staged bool
}

// before looks up which items came before.
func (b *Batch) before(tx *db.Tx, items []Item) (map[string]*brought, error) {
	keys := make([]string, len(items))
	for n, item := range items {
		keys[n] = item.Key
	}
	list, err := db.Pack(keys)
	if err != nil {
		return nil, err
	}
	type row struct {
		key string
		brought
	}
	rows, err := db.List(tx, func(r db.Row) (w row, err error) {
		var by ref.Batch
		err = r.Scan(&w.key, &w.hash, &w.story, &w.sequence, &by)
		w.staged = by == b.id
		return w, err
	}, `select item, hash, story, sequence, batch from import_item
		where edition = $1 and source = $2 and item in (select value from json_each(cast($3 as text)))
			and (batch = $4 or batch not in (select id from batch where state <> 'live')) limit 100000`,
		b.edition.Key, b.source, list, b.id)
	if err != nil {
		return nil, fmt.Errorf("look up what came before: %w", err)
	}
	found := make(map[string]*brought, len(rows)+len(items))
	for _, r := range rows {
		found[r.key] = &r.brought
	}
	return found, nil
}

func (b *Batch) stage(tx *db.Tx, item Item, before *brought) (Outcome, error) {
	if problems := story.Check(item.Content); len(problems) > 0 {
		return Outcome{What: Refusal, Reason: problems[0].Error()}, nil
	}
	if before == nil {
		return b.add(tx, item)
	}
	if before.hash == item.Hash {
		return Outcome{Story: before.story, What: Unchanged}, nil
	}
	if before.staged {
		return Outcome{What: Refusal, Reason: "another item of this file has the same identity: " + item.Key}, nil
	}
	draft, err := b.desk.stories.Draft(tx, before.story)
	if err != nil {
		return Outcome{}, err
	}
	if reason := ours(draft, before.sequence); reason != "" {
		return Outcome{Story: before.story, What: Refusal, Reason: reason}, nil
	}
	b.changed = append(b.changed, change{before.story, before.sequence, item})
	return Outcome{Story: before.story, What: Updated}, nil
}

// ours says why an import must leave a story as it is; empty when it need not.
func ours(draft story.Draft, sequence int64) string {
	switch {
	case draft.State == story.Withdrawn:
		return "it was withdrawn here, and stays so"
	case draft.Sequence != sequence:
		return "it was edited here since it was imported, and stays as it is"
	}
	return ""
}

// add writes all rows of a story that is new here.
func (b *Batch) add(tx *db.Tx, item Item) (Outcome, error) {
	content, err := b.named(tx, item)
	if err != nil {
		return Outcome{}, err
	}
	draft, err := b.desk.stories.Create(tx, 0, b.edition.Key, 0, b.id, content)
	if err != nil {
		return Outcome{}, err
	}
	if !item.Published.IsZero() {
		if err := b.show(tx, draft, item); err != nil {
			return Outcome{}, err
		}
	}
	_, err = tx.Exec(`insert into import_item (edition, source, item, hash, story, sequence, batch) values ($1, $2, $3, $4, $5, 1, $6)`,
		b.edition.Key, b.source, item.Key, item.Hash, draft.ID, b.id)
	if err != nil {
		return Outcome{}, fmt.Errorf("note where story %d came from: %w", draft.ID, err)
	}
	return Outcome{Story: draft.ID, What: Added}, b.keepRest(tx, draft.ID, item)
}

// show stages the live rows.
func (b *Batch) show(tx *db.Tx, draft story.Draft, item Item) error {
	d := b.desk
	shown := card(draft, item.Published.UTC().Truncate(time.Millisecond))
	shown.Byline = draft.Content.Byline
	if item.Updated.After(item.Published) {
		shown.Updated = item.Updated
	}
	slug, err := d.stories.Claim(tx, b.edition.Key, wanted(draft.Content), draft.ID)
	if err != nil {
		return err
	}
	shown.Slug = slug
	if err := d.stories.AddVersion(tx, story.Version{Story: draft.ID, Number: 1, Revision: draft.Revision, At: shown.Published, Kind: story.Imported}); err != nil {
		return err
	}
	if err := d.stories.Show(tx, shown, draft.Content.Topics, b.id); err != nil {
		return err
	}
	if err := d.stories.Move(tx, draft.ID, story.Published); err != nil {
		return err
	}
	return d.index.Add(tx, d.index.Prepare(story.Searched(shown, draft.Content, b.id, b.edition.Language)))
}

// keepRest keeps old addresses and comments.
func (b *Batch) keepRest(tx *db.Tx, id ref.Story, item Item) error {
	for _, old := range item.OldAddresses {
		_, err := tx.Exec(`insert into old_address (address, story) values ($1, $2) on conflict (address) do nothing`, old, id)
		if err != nil {
			return fmt.Errorf("keep the old address of story %d: %w", id, err)
		}
	}
	for _, c := range item.Comments {
		_, err := tx.Exec(`insert into import_comment (edition, source, item, story, batch, content) values ($1, $2, $3, $4, $5, $6)
			on conflict (edition, source, item) do update set story = excluded.story, content = excluded.content`,
			b.edition.Key, b.source, c.Key, id, b.id, c.Content)
		if err != nil {
			return fmt.Errorf("keep a comment on story %d: %w", id, err)
		}
	}
	return nil
}

func (b *Batch) putAssets(tx *db.Tx) error {
	for _, a := range b.assets {
		if err := asset.Put(tx, a); err != nil {
			return err
		}
	}
	b.assets = b.assets[:0]
	return nil
}

// GoLive shows everything that was staged, in one short transaction.
func (b *Batch) GoLive(ctx context.Context) error {
	err := b.desk.db.Update(ctx, func(tx *db.Tx) error {
		if err := b.touch(tx); err != nil {
			return err
		}
		for _, c := range b.changed {
			if err := b.rewrite(tx, c); err != nil {
				return fmt.Errorf("item %s: %w", c.item.Key, err)
			}
		}
		if err := b.putAssets(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(`update batch set state = $1 where id = $2`, live, b.id); err != nil {
			return err
		}
		return b.desk.log.Append(tx, event.Event{At: b.desk.now(), Kind: CameIn, Tags: []string{
			string(ref.EditionTag(b.edition.Key)), string(ref.LatestTag(b.edition.Key)), string(ref.FrontTag(b.edition.Key)),
		}})
	})
	if err != nil {
		return fmt.Errorf("make an import live: %w", err)
	}
	b.desk.refresh(ctx)
	return nil
}

// rewrite gives a story that came before its new wording.
func (b *Batch) rewrite(tx *db.Tx, c change) error {
	content, err := b.named(tx, c.item)
	if err != nil {
		return err
	}
	draft, err := b.desk.stories.Draft(tx, c.story)
	if err != nil {
		return err
	}
	if ours(draft, c.sequence) != "" {
		return nil // somebody was quicker than the import
	}
	if draft, err = b.desk.stories.Save(tx, 0, c.story, draft.Sequence, content); err != nil {
		return err
	}
	if !c.item.Published.IsZero() {
		versions, err := b.desk.stories.Versions(tx, c.story)
		if err != nil {
			return err
		}
		at := c.item.Updated
		if len(versions) == 0 {
			at = c.item.Published // a draft until now
		} else if at.IsZero() {
			at = b.desk.now()
		}
		if _, err := b.desk.show(tx, draft, Order{Kind: story.Imported, At: at}, versions); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`update import_item set hash = $1, sequence = $2 where edition = $3 and source = $4 and item = $5`,
		c.item.Hash, draft.Sequence, b.edition.Key, b.source, c.item.Key)
	if err != nil {
		return err
	}
	return b.keepRest(tx, c.story, c.item)
}

// Abandon takes back everything that was staged.
func (b *Batch) Abandon(ctx context.Context) error {
	return b.desk.abandon(ctx, b.id, always)
}
