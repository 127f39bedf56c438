package redact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
)

// shown is a live story as readers see it, with its text.
type shown struct {
	story.Card
	byline string
	batch  ref.Batch
	text   string
}

// livePage is how many live stories are read in one transaction.
const livePage = 500

// live plans what changes in the stories that readers see, and hands it on page
// by page.
func (w *work) live(take func([]change) error) error {
	for behind := ref.Story(0); ; {
		page, last, n, err := w.livePage(behind)
		if err != nil {
			return fmt.Errorf("look through what is live: %w", err)
		}
		changes, err := together(page, w.show)
		if err != nil {
			return err
		}
		if err := take(changes); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		behind = last
	}
}

// livePage reads the next live stories, and keeps those that may hold what must
// go.
func (w *work) livePage(behind ref.Story) (page []shown, last ref.Story, n int, err error) {
	last = behind
	err = w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			s, err := scanShown(r)
			if err != nil {
				return none, err
			}
			n, last = n+1, s.ID
			if w.meant(s) {
				page = append(page, s)
			}
			return none, nil
		}, `select l.story, l.edition, l.section, l.genre, l.slug, l.headline, l.short, l.standfirst, l.kicker, l.byline, l.picture, l.published, l.revision, l.batch, r.content
			from live l join revision r on r.id = l.revision where l.story > $1 and (l.story = $2 or $2 = 0) order by l.story limit $3`,
			behind, w.only(), livePage)
		return err
	})
	return page, last, n, err
}

func scanShown(r db.Row) (s shown, err error) {
	var published int64
	err = r.Scan(&s.ID, &s.Edition, &s.Section, &s.Genre, &s.Slug, &s.Headline, &s.Short, &s.Standfirst, &s.Kicker, &s.byline, &s.Picture,
		&published, &s.Revision, &s.batch, &s.text)
	s.Published = time.UnixMilli(published).UTC()
	return s, err
}

// meant tells whether a live story may hold what must go, or shows a picture
// whose words change.
func (w *work) meant(s shown) bool {
	if w.request.Kind == Story {
		return true
	}
	if w.mayHold(s.text) || w.words.inAddress(s.Slug) || w.mayHold(s.byline) ||
		w.words.anyLetters(strings.Join([]string{s.Headline, s.Short, s.Standfirst, s.Kicker}, "\n")) {
		return true
	}
	for id, changed := range w.assets {
		if changed && w.names(s.text, id) {
			return true
		}
	}
	return w.asset.ID != 0 && s.Picture == w.asset.ID
}

// show plans the changes of a live story: its save, its row, its words in the
// index.
func (w *work) show(s shown) ([]change, error) {
	if w.request.Kind == Story {
		return w.hide(s)
	}
	c := w.cleaner(s.Edition)
	if s.byline != "" {
		if err := db.Unpack(s.byline, &s.Byline); err != nil {
			return nil, err
		}
	}
	clean := c.card(s.Card)
	rowFound := c.found
	saved, err := w.liveSave(s)
	if err != nil {
		return nil, err
	}
	var content story.Content
	if err := db.Unpack(saved.text, &content); err != nil {
		return nil, err
	}
	if saved.readdressed && clean.Slug == s.Slug {
		// A shortened headline may have left half a name in it.
		clean.Slug = plainSlug(s.ID)
		rowFound++
	}
	var changes []change
	if saved.found {
		changes = append(changes, saved.change())
	}
	if rowFound > 0 {
		changes = append(changes, change{place: "live", stories: these(s.ID), do: func(tx *db.Tx) error { return putCard(tx, s, clean) }})
	}
	if saved.found || rowFound > 0 {
		entry := w.Index.Prepare(story.Searched(clean, content, s.batch, w.languages[s.Edition]))
		changes = append(changes, change{place: "search", stories: these(s.ID), do: func(tx *db.Tx) error {
			// It may have been published anew or changed meanwhile.
			same, err := db.Has(tx, `select l.story from live l join revision r on r.id = l.revision where l.story = $1 and l.revision = $2 and r.content = $3`,
				s.ID, s.Revision, saved.text)
			if err != nil {
				return err
			}
			if !same {
				return errMoved
			}
			return w.Index.Put(tx, entry)
		}})
	}
	if len(changes) == 0 {
		for id, changed := range w.assets {
			if changed && w.names(s.text, id) {
				return []change{{stories: these(s.ID)}}, nil // its page shows a picture's words
			}
		}
	}
	return changes, nil
}

// liveSave is the save that a live story shows, without what must go.
func (w *work) liveSave(s shown) (cleaned, error) {
	return w.revision(save{s.Revision, s.ID, s.Edition, s.text})
}

// putCard writes a live story's row, unless it was changed or published anew
// meanwhile.
func putCard(tx *db.Tx, before shown, c story.Card) error {
	byline := ""
	if len(c.Byline) > 0 {
		packed, err := db.Pack(c.Byline)
		if err != nil {
			return err
		}
		byline = packed
	}
	err := still(tx.Exec(`update live set slug = $1, headline = $2, short = $3, standfirst = $4, kicker = $5, byline = $6, picture = $7
		where story = $8 and revision = $9 and slug = $10 and headline = $11 and short = $12 and standfirst = $13 and kicker = $14 and byline = $15 and picture = $16`,
		c.Slug, c.Headline, c.Short, c.Standfirst, c.Kicker, byline, c.Picture,
		c.ID, before.Revision, before.Slug, before.Headline, before.Short, before.Standfirst, before.Kicker, before.byline, before.Picture))
	if err != nil || c.Slug == before.Slug {
		return err
	}
	_, err = tx.Exec(`insert into address (edition, slug, story) values ($1, $2, $3) on conflict (edition, slug) do nothing`, c.Edition, c.Slug, c.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`delete from address where edition = $1 and slug = $2`, c.Edition, before.Slug)
	return err
}

// hide plans that a whole story goes: nothing of it is live or planned any more,
// and its address says that it is gone.
func (w *work) hide(s shown) ([]change, error) {
	saved, err := w.liveSave(s)
	if err != nil {
		return nil, err
	}
	changes := []change{{place: "live", stories: these(s.ID), do: func(tx *db.Tx) error {
		for _, statement := range []string{`delete from live where story = $1`, `delete from live_topic where story = $1`, `delete from live_author where story = $1`} {
			if _, err := tx.Exec(statement, s.ID); err != nil {
				return err
			}
		}
		return nil
	}}, {place: "search", stories: these(s.ID), do: func(tx *db.Tx) error { return w.Index.Remove(tx, int64(s.ID)) }}}
	if saved.found {
		changes = append(changes, saved.change())
	}
	return changes, nil
}

// settle plans how a whole story stays: withdrawn, or set aside when it was
// never published.
func (w *work) settle(take func([]change) error) error {
	id := w.request.Story
	var edition string
	var state story.State
	var versions int
	var reason string
	err := w.DB.View(w.ctx, func(tx *db.Tx) (err error) {
		_, err = db.Find(tx, func(r db.Row) (none struct{}, err error) { return none, r.Scan(&edition, &state, &versions) },
			`select s.edition, s.state, (select count(*) from version v where v.story = s.id) from story s where s.id = $1`, id)
		if err != nil {
			return err
		}
		reason, err = db.Find(tx, db.Value[string], `select reason from withdrawn where story = $1`, id)
		return absent(err)
	})
	if err != nil {
		return fmt.Errorf("story %d: %w", id, err)
	}
	want, said := story.Binned, gone(w.languages[edition])
	if versions > 0 {
		want = story.Withdrawn
	}
	var changes []change
	if state != want {
		changes = append(changes, change{place: "story", stories: these(id), do: func(tx *db.Tx) error {
			_, err := tx.Exec(`update story set state = $1 where id = $2`, want, id)
			return err
		}})
	}
	if versions > 0 && reason != said {
		changes = append(changes, change{place: "withdrawn", stories: these(id), do: func(tx *db.Tx) error {
			_, err := tx.Exec(`insert into withdrawn (story, at, reason) values ($1, $2, $3)
				on conflict (story) do update set reason = excluded.reason`, id, w.moment().UnixMilli(), said)
			return err
		}})
	}
	return take(changes)
}

// addresses plans which addresses go: those that stories have or had.
func (w *work) addresses(take func([]change) error) error {
	type place struct {
		edition, slug string
		story         ref.Story
	}
	var found []place
	err := w.DB.View(w.ctx, func(tx *db.Tx) error {
		_, err := db.List(tx, func(r db.Row) (none struct{}, err error) {
			var p place
			if err := r.Scan(&p.edition, &p.slug, &p.story); err != nil {
				return none, err
			}
			if w.words.inAddress(p.slug) {
				found = append(found, p)
			}
			return none, nil
		}, `select edition, slug, story from address where story = $1 or $1 = 0 order by story limit $2`, w.only(), all)
		return err
	})
	if err != nil {
		return fmt.Errorf("look through the addresses: %w", err)
	}
	changes := make([]change, len(found))
	for n, p := range found {
		changes[n] = change{place: "address", stories: these(p.story), do: func(tx *db.Tx) error {
			_, err := tx.Exec(`delete from address where edition = $1 and slug = $2 and story = $3`, p.edition, p.slug, p.story)
			return err
		}}
	}
	return take(changes)
}

// seen plans what changes in all that readers see.
func (w *work) seen(take func([]change) error) error {
	steps := []func(take func([]change) error) error{w.fronts, w.addresses, w.notes, w.live}
	switch w.request.Kind {
	case Name, Picture:
		steps = slices.Insert(steps, 0, w.nouns)
	case Story:
		steps = append(steps, w.settle)
	}
	for _, step := range steps {
		if err := step(take); err != nil {
			return err
		}
	}
	return nil
}

// readersFirst is from how many changes on the first transaction ends; a
// redaction of more is seen in several steps.
const readersFirst = 5000

// readers takes what must go from all that readers see, and has every node drop
// what it keeps of it, in one transaction.
func (w *work) readers() error {
	var changes []change
	if w.request.Kind == Story && !w.dry() {
		// Who publishes it waits from here on, and finds that it has gone.
		changes = []change{{stories: these(w.request.Story), do: func(tx *db.Tx) error { return w.Room.stories.Lock(tx, w.request.Story) }}}
	}
	take := func(some []change) error {
		if changes = append(changes, some...); len(changes) < readersFirst {
			return nil
		}
		err := w.commitAll(changes, w.drop)
		changes = nil
		return err
	}
	if err := w.seen(take); err != nil {
		return err
	}
	err := w.commitAll(changes, func(tx *db.Tx) error {
		w.report.Step = stepHistory
		return w.drop(tx)
	})
	if err != nil || w.dry() {
		return err
	}
	return w.Log.CatchUp(w.ctx) // this node at once, the others by their relays
}

// fewStories is up to how many stories their tags are told one by one; of more,
// everything is dropped.
const fewStories = 100

// drop has every node drop what it keeps, fresh or stale.
func (w *work) drop(tx *db.Tx) error {
	if w.dry() {
		return nil
	}
	tags, err := w.tags(tx)
	if err != nil {
		return err
	}
	w.report.Event, err = w.Log.AppendSeq(tx, event.Event{At: w.moment(), Kind: TookEffect, Tags: tags, Purge: true})
	return err
}

func (w *work) tags(tx *db.Tx) ([]string, error) {
	seen := map[ref.Tag]bool{}
	var tags []string
	add := func(more ...ref.Tag) {
		for _, tag := range more {
			if !seen[tag] {
				seen[tag] = true
				tags = append(tags, string(tag))
			}
		}
	}
	if w.report.Words || w.request.Kind == Picture || len(w.stories) > fewStories {
		add(ref.FrameTag)
		for edition := range w.languages {
			add(ref.EditionTag(edition), ref.LatestTag(edition), ref.FrontTag(edition))
		}
	}
	if len(w.stories) > fewStories {
		return tags, nil
	}
	for id := range w.stories {
		if err := w.tagsOf(tx, id, add); err != nil {
			return nil, err
		}
	}
	return tags, nil
}

// tagsOf adds the tags of all that shows a story.
func (w *work) tagsOf(tx *db.Tx, id ref.Story, add func(...ref.Tag)) error {
	edition, err := db.Find(tx, db.Value[string], `select edition from story where id = $1`, id)
	if err != nil {
		return absent(err)
	}
	add(id.Tag(), ref.LatestTag(edition), ref.FrontTag(edition), ref.EditionTag(edition))
	section, err := db.Find(tx, db.Value[ref.Section], `select section from live where story = $1`, id)
	if err == nil {
		add(section.Tag())
	}
	if absent(err) != nil {
		return err
	}
	topics, err := story.TopicsOf(tx, id)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		add(topic.Tag())
	}
	authors, err := db.List(tx, db.Value[ref.Author], `select author from live_author where story = $1 order by author limit 1000`, id)
	for _, author := range authors {
		add(author.Tag())
	}
	return err
}
