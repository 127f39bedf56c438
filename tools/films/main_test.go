package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var folder = filepath.Join("..", "..", "demo", "films")

func TestEveryFilmLiesInTheDemonstrationAndIsLight(t *testing.T) {
	for _, name := range names {
		if err := weigh(filepath.Join(folder, name+".mp4")); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryFilmHasCaptionsInAllLanguages(t *testing.T) {
	for _, name := range names {
		for _, language := range []string{"en", "ar", "fa"} {
			text, err := os.ReadFile(filepath.Join(folder, name+"."+language+".vtt"))
			if err != nil {
				t.Error(err)
				continue
			}
			if !strings.HasPrefix(string(text), "WEBVTT\n\n") || strings.Count(string(text), " --> ") < 3 {
				t.Errorf("%s in %s: got %q, want WebVTT with some cues", name, language, text)
			}
		}
	}
}

func TestHeavyFilmIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(path, make([]byte, heaviest+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if weigh(path) == nil {
		t.Error("a film above the limit was accepted")
	}
}
