package site

import (
	"time"

	"broadsheet/internal/news/story"
)

// What machines are told about a page: JSON-LD after schema.org, and Open
// Graph with its article properties.

// types are the schema.org types of the genres.
var types = map[story.Genre]string{
	story.News: "NewsArticle", story.Analysis: "AnalysisNewsArticle", story.Opinion: "OpinionNewsArticle",
	story.Report: "ReportageNewsArticle", story.Explainer: "BackgroundNewsArticle", story.Interview: "NewsArticle",
	story.Photo: "NewsArticle", story.Film: "NewsArticle", story.Live: "LiveBlogPosting",
}

// object is a node of JSON-LD.
type object map[string]any

func (r *reading) publisher() object {
	return object{"@type": "NewsMediaOrganization", "name": r.here.Title, "url": r.origin + "/" + r.here.Key + "/"}
}

// paperData describes the publication itself, on its fronts.
func (r *reading) paperData(f Frame) any {
	return object{
		"@context": "https://schema.org", "@type": "WebSite", "name": f.Paper, "url": f.Canonical, "inLanguage": f.Lang,
		"publisher": r.publisher(),
	}
}

// describe fills in what machines are told about a story.
func (r *reading) describe(view *StoryPage, live story.Story) {
	changed := live.Published
	if !live.Updated.IsZero() {
		changed = live.Updated
	}
	view.Metas = append(view.Metas,
		Meta{"article:published_time", live.Published.Format(time.RFC3339)},
		Meta{"article:modified_time", changed.Format(time.RFC3339)},
		Meta{"article:section", view.Section.Text})
	for n, m := range view.Metas {
		if m.Property == "og:type" {
			view.Metas[n].Content = "article"
		}
	}
	for _, t := range view.Topics {
		view.Metas = append(view.Metas, Meta{"article:tag", t.Text})
	}
	kind := types[live.Genre]
	if kind == "" {
		kind = "NewsArticle"
	}
	data := object{
		"@context": "https://schema.org", "@type": kind, "headline": live.Headline, "inLanguage": view.Lang,
		"datePublished": live.Published.Format(time.RFC3339), "dateModified": changed.Format(time.RFC3339),
		"articleSection": view.Section.Text, "mainEntityOfPage": view.Canonical, "publisher": r.publisher(), "isAccessibleForFree": true,
		// The last of the keys: receipts look for it.
		"version": live.Version,
	}
	if live.Standfirst != "" {
		data["description"] = live.Standfirst
	}
	if corrections := r.correctionData(view.Corrections); len(corrections) > 0 {
		data["correction"] = corrections
	}
	if authors := r.authorData(view.Byline); len(authors) > 0 {
		data["author"] = authors
	}
	if p := view.Picture; p != nil {
		view.Metas = append(view.Metas, Meta{"og:image", r.origin + p.Src}, Meta{"og:image:alt", p.Alt})
		data["image"] = object{"@type": "ImageObject", "url": r.origin + p.Src, "creditText": p.Credit, "caption": p.Caption}
	}
	view.Data = data
}

func (r *reading) authorData(byline []Link) []object {
	var authors []object
	for _, name := range byline {
		author := object{"@type": "Person", "name": name.Text}
		if name.Href != "" {
			author["url"] = r.origin + name.Href
		}
		authors = append(authors, author)
	}
	return authors
}

func (r *reading) correctionData(list []Correction) []object {
	var all []object
	for _, c := range list {
		all = append(all, object{"@type": "CorrectionComment", "text": c.Note, "datePublished": c.At.ISO, "url": r.origin + c.Compare})
	}
	return all
}
