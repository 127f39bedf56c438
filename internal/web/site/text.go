package site

import (
	"cmp"
	"slices"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/theme"
)

// How the texts of stories are set.

// renderer sets texts of the edition that show some pictures and files. base stands
// before addresses where they must be absolute.
func (r *reading) renderer(shown map[ref.Asset]asset.Asset, base string) body.Renderer {
	return body.Renderer{
		Language: r.here.Language, Digits: r.here.Digits, BaseURL: base,
		Picture: r.bodyPicture(shown, base), File: r.bodyFile(shown, base), Topic: r.term, Clock: r.clock,
	}
}

// bodyFile is a document, a recording or a film as the body room sets it.
func (r *reading) bodyFile(shown map[ref.Asset]asset.Asset, base string) func(ref.Asset) (body.Document, bool) {
	return func(id ref.Asset) (body.Document, bool) {
		a, ok := shown[id]
		if !ok || len(a.Files) == 0 {
			return body.Document{}, false
		}
		first := a.Files[0]
		return body.Document{Href: base + mediaAddress(a, first.Name), Label: a.Words[r.here.Language].Caption, Type: first.Type, Bytes: first.Bytes}, true
	}
}

// term is a topic as its card says it, in the edition's language.
func (r *reading) term(id ref.Topic) (body.Term, bool) {
	for _, t := range r.house.defined {
		if t.ID == id {
			r.saw(id.Tag())
			term := termOf(r.here, t)
			return term, term.Definition != ""
		}
	}
	return body.Term{}, false
}

func termOf(here *tongue, t topic.Topic) body.Term {
	words := t.Words[here.Language]
	return body.Term{Topic: t.ID, Name: words.Name, Aliases: words.Aliases, Definition: words.Definition, Href: join(here.Key, "topic", words.Slug)}
}

// terms are the topics that an edition's stories explain where they first name
// them. They are prepared once, by who first needs them.
func (t *tongue) terms(defined []topic.Topic) *body.Terms {
	t.prepare.Do(func() {
		var all []body.Term
		for _, one := range defined {
			if term := termOf(t, one); term.Definition != "" {
				all = append(all, term)
			}
		}
		t.prepared = body.NewTerms(t.Language, all)
	})
	return t.prepared
}

// clock writes the time of a post that stands in running text.
func (r *reading) clock(at time.Time) (iso, text string) {
	at = at.In(r.here.location)
	return at.Format(isoMinute), r.here.Locale().ShortDate(at) + r.words().T("comma") + r.here.Locale().Clock(at)
}

// setPosts sets a live story's introduction, and its posts with the newest first.
func (r *reading) setPosts(view *StoryPage, live story.Story, set body.Renderer) {
	intro, posts := body.Posts(live.Content.Body)
	slices.SortStableFunc(posts, func(a, b body.LivePost) int { return cmp.Compare(b.At.UnixMilli(), a.At.UnixMilli()) })
	oneDay := true
	for _, p := range posts {
		oneDay = oneDay && r.here.dayOf(p.At).Equal(r.here.dayOf(posts[0].At))
	}
	set.NoTerms = map[ref.Topic]bool{}
	for _, id := range body.Definitions(live.Content.Body) {
		set.NoTerms[id] = true
	}
	explained := func(b body.Body) {
		if set.Terms != nil {
			for _, id := range body.Mentions(b, set.Terms) {
				set.NoTerms[id] = true // once on the page: where it is read first
			}
		}
	}
	view.Body = theme.Markup(string(body.Render(intro, set)))
	explained(intro)
	for _, p := range posts {
		if set.Under = 2; p.Title != "" {
			set.Under = 3
		}
		post := Post{ID: postID(p.Key), Title: p.Title, Byline: p.Byline, Dir: r.against(p.Title), Body: theme.Markup(string(body.Render(p.Body, set)))}
		post.Time.ISO, post.Time.Text = r.clock(p.At)
		if oneDay {
			post.Time.Text = r.here.Locale().Clock(p.At.In(r.here.location))
		}
		explained(p.Body)
		view.Posts = append(view.Posts, post)
	}
	view.Over = live.Content.Ended
	if len(posts) > 0 {
		last := r.stamp(posts[0].At)
		view.Last = &last
	}
}

// postID is where links to a post lead.
func postID(key body.Key) string { return "post-" + string(key) }

// against is the direction of a text that runs against its edition.
func (r *reading) against(text string) string {
	if dir := lang.BaseDirection(text); dir != "" && dir != r.here.Direction() {
		return dir
	}
	return ""
}
