package main

import (
	"io"
	"testing"
)

func TestLockNeverHasBothGatesOpen(t *testing.T) {
	for n := range 1001 {
		s := lockAt(float64(n) / 1000)
		if s.low > 0 && s.high > 0 {
			t.Fatalf("at %d thousandths: both gates are open (%v, %v)", n, s.low, s.high)
		}
		if s.low > 0 && s.level != lowWater || s.high > 0 && s.level != highWater {
			t.Fatalf("at %d thousandths: a gate is open and the water at %v", n, s.level)
		}
	}
}

func TestFrameHasThreeBytesForEachDot(t *testing.T) {
	c := blank()
	c.fill(flat(hex(0xffffff)))
	frame := c.frame()
	if len(frame) != frameWidth*frameHeight*3 {
		t.Fatalf("got %d bytes, want %d", len(frame), frameWidth*frameHeight*3)
	}
	if want := level(film(1)); frame[0] != want || frame[len(frame)-1] != want {
		t.Errorf("got %d and %d at the corners of a white frame, want %d", frame[0], frame[len(frame)-1], want)
	}
}

func TestUnknownFilmIsRefused(t *testing.T) {
	if roll("no-such-film", io.Discard) == nil {
		t.Error("a film that nobody drew was rolled")
	}
}
