package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/net/idna"
)

// Longest is how many bytes a URL may have.
const Longest = 2000

// Check tells what is wrong with a URL as far as its text tells it: nothing is
// looked up. A URL that passes may still lead to an address that is refused
// when it is asked.
func (o *Outside) Check(address string) error {
	_, err := o.parse(address)
	return err
}

// refused is an ErrAddress with its reason. The URL is not in it: there may be
// a password in that.
func refused(reason string) error { return fmt.Errorf("%w: %s", ErrAddress, reason) }

// parse reads a URL and refuses what is never asked.
func (o *Outside) parse(address string) (*url.URL, error) {
	if len(address) > Longest {
		return nil, refused(fmt.Sprintf("it is longer than %d bytes", Longest))
	}
	at, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, refused("it is not a URL")
	case at.Scheme != "http" && at.Scheme != "https":
		return nil, refused("it does not begin with https:// or http://")
	case at.User != nil:
		return nil, refused("it has a name or password in it")
	case at.Host == "" || at.Opaque != "":
		return nil, refused("it names no host")
	}
	port, err := portOf(at)
	if err != nil {
		return nil, err
	}
	host, err := hostOf(at)
	if err != nil {
		return nil, err
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		return at, o.judge(netip.AddrPortFrom(literal, port))
	}
	if !o.usable(port) {
		return nil, refused("only the ports 443 and 80 are asked")
	}
	if at.Port() != "" {
		at.Host = net.JoinHostPort(host, at.Port())
	} else {
		at.Host = host
	}
	return at, name(host)
}

func portOf(at *url.URL) (uint16, error) {
	switch port := at.Port(); {
	case port != "":
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return 0, refused("its port is not a number up to 65535")
		}
		return uint16(n), nil
	case at.Scheme == "https":
		return 443, nil
	}
	return 80, nil
}

// hostOf is the host in small ASCII letters. Letters of other scripts are
// mapped as a browser maps them, so that what looks like digits is judged as
// digits.
func hostOf(at *url.URL) (string, error) {
	host := at.Hostname()
	for _, r := range host {
		if r >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", refused("its host is not a name")
			}
			return strings.ToLower(ascii), nil
		}
	}
	return strings.ToLower(host), nil
}

// within are the endings of names that stay within a machine or a house
// (RFC 6761, 6762, 7686, 8375, and ICANN's reservation of internal).
var within = []string{"localhost", "localdomain", "local", "internal", "home.arpa", "onion"}

// name refuses hosts that no public name can be.
func name(host string) error {
	host = strings.TrimSuffix(host, ".")
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if last == "" || strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == "" {
		// 127.1, 0x7f000001 and 2130706433 are addresses to some resolvers.
		return refused("its host is neither a name nor a plain address")
	}
	for _, end := range within {
		if host == end || strings.HasSuffix(host, "."+end) {
			return refused("its host is not a public one")
		}
	}
	if len(labels) < 2 {
		return refused("its host is not a full name")
	}
	const known = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, known) != "" {
			return refused("its host is not a name")
		}
	}
	return nil
}

// control is called with the address of each connection just before it is
// made: whatever a name led to, and whatever it led to a moment ago.
func (o *Outside) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return refused("it is not an address of the internet")
	}
	return o.judge(at)
}

// judge refuses addresses that are not public, and other ports than the web's.
func (o *Outside) judge(at netip.AddrPort) error {
	switch {
	case slices.Contains(o.allow, at):
		return nil
	case !public(at.Addr()):
		return refused("it is not a public one")
	case !slices.Contains(o.ports, at.Port()):
		return refused("only the ports 443 and 80 are asked")
	}
	return nil
}

// usable tells whether a name may be asked on a port: what it leads to is
// judged later.
func (o *Outside) usable(port uint16) bool {
	allowed := func(at netip.AddrPort) bool { return at.Port() == port }
	return slices.Contains(o.ports, port) || slices.ContainsFunc(o.allow, allowed)
}

// The special addresses: the registries of IANA for IPv4 and IPv6, RFC 6890
// and what followed it. Of IPv6 only 2000::/3 is given out at all, which leaves
// out loopback, mapped (::ffff:), NAT64 (64:ff9b::), local (fc00::, fe80::) and
// multicast addresses.
var (
	special = prefixes(
		"0.0.0.0/8",         // this network
		"10.0.0.0/8",        // private
		"100.64.0.0/10",     // behind a carrier's NAT
		"127.0.0.0/8",       // loopback
		"168.63.129.16/32",  // a public address that is a cloud's inside (Azure)
		"169.254.0.0/16",    // link-local, metadata of clouds
		"172.16.0.0/12",     // private
		"192.0.0.0/24",      // protocol assignments
		"192.0.2.0/24",      // documentation
		"192.31.196.0/24",   // AS112
		"192.52.193.0/24",   // multicast tunnels
		"192.88.99.0/24",    // 6to4 relays
		"192.168.0.0/16",    // private
		"192.175.48.0/24",   // AS112
		"198.18.0.0/15",     // benchmarks
		"198.51.100.0/24",   // documentation
		"203.0.113.0/24",    // documentation
		"224.0.0.0/4",       // multicast
		"240.0.0.0/4",       // reserved, broadcast
		"2001::/23",         // protocol assignments: Teredo, benchmarks, ORCHID
		"2001:db8::/32",     // documentation
		"2002::/16",         // 6to4
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation
	)
	given = netip.MustParsePrefix("2000::/3")
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for n, text := range texts {
		all[n] = netip.MustParsePrefix(text)
	}
	return all
}

// public tells whether an address is one of the public internet's.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !given.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
