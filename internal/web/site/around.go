package site

import (
	"bytes"
	"context"
	"html/template"
	"strings"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/web/theme"
)

// How many stories and topics stand in the parts around a story.
const (
	latestAround  = 6
	choiceAround  = 3
	focusAround   = 3
	viewedAround  = 5
	galleryAround = 2
)

// furniture are the parts of the paper around a story, in their order. Each is kept
// by itself, for all stories of an edition, and dropped by tags of its own. The map
// stands between In Focus and the Gallery where there is one.
var furniture = []struct {
	name   string
	values func(*reading) (any, error)
}{
	{"part-choice", choicePart},
	{"part-latest", latestPart},
	{"part-viewed", func(r *reading) (any, error) { return r.viewedPart(0, viewedAround) }},
	{"part-focus", func(r *reading) (any, error) { return r.focusPart(focusAround), nil }},
	{"part-gallery", galleryPart},
}

// around are the parts of the paper that stand around a story.
func (r *reading) around() ([]template.HTML, error) {
	var all []template.HTML
	for _, f := range furniture {
		made, err := r.part(f.name, "", f.values)
		if err != nil {
			return nil, err
		}
		if made != "" {
			all = append(all, made)
		}
	}
	return all, nil
}

// choicePart is Editor's Choice as the front has it.
func choicePart(r *reading) (any, error) {
	key := r.here.Key
	r.saw(ref.FrontTag(key), ref.LatestTag(key))
	newest, err := front.Newest(r.tx, front.Of(key))
	if err != nil {
		return nil, err
	}
	pressed, err := front.PressTo(r.tx, front.Of(key), newest.Plan, r.now, front.Choice)
	if err != nil {
		return nil, err
	}
	r.until(pressed.Until)
	choice, ok := pressed.Find(front.Choice)
	if !ok {
		return ChoicePart{}, nil
	}
	cards, err := r.frontCards(choice.Cards[:min(choiceAround, len(choice.Cards))])
	return ChoicePart{Cards: cards}, err
}

func latestPart(r *reading) (any, error) {
	key := r.here.Key
	r.saw(ref.LatestTag(key))
	latest, err := story.Latest(r.tx, key, story.Cursor{}, latestAround)
	if err != nil {
		return nil, err
	}
	view := LatestPart{URL: join(key, "latest") + "/", Zone: r.here.Zone}
	for _, c := range latest {
		view.Cards = append(view.Cards, r.frontCard(c, nil))
	}
	return view, nil
}

func (r *reading) focusPart(limit int) FocusPart {
	return FocusPart{Topics: r.focus(limit), URL: join(r.here.Key, "in-focus") + "/"}
}

// galleryPart are the newest photo stories and films.
func galleryPart(r *reading) (any, error) {
	r.saw(ref.LatestTag(r.here.Key))
	found, err := r.pictured(story.Cursor{}, galleryAround)
	if err != nil {
		return nil, err
	}
	cards, err := r.frontCards(found)
	if err != nil {
		return nil, err
	}
	return GalleryPart{Cards: cards, URL: join(r.here.Key, "gallery") + "/"}, r.setExtents(cards, found)
}

// liveFor is how long after its last post, or its last publication, a live story that
// nobody ended counts as going on.
const liveFor = 24 * time.Hour

// livePart are the stories that are being told live now.
func livePart(r *reading) (any, error) {
	r.saw(ref.LatestTag(r.here.Key))
	found, err := story.OfGenre(r.tx, r.here.Key, story.Live, story.Cursor{}, liveLooked)
	if err != nil {
		return nil, err
	}
	told, err := r.site.texts.read(r.tx, found, r.seen)
	if err != nil {
		return nil, err
	}
	var view LivePart
	for _, one := range told {
		changed := changedAt(one.Card)
		_, posts := body.Posts(one.Content.Body)
		for _, p := range posts {
			if p.At.After(changed) {
				changed = p.At
			}
		}
		if end := changed.Add(liveFor); !one.Content.Ended && end.After(r.now) && len(view.Cards) < liveAtOnce {
			r.until(end)
			card := r.frontCard(one.Card, nil)
			card.Time = r.cardTime(changed)
			view.Cards = append(view.Cards, card)
		}
	}
	return view, nil
}

// liveAtOnce is how many live stories the strip names at most, liveLooked how many of
// the newest are looked at for them.
const (
	liveAtOnce = 2
	liveLooked = 20
)

// part renders a piece that many pages share, once; the page that contains it
// takes over its tags and its end. which tells pieces of one name apart.
func (r *reading) part(name, which string, values func(*reading) (any, error)) (template.HTML, error) {
	key := strings.TrimSpace("part " + name + " " + r.here.Key + " " + which)
	entry, stale, err := r.site.pages.Fetch(r.ctx, key, func(ctx context.Context) (*pagecache.Page, error) {
		own := &reading{asked: &asked{}, ctx: ctx, tx: r.tx, house: r.house, site: r.site, now: r.now, origin: r.origin, here: r.here, seen: r.seen, tags: map[ref.Tag]bool{}}
		own.saw(ref.FrameTag, ref.EditionTag(r.here.Key)) // names and addresses of the house stand in it
		view, err := values(own)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := r.site.theme.Part(&out, r.here.Language, name, view); err != nil {
			return nil, err
		}
		own.until(r.here.dayAfter(r.now))
		return &pagecache.Page{Part: true, Type: htmlType, Body: bytes.TrimSpace(out.Bytes()), Tags: own.tagList(), Until: own.ends}, nil
	})
	if err != nil {
		return "", err
	}
	r.parts = append(r.parts, piece{entry, stale})
	return theme.Markup(string(entry.Body())), nil
}

// piece is a part as it stands in a page.
type piece struct {
	entry *pagecache.Entry
	stale bool
}
