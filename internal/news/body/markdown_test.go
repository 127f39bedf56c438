package body

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
)

func fromMarkdown(src string) (Body, error) {
	return FromMarkdown([]byte(src), MarkdownOptions{
		Asset: func(name string) (ref.Asset, bool) { return 1, name == "rails" },
		Topic: func(name string) (ref.Topic, bool) { return 5, name == "Lock" },
	})
}

func TestMarkdownBecomesBlocks(t *testing.T) {
	tests := []struct {
		name, src string
		want      []Value
	}{
		{"paragraphs", "One\ntwo  \nthree\n\nFour", []Value{Paragraph{Text: Text{{Text: "One two"}, {Break: true}, {Text: "three"}}}, Paragraph{Text: T("Four")}}},
		{"marks", "a **b *c*** ~~d~~ `e&amp;\\*`", []Value{Paragraph{Text: Text{{Text: "a "}, {Text: "b ", Marks: Strong}, {Text: "c", Marks: Strong | Emphasis}, {Text: " "}, {Text: "d", Marks: Strike}, {Text: " "}, {Text: "e&amp;\\*", Marks: Code}}}}},
		{"escapes", `\*a\* &lt;b&gt; \&amp; &nope; AT&T`, []Value{Paragraph{Text: T("*a* <b> &amp; &nope; AT&T")}}},
		{"HTML is text", "a <b>b</b>\n\n<div>\nc\n</div>", []Value{Paragraph{Text: T("a <b>b</b>")}, Paragraph{Text: T("<div> c </div>")}}},
		{"links", "[a](/x \"t\") <https://e.org> [b](javascript:x)", []Value{Paragraph{Text: Text{{Text: "a", Link: Link{"/x", "t"}}, {Text: " "}, {Text: "https://e.org", Link: Link{Href: "https://e.org"}}, {Text: " b (javascript:x)"}}}}},
		{"headings", "# a\n\n## b\n\n### c\n\n#### d", []Value{Subhead{Level: 2, Text: T("a")}, Subhead{Level: 2, Text: T("b")}, Subhead{Level: 3, Text: T("c")}, Subhead{Level: 3, Text: T("d")}}},
		{"quote", "> a\n>\n> — b", []Value{Quote{Paragraphs: []Text{T("a")}, Attribution: T("b")}}},
		{"lists", "3. a\n   - b\n\n     c\n4. d", []Value{List{Ordered: true, Start: 3, Items: []Item{{Text: T("a"), List: &List{Items: []Item{{Text: Text{{Text: "b"}, {Break: true}, {Break: true}, {Text: "c"}}}}}}, {Text: T("d")}}}}},
		{"rule and code", "a\n\n---\n\n```go\nx\n\n y\n```", []Value{Paragraph{Text: T("a")}, Rule{}, Preformatted{Text: T("x\n\n y")}}},
		{"key points", "```key-points\n# Title\nOne **two**\n\nThree\n```", []Value{KeyPoints{Title: "Title", Points: []Text{{{Text: "One "}, {Text: "two", Marks: Strong}}, T("Three")}}}},
		{"points that look like lists", "```key-points\n1. One\n```", []Value{KeyPoints{Points: []Text{T("1. One")}}}},
		{"pull quote", "```pull-quote\nOne\ntwo\n— Three\n```", []Value{PullQuote{Text: T("One two"), Attribution: T("Three")}}},
		{"pictures", "```picture rails\nA caption\n```\n\n![alt](rails \"c\")\n\nx ![alt](rails)", []Value{Figure{Asset: 1, Caption: T("A caption")}, Figure{Asset: 1, Alt: "alt", Caption: T("c")}, Paragraph{Text: Text{{Text: "x "}, {Picture: Inline{Asset: 1, Alt: "alt"}}}}}},
		{"figure and gallery", "```figure\nrails | alt | A *caption* | b\n```\n\n```gallery\nrails\nrails | | c\n```", []Value{
			Figure{Asset: 1, Alt: "alt", Caption: Text{{Text: "A "}, {Text: "caption", Marks: Emphasis}, {Text: " | b"}}}, Gallery{[]Figure{{Asset: 1}, {Asset: 1, Caption: T("c")}}}}},
		{"file and definition", "```file\nrails | The report\n```\n\n```definition\nLock\n```", []Value{File{1, "The report"}, Definition{5}}},
		{"embed", "```embed\nURL: https://youtu.be/x\nTitle: A film: two parts\n```\n\n```embed\nProvider: P\nURL: https://e.org/y\n```", []Value{Embed{"YouTube", "https://youtu.be/x", "A film: two parts"}, Embed{"P", "https://e.org/y", ""}}},
		{"post", "```post\nAt: 2026-11-23T14:05:00Z\nTitle: 14:05 came\nByline: Ana Idris\n```", []Value{Post{time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC), "14:05 came", "Ana Idris"}}},
		{"footnotes", "A[^b] **b[^1]** [^c][^1].\n\n[^1]: One *x*\n\n    two\n\n> [^b]: B\n\nEnd", []Value{
			Paragraph{Text: Text{{Text: "A"}, {Note: T("B")}, {Text: " "}, {Text: "b", Marks: Strong}, {Note: Text{{Text: "One "}, {Text: "x", Marks: Emphasis}, {Break: true}, {Break: true}, {Text: "two"}}}, {Text: " [^c]"},
				{Note: Text{{Text: "One "}, {Text: "x", Marks: Emphasis}, {Break: true}, {Break: true}, {Text: "two"}}}, {Text: "."}}}, Paragraph{Text: T("End")}}},
		{"table", "| a | b |\n|---|---|\n| x | −1.5% |\n| y \\| z | |\n\n```table\nCaption: c\nSource: s\n```", []Value{Table{Caption: T("c"), Source: T("s"), Head: []Text{T("a"), T("b")}, Rows: [][]Text{{T("x"), T("−1.5%")}, {T("y | z"), nil}}, Numeric: []bool{false, true}, Labelled: true}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, err := fromMarkdown(test.src)
			if err != nil {
				t.Fatal(err)
			}
			var got []Value
			for _, block := range b {
				got = append(got, block.Value)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %#v\nwant %#v", got, test.want)
			}
			if found := Check(b); len(found) > 0 {
				t.Errorf("got %v, want a good body", found)
			}
		})
	}
}

func TestMarkdownFaultsAreNamed(t *testing.T) {
	for src, want := range map[string]string{
		"```picture x\n```":                               `line 1: the picture "x" is not known`,
		"a\n\n```table\nCaption: c\n```":                  "line 3: no table stands before its caption",
		"|a|\n|-|\n|b|\n\n```table\nx\n```":               `line 5: "x" does not begin with Caption: or Source: as it must`,
		"x\n\n```post\nAt: noon\n```":                     "line 3: the time \"noon\" of the post: parsing time \"noon\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"noon\" as \"2006\"",
		"```post\nWhen: now\n```":                         "line 1: \"When: now\" does not begin with At:, Title:, Byline: as it must",
		"```embed\nURL: javascript:x\n```":                "line 1: the address \"javascript:x\" of the embed leads nowhere",
		"```definition\nKey\n```":                         "line 1: the topic \"Key\" is not known",
		"```definition\n```":                              "line 1: the block has 0 lines where it must have one",
		"```gallery\n```\n\n```file\nx\n```":              "line 1: the gallery has no pictures\nline 4: the file \"x\" is not known",
		"a\n\n[^1]: b":                                    "nothing in the text refers to the note [^1]",
		"a[^1]\n\n[^1]: b[^1]":                            "a note refers to note 1, and a note has no notes",
		"a[^1]\n\n```key-points\n- p[^1]\n```\n\n[^1]: b": `"p[^1]" refers to a note, which only running text can`,
		"a\nb\x00": "line 2 holds a character that no text may have (U+0000)",
	} {
		if _, err := fromMarkdown(src); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %v", src, err, want)
		}
	}
}

func TestDeepListsInMarkdownKeepTheirText(t *testing.T) {
	var src strings.Builder
	for i := range MaxNesting + 4 {
		src.WriteString(strings.Repeat("  ", i) + "- x" + string(rune('a'+i)) + "\n")
	}
	b, err := fromMarkdown(src.String())
	if err != nil || len(Check(b)) > 0 {
		t.Fatal(err, Check(b))
	}
	if got, want := letters(Plain(b)), letters(strings.ReplaceAll(src.String(), "-", "")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
