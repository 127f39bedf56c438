package prose_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"

	"broadsheet/internal/platform/prose"
)

// stories is the schema that the vectors are of.
func stories(t testing.TB) *prose.Schema {
	t.Helper()
	text, err := os.ReadFile("../../news/manuscript/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := prose.NewSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vector is a document, steps on it, and what JavaScript makes of them.
type vector struct {
	Doc   json.RawMessage
	Steps []struct {
		Step json.RawMessage
		OK   bool
		// Map is a position and where it is after, going behind and before.
		Map []int
	}
	End json.RawMessage
}

func vectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("testdata/vectors.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Vectors []vector }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Vectors
}

// same compares JSON by what it says.
func same(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	one, _ := json.Marshal(x)
	other, _ := json.Marshal(y)
	return string(one) == string(other)
}

func TestStepsDoWhatTheyDoInTheEditor(t *testing.T) {
	schema := stories(t)
	fit, refused := 0, 0
	for n, v := range vectors(t) {
		doc, err := schema.Parse(v.Doc)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if out, _ := json.Marshal(doc); !same(t, out, v.Doc) {
			t.Errorf("%d: the document is written as\n%s\nwant\n%s", n, out, v.Doc)
		}
		for i, one := range v.Steps {
			step, err := schema.ParseStep(one.Step)
			if err != nil {
				if one.OK {
					t.Errorf("%d.%d: %s: %v", n, i, one.Step, err)
				}
				refused++
				continue
			}
			if out, _ := json.Marshal(step); !same(t, out, one.Step) {
				t.Errorf("%d.%d: the step is written as\n%s\nwant\n%s", n, i, out, one.Step)
			}
			after, err := step.Apply(doc)
			if (err == nil) != one.OK {
				t.Errorf("%d.%d: %s: got %v, the editor says %v", n, i, one.Step, err, one.OK)
				break
			}
			if err != nil {
				refused++
				continue
			}
			fit++
			if doc = after; doc.Check() != nil {
				t.Fatalf("%d.%d: %s makes %v", n, i, one.Step, doc.Check())
			}
			behind, _ := step.Map().Move(one.Map[0], 1)
			before, _ := step.Map().Move(one.Map[0], -1)
			if behind != one.Map[1] || before != one.Map[2] {
				t.Errorf("%d.%d: %s: %d is moved to %d and %d, want %v", n, i, one.Step, one.Map[0], behind, before, one.Map[1:])
			}
		}
		if out, _ := json.Marshal(doc); !same(t, out, v.End) {
			t.Errorf("%d: the end is\n%s\nwant\n%s", n, out, v.End)
		}
	}
	if fit < 600 || refused < 200 {
		t.Errorf("%d steps fit and %d do not: too few to tell", fit, refused)
	}
}

func TestADifferenceMakesOneDocumentOfAnother(t *testing.T) {
	schema := stories(t)
	all := vectors(t)
	for n, v := range all {
		old, err := schema.Parse(v.Doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{v.End, all[(n+1)%len(all)].Doc, v.Doc} {
			now, err := schema.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			steps, err := prose.Diff(old, now)
			if err != nil {
				t.Fatalf("%d: %v", n, err)
			}
			doc := old
			for _, s := range steps {
				if doc, err = s.Apply(doc); err != nil {
					t.Fatalf("%d: %v", n, err)
				}
			}
			if !doc.Equal(now) {
				t.Errorf("%d: the difference makes something else", n)
			}
			if old.Equal(now) != (len(steps) == 0) {
				t.Errorf("%d: %d steps between documents that are the same: %v", n, len(steps), old.Equal(now))
			}
		}
	}
}

func TestADifferenceLeavesAloneWhatIsTheSame(t *testing.T) {
	schema := stories(t)
	paragraph := func(key, text string) *prose.Node {
		return schema.Build("paragraph", map[string]any{"key": key}, schema.Text(text))
	}
	story := func(blocks ...*prose.Node) *prose.Node {
		fields := []*prose.Node{schema.Build("kicker", nil), schema.Build("headline", nil), schema.Build("short", nil), schema.Build("standfirst", nil), schema.Build("dateline", nil)}
		return schema.Build("story", nil, append(fields, blocks...)...)
	}
	old := story(paragraph("a", "One sentence stays."), paragraph("b", "The other 🧂 goes."))
	now := story(paragraph("a", "One sentence stays."), paragraph("b", "The other 🧂 moves."))
	steps, err := prose.Diff(old, now)
	if err != nil || len(steps) != 1 {
		t.Fatalf("got %v, %v", steps, err)
	}
	if text, _ := json.Marshal(steps[0]); string(text) != `{"stepType":"replace","from":45,"to":47,"slice":{"content":[{"type":"text","text":"mov"}]}}` {
		t.Errorf("got %s", text)
	}
}

func TestHostileDocumentsAndStepsAreRefusedInWords(t *testing.T) {
	schema := stories(t)
	head := `{"type":"story","content":[{"type":"kicker"},{"type":"headline"},{"type":"short"},{"type":"standfirst"},{"type":"dateline"}`
	if _, err := schema.Parse([]byte(head + `]}`)); err != nil {
		t.Fatal(err)
	}
	deep := ""
	for range 400 {
		deep += `{"type":"item","content":[{"type":"line"},{"type":"sublist","content":[`
	}
	for name, text := range map[string]string{
		"no object": `[]`, "nothing": ``, "another top": `{"type":"paragraph"}`, "an unknown node": head + `,{"type":"script"}]}`,
		"an unknown attribute": head + `,{"type":"paragraph","attrs":{"onclick":"x"}}]}`, "a field twice": head + `,{"type":"kicker"}]}`,
		"text at the top": head + `,{"type":"text","text":"x"}]}`, "an empty text": head + `,{"type":"paragraph","content":[{"type":"text","text":""}]}]}`,
		"half a character":   head + `,{"type":"paragraph","content":[{"type":"text","text":"\ud800"}]}]}`,
		"a mark on a field":  `{"type":"story","content":[{"type":"kicker","content":[{"type":"text","text":"a","marks":[{"type":"strong"}]}]},{"type":"headline"},{"type":"short"},{"type":"standfirst"},{"type":"dateline"}]}`,
		"marks out of order": head + `,{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"link"},{"type":"strong"}]}]}]}`,
		"very deep":          head + `,{"type":"list","content":[` + deep,
		"a note in a note":   head + `,{"type":"paragraph","content":[{"type":"footnote","content":[{"type":"footnote"}]}]}]}`,
		"content in a leaf":  head + `,{"type":"rule","content":[{"type":"paragraph"}]}]}`,
		"an unknown key":     head + `],"html":"x"}`,
	} {
		if _, err := schema.Parse([]byte(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	doc, err := schema.Parse([]byte(head + `,{"type":"paragraph","content":[{"type":"text","text":"a🧂b"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no step": `{}`, "an unknown step": `{"stepType":"eval"}`, "before the beginning": `{"stepType":"replace","from":-1,"to":0}`,
		"behind the end": `{"stepType":"replace","from":0,"to":99999}`, "backwards": `{"stepType":"replace","from":12,"to":11}`,
		"within a character": `{"stepType":"replace","from":13,"to":13,"slice":{"content":[{"type":"text","text":"x"}]}}`,
		"a field away":       `{"stepType":"replace","from":0,"to":2}`,
		"open for ever":      `{"stepType":"replace","from":11,"to":11,"slice":{"content":[{"type":"paragraph"}],"openStart":1000000}}`,
		"open below nothing": `{"stepType":"replace","from":11,"to":11,"slice":{"content":[{"type":"paragraph"}],"openStart":-3}}`,
		"a gap outside":      `{"stepType":"replaceAround","from":10,"to":12,"gapFrom":3,"gapTo":90,"insert":1}`,
		"an insert outside":  `{"stepType":"replaceAround","from":10,"to":16,"gapFrom":11,"gapTo":15,"insert":77,"slice":{"content":[{"type":"paragraph"}]}}`,
		"a hidden note":      `{"stepType":"replace","from":12,"to":12,"slice":{"content":[{"type":"footnote","content":[{"type":"footnote"}]}]}}`,
		"no such attribute":  `{"stepType":"attr","pos":10,"attr":"onclick","value":1}`,
	} {
		step, err := schema.ParseStep([]byte(text))
		if err == nil {
			_, err = step.Apply(doc)
		}
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzSteps(f *testing.F) {
	schema := stories(f)
	all := vectors(f)
	for _, v := range all[:40] {
		for _, s := range v.Steps {
			f.Add([]byte(v.Doc), []byte(s.Step))
		}
	}
	f.Fuzz(func(t *testing.T, docText, stepText []byte) {
		doc, err := schema.Parse(docText)
		if err != nil {
			return
		}
		step, err := schema.ParseStep(stepText)
		if err != nil {
			return
		}
		if after, err := step.Apply(doc); err == nil && after.Check() != nil {
			t.Fatalf("%s makes an invalid document: %v", stepText, after.Check())
		}
	})
}

func BenchmarkTyping(b *testing.B) {
	schema := stories(b)
	var blocks []*prose.Node
	for _, name := range []string{"kicker", "headline", "short", "standfirst", "dateline"} {
		blocks = append(blocks, schema.Build(name, nil, schema.Text("A line.")))
	}
	text := ""
	for range 125 {
		text += "خبر word "
	}
	for range 40 {
		blocks = append(blocks, schema.Build("paragraph", nil, schema.Text(text)))
	}
	doc := schema.Build("story", nil, blocks...)
	step, err := schema.ParseStep([]byte(`{"stepType":"replace","from":20000,"to":20000,"slice":{"content":[{"type":"text","text":"x"}]}}`))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := step.Apply(doc); err != nil {
			b.Fatal(err)
		}
	}
}
