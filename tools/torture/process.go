package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// build builds the program as it is delivered.
func build(ctx context.Context, dir string, flags ...string) (string, error) {
	program := filepath.Join(dir, "broadsheet")
	args := append([]string{"build", "-o", program}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "broadsheet/cmd/broadsheet")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, said)
	}
	return program, nil
}

// command prepares a process that ends with this one, and gets none of the
// BROADSHEET_ variables.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "BROADSHEET_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	return cmd
}

// tool runs a program of this machine to its end and returns what it said.
func tool(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	said, err := cmd.CombinedOutput()
	if err != nil {
		return string(said), fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, lastLine(said))
	}
	return string(said), nil
}

// need says which of the programs this machine lacks.
func need(names ...string) error {
	// Debian keeps some where only root's PATH looks.
	os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	var missing []string
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return skip{"this machine lacks " + strings.Join(missing, ", ") + "; scripts/install-torture-needs installs it"}
	}
	return nil
}

// asRoot says whether mounts can be made.
func asRoot() error {
	if os.Getuid() != 0 {
		return skip{"needs root"}
	}
	return nil
}

// freeAddress is an address of the loopback on which nothing listens. It is
// chosen once for a node, which comes back on it after every death.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func portOf(address string) int {
	_, port, _ := net.SplitHostPort(address) // it is one of ours
	n, _ := strconv.Atoi(port)
	return n
}

// node is one process that serves the newsroom.
type node struct {
	name, binary, data, address string
	args, env                   []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
	code  int
	said  *speech
}

// url is where the node answers, without a slash at its end.
func (n *node) url() string { return "http://" + n.address }

// startWithin is how long a node may take to its line "ready".
const startWithin = 2 * time.Minute

// start starts the process and waits for its line "ready".
func (n *node) start(ctx context.Context) error {
	args := append([]string{"serve", "--data", n.data, "--addr", n.address}, n.args...)
	cmd := command(n.binary, args...)
	cmd.Env = append(cmd.Env, n.env...)
	errs := &speech{}
	out := &speech{prefix: "ready ", found: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start node %s: %w", n.name, err)
	}
	ended := make(chan struct{})
	n.mu.Lock()
	n.cmd, n.ended, n.said = cmd, ended, errs
	n.mu.Unlock()
	go func() {
		cmd.Wait() // how it ended is in the state
		n.mu.Lock()
		n.code = cmd.ProcessState.ExitCode()
		n.mu.Unlock()
		close(ended)
	}()
	select {
	case <-out.found:
		return nil
	case <-ended:
		return fmt.Errorf("node %s ended before it was ready: %s", n.name, errs.last())
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(startWithin):
		return fmt.Errorf("node %s was not ready within %v: %s", n.name, startWithin, errs.last())
	}
}

// serving waits until a reader gets a page again.
func (n *node) serving(ctx context.Context, path string) error {
	return patience(ctx, startWithin, 2*time.Millisecond, func() error {
		answer, err := http.Get(n.url() + path)
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode >= 500 {
			return fmt.Errorf("%s answers %s", path, answer.Status)
		}
		return nil
	})
}

// signal sends a signal to the process, if it lives.
func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil && n.cmd.Process != nil {
		n.cmd.Process.Signal(s) // one that is dead hears nothing
	}
}

// pid is the process's number.
func (n *node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cmd.Process.Pid
}

// kill is kill -9.
func (n *node) kill() {
	n.signal(syscall.SIGKILL)
	n.wait()
}

// stop asks the process to drain and stop.
func (n *node) stop() {
	n.signal(syscall.SIGCONT)
	n.signal(syscall.SIGTERM)
	select {
	case <-n.end():
	case <-time.After(30 * time.Second):
		n.kill()
	}
}

func (n *node) end() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended == nil {
		done := make(chan struct{})
		close(done)
		return done
	}
	return n.ended
}

func (n *node) wait() { <-n.end() }

// patience tries something until it succeeds or the time is over.
func patience(ctx context.Context, most, each time.Duration, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	again := time.NewTicker(each)
	defer again.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("not within %v: %w", most, err)
		}
	}
}

// speech keeps the end of what a process says, and finds the first line that
// begins with prefix.
type speech struct {
	prefix string
	found  chan string

	mu   sync.Mutex
	text []byte
	told bool
}

// speechKept is how many bytes of it are kept.
const speechKept = 64 << 10

// Write takes what the process says.
func (s *speech) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, p...)
	if s.found != nil && !s.told {
		for line := range bytes.Lines(s.text) {
			if rest, ok := bytes.CutPrefix(line, []byte(s.prefix)); ok && line[len(line)-1] == '\n' {
				s.told = true
				s.found <- string(bytes.TrimSpace(rest))
				break
			}
		}
	}
	if extra := len(s.text) - speechKept; extra > 0 {
		s.text = s.text[extra:]
	}
	return len(p), nil
}

func (s *speech) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return lastLine(s.text)
}

// panics are the lines with which a Go program dies.
func (s *speech) panics() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for line := range strings.Lines(string(s.text)) {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.Contains(line, "DATA RACE") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func lastLine(said []byte) string {
	lines := strings.FieldsFunc(string(said), func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return "it said nothing"
	}
	return lines[len(lines)-1]
}

// errGone says that an answer never came.
var errGone = errors.New("no answer came")
