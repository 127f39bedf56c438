package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"
)

// What pages tell machines is judged by the TypeScript compiler: each thing of their
// JSON-LD becomes a constant of its schema.org type, after schema-dts. A property that
// the type does not have, or a value of another kind, is an error with the page's name.

func TestTheCompilerSeesWhatSchemaOrgDoesNotHave(t *testing.T) {
	right := `{"@type":"NewsArticle","headline":"A","correction":[{"@type":"CorrectionComment","text":"B"}]}`
	if said, err := compile(t.Context(), []thing{{"right", "NewsArticle", right}}); err != nil {
		t.Fatalf("what is right: %v\n%s", err, said)
	}
	for _, wrong := range []string{
		strings.Replace(right, `"headline"`, `"headlin"`, 1), strings.Replace(right, `"text"`, `"txt"`, 1), strings.Replace(right, `"A"`, `true`, 1),
	} {
		said, err := compile(t.Context(), []thing{{"wrong", "NewsArticle", wrong}})
		if err == nil || !strings.Contains(said, "main.ts") {
			t.Errorf("the compiler takes %s: it judges nothing; it said %q", wrong, said)
		}
	}
}

func TestWhatPagesTellMachinesIsWhatSchemaOrgSays(t *testing.T) {
	var all []thing
	pages := 0
	for _, p := range set.pages {
		if p.Status != 200 {
			continue
		}
		document, err := set.Newsroom.Document(t.Context(), p.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range document.Data() {
			found, err := thingsOf(p.Name+"-"+p.Edition.Key, block)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, found...)
		}
		pages++
	}
	if len(all) < 100 {
		t.Fatalf("only %d things stand on %d pages: they are not seen", len(all), pages)
	}
	if said, err := compile(t.Context(), all); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	t.Logf("%d things on %d pages are what schema.org says", len(all), pages)
}

// thing is one node of a page's JSON-LD.
type thing struct {
	// page names where it stands, kind its type.
	page, kind string
	text       string
}

// thingsOf are the nodes of a block: of its graph, or the one that it is.
func thingsOf(page, block string) ([]thing, error) {
	var graph struct {
		Context string            `json:"@context"`
		Graph   []json.RawMessage `json:"@graph"`
	}
	if err := json.Unmarshal([]byte(block), &graph); err != nil {
		return nil, fmt.Errorf("%s: %w", page, err)
	}
	if graph.Context != "https://schema.org" {
		return nil, fmt.Errorf("%s: the context is %q", page, graph.Context)
	}
	if graph.Graph == nil {
		graph.Graph = []json.RawMessage{[]byte(strings.Replace(block, `"@context":"https://schema.org",`, "", 1))}
	}
	var all []thing
	for _, text := range graph.Graph {
		var head struct {
			Type   string          `json:"@type"`
			Action json.RawMessage `json:"potentialAction"`
		}
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%s: %w", page, err)
		}
		if !kindName.MatchString(head.Type) {
			return nil, fmt.Errorf("%s: a thing has the type %q", page, head.Type)
		}
		if head.Action != nil {
			all = append(all, thing{page, "WithActionConstraints<schema.SearchAction>", string(head.Action)})
		}
		all = append(all, thing{page, head.Type, constraint.ReplaceAllString(string(text), "")})
	}
	return all, nil
}

// constraint says what an action must be given. The types know it where the action
// stands alone.
var constraint = regexp.MustCompile(`,"query-input":"[^"]*"`)

var kindName = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// compile judges things; what the compiler said is about main.ts, where each
// constant is named for its page.
func compile(ctx context.Context, things []thing) (said string, err error) {
	compiler, err := stage.Need("typescript/bin/tsc")
	if err != nil {
		return "", err
	}
	// The types are found in the folders above.
	dir, err := os.MkdirTemp(filepath.Join(compiler, "..", "..", "..", ".."), "check-*")
	if err != nil {
		return "", fmt.Errorf("make a folder to compile in: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.ts"), source(things), 0o644); err != nil {
		return "", fmt.Errorf("write what is to be compiled: %w", err)
	}
	tsc := exec.CommandContext(ctx, "node", compiler, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "main.ts")
	tsc.Dir = dir
	out, err := tsc.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("the compiler refuses it: %w", err)
	}
	return string(out), err
}

// source is a program of constants.
func source(things []thing) []byte {
	var out bytes.Buffer
	out.WriteString("import type * as schema from 'schema-dts';\n")
	for n, t := range things {
		fmt.Fprintf(&out, "// %s\nexport const %s_%d: Exclude<schema.%s, string> = %s;\n", t.page, strings.ReplaceAll(t.page, "-", "_"), n, t.kind, t.text)
	}
	return out.Bytes()
}
