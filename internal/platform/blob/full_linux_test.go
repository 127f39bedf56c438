package blob_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"broadsheet/internal/platform/blob"
)

func TestAFullDiskIsFullAndTakesFilesAgainWhenThereIsRoom(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("skipped: needs root:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	s, err := blob.Open(filepath.Join(disk, "media"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put(t, s, "small", []byte("x"))
	put(t, s, "large", noise(1, 3<<20))
	if err := s.Put(t.Context(), "small", noise(2, 2<<20)); !errors.Is(err, blob.ErrFull) {
		t.Errorf("got %v, want %v", err, blob.ErrFull)
	}
	if got := string(read(t, s, "small")); got != "x" {
		t.Errorf("what was there is %d other bytes", len(got))
	}
	if left, err := os.ReadDir(filepath.Join(disk, "media", ".incoming")); err != nil || len(left) != 0 {
		t.Errorf("half a file takes the room there is: %v, %v", left, err)
	}
	if err := s.Delete(t.Context(), "large"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "small", noise(2, 2<<20))
}
