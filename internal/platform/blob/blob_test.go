package blob_test

import (
	"errors"
	"io"
	"testing"

	"broadsheet/internal/platform/blob"
)

func TestAFileComesBackAsItWasKept(t *testing.T) {
	store, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	want := "\x00bytes\xff"
	if err := store.Put(t.Context(), "ab/cd.jpg", []byte(want)); err != nil {
		t.Fatal(err)
	}
	file, err := store.Get(t.Context(), "ab/cd.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestKeysNeverLeaveTheFolder(t *testing.T) {
	store, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, key := range []string{"../../etc/passwd", "/etc/passwd", "..", "a/../../b", "nothing"} {
		if _, err := store.Get(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", key, err, blob.ErrNotFound)
		}
	}
}
