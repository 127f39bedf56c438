// Package browser_test opens the pages of the demonstration newsroom, served
// by the program as it is delivered, in a real Chromium. What a page is made
// of is tested where it is made; here stands what only a browser can tell.
package browser_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// set is what all tests share, for the life of the program: building it and
// drawing its pictures take longer than the tests. No test changes it.
var set struct {
	*stage.Stage
	pages []stage.Page
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	var err error
	if set.Stage, err = stage.Open(context.Background()); err != nil {
		log.Print(err)
		return 1
	}
	defer func() {
		if err := set.Close(); err != nil {
			log.Print(err)
			code = 1
		}
	}()
	if set.pages, err = set.Newsroom.Pages(context.Background()); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// pageOf is the page of a type in an edition.
func pageOf(t *testing.T, name, edition string) stage.Page {
	t.Helper()
	for _, p := range set.pages {
		if p.Name == name && p.Edition.Key == edition {
			return p
		}
	}
	t.Fatalf("there is no page %s in %s", name, edition)
	return stage.Page{}
}

// tab opens a tab for a test, with a watch that hears all it does.
func tab(t *testing.T, on stage.Screen) (context.Context, *watch) {
	t.Helper()
	ctx, closeTab, err := set.Chromium.Tab(on)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeTab)
	return ctx, listen(t, ctx)
}

// listen has a watch hear all that a tab does.
func listen(t *testing.T, ctx context.Context) *watch {
	t.Helper()
	w := &watch{}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatal(err)
	}
	return w
}

// open shows a page in the tab and returns its status.
func open(t *testing.T, ctx context.Context, path string) int {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(set.Newsroom.URL+path))
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return int(answer.Status)
}

// ask evaluates an expression in the page; a promise is awaited.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("ask the page %.80s: %v", expression, err)
	}
	return answer
}

func show(t *testing.T, ctx context.Context, on stage.Screen) {
	t.Helper()
	if err := chromedp.Do(ctx, stage.Show(on)); err != nil {
		t.Fatal(err)
	}
}

// eachOf runs a test for some page types in every edition, two at a time:
// that is what the smallest machine has processors for.
func eachOf(t *testing.T, names []string, test func(*testing.T, stage.Page)) {
	for _, name := range names {
		for _, e := range stage.Editions() {
			t.Run(name+"-"+e.Key, func(t *testing.T) {
				t.Parallel()
				test(t, pageOf(t, name, e.Key))
			})
		}
	}
}

// look is what a page says of itself on a screen.
type look struct {
	Lang, Dir string
	H1        int
	// Wide is how many pixels the page is wider than asked, and By what.
	Wide int
	By   []string
	// Pictures are those without alt, width or height, or without pixels.
	Pictures []string
	// Cut are texts that their box does not hold, and Covered what of the masthead
	// lies under something else.
	Cut, Covered []string
	// Text is all that is to be read; what a button says is none of it.
	Text   string
	Height int
	// Visible tells that the h1 takes up room.
	Visible bool
}

const lookAt = `(async width => {
	const root = document.documentElement
	await document.fonts.ready
	const sticksOut = e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > width + .5 || r.left < -.5) }
	const scrolls = e => { for (; e && e !== root; e = e.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)) return true; return false }
	const called = e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 40)
	const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1
	const clips = e => { for (; e && e !== document.body; e = e.parentElement) if (/hidden|clip/.test(getComputedStyle(e).overflow)) return e.getBoundingClientRect() }
	const cut = n => {
		const e = n.parentElement
		if (!n.data.trim() || !shown(e)) return false
		const box = clips(e), range = new Range()
		if (!box || box.width <= 1) return false // what only is heard
		range.selectNodeContents(n)
		return [...range.getClientRects()].some(r => r.right > box.right + 2 || r.left < box.left - 2 || r.bottom > box.bottom + 3 || r.top < box.top - 3)
	}
	scrollTo({top: 0, behavior: 'instant'})
	const covered = e => { const r = e.getBoundingClientRect(), x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2, top = document.elementFromPoint(x, y); return shown(e) && top && !e.contains(top) && !top.contains(e) }
	const buttons = [...document.querySelectorAll('button')]
	const height = root.scrollHeight, covers = [...document.querySelectorAll('.masthead :is(a, button, input)')].filter(covered).map(called)
	const pieces = []
	for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) if (cut(walk.currentNode)) pieces.push(called(walk.currentNode.parentElement))
	for (const b of buttons) b.style.setProperty('display', 'none')
	const text = document.body.innerText
	for (const b of buttons) b.style.removeProperty('display')
	const wide = Math.max(root.scrollWidth, document.body.scrollWidth) - width
	return {
		Lang: root.lang, Dir: root.dir, H1: document.querySelectorAll('h1').length, Wide: Math.max(wide, 0),
		By: wide > 0 ? [...document.body.querySelectorAll('*')].filter(e => sticksOut(e) && !scrolls(e)).slice(0, 5).map(e => e.tagName + '.' + e.className) : [],
		Pictures: [...document.images].filter(i => !i.hasAttribute('alt') || !i.getAttribute('width') || !i.getAttribute('height') || i.complete && !i.naturalWidth && i.loading !== 'lazy').map(i => i.outerHTML),
		Cut: pieces, Covered: covers, Text: text, Height: height, Visible: document.querySelector('h1').getBoundingClientRect().height > 0,
	}
})(%d)`

func lookOn(t *testing.T, ctx context.Context, on stage.Screen) look {
	t.Helper()
	show(t, ctx, on)
	return ask[look](t, ctx, fmt.Sprintf(lookAt, on.Width))
}

// TestEveryPage opens each page once and judges it in the order that leaves
// it as it was for the next. A page is dear on a small machine, a look is not.
func TestEveryPage(t *testing.T) {
	for _, p := range set.pages {
		t.Run(p.Name+"-"+p.Edition.Key, func(t *testing.T) {
			t.Parallel()
			ctx, w := tab(t, stage.Phone)
			if status := open(t, ctx, p.Path); status != p.Status {
				t.Errorf("%s: got status %d, want %d", p.Path, status, p.Status)
			}
			t.Run("BeginsWithTheSkipLink", func(t *testing.T) { judgeSkip(t, ctx) })
			t.Run("IsWholeOnEveryScreen", func(t *testing.T) {
				for _, on := range []stage.Screen{stage.Narrow, stage.Wide, stage.Desk, stage.Phone} {
					judgeLook(t, p, on, lookOn(t, ctx, on))
				}
			})
			t.Run("StandsOutInBothSchemes", func(t *testing.T) { judgeColours(t, ctx) })
			t.Run("HasNoBarriers", func(t *testing.T) { judgeAxe(t, ctx) })
			t.Run("IsWholeWithLargeLetters", func(t *testing.T) { judgeLarge(t, ctx, p) })
			t.Run("AsksNobodyElse", func(t *testing.T) { w.judge(t, p) })
			t.Run("ReadsTheSameWithoutScript", func(t *testing.T) { judgeScriptless(t, ctx, p) })
		})
	}
}

func judgeLook(t *testing.T, p stage.Page, on stage.Screen, l look) {
	t.Helper()
	if l.Lang != p.Edition.Key || l.Dir != p.Edition.Dir {
		t.Errorf("html: got lang %q dir %q, want %q %q", l.Lang, l.Dir, p.Edition.Key, p.Edition.Dir)
	}
	if l.H1 != 1 || !l.Visible {
		t.Errorf("got %d h1, visible %v, want one that is", l.H1, l.Visible)
	}
	if l.Wide > 0 {
		t.Errorf("at %d px the page is %d px too wide, by %v", on.Width, l.Wide, l.By)
	}
	for _, piece := range l.Cut {
		t.Errorf("at %d px a text is cut: %s", on.Width, piece)
	}
	for _, piece := range l.Covered {
		t.Errorf("at %d px something lies over the masthead: %s", on.Width, piece)
	}
	for _, picture := range l.Pictures {
		t.Errorf("at %d px a picture has no alt, no size or no pixels: %s", on.Width, picture)
	}
}

// judgeScriptless compares the page with itself without script, but for the one
// form that only script can serve. The two pages of what the reader saved are
// script's own: without it they say so.
func judgeScriptless(t *testing.T, ctx context.Context, p stage.Page) {
	with := lookScripted(t, ctx)
	without := lookScriptless(t, ctx, p)
	if p.Name == "saved" || p.Name == "offline" {
		// What stands there, script puts there: without it the page says why.
		if why := ask[string](t, ctx, `document.querySelector('.saved-why').innerText`); !strings.Contains(without.Text, why) || why == "" {
			t.Errorf("got %.200q…, want it to say why nothing is listed", without.Text)
		}
		return
	}
	// A font that comes late on a busy machine is left out, and the page is of
	// another height: such a page is looked at again.
	for tries := 0; tries < 5 && !level(with, without); tries++ {
		runScripts(t, ctx, true)
		open(t, ctx, p.Path)
		with = lookScripted(t, ctx)
		without = lookScriptless(t, ctx, p)
	}
	if without.Text != with.Text || without.Text == "" {
		t.Errorf("got the text %.200q…, want %.200q…", without.Text, with.Text)
	}
	if !level(with, without) {
		t.Errorf("got a page of %d px, want %d px", without.Height, with.Height)
	}
	judgeControls(t, ctx)
}

// lookScripted is a page without the one thing that script adds to all.
func lookScripted(t *testing.T, ctx context.Context) look {
	t.Helper()
	shown := ask[bool](t, ctx, `(form => { const shown = !form.hidden; form.hidden = true; return shown })(document.querySelector('[data-island=display]'))`)
	if !shown {
		t.Error("with script the form of the display is not shown")
	}
	return lookOn(t, ctx, stage.Phone)
}

func lookScriptless(t *testing.T, ctx context.Context, p stage.Page) look {
	t.Helper()
	runScripts(t, ctx, false)
	open(t, ctx, p.Path)
	return lookOn(t, ctx, stage.Phone)
}

// level tells whether two pages are of one height. Heights are rounded, and some
// parts of a page that was on other screens before round to the other side; what
// a script puts in is higher.
func level(a, b look) bool { return a.Height-b.Height >= -4 && a.Height-b.Height <= 4 }

// runScripts has the tab run the scripts of pages, or none of them. What a test
// asks runs in any case.
func runScripts(t *testing.T, ctx context.Context, run bool) {
	t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run}); err != nil {
		t.Fatal(err)
	}
}

func TestNoPageSetsACookie(t *testing.T) {
	ctx, _ := tab(t, stage.Phone)
	for _, p := range set.pages {
		_, header, _, err := set.Newsroom.Get(t.Context(), p.Path)
		if err != nil {
			t.Fatal(err)
		}
		if got := header.Values("Set-Cookie"); len(got) > 0 {
			t.Errorf("%s sets %q", p.Path, got)
		}
	}
	open(t, ctx, pageOf(t, "front", "en").Path)
	open(t, ctx, pageOf(t, "story", "fa").Path)
	kept, err := chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Cookies) > 0 {
		t.Errorf("got cookies %v, want none", kept.Cookies)
	}
	if n := ask[int](t, ctx, `localStorage.length + sessionStorage.length`); n > 0 {
		t.Errorf("got %d things in storage, want none", n)
	}
}
