package body_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
)

// of takes a word, whatever it is part of, and picture 7.
func of(word string) body.Removal {
	return body.Removal{
		Cuts: func(text string) (cuts []body.Cut) {
			for at := 0; ; {
				n := strings.Index(text[at:], word)
				if n < 0 {
					return cuts
				}
				cuts = append(cuts, body.Cut{From: at + n, To: at + n + len(word)})
				at += n + len(word)
			}
		},
		Address: func(href string) bool { return strings.Contains(href, word) },
		Asset:   func(id ref.Asset) bool { return id == 7 },
		Mark:    "#",
	}
}

func TestAWordGoesOverTheBordersOfItsSpans(t *testing.T) {
	link := body.Link{Href: "https://x.example/"}
	tests := []struct{ text, want body.Text }{
		{body.Text{{Text: "a SEC"}, {Text: "RET b", Marks: body.Strong}}, body.Text{{Text: "a #"}, {Text: " b", Marks: body.Strong}}},
		{body.Text{{Text: "SE", Link: link}, {Text: "CR", Marks: body.Strong}, {Text: "ET"}, {Text: "."}}, body.Text{{Text: "#", Link: link}, {Text: "."}}},
		{body.Text{{Text: "a"}, {Text: "SECRET", Marks: body.Code}, {Text: "SECRETb"}}, body.Text{{Text: "a"}, {Text: "#", Marks: body.Code}, {Text: "#b"}}},
		{body.Text{{Text: "SEC"}, {Picture: body.Inline{Asset: 8, Alt: "a SECRET"}}, {Text: "RET"}}, body.Text{{Text: "#"}, {Picture: body.Inline{Asset: 8, Alt: "a #"}}}},
		{body.Text{{Text: "a", Link: body.Link{Href: "/SECRET", Title: "SECRET"}}}, body.Text{{Text: "a"}}},
		{body.Text{{Text: "x"}, {Break: true, Text: "SECRET"}, {Text: "SECRET"}}, body.Text{{Text: "x"}, {Break: true, Text: "#"}, {Text: "#"}}},
		{body.Text{{Text: "x"}, {Break: true, Text: "a SECRET"}}, body.Text{{Text: "x"}, {Break: true, Text: "a #"}}},
		{body.Text{{Text: "SEC"}, {Break: true}, {Text: "RET SECRET"}}, body.Text{{Text: "SEC"}, {Break: true}, {Text: "RET #"}}},
		{body.Text{{Text: "SEC"}, {Note: body.Text{{Text: "a SEC"}, {Text: "RET", Link: body.Link{Href: "/SECRET"}}}}, {Text: "RET"}}, body.Text{{Text: "#"}, {Note: body.Text{{Text: "a #"}}}}},
		{body.Text{{Note: body.Text{{Text: "b"}}, Text: "SECRET"}}, body.Text{{Note: body.Text{{Text: "b"}}, Text: "#"}}},
		{body.Text{{Picture: body.Inline{Asset: 7}}, {Picture: body.Inline{Href: "https://x.example/SECRET.jpg"}}}, body.Text{{Text: "#"}, {Text: "#"}}},
	}
	for _, test := range tests {
		b := body.Body{{Key: "a", Value: body.Paragraph{Text: test.text}}}
		before, _ := body.Encode(b)
		clean, n := body.Redact(b, of("SECRET"))
		if got := clean[0].Value.(body.Paragraph).Text; n == 0 || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: got %+v", test.text, got)
		}
		if after, _ := body.Encode(b); string(after) != string(before) {
			t.Errorf("%+v was itself changed", test.text)
		}
	}
}

func TestWhatHoldsNothingStaysAsItIs(t *testing.T) {
	b := body.FromText("One.\n\nTwo.")
	if clean, n := body.Redact(b, of("SECRET")); n != 0 || !reflect.DeepEqual(clean, b) {
		t.Errorf("got %d, %+v", n, clean)
	}
}

func TestBlocksBecomeMarksUnderTheirKeys(t *testing.T) {
	b := body.Body{
		{Key: "a", Value: body.Figure{Asset: 7}}, {Key: "b", Value: body.File{Asset: 7, Label: "SECRET"}}, {Key: "c", Value: body.Embed{URL: "https://x.example/SECRET"}},
		{Key: "d", Value: body.Gallery{Pictures: []body.Figure{{Asset: 7}}}}, {Key: "e", Value: body.Gallery{Pictures: []body.Figure{{Asset: 7}, {Asset: 8, Alt: "SECRET"}}}},
		{Key: "SECRET", Value: body.Rule{}}, {Key: "h", Value: body.Post{At: time.Unix(0, 0).UTC(), Title: "a SECRET", Byline: "SECRET"}},
		{Key: "g", Value: body.Foreign{Tree: []body.Node{{Element: "p", Children: []body.Node{{Text: "SEC"}, {Element: "b", Children: []body.Node{{Text: "RET!"}}}}}, {Element: "img", Asset: 7},
			{Element: "a", Attributes: map[string]string{"href": "/SECRET", "title": "SECRET"}}, {Text: "SEC"}, {Element: "p", Children: []body.Node{{Text: "RET"}}}}}},
	}
	clean, n := body.Redact(b, of("SECRET"))
	text, err := body.Encode(clean)
	if err != nil {
		t.Fatal(err)
	}
	mark := `"type":"paragraph","text":[{"text":"#"}]}`
	want := `[{"key":"a",` + mark + `,{"key":"b",` + mark + `,{"key":"c",` + mark + `,{"key":"d",` + mark +
		`,{"key":"e","type":"gallery","pictures":[{"asset":"8","alt":"#"}]},{"key":"r1",` + mark + `,{"key":"r2","type":"rule"},{"key":"h","type":"post","at":"1970-01-01T00:00:00Z","title":"a #","byline":"#"},` +
		`{"key":"g","type":"foreign","tree":[{"element":"p","children":[{"text":"#"},{"element":"b","children":[{"text":"!"}]}]},{"text":"#"},` +
		`{"element":"a","attributes":{"title":"#"}},{"text":"SEC"},{"element":"p","children":[{"text":"RET"}]}]}]`
	if string(text) != want || n == 0 {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if problems := body.Check(clean); len(problems) > 0 {
		t.Errorf("it cannot be saved: %+v", problems)
	}
}
