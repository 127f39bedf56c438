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

// TestNoStatementIsAssembled finds SQL that is made of pieces.
func TestNoStatementIsAssembled(t *testing.T) {
	eachFile(t, func(path, room string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(room, "internal/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var pieces []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				pieces = []ast.Expr{n.X, n.Y}
			case *ast.CallExpr:
				if called, ok := n.Fun.(*ast.SelectorExpr); ok && strings.HasSuffix(called.Sel.Name, "rintf") {
					pieces = n.Args
				}
			}
			for _, piece := range pieces {
				if literal, ok := piece.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil && statement.MatchString(text) {
						t.Errorf("%s: a statement is put together from pieces: %.60s", path, text)
					}
				}
			}
			return true
		})
	})
}
