package browser_test

import (
	"context"
	"testing"

	"broadsheet/test/browser/stage"
)

// ground is the page's own colour, and the texts that are hard to read on
// what lies behind them.
type ground struct {
	// Light is the relative luminance of the ground, 0 to 1.
	Light float64
	Texts int
	Faint []struct {
		Ratio float64
		What  string
	}
}

// colours measures every text against the nearest ground behind it, by WCAG
// 2.2; letters of 24 px, or bold of 18.66 px, count as large.
const colours = `(() => {
	const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true})
	const rgba = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data }
	const light = c => { const [r, g, b] = [...c].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
	const behind = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c } return rgba('canvas') }
	const found = {Light: light(behind(document.body)), Texts: 0, Faint: []}
	for (const e of document.body.querySelectorAll('*')) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility({visibilityProperty: true})) continue
		const s = getComputedStyle(e), size = parseFloat(s.fontSize), a = light(rgba(s.color)), b = light(behind(e))
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), enough = size >= 24 || size >= 18.66 && s.fontWeight >= 700 ? 3 : 4.5
		found.Texts++
		if (ratio < enough) found.Faint.push({Ratio: ratio, What: e.tagName + '.' + e.className + ' ' + s.color})
	}
	return found
})()`

// judgeColours measures in the light scheme, then in the dark one.
func judgeColours(t *testing.T, ctx context.Context) {
	for _, dark := range []bool{false, true} {
		on := stage.Desk
		on.Dark = dark
		show(t, ctx, on)
		g := ask[ground](t, ctx, colours)
		if dark != (g.Light < .1) {
			t.Errorf("dark %v: got a ground of luminance %.3f", dark, g.Light)
		}
		if g.Texts < 20 {
			t.Errorf("dark %v: only %d texts were measured", dark, g.Texts)
		}
		for _, f := range g.Faint {
			t.Errorf("dark %v: contrast of %.2f: %s", dark, f.Ratio, f.What)
		}
	}
}
