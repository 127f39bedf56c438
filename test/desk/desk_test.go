// Package desk_test works at the desk of the demonstration newsroom, served by the
// program as it is delivered, in a real Chromium: a day of a newsroom, in each direction.
package desk_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/staff"
	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// set is what the tests share: a newsroom of their own, and a browser.
var set struct {
	newsroom *stage.Newsroom
	chromium *stage.Chromium
	program  string
	data     string
	// client is the demonstration's administrator, who has invited so many.
	mu      sync.Mutex
	client  *http.Client
	invited int
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "broadsheet-desk-*")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir)
	if set.program, err = stage.Build(ctx, dir); err != nil {
		log.Print(err)
		return 1
	}
	set.data = filepath.Join(dir, "data")
	if set.newsroom, err = stage.Serve(ctx, set.program, set.data); err != nil {
		log.Print(err)
		return 1
	}
	defer set.newsroom.Close()
	if set.chromium, err = stage.Start(ctx, filepath.Join(dir, "profile")); err != nil {
		log.Print(err)
		return 1
	}
	defer set.chromium.Close()
	return m.Run()
}

// person is somebody of the desk in a browser of their own.
type person struct {
	t   *testing.T
	ctx context.Context
	// secret makes codes.
	secret string
	mu     sync.Mutex
	// faults are errors of scripts and of the content security policy.
	faults []string
}

// arrives opens a browser of somebody who was never here.
func arrives(t *testing.T, on stage.Screen) *person {
	t.Helper()
	ctx, end, err := set.chromium.Visit(on)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	p := &person{t: t, ctx: ctx}
	err = chromedp.Listen(ctx, func(event any) {
		fault := ""
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			fault = e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				fault += " " + e.ExceptionDetails.Exception.Description
			}
		case *cdplog.EventEntryAdded:
			if e.Entry.Source == cdplog.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") {
				fault = e.Entry.Text
			}
		}
		if fault != "" {
			p.mu.Lock()
			p.faults = append(p.faults, fault)
			p.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, fault := range p.faults {
			t.Errorf("the page complains: %s", fault)
		}
	})
	return p
}

func (p *person) open(path string) {
	p.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = set.newsroom.URL + path
	}
	if _, err := chromedp.Run(p.ctx, chromedp.NavigateResponse(path)); err != nil {
		p.t.Fatalf("open %s: %v", path, err)
	}
}

// ask evaluates an expression in the page; a promise is awaited.
func ask[T any](p *person, expression string, values ...any) T {
	p.t.Helper()
	answer, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, values...), chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("ask the page %.120s: %v", expression, err)
	}
	return answer
}

// does evaluates statements in the page.
func (p *person) does(expression string, values ...any) {
	p.t.Helper()
	ask[bool](p, "(async () => { "+expression+"; return true })()", values...)
}

// types presses the keys of a text where the focus is.
func (p *person) types(text string) {
	p.t.Helper()
	for _, r := range text {
		var err error
		if r < 0x80 {
			err = chromedp.Do(p.ctx, chromedp.KeyEvent(string(r)))
		} else { // no key of this keyboard
			_, err = chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: string(r)})
		}
		if err != nil {
			p.t.Fatalf("type %q: %v", text, err)
		}
	}
}

// presses presses one key with others held.
func (p *person) presses(key string, held ...chromedp.KeyOption) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(key, held...)); err != nil {
		p.t.Fatalf("press %q: %v", key, err)
	}
}

// focuses puts the focus on an element.
func (p *person) focuses(selector string) {
	p.t.Helper()
	p.waits("!!document.querySelector(%q)", selector)
	p.does("document.querySelector(%q).focus()", selector)
}

// waits until an expression is true.
func (p *person) waits(expression string, values ...any) {
	p.t.Helper()
	for range 400 {
		if ask[bool](p, "!!("+expression+")", values...) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.t.Fatalf("never: %s; the page says %.600s", fmt.Sprintf(expression, values...), ask[string](p, "document.body.innerText"))
}

// fills fills a form and sends it.
func (p *person) fills(form string, values map[string]string) {
	p.t.Helper()
	for name, value := range values {
		p.does("const f = document.querySelector(%q + ' [name=' + CSS.escape(%q) + ']'); f.value = %q; f.dispatchEvent(new Event('input', {bubbles: true}))", form, name, value)
	}
	p.does("document.querySelector(%q).requestSubmit(document.querySelector(%q + ' button:not([type=button])'))", form, form)
}

const password = "correct horse battery"

// joins follows a link, takes a password and a code, and is at the desk.
func (p *person) joins(link string) (secret string) {
	p.t.Helper()
	p.open(link)
	secret = strings.ReplaceAll(ask[string](p, "document.querySelector('[name=secret]').value"), " ", "")
	p.fills("#by-password form", map[string]string{"password": password, "again": password, "code": codeOf(p.t, secret)})
	p.waits("document.querySelectorAll('ol.codes li').length === 10")
	return secret
}

// newcomer is somebody whom the demonstration's administrator has just invited, at the
// desk. No two tests share one, and so none ends the session of another.
func newcomer(t *testing.T, role, language string) *person {
	t.Helper()
	p := arrives(t, stage.Desk)
	p.secret = p.joins(invitation(t, role, language))
	return p
}

// invitation is a link for somebody new.
func invitation(t *testing.T, role, language string) string {
	t.Helper()
	set.mu.Lock()
	defer set.mu.Unlock()
	set.invited++
	if set.client == nil {
		set.client = enters(t, set.newsroom.Desk)
	}
	email := fmt.Sprintf("person%d@newsroom.example", set.invited)
	page := posts(t, set.client, set.newsroom.URL+"/desk/people", url.Values{"email": {email}, "name": {names[language]}, "role": {role}, "language": {language}})
	link := regexp.MustCompile(`value="(http[^"]+/desk/welcome/[^"]+)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatalf("nobody was invited: %.500s", page)
	}
	return link[1]
}

// names are what people are called.
var names = map[string]string{"en": "Sara Vale", "ar": "سارة وفا", "fa": "سارا وفا"}

// enters follows a link without a browser.
func enters(t *testing.T, link string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	out, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	page, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.ReplaceAll(regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(string(page))[1], " ", "")
	posts(t, client, link, url.Values{"password": {password}, "again": {password}, "secret": {secret}, "code": {codeOf(t, secret)}})
	return client
}

func posts(t *testing.T, client *http.Client, at string, form url.Values) string {
	t.Helper()
	out, err := client.PostForm(at, form)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	page, err := io.ReadAll(out.Body)
	if err != nil || out.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", at, out.StatusCode, err)
	}
	return string(page)
}

// codeOf is the code of a secret now.
func codeOf(t *testing.T, secret string) string {
	t.Helper()
	code, err := staff.CodeAt(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// begins begins a story and waits for the editor.
func (p *person) begins(edition, headline string) (path string) {
	p.t.Helper()
	p.open("/desk/stories/new")
	p.does("document.querySelector('#edition-' + %q).checked = true", edition)
	p.fills("main form", map[string]string{"headline": headline})
	p.edits()
	return ask[string](p, "location.pathname")
}

// edits waits until the editor is there.
func (p *person) edits() {
	p.t.Helper()
	p.waits("document.querySelector('#editor[data-ready]')")
}

// saved waits until all that was typed is durable.
func (p *person) saved() {
	p.t.Helper()
	p.waits("document.querySelector('.saved.is-saved')")
}

// written is what the editor shows, without the carets of others.
func (p *person) written() string {
	p.t.Helper()
	return ask[string](p, `(() => { const e = document.querySelector('.page > .ProseMirror').cloneNode(true); for (const c of e.querySelectorAll('.caret')) c.remove(); return [...e.children].map(c => c.textContent).join('\n') })()`)
}

// atField puts the cursor at the end of a field before the text.
func (p *person) atField(name string) {
	p.t.Helper()
	p.does(`const f = document.querySelector('.field-' + %q); document.querySelector('.page > .ProseMirror').focus(); const s = getSelection(); s.selectAllChildren(f); s.collapseToEnd();
		await new Promise(done => setTimeout(done, 100))`, name) // the editor hears of it a little later
}
