package api

import (
	"testing"
	"time"
)

func TestRefusalsAreNotedOnceAMinute(t *testing.T) {
	var n noted
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	for token := range int64(mostNoted) {
		if !n.first(refusal{token, "GET /"}, now) || n.first(refusal{token, "GET /"}, now.Add(noteEvery-1)) {
			t.Fatalf("token %d is not noted once", token)
		}
	}
	if n.first(refusal{mostNoted, "GET /"}, now.Add(noteEvery-1)) {
		t.Error("more are noted than there is room for")
	}
	if !n.first(refusal{mostNoted, "GET /"}, now.Add(noteEvery)) || len(n.at) != 1 {
		t.Errorf("a minute later: %d are remembered, want 1", len(n.at))
	}
}
