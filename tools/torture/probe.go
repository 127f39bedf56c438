package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// probe has sqlmap and wapiti look for holes, on both engines; and in a twin
// that has one, which proves that they would find it.
func probe(ctx context.Context, r *run) error {
	if err := need("sqlmap", "wapiti"); err != nil {
		return err
	}
	if err := r.twinBites(ctx); err != nil {
		return err
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		r.asked(engine)
		url, err := r.engine(ctx)
		if err != nil {
			return err
		}
		room, err := r.newsroom(ctx, r.folder("data-"+engine), url)
		if err != nil {
			return err
		}
		n, err := room.node(ctx)
		if err != nil {
			return err
		}
		c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: r.ledger.done() + 100, patience: time.Minute}
		if err := c.write(ctx, 2, r.seed+uint64(len(engine))); err != nil {
			return err
		}
		if err := r.probeNode(ctx, room, n, engine); err != nil {
			return err
		}
		n.stop()
	}
	return nil
}

// question is an address with the parameter that is to be tried.
type question struct {
	at, parameter string
	// token has the API asked by somebody known.
	token bool
}

func questions(s state) []question {
	return []question{
		{"/en/search?q=ledger", "q", false},
		{"/en/search?q=ledger&sort=newest", "sort", false},
		{"/en/latest/?before=1.1", "before", false},
		{"/en/news/?before=1.1", "before", false},
		{"/api/v1/content/stories?edition=en&q=ledger&limit=5", "q", false},
		{"/api/v1/content/stories?edition=en&section=1", "section", false},
		{"/api/v1/content/stories?edition=en", "edition", false},
		{"/api/v1/content/most-viewed?edition=en&span=day", "span", false},
		{"/api/v1/stories?edition=en&state=writing", "state", true},
		{"/api/v1/stories?edition=en&before=1", "before", true},
		{s.address + "*", "", false},
		{"/api/v1/content/stories/" + s.id + "*", "", false},
		{"/api/v1/stories/" + s.id + "*", "", true},
	}
}

func (r *run) probeNode(ctx context.Context, room *newsroom, n *node, engine string) error {
	all := questions(r.someLive())
	if r.short {
		all = []question{all[0], all[4]}
	}
	holes, servers := 0, 0
	for _, q := range all {
		found, said, err := r.sqlmap(ctx, n.url()+q.at, q.parameter, engine, tokenFor(room, q))
		if err != nil {
			return err
		}
		servers += strings.Count(said, "(Internal Server Error)")
		if found {
			holes++
			r.report.found(finding{rude, "none", engine + " " + q.at, "sqlmap finds a hole in " + q.parameter, "none"})
		}
		r.say("%s: %s %s", engine, q.at, map[bool]string{true: "HOLE", false: "clean"}[found])
	}
	r.report.exactly(engine+": parameters with an injection, of "+fmt.Sprint(len(all)), holes, 0)
	r.report.exactly(engine+": kinds of 500 that sqlmap met", servers, 0)
	bad, err := r.wapiti(ctx, n.url()+"/en/", engine)
	if err != nil {
		return err
	}
	r.report.exactly(engine+": wapiti's vulnerabilities", bad, 0)
	for _, p := range n.said.panics() {
		r.report.found(finding{rude, "none", "log", p, "no panic"})
	}
	r.report.exactly(engine+": panics", len(n.said.panics()), 0)
	return nil
}

func tokenFor(room *newsroom, q question) string {
	if q.token {
		return room.editor
	}
	return ""
}

// someLive is a story that readers see; the newest, which is in the newsroom that
// was made last.
func (r *run) someLive() state {
	for _, h := range slices.Backward(r.ledger.histories()) {
		if states := h.now(); states[len(states)-1].live {
			return states[len(states)-1]
		}
	}
	return state{address: "/" + edition + "/news/none", id: "1"}
}

// sqlmap tries one parameter, and tells whether it found a hole.
func (r *run) sqlmap(ctx context.Context, at, parameter, engine, token string) (found bool, said string, err error) {
	dbms := map[string]string{"sqlite": "sqlite", "postgres": "postgresql"}[engine]
	args := []string{"-u", at, "--batch", "--dbms=" + dbms, "--flush-session", "--disable-coloring", "--output-dir", r.folder("sqlmap"), fmt.Sprintf("--level=%d", r.size(3, 2)), fmt.Sprintf("--risk=%d", r.size(2, 1)), "--timeout=10", "--random-agent", "--ignore-code=*"}
	if parameter != "" {
		args = append(args, "-p", parameter)
	}
	if token != "" {
		args = append(args, "--headers", "Authorization: Bearer "+token)
	}
	trying, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	said, err = tool(trying, "sqlmap", args...)
	if err != nil && trying.Err() != nil {
		return false, said, fmt.Errorf("sqlmap on %s: %w", at, err)
	}
	if !strings.Contains(said, "testing for SQL injection") {
		return false, said, fmt.Errorf("sqlmap did not try %s: %s", at, lastLine([]byte(said)))
	}
	return strings.Contains(said, "is vulnerable") || strings.Contains(said, "identified the following injection point"), said, nil
}

// wapiti crawls a site and returns how many vulnerabilities it reports.
func (r *run) wapiti(ctx context.Context, at, engine string) (int, error) {
	file := r.folder("wapiti-" + engine + ".json")
	seconds := fmt.Sprint(r.size(180, 30))
	_, err := tool(ctx, "wapiti", "-u", at, "--flush-session", "--scope", "domain", "-m", "sql,xss,csp,http_headers,cookieflags,crlf,redirect,file,exec,ssrf",
		"-f", "json", "-o", file, "--max-scan-time", seconds, "--max-attack-time", seconds, "--no-bugreport", "-v", "0")
	text, failure := os.ReadFile(file)
	if failure != nil {
		return 0, fmt.Errorf("wapiti wrote no report: %w", errors.Join(err, failure))
	}
	var report struct {
		Vulnerabilities map[string][]struct{ Info, Path, Method string }
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return 0, fmt.Errorf("read wapiti's report: %w", err)
	}
	out, err := newReader("").get(ctx, at)
	if err != nil {
		return 0, err
	}
	framed := strings.Contains(out.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	bad := 0
	for name, all := range report.Vulnerabilities {
		for _, v := range all {
			if framed && !outdated(v.Info) || !framed {
				bad++
				r.report.found(finding{rude, "none", name, v.Method + " " + v.Path + ": " + v.Info, "none"})
			}
		}
	}
	return bad, nil
}

// outdated tells whether what is missed is a header that this page must not or
// need not have: over plain HTTP nothing of TLS may be promised, frames are
// forbidden by the policy, and no browser of today has the filter of XSS.
func outdated(info string) bool {
	return strings.Contains(info, "Strict-Transport-Security") || strings.Contains(info, "X-XSS-Protection") || strings.Contains(info, "X-Frame-Options")
}

// twinBites serves a handler that makes SQL from what it is sent, and has sqlmap
// find it; and its twin with parameters, in which nothing is to be found.
func (r *run) twinBites(ctx context.Context) error {
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "twin.db"))
	if err != nil {
		return fmt.Errorf("open the twin's database: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "create table paper (id integer primary key, name text); insert into paper (name) values ('one'), ('two')"); err != nil {
		return fmt.Errorf("fill the twin's database: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the twin: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/bad", func(w http.ResponseWriter, q *http.Request) {
		// The hole is the point: a tool that does not find it is no judge.
		answerRows(w, db, "select name from paper where id = "+q.FormValue("id"))
	})
	mux.HandleFunc("/good", func(w http.ResponseWriter, q *http.Request) {
		answerRows(w, db, "select name from paper where id = $1", q.FormValue("id"))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(l)
	defer server.Close()
	for _, twin := range []struct {
		at   string
		hole int
	}{{"/bad?id=1", 1}, {"/good?id=1", 0}} {
		found, _, err := r.sqlmap(ctx, "http://"+l.Addr().String()+twin.at, "id", "sqlite", "")
		if err != nil {
			return err
		}
		r.report.exactly("sqlmap finds the hole of "+twin.at, map[bool]int{true: 1}[found], twin.hole)
	}
	return nil
}

func answerRows(w http.ResponseWriter, db *sql.DB, statement string, args ...any) {
	rows, err := db.Query(statement, args...)
	if err != nil {
		http.Error(w, "SQLite error: "+err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if rows.Scan(&name) == nil {
			fmt.Fprintln(w, name)
		}
	}
}
