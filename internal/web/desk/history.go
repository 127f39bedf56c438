package desk

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/theme"
)

// historyPage are all saves and publications of a story.
type historyPage struct {
	Frame
	Story, Headline   string
	HeadLang, HeadDir string
	Saves             []save
	Older             string
	MayWrite          bool
}

// save is a revision in the list.
type save struct {
	Sequence, Number, At, By, Revision string
	// Version is the publication that it was, in words; empty for none.
	Version string
	Newest  bool
	// Before is the sequence of the save before it; 0 for the first.
	Before string
}

const historyLength = 100

func (d *Desk) historyPage(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 1 {
		before = 0
	}
	page := historyPage{Frame: v.frame(v.words.T("history.title")), Story: storyPath(id), MayWrite: v.who.May("write")}
	err = v.update(func(tx *db.Tx) error {
		// What was typed a moment ago is among the saves.
		draft, err := d.Manuscripts.Fold(tx, id)
		if _, unfit := err.(*manuscript.Unfit); unfit {
			draft, err = d.Stories.Draft(tx, id)
		}
		if err != nil {
			return err
		}
		e, _ := v.edition(draft.Edition)
		page.Headline, page.HeadLang, page.HeadDir = v.titleOf(draft.Content.Headline), e.Language, e.Direction()
		names, err := v.names(tx)
		if err != nil {
			return err
		}
		versions, err := d.Stories.Versions(tx, id)
		if err != nil {
			return err
		}
		byRevision := map[ref.Revision]story.Version{}
		for _, one := range versions {
			byRevision[one.Revision] = one
		}
		saves, err := d.Stories.Revisions(tx, id, before, historyLength+1)
		for n, s := range saves {
			if n == historyLength {
				page.Older = "?before=" + strconv.FormatInt(saves[n-1].Sequence, 10)
				break
			}
			one := save{strconv.FormatInt(s.Sequence, 10), v.number(int(s.Sequence)), v.clock(s.At), names[s.By], fmt.Sprint(int64(s.ID)), "", s.Sequence == draft.Sequence, strconv.FormatInt(s.Sequence-1, 10)}
			if was, ok := byRevision[s.ID]; ok {
				one.Version = v.words.T("history.version", v.number(was.Number))
			}
			page.Saves = append(page.Saves, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.page("history", page)
}

// comparePage shows two saves, word by word.
type comparePage struct {
	Frame
	Story, History    string
	Headline          string
	HeadLang, HeadDir string
	Old, New          save
	Fields            []changed
	Parts             []part
	Same              bool
	Counts            string
	MayWrite          bool
}

// changed is a field that is otherwise.
type changed struct {
	Name, Dir string
	Body      template.HTML
}

// part is a run of the text: what changed, or what did not, folded where it is long.
type part struct {
	Label  string
	Kind   string
	Folded string
	Body   template.HTML
}

func (d *Desk) comparePage(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	old, oldErr := strconv.ParseInt(v.URL.Query().Get("old"), 10, 64)
	new, newErr := strconv.ParseInt(v.URL.Query().Get("new"), 10, 64)
	if oldErr != nil || newErr != nil || old < 1 || new < 1 {
		return errNowhere
	}
	page := comparePage{Frame: v.frame(v.words.T("compare.title")), Story: storyPath(id), History: storyPath(id) + "/history", MayWrite: v.who.May("write")}
	err = v.view(func(tx *db.Tx) error {
		draft, err := d.Stories.Draft(tx, id)
		if err != nil {
			return err
		}
		e, _ := v.edition(draft.Edition)
		page.Headline, page.HeadLang, page.HeadDir = v.titleOf(draft.Content.Headline), e.Language, e.Direction()
		names, err := v.names(tx)
		if err != nil {
			return err
		}
		was, err := d.Stories.Saved(tx, id, old)
		if err != nil {
			return err
		}
		is, err := d.Stories.Saved(tx, id, new)
		if err != nil {
			return err
		}
		describe := func(s story.Save) save {
			return save{Sequence: strconv.FormatInt(s.Sequence, 10), Number: v.number(int(s.Sequence)), At: v.clock(s.At), By: names[s.By], Revision: fmt.Sprint(int64(s.Revision)), Newest: s.Sequence == draft.Sequence}
		}
		page.Old, page.New = describe(was), describe(is)
		page.compare(v, e.Language, was.Content, is.Content)
		return nil
	})
	if err != nil {
		return err
	}
	return v.page("compare", page)
}

func (p *comparePage) compare(v *visit, language string, was, is story.Content) {
	said := body.Said{Removed: v.words.T("compare.said.removed"), Added: v.words.T("compare.said.added"), End: v.words.T("compare.said.end")}
	renderer := body.Renderer{Language: language}
	removed, added := 0, 0
	for _, f := range []struct{ name, was, is string }{
		{"kicker", was.Kicker, is.Kicker}, {"headline", was.Headline, is.Headline}, {"short-headline", was.Short, is.Short}, {"standfirst", was.Standfirst, is.Standfirst},
		{"dateline", was.Dateline, is.Dateline}, {"slug", was.Slug, is.Slug}, {"alternative-text", was.Alt, is.Alt}, {"caption", was.Caption, is.Caption},
		{"genre", v.genre(was.Genre), v.genre(is.Genre)}, {"byline", signed(was.Byline), signed(is.Byline)},
	} {
		if f.was == f.is {
			continue
		}
		edits := body.DiffText(body.T(f.was), body.T(f.is))
		r, a := edits.Words()
		removed, added = removed+r, added+a
		p.Fields = append(p.Fields, changed{v.words.T("field." + f.name), edits.Direction(), theme.Markup(string(body.RenderEdits(edits, renderer, said)))})
	}
	compared := body.Diff(was.Body, is.Body)
	p.Counts = v.words.N("compare.removed", removed+compared.Removed) + v.words.T("comma") + v.words.N("compare.added", added+compared.Added)
	p.Same = compared.Same() && len(p.Fields) == 0
	var kept []body.Step
	flush := func() {
		if len(kept) == 0 {
			return
		}
		one := part{Kind: string(body.Kept)}
		for _, s := range kept {
			one.Body += theme.Markup(string(body.RenderStep(s, renderer, said)))
		}
		if len(kept) > 2 {
			one.Folded = v.words.N("compare.folded", len(kept))
		}
		p.Parts = append(p.Parts, one)
		kept = nil
	}
	for _, s := range compared.Steps {
		if s.Fate == body.Kept {
			kept = append(kept, s)
			continue
		}
		flush()
		p.Parts = append(p.Parts, part{Kind: string(s.Fate), Label: v.words.T("compare.fate." + string(s.Fate)), Body: theme.Markup(string(body.RenderStep(s, renderer, said)))})
	}
	flush()
}

func (v *visit) genre(g story.Genre) string { return v.words.T("genre." + string(g)) }

// signed writes a byline.
func signed(byline []story.Signature) (text string) {
	for n, s := range byline {
		if n > 0 {
			text += ", "
		}
		text += lang.Isolate(s.Name)
	}
	return text
}

// restoreRevision makes an earlier save the newest, as a new one.
func (d *Desk) restoreRevision(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	revision, err := identity[ref.Revision](v, "revision")
	if err != nil {
		return err
	}
	err = v.update(func(tx *db.Tx) error {
		if _, err := v.reaches(tx, id); err != nil {
			return err
		}
		draft, err := d.Manuscripts.Fold(tx, id)
		if err != nil {
			return err
		}
		earlier, err := d.Stories.SavedAs(tx, id, revision)
		if err != nil {
			return err
		}
		if draft, err = d.Stories.Save(tx, v.by(), id, draft.Sequence, earlier.Content); err != nil {
			return err
		}
		d.note(v, "story.revision-restored", storySubject(id), tx)
		_, _, err = d.Manuscripts.Read(tx, id) // whoever writes gets it as steps
		return err
	})
	if err != nil {
		return err
	}
	d.rooms.wrote(id, 0)
	d.rooms.changed(id)
	if v.scripted() {
		return v.json(http.StatusOK, map[string]any{})
	}
	return v.see(storyPath(id) + "/history?done=restored")
}
