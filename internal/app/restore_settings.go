package app

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/knadh/koanf/parsers/toml/v2"
)

// settings puts the settings in place, or aside when they do not fit here.
func (r *restorer) settings(from io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(from, maxChunk))
	if err != nil {
		return fmt.Errorf("restore the settings: %w", err)
	}
	name := FileName
	if r.report.Aside = r.misfits(text); len(r.report.Aside) > 0 {
		name = settingsAside
	}
	r.report.Settings = filepath.Join(r.config.Data, name)
	if err := r.place.build.WriteFile(name, text, 0o600); err != nil {
		return fmt.Errorf("restore the settings: %w", err)
	}
	return nil
}

// misfits says of each setting that would stop this newsroom, or lead it to the
// things of the one that was backed up, why it does not fit. It tells no values:
// there are passwords among them.
func (r *restorer) misfits(text []byte) (why []string) {
	values, err := toml.Parser().Unmarshal(text)
	if err != nil {
		return []string{"it cannot be read"}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, err := asText(values[key])
		reason := "has a value that it cannot have"
		if err == nil {
			reason = r.misfit(key, value)
		}
		if reason != "" {
			why = append(why, key+" "+reason)
		}
	}
	return why
}

// misfit says why a setting does not fit; nothing when it does.
func (r *restorer) misfit(key, value string) string {
	switch key {
	case "database", "media", "bus":
		here := map[string]string{"database": r.config.Database, "media": r.config.Media, "bus": r.config.Bus}
		if value != here[key] {
			return "leads elsewhere than this restore"
		}
	case "theme":
		if value != "" && !samePlace(value, filepath.Join(r.config.Data, "theme")) {
			return "is another folder than the one that the theme was restored to"
		}
	case "tls-cert", "tls-key":
		if _, err := os.Stat(value); value != "" && err != nil {
			return "is a file that is not here"
		}
	case "addr", "admin-addr":
		if host, _, err := net.SplitHostPort(value); err == nil && !isHere(r.ctx, host) {
			return "has a host that is not this machine"
		}
	case "node-url":
		if at, err := url.Parse(value); err == nil && !isHere(r.ctx, at.Hostname()) {
			return "has a host that is not this machine"
		}
	default:
		if !slices.Contains(keys(), key) {
			return "is no setting of this version"
		}
	}
	return ""
}

// samePlace tells whether two names lead to the same place, which need not be
// there yet.
func samePlace(name, other string) bool {
	a, errA := filepath.Abs(name)
	b, errB := filepath.Abs(other)
	return errA == nil && errB == nil && a == b
}

// isHere tells whether a host is this machine: whether it can listen there.
func isHere(ctx context.Context, host string) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return false
	}
	listener.Close()
	return true
}
