package browser_test

import (
	"context"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// bound is how many bytes a first visit may cost over the wire, pictures left
// out: the page, its styles, fonts and scripts. Arabic letters need larger
// fonts.
func bound(p stage.Page) int {
	bounds := map[string][2]int{"front": {95_000, 110_000}, "story": {85_000, 100_000}}
	if p.Edition.Dir == "rtl" {
		return bounds[p.Name][1]
	}
	return bounds[p.Name][0]
}

// What a page may cost a reader who has been on another, what the fonts may for
// letters that the other had not, and the scripts of a first visit.
const (
	mostFollowing = 15_000
	mostMore      = 8_000
	mostScript    = 3_000
)

func TestAFirstVisitIsLight(t *testing.T) {
	eachOf(t, []string{"front", "story"}, func(t *testing.T, p stage.Page) {
		packed(t, p)
		ctx, w := tab(t, stage.Phone)
		arrive(t, ctx, p)
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
		if script := kinds[network.ResourceTypeScript]; script > mostScript || p.Name == "story" && script == 0 {
			t.Errorf("got %d bytes of script, want at most %d, and some with a story", script, mostScript)
		}
		w.judge(t, p)
		kept, err := chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{})
		if err != nil {
			t.Fatal(err)
		}
		if len(kept.Cookies) > 0 {
			t.Errorf("got the cookies %v, want none", kept.Cookies)
		}
	})
}

// TestAFollowingPageIsLighter opens a page in a tab that has seen the edition's
// other one: what it costs is the page itself. Fonts are told apart: a page with
// italics or a rare letter brings theirs, once.
func TestAFollowingPageIsLighter(t *testing.T) {
	other := map[string]string{"front": "story", "story": "front"}
	eachOf(t, []string{"front", "story"}, func(t *testing.T, p stage.Page) {
		first := pageOf(t, other[p.Name], p.Edition.Key)
		packed(t, first, p)
		ctx, end, err := set.Chromium.Visit(stage.Phone)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(end)
		w := listen(t, ctx)
		arrive(t, ctx, first)
		before, had := w.weigh()
		arrive(t, ctx, p)
		after, has := w.weigh()
		fonts := has[network.ResourceTypeFont] - had[network.ResourceTypeFont]
		sum := after - before - fonts
		t.Logf("%s %s after %s: %d bytes of %d, and %d of fonts", p.Name, p.Edition.Key, first.Name, sum, mostFollowing, fonts)
		if sum > mostFollowing || fonts > mostMore {
			t.Errorf("got %d bytes and %d of fonts, want at most %d and %d; the tab had in all %v", sum, fonts, mostFollowing, mostMore, has)
		}
		if sum < 1000 || before < 4*sum {
			t.Errorf("got %d bytes after %d: the scales are broken", sum, before)
		}
	})
}

// packed waits until pages are kept as readers get them.
func packed(t *testing.T, pages ...stage.Page) {
	t.Helper()
	for _, p := range pages {
		if err := set.Newsroom.Packed(t.Context(), p.Path); err != nil {
			t.Fatal(err)
		}
	}
}

// arrive opens a page and waits for its fonts.
func arrive(t *testing.T, ctx context.Context, p stage.Page) {
	t.Helper()
	open(t, ctx, p.Path)
	ask[bool](t, ctx, `document.fonts.ready.then(() => true)`)
}
