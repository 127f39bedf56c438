package site

import (
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// What other programs show of a page that somebody names: Open Graph with its
// article properties, and what of them has another name.

// graph says of a page what every page has. One without a picture of its own is
// shown with the paper's mark.
func (r *reading) graph(f *Frame) {
	f.Named = []Meta{{"twitter:card", "summary"}}
	f.Metas = []Meta{{"og:site_name", r.here.Title}, {"og:type", "website"}, {"og:title", f.Title}, {"og:locale", localeName(r.here.Edition)}}
	if r.path != "" {
		r.standsAt(f, r.path)
	}
	f.tell("og:description", f.Description)
	if icon := r.assetAddress(iconFile); icon != "" {
		f.image(icon, "image/png", 512, 512, r.here.Title)
	}
}

// localeName is a language with its place, as Open Graph writes them: fa_IR.
func localeName(e edition.Edition) string {
	language, _, _ := strings.Cut(e.Language, "-")
	if place := lang.Territory(e.Language, e.Region); place != "" {
		return language + "_" + place
	}
	return language
}

// standsAt says what a page's one address is.
func (r *reading) standsAt(f *Frame, path string) {
	f.Canonical = r.origin + path
	f.tell("og:url", f.Canonical)
}

// tell sets a property that a page has once; an empty one is not told.
func (f *Frame) tell(property, content string) {
	for n := range f.Metas {
		if f.Metas[n].Property == property {
			f.Metas[n].Content = content
			return
		}
	}
	if content != "" {
		f.Metas = append(f.Metas, Meta{property, content})
	}
}

// image sets the picture of a page.
func (f *Frame) image(address, kind string, width, height int, alt string) {
	f.tell("og:image", address)
	f.tell("og:image:type", kind)
	f.tell("og:image:width", itoa(width))
	f.tell("og:image:height", itoa(height))
	f.tell("og:image:alt", alt)
}

// showPicture sets a picture of ours, in a size that fills a card.
func (r *reading) showPicture(f *Frame, a asset.Asset, alt string) {
	if !a.Here() {
		return
	}
	width, height := shown(a)
	f.image(r.origin+rendition(a, width), "image/jpeg", width, height, r.plain(alt))
	f.Named[0].Content = "summary_large_image"
}

// article says what else is known of a story.
func (r *reading) article(view *StoryPage, live story.Story) {
	view.tell("og:type", "article")
	view.tell("article:published_time", live.Published.Format(time.RFC3339))
	view.tell("article:modified_time", changedAt(live.Card).Format(time.RFC3339))
	view.tell("article:section", r.plain(view.Section.Text))
	for _, name := range view.Byline {
		author := r.plain(name.Text)
		if name.Href != "" {
			author = r.origin + name.Href
		}
		view.Metas = append(view.Metas, Meta{"article:author", author})
	}
	for _, t := range view.Topics {
		view.Metas = append(view.Metas, Meta{"article:tag", r.plain(t.Text)})
	}
}

// changedAt is when a story changed last.
func changedAt(c story.Card) time.Time {
	if c.Updated.After(c.Published) {
		return c.Updated
	}
	return c.Published
}
