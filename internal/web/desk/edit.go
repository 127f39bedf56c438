package desk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/prose"
)

// editPage is the editor. Data is what its script begins with.
type editPage struct {
	Frame
	Headline string
	Data     editData
	// Text is what was written, for who has no script.
	Text string
}

// editData is what the editor's script begins with.
type editData struct {
	Story   string      `json:"story"`
	Edition editionData `json:"edition"`
	Version int64       `json:"version"`
	// Past is the document some steps ago and the steps since: it can be undone.
	Past   pastData        `json:"past"`
	Schema json.RawMessage `json:"schema"`
	// Client tells this window from others of the same person.
	Client string   `json:"client"`
	Me     meData   `json:"me"`
	May    []string `json:"may"`
	// Secret encrypts what is kept in the browser; empty where nothing may be.
	Secret string `json:"secret,omitempty"`
	// Base begins the addresses of the story.
	Base     string            `json:"base"`
	Sections []nameData        `json:"sections"`
	Genres   []nameData        `json:"genres"`
	Names    material          `json:"names"`
	State    stateData         `json:"state"`
	Words    map[string]string `json:"words"`
	Zone     string            `json:"zone"`
	Digits   string            `json:"digits"`
	Tongue   string            `json:"tongue"`
}

// pastData is a document with what led on from it.
type pastData struct {
	Version int64           `json:"version"`
	Doc     json.RawMessage `json:"doc"`
	Steps   []stepData      `json:"steps"`
}

type editionData struct {
	Key  string `json:"key"`
	Lang string `json:"lang"`
	Dir  string `json:"dir"`
	Name string `json:"name"`
}

type meData struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Quiet bool   `json:"quiet"`
}

type nameData struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// material is what a story points at, by identity.
type material struct {
	Topics  map[string]topicData   `json:"topics"`
	Authors map[string]string      `json:"authors"`
	Stories map[string]string      `json:"stories"`
	Assets  map[string]pictureData `json:"assets"`
}

type topicData struct {
	Name       string `json:"name"`
	Definition string `json:"definition,omitempty"`
}

type pictureData struct {
	Src     string `json:"src,omitempty"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Kind    string `json:"kind"`
	Alt     string `json:"alt,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"credit,omitempty"`
}

// stateData is how a story stands, for the editor's panel.
type stateData struct {
	State    string        `json:"state"`
	Key      string        `json:"key"`
	Mark     string        `json:"mark"`
	Sequence int64         `json:"sequence"`
	Live     *liveData     `json:"live,omitempty"`
	Schedule *scheduleData `json:"schedule,omitempty"`
	Embargo  *embargoData  `json:"embargo,omitempty"`
	Receipt  *receiptData  `json:"receipt,omitempty"`
	Checks   []finding     `json:"checks"`
	Notes    []noteData    `json:"notes"`
	Plan     planData      `json:"plan"`
	People   []nameData    `json:"people"`
	Stages   []nameData    `json:"stages"`
	Waived   []waivedData  `json:"waived,omitempty"`
	Twins    []twinData    `json:"twins,omitempty"`
	Gone     string        `json:"gone,omitempty"`
}

type liveData struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
	Address string `json:"address"`
	At      string `json:"at"`
	Behind  bool   `json:"behind"`
}

type scheduleData struct {
	At      string `json:"at"`
	Text    string `json:"text"`
	Failure string `json:"failure,omitempty"`
}

type embargoData struct {
	Until  string `json:"until"`
	Left   string `json:"left"`
	ISO    string `json:"iso"`
	Source string `json:"source,omitempty"`
	Terms  string `json:"terms,omitempty"`
	By     string `json:"by,omitempty"`
	Second string `json:"second,omitempty"`
	// Signable says that who asks may be the second to sign.
	Signable bool `json:"signable"`
}

type receiptData struct {
	State   string     `json:"state"`
	Mark    string     `json:"mark"`
	Summary string     `json:"summary"`
	Version string     `json:"version"`
	Lines   []lineData `json:"lines"`
	Doubt   bool       `json:"doubt"`
}

type lineData struct {
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	At   string `json:"at,omitempty"`
	Sub  string `json:"sub,omitempty"`
}

type noteData struct {
	ID     string `json:"id"`
	Parent string `json:"parent,omitempty"`
	Block  string `json:"block,omitempty"`
	Quote  string `json:"quote,omitempty"`
	Text   string `json:"text"`
	By     string `json:"by"`
	At     string `json:"at"`
	Done   string `json:"done,omitempty"`
}

type planData struct {
	Stage    string `json:"stage"`
	Writer   string `json:"writer"`
	Editor   string `json:"editor"`
	Deadline string `json:"deadline,omitempty"`
	Until    string `json:"until,omitempty"`
	Late     bool   `json:"late,omitempty"`
	Guarded  bool   `json:"guarded"`
}

type waivedData struct {
	Text string `json:"text"`
	Late bool   `json:"late"`
}

type twinData struct {
	Edition string `json:"edition"`
	Text    string `json:"text"`
	Href    string `json:"href"`
	State   string `json:"state"`
}

// finding is what a check found, and where.
type finding struct {
	Key string `json:"key"`
	// Must says that it blocks a publication.
	Must     bool   `json:"must"`
	Field    string `json:"field"`
	Place    string `json:"place,omitempty"`
	Sentence string `json:"sentence"`
	// Waivable says that a publication may go out before it is mended.
	Waivable bool `json:"waivable,omitempty"`
}

func (d *Desk) editPage(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	page := editPage{}
	// Opening begins a manuscript, and takes in what a program saved: it writes.
	err = v.update(func(tx *db.Tx) error {
		draft, err := d.Stories.Draft(tx, id)
		if err != nil {
			return err
		}
		plan, err := planning.Of(tx, id)
		if err != nil {
			return err
		}
		past, doc, version, err := d.Manuscripts.Opening(tx, id)
		if err != nil {
			return err
		}
		if page.Data, err = d.editData(v, tx, draft, plan, doc); err != nil {
			return err
		}
		page.Data.Version = version
		page.Data.Past = pastData{past.Version, past.Doc.JSON(), stepsData(past.Steps)}
		return nil
	})
	if err != nil {
		return err
	}
	page.Frame = v.frame(v.words.T("edit.title"))
	page.Headline = page.Data.State.State
	page.Script = "editor.js"
	return v.page("edit", page)
}

func (d *Desk) editData(v *visit, tx *db.Tx, draft story.Draft, plan planning.Plan, doc *prose.Node) (data editData, err error) {
	e, _ := v.edition(draft.Edition)
	id := fmt.Sprint(int64(draft.ID))
	data = editData{
		Story: id, Edition: editionData{e.Key, e.Language, e.Direction(), e.Name}, Schema: manuscript.Schema(),
		Client: rand128(), Me: meData{fmt.Sprint(int64(v.by())), cmp.Or(v.who.Person.Name, v.who.Person.Email), v.who.Person.Quiet}, Base: Prefix + "stories/" + id,
		Zone: v.here.TimeZone, Digits: string(v.here.Digits), Tongue: v.tongue, Words: v.script("edit."),
	}
	for _, right := range v.who.Rights {
		if v.who.Person.Reaches(draft.Edition, draft.Content.Section) {
			data.May = append(data.May, string(right))
		}
	}
	if !plan.Guarded && !v.who.Person.AtRisk {
		if data.Secret, err = staff.DeviceSecret(tx, v.session.Device); err != nil {
			return data, err
		}
	}
	sections, err := section.All(tx)
	if err != nil {
		return data, err
	}
	data.Sections, data.Genres = []nameData{}, []nameData{}
	for _, s := range sections {
		if s.Edition == draft.Edition && s.Genre == "" {
			data.Sections = append(data.Sections, nameData{fmt.Sprint(int64(s.ID)), s.Name})
		}
	}
	for _, g := range story.AllGenres() {
		data.Genres = append(data.Genres, nameData{string(g), v.words.T("genre." + string(g))})
	}
	content, err := manuscript.Content(doc)
	if err != nil {
		return data, err
	}
	if data.Names, err = v.material(tx, e, content); err != nil {
		return data, err
	}
	data.State, err = d.state(v, tx, draft, content)
	return data, err
}

// script are the words whose keys begin in a way, for a script.
func (v *visit) script(prefix string) map[string]string {
	words := map[string]string{}
	for _, key := range v.desk.Look.Words(v.tongue).Keys(prefix) {
		words[strings.TrimPrefix(key, prefix)] = v.words.T(key)
	}
	return words
}

// material reads what a story points at.
func (v *visit) material(tx *db.Tx, e edition.Edition, c story.Content) (m material, err error) {
	m = material{map[string]topicData{}, map[string]string{}, map[string]string{}, map[string]pictureData{}}
	topics, err := topic.ByID(tx, slices.Concat(c.Topics, body.Definitions(c.Body)))
	if err != nil {
		return m, err
	}
	for _, t := range topics {
		m.Topics[fmt.Sprint(int64(t.ID))] = topicIn(t, e.Language)
	}
	var signed []ref.Author
	for _, s := range c.Byline {
		if s.Author != 0 {
			signed = append(signed, s.Author)
		}
	}
	authors, err := author.ByID(tx, signed)
	if err != nil {
		return m, err
	}
	for _, a := range authors {
		m.Authors[fmt.Sprint(int64(a.ID))] = a.Words[e.Language].Name
	}
	for _, id := range c.Related {
		draft, err := v.desk.Stories.Draft(tx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return m, err
		}
		m.Stories[fmt.Sprint(int64(id))] = v.titleOf(draft.Content.Headline)
	}
	wanted := slices.Concat(body.Assets(c.Body), []ref.Asset{c.Picture, c.Film})
	assets, err := asset.ByID(tx, slices.DeleteFunc(wanted, func(id ref.Asset) bool { return id == 0 }))
	for _, a := range assets {
		m.Assets[fmt.Sprint(int64(a.ID))] = picture(a, e.Language)
	}
	return m, err
}

func topicIn(t topic.Topic, language string) topicData {
	words, ok := t.Words[language]
	if !ok {
		for _, other := range tongues {
			if words, ok = t.Words[other]; ok {
				break
			}
		}
	}
	return topicData{words.Name, words.Definition}
}

// picture is an asset as the editor shows it.
func picture(a asset.Asset, language string) pictureData {
	p := pictureData{Kind: a.Kind, Width: a.Width, Height: a.Height, Alt: a.Words[language].Alt, Caption: a.Words[language].Caption, Credit: a.Credit}
	if a.Here() {
		p.Src = fmt.Sprintf("/media/%s/%d.jpg", a.Key, a.Widths[min(1, len(a.Widths)-1)])
	}
	return p
}

// state is how a story stands. content is what is written, saved or not.
func (d *Desk) state(v *visit, tx *db.Tx, draft story.Draft, content story.Content) (s stateData, err error) {
	plan, err := planning.Of(tx, draft.ID)
	if err != nil {
		return s, err
	}
	names, err := v.names(tx)
	if err != nil {
		return s, err
	}
	key := stateKey(draft.State, plan.Stage)
	s = stateData{State: v.words.T("stage." + key), Key: key, Mark: marks[key], Sequence: draft.Sequence, Notes: []noteData{}, People: []nameData{}, Stages: []nameData{}}
	e, _ := v.edition(draft.Edition)
	if s.Checks, err = v.checks(tx, e, content); err != nil {
		return s, err
	}
	s.Plan = planData{Stage: string(plan.Stage), Writer: fmt.Sprint(int64(plan.Writer)), Editor: fmt.Sprint(int64(plan.Editor)), Guarded: plan.Guarded}
	if !plan.Deadline.IsZero() {
		s.Plan.Deadline, s.Plan.Until, s.Plan.Late = plan.Deadline.In(v.here.Location()).Format("2006-01-02T15:04"), v.clock(plan.Deadline), d.Now().After(plan.Deadline)
	}
	for _, stage := range planning.Stages() {
		s.Stages = append(s.Stages, nameData{string(stage), v.words.T("stage." + string(stage))})
	}
	people, err := staff.All(tx)
	if err != nil {
		return s, err
	}
	for _, p := range people {
		if p.Disabled.IsZero() {
			s.People = append(s.People, nameData{fmt.Sprint(int64(p.ID)), p.Shown(v.who)})
		}
	}
	for _, step := range []func(*visit, *db.Tx, story.Draft, map[ref.Staff]string, *stateData) error{d.stateLive, d.stateEmbargo, d.stateReceipt, d.stateNotes, d.stateTwins} {
		if err := step(v, tx, draft, names, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (d *Desk) stateLive(v *visit, tx *db.Tx, draft story.Draft, _ map[ref.Staff]string, s *stateData) error {
	cards, err := story.Cards(tx, []ref.Story{draft.ID})
	if err != nil {
		return err
	}
	if len(cards) > 0 {
		c, slug := cards[0], ""
		if c.Section != 0 {
			in, err := section.ByID(tx, c.Section)
			if err != nil {
				return err
			}
			slug = in.Slug
		}
		at := c.Published
		if !c.Updated.IsZero() {
			at = c.Updated
		}
		s.Live = &liveData{c.Version, v.words.T("edit.live", v.number(c.Version)), c.Address(slug), v.clock(at), c.Revision != draft.Revision}
	}
	if draft.State == story.Withdrawn {
		if s.Gone, err = story.Gone(tx, draft.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	p, err := d.Desk.Planned(tx, draft.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	s.Schedule = &scheduleData{p.At.In(v.here.Location()).Format("2006-01-02T15:04"), v.clock(p.At), p.Failure}
	return err
}

func (d *Desk) stateEmbargo(v *visit, tx *db.Tx, draft story.Draft, names map[ref.Staff]string, s *stateData) error {
	if !draft.Embargo.After(d.Now()) {
		return nil
	}
	e := &embargoData{Until: v.clock(draft.Embargo), Left: v.until(draft.Embargo), ISO: draft.Embargo.In(v.here.Location()).Format("2006-01-02T15:04")}
	s.Embargo = e
	t, err := planning.TermsOf(tx, draft.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	e.Source, e.Terms, e.By = t.Source, t.Terms, names[t.By]
	if t.Second != 0 {
		e.Second = names[t.Second]
	} else {
		e.Signable = t.By != v.by() && v.who.May(staff.Publish)
	}
	return err
}

func (d *Desk) stateReceipt(v *visit, tx *db.Tx, draft story.Draft, names map[ref.Staff]string, s *stateData) error {
	all, err := publish.Receipts(tx, draft.ID, 0, 1)
	if err != nil {
		return err
	}
	for _, r := range all {
		s.Receipt = v.receipt(r)
	}
	waived, err := planning.WaiversOf(tx, draft.ID)
	for _, w := range waived {
		s.Waived = append(s.Waived, waivedData{v.words.T("edit.waived", v.clock(w.Until), names[w.By]), d.Now().After(w.Until)})
	}
	return err
}

// receipt says in words what readers were found to see.
func (v *visit) receipt(r publish.Receipt) *receiptData {
	data := &receiptData{State: r.State, Version: v.number(r.Version), Lines: []lineData{}, Doubt: len(r.Silent) > 0}
	good := 0
	for _, l := range r.Lines {
		line := lineData{OK: l.OK, Text: l.Address}
		if l.OK {
			good++
			line.At = v.exact(l.Seen)
		} else {
			line.Sub = v.words.T("edit.receipt.tries", v.number(l.Tries))
		}
		data.Lines = append(data.Lines, line)
	}
	what := "edit.receipt." + r.What + "."
	switch r.State {
	case publish.Seen, publish.Repaired:
		data.Mark, data.Summary = "ok", v.words.T(what+"seen", v.exact(r.Seen), v.words.N("edit.receipt.pages", good))
	case publish.Failed:
		data.Mark, data.Summary = "stop", v.words.T(what+"failed", v.words.N("edit.receipt.pages", len(r.Lines)-good))
	case publish.Superseded:
		data.Summary = v.words.T("edit.receipt.superseded")
	default:
		data.Mark, data.Summary = "warn", v.words.T(what+"open", v.exact(r.Done))
	}
	return data
}

func (d *Desk) stateNotes(v *visit, tx *db.Tx, draft story.Draft, names map[ref.Staff]string, s *stateData) error {
	notes, err := planning.Notes(tx, draft.ID)
	for _, n := range notes {
		one := noteData{ID: fmt.Sprint(n.ID), Block: n.Block, Quote: n.Quote, Text: n.Text, By: names[n.By], At: v.ago(n.At)}
		if n.Parent != 0 {
			one.Parent = fmt.Sprint(n.Parent)
		}
		if !n.Done.IsZero() {
			one.Done = names[n.DoneBy]
		}
		s.Notes = append(s.Notes, one)
	}
	return err
}

func (d *Desk) stateTwins(v *visit, tx *db.Tx, draft story.Draft, _ map[ref.Staff]string, s *stateData) error {
	twins, err := story.Translations(tx, draft.Twin, draft.ID)
	for _, t := range twins {
		s.Twins = append(s.Twins, twinData{t.Edition, v.titleOf(t.Headline), Prefix + "stories/" + fmt.Sprint(int64(t.ID)), v.words.T("stage." + stateKey(t.State, planning.Writing))})
	}
	return err
}

// findings says in words what keeps a story from being saved or from going live.
func (v *visit) findings(problems []story.Problem) []finding {
	found := []finding{}
	for _, p := range problems {
		field := v.words.T("field." + strings.ReplaceAll(p.Field, " ", "-"))
		reason := v.words.T("reason."+p.Key, p.Arg)
		if p.Key == "" {
			reason = p.Reason
		}
		sentence := v.words.T("finding", field, reason)
		if p.Place != "" {
			sentence = v.words.T("finding.at", field, reason, p.Place)
		}
		found = append(found, finding{Key: p.Field + "." + p.Key, Must: true, Field: p.Field, Place: p.Place, Sentence: sentence})
	}
	return found
}

func (d *Desk) readManuscript(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var answer map[string]any
	err = v.update(func(tx *db.Tx) error {
		doc, version, err := d.Manuscripts.Read(tx, id)
		answer = map[string]any{"version": version, "doc": json.RawMessage(doc.JSON())}
		return err
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, answer)
}

// appended are steps that somebody typed.
type appended struct {
	Client  string            `json:"client"`
	Version int64             `json:"version"`
	Steps   []json.RawMessage `json:"steps"`
}

// maxClient bounds what a window calls itself.
const maxClient = 64

// appendSteps takes what somebody typed. 200 says that it is durable.
func (d *Desk) appendSteps(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var a appended
	if err := v.into(&a); err != nil {
		return err
	}
	if a.Client == "" || len(a.Client) > maxClient || a.Client == manuscript.SavedElsewhere {
		return invalid("client", "fault.form")
	}
	var version int64
	err = v.update(func(tx *db.Tx) (err error) {
		draft, err := v.reaches(tx, id)
		if err != nil {
			return err
		}
		if draft.State == story.Binned {
			return publish.ErrBinned
		}
		version, err = d.Manuscripts.Append(tx, id, v.by(), a.Client, a.Version, a.Steps)
		return err
	})
	if behind, ok := errors.AsType[*manuscript.Behind](err); ok {
		return v.json(http.StatusConflict, behindData(behind))
	}
	if err != nil {
		return err
	}
	d.rooms.wrote(id, version)
	return v.json(http.StatusOK, map[string]any{"version": version, "at": v.exact(d.Now())})
}

// stepData is a step as windows get it.
type stepData struct {
	Client string          `json:"client"`
	By     string          `json:"by"`
	Step   json.RawMessage `json:"step"`
}

func stepsData(all []manuscript.Logged) []stepData {
	steps := []stepData{}
	for _, s := range all {
		steps = append(steps, stepData{s.Client, fmt.Sprint(int64(s.By)), s.Step})
	}
	return steps
}

func behindData(b *manuscript.Behind) map[string]any {
	return map[string]any{"version": b.Version, "steps": stepsData(b.Steps), "lost": b.Lost}
}

// saveNow makes a revision of what is written, without waiting for a pause.
func (d *Desk) saveNow(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var draft story.Draft
	err = v.update(func(tx *db.Tx) (err error) {
		if _, err := v.reaches(tx, id); err != nil {
			return err
		}
		draft, err = d.Manuscripts.Fold(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	d.rooms.changed(id)
	return v.json(http.StatusOK, map[string]any{"sequence": draft.Sequence, "at": v.exact(draft.At)})
}

// stateOf is how a story stands now, for the panel.
func (d *Desk) stateOf(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var s stateData
	err = v.update(func(tx *db.Tx) error {
		doc, _, err := d.Manuscripts.Read(tx, id)
		if err != nil {
			return err
		}
		draft, err := d.Stories.Draft(tx, id)
		if err != nil {
			return err
		}
		content, err := manuscript.Content(doc)
		if err != nil {
			return err
		}
		s, err = d.state(v, tx, draft, content)
		return err
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, s)
}

// newNote is a note on a place, or an answer to one.
type newNote struct {
	Parent string `json:"parent"`
	Block  string `json:"block"`
	Quote  string `json:"quote"`
	Text   string `json:"text"`
}

func (d *Desk) addNote(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var asked newNote
	if err := v.into(&asked); err != nil {
		return err
	}
	n := planning.Note{ID: d.Mint.Next(), Story: id, Block: asked.Block, Quote: asked.Quote, Text: asked.Text, By: v.by(), At: d.Now()}
	if asked.Parent != "" {
		parent, err := ref.Parse[ref.Revision](asked.Parent)
		if err != nil {
			return errNowhere
		}
		n.Parent = int64(parent)
	}
	err = v.update(func(tx *db.Tx) error {
		if _, err := d.Stories.Draft(tx, id); err != nil {
			return err
		}
		return planning.AddNote(tx, n)
	})
	if errors.Is(err, planning.ErrNote) {
		return invalid("text", "fault.note")
	}
	if err != nil {
		return err
	}
	d.rooms.changed(id)
	return v.json(http.StatusOK, map[string]any{"id": fmt.Sprint(n.ID)})
}

func (d *Desk) settleNote(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	note, err := identity[ref.Revision](v, "note")
	if err != nil {
		return err
	}
	var asked struct {
		Done bool `json:"done"`
	}
	if err := v.into(&asked); err != nil {
		return err
	}
	at := time.Time{}
	if asked.Done {
		at = d.Now()
	}
	if err := v.update(func(tx *db.Tx) error { return planning.SettleNote(tx, id, int64(note), v.by(), at) }); err != nil {
		return err
	}
	d.rooms.changed(id)
	return v.json(http.StatusOK, map[string]any{})
}
