package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// haproxy stands before the nodes and asks another when one is gone.
type haproxy struct{ address string }

func (h haproxy) url() string { return "http://" + h.address }

// settings of a proxy that hides the loss of a node. A request is tried on
// another node when no answer came or the node says 503; the body of a write is
// kept for that, and its key makes it safe. A node is ready while it has pages,
// with or without its database: all lose that in one moment.
const haproxySettings = `global
	maxconn 4000
defaults
	mode http
	timeout connect 1s
	timeout client 60s
	timeout server 30s
	retries 3
	option redispatch 1
	retry-on conn-failure empty-response response-timeout 503
frontend paper
	bind %s
	option http-buffer-request
	default_backend nodes
backend nodes
	balance roundrobin
	option httpchk GET /readyz
	default-server check inter 500ms fall 1 rise 2 observe layer4 on-error mark-down error-limit 1
%s`

// haproxy starts a proxy before all nodes.
func (r *run) haproxy(ctx context.Context, nodes []*node) (haproxy, error) {
	if err := need("haproxy"); err != nil {
		return haproxy{}, err
	}
	address, err := freeAddress()
	if err != nil {
		return haproxy{}, err
	}
	var servers strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&servers, "\tserver %s %s\n", n.name, n.address)
	}
	file := r.folder("haproxy.cfg")
	if err := os.WriteFile(file, fmt.Appendf(nil, haproxySettings, address, servers.String()), 0o644); err != nil {
		return haproxy{}, fmt.Errorf("write the proxy's settings: %w", err)
	}
	if err := r.attend("haproxy", "haproxy", "-db", "-f", file); err != nil {
		return haproxy{}, err
	}
	h := haproxy{address}
	reader := newReader(h.url())
	return h, patience(ctx, 30*time.Second, 50*time.Millisecond, func() error {
		out, err := reader.get(ctx, "/readyz")
		if err == nil && out.status != 200 {
			err = fmt.Errorf("the proxy answers %d", out.status)
		}
		return err
	})
}

// attend starts a program that serves until the trial ends.
func (r *run) attend(name, program string, args ...string) error {
	cmd := command(program, args...)
	log, err := os.Create(filepath.Join(r.dir, name+".log"))
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	r.later(func() {
		cmd.Process.Kill()
		<-ended
	})
	return nil
}
