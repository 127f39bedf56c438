package desk_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/chromedp"
)

// TestNoScreenHasABarrier has axe-core look at every screen, in both directions, on a
// phone and on a desk, light and dark; and none scrolls sideways.
func TestNoScreenHasABarrier(t *testing.T) {
	for _, tongue := range []string{"en", "fa"} {
		p, link := arrives(t, stage.Desk), invitation(t, "admin", tongue)
		p.open(link)
		p.judged("welcome")
		p.joins(link)
		p.judged("codes")
		own := p.begins("fa", "آزمون The Four Railways")
		p.atField("dateline")
		p.types("تهران\r")
		p.types("متن ۱۲٪ و English.\r")
		p.saved()
		p.judged("editor")
		for _, tab := range []string{"story", "notes"} {
			p.does("document.querySelector('#tab-' + %q).click()", tab)
			p.judged("editor, " + tab)
		}
		for _, path := range []string{"/desk/", "/desk/stories", "/desk/stories?view=list", "/desk/stories/new", "/desk/me", "/desk/people", "/desk/log", "/desk/confirm", "/desk/nowhere", own + "/history", own + "/compare?old=1&new=2"} {
			p.open(path)
			p.does("for (const d of document.querySelectorAll('details')) d.open = true")
			p.judged(path)
		}
	}
	stranger := arrives(t, stage.Desk)
	for _, tongue := range []string{"en", "ar"} {
		stranger.open("/desk/sign-in?lang=" + tongue)
		stranger.judged("sign-in")
	}
}

// judged looks at the screen that is open.
func (p *person) judged(screen string) {
	p.t.Helper()
	for _, on := range []stage.Screen{stage.Phone, stage.Desk} {
		for _, dark := range []bool{false, true} {
			on.Dark = dark
			if err := chromedp.Do(p.ctx, stage.Show(on)); err != nil {
				p.t.Fatal(err)
			}
			found, err := stage.Barriers(p.ctx, dark)
			if err != nil {
				p.t.Fatal(err)
			}
			for _, b := range found {
				p.t.Errorf("%s in %s at %d px, dark %v: %s", screen, ask[string](p, "document.documentElement.lang"), on.Width, dark, b)
			}
		}
		if wide := ask[int](p, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
			p.t.Errorf("%s in %s at %d px scrolls sideways by %d", screen, ask[string](p, "document.documentElement.lang"), on.Width, wide)
		}
	}
}

// Bounds of scripts, in bytes with gzip.
const (
	editorScript = 180_000
	otherScript  = 30_000
)

func TestScriptsAreLight(t *testing.T) {
	p := newcomer(t, "admin", "en")
	path := p.begins("en", "Weight")
	weigh := func(page string) (sum int) {
		p.open(page)
		for _, at := range ask[[]string](p, "[...document.querySelectorAll('script[src]')].map(s => s.src)") {
			r, err := http.NewRequestWithContext(t.Context(), "GET", at, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			count := &counter{}
			packed, err := gzip.NewWriterLevel(count, gzip.BestCompression)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(packed, out.Body)
			packed.Close()
			out.Body.Close()
			sum += count.n
		}
		return sum
	}
	for page, most := range map[string]int{path: editorScript, "/desk/": otherScript, "/desk/stories": otherScript, "/desk/people": otherScript} {
		n := weigh(page)
		t.Logf("%s: %d bytes of script", page, n)
		if n == 0 || n > most {
			t.Errorf("%s has %d bytes of script, at most %d are wanted", page, n, most)
		}
	}
}

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }

// TestWhatABrowserKeptIsSentWhenItIsBack closes a window that has no line, and opens the
// story again.
func TestWhatABrowserKeptIsSentWhenItIsBack(t *testing.T) {
	p := newcomer(t, "admin", "en")
	path := p.begins("en", "Kept")
	p.atField("standfirst")
	p.types("before ")
	p.saved()
	p.offline(true)
	p.types("while there was no line")
	p.waits("document.querySelector('.saved.is-offline')")
	time.Sleep(300 * time.Millisecond)
	if ask[int](p, "(async () => { const r = indexedDB.open('desk', 1); const db = await new Promise(d => r.onsuccess = () => d(r.result)); const all = await new Promise(d => { const q = db.transaction('journal').objectStore('journal').getAll(); q.onsuccess = () => d(q.result) }); db.close(); return all.filter(x => new TextDecoder().decode(x.body).includes('no line')).length })()") > 0 {
		t.Error("what is kept can be read by anybody at the computer")
	}
	p.open("about:blank")
	p.offline(false)
	p.open(path)
	p.edits()
	p.waits("document.querySelector('.field-standfirst').textContent === 'before while there was no line'")
	p.saved()
	p.open(path)
	p.edits()
	if got := p.written(); !strings.Contains(got, "while there was no line") {
		t.Errorf("the server has %q", got)
	}
}

// TestASessionThatEndsIsRenewedInPlace is signed out from elsewhere while writing.
func TestASessionThatEndsIsRenewedInPlace(t *testing.T) {
	p, other := newcomer(t, "writer", "en"), arrives(t, stage.Desk)
	email := p.email()
	p.begins("en", "Expired")
	p.atField("standfirst")
	p.types("before ")
	p.saved()
	other.open("/desk/sign-in")
	other.letsIn(email, p.secret)
	other.open("/desk/me")
	other.does("document.querySelector('[name=session][value=others]').form.requestSubmit()")
	p.waits("document.querySelector('.saved.is-out')")
	p.types("and after")
	p.does("document.querySelector('.saved.is-out button').click()")
	p.waits("document.querySelector('dialog [name=code]')")
	for range 70 {
		p.fills("dialog form", map[string]string{"email": email, "password": password, "code": codeOf(t, p.secret)})
		time.Sleep(500 * time.Millisecond)
		if ask[bool](p, "!document.querySelector('dialog')") {
			break
		}
		time.Sleep(time.Second)
	}
	p.waits("document.querySelector('.field-standfirst').textContent === 'before and after'")
	p.saved()
}

// TestUndoSurvivesAReload takes back what was typed before the page was opened anew.
func TestUndoSurvivesAReload(t *testing.T) {
	p := newcomer(t, "admin", "en")
	path := p.begins("en", "Undo")
	p.atField("standfirst")
	p.types("typed before")
	p.saved()
	p.open(path)
	p.edits()
	p.waits("!document.querySelector('.edit-bar button[title=\"Ctrl Z\"]').disabled")
	p.atField("headline")
	p.presses("z", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.waits("document.querySelector('.field-standfirst').textContent === ''")
	p.presses("z", chromedp.KeyModifiers(chromedp.ModifierCtrl|chromedp.ModifierShift))
	p.waits("document.querySelector('.field-standfirst').textContent === 'typed before'")
	p.saved()
}

// TestTheBoardIsWorkedByKeyboard walks, moves, assigns and undoes without a pointer.
func TestTheBoardIsWorkedByKeyboard(t *testing.T) {
	p := newcomer(t, "admin", "en")
	path := p.begins("en", "By keyboard alone")
	id := strings.TrimPrefix(path, "/desk/stories/")
	p.open("/desk/stories")
	lane := func() string {
		return ask[string](p, "document.querySelector('[data-story=\"%s\"]').closest('[data-lane]').dataset.lane", id)
	}
	for range 50 {
		p.types("j")
		if ask[bool](p, "document.querySelector('.card.chosen')?.dataset.story === %q", id) {
			break
		}
	}
	p.types("m")
	p.waits("document.querySelector('dialog.choosing')")
	p.does("[...document.querySelectorAll('dialog.choosing button')].find(b => b.dataset.value === 'ready').focus()")
	p.presses("\r")
	p.waits("document.querySelector('[data-story=\"%s\"]').closest('[data-lane]').dataset.lane === 'ready'", id)
	p.types("u")
	p.waits("document.querySelector('[data-story=\"%s\"]').closest('[data-lane]').dataset.lane === 'writing'", id)
	if got := lane(); got != "writing" {
		t.Errorf("it is in %s", got)
	}
	p.presses("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.waits("!document.querySelector('#palette').hidden")
	p.types("By keyboard")
	p.waits("[...document.querySelectorAll('#found a')].some(a => a.getAttribute('href') === %q)", path)
	for range 10 {
		if ask[string](p, "document.querySelector('#found [aria-selected=true] a')?.getAttribute('href') ?? ''") == path {
			break
		}
		p.does("document.querySelector('#palette input').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true}))")
	}
	p.presses("\r")
	p.edits()
}
