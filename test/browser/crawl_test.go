package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"
)

func TestEveryAddressOnAPageLeadsSomewhere(t *testing.T) {
	seen := map[string]int{}
	for _, name := range []string{"front", "story", "topic"} {
		for _, e := range stage.Editions() {
			p := pageOf(t, name, e.Key)
			document, err := set.Newsroom.Document(t.Context(), p.Path)
			if err != nil {
				t.Fatal(err)
			}
			followed := 0
			for _, address := range document.Addresses() {
				path, ours := inside(t, p.Path, address)
				if !ours {
					continue
				}
				followed++
				if status := answer(t, path, seen); status >= 400 {
					t.Errorf("%s leads to %s, which answers %d", p.Path, path, status)
				}
			}
			if followed < 40 {
				t.Errorf("%s has only %d addresses: the crawl does not see them", p.Path, followed)
			}
		}
	}
	t.Logf("%d addresses followed", len(seen))
}

// inside turns an address as it stands on a page into a path of the newsroom.
func inside(t *testing.T, page, address string) (path string, ours bool) {
	t.Helper()
	base, err := url.Parse(set.Newsroom.URL + page)
	if err != nil {
		t.Fatal(err)
	}
	to, err := base.Parse(address)
	if err != nil {
		t.Errorf("%s has an address that is none: %q", page, address)
		return "", false
	}
	return to.RequestURI(), to.Host == base.Host && strings.HasPrefix(to.Scheme, "http")
}

// answer is the status of an address, where its redirects end.
func answer(t *testing.T, path string, seen map[string]int) int {
	t.Helper()
	if status, ok := seen[path]; ok {
		return status
	}
	seen[path] = http.StatusLoopDetected // until it is known
	status, header, _, err := set.Newsroom.Get(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if status >= 300 && status < 400 {
		to, ours := inside(t, path, header.Get("Location"))
		if !ours {
			t.Errorf("%s leads away, to %q", path, header.Get("Location"))
		}
		status = answer(t, to, seen)
	}
	seen[path] = status
	return status
}

func TestPagesInOtherLanguagesPointBack(t *testing.T) {
	for _, name := range []string{"front", "story", "about"} {
		for _, e := range stage.Editions() {
			p := pageOf(t, name, e.Key)
			here := alternates(t, p.Path)
			if len(here) < 2 {
				t.Errorf("%s: got the alternates %v, want other languages", p.Path, here)
			}
			if at, _ := inside(t, p.Path, here[e.Key]); at != p.Path {
				t.Errorf("%s: got %q for its own language, want itself", p.Path, here[e.Key])
			}
			for language, address := range here {
				path, _ := inside(t, p.Path, address)
				if back, _ := inside(t, path, alternates(t, path)[e.Key]); back != p.Path {
					t.Errorf("%s points to %s in %s, which points back to %q", p.Path, path, language, back)
				}
			}
		}
	}
}

func alternates(t *testing.T, path string) map[string]string {
	t.Helper()
	document, err := set.Newsroom.Document(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return document.Alternates()
}

func TestAnAddressWithoutItsSlashIsMoved(t *testing.T) {
	status, header, _, err := set.Newsroom.Get(t.Context(), "/en/latest")
	if err != nil {
		t.Fatal(err)
	}
	if status != http.StatusMovedPermanently || header.Get("Location") != "/en/latest/" {
		t.Errorf("got %d to %q, want 301 to /en/latest/", status, header.Get("Location"))
	}
}
