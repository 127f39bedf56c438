package browser_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// within is how long a page may take for what it does by itself.
const within = 20 * time.Second

// soon waits until an expression is true in the page.
func soon(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if !eventually(func() bool { return ask[bool](t, ctx, expression) }) {
		t.Fatalf("after %v it is not so: %s", within, expression)
	}
}

func eventually(is func() bool) bool {
	deadline := time.Now().Add(within)
	for tick := time.Tick(50 * time.Millisecond); time.Now().Before(deadline); <-tick {
		if is() {
			return true
		}
	}
	return false
}

// lit is how a page is lit: by luminance of its ground, and for the browser's
// own furniture.
type lit struct {
	Dark  bool
	Theme string
}

const isLit = `({
	Dark: getComputedStyle(document.body).backgroundColor === 'rgb(20, 22, 25)' && getComputedStyle(document.documentElement).colorScheme === 'dark',
	Theme: [...document.querySelectorAll('meta[name=theme-color]')].find(m => matchMedia(m.media).matches).content,
})`

func TestTheDisplayIsTheReadersChoice(t *testing.T) {
	for _, name := range []string{"story", "missing"} {
		t.Run(name, func(t *testing.T) {
			c, p := lay(t), pageOf(t, name, "fa")
			ctx := c.reader(t, stage.Desk)
			judge := func(when string, dark bool) {
				t.Helper()
				want := lit{dark, map[bool]string{false: "#fbfaf7", true: "#141619"}[dark]}
				if got := ask[lit](t, ctx, isLit); got != want {
					t.Errorf("%s: got %+v, want %+v", when, got, want)
				}
			}
			choose := func(way string) {
				ask[bool](t, ctx, fmt.Sprintf(`(document.querySelector('input[name=display][value="%s"]').click(), true)`, way))
			}
			c.open(t, ctx, p.Path)
			judge("nothing chosen", false)
			choose("dark")
			judge("dark chosen on a light device", true)
			// Before a stroke is drawn: the head's script is done when the body begins.
			early(t, ctx, `new MutationObserver((_, o) => { if (document.body) { globalThis.began = document.documentElement.dataset.theme ?? 'none'; o.disconnect() } }).observe(document, {childList: true, subtree: true})`)
			c.open(t, ctx, p.Path)
			judge("the next page", true)
			if got := ask[string](t, ctx, `began`); got != "dark" {
				t.Errorf("when the body began the page was %q, want dark", got)
			}
			night := stage.Desk
			night.Dark = true
			show(t, ctx, night)
			choose("light")
			judge("light chosen on a dark device", false)
			choose("")
			judge("as the device, which is dark", true)
			if n := ask[int](t, ctx, `localStorage.length`); n > 0 {
				t.Errorf("got %d things in storage after no choice, want none", n)
			}
		})
	}
}

func TestALinkIsCopiedAndSaidSo(t *testing.T) {
	c, p := lay(t), pageOf(t, "story", "ar")
	ctx := c.reader(t, stage.Desk)
	allow(t, c.URL)
	c.open(t, ctx, p.Path)
	ask[bool](t, ctx, `(document.querySelector('[data-island=copy]').click(), true)`)
	soon(t, ctx, `document.querySelector('.share-said').textContent !== ''`)
	if got, want := ask[string](t, ctx, `document.querySelector('.share-said').textContent`), "نُسخ الرابط."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ask[string](t, ctx, `navigator.clipboard.readText()`); got != c.URL+p.Path && got != ask[string](t, ctx, `document.querySelector('link[rel=canonical]').href`) {
		t.Errorf("got %q on the clipboard, want the story's address", got)
	}
	if got := ask[string](t, ctx, `location.pathname`); got != p.Path {
		t.Errorf("the page went to %q", got)
	}
}

// allow lets a page of an origin use the clipboard.
func allow(t *testing.T, origin string) {
	t.Helper()
	ctx, _ := tab(t, stage.Phone)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		permit := browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: origin}
		if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, permit); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatAReaderPointsAtIsFetchedOnceAndIsNoView(t *testing.T) {
	c, p := lay(t), pageOf(t, "front", "en")
	c.fresh = true
	ctx := c.reader(t, stage.Desk)
	early(t, ctx, `Object.defineProperty(navigator, 'connection', {value: {saveData: false, effectiveType: '4g'}})`)
	c.open(t, ctx, p.Path)
	to := ask[string](t, ctx, `new URL(document.querySelector('.card-link').href).pathname`)
	for range 3 {
		point(t, ctx, `.card-link`)
		point(t, ctx, `.nameplate-link`)
		point(t, ctx, `.card-link`)
		if !eventually(func() bool { n, _ := c.times(to); return n > 0 }) {
			t.Fatalf("%s was not fetched", to)
		}
	}
	n, purposes := c.times(to)
	if n != 1 || purposes[0] != "prefetch" {
		t.Errorf("%s was asked for %d times, for %q; want once, for prefetch", to, n, purposes)
	}
	for _, counted := range []string{"/view", "/view.gif"} {
		if n, _ := c.times(counted); n != 0 {
			t.Errorf("%s was asked for %d times before the story was opened", counted, n)
		}
	}
	c.open(t, ctx, to)
	if !eventually(func() bool { n, _ := c.times("/view"); return n == 1 }) {
		t.Error("the story that was opened was not told to be read")
	}
	if n, _ := c.times(to); n != 1 {
		t.Errorf("the page was asked for %d times; want it opened as it was fetched ahead", n)
	}
}

func TestNothingIsFetchedAheadWhereDataIsDear(t *testing.T) {
	for name, line := range map[string]string{"saving": `{saveData: true, effectiveType: '4g'}`, "3g": `{saveData: false, effectiveType: '3g'}`, "slow-2g": `{saveData: false, effectiveType: 'slow-2g'}`} {
		t.Run(name, func(t *testing.T) {
			c := lay(t)
			ctx := c.reader(t, stage.Desk)
			early(t, ctx, `Object.defineProperty(navigator, 'connection', {value: `+line+`})`)
			c.open(t, ctx, pageOf(t, "front", "en").Path)
			ask[bool](t, ctx, `(document.querySelector('.card-link').focus(), true)`)
			if n := ask[int](t, ctx, `document.querySelectorAll('link[rel=prefetch]').length`); n != 0 {
				t.Errorf("got %d pages fetched ahead, want none", n)
			}
		})
	}
}

func TestNoMoreThanEightPagesAreFetchedAheadOneAtATime(t *testing.T) {
	c := lay(t)
	ctx := c.reader(t, stage.Desk)
	early(t, ctx, `Object.defineProperty(navigator, 'connection', {value: {effectiveType: '4g'}})`)
	c.open(t, ctx, pageOf(t, "front", "en").Path)
	got := ask[[]int](t, ctx, `(async () => {
		const links = [...document.querySelectorAll('.card-link')], hints = () => document.querySelectorAll('link[rel=prefetch]').length
		for (const link of links) link.focus()
		const atOnce = hints()
		await new Promise(done => document.querySelector('link[rel=prefetch]').addEventListener('load', done))
		for (const link of links) { const before = hints(); link.focus(); const hint = [...document.querySelectorAll('link[rel=prefetch]')].at(-1)
			if (hints() > before) await new Promise(done => { hint.addEventListener('load', done); hint.addEventListener('error', done) }); link.blur() }
		return [atOnce, hints(), links.length]
	})()`)
	if got[0] != 1 || got[1] != 8 || got[2] < 10 {
		t.Errorf("got %d at once and %d in all of %d links, want 1 and 8 of ten or more", got[0], got[1], got[2])
	}
}

// point moves the pointer onto the first element of a class and lets it rest.
func point(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	at := ask[struct{ X, Y float64 }](t, ctx, `(() => { const r = document.querySelector('`+selector+`').getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })()`)
	if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y}); err != nil {
		t.Fatal(err)
	}
	ask[bool](t, ctx, `new Promise(done => setTimeout(done, 120, true))`) // the time that a pointer rests
}

// judgeLarge has the reader's browser set in letters of twice the size, on the
// narrowest screen.
func judgeLarge(t *testing.T, ctx context.Context, p stage.Page) {
	letters := func(size int64) {
		if _, err := chromedp.Call(ctx, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: size, Fixed: size}}); err != nil {
			t.Fatal(err)
		}
	}
	letters(32)
	defer letters(16)
	l := lookOn(t, ctx, stage.Narrow)
	judgeLook(t, p, stage.Narrow, l)
	if got := ask[float64](t, ctx, `parseFloat(getComputedStyle(document.querySelector('footer .legal')).fontSize)`); got < 25 {
		t.Errorf("got small print of %v px: letters do not follow the browser's", got)
	}
	for _, lost := range ask[[]string](t, ctx, overlaps) {
		t.Errorf("with large letters %s", lost)
	}
}

// overlaps are pairs of texts that lie over each other, and texts that are cut
// off, leaving out what is meant to be unseen or scrolls.
const overlaps = `(() => {
	const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.unseen, .skip, .sections-list, .table-frame')
	const texts = [...document.querySelectorAll('h1, h2, h3, p, li, dt, dd, a, button, label, legend')].filter(e => shown(e) && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
	const found = [], name = e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30)
	const boxes = texts.flatMap(e => { const range = document.createRange(); range.selectNodeContents(e); return [...range.getClientRects()].filter(r => r.width > 0).map(r => [e, r]) })
	for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < Math.min(i + 24, boxes.length); j++) {
		const [a, r] = boxes[i], [b, s] = boxes[j]
		if (a.contains(b) || b.contains(a)) continue
		const across = Math.min(r.right, s.right) - Math.max(r.left, s.left), down = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top)
		if (across > 8 && down > Math.min(r.height, s.height) / 3) found.push(name(a) + ' lies over ' + name(b))
	}
	return found.slice(0, 5)
})()`

func TestTheKeyboardGoesInTheOrderOfThePage(t *testing.T) {
	for _, name := range []string{"front", "story", "search", "saved"} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := tab(t, stage.Desk)
			open(t, ctx, pageOf(t, name, "fa").Path)
			ask[bool](t, ctx, `(globalThis.before = null, globalThis.later = () => { const now = document.activeElement, was = before; before = now
				return !was || now === document.body || was === now /* the parts of a date are one field */ ||
					 !!(was.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) }, true)`)
			for range 40 {
				press(t, ctx, "\t")
				if !ask[bool](t, ctx, `later()`) {
					t.Errorf("the keyboard went back to %+v", ask[focus](t, ctx, focused))
				}
			}
		})
	}
}

func TestAPageOnPaperIsItsMatterAlone(t *testing.T) {
	pages := []string{"story", "corrected", "front", "section", "topic", "in-focus", "about", "version", "compare", "corrections", "search"}
	for _, name := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, _ := tab(t, stage.Desk)
			open(t, ctx, pageOf(t, name, "en").Path)
			title := ask[string](t, ctx, `document.querySelector('h1').innerText`)
			paper := emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, paper); err != nil {
				t.Fatal(err)
			}
			shown := ask[[]string](t, ctx, `[...document.querySelectorAll('nav, form, footer h2, .around, .skip, .motto')].filter(e => e.checkVisibility()).map(e => e.tagName + '.' + e.className)`)
			if len(shown) > 0 {
				t.Errorf("on paper stand %v", shown)
			}
			if !ask[bool](t, ctx, fmt.Sprintf(`document.body.innerText.includes(%q)`, title)) {
				t.Errorf("on paper the heading %q is lost", title)
			}
			if ground := ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); ground != "rgb(255, 255, 255)" {
				t.Errorf("paper is %s on a dark device", ground)
			}
			if name == "story" && ask[string](t, ctx, `document.querySelector('.address').innerText`) == "" {
				t.Error("on paper the story has no address")
			}
			made, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{})
			if err != nil {
				t.Fatal(err)
			}
			if len(made.Data) < 5000 || !slices.Equal(made.Data[:5], []byte("%PDF-")) {
				t.Errorf("got %d bytes, want a PDF", len(made.Data))
			}
		})
	}
}
