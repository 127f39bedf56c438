package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// natsModule is the server that nodes tell each other through, as a Go module:
// Debian's is too old.
const natsModule = "github.com/nats-io/nats-server/v2"

// nats starts a server of the trial's own and returns its URL.
func (r *run) nats(ctx context.Context) (string, error) {
	program := r.folder("nats-server")
	if _, err := os.Stat(program); err != nil {
		build := exec.CommandContext(ctx, "go", "build", "-o", program, natsModule)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			return "", skip{"nats-server cannot be built: " + lastLine(said)}
		}
	}
	address, err := freeAddress()
	if err != nil {
		return "", err
	}
	host, port, _ := net.SplitHostPort(address) // it is one of ours
	if err := r.attend("nats", program, "-a", host, "-p", port, "-sd", filepath.Join(r.dir, "nats")); err != nil {
		return "", err
	}
	err = patience(ctx, 10*time.Second, 20*time.Millisecond, func() error {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("start nats-server: %w", err)
	}
	return "nats://" + address, nil
}
