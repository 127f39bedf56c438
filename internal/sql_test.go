package internal_test

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// statement looks like SQL: how every statement of the house begins.
var statement = regexp.MustCompile(`^(select|insert into|update|delete from|with) [a-z_(]`)

// oneEngine tells for which engine alone a file's statements are, by its name:
// sqlite.go, scrub_postgres.go; empty for both.
func oneEngine(path string) string {
	for _, engine := range []string{"sqlite", "postgres"} {
		if name := filepath.Base(path); name == engine+".go" || strings.HasSuffix(name, "_"+engine+".go") {
			return engine
		}
	}
	return ""
}

// TestEveryStatementRunsOnBothEngines has both engines prepare every statement
// of the house. It is by text: a statement that no test runs is tried too.
func TestEveryStatementRunsOnBothEngines(t *testing.T) {
	statements := findStatements(t)
	if len(statements) < 60 {
		t.Fatalf("only %d statements were found: the test does not see the stores", len(statements))
	}
	sqlite := t.TempDir() + "/broadsheet.db"
	for engine, target := range map[string]string{"sqlite": sqlite, "postgres": dbtest.PostgresURL(t)} {
		d, err := db.Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Close()
		driver := map[string]string{"sqlite": "sqlite", "postgres": "pgx"}[engine]
		raw, err := sql.Open(driver, target)
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		for text, path := range statements {
			if only := oneEngine(path); only != "" && only != engine {
				continue
			}
			prepared, err := raw.PrepareContext(t.Context(), text)
			if err != nil {
				t.Errorf("%s: %s refuses: %v\n%s", path, engine, err, text)
				continue
			}
			prepared.Close()
		}
	}
}

func findStatements(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	eachFile(t, func(path, room string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(room, "internal/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && statement.MatchString(text) {
				found[text] = path
			}
			return true
		})
	})
	return found
}

// assembling are the files that put statements together, and say why.
var assembling = map[string]bool{"../internal/platform/db/copy.go": true, "../internal/platform/db/scrub_postgres.go": true}

// beginning looks like the first piece of a statement.
var beginning = regexp.MustCompile(`^(select|insert into|insert|update|delete from|delete|with|vacuum|truncate|alter table|drop table)( |$)`)

// TestNoStatementIsAssembled finds SQL that is made of pieces.
func TestNoStatementIsAssembled(t *testing.T) {
	found := map[string]bool{}
	eachFile(t, func(path, room string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(room, "internal/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range assembled(file) {
			found[path] = true
			if !assembling[path] {
				t.Errorf("%s: a statement is put together from pieces: %.60s", path, piece)
			}
		}
	})
	for path := range assembling {
		if !found[path] {
			t.Errorf("%s puts no statement together: take it from the list, or the test does not see it", path)
		}
	}
}

// assembled finds the first pieces of statements: in sums, in formats, and in
// whatever joins, replaces, appends or writes texts.
func assembled(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		var pieces []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				pieces = []ast.Expr{n.X, n.Y}
			}
		case *ast.AssignStmt:
			if n.Tok == token.ADD_ASSIGN {
				pieces = n.Rhs
			}
		case *ast.CallExpr:
			pieces = joined(n)
		}
		for _, piece := range pieces {
			literal, ok := piece.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			if text, err := strconv.Unquote(literal.Value); err == nil && beginning.MatchString(text) {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

// joined are the texts that a call puts together.
func joined(call *ast.CallExpr) (pieces []ast.Expr) {
	name := ""
	switch called := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = called.Sel.Name
	case *ast.Ident:
		name = called.Name
	}
	switch name {
	case "Sprintf", "Fprintf", "Appendf", "Sprint", "Fprint", "Sprintln", "Fprintln", "Join", "Replace", "ReplaceAll", "WriteString", "append", "words":
	default:
		return nil
	}
	for _, arg := range call.Args {
		if list, ok := arg.(*ast.CompositeLit); ok {
			pieces = append(pieces, list.Elts...)
			continue
		}
		pieces = append(pieces, arg)
	}
	return pieces
}

func TestTheAssemblyIsSeen(t *testing.T) {
	for _, wrong := range []string{
		`"select a from " + b`, `fmt.Sprintf("delete from %s", b)`, `strings.Join([]string{"insert into", b}, " ")`,
		`text.WriteString("update ")`, `append(parts, "select a")`, `strings.ReplaceAll("select a from T", "T", b)`,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p; func f() { _ = "+wrong+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(assembled(file)) == 0 {
			t.Errorf("%s is not seen", wrong)
		}
	}
}
