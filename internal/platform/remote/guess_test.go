package remote

import (
	"net/netip"
	"testing"
)

func network(n int) netip.Prefix {
	return Network(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}))
}

func TestOfManyGuessersTheLongestQuietIsForgotten(t *testing.T) {
	var g Guesses
	for range guessBurst + 1 {
		g.Allow(network(0))
		g.Allow(network(1))
	}
	for n := range mostNetworks - 1 {
		g.Allow(network(0))
		g.Allow(network(2 + n))
	}
	if g.Allow(network(0)) {
		t.Error("who never stopped guessing was forgotten")
	}
	if !g.Allow(network(1)) {
		t.Error("who was quiet longest is still known")
	}
	if len(g.from) != mostNetworks || g.order.Len() != mostNetworks {
		t.Errorf("%d networks are known, want %d", len(g.from), mostNetworks)
	}
}

func TestANetworkIsASixtyFourthOfIPv6(t *testing.T) {
	one, other := Network(netip.MustParseAddr("2001:db8::1")), Network(netip.MustParseAddr("2001:db8::ffff"))
	if one != other || one == Network(netip.MustParseAddr("2001:db8:0:1::1")) {
		t.Errorf("got %v and %v", one, other)
	}
	Network(netip.Addr{}) // an address that cannot be read is a network too
}
