package browser_test

import (
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// listenForMoves notes every layout shift since the page began, with its score
// and the elements that moved.
const listenForMoves = `globalThis.moves = []
const name = n => n ? (n.nodeType === 1 ? n : n.parentElement) : null
const called = n => n ? n.tagName + '.' + n.className : 'gone'
new PerformanceObserver(list => { for (const e of list.getEntries()) moves.push({
	Value: e.value, At: Math.round(e.startTime), What: e.sources.map(s => called(name(s.node)) + ' ' + s.previousRect.height + '→' + s.currentRect.height).join(', ')})
}).observe({type: 'layout-shift', buffered: true})`

// settle reads the page down to its end, waits for its fonts and pictures, and
// then moves everything itself: shifts are told in their order, so once that
// one is heard all before it were. It gives those, and whether it was heard.
const settle = `(async () => {
	const frame = () => new Promise(requestAnimationFrame)
	const to = top => { scrollTo({top, behavior: 'instant'}); return frame() }
	for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) await to(y)
	await document.fonts.ready
	await Promise.all([...document.images].map(i => i.decode().catch(() => {})))
	await to(0)
	await frame()
	const fence = Math.floor(performance.now()), heard = () => moves.some(m => m.At >= fence)
	document.body.prepend(Object.assign(document.createElement('p'), {textContent: 'A line that pushes all others down.'}))
	for (let n = 0; n < 600 && !heard(); n++) await frame()
	return {Heard: heard(), Moves: moves.filter(m => m.At < fence)}
})()`

// unrest is what moved by itself.
type unrest struct {
	Heard bool
	Moves []struct {
		Value float64
		At    int
		What  string
	}
}

// line is what a page comes over, and how much may move on it: the sum of the
// layout shifts on a phone and on a desk.
type line struct {
	name        string
	conditions  []*network.Conditions
	phone, desk float64
}

// lines are the machine's own, where the fonts come before the first words,
// and a weak mobile one, where they come long after. There a word may change
// its width by a pixel; on a wide screen, where few such lines end, a headline
// may break elsewhere, and 0.1 is what counts as good.
func lines() []line {
	return []line{
		{name: "direct"},
		{name: "slow", conditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 200_000, UploadThroughput: 50_000}}, phone: .005, desk: .1},
	}
}

func TestNothingMovesWhileAPageLoads(t *testing.T) {
	for _, l := range lines() {
		t.Run(l.name+"-phone", func(t *testing.T) { judgeLine(t, l, stage.Phone, l.phone) })
		t.Run(l.name+"-desk", func(t *testing.T) { judgeLine(t, l, stage.Desk, l.desk) })
	}
}

func judgeLine(t *testing.T, l line, on stage.Screen, most float64) {
	eachOf(t, []string{"front", "story"}, func(t *testing.T, p stage.Page) {
		ctx, _ := tab(t, on)
		if l.conditions != nil {
			over := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: l.conditions}
			if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, over); err != nil {
				t.Fatal(err)
			}
		}
		early(t, ctx, listenForMoves)
		open(t, ctx, p.Path)
		judgeUnrest(t, ask[unrest](t, ctx, settle), most)
	})
}

func judgeUnrest(t *testing.T, u unrest, most float64) {
	t.Helper()
	if !u.Heard {
		t.Fatal("a line put in above all others was not heard to move them: the test is deaf")
	}
	sum := 0.
	for _, m := range u.Moves {
		sum += m.Value
		t.Logf("after %d ms moved by %.5f: %s", m.At, m.Value, m.What)
	}
	if sum > most {
		t.Errorf("got a layout shift of %.4f, want at most %v", sum, most)
	}
}
