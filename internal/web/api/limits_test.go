package api

import (
	"net/netip"
	"testing"
	"time"
)

func network(n int) netip.Prefix {
	return networkOf(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}))
}

func TestOfManyGuessersTheLongestQuietIsForgotten(t *testing.T) {
	var g guessers
	for range guessBurst + 1 {
		g.allow(network(0))
		g.allow(network(1))
	}
	for n := range mostGuessers - 1 {
		g.allow(network(0))
		g.allow(network(2 + n))
	}
	if g.allow(network(0)) {
		t.Error("who never stopped guessing was forgotten")
	}
	if !g.allow(network(1)) {
		t.Error("who was quiet longest is still known")
	}
	if len(g.from) != mostGuessers || g.order.Len() != mostGuessers {
		t.Errorf("%d networks are known, want %d", len(g.from), mostGuessers)
	}
}

func TestANetworkIsASixtyFourthOfIPv6(t *testing.T) {
	one, other := networkOf(netip.MustParseAddr("2001:db8::1")), networkOf(netip.MustParseAddr("2001:db8::ffff"))
	if one != other || one == networkOf(netip.MustParseAddr("2001:db8:0:1::1")) {
		t.Errorf("got %v and %v", one, other)
	}
	networkOf(netip.Addr{}) // an address that cannot be read is a network too
}

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
