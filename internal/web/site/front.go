package site

import (
	"html/template"
	"net/http"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
)

// door is the address of the whole paper: the default edition's front.
func (s *Site) door(r *reading) (*answer, error) {
	r.here = r.house.first()
	if r.here == nil {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(ref.EditionTag(r.here.Key))
	return s.front(r)
}

// front is an edition's front.
func (s *Site) front(r *reading) (*answer, error) {
	key := r.here.Key
	of := front.Of(key)
	r.saw(of.Tag(), ref.LatestTag(key))
	newest, err := front.Newest(r.tx, of)
	if err != nil {
		return nil, err
	}
	pressed, err := front.Press(r.tx, of, newest.Plan, r.now)
	if err != nil {
		return nil, err
	}
	r.until(pressed.Until)
	view := FrontPage{Frame: r.frame(r.here.Title, r.here.Motto), LatestURL: join(key, "latest") + "/", Zone: r.here.Zone}
	r.standsAt(&view.Frame, "/"+key+"/")
	r.alsoIn(&view.Frame, r.house.fronts())
	if err := r.fillFront(&view, pressed); err != nil {
		return nil, err
	}
	if view.Lead == nil && view.Choice == nil && view.Latest == nil && len(view.Bands) == 0 {
		// Nothing of the plan has a story any more: what there is is better than nothing.
		if view.Latest, err = r.newest(pageSize); err != nil {
			return nil, err
		}
	}
	if view.Live, err = r.part("part-live", "", livePart); err != nil {
		return nil, err
	}
	view.Data = r.frontData(&view)
	return r.set("front", view)
}

// fronts are the addresses of all fronts, by edition.
func (h *house) fronts() map[string]string {
	all := map[string]string{}
	for _, e := range h.editions {
		all[e.Key] = "/" + e.Key + "/"
	}
	return all
}

// fillFront makes the cards of all containers with one reading of pictures.
func (r *reading) fillFront(view *FrontPage, pressed front.Pressed) error {
	var ids []ref.Asset
	for _, set := range pressed.Containers {
		for _, c := range set.Cards {
			ids = append(ids, c.Picture)
		}
	}
	pictures, err := r.assets(ids...)
	if err != nil {
		return err
	}
	for _, set := range pressed.Containers {
		set.Cards = fullRows(set)
		cards := make([]Card, len(set.Cards))
		for n, c := range set.Cards {
			cards[n] = r.frontCard(c, pictures)
		}
		switch set.Kind {
		case front.Lead:
			// The lead has room for its whole headline.
			cards[0].Headline = set.Cards[0].Headline
			view.Lead, view.MoreOn = &cards[0], cards[1:]
		case front.Choice:
			view.Choice = cards
		case front.LatestList:
			view.Latest, err = r.newest(set.Size)
		case front.MostViewed, front.Focus, front.MapTeaser:
			err = r.addPart(view, set)
		case front.GalleryBand:
			view.Bands = append(view.Bands, r.band(set, cards))
			err = r.setExtents(cards, set.Cards)
		default:
			view.Bands = append(view.Bands, r.band(set, cards))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newest are the latest stories, untouched by hand.
func (r *reading) newest(limit int) ([]Card, error) {
	latest, err := story.Latest(r.tx, r.here.Key, story.Cursor{}, limit)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, len(latest))
	for n, c := range latest {
		cards[n] = r.frontCard(c, nil)
	}
	return cards, nil
}

// addPart adds a container that fills itself, unless there is nothing in it.
func (r *reading) addPart(view *FrontPage, set front.Set) error {
	var made template.HTML
	var err error
	switch set.Kind {
	case front.MostViewed:
		made, err = r.viewedHere(0, set.Size)
	case front.Focus:
		made, err = r.part("part-focus", itoa(set.Size), func(own *reading) (any, error) { return own.focusPart(set.Size), nil })
	}
	if made == "" || err != nil {
		return err
	}
	if last := len(view.Bands) - 1; last >= 0 && set.Kind == front.Focus && view.Bands[last].Kind == front.MostViewed {
		view.Bands[last].Kind, view.Bands[last].Parts = "pair", append(view.Bands[last].Parts, made)
		return nil
	}
	view.Bands = append(view.Bands, Band{Kind: set.Kind, Parts: []template.HTML{made}})
	return nil
}

// rowSize is how many stories stand side by side in the News band.
const rowSize = 4

// fullRows leaves out the stories that would begin a row of the News band and
// not fill it; they are one click away.
func fullRows(set front.Set) []story.Card {
	if n := len(set.Cards); set.Kind == front.NewsBand && n > rowSize {
		return set.Cards[:n-n%rowSize]
	}
	return set.Cards
}

// bandGenres are the genres whose lists the bands lead to.
var bandGenres = map[string]story.Genre{
	front.NewsBand: story.News, front.AnalysisBand: story.Analysis,
	front.OpinionBand: story.Opinion, front.ExplainerBand: story.Explainer,
}

func (r *reading) band(set front.Set, cards []Card) Band {
	words := r.words()
	band := Band{Kind: set.Kind, Cards: cards}
	switch set.Kind {
	case front.SectionBand:
		in := r.house.sections[set.Section]
		band.Title, band.Note, band.More = in.Name, in.Description, Link{Text: words.T("band.more"), Href: sectionAddress(in)}
	case front.GalleryBand:
		band.Title, band.More = words.T("gallery.title"), Link{Text: words.T("gallery.more"), Href: join(r.here.Key, "gallery") + "/"}
	default:
		band.Title, band.Note = words.T("band."+set.Kind), words.T("band."+set.Kind+".note")
		band.More = Link{Text: words.T("band." + set.Kind + ".more"), Href: r.genreAddress(bandGenres[set.Kind])}
	}
	if set.Title != "" {
		band.Title, band.Note = set.Title, ""
	}
	return band
}

// genreAddress is the section that gathers a genre, when the edition has one.
func (r *reading) genreAddress(g story.Genre) string {
	for _, s := range r.here.nav {
		if s.Genre == string(g) {
			return sectionAddress(s)
		}
	}
	return join(r.here.Key, "genre", string(g)) + "/"
}

// focus lists the first topics that the paper follows.
func (r *reading) focus(limit int) []Topic {
	var topics []Topic
	for _, t := range r.house.focus {
		if len(topics) < limit && t.Followed(r.here.Language) {
			topics = append(topics, r.topicValue(t, r.house.pictures))
		}
	}
	return topics
}

func (r *reading) topicValue(t topic.Topic, pictures map[ref.Asset]asset.Asset) Topic {
	r.saw(t.ID.Tag())
	words := t.Words[r.here.Language]
	value := Topic{Name: words.Name, Href: join(r.here.Key, "topic", words.Slug), Definition: words.Definition}
	if a, ok := pictures[t.Picture]; ok {
		value.Picture = r.picture(a)
	}
	return value
}
