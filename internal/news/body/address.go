package body

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Usable tells whether a link may lead to an address: one of http, https or
// mailto, or a path of this site. Whatever a browser would quietly repair, such
// as a tab in the scheme or a backslash for a slash, is not usable.
func Usable(href string) bool {
	if href == "" || len(href) > MaxAddress || !utf8.ValidString(href) {
		return false
	}
	for i := 0; i < len(href); i++ {
		if c := href[i]; c <= ' ' || c == '\\' || c == '<' || c == '>' || c == '"' || c == 0x7f {
			return false
		}
	}
	if href[0] == '/' {
		return len(href) == 1 || href[1] != '/'
	}
	return absolute(href)
}

func absolute(href string) bool {
	scheme, rest, ok := strings.Cut(href, ":")
	if !ok {
		return false
	}
	switch strings.ToLower(scheme) {
	case "mailto":
		return rest != ""
	case "http", "https":
		host, ok := strings.CutPrefix(rest, "//")
		return ok && host != "" && !strings.ContainsAny(host[:1], "/?#:@")
	}
	return false
}

// repaired returns the usable address that a browser would make of one found
// in HTML, or an empty one where there is none.
func repaired(href string) string {
	href = strings.Trim(href, " \t\r\n\f")
	href = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(href)
	if strings.HasPrefix(href, "//") {
		href = "https:" + href
	}
	var b strings.Builder
	for i := 0; i < len(href); i++ {
		switch c := href[i]; {
		case c <= ' ' || c == '\\' || c == '<' || c == '>' || c == '"' || c == 0x7f:
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		default:
			b.WriteByte(c)
		}
	}
	if !Usable(b.String()) {
		return ""
	}
	return b.String()
}

// providers are the names of sites whose pages are often embedded, by the end
// of their host names.
var providers = []struct{ host, name string }{
	{"youtube.com", "YouTube"}, {"youtu.be", "YouTube"}, {"youtube-nocookie.com", "YouTube"},
	{"vimeo.com", "Vimeo"}, {"twitter.com", "X"}, {"x.com", "X"}, {"t.me", "Telegram"},
	{"instagram.com", "Instagram"}, {"facebook.com", "Facebook"}, {"tiktok.com", "TikTok"},
	{"soundcloud.com", "SoundCloud"}, {"spotify.com", "Spotify"}, {"aparat.com", "Aparat"},
	{"dailymotion.com", "Dailymotion"}, {"bsky.app", "Bluesky"}, {"reddit.com", "Reddit"},
}

// Provider returns the name under which readers know the site of an address,
// which is its host where we know no other.
func Provider(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	for _, p := range providers {
		if host == p.host || strings.HasSuffix(host, "."+p.host) {
			return p.name
		}
	}
	return host
}
