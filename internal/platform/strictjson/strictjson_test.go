package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type inner struct {
	Name string `json:"name"`
}

type sample struct {
	inner
	Text   string            `json:"text"`
	Count  int8              `json:"count"`
	Size   uint64            `json:"size"`
	Ratio  float64           `json:"ratio"`
	Yes    bool              `json:"yes"`
	List   []inner           `json:"list"`
	Map    map[string]int    `json:"map"`
	Maybe  *int              `json:"maybe"`
	Any    any               `json:"any"`
	Raw    json.RawMessage   `json:"raw"`
	At     time.Time         `json:"at"`
	Shapes []shaped          `json:"shapes"`
	Pairs  [2]string         `json:"pairs"`
	Bytes  []byte            `json:"bytes"`
	Hidden string            `json:"-"`
	Quoted int               `json:"quoted,string"`
	Deep   map[string]sample `json:"deep"`
}

// shaped is a union of two shapes.
type shaped struct{ Value any }

type round struct {
	Type   string  `json:"type"`
	Radius float64 `json:"radius"`
}

type square struct {
	Type string `json:"type"`
	Side int    `json:"side"`
}

func (shaped) Shape(name string) []any {
	switch name {
	case "round":
		return []any{round{}}
	case "square":
		return []any{square{}}
	}
	return nil
}

func (s *shaped) UnmarshalJSON(data []byte) error {
	var r round
	err := json.Unmarshal(data, &r)
	if err == nil && r.Radius < 0 {
		err = errors.New("the radius is less than nothing")
	}
	s.Value = r
	return err
}

func TestGoodDocumentsAreReadAsEverywhere(t *testing.T) {
	for _, src := range []string{
		`{}`, ` {"text" : "a\u00e9\ud83d\ude00\n\"\\\/" , "count":-128,"size":18446744073709551615,"ratio":-0.5e+3,"yes":true} `,
		`{"name":"x","list":[{"name":"a"},{}],"map":{"a":1,"A":2},"maybe":null,"any":{"x":[1,{"y":null}]},"raw":{"z":0}}`,
		`{"at":"2026-11-23T00:00:00Z","shapes":[{"radius":1.5,"type":"round"}],"pairs":["a","b"],"bytes":"AQI=","quoted":"12","deep":{"k":{"text":"x"}}}`,
		`{"text":"` + "\u2028\u200c\U0010ffff\x7f" + `"}`,
	} {
		var got, want sample
		if err := Unmarshal([]byte(src), &got); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		if err := json.Unmarshal([]byte(src), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", src, got, want)
		}
	}
}

func TestFaultsAreRefusedWithTheirPlace(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"empty", " \n", "line 2, column 1: the document is empty"},
		{"unknown key", "{\n \"é\": 1}", `line 2, column 2: the key "é" is not known here`},
		{"hidden key", `{"Hidden":"x"}`, `line 1, column 2: the key "Hidden" is not known here`},
		{"twice", `{"text":"a","te\u0078t":"b"}`, `line 1, column 13: the key "text" stands here twice`},
		{"twice in a map", `{"map":{"a":1,"a":2}}`, `line 1, column 15, at map: the key "a" stands here twice`},
		{"twice in anything", `{"any":[{"a":1,"a":2}]}`, `line 1, column 16, at any[0]: the key "a" stands here twice`},
		{"case", `{"Text":"a"}`, `line 1, column 2: the key "Text" has to be written "text"`},
		{"embedded key", `{"NAME":"a"}`, `line 1, column 2: the key "NAME" has to be written "name"`},
		{"half a pair", `{"text":"a\ud800b"}`, `line 1, column 11, at text: a text holds half of a surrogate pair`},
		{"wrong pair", `{"text":"\ud800\u0041"}`, `line 1, column 10, at text: a text holds half of a surrogate pair`},
		{"second half", `{"text":"\udc00"}`, `line 1, column 10, at text: a text holds half of a surrogate pair`},
		{"half a pair as a key", `{"map":{"\ud800":1}}`, `line 1, column 10, at map: a text holds half of a surrogate pair`},
		{"UTF-8", "{\"text\":\"é\xff\"}", `line 1, column 11, at text: a text is not valid UTF-8`},
		{"surrogate in UTF-8", "{\"text\":\"\xed\xa0\x80\"}", `line 1, column 10, at text: a text is not valid UTF-8`},
		{"overlong", "{\"text\":\"\xc0\xaf\"}", `line 1, column 10, at text: a text is not valid UTF-8`},
		{"NUL", `{"text":"\u0000"}`, `line 1, column 10, at text: a text holds the character NUL`},
		{"control", "{\"text\":\"\t\"}", `line 1, column 10, at text: a text holds a control character that is not escaped`},
		{"escape", `{"text":"\x"}`, `line 1, column 10, at text: a backslash begins no escape that JSON knows`},
		{"hex", `{"text":"\u12g4"}`, `line 1, column 10, at text: \u is not followed by four hexadecimal digits`},
		{"after the end", `{} {}`, `line 1, column 4: something follows the end of the document`},
		{"comma", `{"text":"a",}`, `line 1, column 13: a key in quotation marks was expected here`},
		{"list comma", `{"list":[{},]}`, `line 1, column 13, at list[1]: a value was expected here`},
		{"no comma", `{"text":"a" "yes":true}`, `line 1, column 13, at text: a comma or '}' was expected here`},
		{"colon", `{"text" "a"}`, `line 1, column 9: a colon was expected here`},
		{"cut", `{"list":[{"name":"a"`, `line 1, column 21, at list[0].name: the document ends too early`},
		{"cut text", `{"text":"a`, `line 1, column 11, at text: the document ends inside a text`},
		{"word", `{"yes":tru}`, `line 1, column 8, at yes: a value was expected here`},
		{"list for text", `{"text":["a"]}`, `line 1, column 9, at text: a text was expected here, not a list`},
		{"text for list", `{"list":"a"}`, `line 1, column 9, at list: a list was expected here, not a text`},
		{"number for text", `{"text":1}`, `line 1, column 9, at text: a text was expected here, not a number`},
		{"text for number", `{"ratio":"1"}`, `line 1, column 10, at ratio: a number was expected here, not a text`},
		{"null for text", `{"text":null}`, `line 1, column 9, at text: a text was expected here, not null`},
		{"true for number", `{"count":true}`, `line 1, column 10, at count: a whole number was expected here, not true`},
		{"fraction", `{"count":1.0}`, `line 1, column 10, at count: a whole number was expected here, or one that is not so large`},
		{"too large", `{"count":128}`, `line 1, column 10, at count: a whole number was expected here, or one that is not so large`},
		{"less than nothing", `{"size":-1}`, `line 1, column 9, at size: a whole number was expected here, or one that is not so large`},
		{"leading zero", `{"count":012}`, `line 1, column 10, at count: this is not a number of JSON`},
		{"NaN", `{"ratio":NaN}`, `line 1, column 10, at ratio: a value was expected here`},
		{"plus", `{"ratio":1e}`, `line 1, column 10, at ratio: this is not a number of JSON`},
		{"minus", `{"ratio":-}`, `line 1, column 10, at ratio: this is not a number of JSON`},
		{"infinite", `{"ratio":1e999}`, `line 1, column 15: json: cannot unmarshal number 1e999 into Go struct field sample.ratio of type float64`},
		{"own form", `{"list":[{"name":"a"}],"at":"x"}`, `line 1, column 29, at at: parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`},
		{"union", `{"shapes":[{"type":"round","side":1}]}`, `line 1, column 28, at shapes[0]: the key "side" is not known here`},
		{"unknown type", `{"shapes":[{"type":"flat"}]}`, `line 1, column 12, at shapes[0]: the type "flat" is not known`},
		{"no type", `{"shapes":[{"side":1}]}`, `line 1, column 12, at shapes[0]: the object says no "type"`},
		{"inside a union", `{"shapes":[{"radius":-1,"type":"round"}]}`, `line 1, column 12, at shapes[0]: the radius is less than nothing`},
		{"mark of order", "\uFEFF{}", `line 1, column 1: a value was expected here`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Unmarshal([]byte(test.src), &sample{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %v", err, test.want)
			}
			if _, ok := errors.AsType[*Fault](err); err != nil && !ok {
				t.Errorf("got a %T, want a *Fault", err)
			}
		})
	}
}

func TestDepthAndLengthAreLimited(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	var v any
	if err := Decode(strings.NewReader(nested(8)), &v, Limits{Depth: 8}); err != nil {
		t.Error(err)
	}
	want := "the document is nested more than 8 levels deep"
	if err := Decode(strings.NewReader(nested(9)), &v, Limits{Depth: 8}); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if err := Unmarshal([]byte(strings.Repeat("[", 1<<20)), &v); err == nil {
		t.Error("got nothing, want a fault")
	}
	if err := Decode(strings.NewReader(`"abc"`), &v, Limits{Bytes: 5}); err != nil {
		t.Error(err)
	}
	if err := Decode(strings.NewReader(`"abcd"`), &v, Limits{Bytes: 5}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
}

func TestForeignDocumentsMayKnowMore(t *testing.T) {
	var got sample
	src := byteOrderMark + `{"other":{"x":[1]},"text":"a\u0000","count":null,"list":[{"more":1,"name":"b"}]}`
	if err := UnmarshalForeign([]byte(src), &got); err != nil || got.Text != "a\x00" || got.List[0].Name != "b" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{`{"a":1,"a":2}`, `{"x":"\ud800"}`, "{\"x\":\"\xff\"}", `{"TEXT":"x"}`, `{} 1`, `{"text":[]}`} {
		if err := UnmarshalForeign([]byte(bad), &sample{}); err == nil {
			t.Errorf("%s: got nothing, want a fault", bad)
		}
	}
}

func TestManyKeysAreStillCompared(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	m := map[string]int{}
	if err := Unmarshal([]byte("{"+b.String()+`"last":0}`), &m); err != nil || len(m) != 1001 {
		t.Error(len(m), err)
	}
	if err := Unmarshal([]byte("{"+b.String()+`"k500":0}`), &m); err == nil {
		t.Error("got nothing, want a fault")
	}
}

func TestOnlyPointersAreDecodedInto(t *testing.T) {
	if err := Unmarshal([]byte(`{}`), sample{}); err == nil {
		t.Error("got nothing, want an error")
	}
}

// FuzzUnmarshal holds that whatever is accepted is accepted by encoding/json
// too, means the same, and survives being written and read again.
func FuzzUnmarshal(f *testing.F) {
	f.Add(`{"text":"a","list":[{"name":"b"}],"shapes":[{"type":"round","radius":1}]}`)
	f.Add(`[1,-0.5e3,"\ud83d\ude00",null,true,{"a":{}}]`)
	f.Fuzz(func(t *testing.T, src string) {
		var known sample
		_ = Unmarshal([]byte(src), &known)
		var got, want, again any
		if Unmarshal([]byte(src), &got) != nil {
			return
		}
		if err := json.Unmarshal([]byte(src), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %v, want %v, %v", src, got, want, err)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%s: got %v, want %v, %v", text, again, got, err)
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	one := `{"name":"A title of ordinary length","text":"` + strings.Repeat("Words of a body, و کلمه. ", 80) + `","count":1,"list":[{"name":"x"},{"name":"y"}]},`
	src := []byte("[" + strings.Repeat(one, 1000) + "{}]")
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		w := newWalk(src, Limits{}, false)
		if err := w.document(reflect.TypeFor[[]sample]()); err != nil {
			b.Fatal(err)
		}
	}
}
