package desk

import (
	"fmt"
	"slices"
	"time"

	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// todayPage is where a day begins: what needs somebody, what waits for who asks, what
// goes live and what is live.
type todayPage struct {
	Frame
	Day, Second string
	Needs       []need
	Mine        []item
	Scheduled   []item
	Live        []item
	Counts      []count
}

// need is what somebody must look after.
type need struct {
	// Mark is stop for what is wrong, warn for what presses.
	Mark, Href string
	Text, Sub  string
	Lang, Dir  string
}

// item is a story in a list of the desk.
type item struct {
	ID                      string
	Href                    string
	Headline, Lang, Dir     string
	Edition, Genre          string
	GenreKey                string
	State, StateKey, Mark   string
	Writer, Editor, SavedBy string
	When, Due, Deadline     string
	Late                    bool
	Notes                   string
	Embargo                 string
	Section                 string
	Behind                  bool
	Guarded                 bool
}

// count is how many stories are in a state.
type count struct{ Text, Number, Href string }

// mostToday bounds the lists of the page.
const mostToday = 12

func (d *Desk) todayPage(v *visit) error {
	now := d.Now().In(v.here.Location())
	l := v.here.Locale()
	page := todayPage{Frame: v.frame(v.words.T("today.title")), Day: l.LongDate(now), Second: l.SecondDate(now)}
	err := v.view(func(tx *db.Tx) error {
		names, err := v.names(tx)
		if err != nil {
			return err
		}
		sections, err := v.sectionNames(tx)
		if err != nil {
			return err
		}
		if err := d.needs(v, tx, &page, names); err != nil {
			return err
		}
		mine, err := planning.List(tx, planning.Filter{With: v.by(), State: story.Writing}, 0, mostToday)
		if err != nil {
			return err
		}
		for _, w := range mine {
			page.Mine = append(page.Mine, v.item(w, names, sections))
		}
		due, err := planning.List(tx, planning.Filter{State: story.Scheduled}, 0, 100)
		if err != nil {
			return err
		}
		slices.SortFunc(due, func(a, b planning.Work) int { return a.Due.Compare(b.Due) })
		for _, w := range due {
			page.Scheduled = append(page.Scheduled, v.item(w, names, sections))
		}
		live, err := planning.Live(tx, mostToday)
		if err != nil {
			return err
		}
		for _, w := range live {
			page.Live = append(page.Live, v.item(w, names, sections))
		}
		counts, err := planning.Count(tx, "")
		for _, key := range []string{"idea", "writing", "editing", "ready", "scheduled", "withdrawn"} {
			page.Counts = append(page.Counts, count{v.words.T("stage." + key), v.number(counts[key]), lane(key)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.page("today", page)
}

// lane is the list of the stories of a stage or a state.
func lane(key string) string {
	if slices.Contains(planning.Stages(), planning.Stage(key)) {
		return Prefix + "stories?view=list&stage=" + key
	}
	return Prefix + "stories?view=list&state=" + key
}

// needs gathers what went wrong and what presses, the worst first.
func (d *Desk) needs(v *visit, tx *db.Tx, page *todayPage, names map[ref.Staff]string) error {
	now := d.Now()
	waived, err := planning.Unmended(tx, mostToday)
	if err != nil {
		return err
	}
	for _, w := range waived {
		n := need{Mark: "warn", Text: v.words.T("today.repair", v.clock(w.Until)), Sub: v.words.T("today.repair.by", names[w.By]) + " · " + w.Reason}
		if now.After(w.Until) {
			n.Mark, n.Text = "stop", v.words.T("today.repair.late", v.clock(w.Until))
		}
		if err := v.about(tx, &n, w.Story); err != nil {
			return err
		}
		page.Needs = append(page.Needs, n)
	}
	failed, err := publish.FailedReceipts(tx, mostToday)
	if err != nil {
		return err
	}
	for _, r := range failed {
		n := need{Mark: "stop", Text: v.words.T("today.unseen", v.clock(r.Done))}
		if err := v.about(tx, &n, r.Story); err != nil {
			return err
		}
		page.Needs = append(page.Needs, n)
	}
	plans, err := d.Desk.AllPlanned(tx, story.Cursor{}, 100)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if p.Failure == "" {
			continue
		}
		n := need{Mark: "stop", Text: v.words.T("today.notlive", v.clock(p.At))}
		if err := v.about(tx, &n, p.Story); err != nil {
			return err
		}
		page.Needs = append(page.Needs, n)
	}
	late, err := planning.Late(tx, now, mostToday)
	if err != nil {
		return err
	}
	for _, p := range late {
		n := need{Mark: "warn", Text: v.words.T("today.late", v.clock(p.Deadline)), Sub: names[p.Writer]}
		if err := v.about(tx, &n, p.Story); err != nil {
			return err
		}
		page.Needs = append(page.Needs, n)
	}
	return nil
}

// about names the story that needs somebody.
func (v *visit) about(tx *db.Tx, n *need, id ref.Story) error {
	draft, err := v.desk.Stories.Draft(tx, id)
	if err != nil {
		return err
	}
	e, _ := v.edition(draft.Edition)
	n.Href, n.Lang, n.Dir = Prefix+"stories/"+fmt.Sprint(int64(id)), e.Language, e.Direction()
	headline := v.titleOf(draft.Content.Headline)
	if n.Sub == "" {
		n.Sub = headline
	} else {
		n.Sub = headline + " · " + n.Sub
	}
	return nil
}

// titleOf is a headline, or what stands for an empty one.
func (v *visit) titleOf(headline string) string {
	if headline == "" {
		return v.words.T("story.untitled")
	}
	return headline
}

// item makes a story ready for a list.
func (v *visit) item(w planning.Work, names map[ref.Staff]string, sections map[ref.Section]string) item {
	e, _ := v.edition(w.Edition)
	id := fmt.Sprint(int64(w.Story))
	i := item{ID: id, Href: Prefix + "stories/" + id, Headline: v.titleOf(w.Headline), Lang: e.Language, Dir: e.Direction(), Edition: e.Key,
		Genre: v.words.T("genre." + string(w.Genre)), GenreKey: string(w.Genre), Section: sections[w.Section], SavedBy: names[w.SavedBy], When: v.ago(w.Saved), Behind: w.Behind, Guarded: w.Guarded}
	if w.Headline == "" {
		i.Lang, i.Dir = v.tongue, ""
	}
	if w.Writer != 0 {
		i.Writer = names[w.Writer]
	}
	if w.Editor != 0 {
		i.Editor = names[w.Editor]
	}
	if w.Guarded && !v.closeTo(w) {
		i.Headline, i.Writer, i.Editor, i.SavedBy = v.words.T("story.guarded"), "", "", ""
		i.Lang, i.Dir = v.tongue, ""
	}
	i.StateKey = stateKey(w.State, w.Stage)
	i.State, i.Mark = v.words.T("stage."+i.StateKey), marks[i.StateKey]
	if !w.Due.IsZero() {
		i.Due = v.clock(w.Due)
	}
	if !w.Deadline.IsZero() && w.State == story.Writing {
		i.Deadline, i.Late = v.clock(w.Deadline), v.desk.Now().After(w.Deadline)
	}
	if w.Open > 0 {
		i.Notes = v.number(w.Open)
	}
	if w.Embargo.After(v.desk.Now()) {
		i.Embargo = v.clock(w.Embargo)
	}
	if w.State == story.Published {
		i.When = v.clock(w.Published)
		if !w.Updated.IsZero() {
			i.When = v.clock(w.Updated)
		}
	}
	return i
}

// closeTo tells whether who asks needs to know who is behind a guarded story.
func (v *visit) closeTo(w planning.Work) bool {
	return w.Writer == v.by() || w.Editor == v.by() || w.SavedBy == v.by() || v.who.May("publish")
}

// stateKey is where a story is, in one word of the desk.
func stateKey(state story.State, stage planning.Stage) string {
	if state == story.Writing {
		return string(stage)
	}
	return string(state)
}

// marks are the shapes of the states: a filled dot for what is live, a diamond for what
// waits for somebody, a square for what is wrong, a ring for all else.
var marks = map[string]string{"published": "live", "editing": "warn", "ready": "ok", "scheduled": "ok", "withdrawn": "stop"}

// dayAgo is how long the board shows what went live.
const dayAgo = 48 * time.Hour
