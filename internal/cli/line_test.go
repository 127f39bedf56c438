package cli_test

import (
	"strings"
	"sync"
)

// firstLine keeps what is written to it, and tells when a line is full.
type firstLine struct {
	mu   sync.Mutex
	kept strings.Builder
	told bool
	full chan struct{}
}

// Write keeps what a program says.
func (l *firstLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept.Write(p)
	if !l.told && strings.Contains(l.kept.String(), "\n") {
		l.told = true
		close(l.full)
	}
	return len(p), nil
}

func (l *firstLine) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	line, _, _ := strings.Cut(l.kept.String(), "\n")
	return line
}
