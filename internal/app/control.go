package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"broadsheet/internal/news/wire"
)

// A newsroom that is being served takes commands through a socket in its data
// folder: the program that serves does the work, so that one program alone
// writes, and pages are refreshed at once.

// controlName is the socket's name in the data folder.
const controlName = "control.sock"

// longestSocket is how long a socket's path may be: the kernel's own limit.
const longestSocket = 107

// controlPath is where the socket stands. A folder too deep for the kernel is
// named through the open folder itself; done lets go of it.
func controlPath(data string) (path string, done func() error, err error) {
	path = filepath.Join(data, controlName)
	if len(path) <= longestSocket {
		return path, func() error { return nil }, nil
	}
	folder, err := os.Open(data)
	if err != nil {
		return "", nil, fmt.Errorf("open the data folder: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), controlName), folder.Close, nil
}

// listenControl opens the socket. Whoever may write to the data folder may
// command the newsroom.
func (n *Newsroom) listenControl(c Config) (net.Listener, error) {
	// The lock is ours, so a socket that is there was left behind.
	if err := os.Remove(filepath.Join(c.Data, controlName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("clear the control socket: %w", err)
	}
	path, done, err := controlPath(c.Data)
	if err != nil {
		return nil, err
	}
	defer done()
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(filepath.Join(c.Data, controlName), 0o600); err != nil {
		listener.Close()
		return nil, fmt.Errorf("guard the control socket: %w", err)
	}
	return listener, nil
}

func (n *Newsroom) runControl(ctx context.Context, listener net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /import", n.importFor)
	n.commands(mux)
	mux.HandleFunc("POST /backup", n.backupFor)
	mux.HandleFunc("POST /doctor", n.doctorFor)
	drained := make(chan struct{})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() {
		<-ctx.Done()
		// An import that was cut short takes back what it staged.
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
		defer cancel()
		server.Shutdown(wait)
		close(drained)
	}()
	if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		slog.Error("take commands", "error", err)
		return
	}
	<-drained
}

// importOrder is the first line of a command to import; the file follows it.
type importOrder struct {
	File  ImportFile
	Order ImportOrder
}

// said is one line of the answer.
type said struct {
	Progress *wire.Progress `json:",omitempty"`
	Report   *wire.Report   `json:",omitempty"`
	Failure  string         `json:",omitempty"`
	Usage    bool           `json:",omitempty"`
}

// importFor imports the file that follows the order, telling how far it is.
func (n *Newsroom) importFor(w http.ResponseWriter, r *http.Request) {
	decoder := json.NewDecoder(r.Body)
	var order importOrder
	if err := decoder.Decode(&order); err != nil {
		http.Error(w, "the order cannot be read", http.StatusBadRequest)
		return
	}
	controller := http.NewResponseController(w)
	controller.EnableFullDuplex() // an answer begins before the file has ended
	// Whoever sends is left to finish: the server reads no body behind our back.
	defer io.Copy(io.Discard, r.Body)
	out := json.NewEncoder(w)
	tell := func(s said) {
		out.Encode(s)
		controller.Flush()
	}
	file := io.MultiReader(decoder.Buffered(), r.Body)
	// The encoder of the order ends it with a line feed.
	if _, err := io.ReadFull(file, make([]byte, 1)); err != nil {
		tell(said{Failure: "the file did not arrive"})
		return
	}
	report, err := n.importHere(r.Context(), order.Order, order.File, file, func(p wire.Progress) { tell(said{Progress: &p}) })
	if err != nil {
		tell(said{Failure: err.Error(), Usage: errors.Is(err, ErrUsage), Report: &report})
		return
	}
	tell(said{Report: &report})
}

// commandImport has the program that serves the newsroom import a file.
func commandImport(ctx context.Context, data string, order importOrder, file io.Reader, progress func(wire.Progress)) (wire.Report, error) {
	answer, err := newControlClient(data).post(ctx, "/import", order, file)
	if err != nil {
		return wire.Report{}, err
	}
	defer answer.Body.Close()
	return hearImport(answer.Body, progress)
}

func hearImport(answer io.Reader, progress func(wire.Progress)) (wire.Report, error) {
	decoder := json.NewDecoder(answer)
	for {
		var s said
		if err := decoder.Decode(&s); err != nil {
			return wire.Report{}, errors.New("the program that serves the newsroom ended before the import did; nothing of the file is live")
		}
		switch {
		case s.Progress != nil:
			progress(*s.Progress)
		case s.Failure != "":
			err := errors.New(s.Failure)
			if s.Usage {
				err = fmt.Errorf("%w: %s", ErrUsage, s.Failure)
			}
			if s.Report == nil {
				s.Report = &wire.Report{}
			}
			return *s.Report, err
		case s.Report != nil:
			return *s.Report, nil
		}
	}
}
