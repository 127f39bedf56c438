package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

// nginxConfig lets nginx do as little as it can for a file with the same header:
// no log, descriptors kept open, and the compressed bytes ready beside the plain
// ones.
var nginxConfig = template.Must(template.New("nginx").Parse(`
{{with .User}}user {{.}};{{end}}
daemon off; worker_processes {{.Workers}}; pid {{.Dir}}/pid; error_log stderr warn;
events { worker_connections 4096; }
http {
	access_log off; sendfile on; tcp_nodelay on; server_tokens off; etag on;
	keepalive_timeout 65; keepalive_requests 100000000;
	open_file_cache max=1000 inactive=60s; open_file_cache_valid 30s;
	gzip_static on; gzip_vary on;
	default_type "{{.Type}}";
	client_body_temp_path {{.Dir}}/body; proxy_temp_path {{.Dir}}/proxy; fastcgi_temp_path {{.Dir}}/fastcgi;
	uwsgi_temp_path {{.Dir}}/uwsgi; scgi_temp_path {{.Dir}}/scgi;
	server {
		listen {{.Address}} backlog=4096 reuseport; root {{.Dir}}/www;
		{{range .Header}}add_header {{.}};
		{{end}}
	}
}
`))

// nginx serves the pages at the same paths with the same bytes, plain and
// compressed, as origin does: the limit to compare with. workers is a number, or
// "auto" for one on each CPU.
func (b *bench) nginx(ctx context.Context, origin *server, paths []string, workers string) (*server, error) {
	dir := filepath.Join(b.dir, "nginx-"+workers)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for nginx: %w", err)
	}
	var header http.Header
	for _, path := range paths {
		var err error
		if header, err = keepCopy(ctx, origin, path, filepath.Join(dir, "www")); err != nil {
			return nil, err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := writeConfig(config, nginxValues{Dir: dir, Address: address, Workers: workers}, header); err != nil {
		return nil, err
	}
	cmd := command(ctx, "nginx", "-e", "stderr", "-p", dir, "-c", config)
	s := &server{url: "http://" + address, cmd: cmd, said: &speech{}, ended: make(chan struct{})}
	cmd.Stderr = s.said
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	s.pid = cmd.Process.Pid
	go s.wait()
	if err := s.answering(ctx, paths[0]); err != nil {
		s.stop()
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	for _, path := range paths {
		if err := same(ctx, s, origin, path); err != nil {
			s.stop()
			return nil, err
		}
	}
	return s, nil
}

// keepCopy writes a page as files: plain, and compressed as the origin did it.
func keepCopy(ctx context.Context, origin *server, path, root string) (http.Header, error) {
	c := newClient()
	defer c.close()
	var last http.Header
	for ending, encoding := range map[string]string{"": "identity", ".gz": "gzip"} {
		r, err := c.get(ctx, origin.url+path, encoding)
		if err != nil {
			return nil, err
		}
		name := filepath.Join(root, filepath.FromSlash(path)) + ending
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, fmt.Errorf("keep a page for nginx: %w", err)
		}
		if err := os.WriteFile(name, r.body, 0o644); err != nil {
			return nil, fmt.Errorf("keep a page for nginx: %w", err)
		}
		last = r.header
	}
	return last, nil
}

// ownFields are those that nginx writes by itself.
var ownFields = []string{"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Etag", "Keep-Alive", "Last-Modified", "Server", "Vary"}

// nginxValues fill its configuration.
type nginxValues struct {
	Dir, Address, Workers, Type, User string
	Header                            []string
}

func writeConfig(path string, values nginxValues, header http.Header) error {
	values.Type = header.Get("Content-Type")
	// Started by root, the workers would become somebody who may not look into
	// this folder.
	if me, err := user.Current(); err == nil && me.Uid == "0" {
		values.User = me.Username
	}
	for name, all := range header {
		if !slices.Contains(ownFields, name) {
			values.Header = append(values.Header, fmt.Sprintf("%s %q", name, strings.Join(all, ", ")))
		}
	}
	slices.Sort(values.Header)
	var text bytes.Buffer
	if err := nginxConfig.Execute(&text, values); err != nil {
		return fmt.Errorf("write the configuration of nginx: %w", err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the configuration of nginx: %w", err)
	}
	return nil
}

// freeAddress is one on which nobody listens now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// same makes sure that both give the same bytes under the same encoding.
func same(ctx context.Context, one, other *server, path string) error {
	c := newClient()
	defer c.close()
	for _, encoding := range []string{"gzip", "identity"} {
		a, err := c.get(ctx, one.url+path, encoding)
		if err != nil {
			return err
		}
		z, err := c.get(ctx, other.url+path, encoding)
		if err != nil {
			return err
		}
		if !bytes.Equal(a.body, z.body) || a.header.Get("Content-Encoding") != z.header.Get("Content-Encoding") {
			return fmt.Errorf("%s is not the same from both servers under %s", path, encoding)
		}
	}
	return nil
}

// served waits until a page comes in an encoding: the best one is made in the
// background. It says how many bytes the page then has.
func served(ctx context.Context, s *server, path, encoding string) (bytesRead int, err error) {
	c := newClient()
	defer c.close()
	plain, err := c.get(ctx, s.url+path, "identity")
	if err != nil {
		return 0, err
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for began := time.Now(); time.Since(began) < 3*time.Second; <-again.C {
		r, err := c.get(ctx, s.url+path, encoding)
		if err != nil {
			return 0, err
		}
		if r.header.Get("Content-Encoding") != encoding {
			continue
		}
		body, err := r.plain()
		if err != nil || !bytes.Equal(body, plain.body) {
			return 0, errors.Join(err, fmt.Errorf("%s in %s is another page", path, encoding))
		}
		return len(r.body), nil
	}
	return 0, nil
}
