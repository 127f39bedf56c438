package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"
)

// armed waits until the worker keeps the pages of the edition.
func armed(t *testing.T, ctx context.Context, edition string) {
	t.Helper()
	soon(t, ctx, fmt.Sprintf(`(async () => !!navigator.serviceWorker.controller && !!(await caches.match('/%s/offline')) && !!(await caches.match('/%s/saved')))()`, edition, edition))
}

// save presses the link of a story that is open, and waits until it says so.
func save(t *testing.T, ctx context.Context) {
	t.Helper()
	ask[bool](t, ctx, `(document.querySelector('[data-island=save]').click(), true)`)
	soon(t, ctx, `document.querySelector('.share-said').textContent === document.querySelector('[data-island=save]').dataset.saved`)
}

// stays waits until a kept page is there, or is not.
func stays(t *testing.T, ctx context.Context, path string, there bool) {
	t.Helper()
	soon(t, ctx, fmt.Sprintf(`caches.match(%q).then(found => !!found === %v)`, path, there))
}

func TestWithoutALineTheFrontAndSavedStoriesAreRead(t *testing.T) {
	for _, e := range stage.Editions() {
		t.Run(e.Key, func(t *testing.T) {
			c, front, story, other := lay(t), pageOf(t, "front", e.Key), pageOf(t, "story", e.Key), pageOf(t, "corrected", e.Key)
			ctx := c.reader(t, stage.Phone)
			c.open(t, ctx, front.Path)
			armed(t, ctx, e.Key)
			stays(t, ctx, front.Path, true)
			c.open(t, ctx, story.Path)
			save(t, ctx)
			text := ask[string](t, ctx, `document.querySelector('.prose').innerText`)

			c.set(true)
			c.open(t, ctx, story.Path)
			if got := ask[string](t, ctx, `document.querySelector('.prose')?.innerText ?? ''`); got != text || got == "" {
				t.Errorf("got the story %.80q, want %.80q", got, text)
			}
			today := ask[string](t, ctx, `document.querySelector('.today time').innerText`)
			if bar := ask[string](t, ctx, `document.querySelector('.kept').innerText`); !strings.Contains(bar, today) {
				t.Errorf("got %q above the copy, want it to name %q", bar, today)
			}
			if faint := ask[ground](t, ctx, colours); len(faint.Faint) > 0 {
				t.Errorf("above the copy stands what is hard to read: %v", faint.Faint)
			}
			soon(t, ctx, `[...document.querySelectorAll('.story figure img')].every(i => i.naturalWidth > 0)`)
			if styled := ask[string](t, ctx, `getComputedStyle(document.querySelector('.wrap')).maxInlineSize`); styled != "1280px" {
				t.Errorf("the copy has no style: %s", styled)
			}
			c.open(t, ctx, front.Path)
			if n := ask[int](t, ctx, `document.querySelector('.kept').checkVisibility() ? document.querySelectorAll('.card-link').length : 0`); n < 5 {
				t.Errorf("got %d stories on the copy of the front", n)
			}
			c.open(t, ctx, other.Path)
			if got, want := ask[string](t, ctx, `document.querySelector('h1').innerText`), pageHeading(t, c, e.Key); got != want {
				t.Errorf("a story that is not kept: got %q, want %q", got, want)
			}
			soon(t, ctx, fmt.Sprintf(`document.querySelector('.saved-list a')?.pathname === %q`, story.Path))
			// What was saved can be taken from the list without a line.
			ask[bool](t, ctx, `(document.querySelector('.saved-item button').click(), true)`)
			stays(t, ctx, story.Path, false)
			soon(t, ctx, `document.querySelector('.saved-list').hidden && document.querySelector('.saved-why').innerText.length > 20`)
		})
	}
}

// pageHeading is what the page without a line is called in an edition.
func pageHeading(t *testing.T, c *cable, edition string) string {
	t.Helper()
	p := pageOf(t, "offline", edition)
	document, _, body, err := set.Newsroom.Get(t.Context(), p.Path)
	if err != nil || document != http.StatusOK {
		t.Fatal(document, err)
	}
	_, rest, _ := strings.Cut(string(body), `<h1 class="headline-page">`)
	heading, _, _ := strings.Cut(rest, "<")
	return heading
}

func TestAStoryThatWasTakenBackIsNotKept(t *testing.T) {
	for _, status := range []int{http.StatusGone, http.StatusNotFound} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			c, story := lay(t), pageOf(t, "story", "en")
			ctx := c.reader(t, stage.Phone)
			c.open(t, ctx, story.Path)
			armed(t, ctx, "en")
			save(t, ctx)
			stays(t, ctx, story.Path, true)
			pictures := ask[int](t, ctx, `caches.open('files').then(c => c.keys()).then(k => k.filter(r => r.url.includes('/media/')).length)`)
			if pictures == 0 {
				t.Fatal("no picture of the story is kept")
			}
			c.answer(story.Path, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Cache-Control", "no-store")
				http.Error(w, "Withdrawn.", status)
			})
			if got := c.open(t, ctx, story.Path); got != status {
				t.Errorf("got %d, want %d", got, status)
			}
			c.answer(story.Path, nil)
			c.open(t, ctx, pageOf(t, "saved", "en").Path)
			stays(t, ctx, story.Path, false)
			soon(t, ctx, `caches.open('files').then(c => c.keys()).then(k => !k.some(r => r.url.includes('/media/')))`)
			c.set(true)
			c.open(t, ctx, story.Path)
			if got, want := ask[string](t, ctx, `document.querySelector('h1').innerText`), pageHeading(t, c, "en"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestACopyFollowsItsStoryAndIsShownWhenALineHangs(t *testing.T) {
	c, story := lay(t), pageOf(t, "story", "en")
	ctx := c.reader(t, stage.Phone)
	c.open(t, ctx, story.Path)
	armed(t, ctx, "en")
	save(t, ctx)
	_, _, body, err := set.Newsroom.Get(t.Context(), story.Path)
	if err != nil {
		t.Fatal(err)
	}
	c.answer(story.Path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.Replace(string(body), `<div class="prose">`, `<div class="prose"><p>Corrected since.</p>`, 1))
	})
	soon(t, ctx, `fetch(location.href, {cache: 'reload'}).then(a => a.text()).then(text => text.includes('Corrected since.'))`)
	c.open(t, ctx, story.Path)
	soon(t, ctx, fmt.Sprintf(`caches.match(%q).then(a => a.text()).then(text => text.includes('Corrected since.'))`, story.Path))
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	c.answer(story.Path, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	c.open(t, ctx, story.Path)
	if !ask[bool](t, ctx, `document.querySelector('.kept').checkVisibility() && document.querySelector('.prose').innerText.startsWith('Corrected since.')`) {
		t.Error("the copy as it was corrected is not shown while the line hangs")
	}
}

func TestTheWorkerKeepsNothingElseAndAsksForNothingElse(t *testing.T) {
	c := lay(t)
	ctx := c.reader(t, stage.Phone)
	visited := []string{"front", "story", "section", "search", "topic", "saved"}
	for _, name := range visited {
		c.open(t, ctx, pageOf(t, name, "en").Path)
		armed(t, ctx, "en")
	}
	kept := ask[[]string](t, ctx, `(async () => { const all = []; for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname); return all })()`)
	pages := slices.DeleteFunc(slices.Clone(kept), func(path string) bool {
		return strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/media/")
	})
	slices.Sort(pages)
	if want := []string{"/en/", "/en/offline", "/en/saved"}; !slices.Equal(pages, want) {
		t.Errorf("got the pages %v kept, want %v", pages, want)
	}
	if n := ask[int](t, ctx, `localStorage.length + sessionStorage.length`); n > 0 {
		t.Errorf("got %d things in storage, want none", n)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.asked {
		known := r.URL.Path == "/sw.js" || strings.HasSuffix(r.URL.Path, "/manifest.webmanifest") || r.URL.Path == "/view" || slices.Contains(kept, r.URL.Path) || strings.HasPrefix(r.URL.Path, "/assets/") || strings.HasPrefix(r.URL.Path, "/media/")
		for _, name := range visited {
			known = known || strings.HasPrefix(pageOf(t, name, "en").Path, r.URL.EscapedPath())
		}
		if !known {
			t.Errorf("%s was asked for, by no page", r.URL)
		}
	}
}

func TestANewWorkerTakesOverAndDropsWhatTheOldOneKept(t *testing.T) {
	c, story := lay(t), pageOf(t, "story", "en")
	ctx := c.reader(t, stage.Phone)
	c.open(t, ctx, story.Path)
	armed(t, ctx, "en")
	save(t, ctx)
	_, _, script, err := set.Newsroom.Get(t.Context(), "/sw.js")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(script), ";")
	c.answer("/sw.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "const version=%q;%s", "next", code)
	})
	ask[bool](t, ctx, `navigator.serviceWorker.getRegistration().then(r => r.update()).then(() => true)`)
	soon(t, ctx, `caches.keys().then(all => all.filter(n => n.startsWith('shell-')).join() === 'shell-next')`)
	stays(t, ctx, story.Path, true)
	if got := ask[int](t, ctx, `caches.open('shell-next').then(c => c.keys()).then(k => k.length)`); got != 2 {
		t.Errorf("the new worker keeps %d pages of its own, want 2", got)
	}
	c.set(true)
	c.open(t, ctx, story.Path)
	if !ask[bool](t, ctx, `document.querySelector('.kept').checkVisibility()`) {
		t.Error("the saved story is lost with the old worker")
	}
}

func TestSavingEndsWhereTheRoomDoes(t *testing.T) {
	c, story := lay(t), pageOf(t, "story", "fa")
	ctx := c.reader(t, stage.Phone)
	c.open(t, ctx, story.Path)
	armed(t, ctx, "fa")
	// Fifty small stories were saved before.
	ask[bool](t, ctx, `(async () => { const c = await caches.open('saved')
		for (let n = 0; n < 50; n++) { const page = '/fa/x/s' + n
			await c.put(page, new Response('', {headers: {'X-Kept': encodeURIComponent(JSON.stringify({page, title: 'داستان ' + n, dir: 'rtl', lang: 'fa', files: [], size: 1, at: n}))}})) }
		return true })()`)
	ask[bool](t, ctx, `(document.querySelector('[data-island=save]').click(), true)`)
	soon(t, ctx, `document.querySelector('.share-said').textContent === document.querySelector('[data-island=save]').dataset.full`)
	stays(t, ctx, story.Path, false)
	c.open(t, ctx, pageOf(t, "saved", "fa").Path)
	soon(t, ctx, `document.querySelectorAll('.saved-item').length === 50 && document.querySelector('.saved-item a').innerText === 'داستان 49'`)
	ask[bool](t, ctx, `(document.querySelector('.saved-item button').click(), true)`)
	soon(t, ctx, `document.querySelectorAll('.saved-item').length === 49 && document.querySelector('[role=status]:not(.kept)').textContent !== ''`)
	// One that weighs all but a byte of the room leaves none for a story.
	ask[bool](t, ctx, `(async () => { await caches.delete('saved'); const page = '/fa/x/heavy'
		await (await caches.open('saved')).put(page, new Response('', {headers: {'X-Kept': encodeURIComponent(JSON.stringify({page, title: 'x', dir: 'rtl', lang: 'fa', files: [], size: 30 * 1024 * 1024 - 1, at: 1}))}})); return true })()`)
	c.open(t, ctx, story.Path)
	ask[bool](t, ctx, `(document.querySelector('[data-island=save]').click(), true)`)
	soon(t, ctx, `document.querySelector('.share-said').textContent === document.querySelector('[data-island=save]').dataset.full`)
	stays(t, ctx, story.Path, false)
}
