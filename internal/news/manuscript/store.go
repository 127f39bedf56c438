package manuscript

import (
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/prose"
)

// Limits of what is written at once.
const (
	// MaxSteps is how many steps may come together.
	MaxSteps = 1000
	// snapshotEvery is how many steps lie at least behind the whole document that is
	// kept, and at most twice as many: so much can be undone by who opens the story anew.
	snapshotEvery = 100
	// mostKept is how many documents are kept in memory.
	mostKept = 64
)

// SavedElsewhere is the client of steps that were made of a save: of a program that
// saved by the API, or of a revision that was restored.
const SavedElsewhere = "save"

// Room keeps manuscripts.
type Room struct {
	schema  *prose.Schema
	stories *story.Store
	mint    *ref.Mint
	now     func() time.Time

	mu sync.Mutex
	// kept are documents at their versions, used last in front.
	kept  map[ref.Story]*list.Element
	order *list.List
}

// keptDoc is a document in memory.
type keptDoc struct {
	story ref.Story
	stamp int64
	doc   *prose.Node
}

// New returns the room.
func New(stories *story.Store, mint *ref.Mint, now func() time.Time) (*Room, error) {
	schema, err := NewSchema()
	return &Room{schema: schema, stories: stories, mint: mint, now: now, kept: map[ref.Story]*list.Element{}, order: list.New()}, err
}

// Logged is a step as it was taken.
type Logged struct {
	Client string          `json:"client"`
	By     ref.Staff       `json:"by"`
	Step   json.RawMessage `json:"step"`
}

// Behind says that others wrote since the version that steps were made on: these are
// their steps, or Lost, when they are not kept any more and the document must be read
// anew.
type Behind struct {
	Version int64
	Steps   []Logged
	Lost    bool
}

// Error says it in a sentence.
func (b *Behind) Error() string {
	return fmt.Sprintf("others wrote meanwhile: this is version %d", b.Version)
}

// ErrSteps says that steps cannot be read, or do not fit.
var ErrSteps = errors.New("the changes do not fit the story")

// row is a manuscript as the database has it.
type row struct {
	story                           ref.Story
	version, base, folded, sequence int64
	changed                         time.Time
	by                              ref.Staff
	// stamp is of the transaction that wrote the row: no two have one.
	stamp int64
	doc   string
}

func scanRow(r db.Row) (m row, err error) {
	var changed int64
	err = r.Scan(&m.story, &m.version, &m.base, &m.folded, &m.sequence, &changed, &m.by, &m.stamp, &m.doc)
	m.changed = time.UnixMilli(changed).UTC()
	return m, err
}

// Read returns a story's document and its version. It begins the manuscript where there
// is none, and takes in what was saved elsewhere: the transaction must be one that
// writes.
func (r *Room) Read(tx *db.Tx, id ref.Story) (doc *prose.Node, version int64, err error) {
	m, doc, _, err := r.current(tx, id)
	return doc, m.version, err
}

// current locks a story and brings its manuscript up to its draft.
func (r *Room) current(tx *db.Tx, id ref.Story) (m row, doc *prose.Node, draft story.Draft, err error) {
	if err = r.stories.Lock(tx, id); err != nil {
		return m, nil, draft, err
	}
	if draft, err = r.stories.Draft(tx, id); err != nil {
		return m, nil, draft, err
	}
	m, err = db.Find(tx, scanRow, `select story, version, base, folded, sequence, changed, by, stamp, doc from manuscript where story = $1`, id)
	if errors.Is(err, db.ErrNotFound) {
		m, doc, err = r.begin(tx, draft)
		return m, doc, draft, err
	}
	if err != nil {
		return m, nil, draft, fmt.Errorf("manuscript of story %d: %w", id, err)
	}
	if m.doc == "" { // its steps had to be forgotten
		return r.renew(tx, m, draft)
	}
	if doc, err = r.document(tx, m); err != nil || m.sequence == draft.Sequence {
		return m, doc, draft, err
	}
	return r.follow(tx, m, doc, draft)
}

// begin makes a manuscript of a draft.
func (r *Room) begin(tx *db.Tx, d story.Draft) (m row, doc *prose.Node, err error) {
	doc = Document(r.schema, d.Content)
	m = row{story: d.ID, version: d.Sequence, base: d.Sequence, folded: d.Sequence, sequence: d.Sequence, changed: d.At, by: d.By, stamp: r.mint.Next(), doc: string(doc.JSON())}
	_, err = tx.Exec(`insert into manuscript (story, version, base, folded, sequence, changed, by, stamp, doc) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.story, m.version, m.base, m.folded, m.sequence, m.changed.UnixMilli(), m.by, m.stamp, m.doc)
	if err != nil {
		return m, nil, fmt.Errorf("begin the manuscript of story %d: %w", d.ID, err)
	}
	return m, doc, nil
}

// renew makes the document of the draft: what was written and not saved is forgotten.
func (r *Room) renew(tx *db.Tx, m row, d story.Draft) (row, *prose.Node, story.Draft, error) {
	doc := Document(r.schema, d.Content)
	m.doc, m.sequence, m.stamp = string(doc.JSON()), d.Sequence, r.mint.Next()
	_, err := tx.Exec(`update manuscript set doc = $1, sequence = $2, stamp = $3 where story = $4`, m.doc, m.sequence, m.stamp, m.story)
	if err != nil {
		return m, nil, d, fmt.Errorf("make the manuscript of story %d anew: %w", d.ID, err)
	}
	r.remember(m.story, m.stamp, doc)
	return m, doc, d, nil
}

// document is the document at a manuscript's version.
func (r *Room) document(tx *db.Tx, m row) (*prose.Node, error) {
	if doc := r.recall(m.story, m.stamp); doc != nil {
		return doc, nil
	}
	doc, err := r.schema.Parse([]byte(m.doc))
	if err != nil {
		return nil, fmt.Errorf("manuscript of story %d: %w", m.story, err)
	}
	steps, err := since(tx, m.story, m.base)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		if doc, err = r.apply(doc, s.Step); err != nil {
			return nil, fmt.Errorf("manuscript of story %d: %w", m.story, err)
		}
	}
	r.remember(m.story, m.stamp, doc)
	return doc, nil
}

func (r *Room) apply(doc *prose.Node, step []byte) (*prose.Node, error) {
	s, err := r.schema.ParseStep(step)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSteps, err)
	}
	if doc, err = s.Apply(doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSteps, err)
	}
	return doc, nil
}

func (r *Room) recall(id ref.Story, stamp int64) *prose.Node {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.kept[id]
	if e == nil {
		return nil
	}
	if k := e.Value.(*keptDoc); k.stamp == stamp {
		r.order.MoveToFront(e)
		return k.doc
	}
	return nil
}

// remember keeps a document under the stamp of who wrote it. A transaction that never
// came to be leaves one that nobody asks for.
func (r *Room) remember(id ref.Story, stamp int64, doc *prose.Node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.kept[id]; e != nil {
		r.order.Remove(e)
	}
	r.kept[id] = r.order.PushFront(&keptDoc{id, stamp, doc})
	if r.order.Len() > mostKept {
		last := r.order.Back()
		delete(r.kept, r.order.Remove(last).(*keptDoc).story)
	}
}

// follow makes the manuscript what was saved elsewhere. What was written and not folded
// becomes a save before, so that it is among the revisions.
func (r *Room) follow(tx *db.Tx, m row, doc *prose.Node, d story.Draft) (row, *prose.Node, story.Draft, error) {
	fail := func(err error) (row, *prose.Node, story.Draft, error) {
		return m, nil, d, fmt.Errorf("follow save %d of story %d: %w", d.Sequence, d.ID, err)
	}
	now := Document(r.schema, d.Content)
	if m.version > m.folded {
		written, err := r.save(tx, m.by, d, doc)
		if err != nil {
			return fail(err)
		}
		if d, err = r.stories.Save(tx, d.By, d.ID, written.Sequence, d.Content); err != nil {
			return fail(err)
		}
	}
	steps, err := prose.Diff(doc, now)
	if err != nil {
		return fail(err)
	}
	for _, s := range steps {
		raw, err := json.Marshal(s)
		if err != nil {
			return fail(err)
		}
		m.version++
		if err := r.log(tx, m, Logged{SavedElsewhere, d.By, raw}, d.At); err != nil {
			return fail(err)
		}
	}
	m.folded, m.sequence, m.changed, m.by = m.version, d.Sequence, d.At, d.By
	return m, now, d, r.write(tx, m, now)
}

// save saves a document over a draft.
func (r *Room) save(tx *db.Tx, by ref.Staff, over story.Draft, doc *prose.Node) (story.Draft, error) {
	content, err := Content(doc)
	if err != nil {
		return over, err
	}
	if problems := story.Check(content); len(problems) > 0 {
		return over, &Unfit{problems}
	}
	return r.stories.Save(tx, by, over.ID, over.Sequence, content)
}

func (r *Room) log(tx *db.Tx, m row, s Logged, at time.Time) error {
	_, err := tx.Exec(`insert into manuscript_step (story, version, client, by, at, step) values ($1, $2, $3, $4, $5, $6)`,
		m.story, m.version, s.Client, s.By, at.UnixMilli(), string(s.Step))
	if err != nil {
		return fmt.Errorf("write step %d of story %d: %w", m.version, m.story, err)
	}
	return nil
}

// write writes the manuscript's row, the whole document now and then.
func (r *Room) write(tx *db.Tx, m row, doc *prose.Node) (err error) {
	m.stamp = r.mint.Next()
	if m.version-m.base >= 2*snapshotEvery {
		if err := r.advance(tx, &m); err != nil {
			return err
		}
		_, err = tx.Exec(`update manuscript set version = $1, base = $2, folded = $3, sequence = $4, changed = $5, by = $6, stamp = $7, doc = $8 where story = $9`,
			m.version, m.base, m.folded, m.sequence, m.changed.UnixMilli(), m.by, m.stamp, m.doc, m.story)
	} else {
		_, err = tx.Exec(`update manuscript set version = $1, folded = $2, sequence = $3, changed = $4, by = $5, stamp = $6 where story = $7`,
			m.version, m.folded, m.sequence, m.changed.UnixMilli(), m.by, m.stamp, m.story)
	}
	if err != nil {
		return fmt.Errorf("write the manuscript of story %d: %w", m.story, err)
	}
	r.remember(m.story, m.stamp, doc)
	return nil
}

// advance moves the whole document that is kept up to a hundred steps before the last.
func (r *Room) advance(tx *db.Tx, m *row) error {
	doc, steps, err := r.past(tx, *m)
	if err != nil {
		return err
	}
	for _, s := range steps[:max(0, len(steps)-snapshotEvery)] {
		if doc, err = r.apply(doc, s.Step); err != nil {
			return err
		}
		m.base++
	}
	m.doc = string(doc.JSON())
	return nil
}

// Past is how a document came to be what it is: as it was some steps ago, and the steps
// since.
type Past struct {
	Version int64
	Doc     *prose.Node
	Steps   []Logged
}

// Opening is Read, with the way that led there: who writes on can undo it. version is
// that after all steps.
func (r *Room) Opening(tx *db.Tx, id ref.Story) (p Past, doc *prose.Node, version int64, err error) {
	m, doc, _, err := r.current(tx, id)
	if err != nil {
		return p, nil, 0, err
	}
	p.Version = m.base
	p.Doc, p.Steps, err = r.past(tx, m)
	return p, doc, m.version, err
}

func (r *Room) past(tx *db.Tx, m row) (*prose.Node, []Logged, error) {
	doc, err := r.schema.Parse([]byte(m.doc))
	if err != nil {
		return nil, nil, fmt.Errorf("manuscript of story %d: %w", m.story, err)
	}
	steps, err := since(tx, m.story, m.base)
	return doc, steps, err
}

// Append takes steps that were made on a version, and returns the version after them.
// When others wrote since it returns a *Behind, and nothing is changed; steps that do
// not fit are ErrSteps. They are durable once the transaction is.
func (r *Room) Append(tx *db.Tx, id ref.Story, by ref.Staff, client string, version int64, steps []json.RawMessage) (int64, error) {
	m, doc, _, err := r.current(tx, id)
	if err != nil {
		return 0, err
	}
	if version != m.version {
		behind, err := Since(tx, id, version)
		if err != nil {
			return 0, err
		}
		return 0, &behind
	}
	if len(steps) > MaxSteps {
		return 0, fmt.Errorf("%w: %d come together, and %d may", ErrSteps, len(steps), MaxSteps)
	}
	at := r.now()
	for _, raw := range steps {
		if doc, err = r.apply(doc, raw); err != nil {
			return 0, err
		}
		m.version++
		if err := r.log(tx, m, Logged{client, by, raw}, at); err != nil {
			return 0, err
		}
	}
	m.changed, m.by = at, by
	return m.version, r.write(tx, m, doc)
}

// Version is the version of a story's manuscript.
func Version(tx *db.Tx, id ref.Story) (int64, error) {
	return db.Find(tx, db.Value[int64], `select version from manuscript where story = $1`, id)
}

// Begun tells whether somebody has opened a story to write.
func Begun(tx *db.Tx, id ref.Story) (bool, error) {
	return db.Has(tx, `select story from manuscript where story = $1`, id)
}

// Since is what happened to a story since a version.
func Since(tx *db.Tx, id ref.Story, version int64) (b Behind, err error) {
	if b.Version, err = Version(tx, id); err != nil {
		return b, fmt.Errorf("manuscript of story %d: %w", id, err)
	}
	if b.Steps, err = since(tx, id, version); err != nil {
		return b, err
	}
	// Steps that are not kept, or too many to be read at once, make a gap.
	if b.Lost = int64(len(b.Steps)) != b.Version-version; b.Lost {
		b.Steps = nil
	}
	return b, nil
}

func since(tx *db.Tx, id ref.Story, version int64) ([]Logged, error) {
	steps, err := db.List(tx, func(r db.Row) (s Logged, err error) {
		var step string
		err = r.Scan(&s.Client, &s.By, &step)
		s.Step = json.RawMessage(step)
		return s, err
	}, `select client, by, step from manuscript_step where story = $1 and version > $2 order by version limit 5000`, id, version)
	if err != nil {
		return nil, fmt.Errorf("steps of story %d: %w", id, err)
	}
	return steps, nil
}

// Fold saves what was written as a revision of the draft, if it is not yet, and returns
// the draft. What cannot be saved yet (see story.Check) is a *Unfit.
func (r *Room) Fold(tx *db.Tx, id ref.Story) (story.Draft, error) {
	m, doc, draft, err := r.current(tx, id)
	if err != nil || m.folded == m.version {
		return draft, err
	}
	if draft, err = r.save(tx, m.by, draft, doc); err != nil {
		return draft, err
	}
	m.folded, m.sequence = m.version, draft.Sequence
	return draft, r.write(tx, m, doc)
}

// Unfit says why what was written cannot be a save yet. It is kept in the manuscript.
type Unfit struct{ Problems []story.Problem }

// Error names the first problem.
func (u *Unfit) Error() string { return u.Problems[0].Error() }

// Unfolded lists the stories that were written and not folded since a moment, the
// longest ago first.
func Unfolded(tx *db.Tx, before time.Time, limit int) ([]ref.Story, error) {
	return db.List(tx, db.Value[ref.Story], `select story from manuscript where version > folded and changed < $1 order by changed, story limit $2`, before.UnixMilli(), limit)
}
