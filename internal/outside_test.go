package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ways are the standard library's own ways to ask something of another
// machine: they know no guard.
var ways = map[string][]string{
	"net/http":          {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Client", "Transport"},
	"net/http/httputil": {"NewClientConn", "NewProxyClientConn", "NewSingleHostReverseProxy", "ReverseProxy"},
	"net/rpc":           {"Dial", "DialHTTP", "DialHTTPPath"},
	"net/smtp":          {"Dial", "SendMail"},
}

// insiders are the places that do not go to the outside, and why; and the guard
// itself.
var insiders = map[string]string{
	"../internal/platform/fetch/":         "the guard",
	"../internal/platform/blob/bucket.go": "sets the times of the S3 library, which asks the storage that the configuration names",
	"../internal/app/backup_control.go":   "asks the program that serves, through the socket in the data folder",
	"../internal/app/receipts.go":         "asks the nodes of this newsroom what readers see",
}

// TestThereIsOneWayToTheOutside finds rooms that go round the guard. Libraries
// for files, the bus and databases have clients of their own, to what the
// configuration names.
func TestThereIsOneWayToTheOutside(t *testing.T) {
	seen := 0
	eachFile(t, func(path, room string) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(room, "internal/") {
			return
		}
		seen++
		for insider := range insiders {
			if strings.HasPrefix(path, insider) {
				return
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range waysOut(file) {
			t.Errorf("%s uses %s: what goes outside goes through platform/fetch", path, way)
		}
	})
	if seen < 60 {
		t.Fatalf("only %d files were read: the test does not see the house", seen)
	}
}

// waysOut are the ways to the outside that a file takes, as http.Get.
func waysOut(file *ast.File) (found []string) {
	names := map[string]string{} // of the packages in this file
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || ways[path] == nil {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			found = append(found, path+" without its name")
		}
		names[name] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && slices.Contains(ways[names[from.Name]], selector.Sel.Name) {
			found = append(found, from.Name+"."+selector.Sel.Name)
		}
		return true
	})
	return found
}

func TestTheFinderOfWaysOutBites(t *testing.T) {
	for source, want := range map[string]int{
		`import "net/http"; func f() { http.Get("x"); http.DefaultClient.Do(nil) }`:            2,
		`import h "net/http"; var c = &h.Client{Transport: &h.Transport{}}`:                    2,
		`import "net/http"; var c = new(http.Client); type t struct{ http.Client }`:            2,
		`import . "net/http"; func f() { Get("x") }`:                                           1,
		`import "net/http/httputil"; var p httputil.ReverseProxy`:                              1,
		`import "net/http"; func f(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }`:    0,
		`import "broadsheet/internal/http"; func f() { http.Get("x") }`:                        0,
		`import "net/http"; func f(r *http.Request) { r.Header.Get("x"); http.NewServeMux() }`: 0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x; "+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := waysOut(file); len(got) != want {
			t.Errorf("%s: found %v, want %d", source, got, want)
		}
	}
}
