package site

import (
	"html/template"
	"strings"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/theme"
)

// comparison shows what changed from one version of a story to a later one.
func (r *reading) comparison(live story.Story, first, second int) (*answer, error) {
	old, was, err := story.At(r.tx, live.ID, first)
	if err != nil {
		return nil, missing(err)
	}
	new, is, err := story.At(r.tx, live.ID, second)
	if err != nil {
		return nil, missing(err)
	}
	home, words := r.house.address(live.Card), r.words()
	view := ComparePage{
		Frame: r.frame(words.T("compare.title")+": "+lang.Isolate(live.Headline), ""), Headline: live.Headline, HeadDir: r.against(live.Headline),
		Story: home, History: home + versionsTail, Old: r.versionValue(live.Card, old), New: r.versionValue(live.Card, new),
	}
	view.NoIndex = true
	if new.Kind == story.Redacted {
		view.Statement = words.T("compare.redacted")
		return r.setStory("compare", view, live)
	}
	c := comparing{reading: r, view: &view, said: body.Said{Removed: words.T("compare.said.removed"), Added: words.T("compare.said.added"), End: words.T("compare.said.end")}}
	if err := c.all(was, is); err != nil {
		return nil, err
	}
	return r.setStory("compare", view, live)
}

// comparing fills one page of a comparison.
type comparing struct {
	*reading
	view *ComparePage
	said body.Said
	// removed and added count words.
	removed, added int
	renderer       body.Renderer
}

func (c *comparing) all(was, is story.Content) error {
	old, new := withLead(was), withLead(is)
	pictures, err := c.assets(append(body.Assets(old), body.Assets(new)...)...)
	if err != nil {
		return err
	}
	c.renderer = c.reading.renderer(pictures, "")
	if err := c.fields(was, is); err != nil {
		return err
	}
	compared := body.Diff(old, new)
	c.changes(compared)
	words := c.words()
	c.view.Removed = words.N("compare.removed", c.removed+compared.Removed)
	c.view.Added = words.N("compare.added", c.added+compared.Added)
	if compared.Coarse { // perhaps only because the machine was busy
		c.until(c.now.Add(tryAgain))
		c.view.Coarse = words.T("compare.coarse")
	}
	if compared.Same() && len(c.view.Fields) == 0 {
		c.view.Statement = words.T("compare.same")
	}
	return nil
}

// tryAgain is how long a comparison is kept for which time ran out.
const tryAgain = 10 * time.Minute

// leadKey is a key that no block of a story can have.
const leadKey = "the lead picture"

// withLead is a text with its lead picture before it.
func withLead(c story.Content) body.Body {
	if c.Picture == 0 {
		return c.Body
	}
	lead := body.Block{Key: leadKey, Value: body.Figure{Asset: c.Picture, Caption: body.T(c.Caption), Alt: c.Alt}}
	return append(body.Body{lead}, c.Body...)
}

// fields compares what stands beside the text.
func (c *comparing) fields(was, is story.Content) error {
	words := c.words()
	c.line(words.T("compare.field.headline"), was.Headline, is.Headline, true)
	c.line(words.T("compare.field.short"), was.Short, is.Short, true)
	c.line(words.T("compare.field.standfirst"), was.Standfirst, is.Standfirst, true)
	c.line(words.T("compare.field.kicker"), was.Kicker, is.Kicker, true)
	c.line(words.T("compare.field.dateline"), was.Dateline, is.Dateline, false)
	c.line(words.T("compare.field.genre"), c.genreName(was.Genre), c.genreName(is.Genre), false)
	c.line(words.T("compare.field.section"), c.house.sections[was.Section].Name, c.house.sections[is.Section].Name, false)
	before, err := presentNames(c.tx, c.here.Language, was.Byline)
	if err != nil {
		return err
	}
	after, err := presentNames(c.tx, c.here.Language, is.Byline)
	if err != nil {
		return err
	}
	c.line(words.T("compare.field.byline"), c.joined(c.byline(before)), c.joined(c.byline(after)), false)
	old, _, err := c.topicLinks(was.Topics)
	if err != nil {
		return err
	}
	new, _, err := c.topicLinks(is.Topics)
	if err != nil {
		return err
	}
	c.line(words.T("compare.field.topics"), c.joined(old), c.joined(new), false)
	return nil
}

// genreName is the kind of one story. Words that name a list of many have others
// for it.
func (c *comparing) genreName(g story.Genre) string {
	if g == story.Page {
		return ""
	}
	if g == story.News || g == story.Photo {
		return c.words().T("genre." + string(g) + ".one")
	}
	return c.words().T("genre." + string(g))
}

func (c *comparing) joined(links []Link) string {
	texts := make([]string, len(links))
	for n, l := range links {
		texts[n] = l.Text
	}
	return strings.Join(texts, c.words().T("comma"))
}

// line compares one field. Only the words of what reads as text are counted.
func (c *comparing) line(name, was, is string, counted bool) {
	if was == is {
		return
	}
	edits := body.DiffText(body.T(was), body.T(is))
	if counted {
		removed, added := edits.Words()
		c.removed, c.added = c.removed+removed, c.added+added
	}
	c.view.Fields = append(c.view.Fields, c.difference(name, edits))
}

func (c *comparing) difference(name string, edits body.Edits) Difference {
	d := Difference{Name: name, Body: theme.Markup(string(body.RenderEdits(edits, c.renderer, c.said)))}
	if own := edits.Direction(); own != c.here.Direction() {
		d.Dir = own
	}
	return d
}

// changes lays out the text. What did not change stands between the changes,
// folded where it is long.
func (c *comparing) changes(compared body.Comparison) {
	ids, last := changeIDs(compared.Steps), -1
	var kept []body.Step
	flush := func(end bool) {
		c.kept(kept, last >= 0, !end)
		kept = nil
	}
	for n, s := range compared.Steps {
		if s.Fate == body.Kept {
			kept = append(kept, s)
			continue
		}
		flush(false)
		change := Change{ID: ids[n], Kind: string(s.Fate), Label: c.words().T("compare.fate." + string(s.Fate)), Body: c.markup(s)}
		if s.Restyled {
			change.Label = c.words().T("compare.fate.restyled")
		}
		if s.Fate == body.Away || s.Fate == body.Moved {
			change.Twin = "#" + ids[s.Twin]
		}
		for _, f := range s.Fields {
			change.Details = append(change.Details, c.difference(c.words().T("compare.detail."+f.Name), f.Edits))
		}
		if last >= 0 {
			c.view.Changes[last].Next = "#" + change.ID
		} else {
			c.view.First = "#" + change.ID
		}
		last = len(c.view.Changes)
		c.view.Changes = append(c.view.Changes, change)
	}
	flush(true)
}

// changeIDs names the changes of a comparison c1, c2 and so on.
func changeIDs(steps []body.Step) []string {
	ids, count := make([]string, len(steps)), 0
	for n, s := range steps {
		if s.Fate != body.Kept {
			count++
			ids[n] = "c" + itoa(count)
		}
	}
	return ids
}

// fold is how many parts may stand unchanged without being folded away, and
// beside how many of them stay before and after a change.
const (
	fold   = 5
	beside = 1
)

// kept lays out what did not change, between the changes before and after it.
func (c *comparing) kept(steps []body.Step, before, after bool) {
	if len(steps) == 0 {
		return
	}
	first, last := 0, len(steps)
	if before {
		first = beside
	}
	if after {
		last -= beside
	}
	if last-first < fold || !before && !after {
		c.view.Changes = append(c.view.Changes, Change{Kind: string(body.Kept), Body: c.markup(steps...)})
		return
	}
	if first > 0 {
		c.view.Changes = append(c.view.Changes, Change{Kind: string(body.Kept), Body: c.markup(steps[:first]...)})
	}
	c.view.Changes = append(c.view.Changes, Change{Kind: string(body.Kept), Folded: c.words().N("compare.folded", last-first), Body: c.markup(steps[first:last]...)})
	if last < len(steps) {
		c.view.Changes = append(c.view.Changes, Change{Kind: string(body.Kept), Body: c.markup(steps[last:]...)})
	}
}

func (c *comparing) markup(steps ...body.Step) (all template.HTML) {
	for _, s := range steps {
		all += theme.Markup(string(body.RenderStep(s, c.renderer, c.said)))
	}
	return all
}
