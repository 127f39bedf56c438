package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLongWorkThatWasToldOfIsToldToBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		tell := lines(&said)
		tell("Quick", 1, 1)
		for n := range int64(5) {
			tell("Pictures", n, 4)
			time.Sleep(2 * time.Second)
		}
		tell("Pictures", 4, 4)
		tell("Rows", 1, 4)
		if want := "Pictures: 50 %\nPictures: 100 %\n"; said.String() != want {
			t.Errorf("got %q, want %q", said.String(), want)
		}
	})
}
