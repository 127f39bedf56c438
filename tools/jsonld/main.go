// Jsonld has the TypeScript compiler judge what the pages tell machines: it
// serves the demonstration newsroom, reads every block of JSON-LD on every page
// type in every edition, writes each thing as a constant of its schema.org type
// after schema-dts, and compiles them. A property that the type does not have, or a
// value of another kind, is an error with the page's name. Beforehand it makes sure
// that the compiler would notice: a misspelt property must be refused.
//
// It needs npm, which it lets fetch the versions in package.json.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"broadsheet/test/browser/stage"
)

func main() {
	folder := flag.String("folder", "tools/jsonld", "where package.json is, and node_modules will be")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *folder); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string) error {
	if err := install(ctx, folder); err != nil {
		return err
	}
	if err := prove(ctx, folder); err != nil {
		return err
	}
	things, pages, err := collect(ctx)
	if err != nil {
		return err
	}
	if said, err := compile(ctx, folder, things); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	fmt.Printf("%d things on %d pages are what schema.org says\n", len(things), pages)
	return nil
}

// install has npm fetch the compiler and the types, unless they are there.
func install(ctx context.Context, folder string) error {
	if _, err := os.Stat(compiler(folder)); err == nil {
		return nil
	}
	npm := exec.CommandContext(ctx, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = folder
	if said, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch the compiler and the types: %w\n%s", err, said)
	}
	return nil
}

func compiler(folder string) string { return filepath.Join(folder, "node_modules", ".bin", "tsc") }

// thing is one node of a page's JSON-LD.
type thing struct {
	// page names where it stands, kind its type.
	page, kind string
	text       string
}

// collect reads all pages of the demonstration.
func collect(ctx context.Context) (all []thing, pages int, err error) {
	set, err := stage.WithoutBrowser(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	list, err := set.Newsroom.Pages(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range list {
		if p.Status != 200 {
			continue
		}
		document, err := set.Newsroom.Document(ctx, p.Path)
		if err != nil {
			return nil, 0, err
		}
		for _, block := range document.Data() {
			found, err := thingsOf(p.Name+"-"+p.Edition.Key, block)
			if err != nil {
				return nil, 0, err
			}
			all = append(all, found...)
		}
		pages++
	}
	if len(all) < 50 {
		return nil, 0, fmt.Errorf("only %d things stand on %d pages: the tool does not see them", len(all), pages)
	}
	return all, pages, nil
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
func compile(ctx context.Context, folder string, things []thing) (said string, err error) {
	dir, err := os.MkdirTemp(folder, "check-*")
	if err != nil {
		return "", fmt.Errorf("make a folder to compile in: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.ts"), source(things), 0o644); err != nil {
		return "", fmt.Errorf("write what is to be compiled: %w", err)
	}
	at, err := filepath.Abs(compiler(folder))
	if err != nil {
		return "", err
	}
	tsc := exec.CommandContext(ctx, at, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "main.ts")
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

// prove makes sure that the compiler takes what is right and refuses what is not.
func prove(ctx context.Context, folder string) error {
	right := `{"@type":"NewsArticle","headline":"A","correction":[{"@type":"CorrectionComment","text":"B"}]}`
	if said, err := compile(ctx, folder, []thing{{"right", "NewsArticle", right}}); err != nil {
		return fmt.Errorf("what is right: %w\n%s", err, said)
	}
	for _, wrong := range []string{
		strings.Replace(right, `"headline"`, `"headlin"`, 1), strings.Replace(right, `"text"`, `"txt"`, 1), strings.Replace(right, `"A"`, `true`, 1),
	} {
		said, err := compile(ctx, folder, []thing{{"wrong", "NewsArticle", wrong}})
		if err == nil || !strings.Contains(said, "main.ts") {
			return fmt.Errorf("the compiler takes %s: it judges nothing; it said %q", wrong, said)
		}
	}
	return nil
}
