package browser_test

import (
	"context"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/chromedp"
)

// judgeAxe has axe-core look for barriers on a page that is open: on a phone and
// on a desk, light and dark.
func judgeAxe(t *testing.T, ctx context.Context) {
	for _, on := range []stage.Screen{stage.Phone, stage.Desk} {
		for _, dark := range []bool{false, true} {
			on.Dark = dark
			show(t, ctx, on)
			for _, b := range barriers(t, ctx, dark) {
				t.Errorf("at %d px, dark %v: %s", on.Width, dark, b)
			}
		}
	}
}

func barriers(t *testing.T, ctx context.Context, colour bool) []stage.Barrier {
	t.Helper()
	found, err := stage.Barriers(ctx, colour)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestABarrierIsFound has axe-core look at a page that was spoilt: one that finds
// nothing there would find nothing anywhere.
func TestABarrierIsFound(t *testing.T) {
	ctx, _ := tab(t, stage.Desk)
	open(t, ctx, pageOf(t, "about", "en").Path)
	const spoil = `document.querySelector('.search-button').removeAttribute('aria-label')
		document.querySelector('.standfirst, .prose p').style.color = '#ccc'`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](spoil)); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, b := range barriers(t, ctx, false) {
		found[b.ID] = true
	}
	if !found["button-name"] {
		t.Errorf("got %v, want button-name among them", found)
	}
	dim := false
	for _, b := range barriers(t, ctx, true) {
		dim = dim || b.ID == "color-contrast"
	}
	if !dim {
		t.Error("a grey text on the ground was not found")
	}
}
