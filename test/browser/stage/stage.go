// Package stage sets up what is looked at from outside: the program, built as
// it is delivered; the demonstration newsroom, served by it from a temporary
// folder; a Chromium to open its pages with. It judges nothing: that is what
// the tests and the tools that stand on it do.
package stage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Stage is a newsroom that is being served, and a browser.
type Stage struct {
	Newsroom *Newsroom
	Chromium *Chromium
	dir      string
}

// Open builds the program, serves the demonstration and starts the browser,
// all in a temporary folder that Close removes.
func Open(ctx context.Context) (*Stage, error) {
	s, err := WithoutBrowser(ctx)
	if err != nil {
		return s, err
	}
	if s.Chromium, err = Start(ctx, filepath.Join(s.dir, "profile")); err != nil {
		err = errors.Join(err, s.Close())
	}
	return s, err
}

// WithoutBrowser is Open for those who only read what is sent.
func WithoutBrowser(ctx context.Context) (s *Stage, err error) {
	s = &Stage{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "broadsheet-stage-*"); err != nil {
		return s, fmt.Errorf("make a temporary folder: %w", err)
	}
	program, err := Build(ctx, s.dir)
	if err != nil {
		return s, err
	}
	data := filepath.Join(s.dir, "data")
	if s.Newsroom, err = Serve(ctx, program, data); err != nil {
		return s, err
	}
	// A story gets a past while nobody serves the folder.
	if err = s.Newsroom.Close(); err == nil {
		err = remember(ctx, data)
	}
	if err != nil {
		s.Newsroom = nil
		return s, err
	}
	s.Newsroom, err = Serve(ctx, program, data)
	return s, err
}

// Close ends the browser and the newsroom. A newsroom that does not end well
// is an error.
func (s *Stage) Close() error {
	var all []error
	if s.Chromium != nil {
		all = append(all, s.Chromium.Close())
	}
	if s.Newsroom != nil {
		all = append(all, s.Newsroom.Close())
	}
	return errors.Join(append(all, os.RemoveAll(s.dir))...)
}

// Build builds the program into a folder, without cgo, as it is delivered, and
// returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "broadsheet")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "broadsheet/cmd/broadsheet")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, said)
	}
	return program, nil
}

// Newsroom is a demonstration newsroom that is being served.
type Newsroom struct {
	// URL is where it answers, without a closing slash.
	URL string
	// Desk is the link by which the demonstration's first administrator comes in.
	Desk    string
	process *exec.Cmd
	client  *http.Client
}

// readyWithin is how long a newsroom may take to draw its pictures and answer
// on a busy machine.
const readyWithin = 3 * time.Minute

// Serve makes the demonstration newsroom in a folder and serves it on a free
// port of this machine.
func Serve(ctx context.Context, program, data string) (*Newsroom, error) {
	return ServeAt(ctx, program, data, "127.0.0.1:0")
}

// ServeAt is Serve at an address, for a newsroom that is to be back where it was.
func ServeAt(ctx context.Context, program, data, addr string) (*Newsroom, error) {
	process := exec.Command(program, "demo", "--data", data, "--addr", addr)
	process.Env = bare(os.Environ())
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("serve the demonstration: %w", err)
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("serve the demonstration: %w", err)
	}
	n := &Newsroom{process: process, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}
	if n.URL, n.Desk, err = ready(ctx, out); err != nil {
		return nil, errors.Join(fmt.Errorf("serve the demonstration: %w", err), n.Close())
	}
	return n, nil
}

// bare is an environment without the settings of a newsroom: the demonstration
// is the same wherever it is looked at.
func bare(environment []string) []string {
	var kept []string
	for _, pair := range environment {
		if !strings.HasPrefix(pair, "BROADSHEET_") {
			kept = append(kept, pair)
		}
	}
	return kept
}

// ready reads on until the lines that say where the newsroom answers, and how one comes
// to its desk.
func ready(ctx context.Context, out io.Reader) (site, desk string, err error) {
	said := make(chan [2]string, 1)
	go func() {
		defer close(said)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if at, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				site = strings.TrimSuffix(at, "/")
			}
			if at, ok := strings.CutPrefix(lines.Text(), "desk "); ok {
				said <- [2]string{site, strings.TrimSpace(at)}
			}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	select {
	case at, ok := <-said:
		if !ok {
			return "", "", errors.New("it ended before it was ready")
		}
		return at[0], at[1], nil
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
}

// Close asks the newsroom to stop and waits until it has.
func (n *Newsroom) Close() error {
	if err := n.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the newsroom: %w", err)
	}
	if err := n.process.Wait(); err != nil {
		return fmt.Errorf("the newsroom did not end well: %w", err)
	}
	return nil
}

// Kill ends the newsroom as a power cut would.
func (n *Newsroom) Kill() error {
	if err := n.process.Process.Kill(); err != nil {
		return fmt.Errorf("kill the newsroom: %w", err)
	}
	n.process.Wait() // it did not end well
	return nil
}

// Get fetches an address of the newsroom, which is a path or a whole URL, and
// follows no redirect.
func (n *Newsroom) Get(ctx context.Context, address string) (status int, header http.Header, body []byte, err error) {
	return n.get(ctx, address, "")
}

// GetEncoded is Get by a reader who takes one content encoding; the body comes
// as it was sent.
func (n *Newsroom) GetEncoded(ctx context.Context, address, encoding string) (status int, header http.Header, body []byte, err error) {
	return n.get(ctx, address, encoding)
}

func (n *Newsroom) get(ctx context.Context, address, encoding string) (int, http.Header, []byte, error) {
	if strings.HasPrefix(address, "/") {
		address = n.URL + address
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask for %s: %w", address, err)
	}
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	answer, err := n.client.Do(request)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("ask for %s: %w", address, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read %s: %w", address, err)
	}
	return answer.StatusCode, answer.Header, body, nil
}

// packedWithin is how long a page may take to be kept in the smallest encoding.
const packedWithin = 20 * time.Second

// Packed asks for a page, and for its styles and scripts, until they come as readers
// get them who come later: kept, and packed with brotli, which follows a first answer
// in a quicker encoding.
func (n *Newsroom) Packed(ctx context.Context, path string) error {
	document, err := n.Document(ctx, path)
	if err != nil {
		return err
	}
	for _, address := range append(document.Furniture(), path) {
		if err := n.packed(ctx, address); err != nil {
			return err
		}
	}
	return nil
}

func (n *Newsroom) packed(ctx context.Context, path string) error {
	deadline := time.Now().Add(packedWithin)
	for tick := time.Tick(50 * time.Millisecond); time.Now().Before(deadline); <-tick {
		_, header, _, err := n.GetEncoded(ctx, path, "br, gzip")
		if err != nil {
			return err
		}
		if header.Get("Content-Encoding") == "br" {
			return nil
		}
	}
	return fmt.Errorf("%s is not kept packed with brotli after %v", path, packedWithin)
}
