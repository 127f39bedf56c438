package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// edition is the one that trials write in.
const edition = "en"

// newsroom is an empty newsroom with people and tokens, and the nodes that
// serve it.
type newsroom struct {
	r *run
	// data is the folder that commands name; url is the PostgreSQL's, empty for
	// SQLite.
	data, url string
	nodes     []*node
	// editor may write and publish; second is another person, for what needs two.
	editor, second string
	section        place
}

// place is a section.
type place struct{ id, slug string }

// cli runs the program and returns what it printed.
func (r *run) cli(ctx context.Context, args ...string) (string, error) {
	return said(ctx, r.binary, args...)
}

func said(ctx context.Context, binary string, args ...string) (string, error) {
	cmd := command(binary, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := runWithin(ctx, cmd); err != nil {
		return out.String(), fmt.Errorf("broadsheet %s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, lastLine(errs.Bytes()))
	}
	return strings.TrimSpace(out.String()), nil
}

func runWithin(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer stop()
	return cmd.Wait()
}

// where are the flags that name the newsroom.
func (n *newsroom) where() []string { return whereabouts(n.data, n.url) }

func whereabouts(data, url string) []string {
	if url == "" {
		return []string{"--data", data}
	}
	return []string{"--data", data, "--database", url}
}

// newsroom makes an empty newsroom with two people of the desk. url is a
// database's, or empty for SQLite.
func (r *run) newsroom(ctx context.Context, data, url string) (*newsroom, error) {
	n := &newsroom{r: r, data: data, url: url}
	if _, err := r.cli(ctx, append([]string{"init", "--name", "Torture", "--editions", "en,ar,fa"}, n.where()...)...); err != nil {
		return n, err
	}
	var err error
	if n.editor, err = n.person(ctx, "editor@paper.example", "Edith Editor", "editor", "read,write,publish,arrange,redact"); err != nil {
		return n, err
	}
	n.second, err = n.person(ctx, "second@paper.example", "Ada Admin", "admin", "read,write,publish,redact,admin")
	return n, err
}

// person adds somebody to the desk and returns a token of theirs.
func (n *newsroom) person(ctx context.Context, email, name, role, scope string) (string, error) {
	if _, err := n.r.cli(ctx, append([]string{"user", "add", "--email", email, "--name", name, "--role", role}, n.where()...)...); err != nil {
		return "", err
	}
	return n.token(ctx, email, scope)
}

func (n *newsroom) token(ctx context.Context, email, scope string) (string, error) {
	out, err := n.r.cli(ctx, append([]string{"token", "create", "--user", email, "--scope", scope}, n.where()...)...)
	if err != nil {
		return "", err
	}
	return lastLine([]byte(out)), nil
}

// node adds a node to the newsroom and starts it. Each has a folder of its own
// where the newsroom is in PostgreSQL.
func (n *newsroom) node(ctx context.Context, args ...string) (*node, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := n.data
	if n.url != "" {
		if len(n.nodes) > 0 {
			data = fmt.Sprintf("%s-%d", n.data, len(n.nodes))
			if err := os.MkdirAll(data, 0o755); err != nil {
				return nil, fmt.Errorf("make a node's folder: %w", err)
			}
		}
		args = append([]string{"--database", n.url}, args...)
	}
	added := &node{name: string(rune('A' + len(n.nodes))), binary: n.r.binary, data: data, address: address, args: args}
	n.nodes = append(n.nodes, added)
	n.r.later(added.stop)
	if err := added.start(ctx); err != nil {
		return added, err
	}
	return added, n.findSection(ctx, added)
}

// findSection asks for the sections once.
func (n *newsroom) findSection(ctx context.Context, at *node) error {
	if n.section.id != "" || n.editor == "" {
		return nil
	}
	answer, err := n.api(at.url()).do(ctx, call{method: http.MethodGet, path: "/api/v1/sections?edition=" + edition})
	if err != nil {
		return fmt.Errorf("ask for the sections: %w", err)
	}
	for _, s := range listed(answer.body) {
		var one struct{ ID, Slug, Edition string }
		if json.Unmarshal(s, &one) == nil && one.Slug == "news" && (one.Edition == "" || one.Edition == edition) {
			n.section = place{one.ID, one.Slug}
			return nil
		}
	}
	return fmt.Errorf("the section news is not in what /api/v1/sections answers: %d %.200s", answer.status, answer.body)
}

// api speaks for the editor.
func (n *newsroom) api(url string) *api { return newAPI(url, n.editor) }

// listed are the objects of an answer that is a list, or that has one.
func listed(body []byte) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		return list
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	for _, value := range fields {
		if json.Unmarshal(value, &list) == nil && len(list) > 0 {
			return list
		}
	}
	return nil
}

// folder is a path below the trial's folder.
func (r *run) folder(name string) string { return filepath.Join(r.dir, name) }

// asked sets the engine of a trial that has no choice.
func (r *run) asked(engine string) {
	r.database, r.report.o.database = engine, engine
}

// engine gives the database that the trial was asked to use: an URL, and empty
// for SQLite.
func (r *run) engine(ctx context.Context) (string, error) {
	switch {
	case r.database == "sqlite":
		return "", nil
	case r.database == "postgres":
		p, err := r.postgres(ctx, "postgres")
		if err != nil {
			return "", err
		}
		return p.url, nil
	case strings.HasPrefix(r.database, "postgres://"), strings.HasPrefix(r.database, "postgresql://"):
		return r.borrowed(ctx, r.database)
	}
	return "", fmt.Errorf("-database takes sqlite, postgres or a postgres:// URL, not %q", r.database)
}
