package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a PostgreSQL server of the trial's own, with the settings that
// PostgreSQL comes with: what it acknowledges is on the disk.
type postgres struct {
	bin, dir string
	port     int
	url      string
}

// postgresBin is the folder of the newest server that is installed.
func postgresBin() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return majorOf(a) - majorOf(b) })
		return filepath.Dir(found[len(found)-1]), nil
	}
	if at, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(at), nil
	}
	return "", skip{"this machine lacks a PostgreSQL server; scripts/install-torture-needs installs it"}
}

func majorOf(path string) int {
	n, _ := strconv.Atoi(strings.Split(strings.TrimPrefix(path, "/usr/lib/postgresql/"), "/")[0]) // 0 for what is not a number
	return n
}

// as runs a server's program: as its own user where this is root, because
// PostgreSQL refuses to run as root.
func (p *postgres) as(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, program), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		who, err := serverUser()
		if err != nil {
			return "", err
		}
		cmd.SysProcAttr.Credential = who
	}
	// A server that stays must not hold the pipe that its starter speaks into.
	log, err := os.CreateTemp("", "broadsheet-torture-said-*")
	if err != nil {
		return "", fmt.Errorf("run %s: %w", program, err)
	}
	defer os.Remove(log.Name())
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Run()
	said, _ := os.ReadFile(log.Name()) // for the error's words only
	if err != nil {
		return string(said), fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(said)))
	}
	return string(said), nil
}

func serverUser() (*syscall.Credential, error) {
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, skip{"there is no user postgres for a server to run as; scripts/install-torture-needs installs one"}
	}
	uid, _ := strconv.Atoi(who.Uid) // the system's own numbers
	gid, _ := strconv.Atoi(who.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// bare prepares a server's folder.
func (r *run) bare(name string) (*postgres, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &postgres{bin: bin, dir: r.folder(name), port: portOf(address)}
	p.url = fmt.Sprintf("postgres://broadsheet@127.0.0.1:%d/paper?sslmode=disable", p.port)
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a server's folder: %w", err)
	}
	if os.Getuid() == 0 {
		who, err := serverUser()
		if err != nil {
			return nil, err
		}
		if err := os.Chown(p.dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, fmt.Errorf("make a server's folder: %w", err)
		}
	}
	r.later(func() { p.signal(syscall.SIGCONT); p.halt(context.WithoutCancel(context.Background()), "immediate") })
	return p, nil
}

// postgres makes a server with an empty database called paper.
func (r *run) postgres(ctx context.Context, name string) (*postgres, error) {
	p, err := r.bare(name)
	if err != nil {
		return nil, err
	}
	if _, err := p.as(ctx, "initdb", "-k", "-D", p.data(), "-U", "broadsheet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"); err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	if _, err := p.as(ctx, "createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", "broadsheet", "paper"); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) start(ctx context.Context) error {
	options := fmt.Sprintf("-p %d -k %s -h 127.0.0.1 -c max_connections=200 -c shared_buffers=64MB -c wal_level=replica -c wal_log_hints=on", p.port, p.dir)
	_, err := p.as(ctx, "pg_ctl", "-D", p.data(), "-l", filepath.Join(p.dir, "log"), "-w", "-o", options, "start")
	return err
}

// halt stops the server: fast, or immediate as if it had crashed.
func (p *postgres) halt(ctx context.Context, how string) error {
	_, err := p.as(ctx, "pg_ctl", "-D", p.data(), "-m", how, "-w", "stop")
	return err
}

// pids are the server's processes, the one that all descend from first.
func (p *postgres) pids() []int {
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if err != nil {
		return nil
	}
	first, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0]))
	if err != nil {
		return nil
	}
	all := []int{first}
	tasks, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, at := range tasks {
		stat, err := os.ReadFile(at)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(first) {
			pid, _ := strconv.Atoi(strings.Split(at, "/")[2]) // the pattern asks for digits
			all = append(all, pid)
		}
	}
	return all
}

// signal sends a signal to all of the server's processes.
func (p *postgres) signal(s syscall.Signal) {
	for _, pid := range p.pids() {
		syscall.Kill(pid, s) // one that is dead hears nothing
	}
}

// die is kill -9 to the whole server.
func (p *postgres) die() { p.signal(syscall.SIGKILL) }

// ask runs one statement and returns its rows, fields parted by "|".
func (p *postgres) ask(ctx context.Context, statement string) ([]string, error) {
	return psql(ctx, p.url, statement)
}

func psql(ctx context.Context, url, statement string) ([]string, error) {
	out, err := tool(ctx, "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == '\n' }), nil
}

// borrowed makes a database on a server that is there already, and drops it at
// the end.
func (r *run) borrowed(ctx context.Context, url string) (string, error) {
	name := fmt.Sprintf("torture_%d_%d", os.Getpid(), time.Now().UnixNano()%1e6)
	if _, err := psql(ctx, url, "create database "+name); err != nil {
		return "", err
	}
	r.later(func() {
		psql(context.Background(), url, "drop database "+name+" with (force)") // the server is somebody else's; nothing else can be done
	})
	from := strings.LastIndexByte(url, '/')
	_, parameters, _ := strings.Cut(url[from:], "?")
	out := url[:from+1] + name
	if parameters != "" {
		out += "?" + parameters
	}
	return out, nil
}
