package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors, the highest first. Imports go down only; skipping is allowed.
var floors = []string{"cmd", "internal/cli", "internal/app", "internal/web", "internal/news", "internal/platform"}

// neighbours are the rooms that may import rooms of their own floor, and which.
var neighbours = map[string][]string{
	"internal/web/site":  {"internal/web/theme", "internal/web/feed"},
	"internal/web/theme": nil,
	"internal/web/api":   nil,
	"internal/web/desk":  {"internal/web/theme"},

	"internal/news/edition": {"internal/news/ref"},
	"internal/news/section": {"internal/news/ref"},
	"internal/news/topic":   {"internal/news/ref"},
	"internal/news/author":  {"internal/news/ref"},
	"internal/news/asset":   {"internal/news/ref"},
	"internal/news/staff":   {"internal/news/ref"},
	"internal/news/body":    {"internal/news/ref"},
	"internal/news/story":   {"internal/news/ref", "internal/news/body"},
	"internal/news/front":   {"internal/news/ref", "internal/news/story"},
	"internal/news/publish": {"internal/news/ref", "internal/news/story", "internal/news/body", "internal/news/front", "internal/news/topic",
		"internal/news/author", "internal/news/section", "internal/news/edition", "internal/news/asset"},
	"internal/news/redact": {"internal/news/ref", "internal/news/story", "internal/news/body", "internal/news/front", "internal/news/topic",
		"internal/news/author", "internal/news/section", "internal/news/edition", "internal/news/asset"},
	"internal/news/manuscript": {"internal/news/ref", "internal/news/story", "internal/news/body"},
	"internal/news/planning":   {"internal/news/ref", "internal/news/story"},
	"internal/news/readership": {"internal/news/ref", "internal/news/section"},
	"internal/news/wire":       {"internal/news/ref", "internal/news/publish", "internal/news/story", "internal/news/body", "internal/news/asset", "internal/news/edition"},

	"internal/platform/db/dbtest": {"internal/platform/db"},
	"internal/platform/audit":     {"internal/platform/db"},
	"internal/platform/event":     {"internal/platform/db"},
	"internal/platform/hook":      {"internal/platform/db", "internal/platform/fetch", "internal/platform/job"},
	"internal/platform/job":       {"internal/platform/db"},
	"internal/platform/prose":     {"internal/platform/strictjson"},
	"internal/platform/search":    {"internal/platform/db", "internal/platform/lang"},
}

// carried are packages of files and no code; any room may embed from them.
var carried = map[string]bool{"demo": true, "themes": true, "ui": true}

const module = "broadsheet/"

func TestImportsGoDownOnly(t *testing.T) {
	seen := 0
	eachSource(t, func(path, room string, imports []string) {
		test := strings.HasSuffix(path, "_test.go")
		for _, imported := range imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours || to == room || carried[to] {
				continue
			}
			seen++
			if test && (to == "internal/platform/db/dbtest" || floor(to) >= floor(room)) {
				continue // a test may build what it stands on
			}
			if fault := judge(room, to); fault != "" {
				t.Errorf("%s: %s %s", path, to, fault)
			}
		}
	})
	if seen < 50 {
		t.Fatalf("only %d imports were judged: the test does not see the house", seen)
	}
}

func judge(room, to string) string {
	from, at := floor(room), floor(to)
	switch {
	case from < 0 || at < 0:
		return "stands on no floor"
	case at < from:
		return "is above " + room
	case at > from, from == 0: // programs may share what they are made of
		return ""
	}
	for _, allowed := range neighbours[room] {
		if allowed == to {
			return ""
		}
	}
	return "is a neighbour that " + room + " may not import"
}

func floor(room string) int {
	for n, f := range floors {
		if room == f || strings.HasPrefix(room, f+"/") {
			return n
		}
	}
	if strings.HasPrefix(room, "tools/") || strings.HasPrefix(room, "bench") || strings.HasPrefix(room, "test/") {
		return 0
	}
	return -1
}

func TestTheJudgeBites(t *testing.T) {
	for _, wrong := range [][2]string{
		{"internal/platform/db", "internal/news/story"}, {"internal/news/story", "internal/news/publish"},
		{"internal/news/story", "internal/web/site"}, {"internal/platform/lang", "internal/platform/db"}, {"internal/news/util", "internal/helpers"},
	} {
		if judge(wrong[0], wrong[1]) == "" {
			t.Errorf("%s may import %s", wrong[0], wrong[1])
		}
	}
}

// engineRooms are the only ones that may name an engine.
var engineRooms = []string{"internal/platform/db", "internal/platform/search", "internal/app", "internal/cli"}

func TestNoOtherRoomNamesAnEngine(t *testing.T) {
	eachSource(t, func(path, room string, imports []string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(room, "internal/") {
			return
		}
		for _, allowed := range engineRooms {
			if strings.HasPrefix(room, allowed) {
				return
			}
		}
		for _, imported := range imports {
			if imported == "database/sql" || strings.Contains(imported, "sqlite") || strings.Contains(imported, "pgx") {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	})
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	eachFile(t, func(path, room string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		said[room] = said[room] || file.Doc != nil
	})
	for room, ok := range said {
		if !ok {
			t.Errorf("%s has no sentence on what it is", room)
		}
	}
}

func eachSource(t *testing.T, do func(path, room string, imports []string)) {
	t.Helper()
	eachFile(t, func(path, room string) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		var imports []string
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports = append(imports, name)
		}
		do(path, room, imports)
	})
}

func eachFile(t *testing.T, do func(path, room string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != ".." || entry.Name() == "node_modules" || entry.Name() == "testdata" || path == "../data" || path == "../out") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, ".go") {
			do(path, filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator))))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPagesReadWhatIsPublic holds the rooms that answer readers to the narrowed
// connections. What a receipt expects is worked out for the desk.
func TestPagesReadWhatIsPublic(t *testing.T) {
	public := 0
	eachFile(t, func(path, room string) {
		if room != "internal/web/site" && filepath.Base(path) != "content.go" || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "expect.go" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			called, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch on, _ := called.X.(*ast.SelectorExpr); {
			case on == nil || !strings.EqualFold(on.Sel.Name, "db"):
			case called.Sel.Name == "Public":
				public++
			case called.Sel.Name == "View" || called.Sel.Name == "Update":
				t.Errorf("%s: pages for readers are read by Public, not by %s", path, called.Sel.Name)
			}
			return true
		})
	})
	if public < 5 {
		t.Fatalf("only %d readings were judged: the test does not see the rooms", public)
	}
}
