package site

import (
	"bytes"
	"context"
	"html/template"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/web/theme"
)

// around is the paper that stands around a story. It is one part for all
// stories of an edition.
func around(r *reading) (any, error) {
	key := r.here.Key
	r.saw(ref.FrontTag(key), ref.LatestTag(key))
	newest, err := front.Newest(r.tx, key)
	if err != nil {
		return nil, err
	}
	pressed, err := front.PressTo(r.tx, key, newest.Plan, r.now, front.Choice)
	if err != nil {
		return nil, err
	}
	r.until(pressed.Until)
	latest, err := story.Latest(r.tx, key, story.Cursor{}, latestAround)
	if err != nil {
		return nil, err
	}
	view := Around{LatestURL: join(key, "latest") + "/", Zone: r.here.Zone, FocusURL: join(key, "in-focus") + "/"}
	if choice, ok := pressed.Find(front.Choice); ok {
		if view.Choice, err = r.cards(choice.Cards[:min(choiceAround, len(choice.Cards))]); err != nil {
			return nil, err
		}
	}
	for _, c := range latest {
		view.Latest = append(view.Latest, r.frontCard(c, nil))
	}
	view.Focus = r.focus(focusAround)
	return view, nil
}

// part renders a piece that many pages share, once; the page that contains it
// takes over its tags and its end.
func (r *reading) part(name string, values func(*reading) (any, error)) (template.HTML, error) {
	entry, stale, err := r.site.pages.Fetch(r.ctx, "part "+name+" "+r.here.Key, func(ctx context.Context) (*pagecache.Page, error) {
		own := &reading{asked: &asked{}, ctx: ctx, tx: r.tx, house: r.house, site: r.site, now: r.now, origin: r.origin, here: r.here, tags: map[ref.Tag]bool{}}
		view, err := values(own)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := r.site.theme.Part(&out, r.here.Language, name, view); err != nil {
			return nil, err
		}
		own.until(r.here.midnight(r.now))
		return &pagecache.Page{Part: true, Type: htmlType, Body: out.Bytes(), Tags: own.tagList(), Until: own.ends}, nil
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
