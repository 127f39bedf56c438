package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestACutTakesWhatWasNotFsynced proves that the power cut bites: without it the
// trial would pass whatever the program did. It needs root.
func TestACutTakesWhatWasNotFsynced(t *testing.T) {
	r := &run{dir: t.TempDir(), options: options{fs: "xfs"}}
	ctx := context.Background()
	d, err := r.disk(ctx)
	var missing skip
	if errors.As(err, &missing) {
		t.Skip(missing.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	text := bytes.Repeat([]byte("acknowledged "), 1000)
	write := func(name string, sync bool) {
		f, err := os.Create(filepath.Join(d.at, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Write(text); err != nil {
			t.Fatal(err)
		}
		if sync {
			err = f.Sync()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write("fsynced", true)
	write("forgotten", false)
	if err := d.cutPower(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.unmount(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.mount(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(d.at, "fsynced")); err != nil || !bytes.Equal(got, text) {
		t.Errorf("what was fsynced came back as %d bytes, %v", len(got), err)
	}
	if got, _ := os.ReadFile(filepath.Join(d.at, "forgotten")); bytes.Equal(got, text) {
		t.Error("what was never fsynced is there after the cut: nothing was cut")
	}
}
