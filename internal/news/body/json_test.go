package body

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/strictjson"
)

func TestBodyComesBackFromJSON(t *testing.T) {
	want := bodyOf("متن <b>&\u2028")
	first, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(first)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if second, _ := Encode(got); string(second) != string(first) {
		t.Errorf("got %s, want %s", second, first)
	}
	var within struct{ Body Body }
	whole, _ := json.Marshal(struct{ Body Body }{want})
	if err := strictjson.Unmarshal(whole, &within); err != nil || !reflect.DeepEqual(within.Body, want) {
		t.Errorf("within another value: got %#v and %v", within.Body, err)
	}
}

func TestJSONIsAsDocumented(t *testing.T) {
	b := Body{{"b1", Paragraph{Text: Text{{Text: "a<", Marks: Strong | Sup, Link: Link{Href: "/x"}, Lang: Lang{Tag: "fa"}}, {Break: true}}}}, {"b2", Rule{}}, {"b3", Figure{Asset: 12}}, {"b4", Table{Rows: [][]Text{{nil}}}},
		{"b5", Paragraph{Text: Text{{Note: T("n")}}}}, {"b6", Definition{7}}, {"b7", Post{At: time.Date(2026, 11, 23, 17, 5, 0, 0, time.FixedZone("", 3*3600)), Title: "t", Byline: "w"}}}
	want := `[{"key":"b1","type":"paragraph","text":[{"text":"a<","marks":["strong","sup"],"link":{"href":"/x"},"lang":{"tag":"fa"}},{"break":true}]},` +
		`{"key":"b2","type":"rule"},{"key":"b3","type":"figure","asset":"12"},{"key":"b4","type":"table","rows":[[[]]]},` +
		`{"key":"b5","type":"paragraph","text":[{"note":[{"text":"n"}]}]},{"key":"b6","type":"definition","topic":"7"},{"key":"b7","type":"post","at":"2026-11-23T17:05:00+03:00","title":"t","byline":"w"}]`
	if got, err := Encode(b); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, _ := json.Marshal(Body(nil)); string(got) != "[]" {
		t.Errorf("got %s, want []", got)
	}
}

func TestFaultInJSONIsNamedWithItsPlace(t *testing.T) {
	tests := []struct{ src, want string }{
		{`[{"key":"k","type":"paragraph","txt":[]}]`, `block 1 (k): the key "txt" is not known here`},
		{`[{"key":"k","type":"rule","text":[]}]`, `block 1 (k): the key "text" is not known here`},
		{`[{"key":"k","type":"html","html":"<b>"}]`, `block 1 (k): the type "html" is not known`},
		{`[{"key":"k"}]`, `block 1 (k): the object says no "type"`},
		{`[{"type":"rule","key":"a"},{"key":"k","type":"figure","asset":12}]`, `block 2 (k), asset: not an identity`},
		{`[{"key":"k","type":"paragraph","text":[{"marks":["blink"]}]}]`, `block 1 (k), text[0].marks: "blink" is not a mark`},
		{`[{"key":"k","type":"paragraph","text":[{"text":"\ud800"}]}]`, `block 1 (k), text[0].text: a text holds half of a surrogate pair`},
		{`[{"key":"k","type":"paragraph","text":[{"text":"\u0000"}]}]`, `block 1 (k), text[0].text: a text holds the character NUL`},
		{`[{"key":"k","type":"subhead","level":"2"}]`, `block 1 (k), level: a whole number was expected here, not a text`},
		{`[{"key":"k","type":"list","items":[{"list":{"items":[{"x":1}]}}]}]`, `block 1 (k), items[0].list.items[0]: the key "x" is not known here`},
		{`[{"key":"k","type":"paragraph","text":[{"note":[{"txt":"n"}]}]}]`, `block 1 (k), text[0].note[0]: the key "txt" is not known here`},
		{`[{"key":"k","type":"definition","topic":7}]`, `block 1 (k), topic: not an identity`},
		{`{}`, `body: a list was expected here, not an object`},
		{`null`, `body: a list of blocks was expected, not null`},
		{`[] []`, `body: something follows the end of the document`},
	}
	for _, test := range tests {
		_, err := Decode([]byte(test.src))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %v", test.src, err, test.want)
		}
	}
	if _, err := Decode(make([]byte, MaxBytes+1)); !errors.Is(err, strictjson.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, strictjson.ErrTooLarge)
	}
}

func TestCheckNamesEveryPlace(t *testing.T) {
	link := func(href string) Value { return Paragraph{Text: Text{{Text: "x", Link: Link{Href: href}}}} }
	deep := Node{Element: "div"}
	for range MaxNodes {
		deep = Node{Element: "div", Children: []Node{deep}}
	}
	tests := []struct {
		name  string
		value Value
		want  string
	}{
		{"nothing", nil, ": holds nothing"},
		{"NUL", Paragraph{Text: T("a\x00")}, "text[0].text: has a control character (U+0000) at character 2"},
		{"C1", KeyPoints{Points: []Text{T("é\u0085")}}, "points[0][0].text: has a control character (U+0085) at character 2"},
		{"not UTF-8", Preformatted{Text: T("\xff")}, "text[0].text: is not valid UTF-8 at character 1"},
		{"script address", link("javascript:alert(1)"), "text[0].link.href: must begin with https:, http: or mailto:, or be a path of this site"},
		{"tab in the scheme", link("java\tscript:x"), "text[0].link.href: must begin with https:, http: or mailto:, or be a path of this site"},
		{"another host", link("//e.org"), "text[0].link.href: must begin with https:, http: or mailto:, or be a path of this site"},
		{"ragged table", Table{Head: []Text{nil, nil}, Rows: [][]Text{{nil}}}, "rows[0]: has 1 cells where the table has 2 columns"},
		{"empty table", Table{}, "head: has 0 columns; a table has 1 to 50"},
		{"level", Subhead{Level: 1}, "level: is 1; it can be 2 or 3"},
		{"no picture", Figure{}, "asset: is not chosen"},
		{"note", Note{Kind: "x"}, `kind: "x" is not a kind of note`},
		{"note in a note", Paragraph{Text: Text{{Note: Text{{Note: T("x")}}}}}, "text[0].note[0].note: is a note in a note"},
		{"link in a note", KeyPoints{Points: []Text{{{Note: Text{{Text: "x", Link: Link{Href: "x:y"}}}}}}}, "points[0][0].note[0].link.href: must begin with https:, http: or mailto:, or be a path of this site"},
		{"no topic", Definition{}, "topic: is not chosen"},
		{"no time", Post{Title: "x"}, "at: is not said"},
		{"a time that JSON cannot hold", Post{At: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}, "at: is in the year 12000"},
		{"title of a post", Post{At: time.Unix(0, 0), Title: "a\x00"}, "title: has a control character (U+0000) at character 2"},
		{"language", Paragraph{Lang: Lang{Tag: "<"}}, "lang.tag: is not the tag of a language"},
		{"direction", Paragraph{Lang: Lang{Dir: "up"}}, "lang.dir: can be ltr or rtl"},
		{"element", Foreign{Tree: []Node{{Element: "script"}}}, `tree[0].element: "script" is not one that can be shown`},
		{"attribute", Foreign{Tree: []Node{{Element: "div", Attributes: map[string]string{"onclick": "x"}}}}, "tree[0].attributes.onclick: is not an attribute that can be kept"},
		{"deep tree", Foreign{Tree: []Node{deep}}, "tree" + strings.Repeat("[0].children", MaxNodes-1) + "[0]: has elements in elements of more than 48 levels"},
		{"long title", Embed{URL: "/x", Title: strings.Repeat("é", MaxLine+1)}, "title: has 2001 characters of at most 2000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := Check(Body{{"k", test.value}})
			if len(found) != 1 || found[0].Place+": "+found[0].Reason != test.want || found[0].Block != 0 || found[0].Key != "k" {
				t.Errorf("got %v, want %v", found, test.want)
			}
		})
	}
	if got := Check(Body{{"k", Rule{}}, {"k", Rule{}}, {"", Rule{}}}); len(got) != 2 || got[0].Reason != "is also that of block 1" || got[1].Block != 2 {
		t.Errorf("keys: got %v", got)
	}
	if got := Check(bodyOf("/x")); slices.ContainsFunc(got, func(p Problem) bool { return p.Block > 0 && p.Block < 16 }) {
		t.Errorf("good blocks: got %v", got)
	}
}

func TestOnlyPlainAddressesAreUsable(t *testing.T) {
	for _, good := range []string{"https://example.org", "HTTP://example.org/ا?x=%20#y", "mailto:a@example.org", "/", "/a/b?c#d", "https://[::1]/"} {
		if !Usable(good) {
			t.Errorf("%q: got unusable", good)
		}
	}
	for _, bad := range []string{"", "javascript:alert(1)", "java\tscript:x", " https://a", "data:text/html,x", "vbscript:x", "//host", `/\host`, `\\host`,
		"https:/host", "https:host", "https://", "https:///x", "ftp://x", "#x", "x", "?x", "https://a\n", "tel:1", "/a b", "mailto:", "https://@x", "/" + strings.Repeat("a", MaxAddress)} {
		if Usable(bad) {
			t.Errorf("%q: got usable", bad)
		}
	}
}

func TestKeysAreForLife(t *testing.T) {
	b := Assign(Body{{"b2", Rule{}}, {"", Rule{}}, {"x", Rule{}}, {"x", Rule{}}, {"", Rule{}}}, Counter("b"))
	var got []Key
	for _, block := range b {
		got = append(got, block.Key)
	}
	if want := []Key{"b2", "b1", "x", "b3", "b4"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAssetsAndLinksAreFoundEverywhere(t *testing.T) {
	b := bodyOf("/l")
	b = append(b, Block{"z", Paragraph{Text: Text{{Picture: Inline{Asset: 77}}, {Picture: Inline{Href: "/p"}}, {Note: Text{{Picture: Inline{Asset: 79}}, {Text: "n", Link: Link{Href: "/n"}}}}}}}, Block{"y", Foreign{Tree: []Node{{Element: "div", Children: []Node{{Element: "img", Asset: 78}}}}}})
	if got, want := Assets(b), []ref.Asset{1, 2, 9, 77, 79, 78, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := Links(b), []string{"/l", "/p", "/n"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := Definitions(Body{{"a", Definition{7}}, {"b", Rule{}}, {"c", Definition{3}}, {"d", Definition{7}}}), []ref.Topic{7, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
