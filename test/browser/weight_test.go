package browser_test

import (
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/network"
)

// bound is how many bytes a first visit may cost over the wire, pictures left
// out: the page, its styles, its fonts and 3 kB of script. Arabic letters need larger
// fonts.
func bound(p stage.Page) int {
	bounds := map[string][2]int{"front": {95_000, 110_000}, "story": {88_500, 103_500}}
	if p.Edition.Dir == "rtl" {
		return bounds[p.Name][1]
	}
	return bounds[p.Name][0]
}

func TestAFirstVisitIsLight(t *testing.T) {
	eachOf(t, []string{"front", "story"}, func(t *testing.T, p stage.Page) {
		packed(t, p.Path)
		ctx, w := tab(t, stage.Phone)
		open(t, ctx, p.Path)
		ask[bool](t, ctx, `document.fonts.ready.then(() => true)`)
		sum, kinds := w.weigh()
		t.Logf("%s %s: %d bytes of %d: %v", p.Name, p.Edition.Key, sum, bound(p), kinds)
		if sum > bound(p) {
			t.Errorf("got %d bytes, want at most %d: %v", sum, bound(p), kinds)
		}
		for _, kind := range []network.ResourceType{network.ResourceTypeDocument, network.ResourceTypeStylesheet, network.ResourceTypeFont} {
			if kinds[kind] == 0 {
				t.Errorf("no bytes of a %s were counted: the scales are broken", kind)
			}
		}
	})
}

// packed waits until the page is kept in the smallest encoding, which follows
// a first answer in a quicker one.
func packed(t *testing.T, path string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for tick := time.Tick(50 * time.Millisecond); time.Now().Before(deadline); <-tick {
		_, header, _, err := set.Newsroom.GetEncoded(t.Context(), path, "br, gzip")
		if err != nil {
			t.Fatal(err)
		}
		if header.Get("Content-Encoding") == "br" {
			return
		}
	}
	t.Errorf("%s is not kept packed with brotli after %v", path, within)
}
