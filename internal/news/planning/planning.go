// Package planning is what the newsroom agrees about a story that is not out yet: how
// far it is, with whom, until when, and the notes on its text. It changes no text and
// makes nothing live.
package planning

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Stage is how far an unpublished story is.
type Stage string

// The stages, in their order.
const (
	Idea    Stage = "idea"
	Writing Stage = "writing"
	Editing Stage = "editing"
	Ready   Stage = "ready"
)

// Stages lists them.
func Stages() []Stage { return []Stage{Idea, Writing, Editing, Ready} }

// ErrStage says that a text is no stage.
var ErrStage = errors.New("not a stage we know")

// Plan is what was agreed about a story. A story of which nothing was agreed is being
// written by who saved it last.
type Plan struct {
	Story ref.Story
	Stage Stage
	// Writer and Editor are with whom it is; 0 for nobody.
	Writer, Editor ref.Staff
	// Deadline is when it should be ready; zero for none.
	Deadline time.Time
	// Guarded says that nothing of the story is kept in a browser, and that names are
	// shown to those alone who need them.
	Guarded bool
	Changed time.Time
	By      ref.Staff
}

// Of reads what was agreed about a story.
func Of(tx *db.Tx, id ref.Story) (Plan, error) {
	p, err := db.Find(tx, scan, `select story, stage, writer, editor, deadline, guarded, changed_at, by from plan where story = $1`, id)
	if errors.Is(err, db.ErrNotFound) {
		return Plan{Story: id, Stage: Writing}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the plan of story %d: %w", id, err)
	}
	return p, nil
}

func scan(r db.Row) (p Plan, err error) {
	var deadline, changed int64
	if err := r.Scan(&p.Story, &p.Stage, &p.Writer, &p.Editor, &deadline, &p.Guarded, &changed, &p.By); err != nil {
		return p, err
	}
	if deadline > 0 {
		p.Deadline = time.UnixMilli(deadline).UTC()
	}
	p.Changed = time.UnixMilli(changed).UTC()
	return p, nil
}

// Put writes what was agreed.
func Put(tx *db.Tx, p Plan) error {
	if !slices.Contains(Stages(), p.Stage) {
		return fmt.Errorf("%.50q: %w", p.Stage, ErrStage)
	}
	deadline := int64(0)
	if !p.Deadline.IsZero() {
		deadline = p.Deadline.UnixMilli()
	}
	_, err := tx.Exec(`insert into plan (story, stage, writer, editor, deadline, guarded, changed_at, by) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (story) do update set stage = excluded.stage, writer = excluded.writer, editor = excluded.editor, deadline = excluded.deadline,
			guarded = excluded.guarded, changed_at = excluded.changed_at, by = excluded.by`,
		p.Story, p.Stage, p.Writer, p.Editor, deadline, p.Guarded, p.Changed.UnixMilli(), p.By)
	if err != nil {
		return fmt.Errorf("write the plan of story %d: %w", p.Story, err)
	}
	return nil
}

// Work is a story in a list of the desk: what it is, and what was agreed about it.
type Work struct {
	Plan
	Edition string
	State   story.State
	// Sequence is of its last save, Saved and SavedBy when and by whom.
	Sequence int64
	Headline string
	Genre    story.Genre
	Section  ref.Section
	Embargo  time.Time
	Saved    time.Time
	SavedBy  ref.Staff
	// Published is when it first went live, Updated when its text last changed there;
	// Behind says that what was saved since is not live.
	Published, Updated time.Time
	Behind             bool
	// Due is when it goes live by itself; Failure why it did not.
	Due     time.Time
	Failure string
	// Open counts the notes that nobody settled.
	Open int
}

// Filter chooses stories. Its zero value chooses all that are not set aside.
type Filter struct {
	Edition string
	Section ref.Section
	Genre   story.Genre
	State   story.State
	Stage   Stage
	// With is whose work it is: theirs to write, to edit, or saved by them last.
	With ref.Staff
	// Text stands in the headline; small and capital letters of ASCII are one.
	Text string
	// Since leaves out what readers have had for longer.
	Since time.Time
}

// List lists stories, those that changed last first.
func List(tx *db.Tx, f Filter, before ref.Story, limit int) ([]Work, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	like := ""
	if f.Text != "" {
		like = "%" + lang.Like(f.Text) + "%"
	}
	return db.List(tx, scanWork, `select story, stage, writer, editor, deadline, guarded, changed_at, planned_by, edition, state, sequence, headline, genre, section, embargo, saved_at, saved_by, published, updated, behind, due, failure, notes from work
		where story < $1 and (edition = $2 or $2 = '') and (state = $3 or $3 = '' and state <> 'binned')
			and ($4 = '' or stage = $4 and state = 'writing')
			and (cast($5 as bigint) = 0 or writer = $5 or editor = $5 or saved_by = $5)
			and ($6 = '' or genre = $6)
			and ($7 = '0' or section = $7)
			and ($8 = '' or lower(headline) like lower($8) escape '\')
			and (cast($9 as bigint) = 0 or published = 0 or published >= $9 or saved_at >= $9)
		order by story desc limit $10`,
		before, f.Edition, f.State, f.Stage, f.With, f.Genre, fmt.Sprint(int64(f.Section)), like, millis(f.Since), limit)
}

// Live lists the stories that readers have, the last changed first; standing pages are
// left out.
func Live(tx *db.Tx, limit int) ([]Work, error) {
	return db.List(tx, scanWork, `select story, stage, writer, editor, deadline, guarded, changed_at, planned_by, edition, state, sequence, headline, genre, section, embargo, saved_at, saved_by, published, updated, behind, due, failure, notes from work
		where state = 'published' and genre <> 'page'
		order by case when updated > 0 then updated else published end desc, story desc limit $1`, limit)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is a time of the database; zero for 0.
func moment(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMilli(at).UTC()
}

func scanWork(r db.Row) (w Work, err error) {
	var deadline, changed, embargo, saved, published, updated, due int64
	err = r.Scan(&w.Story, &w.Stage, &w.Writer, &w.Editor, &deadline, &w.Guarded, &changed, &w.Plan.By,
		&w.Edition, &w.State, &w.Sequence, &w.Headline, &w.Genre, &w.Section, &embargo, &saved, &w.SavedBy, &published, &updated, &w.Behind, &due, &w.Failure, &w.Open)
	w.Deadline, w.Changed, w.Embargo, w.Saved = moment(deadline), moment(changed), moment(embargo), moment(saved)
	w.Published, w.Updated, w.Due = moment(published), moment(updated), moment(due)
	return w, err
}

// Late lists the plans of stories that should have been ready by now, the latest last.
func Late(tx *db.Tx, now time.Time, limit int) ([]Plan, error) {
	return db.List(tx, scan, `select p.story, p.stage, p.writer, p.editor, p.deadline, p.guarded, p.changed_at, p.by from plan p join story s on s.id = p.story
		where p.deadline > 0 and p.deadline < $1 and p.stage <> 'ready' and s.state = 'writing' order by p.deadline, p.story limit $2`, now.UnixMilli(), limit)
}

// Count tells how many stories are in a state, or in a stage of writing.
func Count(tx *db.Tx, edition string) (map[string]int, error) {
	type group struct {
		state, stage string
		n            int
	}
	all, err := db.List(tx, func(r db.Row) (g group, err error) {
		return g, r.Scan(&g.state, &g.stage, &g.n)
	}, `select s.state, coalesce(p.stage, 'writing'), count(*) from story s left join plan p on p.story = s.id
		where (s.edition = $1 or $1 = '') and s.state in ('writing', 'scheduled', 'withdrawn') and s.batch not in (select id from batch where state <> 'live')
		group by s.state, coalesce(p.stage, 'writing') order by 1, 2 limit 100`, edition)
	counts := map[string]int{}
	for _, g := range all {
		if g.state == string(story.Writing) {
			counts[g.stage] += g.n
		} else {
			counts[g.state] += g.n
		}
	}
	return counts, err
}
