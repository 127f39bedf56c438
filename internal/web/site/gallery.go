package site

import (
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/web/theme"
)

// The Gallery: photo stories and films.

func (r *reading) pictured(behind story.Cursor, limit int) ([]story.Card, error) {
	return story.Pictured(r.tx, r.here.Key, behind, limit)
}

// gallery is all photo stories and films.
func (s *Site) gallery(r *reading) (*answer, error) { return r.galleryPage("all", r.pictured) }

// galleryOf are all stories of one of its genres.
func (s *Site) galleryOf(g story.Genre) handler {
	return func(r *reading) (*answer, error) {
		return r.galleryPage(string(g), func(behind story.Cursor, limit int) ([]story.Card, error) {
			return story.OfGenre(r.tx, r.here.Key, g, behind, limit)
		})
	}
}

func (r *reading) galleryPage(kind string, read func(story.Cursor, int) ([]story.Card, error)) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key))
	words, home := r.words(), join(r.here.Key, "gallery")
	title := words.T("gallery.title")
	if kind != "all" {
		title = words.T("gallery." + kind)
	}
	view := GalleryPage{Kind: kind, ListPage: ListPage{Frame: r.frame(title, words.T("gallery.note")), Heading: title, Note: words.T("gallery.note"), Tabs: []Link{
		{Text: words.T("gallery.all"), Href: home + "/", Current: kind == "all"},
		{Text: words.T("gallery.photo"), Href: home + "/photo", Current: kind == "photo"},
		{Text: words.T("gallery.film"), Href: home + "/film", Current: kind == "film"},
	}}}
	var listed []story.Card
	err := r.list(&view.ListPage, func(behind story.Cursor, limit int) (found []story.Card, err error) {
		listed, err = read(behind, limit)
		return listed, err
	})
	if err != nil {
		return nil, err
	}
	if len(view.Cards) == 0 {
		view.Empty = words.T("gallery.empty")
	}
	if err := r.setExtents(view.Cards, listed); err != nil {
		return nil, err
	}
	view.Data = r.storiesData(&view.Frame, title, view.Cards)
	return r.set("gallery", view)
}

// setExtents says of photo stories how many pictures they have, and of films how
// long they are. The cards are those of some of the stories.
func (r *reading) setExtents(cards []Card, of []story.Card) error {
	var shown []story.Card
	for _, c := range of {
		if c.Genre == story.Photo || c.Genre == story.Film {
			shown = append(shown, c)
		}
	}
	told, err := r.site.texts.read(r.tx, shown, r.seen)
	if err != nil {
		return err
	}
	var films []ref.Asset
	for _, one := range told {
		films = append(films, one.Content.Film)
	}
	found, err := r.assets(films...)
	if err != nil {
		return err
	}
	extents := map[string]string{}
	for _, one := range told {
		extents[r.house.address(one.Card)] = r.extent(one, found[one.Content.Film])
	}
	for n := range cards {
		cards[n].Extent = extents[cards[n].Href]
	}
	return nil
}

// extent says how many pictures a photo story has, or how long a film is.
func (r *reading) extent(live story.Story, film asset.Asset) string {
	switch live.Genre {
	case story.Photo:
		if n := len(reel(live.Content.Body)); n > 0 {
			return r.words().N("gallery.pictures", n)
		}
	case story.Film:
		return r.length(film.Seconds)
	}
	return ""
}

// length is a time in words: minutes, or seconds where it is shorter.
func (r *reading) length(seconds int) string {
	switch {
	case seconds <= 0:
		return ""
	case seconds < 60:
		return r.words().N("film.seconds", seconds)
	}
	return r.words().N("film.minutes", (seconds+30)/60)
}

// reel are the pictures of a photo story, in the order of the text.
func reel(b body.Body) []body.Figure {
	var all []body.Figure
	for _, block := range b {
		switch v := block.Value.(type) {
		case body.Gallery:
			all = append(all, v.Pictures...)
		case body.Figure:
			all = append(all, v)
		}
	}
	return all
}

// setReel sets the pictures of a photo story as a reel, and its text without them.
func (r *reading) setReel(view *StoryPage, live story.Story, pictures map[ref.Asset]asset.Asset, set body.Renderer) {
	figures := reel(live.Content.Body)
	for n, figure := range figures {
		a, ok := pictures[figure.Asset]
		if !ok {
			continue
		}
		p := r.picture(a)
		if p == nil {
			continue
		}
		if figure.Alt != "" {
			p.Alt = figure.Alt
		}
		if caption := figure.Caption.String(); caption != "" {
			p.Caption = caption
		}
		view.Reel = append(view.Reel, ReelPicture{Picture: *p, ID: "picture-" + itoa(n+1), Place: r.words().T("gallery.place", n+1, len(figures))})
	}
	text := make(body.Body, 0, len(live.Content.Body))
	for _, block := range live.Content.Body {
		switch block.Value.(type) {
		case body.Gallery, body.Figure:
		default:
			text = append(text, block)
		}
	}
	view.Body = theme.Markup(string(body.Render(text, set)))
}

// setFilm shows the film of a film story, if the newsroom has it.
func (r *reading) setFilm(view *StoryPage, a asset.Asset) {
	if len(a.Files) == 0 {
		return
	}
	film := &Film{Width: a.Width, Height: a.Height, Length: r.length(a.Seconds), lasts: time.Duration(a.Seconds) * time.Second, licence: a.Licence}
	for _, f := range a.Files {
		film.Files = append(film.Files, FilmFile{Src: mediaAddress(a, f.Name), Type: f.Type})
	}
	var names []string
	for _, t := range a.Tracks {
		name := r.tongueName(t.Language)
		film.Tracks = append(film.Tracks, FilmTrack{Src: mediaAddress(a, t.Name), Lang: t.Language, Name: name, Default: t.Language == r.here.Language})
		names = append(names, name)
	}
	film.Captions = r.listed(names)
	view.Film = film
}

func mediaAddress(a asset.Asset, name string) string { return "/media/" + a.Key + "/" + name }
