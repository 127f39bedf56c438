package site_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"strings"
	"testing"

	"broadsheet/internal/web/site"
)

// write has the list of the contract written anew: go test ./internal/web/site
// -run Contract -write.
var write = flag.Bool("write", false, "write the list of values into docs/themes.md")

const (
	themesDocument = "../../../docs/themes.md"
	listBegins     = "<!-- From here to the end this is made of internal/web/site/view.go: go test ./internal/web/site -run Contract -write -->\n"
)

func TestTheContractWithThemesIsWrittenDown(t *testing.T) {
	document, err := os.ReadFile(themesDocument)
	if err != nil {
		t.Fatal(err)
	}
	words, list, found := strings.Cut(string(document), listBegins)
	if !found {
		t.Fatalf("%s has no line %q", themesDocument, listBegins)
	}
	if version := fmt.Sprintf("version %d", site.ContractVersion); !strings.Contains(words, version) {
		t.Errorf("%s does not say that this is %s of the contract", themesDocument, version)
	}
	want := contract(t)
	if *write {
		if err := os.WriteFile(themesDocument, []byte(words+listBegins+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if list != want {
		t.Errorf("%s does not list what view.go has: run go test ./internal/web/site -run Contract -write", themesDocument)
	}
}

// contract lists the structs of view.go with their fields, in words.
func contract(t *testing.T) string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "view.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	structs := 0
	for _, declared := range parsed.Decls {
		general, ok := declared.(*ast.GenDecl)
		if !ok || general.Tok != token.TYPE {
			continue
		}
		for _, spec := range general.Specs {
			if of, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType); ok {
				structs++
				fmt.Fprintf(&list, "\n### %s\n%s\n\n", spec.(*ast.TypeSpec).Name, oneLine(general.Doc))
				for _, field := range of.Fields.List {
					list.WriteString(fieldLine(files, field))
				}
			}
		}
	}
	if structs < 20 {
		t.Fatalf("only %d structs were read", structs)
	}
	return list.String()
}

func fieldLine(files *token.FileSet, field *ast.Field) string {
	var kind bytes.Buffer
	printer.Fprint(&kind, files, field.Type)
	if len(field.Names) == 0 {
		return fmt.Sprintf("- all fields of [%s](#%s)\n", kind.String(), strings.ToLower(kind.String()))
	}
	var names []string
	for _, name := range field.Names {
		names = append(names, "`."+name.Name+"`")
	}
	line := fmt.Sprintf("- %s %s", strings.Join(names, ", "), strings.ReplaceAll(kind.String(), "[]", "list of "))
	if said := oneLine(field.Doc); said != "" {
		line += ": " + said
	}
	return line + "\n"
}

func oneLine(said *ast.CommentGroup) string {
	if said == nil {
		return ""
	}
	return strings.Join(strings.Fields(said.Text()), " ")
}
