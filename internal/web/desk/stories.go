package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// storiesPage is all work as a board or as a list.
type storiesPage struct {
	Frame
	// Board says that it is a board.
	Board bool
	Lanes []laneView
	Items []item
	// Asked is what was asked for, Query the same as an address has it.
	Asked    map[string]string
	Query    string
	AsBoard  string
	AsList   string
	Older    string
	Editions []choice
	Sections []choice
	Genres   []choice
	States   []choice
	Views    []savedView
	People   []choice
	Stages   []choice
}

// laneView is a column of the board.
type laneView struct {
	Key, Title string
	Items      []item
	Count      string
	// More leads to all of a lane that has more than it shows.
	More string
}

// savedView is a list that somebody keeps.
type savedView struct{ ID, Name, Href string }

// Lengths of the lists.
const (
	listLength  = 50
	boardLength = 400
	laneLength  = 40
)

// askable are the parameters of the list.
var askable = []string{"view", "edition", "section", "genre", "state", "stage", "with", "q"}

// filter reads what is asked for. What cannot be is as if it was not asked.
func (v *visit) filter(q url.Values) (f planning.Filter, kept url.Values) {
	kept = url.Values{}
	for _, name := range askable {
		if text := strings.TrimSpace(q.Get(name)); text != "" && len(text) <= 200 {
			if _, _, bad := lang.Control(text); !bad {
				kept.Set(name, text)
			}
		}
	}
	if _, ok := v.edition(kept.Get("edition")); ok {
		f.Edition = kept.Get("edition")
	}
	if id, err := ref.Parse[ref.Section](kept.Get("section")); err == nil {
		f.Section = id
	}
	if g := story.Genre(kept.Get("genre")); g.Valid() {
		f.Genre = g
	}
	if s := story.State(kept.Get("state")); s.Valid() {
		f.State = s
	}
	if s := planning.Stage(kept.Get("stage")); slices.Contains(planning.Stages(), s) {
		f.Stage = s
	}
	if kept.Get("with") == "me" {
		f.With = v.by()
	}
	f.Text = kept.Get("q")
	return f, kept
}

func (v *visit) sectionNames(tx *db.Tx) (map[ref.Section]string, error) {
	all, err := section.All(tx)
	names := map[ref.Section]string{}
	for _, s := range all {
		names[s.ID] = s.Name
	}
	return names, err
}

func (d *Desk) storiesPage(v *visit) error {
	f, kept := v.filter(v.URL.Query())
	page := storiesPage{Frame: v.frame(v.words.T("stories.title")), Board: kept.Get("view") != "list", Asked: map[string]string{}}
	for name := range kept {
		page.Asked[name] = kept.Get(name)
	}
	page.Query = kept.Encode()
	page.AsBoard, page.AsList = with(kept, "view", ""), with(kept, "view", "list")
	before, err := ref.Parse[ref.Story](v.URL.Query().Get("before"))
	if err != nil {
		before = 0
	}
	err = v.view(func(tx *db.Tx) error {
		names, err := v.names(tx)
		if err != nil {
			return err
		}
		sections, err := v.sectionNames(tx)
		if err != nil {
			return err
		}
		if err := page.choices(v, tx, f); err != nil {
			return err
		}
		if page.Board {
			f.State, f.Stage, f.Since = "", "", d.Now().Add(-dayAgo)
			all, err := planning.List(tx, f, 0, boardLength)
			page.lanes(v, all, names, sections, kept)
			return err
		}
		all, err := planning.List(tx, f, before, listLength+1)
		if len(all) > listLength {
			all = all[:listLength]
			page.Older = with(kept, "before", fmt.Sprint(int64(all[listLength-1].Story)))
		}
		for _, w := range all {
			page.Items = append(page.Items, v.item(w, names, sections))
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.page("stories", page)
}

// with is the address of the list with one parameter set otherwise.
func with(kept url.Values, name, value string) string {
	other := url.Values{}
	for key := range kept {
		other.Set(key, kept.Get(key))
	}
	other.Set(name, value)
	if value == "" {
		other.Del(name)
	}
	if len(other) == 0 {
		return Prefix + "stories"
	}
	return Prefix + "stories?" + other.Encode()
}

// board are the columns, in their order.
var board = []string{"idea", "writing", "editing", "ready", "scheduled", "published", "withdrawn"}

func (p *storiesPage) lanes(v *visit, all []planning.Work, names map[ref.Staff]string, sections map[ref.Section]string, kept url.Values) {
	byKey := map[string][]item{}
	for _, w := range all {
		i := v.item(w, names, sections)
		byKey[i.StateKey] = append(byKey[i.StateKey], i)
	}
	for _, key := range board {
		items := byKey[key]
		if key == "withdrawn" && len(items) == 0 {
			continue
		}
		l := laneView{Key: key, Title: v.words.T("stage." + key), Count: v.number(len(items)), Items: items[:min(len(items), laneLength)]}
		if len(items) > laneLength || key == "published" {
			at := url.Values{"view": {"list"}}
			for name := range kept {
				at.Set(name, kept.Get(name))
			}
			at.Set("view", "list")
			if slices.Contains(planning.Stages(), planning.Stage(key)) {
				at.Set("stage", key)
			} else {
				at.Set("state", key)
			}
			l.More = Prefix + "stories?" + at.Encode()
		}
		p.Lanes = append(p.Lanes, l)
	}
}

// choices are what can be asked for.
func (p *storiesPage) choices(v *visit, tx *db.Tx, f planning.Filter) error {
	p.Editions = slices.Clone(p.Frame.Editions)
	for n := range p.Editions {
		p.Editions[n].Chosen = p.Editions[n].Value == f.Edition
	}
	sections, err := section.All(tx)
	if err != nil {
		return err
	}
	for _, s := range sections {
		if f.Edition == "" || s.Edition == f.Edition {
			e, _ := v.edition(s.Edition)
			p.Sections = append(p.Sections, choice{Value: fmt.Sprint(int64(s.ID)), Text: s.Name, Lang: e.Language, Dir: e.Direction(), Chosen: s.ID == f.Section})
		}
	}
	for _, g := range story.AllGenres() {
		p.Genres = append(p.Genres, choice{Value: string(g), Text: v.words.T("genre." + string(g)), Chosen: g == f.Genre})
	}
	for _, key := range append(slices.Clone(board), "binned") {
		name := "state"
		if slices.Contains(planning.Stages(), planning.Stage(key)) {
			name = "stage"
		}
		p.States = append(p.States, choice{Value: name + "=" + key, Text: v.words.T("stage." + key), Chosen: string(f.Stage) == key || string(f.State) == key})
	}
	for _, s := range planning.Stages() {
		p.Stages = append(p.Stages, choice{Value: string(s), Text: v.words.T("stage." + string(s))})
	}
	people, err := staff.All(tx)
	if err != nil {
		return err
	}
	for _, one := range people {
		if one.Disabled.IsZero() {
			p.People = append(p.People, choice{Value: fmt.Sprint(int64(one.ID)), Text: one.Shown(v.who)})
		}
	}
	views, err := planning.Views(tx, v.by())
	for _, one := range views {
		p.Views = append(p.Views, savedView{strconv.FormatInt(one.ID, 10), one.Name, Prefix + "stories?" + one.Query})
	}
	return err
}

func (d *Desk) saveView(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	asked, err := url.ParseQuery(form.Get("query"))
	if err != nil {
		return &problem{status: http.StatusBadRequest, key: "fault.form"}
	}
	_, kept := v.filter(asked)
	err = v.update(func(tx *db.Tx) error {
		return planning.KeepView(tx, planning.View{ID: d.Mint.Next(), Staff: v.by(), Name: form.Get("name"), Query: kept.Encode()})
	})
	if errors.Is(err, planning.ErrView) {
		return invalid("name", "fault.view")
	}
	if err != nil {
		return err
	}
	return v.see(Prefix + "stories?" + kept.Encode() + "&done=view")
}

func (d *Desk) removeView(v *visit) error {
	id, err := strconv.ParseInt(v.PathValue("view"), 10, 64)
	if err != nil {
		return errNowhere
	}
	if err := v.update(func(tx *db.Tx) error { return planning.DropView(tx, v.by(), id) }); err != nil {
		return err
	}
	return v.see(Prefix + "stories?done=removed")
}

// beginPage asks what a new story is.
type beginPage struct {
	Frame
	Genres   []choice
	Sections []choice
	Typed    url.Values
}

func (d *Desk) beginPage(v *visit) error { return d.showBegin(v, http.StatusOK, v.URL.Query(), "") }

func (d *Desk) showBegin(v *visit, status int, typed url.Values, fault string) error {
	page := beginPage{Frame: v.frame(v.words.T("begin.title")), Typed: typed}
	page.Fault = fault
	wanted := cmp.Or(typed.Get("edition"), v.here.Key)
	for n := range page.Frame.Editions {
		page.Frame.Editions[n].Chosen = page.Frame.Editions[n].Value == wanted
	}
	for _, g := range story.AllGenres() {
		page.Genres = append(page.Genres, choice{Value: string(g), Text: v.words.T("genre." + string(g)), Chosen: string(g) == cmp.Or(typed.Get("genre"), string(story.News))})
	}
	return v.pageAs(status, "begin", page)
}

// begin begins a story, as an idea or to be written at once.
func (d *Desk) begin(v *visit) error {
	form, err := v.fields()
	if err != nil {
		return err
	}
	e, ok := v.edition(form.Get("edition"))
	if !ok {
		return d.showBegin(v, http.StatusUnprocessableEntity, form, v.words.T("fault.edition"))
	}
	if !v.who.Person.Reaches(e.Key, 0) {
		return d.showBegin(v, http.StatusForbidden, form, v.words.T("fault.bounds"))
	}
	c := story.Content{Headline: strings.TrimSpace(form.Get("headline")), Genre: story.Genre(form.Get("genre"))}
	if problems := story.Check(c); len(problems) > 0 {
		found := v.findings(problems)
		return d.showBegin(v, http.StatusUnprocessableEntity, form, found[0].Sentence)
	}
	var id ref.Story
	err = v.update(func(tx *db.Tx) error {
		draft, err := d.Stories.Create(tx, v.by(), e.Key, 0, 0, c)
		if err != nil {
			return err
		}
		id = draft.ID
		stage := planning.Writing
		if form.Get("stage") == string(planning.Idea) {
			stage = planning.Idea
		}
		d.note(v, "story.begun", storySubject(id), tx)
		return planning.Put(tx, planning.Plan{Story: id, Stage: stage, Writer: v.by(), Guarded: v.who.Person.AtRisk, Changed: d.Now(), By: v.by()})
	})
	if err != nil {
		return err
	}
	return v.see(Prefix + "stories/" + fmt.Sprint(int64(id)))
}

func storySubject(id ref.Story) string { return fmt.Sprint("story:", int64(id)) }

// reaches reads a draft and refuses who may not change what stands there. Without a
// transaction that locks, it is for looking only.
func (v *visit) reaches(tx *db.Tx, id ref.Story) (story.Draft, error) {
	draft, err := v.desk.Stories.Draft(tx, id)
	if err != nil {
		return draft, err
	}
	if !v.who.Person.Reaches(draft.Edition, draft.Content.Section) {
		return draft, &problem{status: http.StatusForbidden, key: "fault.bounds"}
	}
	return draft, nil
}

// planStory changes what was agreed about a story: only what the form names.
func (d *Desk) planStory(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	form, err := v.fields()
	if err != nil {
		return err
	}
	var before planning.Plan
	err = v.update(func(tx *db.Tx) error {
		if err := d.Stories.Lock(tx, id); err != nil {
			return err
		}
		draft, err := v.reaches(tx, id)
		if err != nil {
			return err
		}
		p, err := planning.Of(tx, id)
		if err != nil {
			return err
		}
		before = p
		if err := v.plan(tx, &p, draft, form); err != nil {
			return err
		}
		p.Changed, p.By = d.Now(), v.by()
		d.note(v, "story.planned", storySubject(id), tx)
		return planning.Put(tx, p)
	})
	if errors.Is(err, planning.ErrStage) {
		return invalid("stage", "fault.stage")
	}
	if err != nil {
		return err
	}
	d.rooms.changed(id)
	if v.scripted() {
		undo := map[string]string{"stage": string(before.Stage), "writer": fmt.Sprint(int64(before.Writer)), "editor": fmt.Sprint(int64(before.Editor)), "deadline": ""}
		if !before.Deadline.IsZero() {
			undo["deadline"] = before.Deadline.Format(time.RFC3339)
		}
		return v.json(http.StatusOK, map[string]any{"undo": undo})
	}
	return v.see(local(cmp.Or(form.Get("next"), Prefix+"stories?done=moved")))
}

// plan takes over what a form says.
func (v *visit) plan(tx *db.Tx, p *planning.Plan, draft story.Draft, form url.Values) error {
	if form.Has("stage") {
		if draft.State != story.Writing {
			return &problem{status: http.StatusConflict, key: "fault.staged"}
		}
		p.Stage = planning.Stage(form.Get("stage"))
	}
	for name, into := range map[string]*ref.Staff{"writer": &p.Writer, "editor": &p.Editor} {
		text := form.Get(name)
		if !form.Has(name) {
			continue
		}
		if *into = 0; text == "" || text == "0" {
			continue
		}
		id, err := ref.Parse[ref.Staff](text)
		if err != nil {
			return invalid(name, "fault.person")
		}
		someone, err := staff.ByID(tx, id)
		if errors.Is(err, db.ErrNotFound) || err == nil && !someone.Disabled.IsZero() {
			return invalid(name, "fault.person")
		}
		if err != nil {
			return err
		}
		*into = id
	}
	if form.Has("deadline") {
		at, err := v.moment(form.Get("deadline"))
		if err != nil {
			return invalid("deadline", "fault.time")
		}
		p.Deadline = at
	}
	if form.Has("guarded") {
		p.Guarded = form.Get("guarded") == "on"
	}
	return nil
}

// moment reads a time: as a browser's field has it, in the zone of the desk, or with its
// own zone. Empty is none.
func (v *visit) moment(text string) (time.Time, error) {
	text = lang.ASCIIDigits(strings.TrimSpace(text))
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	var first error
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(form, text, v.here.Location())
		if err == nil {
			return at.UTC(), nil
		}
		first = cmp.Or(first, err)
	}
	return time.Time{}, first
}

// found is what the palette finds.
type found struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Sub  string `json:"sub,omitempty"`
	Href string `json:"href,omitempty"`
	ID   string `json:"id,omitempty"`
	Lang string `json:"lang,omitempty"`
	Dir  string `json:"dir,omitempty"`
}

// mostFound bounds what the palette shows of a kind.
const mostFound = 8

// find finds stories, topics and authors by the beginnings of their words.
func (d *Desk) find(v *visit) error {
	q := strings.TrimSpace(v.URL.Query().Get("q"))
	kind, editionKey := v.URL.Query().Get("kind"), v.URL.Query().Get("edition")
	if _, _, bad := lang.Control(q); bad || len(q) > 200 {
		return invalid("q", "fault.control")
	}
	all := []found{}
	err := v.view(func(tx *db.Tx) error {
		if kind == "" || kind == "story" {
			f := planning.Filter{Text: q}
			if _, ok := v.edition(editionKey); ok {
				f.Edition = editionKey
			}
			works, err := planning.List(tx, f, 0, mostFound)
			if err != nil {
				return err
			}
			names, err := v.names(tx)
			if err != nil {
				return err
			}
			for _, w := range works {
				i := v.item(w, names, nil)
				all = append(all, found{"story", i.Headline, strings.ToUpper(i.Edition) + " · " + i.State, i.Href, i.ID, i.Lang, i.Dir})
			}
		}
		if kind == "topic" {
			return v.findTopics(tx, q, editionKey, &all)
		}
		if kind == "author" {
			return v.findAuthors(tx, q, editionKey, &all)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{"found": all})
}
