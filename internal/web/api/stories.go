package api

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// newStory begins a story.
type newStory struct {
	Edition string `json:"edition"`
	// Twin is the story in another edition that this one is the same as.
	Twin    ref.Story     `json:"twin,omitzero"`
	Content story.Content `json:"content"`
}

// storyText is a draft's text.
type storyText struct {
	Content story.Content `json:"content"`
}

// storyDraft is a story as the desk sees it.
type storyDraft struct {
	ID       ref.Story     `json:"id"`
	Edition  string        `json:"edition"`
	State    story.State   `json:"state"`
	Sequence int64         `json:"sequence"`
	Revision ref.Revision  `json:"revision"`
	Twin     ref.Story     `json:"twin,omitzero"`
	At       string        `json:"at"`
	By       ref.Staff     `json:"by,omitzero"`
	Embargo  string        `json:"embargo,omitempty"`
	Content  story.Content `json:"content"`
	Live     *liveStory    `json:"live,omitempty"`
	Schedule *scheduled    `json:"schedule,omitempty"`
}

// liveStory is how a story stands with readers.
type liveStory struct {
	Address   string       `json:"address"`
	Version   int          `json:"version"`
	Revision  ref.Revision `json:"revision"`
	Published string       `json:"published"`
	Updated   string       `json:"updated,omitempty"`
}

// storyBrief is a story in a list of the desk.
type storyBrief struct {
	ID       ref.Story   `json:"id"`
	Edition  string      `json:"edition"`
	State    story.State `json:"state"`
	Sequence int64       `json:"sequence"`
	Headline string      `json:"headline"`
	Genre    story.Genre `json:"genre"`
	Section  ref.Section `json:"section,omitzero"`
	At       string      `json:"at"`
	By       ref.Staff   `json:"by,omitzero"`
}

// storyList is a page of stories. Before leads to the next; empty at the end.
type storyList struct {
	Stories []storyBrief `json:"stories"`
	Before  string       `json:"before,omitempty"`
}

// stamp writes a time; empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(publish.Stamp)
}

func draftOf(d story.Draft) storyDraft {
	return storyDraft{ID: d.ID, Edition: d.Edition, State: d.State, Sequence: d.Sequence, Revision: d.Revision, Twin: d.Twin,
		At: stamp(d.At), By: d.By, Embargo: stamp(d.Embargo), Content: d.Content}
}

func (a *API) listStories(q *asked) (*reply, error) {
	values := q.values
	size, err := limit(values)
	if err != nil {
		return nil, err
	}
	before, err := parameter[ref.Story](values, "before")
	if err != nil {
		return nil, err
	}
	key, state := values.Get("edition"), story.State(values.Get("state"))
	if state != "" && !state.Valid() {
		return nil, badParameter("state", "is writing, scheduled, published, withdrawn or binned")
	}
	list := storyList{Stories: []storyBrief{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		if key != "" {
			if _, err := edition.Find(tx, key); errors.Is(err, db.ErrNotFound) {
				return badParameter("edition", "is none that is here")
			} else if err != nil {
				return err
			}
		}
		all, err := a.Stories.Briefs(tx, key, state, before, size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = itoa(int64(all[size-1].ID))
		}
		for _, b := range all {
			list.Stories = append(list.Stories, storyBrief{b.ID, b.Edition, b.State, b.Sequence, b.Headline, b.Genre, b.Section, stamp(b.At), b.By})
		}
		return err
	})
	return &reply{value: list}, err
}

func (a *API) createStory(q *asked) (*reply, error) {
	var n newStory
	if err := q.into(&n); err != nil {
		return nil, err
	}
	n.Content.Body = body.Assign(n.Content.Body, body.Counter("b"))
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if _, err := edition.Find(tx, n.Edition); errors.Is(err, db.ErrNotFound) {
			return nil, invalid("edition", fmt.Sprintf("%.50q is not here", n.Edition))
		} else if err != nil {
			return nil, err
		}
		if err := savable(tx, n.Edition, n.Content); err != nil {
			return nil, err
		}
		twin, err := a.twinOf(tx, n.Edition, n.Twin)
		if err != nil {
			return nil, err
		}
		d, err := a.Stories.Create(tx, q.who.Person.ID, n.Edition, twin, 0, n.Content)
		if err != nil {
			return nil, err
		}
		return &reply{status: http.StatusCreated, etag: tagOf(d.Sequence), location: Prefix + "stories/" + itoa(int64(d.ID)),
			value: done{ID: d.ID, Sequence: d.Sequence, Revision: d.Revision, State: string(d.State)}}, nil
	})
}

// twinOf is the number that a story shares with its translations: that of the
// first of them. Readers are led from one to the other when the second goes live.
func (a *API) twinOf(tx *db.Tx, key string, other ref.Story) (ref.Story, error) {
	if other == 0 {
		return 0, nil
	}
	if err := a.Stories.Lock(tx, other); errors.Is(err, db.ErrNotFound) {
		return 0, invalid("twin", "is no story that is here")
	} else if err != nil {
		return 0, err
	}
	d, err := a.Stories.Draft(tx, other)
	if err != nil {
		return 0, err
	}
	if d.Edition == key {
		return 0, invalid("twin", "is a story of the same edition: a translation stands in another")
	}
	if d.Twin == 0 {
		return other, a.Stories.Pair(tx, other)
	}
	there, err := story.Translated(tx, d.Twin, key)
	if err == nil && there {
		err = invalid("twin", "stands in this edition already: set that story aside first")
	}
	return d.Twin, err
}

// savable refuses a text that cannot be kept, or that names what is not here.
func savable(tx *db.Tx, key string, c story.Content) error {
	problems, err := publish.Unfit(tx, key, c)
	if err == nil && len(problems) > 0 {
		err = &publish.Refused{Problems: problems}
	}
	return err
}

func (a *API) readStory(q *asked) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	var view storyDraft
	err = a.view(q.Context(), func(tx *db.Tx) error {
		d, err := a.Stories.Draft(tx, id)
		if err != nil {
			return err
		}
		view = draftOf(d)
		if view.Live, err = liveOf(tx, id); err != nil {
			return err
		}
		p, err := a.Desk.Planned(tx, id)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		view.Schedule = &scheduled{stamp(p.At), p.Sequence, p.Kind, p.Note, p.Failure}
		return err
	})
	return &reply{value: view, etag: tagOf(view.Sequence)}, err
}

// liveOf is how a story stands with readers; nil when it is not live.
func liveOf(tx *db.Tx, id ref.Story) (*liveStory, error) {
	cards, err := story.Cards(tx, []ref.Story{id})
	if err != nil || len(cards) == 0 {
		return nil, err
	}
	address, err := addressOf(tx, cards[0])
	return &liveStory{address, cards[0].Version, cards[0].Revision, stamp(cards[0].Published), stamp(cards[0].Updated)}, err
}

// addressOf is where readers find a story.
func addressOf(tx *db.Tx, c story.Card) (string, error) {
	if c.Section == 0 {
		return c.Address(""), nil
	}
	s, err := section.ByID(tx, c.Section)
	return c.Address(s.Slug), err
}

func (a *API) saveStory(q *asked) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	sequence, err := q.sequence()
	if err != nil {
		return nil, err
	}
	var t storyText
	if err := q.into(&t); err != nil {
		return nil, err
	}
	t.Content.Body = body.Assign(t.Content.Body, body.Counter("b"))
	return a.change(q, func(tx *db.Tx) (*reply, error) { return a.save(tx, q.who.Person.ID, id, sequence, t.Content) })
}

func (a *API) save(tx *db.Tx, by ref.Staff, id ref.Story, sequence int64, c story.Content) (*reply, error) {
	if err := a.Stories.Lock(tx, id); err != nil {
		return nil, err
	}
	if err := a.settle(tx, id); err != nil {
		return nil, err
	}
	d, err := a.Stories.Draft(tx, id)
	if err != nil {
		return nil, err
	}
	if err := savable(tx, d.Edition, c); err != nil {
		return nil, err
	}
	// One's own earlier save is no conflict: the answer to it was lost.
	if d.Sequence == sequence+1 && d.By == by && reflect.DeepEqual(d.Content, c) {
		return saved(d), nil
	}
	if d, err = a.Stories.Save(tx, by, id, sequence, c); err != nil {
		return nil, err
	}
	return saved(d), a.settle(tx, id)
}

func saved(d story.Draft) *reply {
	return &reply{etag: tagOf(d.Sequence), value: done{ID: d.ID, Sequence: d.Sequence, Revision: d.Revision, State: string(d.State)}}
}

// revision is one save.
type revision struct {
	ID       ref.Revision   `json:"id"`
	Sequence int64          `json:"sequence"`
	At       string         `json:"at"`
	By       ref.Staff      `json:"by,omitzero"`
	Content  *story.Content `json:"content,omitempty"`
}

// revisionList is a page of the saves of a story. Before, a save's sequence,
// leads to the next; empty at the end.
type revisionList struct {
	Revisions []revision `json:"revisions"`
	Before    string     `json:"before,omitempty"`
}

func (a *API) listRevisions(q *asked) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	before, size, err := page[int64](q)
	if err != nil {
		return nil, err
	}
	list := revisionList{Revisions: []revision{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		if _, err := a.Stories.Draft(tx, id); err != nil {
			return err
		}
		saves, err := a.Stories.Revisions(tx, id, before, size+1)
		if len(saves) > size {
			saves = saves[:size]
			list.Before = itoa(saves[size-1].Sequence)
		}
		for _, s := range saves {
			list.Revisions = append(list.Revisions, revision{ID: s.ID, Sequence: s.Sequence, At: stamp(s.At), By: s.By})
		}
		return err
	})
	return &reply{value: list}, err
}

func (a *API) readRevision(q *asked) (*reply, error) {
	save, err := a.saveOf(q)
	if err != nil {
		return nil, err
	}
	return &reply{value: revision{save.Revision, save.Sequence, stamp(save.At), save.By, &save.Content}}, nil
}

// saveOf is the save that the path names.
func (a *API) saveOf(q *asked) (save story.Save, err error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return save, err
	}
	wanted, err := identity[ref.Revision](q, "revision")
	if err != nil {
		return save, err
	}
	err = a.view(q.Context(), func(tx *db.Tx) (err error) {
		save, err = a.Stories.SavedAs(tx, id, wanted)
		return err
	})
	return save, err
}

func (a *API) restoreRevision(q *asked) (*reply, error) {
	earlier, err := a.saveOf(q)
	if err != nil {
		return nil, err
	}
	sequence, err := q.sequence()
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		// Read again: a redaction may have changed it meanwhile.
		again, err := a.Stories.SavedAs(tx, earlier.Story, earlier.Revision)
		if err != nil {
			return nil, err
		}
		return a.save(tx, q.who.Person.ID, earlier.Story, sequence, again.Content)
	})
}

// version is one publication.
type version struct {
	Number   int          `json:"number"`
	At       string       `json:"at"`
	Kind     string       `json:"kind"`
	Note     string       `json:"note,omitempty"`
	Revision ref.Revision `json:"revision"`
	By       ref.Staff    `json:"by,omitzero"`
}

// versionList is a page of the publications of a story. Before, a version's
// number, leads to the next; empty at the end.
type versionList struct {
	Versions []version `json:"versions"`
	Before   string    `json:"before,omitempty"`
}

func (a *API) listVersions(q *asked) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	before, size, err := page[int64](q)
	if err != nil {
		return nil, err
	}
	list := versionList{Versions: []version{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		if _, err := a.Stories.Draft(tx, id); err != nil {
			return err
		}
		all, err := story.History(tx, id, int(before), size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = itoa(int64(all[size-1].Number))
		}
		for _, v := range all {
			list.Versions = append(list.Versions, version{v.Number, stamp(v.At), v.Kind, v.Note, v.Revision, v.By})
		}
		return err
	})
	return &reply{value: list}, err
}
