package browser_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// early runs a script in every page that the tab opens, before the page's own.
func early(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		t.Fatal(err)
	}
}

func press(t *testing.T, ctx context.Context, keys string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
		t.Fatal(err)
	}
}

// focus is what the keyboard stands on.
type focus struct {
	Tag, Class, Name, Href string
	// Shown says that it can be seen, Ring that it is told apart.
	Shown, Ring bool
}

// focused waits for the page to be drawn, then tells where the keyboard is. A
// card's link draws its ring around the whole card.
const focused = `(async () => {
	await new Promise(requestAnimationFrame)
	await new Promise(requestAnimationFrame)
	const e = document.activeElement, r = e.getBoundingClientRect(), middle = (r.top + r.bottom) / 2
	const ring = s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2
	return {Tag: e.tagName, Class: e.className, Name: e.getAttribute('name') ?? '', Href: e.getAttribute('href') ?? '',
		Shown: r.width > 0 && r.height > 0 && middle >= 0 && middle <= innerHeight && r.right > 0 && r.left < innerWidth,
		Ring: e.matches(':focus-visible') && (ring(getComputedStyle(e)) || ring(getComputedStyle(e, '::after')))}
})()`

// judgeSkip presses Tab on a page that was just opened, and follows the link
// that it comes to.
func judgeSkip(t *testing.T, ctx context.Context) {
	press(t, ctx, kb.Tab)
	first := ask[focus](t, ctx, focused)
	if first.Class != "skip" || !first.Shown {
		t.Fatalf("got %+v as the first stop, want the skip link, shown", first)
	}
	press(t, ctx, kb.Enter)
	press(t, ctx, kb.Tab)
	if !ask[bool](t, ctx, `!!document.activeElement.closest('main, footer')`) {
		t.Errorf("after the skip link got %+v, want something of the content", ask[focus](t, ctx, focused))
	}
}

func TestTheKeyboardReachesSearchAndSections(t *testing.T) {
	for _, on := range []stage.Screen{stage.Phone, stage.Desk} {
		t.Run(map[bool]string{true: "phone", false: "desk"}[on == stage.Phone], func(t *testing.T) {
			eachOf(t, []string{"front", "story"}, func(t *testing.T, p stage.Page) {
				ctx, _ := tab(t, on)
				open(t, ctx, p.Path)
				reached := walk(t, ctx, 24)
				for _, class := range []string{"skip", "tongue", "nameplate-link", "search-button", "sections-link", "card-link"} {
					if p.Name == "story" && class == "card-link" {
						continue // its first stops are links of the story itself
					}
					if !reached[class] {
						t.Errorf("the first stops reach %v, want %s among them", reached, class)
					}
				}
				if on == stage.Desk && !reached["search-field"] {
					t.Errorf("the first stops reach %v, want the search field among them", reached)
				}
			})
		})
	}
}

// walk presses Tab and judges every stop; it returns the classes of all.
func walk(t *testing.T, ctx context.Context, stops int) map[string]bool {
	t.Helper()
	reached := map[string]bool{}
	for range stops {
		press(t, ctx, kb.Tab)
		at := ask[focus](t, ctx, focused)
		if at.Tag == "BODY" {
			break
		}
		reached[at.Class] = true
		if !at.Ring || !at.Shown {
			t.Errorf("the keyboard stands on %+v, which is not shown or not told apart", at)
		}
	}
	return reached
}

func TestASearchIsTypedWithoutScript(t *testing.T) {
	for _, e := range stage.Editions() {
		t.Run(e.Key, func(t *testing.T) {
			t.Parallel()
			ctx, _ := tab(t, stage.Desk)
			runScripts(t, ctx, false)
			open(t, ctx, pageOf(t, "front", e.Key).Path)
			if err := chromedp.Do(ctx, chromedp.Focus(chromedp.CSS("#search"))); err != nil {
				t.Fatal(err)
			}
			press(t, ctx, e.Word)
			_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(kb.Enter)))
			if err != nil {
				t.Fatal(err)
			}
			at, err := url.Parse(ask[string](t, ctx, `location.href`))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(at.Path, "/search") || at.Query().Get("q") != e.Word {
				t.Errorf("got %s, want a search for %s", at, e.Word)
			}
			if n := ask[int](t, ctx, `document.querySelectorAll('.card-found').length`); n < 2 {
				t.Errorf("got %d stories for %s, want several", n, e.Word)
			}
			if n := ask[int](t, ctx, `document.querySelectorAll('.card-found mark').length`); n < 2 {
				t.Errorf("got %d marked words for %s, want several", n, e.Word)
			}
		})
	}
}
