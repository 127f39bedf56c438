package main

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

func picture(t *testing.T, id string) Picture {
	t.Helper()
	chosen := pick(id)
	if len(chosen) != 1 {
		t.Fatalf("pictures called %q: got %d, want 1", id, len(chosen))
	}
	return chosen[0]
}

func drawn(t *testing.T, id string) []byte {
	t.Helper()
	b, err := encode(picture(t, id))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPictureIsDrawnTheSameTwice(t *testing.T) {
	if !bytes.Equal(drawn(t, "letter-shapes"), drawn(t, "letter-shapes")) {
		t.Error("two drawings of one picture differ")
	}
}

func TestComparisonRefusesAnotherPicture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter-shapes.jpg")
	if err := os.WriteFile(path, drawn(t, "half-space"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := compare(path, picture(t, "letter-shapes")); err == nil {
		t.Error("a file with another picture was accepted")
	}
}

func TestEveryPictureLiesInTheDemonstrationAtFullSize(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range catalogue() {
		if seen[p.id] {
			t.Errorf("%s is in the catalogue twice", p.id)
		}
		seen[p.id] = true
		kept, err := os.ReadFile(filepath.Join("..", "..", "demo", "pictures", p.id+".jpg"))
		if err != nil {
			t.Error(err)
			continue
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(kept))
		if err != nil || size.Width != width || size.Height != height {
			t.Errorf("%s: got %dx%d (%v), want %dx%d", p.id, size.Width, size.Height, err, width, height)
		}
		if len(kept) > heaviest {
			t.Errorf("%s: got %d bytes, want at most %d", p.id, len(kept), heaviest)
		}
	}
}
