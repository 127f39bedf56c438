package stage

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// Barrier is a rule of accessibility that a page breaks, and where.
type Barrier struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []string
		HTML   string
		Why    string
	}
}

// axe is axe-core's script.
var axe = sync.OnceValues(func() (string, error) {
	at, err := Need("axe-core/axe.min.js")
	if err != nil {
		return "", err
	}
	script, err := os.ReadFile(at)
	return string(script), err
})

// inspection asks for all that axe-core knows but its experiments, and for the
// size of targets; %s narrows it down.
const inspection = `axe.run(document, {resultTypes: ['violations'], preload: false, rules: {'target-size': {enabled: true}}%s}).then(r => r.violations.map(v => ({
	ID: v.id, Impact: v.impact ?? '', Help: v.help, Nodes: v.nodes.map(n => ({Target: n.target.map(String), HTML: n.html, Why: n.failureSummary ?? ''}))})))`

// onlyColour leaves the rules that a scheme can break: all others look at what
// is the same in both.
const onlyColour = `, runOnly: {type: 'tag', values: ['cat.color']}, rules: {}`

// Barriers has axe-core look for barriers on the page that is open; colour alone where
// all else was looked at.
func Barriers(ctx context.Context, colour bool) ([]Barrier, error) {
	script, err := axe()
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`window.axe ? 0 : (`+"() => {"+script+"\n})()")); err != nil {
		return nil, fmt.Errorf("load axe-core: %w", err)
	}
	narrowed := ""
	if colour {
		narrowed = onlyColour
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]Barrier](fmt.Sprintf(inspection, narrowed), chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, fmt.Errorf("look for barriers: %w", err)
	}
	return found, nil
}

// mostShown is how many places of a barrier are told.
const mostShown = 3

// String tells a barrier with its first places.
func (b Barrier) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s): %s, in %d places", b.ID, b.Impact, b.Help, len(b.Nodes))
	for _, place := range b.Nodes[:min(len(b.Nodes), mostShown)] {
		fmt.Fprintf(&text, "\n  %s  %.160s\n  %s", strings.Join(place.Target, " "), place.HTML, strings.ReplaceAll(place.Why, "\n", "; "))
	}
	return text.String()
}
