// Package remote tells where a request came from, through proxies that are
// trusted. It judges nobody and keeps nothing.
package remote

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose word for where a request came from counts.
type Proxies []netip.Prefix

// Client is the address of who asks: of the connection, or when that is a
// trusted proxy's, the nearest one behind it that is none.
func (p Proxies) Client(r *http.Request) netip.Addr {
	client := address(r.RemoteAddr)
	if len(p) == 0 {
		return client
	}
	hops := r.Header["X-Forwarded-For"]
	for n := len(hops) - 1; n >= 0; n-- {
		rest := hops[n]
		for more := true; more; {
			if !p.trust(client) {
				return client
			}
			at := strings.LastIndexByte(rest, ',')
			next := address(strings.TrimSpace(rest[at+1:]))
			if !next.IsValid() {
				return client
			}
			client = next
			rest, more = rest[:max(at, 0)], at >= 0
		}
	}
	return client
}

func (p Proxies) trust(addr netip.Addr) bool {
	for _, proxy := range p {
		if proxy.Contains(addr) {
			return true
		}
	}
	return false
}

// address reads an address, with a port or without.
func address(text string) netip.Addr {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap()
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}
