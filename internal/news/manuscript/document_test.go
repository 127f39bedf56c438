package manuscript_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/story"
)

// whole is a content with everything in it that there is.
func whole() story.Content {
	rich := body.Text{{Text: "می‌رود "}, {Text: "both", Marks: body.Strong | body.Emphasis}, {Text: "a", Link: body.Link{Href: "/x", Title: "t"}, Lang: body.Lang{Tag: "en", Dir: "ltr"}},
		{Break: true}, {Picture: body.Inline{Asset: 9, Alt: "p"}}, {Note: body.Text{{Text: "n", Marks: body.Code}}}, {Text: " union select 'x' 🧂\ttab", Marks: body.Sub | body.Mark}}
	l := body.Lang{Tag: "ar", Dir: "rtl"}
	inner := &body.List{Ordered: true, Start: 3, Items: []body.Item{{Text: body.T("c")}}, Lang: l}
	return story.Content{
		Headline: "A “headline”", Short: "Short", Standfirst: "Standfirst.", Kicker: "Kicker", Dateline: "Basra", Slug: "a-slug", Genre: story.Analysis, Section: 4,
		Topics: nil, Byline: []story.Signature{{Author: 7, Name: "A. Person", Slug: "a-person"}, {Name: "Desk"}}, Picture: 12, Alt: "alt", Caption: "caption", Film: 13,
		Ended: true, NoTerms: true, Origin: &story.Origin{Source: "wxr", Address: "https://a.example/1"},
		Body: body.Body{
			{Key: "a", Value: body.Paragraph{Text: rich, Lang: l}}, {Key: "b", Value: body.Subhead{Level: 3, Text: body.T("s"), Lang: l}}, {Key: "c", Value: body.Paragraph{}},
			{Key: "d", Value: body.Quote{Paragraphs: []body.Text{body.T("1"), rich}, Attribution: body.T("who"), Lang: l}}, {Key: "e", Value: body.PullQuote{Text: rich, Attribution: body.T("who")}},
			{Key: "f", Value: body.List{Items: []body.Item{{Text: rich, List: inner}, {}}}}, {Key: "g", Value: body.Figure{Asset: 12, Caption: rich, Alt: "alt"}},
			{Key: "h", Value: body.Table{Caption: rich, Head: []body.Text{body.T("x"), body.T("y")}, Rows: [][]body.Text{{rich, nil}, {body.T("1"), body.T("2")}}, Source: body.T("src"), Numeric: []bool{false, true}, Labelled: true}},
			{Key: "i", Value: body.KeyPoints{Title: "t", Points: []body.Text{rich}}}, {Key: "j", Value: body.Preformatted{Text: body.T("a\n  b")}}, {Key: "k", Value: body.Rule{}},
			{Key: "l", Value: body.Embed{Provider: "P", URL: "https://p.example/", Title: "t"}}, {Key: "m", Value: body.Gallery{Pictures: []body.Figure{{Asset: 12, Caption: rich, Alt: "a"}, {Asset: 14}}}},
			{Key: "n", Value: body.File{Asset: 15, Label: "l"}}, {Key: "o", Value: body.Note{Kind: body.Correction, Title: "t", Paragraphs: []body.Text{rich}, Lang: l}}, {Key: "p", Value: body.Definition{Topic: 5}},
			{Key: "q", Value: body.Post{At: time.Date(2026, 3, 20, 12, 0, 0, 5, time.UTC), Title: "t", Byline: "b"}},
			{Key: "r", Value: body.Foreign{Origin: "wordpress", Name: "core/x", Tree: []body.Node{{Element: "p", Attributes: map[string]string{"class": "a<b"}, Children: []body.Node{{Text: "t\u2028"}}}}}},
		},
	}
}

func TestAContentIsTheSameAfterItWasADocument(t *testing.T) {
	schema, err := manuscript.NewSchema()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]story.Content{"whole": whole(), "empty": {Genre: story.News}} {
		t.Run(name, func(t *testing.T) {
			doc := manuscript.Document(schema, c)
			if err := doc.Check(); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			again, err := schema.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := manuscript.Content(again)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c) {
				one, _ := json.MarshalIndent(got, "", " ")
				other, _ := json.MarshalIndent(c, "", " ")
				t.Errorf("got\n%s\nwant\n%s", one, other)
			}
		})
	}
}
