package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// readyWithin is how long a server may take to say that it is ready: the
// demonstration draws its pictures first.
const readyWithin = 3 * time.Minute

// command prepares a process that ends with the run, however the run ends. It
// gets none of the BROADSHEET_ variables: what is measured are the defaults and
// the flags named here.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "BROADSHEET_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	return cmd
}

// server is a process that answers on a port of the loopback.
type server struct {
	// url has no slash at its end.
	url string
	pid int
	// took is the time from its start to its being ready.
	took time.Duration

	cmd   *exec.Cmd
	ended chan struct{}
	said  *speech
}

// serve starts the program and waits for its line "ready URL".
func (b *bench) serve(ctx context.Context, args ...string) (*server, error) {
	cmd := command(ctx, b.binary, args...)
	errs := &speech{}
	out := &speech{prefix: "ready ", found: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = out, errs
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	s := &server{cmd: cmd, pid: cmd.Process.Pid, said: errs, ended: make(chan struct{})}
	go s.wait()
	select {
	case url := <-out.found:
		s.took, s.url = time.Since(began), strings.TrimSuffix(url, "/")
		return s, nil
	case <-s.ended:
		return nil, fmt.Errorf("%s ended before it was ready: %s", args[0], errs.last())
	case <-time.After(readyWithin):
		s.stop()
		return nil, fmt.Errorf("%s was not ready within %v", args[0], readyWithin)
	}
}

func (s *server) wait() {
	s.cmd.Wait() // how a stopped server ends is not measured
	close(s.ended)
}

// stop ends the server and waits for it.
func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(15 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
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

// speechKept is how many bytes of it are kept, for when something goes wrong.
const speechKept = 8 << 10

// Write takes what the process says.
func (s *speech) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, p...)
	if s.found != nil && !s.told {
		s.look()
	}
	if extra := len(s.text) - speechKept; extra > 0 {
		s.text = s.text[extra:]
	}
	return len(p), nil
}

func (s *speech) look() {
	for line := range bytes.Lines(s.text) {
		if rest, ok := bytes.CutPrefix(line, []byte(s.prefix)); ok && line[len(line)-1] == '\n' {
			s.told = true
			s.found <- string(bytes.TrimSpace(rest))
			return
		}
	}
}

// last is the last line that says anything.
func (s *speech) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.FieldsFunc(string(s.text), func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return "it said nothing"
	}
	return lines[len(lines)-1]
}

// once is a command that ran to its end.
type once struct {
	took time.Duration
	// peak is its most memory, in units of 10⁶ bytes.
	peak float64
}

// once runs the program to its end and watches its memory. The peak is asked
// from its own /proc/PID/status while it lives: what wait(2) tells of a child
// may be the parent's, from before it became another program.
func (b *bench) once(ctx context.Context, args ...string) (o once, err error) {
	cmd := command(ctx, b.binary, args...)
	errs := &speech{}
	cmd.Stderr = errs
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return o, fmt.Errorf("start %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	watch := time.NewTicker(10 * time.Millisecond)
	defer watch.Stop()
	for {
		select {
		case err := <-ended:
			o.took = time.Since(began)
			if err != nil {
				return o, fmt.Errorf("%s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, errs.last())
			}
			return o, nil
		case <-watch.C:
			if m, err := memoryOf(cmd.Process.Pid); err == nil {
				o.peak = max(o.peak, m.peak)
			}
		}
	}
}

// answering waits until a server that says nothing answers.
func (s *server) answering(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if r, err := http.Get(s.url + path); err == nil {
			r.Body.Close()
			return nil
		}
		select {
		case <-again.C:
		case <-s.ended:
			return errors.New(s.said.last())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		}
	}
}
