package site

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// address is where a story stands.
func (h *house) address(c story.Card) string { return c.Address(h.sections[c.Section].Slug) }

// join writes an address of the paper.
func join(segments ...string) string { return ref.Path(segments...) }

func sectionAddress(s section.Section) string { return join(s.Edition, s.Slug) + "/" }

// namedAtOnce is how many pictures or topics one query reads at most.
const namedAtOnce = 1000

// assets reads all pictures of a page at once.
func (r *reading) assets(ids ...ref.Asset) (map[ref.Asset]asset.Asset, error) {
	wanted := ids[:0:0]
	for _, id := range ids {
		if id != 0 {
			wanted = append(wanted, id)
		}
	}
	byID := make(map[ref.Asset]asset.Asset, len(wanted))
	for some := range slices.Chunk(wanted, namedAtOnce) {
		found, err := asset.ByID(r.tx, some)
		if err != nil {
			return nil, fmt.Errorf("read the pictures: %w", err)
		}
		for _, a := range found {
			byID[a.ID] = a
		}
	}
	return byID, nil
}

// cards makes the cards of a list, with their pictures.
func (r *reading) cards(list []story.Card) ([]Card, error) {
	ids := make([]ref.Asset, len(list))
	for n, c := range list {
		ids[n] = c.Picture
	}
	pictures, err := r.assets(ids...)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, len(list))
	for n, c := range list {
		cards[n] = r.card(c, pictures)
	}
	return cards, nil
}

// signed are the genres whose cards say who speaks.
var signed = map[story.Genre]bool{story.Analysis: true, story.Opinion: true, story.Interview: true}

func (r *reading) card(c story.Card, pictures map[ref.Asset]asset.Asset) Card {
	r.saw(c.ID.Tag())
	in := r.house.sections[c.Section]
	card := Card{
		Genre: string(c.Genre), Label: r.label(c.Genre), Section: Link{Text: in.Name, Href: sectionAddress(in)},
		Kicker: c.Kicker, Headline: c.Headline, Href: r.house.address(c), Standfirst: lang.Clip(c.Standfirst, 240),
		Time: r.cardTime(c.Published), Dir: r.against(c.Headline),
	}
	if signed[c.Genre] {
		card.Byline = r.byline(c.Byline)
	}
	if picture, ok := pictures[c.Picture]; ok {
		card.Picture = r.picture(picture)
	}
	return card
}

// frontCard is a card with the words that fronts show.
func (r *reading) frontCard(c story.Card, pictures map[ref.Asset]asset.Asset) Card {
	c.Headline = c.FrontHeadline()
	return r.card(c, pictures)
}

// frontCards makes the cards of a list in the words of fronts, with their pictures.
func (r *reading) frontCards(list []story.Card) ([]Card, error) {
	short := slices.Clone(list)
	for n, c := range short {
		short[n].Headline = c.FrontHeadline()
	}
	return r.cards(short)
}

// label names a genre; news has no label.
func (r *reading) label(g story.Genre) string {
	if g == story.News || g == story.Page {
		return ""
	}
	return r.words().T("genre." + string(g))
}

func (r *reading) byline(names []story.Signature) []Link {
	links := make([]Link, len(names))
	for n, s := range names {
		links[n] = Link{Text: s.Name}
		if s.Author == 0 {
			continue
		}
		r.saw(s.Author.Tag())
		if s.Slug != "" {
			links[n].Href = join(r.here.Key, "author", s.Slug)
		}
	}
	return links
}

// isoMinute is a moment to the minute, with its offset.
const isoMinute = "2006-01-02T15:04-07:00"

// cardTime is a clock time on the edition's day, day and month before, and the
// year too when it is another.
func (r *reading) cardTime(at time.Time) Time {
	at = at.In(r.here.location)
	now, locale := r.now.In(r.here.location), r.here.Locale()
	t := Time{ISO: at.Format(isoMinute)}
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		t.Text = locale.Clock(at)
	case sameYear(r.here.Calendar, at, now):
		t.Text = locale.ShortDate(at)
	default:
		t.Text = locale.DateInYear(at)
	}
	return t
}

func sameYear(c lang.Calendar, a, b time.Time) bool {
	one, ok := c.FromTime(a)
	other, also := c.FromTime(b)
	return ok && also && one.Year == other.Year
}

// stamp is a full date.
func (r *reading) stamp(at time.Time) Stamp {
	at = at.In(r.here.location)
	locale := r.here.Locale()
	return Stamp{
		ISO: at.Format(time.RFC3339), Date: locale.LongDate(at), Second: locale.SecondDate(at),
		Clock: locale.Clock(at), Zone: r.here.Zone,
	}
}

// picture shows a picture in the renditions that exist. One that an import
// only named is not shown: readers are never sent to somebody else's server.
func (r *reading) picture(a asset.Asset) *Picture {
	if !a.Here() {
		return nil
	}
	words := a.Words[r.here.Language]
	p := &Picture{Width: a.Width, Height: a.Height, Alt: words.Alt, Caption: words.Caption, Credit: a.Credit}
	var srcset strings.Builder
	for n, width := range a.Widths {
		if n > 0 {
			srcset.WriteString(", ")
		}
		srcset.WriteString(rendition(a, width))
		srcset.WriteByte(' ')
		srcset.WriteString(strconv.Itoa(width))
		srcset.WriteByte('w')
	}
	p.Srcset = srcset.String()
	p.Src = rendition(a, a.Widths[len(a.Widths)/2])
	return p
}

func rendition(a asset.Asset, width int) string {
	return "/media/" + a.Key + "/" + strconv.Itoa(width) + ".jpg"
}

// textSizes is how wide a picture in running text is shown.
const textSizes = "(min-width: 64em) 38rem, 100vw"

// bodyPicture is a picture as the body room sets it.
func (r *reading) bodyPicture(pictures map[ref.Asset]asset.Asset, base string) func(ref.Asset) (body.Picture, bool) {
	return func(id ref.Asset) (body.Picture, bool) {
		a, ok := pictures[id]
		if !ok {
			return body.Picture{}, false
		}
		p := r.picture(a)
		if p == nil {
			return body.Picture{}, false
		}
		return body.Picture{Src: base + p.Src, Srcset: p.Srcset, Width: p.Width, Height: p.Height, Alt: p.Alt, Caption: p.Caption, Credit: p.Credit, Sizes: textSizes}, true
	}
}
