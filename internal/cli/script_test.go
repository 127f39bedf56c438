package cli_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/cli"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // for the command newer
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"broadsheet": func() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestCommandLine runs the scripts, which say what each command promises to
// whoever types it. Beside testscript's own they have the commands below.
func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Values[running{}] = map[string]*server{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": code, "serve": serve, "stop": stop, "get": get, "await": await,
			"pack": pack, "cut": cut, "occupy": occupy, "newer": newer, "redaction": redaction,
		},
	})
}

// code N PROGRAM ARG… runs a program that must end with the exit code N. One
// that fails says why in one line.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	said := ts.ReadFile("stderr")
	if got != want {
		ts.Fatalf("got exit code %d, want %d; it said %q", got, want, said)
	}
	if want != 0 && (!strings.HasPrefix(said, "broadsheet: ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n")) {
		ts.Fatalf("got %q on stderr, want one line that begins with the program's name", said)
	}
}

// server is a newsroom that a script serves.
type server struct {
	process *exec.Cmd
	ended   chan error
	errs    *bytes.Buffer
}

// running is the key under which a script keeps its servers.
type running struct{}

// servers are those of a script, by name.
func servers(ts *testscript.TestScript) map[string]*server {
	all, ok := ts.Value(running{}).(map[string]*server)
	if !ok {
		ts.Fatalf("the script was set up without servers")
	}
	return all
}

// inherited is what a served newsroom gets of a script's environment.
var inherited = []string{"PATH", "HOME", "TMPDIR", "BROADSHEET_DATA", "BROADSHEET_ADDR"}

// readyWithin is how long a newsroom may take until it answers: the
// demonstration draws its pictures first.
const readyWithin = 3 * time.Minute

// serve NAME ARG… runs broadsheet with the arguments until it is ready; $NAME
// is then its address, without the closing slash.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: serve name args…")
	}
	path, err := exec.LookPath("broadsheet")
	ts.Check(err)
	s := &server{process: exec.Command(path, args[1:]...), ended: make(chan error, 1), errs: &bytes.Buffer{}}
	s.process.Dir, s.process.Stderr = ts.MkAbs("."), s.errs
	for _, name := range inherited {
		if value := ts.Getenv(name); value != "" {
			s.process.Env = append(s.process.Env, name+"="+value)
		}
	}
	said := &firstLine{full: make(chan struct{})}
	s.process.Stdout = said
	ts.Check(s.process.Start())
	ts.Defer(func() { s.process.Process.Kill() })
	go func() { s.ended <- s.process.Wait() }()
	select {
	case <-said.full:
	case err := <-s.ended:
		ts.Fatalf("it ended before it was ready: %v: %s", err, s.errs)
	case <-time.After(readyWithin):
		ts.Fatalf("it was not ready after %v", readyWithin)
	}
	at, ok := strings.CutPrefix(said.text(), "ready ")
	if !ok || !strings.HasPrefix(at, "http://") || !strings.HasSuffix(at, "/") {
		ts.Fatalf("got %q, want ready http://HOST:PORT/", said.text())
	}
	ts.Setenv(args[0], strings.TrimSuffix(at, "/"))
	servers(ts)[args[0]] = s
}

// stop NAME asks a served newsroom to stop; it must end with 0.
func stop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || servers(ts)[args[0]] == nil {
		ts.Fatalf("usage: stop name, of a newsroom that is being served")
	}
	s := servers(ts)[args[0]]
	ts.Check(s.process.Process.Signal(syscall.SIGTERM))
	if err := <-s.ended; err != nil {
		ts.Fatalf("it did not end well: %v: %s", err, s.errs)
	}
	delete(servers(ts), args[0])
}

// get STATUS ADDRESS fetches an address, without following redirects: the
// body is then in the file page, the status and the head in the file head.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: get status address")
	}
	status, body := fetch(ts, args[1])
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("%s answers %d, want %s: %.500s", args[1], status, want, body)
	}
}

// redaction NAME keeps in a variable the number of the redaction that was just
// asked for.
func redaction(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: redaction name")
	}
	var id int64
	_, err := fmt.Sscanf(ts.ReadFile("stdout"), "Redaction %d waits", &id)
	ts.Check(err)
	ts.Setenv(args[0], strconv.FormatInt(id, 10))
}

// await STATUS ADDRESS TEXT fetches again until the page has the text.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: await status address text")
	}
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		status, body := fetch(ts, args[1])
		if strconv.Itoa(status) == args[0] && strings.Contains(body, args[2]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s answers %d without %q: %.500s", args[1], status, args[2], body)
		}
	}
}

func fetch(ts *testscript.TestScript, address string) (status int, body string) {
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	head := &bytes.Buffer{}
	fmt.Fprintln(head, answer.Status)
	ts.Check(answer.Header.Write(head))
	ts.Check(os.WriteFile(ts.MkAbs("page"), text, 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("head"), head.Bytes(), 0o644))
	return answer.StatusCode, string(text)
}

// pack FILE writes FILE.gz beside it.
func pack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pack file")
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, ts.ReadFile(args[0]))
	ts.Check(errors.Join(err, w.Close()))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), packed.Bytes(), 0o644))
}

// cut FILE N takes the last N bytes off a file.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut file n")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-n))
}

// occupy NAME listens on a free port until the script ends; $NAME is its
// address.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: occupy name")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0], listener.Addr().String())
}

// newer FILE gives a database the schema of a program that is yet to come.
func newer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: newer database")
	}
	d, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer d.Close()
	_, err = d.Exec(`insert into goose_db_version (version_id, is_applied) values (99999, true)`)
	ts.Check(err)
}
