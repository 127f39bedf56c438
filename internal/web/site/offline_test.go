package site_test

import (
	"strings"
	"testing"
)

func TestTheWorkerIsServedAtTheRootAndNamesItsVersion(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		response, body := p.get("/sw.js")
		if response.StatusCode != 200 || !strings.HasPrefix(body, `const version="`) || !strings.Contains(body, "install") {
			t.Fatalf("got %d and %.60q, want the worker with its version before it", response.StatusCode, body)
		}
		for name, want := range map[string]string{
			"Cache-Control": "no-cache", "Content-Type": "text/javascript; charset=utf-8",
			"Content-Security-Policy": "default-src 'none'; connect-src 'self'", "X-Content-Type-Options": "nosniff",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		if response.Header.Get("Etag") == "" {
			t.Error("the worker has no ETag: browsers would fetch it whole each time")
		}
	})
}

func TestThePagesOfWhatIsSavedAreTheSameForAllAndNotForSearchEngines(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for path, want := range map[string]string{"/en/saved": "Saved stories", "/en/offline": "You are offline", "/fa/saved": "مطلب‌های ذخیره‌شده"} {
			response, body := p.get(path)
			if response.StatusCode != 200 || !strings.Contains(body, "<h1 class=\"headline-page\">"+want+"</h1>") {
				t.Errorf("%s: got %d, want 200 with the heading %q", path, response.StatusCode, want)
			}
			if !strings.Contains(body, `<meta name="robots" content="noindex">`) || !strings.Contains(response.Header.Get("Cache-Control"), "public, max-age=3600") {
				t.Errorf("%s: is indexed, or kept by the rule %q", path, response.Header.Get("Cache-Control"))
			}
		}
	})
}
