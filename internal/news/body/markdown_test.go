package body

import (
	"reflect"
	"strings"
	"testing"

	"broadsheet/internal/news/ref"
)

func fromMarkdown(src string) (Body, error) {
	return FromMarkdown([]byte(src), MarkdownOptions{Asset: func(name string) (ref.Asset, bool) { return 1, name == "rails" }})
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
		"```picture x\n```":                 `the picture "x" is not known`,
		"a\n\n```table\nCaption: c\n```":    "line 3: no table stands before its caption",
		"|a|\n|-|\n|b|\n\n```table\nx\n```": `line 5: "x" does not begin with Caption: or Source: as it must`,
		"a\nb\x00":                          "line 2 holds a character that no text may have (U+0000)",
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
