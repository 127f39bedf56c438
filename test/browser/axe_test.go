package browser_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/chromedp"
)

// axe is axe-core's script.
func axe(t *testing.T) string {
	t.Helper()
	at, err := stage.Need("axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// violation is a rule that a page breaks, and where.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []string
		HTML   string
		Why    string
	}
}

// inspection asks for all that axe-core knows but its experiments, and for the
// size of targets; %s narrows it down.
const inspection = `axe.run(document, {resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}}%s}).then(r => r.violations.map(v => ({
	ID: v.id, Impact: v.impact ?? '', Help: v.help, Nodes: v.nodes.map(n => ({Target: n.target.map(String), HTML: n.html, Why: n.failureSummary ?? ''}))})))`

// onlyColour leaves the rules that a scheme can break: all others look at what
// is the same in both.
const onlyColour = `, runOnly: {type: 'tag', values: ['cat.color']}, rules: {}`

// judgeAxe has axe-core look for barriers on a page that is open: on a phone and
// on a desk, light and dark.
func judgeAxe(t *testing.T, ctx context.Context) {
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe(t))); err != nil {
		t.Fatalf("load axe-core: %v", err)
	}
	for _, on := range []stage.Screen{stage.Phone, stage.Desk} {
		for _, dark := range []bool{false, true} {
			on.Dark = dark
			show(t, ctx, on)
			narrowed := ""
			if dark {
				narrowed = onlyColour
			}
			for _, v := range ask[[]violation](t, ctx, fmt.Sprintf(inspection, narrowed)) {
				t.Errorf("at %d px, dark %v: %s", on.Width, dark, v)
			}
		}
	}
}

// mostShown is how many places of a violation are told.
const mostShown = 3

// String tells a violation with its first places.
func (v violation) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s): %s, in %d places", v.ID, v.Impact, v.Help, len(v.Nodes))
	for _, place := range v.Nodes[:min(len(v.Nodes), mostShown)] {
		fmt.Fprintf(&text, "\n  %s  %.160s\n  %s", strings.Join(place.Target, " "), place.HTML, strings.ReplaceAll(place.Why, "\n", "; "))
	}
	return text.String()
}

// TestABarrierIsFound has axe-core look at a page that was spoilt: one that finds
// nothing there would find nothing anywhere.
func TestABarrierIsFound(t *testing.T) {
	ctx, _ := tab(t, stage.Desk)
	open(t, ctx, pageOf(t, "about", "en").Path)
	const spoil = `document.querySelector('.search-button').removeAttribute('aria-label')
		document.querySelector('.standfirst, .prose p').style.color = '#ccc'`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe(t)), chromedp.Evaluate[chromedp.Void](spoil)); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, v := range ask[[]violation](t, ctx, fmt.Sprintf(inspection, "")) {
		found[v.ID] = true
	}
	if !found["button-name"] {
		t.Errorf("got %v, want button-name among them", found)
	}
	dim := false
	for _, v := range ask[[]violation](t, ctx, fmt.Sprintf(inspection, onlyColour)) {
		dim = dim || v.ID == "color-contrast"
	}
	if !dim {
		t.Error("a grey text on the ground was not found")
	}
}
